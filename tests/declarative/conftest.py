"""Two empty servers' data, and a document of a pool that has something of everything."""

from __future__ import annotations

import asyncio
import base64
import functools
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from cognomen import app, settings
from cognomen.declarative.apply import apply
from cognomen.declarative.caller import Caller
from cognomen.declarative.document import check
from cognomen.declarative.plan import Step, plan
from cognomen.pools.spare_keys import SpareKeys
from tests import providers
from tests.conftest import empty_database
from tests.pictures import PNG
from tests.server import RECYCLED_KEYS

CERTIFICATE = providers.certificate(1_700_000_000_000)

POOL = "us-east-1_Rich00001"
WEB, MACHINE = "webclient", "machineclient"


@pytest.fixture
def empty(engine: str, tmp_path: Path) -> Iterator[Callable[[], Caller]]:
    """Give the caller of a server without any pool, at each call of another one."""
    with ExitStack() as stack:

        def make() -> Caller:
            folder = tmp_path / str(len(list(tmp_path.iterdir())))
            folder.mkdir()
            url = stack.enter_context(empty_database(engine, folder))
            given = settings.load({"data": str(folder), "database": url}, {})
            app.prepare(given)
            node = app.build(given)
            node.configurations.spare_keys = SpareKeys(functools.partial(next, RECYCLED_KEYS))
            stack.callback(app.close, node)
            return Caller(node)

        yield make


@pytest.fixture
def caller(empty: Callable[[], Caller]) -> Caller:
    return empty()


def planned(caller: Caller, document: dict[str, Any], *, prune: bool = False) -> list[Step]:
    check(document)
    return asyncio.run(plan(caller, document, prune=prune))


def applied(caller: Caller, document: dict[str, Any], *, prune: bool = False) -> list[Step]:
    """The steps that were taken."""
    steps = planned(caller, document, prune=prune)
    asyncio.run(apply(caller, steps))
    return steps


def rich() -> dict[str, Any]:
    arn = "arn:aws:firehose:us-east-1:000000000000:deliverystream/stream"
    return {
        "UserPool": {
            "Id": POOL,
            "PoolName": "rich",
            "UserPoolTier": "PLUS",
            "UserPoolAddOns": {"AdvancedSecurityMode": "AUDIT"},
            "UsernameAttributes": ["email"],
            "AutoVerifiedAttributes": ["email"],
            "DeletionProtection": "ACTIVE",
            "Policies": {"PasswordPolicy": {"MinimumLength": 14, "RequireNumbers": True}},
            "AccountRecoverySetting": {"RecoveryMechanisms": [{"Priority": 1, "Name": "verified_email"}]},
            "EmailVerificationSubject": "Your code",
            "EmailVerificationMessage": "It is {####}",
            "UserPoolTags": {"stage": "test", "owner": "us"},
            "Schema": [
                {"Name": "email", "Required": True, "AttributeDataType": "String"},
                {"Name": "team", "AttributeDataType": "String", "Mutable": True},
                {"Name": "grade", "AttributeDataType": "Number", "DeveloperOnlyAttribute": True},
            ],
        },
        "MfaConfig": {
            "MfaConfiguration": "OPTIONAL",
            "SoftwareTokenMfaConfiguration": {"Enabled": True},
            "WebAuthnConfiguration": {"RelyingPartyId": "login.example.com"},
        },
        "SessionConfiguration": {"UserSessionTracking": "ENABLED", "TokenSession": {"MaxPerUser": 3}},
        "ResourceServers": [
            {
                "Identifier": "orders",
                "Name": "Orders",
                "Scopes": [{"ScopeName": "read", "ScopeDescription": "Read"}],
            },
        ],
        "IdentityProviders": [
            {
                "ProviderName": "Google",
                "ProviderType": "Google",
                "ProviderDetails": {
                    "client_id": "id",
                    "client_secret": "hidden-one",
                    "authorize_scopes": "openid email",
                },
                "AttributeMapping": {"email": "email"},
                "IdpIdentifiers": ["example.com"],
            },
            {
                "ProviderName": "Corp",
                "ProviderType": "OIDC",
                "ProviderDetails": {
                    "client_id": "id",
                    "client_secret": "hidden-two",
                    "authorize_scopes": "openid",
                    "oidc_issuer": "https://corp.example.com",
                    "attributes_request_method": "GET",
                    "authorize_url": "https://corp.example.com/authorize",
                    "token_url": "https://corp.example.com/token",
                    "attributes_url": "https://corp.example.com/me",
                    "jwks_uri": "https://corp.example.com/keys",
                },
            },
            {
                "ProviderName": "Partner",
                "ProviderType": "SAML",
                "ProviderDetails": {
                    "MetadataFile": providers.metadata("https://partner.example.com", CERTIFICATE),
                    "IDPSignout": "true",
                },
            },
        ],
        "Clients": [
            {
                "ClientId": WEB,
                "ClientName": "web",
                "ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
                "CallbackURLs": ["https://app.example.com/"],
                "AllowedOAuthFlows": ["code"],
                "AllowedOAuthScopes": ["openid", "orders/read"],
                "AllowedOAuthFlowsUserPoolClient": True,
                "SupportedIdentityProviders": ["COGNITO", "Google"],
                "ReadAttributes": ["email", "custom:team"],
                "AccessTokenValidity": 10,
                "TokenValidityUnits": {"AccessToken": "minutes"},
            },
            {"ClientId": MACHINE, "ClientName": "machine", "ClientSecret": "s" * 40},
        ],
        "ClientSessions": [{"ClientId": WEB, "SSOSession": {"MaxValidityMinutes": 60}}],
        "Groups": [{"GroupName": "admins", "Description": "all", "Precedence": 0}, {"GroupName": "readers"}],
        "Domains": [
            {"Domain": "rich-sign-in", "ManagedLoginVersion": 2},
            {
                "Domain": "login.rich.example.com",
                "CustomDomainConfig": {
                    "CertificateArn": "arn:aws:acm:us-east-1:000000000000:certificate/1a2b"
                },
            },
        ],
        "Branding": [
            {
                "ClientId": WEB,
                "Settings": {"categories": {"global": {"colorSchemeMode": "DARK"}}},
                "Assets": [
                    {
                        "Category": "FORM_LOGO",
                        "ColorMode": "DARK",
                        "Extension": "PNG",
                        "Bytes": base64.b64encode(PNG).decode(),
                    }
                ],
            }
        ],
        "UICustomizations": [
            {
                "ClientId": "ALL",
                "CSS": ".label-customizable {font-weight: 700;}",
                "ImageFile": base64.b64encode(PNG).decode(),
            }
        ],
        "Terms": [
            {
                "ClientId": WEB,
                "TermsName": "terms-of-use",
                "TermsSource": "LINK",
                "Enforcement": "NONE",
                "Links": {"cognito:default": "https://example.com/terms"},
            }
        ],
        "RiskConfigurations": [
            {"RiskExceptionConfiguration": {"BlockedIPRangeList": ["192.0.2.0/24"]}},
            {
                "ClientId": WEB,
                "CompromisedCredentialsRiskConfiguration": {"Actions": {"EventAction": "BLOCK"}},
            },
        ],
        "LogDelivery": {
            "LogConfigurations": [
                {
                    "LogLevel": "INFO",
                    "EventSource": "userAuthEvents",
                    "FirehoseConfiguration": {"StreamArn": arn},
                }
            ]
        },
    }
