"""`cognomen migrate`: the database brought up to date; `from-aws`: a pool of Amazon Cognito brought here."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from cognomen import settings
from cognomen.cli import node
from cognomen.cli.options import Config, Data, Database
from cognomen.cli.wording import counted, were
from cognomen.errors import Refusal
from cognomen.settings import SettingsError
from cognomen.store import migrations

if TYPE_CHECKING:
    from cognomen.moving.aws import AwsCaller
    from cognomen.moving.from_aws import Report

commands = typer.Typer(
    help="Bring the database up to date; or (from-aws) a pool of Amazon Cognito here.",
    invoke_without_command=True,
)


@commands.callback()
def migrate(
    context: typer.Context, config: Config = None, data: Data = None, database: Database = None
) -> None:
    """Bring the database up to date; servers of the last release go on running meanwhile."""
    if context.invoked_subcommand is not None:
        return
    given = settings.load({"config": config, "data": data, "database": database})
    if not migrations.pending(given.database_url):
        typer.echo(f"The database {given.database_name} is up to date.")
        return
    migrations.upgrade(given.database_url)
    typer.echo(f"The database {given.database_name} is now at step {migrations.newest()}.")


Pool = Annotated[str, typer.Argument(metavar="POOL", help="The pool's id, there and here.")]


@commands.command("from-aws")
def from_aws(
    pool: Pool,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be made here.")] = False,
    users: Annotated[bool, typer.Option(help="With its users.")] = True,
    ask: Annotated[
        bool,
        typer.Option(help="Ask the old pool about passwords, once for each user, until they are known here."),
    ] = True,
    client: Annotated[
        str | None,
        typer.Option(
            metavar="ID", help="The client to ask with; else the first there that allows USER_PASSWORD_AUTH."
        ),
    ] = None,
    endpoint_url: Annotated[
        str | None, typer.Option(metavar="URL", help="Where the pool is, if not at Amazon's own address.")
    ] = None,
    profile: Annotated[
        str | None, typer.Option(metavar="NAME", help="The profile of the AWS configuration to use.")
    ] = None,
    config: Config = None,
    data: Data = None,
    database: Database = None,
) -> None:
    """Make a pool of Amazon Cognito here as it is there, and bring in its users; may be run again to go on."""
    from cognomen.moving import aws  # noqa: PLC0415  it loads the server, as in node.py
    from cognomen.moving.from_aws import Report  # noqa: PLC0415

    report = Report()
    with node.opened(config, data, database, may_create=True) as opened:
        there = aws.connected(opened, pool.partition("_")[0], endpoint_url, profile)
        try:
            node.run(
                opened,
                _bring(there, pool, report, endpoint_url, client, dry_run=dry_run, users=users, ask=ask),
            )
        except Refusal as refusal:
            raise SettingsError(f"{refusal.type}: {refusal.message}") from None
        finally:
            there.client.close()
            _tell(report, dry_run=dry_run)


@commands.command("forget-aws")
def forget_aws(pool: Pool, config: Config = None, data: Data = None, database: Database = None) -> None:
    """Ask the old pool no more: whoever has not signed in until now sets a new password."""
    from cognomen.moving.from_aws import ask_there  # noqa: PLC0415  as above

    with node.opened(config, data, database) as opened:
        asyncio.run(ask_there(opened, pool, None))
    typer.echo("The old pool is not asked any more.")


async def _bring(
    there: AwsCaller,
    pool: str,
    report: Report,
    endpoint_url: str | None,
    client_id: str | None,
    *,
    dry_run: bool,
    users: bool,
    ask: bool,
) -> None:
    from cognomen.moving import from_aws  # noqa: PLC0415  as above
    from cognomen.pools.foreign_passwords import OldPool  # noqa: PLC0415

    await from_aws.configuration(there, pool, report, dry_run=dry_run)
    client = await from_aws.client_to_ask(there, pool, client_id) if ask else None
    if ask and client is None:
        report.left.append(
            "Passwords: no client there allows USER_PASSWORD_AUTH, so the old pool cannot be asked, and everybody "
            "sets a new password. Allow it for one client and run this again before users are brought in."
        )
    if dry_run:
        return
    if client is not None:
        endpoint = endpoint_url or f"https://cognito-idp.{pool.partition('_')[0]}.amazonaws.com/"
        old = OldPool(endpoint, client["ClientId"], client.get("ClientSecret"))
        await from_aws.ask_there(there.node, pool, old)
    if users:
        await from_aws.people(there, pool, report, _progress, asks_there=client is not None)


def _progress(report: Report) -> None:
    """One line that is written over, for a person who watches."""
    if sys.stderr.isatty():
        line = f"{counted(report.added, 'user')} added, {report.there} there, {report.members} in groups"
        typer.echo(f"\r\x1b[K{line}", err=True, nl=False)


def _tell(report: Report, *, dry_run: bool) -> None:
    if sys.stderr.isatty():
        typer.echo(err=True)
    for step in report.steps:
        typer.echo(step.shown() if dry_run else f"{step.operation}: {step.name}")
    if not dry_run:
        typer.echo(
            f"{counted(report.added, 'user')} {were(report.added)} added, {report.there} {were(report.there)} there; "
            f"{counted(report.members, 'membership')}."
        )
    if report.left:
        typer.echo("Not carried over, or to be seen to:")
        typer.echo("\n".join(f"  {each}" for each in report.left))
