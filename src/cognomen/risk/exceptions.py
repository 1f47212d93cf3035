"""Addresses that a pool's owner has made exceptions of (RiskExceptionConfiguration): refused always, or never judged.

    is_in           whether an address lies in any of some ranges

An IPv4 address inside an IPv6 one counts as itself, in a range too: what a request says of its address, and what an owner
has written, may be in either form. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

_MAPPED = IPv6Network("::ffff:0:0/96")


def is_in(address: str | None, ranges: Iterable[str]) -> bool:
    """`ranges` are in CIDR notation, checked when they were set. What is no address, or is not known, lies in none."""
    plain = plain_address(address)
    return plain is not None and any(plain in network for network in _networks(tuple(ranges)))


def plain_address(text: str | None) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text or "")
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


@lru_cache(maxsize=1_000)
def _networks(ranges: tuple[str, ...]) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(_plain_network(ip_network(each, strict=False)) for each in ranges)


def _plain_network(network: IPv4Network | IPv6Network) -> IPv4Network | IPv6Network:
    if isinstance(network, IPv6Network) and network.subnet_of(_MAPPED):
        within = network.prefixlen - _MAPPED.prefixlen
        return IPv4Network((int(network.network_address) & 0xFFFFFFFF, within))
    return network
