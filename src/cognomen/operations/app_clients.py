"""CreateUserPoolClient, DescribeUserPoolClient, UpdateUserPoolClient, DeleteUserPoolClient, ListUserPoolClients.

What settings mean and must satisfy is in pools/app_clients.py. A secret is told to whoever may describe its client and
never stands in a list; how one is made is in client_secrets.py.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec

from cognomen import errors
from cognomen.call import Call
from cognomen.operations import paging
from cognomen.operations.registry import operation
from cognomen.pools import app_clients, client_rows, client_secrets, ids, lookup
from cognomen.store import app_clients as stored_clients
from cognomen.store.app_clients import AppClient
from cognomen.store.database import AlreadyThere, Db
from cognomen.wire.answers import seconds

if TYPE_CHECKING:
    from types_boto3_cognito_idp.type_defs import (
        CreateUserPoolClientRequestTypeDef,
        DeleteUserPoolClientRequestTypeDef,
        DescribeUserPoolClientRequestTypeDef,
        ListUserPoolClientsRequestTypeDef,
        UpdateUserPoolClientRequestTypeDef,
    )

PAGE_SIZE = 60


@operation("CreateUserPoolClient")
async def create_user_pool_client(call: Call, request: CreateUserPoolClientRequestTypeDef) -> dict[str, Any]:
    settings = app_clients.settings_of(request)
    secret = _first_secret(request)
    client_id = ids.of_client(call.wanted_id)
    client = client_rows.new(call, client_id, request["ClientName"], settings, secret)

    def add(db: Db) -> None:
        client_rows.add(db, lookup.locked(db, call.pool.id), client)

    try:
        await call.configurations.write(call.pool.id, add)
    except AlreadyThere:
        raise errors.APP_CLIENT_ID_TAKEN(id=client_id) from None
    return {"UserPoolClient": described(call, client, secret)}


@operation("DescribeUserPoolClient")
async def describe_user_pool_client(
    call: Call, _request: DescribeUserPoolClientRequestTypeDef
) -> dict[str, Any]:
    return {"UserPoolClient": described(call, call.client, _oldest_secret(call))}


@operation("UpdateUserPoolClient")
async def update_user_pool_client(call: Call, request: UpdateUserPoolClientRequestTypeDef) -> dict[str, Any]:
    """Full replacement: what is not sent goes to its default. The name stays when it is not sent; secrets stay."""
    settings = app_clients.settings_of(request)

    def change(db: Db) -> AppClient:
        pool, client = lookup.locked_client(db, call.pool.id, call.client.id)
        kept = msgspec.structs.replace(settings, client_type=client.settings.client_type)
        client_rows.check(db, pool, kept, has_secret=bool(client.secrets))
        name = request.get("ClientName", client.name)
        changed = replace(client, name=name, settings=kept, modified_at=call.now)
        stored_clients.change(db, changed)
        return changed

    changed = await call.configurations.write(call.pool.id, change)
    return {"UserPoolClient": described(call, changed, _oldest_secret(call))}


@operation("DeleteUserPoolClient")
async def delete_user_pool_client(call: Call, _request: DeleteUserPoolClientRequestTypeDef) -> None:
    def remove(db: Db) -> None:
        pool = lookup.locked(db, call.pool.id)
        if not stored_clients.remove(db, pool.id, call.client.id):
            raise errors.APP_CLIENT_NOT_FOUND(id=call.client.id)

    await call.configurations.write(call.pool.id, remove)


@operation("ListUserPoolClients")
async def list_user_pool_clients(call: Call, request: ListUserPoolClientsRequestTypeDef) -> dict[str, Any]:
    """The pool's clients by id. Of a page those of a type are shown, where one is asked for, which may be none."""
    asked = request.get("ClientType")
    limit = request.get("MaxResults", PAGE_SIZE)
    after = paging.key_in(call, request)
    found = await call.store.read(stored_clients.all_of_pool, call.pool.id, after, limit + 1)
    page, following = paging.page(call, request, found, limit, "id")
    return {
        "UserPoolClients": [
            {"ClientId": client.id, "ClientName": client.name, "UserPoolId": client.pool_id}
            for client in page
            if asked in (None, client.settings.client_type)
        ],
        "NextToken": following,
    }


def described(call: Call, client: AppClient, secret: str | None) -> dict[str, Any]:
    """A client as Create, Describe and Update answer it; what was never set is absent."""
    settings = msgspec.to_builtins(client.settings)
    analytics = settings["AnalyticsConfiguration"]
    if analytics and "ApplicationArn" in analytics:
        # Amazon Pinpoint is reached by ARN through a role of the service's own (AWS CLI examples).
        role = f"arn:aws:iam::{call.settings.account_id}:role/aws-service-role/cognito-idp.amazonaws.com/"
        settings["AnalyticsConfiguration"] = analytics | {
            "RoleArn": role + "AWSServiceRoleForAmazonCognitoIdp"
        }
    return {
        "UserPoolId": client.pool_id,
        "ClientId": client.id,
        "ClientName": client.name,
        "ClientSecret": secret,
        "CreationDate": seconds(client.created_at),
        "LastModifiedDate": seconds(client.modified_at),
        **settings,
    }


def _first_secret(request: CreateUserPoolClientRequestTypeDef) -> str | None:
    """The secret the request brings or asks for; None for a public client."""
    own = request.get("ClientSecret")
    if not request.get("GenerateSecret"):
        return own
    if own is not None:
        raise errors.SECRET_GIVEN_AND_GENERATED()
    return client_secrets.generated()


def _oldest_secret(call: Call) -> str | None:
    """The one secret that a client's description has room for."""
    return next(iter(call.configuration.secrets[call.client.id]), None)
