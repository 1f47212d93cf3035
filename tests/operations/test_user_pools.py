"""User pools through boto3: what an owner sees after creating, changing and deleting one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient

from cognomen.pools import configuration, schema
from cognomen.store import user_pools
from cognomen.store.database import Db
from cognomen.store.opening import open_store
from tests.held_clock import HeldClock
from tests.meeting import overtaken
from tests.refused import refused
from tests.server import Server

MakePool = Callable[..., Any]

LAMBDA = "arn:aws:lambda:us-east-1:000000000000:function:trigger"
SMS = {"SnsCallerArn": "arn:aws:iam::000000000000:role/sms", "ExternalId": "x", "SnsRegion": "us-east-1"}
IDENTITY = "arn:aws:ses:us-east-1:000000000000:identity/a@example.com"

DEFAULTS: dict[str, Any] = {
    "Name": "a pool",
    "Policies": {
        "PasswordPolicy": {
            "MinimumLength": 8,
            "RequireUppercase": True,
            "RequireLowercase": True,
            "RequireNumbers": True,
            "RequireSymbols": True,
            "TemporaryPasswordValidityDays": 7,
        },
        "SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD"]},
    },
    "DeletionProtection": "INACTIVE",
    "LambdaConfig": {},
    "MfaConfiguration": "OFF",
    "EmailConfiguration": {"EmailSendingAccount": "COGNITO_DEFAULT"},
    "VerificationMessageTemplate": {"DefaultEmailOption": "CONFIRM_WITH_CODE"},
    "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": False, "UnusedAccountValidityDays": 7},
    "EstimatedNumberOfUsers": 0,
    "UserPoolTags": {},
    "UserPoolTier": "ESSENTIALS",
    "AccountRecoverySetting": {
        "RecoveryMechanisms": [
            {"Priority": 1, "Name": "verified_email"},
            {"Priority": 2, "Name": "verified_phone_number"},
        ]
    },
    "AcrConfiguration": {f"Level{n}": {"AcrValue": f"urn:cognito:loa:{n}"} for n in (1, 2, 3, 4)},
}
OF_THE_POOL = {"Id", "Arn", "CreationDate", "LastModifiedDate", "SchemaAttributes"}
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

FULL: dict[str, Any] = {
    "PoolName": "everything",
    "Policies": {
        "PasswordPolicy": {
            "MinimumLength": 12,
            "RequireUppercase": False,
            "RequireLowercase": True,
            "RequireNumbers": True,
            "RequireSymbols": False,
            "PasswordHistorySize": 5,
            "TemporaryPasswordValidityDays": 3,
        },
        "SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "WEB_AUTHN"]},
    },
    "DeletionProtection": "ACTIVE",
    "LambdaConfig": {
        "PreSignUp": LAMBDA,
        "PreTokenGeneration": LAMBDA,
        "PreTokenGenerationConfig": {"LambdaVersion": "V2_0", "LambdaArn": LAMBDA},
        "CustomEmailSender": {"LambdaVersion": "V1_0", "LambdaArn": LAMBDA},
        "KMSKeyID": "arn:aws:kms:us-east-1:000000000000:key/1",
    },
    "AutoVerifiedAttributes": ["email", "phone_number"],
    "SmsVerificationMessage": "Code {####}",
    "EmailVerificationMessage": "Your code {####}",
    "EmailVerificationSubject": "Code",
    "VerificationMessageTemplate": {
        "SmsMessage": "Code {####}",
        "EmailMessage": "Your code {####}",
        "EmailSubject": "Code",
        "EmailMessageByLink": "{##Here##}",
        "EmailSubjectByLink": "Link",
        "DefaultEmailOption": "CONFIRM_WITH_LINK",
    },
    "SmsAuthenticationMessage": "Sign in with {####}",
    "MfaConfiguration": "OPTIONAL",
    "UserAttributeUpdateSettings": {"AttributesRequireVerificationBeforeUpdate": ["email"]},
    "DeviceConfiguration": {"ChallengeRequiredOnNewDevice": True, "DeviceOnlyRememberedOnUserPrompt": True},
    "EmailConfiguration": {
        "SourceArn": IDENTITY,
        "ReplyToEmailAddress": "b@example.com",
        "EmailSendingAccount": "DEVELOPER",
        "From": "Anna <a@example.com>",
        "ConfigurationSet": "set",
    },
    "SmsConfiguration": SMS,
    "UserPoolTags": {"team": "a"},
    "AdminCreateUserConfig": {
        "AllowAdminCreateUserOnly": True,
        "InviteMessageTemplate": {
            "SMSMessage": "{username} {####}",
            "EmailMessage": "{username} {####}",
            "EmailSubject": "Welcome",
        },
    },
    "UserPoolAddOns": {
        "AdvancedSecurityMode": "AUDIT",
        "AdvancedSecurityAdditionalFlows": {"CustomAuthMode": "AUDIT"},
    },
    "DcrConfiguration": {
        "EnableStatus": "Enabled",
        "OpenDcrEnabled": True,
        "AuthenticatedGrantTypes": ["code"],
    },
    "AccountRecoverySetting": {"RecoveryMechanisms": [{"Priority": 1, "Name": "admin_only"}]},
    "UserPoolTier": "PLUS",
    "KeyConfiguration": {"KeyType": "AWS_OWNED_KEY"},
    "IssuerConfiguration": {"Type": "UPDATED"},
    "AcrConfiguration": {f"Level{n}": {"AcrValue": f"urn:example:{n}"} for n in (1, 2, 3, 4)},
}
OF_CREATION: dict[str, Any] = {
    "AliasAttributes": ["email", "preferred_username"],
    "UsernameConfiguration": {"CaseSensitive": False},
}


def described(cognito: CognitoIdentityProviderClient, pool: Any) -> Any:
    return cognito.describe_user_pool(UserPoolId=pool["Id"])["UserPool"]


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


# -- deleting and listing ----------------------------------------------------------------------------------------------


def test_a_deleted_pool_is_gone_with_its_clients(
    cognito: CognitoIdentityProviderClient,
    make_pool: MakePool,
    make_client: Callable[..., Any],
    server: Server,
) -> None:
    pool = make_pool()
    client = make_client(pool["Id"])
    cognito.delete_user_pool(UserPoolId=pool["Id"])
    missing = f"User pool {pool['Id']} does not exist."
    with refused("ResourceNotFoundException", missing):
        cognito.describe_user_pool_client(UserPoolId=pool["Id"], ClientId=client["ClientId"])
    with refused("ResourceNotFoundException", missing):
        cognito.delete_user_pool(UserPoolId=pool["Id"])
    assert server.run(server.node.configurations.of_client(client["ClientId"], server.clock.now)) is None


def test_a_protected_pool_is_not_deleted(cognito: CognitoIdentityProviderClient, make_pool: MakePool) -> None:
    pool = make_pool(DeletionProtection="ACTIVE")
    with refused(
        "InvalidParameterException",
        "The user pool cannot be deleted because deletion protection is activated. "
        "Deletion protection must be inactivated first.",
    ):
        cognito.delete_user_pool(UserPoolId=pool["Id"])
    cognito.update_user_pool(UserPoolId=pool["Id"], DeletionProtection="INACTIVE")
    cognito.delete_user_pool(UserPoolId=pool["Id"])


async def test_a_pool_that_is_protected_while_it_is_deleted_stays(
    server: Server, cognito: CognitoIdentityProviderClient, make_pool: MakePool
) -> None:
    """Another node commits the protection after this one has read that there is none."""
    pool = make_pool()
    other = open_store(server.settings.database_url)

    def protect(db: Db) -> None:
        found = user_pools.by_id(db, pool["Id"])
        assert found is not None
        protected = msgspec.structs.replace(found.settings, deletion_protection="ACTIVE")
        assert user_pools.change(db, replace(found, settings=protected), 0)

    deletion = asyncio.to_thread(cognito.delete_user_pool, UserPoolId=pool["Id"])
    try:
        with refused(
            "InvalidParameterException",
            "The user pool cannot be deleted because deletion protection is activated. "
            "Deletion protection must be inactivated first.",
        ):
            await overtaken(other, protect, deletion)
    finally:
        other.close()
    assert described(cognito, pool)["DeletionProtection"] == "ACTIVE"


def test_pools_are_listed_page_by_page_each_once(
    cognito: CognitoIdentityProviderClient, make_pool: MakePool
) -> None:
    made = {make_pool(PoolName="listed", LambdaConfig={"PreSignUp": LAMBDA})["Id"] for _ in range(3)}
    listed: list[Any] = []
    pages = cognito.get_paginator("list_user_pools").paginate(PaginationConfig={"PageSize": 2})
    for page in pages:
        assert len(page["UserPools"]) <= 2
        listed += page["UserPools"]
    assert len({pool["Id"] for pool in listed}) == len(listed)
    mine = [pool for pool in listed if pool["Id"] in made]
    assert {pool["Id"] for pool in mine} == made
    for pool in mine:
        assert pool.keys() == {"Id", "Name", "LambdaConfig", "CreationDate", "LastModifiedDate"}
        assert (pool["Name"], pool["LambdaConfig"]) == ("listed", {"PreSignUp": LAMBDA})


def test_a_page_token_is_good_for_its_operation_and_an_hour(
    cognito: CognitoIdentityProviderClient, make_pool: MakePool, clock: HeldClock
) -> None:
    pool, _ = make_pool(), make_pool()
    token = cognito.list_user_pools(MaxResults=1)["NextToken"]
    with refused("InvalidParameterException", "Invalid pagination token given."):
        cognito.list_user_pools(MaxResults=1, NextToken="anything")
    with refused("InvalidParameterException", "Invalid pagination token given."):
        cognito.list_user_pool_clients(UserPoolId=pool["Id"], NextToken=token)
    clock.advance(3_600_001)
    with refused("InvalidParameterException", "Invalid pagination token given."):
        cognito.list_user_pools(MaxResults=1, NextToken=token)


def test_a_change_made_behind_the_cache_is_not_written_over(
    server: Server, cognito: CognitoIdentityProviderClient, make_pool: MakePool
) -> None:
    """Another node may have changed the pool since this one read it: its change stays."""
    pool = make_pool()
    described(cognito, pool)

    def change(db: Db) -> None:
        found = user_pools.by_id(db, pool["Id"])
        assert found is not None
        extended = schema.with_custom(found.schema, [{"Name": "there", "AttributeDataType": "String"}])
        user_pools.change(db, replace(found, schema=extended), 0)

    server.run(server.store.write(change))
    cognito.add_custom_attributes(
        UserPoolId=pool["Id"], CustomAttributes=[{"Name": "here", "AttributeDataType": "String"}]
    )
    names = [found["Name"] for found in described(cognito, pool)["SchemaAttributes"]]
    assert names[20:] == ["custom:there", "custom:here"]
