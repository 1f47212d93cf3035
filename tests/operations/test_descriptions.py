"""What Describe and Get operations answer about a thing of which only the name was given, member by member of the model.

A row of DESCRIPTIONS is an operation: every member that the model's shape has is in it, at its documented default, as
ABSENT, or as SOMETHING that is the thing's own. So a member that a newer model brings is noticed here, and an operation
without a row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any
from uuid import uuid4

import pytest
from botocore import xform_name
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen.operations.registry import REGISTRY
from cognomen.wire import model
from cognomen.wire.model import Shape
from tests.conftest import PASSWORD
from tests.operations import test_app_clients, test_identity_providers
from tests.operations.user_pools.conftest import DEFAULTS
from tests.srp_client import device_secret

ABSENT = object()
SOMETHING = object()

Make = Callable[[Cognito], dict[str, Any]]


@dataclass(frozen=True)
class Description:
    """`make` makes the thing and gives what the operation is asked with; `path` leads to the thing in the answer."""

    operation: str
    path: tuple[str, ...]
    make: Make
    members: Mapping[str, Any]


def a_pool(cognito: Cognito) -> dict[str, Any]:
    return {"UserPoolId": cognito.create_user_pool(PoolName="a pool")["UserPool"]["Id"]}


def a_client(cognito: Cognito) -> dict[str, Any]:
    pool = a_pool(cognito)
    client = cognito.create_user_pool_client(**pool, ClientName="a client")["UserPoolClient"]
    return pool | {"ClientId": client["ClientId"]}


def an_import_job(cognito: Cognito) -> dict[str, Any]:
    pool = a_pool(cognito)
    job = cognito.create_user_import_job(
        **pool, JobName="a job", CloudWatchLogsRoleArn="arn:aws:iam::000000000000:role/imports"
    )["UserImportJob"]
    return pool | {"JobId": job["JobId"]}


def a_group(cognito: Cognito) -> dict[str, Any]:
    named = a_pool(cognito) | {"GroupName": "staff"}
    cognito.create_group(**named)
    return named


def a_resource_server(cognito: Cognito) -> dict[str, Any]:
    named = a_pool(cognito) | {"Identifier": "orders"}
    cognito.create_resource_server(**named, Name="a server")
    return named


def a_provider(cognito: Cognito) -> dict[str, Any]:
    named = a_pool(cognito) | {"ProviderName": "Google"}
    cognito.create_identity_provider(**named, ProviderType="Google", ProviderDetails=GOOGLE[0])
    return named


def an_identifier(cognito: Cognito) -> dict[str, Any]:
    named = a_provider(cognito)
    cognito.update_identity_provider(**named, IdpIdentifiers=["example.com"])
    return {"UserPoolId": named["UserPoolId"], "IdpIdentifier": "example.com"}


def a_styled_client(cognito: Cognito) -> dict[str, Any]:
    named = a_client(cognito)
    cognito.create_managed_login_branding(**named, UseCognitoProvidedValues=True)
    return named


def a_style(cognito: Cognito) -> dict[str, Any]:
    named = a_client(cognito)
    style = cognito.create_managed_login_branding(**named, UseCognitoProvidedValues=True)
    return {
        "UserPoolId": named["UserPoolId"],
        "ManagedLoginBrandingId": style["ManagedLoginBranding"]["ManagedLoginBrandingId"],
    }


def named_terms(cognito: Cognito) -> dict[str, Any]:
    named = a_client(cognito) | {"TermsName": "terms-of-use"}
    cognito.create_terms(**named, TermsSource="LINK", Enforcement="NONE", Links=LINKS)
    return named


def terms(cognito: Cognito) -> dict[str, Any]:
    named = named_terms(cognito)
    found = cognito.describe_terms_by_client(**named)["Terms"]
    return {"UserPoolId": named["UserPoolId"], "TermsId": found["TermsId"]}


def a_domain(cognito: Cognito) -> dict[str, Any]:
    named: dict[str, Any] = {"Domain": f"a-domain-{uuid4().hex}"}
    cognito.create_user_pool_domain(**a_pool(cognito), **named)
    return named


def a_protected_pool(cognito: Cognito) -> dict[str, Any]:
    pool = cognito.create_user_pool(
        PoolName="a pool", UserPoolTier="PLUS", UserPoolAddOns={"AdvancedSecurityMode": "AUDIT"}
    )
    return {"UserPoolId": pool["UserPool"]["Id"]}


def a_limit(_: Cognito) -> dict[str, Any]:
    return {"LimitDefinition": USER_READ}


def a_user(cognito: Cognito) -> dict[str, Any]:
    named = a_pool(cognito) | {"Username": "ada"}
    cognito.admin_create_user(**named)
    return named


def signed_in(cognito: Cognito, **of_pool: Any) -> dict[str, Any]:
    """What a user of a new pool has after the first sign-in, and where she is."""
    created = cognito.create_user_pool(PoolName="a pool", **of_pool)["UserPool"]
    pool: dict[str, Any] = {"UserPoolId": created["Id"]}
    client = cognito.create_user_pool_client(
        **pool,
        ClientName="a client",
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    )["UserPoolClient"]
    cognito.admin_create_user(**pool, Username="ada")
    cognito.admin_set_user_password(**pool, Username="ada", Password=PASSWORD, Permanent=True)
    answer = cognito.initiate_auth(
        ClientId=client["ClientId"],
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "ada", "PASSWORD": PASSWORD},
    )
    return pool | dict(answer["AuthenticationResult"])


def an_access_token(cognito: Cognito) -> dict[str, Any]:
    return {"AccessToken": signed_in(cognito)["AccessToken"]}


def a_remembered_device(cognito: Cognito) -> dict[str, Any]:
    """Of the user ada, with an access token of hers."""
    found = signed_in(cognito, DeviceConfiguration={"ChallengeRequiredOnNewDevice": False})
    offered = found["NewDeviceMetadata"]
    secret: Any = device_secret(offered["DeviceGroupKey"], offered["DeviceKey"], "a secret")
    cognito.confirm_device(
        AccessToken=found["AccessToken"],
        DeviceKey=offered["DeviceKey"],
        DeviceSecretVerifierConfig=secret,
    )
    return {name: found[name] for name in ("UserPoolId", "AccessToken")} | {"DeviceKey": offered["DeviceKey"]}


def an_own_device(cognito: Cognito) -> dict[str, Any]:
    found = a_remembered_device(cognito)
    return {name: found[name] for name in ("AccessToken", "DeviceKey")}


def a_users_device(cognito: Cognito) -> dict[str, Any]:
    found = a_remembered_device(cognito)
    return {"UserPoolId": found["UserPoolId"], "Username": "ada", "DeviceKey": found["DeviceKey"]}


def absent(names: str) -> dict[str, Any]:
    return dict.fromkeys(names.split(), ABSENT)


def something(names: str) -> dict[str, Any]:
    return dict.fromkeys(names.split(), SOMETHING)


GOOGLE = test_identity_providers.SOCIAL["Google"]
LINKS = {"cognito:default": "https://example.com/terms"}
USER_READ: Any = {"LimitClass": "API_CATEGORY", "Attributes": {"Category": "UserRead"}}

PROVIDER = {
    "ProviderName": "Google",
    "ProviderType": "Google",
    "ProviderDetails": GOOGLE[1],
    "AttributeMapping": {"username": "sub"},
} | something("UserPoolId CreationDate LastModifiedDate")
STYLE = {
    "UseCognitoProvidedValues": True,
    "Settings": {},
    "Assets": [],
} | something("ManagedLoginBrandingId UserPoolId CreationDate LastModifiedDate")
TERMS = {
    "TermsName": "terms-of-use",
    "TermsSource": "LINK",
    "Enforcement": "NONE",
    "Links": LINKS,
} | something("TermsId UserPoolId ClientId CreationDate LastModifiedDate")
DEVICE = something(
    "DeviceKey DeviceAttributes DeviceCreateDate DeviceLastModifiedDate DeviceLastAuthenticatedDate"
)
FACTORS = {"Username": "ada", "ConfiguredUserAuthFactors": ["PASSWORD"]} | absent(
    "PreferredMfaSetting UserMFASettingList"
)

DESCRIPTIONS = (
    Description(
        "DescribeUserPool",
        ("UserPool",),
        a_pool,
        DEFAULTS
        | something("Id Arn CreationDate LastModifiedDate SchemaAttributes")
        | absent(
            """
            Status AutoVerifiedAttributes AliasAttributes UsernameAttributes UsernameConfiguration
            SmsVerificationMessage EmailVerificationMessage EmailVerificationSubject SmsAuthenticationMessage
            UserAttributeUpdateSettings DeviceConfiguration SmsConfiguration SmsConfigurationFailure
            EmailConfigurationFailure Domain CustomDomain UserPoolAddOns
            DcrConfiguration KeyConfiguration IssuerConfiguration
            """
        ),
    ),
    Description(
        "DescribeUserPoolClient",
        ("UserPoolClient",),
        a_client,
        test_app_clients.DEFAULTS
        | something("UserPoolId ClientId CreationDate LastModifiedDate")
        | absent(
            """
            ClientSecret AccessTokenValidity IdTokenValidity TokenValidityUnits ReadAttributes WriteAttributes
            ExplicitAuthFlows SupportedIdentityProviders CallbackURLs LogoutURLs DefaultRedirectURI
            AllowedOAuthFlows AllowedOAuthScopes AnalyticsConfiguration PreventUserExistenceErrors
            RefreshTokenRotation
            """
        ),
    ),
    Description(
        "GetUserPoolMfaConfig",
        (),
        a_pool,
        {"MfaConfiguration": "OFF"}
        | absent(
            "SmsMfaConfiguration SoftwareTokenMfaConfiguration EmailMfaConfiguration WebAuthnConfiguration"
        ),
    ),
    Description("GetSigningCertificate", (), a_pool, something("Certificate")),
    Description(
        "GetUserPoolSessionConfiguration",
        (),
        a_pool,
        something("UserPoolId") | {"UserSessionTracking": "DISABLED", "TokenSession": {"MaxPerUser": 20}},
    ),
    Description(
        "GetUserPoolClientSessionConfiguration",
        (),
        a_client,
        something("UserPoolId ClientId") | {"SSOSession": {"MaxValidityMinutes": 60}},
    ),
    Description(
        "DescribeUserImportJob",
        ("UserImportJob",),
        an_import_job,
        {
            "JobName": "a job",
            "Status": "Created",
            "ImportedUsers": 0,
            "SkippedUsers": 0,
            "FailedUsers": 0,
            "CloudWatchLogsRoleArn": "arn:aws:iam::000000000000:role/imports",
        }
        | something("JobId UserPoolId PreSignedUrl CreationDate")
        | absent("StartDate CompletionDate CompletionMessage PasswordHashingAlgorithm"),
    ),
    Description(
        "DescribeUserPoolDomain",
        ("DomainDescription",),
        a_domain,
        {
            "AWSAccountId": "000000000000",
            "Status": "ACTIVE",
            "CustomDomainConfig": {},
            "ManagedLoginVersion": 1,
        }
        | something("UserPoolId Domain CloudFrontDistribution Version")
        | absent("S3Bucket Routing"),
    ),
    Description(
        "DescribeResourceServer",
        ("ResourceServer",),
        a_resource_server,
        {"Identifier": "orders", "Name": "a server", "Scopes": []}
        | something("UserPoolId")
        | absent("ManagedBy"),
    ),
    Description(
        "DescribeIdentityProvider",
        ("IdentityProvider",),
        a_provider,
        PROVIDER | {"IdpIdentifiers": []} | absent("AcrMapping"),
    ),
    Description(
        "GetIdentityProviderByIdentifier",
        ("IdentityProvider",),
        an_identifier,
        PROVIDER | {"IdpIdentifiers": ["example.com"]} | absent("AcrMapping"),
    ),
    Description("DescribeManagedLoginBranding", ("ManagedLoginBranding",), a_style, STYLE),
    Description("DescribeManagedLoginBrandingByClient", ("ManagedLoginBranding",), a_styled_client, STYLE),
    Description(
        "GetUICustomization",
        ("UICustomization",),
        a_client,
        absent("UserPoolId ClientId ImageUrl CSS CSSVersion LastModifiedDate CreationDate"),
    ),
    Description("DescribeTerms", ("Terms",), terms, TERMS),
    Description("DescribeTermsByClient", ("Terms",), named_terms, TERMS),
    Description(
        "DescribeRiskConfiguration",
        ("RiskConfiguration",),
        a_protected_pool,
        something("UserPoolId")
        | absent(
            """
            ClientId CompromisedCredentialsRiskConfiguration AccountTakeoverRiskConfiguration
            RiskExceptionConfiguration LastModifiedDate
            """
        ),
    ),
    Description(
        "GetLogDeliveryConfiguration",
        ("LogDeliveryConfiguration",),
        a_pool,
        something("UserPoolId") | {"LogConfigurations": []},
    ),
    Description(
        "GetProvisionedLimit",
        ("Limit",),
        a_limit,
        {"LimitDefinition": USER_READ, "ProvisionedLimitValue": 120, "FreeLimitValue": 120},
    ),
    Description("GetCSVHeader", (), a_pool, something("UserPoolId CSVHeader")),
    Description(
        "GetGroup",
        ("Group",),
        a_group,
        {"GroupName": "staff"}
        | something("UserPoolId CreationDate LastModifiedDate")
        | absent("Description RoleArn Precedence"),
    ),
    Description(
        "AdminGetUser",
        (),
        a_user,
        {"Username": "ada", "Enabled": True, "UserStatus": "FORCE_CHANGE_PASSWORD"}
        | something("UserAttributes UserCreateDate UserLastModifiedDate")
        | absent("MFAOptions PreferredMfaSetting UserMFASettingList"),
    ),
    Description(
        "GetUser",
        (),
        an_access_token,
        {"Username": "ada"}
        | something("UserAttributes")
        | absent("MFAOptions PreferredMfaSetting UserMFASettingList"),
    ),
    Description("AdminGetUserAuthFactors", (), a_user, FACTORS),
    Description("GetUserAuthFactors", (), an_access_token, FACTORS),
    Description("AdminGetDevice", ("Device",), a_users_device, DEVICE),
    Description("GetDevice", ("Device",), an_own_device, DEVICE),
)

# May only shrink.
NO_DESCRIPTIONS = {
    "GetClientToken": "makes a token",
    "GetDerivedToken": "makes a token",
    "GetTokensFromRefreshToken": "makes tokens",
    "GetUserAttributeVerificationCode": "sends a code",
}


def test_every_operation_that_describes_has_its_row() -> None:
    describing = {name for name in REGISTRY if name.startswith(("Describe", "Get", "AdminGet"))}
    assert {row.operation for row in DESCRIPTIONS} | NO_DESCRIPTIONS.keys() == describing
    assert NO_DESCRIPTIONS.keys().isdisjoint(row.operation for row in DESCRIPTIONS)


def shape_of(row: Description) -> Shape:
    output = model.load().operations[row.operation].output
    assert output is not None
    return reduce(lambda shape, member: shape.members[member], row.path, output)


@pytest.mark.parametrize("row", DESCRIPTIONS, ids=lambda row: row.operation)
def test_a_row_says_of_every_member_of_the_model_what_it_is(row: Description) -> None:
    assert set(row.members) == set(shape_of(row).members)


@pytest.mark.parametrize("row", DESCRIPTIONS, ids=lambda row: row.operation)
def test_a_thing_with_a_name_only_is_described_as_documented(cognito: Cognito, row: Description) -> None:
    answer = getattr(cognito, xform_name(row.operation))(**row.make(cognito))
    del answer["ResponseMetadata"]
    found: dict[str, Any] = reduce(lambda part, member: part[member], row.path, answer)
    for member, expected in row.members.items():
        if expected is SOMETHING:
            assert found.pop(member), member
        elif expected is ABSENT:
            assert member not in found
        else:
            assert found.pop(member) == expected, member
    assert found == {}
