"""What a pool has, part by part, in the form in which a document says it.

An entry may have members more than its part takes: ids that the operations which change or remove it need.
"""

from __future__ import annotations

import base64
from typing import Any

from cognomen import errors
from cognomen.declarative import completing
from cognomen.declarative.caller import Caller
from cognomen.errors import Refusal
from cognomen.store import branding as stored_branding
from cognomen.store.app_client_settings import ALL_CLIENTS

Entry = dict[str, Any]

_TOLD = frozenset(
    {
        "UserPoolId",
        "CreationDate",
        "LastModifiedDate",
        "Arn",
        "EstimatedNumberOfUsers",
        "Status",
        "ClientType",
    }
)
# Said a second time in VerificationMessageTemplate, and by MfaConfig.
_POOL_ONLY_TOLD = frozenset(
    {
        "SmsVerificationMessage",
        "EmailVerificationMessage",
        "EmailVerificationSubject",
        "MfaConfiguration",
        "SchemaAttributes",
        "Name",
        "Domain",
        "CustomDomain",
    }
)
_DETAILS_ONLY_TOLD = frozenset(
    {
        "SSORedirectBindingURI",
        "SLORedirectBindingURI",
        "ActiveEncryptionCertificate",
        "attributes_url_add_attributes",
    }
)


def _said(entry: Entry, *more: str) -> Entry:
    return {name: value for name, value in entry.items() if name not in _TOLD and name not in more}


async def user_pool(caller: Caller, pool: str) -> list[Entry]:
    told = (await caller.ask("DescribeUserPool", UserPoolId=pool))["UserPool"]
    said = {"Id": told["Id"], "PoolName": told["Name"]} | _said(told, *_POOL_ONLY_TOLD)
    return [said | {"Schema": completing.schema_entries(told["SchemaAttributes"])}]


async def mfa_config(caller: Caller, pool: str) -> list[Entry]:
    told = await caller.ask("GetUserPoolMfaConfig", UserPoolId=pool)
    if told.get("MfaConfiguration") == "OFF":
        told.pop("SmsMfaConfiguration", None)  # the pool's SMS, which is no factor then
    return [told]


async def session_configuration(caller: Caller, pool: str) -> list[Entry]:
    told = await caller.ask("GetUserPoolSessionConfiguration", UserPoolId=pool)
    return [_said(told)]


async def client_sessions(caller: Caller, pool: str) -> list[Entry]:
    tracking = await caller.ask("GetUserPoolSessionConfiguration", UserPoolId=pool)
    if tracking["UserSessionTracking"] != "ENABLED":
        return []
    return [
        _said(await caller.ask("GetUserPoolClientSessionConfiguration", UserPoolId=pool, ClientId=id))
        for id in await _client_ids(caller, pool)
    ]


async def resource_servers(caller: Caller, pool: str) -> list[Entry]:
    return [
        _said(each)
        for each in await caller.every(
            "ListResourceServers", "ResourceServers", UserPoolId=pool, MaxResults=50
        )
    ]


async def identity_providers(caller: Caller, pool: str) -> list[Entry]:
    found = []
    for listed in await caller.every("ListIdentityProviders", "Providers", UserPoolId=pool):
        name = listed["ProviderName"]
        told = await caller.ask("DescribeIdentityProvider", UserPoolId=pool, ProviderName=name)
        provider = _said(told["IdentityProvider"])
        details = provider["ProviderDetails"]
        provider["ProviderDetails"] = {
            key: value for key, value in details.items() if key not in _DETAILS_ONLY_TOLD
        }
        found.append(provider)
    return found


async def clients(caller: Caller, pool: str) -> list[Entry]:
    found = []
    for id in await _client_ids(caller, pool):
        told = await caller.ask("DescribeUserPoolClient", UserPoolId=pool, ClientId=id)
        client = _said(told["UserPoolClient"])
        if "ApplicationArn" in client.get("AnalyticsConfiguration", {}):
            del client["AnalyticsConfiguration"]["RoleArn"]  # the service's own
        found.append(client)
    return found


async def groups(caller: Caller, pool: str) -> list[Entry]:
    """Without those that come with identity providers (pools/groups.py), and stay when these go."""
    found = await caller.every("ListGroups", "Groups", UserPoolId=pool)
    return [_said(each) for each in found if not each["GroupName"].startswith(f"{pool}_")]


async def domains(caller: Caller, pool: str) -> list[Entry]:
    told = (await caller.ask("DescribeUserPool", UserPoolId=pool))["UserPool"]
    found = []
    for name in (told.get("Domain"), told.get("CustomDomain")):
        if name is not None:
            domain = (await caller.ask("DescribeUserPoolDomain", Domain=name))["DomainDescription"]
            found.append(_said(domain, "AWSAccountId", "CloudFrontDistribution", "Version"))
    return found


async def branding(caller: Caller, pool: str) -> list[Entry]:
    found = []
    for id in await _client_ids(caller, pool):
        told = await _or_none(
            caller,
            errors.STYLE_OF_CLIENT_NOT_FOUND.type,
            "DescribeManagedLoginBrandingByClient",
            UserPoolId=pool,
            ClientId=id,
        )
        if told is None:
            continue
        style = _said(told["ManagedLoginBranding"]) | {"ClientId": id}
        if style["UseCognitoProvidedValues"]:
            del style["Settings"], style["Assets"]
        found.append(style)
    return found


async def ui_customizations(caller: Caller, pool: str) -> list[Entry]:
    """The logo is read from the store: the API tells only where a browser would find it."""
    found = []
    for id in (ALL_CLIENTS, *await _client_ids(caller, pool)):
        told = (await caller.ask("GetUICustomization", UserPoolId=pool, ClientId=id))["UICustomization"]
        if told.get("ClientId") != id:
            continue  # the pool's
        entry = _said(told, "ImageUrl", "CSSVersion")
        image = await caller.node.store.read(stored_branding.image_of, pool, id)
        if image is not None:
            entry["ImageFile"] = base64.b64encode(image).decode()
        found.append(entry)
    return found


async def terms(caller: Caller, pool: str) -> list[Entry]:
    listed = await caller.every("ListTerms", "Terms", UserPoolId=pool)
    return [
        _said((await caller.ask("DescribeTerms", UserPoolId=pool, TermsId=each["TermsId"]))["Terms"])
        for each in listed
    ]


async def risk_configurations(caller: Caller, pool: str) -> list[Entry]:
    found = []
    for id in (None, *await _client_ids(caller, pool)):
        of_client = {} if id is None else {"ClientId": id}
        told = await _or_none(
            caller,
            errors.THREAT_PROTECTION_OFF.type,
            "DescribeRiskConfiguration",
            UserPoolId=pool,
            **of_client,
        )
        entry = _said((told or {}).get("RiskConfiguration", {}))
        if entry.get("ClientId") == id and entry.keys() - {"ClientId"}:
            found.append(entry)
    return found


async def log_delivery(caller: Caller, pool: str) -> list[Entry]:
    told = await caller.ask("GetLogDeliveryConfiguration", UserPoolId=pool)
    return [_said(told["LogDeliveryConfiguration"])]


async def _client_ids(caller: Caller, pool: str) -> list[str]:
    """Those that an administrator made: what apps have registered is no part of how a pool is set up."""
    listed = await caller.every(
        "ListUserPoolClients", "UserPoolClients", UserPoolId=pool, MaxResults=60, ClientType="REGULAR"
    )
    return [each["ClientId"] for each in listed]


async def _or_none(caller: Caller, error_type: str, operation: str, **request: Any) -> Entry | None:
    try:
        return await caller.ask(operation, **request)
    except Refusal as refusal:
        if refusal.type == error_type:
            return None
        raise
