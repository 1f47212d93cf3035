"""The certificate of a pool: one, whoever makes it, and renewed once."""

from __future__ import annotations

from dataclasses import replace

from cognomen.store import signing_certificates
from cognomen.store.database import Store
from cognomen.store.signing_certificates import SigningCertificate
from tests.meeting import overtaken


def made_for(pool_id: str, certificate: bytes = b"first") -> SigningCertificate:
    return SigningCertificate(pool_id, b"sealed", certificate, issued_at=1)


async def test_a_pool_has_none_until_one_is_made(store: Store, pool_id: str) -> None:
    assert await store.read(signing_certificates.by_pool, pool_id) is None
    assert await store.write(signing_certificates.add, made_for(pool_id)) == made_for(pool_id)
    assert await store.read(signing_certificates.by_pool, pool_id) == made_for(pool_id)


async def test_of_two_that_are_made_at_the_same_time_both_makers_have_one(store: Store, pool_id: str) -> None:
    late = await overtaken(
        store,
        lambda db: signing_certificates.add(db, made_for(pool_id)),
        store.write(signing_certificates.add, made_for(pool_id, b"second")),
    )
    assert late == made_for(pool_id)


async def test_it_is_renewed_once_and_keeps_its_key(store: Store, pool_id: str) -> None:
    known = await store.write(signing_certificates.add, made_for(pool_id))
    renewed = replace(known, certificate=b"renewed", issued_at=2)
    late = await overtaken(
        store,
        lambda db: signing_certificates.renew(db, known, b"renewed", 2),
        store.write(signing_certificates.renew, known, b"renewed too", 3),
    )
    assert late == renewed
    assert await store.read(signing_certificates.by_pool, pool_id) == renewed
