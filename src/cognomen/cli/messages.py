"""`cognomen messages list` and `test`: what is on its way or was given up, and whether a carrier works."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cognomen import clock
from cognomen.cli import node
from cognomen.cli.options import Config, Data, Database, Pool
from cognomen.cli.wording import counted, printable
from cognomen.messages import compose, courier, inbox
from cognomen.messages.carriers.failures import Undelivered
from cognomen.messages.compose import Composed
from cognomen.settings import SettingsError
from cognomen.store import user_pools
from cognomen.users import names

if TYPE_CHECKING:
    from cognomen.call import Node

commands = typer.Typer(help="Messages to the users of pools.", no_args_is_help=True)


@commands.command("list")
def list_outstanding(
    pool: Pool,
    limit: Annotated[int, typer.Option(min=1, max=1_000, help="How many messages, the newest first.")] = 20,
    json_lines: Annotated[bool, typer.Option("--json", help="A JSON array, for programs.")] = False,
    config: Config = None,
    data: Data = None,
    database: Database = None,
) -> None:
    """Show the messages that wait to be carried, and those that were given up, with the reason."""
    with node.opened(config, data, database) as opened:
        _check_pool(opened, pool)
        found = asyncio.run(inbox.outstanding(opened.store, opened.vault, pool, limit))
    if json_lines:
        typer.echo(json.dumps(found, indent=2))
    elif not found:
        typer.echo("Every message was carried.", err=True)
    else:
        typer.echo("\n".join(_shown(message) for message in found))


@commands.command("test")
def send_by_hand(
    pool: Pool,
    address: Annotated[
        str, typer.Argument(metavar="ADDRESS", help="The e-mail address or phone number to write to.")
    ],
    config: Config = None,
    data: Data = None,
    database: Database = None,
) -> None:
    """Send a message as the pool would, once and now, and show what the carrier says."""
    if not (names.is_email(address) or names.is_phone_number(address)):
        raise SettingsError(f"{address} is neither an e-mail address nor a phone number (+ and digits).")
    with node.opened(config, data, database) as opened:
        _check_pool(opened, pool)
        ended_well = node.run(opened, _test(opened, pool, address))
    raise typer.Exit(0 if ended_well else 1)


async def _test(opened: Node, pool_id: str, address: str) -> bool:
    configuration = await opened.configurations.of_pool(pool_id, clock.now())
    if configuration is None:
        raise node.no_pool(opened, pool_id)
    message = _message(address)
    if compose.is_for_sender(configuration.pool, message.medium):
        raise SettingsError(
            f"A function of the pool's owner carries this: use 'cognomen triggers test {pool_id} "
            f"{compose.SENDERS[message.medium]}'."
        )
    carrier = opened.carriers.of(pool_id, message.medium)
    if carrier is None:
        setting = "email_carriers" if message.medium == compose.EMAIL else "sms_carriers"
        raise SettingsError(
            f"{setting} names no carrier for {pool_id}: such messages stay in the inbox. {node.looked_for(opened)}"
        )
    try:
        await courier.try_now(carrier, configuration.pool, message)
    except Undelivered as fault:
        typer.echo(f"Not delivered by {carrier.name}: {fault.reason}")
        if fault.detail:
            typer.echo(f"It said: {_on_one_line(fault.detail[:1_000])}")
        return False
    typer.echo(f"Handed over to {carrier.name}, which acknowledged it.")
    return True


def _message(address: str) -> Composed:
    is_email = names.is_email(address)
    return Composed(
        medium=compose.EMAIL if is_email else compose.SMS,
        destination=address,
        subject="A test message" if is_email else "",
        body="This is a test message: no code, and nothing to do.",
        sub="",
        username="",
        purpose="test",
    )


def _check_pool(opened: Node, pool: str) -> None:
    if asyncio.run(opened.store.read(user_pools.by_id, pool)) is None:
        raise node.no_pool(opened, pool)


def _shown(message: dict[str, Any]) -> str:
    to = (
        "{medium} to {destination} ({purpose}, user {username})".format_map(message)
        if "medium" in message
        else "?"
    )
    then = f"next {message['next_attempt']}" if "next_attempt" in message else f"at {message['given_up_at']}"
    tried = counted(message["attempts"], "attempt")
    line = f"{message['time']}  {message['state']}, {tried}, {then}  {to}"
    return _on_one_line(f"{line}: {message['reason']}" if message["reason"] else line)


def _on_one_line(text: str) -> str:
    return printable(text).replace("\n", "�")
