"""Passkeys of users."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"


def _key(name: str) -> sa.Column[str]:
    return sa.Column(
        name, sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql"), primary_key=True
    )


def upgrade() -> None:
    op.create_table(
        "passkeys",
        _key("pool_id"),
        _key("sub"),
        _key("id"),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("counter", sa.BigInteger(), nullable=False),
        sa.Column("relying_party", sa.Text(), nullable=False),
        sa.Column("aaguid", sa.Text(), nullable=False),
        sa.Column("attachment", sa.Text(), nullable=True),
        sa.Column("transports", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("passkeys_by_id", "passkeys", ["pool_id", "id"], unique=True)
