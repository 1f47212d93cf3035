"""The host that a request names: its name alone, and whether a stranger could have pointed that name at this machine.

Pure; what follows from the answer is the business of the fronts (operations/access.py, oauth/places.py).
"""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit

SAFE_SUFFIXES = (".localhost", ".internal", ".test")  # no one can register a name below these


_NEAR = tuple(
    ip_network(text)
    for text in (
        "127.0.0.0/8",
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "169.254.0.0/16",
        "::1/128",
        "fc00::/7",
        "fe80::/10",
    )
)
LONGEST = 255 + len(":65535")
"""Characters that a host may have; whatever is longer is none, and not kept in a cache."""

_HOST = re.compile(r"(?:[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*\.?|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")


def is_host(text: str) -> bool:
    """Whether a text is a name or an address, maybe with a port, and nothing else that a link would take along."""
    return _HOST.fullmatch(text) is not None


def name_of(host: str) -> str:
    """The name in a Host header, in lower case, without port and final dot; empty for what is none."""
    return _name_of(host) if len(host) <= LONGEST else ""


@lru_cache(maxsize=1024)
def _name_of(host: str) -> str:
    try:
        return (urlsplit(f"//{host}").hostname or "").lower().removesuffix(".")
    except ValueError:
        return ""


def is_safe(host: str, own_url: str, *, is_opened: bool) -> bool:
    """Whether DNS rebinding cannot be behind the host: an address, our own name, or one below a reserved suffix.

    Names without a dot are those of containers, and count where the operator `is_opened` to a network of theirs.
    """
    return len(host) <= LONGEST and _is_safe(host, own_url, is_opened=is_opened)


@lru_cache(maxsize=256)
def _is_safe(host: str, own_url: str, *, is_opened: bool) -> bool:
    name = name_of(host)
    if is_address(name) or name in ("localhost", _hostname(own_url)) or name.endswith(SAFE_SUFFIXES):
        return True
    return is_opened and "." not in name


def is_own(host: str, own_url: str) -> bool:
    """Whether the host is called as the server is."""
    return name_of(host) == _hostname(own_url)


@lru_cache(maxsize=16)
def _hostname(own_url: str) -> str | None:
    return urlsplit(own_url).hostname


def is_near(host: str, client_ip: str | None) -> bool:
    """Whether a client of this machine, or of a closed network, names an address of one, which it may well reach us by."""
    name = name_of(host)
    return (name == "localhost" or _is_private(name)) and _is_private(client_ip or "")


@lru_cache(maxsize=1024)
def _is_private(name: str) -> bool:
    try:
        address = ip_address(name)
    except ValueError:
        return False
    return any(address in network for network in _NEAR)


@lru_cache(maxsize=1024)
def is_address(name: str) -> bool:
    """Whether a name, as `name_of` gives it, is an address."""
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
