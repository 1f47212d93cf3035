"""Domains with their directory, and resource servers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"


def _key(name: str) -> sa.Column[str]:
    return sa.Column(
        name, sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql"), primary_key=True
    )


def upgrade() -> None:
    op.create_table(
        "domains",
        _key("pool_id"),
        _key("kind"),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("settings", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("modified_at", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "domain_directory",
        _key("name"),
        sa.Column("pool_id", sa.Text(), nullable=False),
    )
    op.create_index("domain_directory_by_pool", "domain_directory", ["pool_id"])
    op.create_table(
        "resource_servers",
        _key("pool_id"),
        _key("identifier"),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
    )
