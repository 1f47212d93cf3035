"""Flow by MFA configuration by status by factors: what must happen, written down, and what does happen through the API.

All second factors, after a password; all flows and states of users are in tests/triggers/test_matrix.py.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
from botocore.exceptions import ClientError
from msgspec import structs
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen.call import Call
from cognomen.store.database import Db
from cognomen.store.factors import Factors
from cognomen.store.users import User
from cognomen.users import creation, passwords, rows, software_tokens, status
from tests import srp_client
from tests.calls import call_of
from tests.held_clock import HeldClock
from tests.second_factors import OWN_SENDER, PASSWORD, Client
from tests.server import Server

Make = Callable[..., Any]

# What a user has of an app, a phone number and an e-mail address; `+` marks what is enabled, `!` what is preferred. What
# comes after the first factor in each configuration of the pool, which offers all three and recovers passwords by e-mail
# first, then by phone.
WHAT_MUST_HAPPEN = """
none               tokens  tokens              MFA_SETUP
app                tokens  tokens              SOFTWARE_TOKEN_MFA
app+               tokens  SOFTWARE_TOKEN_MFA  SOFTWARE_TOKEN_MFA
phone              tokens  tokens              SMS_MFA
phone+             tokens  SMS_MFA             SMS_MFA
email              tokens  tokens              MFA_SETUP
email+             tokens  EMAIL_OTP           EMAIL_OTP
phone,email        tokens  tokens              SMS_MFA
phone+,email+      tokens  SELECT_MFA_TYPE     SELECT_MFA_TYPE
phone,email!       tokens  EMAIL_OTP           EMAIL_OTP
app,phone          tokens  tokens              SELECT_MFA_TYPE
app+,phone         tokens  SOFTWARE_TOKEN_MFA  SELECT_MFA_TYPE
app,phone+         tokens  SMS_MFA             SELECT_MFA_TYPE
app+,phone!        tokens  SMS_MFA             SMS_MFA
app,email          tokens  tokens              SOFTWARE_TOKEN_MFA
app+,phone+,email+ tokens  SELECT_MFA_TYPE     SELECT_MFA_TYPE
app!,phone+,email+ tokens  SOFTWARE_TOKEN_MFA  SOFTWARE_TOKEN_MFA
"""
MODES = ("OFF", "OPTIONAL", "ON")
NEXT = {
    (has, mode): outcome
    for has, *outcomes in (line.split() for line in WHAT_MUST_HAPPEN.strip().splitlines())
    for mode, outcome in zip(MODES, outcomes, strict=True)
}
FACTORS = tuple(dict.fromkeys(has for has, _ in NEXT))

# What becomes of it by the status of the user; `next` is the above.
BY_STATUS = {
    "CONFIRMED": ("next",),
    "FORCE_CHANGE_PASSWORD": ("NEW_PASSWORD_REQUIRED", "next"),
    "UNCONFIRMED": ("UserNotConfirmedException",),
    "RESET_REQUIRED": ("PasswordResetRequiredException",),
    "disabled": ("NotAuthorizedException",),
}
FLOWS = ("USER_PASSWORD_AUTH", "ADMIN_USER_PASSWORD_AUTH", "USER_SRP_AUTH", "USER_AUTH")
# SRP asks for its proof first, of whoever may sign in at all.
FIRST = {"USER_SRP_AUTH": ("PASSWORD_VERIFIER",)}

NAMES = {"app": "SOFTWARE_TOKEN_MFA", "phone": "SMS_MFA", "email": "EMAIL_OTP"}
ATTRIBUTES = {"phone": ("phone_number", "+17755550839"), "email": ("email", "ada@example.com")}


def a_user(call: Call, flow: str, has: str, state: str) -> User:
    """A user of that name, with the password that all have."""
    parts = [part for part in has.split(",") if part != "none"]
    kinds = {part.rstrip("+!"): part[-1] for part in parts}
    attributes = dict(ATTRIBUTES[kind] for kind in kinds if kind in ATTRIBUTES)
    user = creation.blank(
        call.pool, name_of(flow, has, state), attributes, status.CONFIRMED, call.now, complete=False
    )
    user = passwords.with_password(call.vault, user, PASSWORD, call.now)
    if "app" in kinds:
        user = software_tokens.verified(software_tokens.associated(call.vault, user, 0), None, 0)
    enabled = tuple(NAMES[kind] for kind in ("phone", "app", "email") if kinds.get(kind) in ("+", "!"))
    preferred = next((NAMES[kind] for kind, mark in kinds.items() if mark == "!"), None)
    is_disabled = state == "disabled"
    return structs.replace(
        user,
        status=status.CONFIRMED if is_disabled else state,
        enabled=not is_disabled,
        factors=Factors(enabled, preferred),
    )


def name_of(flow: str, has: str, state: str) -> str:
    return f"{flow}/{has}/{state}"


def outcome_of(answer: Any) -> str:
    return "tokens" if "AuthenticationResult" in answer else str(answer["ChallengeName"])


def outcomes(client: Client, flow: str, username: str) -> tuple[str, ...]:
    """What a user is asked for, one thing after the other, as far as a password leads."""
    found: list[str] = []
    try:
        answer = begin(client, flow, username)
        found.append(outcome_of(answer))
        if found == ["PASSWORD_VERIFIER"]:
            given = srp_client.answer_to(
                answer["ChallengeParameters"], client.pool_id, PASSWORD, client.clock.now
            )
            answer = client.answer(username, answer | {"Session": "x" * 20}, **given)
            found.append(outcome_of(answer))
        if found[-1] == "NEW_PASSWORD_REQUIRED":
            found.append(outcome_of(client.answer(username, answer, NEW_PASSWORD=PASSWORD)))
    except ClientError as error:
        found.append(str(error.response["Error"]["Code"]))
    return tuple(found)


def begin(client: Client, flow: Any, username: str) -> Any:
    given = {"USERNAME": username, "PASSWORD": PASSWORD, "SRP_A": srp_client.SRP_A}
    given.pop("PASSWORD" if flow == "USER_SRP_AUTH" else "SRP_A")
    if flow == "USER_AUTH":
        given["PREFERRED_CHALLENGE"] = "PASSWORD"
    if flow.startswith("ADMIN"):
        return client.cognito.admin_initiate_auth(
            UserPoolId=client.pool_id, ClientId=client.client_id, AuthFlow=flow, AuthParameters=given
        )
    return client.anonymous.initiate_auth(ClientId=client.client_id, AuthFlow=flow, AuthParameters=given)


@pytest.mark.parametrize("mode", MODES)
def test_what_must_happen_does(
    server: Server,
    cognito: Cognito,
    anonymous: Cognito,
    make_pool: Make,
    make_client: Make,
    clock: HeldClock,
    mode: str,
) -> None:
    pool_id = make_pool(EmailConfiguration=OWN_SENDER)["Id"]
    flows = [f"ALLOW_{flow}" for flow in FLOWS]
    client_id = make_client(pool_id, ExplicitAuthFlows=[*flows, "ALLOW_REFRESH_TOKEN_AUTH"])["ClientId"]
    client = Client(cognito, anonymous, pool_id, client_id, clock)
    if mode != "OFF":
        client.offer("SMS_MFA", "SOFTWARE_TOKEN_MFA", "EMAIL_OTP", mode=mode)
    call = server.run(call_of(server.node, pool_id, client_id))
    cases = list(product(FLOWS, FACTORS, BY_STATUS))

    def add(db: Db) -> None:
        for case in cases:
            rows.add(db, call.pool, a_user(call, *case))

    server.run(server.store.write(add))
    wrong = {}
    for flow, has, state in cases:
        refused = BY_STATUS[state][0].endswith("Exception")
        must = (*(() if refused else FIRST.get(flow, ())), *BY_STATUS[state])
        must = tuple(NEXT[has, mode] if each == "next" else each for each in must)
        does = outcomes(client, flow, name_of(flow, has, state))
        if does != must:
            wrong[flow, has, state] = (does, must)
    assert wrong == {}
