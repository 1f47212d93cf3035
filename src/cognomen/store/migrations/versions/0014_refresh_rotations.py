"""How often the refresh token of a sign-in was replaced."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"


def _key(name: str) -> sa.Column[str]:
    return sa.Column(
        name, sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql"), primary_key=True
    )


def upgrade() -> None:
    op.create_table(
        "refresh_rotations",
        _key("pool_id"),
        _key("origin"),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("retry_until", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("refresh_rotations_by_expiry", "refresh_rotations", ["expires_at"])
