"""PreSignUp and PostConfirmation: before a user is made, and after one has been confirmed.

Developer guide, "Pre sign-up Lambda trigger" and "Post confirmation Lambda trigger".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from cognomen import errors
from cognomen.call import Call
from cognomen.store import users
from cognomen.store.users import User
from cognomen.triggers.firing import Nothing, arn_of, attributes_of, fire, with_metadata
from cognomen.users.names import EMAIL, PHONE_NUMBER, VERIFIED

PRE_SIGN_UP = "PreSignUp"
POST_CONFIRMATION = "PostConfirmation"

Before = Literal["PreSignUp_SignUp", "PreSignUp_AdminCreateUser", "PreSignUp_ExternalProvider"]
After = Literal["PostConfirmation_ConfirmSignUp", "PostConfirmation_ConfirmForgotPassword"]
EXTERNAL_PROVIDER: Before = "PreSignUp_ExternalProvider"
CONFIRMED: After = "PostConfirmation_ConfirmSignUp"


class PreSignUp(Struct, frozen=True, rename="camel"):
    """What a function says of a new user; none of it counts for one that an administrator makes."""

    auto_confirm_user: bool | None = False
    auto_verify_email: bool | None = False
    auto_verify_phone: bool | None = False


async def before(
    call: Call,
    source: Before,
    user_name: str,
    attributes: Mapping[str, str],
    *,
    validation_data: Mapping[str, str] | None,
    client_metadata: Mapping[str, str] | None,
) -> PreSignUp:
    """Ask whether a user may be made with these attributes; there is no sub yet. A Refusal where it may not."""
    request = {
        "userAttributes": dict(attributes),
        "validationData": dict(validation_data) if validation_data else None,
    }
    answer = await fire(
        call,
        PRE_SIGN_UP,
        source,
        user_name=user_name,
        request=with_metadata(request, client_metadata),
        answer=PreSignUp,
    )
    return answer or PreSignUp()


def verified(answer: PreSignUp, attributes: Mapping[str, str]) -> dict[str, str]:
    """The flags that a function sets; VERIFIED_WITHOUT_… for one whose address the new user does not have."""
    flags = {}
    if answer.auto_verify_email:
        if not attributes.get(EMAIL):
            raise errors.VERIFIED_WITHOUT_EMAIL()
        flags[VERIFIED[EMAIL]] = "true"
    if answer.auto_verify_phone:
        if not attributes.get(PHONE_NUMBER):
            raise errors.VERIFIED_WITHOUT_PHONE_NUMBER()
        flags[VERIFIED[PHONE_NUMBER]] = "true"
    return flags


def tells_after(call: Call) -> bool:
    """Whether the pool has a function that is told of users who have been confirmed, or have a new password."""
    return arn_of(call.pool, POST_CONFIRMATION) is not None


async def after(call: Call, source: After, user: User, *, client_metadata: Mapping[str, str] | None) -> None:
    """Tell of a user that has been confirmed, or has a new password; what was done stays if this fails."""
    await fire(
        call,
        POST_CONFIRMATION,
        source,
        user_name=user.username,
        request=with_metadata({"userAttributes": attributes_of(user)}, client_metadata),
        answer=Nothing,
    )


async def tell(call: Call, source: After, sub: str, *, client_metadata: Mapping[str, str] | None) -> None:
    """`after`, of the user as it is now; nothing is read for a pool without the function."""
    if not tells_after(call):
        return
    user = await call.store.read(users.by_sub, call.pool.id, sub)
    if user is not None:
        await after(call, source, user, client_metadata=client_metadata)
