"""Signing in with SRP: stories as a client lives them, and every way to answer that is not the right one."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jwt
import pytest
from botocore.exceptions import ClientError
from types_boto3_cognito_idp import CognitoIdentityProviderClient

from cognomen.clock import MINUTE, SECOND
from cognomen.crypto import powers, srp
from tests import srp_client
from tests.held_clock import HeldClock
from tests.refused import refused

PASSWORD = "Passw0rd!"
INCORRECT = ("NotAuthorizedException", "Incorrect username or password.")
LOCKED = ("NotAuthorizedException", "Password attempts exceeded")

Make = Callable[..., Any]
Cognito = CognitoIdentityProviderClient


def begin(
    anonymous: Cognito, client_id: str, username: str, srp_a: str = srp_client.SRP_A, **more: str
) -> Any:
    return anonymous.initiate_auth(
        AuthFlow="USER_SRP_AUTH",
        ClientId=client_id,
        AuthParameters={"USERNAME": username, "SRP_A": srp_a, **more},
    )


def respond(anonymous: Cognito, client_id: str, answer: dict[str, str], **more: Any) -> Any:
    return anonymous.respond_to_auth_challenge(
        ChallengeName="PASSWORD_VERIFIER", ClientId=client_id, ChallengeResponses=answer, **more
    )


@pytest.fixture
def pool_id(make_pool: Make) -> str:
    return str(make_pool()["Id"])


@pytest.fixture
def client_id(pool_id: str, make_client: Make) -> str:
    return str(make_client(pool_id, ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH"])["ClientId"])


@pytest.fixture
def sign_in(anonymous: Cognito, pool_id: str, client_id: str, clock: HeldClock) -> Callable[..., Any]:
    """Sign in from beginning to end."""

    def sign_in(username: str, password: str = PASSWORD, timestamp: str | None = None) -> Any:
        parameters = begin(anonymous, client_id, username)["ChallengeParameters"]
        answer = srp_client.answer_to(parameters, pool_id, password, clock.now, timestamp)
        return respond(anonymous, client_id, answer)

    return sign_in


@pytest.fixture
def answer(
    anonymous: Cognito, pool_id: str, client_id: str, make_user: Make, clock: HeldClock
) -> dict[str, str]:
    """The right answer of anna to a question that she was just asked."""
    make_user(pool_id, "anna")
    parameters = begin(anonymous, client_id, "anna")["ChallengeParameters"]
    return srp_client.answer_to(parameters, pool_id, PASSWORD, clock.now)


# -- the question -----------------------------------------------------------------------------------------------------


def test_the_question_has_what_clients_need(
    anonymous: Cognito, pool_id: str, client_id: str, make_user: Make
) -> None:
    make_user(pool_id, "anna")
    asked = begin(anonymous, client_id, "anna")
    assert asked["ChallengeName"] == "PASSWORD_VERIFIER"
    assert "Session" not in asked
    assert "AuthenticationResult" not in asked
    parameters = asked["ChallengeParameters"]
    assert parameters.keys() == {"SALT", "SECRET_BLOCK", "SRP_B", "USERNAME", "USER_ID_FOR_SRP"}
    assert parameters["USERNAME"] == parameters["USER_ID_FOR_SRP"] == "anna"
    assert len(bytes.fromhex(parameters["SALT"])) == 16
    assert 0 < int(parameters["SRP_B"], 16) < powers.MODULUS


def test_each_question_is_another_under_the_same_salt(
    anonymous: Cognito, pool_id: str, client_id: str, make_user: Make
) -> None:
    make_user(pool_id, "anna")
    first, second = (begin(anonymous, client_id, "anna")["ChallengeParameters"] for _ in "12")
    assert first["SALT"] == second["SALT"]
    assert first["SRP_B"] != second["SRP_B"]
    assert first["SECRET_BLOCK"] != second["SECRET_BLOCK"]


def test_the_secret_block_is_the_same_in_either_base64(
    anonymous: Cognito, pool_id: str, client_id: str, make_user: Make
) -> None:
    make_user(pool_id, "anna")
    block = begin(anonymous, client_id, "anna")["ChallengeParameters"]["SECRET_BLOCK"]
    assert base64.b64decode(block, validate=True) == base64.urlsafe_b64decode(block)
    assert 900 < len(block) < 2_500


@pytest.mark.parametrize(
    "srp_a",
    [
        pytest.param("0", id="zero"),
        pytest.param("00", id="zero again"),
        pytest.param(f"{powers.MODULUS:x}", id="the modulus"),
        pytest.param(f"{2 * powers.MODULUS:x}", id="a multiple of it"),
        pytest.param(f"{powers.MODULUS + 5:x}", id="a number above it"),
        pytest.param("f" * 10_000, id="a number far too long"),
        pytest.param("xyz", id="no number"),
        pytest.param("-5", id="a negative number"),
        pytest.param("0x1f", id="with a prefix"),
        pytest.param("1_0", id="as Python would read it"),
        pytest.param("\N{FULLWIDTH DIGIT ONE}2", id="digits of another script"),
    ],
)
def test_what_is_no_number_of_the_group_is_refused_at_once(
    anonymous: Cognito, pool_id: str, client_id: str, make_user: Make, srp_a: str
) -> None:
    make_user(pool_id, "anna")
    with refused("InvalidParameterException", "SRP_A is not a number of the group."):
        begin(anonymous, client_id, "anna", srp_a)


@pytest.mark.parametrize("missing", ["USERNAME", "SRP_A"])
def test_what_the_flow_needs_must_be_there(anonymous: Cognito, client_id: str, missing: str) -> None:
    given = {"USERNAME": "anna", "SRP_A": srp_client.SRP_A}
    del given[missing]
    with refused("InvalidParameterException", f"Missing required parameter {missing}"):
        anonymous.initiate_auth(AuthFlow="USER_SRP_AUTH", ClientId=client_id, AuthParameters=given)


def test_a_client_must_allow_the_flow(anonymous: Cognito, pool_id: str, make_client: Make) -> None:
    client_id = make_client(pool_id, ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"])["ClientId"]
    with refused("InvalidParameterException", "USER_SRP_AUTH is not enabled for the client."):
        begin(anonymous, client_id, "anna")


def test_a_client_with_default_flows_allows_it(
    anonymous: Cognito, cognito: Cognito, pool_id: str, make_user: Make
) -> None:
    make_user(pool_id, "anna")
    client = cognito.create_user_pool_client(UserPoolId=pool_id, ClientName="as it comes")["UserPoolClient"]
    assert begin(anonymous, client["ClientId"], "anna")["ChallengeName"] == "PASSWORD_VERIFIER"


# -- the right answer -------------------------------------------------------------------------------------------------


def test_a_right_proof_gives_tokens(pool_id: str, client_id: str, make_user: Make, sign_in: Make) -> None:
    sub = make_user(pool_id, "anna")
    answer = sign_in("anna")
    assert not {"ChallengeName", "Session"} & answer.keys()
    assert answer["ChallengeParameters"] == {}
    tokens = answer["AuthenticationResult"]
    claims = jwt.decode(tokens["AccessToken"], options={"verify_signature": False})
    assert (claims["sub"], claims["username"], claims["client_id"]) == (sub, "anna", client_id)
    assert {"IdToken", "RefreshToken"} <= tokens.keys()


def test_an_administrator_s_program_may_ask_and_answer(
    cognito: Cognito, pool_id: str, client_id: str, make_user: Make, clock: HeldClock
) -> None:
    make_user(pool_id, "anna")
    asked = cognito.admin_initiate_auth(
        UserPoolId=pool_id,
        ClientId=client_id,
        AuthFlow="USER_SRP_AUTH",
        AuthParameters={"USERNAME": "anna", "SRP_A": srp_client.SRP_A},
    )
    answer = srp_client.answer_to(asked["ChallengeParameters"], pool_id, PASSWORD, clock.now)
    signed_in = cognito.admin_respond_to_auth_challenge(
        UserPoolId=pool_id, ClientId=client_id, ChallengeName="PASSWORD_VERIFIER", ChallengeResponses=answer
    )
    assert "AccessToken" in signed_in["AuthenticationResult"]


def test_in_a_pool_of_addresses_the_proof_is_over_the_sub(
    anonymous: Cognito, make_pool: Make, make_client: Make, make_user: Make, clock: HeldClock
) -> None:
    pool_id = make_pool(UsernameAttributes=["email"])["Id"]
    client_id = make_client(pool_id, ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH"])["ClientId"]
    sub = make_user(pool_id, "anna@example.com")
    parameters = begin(anonymous, client_id, "anna@example.com")["ChallengeParameters"]
    assert parameters["USER_ID_FOR_SRP"] == sub
    answer = srp_client.answer_to(parameters, pool_id, PASSWORD, clock.now)
    assert "AuthenticationResult" in respond(anonymous, client_id, answer)
    parameters = begin(anonymous, client_id, "anna@example.com")["ChallengeParameters"]
    answer = srp_client.answer_to(parameters, pool_id, PASSWORD, clock.now)
    assert "AuthenticationResult" in respond(
        anonymous, client_id, answer | {"USERNAME": "anna@example.com"}
    ), "the name that was typed may stand in the answer"


def test_a_temporary_password_is_proven_and_then_replaced(
    anonymous: Cognito, pool_id: str, client_id: str, make_user: Make, sign_in: Make
) -> None:
    make_user(pool_id, "anna", permanent=False)
    asked = sign_in("anna")
    assert asked["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    done = anonymous.respond_to_auth_challenge(
        ChallengeName="NEW_PASSWORD_REQUIRED",
        ClientId=client_id,
        Session=asked["Session"],
        ChallengeResponses={"USERNAME": "anna", "NEW_PASSWORD": "N3w-Passw0rd!"},
    )
    assert "AuthenticationResult" in done
    assert "AuthenticationResult" in sign_in("anna", "N3w-Passw0rd!")
    with refused(*INCORRECT):
        sign_in("anna")


def test_a_client_with_a_secret_proves_it_in_both_requests(
    anonymous: Cognito, pool_id: str, make_client: Make, make_user: Make, clock: HeldClock
) -> None:
    make_user(pool_id, "anna")
    client = make_client(pool_id, GenerateSecret=True, ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH"])
    client_id = client["ClientId"]
    digest = hmac.digest(client["ClientSecret"].encode(), f"anna{client_id}".encode(), hashlib.sha256)
    secret_hash = base64.b64encode(digest).decode()
    with refused("NotAuthorizedException"):
        begin(anonymous, client_id, "anna")
    parameters = begin(anonymous, client_id, "anna", SECRET_HASH=secret_hash)["ChallengeParameters"]
    answer = srp_client.answer_to(parameters, pool_id, PASSWORD, clock.now)
    with refused("NotAuthorizedException"):
        respond(anonymous, client_id, answer)
    assert "AuthenticationResult" in respond(anonymous, client_id, answer | {"SECRET_HASH": secret_hash})


def test_a_session_may_be_sent_along_and_means_nothing(
    anonymous: Cognito, client_id: str, answer: dict[str, str]
) -> None:
    assert "AuthenticationResult" in respond(anonymous, client_id, answer, Session="s" * 20)


# -- every other answer -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("password", ["passw0rd!", "", PASSWORD + " ", PASSWORD * 2])
def test_another_password_is_wrong(
    pool_id: str, make_user: Make, sign_in: Callable[..., Any], password: str
) -> None:
    make_user(pool_id, "anna")
    with refused(*INCORRECT):
        sign_in("anna", password)


def test_a_secret_block_is_good_once(anonymous: Cognito, client_id: str, answer: dict[str, str]) -> None:
    respond(anonymous, client_id, answer)
    with refused(*INCORRECT):
        respond(anonymous, client_id, answer)


def test_a_wrong_answer_spends_the_secret_block(
    anonymous: Cognito, client_id: str, answer: dict[str, str]
) -> None:
    with refused(*INCORRECT):
        respond(
            anonymous, client_id, answer | {"PASSWORD_CLAIM_SIGNATURE": base64.b64encode(bytes(32)).decode()}
        )
    with refused(*INCORRECT):
        respond(anonymous, client_id, answer)


def test_a_secret_block_is_good_once_even_for_many_at_the_same_moment(
    anonymous: Cognito, client_id: str, answer: dict[str, str]
) -> None:
    def outcome(_: int) -> str:
        try:
            return "signed in" if "AuthenticationResult" in respond(anonymous, client_id, answer) else "asked"
        except ClientError as error:
            return str(error.response["Error"]["Message"])

    with ThreadPoolExecutor(8) as threads:
        outcomes = list(threads.map(outcome, range(8)))
    assert sorted(outcomes) == sorted(["signed in"] + 7 * [INCORRECT[1]])


def altered(block: str) -> str:
    """The block with one bit of what is sealed changed."""
    session = base64.b64decode(block).decode()
    middle = len(session) // 2
    changed = "A" if session[middle] != "A" else "B"
    return base64.b64encode((session[:middle] + changed + session[middle + 1 :]).encode()).decode()


@pytest.mark.parametrize(
    "member",
    [
        pytest.param({"PASSWORD_CLAIM_SECRET_BLOCK": "c2VjcmV0"}, id="a block that was never given"),
        pytest.param({"PASSWORD_CLAIM_SECRET_BLOCK": "\N{SNOWMAN}"}, id="a block that is no base64"),
        pytest.param({"PASSWORD_CLAIM_SECRET_BLOCK": ""}, id="an empty block"),
        pytest.param({"PASSWORD_CLAIM_SECRET_BLOCK": "YWJj" * 5_000}, id="a long block"),
        pytest.param({"PASSWORD_CLAIM_SIGNATURE": ""}, id="no signature"),
        pytest.param({"PASSWORD_CLAIM_SIGNATURE": "\N{SNOWMAN}"}, id="a signature that is none"),
        pytest.param({"TIMESTAMP": "Mon Jan 5 09:08:07 UTC 2026"}, id="another time than was signed"),
        pytest.param({"TIMESTAMP": "yesterday"}, id="no time"),
        pytest.param({"USERNAME": "nobody"}, id="another name"),
    ],
)
def test_what_is_altered_is_told_as_a_wrong_password(
    anonymous: Cognito, client_id: str, answer: dict[str, str], member: dict[str, str]
) -> None:
    with refused(*INCORRECT):
        respond(anonymous, client_id, answer | member)


def test_an_altered_block_is_told_as_a_wrong_password(
    anonymous: Cognito, pool_id: str, client_id: str, make_user: Make, clock: HeldClock
) -> None:
    make_user(pool_id, "anna")
    parameters = begin(anonymous, client_id, "anna")["ChallengeParameters"]
    parameters["SECRET_BLOCK"] = altered(parameters["SECRET_BLOCK"])
    with refused(*INCORRECT):
        respond(anonymous, client_id, srp_client.answer_to(parameters, pool_id, PASSWORD, clock.now))


@pytest.mark.parametrize("missing", ["PASSWORD_CLAIM_SECRET_BLOCK", "PASSWORD_CLAIM_SIGNATURE", "TIMESTAMP"])
def test_what_the_answer_needs_must_be_there(
    anonymous: Cognito, client_id: str, answer: dict[str, str], missing: str
) -> None:
    del answer[missing]
    with refused("InvalidParameterException", f"Missing required parameter {missing}"):
        respond(anonymous, client_id, answer)


def test_the_time_in_the_answer_must_be_near(
    anonymous: Cognito, pool_id: str, client_id: str, make_user: Make, clock: HeldClock
) -> None:
    make_user(pool_id, "anna")
    for apart, is_near in (
        (5 * MINUTE, False),
        (-6 * MINUTE, False),
        (4 * MINUTE, True),
        (-4 * MINUTE, True),
    ):
        parameters = begin(anonymous, client_id, "anna")["ChallengeParameters"]
        moment = clock.now + apart + SECOND
        given = srp_client.answer_to(parameters, pool_id, PASSWORD, moment)
        if is_near:
            assert "AuthenticationResult" in respond(anonymous, client_id, given)
        else:
            with refused(*INCORRECT):
                respond(anonymous, client_id, given)


def test_a_day_of_two_digits_must_not_begin_with_zero(
    pool_id: str, make_user: Make, sign_in: Make, clock: HeldClock
) -> None:
    make_user(pool_id, "anna")
    right = srp.format_timestamp(clock.now)
    weekday, month, day, *rest = right.split(" ")
    for wrong in (f"{weekday} {month} 0{day} {' '.join(rest)}", right.lower(), right.replace("UTC", "GMT")):
        with refused(*INCORRECT):
            sign_in("anna", timestamp=wrong)


def test_an_answer_must_come_while_the_client_says(
    anonymous: Cognito, pool_id: str, client_id: str, make_user: Make, clock: HeldClock
) -> None:
    make_user(pool_id, "anna")
    parameters = begin(anonymous, client_id, "anna")["ChallengeParameters"]
    clock.advance(3 * MINUTE)
    with refused(*INCORRECT):
        respond(anonymous, client_id, srp_client.answer_to(parameters, pool_id, PASSWORD, clock.now))


def test_a_block_belongs_to_its_user(
    anonymous: Cognito, pool_id: str, client_id: str, make_user: Make, clock: HeldClock
) -> None:
    for name in ("anna", "bert"):
        make_user(pool_id, name)
    of_anna, of_bert = (begin(anonymous, client_id, name)["ChallengeParameters"] for name in ("anna", "bert"))
    mixed = of_bert | {"SECRET_BLOCK": of_anna["SECRET_BLOCK"]}
    with refused(*INCORRECT):
        respond(anonymous, client_id, srp_client.answer_to(mixed, pool_id, PASSWORD, clock.now))


def test_a_block_belongs_to_its_client_and_pool(
    anonymous: Cognito,
    pool_id: str,
    make_pool: Make,
    make_client: Make,
    make_user: Make,
    answer: dict[str, str],
) -> None:
    other_pool_id = make_pool()["Id"]
    make_user(other_pool_id, "anna")
    for other in (pool_id, other_pool_id):
        other_client_id = make_client(other, ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH"])["ClientId"]
        with refused(*INCORRECT):
            respond(anonymous, other_client_id, answer)


def test_what_carries_one_question_answers_no_other(
    anonymous: Cognito, pool_id: str, client_id: str, make_user: Make, answer: dict[str, str]
) -> None:
    block = answer["PASSWORD_CLAIM_SECRET_BLOCK"]
    for session in (block[:4096], base64.b64decode(block).decode()):
        with refused("NotAuthorizedException", "Invalid session for the user."):
            anonymous.respond_to_auth_challenge(
                ChallengeName="NEW_PASSWORD_REQUIRED",
                ClientId=client_id,
                Session=session,
                ChallengeResponses={"USERNAME": "anna", "NEW_PASSWORD": "N3w-Passw0rd!"},
            )


def test_a_user_who_changes_meanwhile_begins_anew(
    cognito: Cognito, anonymous: Cognito, pool_id: str, client_id: str, answer: dict[str, str]
) -> None:
    cognito.admin_set_user_password(UserPoolId=pool_id, Username="anna", Password=PASSWORD, Permanent=True)
    with refused(*INCORRECT):
        respond(anonymous, client_id, answer)


def test_whose_password_is_reset_meanwhile_is_told_so(
    cognito: Cognito, anonymous: Cognito, pool_id: str, client_id: str, answer: dict[str, str]
) -> None:
    email: Any = [
        {"Name": "email", "Value": "anna@example.com"},
        {"Name": "email_verified", "Value": "true"},
    ]
    cognito.admin_update_user_attributes(UserPoolId=pool_id, Username="anna", UserAttributes=email)
    cognito.admin_reset_user_password(UserPoolId=pool_id, Username="anna")
    with refused("PasswordResetRequiredException", "Password reset required for the user"):
        respond(anonymous, client_id, answer)


def test_a_user_who_is_disabled_or_gone_meanwhile(
    cognito: Cognito, anonymous: Cognito, pool_id: str, client_id: str, answer: dict[str, str]
) -> None:
    cognito.admin_disable_user(UserPoolId=pool_id, Username="anna")
    with refused("NotAuthorizedException", "User is disabled."):
        respond(anonymous, client_id, answer)
    cognito.admin_delete_user(UserPoolId=pool_id, Username="anna")
    with refused(*INCORRECT):
        respond(anonymous, client_id, answer)


# -- the lock-out, and who does not exist -----------------------------------------------------------------------------


def test_wrong_proofs_and_wrong_passwords_count_together(
    anonymous: Cognito, pool_id: str, make_client: Make, make_user: Make, sign_in: Make, clock: HeldClock
) -> None:
    make_user(pool_id, "anna")
    other_client_id = make_client(pool_id)["ClientId"]
    for _ in range(3):
        with refused(*INCORRECT):
            sign_in("anna", "wrong")
    for _ in range(2):
        with refused(*INCORRECT):
            anonymous.initiate_auth(
                AuthFlow="USER_PASSWORD_AUTH",
                ClientId=other_client_id,
                AuthParameters={"USERNAME": "anna", "PASSWORD": "wrong"},
            )
    with refused(*LOCKED):
        sign_in("anna")
    clock.advance(SECOND)
    assert "AuthenticationResult" in sign_in("anna")


def test_a_lock_that_began_after_the_question_holds_for_the_answer(
    anonymous: Cognito, client_id: str, answer: dict[str, str], sign_in: Make
) -> None:
    for _ in range(5):
        with refused(*INCORRECT):
            sign_in("anna", "wrong")
    with refused(*LOCKED):
        respond(anonymous, client_id, answer)


def test_a_stranger_is_told_of_where_the_client_says_so(anonymous: Cognito, client_id: str) -> None:
    with refused("UserNotFoundException", "User does not exist."):
        begin(anonymous, client_id, "nobody")


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        pytest.param({}, "otto", id="plain"),
        pytest.param({"UsernameAttributes": ["email"]}, "otto@example.com", id="addresses"),
    ],
)
def test_a_stranger_is_asked_and_answered_as_a_user_with_a_wrong_password(
    anonymous: Cognito,
    make_pool: Make,
    make_client: Make,
    make_user: Make,
    clock: HeldClock,
    settings: dict[str, Any],
    name: str,
) -> None:
    pool_id = make_pool(**settings)["Id"]
    client_id = make_client(
        pool_id, ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH"], PreventUserExistenceErrors="ENABLED"
    )["ClientId"]
    user_name = name.replace("otto", "anna")
    make_user(pool_id, user_name)
    of_user, first, again = (
        begin(anonymous, client_id, who)["ChallengeParameters"] for who in (user_name, name, name)
    )
    stable = ("SALT", "USERNAME", "USER_ID_FOR_SRP")
    assert [first[member] for member in stable] == [again[member] for member in stable]
    assert first["SRP_B"] != again["SRP_B"]
    for member in ("SALT", "SECRET_BLOCK"):
        assert len(first[member]) == len(of_user[member])
    assert (first["USERNAME"] == name) is (of_user["USERNAME"] == user_name)
    for _ in range(5):
        asked = begin(anonymous, client_id, name)["ChallengeParameters"]
        with refused(*INCORRECT):
            respond(anonymous, client_id, srp_client.answer_to(asked, pool_id, PASSWORD, clock.now))
    with refused(*LOCKED):
        begin(anonymous, client_id, name)


def test_a_user_without_a_password_is_asked_all_the_same_and_never_right(
    cognito: Cognito, anonymous: Cognito, make_pool: Make, make_client: Make, clock: HeldClock
) -> None:
    pool_id = make_pool(
        Policies={"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP"]}},
        UserPoolTier="ESSENTIALS",
    )["Id"]
    client_id = make_client(pool_id, ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH"])["ClientId"]
    cognito.admin_create_user(
        UserPoolId=pool_id,
        Username="anna",
        MessageAction="SUPPRESS",
        UserAttributes=[
            {"Name": "email", "Value": "anna@example.com"},
            {"Name": "email_verified", "Value": "true"},
        ],
    )
    first, again = (begin(anonymous, client_id, "anna")["ChallengeParameters"] for _ in "12")
    assert first["SALT"] == again["SALT"]
    for password in (PASSWORD, ""):
        asked = begin(anonymous, client_id, "anna")["ChallengeParameters"]
        with refused(*INCORRECT):
            respond(anonymous, client_id, srp_client.answer_to(asked, pool_id, password, clock.now))


def test_a_disabled_user_is_not_asked(
    cognito: Cognito, anonymous: Cognito, pool_id: str, client_id: str, make_user: Make
) -> None:
    make_user(pool_id, "anna")
    cognito.admin_disable_user(UserPoolId=pool_id, Username="anna")
    with refused("NotAuthorizedException", "User is disabled."):
        begin(anonymous, client_id, "anna")
