"""StartWebAuthnRegistration, CompleteWebAuthnRegistration, ListWebAuthnCredentials, DeleteWebAuthnCredential.

A passkey is registered by its user, who has signed in some other way. Signing in with it is sign_in/challenges/web_authn.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cognomen import errors
from cognomen.call import Call
from cognomen.crypto import base64url
from cognomen.crypto import passkeys as ceremonies
from cognomen.crypto.passkeys import Asked, Fault, NewPasskey, Unfit
from cognomen.errors import Sentence
from cognomen.operations import paging
from cognomen.operations.registry import operation
from cognomen.store import passkeys as stored
from cognomen.store import spent, users
from cognomen.store.database import AlreadyThere, Db
from cognomen.store.passkeys import Passkey
from cognomen.users import passkeys
from cognomen.users.passkeys import Challenge
from cognomen.wire.answers import seconds

if TYPE_CHECKING:
    from types_boto3_cognito_idp.type_defs import (
        CompleteWebAuthnRegistrationRequestTypeDef,
        DeleteWebAuthnCredentialRequestTypeDef,
        ListWebAuthnCredentialsRequestTypeDef,
        StartWebAuthnRegistrationRequestTypeDef,
    )

PATIENCE_MS = 60_000
"""How long a browser waits for the user."""

_UNFIT: dict[Fault, Sentence] = {
    Fault.MALFORMED: errors.PASSKEY_MALFORMED,
    Fault.CHALLENGE: errors.PASSKEY_CHALLENGE_NOT_FOUND,
    Fault.ORIGIN: errors.PASSKEY_ORIGIN,
    Fault.RELYING_PARTY: errors.PASSKEY_RELYING_PARTY,
    Fault.SUPPORT: errors.PASSKEY_NOT_SUPPORTED,
    Fault.PROOF: errors.PASSKEY_MALFORMED,
}


@operation("StartWebAuthnRegistration")
async def start_web_authn_registration(
    call: Call, _request: StartWebAuthnRegistrationRequestTypeDef
) -> dict[str, Any]:
    """What a browser is to be asked; `user.id` is the sub, which a passkey tells when it signs in."""
    _refuse_unless_allowed(call)
    relying_party = passkeys.relying_party(call)
    if relying_party is None:
        raise errors.PASSKEY_CONFIGURATION_MISSING()
    known = await call.store.read(stored.all_of_user, call.pool.id, call.user.sub)
    _refuse_another(known)
    user = call.user
    name = passkeys.shown_name(call.pool, user)
    return {
        "CredentialCreationOptions": {
            "rp": {"id": relying_party, "name": relying_party},
            "user": {
                "id": base64url.encode(user.sub.encode()),
                "name": name,
                "displayName": name,
            },
            "challenge": base64url.encode(passkeys.new_challenge(call)),
            "pubKeyCredParams": [{"type": "public-key", "alg": number} for number in ceremonies.ALGORITHMS],
            "timeout": PATIENCE_MS,
            "excludeCredentials": [
                {"type": "public-key", "id": passkey.id}
                for passkey in known
                if passkey.relying_party == relying_party
            ],
            "authenticatorSelection": {
                "requireResidentKey": True,
                "residentKey": "required",
                "userVerification": "required" if passkeys.verify_users(call.pool) else "preferred",
            },
        }
    }


@operation("CompleteWebAuthnRegistration")
async def complete_web_authn_registration(
    call: Call, request: CompleteWebAuthnRegistrationRequestTypeDef
) -> None:
    _refuse_unless_allowed(call)
    try:
        challenge = ceremonies.challenge_of(request["Credential"])
        told = passkeys.open_challenge(call, challenge)
        relying_party = passkeys.relying_party(call)
        if relying_party is None:  # there was one when the challenge was made
            raise errors.PASSKEY_RELYING_PARTY()
        asked = Asked(challenge, relying_party, passkeys.verify_users(call.pool))
        made = ceremonies.register(request["Credential"], asked)
    except Unfit as unfit:
        raise _UNFIT[unfit.fault]() from None
    try:
        await call.store.write(_add, call, told, _kept(made, relying_party, call.now))
    except AlreadyThere:
        raise errors.PASSKEY_EXISTS() from None


@operation("ListWebAuthnCredentials")
async def list_web_authn_credentials(
    call: Call, request: ListWebAuthnCredentialsRequestTypeDef
) -> dict[str, Any]:
    """Oldest first."""
    limit = request.get("MaxResults") or passkeys.MAX
    after = paging.position_in(call, request, 2)
    found = await call.store.read(stored.all_of_user, call.pool.id, call.user.sub)
    if after is not None:
        found = [passkey for passkey in found if (passkey.created_at, passkey.id) > (int(after[0]), after[1])]
    page, following = paging.page(call, request, found, limit, "created_at", "id")
    return {
        "Credentials": [_listed(passkey) for passkey in page],
        "NextToken": following,
    }


@operation("DeleteWebAuthnCredential")
async def delete_web_authn_credential(call: Call, request: DeleteWebAuthnCredentialRequestTypeDef) -> None:
    if not await call.store.write(stored.remove, call.pool.id, call.user.sub, request["CredentialId"]):
        raise errors.PASSKEY_NOT_FOUND()


def _refuse_unless_allowed(call: Call) -> None:
    if not passkeys.are_allowed(call.pool):
        raise errors.PASSKEYS_NOT_ENABLED()


def _refuse_another(known: list[Passkey]) -> None:
    if len(known) >= passkeys.MAX:
        raise errors.TOO_MANY(what="Passkey", limit=passkeys.MAX)


def _kept(made: NewPasskey, relying_party: str, now: int) -> Passkey:
    return Passkey(
        id=made.id,
        public_key=made.public_key,
        counter=made.counter,
        relying_party=relying_party,
        aaguid=made.aaguid,
        attachment=made.attachment,
        transports=made.transports,
        created_at=now,
    )


def _listed(passkey: Passkey) -> dict[str, Any]:
    return {
        "CredentialId": passkey.id,
        "FriendlyCredentialName": passkeys.name_of(passkey),
        "RelyingPartyId": passkey.relying_party,
        "AuthenticatorAttachment": passkey.attachment,
        "AuthenticatorTransports": passkey.transports,
        "CreatedAt": seconds(passkey.created_at),
    }


# -- transactions -----------------------------------------------------------------------------------------------------


def _add(db: Db, call: Call, told: Challenge, passkey: Passkey) -> None:
    """The user is held, so that two who come at once do not both add the last one there may be."""
    if not spent.spend(db, call.pool.id, passkeys.CHALLENGE, told.id, told.expires_at):
        raise errors.PASSKEY_CHALLENGE_NOT_FOUND()
    if users.by_sub_locked(db, call.pool.id, call.user.sub) is None:
        raise errors.USER_NOT_FOUND()
    _refuse_another(stored.all_of_user(db, call.pool.id, call.user.sub))
    stored.add(db, call.pool.id, call.user.sub, passkey)
