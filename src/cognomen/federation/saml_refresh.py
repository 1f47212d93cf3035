"""The metadata of a SAML provider, read again from its URL when what is kept of it has become old.

    current(call, provider)     the provider's configuration as it is known
    finish(node)                what is being read is given up

Whoever signs in first after that time begins to read it, and waits as little as all others: what is known counts until there is
something newer, which all processes have, since it is kept with the provider. A provider whose URL gives no good answer goes on as
it was, and is asked again some minutes later.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace

from msgspec.structs import replace as with_changes

from cognomen import logs
from cognomen.call import Call, Node
from cognomen.clock import MINUTE
from cognomen.errors import Refusal
from cognomen.federation import configuration, saml_metadata
from cognomen.federation.configuration import Configuration
from cognomen.store import identity_providers
from cognomen.store.identity_providers import IdentityProvider

ASKED_AGAIN_AFTER = 10 * MINUTE

log = logging.getLogger(__name__)


async def current(call: Call, provider: IdentityProvider) -> Configuration:
    known = configuration.unsealed(call.vault, provider)
    reading, key = call.node.reading_metadata, (provider.pool_id, provider.name)
    if "MetadataURL" in known.details and call.now >= known.metadata_until and key not in reading:
        reading[key] = asyncio.create_task(_read(call.node, provider, known, call.now))
        reading[key].add_done_callback(lambda _: reading.pop(key))
    return known


async def finish(node: Node) -> None:
    tasks = list(node.reading_metadata.values())
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _read(node: Node, provider: IdentityProvider, known: Configuration, now: int) -> None:
    """Keep what the provider's URL says now, or that it is to be asked again."""
    try:
        renewed = await _renewed(node, provider, known, now)
        sealed = configuration.sealed(node.vault, provider.pool_id, provider.name, renewed)
        # Where a request changed the provider meanwhile, that counts, and this is read again for it.
        changed = replace(provider, sealed_configuration=sealed)
        await node.configurations.write(provider.pool_id, identity_providers.change, changed)
    except Exception as fault:  # noqa: BLE001  nobody waits for it; whoever comes next begins again
        log.error("the metadata of %s was not kept: %s", provider.name, logs.place(fault))  # noqa: TRY400  the message may quote a row


async def _renewed(node: Node, provider: IdentityProvider, known: Configuration, now: int) -> Configuration:
    url = known.details["MetadataURL"]
    try:
        metadata = await saml_metadata.fetched(node.outgoing, url, now)
    except Refusal as refusal:
        fault = str(refusal.message).replace(url, "its URL")
        log.warning("the metadata of %s in %s stays as it is: %s", provider.name, provider.pool_id, fault)
        return with_changes(known, metadata_until=now + ASKED_AGAIN_AFTER)
    return with_changes(known, saml=metadata, metadata_until=now + saml_metadata.KEPT_FOR)
