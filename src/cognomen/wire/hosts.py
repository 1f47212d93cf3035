"""The host that a request names: its name alone, and whether a stranger could have pointed that name at this machine.

Pure; what follows from the answer is the business of the fronts (operations/access.py, oauth/places.py).
"""

from __future__ import annotations

from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import urlsplit

SAFE_SUFFIXES = (".localhost", ".internal", ".test")  # no one can register a name below these


@lru_cache(maxsize=1024)
def name_of(host: str) -> str:
    """The name in a Host header, in lower case, without port and final dot; empty for what is none."""
    try:
        return (urlsplit(f"//{host}").hostname or "").lower().removesuffix(".")
    except ValueError:
        return ""


@lru_cache(maxsize=256)
def is_safe(host: str, own_url: str, *, is_opened: bool) -> bool:
    """Whether DNS rebinding cannot be behind the host: an address, our own name, or one below a reserved suffix.

    Names without a dot are those of containers, and count where the operator `is_opened` to a network of theirs.
    """
    name = name_of(host)
    own = urlsplit(own_url).hostname
    if is_address(name) or name in ("localhost", own) or name.endswith(SAFE_SUFFIXES):
        return True
    return is_opened and "." not in name


def is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
