"""The history of users, where threat protection is on: what is recorded of whom, who may read it, and what users say of it."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import bindparam, select
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen.clock import DAY, MINUTE, SECOND
from cognomen.operations import passwords as password_operations
from cognomen.operations import sign_up as sign_up_operations
from cognomen.risk import history
from cognomen.store import auth_events
from tests import srp_client
from tests.calls import call_of
from tests.codes import newest_code, wrong
from tests.conftest import PASSWORD
from tests.held_clock import HeldClock
from tests.refused import refused
from tests.server import Server
from tests.watched_store import ran

Make = Callable[..., Any]

AUDIT: Any = {"UserPoolTier": "PLUS", "UserPoolAddOns": {"AdvancedSecurityMode": "AUDIT"}}
OFF = ("UserPoolAddOnNotEnabledException", "Threat protection is not enabled for this user pool.")
NEW_PASSWORD = "Another1!"
EMAIL = "ada@example.com"


class Records:
    """A pool that audits, a client of it, and what the history of a user says."""

    def __init__(
        self, server: Server, cognito: Cognito, anonymous: Cognito, pool_id: str, client: str
    ) -> None:
        self.server, self.cognito, self.anonymous = server, cognito, anonymous
        self.pool_id, self.client_id = pool_id, client

    def of(self, username: str) -> list[dict[str, Any]]:
        """Newest first."""
        found: Any = self.cognito.admin_list_user_auth_events(UserPoolId=self.pool_id, Username=username)
        events: list[dict[str, Any]] = found["AuthEvents"]
        return events

    def told(self, username: str) -> list[str]:
        """Newest first, each in a word: `SignIn Pass Password=Success`."""
        return [in_words(event) for event in self.of(username)]

    def sign_in(self, username: str, password: str = PASSWORD) -> Any:
        self.server.clock.advance(1)
        return self.anonymous.initiate_auth(
            AuthFlow="USER_PASSWORD_AUTH",
            ClientId=self.client_id,
            AuthParameters={"USERNAME": username, "PASSWORD": password},
        )

    def kept(self, sub: str) -> list[Any]:
        return self.server.run(self.server.store.read(auth_events.all_of_user, self.pool_id, sub, 60))


def in_words(event: dict[str, Any]) -> str:
    challenges = (
        f"{each['ChallengeName']}={each['ChallengeResponse']}" for each in event["ChallengeResponses"]
    )
    return " ".join([event["EventType"], event["EventResponse"], *challenges])


@pytest.fixture
def records(
    server: Server, cognito: Cognito, anonymous: Cognito, make_pool: Make, make_client: Make, make_user: Make
) -> Records:
    pool_id = make_pool(**AUDIT, AutoVerifiedAttributes=["email"])["Id"]
    flows = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH"]
    settings: Any = {"ExplicitAuthFlows": [*flows, "ALLOW_REFRESH_TOKEN_AUTH"]}
    client = make_client(pool_id, PreventUserExistenceErrors="ENABLED", **settings)["ClientId"]
    make_user(pool_id, "ada", email=EMAIL, email_verified="true")
    return Records(server, cognito, anonymous, pool_id, client)


def claims(token: str) -> dict[str, Any]:
    body = token.split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return found


def test_a_sign_in_is_told_with_where_it_came_from(records: Records, clock: HeldClock) -> None:
    tokens = records.sign_in("ada")["AuthenticationResult"]
    (event,) = records.of("ada")
    event_id = claims(tokens["AccessToken"])["event_id"]
    assert event.pop("EventContextData")["DeviceName"].startswith("Boto3 1")
    assert event == {
        "EventId": event_id,
        "EventType": "SignIn",
        "CreationDate": datetime.fromtimestamp(clock.now / 1000, UTC),
        "EventResponse": "Pass",
        "EventRisk": {"RiskDecision": "NoRisk", "CompromisedCredentialsDetected": False},
        "ChallengeResponses": [{"ChallengeName": "Password", "ChallengeResponse": "Success"}],
    }
    assert claims(tokens["IdToken"])["event_id"] == event_id


def test_the_device_is_the_one_that_a_backend_tells_of(records: Records) -> None:
    agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0.0.0 Safari/537.36"
    records.cognito.admin_initiate_auth(
        UserPoolId=records.pool_id,
        ClientId=records.client_id,
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "ada", "PASSWORD": PASSWORD},
        ContextData={
            "IpAddress": "192.0.2.1",
            "ServerName": "example.com",
            "ServerPath": "/",
            "HttpHeaders": [{"headerName": "User-Agent", "headerValue": agent}],
        },
    )
    assert records.of("ada")[0]["EventContextData"] == {
        "IpAddress": "192.0.2.1",
        "DeviceName": "Chrome 126, Windows 10",
        "City": "null",
        "Country": "null",
    }


def test_refreshed_tokens_are_of_the_event_of_their_sign_in(records: Records, clock: HeldClock) -> None:
    tokens = records.sign_in("ada")["AuthenticationResult"]
    clock.advance(SECOND)
    refreshed = records.anonymous.initiate_auth(
        AuthFlow="REFRESH_TOKEN_AUTH",
        ClientId=records.client_id,
        AuthParameters={"REFRESH_TOKEN": tokens["RefreshToken"]},
    )["AuthenticationResult"]
    event_id = claims(tokens["AccessToken"])["event_id"]
    assert claims(refreshed["AccessToken"])["event_id"] == event_id
    assert [event["EventId"] for event in records.of("ada")] == [event_id]


def test_a_wrong_password_is_told_and_so_is_the_right_one_after_it(records: Records) -> None:
    with refused("NotAuthorizedException", "Incorrect username or password."):
        records.sign_in("ada", "wrong")
    records.sign_in("ada")
    assert records.told("ada") == ["SignIn Pass Password=Success", "SignIn Fail Password=Failure"]


def test_a_sign_in_in_several_requests_is_one_event(records: Records, clock: HeldClock) -> None:
    for password, told in (("wrong", "Fail Password=Failure"), (PASSWORD, "Pass Password=Success")):
        clock.advance(1)
        asked = records.anonymous.initiate_auth(
            AuthFlow="USER_SRP_AUTH",
            ClientId=records.client_id,
            AuthParameters={"USERNAME": "ada", "SRP_A": srp_client.SRP_A},
        )
        answer = srp_client.answer_to(asked["ChallengeParameters"], records.pool_id, password, clock.now)
        count = len(records.of("ada"))
        try:
            records.anonymous.respond_to_auth_challenge(
                ChallengeName="PASSWORD_VERIFIER",
                ClientId=records.client_id,
                ChallengeResponses={"USERNAME": "ada"} | answer,
            )
        except records.anonymous.exceptions.NotAuthorizedException:
            assert password == "wrong"
        assert len(records.of("ada")) == count + 1
        assert records.told("ada")[0] == f"SignIn {told}"


def test_a_second_factor_is_in_progress_and_then_passes(
    records: Records, clock: HeldClock, server: Server
) -> None:
    records.cognito.set_user_pool_mfa_config(
        UserPoolId=records.pool_id,
        MfaConfiguration="OPTIONAL",
        SoftwareTokenMfaConfiguration={"Enabled": True},
        SmsMfaConfiguration={
            "SmsConfiguration": {"SnsCallerArn": "arn:aws:iam::000000000000:role/sms", "ExternalId": "x"}
        },
    )
    phone = [
        {"Name": "phone_number", "Value": "+15550001234"},
        {"Name": "phone_number_verified", "Value": "true"},
    ]
    records.cognito.admin_update_user_attributes(
        UserPoolId=records.pool_id,
        Username="ada",
        UserAttributes=phone,  # type: ignore[arg-type]  # a list of dicts
    )
    records.cognito.admin_set_user_mfa_preference(
        UserPoolId=records.pool_id, Username="ada", SMSMfaSettings={"Enabled": True, "PreferredMfa": True}
    )
    asked = records.sign_in("ada")
    began = records.of("ada")[0]["CreationDate"]
    assert records.told("ada") == ["SignIn InProgress Password=Success"]
    code = newest_code(server, records.pool_id)
    clock.advance(SECOND)

    def answer(code: str) -> Any:
        return records.anonymous.respond_to_auth_challenge(
            ChallengeName="SMS_MFA",
            ClientId=records.client_id,
            Session=asked["Session"],
            ChallengeResponses={"USERNAME": "ada", "SMS_MFA_CODE": code},
        )

    with pytest.raises(records.anonymous.exceptions.CodeMismatchException):
        answer(wrong(code))
    assert records.told("ada") == ["SignIn Fail Password=Success Mfa=Failure"]
    tokens = answer(code)["AuthenticationResult"]
    assert records.told("ada") == ["SignIn Pass Password=Success Mfa=Success"]
    (event,) = records.of("ada")
    assert event["EventId"] == claims(tokens["AccessToken"])["event_id"]
    assert event["CreationDate"] == began
    (kept,) = records.kept(claims(tokens["AccessToken"])["sub"])
    assert kept.failures == 1


def test_what_becomes_of_passwords_and_of_who_signs_up_is_told(
    records: Records, clock: HeldClock, server: Server
) -> None:
    sign_up: Any = {"ClientId": records.client_id, "Username": "bert"}
    records.anonymous.sign_up(
        **sign_up, Password=PASSWORD, UserAttributes=[{"Name": "email", "Value": "bert@example.com"}]
    )
    assert records.told("bert") == ["SignUp InProgress"]
    clock.advance(SECOND)
    records.anonymous.resend_confirmation_code(**sign_up)
    clock.advance(SECOND)
    records.anonymous.confirm_sign_up(**sign_up, ConfirmationCode=newest_code(server, records.pool_id))
    assert records.told("bert") == ["ResendCode Pass", "SignUp Pass"]
    carl: Any = {"ClientId": records.client_id, "Username": "carl", "Password": PASSWORD}
    records.anonymous.sign_up(**carl)
    records.cognito.admin_confirm_sign_up(UserPoolId=records.pool_id, Username="carl")
    assert records.told("carl") == ["SignUp Pass"]

    ada: Any = {"ClientId": records.client_id, "Username": "ada"}
    records.anonymous.forgot_password(**ada)
    code = newest_code(server, records.pool_id)
    new: Any = {**ada, "Password": NEW_PASSWORD}
    clock.advance(SECOND)
    with pytest.raises(records.anonymous.exceptions.CodeMismatchException):
        records.anonymous.confirm_forgot_password(**new, ConfirmationCode=wrong(code))
    clock.advance(SECOND)
    records.anonymous.confirm_forgot_password(**new, ConfirmationCode=code)
    assert records.told("ada") == ["PasswordChange Pass", "PasswordChange Fail", "ForgotPassword InProgress"]

    token = records.sign_in("ada", NEW_PASSWORD)["AuthenticationResult"]["AccessToken"]
    change: Any = {"AccessToken": token, "ProposedPassword": PASSWORD}
    clock.advance(SECOND)
    with pytest.raises(records.anonymous.exceptions.NotAuthorizedException):
        records.anonymous.change_password(**change, PreviousPassword="wrong")
    clock.advance(SECOND)
    records.anonymous.change_password(**change, PreviousPassword=NEW_PASSWORD)
    assert records.told("ada")[:2] == ["PasswordChange Pass", "PasswordChange Fail"]


def test_what_an_administrator_does_is_not_the_users_history(records: Records) -> None:
    records.cognito.admin_set_user_password(
        UserPoolId=records.pool_id, Username="ada", Password=NEW_PASSWORD, Permanent=True
    )
    assert records.of("ada") == []


def test_pages_follow_each_other(records: Records) -> None:
    for _ in range(3):
        records.sign_in("ada")
    whole = [event["EventId"] for event in records.of("ada")]
    asked: Any = {"UserPoolId": records.pool_id, "Username": "ada", "MaxResults": 2}
    first = records.cognito.admin_list_user_auth_events(**asked)
    rest = records.cognito.admin_list_user_auth_events(**asked, NextToken=first["NextToken"])
    assert [event["EventId"] for event in first["AuthEvents"] + rest["AuthEvents"]] == whole
    assert "NextToken" not in rest
    assert len(records.cognito.admin_list_user_auth_events(**asked | {"MaxResults": 0})["AuthEvents"]) == 3
    with refused("InvalidParameterException", "Invalid pagination token given."):
        records.cognito.admin_list_user_auth_events(**asked, NextToken="another")


# -- who may know ---------------------------------------------------------------------------------------------------------


def test_strangers_cost_what_users_cost(records: Records, server: Server) -> None:
    """Their events are written under the sub of a decoy, and gone a day later."""
    call = server.run(call_of(server.node, records.pool_id, records.client_id))
    acts: list[tuple[Any, dict[str, Any]]] = [
        (password_operations.forgot_password, {}),
        (password_operations.confirm_forgot_password, {"ConfirmationCode": "1", "Password": NEW_PASSWORD}),
        (sign_up_operations.resend_confirmation_code, {}),
    ]
    for act, given in acts:
        of_user, of_stranger = (
            server.run(ran(call, act, {"Username": name} | given)) for name in ("ada", "nobody")
        )
        assert of_user == of_stranger
        assert any("auth_events" in statement for statement in of_user[0])


def test_the_events_of_users_stay_for_two_years_and_of_strangers_for_a_day(
    records: Records, server: Server
) -> None:
    with pytest.raises(records.anonymous.exceptions.NotAuthorizedException):
        records.sign_in("nobody", "wrong")
    records.sign_in("ada")
    ends = auth_events.auth_events.c
    statement = select(ends.expires_at).where(ends.pool_id == bindparam("pool"))
    rows = server.run(server.store.read(lambda db: db.all(statement, pool=records.pool_id)))
    ages = sorted(round((expires_at - server.clock.now) / DAY) for (expires_at,) in rows)
    assert ages == [1, 730]


def test_a_removed_user_takes_its_history_along(records: Records) -> None:
    sub = claims(records.sign_in("ada")["AuthenticationResult"]["AccessToken"])["sub"]
    assert len(records.kept(sub)) == 1
    records.cognito.admin_delete_user(UserPoolId=records.pool_id, Username="ada")
    assert records.kept(sub) == []
    with refused("UserNotFoundException", "User does not exist."):
        records.of("ada")


def test_a_pool_without_threat_protection_keeps_no_history(
    cognito: Cognito, make_pool: Make, make_user: Make
) -> None:
    pool: Any = {"UserPoolId": make_pool()["Id"]}
    make_user(pool["UserPoolId"], "ada")
    of_event: Any = {"Username": "ada", "EventId": "e", "FeedbackValue": "Valid"}
    with refused(*OFF):
        cognito.admin_list_user_auth_events(**pool, Username="ada")
    with refused(*OFF):
        cognito.admin_update_auth_event_feedback(**pool, **of_event)
    with refused(*OFF):
        cognito.update_auth_event_feedback(**pool, **of_event, FeedbackToken="t")


# -- what users and administrators say of an event ------------------------------------------------------------------------


def test_an_administrator_says_what_an_event_was(records: Records, clock: HeldClock) -> None:
    records.sign_in("ada")
    of_event: Any = {
        "UserPoolId": records.pool_id,
        "Username": "ada",
        "EventId": records.of("ada")[0]["EventId"],
    }
    for value in ("Invalid", "Valid"):
        records.cognito.admin_update_auth_event_feedback(**of_event, FeedbackValue=value)
        assert records.of("ada")[0]["EventFeedback"] == {
            "FeedbackValue": value,
            "Provider": "Admin",
            "FeedbackDate": datetime.fromtimestamp(clock.now / 1000, UTC),
        }
    unknown = of_event | {"EventId": "unknown"}
    with refused("ResourceNotFoundException", "Authentication event unknown does not exist."):
        records.cognito.admin_update_auth_event_feedback(**unknown, FeedbackValue="Valid")


def test_a_user_says_so_with_the_token_that_was_sent(
    records: Records, server: Server, clock: HeldClock, make_user: Make
) -> None:
    """It is for one event of one user, and for some days; whoever has none learns nothing."""
    make_user(records.pool_id, "bert")
    sub = claims(records.sign_in("ada")["AuthenticationResult"]["AccessToken"])["sub"]
    records.sign_in("ada")
    event, other = records.kept(sub)
    call = server.run(call_of(server.node, records.pool_id))
    token = history.feedback_token(call, event)
    said: Any = {
        "UserPoolId": records.pool_id,
        "Username": "ada",
        "EventId": event.id,
        "FeedbackToken": token,
        "FeedbackValue": "Invalid",
    }
    invalid = ("NotAuthorizedException", "Invalid feedback token.")
    for change in (
        {"FeedbackToken": "another"},
        {"FeedbackToken": token[:-1] + ("A" if token[-1] != "A" else "B")},
        {"EventId": other.id},
        {"Username": "bert"},
    ):
        with refused(*invalid):
            records.anonymous.update_auth_event_feedback(**said | change)
    assert "EventFeedback" not in records.of("ada")[0]
    records.anonymous.update_auth_event_feedback(**said)
    assert records.of("ada")[0]["EventFeedback"]["Provider"] == "ada"
    with refused("UserNotFoundException", "User does not exist."):
        records.anonymous.update_auth_event_feedback(**said | {"Username": "nobody"})
    clock.advance(7 * DAY - MINUTE)
    records.anonymous.update_auth_event_feedback(**said | {"FeedbackValue": "Valid"})
    clock.advance(MINUTE)
    with refused(*invalid):
        records.anonymous.update_auth_event_feedback(**said)


def test_an_event_that_is_gone_takes_no_word_of_its_user(records: Records, server: Server) -> None:
    sub = claims(records.sign_in("ada")["AuthenticationResult"]["AccessToken"])["sub"]
    (event,) = records.kept(sub)
    token = history.feedback_token(server.run(call_of(server.node, records.pool_id)), event)
    server.run(server.store.write(auth_events.remove_all, records.pool_id, sub))
    with refused("ResourceNotFoundException", f"Authentication event {event.id} does not exist."):
        records.anonymous.update_auth_event_feedback(
            UserPoolId=records.pool_id,
            Username="ada",
            EventId=event.id,
            FeedbackToken=token,
            FeedbackValue="Valid",
        )
