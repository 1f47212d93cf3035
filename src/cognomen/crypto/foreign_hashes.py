"""Password hashes that were made elsewhere: their formats, how dear they may be, and whether a password is the one.

    check       refuses what is no hash of an algorithm, or too dear to check
    matches     whether a password has this hash; slow by design, so never in the event loop
    decoy       a hash that costs as much to check as another one, of a password that nobody has

    BCRYPT          $2b$cost$<22 characters of salt><31 of hash>, also 2a, 2x, 2y; cost at most 12
    SCRYPT          N$r$p$<salt>$<hash>, in hexadecimal; N at most 65,536, r 8, p 1
    ARGON2ID        $argon2id$v=19$m=19456,t=2,p=1$<salt>$<hash>, in base64 without padding; those are the ceilings
    PBKDF2_SHA256   $pbkdf2-sha256$iterations$<salt>$<hash>, in base64 without padding; at most 600,000

Source: developer guide, "Importing users into user pools from a CSV file". All libraries let other threads run meanwhile.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass

from cognomen import clock

LONGEST = 512  # characters
SALT_BYTES = range(1, 65)
HASH_BYTES = range(16, 129)

BCRYPT_COST = range(4, 13)
BCRYPT_READS = 72  # bytes of a password; what is behind them counts for nothing
SCRYPT_N_MAX, SCRYPT_R_MAX, SCRYPT_P_MAX = 65_536, 8, 1
ARGON2_SALT_MIN = 8  # bytes (RFC 9106)
ARGON2_MEMORY_MAX, ARGON2_TIME_MAX, ARGON2_LANES_MAX = 19_456, 2, 1
PBKDF2_MAX = 600_000

_BCRYPT = re.compile(r"\$2[abxy]\$(?P<cost>[0-9]{2})\$[./A-Za-z0-9]{53}")
_BCRYPT_HEAD = 29  # characters of "$2b$12$" and the salt
_BCRYPT_HASH = 31
_BCRYPT_ALPHABET = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_SCRYPT = re.compile(
    r"(?P<n>[0-9]{1,6})\$(?P<r>[0-9]{1,2})\$(?P<p>[0-9]{1,2})\$(?P<salt>[0-9a-fA-F]+)\$(?P<hash>[0-9a-fA-F]+)"
)
_ARGON2 = re.compile(
    r"\$argon2id\$v=19\$m=(?P<m>[0-9]{1,6}),t=(?P<t>[0-9]{1,3}),p=(?P<p>[0-9]{1,3})"
    r"\$(?P<salt>[A-Za-z0-9+/]+)\$(?P<hash>[A-Za-z0-9+/]+)"
)
# passlib writes a full stop for the plus sign.
_PBKDF2 = re.compile(
    r"\$pbkdf2-sha256\$(?P<rounds>[0-9]{1,7})\$(?P<salt>[A-Za-z0-9+./]+)\$(?P<hash>[A-Za-z0-9+./]+)"
)


class NoHash(ValueError):  # noqa: N818  it says what is wrong
    """The text is no hash of the algorithm, or one that is not checked because it costs too much."""


@dataclass(frozen=True, slots=True)
class _Format:
    check: Callable[[str], None]
    matches: Callable[[str, bytes], bool]
    decoy: Callable[[str], str]


def check(algorithm: str, text: str) -> None:
    """Raises NoHash, whose text says nothing of the hash itself."""
    if len(text) > LONGEST:
        raise NoHash("it is too long")
    _FORMATS[algorithm].check(text)


def matches(algorithm: str, text: str, password: str) -> bool:
    """Whether `password` has the hash `text`, which `check` has let pass."""
    return _FORMATS[algorithm].matches(text, password.encode("utf-8", "surrogatepass"))


def decoy(algorithm: str, text: str) -> str:
    """A hash with the parameters of `text`, which `check` has let pass, under a salt of its own."""
    return _FORMATS[algorithm].decoy(text)


# -- bcrypt -----------------------------------------------------------------------------------------------------------


def _check_bcrypt(text: str) -> None:
    found = _BCRYPT.fullmatch(text)
    if found is None:
        raise NoHash("it is not of the form $2b$cost$ and 53 characters")
    if int(found["cost"]) not in BCRYPT_COST:
        raise NoHash(f"its cost is not between {BCRYPT_COST[0]} and {BCRYPT_COST[-1]}")


def _matches_bcrypt(text: str, password: bytes) -> bool:
    import bcrypt  # noqa: PLC0415  few servers ever need it

    if b"\0" in password or (text.startswith("$2x$") and not password.isascii()):
        return False  # no implementation made such a hash; those of 2x had the fault that gave it its name
    return bcrypt.checkpw(password[:BCRYPT_READS], text.encode())


def _decoy_of_bcrypt(text: str) -> str:
    return text[:_BCRYPT_HEAD] + clock.random_text(_BCRYPT_ALPHABET, _BCRYPT_HASH)


# -- scrypt -----------------------------------------------------------------------------------------------------------


def _check_scrypt(text: str) -> None:
    found = _SCRYPT.fullmatch(text)
    if found is None:
        raise NoHash("it is not of the form N$r$p$salt$hash")
    n, r, p = (int(found[name]) for name in "nrp")
    if not (1 < n <= SCRYPT_N_MAX and n & (n - 1) == 0 and 0 < r <= SCRYPT_R_MAX and 0 < p <= SCRYPT_P_MAX):
        raise NoHash(
            f"N is not a power of two up to {SCRYPT_N_MAX}, r not up to {SCRYPT_R_MAX}, or p not {SCRYPT_P_MAX}"
        )
    _check_sizes(_hexadecimal(found["salt"]), _hexadecimal(found["hash"]))


def _matches_scrypt(text: str, password: bytes) -> bool:
    n, r, p, salt, expected = text.split("$")
    wanted = bytes.fromhex(expected)
    needs = 128 * int(r) * (int(n) + int(p) + 2)
    made = hashlib.scrypt(
        password,
        salt=bytes.fromhex(salt),
        n=int(n),
        r=int(r),
        p=int(p),
        maxmem=2 * needs,
        dklen=len(wanted),
    )
    return hmac.compare_digest(made, wanted)


def _decoy_of_scrypt(text: str) -> str:
    head, salt, expected = text.rsplit("$", 2)
    return f"{head}${clock.random_bytes(len(salt) // 2).hex()}${clock.random_bytes(len(expected) // 2).hex()}"


# -- Argon2id ---------------------------------------------------------------------------------------------------------


def _check_argon2(text: str) -> None:
    found = _ARGON2.fullmatch(text)
    if found is None:
        raise NoHash("it is not of the form $argon2id$v=19$m=...,t=...,p=...$salt$hash")
    memory, time, lanes = (int(found[name]) for name in "mtp")
    if not (
        8 * lanes <= memory <= ARGON2_MEMORY_MAX
        and 0 < time <= ARGON2_TIME_MAX
        and 0 < lanes <= ARGON2_LANES_MAX
    ):
        raise NoHash(
            f"m is more than {ARGON2_MEMORY_MAX} (or too little), t more than {ARGON2_TIME_MAX}, or p not "
            f"{ARGON2_LANES_MAX}"
        )
    salt = _base64(found["salt"])
    if len(salt) < ARGON2_SALT_MIN:
        raise NoHash(f"its salt has less than {ARGON2_SALT_MIN} bytes")
    _check_sizes(salt, _base64(found["hash"]))


def _matches_argon2(text: str, password: bytes) -> bool:
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id  # noqa: PLC0415  as bcrypt

    found = _ARGON2.fullmatch(text)
    if found is None:
        raise NoHash("it was not checked")
    wanted = _base64(found["hash"])
    made = Argon2id(
        salt=_base64(found["salt"]),
        length=len(wanted),
        iterations=int(found["t"]),
        lanes=int(found["p"]),
        memory_cost=int(found["m"]),
    ).derive(password)
    return hmac.compare_digest(made, wanted)


# -- PBKDF2 -----------------------------------------------------------------------------------------------------------


def _check_pbkdf2(text: str) -> None:
    found = _PBKDF2.fullmatch(text)
    if found is None:
        raise NoHash("it is not of the form $pbkdf2-sha256$iterations$salt$hash")
    if not 0 < int(found["rounds"]) <= PBKDF2_MAX:
        raise NoHash(f"it has no iterations, or more than {PBKDF2_MAX}")
    _check_sizes(_base64(found["salt"]), _base64(found["hash"]))


def _matches_pbkdf2(text: str, password: bytes) -> bool:
    _, _, rounds, salt, expected = text.split("$")
    wanted = _base64(expected)
    made = hashlib.pbkdf2_hmac("sha256", password, _base64(salt), int(rounds), len(wanted))
    return hmac.compare_digest(made, wanted)


def _decoy_in_base64(text: str) -> str:
    head, salt, expected = text.rsplit("$", 2)
    return f"{head}${_random_base64(len(_base64(salt)))}${_random_base64(len(_base64(expected)))}"


# -- what they have in common -----------------------------------------------------------------------------------------


def _check_sizes(salt: bytes, hash: bytes) -> None:  # noqa: A002  the field's noun
    if len(salt) not in SALT_BYTES or len(hash) not in HASH_BYTES:
        raise NoHash(
            f"its salt has not between {SALT_BYTES[0]} and {SALT_BYTES[-1]} bytes, or its hash not between "
            f"{HASH_BYTES[0]} and {HASH_BYTES[-1]}"
        )


def _hexadecimal(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise NoHash("its hexadecimal digits are no whole bytes") from None


def _base64(text: str) -> bytes:
    try:
        return base64.b64decode(text.replace(".", "+") + "=" * (-len(text) % 4), validate=True)
    except binascii.Error:
        raise NoHash("its base64 cannot be read") from None


def _random_base64(length: int) -> str:
    return base64.b64encode(clock.random_bytes(length)).decode().rstrip("=")


_FORMATS = {
    "BCRYPT": _Format(_check_bcrypt, _matches_bcrypt, _decoy_of_bcrypt),
    "SCRYPT": _Format(_check_scrypt, _matches_scrypt, _decoy_of_scrypt),
    "ARGON2ID": _Format(_check_argon2, _matches_argon2, _decoy_in_base64),
    "PBKDF2_SHA256": _Format(_check_pbkdf2, _matches_pbkdf2, _decoy_in_base64),
}
