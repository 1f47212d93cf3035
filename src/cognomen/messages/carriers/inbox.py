"""The inbox: a message is kept in the store, still sealed, to be read by the operator, the developer and the tests.

It moves out of the outbox and into the inbox in one transaction, so it is never in both and never in none.
messages/inbox.py reads it.
"""

from __future__ import annotations

from cognomen.messages.compose import Composed
from cognomen.store import messages
from cognomen.store.database import Db, Store
from cognomen.store.messages import Message


async def carry(store: Store, sealed: Message, _message: Composed) -> None:
    await store.write(_move, sealed)


def _move(db: Db, sealed: Message) -> None:
    messages.carried(db, sealed)
    messages.keep(db, sealed)
