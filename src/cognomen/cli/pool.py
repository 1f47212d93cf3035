"""`cognomen pool`: a pool as a file, written down and applied."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cognomen.cli import node
from cognomen.cli.options import Config, Data, Database, Pool
from cognomen.cli.wording import counted, printable

if TYPE_CHECKING:
    from cognomen.call import Node
    from cognomen.declarative.plan import Step

commands = typer.Typer(help="A pool's configuration as a file, without its users.", no_args_is_help=True)


@commands.command()
def export(
    pool: Pool,
    secrets: Annotated[
        bool, typer.Option("--secrets", help="With the secrets of clients and identity providers, in clear.")
    ] = False,
    config: Config = None,
    data: Data = None,
    database: Database = None,
) -> None:
    """Write the configuration of a pool as JSON, in the API's names and without what is the default."""
    from cognomen.declarative.caller import Caller  # noqa: PLC0415  it loads the server, as in node.py
    from cognomen.declarative.export import export as exported  # noqa: PLC0415

    with node.opened(config, data, database) as opened:
        document = asyncio.run(exported(Caller(opened), pool, secrets=secrets))
    typer.echo(json.dumps(document, indent=2, ensure_ascii=False))


@commands.command()
def apply(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A pool as JSON, as export writes it, or a list.")
    ],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether to go on.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would change.")] = False,
    prune: Annotated[
        bool,
        typer.Option(
            "--prune", help="Remove entries that a list of the file does not name (clients, groups, …)."
        ),
    ] = False,
    config: Config = None,
    data: Data = None,
    database: Database = None,
) -> None:
    """Make or change pools to match a file, after showing the difference."""
    from cognomen.declarative.document import read  # noqa: PLC0415  as above

    documents = read(file)
    with node.opened(config, data, database, may_create=True) as opened:
        if not (steps := node.run(opened, _planned(opened, documents, prune=prune))):
            typer.echo("There is nothing to change.")
            return
        typer.echo("\n".join(printable(step.shown()) for step in steps))
        if dry_run:
            return
        if not yes:
            typer.confirm("Go on?", abort=True)
        node.run(opened, _applied(opened, steps))
    typer.echo(f"Done: {counted(len(steps), 'change')}.")


async def _planned(opened: Node, documents: list[dict[str, object]], *, prune: bool) -> list[Step]:
    from cognomen.declarative.caller import Caller  # noqa: PLC0415  as above
    from cognomen.declarative.plan import plan  # noqa: PLC0415

    return [step for each in documents for step in await plan(Caller(opened), each, prune=prune)]


async def _applied(opened: Node, steps: list[Step]) -> None:
    from cognomen.declarative.apply import apply as applied  # noqa: PLC0415  as above
    from cognomen.declarative.caller import Caller  # noqa: PLC0415

    await applied(Caller(opened), steps)
