"""When an operator has said that a master key is not needed any more."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.add_column("master_keys", sa.Column("forgotten_at", sa.BigInteger(), nullable=True))
