"""A pool and a user for the tests of what is true of users, made without a database."""

from __future__ import annotations

import uuid
from dataclasses import replace

from cognomen.pools.schema import merged
from cognomen.store.app_client_settings import AppClientSettings
from cognomen.store.app_clients import AppClient
from cognomen.store.user_pool_settings import (
    PasswordPolicy,
    Policies,
    UsernameConfiguration,
    UserPoolSettings,
)
from cognomen.store.user_pools import UserPool
from cognomen.store.users import User

ALL_ALIASES = ("email", "phone_number", "preferred_username")


def a_pool(
    *schema: dict[str, object],
    alias: tuple[str, ...] | None = None,
    username: tuple[str, ...] | None = None,
    case_sensitive: bool | None = None,
    policy: PasswordPolicy | None = None,
) -> UserPool:
    """A pool with the standard schema and `schema` besides, in the API's names."""
    settings = UserPoolSettings(
        alias_attributes=alias,
        username_attributes=username,
        username_configuration=None
        if case_sensitive is None
        else UsernameConfiguration(case_sensitive=case_sensitive),
        policies=Policies(password_policy=policy or PasswordPolicy()),
    )
    return UserPool("us-east-1_Examples1", "a pool", settings, merged(schema), b"", 1, 0, 0)


def a_user(username: str = "ada", *, status: str = "CONFIRMED", **attributes: str) -> User:
    return User(
        pool_id="us-east-1_Examples1",
        sub=str(uuid.uuid4()),
        username=username,
        status=status,
        enabled=True,
        attributes=attributes,
        salt=None,
        sealed_verifier=None,
        password_set_at=0,
        credential_version=1,
        signed_out_at=0,
        created_at=1,
        modified_at=1,
        version=1,
    )


def in_pool(pool_id: str, pool: UserPool) -> UserPool:
    """The same pool under another id, for a test with a database."""
    return replace(pool, id=pool_id)


def a_client(**settings: object) -> AppClient:
    return AppClient("us-east-1_Examples1", "client", "a client", AppClientSettings(**settings), 0, 0)  # type: ignore[arg-type]  # a test says which
