"""The statement that lets a transaction see the database at one moment, however many others it runs."""

from __future__ import annotations

from typing import Any

from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import ClauseElement


class _OneMoment(ClauseElement):
    inherit_cache = True


@compiles(_OneMoment, "sqlite")
def _on_sqlite(*_: Any, **__: Any) -> str:
    return "SELECT 1"  # a transaction never sees anything else there


@compiles(_OneMoment, "postgresql")
def _on_postgresql(*_: Any, **__: Any) -> str:
    return "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"


ONE_MOMENT = _OneMoment()
"""The first statement of a transaction, which is a `write`: reads are none (database.py)."""
