"""Software tokens: AssociateSoftwareToken, VerifySoftwareToken, AdminDeleteSoftwareToken.

The first two go on with an access token, or with the session of a sign-in that waits for a second factor to be set up. The
rules are in users/software_tokens.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cognomen import errors
from cognomen.call import Call
from cognomen.challenge_names import SOFTWARE_TOKEN_MFA
from cognomen.crypto import totp
from cognomen.operations.registry import operation
from cognomen.pools import turned_on
from cognomen.sign_in import set_up
from cognomen.sign_in.turn import Turn
from cognomen.store.database import Db
from cognomen.store.users import User
from cognomen.users import factors, rows, software_tokens, status

if TYPE_CHECKING:
    from types_boto3_cognito_idp.type_defs import (
        AdminDeleteSoftwareTokenRequestTypeDef,
        AssociateSoftwareTokenRequestTypeDef,
        VerifySoftwareTokenRequestTypeDef,
    )


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose software token it is; `turn` is of the sign-in under way, where that is how the user is known."""

    user: User
    turn: Turn | None


@operation("AssociateSoftwareToken")
async def associate_software_token(
    call: Call, request: AssociateSoftwareTokenRequestTypeDef
) -> dict[str, Any]:
    """A secret for the user's app; the one before counts until a code of this one was shown."""
    owner = await _owner(call, request.get("Session"))

    def change(db: Db) -> User:
        return rows.change(
            db,
            call.pool,
            owner.user.sub,
            lambda user: software_tokens.associated(call.vault, user, call.now),
        )

    if owner.turn is None:
        user, session = await rows.write(call.store, change), None
    else:
        user, session = await set_up.associated(owner.turn, change)
    secret = software_tokens.new_secret(call.vault, user)
    if secret is None:
        raise AssertionError("the change gave the user a secret")
    return {"SecretCode": totp.shown(secret), "Session": session}


@operation("VerifySoftwareToken")
async def verify_software_token(call: Call, request: VerifySoftwareTokenRequestTypeDef) -> dict[str, Any]:
    """The app has the secret: from now on its codes are the user's. The one shown here is used with that.

    That enables nothing: whoever wants the app told, or asked for where that is optional, says so with a preference, also in the
    midst of a sign-in (so it is said in amplify_auth_cognito_dart, sign_in_state_machine.dart).
    """
    owner = await _owner(call, request.get("Session"))
    secret = software_tokens.new_secret(call.vault, owner.user)
    if secret is None:
        raise errors.SOFTWARE_TOKEN_NOT_SET_UP()
    code = software_tokens.right(secret, request["UserCode"], call.now)
    if code is None:
        raise errors.SOFTWARE_TOKEN_MISMATCH()

    def edit(user: User) -> User:
        if software_tokens.new_secret(call.vault, user) != secret:
            raise errors.SOFTWARE_TOKEN_MISMATCH()  # another one was associated meanwhile
        return software_tokens.verified(user, request.get("FriendlyDeviceName") or None, call.now)

    def change(db: Db) -> User:
        if not software_tokens.spend(db, owner.user, code):
            raise errors.SOFTWARE_TOKEN_MISMATCH()
        return rows.change(db, call.pool, owner.user.sub, edit)

    if owner.turn is None:
        await rows.write(call.store, change)
        return {"Status": "SUCCESS"}
    return {"Status": "SUCCESS", "Session": await set_up.verified(owner.turn, change)}


@operation("AdminDeleteSoftwareToken")
async def admin_delete_software_token(call: Call, _request: AdminDeleteSoftwareTokenRequestTypeDef) -> None:
    """The user's app counts no more, and may be associated anew; no error where there is none."""

    def edit(user: User) -> User:
        if user.status == status.UNCONFIRMED:
            raise errors.USER_NOT_CONFIRMED()
        return software_tokens.without(factors.without(user, SOFTWARE_TOKEN_MFA), call.now)

    await rows.write(call.store, rows.change, call.pool, call.user.sub, edit)


async def _owner(call: Call, session: str | None) -> Owner:
    """Raises SOFTWARE_TOKEN_NOT_OFFERED, and what an access token or a session is refused with."""
    if SOFTWARE_TOKEN_MFA not in turned_on.second_factors(call.pool.settings):
        raise errors.SOFTWARE_TOKEN_NOT_OFFERED()
    if session is None:
        return Owner(call.user, None)
    turn = await set_up.opened(call, session)
    return Owner(turn.user, turn)
