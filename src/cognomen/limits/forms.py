"""How many forms of the pages one address may send to one pool's domain, where an operator says nothing else.

    Forms(per_minute)       the counters of a worker
    .admit(...)             whether one more may be served
    .wait_s                 seconds after which one more may, for who was refused
    .has_told_of_proxy      whether the log has been told of a proxy that nobody named

A minute's worth passes at once, then the rate: people behind one address do not notice, a program that tries passwords does.
Each worker counts in its own memory, since the limit is wide and holds without any setting, also where there is no folder to
write to; what must be exact is `rate_limits`. Memory is bounded: whoever was silent for longest is forgotten, and had his
minute back by then unless tens of thousands of networks send forms within it.
"""

from __future__ import annotations

from ipaddress import IPv6Address

from cognomen.limits.buckets import MILLISECOND, SECOND, spent

MINUTE = 60 * SECOND
MOST = 20_000
"""Addresses and domains that are remembered, some 4 MB."""

_NETWORK_BITS = 64  # of IPv6: the least that a household or a server has to itself


class Forms:
    def __init__(self, per_minute: int) -> None:
        """`per_minute` is at least 1."""
        self._interval = MINUTE // per_minute
        self._full_at: dict[tuple[str, str], int] = {}
        self.wait_s = -(-self._interval // SECOND)
        self.has_told_of_proxy = False

    def admit(self, now: int, domain: str, client_ip: str) -> bool:
        """Whether a form may pass at `now` (milliseconds); it is counted only if it may."""
        name = domain, _network(client_ip)
        full_at = self._full_at.pop(name, 0)
        after = spent(full_at, now * MILLISECOND, self._interval, MINUTE)
        self._full_at[name] = full_at if after is None else after  # now the last to be forgotten
        if len(self._full_at) > MOST:
            del self._full_at[next(iter(self._full_at))]
        return after is not None


def _network(client_ip: str) -> str:
    """What counts as one address: in IPv6 a network, of which anybody has more addresses than could be counted."""
    if ":" not in client_ip:
        return client_ip
    address = IPv6Address(client_ip)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return f"{int(address) >> (128 - _NETWORK_BITS):x}/{_NETWORK_BITS}"
