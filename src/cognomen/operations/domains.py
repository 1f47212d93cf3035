"""CreateUserPoolDomain, DescribeUserPoolDomain, UpdateUserPoolDomain, DeleteUserPoolDomain.

What a domain may be called is in pools/domains.py. A domain is ready as soon as it is there, and gone at once.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec

from cognomen import clock, errors
from cognomen.call import Call
from cognomen.operations.registry import operation
from cognomen.pools import domains, ids, replicas
from cognomen.store import domains as stored_domains
from cognomen.store.database import Db
from cognomen.store.domains import CUSTOM, PREFIX, Domain, DomainSettings

if TYPE_CHECKING:
    from types_boto3_cognito_idp.type_defs import (
        CreateUserPoolDomainRequestTypeDef,
        DeleteUserPoolDomainRequestTypeDef,
        DescribeUserPoolDomainRequestTypeDef,
        UpdateUserPoolDomainRequestTypeDef,
    )


@operation("CreateUserPoolDomain")
async def create_user_pool_domain(call: Call, request: CreateUserPoolDomainRequestTypeDef) -> dict[str, Any]:
    settings = msgspec.convert(dict(request), DomainSettings)
    kind = domains.kind_of(request["Domain"], has_certificate=settings.custom_domain_config is not None)
    if domains.is_own(call.settings, kind, request["Domain"]):
        raise errors.DOMAIN_TAKEN()
    domain = Domain(
        pool_id=call.pool.id,
        region=call.configuration.region,
        kind=kind,
        name=request["Domain"],
        settings=settings,
        created_at=call.now,
        modified_at=call.now,
    )

    def add(db: Db) -> None:
        domains.check(settings, replicas.locked(db, call))
        if not stored_domains.claim(db, domain.name, domain.pool_id):
            raise errors.DOMAIN_TAKEN()
        if not stored_domains.add(db, domain):
            raise errors.DOMAIN_OF_KIND_EXISTS()

    await call.configurations.write(call.pool.id, add)
    return _applied(call, domain)


@operation("DescribeUserPoolDomain")
async def describe_user_pool_domain(
    call: Call, request: DescribeUserPoolDomainRequestTypeDef
) -> dict[str, Any]:
    """A domain that nobody has is no error: its description is empty."""
    domain = await call.store.read(_by_name, call, request["Domain"])
    return {"DomainDescription": {} if domain is None else _described(call, domain)}


@operation("UpdateUserPoolDomain")
async def update_user_pool_domain(call: Call, request: UpdateUserPoolDomainRequestTypeDef) -> dict[str, Any]:
    """What is not sent stays: Terraform sends the version or the certificate, whichever has changed."""

    def change(db: Db) -> Domain:
        pool = replicas.locked(db, call)
        domain = _existing(db, call, request["Domain"])
        if domain.kind == PREFIX and "CustomDomainConfig" in request:
            raise errors.PREFIX_HAS_NO_CERTIFICATE()
        settings = msgspec.convert(msgspec.to_builtins(domain.settings) | dict(request), DomainSettings)
        domains.check(settings, pool)
        changed = replace(domain, settings=settings, modified_at=call.now)
        stored_domains.change(db, changed)
        return changed

    changed = await call.configurations.write(call.pool.id, change)
    return _applied(call, changed)


@operation("DeleteUserPoolDomain")
async def delete_user_pool_domain(call: Call, request: DeleteUserPoolDomainRequestTypeDef) -> dict[str, Any]:
    def remove(db: Db) -> None:
        replicas.locked(db, call)
        stored_domains.remove(db, _existing(db, call, request["Domain"]))

    await call.configurations.write(call.pool.id, remove)
    return {}


def _by_name(db: Db, call: Call, name: str) -> Domain | None:
    """The domain in the region of this node, whoever's it is."""
    pool_id = stored_domains.pool_id_of(db, name)
    if pool_id is None:
        return None
    home = ids.region_of(pool_id)
    region = stored_domains.HOME if home == call.settings.region else call.settings.region
    return stored_domains.by_name(db, pool_id, name, region)


def _existing(db: Db, call: Call, name: str) -> Domain:
    domain = stored_domains.by_name(db, call.pool.id, name, call.configuration.region)
    if domain is None:
        raise errors.DOMAIN_NOT_FOUND()
    return domain


def _applied(call: Call, domain: Domain) -> dict[str, Any]:
    return {
        "ManagedLoginVersion": domain.settings.managed_login_version,
        "CloudFrontDomain": _host(call) if domain.kind == CUSTOM else None,
        "Routing": domain.settings.routing,
    }


def _described(call: Call, domain: Domain) -> dict[str, Any]:
    """Without an S3Bucket, which would hold the files of the pages: there is none."""
    return {
        "UserPoolId": domain.pool_id,
        "AWSAccountId": call.settings.account_id,
        "Domain": domain.name,
        "CloudFrontDistribution": _host(call),
        "Version": clock.digits(domain.modified_at),
        "Status": "ACTIVE",
        "CustomDomainConfig": domain.settings.custom_domain_config or {},
        "ManagedLoginVersion": domain.settings.managed_login_version,
        "Routing": domain.settings.routing,
    }


def _host(call: Call) -> str | None:
    """What the DNS record of a custom domain must point to: this server."""
    return urlsplit(call.settings.own_url).hostname
