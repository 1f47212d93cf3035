"""`cognomen master-key`: a new master key, what is sealed anew with it, and the end of the old one.

A rotation goes: a new key in front of the key file; the servers notice it (jobs.py, within half a minute); every sealed
column is sealed anew, in batches, while they go on serving; the old key is noted as retired. It may be stopped and run again
at any point. The old key stays in the file, because refresh tokens and sign-ins under way were sealed with it and are
with those they were given to; `forget` removes it when the last of them has expired.
"""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from cognomen import clock
from cognomen.cli import node
from cognomen.cli.counting import counted
from cognomen.cli.options import Config, Data, Database
from cognomen.clock import HOUR, SECOND
from cognomen.master_key import source as key_file
from cognomen.master_key.source import MasterKeyError
from cognomen.pools import app_clients
from cognomen.store import app_clients as stored_clients
from cognomen.store import master_keys as known_keys
from cognomen.store import resealing, user_pools
from cognomen.store.resealing import Batch

if TYPE_CHECKING:
    from cognomen.call import Node
    from cognomen.store.master_keys import KnownKey

BATCH = 200
PAGE = 100
SHORT_LIVED = HOUR  # sign-ins under way, paging tokens, and the half minute until servers notice a new key

commands = typer.Typer(help="The master keys, which seal every secret in the database.", no_args_is_help=True)


@commands.command()
def status(config: Config = None, data: Data = None, database: Database = None) -> None:
    """Show the master keys, how many values each has sealed, and when an old one can be forgotten."""
    with node.opened(config, data, database) as opened:
        known, counts, longest = asyncio.run(_look(opened))
        current, held = opened.vault.keyring.current.id, opened.vault.keyring.keys
    for key in known:
        state = "current" if key.id == current else "old"
        if key.retired_at is not None and key.id != current:
            state = f"retired, needed until {_moment(key.retired_at + longest)}"
        if key.id not in held:
            state = "forgotten"
        typer.echo(
            f"{key.id}  since {_moment(key.created_at)}  {counted(counts[key.id], 'sealed value')}  {state}"
        )


@commands.command()
def rotate(
    yes: Annotated[
        bool, typer.Option("--yes", help="Do not ask whether all nodes read this key file.")
    ] = False,
    config: Config = None,
    data: Data = None,
    database: Database = None,
) -> None:
    """Add a master key and seal everything in the database anew with it; finishes a rotation that was stopped."""
    with node.opened(config, data, database) as opened:
        was_stopped = bool(asyncio.run(_unretired(opened)))
        outcome = asyncio.run(_reseal(opened))
        if not was_stopped and not outcome.resealed:
            _add_key(opened, yes=yes)
            while (outcome := asyncio.run(_reseal(opened))).resealed:
                pass  # servers may have used the old key behind our back, until they noticed the new one
        now = clock.now()
        retired = asyncio.run(_unretired(opened))
        for key in retired:
            asyncio.run(opened.store.write(known_keys.retire, key.id, now))
        needed_until = now + asyncio.run(_longest_validity(opened))
        current = opened.vault.keyring.current.id
    if outcome.lost:
        typer.echo(
            f"Warning: {counted(outcome.lost, 'value')} cannot be opened with any of the master keys.",
            err=True,
        )
    typer.echo(
        f"Everything in the database is sealed with master key {current}; servers that run take it up within half a "
        "minute, and what they seal until then is counted by 'cognomen master-key status'."
    )
    for key in retired:
        typer.echo(
            f"Keep the old key {key.id}: sign-ins of users are sealed with it, the last of them until "
            f"{_moment(needed_until)}. Remove it then with: cognomen master-key forget {key.id}"
        )


@commands.command()
def forget(
    key_id: Annotated[str, typer.Argument(metavar="KEY_ID", help="The id of an old master key.")],
    force: Annotated[
        bool,
        typer.Option("--force", help="Also while sign-ins or values sealed with it are left; they are lost."),
    ] = False,
    config: Config = None,
    data: Data = None,
    database: Database = None,
) -> None:
    """Remove an old master key from the key file for good."""
    with node.opened(config, data, database) as opened:
        _refuse_without_file(opened, f"Remove the entry {key_id} from it yourself.")
        known, counts, longest = asyncio.run(_look(opened))
        retired_at = next((key.retired_at for key in known if key.id == key_id), None)
        now = clock.now()
        if key_id in opened.vault.keyring.keys and key_id != opened.vault.keyring.current.id and not force:
            _refuse_while_needed(key_id, retired_at, counts[key_id], now, longest)
        key_file.retire(opened.settings.master_key_file, key_id)
        if retired_at is None:
            asyncio.run(opened.store.write(known_keys.retire, key_id, now))
    typer.echo(f"Master key {key_id} is removed. Servers forget it at their next start.")


def _refuse_while_needed(key_id: str, retired_at: int | None, sealed: int, now: int, longest: int) -> None:
    if sealed or retired_at is None:
        raise MasterKeyError(
            f"{counted(sealed, 'value')} in the database {'is' if sealed == 1 else 'are'} sealed with master key {key_id}. "
            "Seal everything anew with: cognomen master-key rotate"
        )
    if now < retired_at + longest:
        raise MasterKeyError(
            f"Users' sign-ins sealed with master key {key_id} last until {_moment(retired_at + longest)}. With --force "
            "it is removed now, and those users sign in again."
        )


def _add_key(opened: Node, *, yes: bool) -> None:
    from cognomen import app  # noqa: PLC0415  as in node.py

    _refuse_without_file(
        opened,
        "Append a new entry to it on every node and restart them, then put that entry first, restart them again, and "
        "run this command.",
    )
    file = opened.settings.master_key_file
    if not opened.settings.database_url.startswith("sqlite:") and not yes:
        typer.confirm(f"Do all nodes of this database read the key file {file}, this very one?", abort=True)
    opened.vault.keyring = key_file.add(file)
    app.check_master_key(opened)  # the database knows the key now, and so will the servers
    typer.echo(
        f"Master key {opened.vault.keyring.current.id} is added to {file}. Copy the file to where its backup is.",
        err=True,
    )


def _refuse_without_file(opened: Node, what_to_do: str) -> None:
    if opened.settings.master_key:
        raise MasterKeyError(f"The master keys are in COGNOMEN_MASTER_KEY, not in a file. {what_to_do}")


async def _unretired(opened: Node) -> list[KnownKey]:
    """The older keys that no rotation has left behind yet."""
    known = await opened.store.read(known_keys.all_known)
    return [key for key in known if key.id != opened.vault.keyring.current.id and key.retired_at is None]


async def _reseal(opened: Node) -> Batch:
    """Seal every value anew that another than the current key has sealed; the sums over all of them."""
    total = Batch(None, 0, 0, 0)
    for sealed in resealing.SEALED:
        after: tuple[str, ...] | None = sealed.beginning
        while after is not None:
            batch = await opened.store.write(resealing.reseal, opened.vault, sealed, after, BATCH)
            after = batch.last
            total = Batch(
                None, total.seen + batch.seen, total.resealed + batch.resealed, total.lost + batch.lost
            )
            _progress(f"{counted(total.seen, 'value')}, {total.resealed} sealed anew ({sealed.table.name})")
    if sys.stderr.isatty():
        typer.echo(err=True)
    return total


def _progress(line: str) -> None:
    """One line that is written over, for a person who watches."""
    if sys.stderr.isatty():
        typer.echo(f"\r\x1b[K{line}", err=True, nl=False)


async def _look(opened: Node) -> tuple[list[KnownKey], Counter[str], int]:
    """The known keys, how many values each has sealed, and how long what is sealed elsewhere lasts (milliseconds)."""
    known = await opened.store.read(known_keys.all_known)
    counts: Counter[str] = Counter()
    for sealed in resealing.SEALED:
        counts.update(await opened.store.read(resealing.count_by_key, sealed))
    return known, counts, await _longest_validity(opened)


async def _longest_validity(opened: Node) -> int:
    """Milliseconds that the longest-lived refresh token lasts which a client gives out now, and a little more.

    Tokens given out before a client's validity was made shorter may last longer; their users sign in again.
    """
    longest = 0
    after = ""
    while pools := await opened.store.read(user_pools.all_after, after, PAGE):
        after = pools[-1].id
        for pool in pools:
            longest = max(longest, await _longest_of_pool(opened, pool.id))
    return longest + SHORT_LIVED


async def _longest_of_pool(opened: Node, pool_id: str) -> int:
    longest = 0
    after = ""
    while found := await opened.store.read(stored_clients.all_of_pool, pool_id, after, PAGE):
        after = found[-1].id
        longest = max(longest, *(app_clients.refresh_token_seconds(client) * SECOND for client in found))
    return longest


def _moment(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")
