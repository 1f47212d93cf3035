"""Addresses that a pool's owner has made exceptions of (RiskExceptionConfiguration): refused always, or never judged.

    is_in           whether an address lies in any of some ranges
    read            an address as it is kept
    plain_address   whose network it is

An IPv4 address inside an IPv6 one counts as itself, in a range too: what a request says of its address, and what an owner
has written, may be in either form. One behind NAT64 (64:ff9b::/96, RFC 6052) counts as both. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

_MAPPED = IPv6Network("::ffff:0:0/96")
_NAT64 = IPv6Network("64:ff9b::/96")


def is_in(address: str | None, ranges: Iterable[str]) -> bool:
    """`ranges` are in CIDR notation, checked when they were set. What is no address, or is not known, lies in none."""
    found, plain = read(address), plain_address(address)
    if found is None:
        return False
    return any(found in network or plain in network for network in _networks(tuple(ranges)))


def read(text: str | None) -> IPv4Address | IPv6Address | None:
    """None for what is no address. A zone (`%eth0`) is dropped: it says nothing to anybody else, and may be of any length."""
    try:
        address = ip_address(text or "")
    except ValueError:
        return None
    if isinstance(address, IPv4Address):
        return address
    return address.ipv4_mapped or IPv6Address(int(address))


def plain_address(text: str | None) -> IPv4Address | IPv6Address | None:
    """As `read`, and of one behind NAT64 the address that it stands for."""
    address = read(text)
    return _inside(address) if isinstance(address, IPv6Address) and address in _NAT64 else address


@lru_cache(maxsize=1_000)
def _networks(ranges: tuple[str, ...]) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(_plain_network(ip_network(each, strict=False)) for each in ranges)


def _plain_network(network: IPv4Network | IPv6Network) -> IPv4Network | IPv6Network:
    if isinstance(network, IPv6Network) and network.subnet_of(_MAPPED):
        return IPv4Network((_inside(network.network_address), network.prefixlen - _MAPPED.prefixlen))
    return network


def _inside(address: IPv6Address) -> IPv4Address:
    return IPv4Address(int(address) & 0xFFFFFFFF)
