"""The ways a message leaves the outbox, a module each.

A carrier is an async function of (store, sealed, message): it hands the message over, then takes it out of the outbox.
Whatever it raises leaves the message in the outbox, to be tried again. It may be stopped at any moment and run again, so
what it does twice must do no harm.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from cognomen.messages.carriers import inbox
from cognomen.messages.compose import Composed
from cognomen.store.database import Store
from cognomen.store.messages import Message

Carrier = Callable[[Store, Message, Composed], Awaitable[None]]

CARRIERS: dict[str, Carrier] = {
    "EMAIL": inbox.carry,
    "SMS": inbox.carry,
}
