"""Events that others are compared with, by an index of their own: strangers cannot push them out of sight."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"

_WENT_WELL = sa.text("UPDATE auth_events SET weight = 1 WHERE type = 'SignIn' AND response = 'Pass'")
_WITH_FEEDBACK = sa.text("UPDATE auth_events SET weight = 2 WHERE feedback IS NOT NULL")


def upgrade() -> None:
    op.add_column("auth_events", sa.Column("weight", sa.BigInteger(), nullable=True))
    op.execute(_WENT_WELL)
    op.execute(_WITH_FEEDBACK)
    op.create_index(
        "auth_events_by_weight",
        "auth_events",
        ["pool_id", "sub", "weight", "id"],
        sqlite_where=sa.text("weight IS NOT NULL"),
        postgresql_where=sa.text("weight IS NOT NULL"),
    )
