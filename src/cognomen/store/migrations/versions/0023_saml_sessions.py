"""What a browser's session is called at the SAML provider that vouched for its user."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    op.add_column("browser_sessions", sa.Column("sealed_saml_session", sa.LargeBinary(), nullable=True))
