from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient

from tests.held_clock import HeldClock
from tests.refused import refused

IDENTITY = "arn:aws:ses:us-east-1:000000000000:identity/ada@example.com"
MAIL = {"Subject": "A sign-in", "HtmlBody": "<p>From {ip-address}</p>", "TextBody": "From {ip-address}"}
COMPROMISED: Any = {"EventFilter": ["SIGN_IN"], "Actions": {"EventAction": "BLOCK"}}
TAKEOVER: Any = {
    "NotifyConfiguration": {
        "From": "Ada <ada@example.com>",
        "ReplyTo": "ada@example.com",
        "SourceArn": IDENTITY,
        "BlockEmail": MAIL,
        "NoActionEmail": MAIL,
        "MfaEmail": MAIL,
    },
    "Actions": {
        "LowAction": {"Notify": False, "EventAction": "NO_ACTION"},
        "MediumAction": {"Notify": True, "EventAction": "MFA_IF_CONFIGURED"},
        "HighAction": {"Notify": True, "EventAction": "BLOCK"},
    },
}
EXCEPTIONS: Any = {"BlockedIPRangeList": ["192.0.2.0/24"], "SkippedIPRangeList": ["2001:db8::/32"]}
PARTS: Any = {
    "CompromisedCredentialsRiskConfiguration": COMPROMISED,
    "AccountTakeoverRiskConfiguration": TAKEOVER,
    "RiskExceptionConfiguration": EXCEPTIONS,
}

Make = Callable[..., Any]


@pytest.fixture
def pool_id(make_pool: Make) -> str:
    pool = make_pool(UserPoolTier="PLUS", UserPoolAddOns={"AdvancedSecurityMode": "AUDIT"})
    return str(pool["Id"])


@pytest.fixture
def client_id(pool_id: str, make_client: Make) -> str:
    return str(make_client(pool_id)["ClientId"])


def test_a_configuration_comes_back_as_it_was_given(
    cognito: CognitoIdentityProviderClient, pool_id: str, client_id: str, clock: HeldClock
) -> None:
    moment = datetime.fromtimestamp(clock.now / 1000, UTC)
    of_pool = cognito.set_risk_configuration(UserPoolId=pool_id, **PARTS)["RiskConfiguration"]
    assert of_pool == {"UserPoolId": pool_id, "LastModifiedDate": moment} | PARTS
    assert cognito.describe_risk_configuration(UserPoolId=pool_id)["RiskConfiguration"] == of_pool
    of_client = cognito.set_risk_configuration(
        UserPoolId=pool_id, ClientId=client_id, CompromisedCredentialsRiskConfiguration=COMPROMISED
    )["RiskConfiguration"]
    assert of_client == {
        "UserPoolId": pool_id,
        "ClientId": client_id,
        "CompromisedCredentialsRiskConfiguration": COMPROMISED,
        "LastModifiedDate": moment,
    }
    described = cognito.describe_risk_configuration(UserPoolId=pool_id, ClientId=client_id)
    assert described["RiskConfiguration"] == of_client
    assert cognito.describe_risk_configuration(UserPoolId=pool_id)["RiskConfiguration"] == of_pool


def test_a_filter_is_for_all_events_unless_it_names_some(
    cognito: CognitoIdentityProviderClient, pool_id: str
) -> None:
    answer = cognito.set_risk_configuration(
        UserPoolId=pool_id, CompromisedCredentialsRiskConfiguration={"Actions": {"EventAction": "NO_ACTION"}}
    )
    assert answer["RiskConfiguration"]["CompromisedCredentialsRiskConfiguration"]["EventFilter"] == [
        "SIGN_IN",
        "PASSWORD_CHANGE",
        "SIGN_UP",
    ]


def test_the_longest_mails_in_any_script_are_taken(
    cognito: CognitoIdentityProviderClient, pool_id: str
) -> None:
    longest = {"Subject": "\u0436" * 140, "HtmlBody": "\u0436" * 20_000, "TextBody": "\u0436" * 20_000}
    notify = {"SourceArn": IDENTITY, "BlockEmail": longest, "NoActionEmail": longest, "MfaEmail": longest}
    takeover = TAKEOVER | {"NotifyConfiguration": notify}
    cognito.set_risk_configuration(UserPoolId=pool_id, AccountTakeoverRiskConfiguration=takeover)
    described: Any = cognito.describe_risk_configuration(UserPoolId=pool_id)["RiskConfiguration"]
    assert described["AccountTakeoverRiskConfiguration"] == takeover


def test_a_configuration_is_replaced_as_a_whole(cognito: CognitoIdentityProviderClient, pool_id: str) -> None:
    cognito.set_risk_configuration(UserPoolId=pool_id, **PARTS)
    answer = cognito.set_risk_configuration(UserPoolId=pool_id, RiskExceptionConfiguration=EXCEPTIONS)
    assert answer["RiskConfiguration"].keys() == {
        "UserPoolId",
        "RiskExceptionConfiguration",
        "LastModifiedDate",
    }


def test_without_any_part_all_goes_back_to_the_defaults(
    cognito: CognitoIdentityProviderClient, pool_id: str, client_id: str
) -> None:
    def described(**members: str) -> Any:
        return cognito.describe_risk_configuration(UserPoolId=pool_id, **members)["RiskConfiguration"]

    nothing = {"UserPoolId": pool_id}
    assert described() == described(ClientId=client_id) == nothing
    of_pool = cognito.set_risk_configuration(UserPoolId=pool_id, **PARTS)["RiskConfiguration"]
    assert described(ClientId=client_id) == of_pool
    cognito.set_risk_configuration(
        UserPoolId=pool_id, ClientId=client_id, RiskExceptionConfiguration=EXCEPTIONS
    )
    reset = cognito.set_risk_configuration(UserPoolId=pool_id, ClientId=client_id)["RiskConfiguration"]
    assert reset.keys() == {"UserPoolId", "ClientId", "LastModifiedDate"}
    assert described(ClientId=client_id) == of_pool
    cognito.set_risk_configuration(UserPoolId=pool_id)
    assert described() == described(ClientId=client_id) == nothing


def test_a_pool_without_threat_protection_has_no_configuration(
    cognito: CognitoIdentityProviderClient, make_pool: Make
) -> None:
    for pool in (make_pool(), make_pool(UserPoolTier="PLUS", UserPoolAddOns={"AdvancedSecurityMode": "OFF"})):
        for ask in (cognito.describe_risk_configuration, cognito.set_risk_configuration):
            with refused(
                "UserPoolAddOnNotEnabledException", "Threat protection is not enabled for this user pool."
            ):
                ask(UserPoolId=pool["Id"])


def test_a_faulty_configuration_is_refused_and_changes_nothing(
    cognito: CognitoIdentityProviderClient, pool_id: str
) -> None:
    of_pool = cognito.set_risk_configuration(UserPoolId=pool_id, **PARTS)["RiskConfiguration"]
    with refused("InvalidParameterException", "192.0.2.1 is not a valid IP range in CIDR notation."):
        cognito.set_risk_configuration(
            UserPoolId=pool_id, RiskExceptionConfiguration={"SkippedIPRangeList": ["192.0.2.1"]}
        )
    foreign = TAKEOVER | {"NotifyConfiguration": {"SourceArn": "arn:aws:sns:us-east-1:000000000000:a-topic"}}
    with refused(
        "InvalidEmailRoleAccessPolicyException", "Cognito is not allowed to use your email identity"
    ):
        cognito.set_risk_configuration(UserPoolId=pool_id, AccountTakeoverRiskConfiguration=foreign)
    too_many = [f"192.0.{number}.0/24" for number in range(201)]
    with refused("InvalidParameterException"):
        cognito.set_risk_configuration(
            UserPoolId=pool_id, RiskExceptionConfiguration={"BlockedIPRangeList": too_many}
        )
    assert cognito.describe_risk_configuration(UserPoolId=pool_id)["RiskConfiguration"] == of_pool


def test_pool_and_client_must_exist(cognito: CognitoIdentityProviderClient, pool_id: str) -> None:
    for ask in (cognito.describe_risk_configuration, cognito.set_risk_configuration):
        with refused("ResourceNotFoundException", "User pool client unknown does not exist."):
            ask(UserPoolId=pool_id, ClientId="unknown")
        with refused("ResourceNotFoundException", "User pool us-east-1_nobody does not exist."):
            ask(UserPoolId="us-east-1_nobody")
