"""A name that nobody has is answered as one that somebody has: all ways to begin a sign-in, in all kinds of pools, as a table.

Compared are the members of the answers and their forms, and what a wrong answer is told. That it costs the same is
tests/sign_in/test_engine.py's; here the pools have functions, since custom sign-ins need them.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen.crypto.passkeys import NOBODYS_KEY
from cognomen.store import passkeys
from cognomen.store.passkeys import Passkey
from tests import srp_client
from tests.functions import Functions, arn
from tests.held_clock import HeldClock
from tests.server import Server

Make = Callable[..., Any]

PARTY = "example.com"
FACTORS = ["PASSWORD", "EMAIL_OTP", "SMS_OTP", "WEB_AUTHN"]
FLOWS = ["ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_AUTH", "ALLOW_CUSTOM_AUTH"]
CUSTOM = ("DefineAuthChallenge", "CreateAuthChallenge", "VerifyAuthChallengeResponse")
ADDRESSES = {
    "email": "anna@example.com",
    "email_verified": "true",
    "phone_number": "+15550001234",
    "phone_number_verified": "true",
}
FOLDING = {"UsernameConfiguration": {"CaseSensitive": False}}


@dataclass(frozen=True, slots=True)
class Kind:
    """A pool, the user's name in it, what is typed (None: the sub), the names of strangers, and how SRP calls them all."""

    settings: dict[str, Any]
    username: str
    typed: str | None
    strangers: Callable[[int], str]
    called: str


def of_mail(number: int) -> str:
    return f"n{number:03}@example.com"


def of_phone(number: int) -> str:
    return f"+1777{number:07}"


KINDS = {
    "a user name": Kind({}, "anna", "anna", lambda number: f"n{number:03}", "as typed"),
    "a user name in another case": Kind(
        FOLDING, "Anna", "ANNA", lambda number: f"N{number:03}", "as typed, in lower case"
    ),
    "an e-mail address that is an alias": Kind(
        {"AliasAttributes": ["email", "preferred_username"]},
        str(uuid.uuid4()),
        "anna@example.com",
        of_mail,
        "a UUID",
    ),
    "a phone number that is an alias": Kind(
        {"AliasAttributes": ["phone_number"]}, str(uuid.uuid4()), "+15550001234", of_phone, "a UUID"
    ),
    "a user name where there are aliases": Kind(
        {"AliasAttributes": ["email", "phone_number", "preferred_username"]},
        "anna",
        "anna",
        lambda number: f"n{number:03}",
        "as typed",
    ),
    "an e-mail address": Kind(
        {"UsernameAttributes": ["email"]}, "anna@example.com", "anna@example.com", of_mail, "a UUID"
    ),
    "an e-mail address in another case": Kind(
        {"UsernameAttributes": ["email"], **FOLDING},
        "Anna@Example.com",
        "ANNA@example.COM",
        lambda number: f"N{number:03}@example.COM",
        "a UUID",
    ),
    "a phone number": Kind(
        {"UsernameAttributes": ["phone_number", "email"]}, "+15550001234", "+15550001234", of_phone, "a UUID"
    ),
    "a sub where that is the user name": Kind(
        {"UsernameAttributes": ["email"]}, "anna@example.com", None, lambda _: str(uuid.uuid4()), "as typed"
    ),
}

BEGINNINGS: list[dict[str, str]] = [
    {"flow": "USER_SRP_AUTH", "SRP_A": srp_client.SRP_A},
    {"flow": "USER_PASSWORD_AUTH", "PASSWORD": "wrong"},
    {"flow": "USER_AUTH"},
    {"flow": "USER_AUTH", "PREFERRED_CHALLENGE": "PASSWORD"},
    {"flow": "USER_AUTH", "PREFERRED_CHALLENGE": "PASSWORD", "PASSWORD": "wrong"},
    {"flow": "USER_AUTH", "PREFERRED_CHALLENGE": "PASSWORD_SRP", "SRP_A": srp_client.SRP_A},
    {"flow": "USER_AUTH", "PREFERRED_CHALLENGE": "EMAIL_OTP"},
    {"flow": "USER_AUTH", "PREFERRED_CHALLENGE": "SMS_OTP"},
    {"flow": "USER_AUTH", "PREFERRED_CHALLENGE": "WEB_AUTHN"},
    {"flow": "CUSTOM_AUTH"},
    {"flow": "CUSTOM_AUTH", "CHALLENGE_NAME": "SRP_A", "SRP_A": srp_client.SRP_A},
]

WRONG = {
    "PASSWORD": {"PASSWORD": "wrong"},
    "EMAIL_OTP": {"EMAIL_OTP_CODE": "00000000"},
    "SMS_OTP": {"SMS_OTP_CODE": "00000000"},
    "WEB_AUTHN": {"CREDENTIAL": "{}"},
    "SELECT_CHALLENGE": {"ANSWER": "nothing"},
    "CUSTOM_CHALLENGE": {"ANSWER": "nothing"},
}


@dataclass(frozen=True, slots=True)
class Desk:
    """A client that hides who exists, the name of a user of its pool, and one like it that nobody has."""

    anonymous: Cognito
    clock: HeldClock
    pool_id: str
    client_id: str

    def begin(self, typed: str, flow: Any, **given: str) -> Any:
        return self._sent(
            self.anonymous.initiate_auth, AuthFlow=flow, AuthParameters={"USERNAME": typed, **given}
        )

    def answer_wrongly(self, typed: str, asked: Any) -> Any:
        challenge, parameters = asked["ChallengeName"], asked["ChallengeParameters"]
        given = {"USERNAME": typed} | WRONG.get(challenge, {})
        if challenge == "PASSWORD_VERIFIER":
            given = srp_client.answer_to(parameters, self.pool_id, "wrong", self.clock.now)
        session = {"Session": asked["Session"]} if "Session" in asked else {}
        return self._sent(
            self.anonymous.respond_to_auth_challenge,
            ChallengeName=challenge,
            ChallengeResponses=given,
            **session,
        )

    def _sent(self, send: Callable[..., Any], **request: Any) -> Any:
        try:
            answer = send(ClientId=self.client_id, **request)
        except ClientError as refusal:
            return refusal.response["Error"]
        del answer["ResponseMetadata"]
        return answer


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> Kind:
    return KINDS[request.param]


@pytest.fixture
def desk(
    cognito: Cognito,
    anonymous: Cognito,
    clock: HeldClock,
    functions: Functions,
    make_pool: Make,
    make_client: Make,
    kind: Kind,
) -> Desk:
    """Of a pool with every first factor, and functions that make up a challenge."""
    functions.answer_with("DefineAuthChallenge", challengeName="CUSTOM_CHALLENGE")
    functions.answer_with("CreateAuthChallenge", publicChallengeParameters={"riddle": "?"})
    functions.answer_with("VerifyAuthChallengeResponse", answerCorrect=False)
    pool_id = make_pool(
        Policies={"SignInPolicy": {"AllowedFirstAuthFactors": FACTORS}},
        LambdaConfig={name: arn("api", name) for name in CUSTOM},
        **kind.settings,
    )["Id"]
    cognito.set_user_pool_mfa_config(UserPoolId=pool_id, WebAuthnConfiguration={"RelyingPartyId": PARTY})
    hiding = make_client(pool_id, ExplicitAuthFlows=FLOWS, PreventUserExistenceErrors="ENABLED")
    return Desk(anonymous, clock, pool_id, hiding["ClientId"])


@pytest.fixture
def user(server: Server, desk: Desk, make_user: Make, kind: Kind) -> str:
    """What is typed for a user with every first factor."""
    own = kind.username if "@" in kind.username else ADDRESSES["email"]
    sub: str = make_user(desk.pool_id, kind.username, **ADDRESSES | {"email": own})
    passkey = Passkey("AAAA", NOBODYS_KEY, 0, PARTY, "", "platform", ("hybrid", "internal"), 0)
    server.run(server.store.write(passkeys.add, desk.pool_id, sub, passkey))
    return kind.typed or sub


@pytest.fixture
def stranger(desk: Desk, user: str, kind: Kind) -> str:
    """What is typed for one of those who are offered the same."""
    offered = desk.begin(user, "USER_AUTH")["AvailableChallenges"]
    assert len(offered) == 5
    candidates: Iterator[str] = map(kind.strangers, range(1_000))
    return next(
        each for each in candidates if desk.begin(each, "USER_AUTH")["AvailableChallenges"] == offered
    )


FORMS = (
    ("a UUID", r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    ("16 bytes in hexadecimal", r"(?!00)[0-9a-f]{32}"),
    ("a large number in hexadecimal", r"[0-9a-f]{700,}"),
)


def form_of(value: Any, typed: str) -> Any:
    """What a value looks like, whoever it is about."""
    if isinstance(value, dict):
        return {name: form_of(each, typed) for name, each in value.items()}
    if isinstance(value, list):
        return [form_of(each, typed) for each in value]
    return form_of_text(value, typed) if isinstance(value, str) else value


def form_of_text(text: str, typed: str) -> str:
    if text.lower() == typed.lower():
        return "as typed" if text == typed else "as typed, in lower case" if text == typed.lower() else text
    form = next((name for name, pattern in FORMS if re.fullmatch(pattern, text)), None)
    if form is None and len(text) > 100:
        form = f"{len(text)} characters"
    return form or re.sub(r"\d", "0", re.sub(r"^[a-z](?=\*)|(?<=@)[a-z](?=\*)", "x", text))


def form_of_answer(answer: Any, typed: str) -> Any:
    answer = {**answer, "ChallengeParameters": dict(answer.get("ChallengeParameters", {}))}
    options = answer["ChallengeParameters"].pop("CREDENTIAL_REQUEST_OPTIONS", None)
    if options is not None:
        answer["options"] = json.loads(options)
        passkeys = answer["options"].pop("allowCredentials")
        answer["passkeys"] = {tuple((name, type(each[name])) for name in each) for each in passkeys}
        answer["options"]["challenge"] = len(answer["options"]["challenge"])
    return {name: form_of(value, typed) for name, value in answer.items()}


@pytest.mark.parametrize("given", BEGINNINGS, ids=lambda given: " ".join(list(given.values())[:2])[:40])
def test_members_and_forms_are_the_same(
    desk: Desk, kind: Kind, user: str, stranger: str, given: dict[str, str]
) -> None:
    begun = {typed: desk.begin(typed, **given) for typed in (user, stranger)}
    of_user, of_stranger = (form_of_answer(answer, typed) for typed, answer in begun.items())
    assert of_user == of_stranger
    if "Code" in begun[user]:
        assert begun[user] == {
            "Code": "NotAuthorizedException",
            "Message": "Incorrect username or password.",
        }
        return
    shown = of_user["ChallengeParameters"]
    assert shown.get("USER_ID_FOR_SRP", kind.called) == shown.get("USERNAME", kind.called) == kind.called
    answered = [form_of_answer(desk.answer_wrongly(each, begun[each]), each) for each in (user, stranger)]
    assert answered[0] == answered[1]
