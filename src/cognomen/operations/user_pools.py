"""CreateUserPool, DescribeUserPool, UpdateUserPool, DeleteUserPool, ListUserPools, AddCustomAttributes.

What settings mean and must satisfy is in pools/; how a pool is told to its owner is here, in `described`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec

from cognomen import clock, errors
from cognomen.call import Call
from cognomen.crypto import rsa_keys
from cognomen.operations import paging
from cognomen.operations.access import pool_arn
from cognomen.operations.registry import operation
from cognomen.pools import (
    app_clients,
    configuration,
    domains,
    ids,
    log_delivery,
    lookup,
    plans,
    replicas,
    rules,
    schema,
    user_imports,
)
from cognomen.pools import settings as pool_settings
from cognomen.store import app_clients as stored_clients
from cognomen.store import domains as stored_domains
from cognomen.store import log_delivery as stored_log_delivery
from cognomen.store import replicas as stored_replicas
from cognomen.store import user_pools, user_sessions
from cognomen.store.database import AlreadyThere, Db, Stale
from cognomen.store.user_pool_settings import UserPoolSettings
from cognomen.store.user_pools import SigningKey, UserPool
from cognomen.wire.answers import seconds

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from types_boto3_cognito_idp.type_defs import (
        AddCustomAttributesRequestTypeDef,
        CreateUserPoolRequestTypeDef,
        DeleteUserPoolRequestTypeDef,
        DescribeUserPoolRequestTypeDef,
        ListUserPoolsRequestTypeDef,
        UpdateUserPoolRequestTypeDef,
    )

DECOY_KEY_BYTES = 32
KID_BYTES = 32

# Members of UserPoolSettings that the answer has under the same name and in the same form.
_AS_STORED = (
    "Policies",
    "DeletionProtection",
    "LambdaConfig",
    "AutoVerifiedAttributes",
    "AliasAttributes",
    "UsernameAttributes",
    "VerificationMessageTemplate",
    "SmsAuthenticationMessage",
    "UserAttributeUpdateSettings",
    "MfaConfiguration",
    "DeviceConfiguration",
    "EmailConfiguration",
    "SmsConfiguration",
    "UserPoolTags",
    "AdminCreateUserConfig",
    "UserPoolAddOns",
    "DcrConfiguration",
    "UsernameConfiguration",
    "UserPoolTier",
    "KeyConfiguration",
    "IssuerConfiguration",
)


@operation("CreateUserPool")
async def create_user_pool(call: Call, request: CreateUserPoolRequestTypeDef) -> dict[str, Any]:
    settings = pool_settings.settings_of(request)
    attributes = schema.merged(request.get("Schema", ()))
    rules.check_names(settings, attributes)
    rules.check(settings, call.settings.region)
    plans.check_pool(settings)
    pool_id = ids.of_pool(call.settings.region, call.wanted_id)
    pool = UserPool(
        id=pool_id,
        name=request["PoolName"],
        settings=settings,
        schema=attributes,
        sealed_decoy_key=call.vault.seal(
            configuration.DECOY_KEY, clock.random_bytes(DECOY_KEY_BYTES), pool_id.encode()
        ),
        version=user_pools.first_version(),
        created_at=call.now,
        modified_at=call.now,
    )
    for_id, for_access = await call.configurations.spare_keys.take()
    keys = (_sealed(call, pool_id, "id", for_id), _sealed(call, pool_id, "access", for_access))
    try:
        await call.configurations.write(pool_id, user_pools.add, pool, keys)
    except AlreadyThere:
        raise errors.POOL_ID_TAKEN(id=pool_id) from None
    return {"UserPool": described(call, pool, users=0)}


@operation("DescribeUserPool")
async def describe_user_pool(call: Call, _request: DescribeUserPoolRequestTypeDef) -> dict[str, Any]:
    users = await call.store.read(user_pools.estimated_users, call.pool.id)
    its_domains = domains.names_of(call.configuration.domains)
    return {"UserPool": described(call, call.pool, max(users, 0)) | its_domains}


@operation("UpdateUserPool")
async def update_user_pool(call: Call, request: UpdateUserPoolRequestTypeDef) -> None:
    """Full replacement: what is not sent goes to its default (the few exceptions are in pools/settings.py)."""

    def change(db: Db) -> None:
        pool = replicas.locked(db, call)
        user_imports.refuse_while_active(db, pool.id)
        settings = pool_settings.settings_of(request, pool.settings)
        settings = replicas.unless_sent(call, settings, pool.settings, pool_settings.sent(request))
        rules.check(settings, call.settings.region)
        former_plan = pool.settings.user_pool_tier
        of_parts = _features_of_parts(db, pool, call.now) if settings.user_pool_tier != former_plan else ()
        plans.check_pool(settings, former_plan, of_parts)
        replicas.check_change(db, pool, settings, call.now)
        replicas.write(db, call, replace(pool, name=request.get("PoolName", pool.name), settings=settings))

    await call.configurations.write(call.pool.id, change)


@operation("DeleteUserPool")
async def delete_user_pool(call: Call, _request: DeleteUserPoolRequestTypeDef) -> None:
    """The pool is gone at once; its users and the rest are swept later, however many there are."""

    def remove(db: Db) -> None:
        pool = lookup.locked(db, call.pool.id)
        if pool.settings.deletion_protection == "ACTIVE":
            raise errors.POOL_PROTECTED()
        if stored_domains.all_of_pool(db, pool.id):
            raise errors.POOL_HAS_DOMAIN()
        if stored_replicas.all_of_pool(db, pool.id, call.now):
            raise errors.POOL_HAS_REPLICA()
        user_imports.refuse_while_active(db, pool.id)
        if not user_pools.remove(db, pool, call.now):
            raise Stale

    await call.configurations.write(call.pool.id, remove)


@operation("ListUserPools")
async def list_user_pools(call: Call, request: ListUserPoolsRequestTypeDef) -> dict[str, Any]:
    limit = request["MaxResults"]
    after = paging.key_in(call, request)
    found, regions = await call.store.read(_of_region, call.settings.region, after, limit + 1, call.now)
    page, following = paging.page(call, request, found, limit, "id")
    return {
        "UserPools": [_listed(pool) | {"ReplicaRegions": regions.get(pool.id)} for pool in page],
        "NextToken": following,
    }


@operation("AddCustomAttributes")
async def add_custom_attributes(call: Call, request: AddCustomAttributesRequestTypeDef) -> None:
    def change(db: Db) -> None:
        pool = lookup.locked(db, call.pool.id)
        user_imports.refuse_while_active(db, pool.id)
        extended = schema.with_custom(pool.schema, request["CustomAttributes"])
        lookup.write(db, replace(pool, schema=extended), call.now)

    await call.configurations.write(call.pool.id, change)


def described(call: Call, pool: UserPool, users: int = 0) -> dict[str, Any]:
    """A pool as CreateUserPool and DescribeUserPool answer it, with an estimated number of `users`; without its domains.

    What was never set is absent, with the exceptions of AWS's own answers: `LambdaConfig` and `UserPoolTags` are there
    when they are empty, `AcrConfiguration` has the names in effect.
    """
    return {
        "Id": pool.id,
        "Name": pool.name,
        "Arn": pool_arn(call, pool.id),
        "CreationDate": seconds(pool.created_at),
        "LastModifiedDate": seconds(pool.modified_at),
        "EstimatedNumberOfUsers": users,
        "SchemaAttributes": msgspec.to_builtins(pool.schema),
        **told(pool.settings),
    }


def told(settings: UserPoolSettings) -> dict[str, Any]:
    """The settings of a pool as its description has them."""
    stored = msgspec.to_builtins(settings)
    template = stored["VerificationMessageTemplate"]
    recovery = stored["AccountRecoverySetting"] or {}
    return {
        **{member: stored[member] for member in _AS_STORED},
        **{legacy: template[member] for legacy, member in pool_settings.VERIFICATION_TEXTS},
        # An empty object is what keeps the recovery of old, and so what a client must send again.
        "AccountRecoverySetting": {name: value for name, value in recovery.items() if value},
        "AcrConfiguration": {level: {"AcrValue": name} for level, name in rules.acr_names(settings).items()},
    }


def _of_region(
    db: Db, region: str, after: str, limit: int, now: int
) -> tuple[list[UserPool], dict[str, list[str]]]:
    """Pools at home in a region and replicas there, in the order of their ids, and in which regions each has replicas."""
    at_home = user_pools.all_in_region(db, region, after, limit)
    replicated = stored_replicas.pools_in_region(db, region, after, limit, now)
    page = sorted([*at_home, *replicated], key=lambda pool: pool.id)[:limit]
    regions: dict[str, list[str]] = {}
    for replica in stored_replicas.all_of_pools(db, [pool.id for pool in page], now):
        regions.setdefault(replica.pool_id, []).append(replica.region)
    return page, regions


def _listed(pool: UserPool) -> dict[str, Any]:
    return {
        "Id": pool.id,
        "Name": pool.name,
        "LambdaConfig": pool.settings.lambda_config,
        "CreationDate": seconds(pool.created_at),
        "LastModifiedDate": seconds(pool.modified_at),
    }


def _sealed(call: Call, pool_id: str, token_use: str, key: RSAPrivateKey) -> SigningKey:
    kid = rsa_keys.kid(clock.random_bytes(KID_BYTES))
    return SigningKey(
        pool_id=pool_id,
        token_use=token_use,
        kid=kid,
        sealed_private_key=call.vault.seal(
            configuration.SIGNING_KEY,
            rsa_keys.to_der(key),
            configuration.signing_key_binding(pool_id, kid),
        ),
        created_at=call.now,
        retired_at=None,
    )


def _features_of_parts(db: Db, pool: UserPool, now: int) -> list[plans.Feature]:
    """The features that clients, domains, logs, sessions and replicas of the pool use; asked only when the plan changes."""
    clients = stored_clients.all_of_pool(db, pool.id, "", app_clients.CLIENTS_MAX)
    of_clients = [feature for client in clients for feature in plans.of_client(client.settings)]
    its_domains = stored_domains.all_of_pool(db, pool.id)
    of_domains = [feature for domain in its_domains for feature in domains.features_of(domain.settings)]
    of_logs = log_delivery.features_of(stored_log_delivery.of_pool(db, pool.id))
    tracks = user_sessions.tracking_of(db, pool.id).is_on
    of_replicas = [plans.REPLICATION for _ in stored_replicas.all_of_pool(db, pool.id, now)]
    return [
        *of_clients,
        *of_domains,
        *of_logs,
        *of_replicas,
        *((plans.SESSION_TRACKING,) if tracks else ()),
    ]
