"""Passwords that have leaked, in the form in which that is published.

PASSWORDS   those that the tests' server knows of
file_of     a file of hashes
range_of    what the range API answers of them
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

PASSWORDS = ("Leak3d-Passw0rd!", "Leak3d-Again!", "Leak3d-Onc3-More!")


def hash_of(password: str) -> str:
    return hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()


def file_of(passwords: Iterable[str]) -> bytes:
    lines = sorted(f"{hash_of(password)}:{number}" for number, password in enumerate(passwords, 1))
    return "".join(f"{line}\r\n" for line in lines).encode()


def range_of(prefix: str, passwords: Iterable[str], *padding: str) -> bytes:
    """Those whose hashes begin so; `padding` are hashes that nobody has seen."""
    ends = [f"{hash_of(password)[5:]}:3" for password in passwords if hash_of(password)[:5] == prefix]
    return "\r\n".join(sorted([*ends, *(f"{each}:0" for each in padding)])).encode()
