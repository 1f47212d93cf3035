"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None


def _key(name: str) -> sa.Column[str]:
    return sa.Column(
        name, sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql"), primary_key=True
    )


def upgrade() -> None:
    op.create_table(
        "access_keys",
        _key("id"),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sealed_secret", sa.LargeBinary(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
    )
    op.create_table(
        "user_pools",
        _key("pool_id"),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("settings", sa.Text(), nullable=False),
        sa.Column("schema", sa.Text(), nullable=False),
        sa.Column("sealed_decoy_key", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("modified_at", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "signing_keys",
        _key("pool_id"),
        _key("token_use"),
        _key("kid"),
        sa.Column("sealed_private_key", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("retired_at", sa.BigInteger(), nullable=True),
    )
    op.create_table(
        "user_counts",
        _key("pool_id"),
        _key("bucket"),
        sa.Column("users", sa.BigInteger(), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "deleted_pools",
        _key("pool_id"),
        sa.Column("deleted_at", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "app_clients",
        _key("pool_id"),
        _key("client_id"),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("settings", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("modified_at", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "client_secrets",
        _key("pool_id"),
        _key("client_id"),
        _key("secret_id"),
        sa.Column("sealed_value", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "client_directory",
        _key("client_id"),
        sa.Column("pool_id", sa.Text(), nullable=False),
    )
    op.create_index("client_directory_by_pool", "client_directory", ["pool_id"])
    op.create_table(
        "failures",
        _key("pool_id"),
        _key("kind"),
        _key("id"),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("failures_by_expiry", "failures", ["expires_at"])
    op.create_table(
        "master_keys",
        _key("id"),
        sa.Column("key_check", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("retired_at", sa.BigInteger(), nullable=True),
    )
    op.create_table(
        "outbox",
        _key("pool_id"),
        _key("id"),
        sa.Column("sealed_document", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
    )
    op.create_index("outbox_by_due", "outbox", ["due_at"])
    op.create_table(
        "inbox",
        _key("pool_id"),
        _key("id"),
        sa.Column("sealed_document", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("inbox_by_age", "inbox", ["created_at"])
    op.create_table(
        "former_passwords",
        _key("pool_id"),
        _key("sub"),
        _key("id"),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_verifier", sa.LargeBinary(), nullable=False),
        sa.Column("set_at", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "users",
        _key("pool_id"),
        _key("sub"),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("enabled", sa.BigInteger(), nullable=False),
        sa.Column("attributes", sa.Text(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=True),
        sa.Column("sealed_verifier", sa.LargeBinary(), nullable=True),
        sa.Column("password_set_at", sa.BigInteger(), nullable=False),
        sa.Column("credential_version", sa.BigInteger(), nullable=False),
        sa.Column("signed_out_at", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("modified_at", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
    )
    op.create_index("users_by_enabled", "users", ["pool_id", "enabled", "sub"])
    op.create_index("users_by_status", "users", ["pool_id", "status", "sub"])
    op.create_table(
        "aliases",
        _key("pool_id"),
        _key("kind"),
        _key("value"),
        sa.Column("sub", sa.Text(), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "user_search",
        _key("pool_id"),
        _key("attribute"),
        _key("value"),
        _key("sub"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "spent",
        _key("pool_id"),
        _key("kind"),
        _key("id"),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("spent_by_expiry", "spent", ["expires_at"])
    op.create_table(
        "revoked_origins",
        _key("pool_id"),
        _key("origin"),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("revoked_origins_by_expiry", "revoked_origins", ["expires_at"])
