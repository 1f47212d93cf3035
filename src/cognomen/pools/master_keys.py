"""The master keys that a node holds, against those that its database was sealed with.

check                       before anything else is done with the database
refuse_without_retired      before a node serves: what users signed in with may need a key that was left behind
"""

from __future__ import annotations

from cognomen import clock
from cognomen.call import Node
from cognomen.crypto import sealing
from cognomen.crypto.sealing import Keyring
from cognomen.master_key.source import MasterKeyError
from cognomen.pools import validity
from cognomen.store import master_keys, spent
from cognomen.store.database import Db, Stale

FOR_EVER = 2**62


async def check(node: Node) -> None:
    """Raises MasterKeyError when the node's keys cannot open what its database holds; registers a new current key."""
    await node.store.write(_compare, node.vault.keyring)


def _compare(db: Db, keyring: Keyring) -> None:
    known = master_keys.all_known(db)
    if not known and not spent.spend(db, "", "first-master-key", "", FOR_EVER):
        raise Stale  # another node is registering the first key at this moment; look again
    for key in known:
        held = keyring.keys.get(key.id)
        if held is None and key.retired_at is None:
            raise MasterKeyError(
                f"The database was sealed with master key {key.id}, which is not among the keys given "
                f"({', '.join(keyring.keys)}). Bring back the key file or variable it was used with."
            )
        if held is not None and sealing.key_check(held) != key.key_check:
            raise MasterKeyError(f"Master key {key.id} is not the one the database was sealed with.")
    current = keyring.current
    master_keys.add(db, master_keys.KnownKey(current.id, sealing.key_check(current), clock.now(), None))


async def refuse_without_retired(node: Node) -> None:
    """Raises MasterKeyError when users' sign-ins are sealed with a key that is missing and nobody has given up.

    A missing key that they do not need any more is forgotten, so that no later start looks through all clients for it.
    """
    held = node.vault.keyring.keys
    known = await node.store.read(master_keys.all_known)
    missing = [key for key in known if key.id not in held and key.forgotten_at is None]
    longest = await validity.longest_of_all(node.store) if missing else 0
    for key in missing:
        until = validity.needed_until(key, longest)
        if until is None:
            continue
        if clock.now() < until:
            raise MasterKeyError(
                f"Users' sign-ins are sealed with master key {key.id} until {validity.said(until)}, and it is not among the keys "
                f"given ({', '.join(held)}). Bring it back, or let those users sign in again with: "
                f"cognomen master-key forget {key.id} --force"
            )
        await node.store.write(master_keys.forget, key.id, clock.now())
