"""Every flow by the state of the user by what the pool asks for besides: what must happen, written down, and what does happen.

Second factors have a matrix of their own in tests/sign_in/test_matrix.py. Here the pool has functions for custom sign-ins, takes
codes and passkeys for first factors where that may be, and lets a passkey stand for both factors.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import product
from typing import Any

import msgspec
import pytest
from botocore.exceptions import ClientError
from msgspec import structs
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen.call import Call
from cognomen.store import passkeys
from cognomen.store.database import Db
from cognomen.store.users import User
from cognomen.users import decoys, passwords, rows, status
from tests import srp_client
from tests.calls import call_of
from tests.functions import Event, Functions, arn
from tests.held_clock import HeldClock
from tests.second_factors import BY_FACTOR, OWN_SENDER, PASSWORD, Client
from tests.server import Server
from tests.sign_in.test_matrix import MODES, NEXT, a_user, outcome_of

Make = Callable[..., Any]

STATES = (
    "CONFIRMED",
    "FORCE_CHANGE_PASSWORD",
    "UNCONFIRMED",
    "RESET_REQUIRED",
    "EXTERNAL_PROVIDER",
    "disabled",
    "no password",
)
# One column for each state. A way is a flow and what it begins with. A slash parts what happens where nothing is asked for after
# a password, where a second factor of the user's is, and where every user needs one; the last counts for what is not written.
# `2` is what NEXT says, W what happens to users with a passkey (others have the choice), and with a star they too have the choice.
WHAT_MUST_HAPPEN = """
USER_PASSWORD       2             N,2             unconfirmed  reset  refused    refused  refused
ADMIN_PASSWORD      2             N,2             unconfirmed  reset  refused    refused  refused
ADMIN_NO_SRP        2             N,2             unconfirmed  reset  refused    refused  refused
SRP                 V,2           V,N,2           unconfirmed  reset  V,refused  refused  V,refused
CUSTOM              C,tokens      C,tokens        unconfirmed  reset  C,tokens   refused  C,tokens
CUSTOM+SRP          V,C,tokens/V,2  V,N,C,tokens/V,N,2  unconfirmed  reset  V,refused  refused  V,refused
USER_AUTH           S             S               S            reset  S          refused  S
USER_AUTH+PASSWORD  2             N,2             unconfirmed  reset  refused    refused  S/refused*
USER_AUTH+SRP       V,2           V,N,2           unconfirmed  reset  V,refused  refused  S/V,refused*
USER_AUTH+EMAIL     E/S           S               E/E/S        reset  S          refused  E/S
USER_AUTH+SMS       M/S           S               M/M/S        reset  S          refused  M/S
USER_AUTH+PASSKEY   W             S               S            reset  S          refused  W
REFRESH_TOKEN       tokens        tokens          tokens       tokens  tokens    refused  tokens
REFRESH_TOKEN_AUTH  tokens        tokens          tokens       tokens  tokens    refused  tokens
"""
MEANT = {
    "N": "NEW_PASSWORD_REQUIRED",
    "V": "PASSWORD_VERIFIER",
    "C": "CUSTOM_CHALLENGE",
    "S": "SELECT_CHALLENGE",
    "E": "EMAIL_OTP",
    "M": "SMS_OTP",
    "W": "WEB_AUTHN",
    "refused": "NotAuthorizedException",
    "unconfirmed": "UserNotConfirmedException",
    "reset": "PasswordResetRequiredException",
}
CELLS = {
    (way, state): cell.split("/")
    for way, *cells in (line.split() for line in WHAT_MUST_HAPPEN.strip().splitlines())
    for state, cell in zip(STATES, cells, strict=True)
}
GIVEN: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "USER_PASSWORD": ("USER_PASSWORD_AUTH", {"PASSWORD": PASSWORD}),
    "ADMIN_PASSWORD": ("ADMIN_USER_PASSWORD_AUTH", {"PASSWORD": PASSWORD}),
    "ADMIN_NO_SRP": ("ADMIN_NO_SRP_AUTH", {"PASSWORD": PASSWORD}),
    "SRP": ("USER_SRP_AUTH", {"SRP_A": srp_client.SRP_A}),
    "CUSTOM": ("CUSTOM_AUTH", {}),
    "CUSTOM+SRP": ("CUSTOM_AUTH", {"CHALLENGE_NAME": "SRP_A", "SRP_A": srp_client.SRP_A}),
    "USER_AUTH": ("USER_AUTH", {}),
    "USER_AUTH+PASSWORD": ("USER_AUTH", {"PREFERRED_CHALLENGE": "PASSWORD", "PASSWORD": PASSWORD}),
    "USER_AUTH+SRP": ("USER_AUTH", {"PREFERRED_CHALLENGE": "PASSWORD_SRP", "SRP_A": srp_client.SRP_A}),
    "USER_AUTH+EMAIL": ("USER_AUTH", {"PREFERRED_CHALLENGE": "EMAIL_OTP"}),
    "USER_AUTH+SMS": ("USER_AUTH", {"PREFERRED_CHALLENGE": "SMS_OTP"}),
    "USER_AUTH+PASSKEY": ("USER_AUTH", {"PREFERRED_CHALLENGE": "WEB_AUTHN"}),
    "REFRESH_TOKEN": ("REFRESH_TOKEN", {}),
    "REFRESH_TOKEN_AUTH": ("REFRESH_TOKEN_AUTH", {}),
}
BY_ADMIN_ALONE = {"ADMIN_PASSWORD", "ADMIN_NO_SRP"}
BY_USER_ALONE = {"USER_PASSWORD"}
PASSKEY = "passkey,"
HAS = ("phone,email", "app+,phone+,email+", f"{PASSKEY}phone,email")

Case = tuple[str, str, str, bool]
"""A way, what the user has, its state, and whether an administrator's program asks."""

# What an administrator asks for is the same code from the first step on, so one kind of user tells enough of it.
CASES: list[Case] = [
    *((*case, False) for case in product(GIVEN, HAS, STATES) if case[0] not in BY_ADMIN_ALONE),
    *((*case, True) for case in product(GIVEN, HAS[:1], STATES) if case[0] not in BY_USER_ALONE),
]

TRIGGERS = ("DefineAuthChallenge", "CreateAuthChallenge", "VerifyAuthChallengeResponse")
ALLOWED = ("USER_PASSWORD", "ADMIN_USER_PASSWORD", "USER_SRP", "CUSTOM", "USER", "REFRESH_TOKEN")
PARTY = "example.com"


def must(case: Case, mode: str) -> tuple[str, ...]:
    way, has, state, _ = case
    has_passkey = has.startswith(PASSKEY)
    following = NEXT[has.removeprefix(PASSKEY), mode]
    cells = CELLS[way, state]
    cell = cells[min(0 if following == "tokens" else MODES.index(mode), len(cells) - 1)]
    if cell.endswith("*") if has_passkey else cell == "W":
        cell = "S"
    return tuple(following if each == "2" else MEANT.get(each, each) for each in cell.rstrip("*").split(","))


@pytest.fixture
def pool_of(functions: Functions, make_pool: Make) -> Callable[[str], str]:
    """A pool whose functions want one answer of their own, whatever it is, after the password where that comes first."""

    def define(event: Event) -> Event:
        last = [each["challengeName"] for each in event["request"]["session"]][-1:]
        if last == ["CUSTOM_CHALLENGE"]:
            return event | {"response": {"issueTokens": True}}
        following = "PASSWORD_VERIFIER" if last == ["SRP_A"] else "CUSTOM_CHALLENGE"
        return event | {"response": {"challengeName": following}}

    def verify(event: Event) -> Event:
        return event | {"response": {"answerCorrect": True}}

    functions.does |= {"DefineAuthChallenge": define, "VerifyAuthChallengeResponse": verify}

    def make(mode: str) -> str:
        codes = [] if mode == "ON" else ["EMAIL_OTP", "SMS_OTP"]  # a pool may not have both
        policy = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "WEB_AUTHN", *codes]}}
        config = {name: arn("python", name) for name in TRIGGERS}
        id: str = make_pool(EmailConfiguration=OWN_SENDER, Policies=policy, LambdaConfig=config)["Id"]
        return id

    return make


def require(client: Client, mode: str) -> None:
    members: dict[str, Any] = {"MfaConfiguration": mode, "WebAuthnConfiguration": {"RelyingPartyId": PARTY}}
    if mode != "OFF":
        members["WebAuthnConfiguration"]["FactorConfiguration"] = "MULTI_FACTOR_WITH_USER_VERIFICATION"
        for factor in BY_FACTOR.values():
            members |= factor
    client.cognito.set_user_pool_mfa_config(UserPoolId=client.pool_id, **members)


def in_state(call: Call, user: User, has: str, state: str) -> User:
    """The user, who was confirmed and had a password until now."""
    if has.startswith(PASSKEY):
        user = structs.replace(user, factors=msgspec.structs.replace(user.factors, passkeys=True))
    if state == "disabled":
        return structs.replace(user, enabled=False)
    if state in ("no password", "EXTERNAL_PROVIDER"):
        user = passwords.without(user, call.now)
    return user if state == "no password" else status.moved(user, state, call.now)


def begin(client: Client, case: Case, username: str, refresh_token: str) -> Any:
    flow, given = GIVEN[case[0]]
    named = {"REFRESH_TOKEN": refresh_token} if flow.startswith("REFRESH") else {"USERNAME": username}
    request: Any = {"ClientId": client.client_id, "AuthFlow": flow, "AuthParameters": {**given, **named}}
    if case[3]:
        return client.cognito.admin_initiate_auth(UserPoolId=client.pool_id, **request)
    return client.anonymous.initiate_auth(**request)


def responses_to(client: Client, asked: Any) -> dict[str, str] | None:
    match asked.get("ChallengeName"):
        case "PASSWORD_VERIFIER":
            parameters = asked["ChallengeParameters"]
            return srp_client.answer_to(parameters, client.pool_id, PASSWORD, client.clock.now)
        case "NEW_PASSWORD_REQUIRED":
            return {"NEW_PASSWORD": PASSWORD}
        case "CUSTOM_CHALLENGE":
            return {"ANSWER": "any"}
        case _:
            return None


def outcomes(client: Client, case: Case, username: str, refresh_token: str) -> tuple[str, ...]:
    """What a user is asked for, one thing after the other, as far as a password and any answer lead."""
    found: list[str] = []
    try:
        answer = begin(client, case, username, refresh_token)
        found.append(outcome_of(answer))
        while responses := responses_to(client, answer):
            answer = client.answer(username, {"Session": "x" * 20} | answer, **responses)
            found.append(outcome_of(answer))
    except ClientError as error:
        found.append(str(error.response["Error"]["Code"]))
    return tuple(found)


@pytest.mark.parametrize("mode", MODES)
def test_what_must_happen_does(
    server: Server,
    cognito: Cognito,
    anonymous: Cognito,
    pool_of: Callable[[str], str],
    make_client: Make,
    clock: HeldClock,
    mode: str,
) -> None:
    pool_id = pool_of(mode)
    flows = [f"ALLOW_{each}_AUTH" for each in ALLOWED]
    client = Client(
        cognito, anonymous, pool_id, make_client(pool_id, ExplicitAuthFlows=flows)["ClientId"], clock
    )
    call = server.run(call_of(server.node, pool_id, client.client_id))
    users = {
        case: a_user(call, "/".join(map(str, case)), case[1].removeprefix(PASSKEY), "CONFIRMED")
        for case in CASES
    }

    def add(db: Db) -> None:
        for user in users.values():
            rows.add(db, call.pool, user)

    def change(db: Db) -> None:
        for (_, has, state, _), user in users.items():
            rows.change(db, call.pool, user.sub, lambda user: in_state(call, user, has, state))  # noqa: B023  called at once
            if has.startswith(PASSKEY):
                passkey = replace(decoys.passkeys(decoys.decoy(call, user.sub), PARTY)[0], id=user.sub)
                passkeys.add(db, pool_id, user.sub, passkey)

    server.run(server.store.write(add))
    refreshing = [(case, user.username) for case, user in users.items() if case[0].startswith("REFRESH")]
    held = {case: client.tokens(username)["RefreshToken"] for case, username in refreshing}
    server.run(server.store.write(change))
    require(client, mode)
    wrong = {}
    for case, user in users.items():
        does = outcomes(client, case, user.username, held.get(case, ""))
        if does != must(case, mode):
            wrong[case] = (does, must(case, mode))
    assert wrong == {}
