"""`cognomen users`: what became of an import."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from cognomen.cli import node
from cognomen.cli.options import Data, Database
from cognomen.settings import SettingsError

if TYPE_CHECKING:
    from cognomen.call import Node

PAGE = 100

commands = typer.Typer(help="A pool's users.", no_args_is_help=True)


@commands.callback()
def _group() -> None:
    """So that `import-log` is a command of its own, also as long as it is the only one."""


@commands.command("import-log")
def import_log(
    pool: Annotated[str, typer.Argument(metavar="POOL", help="The pool's id.")],
    job: Annotated[str, typer.Argument(metavar="JOB", help="The job's id, as import-…")],
    data: Data = None,
    database: Database = None,
) -> None:
    """Write what became of each row of an import job."""
    with node.opened(data, database) as opened:
        asyncio.run(_write_log(opened, pool, job))


async def _write_log(opened: Node, pool_id: str, job_id: str) -> None:
    from cognomen.store import user_imports  # noqa: PLC0415  as in node.py

    if await opened.store.read(user_imports.by_id, pool_id, job_id) is None:
        raise SettingsError(f"There is no import job {job_id} in user pool {pool_id}.")
    after = ""
    while found := await opened.store.read(user_imports.lines_of, pool_id, job_id, after, PAGE):
        after = found[-1][0]
        typer.echo("".join(lines for _, lines in found), nl=False)
