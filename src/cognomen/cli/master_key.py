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
from typing import TYPE_CHECKING, Annotated

import typer

from cognomen import clock
from cognomen.cli import node
from cognomen.cli.options import Config, Data, Database
from cognomen.cli.wording import counted
from cognomen.master_key import source as key_file
from cognomen.master_key.source import MasterKeyError
from cognomen.pools import validity
from cognomen.store import master_keys as known_keys
from cognomen.store import resealing
from cognomen.store.resealing import Batch

if TYPE_CHECKING:
    from cognomen.call import Node
    from cognomen.crypto.sealing import Keyring
    from cognomen.store.master_keys import KnownKey

BATCH = 200
_VARIABLE = "COGNOMEN_MASTER_KEY"

commands = typer.Typer(help="The master keys, which seal every secret in the database.", no_args_is_help=True)


@commands.command()
def status(config: Config = None, data: Data = None, database: Database = None) -> None:
    """Show the master keys, how many values each has sealed, and when an old one can be forgotten."""
    with node.opened(config, data, database) as opened:
        known, counts, longest = asyncio.run(_look(opened))
        keyring, now = opened.vault.keyring, clock.now()
    for key in known:
        state = _state(key, keyring, now, longest)
        typer.echo(
            f"{key.id}  since {validity.said(key.created_at)}  {counted(counts[key.id], 'sealed value')}  {state}"
        )


def _state(key: KnownKey, keyring: Keyring, now: int, longest: int) -> str:
    if key.id == keyring.current.id:
        return "current"
    if key.forgotten_at is not None and key.id not in keyring.keys:
        return "forgotten"
    until = validity.needed_until(key, longest)
    if until is None:
        return "old"
    if key.id in keyring.keys:
        return f"retired, needed until {validity.said(until)}"
    return f"missing, needed until {validity.said(until)}" if now < until else "not needed any more"


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
        needed_until = now + asyncio.run(validity.longest_of_all(opened.store))
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
            f"{validity.said(needed_until)}. Remove it then with: cognomen master-key forget {key.id}"
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
    """Remove an old master key for good: from the key file, or from what a server needs to start."""
    with node.opened(config, data, database) as opened:
        keyring, given = opened.vault.keyring, opened.settings
        known, counts, longest = asyncio.run(_look(opened))
        key = next((key for key in known if key.id == key_id), None)
        is_held = key_id in keyring.keys
        is_gone = not is_held and key is not None and key.forgotten_at is not None
        if is_held or key is None or is_gone:
            key_file.check_may_go(
                keyring, key_id, _VARIABLE if given.master_key else str(given.master_key_file)
            )
        now = clock.now()
        if not force and not is_gone:
            _refuse_while_needed(key_id, key, counts[key_id], now, longest)
        # In this order: without the key, and nothing said of it, no server would start.
        asyncio.run(opened.store.write(known_keys.forget, key_id, now))
        if is_held and not given.master_key:
            key_file.retire(given.master_key_file, key_id)
    if is_held and given.master_key:
        typer.echo(
            f"Master key {key_id} is not needed any more. Remove its entry {key_id} from {_VARIABLE} on every node."
        )
    else:
        typer.echo(f"Master key {key_id} is removed. Servers forget it at their next start.")


def _refuse_while_needed(key_id: str, key: KnownKey | None, sealed: int, now: int, longest: int) -> None:
    until = validity.needed_until(key, longest) if key else None
    if sealed or until is None:
        raise MasterKeyError(
            f"{counted(sealed, 'value')} in the database {'is' if sealed == 1 else 'are'} sealed with master key {key_id}. "
            "Seal everything anew with: cognomen master-key rotate"
        )
    if now < until:
        raise MasterKeyError(
            f"Users' sign-ins sealed with master key {key_id} last until {validity.said(until)}. With --force it is removed "
            "now, and those users sign in again."
        )


def _add_key(opened: Node, *, yes: bool) -> None:
    from cognomen.pools import master_keys  # noqa: PLC0415  as in node.py

    if opened.settings.master_key:
        raise MasterKeyError(
            f"The master keys are in {_VARIABLE}, not in a file. Append a new entry to it on every node and restart them, "
            "then put that entry first, restart them again, and run this command."
        )
    file = opened.settings.master_key_file
    if not opened.settings.database_url.startswith("sqlite:") and not yes:
        typer.confirm(f"Do all nodes of this database read the key file {file}, this very one?", abort=True)
    opened.vault.keyring = key_file.add(file)
    asyncio.run(master_keys.check(opened))  # the database knows the key now, and so will the servers
    typer.echo(
        f"Master key {opened.vault.keyring.current.id} is added to {file}. Copy the file to where its backup is.",
        err=True,
    )


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
    return known, counts, await validity.longest_of_all(opened.store)
