"""Apps that show codes: associated, verified, replaced and taken away, with an access token and in the midst of a sign-in."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen.clock import MINUTE
from tests.codes import wrong
from tests.held_clock import HeldClock
from tests.refused import refused
from tests.second_factors import App, Client

Make = Callable[..., Any]

NOT_OFFERED = ("SoftwareTokenMFANotFoundException", "Software Token MFA has not been enabled by the userPool")
MISMATCH = ("EnableSoftwareTokenMFAException", "Code mismatch and fail enable Software Token MFA")
NOT_SET_UP = ("InvalidParameterException", "User has not set up software token mfa")
INVALID_SESSION = ("NotAuthorizedException", "Invalid session for the user.")
SPENT_SESSION = ("NotAuthorizedException", "Invalid session for the user, session can only be used once.")


@pytest.fixture
def client(
    cognito: Cognito,
    anonymous: Cognito,
    make_pool: Make,
    make_client: Make,
    make_user: Make,
    clock: HeldClock,
) -> Client:
    """Of a pool with optional software tokens, in which anna and bert are."""
    pool_id = make_pool()["Id"]
    made = Client(cognito, anonymous, pool_id, make_client(pool_id)["ClientId"], clock)
    made.offer("SOFTWARE_TOKEN_MFA")
    make_user(pool_id, "anna")
    make_user(pool_id, "bert")
    return made


def associate(client: Client, token: str, clock: HeldClock) -> App:
    answer: Any = client.anonymous.associate_software_token(AccessToken=token)
    assert "Session" not in answer
    return App(answer["SecretCode"], clock)


# -- with an access token ---------------------------------------------------------------------------------------------


def test_a_secret_is_shown_as_apps_take_it_and_a_code_of_it_proves_that_one_has_it(
    client: Client, clock: HeldClock
) -> None:
    token = client.tokens("anna")["AccessToken"]
    app = associate(client, token, clock)
    assert len(app.secret) == 52
    answer: Any = client.anonymous.verify_software_token(
        AccessToken=token, UserCode=app.code(), FriendlyDeviceName="a phone"
    )
    assert answer["Status"] == "SUCCESS"
    assert "Session" not in answer
    # That the app is there does not enable it.
    assert "AuthenticationResult" in client.sign_in("anna")
    client.prefer("anna", "SOFTWARE_TOKEN_MFA")
    asked = client.sign_in("anna")
    assert asked["ChallengeName"] == "SOFTWARE_TOKEN_MFA"
    assert asked["ChallengeParameters"] == {"FRIENDLY_DEVICE_NAME": "a phone", "USER_ID_FOR_SRP": "anna"}


def test_a_wrong_code_verifies_nothing(client: Client, clock: HeldClock) -> None:
    token = client.tokens("anna")["AccessToken"]
    app = associate(client, token, clock)
    for code in (wrong(app.code()), app.code(-2), app.code(2)):
        with refused(*MISMATCH):
            client.anonymous.verify_software_token(AccessToken=token, UserCode=code)
    client.anonymous.verify_software_token(AccessToken=token, UserCode=app.code())


def test_nothing_is_verified_that_was_not_associated(client: Client, clock: HeldClock) -> None:
    token = client.tokens("anna")["AccessToken"]
    with refused(*NOT_SET_UP):
        client.anonymous.verify_software_token(AccessToken=token, UserCode="123456")
    app = associate(client, token, clock)
    client.anonymous.verify_software_token(AccessToken=token, UserCode=app.code())
    with refused(*NOT_SET_UP):
        client.anonymous.verify_software_token(AccessToken=token, UserCode=app.code(1))


def test_another_secret_takes_the_place_of_one_that_was_not_verified(
    client: Client, clock: HeldClock
) -> None:
    token = client.tokens("anna")["AccessToken"]
    first, second = associate(client, token, clock), associate(client, token, clock)
    with refused(*MISMATCH):
        client.anonymous.verify_software_token(AccessToken=token, UserCode=first.code())
    client.anonymous.verify_software_token(AccessToken=token, UserCode=second.code())


def test_the_app_of_before_counts_until_another_is_verified(client: Client, clock: HeldClock) -> None:
    token = client.tokens("anna")["AccessToken"]
    first = client.give_app("anna")
    client.prefer("anna", "SOFTWARE_TOKEN_MFA")
    second = associate(client, token, clock)
    asked = client.sign_in("anna")
    with refused("CodeMismatchException"):
        client.answer("anna", asked, SOFTWARE_TOKEN_MFA_CODE=second.code())
    client.answer("anna", asked, SOFTWARE_TOKEN_MFA_CODE=first.code())
    begun = client.sign_in("anna")
    client.anonymous.verify_software_token(AccessToken=token, UserCode=second.code())
    with refused(*INVALID_SESSION):  # it was asked for a code of the other app
        client.answer("anna", begun, SOFTWARE_TOKEN_MFA_CODE=second.code(1))
    asked = client.sign_in("anna")
    with refused("CodeMismatchException"):
        client.answer("anna", asked, SOFTWARE_TOKEN_MFA_CODE=first.code(1))
    client.answer("anna", asked, SOFTWARE_TOKEN_MFA_CODE=second.code(1))


def test_the_code_that_verified_an_app_is_used(client: Client, clock: HeldClock) -> None:
    token = client.tokens("anna")["AccessToken"]
    app = associate(client, token, clock)
    client.anonymous.verify_software_token(AccessToken=token, UserCode=app.code())
    client.prefer("anna", "SOFTWARE_TOKEN_MFA")
    asked = client.sign_in("anna")
    with refused("ExpiredCodeException", "Your software token has already been used once."):
        client.answer("anna", asked, SOFTWARE_TOKEN_MFA_CODE=app.code())
    client.answer("anna", asked, SOFTWARE_TOKEN_MFA_CODE=app.code(1))


def test_of_codes_that_verify_an_app_at_the_same_moment_one_does(client: Client, clock: HeldClock) -> None:
    token = client.tokens("anna")["AccessToken"]
    app = associate(client, token, clock)

    def verify(_: int) -> bool:
        try:
            client.anonymous.verify_software_token(AccessToken=token, UserCode=app.code())
        except ClientError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(verify, range(8))).count(True) == 1


def test_a_pool_without_software_tokens_has_none(client: Client, clock: HeldClock) -> None:
    token = client.tokens("anna")["AccessToken"]
    client.offer("SMS_MFA")
    with refused(*NOT_OFFERED):
        client.anonymous.associate_software_token(AccessToken=token)
    with refused(*NOT_OFFERED):
        client.anonymous.verify_software_token(AccessToken=token, UserCode="123456")


@pytest.mark.parametrize("name", ["associate_software_token", "verify_software_token"])
def test_a_request_has_a_token_or_a_session(client: Client, name: str) -> None:
    operation: Any = getattr(client.anonymous, name)
    code = {"UserCode": "123456"} if name.startswith("verify") else {}
    with refused("InvalidParameterException", "Missing required parameter AccessToken"):
        operation(**code)
    token = client.tokens("anna")["AccessToken"]
    with refused("InvalidParameterException", "A request has either an AccessToken or a Session, not both."):
        operation(AccessToken=token, Session="x" * 20, **code)
    with refused("NotAuthorizedException", "Invalid Access Token"):
        operation(AccessToken="x", **code)
    with refused(*INVALID_SESSION):
        operation(Session="x" * 20, **code)


# -- in the midst of a sign-in ----------------------------------------------------------------------------------------


def test_whoever_must_have_an_app_sets_one_up_and_is_signed_in(client: Client, clock: HeldClock) -> None:
    client.offer("SOFTWARE_TOKEN_MFA", mode="ON")
    asked = client.sign_in("anna")
    assert asked["ChallengeName"] == "MFA_SETUP"
    assert asked["ChallengeParameters"] == {
        "MFAS_CAN_SETUP": '["SOFTWARE_TOKEN_MFA"]',
        "USER_ID_FOR_SRP": "anna",
    }
    associated = client.anonymous.associate_software_token(Session=asked["Session"])
    app = App(associated["SecretCode"], clock)
    verified = client.anonymous.verify_software_token(Session=associated["Session"], UserCode=app.code())
    assert verified["Status"] == "SUCCESS"
    answer = client.answer("anna", asked | {"Session": verified["Session"]}, OTHERS="are passed over")
    assert "AuthenticationResult" in answer
    user = client.cognito.admin_get_user(UserPoolId=client.pool_id, Username="anna")
    assert not {"UserMFASettingList", "PreferredMfaSetting"} & user.keys()
    asked = client.sign_in("anna")
    assert asked["ChallengeName"] == "SOFTWARE_TOKEN_MFA"
    client.answer("anna", asked, SOFTWARE_TOKEN_MFA_CODE=app.code(1))


def test_an_app_that_was_verified_counts_also_if_the_sign_in_goes_no_further(
    client: Client, clock: HeldClock
) -> None:
    client.offer("SOFTWARE_TOKEN_MFA", mode="ON")
    associated = client.anonymous.associate_software_token(Session=client.sign_in("anna")["Session"])
    app = App(associated["SecretCode"], clock)
    client.anonymous.verify_software_token(Session=associated["Session"], UserCode=app.code())
    asked = client.sign_in("anna")
    assert asked["ChallengeName"] == "SOFTWARE_TOKEN_MFA"
    client.answer("anna", asked, SOFTWARE_TOKEN_MFA_CODE=app.code(1))


def test_a_wrong_code_leaves_the_session_as_it_was(client: Client, clock: HeldClock) -> None:
    client.offer("SOFTWARE_TOKEN_MFA", mode="ON")
    associated = client.anonymous.associate_software_token(Session=client.sign_in("anna")["Session"])
    app = App(associated["SecretCode"], clock)
    with refused(*MISMATCH):
        client.anonymous.verify_software_token(Session=associated["Session"], UserCode=wrong(app.code()))
    client.anonymous.verify_software_token(Session=associated["Session"], UserCode=app.code())


def test_nobody_is_signed_in_before_an_app_was_verified(client: Client, clock: HeldClock) -> None:
    client.offer("SOFTWARE_TOKEN_MFA", mode="ON")
    asked = client.sign_in("anna")
    with refused(*NOT_SET_UP):
        client.answer("anna", asked)
    associated = client.anonymous.associate_software_token(Session=asked["Session"])
    with refused(*NOT_SET_UP):
        client.answer("anna", asked | {"Session": associated["Session"]})
    with refused("MFAMethodNotFoundException"):  # the pool has no MFA by e-mail
        client.answer("anna", asked | {"Session": associated["Session"]}, EMAIL="a@example.com")


def test_each_session_goes_on_once_and_until_it_expires(client: Client, clock: HeldClock) -> None:
    client.offer("SOFTWARE_TOKEN_MFA", mode="ON")
    asked = client.sign_in("anna")
    associated = client.anonymous.associate_software_token(Session=asked["Session"])
    app = App(associated["SecretCode"], clock)
    with refused(*SPENT_SESSION):
        client.anonymous.associate_software_token(Session=asked["Session"])
    with refused(*SPENT_SESSION):
        client.answer("anna", asked)
    verified = client.anonymous.verify_software_token(Session=associated["Session"], UserCode=app.code())
    with refused(*SPENT_SESSION):
        client.anonymous.verify_software_token(Session=associated["Session"], UserCode=app.code(1))
    with refused(
        *INVALID_SESSION
    ):  # it waits for the end of the set-up, and there is no other secret to verify
        client.answer("bert", asked | {"Session": verified["Session"]})
    clock.advance(3 * MINUTE)
    with refused("NotAuthorizedException", "Invalid session for the user, session is expired."):
        client.answer("anna", asked | {"Session": verified["Session"]})


def test_a_session_that_waits_for_anything_else_is_none(
    client: Client, clock: HeldClock, make_user: Make
) -> None:
    client.give_app("anna")
    make_user(client.pool_id, "carl", permanent=False)
    client.offer("SOFTWARE_TOKEN_MFA", mode="ON")
    for name, challenge in (("anna", "SOFTWARE_TOKEN_MFA"), ("carl", "NEW_PASSWORD_REQUIRED")):
        asked = client.sign_in(name)
        assert asked["ChallengeName"] == challenge
        with refused(*INVALID_SESSION):
            client.anonymous.associate_software_token(Session=asked["Session"])
        with refused(*INVALID_SESSION):
            client.anonymous.verify_software_token(Session=asked["Session"], UserCode="123456")


def test_a_session_of_a_client_that_is_gone_is_none(client: Client) -> None:
    client.offer("SOFTWARE_TOKEN_MFA", mode="ON")
    asked = client.sign_in("anna")
    client.cognito.delete_user_pool_client(UserPoolId=client.pool_id, ClientId=client.client_id)
    with refused(*INVALID_SESSION):
        client.anonymous.associate_software_token(Session=asked["Session"])


def test_a_new_user_sets_a_password_and_then_an_app(
    client: Client, clock: HeldClock, make_user: Make
) -> None:
    make_user(client.pool_id, "carl", permanent=False)
    client.offer("SOFTWARE_TOKEN_MFA", mode="ON")
    asked = client.answer("carl", client.sign_in("carl"), NEW_PASSWORD="An0ther!!")
    assert asked["ChallengeName"] == "MFA_SETUP"
    associated = client.anonymous.associate_software_token(Session=asked["Session"])
    app = App(associated["SecretCode"], clock)
    verified = client.anonymous.verify_software_token(Session=associated["Session"], UserCode=app.code())
    assert "AuthenticationResult" in client.answer("carl", asked | {"Session": verified["Session"]})


# -- taken away -------------------------------------------------------------------------------------------------------


def test_an_administrator_takes_an_app_away_and_the_user_sets_up_another(
    client: Client, clock: HeldClock
) -> None:
    app = client.give_app("anna")
    client.prefer("anna", "SOFTWARE_TOKEN_MFA", preferred="SOFTWARE_TOKEN_MFA")
    asked = client.sign_in("anna")
    for _ in range(2):  # no error where there is none
        client.cognito.admin_delete_software_token(UserPoolId=client.pool_id, Username="anna")
    with refused("SoftwareTokenMFANotFoundException", "Software Token MFA does not exist for the user."):
        client.answer("anna", asked, SOFTWARE_TOKEN_MFA_CODE=app.code())
    user = client.cognito.admin_get_user(UserPoolId=client.pool_id, Username="anna")
    assert not {"UserMFASettingList", "PreferredMfaSetting"} & user.keys()
    assert "AuthenticationResult" in client.sign_in("anna")
    assert client.give_app("anna").secret != app.secret


def test_a_secret_that_was_not_verified_goes_too(client: Client, clock: HeldClock) -> None:
    token = client.tokens("anna")["AccessToken"]
    associate(client, token, clock)
    client.cognito.admin_delete_software_token(UserPoolId=client.pool_id, Username="anna")
    with refused(*NOT_SET_UP):
        client.anonymous.verify_software_token(AccessToken=token, UserCode="123456")


def test_nothing_is_taken_from_who_is_not_confirmed_or_not_there(client: Client) -> None:
    client.anonymous.sign_up(ClientId=client.client_id, Username="carl", Password="Passw0rd!")
    with refused("UserNotConfirmedException", "User is not confirmed."):
        client.cognito.admin_delete_software_token(UserPoolId=client.pool_id, Username="carl")
    with refused("UserNotFoundException", "User does not exist."):
        client.cognito.admin_delete_software_token(UserPoolId=client.pool_id, Username="nobody")
