"""What a pool knows of passwords that its users bring from elsewhere; single users' are in users/foreign_passwords.py.

    decoy       a hash like those that were imported, which a wrong password of anybody is compared with as well
    old_pool    the pool of Amazon Cognito that its users were in, which is asked about passwords that we do not know yet

Both are a part of the pool's configuration: read with it and cached, and a change raises the pool's version.
"""

from __future__ import annotations

import msgspec

from cognomen.master_key.vault import Vault
from cognomen.store import foreign_passwords, user_pools
from cognomen.store.database import Db

PURPOSE = "foreign-passwords"


class ForeignHash(msgspec.Struct, frozen=True):
    """A hash as crypto/foreign_hashes.py reads it."""

    algorithm: str
    text: str

    def __repr__(self) -> str:
        return f"ForeignHash({self.algorithm})"


class OldPool(msgspec.Struct, frozen=True):
    """Where users signed in before: `client_id` is a client there that allows USER_PASSWORD_AUTH."""

    endpoint: str
    client_id: str
    client_secret: str | None = None

    def __repr__(self) -> str:
        return f"OldPool({self.endpoint}, {self.client_id})"


class ForeignPasswords(msgspec.Struct, frozen=True):
    decoy: ForeignHash | None = None
    old_pool: OldPool | None = None


NONE = ForeignPasswords()


def opened(vault: Vault, pool_id: str, sealed: bytes | None) -> ForeignPasswords:
    return NONE if sealed is None else _decoder.decode(vault.unseal(PURPOSE, sealed, pool_id.encode()))


def of_pool(db: Db, vault: Vault, pool_id: str) -> ForeignPasswords:
    return opened(vault, pool_id, foreign_passwords.of_pool(db, pool_id))


def with_decoy(known: ForeignPasswords, decoy: ForeignHash) -> ForeignPasswords:
    return msgspec.structs.replace(known, decoy=decoy)


def with_old_pool(known: ForeignPasswords, old_pool: OldPool | None) -> ForeignPasswords:
    return msgspec.structs.replace(known, old_pool=old_pool)


def put(db: Db, vault: Vault, pool_id: str, known: ForeignPasswords) -> None:
    """Written by who holds the pool (pools/lookup.py). What a later release knows besides stays."""
    present = foreign_passwords.of_pool(db, pool_id)
    later = {} if present is None else msgspec.json.decode(vault.unseal(PURPOSE, present, pool_id.encode()))
    sealed = vault.seal(PURPOSE, msgspec.json.encode(later | msgspec.to_builtins(known)), pool_id.encode())
    foreign_passwords.put(db, pool_id, sealed)
    user_pools.touch(db, pool_id)


_decoder = msgspec.json.Decoder(ForeignPasswords)
