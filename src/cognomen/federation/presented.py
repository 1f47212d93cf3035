"""A token of another provider that a service presents for one of ours (RFC 8693).

It did not come from the provider's token endpoint but from whoever holds it, so nothing but the provider's signature counts: not a
secret that signs, and no userInfo.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cognomen import errors
from cognomen.federation import details, id_tokens, values
from cognomen.federation.configuration import Configuration
from cognomen.federation.social import VENDORS
from cognomen.pools.identity_providers import SUBJECT_CLAIMS
from cognomen.store.identity_providers import IdentityProvider

if TYPE_CHECKING:
    from cognomen.call import Node


def issues_id_tokens(provider_type: str) -> bool:
    return provider_type in VENDORS and VENDORS[provider_type].has_id_token


async def verified(
    node: Node, provider: IdentityProvider, configuration: Configuration, token: str, now: int
) -> tuple[str, dict[str, Any]]:
    """The subject and the claims of an ID token that was issued for the pool. Raises as `id_tokens.verified`."""
    known = details.effective(provider.type, configuration)
    claims = await id_tokens.verified(node.key_sets, token, id_tokens.expected(provider.type, known), now)
    subject = values.identifier(claims.get(SUBJECT_CLAIMS[provider.type]))
    if not subject:
        raise errors.BAD_ID_TOKEN(fault="sub")
    return subject, claims
