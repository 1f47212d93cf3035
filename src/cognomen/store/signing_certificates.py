"""The key and the certificate that a pool signs SAML requests with."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Table, bindparam, select, update

from cognomen.store.database import Db
from cognomen.store.tables import CONFIGURATION, blob, insert, key, metadata, number


@dataclass(frozen=True, slots=True)
class SigningCertificate:
    """`certificate` is the newest, in DER; those before it had the same key and stay valid."""

    pool_id: str
    sealed_private_key: bytes
    certificate: bytes
    issued_at: int


signing_certificates = Table(
    "signing_certificates",
    metadata,
    key("pool_id"),
    blob("sealed_private_key"),
    blob("certificate"),
    number("issued_at"),
    info=CONFIGURATION,
)

_ADD = insert(signing_certificates).on_conflict_do_nothing()
_BY_POOL = select(signing_certificates).where(signing_certificates.c.pool_id == bindparam("pool_id"))
_RENEW = (
    update(signing_certificates)
    .where(signing_certificates.c.pool_id == bindparam("of_pool"))
    .where(signing_certificates.c.issued_at == bindparam("known_issued_at"))
    .values(certificate=bindparam("new_certificate"), issued_at=bindparam("now"))
)


def by_pool(db: Db, pool_id: str) -> SigningCertificate | None:
    row = db.one(_BY_POOL, pool_id=pool_id)
    return SigningCertificate(*row) if row else None


def add(db: Db, made: SigningCertificate) -> SigningCertificate:
    """The certificate of the pool from now on: `made`, or the one that another process made first."""
    db.run(
        _ADD,
        pool_id=made.pool_id,
        sealed_private_key=made.sealed_private_key,
        certificate=made.certificate,
        issued_at=made.issued_at,
    )
    return by_pool(db, made.pool_id) or made


def renew(db: Db, known: SigningCertificate, certificate: bytes, now: int) -> SigningCertificate:
    """The certificate from now on: a new one of the same key, unless another process renewed `known` first."""
    db.run(
        _RENEW, of_pool=known.pool_id, known_issued_at=known.issued_at, new_certificate=certificate, now=now
    )
    return by_pool(db, known.pool_id) or known
