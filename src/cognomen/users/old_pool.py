"""The pool of Amazon Cognito that users come from, asked whether it lets one in with a password.

It is asked as any application asks it: InitiateAuth with USER_PASSWORD_AUTH, over the one client of outgoing requests. That it
answers with tokens, or asks for what comes after the password, says that the password is right. The tokens are thrown away.
"""

from __future__ import annotations

import logging
from typing import Any

import msgspec

from cognomen import errors
from cognomen.call import Call
from cognomen.challenge_names import CUSTOM_CHALLENGE, PASSWORD, PASSWORD_VERIFIER, SELECT_CHALLENGE
from cognomen.crypto import hashes
from cognomen.outgoing import Unreachable
from cognomen.pools.foreign_passwords import OldPool

ANSWER_MAX = 64 * 1024  # bytes; three tokens with many groups
HEADERS = {
    "Content-Type": "application/x-amz-json-1.1",
    "X-Amz-Target": "AWSCognitoIdentityProviderService.InitiateAuth",
}
OK = 200

# What says no. Anything else (too many requests, a client that is gone) says nothing of the password.
_NO = frozenset(
    {
        "NotAuthorizedException",
        "UserNotFoundException",
        "UserNotConfirmedException",
        "PasswordResetRequiredException",
    }
)
# The flow asks for these before it has seen a password, or in its place.
_BEFORE_THE_PASSWORD = frozenset({PASSWORD_VERIFIER, CUSTOM_CHALLENGE, SELECT_CHALLENGE, PASSWORD})

log = logging.getLogger(__name__)


async def knows(call: Call, old: OldPool, username: str, password: str) -> bool:
    """Whether the old pool takes the password for the user's. Raises OLD_POOL_UNREACHABLE where it does not say."""
    parameters = {"USERNAME": username, "PASSWORD": password}
    if old.client_secret is not None:
        parameters["SECRET_HASH"] = hashes.secret_hash(old.client_secret, username, old.client_id)
    asked = {"AuthFlow": "USER_PASSWORD_AUTH", "ClientId": old.client_id, "AuthParameters": parameters}
    try:
        answer = await call.outgoing.post(old.endpoint, msgspec.json.encode(asked), HEADERS, limit=ANSWER_MAX)
        told = _decoder.decode(answer.body)
    except (Unreachable, msgspec.DecodeError) as error:
        raise _unreachable(call, type(error).__name__) from None
    if answer.status == OK:
        challenge = told.get("ChallengeName")
        return "AuthenticationResult" in told or (
            challenge is not None and challenge not in _BEFORE_THE_PASSWORD
        )
    kind, message = str(told.get("__type", "")).rpartition("#")[2], str(told.get("message", ""))
    if message == errors.PASSWORD_ATTEMPTS_EXCEEDED.text:
        raise errors.PASSWORD_ATTEMPTS_EXCEEDED()  # there; it has not looked at the password
    if kind in _NO and "secret" not in message.lower():
        return False
    raise _unreachable(call, kind or str(answer.status))


def _unreachable(call: Call, reason: str) -> errors.Refusal:
    log.error(
        "the old pool does not say whether a password is right: %s",
        reason,
        extra={"request_id": call.request_id, "pool_id": call.pool.id},
    )
    return errors.OLD_POOL_UNREACHABLE()


_decoder = msgspec.json.Decoder(dict[str, Any])
