"""Import jobs, and passwords that users bring from elsewhere."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"

_ORDERED = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, _ORDERED, primary_key=True)


def _number(name: str, *, optional: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=optional)


def _text(name: str, *, optional: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=optional)


def upgrade() -> None:
    op.add_column("users", sa.Column("sealed_foreign_password", sa.LargeBinary(), nullable=True))
    op.create_table(
        "foreign_passwords", _key("pool_id"), sa.Column("sealed_document", sa.LargeBinary(), nullable=False)
    )
    op.create_table(
        "user_import_jobs",
        _key("pool_id"),
        _key("id"),
        _text("name"),
        _text("role_arn"),
        _text("algorithm", optional=True),
        _text("status"),
        _text("upload"),
        _number("size"),
        _number("position"),
        _number("line"),
        _text("columns"),
        _number("imported"),
        _number("skipped"),
        _number("failed"),
        _number("created_at"),
        _number("started_at", optional=True),
        _number("completed_at", optional=True),
        _text("message", optional=True),
        _number("due_at", optional=True),
        _text("holder"),
    )
    op.create_index("user_import_jobs_by_age", "user_import_jobs", ["pool_id", "created_at", "id"])
    op.create_index("user_import_jobs_by_status", "user_import_jobs", ["pool_id", "status"])
    op.create_index("user_import_jobs_by_due", "user_import_jobs", ["due_at"])
    op.create_table(
        "user_import_parts",
        _key("pool_id"),
        _key("upload"),
        _key("number"),
        sa.Column("sealed_content", sa.LargeBinary(), nullable=False),
        _number("created_at"),
    )
    op.create_index("user_import_parts_by_age", "user_import_parts", ["created_at"])
    op.create_table(
        "user_import_lines",
        _key("pool_id"),
        _key("job_id"),
        _key("first"),
        sa.Column("lines", _ORDERED, nullable=False),
    )
