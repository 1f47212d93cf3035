"""Branding, terms documents, risk configurations, log delivery."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"


def _key(name: str) -> sa.Column[str]:
    return sa.Column(
        name, sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql"), primary_key=True
    )


def upgrade() -> None:
    op.create_table(
        "branding_styles",
        _key("pool_id"),
        _key("client_id"),
        sa.Column("style_id", sa.Text(), nullable=False),
        sa.Column("settings", sa.Text(), nullable=False),
        sa.Column("is_provided", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("modified_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("branding_styles_by_id", "branding_styles", ["pool_id", "style_id"], unique=True)
    op.create_table(
        "branding_assets",
        _key("pool_id"),
        _key("client_id"),
        _key("category"),
        _key("color_mode"),
        _key("slot"),
        sa.Column("extension", sa.Text(), nullable=False),
        sa.Column("resource_id", sa.Text(), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=False),
    )
    op.create_table(
        "ui_customizations",
        _key("pool_id"),
        _key("client_id"),
        sa.Column("css", sa.Text(), nullable=True),
        sa.Column("image_format", sa.Text(), nullable=True),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("modified_at", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "ui_images",
        _key("pool_id"),
        _key("client_id"),
        sa.Column("content", sa.LargeBinary(), nullable=False),
    )
    op.create_table(
        "terms",
        _key("pool_id"),
        _key("terms_id"),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("enforcement", sa.Text(), nullable=False),
        sa.Column("links", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("modified_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("terms_by_client", "terms", ["pool_id", "client_id", "name"], unique=True)
    op.create_table(
        "risk_configurations",
        _key("pool_id"),
        _key("client_id"),
        sa.Column("parts", sa.Text(), nullable=False),
        sa.Column("modified_at", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "log_deliveries",
        _key("pool_id"),
        sa.Column("configurations", sa.Text(), nullable=False),
    )
