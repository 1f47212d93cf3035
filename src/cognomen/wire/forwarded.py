"""Whose request it is behind a trusted proxy: client address, scheme and host from the X-Forwarded headers.

`front` asks here for each request; so may the other fronts. A peer that is not a trusted proxy is believed in nothing:
anyone can send these headers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address

from cognomen.wire import hosts

Networks = tuple[IPv4Network | IPv6Network, ...]


def forwarded(
    headers: Mapping[str, str], *, peer: str | None, scheme: str, trusted: Networks
) -> tuple[str | None, str, str]:
    """(client address, scheme, host) of a request that `peer` sent over `scheme`; header names are lower-case.

    From a trusted peer X-Forwarded-Proto and -Host count (the last entry, which that peer wrote), and the client is
    the rightmost address of X-Forwarded-For that is not itself a trusted proxy. What is malformed is passed over.
    """
    host = headers.get("host", "")
    if not trusted or peer is None or not _is_trusted(peer, trusted):
        return peer, scheme, host
    client = peer
    for entry in reversed(headers.get("x-forwarded-for", "").split(",")):
        address = _address(entry.strip())
        if address is None:
            break  # what stands left of it was not written by a proxy of ours
        client = address
        if not _is_trusted(address, trusted):
            break
    said_scheme = headers.get("x-forwarded-proto", "").rpartition(",")[2].strip().lower()
    said_host = headers.get("x-forwarded-host", "").rpartition(",")[2].strip()
    return (
        client,
        said_scheme if said_scheme in {"http", "https"} else scheme,
        said_host if hosts.is_host(said_host) else host,
    )


_WITH_PORT = re.compile(r"\[(?P<six>[^\]]+)\](?::[0-9]+)?|(?P<four>[0-9.]+):[0-9]+")


@lru_cache(maxsize=1024)
def _is_trusted(address: str, trusted: Networks) -> bool:
    plain = _address(address)
    return plain is not None and any(ip_address(plain) in network for network in trusted)


@lru_cache(maxsize=1024)
def _address(text: str) -> str | None:
    """An address in its usual form, without port; IPv4 inside IPv6 counts as IPv4. None for anything else."""
    with_port = _WITH_PORT.fullmatch(text)
    try:
        address = ip_address((with_port["six"] or with_port["four"]) if with_port else text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(address)
