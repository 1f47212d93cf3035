"""A node without a server, for the commands that read and write its data."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import typer

from cognomen import settings
from cognomen.settings import SettingsError

if TYPE_CHECKING:
    from cognomen.call import Node

T = TypeVar("T")


@contextmanager
def opened(
    config: str | None, data: str | None, database: str | None, *, may_create: bool = False
) -> Iterator[Node]:
    """The node of these settings, its database brought up to date and its master key checked.

    Raises SettingsError when there is no embedded database yet, unless it may be created: where somebody has named its
    place, and so knows which it is.
    """
    from cognomen import app  # noqa: PLC0415  it loads the server, which `cognomen --help` does not need
    from cognomen.pools import master_keys  # noqa: PLC0415  as app

    given = settings.load({"config": config, "data": data, "database": database})
    is_named = bool(given.database) or given.data != settings.Settings().data or data is not None
    _look_for_database(given, may_create=may_create and is_named)
    app.prepare(given)
    node = app.build(given, everywhere=True)
    try:
        asyncio.run(master_keys.check(node))
        yield node
    finally:
        app.close(node)


def run(opened: Node, work: Coroutine[Any, Any, T]) -> T:
    """What comes of work that may ask other servers; its connections end with it."""
    from cognomen import app  # noqa: PLC0415  as above

    async def whole() -> T:
        try:
            return await work
        finally:
            await app.disconnect(opened)

    return asyncio.run(whole())


def no_pool(opened: Node, pool_id: str) -> SettingsError:
    """Which database it is not in: there may be more than one."""
    return SettingsError(f"There is no user pool {pool_id} in the database {opened.settings.database_name}.")


def looked_for(opened: Node) -> str:
    """For whoever set something for the server and not for this command."""
    return (
        f"It was looked for in the environment and in {opened.settings.source}; name the server's file with --config or "
        "COGNOMEN_CONFIG."
    )


def _look_for_database(given: settings.Settings, *, may_create: bool) -> None:
    """Whoever mistypes a folder must not find a new database there that no server reads."""
    file = Path(given.database_url.removeprefix("sqlite:///"))
    if not given.database_url.startswith("sqlite:///") or file.exists():
        return
    if may_create:
        typer.echo(f"A new database is made: {file}", err=True)
        return
    raise SettingsError(
        f"There is no database {file} ({given.source} was read). Name the server's folder with --data, its database "
        "with --database, or its settings file with --config or COGNOMEN_CONFIG."
    )
