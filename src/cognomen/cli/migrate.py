"""`cognomen migrate`: bring the database up to date before the servers are (they would do it at their start)."""

from __future__ import annotations

import typer

from cognomen import settings
from cognomen.cli.options import Data, Database
from cognomen.store import migrations


def migrate(data: Data = None, database: Database = None) -> None:
    """Bring the database up to date; servers of the last release go on running meanwhile."""
    url = settings.load({"data": data, "database": database}).database_url
    if not migrations.pending(url):
        typer.echo("The database is up to date.")
        return
    migrations.upgrade(url)
    typer.echo(f"The database is now at step {migrations.newest()}.")
