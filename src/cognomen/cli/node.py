"""A node without a server, for the commands that read and write its data."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from cognomen import settings
from cognomen.settings import SettingsError

if TYPE_CHECKING:
    from cognomen.call import Node


@contextmanager
def opened(data: str | None, database: str | None, *, may_create: bool = False) -> Iterator[Node]:
    """The node of these settings, its database brought up to date and its master key checked.

    Raises SettingsError when there is no embedded database yet, unless it may be created.
    """
    from cognomen import app  # noqa: PLC0415  it loads the server, which `cognomen --help` does not need

    given = settings.load({"data": data, "database": database})
    file = Path(given.database_url.removeprefix("sqlite:///"))
    if given.database_url.startswith("sqlite:///") and not file.exists() and not may_create:
        raise SettingsError(
            f"There is no database {file}. Name its folder with --data, or its URL with --database."
        )
    app.prepare(given)
    node = app.build(given, everywhere=True)
    try:
        app.check_master_key(node)
        yield node
    finally:
        node.store.close()
