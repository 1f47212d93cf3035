"""The certificate that a pool's SAML requests are signed with: made when it is first asked for, renewed every year.

    of_pool(store, vault, pool_id, now)     the newest certificate, with its key sealed
    private_key(vault, certificate)         the key, to sign with

All processes find the same one: it is a row, and whoever comes first makes it. A renewed certificate has the same key, so
that the one an identity provider was given goes on verifying until its ten years are over (API reference,
GetSigningCertificate; guide, "Signing SAML requests").
"""

from __future__ import annotations

import asyncio

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from cognomen import clock
from cognomen.clock import DAY
from cognomen.crypto import certificates, rsa_keys
from cognomen.master_key.vault import Vault
from cognomen.store import signing_certificates
from cognomen.store.database import Store
from cognomen.store.signing_certificates import SigningCertificate

PURPOSE = "saml-signing-key"
VALID_DAYS = 3_652
RENEWED_AFTER = 365 * DAY


async def of_pool(store: Store, vault: Vault, pool_id: str, now: int) -> SigningCertificate:
    known = await store.read(signing_certificates.by_pool, pool_id)
    if known is None:
        key = await asyncio.to_thread(rsa_keys.generate)
        sealed = vault.seal(PURPOSE, rsa_keys.to_der(key), pool_id.encode())
        made = SigningCertificate(pool_id, sealed, _certificate(key, pool_id, now), now)
        return await store.write(signing_certificates.add, made)
    if now - known.issued_at >= RENEWED_AFTER:
        renewed = _certificate(private_key(vault, known), pool_id, now)
        return await store.write(signing_certificates.renew, known, renewed, now)
    return known


def private_key(vault: Vault, certificate: SigningCertificate) -> RSAPrivateKey:
    der = vault.unseal(PURPOSE, certificate.sealed_private_key, certificate.pool_id.encode())
    return rsa_keys.load(der)


def _certificate(key: RSAPrivateKey, pool_id: str, now: int) -> bytes:
    serial = clock.random_bytes(certificates.SERIAL_BYTES)
    return certificates.self_signed(key, pool_id, serial, now, VALID_DAYS)
