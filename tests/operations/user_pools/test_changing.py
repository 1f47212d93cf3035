"""User pools changed, attributes added to them."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient

from tests.operations.user_pools.conftest import DEFAULTS, FULL, OF_CREATION, OF_THE_POOL, MakePool, described
from tests.refused import refused

# -- changing ----------------------------------------------------------------------------------------------------------


def test_an_update_that_says_nothing_resets_nearly_everything(
    cognito: CognitoIdentityProviderClient, make_pool: MakePool
) -> None:
    pool = make_pool(**FULL, **OF_CREATION, Schema=[{"Name": "team", "AttributeDataType": "String"}])
    cognito.update_user_pool(UserPoolId=pool["Id"], UserPoolTier="ESSENTIALS", MfaConfiguration="OFF")
    found = described(cognito, pool)
    kept = {"DcrConfiguration", "KeyConfiguration", "IssuerConfiguration", "Policies"}
    kept |= {*OF_CREATION, *OF_THE_POOL}
    days = pool["Policies"]["PasswordPolicy"]["TemporaryPasswordValidityDays"]
    mirrored = {"AllowAdminCreateUserOnly": False, "UnusedAccountValidityDays": days}
    assert found.keys() == DEFAULTS.keys() | kept
    assert {name: found[name] for name in kept} == {name: pool[name] for name in kept}
    reset = DEFAULTS | {"Name": "everything", "AdminCreateUserConfig": mirrored}
    assert {name: found[name] for name in DEFAULTS if name not in kept} == {
        name: value for name, value in reset.items() if name not in kept
    }


def test_an_update_that_does_not_speak_of_mfa_leaves_it_on(
    cognito: CognitoIdentityProviderClient, make_pool: MakePool
) -> None:
    sms = {"SmsConfiguration": FULL["SmsConfiguration"], "AutoVerifiedAttributes": ["phone_number"]}
    pool = make_pool(MfaConfiguration="ON", **sms)
    cognito.update_user_pool(UserPoolId=pool["Id"], PoolName="renamed", **sms)
    assert described(cognito, pool)["MfaConfiguration"] == "ON"


def test_a_plan_that_is_not_sent_stays(cognito: CognitoIdentityProviderClient, make_pool: MakePool) -> None:
    pool = make_pool(UserPoolTier="PLUS")
    cognito.update_user_pool(UserPoolId=pool["Id"], UserPoolAddOns={"AdvancedSecurityMode": "ENFORCED"})
    found = described(cognito, pool)
    assert found["UserPoolTier"] == "PLUS"
    assert found["UserPoolAddOns"] == {
        "AdvancedSecurityMode": "ENFORCED",
        "AdvancedSecurityAdditionalFlows": {},
    }


def test_a_pool_can_be_renamed(cognito: CognitoIdentityProviderClient, make_pool: MakePool) -> None:
    pool = make_pool()
    cognito.update_user_pool(UserPoolId=pool["Id"], PoolName="another name")
    assert described(cognito, pool)["Name"] == "another name"


@pytest.mark.parametrize(
    ("members", "type_", "message"),
    [
        (
            {"AutoVerifiedAttributes": ["phone_number"]},
            "InvalidParameterException",
            "SMS configuration is required when phone_number is selected for auto verification",
        ),
        (
            {"UserPoolTags": {"AWS:team": "a"}},
            "UserPoolTaggingException",
            "aws: prefixed tag key names are not allowed for external use.",
        ),
        (
            {"UserPoolTier": "LITE"},
            "TierChangeNotAllowedException",
            "The following features need to be disabled for the LITE pricing tier configured: Dynamic Client Registration",
        ),
        (
            {"UserPoolAddOns": {"AdvancedSecurityMode": "AUDIT"}},
            "FeatureUnavailableInTierException",
            "The following features need to be disabled for the ESSENTIALS pricing tier configured: Threat Protection",
        ),
    ],
)
def test_an_update_that_cannot_be_changes_nothing(
    cognito: CognitoIdentityProviderClient,
    make_pool: MakePool,
    members: dict[str, Any],
    type_: str,
    message: str,
) -> None:
    pool = make_pool(DcrConfiguration={}, UserPoolTags={"team": "a"})
    with refused(type_, message):
        cognito.update_user_pool(UserPoolId=pool["Id"], **members)
    assert described(cognito, pool) == pool


def test_a_pool_goes_to_lite_when_nothing_above_it_is_left(
    cognito: CognitoIdentityProviderClient, make_pool: MakePool, make_client: Callable[..., Any]
) -> None:
    pool = make_pool(DcrConfiguration={})
    client = make_client(pool["Id"], ExplicitAuthFlows=["ALLOW_USER_AUTH"])
    lite: Any = {"UserPoolTier": "LITE", "DcrConfiguration": {"EnableStatus": "Disabled"}}
    with refused(
        "TierChangeNotAllowedException",
        "The following features need to be disabled for the LITE pricing tier configured: Choice-Based Sign-In",
    ):
        cognito.update_user_pool(UserPoolId=pool["Id"], **lite)
    cognito.delete_user_pool_client(UserPoolId=pool["Id"], ClientId=client["ClientId"])
    cognito.update_user_pool(UserPoolId=pool["Id"], **lite)
    assert described(cognito, pool)["UserPoolTier"] == "LITE"
    cognito.update_user_pool(UserPoolId=pool["Id"], UserPoolTier="ESSENTIALS")
    assert described(cognito, pool)["Policies"] == DEFAULTS["Policies"]


def test_an_update_is_seen_by_the_next_request(
    cognito: CognitoIdentityProviderClient, make_pool: MakePool
) -> None:
    pool = make_pool()
    for number in range(3):
        cognito.update_user_pool(UserPoolId=pool["Id"], PoolName=f"name {number}")
        assert described(cognito, pool)["Name"] == f"name {number}"


# -- attributes --------------------------------------------------------------------------------------------------------


def test_attributes_are_added_behind_those_that_are_there(
    cognito: CognitoIdentityProviderClient, make_pool: MakePool
) -> None:
    pool = make_pool(Schema=[{"Name": "team", "AttributeDataType": "String"}])
    cognito.add_custom_attributes(
        UserPoolId=pool["Id"],
        CustomAttributes=[
            {"Name": "level", "AttributeDataType": "Number", "NumberAttributeConstraints": {"MinValue": "1"}},
            {"Name": "cost", "AttributeDataType": "String", "DeveloperOnlyAttribute": True},
        ],
    )
    found = described(cognito, pool)["SchemaAttributes"]
    assert found[:21] == pool["SchemaAttributes"]
    assert [attribute["Name"] for attribute in found[21:]] == ["custom:level", "dev:custom:cost"]
    assert found[21]["NumberAttributeConstraints"] == {"MinValue": "1"}
    assert found[22]["DeveloperOnlyAttribute"] is True


@pytest.mark.parametrize(
    ("attribute", "message"),
    [
        (
            {"Name": "team", "AttributeDataType": "Number"},
            "custom:team: Existing attribute already has name custom:team.",
        ),
        (
            {"Name": "other"},
            "Invalid AttributeDataType input, consider using the provided AttributeDataType enum.",
        ),
        (
            {"Name": "other", "AttributeDataType": "String", "Required": True},
            "Required custom attributes are not supported currently.",
        ),
    ],
)
def test_an_attribute_that_cannot_be_added_is_refused(
    cognito: CognitoIdentityProviderClient, make_pool: MakePool, attribute: Any, message: str
) -> None:
    pool = make_pool(Schema=[{"Name": "team", "AttributeDataType": "String"}])
    with refused("InvalidParameterException", message):
        cognito.add_custom_attributes(UserPoolId=pool["Id"], CustomAttributes=[attribute])
    assert described(cognito, pool) == pool


def test_a_pool_takes_fifty_custom_attributes(
    cognito: CognitoIdentityProviderClient, make_pool: MakePool
) -> None:
    attributes: list[Any] = [{"Name": f"a{n}", "AttributeDataType": "String"} for n in range(51)]
    pool = make_pool(Schema=attributes[:25])
    cognito.add_custom_attributes(UserPoolId=pool["Id"], CustomAttributes=attributes[25:49])
    with refused("InvalidParameterException", "A user pool can have at most 50 custom attributes."):
        cognito.add_custom_attributes(UserPoolId=pool["Id"], CustomAttributes=attributes[49:])
    cognito.add_custom_attributes(UserPoolId=pool["Id"], CustomAttributes=attributes[49:50])
    assert len(described(cognito, pool)["SchemaAttributes"]) == 70


def test_attributes_added_at_the_same_time_are_all_there(
    cognito: CognitoIdentityProviderClient, make_pool: MakePool
) -> None:
    pool = make_pool()

    def add(number: int) -> None:
        cognito.add_custom_attributes(
            UserPoolId=pool["Id"],
            CustomAttributes=[{"Name": f"a{number}", "AttributeDataType": "String"}],
        )

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(add, range(8)))
    names = {found["Name"] for found in described(cognito, pool)["SchemaAttributes"]}
    assert {f"custom:a{number}" for number in range(8)} <= names
