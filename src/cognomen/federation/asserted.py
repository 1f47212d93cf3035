"""What an identity provider says of a person who has signed in there, once it has been verified."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import msgspec


@dataclass(frozen=True, slots=True)
class SamlSession:
    """What a SAML provider calls the person and their session there: both are named, as it did, when the session shall end."""

    name_id: str = field(repr=False)
    name_id_format: str | None
    session_index: str | None
    name_qualifier: str | None = None
    sp_name_qualifier: str | None = None


class Asserted(msgspec.Struct, frozen=True, kw_only=True, tag="asserted"):
    """A person as a provider knows them. It is packed where it has to wait for the browser (oauth/kept_answers.py), whole.

    `subject` is who it is, for ever. `issuer` is the entity ID of a SAML provider. `claims` are by the provider's own names, each as
    the text that an attribute would hold; tokens that may be mapped are among them. `told` is what the pool's function is shown.
    `acr` is the level that the provider vouches for (`Level1` to `Level4`; of OpenID Connect only).
    """

    subject: str
    claims: dict[str, str]
    told: dict[str, Any]
    issuer: str | None = None
    acr: str | None = None
    saml_session: SamlSession | None = None

    def __repr__(self) -> str:
        return "Asserted()"  # tokens are in it
