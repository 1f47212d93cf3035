"""base64url without padding (RFC 4648 §5), as tokens and sealed texts are written: one text for one value.

jws.py, jwe.py and sealing.py read and write their parts with it, a dozen times for every sign-in.
"""

from __future__ import annotations

import binascii

_WRITTEN = bytes.maketrans(b"+/", b"-_")
_READ = bytes.maketrans(b"-_+/=", b"+/...")  # what only the other alphabet has is foreign here
_LAST = ("", "AQgw", "AEIMQUYcgkosw048")
"""The characters that may come last, by how many bytes there are beyond a multiple of three: those whose spare bits are zero."""


def encode(raw: bytes) -> str:
    return binascii.b2a_base64(raw, newline=False).translate(_WRITTEN).rstrip(b"=").decode("ascii")


def decode(text: str) -> bytes:
    """The bytes of `text`; ValueError unless `text` is exactly what `encode` makes of them.

    Python's decoder ignores the unused bits of the last character. That would give one token many spellings, and a list
    of revoked or spent ones could be walked around.
    """
    padded = text.encode("ascii").translate(_READ) + b"=" * (-len(text) % 4)
    raw = binascii.a2b_base64(padded, strict_mode=True)
    beyond = len(raw) % 3
    if beyond and text[-1] not in _LAST[beyond]:
        raise ValueError("not canonical base64url")
    return raw
