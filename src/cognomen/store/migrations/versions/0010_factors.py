"""What users have set of their second factors."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.add_column("users", sa.Column("factors", sa.Text(), nullable=True))
    op.add_column("users", sa.Column("sealed_totp_secret", sa.LargeBinary(), nullable=True))
    op.add_column("users", sa.Column("sealed_new_totp_secret", sa.LargeBinary(), nullable=True))
