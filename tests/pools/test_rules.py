from __future__ import annotations

from typing import Any

import pytest

from cognomen.errors import Refusal
from cognomen.pools import rules, schema
from cognomen.pools.settings import settings_of
from cognomen.store.user_pool_settings import UserPoolSettings

REGION = "eu-central-1"
ARN = "arn:aws:lambda:us-east-1:000000000000:function:sender"
ROLE = "arn:aws:iam::000000000000:role/sms"
SMS = {"SnsCallerArn": ROLE, "ExternalId": "x"}
IDENTITY = "arn:aws:ses:us-east-1:000000000000:identity/a@example.com"


def mechanisms(*pairs: tuple[int, str]) -> dict[str, Any]:
    return {"RecoveryMechanisms": [{"Priority": priority, "Name": name} for priority, name in pairs]}


def factors(*names: str) -> dict[str, Any]:
    return {"SignInPolicy": {"AllowedFirstAuthFactors": list(names)}}


def invitation(**texts: str) -> dict[str, Any]:
    return {"AdminCreateUserConfig": {"InviteMessageTemplate": texts}}


SES_REGIONS = (
    "Provided SourceArn must be in one of the following SES regions: eu-west-1, us-east-1, us-west-2."
)


@pytest.mark.parametrize(
    ("request_members", "message"),
    [
        (
            {"MfaConfiguration": "ON"},
            "SMS configuration and Auto verification for phone_number are required when MFA is required/optional",
        ),
        (
            {"MfaConfiguration": "OPTIONAL", "SmsConfiguration": {"SnsCallerArn": ""}},
            "SMS configuration and Auto verification for phone_number are required when MFA is required/optional",
        ),
        (
            {"AutoVerifiedAttributes": ["email", "phone_number"]},
            "SMS configuration is required when phone_number is selected for auto verification",
        ),
        (
            {"AccountRecoverySetting": mechanisms((1, "admin_only"), (2, "verified_email"))},
            "Account Recovery Setting cannot use admin_only setting with any other recovery mechanisms.",
        ),
        (
            {"AccountRecoverySetting": mechanisms((1, "verified_phone_number"), (1, "verified_email"))},
            "Account Recovery Setting cannot have duplicate priorities or recovery mechanisms.",
        ),
        (
            {"AccountRecoverySetting": mechanisms((1, "verified_email"), (2, "verified_email"))},
            "Account Recovery Setting cannot have duplicate priorities or recovery mechanisms.",
        ),
        (
            {"Policies": factors("EMAIL_OTP")},
            "Password should be configured as one of the allowed first auth factors.",
        ),
        (
            {"Policies": factors("PASSWORD", "SOFTWARE_TOKEN")},
            "SOFTWARE_TOKEN is not currently supported as a first auth factor.",
        ),
        (
            {"EmailConfiguration": {"EmailSendingAccount": "DEVELOPER"}},
            "Source ARN is required to use DEVELOPER email sending owner",
        ),
        (
            {"EmailConfiguration": {"SourceArn": "arn:aws:sns:us-east-1:000000000000:topic"}},
            "Cognito is not allowed to use your email identity",
        ),
        (
            {"EmailConfiguration": {"SourceArn": IDENTITY.replace("us-east-1", "sa-east-1")}},
            SES_REGIONS,
        ),
        (
            {"SmsConfiguration": {"SnsCallerArn": ROLE, "EumsSms": {"CallerArn": ROLE}}},
            "SmsConfiguration can have either SnsCallerArn or EumsSms, not both.",
        ),
        (
            {"SmsConfiguration": {"ExternalId": "x", "SnsRegion": REGION}},
            "SmsConfiguration must have either SnsCallerArn or EumsSms.",
        ),
        (
            invitation(EmailMessage="Welcome, {username}!"),
            "InviteMessageTemplate.EmailMessage must contain {username} and {####}.",
        ),
        (
            invitation(SMSMessage="Enter with {####}"),
            "InviteMessageTemplate.SMSMessage must contain {username} and {####}.",
        ),
        (
            invitation(EmailMessage="Welcome!") | {"Policies": factors("PASSWORD", "EMAIL_OTP")},
            "InviteMessageTemplate.EmailMessage must contain {username}.",
        ),
        (
            {"SmsConfiguration": {"EumsSms": {"CallerArn": ROLE, "Region": "us-east-1"}}},
            "The Region of EumsSms must be the Region of the user pool, eu-central-1.",
        ),
        (
            {"LambdaConfig": {"CustomSMSSender": {"LambdaVersion": "V1_0", "LambdaArn": ARN}}},
            "KMSKeyId parameter is required when Custom SMS/Email Lambda trigger is used.",
        ),
        (
            {"LambdaConfig": {"CustomEmailSender": {"LambdaVersion": "V1_0", "LambdaArn": ARN}}},
            "KMSKeyId parameter is required when Custom SMS/Email Lambda trigger is used.",
        ),
        (
            {"KeyConfiguration": {"KeyType": "CUSTOMER_MANAGED_KEY"}},
            "KmsKeyArn is required when KeyType is CUSTOMER_MANAGED_KEY.",
        ),
        (
            {"AcrConfiguration": {"Level1": {"AcrValue": "urn:cognito:loa:2"}}},
            "The names of ACR levels must be unique across all levels, including default names.",
        ),
    ],
)
def test_settings_that_contradict_each_other_are_refused(
    request_members: dict[str, Any], message: str
) -> None:
    with pytest.raises(Refusal) as refusal:
        rules.check(settings_of(request_members), REGION)
    assert (refusal.value.type, refusal.value.message) == ("InvalidParameterException", message)


@pytest.mark.parametrize(
    "request_members",
    [
        {},
        {"AccountRecoverySetting": {}},
        {"AccountRecoverySetting": mechanisms((1, "admin_only"))},
        {"AccountRecoverySetting": mechanisms((2, "verified_email"), (1, "verified_phone_number"))},
        {"MfaConfiguration": "ON", "SmsConfiguration": SMS},
        {"MfaConfiguration": "ON", "SmsConfiguration": {"EumsSms": {"CallerArn": ROLE, "Region": REGION}}},
        {"AutoVerifiedAttributes": ["phone_number"], "SmsConfiguration": SMS},
        {"SmsConfiguration": {"SnsCallerArn": ""}},
        {"SmsConfiguration": {}},
        invitation(EmailSubject="Welcome"),
        invitation(EmailMessage="{username} {####}", SMSMessage="{####} {username}"),
        invitation(EmailMessage="Welcome, {username}!") | {"Policies": factors("PASSWORD", "EMAIL_OTP")},
        {"EmailConfiguration": {"EmailSendingAccount": "DEVELOPER", "SourceArn": IDENTITY}},
        {"EmailConfiguration": {"SourceArn": IDENTITY.replace("us-east-1", REGION)}},
        {"LambdaConfig": {"CustomSMSSender": {"LambdaVersion": "V1_0", "LambdaArn": ARN}, "KMSKeyID": ROLE}},
        {"KeyConfiguration": {"KeyType": "CUSTOMER_MANAGED_KEY", "KmsKeyArn": ROLE}},
        {
            "AcrConfiguration": {
                "Level1": {"AcrValue": "urn:cognito:loa:2"},
                "Level2": {"AcrValue": "urn:cognito:loa:1"},
            }
        },
        {"UserPoolTags": {f"tag{n}": "x" for n in range(50)}},
    ],
)
def test_settings_that_go_together_are_taken(request_members: dict[str, Any]) -> None:
    rules.check(settings_of(request_members), REGION)


@pytest.mark.parametrize(
    ("sender", "is_valid"),
    [
        ("a@example.com", True),
        ("Anna <a@example.com>", True),
        ('"Anna, at home" <a@example.com>', True),
        ("Anna", False),
        ("Anna <a>", False),
        ("Anna <a@example.com", False),
        ("a b@example.com", False),
        ("a@example.com>", False),
        ("<a@example.com> <b@example.com>", False),
        ("Anna\r\nBcc: b@example.com <a@example.com>", False),
        ("", False),
        ("<" * 100_000, False),
        ("@" * 100_000, False),
    ],
)
def test_the_sender_of_mail_is_an_address_with_or_without_a_name(sender: str, is_valid: bool) -> None:
    settings = settings_of({"EmailConfiguration": {"From": sender}})
    if is_valid:
        rules.check(settings, REGION)
        return
    with pytest.raises(Refusal, match="Provided From email address is invalid"):
        rules.check(settings, REGION)


@pytest.mark.parametrize("name", ["aws:team", "AWS:team"])
def test_a_reserved_tag_is_refused(name: str) -> None:
    with pytest.raises(Refusal, match=r"^UserPoolTaggingException: aws: prefixed tag key names"):
        rules.check(settings_of({"UserPoolTags": {name: "a"}}), REGION)


def test_a_pool_has_at_most_fifty_tags() -> None:
    with pytest.raises(Refusal, match=r"^UserPoolTaggingException"):
        rules.check_tags({f"tag{n}": "x" for n in range(51)})


def test_names_are_aliases_or_user_names_but_not_both() -> None:
    settings = settings_of({"AliasAttributes": ["email"], "UsernameAttributes": ["phone_number"]})
    with pytest.raises(Refusal, match="Only one of the aliasAttributes or usernameAttributes can be set"):
        rules.check_names(settings, schema.standard_schema())


def test_preferred_username_is_an_alias_or_required_but_not_both() -> None:
    required = schema.merged([{"Name": "preferred_username", "Required": True}])
    rules.check_names(settings_of({"AliasAttributes": ["email"]}), required)
    rules.check_names(settings_of({"AliasAttributes": ["preferred_username"]}), schema.standard_schema())
    with pytest.raises(Refusal, match="preferred_username can not be both"):
        rules.check_names(settings_of({"AliasAttributes": ["preferred_username"]}), required)


@pytest.mark.parametrize(
    ("configured", "has_factor"),
    [
        ({"software_token_mfa_configuration": {"Enabled": True}}, True),
        ({"software_token_mfa_configuration": {"Enabled": False}}, False),
        ({"email_mfa_configuration": {}}, True),
    ],
)
def test_mfa_may_stand_on_factors_that_were_configured_elsewhere(
    configured: dict[str, Any], has_factor: bool
) -> None:
    email = {"EmailSendingAccount": "DEVELOPER", "SourceArn": IDENTITY}
    former = UserPoolSettings(**configured)
    settings = settings_of({"MfaConfiguration": "ON", "EmailConfiguration": email}, former)
    if has_factor:
        rules.check(settings, REGION)
        return
    with pytest.raises(Refusal, match="SMS configuration and Auto verification"):
        rules.check(settings, REGION)


def test_a_pool_with_email_mfa_keeps_its_own_sender() -> None:
    former = UserPoolSettings(email_mfa_configuration={"Subject": "Code"})
    with pytest.raises(Refusal, match="Cannot set EmailMfaConfiguration when user pool EmailConfiguration"):
        rules.check(settings_of({}, former), REGION)


def test_levels_have_their_default_names_unless_the_pool_names_them() -> None:
    settings = settings_of({"AcrConfiguration": {"Level2": {"AcrValue": "urn:example:silver"}}})
    assert rules.acr_names(settings) == {
        "Level1": "urn:cognito:loa:1",
        "Level2": "urn:example:silver",
        "Level3": "urn:cognito:loa:3",
        "Level4": "urn:cognito:loa:4",
    }
