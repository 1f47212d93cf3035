"""What pages ask of the rest of the server for a person: sign-ins of the engine, and operations of the API.

Both count under the limits of requests, as they would if an app had sent them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from cognomen import errors
from cognomen.call import Call
from cognomen.crypto import hashes
from cognomen.operations import dispatch
from cognomen.sign_in import engine
from cognomen.sign_in.engine import Ask, SignedIn
from cognomen.sign_in.flows import Flow
from cognomen.sign_in.step_up import Target


async def begin(
    call: Call, flow: Flow, username: str, given: Mapping[str, str], target: Target
) -> Ask | SignedIn:
    dispatch.admit_within(call, "InitiateAuth", {"AuthParameters": {"USERNAME": username}})
    return await engine.begin(call, flow, username, given, target=target)


async def answer(
    call: Call, challenge: str, session: str | None, username: str, given: Mapping[str, str]
) -> Ask | SignedIn:
    as_sent = {"ChallengeName": challenge, "ChallengeResponses": {"USERNAME": username}}
    dispatch.admit_within(call, "RespondToAuthChallenge", as_sent)
    return await engine.answer(call, challenge, session, username, given)


async def send_again(
    call: Call, challenge: str, session: str, username: str, given: Mapping[str, str]
) -> Ask:
    as_sent = {"ChallengeName": challenge, "ChallengeResponses": {"USERNAME": username}}
    dispatch.admit_within(call, "RespondToAuthChallenge", as_sent)
    return await engine.again(call, challenge, session, given)


async def resume(call: Call, session: str, username: str) -> Ask | SignedIn:
    dispatch.admit_within(call, "InitiateAuth", {"AuthParameters": {"USERNAME": username}})
    return await engine.resume(call, session, username)


async def perform(call: Call, operation: str, username: str, **members: Any) -> dict[str, Any]:
    """A public operation that names a user, by call.client; what it answers, or a Refusal."""
    body = {"ClientId": call.client.id, "Username": username, **members}
    secrets = call.configuration.secrets[call.client.id]
    if secrets:
        body["SecretHash"] = hashes.secret_hash(secrets[0], username, call.client.id)
    return await dispatch.perform_within(call, operation, body)


async def passkey_options(call: Call) -> str:
    """What the browser of call.user is asked to make a passkey with, as JSON."""
    found = await dispatch.perform_as_user(call, "StartWebAuthnRegistration", {})
    return msgspec.json.encode(found["CredentialCreationOptions"]).decode()


async def add_passkey(call: Call, credential: Any) -> None:
    """The passkey that the browser of call.user has made. Its session stands for the access token of an app."""
    if not isinstance(credential, dict):  # a document of the API may be anything
        raise errors.PASSKEY_MALFORMED()
    await dispatch.perform_as_user(call, "CompleteWebAuthnRegistration", {"Credential": credential})


async def associate_app(call: Call, session: str | None) -> tuple[str, str]:
    """The secret for an authenticator app, and the session to go on with."""
    found = await dispatch.perform_within(call, "AssociateSoftwareToken", {"Session": session})
    return found["SecretCode"], found["Session"]


async def verify_app(call: Call, session: str | None, code: str) -> str:
    """The session to go on with, once the app has shown a code."""
    found = await dispatch.perform_within(call, "VerifySoftwareToken", {"Session": session, "UserCode": code})
    following: str = found["Session"]
    return following


async def give_feedback(call: Call, username: str, event_id: str, token: str, value: str) -> None:
    """Record whether a sign-in was the user's, who has the token of its notice."""
    body = {
        "UserPoolId": call.pool.id,
        "Username": username,
        "EventId": event_id,
        "FeedbackToken": token,
        "FeedbackValue": value,
    }
    await dispatch.perform_within(call, "UpdateAuthEventFeedback", body)
