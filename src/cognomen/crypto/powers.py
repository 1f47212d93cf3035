"""Powers in SRP's group: modulo the 3072-bit safe prime of RFC 5054, of the generator 2 and of any other number.

Powers of 2 come from a table of all its powers 2^(d * 1024^i): 26 multiplications instead of a whole exponentiation, seven
times faster. The table (11 MB) is built at first use in about 80 ms. Powers of any other number are OpenSSL's, or gmpy2's
where OpenSSL cannot be reached. Where that is missing too Python's `pow` gives the same numbers, eight (any base) to fifty
times (base 2) slower. srp.py says what the powers are for.
"""

from __future__ import annotations

import functools
import threading
from typing import Any

from cognomen.crypto import openssl
from cognomen.crypto.openssl import Exponentiation

try:
    import gmpy2
except ImportError:  # no wheel for this interpreter or machine
    gmpy2 = None

MODULUS = int(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD"
    "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"
    "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F"
    "83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B"
    "E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510"
    "15728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7"
    "ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200C"
    "BBE117577A615D6C770988C0BAD946E208E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF",
    16,
)
GENERATOR = 2
WIDTH = 384  # bytes of a number below the modulus

_EXPONENT_BITS = 256  # the table serves hashes and ephemeral keys
_DIGIT_BITS = 10  # with 8 the table has a third of the size, and a power takes a fourth more
_LAST_DIGIT = (1 << _DIGIT_BITS) - 1
_building = threading.Lock()


def power_of_generator(exponent: int) -> int:
    """2^exponent mod N, for an exponent of at most 256 bits from the table (not negative)."""
    if gmpy2 is None:
        return pow(GENERATOR, exponent, MODULUS)
    if exponent.bit_length() > _EXPONENT_BITS:
        return power(GENERATOR, exponent)
    modulus = gmpy2.mpz(MODULUS)
    product = gmpy2.mpz(1)
    for row in _table():
        product = product * row[exponent & _LAST_DIGIT] % modulus
        exponent >>= _DIGIT_BITS
    return int(product)


def power(base: int, exponent: int, *, is_public: bool = False) -> int:
    """base^exponent mod N (exponent not negative); about 0.6 ms for an exponent of 256 bits. Lets other threads run.

    An exponent that `is_public` may be told by the time that it takes, which is a tenth less.
    """
    by_openssl = _by_openssl()
    if by_openssl is not None:
        return by_openssl(base, exponent, is_public=is_public)
    if gmpy2 is None:
        return pow(base, exponent, MODULUS)
    # The setting belongs to the thread, and without it a thread that computes holds up all others.
    gmpy2.get_context().allow_release_gil = True
    return int(gmpy2.powmod(base, exponent, MODULUS))


def product(one: int, other: int) -> int:
    """The product of two numbers below N, mod N: 4 µs, where Python itself takes 20."""
    if gmpy2 is None:
        return one * other % MODULUS
    return int(gmpy2.mpz(one) * other % MODULUS)


@functools.cache
def _by_openssl() -> Exponentiation | None:
    return openssl.exponentiation(MODULUS)


def _table() -> list[list[Any]]:
    with _building:
        return _build()


@functools.cache
def _build() -> list[list[Any]]:
    """Row i holds 2^(d * 1024^i) mod N for the digits d = 0 … 1023."""
    modulus = gmpy2.mpz(MODULUS)
    step = gmpy2.mpz(GENERATOR)
    rows = []
    for _ in range(0, _EXPONENT_BITS, _DIGIT_BITS):
        row = [gmpy2.mpz(1)]
        for _ in range(_LAST_DIGIT):
            row.append(row[-1] * step % modulus)
        rows.append(row)
        step = row[-1] * step % modulus
    return rows
