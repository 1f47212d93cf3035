"""A token of another provider that a service presents for one of ours (RFC 8693).

    read(call, ...)     the user whom an ID token is about
    verified(...)       what one says

It did not come from the provider's token endpoint but from whoever holds it, so nothing but the provider's signature counts: not a
secret that signs, and no userInfo.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from cognomen import errors
from cognomen.call import Call
from cognomen.errors import Refusal
from cognomen.federation import configuration, details, id_tokens, levels, values
from cognomen.federation.configuration import Configuration
from cognomen.federation.social import VENDORS
from cognomen.pools.identity_providers import SAML, SUBJECT_CLAIMS
from cognomen.store import identities as known_identities
from cognomen.store import identity_providers
from cognomen.store.identity_providers import IdentityProvider
from cognomen.users import identities

if TYPE_CHECKING:
    from cognomen.call import Node


@dataclass(frozen=True, slots=True)
class Presented:
    """`sub` is that of the user, who came from the provider or is linked to it; `level` the one that it vouches for."""

    sub: str
    claims: Mapping[str, Any] = field(repr=False)
    level: str


async def read(
    call: Call, name: str, token: str, role: Literal["Subject", "Actor"], *, is_id_token: bool
) -> Presented:
    """What a token of the provider with this name says, which the service calls an ID token or something else.

    Raises IDENTITY_PROVIDER_NOT_FOUND, FOREIGN_TOKEN_NOT_YET_AVAILABLE, FOREIGN_TOKEN_TYPE, FOREIGN_KEYS_UNREACHABLE,
    PRESENTED_TOKEN_EXPIRED, PRESENTED_TOKEN_INVALID, USER_NOT_FOUND.
    """
    provider = await call.store.read(identity_providers.by_name, call.pool.id, name)
    if provider is None:
        raise errors.IDENTITY_PROVIDER_NOT_FOUND(name=name)
    if provider.type == SAML:
        raise errors.FOREIGN_TOKEN_NOT_YET_AVAILABLE()
    if not is_id_token or not _issues_id_tokens(provider.type):
        raise errors.FOREIGN_TOKEN_TYPE(name=name)
    known = configuration.unsealed(call.vault, provider)
    try:
        subject, claims = await verified(call.node, provider, known, token, call.now)
    except Refusal as fault:
        if fault.is_(errors.IDP_KEYS_TIMEOUT, errors.IDP_UNREACHABLE):
            raise errors.FOREIGN_KEYS_UNREACHABLE(name=name) from None
        expired = fault.is_(errors.ID_TOKEN_EXPIRED)
        sentence = errors.PRESENTED_TOKEN_EXPIRED if expired else errors.PRESENTED_TOKEN_INVALID
        raise sentence(role=role) from None
    key = identities.key_of(call.pool, name, identities.SUBJECT, subject)
    sub = await call.store.read(known_identities.owner_of, call.pool.id, key)
    if sub is None:
        raise errors.USER_NOT_FOUND()
    return Presented(sub, claims, levels.reached(provider, claims.get("acr")))


async def verified(
    node: Node, provider: IdentityProvider, known: Configuration, token: str, now: int
) -> tuple[str, dict[str, Any]]:
    """The subject and the claims of an ID token that was issued for the pool. Raises as `id_tokens.verified`."""
    expected = id_tokens.expected(provider.type, details.effective(provider.type, known))
    claims = await id_tokens.verified(node.key_sets, token, expected, now)
    subject = values.identifier(claims.get(SUBJECT_CLAIMS[provider.type]))
    if not subject:
        raise errors.BAD_ID_TOKEN(fault="sub")
    return subject, claims


def _issues_id_tokens(provider_type: str) -> bool:
    return provider_type in VENDORS and VENDORS[provider_type].has_id_token
