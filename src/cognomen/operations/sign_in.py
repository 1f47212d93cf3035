"""Signing in: InitiateAuth, RespondToAuthChallenge, and their admin twins, which differ only in the flows they offer.

The engine is in sign_in/; here wire names become its terms, and its outcomes become answers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cognomen import errors
from cognomen.call import Call
from cognomen.challenge_names import NEW_PASSWORD_REQUIRED
from cognomen.operations import secret_hashes
from cognomen.operations.registry import operation
from cognomen.sign_in import engine, flows, step_up
from cognomen.sign_in.challenges import CHALLENGES
from cognomen.sign_in.engine import Ask, SignedIn
from cognomen.tokens import minting, refresh_tokens
from cognomen.tokens.minting import Tokens
from cognomen.triggers import pre_token_generation
from cognomen.triggers.pre_token_generation import Source
from cognomen.users import devices

if TYPE_CHECKING:
    from types_boto3_cognito_idp.type_defs import (
        AdminInitiateAuthRequestTypeDef,
        AdminRespondToAuthChallengeRequestTypeDef,
        InitiateAuthRequestTypeDef,
        RespondToAuthChallengeRequestTypeDef,
    )


@operation("InitiateAuth", "AdminInitiateAuth")
async def initiate_auth(
    call: Call, request: InitiateAuthRequestTypeDef | AdminInitiateAuthRequestTypeDef
) -> dict[str, Any]:
    admin = call.operation == "AdminInitiateAuth"
    given = request.get("AuthParameters", {})
    flow = flows.allowed(request["AuthFlow"], call.client, admin=admin)
    for name in flow.required:
        if not given.get(name):
            raise errors.MISSING_PARAMETER(name=name)
    if flow.name == flows.REFRESH:
        return await _refresh(call, given)
    secret_hashes.check(call, given["USERNAME"], given.get("SECRET_HASH"))
    session, validation_data = request.get("Session"), request.get("ClientMetadata")
    if flow.name == flows.CHOICE and session is not None:
        outcome = await engine.resume(call, session, given["USERNAME"], validation_data=validation_data)
    else:
        target = await step_up.target(call, flow, given)
        outcome = await engine.begin(
            call, flow, given["USERNAME"], given, target=target, validation_data=validation_data
        )
    return await _answer(call, outcome)


@operation("RespondToAuthChallenge", "AdminRespondToAuthChallenge")
async def respond_to_auth_challenge(
    call: Call, request: RespondToAuthChallengeRequestTypeDef | AdminRespondToAuthChallengeRequestTypeDef
) -> dict[str, Any]:
    given = request.get("ChallengeResponses", {})
    challenge = request["ChallengeName"]
    if challenge not in CHALLENGES:
        raise errors.CHALLENGE_UNKNOWN(challenge=challenge)
    username = given.get("USERNAME")
    if not username:
        raise errors.MISSING_PARAMETER(name="USERNAME")
    secret_hashes.check(call, username, given.get("SECRET_HASH"))
    outcome = await engine.answer(
        call,
        challenge,
        request.get("Session"),
        username,
        given,
        client_metadata=request.get("ClientMetadata"),
    )
    return await _answer(call, outcome)


async def _refresh(call: Call, given: Mapping[str, str]) -> dict[str, Any]:
    """New access and id tokens, of the user as it is now; the refresh token stays: clients that rotate them cannot ask so."""
    if call.client.secrets and "SECRET_HASH" not in given:
        raise errors.SECRET_HASH_MISSING(id=call.client.id)
    token, user, its_groups = await refresh_tokens.verify(
        call, given["REFRESH_TOKEN"], device_key=given.get("DEVICE_KEY")
    )
    secret_hashes.check(call, user.username, given.get("SECRET_HASH"))
    return _tokens(await minting.after_refresh(call, token, user, its_groups))


async def _answer(call: Call, outcome: Ask | SignedIn) -> dict[str, Any]:
    if isinstance(outcome, SignedIn):
        is_new = devices.are_tracked(call.pool) and outcome.device_key is None
        device_key = devices.new_key(call.pool) if is_new else outcome.device_key
        tokens = await minting.after_sign_in(
            call,
            outcome.user,
            source=_source(outcome),
            client_metadata=outcome.client_metadata,
            device_key=device_key,
            proven=outcome.proven,
            event=outcome.event,
        )
        answer = _tokens(tokens)
        if is_new:
            answer["AuthenticationResult"]["NewDeviceMetadata"] = {
                "DeviceKey": device_key,
                "DeviceGroupKey": devices.group_key(call.configuration.decoy_key, outcome.user.sub),
            }
        return answer
    answer = {"ChallengeName": outcome.challenge, "ChallengeParameters": outcome.parameters}
    if outcome.session is not None:
        answer["Session"] = outcome.session
    if outcome.available:
        answer["AvailableChallenges"] = outcome.available
    return answer


def _source(outcome: SignedIn) -> Source:
    """What a trigger is told of the tokens' sign-in."""
    if NEW_PASSWORD_REQUIRED in outcome.proven:
        return pre_token_generation.NEW_PASSWORD
    if outcome.device_key is not None:
        return pre_token_generation.AUTHENTICATE_DEVICE
    return pre_token_generation.AUTHENTICATION


def _tokens(tokens: Tokens) -> dict[str, Any]:
    result = {
        "AccessToken": tokens.access,
        "ExpiresIn": tokens.expires_in,
        "IdToken": tokens.id,
        "TokenType": "Bearer",
    }
    if tokens.refresh is not None:
        result["RefreshToken"] = tokens.refresh
    return {"AuthenticationResult": result, "ChallengeParameters": {}}
