"""Signing in right after signing up, with no proof but the code that confirmed."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen.clock import DAY, MINUTE
from cognomen.errors import Refusal
from tests.codes import newest_code
from tests.held_clock import HeldClock
from tests.late import Late
from tests.refused import refused
from tests.server import Server

Make = Callable[..., Any]

INVALID = ("NotAuthorizedException", "Invalid session for the user.")
SPENT = ("NotAuthorizedException", "Invalid session for the user, session can only be used once.")


@pytest.fixture
def pool_id(make_pool: Make) -> str:
    policy = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP"]}}
    return str(make_pool(Policies=policy, AutoVerifiedAttributes=["email"])["Id"])


@pytest.fixture
def client_id(pool_id: str, make_client: Make) -> str:
    return str(make_client(pool_id, ExplicitAuthFlows=["ALLOW_USER_AUTH"])["ClientId"])


def sign_up(anonymous: Cognito, client_id: str, username: str = "anna", **more: Any) -> Any:
    """Without a password, which nobody needs here."""
    email = [{"Name": "email", "Value": f"{username}@example.com"}]
    return anonymous.sign_up(ClientId=client_id, Username=username, **({"UserAttributes": email} | more))


def confirm(anonymous: Cognito, client_id: str, code: str, username: str = "anna", **more: Any) -> Any:
    return anonymous.confirm_sign_up(ClientId=client_id, Username=username, ConfirmationCode=code, **more)


def sign_in(anonymous: Cognito, client_id: str, session: str, username: str = "anna", **more: str) -> Any:
    return anonymous.initiate_auth(
        AuthFlow="USER_AUTH",
        ClientId=client_id,
        Session=session,
        AuthParameters={"USERNAME": username, **more},
    )


@pytest.fixture
def session(server: Server, anonymous: Cognito, pool_id: str, client_id: str) -> str:
    """Of anna, who has just confirmed."""
    signed_up = sign_up(anonymous, client_id)
    code = newest_code(server, pool_id)
    return str(confirm(anonymous, client_id, code, Session=signed_up["Session"])["Session"])


@pytest.mark.parametrize("more", [{}, {"PREFERRED_CHALLENGE": "EMAIL_OTP"}, {"PASSWORD": "whatever"}])
def test_who_has_just_confirmed_signs_in_without_another_code(
    anonymous: Cognito, client_id: str, session: str, more: dict[str, str]
) -> None:
    done = sign_in(anonymous, client_id, session, **more)
    attributes = anonymous.get_user(AccessToken=done["AuthenticationResult"]["AccessToken"])["UserAttributes"]
    assert {"Name": "email_verified", "Value": "true"} in attributes
    with refused(*SPENT):
        sign_in(anonymous, client_id, session, **more)


def test_it_counts_once_also_of_two_at_the_same_moment(
    anonymous: Cognito, client_id: str, session: str
) -> None:
    def outcome(_: int) -> str:
        try:
            sign_in(anonymous, client_id, session)
        except ClientError as refusal:
            return str(refusal.response["Error"]["Message"])
        return "signed in"

    with ThreadPoolExecutor() as threads:
        assert sorted(threads.map(outcome, range(2))) == [SPENT[1], "signed in"]


def test_it_does_not_sign_in_who_was_disabled_meanwhile(
    server: Server, cognito: Cognito, pool_id: str, client_id: str, session: str
) -> None:
    late: Any = Late(server, lambda: cognito.admin_disable_user(UserPoolId=pool_id, Username="anna"))
    with pytest.raises(Refusal, match=INVALID[1]):
        sign_in(late, client_id, session)


def test_it_is_good_for_minutes(
    server: Server, anonymous: Cognito, clock: HeldClock, pool_id: str, client_id: str
) -> None:
    signed_up = sign_up(anonymous, client_id)
    clock.now += DAY - 1
    code = newest_code(server, pool_id)
    session = confirm(anonymous, client_id, code, Session=signed_up["Session"])["Session"]
    clock.now += 3 * MINUTE
    with refused("NotAuthorizedException", "Invalid session for the user, session is expired."):
        sign_in(anonymous, client_id, session)


def test_it_is_of_its_user_and_its_client(
    anonymous: Cognito, pool_id: str, client_id: str, session: str, make_client: Make, make_user: Make
) -> None:
    make_user(pool_id, "bert")
    with refused(*INVALID):
        sign_in(anonymous, client_id, session, "bert")
    with refused("UserNotFoundException"):
        anonymous.initiate_auth(
            AuthFlow="USER_AUTH", ClientId=client_id, AuthParameters={"USERNAME": "nobody"}
        )
    other = make_client(pool_id, ExplicitAuthFlows=["ALLOW_USER_AUTH"])["ClientId"]
    with refused(*INVALID):
        sign_in(anonymous, other, session)
    assert sign_in(anonymous, client_id, session)["AuthenticationResult"]


def test_a_session_of_another_kind_does_not_count(
    anonymous: Cognito, pool_id: str, client_id: str, make_user: Make
) -> None:
    make_user(pool_id, "bert", email="bert@example.com")
    signed_up = sign_up(anonymous, client_id)["Session"]
    asked = anonymous.initiate_auth(
        AuthFlow="USER_AUTH", ClientId=client_id, AuthParameters={"USERNAME": "bert"}
    )
    for username, session in (("bert", asked["Session"]), ("anna", signed_up), ("bert", "x" * 20)):
        with refused(*INVALID):
            sign_in(anonymous, client_id, session, username)


def test_it_answers_no_challenge(anonymous: Cognito, client_id: str, session: str) -> None:
    for challenge, answer in (("PASSWORD", {"PASSWORD": "x"}), ("SELECT_CHALLENGE", {"ANSWER": "EMAIL_OTP"})):
        with refused(*INVALID):
            anonymous.respond_to_auth_challenge(
                ChallengeName=challenge,  # type: ignore[arg-type]
                ClientId=client_id,
                Session=session,
                ChallengeResponses={"USERNAME": "anna", **answer},
            )


def test_the_session_of_the_sign_up_need_not_come_along(
    server: Server, anonymous: Cognito, pool_id: str, client_id: str
) -> None:
    sign_up(anonymous, client_id)
    session = confirm(anonymous, client_id, newest_code(server, pool_id))["Session"]
    assert sign_in(anonymous, client_id, session)["AuthenticationResult"]


def test_a_session_of_another_sign_up_is_refused(
    server: Server,
    anonymous: Cognito,
    clock: HeldClock,
    pool_id: str,
    client_id: str,
    make_client: Make,
) -> None:
    of_anna = sign_up(anonymous, client_id)["Session"]
    clock.now += 1_000
    other = make_client(pool_id, ExplicitAuthFlows=["ALLOW_USER_AUTH"])["ClientId"]
    of_bert = sign_up(anonymous, client_id, "bert")["Session"]
    code = newest_code(server, pool_id)
    for client, session in ((client_id, of_anna), (other, of_bert), (client_id, "x" * 20)):
        with refused(*INVALID):
            confirm(anonymous, client, code, "bert", Session=session)
    assert confirm(anonymous, client_id, code, "bert", Session=of_bert)["Session"]


def test_of_a_name_that_nobody_has_no_session_counts(
    anonymous: Cognito, pool_id: str, client_id: str, make_client: Make
) -> None:
    hiding = make_client(
        pool_id, ExplicitAuthFlows=["ALLOW_USER_AUTH"], PreventUserExistenceErrors="ENABLED"
    )["ClientId"]
    of_anna = sign_up(anonymous, hiding)["Session"]
    for username in ("nobody", "anna"):
        with refused(*INVALID):
            confirm(anonymous, hiding, "000000", username, Session="x" * 20)
    with refused(*INVALID):
        confirm(anonymous, hiding, "000000", "nobody", Session=of_anna)


def test_a_confirmation_has_no_session_where_a_code_does_not_sign_in(
    server: Server, anonymous: Cognito, pool_id: str, make_client: Make
) -> None:
    other = make_client(pool_id)["ClientId"]
    sign_up(anonymous, other)
    assert "Session" not in confirm(anonymous, other, newest_code(server, pool_id))


def test_a_sign_up_has_no_session_where_a_code_does_not_sign_in(
    cognito: Cognito, anonymous: Cognito, pool_id: str, client_id: str, make_client: Make
) -> None:
    assert "Session" not in sign_up(anonymous, make_client(pool_id)["ClientId"]), "of the client"
    assert "Session" not in sign_up(anonymous, client_id, "bert", UserAttributes=[]), "without a code"
    cognito.update_user_pool(
        UserPoolId=pool_id,
        AutoVerifiedAttributes=["email"],
        Policies={"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD"]}},
    )
    assert "Session" not in sign_up(anonymous, client_id, "carl", Password="Passw0rd!"), "of the pool"


def test_a_session_is_worth_nothing_once_the_pool_changed_its_mind(
    cognito: Cognito, anonymous: Cognito, pool_id: str, client_id: str, session: str
) -> None:
    cognito.update_user_pool(
        UserPoolId=pool_id, Policies={"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD"]}}
    )
    with refused(*INVALID):
        sign_in(anonymous, client_id, session)


def test_who_was_disabled_or_changed_meanwhile_does_not_sign_in(
    cognito: Cognito, anonymous: Cognito, pool_id: str, client_id: str, session: str
) -> None:
    cognito.admin_disable_user(UserPoolId=pool_id, Username="anna")
    with refused("NotAuthorizedException", "User is disabled."):
        sign_in(anonymous, client_id, session)
    cognito.admin_enable_user(UserPoolId=pool_id, Username="anna")
    with refused(*INVALID):
        sign_in(anonymous, client_id, session)
