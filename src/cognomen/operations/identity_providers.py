"""Create-, Describe-, Update-, Delete- and ListIdentityProvider(s), GetIdentityProviderByIdentifier.

What a provider's details must be is in federation/details.py, the rest in pools/identity_providers.py. Providers are
asked before a transaction begins, and what must hold is looked at again inside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from cognomen import errors
from cognomen.call import Call
from cognomen.federation import configuration, details
from cognomen.federation.details import Provider
from cognomen.operations import paging
from cognomen.operations.registry import operation
from cognomen.pools import groups, lookup
from cognomen.pools import identity_providers as rules
from cognomen.store import identity_providers as stored
from cognomen.store import user_pools
from cognomen.store.database import Db
from cognomen.store.identity_providers import IdentityProvider
from cognomen.store.user_pools import UserPool
from cognomen.wire.answers import seconds

if TYPE_CHECKING:
    from types_boto3_cognito_idp.type_defs import (
        CreateIdentityProviderRequestTypeDef,
        DeleteIdentityProviderRequestTypeDef,
        DescribeIdentityProviderRequestTypeDef,
        GetIdentityProviderByIdentifierRequestTypeDef,
        ListIdentityProvidersRequestTypeDef,
        UpdateIdentityProviderRequestTypeDef,
    )

PAGE_SIZE = 50
"""What the description allows an answer; a request may ask for 60 and is given these."""


@operation("CreateIdentityProvider")
async def create_identity_provider(
    call: Call, request: CreateIdentityProviderRequestTypeDef
) -> dict[str, Any]:
    name, provider_type = request["ProviderName"], request["ProviderType"]
    rules.check_name(name, provider_type)
    new = IdentityProvider(
        pool_id=call.pool.id,
        name=name,
        type=provider_type,
        sealed_configuration=b"",
        starts_sign_in=False,
        attribute_mapping={},
        idp_identifiers=(),
        acr_mapping={},
        created_at=call.now,
        modified_at=call.now,
        version=user_pools.first_version(),  # not that of a former provider of this name
    )
    new = _with_mappings(new, {"AttributeMapping": {}} | request)
    new = await _with_details(call, new, request["ProviderDetails"], None)

    def add(db: Db) -> None:
        pool = lookup.locked(db, call.pool.id)
        if stored.by_name(db, pool.id, name) is not None:
            raise errors.DUPLICATE_PROVIDER(name=name)
        if stored.count(db, pool.id) >= rules.PROVIDERS_MAX:
            raise errors.TOO_MANY(what="Identity provider", limit=rules.PROVIDERS_MAX)
        _check(db, pool, new)
        stored.add(db, new)
        groups.of_provider(db, pool.id, name, call.now)

    await call.configurations.write(call.pool.id, add)
    return {"IdentityProvider": described(call, new)}


@operation("DescribeIdentityProvider")
async def describe_identity_provider(
    call: Call, request: DescribeIdentityProviderRequestTypeDef
) -> dict[str, Any]:
    return {"IdentityProvider": described(call, await _found(call, request["ProviderName"]))}


@operation("GetIdentityProviderByIdentifier")
async def get_identity_provider_by_identifier(
    call: Call, request: GetIdentityProviderByIdentifierRequestTypeDef
) -> dict[str, Any]:
    identifier = request["IdpIdentifier"]
    found = await call.store.read(stored.by_identifier, call.pool.id, identifier)
    if found is None:
        raise errors.IDENTITY_PROVIDER_NOT_FOUND(name=identifier)
    return {"IdentityProvider": described(call, found)}


@operation("UpdateIdentityProvider")
async def update_identity_provider(
    call: Call, request: UpdateIdentityProviderRequestTypeDef
) -> dict[str, Any]:
    """What is sent replaces what was there; what is not sent stays."""
    former = await _found(call, request["ProviderName"])
    changed = _with_mappings(replace(former, modified_at=call.now), request)
    if "ProviderDetails" in request:
        known = configuration.unsealed(call.vault, former)
        changed = await _with_details(call, changed, request["ProviderDetails"], known)

    def change(db: Db) -> None:
        pool = lookup.locked(db, call.pool.id)
        _check(db, pool, changed)
        if not stored.change(db, changed):
            if stored.by_name(db, pool.id, former.name) is None:
                raise errors.IDENTITY_PROVIDER_NOT_FOUND(name=former.name)
            raise errors.PROVIDER_CHANGED(name=former.name)

    await call.configurations.write(call.pool.id, change)
    return {"IdentityProvider": described(call, changed)}


@operation("DeleteIdentityProvider")
async def delete_identity_provider(call: Call, request: DeleteIdentityProviderRequestTypeDef) -> None:
    """App clients keep its name, and users their links to it: both count again should it be made again.

    Sessions of browsers that it vouched for do not (oauth/browser_sessions.py).
    """
    name = request["ProviderName"]

    def remove(db: Db) -> None:
        pool = lookup.locked(db, call.pool.id)
        if not stored.remove(db, pool.id, name):
            raise errors.IDENTITY_PROVIDER_NOT_FOUND(name=name)

    await call.configurations.write(call.pool.id, remove)


@operation("ListIdentityProviders")
async def list_identity_providers(call: Call, request: ListIdentityProvidersRequestTypeDef) -> dict[str, Any]:
    limit = min(request.get("MaxResults") or PAGE_SIZE, PAGE_SIZE)
    after = paging.key_in(call, request)
    found = await call.store.read(stored.all_of_pool, call.pool.id, after, limit + 1)
    page, following = paging.page(call, request, found, limit, "name")
    return {
        "Providers": [
            {
                "ProviderName": provider.name,
                "ProviderType": provider.type,
                "CreationDate": seconds(provider.created_at),
                "LastModifiedDate": seconds(provider.modified_at),
            }
            for provider in page
        ],
        "NextToken": following,
    }


def described(call: Call, provider: IdentityProvider) -> dict[str, Any]:
    """A provider as all answers but those of a list show it."""
    return {
        "UserPoolId": provider.pool_id,
        "ProviderName": provider.name,
        "ProviderType": provider.type,
        "ProviderDetails": details.described(provider.type, configuration.unsealed(call.vault, provider)),
        "AttributeMapping": provider.attribute_mapping,
        "IdpIdentifiers": provider.idp_identifiers,
        "AcrMapping": provider.acr_mapping or None,
        "CreationDate": seconds(provider.created_at),
        "LastModifiedDate": seconds(provider.modified_at),
    }


async def _found(call: Call, name: str) -> IdentityProvider:
    provider = await call.store.read(stored.by_name, call.pool.id, name)
    if provider is None:
        raise errors.IDENTITY_PROVIDER_NOT_FOUND(name=name)
    return provider


def _with_mappings(provider: IdentityProvider, request: Mapping[str, Any]) -> IdentityProvider:
    """The provider with the mappings and identifiers of a request; each stays where the request has none."""
    acr_mapping = request.get("AcrMapping", provider.acr_mapping)
    rules.check_acr_mapping(provider.type, acr_mapping)
    mapping = provider.attribute_mapping
    if "AttributeMapping" in request:
        mapping = rules.mapping_of(provider.type, request["AttributeMapping"])
    identifiers = request.get("IdpIdentifiers", provider.idp_identifiers)
    return replace(
        provider,
        attribute_mapping=mapping,
        idp_identifiers=tuple(dict.fromkeys(identifiers)),
        acr_mapping=acr_mapping,
    )


async def _with_details(
    call: Call,
    provider: IdentityProvider,
    given: Mapping[str, str],
    former: configuration.Configuration | None,
) -> IdentityProvider:
    whose = Provider(provider.pool_id, provider.name, provider.type, former)
    complete = await details.checked(call.outgoing, whose, given, call.now)
    sealed = configuration.sealed(call.vault, provider.pool_id, provider.name, complete)
    starts_sign_in = complete.details.get("IDPInit") == "true"
    return replace(provider, sealed_configuration=sealed, starts_sign_in=starts_sign_in)


def _check(db: Db, pool: UserPool, provider: IdentityProvider) -> None:
    """What must hold when the provider is written: its mapping fits the pool, its identifiers are nobody else's."""
    rules.check_mapping(pool, provider.attribute_mapping)
    for identifier in provider.idp_identifiers:
        if stored.owner_of(db, pool.id, identifier) not in (None, provider.name):
            raise errors.IDP_IDENTIFIER_TAKEN(identifier=identifier)
