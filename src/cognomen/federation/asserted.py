"""What an identity provider says of a person who has signed in there, once it has been verified."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cognomen.store.identity_providers import IdentityProvider


@dataclass(frozen=True, slots=True)
class SamlSession:
    """What a SAML provider calls the person and their session there: both are named, as it did, when the session shall end."""

    name_id: str = field(repr=False)
    name_id_format: str | None
    session_index: str | None
    name_qualifier: str | None = None
    sp_name_qualifier: str | None = None


@dataclass(frozen=True, slots=True)
class Asserted:
    """A person as `provider` knows them.

    `subject` is who it is, for ever. `issuer` is the entity ID of a SAML provider. `claims` are by the provider's own names, each as
    the text that an attribute would hold; tokens that may be mapped are among them. `told` is what the pool's function is shown.
    `acr` is the level that the provider vouches for (`Level1` to `Level4`; of OpenID Connect only), `amr` how they signed in there.
    """

    provider: IdentityProvider
    subject: str
    claims: Mapping[str, str] = field(repr=False)
    told: Mapping[str, object] = field(repr=False)
    issuer: str | None = None
    acr: str | None = None
    amr: tuple[str, ...] = ()
    saml_session: SamlSession | None = None
