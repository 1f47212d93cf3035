"""What pools have logged and nobody has taken yet."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0025"
down_revision = "0024"


def _key(name: str) -> sa.Column[str]:
    return sa.Column(
        name, sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql"), primary_key=True
    )


def upgrade() -> None:
    op.create_table(
        "log_records",
        _key("pool_id"),
        _key("id"),
        sa.Column("destination", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
    )
    op.create_index("log_records_by_due", "log_records", ["due_at"])
