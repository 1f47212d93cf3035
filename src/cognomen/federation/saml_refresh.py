"""The metadata of a SAML provider, read again from its URL when what is kept of it has become old.

    current(call, provider)     the provider's configuration as it counts now

Whoever signs in first after that time reads it, and all processes have it, since it is kept with the provider. A provider whose
URL gives no good answer goes on as it was, and is asked again some minutes later.
"""

from __future__ import annotations

import logging
from dataclasses import replace

from msgspec.structs import replace as with_changes

from cognomen.call import Call
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
    url = known.details.get("MetadataURL")
    if url is None or call.now < known.metadata_until:
        return known
    try:
        metadata = await saml_metadata.fetched(call.outgoing, url, call.now)
        renewed = with_changes(known, saml=metadata, metadata_until=call.now + saml_metadata.KEPT_FOR)
    except Refusal as refusal:
        fault = str(refusal.message).replace(url, "its URL")
        log.warning("the metadata of %s in %s stays as it is: %s", provider.name, provider.pool_id, fault)
        renewed = with_changes(known, metadata_until=call.now + ASKED_AGAIN_AFTER)
    sealed = configuration.sealed(call.vault, provider.pool_id, provider.name, renewed)
    # Where another request changed the provider meanwhile, that counts, and this is read again for it.
    changed = replace(provider, sealed_configuration=sealed)
    await call.configurations.write(provider.pool_id, identity_providers.change, changed)
    return renewed
