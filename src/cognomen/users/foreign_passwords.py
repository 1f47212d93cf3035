"""Passwords that we do not know, of users who come from elsewhere: a hash that was made there, or the pool they were in.

    is_right    whether it is the user's: the hash is computed, or the old pool is asked
    pretend     the same work for whoever gave a wrong password, so that time tells nothing
    learned     the user with a verifier in its place, once the password was right

They serve flows that carry the password; SRP needs the verifier, which there is from the first success on. A hash may
take a quarter of a second, so hashes are computed in threads of their own, few at a time, and who comes when too many
wait is told to come again.

A wrong password costs everybody in a pool with imported hashes the same: that of a user whose hash is still foreign, that of a
user whose password we know, and that of a name that nobody has. A right one costs only who has a foreign hash.
"""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from cognomen import errors
from cognomen.call import Call
from cognomen.crypto import foreign_hashes
from cognomen.master_key.vault import Vault
from cognomen.pools.foreign_passwords import ForeignHash
from cognomen.store.database import Db
from cognomen.store.users import User
from cognomen.users import old_pool, passwords, rows, status

PURPOSE = "foreign-password"

OLD_POOL = "USER_POOL"
"""In the place of an algorithm: the old pool knows the password; the text is what the user is called there."""

THREADS = 2
WAITING_MAX = 64  # of the slowest hashes, some eight seconds


def with_foreign(vault: Vault, user: User, algorithm: str, text: str) -> User:
    """The user, whose password is checked so from now on."""
    sealed = vault.seal(PURPOSE, msgspec.json.encode(ForeignHash(algorithm, text)), passwords.binding(user))
    return replace(user, salt=None, sealed_verifier=None, sealed_foreign_password=sealed)


def imported(vault: Vault, user: User, algorithm: str, hashed: str) -> User:
    """A new user with a hash: it may sign in at once (developer guide, "Importing users with password hashes")."""
    known = with_foreign(vault, user, algorithm, hashed)
    return replace(known, status=status.CONFIRMED, password_set_at=user.created_at)


async def is_right(call: Call, user: User, password: str) -> bool:
    """Whether this is the user's password; False where none is foreign.

    Raises TOO_MANY_REQUESTS where too many wait, and what old_pool.py does.
    """
    if user.sealed_foreign_password is None:
        return False
    sealed = call.vault.unseal(PURPOSE, user.sealed_foreign_password, passwords.binding(user))
    known = _decoder.decode(sealed)
    if known.algorithm == OLD_POOL:
        asked = call.configuration.foreign_passwords.old_pool
        return asked is not None and await old_pool.knows(call, asked, known.text, password)
    return await call.node.hash_threads.run(foreign_hashes.matches, known.algorithm, known.text, password)


async def pretend(call: Call, password: str) -> None:
    """Compute a hash like those of the pool, if it has any, and forget it. Raises as `is_right`."""
    known = call.configuration.foreign_passwords.decoy
    if known is not None:
        await call.node.hash_threads.run(foreign_hashes.matches, known.algorithm, known.text, password)


def learn(db: Db, call: Call, seen: User, kept: passwords.Password) -> User:
    """The user as it is now, with the verifier of the password that was right.

    Raises INCORRECT_USERNAME_OR_PASSWORD where the credentials have changed since: it is right no more.
    """

    def edit(user: User) -> User:
        if user.credential_version != seen.credential_version:
            raise errors.INCORRECT_USERNAME_OR_PASSWORD()
        if user.sealed_foreign_password is None:
            return user  # another who came with the same password was faster
        return passwords.learned(user, kept)

    return rows.change(db, call.pool, seen.sub, edit)


_decoder = msgspec.json.Decoder(ForeignHash)
