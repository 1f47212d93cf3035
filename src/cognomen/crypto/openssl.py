"""Powers modulo one number by OpenSSL: in a time that does not tell the exponent unless that is public, and faster than GMP.

The library is the one that Python's own ssl module is linked with. Where its functions cannot be reached (a Python that
carries OpenSSL inside and hides it) `exponentiation` is None, and powers.py does without.
"""

from __future__ import annotations

import _ssl
import ctypes
from ctypes import c_char_p, c_int, c_void_p
from typing import Protocol

_FUNCTIONS: dict[str, tuple[type | None, tuple[type, ...]]] = {
    "BN_new": (c_void_p, ()),
    "BN_free": (None, (c_void_p,)),
    "BN_bin2bn": (c_void_p, (c_char_p, c_int, c_void_p)),
    "BN_bn2binpad": (c_int, (c_void_p, c_char_p, c_int)),
    "BN_CTX_new": (c_void_p, ()),
    "BN_CTX_free": (None, (c_void_p,)),
    "BN_MONT_CTX_new": (c_void_p, ()),
    "BN_MONT_CTX_set": (c_int, (c_void_p, c_void_p, c_void_p)),
    "BN_mod_exp_mont_consttime": (c_int, (c_void_p,) * 6),
    "BN_mod_exp_mont": (c_int, (c_void_p,) * 6),
}
"""Return type and argument types, as in OpenSSL's bn.h from 1.1.1 on."""


class Exponentiation(Protocol):
    """Gives base^exponent mod the modulus; where the exponent `is_public`, in a time that depends on it."""

    def __call__(self, base: int, exponent: int, *, is_public: bool) -> int: ...


def exponentiation(modulus: int) -> Exponentiation | None:
    """A function that gives base^exponent mod `modulus` (odd; neither argument negative), or None.

    It may be called by several threads at once, and lets others run meanwhile.
    """
    try:
        library = ctypes.CDLL(getattr(_ssl, "__file__", None))
        for name, (result, arguments) in _FUNCTIONS.items():
            function = getattr(library, name)
            function.restype, function.argtypes = result, arguments
    except (OSError, AttributeError):
        return None
    width = (modulus.bit_length() + 7) // 8
    kept_modulus = _number(library, modulus)
    montgomery = library.BN_MONT_CTX_new()
    context = library.BN_CTX_new()
    ready = library.BN_MONT_CTX_set(montgomery, kept_modulus, context)
    library.BN_CTX_free(context)
    if not ready:
        return None

    def power(base: int, exponent: int, *, is_public: bool) -> int:
        compute = library.BN_mod_exp_mont if is_public else library.BN_mod_exp_mont_consttime
        context = library.BN_CTX_new()
        numbers = [_number(library, base % modulus), _number(library, exponent), library.BN_new()]
        try:
            based, exponented, result = numbers
            done = compute(result, based, exponented, kept_modulus, context, montgomery)
            written = ctypes.create_string_buffer(width)
            if not done or library.BN_bn2binpad(result, written, width) != width:
                raise MemoryError("OpenSSL could not compute a power")
            return int.from_bytes(written.raw)
        finally:
            for number in numbers:
                library.BN_free(number)
            library.BN_CTX_free(context)

    return power


def _number(library: ctypes.CDLL, value: int) -> int:
    raw = value.to_bytes((value.bit_length() + 7) // 8)
    made: int = library.BN_bin2bn(raw, len(raw), None)
    return made
