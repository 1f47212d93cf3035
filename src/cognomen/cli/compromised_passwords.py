"""`cognomen compromised-passwords check`: whether a file of leaked passwords can be used."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cognomen import settings
from cognomen.cli.options import Config, Data, Database
from cognomen.risk import hash_file
from cognomen.risk.hash_file import NotUsable
from cognomen.settings import SettingsError

commands = typer.Typer(help="Passwords that are known to have leaked.", no_args_is_help=True)


@commands.callback()
def group() -> None:
    """Passwords that are known to have leaked."""  # with it a single command keeps its name


@commands.command("check")
def check(
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FILE]", help="A file of hashes; else that of the setting compromised_passwords."
        ),
    ] = None,
    config: Config = None,
    data: Data = None,
    database: Database = None,
) -> None:
    """Look at every line of a file of hashes; of a thousand million it takes an hour."""
    path = file or _set(settings.load({"config": config, "data": data, "database": database}))
    try:
        with path.open("rb") as lines:
            number = hash_file.check(lines)
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}.") from None
    except NotUsable as error:
        raise SettingsError(f"{path} cannot be used: {error}.") from None
    typer.echo(f"{path} can be used: {number:,} hashes, in order.")


def _set(given: settings.Settings) -> Path:
    named = given.compromised_passwords
    if not named or "://" in named:
        raise SettingsError("compromised_passwords names no file; say which one to look at.")
    return Path(named)
