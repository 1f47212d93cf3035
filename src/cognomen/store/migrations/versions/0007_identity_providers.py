"""Identity providers, their identifiers, and who their users are here."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"


def _key(name: str) -> sa.Column[str]:
    return sa.Column(
        name, sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql"), primary_key=True
    )


def upgrade() -> None:
    op.create_table(
        "identity_providers",
        _key("pool_id"),
        _key("name"),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("sealed_configuration", sa.LargeBinary(), nullable=False),
        sa.Column("starts_sign_in", sa.BigInteger(), nullable=False),
        sa.Column("attribute_mapping", sa.Text(), nullable=False),
        sa.Column("idp_identifiers", sa.Text(), nullable=False),
        sa.Column("acr_mapping", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("modified_at", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "idp_identifiers",
        _key("pool_id"),
        _key("identifier"),
        sa.Column("name", sa.Text(), nullable=False),
    )
    op.create_index("idp_identifiers_by_name", "idp_identifiers", ["pool_id", "name"])
    op.create_table(
        "identities",
        _key("pool_id"),
        _key("provider"),
        _key("attribute"),
        _key("value"),
        sa.Column("sub", sa.Text(), nullable=False),
    )
    op.create_index("identities_by_user", "identities", ["pool_id", "sub"])
