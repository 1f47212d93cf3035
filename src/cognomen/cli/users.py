"""`cognomen users`: all of a pool's users out of a database and into another, and what became of an import job."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cognomen.cli import node
from cognomen.cli.options import Config, Data, Database, Pool
from cognomen.cli.wording import counted, were
from cognomen.settings import SettingsError

if TYPE_CHECKING:
    from cognomen.call import Node

PAGE = 100
PASSPHRASE_MIN = 12

commands = typer.Typer(help="A pool's users.", no_args_is_help=True)

PassphraseFile = Annotated[
    Path | None,
    typer.Option(
        "--passphrase-file",
        metavar="FILE",
        help="A file with the passphrase in its first line; else it is asked for.",
    ),
]
Tell = Callable[[int, int], None]


@commands.command()
def export(
    pool: Pool,
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="The file to write, or to go on with if it was not finished."),
    ],
    passphrase_file: PassphraseFile = None,
    config: Config = None,
    data: Data = None,
    database: Database = None,
) -> None:
    """Write all users of a pool, with everything they sign in with, into a file sealed under a passphrase."""
    from cognomen.moving.exporting import export as exported  # noqa: PLC0415  it loads the server, as in node.py

    passphrase = _passphrase(passphrase_file, new=not file.exists())
    with node.opened(config, data, database) as opened, _progress("Exporting") as tell:
        done = asyncio.run(exported(opened, pool, file, passphrase, tell))
    typer.echo(f"{counted(done, 'user')} {'is' if done == 1 else 'are'} in {file}.")


@commands.command("import")
def load(
    pool: Pool,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file that export has written.")],
    without_passwords: Annotated[
        bool,
        typer.Option(
            "--without-passwords",
            help="Into a pool of another id; everybody who had a password sets a new one.",
        ),
    ] = False,
    passphrase_file: PassphraseFile = None,
    config: Config = None,
    data: Data = None,
    database: Database = None,
) -> None:
    """Bring the users of such a file into the pool of the same id; those who are there stay as they are."""
    from cognomen.moving.importing import Outcome  # noqa: PLC0415  as above
    from cognomen.moving.importing import load as loaded  # noqa: PLC0415

    passphrase = _passphrase(passphrase_file, new=False)
    with node.opened(config, data, database) as opened, _progress("Importing") as tell:

        def told(so_far: Outcome) -> None:
            tell(so_far.added + so_far.there + so_far.clashed, 0)

        outcome = asyncio.run(
            loaded(opened, pool, file, passphrase, told, without_passwords=without_passwords)
        )
    typer.echo(
        f"{counted(outcome.added, 'user')} {were(outcome.added)} added; {outcome.there} {were(outcome.there)} there."
    )
    if outcome.clashed:
        typer.echo(
            f"{outcome.clashed} {were(outcome.clashed)} not added, because others have the same names or keys. "
            f"{'Its sub is' if outcome.clashed == 1 else 'Their subs are'}: "
            f"{', '.join(outcome.clashes)}{', …' if outcome.clashed > len(outcome.clashes) else ''}",
            err=True,
        )
        raise typer.Exit(1)


@commands.command("import-log")
def import_log(
    pool: Pool,
    job: Annotated[str, typer.Argument(metavar="JOB", help="The job's id, as import-…")],
    config: Config = None,
    data: Data = None,
    database: Database = None,
) -> None:
    """Write what became of each row of an import job."""
    with node.opened(config, data, database) as opened:
        asyncio.run(_write_log(opened, pool, job))


async def _write_log(opened: Node, pool_id: str, job_id: str) -> None:
    from cognomen.store import user_imports  # noqa: PLC0415  as in node.py

    if await opened.store.read(user_imports.by_id, pool_id, job_id) is None:
        raise SettingsError(f"There is no import job {job_id} in user pool {pool_id}.")
    after = ""
    while found := await opened.store.read(user_imports.lines_of, pool_id, job_id, after, PAGE):
        after = found[-1][0]
        typer.echo("".join(lines for _, lines in found), nl=False)


def _passphrase(file: Path | None, *, new: bool) -> str:
    if file is None:
        given: str = typer.prompt("Passphrase", hide_input=True, confirmation_prompt=new, err=True)
    else:
        try:
            given = file.read_text(encoding="utf-8").partition("\n")[0].rstrip("\r")
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(f"The passphrase cannot be read from {file}: {error}.") from None
    if len(given) < PASSPHRASE_MIN:
        raise SettingsError(f"A passphrase has at least {PASSPHRASE_MIN} characters.")
    return given


@contextmanager
def _progress(what: str) -> Iterator[Tell]:
    """A bar on a terminal, nothing elsewhere; told the number done, and the whole where it is known."""
    if not sys.stderr.isatty():
        yield lambda _done, _whole: None
        return
    from rich.console import Console  # noqa: PLC0415  few commands draw
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    columns = (
        TextColumn(what),
        BarColumn(),
        TextColumn("{task.completed} users"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, whole: bar.update(task, completed=done, total=whole or None)
