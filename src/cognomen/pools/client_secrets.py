"""Secrets of app clients: how one is drawn, and how it is kept."""

from __future__ import annotations

from cognomen import clock
from cognomen.call import Call
from cognomen.clock import SECOND
from cognomen.pools import configuration, ids
from cognomen.store.app_clients import ClientSecret

LENGTH = 52


def generated() -> str:
    return clock.random_text(ids.CLIENT_ALPHABET, LENGTH)


def sealed(call: Call, client_id: str, value: str, others: tuple[ClientSecret, ...] = ()) -> ClientSecret:
    """A secret of the client beside its `others`; the id is the client's with the second it was made in, or the next."""
    taken = {secret.id for secret in others}
    second = call.now // SECOND
    while f"{client_id}--{second}" in taken:
        second += 1
    binding = configuration.client_secret_binding(call.pool.id, client_id)
    return ClientSecret(
        id=f"{client_id}--{second}",
        sealed_value=call.vault.seal(configuration.CLIENT_SECRET, value.encode(), binding),
        created_at=call.now,
    )
