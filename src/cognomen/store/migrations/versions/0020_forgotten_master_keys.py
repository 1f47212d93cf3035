"""Since when a server does without a master key."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.add_column("master_keys", sa.Column("forgotten_at", sa.BigInteger(), nullable=True))
    # No server has missed a retired key until now, and `forget` noted nothing else of one.
    op.execute("UPDATE master_keys SET forgotten_at = retired_at WHERE retired_at IS NOT NULL")
