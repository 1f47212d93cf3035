"""Under which group key a device was confirmed that came from another server."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.add_column("devices", sa.Column("group_key", sa.Text(), nullable=True))
