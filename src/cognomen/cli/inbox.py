"""`cognomen inbox`: the messages that were kept instead of sent, with their codes and passwords."""

from __future__ import annotations

import asyncio
import json
from typing import Annotated, Any

import typer

from cognomen.cli import node
from cognomen.cli.options import Config, Data, Database, Pool
from cognomen.cli.wording import printable
from cognomen.messages import inbox as kept_messages
from cognomen.store import user_pools


def inbox(
    pool: Pool,
    limit: Annotated[
        int, typer.Option(min=1, max=kept_messages.MOST_OPENED, help="How many messages, the newest first.")
    ] = 10,
    user: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Only those to one user: user name, sub, or sign-in name."),
    ] = None,
    to: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Only those to one e-mail address or phone number.")
    ] = None,
    json_lines: Annotated[bool, typer.Option("--json", help="A JSON array, for programs.")] = False,
    config: Config = None,
    data: Data = None,
    database: Database = None,
) -> None:
    """Show the newest messages to the users of a pool."""
    with node.opened(config, data, database) as opened:
        if asyncio.run(opened.store.read(user_pools.by_id, pool)) is None:
            raise node.no_pool(opened, pool)
        found = asyncio.run(kept_messages.newest(opened.store, opened.vault, pool, limit, user=user, to=to))
        stranger = None if found else asyncio.run(kept_messages.stranger(opened.store, pool, user, to))
    if json_lines:
        typer.echo(json.dumps(found, indent=2))
    elif not found:
        nobody = f" Nobody in the pool is called {stranger}." if stranger else ""
        typer.echo(f"No messages.{nobody}", err=True)
    else:
        typer.echo("\n\n".join(_shown(message) for message in found))


def _shown(message: dict[str, Any]) -> str:
    head = "{time}  {medium} to {destination}  ({purpose}, user {username})".format_map(message)
    text = "\n".join(part for part in (head, message["subject"], message["body"]) if part)
    return printable(text)
