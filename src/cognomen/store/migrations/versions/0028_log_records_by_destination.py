"""What is due to one destination is found without what waits for the others."""

from __future__ import annotations

from alembic import op

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    op.create_index("log_records_by_destination", "log_records", ["destination", "due_at"])
    op.drop_index("log_records_by_due", "log_records")
