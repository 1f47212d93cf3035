"""Sign-ins under way that a Session cannot carry."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"


def _key(name: str) -> sa.Column[str]:
    return sa.Column(
        name, sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql"), primary_key=True
    )


def upgrade() -> None:
    op.create_table(
        "attempts",
        _key("pool_id"),
        _key("id"),
        sa.Column("sealed_attempt", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("attempts_by_expiry", "attempts", ["expires_at"])
