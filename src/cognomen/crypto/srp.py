"""SRP-6a as Amazon Cognito speaks it: the server's half, and verifiers, which is how passwords are kept.

Every client (Amplify, pycognito, the mobile and .NET libraries) has this arithmetic built in, down to which integers are
hashed with a zero byte in front. Devices use the same functions with the device group key in place of the pool's name,
the device key in place of the user name. The group and its powers are in powers.py.

Order of a sign-in: parse_public_a → server_public → scrambler → (client) → server_session_key → claim_signature.
"""

from __future__ import annotations

import base64
import hmac
import re
from datetime import UTC, datetime
from hashlib import sha256

from cognomen.crypto import powers
from cognomen.crypto.powers import MODULUS, WIDTH

SALT_BYTES = 16
EPHEMERAL_BYTES = 32  # the server's secret b: 256 bits, what the table of powers serves

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
# Some libraries (.NET's) write a zero in front of a number that begins with a set bit, hence two digits more than N has.
_PUBLIC = re.compile(rf"[0-9A-Fa-f]{{1,{2 * WIDTH + 2}}}")
_TIMESTAMP = re.compile(
    rf"({'|'.join(_DAYS)}) ({'|'.join(_MONTHS)}) ([1-9][0-9]?) ([0-9]{{2}}):([0-9]{{2}}):([0-9]{{2}}) UTC ([0-9]{{4}})"
)


# -- passwords at rest ------------------------------------------------------------------------------------------------


def new_salt(random: bytes) -> bytes:
    """A salt made of 16 random bytes: its first byte is never zero.

    Some clients turn the salt into a number and back, others keep its leading zeros; only without them do all agree.
    """
    if len(random) != SALT_BYTES:
        raise ValueError("a salt takes 16 random bytes")
    return bytes([random[0] or 1]) + random[1:]


def private_exponent(pool_name: str, username: str, password: str, salt: bytes) -> int:
    """The password's x; `pool_name` is the pool's id after the first `_`. As good as the password: never kept."""
    identity = sha256(_utf8(f"{pool_name}{username}:{password}")).digest()
    return int.from_bytes(sha256(pad(int.from_bytes(salt)) + identity).digest())


def verifier(pool_name: str, username: str, password: str, salt: bytes) -> bytes:
    """What is kept of a password: g^x mod N, always 384 bytes."""
    return powers.power_of_generator(private_exponent(pool_name, username, password, salt)).to_bytes(WIDTH)


def verify_password(pool_name: str, username: str, password: str, salt: bytes, kept: bytes) -> bool:
    """Whether `kept`, 384 bytes of `verifier`, was made of this password."""
    return hmac.compare_digest(verifier(pool_name, username, password, salt), kept)


def parse_verifier(raw: bytes) -> bytes:
    """A verifier computed elsewhere (by a device, by another server) in our width; ValueError if it can be none.

    0, 1 and N - 1 have no secret behind them: whoever signed in would need to know nothing.
    """
    number = int.from_bytes(raw) if len(raw) <= WIDTH + 1 else 0
    if not 1 < number < MODULUS - 1:
        raise ValueError("not a verifier of the 3072-bit group")
    return number.to_bytes(WIDTH)


# -- the handshake ----------------------------------------------------------------------------------------------------


def parse_public_a(text: str) -> int:
    """The client's public number from SRP_A; ValueError unless it is hexadecimal and 0 < A < N.

    A multiple of N would make the session key independent of the password, and a number longer than N is only a way to
    make the server calculate.
    """
    number = int(text, 16) if _PUBLIC.fullmatch(text) else 0
    if not 0 < number < MODULUS:
        raise ValueError("SRP_A is not a number of the group")
    return number


def server_public(verifier: bytes, b: int) -> int:
    """B = k·v + g^b mod N, sent as SRP_B (`to_hex`); `b` is a fresh secret of 32 random bytes."""
    return (_MULTIPLIER * int.from_bytes(verifier) + powers.power_of_generator(b)) % MODULUS


def server_session_key(public_a: int, verifier: bytes, u: int, b: int) -> bytes:
    """The 16 bytes both sides share if the client knows the password; ValueError in the 2^-256 case that u is zero."""
    if u == 0:
        raise ValueError("the scrambling parameter is zero")
    return session_key(premaster(public_a, verifier, u, b), u)


def scrambler(public_a: int, public_b: int) -> int:
    """The number u = H(A, B) that ties the key to both public numbers."""
    return int.from_bytes(sha256(pad(public_a) + pad(public_b)).digest())


def premaster(public_a: int, verifier: bytes, u: int, b: int) -> int:
    """The server's S = (A·v^u)^b mod N: two powers without a table, about 1.2 ms; lets other threads run meanwhile."""
    # Public is the exponent: both numbers that make u have been sent.
    blinded = powers.power(int.from_bytes(verifier), u, is_public=True)
    return powers.power(powers.product(public_a, blinded), b)


def session_key(premaster: int, u: int) -> bytes:
    """K, 16 bytes: HKDF-SHA-256 of S with the salt u."""
    pseudorandom_key = hmac.digest(pad(u), pad(premaster), "sha256")
    return hmac.digest(pseudorandom_key, b"Caldera Derived Key\x01", "sha256")[:16]


def claim_signature(
    session_key: bytes, pool_name: str, username: str, secret_block: bytes, timestamp: str
) -> str:
    """PASSWORD_CLAIM_SIGNATURE that proves the password, base64; compare it with `hashes.matches`.

    `secret_block` is decoded, `timestamp` the text that was sent (`parse_timestamp` says whether it may be believed).
    """
    message = _utf8(pool_name + username) + secret_block + _utf8(timestamp)
    return base64.b64encode(hmac.digest(session_key, message, "sha256")).decode("ascii")


# -- how numbers and moments are written ------------------------------------------------------------------------------


def pad(number: int) -> bytes:
    """The shortest two's complement of a number not negative, big-endian, as Java's BigInteger.toByteArray gives it."""
    return number.to_bytes(number.bit_length() // 8 + 1)


def to_hex(number: int) -> str:
    """SRP_B as clients expect it: lower case, no leading zero."""
    return format(number, "x")


def format_timestamp(moment: int) -> str:
    """`moment` (milliseconds) as TIMESTAMP: `Mon Jan 5 09:08:07 UTC 2026`, English whatever the machine's locale."""
    at = datetime.fromtimestamp(moment // 1000, UTC)
    return f"{_DAYS[at.weekday()]} {_MONTHS[at.month - 1]} {at.day} {at:%H:%M:%S} UTC {at.year:04}"


def parse_timestamp(text: str) -> int | None:
    """The milliseconds of a TIMESTAMP, None unless it is what `format_timestamp` writes.

    A padded day (`Jan 05`) or a wrong weekday fails with Amazon Cognito too; the signature is over this very text.
    """
    found = _TIMESTAMP.fullmatch(text)
    if not found:
        return None
    weekday, month, day, hour, minute, second, year = found.groups()
    try:
        at = datetime(
            int(year), _MONTHS.index(month) + 1, int(day), int(hour), int(minute), int(second), tzinfo=UTC
        )
    except ValueError:
        return None
    return int(at.timestamp()) * 1000 if _DAYS[at.weekday()] == weekday else None


def _utf8(text: str) -> bytes:
    """UTF-8; a lone surrogate, which no client can sign, becomes bytes like any other character rather than an error."""
    return text.encode("utf-8", "surrogatepass")


_MULTIPLIER = int.from_bytes(sha256(pad(MODULUS) + pad(powers.GENERATOR)).digest())  # k
