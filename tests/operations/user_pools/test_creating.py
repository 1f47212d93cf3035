"""User pools created and described."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient

from cognomen.pools import configuration, schema
from cognomen.store import user_pools
from tests.held_clock import HeldClock
from tests.operations.user_pools.conftest import (
    DEFAULTS,
    FULL,
    LAMBDA,
    OF_CREATION,
    OF_THE_POOL,
    MakePool,
    described,
)
from tests.refused import refused
from tests.server import Server

INVALID = "1 validation error detected:"
FAILED = "failed to satisfy constraint: Member must have"
READ_ONLY = {
    "Id",
    "Name",
    "Arn",
    "CreationDate",
    "LastModifiedDate",
    "SchemaAttributes",
    "AliasAttributes",
    "UsernameAttributes",
    "UsernameConfiguration",
    "EstimatedNumberOfUsers",
}


# -- creating and describing -------------------------------------------------------------------------------------------


def test_a_new_pool_has_an_id_an_arn_and_one_date(make_pool: MakePool, clock: HeldClock) -> None:
    pool = make_pool()
    region, _, rest = pool["Id"].partition("_")
    assert region == "us-east-1"
    assert len(rest) == 9
    assert rest.isalnum()
    assert rest.isascii()
    assert pool["Arn"] == f"arn:aws:cognito-idp:us-east-1:000000000000:userpool/{pool['Id']}"
    assert pool["CreationDate"] == pool["LastModifiedDate"]
    assert pool["CreationDate"].timestamp() == pytest.approx(clock.now / 1000)


@pytest.mark.parametrize("member", sorted(DEFAULTS))
def test_a_member_that_was_never_set_is_at_its_default(
    cognito: CognitoIdentityProviderClient, make_pool: MakePool, member: str
) -> None:
    pool = make_pool()
    assert pool[member] == DEFAULTS[member]
    assert described(cognito, pool)[member] == DEFAULTS[member]


def test_a_pool_with_a_name_only_has_no_other_members(
    cognito: CognitoIdentityProviderClient, make_pool: MakePool
) -> None:
    pool = make_pool()
    assert pool.keys() == DEFAULTS.keys() | OF_THE_POOL
    assert described(cognito, pool) == pool


def test_the_schema_begins_with_the_standard_attributes(make_pool: MakePool) -> None:
    attributes = make_pool(Schema=[{"Name": "a_very_long_name_yes", "AttributeDataType": "Number"}])[
        "SchemaAttributes"
    ]
    assert [found["Name"] for found in attributes[:20]] == [found.name for found in schema.standard_schema()]
    assert attributes[0] == {
        "Name": "sub",
        "AttributeDataType": "String",
        "DeveloperOnlyAttribute": False,
        "Mutable": False,
        "Required": True,
        "StringAttributeConstraints": {"MinLength": "1", "MaxLength": "2048"},
    }
    assert attributes[20] == {
        "Name": "custom:a_very_long_name_yes",
        "AttributeDataType": "Number",
        "DeveloperOnlyAttribute": False,
        "Mutable": True,
        "Required": False,
        "NumberAttributeConstraints": {},
    }


def test_everything_that_is_set_is_described(
    cognito: CognitoIdentityProviderClient, make_pool: MakePool
) -> None:
    pool = make_pool(**FULL, **OF_CREATION)
    assert described(cognito, pool) == pool
    days = {"UnusedAccountValidityDays": 3}
    expected = FULL | OF_CREATION | {"AdminCreateUserConfig": FULL["AdminCreateUserConfig"] | days}
    assert {name: pool[name] for name in expected if name != "PoolName"} == {
        name: value for name, value in expected.items() if name != "PoolName"
    }
    assert pool["Name"] == "everything"


def test_a_description_sent_back_changes_nothing_but_the_date(
    cognito: CognitoIdentityProviderClient, make_pool: MakePool, clock: HeldClock
) -> None:
    pool = make_pool(**FULL, **OF_CREATION)
    again = {name: value for name, value in pool.items() if name not in READ_ONLY}
    del again["AdminCreateUserConfig"]["UnusedAccountValidityDays"]
    clock.advance(1_500)
    cognito.update_user_pool(UserPoolId=pool["Id"], **again)
    found = described(cognito, pool)
    assert (found["LastModifiedDate"] - found["CreationDate"]).total_seconds() == 1.5
    again["AdminCreateUserConfig"]["UnusedAccountValidityDays"] = 3
    assert {**found, "LastModifiedDate": pool["LastModifiedDate"]} == pool


def test_lite_has_no_sign_in_policy(make_pool: MakePool) -> None:
    assert "SignInPolicy" not in make_pool(UserPoolTier="LITE")["Policies"]


def test_the_recovery_of_old_is_an_empty_setting(
    cognito: CognitoIdentityProviderClient, make_pool: MakePool
) -> None:
    pool = make_pool(AccountRecoverySetting={})
    assert described(cognito, pool)["AccountRecoverySetting"] == {}


def test_legacy_members_and_their_mirrors_are_both_described(make_pool: MakePool) -> None:
    pool = make_pool(
        SmsVerificationMessage="Code {####}",
        LambdaConfig={"PreTokenGeneration": LAMBDA},
        AdminCreateUserConfig={"UnusedAccountValidityDays": 30},
    )
    assert pool["VerificationMessageTemplate"]["SmsMessage"] == "Code {####}"
    assert pool["SmsVerificationMessage"] == "Code {####}"
    assert pool["LambdaConfig"]["PreTokenGenerationConfig"] == {
        "LambdaVersion": "V1_0",
        "LambdaArn": LAMBDA,
    }
    assert pool["Policies"]["PasswordPolicy"]["TemporaryPasswordValidityDays"] == 30
    assert pool["AdminCreateUserConfig"]["UnusedAccountValidityDays"] == 30


def test_two_pools_may_have_one_name(make_pool: MakePool) -> None:
    assert make_pool(PoolName="twin")["Id"] != make_pool(PoolName="twin")["Id"]


def test_a_pool_counts_its_users(
    cognito: CognitoIdentityProviderClient, make_pool: MakePool, make_user: Callable[..., str]
) -> None:
    pool = make_pool()
    make_user(pool["Id"], "anna")
    assert described(cognito, pool)["EstimatedNumberOfUsers"] == 1


def test_a_pool_signs_with_two_keys_and_no_key_lies_open(server: Server, make_pool: MakePool) -> None:
    pool_id = make_pool()["Id"]
    found = server.run(server.node.configurations.of_pool(pool_id, server.clock.now))
    assert found is not None
    assert set(found.signing) == {"id", "access"}
    assert found.signing["id"].kid != found.signing["access"].kid
    assert len(found.decoy_key) == 32
    for key in server.run(server.store.read(user_pools.keys_of, pool_id)):
        der = server.node.vault.unseal(
            configuration.SIGNING_KEY,
            key.sealed_private_key,
            configuration.signing_key_binding(pool_id, key.kid),
        )
        assert der[:100] not in key.sealed_private_key


# -- what cannot be created --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("members", "type_", "message"),
    [
        (
            {"AliasAttributes": ["email"], "UsernameAttributes": ["email"]},
            "InvalidParameterException",
            "Only one of the aliasAttributes or usernameAttributes can be set in a User pool.",
        ),
        (
            {"Schema": [{"Name": "email", "AttributeDataType": "Number"}]},
            "InvalidParameterException",
            "You can not change AttributeDataType or set developerOnlyAttribute for standard schema attribute email",
        ),
        (
            {"MfaConfiguration": "ON"},
            "InvalidParameterException",
            "SMS configuration and Auto verification for phone_number are required when MFA is required/optional",
        ),
        (
            {"LambdaConfig": {"CustomSMSSender": {"LambdaVersion": "V1_0", "LambdaArn": LAMBDA}}},
            "InvalidParameterException",
            "KMSKeyId parameter is required when Custom SMS/Email Lambda trigger is used.",
        ),
        (
            {"UserPoolTags": {"aws:team": "a"}},
            "UserPoolTaggingException",
            "aws: prefixed tag key names are not allowed for external use.",
        ),
        (
            {"UserPoolTier": "LITE", "Policies": {"PasswordPolicy": {"PasswordHistorySize": 3}}},
            "FeatureUnavailableInTierException",
            "The following features need to be disabled for the LITE pricing tier configured: Password History",
        ),
        (
            {"UserPoolAddOns": {"AdvancedSecurityMode": "AUDIT"}},
            "FeatureUnavailableInTierException",
            "The following features need to be disabled for the ESSENTIALS pricing tier configured: Threat Protection",
        ),
        (
            {"Policies": {"PasswordPolicy": {"MinimumLength": 100}}},
            "InvalidParameterException",
            f"{INVALID} Value '100' at 'policies.passwordPolicy.minimumLength' {FAILED} value less than or equal to 99",
        ),
        (
            {"Schema": [{"Name": "x" * 21, "AttributeDataType": "String"}]},
            "InvalidParameterException",
            f"{INVALID} Value '{'x' * 21}' at 'schema.1.member.name' {FAILED} length less than or equal to 20",
        ),
    ],
)
def test_a_pool_that_cannot_be_is_refused(
    make_pool: MakePool, members: dict[str, Any], type_: str, message: str
) -> None:
    with refused(type_, message):
        make_pool(**members)


@pytest.mark.parametrize(
    "ask",
    [
        lambda cognito, id: cognito.describe_user_pool(UserPoolId=id),
        lambda cognito, id: cognito.update_user_pool(UserPoolId=id),
        lambda cognito, id: cognito.delete_user_pool(UserPoolId=id),
        lambda cognito, id: cognito.add_custom_attributes(
            UserPoolId=id, CustomAttributes=[{"Name": "team", "AttributeDataType": "String"}]
        ),
    ],
    ids=["describe", "update", "delete", "add attributes"],
)
def test_a_pool_that_is_not_there_is_told(
    cognito: CognitoIdentityProviderClient, ask: Callable[[Any, str], Any]
) -> None:
    with refused("ResourceNotFoundException", "User pool us-east-1_Nothing12 does not exist."):
        ask(cognito, "us-east-1_Nothing12")
