"""What is kept of an identity provider under seal: its details with their secrets, and what was learned about it."""

from __future__ import annotations

import msgspec

from cognomen.federation.saml_metadata import SamlMetadata
from cognomen.master_key.vault import Vault
from cognomen.store.identity_providers import IdentityProvider

PURPOSE = "identity-provider"


class EncryptionKey(msgspec.Struct, frozen=True):
    """The key (PKCS #8) that opens what a SAML provider encrypts for us, and its certificate (DER in base64)."""

    private_key: bytes
    certificate: str

    def __repr__(self) -> str:
        return "EncryptionKey()"  # the default would show the private key


class Configuration(msgspec.Struct, frozen=True):
    """One provider's.

    `details` are ProviderDetails as they were given, without what nobody reads. `endpoints` are those of them that an
    OpenID Connect issuer told us itself, and `names_itself` that all its answers name it (`iss`, RFC 9207). From
    `metadata_until` on, metadata at a URL is read again (saml_refresh.py). An encryption key stays once it is made, so that
    turning encryption off and on again asks nothing of the provider.
    """

    details: dict[str, str]
    endpoints: dict[str, str] = {}
    names_itself: bool = False
    saml: SamlMetadata | None = None
    metadata_until: int = 0
    encryption_key: EncryptionKey | None = None

    @property
    def metadata(self) -> SamlMetadata:
        """What a SAML provider says of itself; only to be asked of one."""
        if self.saml is None:
            raise ValueError("not the configuration of a SAML provider")
        return self.saml

    def __repr__(self) -> str:
        return f"Configuration({', '.join(self.details)})"  # some of the values are secrets


def sealed(vault: Vault, pool_id: str, name: str, configuration: Configuration) -> bytes:
    return vault.seal(PURPOSE, msgspec.json.encode(configuration), _binding(pool_id, name))


def unsealed(vault: Vault, provider: IdentityProvider) -> Configuration:
    document = vault.unseal(PURPOSE, provider.sealed_configuration, _binding(provider.pool_id, provider.name))
    return _decoder.decode(document)


def _binding(pool_id: str, name: str) -> bytes:
    return f"{pool_id}/{name}".encode()


_decoder = msgspec.json.Decoder(Configuration)
