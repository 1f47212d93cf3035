"""Groups and who is in them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"


def _ordered(name: str, *, primary_key: bool) -> sa.Column[str]:
    ordered = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
    return sa.Column(name, ordered, primary_key=primary_key, nullable=False)


def upgrade() -> None:
    op.create_table(
        "groups",
        _ordered("pool_id", primary_key=True),
        _ordered("id", primary_key=True),
        _ordered("name", primary_key=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("role_arn", sa.Text(), nullable=True),
        sa.Column("precedence", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("modified_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("groups_by_name", "groups", ["pool_id", "name"], unique=True)
    op.create_table(
        "group_members",
        _ordered("pool_id", primary_key=True),
        _ordered("sub", primary_key=True),
        _ordered("group_id", primary_key=True),
    )
    op.create_index("group_members_by_group", "group_members", ["pool_id", "group_id", "sub"])
    op.create_table(
        "group_counts",
        _ordered("pool_id", primary_key=True),
        sa.Column("groups", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "deleted_groups",
        _ordered("pool_id", primary_key=True),
        _ordered("group_id", primary_key=True),
        sa.Column("deleted_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("deleted_groups_by_age", "deleted_groups", ["deleted_at"])
