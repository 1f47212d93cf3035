"""SMS_MFA and EMAIL_OTP: a code that is sent, and comes back right, wrong, late, twice, elsewhere and out of turn."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen.clock import HOUR, MINUTE, SECOND
from tests.codes import messages_of, newest_code, wrong
from tests.held_clock import HeldClock
from tests.refused import refused
from tests.second_factors import BY_FACTOR, OWN_SENDER, Client
from tests.server import Server

Make = Callable[..., Any]

MISMATCH = ("CodeMismatchException", "Invalid code or auth state for the user.")
LOCKED = ("NotAuthorizedException", "Password attempts exceeded")
INVALID_SESSION = ("NotAuthorizedException", "Invalid session for the user.")
SPENT_SESSION = ("NotAuthorizedException", "Invalid session for the user, session can only be used once.")
LIMIT = ("LimitExceededException", "Attempt limit exceeded, please try after some time.")


@dataclass(frozen=True)
class Way:
    """How a code goes out, and comes back."""

    factor: str
    member: str
    medium: str
    attribute: str
    masked: str


SMS = Way("SMS_MFA", "SMS_MFA_CODE", "SMS", "phone_number", "+*******0839")
MAIL = Way("EMAIL_OTP", "EMAIL_OTP_CODE", "EMAIL", "email", "a***@e***")
OTHER = {SMS: MAIL, MAIL: SMS}


@pytest.fixture(params=[SMS, MAIL], ids=lambda way: way.factor)
def way(request: pytest.FixtureRequest, client: Client) -> Way:
    """How anna and bert get codes."""
    found: Way = request.param
    for name in ("anna", "bert"):
        client.prefer(name, found.factor)
    return found


def answer(client: Client, asked: Any, way: Way, code: str, username: str = "anna") -> Any:
    return client.answer(username, asked, **{way.member: code})


def attributes_of(client: Client, username: str = "anna") -> dict[str, str]:
    user = client.cognito.admin_get_user(UserPoolId=client.pool_id, Username=username)
    return {entry["Name"]: entry["Value"] for entry in user["UserAttributes"]}


# -- what is sent -----------------------------------------------------------------------------------------------------


def test_a_code_is_sent_and_the_parameters_tell_where_to(client: Client, way: Way, server: Server) -> None:
    asked = client.sign_in("anna")
    assert asked["ChallengeName"] == way.factor
    assert asked["ChallengeParameters"] == {
        "CODE_DELIVERY_DELIVERY_MEDIUM": way.medium,
        "CODE_DELIVERY_DESTINATION": way.masked,
        "USER_ID_FOR_SRP": "anna",
    }
    (message,) = messages_of(server, client.pool_id)
    assert (message["medium"], message["destination"]) == (way.medium, attributes_of(client)[way.attribute])
    assert len(message["code"]) == 6
    assert message["body"] == f"Your authentication code is {message['code']}. "


def test_the_texts_are_the_pool_s(client: Client, server: Server) -> None:
    client.cognito.set_user_pool_mfa_config(
        UserPoolId=client.pool_id,
        MfaConfiguration="OPTIONAL",
        SmsMfaConfiguration=BY_FACTOR["SMS_MFA"]["SmsMfaConfiguration"]
        | {"SmsAuthenticationMessage": "SMS: {####}"},
        EmailMfaConfiguration={"Message": "Mail: {####}", "Subject": "Is it you?"},
    )
    client.prefer("anna", "SMS_MFA")
    client.prefer("bert", "EMAIL_OTP")
    client.sign_in("anna")
    client.sign_in("bert")
    by_mail, by_sms = messages_of(server, client.pool_id)
    assert by_sms["body"] == f"SMS: {by_sms['code']}"
    assert (by_mail["body"], by_mail["subject"]) == (f"Mail: {by_mail['code']}", "Is it you?")


def test_only_so_many_codes_are_sent_in_an_hour(
    client: Client, way: Way, clock: HeldClock, server: Server
) -> None:
    clock.advance(HOUR - clock.now % HOUR)
    for _ in range(20):
        client.sign_in("anna")
    with refused(*LIMIT):
        client.sign_in("anna")
    assert len(messages_of(server, client.pool_id)) == 20
    client.sign_in("bert")
    client.prefer("anna", OTHER[way].factor)
    client.sign_in("anna")
    client.prefer("anna", way.factor, OTHER[way].factor)
    asked = client.sign_in("anna")
    with refused(*LIMIT):
        client.answer("anna", asked, ANSWER=way.factor)
    client.prefer("anna", way.factor)
    clock.advance(HOUR)
    client.sign_in("anna")


# -- the answer -------------------------------------------------------------------------------------------------------


def test_a_right_code_signs_in_and_proves_the_address(client: Client, way: Way, server: Server) -> None:
    asked = client.sign_in("anna")
    assert f"{way.attribute}_verified" not in attributes_of(client)
    assert "AuthenticationResult" in answer(client, asked, way, newest_code(server, client.pool_id))
    assert attributes_of(client)[f"{way.attribute}_verified"] == "true"
    asked = client.sign_in("anna")  # also where it is proven already
    assert "AuthenticationResult" in answer(client, asked, way, newest_code(server, client.pool_id))


def test_after_a_wrong_code_the_session_is_good_for_the_right_one_once(
    client: Client, way: Way, server: Server
) -> None:
    asked = client.sign_in("anna")
    code = newest_code(server, client.pool_id)
    for text in (wrong(code), "", "☃", code + "0"):
        with refused(*MISMATCH):
            answer(client, asked, way, text)
    with refused("InvalidParameterException", f"Missing required parameter {way.member}"):
        client.answer("anna", asked)
    answer(client, asked, way, code)
    with refused(*SPENT_SESSION):
        answer(client, asked, way, code)


def test_of_many_who_come_with_the_right_code_one_is_signed_in(
    client: Client, way: Way, server: Server
) -> None:
    asked = client.sign_in("anna")
    code = newest_code(server, client.pool_id)

    def try_it(_: int) -> str:
        try:
            answer(client, asked, way, code)
        except ClientError as error:
            return str(error.response["Error"]["Message"])
        return "signed in"

    with ThreadPoolExecutor(8) as pool:
        outcomes = sorted(pool.map(try_it, range(8)))
    assert outcomes == [SPENT_SESSION[1]] * 7 + ["signed in"]


def test_each_sign_in_has_a_code_of_its_own(client: Client, way: Way, server: Server) -> None:
    first = client.sign_in("anna")
    of_first = newest_code(server, client.pool_id)
    second = client.sign_in("anna")
    of_second = newest_code(server, client.pool_id)
    assert of_first != of_second
    with refused(*MISMATCH):
        answer(client, second, way, of_first)
    with refused(*MISMATCH):
        answer(client, first, way, of_second)
    answer(client, first, way, of_first)
    answer(client, second, way, of_second)


def test_a_code_is_good_as_long_as_its_session(
    client: Client, way: Way, server: Server, clock: HeldClock
) -> None:
    asked = client.sign_in("anna")
    code = newest_code(server, client.pool_id)
    clock.advance(3 * MINUTE)
    with refused("NotAuthorizedException", "Invalid session for the user, session is expired."):
        answer(client, asked, way, code)


def test_a_session_or_a_code_of_another_user_is_worth_nothing(
    client: Client, way: Way, server: Server
) -> None:
    of_anna = client.sign_in("anna")
    code = newest_code(server, client.pool_id)
    of_bert = client.sign_in("bert")
    with refused(*INVALID_SESSION):
        answer(client, of_anna, way, code, username="bert")
    with refused(*MISMATCH):
        answer(client, of_bert, way, code, username="bert")


def test_out_of_turn_it_is_no_answer(client: Client, way: Way, server: Server) -> None:
    asked = client.sign_in("anna")
    code = newest_code(server, client.pool_id)
    for challenge in (OTHER[way].factor, "SOFTWARE_TOKEN_MFA", "SELECT_MFA_TYPE"):
        with refused(*INVALID_SESSION):
            answer(client, asked | {"ChallengeName": challenge}, way, code)
    client.prefer("anna", OTHER[way].factor)
    with refused(*INVALID_SESSION):
        answer(client, asked, way, code)


def test_a_code_to_an_address_that_the_user_has_no_more_is_worth_nothing(
    client: Client, way: Way, server: Server
) -> None:
    asked = client.sign_in("anna")
    code = newest_code(server, client.pool_id)
    another = {"phone_number": "+17755550999", "email": "other@example.com"}[way.attribute]
    client.cognito.admin_update_user_attributes(
        UserPoolId=client.pool_id,
        Username="anna",
        UserAttributes=[{"Name": way.attribute, "Value": another}],
    )
    with refused("ExpiredCodeException", "Invalid code provided, please request a code again."):
        answer(client, asked, way, code)


def test_five_wrong_codes_lock_this_way_and_no_other(
    client: Client, way: Way, server: Server, clock: HeldClock
) -> None:
    asked = client.sign_in("anna")
    code = newest_code(server, client.pool_id)
    for _ in range(5):
        with refused(*MISMATCH):
            answer(client, asked, way, wrong(code))
    with refused(*LOCKED):
        answer(client, asked, way, code)
    sent = len(messages_of(server, client.pool_id))
    with refused(*LOCKED):
        client.sign_in("anna")
    assert len(messages_of(server, client.pool_id)) == sent  # nothing is sent while nothing would be taken
    client.prefer("anna", OTHER[way].factor)
    assert client.sign_in("anna")["ChallengeName"] == OTHER[way].factor
    client.prefer("anna", way.factor)
    clock.advance(SECOND)
    answer(client, asked, way, code)


def test_an_address_that_is_another_s_name_by_now_stays_unverified(
    cognito: Cognito,
    anonymous: Cognito,
    make_pool: Make,
    make_client: Make,
    make_user: Make,
    server: Server,
    clock: HeldClock,
) -> None:
    """The sign-in ends well all the same, and takes nothing from anybody."""
    pool_id = make_pool(EmailConfiguration=OWN_SENDER, AliasAttributes=["email"])["Id"]
    client = Client(cognito, anonymous, pool_id, make_client(pool_id)["ClientId"], clock)
    client.offer("EMAIL_OTP")
    make_user(pool_id, "anna", email="shared@example.com")
    client.prefer("anna", "EMAIL_OTP")
    asked = client.sign_in("anna")
    code = newest_code(server, pool_id)
    make_user(pool_id, "bert", email="shared@example.com", email_verified="true")
    assert "AuthenticationResult" in answer(client, asked, MAIL, code)
    assert "email_verified" not in attributes_of(client)
    assert attributes_of(client, "bert")["email_verified"] == "true"
