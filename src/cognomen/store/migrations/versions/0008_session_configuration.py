"""How sessions of users are configured."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"


def _key(name: str) -> sa.Column[str]:
    return sa.Column(
        name, sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql"), primary_key=True
    )


def upgrade() -> None:
    op.create_table(
        "session_tracking",
        _key("pool_id"),
        sa.Column("is_on", sa.BigInteger(), nullable=False),
        sa.Column("per_user", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "session_reuse",
        _key("pool_id"),
        _key("client_id"),
        sa.Column("minutes", sa.BigInteger(), nullable=False),
    )
