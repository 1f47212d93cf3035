"""What Describe and Get operations answer about a thing of which only the name was given, member by member of the model.

A row of DESCRIPTIONS is an operation: every member that the model's shape has is in it, at its documented default, as
ABSENT, or as SOMETHING that is the thing's own. So a member that a newer model brings is noticed here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

import pytest
from botocore import xform_name
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen.wire import model
from cognomen.wire.model import Shape
from tests.operations import test_app_clients, test_user_pools

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


def absent(names: str) -> dict[str, Any]:
    return dict.fromkeys(names.split(), ABSENT)


def something(names: str) -> dict[str, Any]:
    return dict.fromkeys(names.split(), SOMETHING)


DESCRIPTIONS = (
    Description(
        "DescribeUserPool",
        ("UserPool",),
        a_pool,
        test_user_pools.DEFAULTS
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
)


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
