"""What a request tells of the device that it comes from: it never stands in the way of what a wrong answer costs."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen.clock import SECOND
from cognomen.risk import events
from cognomen.store import auth_events
from cognomen.users import codes
from tests.adaptive import BY_MAIL, in_mode
from tests.codes import newest_code, wrong
from tests.conftest import PASSWORD
from tests.held_clock import HeldClock
from tests.refused import refused
from tests.second_factors import OWN_SENDER, Client
from tests.server import Server

Make = Callable[..., Any]

DEEP = base64.b64encode(
    b'{"payload":"{}","signature":"a","version":"v","z":' + b"[" * 3000 + b"]" * 3000 + b"}"
).decode()
"""What no decoder follows to its end."""

EXCEEDED = ("NotAuthorizedException", "Password attempts exceeded")


@pytest.fixture
def pool(
    cognito: Cognito,
    anonymous: Cognito,
    make_pool: Make,
    make_client: Make,
    make_user: Make,
    clock: HeldClock,
) -> Client:
    """It audits, which must cost nothing of what holds without."""
    pool_id = make_pool(**in_mode("AUDIT"), EmailConfiguration=OWN_SENDER, AccountRecoverySetting=BY_MAIL)[
        "Id"
    ]
    client_id = make_client(pool_id, ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"])["ClientId"]
    make_user(pool_id, "ada", email="ada@example.com", email_verified="true")
    return Client(cognito, anonymous, pool_id, client_id, clock)


def sign_in(pool: Client, password: str, encoded: str = "") -> Any:
    return pool.anonymous.initiate_auth(
        AuthFlow="USER_PASSWORD_AUTH",
        ClientId=pool.client_id,
        AuthParameters={"USERNAME": "ada", "PASSWORD": password},
        UserContextData={"EncodedData": encoded},
    )


def confirm(pool: Client, code: str) -> None:
    pool.anonymous.confirm_forgot_password(
        ClientId=pool.client_id,
        Username="ada",
        ConfirmationCode=code,
        Password="Another1!",
        UserContextData={"EncodedData": DEEP},
    )


def exhaust(pool: Client, code: str) -> None:
    """Try as many wrong codes as the hour has left: asking for the code counts too."""
    for _ in range(codes.FORGOT_QUOTA.an_hour - 1):
        with refused("CodeMismatchException"):
            confirm(pool, wrong(code))


def test_a_wrong_password_counts_whatever_is_told_of_the_device(pool: Client) -> None:
    for _ in range(5):
        with refused("NotAuthorizedException", "Incorrect username or password."):
            sign_in(pool, "wrong", DEEP)
    with refused(*EXCEEDED):
        sign_in(pool, PASSWORD)


def test_so_does_a_wrong_code_of_an_app(pool: Client) -> None:
    pool.offer("SOFTWARE_TOKEN_MFA")
    app = pool.give_app("ada")
    pool.prefer("ada", "SOFTWARE_TOKEN_MFA")
    asked = pool.sign_in("ada")

    def answer(code: str) -> None:
        pool.anonymous.respond_to_auth_challenge(
            ChallengeName="SOFTWARE_TOKEN_MFA",
            ClientId=pool.client_id,
            Session=asked["Session"],
            ChallengeResponses={"USERNAME": "ada", "SOFTWARE_TOKEN_MFA_CODE": code},
            UserContextData={"EncodedData": DEEP},
        )

    for _ in range(5):
        with refused("CodeMismatchException"):
            answer(wrong(app.code()))
    with refused("NotAuthorizedException"):
        answer(app.code())


def test_so_does_a_wrong_code_for_a_forgotten_password(pool: Client, server: Server) -> None:
    pool.anonymous.forgot_password(ClientId=pool.client_id, Username="ada")
    code = newest_code(server, pool.pool_id)
    exhaust(pool, code)
    with refused("LimitExceededException"):
        confirm(pool, code)


def test_the_right_answer_is_as_good_with_it(pool: Client) -> None:
    assert "AuthenticationResult" in sign_in(pool, PASSWORD, DEEP)


def _fail(*_: object, **__: object) -> Any:
    raise RecursionError


@pytest.mark.parametrize(("room", "name"), [(events, "of_call"), (auth_events, "put")])
def test_what_cannot_be_recorded_counts(
    pool: Client, server: Server, monkeypatch: pytest.MonkeyPatch, room: Any, name: str
) -> None:
    """The event is lost, and the log says so."""
    token = pool.tokens("ada")["AccessToken"]
    pool.anonymous.forgot_password(ClientId=pool.client_id, Username="ada")
    code = newest_code(server, pool.pool_id)
    with monkeypatch.context() as broken:
        broken.setattr(room, name, _fail)
        for _ in range(5):
            with refused("NotAuthorizedException", "Incorrect username or password."):
                sign_in(pool, "wrong")
        exhaust(pool, code)
    with refused("LimitExceededException"):
        confirm(pool, code)
    with refused(*EXCEEDED):
        sign_in(pool, PASSWORD)
    pool.clock.advance(2 * SECOND)
    with monkeypatch.context() as broken:
        broken.setattr(room, name, _fail)
        with refused("NotAuthorizedException", "Incorrect username or password."):
            pool.anonymous.change_password(
                AccessToken=token, PreviousPassword="wrong", ProposedPassword="Another1!"
            )
    with refused(*EXCEEDED):
        sign_in(pool, PASSWORD)
