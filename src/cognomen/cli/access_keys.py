"""`cognomen keys`: access keys, with which administrators' requests are signed."""

from __future__ import annotations

import asyncio
import string
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cognomen import clock
from cognomen.cli import node
from cognomen.cli.options import Config, Data, Database
from cognomen.operations import access, policies
from cognomen.operations.policies import PolicyError
from cognomen.settings import SettingsError
from cognomen.store import access_keys
from cognomen.store.access_keys import AccessKey
from cognomen.store.database import Db

if TYPE_CHECKING:
    from cognomen.call import Node

ID_ALPHABET = string.ascii_uppercase + "234567"  # AWS's: base 32
SECRET_ALPHABET = string.ascii_letters + string.digits + "+/"

commands = typer.Typer(
    help="Access keys, with which administrators' requests are signed.", no_args_is_help=True
)


@commands.command()
def create(
    name: Annotated[str, typer.Option(help="Whose key it is, as error messages say it.")] = "admin",
    policy: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="What it may do: an IAM policy (JSON). Everything, unless given."),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(min=1, max=65535, help="The server's port, if it was said on its command line."),
    ] = None,
    base_url: Annotated[
        str | None, typer.Option(metavar="URL", help="The server's URL, if it was said on its command line.")
    ] = None,
    config: Config = None,
    data: Data = None,
    database: Database = None,
) -> None:
    """Make an access key and show its secret, once."""
    if not (name.strip() and name.isprintable()):
        raise SettingsError(
            "The name of a key is shown on one line: it cannot be empty or have line breaks in it."
        )
    text = _read(policy) if policy else policies.ALLOW_ALL
    _warn_of_misspelt(policies.parse(text))
    id = "AKIA" + clock.random_text(ID_ALPHABET, 16)
    secret = clock.random_text(SECRET_ALPHABET, 40)
    with node.opened(config, data, database, may_create=True) as opened:
        is_first = asyncio.run(opened.store.write(_add, opened, id, name, secret, text))
        given = opened.settings
    own_url = replace(given, port=port or given.port, base_url=base_url or given.base_url).own_url
    typer.echo(f"Access key  {id}\nSecret      {secret}\nDatabase    {given.database_name}\n")
    typer.echo("The secret is not shown again. To use the key in this shell:\n")
    typer.echo(f"  export AWS_ACCESS_KEY_ID={id}")
    typer.echo(f"  export AWS_SECRET_ACCESS_KEY={secret}")
    typer.echo(f"  export AWS_DEFAULT_REGION={given.region}")
    typer.echo(
        f"  export AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER={own_url}  # or where your server listens"
    )
    if is_first:
        typer.echo(
            "\nThis is the first key: from now on a server on this database accepts only requests that are signed with "
            "one."
        )


@commands.command("list")
def list_keys(config: Config = None, data: Data = None, database: Database = None) -> None:
    """Show the access keys, without their secrets."""
    with node.opened(config, data, database) as opened:
        found = asyncio.run(opened.store.read(access_keys.all_keys))
        database_name = opened.settings.database_name
    if not found:
        typer.echo(
            f"There are no access keys in the database {database_name}: a server on it is in open mode.",
            err=True,
        )
    for key in found:
        state = f"revoked {_date(key.revoked_at)}" if key.revoked_at is not None else "active"
        typer.echo(
            f"{key.id}  {key.name}  created {_date(key.created_at)}  {state}  {' '.join(key.policy.split())}"
        )


@commands.command()
def revoke(
    id: Annotated[str, typer.Argument(metavar="ID", help="The id of the access key.")],
    config: Config = None,
    data: Data = None,
    database: Database = None,
) -> None:
    """Revoke an access key for good; the next request signed with it is refused."""
    with node.opened(config, data, database) as opened:
        if not asyncio.run(opened.store.write(access_keys.revoke, id, clock.now())):
            raise SettingsError(f"There is no active access key {id}.")
    typer.echo(f"Access key {id} is revoked.")


def _add(db: Db, opened: Node, id: str, name: str, secret: str, policy: str) -> bool:
    """Whether the key is the first that was ever made."""
    is_first = not access_keys.any_exists(db)
    sealed = opened.vault.seal(access.PURPOSE, secret.encode(), id.encode())
    access_keys.add(db, AccessKey(id, name, sealed, policy, clock.now(), None))
    return is_first


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PolicyError(f"The policy {file} cannot be read: {error}") from None


def _warn_of_misspelt(policy: policies.Policy) -> None:
    from cognomen.wire import model  # noqa: PLC0415  it is large, and only this command asks it

    for pattern in policies.actions_without_match(policy, model.load().operations):
        typer.echo(f"Warning: no operation matches the action {pattern!r}; is it misspelt?", err=True)


def _date(moment: int) -> str:
    return datetime.fromtimestamp(moment / 1000, UTC).strftime("%Y-%m-%d")
