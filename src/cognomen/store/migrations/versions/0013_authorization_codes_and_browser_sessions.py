"""What the OAuth endpoints keep: authorization codes, and the sessions of browsers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"


def _key(name: str) -> sa.Column[str]:
    return sa.Column(
        name, sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql"), primary_key=True
    )


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def upgrade() -> None:
    op.create_table(
        "authorization_codes",
        _key("pool_id"),
        _key("digest"),
        _text("client_id"),
        _text("origin"),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        _number("expires_at"),
        _number("redeemed"),
        sqlite_with_rowid=False,
    )
    op.create_index("authorization_codes_by_expiry", "authorization_codes", ["expires_at"])
    op.create_table(
        "browser_sessions",
        _key("pool_id"),
        _key("digest"),
        _text("id"),
        _text("sub"),
        _text("provider"),
        _text("proven"),
        _number("credential_version"),
        _number("authenticated_at"),
        _number("moment"),
        _number("expires_at"),
        sqlite_with_rowid=False,
    )
    op.create_index("browser_sessions_by_user", "browser_sessions", ["pool_id", "sub"])
    op.create_index("browser_sessions_by_expiry", "browser_sessions", ["expires_at"])
