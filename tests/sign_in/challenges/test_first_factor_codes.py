"""Codes by e-mail and SMS as the first factor: stories, and every way to answer that is not the right one."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen.clock import HOUR, MINUTE
from tests.codes import messages_of, newest_code, wrong
from tests.held_clock import HeldClock
from tests.late import Late
from tests.refused import refused
from tests.server import Server

Make = Callable[..., Any]

MISMATCH = ("CodeMismatchException", "Invalid code or auth state for the user.")
SPENT = ("NotAuthorizedException", "Invalid session for the user, session can only be used once.")
INVALID = ("NotAuthorizedException", "Invalid session for the user.")
LOCKED = ("NotAuthorizedException", "Password attempts exceeded")
FACTORS = ["PASSWORD", "EMAIL_OTP", "SMS_OTP"]
BOTH = {"email": "anna@example.com", "phone_number": "+15550001234"}
VERIFIED = {"EMAIL_OTP": "email_verified", "SMS_OTP": "phone_number_verified"}


@pytest.fixture
def pool_id(make_pool: Make) -> str:
    policy = {"SignInPolicy": {"AllowedFirstAuthFactors": FACTORS}}
    return str(make_pool(Policies=policy, AutoVerifiedAttributes=["email"])["Id"])


@pytest.fixture
def client_id(pool_id: str, make_client: Make) -> str:
    return str(make_client(pool_id, ExplicitAuthFlows=["ALLOW_USER_AUTH"])["ClientId"])


@pytest.fixture
def hiding(pool_id: str, make_client: Make) -> str:
    """A client that does not tell who exists."""
    settings = {"ExplicitAuthFlows": ["ALLOW_USER_AUTH"], "PreventUserExistenceErrors": "ENABLED"}
    return str(make_client(pool_id, **settings)["ClientId"])


@pytest.fixture
def anna(cognito: Cognito, pool_id: str) -> str:
    """Who has no password."""
    user = cognito.admin_create_user(
        UserPoolId=pool_id,
        Username="anna",
        MessageAction="SUPPRESS",
        UserAttributes=[{"Name": name, "Value": value} for name, value in BOTH.items()],
    )["User"]
    assert user["UserStatus"] == "CONFIRMED"
    return "anna"


def begin(anonymous: Cognito, client_id: str, factor: str = "EMAIL_OTP", username: str = "anna") -> Any:
    return anonymous.initiate_auth(
        AuthFlow="USER_AUTH",
        ClientId=client_id,
        AuthParameters={"USERNAME": username, "PREFERRED_CHALLENGE": factor},
    )


def respond(
    anonymous: Cognito,
    client_id: str,
    session: str,
    code: str,
    factor: Any = "EMAIL_OTP",
    username: str = "anna",
) -> Any:
    return anonymous.respond_to_auth_challenge(
        ChallengeName=factor,
        ClientId=client_id,
        Session=session,
        ChallengeResponses={"USERNAME": username, f"{factor}_CODE": code},
    )


def attributes_of(cognito: Cognito, pool_id: str, username: str = "anna") -> dict[str, str]:
    user = cognito.admin_get_user(UserPoolId=pool_id, Username=username)
    return {each["Name"]: each["Value"] for each in user["UserAttributes"]} | {"status": user["UserStatus"]}


@pytest.mark.usefixtures("anna")
@pytest.mark.parametrize(
    ("factor", "medium", "destination"),
    [("EMAIL_OTP", "EMAIL", "a***@e***"), ("SMS_OTP", "SMS", "+*******1234")],
)
def test_a_code_signs_in_and_verifies_the_address(
    server: Server,
    cognito: Cognito,
    anonymous: Cognito,
    pool_id: str,
    client_id: str,
    factor: str,
    medium: str,
    destination: str,
) -> None:
    asked = begin(anonymous, client_id, factor)
    assert asked["ChallengeName"] == factor
    assert asked["AvailableChallenges"] == ["EMAIL_OTP", "SMS_OTP"]
    assert asked["ChallengeParameters"] == {
        "CODE_DELIVERY_DELIVERY_MEDIUM": medium,
        "CODE_DELIVERY_DESTINATION": destination,
    }
    (message,) = messages_of(server, pool_id)
    code = message["code"]
    assert (len(code), code.isdigit(), code in message["body"]) == (8, True, True)
    assert message["destination"] in BOTH.values()
    assert VERIFIED[factor] not in attributes_of(cognito, pool_id)
    assert respond(anonymous, client_id, asked["Session"], code, factor)["AuthenticationResult"]
    assert attributes_of(cognito, pool_id)[VERIFIED[factor]] == "true"
    with refused(*SPENT):
        respond(anonymous, client_id, asked["Session"], code, factor)


@pytest.mark.usefixtures("anna")
def test_a_code_is_sent_when_it_is_chosen(
    server: Server, anonymous: Cognito, pool_id: str, client_id: str
) -> None:
    asked = anonymous.initiate_auth(
        AuthFlow="USER_AUTH", ClientId=client_id, AuthParameters={"USERNAME": "anna"}
    )
    assert messages_of(server, pool_id) == []
    asked = anonymous.respond_to_auth_challenge(
        ChallengeName="SELECT_CHALLENGE",
        ClientId=client_id,
        Session=asked["Session"],
        ChallengeResponses={"USERNAME": "anna", "ANSWER": "EMAIL_OTP"},
    )
    code = newest_code(server, pool_id)
    assert respond(anonymous, client_id, asked["Session"], code)["AuthenticationResult"]


@pytest.mark.usefixtures("anna")
def test_a_wrong_code_leaves_the_session_until_it_expires(
    server: Server, anonymous: Cognito, clock: HeldClock, pool_id: str, client_id: str
) -> None:
    session = begin(anonymous, client_id)["Session"]
    code = newest_code(server, pool_id)
    for bad in (wrong(code), code[:6], "", f"{code} "):
        with refused(*MISMATCH):
            respond(anonymous, client_id, session, bad)
    clock.now += 3 * MINUTE
    with refused("NotAuthorizedException", "Invalid session for the user, session is expired."):
        respond(anonymous, client_id, session, code)


@pytest.mark.usefixtures("anna")
def test_a_code_is_of_one_sign_in(
    server: Server, anonymous: Cognito, clock: HeldClock, pool_id: str, client_id: str
) -> None:
    first = begin(anonymous, client_id)["Session"]
    code_of_first = newest_code(server, pool_id)
    clock.now += 1
    second = begin(anonymous, client_id)["Session"]
    code_of_second = newest_code(server, pool_id)
    with refused(*MISMATCH):
        respond(anonymous, client_id, second, code_of_first)
    assert respond(anonymous, client_id, first, code_of_first)["AuthenticationResult"]
    assert respond(anonymous, client_id, second, code_of_second)["AuthenticationResult"]


@pytest.mark.usefixtures("anna")
def test_a_session_is_of_its_user_its_client_and_its_factor(
    server: Server, anonymous: Cognito, pool_id: str, client_id: str, hiding: str, make_user: Make
) -> None:
    make_user(pool_id, "bert", email="bert@example.com")
    session = begin(anonymous, client_id)["Session"]
    code = newest_code(server, pool_id)
    with refused(*INVALID):
        respond(anonymous, client_id, session, code, username="bert")
    with refused(*INVALID):
        respond(anonymous, hiding, session, code)
    with refused(*INVALID):
        respond(anonymous, client_id, session, code, "SMS_OTP")
    assert respond(anonymous, client_id, session, code)["AuthenticationResult"]


@pytest.mark.usefixtures("anna")
def test_of_two_right_answers_at_once_one_counts(
    server: Server, anonymous: Cognito, pool_id: str, client_id: str
) -> None:
    session = begin(anonymous, client_id)["Session"]
    code = newest_code(server, pool_id)

    def outcome(_: int) -> str:
        try:
            respond(anonymous, client_id, session, code)
        except ClientError as refusal:
            return str(refusal.response["Error"]["Code"])
        return "signed in"

    with ThreadPoolExecutor() as threads:
        told = sorted(threads.map(outcome, range(2)))
    assert told[1] == "signed in"
    assert told[0] in ("CodeMismatchException", "NotAuthorizedException")


@pytest.mark.usefixtures("anna")
def test_five_wrong_codes_lock_the_factor_and_no_other(
    server: Server, anonymous: Cognito, clock: HeldClock, pool_id: str, client_id: str
) -> None:
    session = begin(anonymous, client_id)["Session"]
    code = newest_code(server, pool_id)
    for _ in range(5):
        with refused(*MISMATCH):
            respond(anonymous, client_id, session, wrong(code))
    with refused(*LOCKED):
        respond(anonymous, client_id, session, code)
    with refused(*LOCKED):
        begin(anonymous, client_id)
    assert begin(anonymous, client_id, "SMS_OTP")["ChallengeName"] == "SMS_OTP"
    clock.now += 1_000
    assert respond(anonymous, client_id, session, code)["AuthenticationResult"]


@pytest.mark.usefixtures("anna")
def test_so_many_codes_are_sent_in_an_hour(
    server: Server, anonymous: Cognito, clock: HeldClock, pool_id: str, client_id: str
) -> None:
    clock.now += HOUR - clock.now % HOUR
    for _ in range(20):
        begin(anonymous, client_id)
    asked = [begin(anonymous, client_id) for _ in range(20)]
    assert len(messages_of(server, pool_id)) == 21
    begin(anonymous, client_id, "SMS_OTP")
    assert len(messages_of(server, pool_id)) == 22
    assert {str(each["ChallengeParameters"]) for each in asked} == {
        str(begin(anonymous, client_id)["ChallengeParameters"])
    }
    clock.now += HOUR
    begin(anonymous, client_id)
    assert len(messages_of(server, pool_id)) == 23


@pytest.mark.usefixtures("anna")
def test_a_stranger_who_uses_up_an_hour_of_codes_keeps_nobody_out(
    server: Server, anonymous: Cognito, clock: HeldClock, pool_id: str, client_id: str
) -> None:
    clock.now += HOUR - clock.now % HOUR
    for _ in range(30):
        clock.now += 1
        begin(anonymous, client_id)
    for sent in (21, 22):
        session, another = (begin(anonymous, client_id)["Session"] for _ in "12")
        clock.now += 2 * MINUTE
        assert len(messages_of(server, pool_id)) == sent
        code = newest_code(server, pool_id)
        with refused(*MISMATCH):
            respond(anonymous, client_id, session, wrong(code))
        assert respond(anonymous, client_id, session, code)["AuthenticationResult"]
        with refused(*SPENT):
            respond(anonymous, client_id, another, code)


@pytest.mark.usefixtures("anna")
def test_the_shared_code_of_an_hour_goes_to_the_address_of_the_moment_and_outlives_its_sessions(
    server: Server, cognito: Cognito, anonymous: Cognito, clock: HeldClock, pool_id: str, client_id: str
) -> None:
    clock.now += HOUR - clock.now % HOUR
    for _ in range(21):
        begin(anonymous, client_id)
    cognito.admin_update_user_attributes(
        UserPoolId=pool_id,
        Username="anna",
        UserAttributes=[
            {"Name": "email", "Value": "new@example.com"},
            {"Name": "email_verified", "Value": "true"},
        ],
    )
    clock.now += HOUR - 1
    session = begin(anonymous, client_id)["Session"]
    message = messages_of(server, pool_id)[0]
    assert message["destination"] == "new@example.com"
    clock.now += 3 * MINUTE - 1
    assert respond(anonymous, client_id, session, message["code"])["AuthenticationResult"]


@pytest.mark.usefixtures("anna")
@pytest.mark.parametrize("before", [19, 20])
def test_of_two_who_ask_at_once_when_the_codes_of_an_hour_are_used_up_one_is_sent_the_shared_code(
    server: Server, anonymous: Cognito, clock: HeldClock, pool_id: str, client_id: str, before: int
) -> None:
    clock.now += HOUR - clock.now % HOUR
    for _ in range(before):
        begin(anonymous, client_id)
    clock.now += 2

    def overtake() -> None:
        clock.now -= 1
        begin(anonymous, client_id)
        clock.now += 1

    late: Any = Late(server, overtake)
    session = begin(late, client_id)["Session"]
    assert len(messages_of(server, pool_id)) == 21
    assert respond(anonymous, client_id, session, newest_code(server, pool_id))["AuthenticationResult"]


@pytest.mark.usefixtures("anna")
def test_an_address_that_changed_meanwhile_is_not_verified(
    server: Server, cognito: Cognito, anonymous: Cognito, pool_id: str, client_id: str
) -> None:
    session = begin(anonymous, client_id)["Session"]
    code = newest_code(server, pool_id)
    cognito.admin_update_user_attributes(
        UserPoolId=pool_id,
        Username="anna",
        UserAttributes=[{"Name": "email", "Value": "new@example.com"}],
    )
    with refused("ExpiredCodeException"):
        respond(anonymous, client_id, session, code)
    assert attributes_of(cognito, pool_id).get("email_verified") != "true"


def test_whoever_writes_down_the_address_of_another_beside_his_own_does_not_let_him_in(
    cognito: Cognito, anonymous: Cognito, make_pool: Make, make_client: Make, make_user: Make
) -> None:
    policy = {"SignInPolicy": {"AllowedFirstAuthFactors": FACTORS}}
    pool_id = make_pool(Policies=policy, UsernameAttributes=["email"], AutoVerifiedAttributes=["email"])["Id"]
    flows = ["ALLOW_USER_AUTH", "ALLOW_USER_PASSWORD_AUTH"]
    client_id = make_client(pool_id, ExplicitAuthFlows=flows)["ClientId"]
    phone = {"phone_number": "+15550001234", "phone_number_verified": "true"}
    sub = make_user(pool_id, "eve@example.com", email="eve@example.com", **phone)
    parameters = {"USERNAME": "eve@example.com", "PASSWORD": "Passw0rd!"}
    eve: Any = anonymous.initiate_auth(
        AuthFlow="USER_PASSWORD_AUTH", ClientId=client_id, AuthParameters=parameters
    )
    anonymous.update_user_attributes(
        AccessToken=eve["AuthenticationResult"]["AccessToken"],
        UserAttributes=[{"Name": "email", "Value": "victim@example.com"}],
    )
    asked = begin(anonymous, client_id, username="victim@example.com")
    assert asked["ChallengeName"] == "SELECT_CHALLENGE"
    assert asked["AvailableChallenges"] == ["PASSWORD_SRP", "PASSWORD", "SMS_OTP"]
    with refused("InvalidParameterException", "The challenge EMAIL_OTP is not available."):
        anonymous.respond_to_auth_challenge(
            ChallengeName="SELECT_CHALLENGE",
            ClientId=client_id,
            Session=asked["Session"],
            ChallengeResponses={"USERNAME": "victim@example.com", "ANSWER": "EMAIL_OTP"},
        )
    assert attributes_of(cognito, pool_id, sub)["email_verified"] == "false"


# -- users who are not confirmed --------------------------------------------------------------------------------------


@pytest.fixture
def newcomer(anonymous: Cognito, pool_id: str, client_id: str) -> str:
    """Who has signed up and not confirmed."""
    email: Any = [{"Name": "email", "Value": "new@example.com"}]
    anonymous.sign_up(ClientId=client_id, Username="new", Password="Passw0rd!", UserAttributes=email)
    return "new"


def test_a_code_confirms_who_has_not_confirmed(
    server: Server,
    cognito: Cognito,
    anonymous: Cognito,
    clock: HeldClock,
    pool_id: str,
    client_id: str,
    newcomer: str,
) -> None:
    asked = anonymous.initiate_auth(
        AuthFlow="USER_AUTH", ClientId=client_id, AuthParameters={"USERNAME": newcomer}
    )
    assert asked["AvailableChallenges"] == ["EMAIL_OTP"]
    clock.now += 1
    session = begin(anonymous, client_id, username=newcomer)["Session"]
    code = newest_code(server, pool_id)
    assert attributes_of(cognito, pool_id, newcomer)["status"] == "UNCONFIRMED"
    assert respond(anonymous, client_id, session, code, username=newcomer)["AuthenticationResult"]
    told = attributes_of(cognito, pool_id, newcomer)
    assert (told["status"], told["email_verified"]) == ("CONFIRMED", "true")


def test_whoever_chose_the_password_of_a_sign_up_does_not_get_in_when_the_owner_of_the_address_confirms_it(
    server: Server, anonymous: Cognito, clock: HeldClock, pool_id: str, client_id: str, newcomer: str
) -> None:
    clock.now += 1
    session = begin(anonymous, client_id, username=newcomer)["Session"]
    respond(anonymous, client_id, session, newest_code(server, pool_id), username=newcomer)
    brought = {"USERNAME": newcomer, "PREFERRED_CHALLENGE": "PASSWORD", "PASSWORD": "Passw0rd!"}
    answer: Any = anonymous.initiate_auth(AuthFlow="USER_AUTH", ClientId=client_id, AuthParameters=brought)
    assert "AuthenticationResult" not in answer
    assert answer["AvailableChallenges"] == ["EMAIL_OTP"]


def test_whoever_gave_a_second_address_with_that_of_another_is_sent_no_code_once_the_other_has_confirmed(
    server: Server, anonymous: Cognito, clock: HeldClock, pool_id: str, client_id: str
) -> None:
    attributes: Any = [{"Name": name, "Value": value} for name, value in BOTH.items()]
    anonymous.sign_up(ClientId=client_id, Username="anna", UserAttributes=attributes)
    clock.now += 1
    by_phone = begin(anonymous, client_id, "SMS_OTP")
    assert by_phone["AvailableChallenges"] == ["EMAIL_OTP", "SMS_OTP"]
    code_by_phone = newest_code(server, pool_id)
    clock.now += 1
    by_mail = begin(anonymous, client_id)["Session"]
    respond(anonymous, client_id, by_mail, newest_code(server, pool_id))
    with refused(*INVALID):
        respond(anonymous, client_id, by_phone["Session"], code_by_phone, "SMS_OTP")
    assert begin(anonymous, client_id, "SMS_OTP")["AvailableChallenges"] == ["EMAIL_OTP"]


@pytest.mark.parametrize("factor", ["PASSWORD", "PASSWORD_SRP"])
def test_a_password_does_not(anonymous: Cognito, client_id: str, newcomer: str, factor: str) -> None:
    unconfirmed = ("UserNotConfirmedException", "User is not confirmed.")
    with refused(*unconfirmed):
        begin(anonymous, client_id, factor, newcomer)
    asked = anonymous.initiate_auth(
        AuthFlow="USER_AUTH", ClientId=client_id, AuthParameters={"USERNAME": newcomer}
    )
    with refused(*unconfirmed):
        anonymous.respond_to_auth_challenge(
            ChallengeName="SELECT_CHALLENGE",
            ClientId=client_id,
            Session=asked["Session"],
            ChallengeResponses={"USERNAME": newcomer, "ANSWER": factor},
        )


def test_who_would_take_the_address_of_another_is_not_confirmed(
    server: Server, cognito: Cognito, anonymous: Cognito, clock: HeldClock, make_pool: Make, make_client: Make
) -> None:
    policy = {"SignInPolicy": {"AllowedFirstAuthFactors": FACTORS}}
    pool_id = make_pool(Policies=policy, AliasAttributes=["email"], AutoVerifiedAttributes=["email"])["Id"]
    client_id = make_client(pool_id, ExplicitAuthFlows=["ALLOW_USER_AUTH"])["ClientId"]
    email = [{"Name": "email", "Value": "anna@example.com"}]
    cognito.admin_create_user(
        UserPoolId=pool_id,
        Username="anna",
        MessageAction="SUPPRESS",
        UserAttributes=[*email, {"Name": "email_verified", "Value": "true"}],  # type: ignore[list-item]
    )
    anonymous.sign_up(ClientId=client_id, Username="new", UserAttributes=email)  # type: ignore[arg-type]
    clock.now += 1
    session = begin(anonymous, client_id, username="new")["Session"]
    code = newest_code(server, pool_id)
    with refused("AliasExistsException"):
        respond(anonymous, client_id, session, code, username="new")
    assert attributes_of(cognito, pool_id, "new")["status"] == "UNCONFIRMED"


# -- strangers --------------------------------------------------------------------------------------------------------


def asked_by_code(anonymous: Cognito, client_id: str) -> str:
    """An address that nobody has, and that is no one of those that begin with passwords alone."""
    names = (f"n{number}@example.com" for number in range(40))
    return next(
        name for name in names if begin(anonymous, client_id, username=name)["ChallengeName"] == "EMAIL_OTP"
    )


@pytest.mark.usefixtures("anna")
def test_a_stranger_is_asked_for_a_code_that_never_comes(
    server: Server, anonymous: Cognito, pool_id: str, hiding: str
) -> None:
    user = begin(anonymous, hiding)
    name = asked_by_code(anonymous, hiding)
    stranger = begin(anonymous, hiding, username=name)
    assert stranger["ChallengeName"] == "EMAIL_OTP"
    assert stranger["ChallengeParameters"] == {
        "CODE_DELIVERY_DELIVERY_MEDIUM": "EMAIL",
        "CODE_DELIVERY_DESTINATION": "n***@e***",
    }
    assert abs(len(stranger["Session"]) - len(user["Session"])) < 40
    assert [message["username"] for message in messages_of(server, pool_id)] == ["anna"]
    for _ in range(5):
        with refused(*MISMATCH):
            respond(anonymous, hiding, stranger["Session"], "00000000", username=name)
    with refused(*LOCKED):
        respond(anonymous, hiding, stranger["Session"], "00000000", username=name)
    with refused(*LOCKED):
        begin(anonymous, hiding, username=name)


def test_codes_to_a_stranger_are_limited_as_to_a_user(
    anonymous: Cognito, clock: HeldClock, hiding: str
) -> None:
    clock.now += HOUR - clock.now % HOUR
    name = asked_by_code(anonymous, hiding)
    told = [begin(anonymous, hiding, username=name) for _ in range(25)]
    assert len({(each["ChallengeName"], str(each["ChallengeParameters"])) for each in told}) == 1
    with refused(*MISMATCH):
        respond(anonymous, hiding, told[-1]["Session"], "00000000", username=name)
