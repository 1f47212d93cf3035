"""base64url without padding (RFC 4648 §5), as tokens and sealed texts are written: one text for one value.

jws.py, jwe.py and sealing.py read and write their parts with it.
"""

from __future__ import annotations

import base64


def encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def decode(text: str) -> bytes:
    """The bytes of `text`; ValueError unless `text` is exactly what `encode` makes of them.

    Python's decoder skips foreign characters and ignores the unused bits of the last one. Both would give one token
    many spellings, and a list of revoked or spent ones could be walked around.
    """
    raw = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    if encode(raw) != text:
        raise ValueError("not canonical base64url")
    return raw
