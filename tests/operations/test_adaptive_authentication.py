"""Threat protection that judges sign-ins: what it finds, what it does, and what it leaves alone."""

from __future__ import annotations

import base64
import hmac
import html
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen.clock import HOUR, MINUTE
from cognomen.risk import context, notices
from cognomen.users.lockout import Quota
from tests import srp_client
from tests.adaptive import BY_MAIL, CHROME, ELSEWHERE, HOME, Adaptive, actions, in_mode, notifying
from tests.codes import messages_of
from tests.conftest import PASSWORD
from tests.held_clock import HeldClock
from tests.second_factors import OWN_SENDER
from tests.server import Server

Make = Callable[..., Any]

INCORRECT = ("NotAuthorizedException", "Incorrect username or password.")
BLOCKED = ("NotAuthorizedException", "Unable to login because of security reasons.")
ADDRESS_BLOCKED = ("NotAuthorizedException", "Request not allowed due to security reasons.")


def refusal_of(act: Callable[..., Any], *args: Any, **members: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        act(*args, **members)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def collected(pool: Adaptive, device: str) -> str:
    data = {"UserAgent": CHROME, "DeviceId": device, "ClientTimezone": "-07:00"}
    payload = json.dumps({"contextData": data, "username": "ada", "userPoolId": pool.pool_id})
    signature = context.signature_of("JS20171115", payload, pool.client_id)
    envelope = {"payload": payload, "signature": signature, "version": "JS20171115"}
    return base64.b64encode(json.dumps(envelope).encode()).decode()


def secret_hash(client: Any, username: str) -> str:
    signed = hmac.digest(
        client["ClientSecret"].encode(), f"{username}{client['ClientId']}".encode(), "sha256"
    )
    return base64.b64encode(signed).decode()


@pytest.fixture
def pool(
    cognito: Cognito,
    anonymous: Cognito,
    make_pool: Make,
    make_client: Make,
    make_user: Make,
    clock: HeldClock,
) -> Adaptive:
    """Its user ada has signed in from home, and the next sign-in is an hour later."""
    pool_id = make_pool(**in_mode("ENFORCED"), EmailConfiguration=OWN_SENDER, AccountRecoverySetting=BY_MAIL)[
        "Id"
    ]
    first = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH"]
    flows = [*first, "ALLOW_REFRESH_TOKEN_AUTH"]
    client_id = make_client(pool_id, PreventUserExistenceErrors="ENABLED", ExplicitAuthFlows=flows)[
        "ClientId"
    ]
    make_user(pool_id, "ada", email="ada@example.com", email_verified="true")
    made = Adaptive(cognito, anonymous, pool_id, client_id, clock)
    made.come("ada", HOME)
    clock.advance(2 * HOUR)
    return made


def test_a_sign_in_as_before_is_no_risk(pool: Adaptive) -> None:
    pool.act("BLOCK")
    assert "AuthenticationResult" in pool.come("ada", HOME)
    assert pool.told("ada") == ["Pass NoRisk", "Pass NoRisk"]


def test_one_from_elsewhere_is_blocked(pool: Adaptive) -> None:
    pool.act("BLOCK")
    assert refusal_of(pool.come, "ada", ELSEWHERE) == BLOCKED
    assert pool.told("ada") == ["Fail Block", "Pass NoRisk"]
    assert "AuthenticationResult" in pool.come("ada", HOME), "nobody is locked out by it"


def test_so_is_one_whose_password_is_proven_by_srp(pool: Adaptive) -> None:
    pool.act("BLOCK")
    for name in ("ada", "nobody"):
        asked = pool.anonymous.initiate_auth(
            AuthFlow="USER_SRP_AUTH",
            ClientId=pool.client_id,
            AuthParameters={"USERNAME": name, "SRP_A": srp_client.SRP_A},
        )
        answer = srp_client.answer_to(asked["ChallengeParameters"], pool.pool_id, PASSWORD, pool.clock.now)
        told = refusal_of(
            pool.anonymous.respond_to_auth_challenge,
            ClientId=pool.client_id,
            ChallengeName="PASSWORD_VERIFIER",
            ChallengeResponses=answer | {"USERNAME": name},
        )
        assert told == (BLOCKED if name == "ada" else INCORRECT)
    assert pool.told("ada")[0] == "Fail Block"


def test_a_wrong_password_from_elsewhere_is_told_as_anywhere(pool: Adaptive) -> None:
    pool.act("BLOCK")
    for name in ("ada", "nobody"):
        assert refusal_of(pool.come, name, ELSEWHERE, "Wrong-1-password") == INCORRECT


def test_an_audit_tells_and_lets_go_on(pool: Adaptive) -> None:
    pool.act("BLOCK", mode="AUDIT")
    assert "AuthenticationResult" in pool.come("ada", ELSEWHERE)
    assert pool.told("ada")[0] == "Pass AccountTakeover Medium"


@pytest.mark.parametrize("action", ["NO_ACTION", "MFA_IF_CONFIGURED"])
def test_these_actions_let_in_who_has_no_second_factor(pool: Adaptive, action: str) -> None:
    pool.act(action)
    assert "AuthenticationResult" in pool.come("ada", ELSEWHERE)
    assert pool.told("ada")[0] == "Pass AccountTakeover Medium"


def test_a_pool_without_a_configuration_does_nothing(pool: Adaptive) -> None:
    assert "AuthenticationResult" in pool.come("ada", ELSEWHERE)
    assert pool.told("ada")[0] == "Pass AccountTakeover Medium"


def test_who_must_prove_a_second_factor_and_has_none_is_blocked(pool: Adaptive) -> None:
    pool.act("MFA_REQUIRED")
    assert refusal_of(pool.come, "ada", ELSEWHERE) == BLOCKED
    assert pool.told("ada")[0] == "Fail Block"


@pytest.mark.parametrize("action", ["MFA_IF_CONFIGURED", "MFA_REQUIRED"])
def test_a_factor_is_asked_for_though_the_user_has_not_enabled_it(pool: Adaptive, action: str) -> None:
    pool.offer("SOFTWARE_TOKEN_MFA")
    app = pool.give_app("ada")
    pool.prefer("ada")
    pool.clock.advance(2 * HOUR)
    pool.act(action)
    assert "AuthenticationResult" in pool.come("ada", HOME), "at home nothing is asked for"
    asked = pool.come("ada", ELSEWHERE)
    assert asked["ChallengeName"] == "SOFTWARE_TOKEN_MFA"
    assert pool.told("ada")[0] == "InProgress AccountTakeover Medium"
    proven = pool.prove("ada", asked, ELSEWHERE, SOFTWARE_TOKEN_MFA_CODE=app.code())
    assert "AuthenticationResult" in proven
    assert pool.told("ada")[0] == "Pass AccountTakeover Medium"
    assert "AuthenticationResult" in pool.come("ada", ELSEWHERE), "whoever has proven more is known there"


def test_of_several_factors_the_user_chooses(pool: Adaptive) -> None:
    pool.offer("SOFTWARE_TOKEN_MFA", "SMS_MFA")
    app = pool.give_app("ada")
    pool.cognito.admin_update_user_attributes(
        UserPoolId=pool.pool_id,
        Username="ada",
        UserAttributes=[{"Name": "phone_number", "Value": "+17755550839"}],
    )
    pool.prefer("ada")
    pool.act("MFA_REQUIRED")
    asked = pool.come("ada", ELSEWHERE)
    assert asked["ChallengeName"] == "SELECT_MFA_TYPE"
    assert set(factors_in(asked)) == {"SMS_MFA", "SOFTWARE_TOKEN_MFA"}
    asked = pool.prove("ada", asked, ELSEWHERE, ANSWER="SOFTWARE_TOKEN_MFA")
    assert asked["ChallengeName"] == "SOFTWARE_TOKEN_MFA"
    proven = pool.prove("ada", asked, ELSEWHERE, SOFTWARE_TOKEN_MFA_CODE=app.code())
    assert "AuthenticationResult" in proven


def factors_in(asked: Any) -> list[str]:
    found: list[str] = json.loads(asked["ChallengeParameters"]["MFAS_CAN_CHOOSE"])
    return found


def test_what_a_sign_in_was_judged_travels_with_it(pool: Adaptive) -> None:
    """Whoever changes places before the second answer is not judged again, and owes what was owed."""
    pool.offer("SOFTWARE_TOKEN_MFA")
    pool.give_app("ada")
    pool.prefer("ada")
    pool.act("MFA_REQUIRED")
    asked = pool.come("ada", ELSEWHERE)
    wrong = refusal_of(pool.prove, "ada", asked, HOME, SOFTWARE_TOKEN_MFA_CODE="000000")
    assert wrong[0] == "CodeMismatchException"
    pool.act("NO_ACTION")
    again = refusal_of(pool.prove, "ada", asked, HOME, SOFTWARE_TOKEN_MFA_CODE="000001")
    assert again[0] == "CodeMismatchException"


def test_what_a_client_is_told_to_do_stands_in_the_place_of_the_pools(pool: Adaptive) -> None:
    pool.act("BLOCK")
    pool.act("NO_ACTION", client_id=pool.client_id)
    assert "AuthenticationResult" in pool.come("ada", ELSEWHERE)


def test_addresses_are_blocked_and_left_alone(pool: Adaptive) -> None:
    exceptions = {"BlockedIPRangeList": ["203.0.113.0/24"], "SkippedIPRangeList": ["198.51.100.0/24"]}
    takeover = {"Actions": actions("BLOCK")}
    pool.protect("ENFORCED", AccountTakeoverRiskConfiguration=takeover, RiskExceptionConfiguration=exceptions)
    assert "AuthenticationResult" in pool.come("ada", ELSEWHERE)
    assert pool.told("ada")[0] == "Pass NoRisk"
    for name in ("ada", "nobody"):
        for password in (PASSWORD, "Wrong-1-password"):
            for address in ("203.0.113.7", "::ffff:203.0.113.7"):
                assert refusal_of(pool.come, name, (address, CHROME), password) == ADDRESS_BLOCKED
    assert len(pool.told("ada")) == 2, "who has proven nothing is not in anybody's history"
    pool.protect("AUDIT", RiskExceptionConfiguration=exceptions)
    assert "AuthenticationResult" in pool.come("ada", ("203.0.113.7", CHROME))


def test_a_blocked_address_may_not_go_on_either(pool: Adaptive) -> None:
    pool.offer("SOFTWARE_TOKEN_MFA")
    app = pool.give_app("ada")
    pool.prefer("ada", "SOFTWARE_TOKEN_MFA")
    pool.protect("ENFORCED", RiskExceptionConfiguration={"BlockedIPRangeList": ["203.0.113.0/24"]})
    asked = pool.come("ada", HOME)
    code = {"SOFTWARE_TOKEN_MFA_CODE": app.code()}
    assert refusal_of(pool.prove, "ada", asked, ("203.0.113.7", CHROME), **code) == ADDRESS_BLOCKED
    assert "AuthenticationResult" in pool.prove("ada", asked, HOME, **code)


def test_a_blocked_address_gets_no_codes_and_no_accounts(
    pool: Adaptive, server: Server, make_client: Make
) -> None:
    """Its backend tells of the address, and is believed."""
    client = make_client(pool.pool_id, GenerateSecret=True, EnablePropagateAdditionalUserContextData=True)
    pool.protect("ENFORCED", RiskExceptionConfiguration={"BlockedIPRangeList": ["203.0.113.0/24"]})
    for name in ("ada", "nobody"):
        members: Any = {
            "ClientId": client["ClientId"],
            "Username": name,
            "SecretHash": secret_hash(client, name),
            "UserContextData": {"IpAddress": "203.0.113.7"},
        }
        for act in (pool.anonymous.forgot_password, pool.anonymous.resend_confirmation_code):
            assert refusal_of(act, **members) == ADDRESS_BLOCKED
        assert refusal_of(pool.anonymous.sign_up, Password=PASSWORD, **members) == ADDRESS_BLOCKED
    assert messages_of(server, pool.pool_id) == []


def test_what_an_app_has_collected_tells_devices_apart(pool: Adaptive) -> None:
    """By an id that the library keeps on the device, whatever program sends it on; and it is told in the history."""

    def come(device: str) -> None:
        pool.clock.advance(1)
        pool.anonymous.initiate_auth(
            AuthFlow="USER_PASSWORD_AUTH",
            ClientId=pool.client_id,
            AuthParameters={"USERNAME": "ada", "PASSWORD": PASSWORD},
            UserContextData={"EncodedData": collected(pool, device)},
        )

    for device in ("one", "one", "two"):
        come(device)
    assert [risk.split()[1] for risk in pool.told("ada")[:2]] == ["AccountTakeover", "NoRisk"]
    events: Any = pool.cognito.admin_list_user_auth_events(UserPoolId=pool.pool_id, Username="ada")
    known = events["AuthEvents"][0]["EventContextData"]
    assert (known["DeviceName"], known["Timezone"]) == ("Chrome 126, Windows 10", "-07:00")


def test_what_was_reported_counts(pool: Adaptive) -> None:
    pool.act("NO_ACTION")
    pool.come("ada", ELSEWHERE)
    event: Any = pool.cognito.admin_list_user_auth_events(UserPoolId=pool.pool_id, Username="ada")
    feedback: Any = {"EventId": event["AuthEvents"][0]["EventId"], "FeedbackValue": "Invalid"}
    pool.cognito.admin_update_auth_event_feedback(UserPoolId=pool.pool_id, Username="ada", **feedback)
    pool.come("ada", ELSEWHERE)
    assert pool.told("ada")[0] == "Pass AccountTakeover High"
    pool.cognito.admin_update_auth_event_feedback(
        UserPoolId=pool.pool_id, Username="ada", **feedback | {"FeedbackValue": "Valid"}
    )
    pool.come("ada", ELSEWHERE)
    assert pool.told("ada")[0] == "Pass NoRisk"


def test_a_user_is_told_of_a_risk(pool: Adaptive, server: Server) -> None:
    pool.protect("ENFORCED", **notifying("BLOCK"))
    refusal_of(pool.come, "ada", ELSEWHERE)
    event: Any = pool.cognito.admin_list_user_auth_events(UserPoolId=pool.pool_id, Username="ada")
    (mail,) = messages_of(server, pool.pool_id)
    id = event["AuthEvents"][0]["EventId"]
    assert (mail["subject"], mail["destination"]) == ("Refused", "ada@example.com")
    facts, valid, invalid, token = mail["body"].splitlines()
    assert facts.startswith("<p>ada 198.51.100.1 unknown Firefox 127, Linux 20")
    assert facts.endswith(f" UTC {id} {{unknown}}</p>")
    link = f"/eventFeedback?client_id={pool.client_id}&user_name=ada&event_id={id}&value="
    assert f"{link}valid&token={token}" in html.unescape(valid)
    assert f"{link}invalid&token={token}" in html.unescape(invalid)
    pool.anonymous.update_auth_event_feedback(
        UserPoolId=pool.pool_id, Username="ada", EventId=id, FeedbackToken=token, FeedbackValue="Valid"
    )
    assert "AuthenticationResult" in pool.come("ada", ELSEWHERE)


@pytest.mark.parametrize(
    ("action", "mode", "subjects"),
    [
        ("NO_ACTION", "ENFORCED", ["New sign-in attempt"]),
        ("MFA_IF_CONFIGURED", "ENFORCED", ["New sign-in attempt"]),
        ("MFA_REQUIRED", "ENFORCED", ["Refused"]),
        ("BLOCK", "AUDIT", []),
    ],
)
def test_the_notice_is_of_what_was_done(
    pool: Adaptive, server: Server, action: str, mode: str, subjects: list[str]
) -> None:
    pool.protect(mode, **notifying(action))
    if subjects == ["Refused"]:
        assert refusal_of(pool.come, "ada", ELSEWHERE) == BLOCKED
    else:
        pool.come("ada", ELSEWHERE)
    assert [mail["subject"] for mail in messages_of(server, pool.pool_id)] == subjects


def test_no_risk_and_no_address_mean_no_notice(pool: Adaptive, server: Server, make_user: Make) -> None:
    pool.protect("ENFORCED", **notifying("BLOCK"))
    pool.come("ada", HOME)
    make_user(pool.pool_id, "bob")
    pool.come("bob", HOME)
    assert refusal_of(pool.come, "bob", ELSEWHERE) == BLOCKED
    assert messages_of(server, pool.pool_id) == []


def test_nobody_fills_a_mailbox_with_notices(
    pool: Adaptive, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where they come at once: what was sent is counted with the sending."""
    monkeypatch.setattr(notices, "QUOTA", Quota("risk-notice", an_hour=2))
    pool.protect("ENFORCED", **notifying("BLOCK"))
    with ThreadPoolExecutor(6) as threads:
        told = [threads.submit(refusal_of, pool.come, "ada", ELSEWHERE) for _ in range(6)]
    assert [each.result() for each in told] == [BLOCKED] * 6
    assert len(messages_of(server, pool.pool_id)) == 2
    pool.clock.advance(2 * HOUR)
    assert refusal_of(pool.come, "ada", ELSEWHERE) == BLOCKED
    assert len(messages_of(server, pool.pool_id)) == 3


def test_risks_that_nobody_is_told_of_silence_no_notice(
    pool: Adaptive, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notices, "QUOTA", Quota("risk-notice", an_hour=2))
    pool.act("NO_ACTION")
    for number in range(3):
        pool.come("ada", (f"203.0.{number}.1", CHROME))
    pool.protect("ENFORCED", **notifying("BLOCK"))
    assert refusal_of(pool.come, "ada", ("203.0.113.9", CHROME)) == BLOCKED
    assert len(messages_of(server, pool.pool_id)) == 1


def test_harmless_notices_keep_no_grave_one_from_the_user(
    pool: Adaptive, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first of a level, and the first of what was done, is told however many there were."""
    monkeypatch.setattr(notices, "QUOTA", Quota("risk-notice", an_hour=1))
    low: Any = notifying("NO_ACTION")
    low["AccountTakeoverRiskConfiguration"]["Actions"]["MediumAction"] = {
        "EventAction": "BLOCK",
        "Notify": True,
    }
    pool.protect("ENFORCED", **low)
    for number in range(3):
        pool.come("ada", (f"203.0.{number}.1", CHROME))
    assert [mail["subject"] for mail in messages_of(server, pool.pool_id)] == ["New sign-in attempt"]
    for _ in range(2):
        assert refusal_of(pool.come, "ada", ELSEWHERE) == BLOCKED
    subjects = [mail["subject"] for mail in messages_of(server, pool.pool_id)]
    assert sorted(subjects) == ["New sign-in attempt", "Refused"]


def test_what_strangers_do_locks_nobody_out_at_home(pool: Adaptive) -> None:
    pool.act("BLOCK")
    for number in range(6):
        refusal_of(pool.come, "ada", (f"203.0.{number}.1", "stranger"), "Wrong-1-password")
        pool.clock.advance(MINUTE)
    assert "AuthenticationResult" in pool.come("ada", HOME)
    assert pool.told("ada")[0] == "Pass NoRisk"
