"""The pool that commands are about, and options that several take; None means not given, so that the environment or the file decides."""

from __future__ import annotations

from typing import Annotated

import typer

Pool = Annotated[str, typer.Argument(metavar="POOL", help="The pool's id.")]
Data = Annotated[
    str | None,
    typer.Option("--data", metavar="DIR", help="Folder of the embedded database and the master key."),
]
Database = Annotated[
    str | None,
    typer.Option(
        "--database", metavar="URL", help="postgresql://… or sqlite:///path, instead of the data folder."
    ),
]
Config = Annotated[
    str | None,
    typer.Option(
        "--config", metavar="FILE", help="The server's file of settings (TOML), as COGNOMEN_CONFIG names it."
    ),
]
