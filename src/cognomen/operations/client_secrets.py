"""AddUserPoolClientSecret, ListUserPoolClientSecrets, DeleteUserPoolClientSecret.

A client that was created with a secret may have a second one, so that it can change from one to the other while both
count. A generated value is told when it is made; these operations never tell it again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cognomen import errors
from cognomen.call import Call
from cognomen.crypto import hashes
from cognomen.operations import paging
from cognomen.operations.registry import operation
from cognomen.pools import app_clients, client_secrets, configuration, lookup
from cognomen.store import app_clients as stored_clients
from cognomen.store.app_client_settings import REGISTERED
from cognomen.store.app_clients import ClientSecret
from cognomen.store.database import Db
from cognomen.wire.answers import seconds

if TYPE_CHECKING:
    from types_boto3_cognito_idp.type_defs import (
        AddUserPoolClientSecretRequestTypeDef,
        DeleteUserPoolClientSecretRequestTypeDef,
        ListUserPoolClientSecretsRequestTypeDef,
    )


@operation("AddUserPoolClientSecret")
async def add_user_pool_client_secret(
    call: Call, request: AddUserPoolClientSecretRequestTypeDef
) -> dict[str, Any]:
    own = request.get("ClientSecret")
    value = own or client_secrets.generated()

    def add(db: Db) -> ClientSecret:
        _, client = lookup.locked_client(db, call.pool.id, call.client.id)
        if client.settings.client_type == REGISTERED:
            raise errors.SECRET_OF_REGISTERED_CLIENT()
        if not client.secrets:
            raise errors.SECRET_OF_PUBLIC_CLIENT()
        if len(client.secrets) >= app_clients.SECRETS_MAX:
            raise errors.TOO_MANY(what="Client secret", limit=app_clients.SECRETS_MAX)
        values = (configuration.plain_secret(call.vault, client, secret) for secret in client.secrets)
        if any(hashes.matches(former, value) for former in values):
            raise errors.SECRET_IS_THERE()
        secret = client_secrets.sealed(call, client.id, value, client.secrets)
        stored_clients.add_secret(db, client, secret)
        return secret

    secret = await call.configurations.write(call.pool.id, add)
    told = None if own else value
    return {"ClientSecretDescriptor": _described(secret) | {"ClientSecretValue": told}}


@operation("ListUserPoolClientSecrets")
async def list_user_pool_client_secrets(
    call: Call, request: ListUserPoolClientSecretsRequestTypeDef
) -> dict[str, Any]:
    """All there are, oldest first: no token is ever given out, so none is good."""
    paging.refuse_token(request)
    return {"ClientSecrets": [_described(secret) for secret in call.client.secrets]}


@operation("DeleteUserPoolClientSecret")
async def delete_user_pool_client_secret(
    call: Call, request: DeleteUserPoolClientSecretRequestTypeDef
) -> dict[str, Any]:
    """The secret proves nothing from now on; what was issued to whom knew it stays valid."""
    secret_id = request["ClientSecretId"]

    def remove(db: Db) -> None:
        _, client = lookup.locked_client(db, call.pool.id, call.client.id)
        if client.settings.client_type == REGISTERED:
            raise errors.SECRET_OF_REGISTERED_CLIENT()
        if secret_id not in {secret.id for secret in client.secrets}:
            raise errors.CLIENT_SECRET_NOT_FOUND(id=secret_id)
        if len(client.secrets) == 1:
            raise errors.LAST_SECRET()
        stored_clients.remove_secret(db, client, secret_id)

    await call.configurations.write(call.pool.id, remove)
    return {}


def _described(secret: ClientSecret) -> dict[str, Any]:
    return {"ClientSecretId": secret.id, "ClientSecretCreateDate": seconds(secret.created_at)}
