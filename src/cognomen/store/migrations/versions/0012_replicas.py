"""Replicas of user pools in a second region, and which region a domain is of: none where its pool is at home."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"


def _key(name: str) -> sa.Column[str]:
    return sa.Column(
        name, sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql"), primary_key=True
    )


def upgrade() -> None:
    op.create_table(
        "user_pool_replicas",
        _key("pool_id"),
        _key("region"),
        sa.Column("is_active", sa.BigInteger(), nullable=False),
        sa.Column("settings", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("gone_at", sa.BigInteger(), nullable=True),
    )
    op.create_index("user_pool_replicas_by_region", "user_pool_replicas", ["region", "pool_id"])
    op.create_index("user_pool_replicas_by_end", "user_pool_replicas", ["gone_at"])
    _add_region_to_domains()


def _add_region_to_domains() -> None:
    """A release that does not know the column writes domains at home, by its default."""
    region = sa.Column(
        "region",
        sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql"),
        nullable=False,
        server_default="",
        primary_key=True,
    )
    if op.get_context().dialect.name == "postgresql":
        op.add_column("domains", region)
        op.drop_constraint("domains_pkey", "domains")
        op.create_primary_key("domains_pkey", "domains", ["pool_id", "region", "kind"])
        return
    op.rename_table("domains", "former_domains")
    op.create_table(
        "domains",
        _key("pool_id"),
        region,
        _key("kind"),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("settings", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("modified_at", sa.BigInteger(), nullable=False),
    )
    members = "pool_id, kind, name, settings, created_at, modified_at"
    op.execute(f"INSERT INTO domains ({members}) SELECT {members} FROM former_domains")  # noqa: S608  names of ours
    op.drop_table("former_domains")
