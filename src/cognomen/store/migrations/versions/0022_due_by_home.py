"""What is due is found by the region that its pool is at home in, and by its pool.

The indexes over all regions go at once: where there are two, PostgreSQL may choose the wrong one. Nodes of the release before find the
same rows without them, in tables of what waits.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"

_HOME = sa.text("rtrim(pool_id, replace(pool_id, '_', ''))")


def upgrade() -> None:
    op.create_index("outbox_by_home", "outbox", [_HOME, "due_at"])
    op.create_index("outbox_by_pool", "outbox", ["pool_id", "due_at"])
    op.create_index("user_import_jobs_by_home", "user_import_jobs", [_HOME, "due_at"])
    op.drop_index("outbox_by_due", "outbox")
    op.drop_index("user_import_jobs_by_due", "user_import_jobs")
