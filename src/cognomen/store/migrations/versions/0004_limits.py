"""Provisioned limits, and the nodes that share them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"


def _key(name: str) -> sa.Column[str]:
    return sa.Column(
        name, sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql"), primary_key=True
    )


def upgrade() -> None:
    op.create_table(
        "provisioned_limits",
        _key("category"),
        sa.Column("rate", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "nodes",
        _key("id"),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
    )
