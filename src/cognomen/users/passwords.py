"""Passwords: what a pool's policy asks of them, how they are kept, and the former ones.

A password is kept as its SRP verifier, sealed; it is bound to the pool's name and the user name, so it moves with them
and opens nowhere else. One that came from elsewhere is not known by its verifier until its first use
(foreign_passwords.py). What costs time (`make`, `is_right`, `refuse_former`) is done before a transaction, `put` and
`remember` inside it.
"""

from __future__ import annotations

from dataclasses import dataclass

from msgspec.structs import replace

from cognomen import clock, errors
from cognomen.clock import DAY
from cognomen.crypto import srp
from cognomen.errors import Sentence
from cognomen.master_key.vault import Vault
from cognomen.store import passwords as former_passwords
from cognomen.store.database import Db, Store
from cognomen.store.passwords import FormerPassword
from cognomen.store.user_pool_settings import TEMPORARY_PASSWORD_DAYS, PasswordPolicy
from cognomen.store.user_pools import UserPool
from cognomen.store.users import User
from cognomen.users import status

PURPOSE = "password"

# Only Basic Latin letters and digits count (developer guide, "Adding password requirements").
UPPERCASE = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
LOWERCASE = frozenset("abcdefghijklmnopqrstuvwxyz")
NUMBERS = frozenset("0123456789")
SYMBOLS = frozenset("^$*.[]{}()?\"!@#%&/\\,><':;|_~`=+- ")

GENERATED_LENGTH = 12

_NO_SALT = bytes([1]) * srp.SALT_BYTES
_NO_VERIFIER = bytes(384)


@dataclass(frozen=True, slots=True)
class Password:
    """A password as it is kept."""

    salt: bytes
    sealed_verifier: bytes


# -- the policy -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Requirement:
    """One thing that a policy asks of a password: its `name`, the number in it, what is said of a password without it."""

    name: str
    violation: str
    is_met: bool
    count: int | None = None


def refuse_unlike_policy(
    pool: UserPool, password: str, unlike: Sentence = errors.PASSWORD_UNLIKE_POLICY
) -> None:
    """Raises `unlike`, with what is wrong with the password, unless it conforms to the pool's policy."""
    found = violation(pool.settings.policies.password_policy, password)
    if found is not None:
        raise unlike(violation=found)


def violation(policy: PasswordPolicy, password: str) -> str | None:
    """What is wrong with a password, as a caller reads it behind the operation's own words; None when it conforms.

    One thing at a time, in Cognito's order.
    """
    return next((each.violation for each in requirements(policy, password) if not each.is_met), None)


def requirements(policy: PasswordPolicy, password: str) -> tuple[Requirement, ...]:
    """All that the policy asks, and whether the password has it. A space inside counts as a symbol, one at an end does not."""
    length, inside = policy.minimum_length, password.strip(" ")
    kinds = (
        (policy.require_uppercase, "uppercase", "uppercase", not UPPERCASE.isdisjoint(password)),
        (policy.require_lowercase, "lowercase", "lowercase", not LOWERCASE.isdisjoint(password)),
        (policy.require_numbers, "number", "numeric", not NUMBERS.isdisjoint(password)),
        (policy.require_symbols, "symbol", "symbol", not SYMBOLS.isdisjoint(inside)),
    )
    return (
        Requirement("length", "Password not long enough", len(password) >= length, length),
        *(
            Requirement(name, f"Password must have {said} characters", is_met)
            for is_required, name, said, is_met in kinds
            if is_required
        ),
    )


def generate(policy: PasswordPolicy) -> str:
    """A random password that conforms, without characters that look alike and without markup (it is sent in messages)."""
    kinds = {
        "ABCDEFGHJKLMNPQRSTUVWXYZ": True,
        "abcdefghijkmnopqrstuvwxyz": True,
        "23456789": True,
        "!#$%*+-=?@^_": policy.require_symbols,
    }
    wanted = [alphabet for alphabet, is_wanted in kinds.items() if is_wanted]
    length = max(policy.minimum_length, GENERATED_LENGTH)
    one_of_each = "".join(clock.random_text(alphabet, 1) for alphabet in wanted)
    return clock.shuffled(one_of_each + clock.random_text("".join(wanted), length - len(one_of_each)))


def temporary_has_expired(pool: UserPool, user: User, now: int) -> bool:
    """Whether a temporary password is no longer good: days since it was last set or sent anew."""
    # 0 means the default (TemporaryPasswordValidityDays in the API reference).
    days = pool.settings.policies.password_policy.temporary_password_validity_days or TEMPORARY_PASSWORD_DAYS
    return user.status == status.FORCE_CHANGE_PASSWORD and user.password_set_at + days * DAY <= now


# -- how they are kept ------------------------------------------------------------------------------------------------


def make(vault: Vault, user: User, password: str) -> Password:
    """A password of this user as it is kept, under a new salt."""
    salt = srp.new_salt(clock.random_bytes(srp.SALT_BYTES))
    verifier = srp.verifier(pool_name(user.pool_id), user.username, password, salt)
    return Password(salt, vault.seal(PURPOSE, verifier, binding(user)))


def is_set(user: User) -> bool:
    """Whether the user has a password, known by its verifier or in another way."""
    return user.sealed_verifier is not None or user.sealed_foreign_password is not None


def put(user: User, password: Password, now: int) -> User:
    """The user with this password from now on; sign-ins under way end."""
    return replace(
        user,
        salt=password.salt,
        sealed_verifier=password.sealed_verifier,
        sealed_foreign_password=None,
        password_set_at=now,
        credential_version=user.credential_version + 1,
        modified_at=now,
    )


def without(user: User, now: int) -> User:
    """The user without a password, until an administrator sets one; unchanged when it has none."""
    if not is_set(user):
        return user
    return replace(
        user,
        salt=None,
        sealed_verifier=None,
        sealed_foreign_password=None,
        credential_version=user.credential_version + 1,
        modified_at=now,
    )


def reset_required(db: Db, pool: UserPool, user: User, now: int) -> User:
    """The user without its password, which is remembered: it must set another with a code."""
    remember(db, pool, user, now)
    return status.moved(without(user, now), status.RESET_REQUIRED, now)


def learned(user: User, password: Password) -> User:
    """The user whose password is the one it had, known by its verifier from now on; sign-ins under way go on."""
    return replace(
        user,
        salt=password.salt,
        sealed_verifier=password.sealed_verifier,
        sealed_foreign_password=None,
    )


def with_password(vault: Vault, user: User, password: str, now: int) -> User:
    """`make` and `put` in one."""
    return put(user, make(vault, user, password), now)


def verifier_of(vault: Vault, user: User) -> bytes | None:
    """The SRP verifier, 384 bytes; None where no password is set."""
    if user.sealed_verifier is None:
        return None
    return vault.unseal(PURPOSE, user.sealed_verifier, binding(user))


def is_right(vault: Vault, user: User, password: str) -> bool:
    """Whether this is the user's password; the same work, and False, where none is set."""
    kept = verifier_of(vault, user)
    matches = srp.verify_password(
        pool_name(user.pool_id), user.username, password, user.salt or _NO_SALT, kept or _NO_VERIFIER
    )
    return matches and kept is not None


# -- the former ones --------------------------------------------------------------------------------------------------


async def refuse_former(store: Store, vault: Vault, pool: UserPool, user: User, password: str) -> None:
    """Raises PASSWORD_IN_HISTORY for one of the last passwords, of which the present one is the first.

    How many there are is PasswordHistorySize; a pool without it remembers none. Up to 24 are compared, which is why this
    is no part of a transaction: the one that puts the password must find the `credential_version` that `user` has.
    """
    if not _remembered(pool):
        return
    former = await store.read(former_passwords.all_of_user, pool.id, user.sub)
    if is_right(vault, user, password) or any(
        is_right(vault, replace(user, salt=kept.salt, sealed_verifier=kept.sealed_verifier), password)
        for kept in former[: _remembered(pool) - 1]
    ):
        raise errors.PASSWORD_IN_HISTORY()


def remember(db: Db, pool: UserPool, user: User, now: int) -> None:
    """Put the password that `user` has among the former ones, when it is about to be replaced."""
    if not _remembered(pool) or user.salt is None or user.sealed_verifier is None:
        return
    # Later than the one before it, also where that was replaced on a node whose clock is ahead.
    replaced_at = max(now, user.password_set_at + 1)
    kept = FormerPassword(clock.uuid4(), user.salt, user.sealed_verifier, replaced_at)
    former_passwords.add(db, pool.id, user.sub, kept, _remembered(pool) - 1)


def _remembered(pool: UserPool) -> int:
    return pool.settings.policies.password_policy.password_history_size or 0


def pool_name(pool_id: str) -> str:
    """What SRP calls the pool: its id behind the first underscore."""
    return pool_id.partition("_")[2]


def binding(user: User) -> bytes:
    """What a user's sealed secrets are bound to, so that they open nowhere else."""
    return f"{user.pool_id}/{user.sealed_for}".encode()
