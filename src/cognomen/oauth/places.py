"""Where a request has come to: a pool's own domain, or the server's one address that all pools have in common.

    arrive(node, request)       the host read, the pool found where the host is its domain's
    find_client(call, id)       the client that the request names, and so its pool
    admit(call, operation)      the limit of requests, where that is asked for
    refuse_blocked(call)        whoever comes from an address that the pool's owner has blocked

A pool's domain is PREFIX.auth.REGION.localhost, PREFIX.localhost, PREFIX below the setting `domain_suffix`, or the full name
of a custom domain. Anywhere else the client that a request names, or the token it brings, says which pool it is about.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from starlette.requests import Request

from cognomen import clock, errors
from cognomen.call import Call, Node, begin
from cognomen.errors import Refusal
from cognomen.pools import domains
from cognomen.pools.configuration import PoolConfiguration
from cognomen.risk import assessing
from cognomen.settings import Settings
from cognomen.store.domains import Domain
from cognomen.store.replicas import ACTIVE
from cognomen.wire import hosts
from cognomen.wire.forwarded import forwarded


@dataclass(frozen=True, slots=True)
class Visit:
    """A request to an address of this room, and the call that it has become.

    `base_url` is what its links begin with, without a slash at the end. `domain` is None at the server's own address; else
    the call has the domain's pool. `is_ours`: it came to a domain of a pool or to the server's own address, as it is written in the
    settings.
    """

    call: Call
    base_url: str
    domain: Domain | None
    is_ours: bool
    client_ip: str | None
    cookies: Mapping[str, str] = field(repr=False)

    @property
    def is_secure(self) -> bool:
        """Whether the browser speaks HTTPS, to us or to a proxy that says so."""
        return self.base_url.startswith("https:")


async def arrive(node: Node, request: Request) -> Visit:
    """The visit that a request is.

    Raises OAUTH_REPEATED, OAUTH_NO_DOMAIN, OAUTH_TOO_MANY; WRONG_HOST as the API does, in open mode.
    """
    call = begin(node, request.scope["path"], clock.uuid4())
    if len(request.headers.getlist("host")) > 1:
        raise errors.OAUTH_REPEATED(name="Host")
    client_ip, scheme, host = forwarded(
        request.headers,
        peer=request.client.host if request.client else None,
        scheme=request.scope["scheme"],
        trusted=node.settings.trusted_networks,
    )
    call.client_ip, call.user_agent = client_ip, request.headers.get("user-agent", "")
    host = host if hosts.is_host(host) else ""
    domain = await _domain(call, hosts.name_of(host))
    is_named = domain is not None or await _is_answered_by(call, host)
    if domain is not None and call.limiter is not None:
        with told_as_too_many():
            call.limiter.admit_at_domain(call.now, domain.name, client_ip)
    # Any other host is somebody's invention, and never named in an answer.
    base_url = f"{scheme}://{host.lower()}" if is_named else node.settings.own_url
    return Visit(
        call=call,
        base_url=base_url,
        domain=domain,
        is_ours=domain is not None or host.lower() == urlsplit(node.settings.own_url).netloc.lower(),
        client_ip=client_ip,
        cookies=request.cookies,
    )


async def _is_answered_by(call: Call, host: str) -> bool:
    """Whether answers may name a host that is no pool's domain. In open mode raises WRONG_HOST for one that is not safe.

    Once there is an access key, anybody may ask under any name; what is told then is only our own name, and to neighbours the
    address by which they came.
    """
    settings = call.settings
    if hosts.is_own(host, settings.own_url) or hosts.is_near(host, call.client_ip):
        return True
    if not await call.configurations.is_open():
        return False
    if not hosts.is_safe(host, settings.own_url, is_opened=settings.open):
        raise errors.WRONG_HOST(host=host)
    return True


async def find_client(call: Call, client_id: str) -> bool:
    """Put the client into the call, and its pool unless that is there; False for one that is not of the domain's pool."""
    if call.found_pool is not None:
        client = await call.configurations.client(call.found_pool, client_id)
        if client is None:
            return False
        call.found_client = client
        _count(call)
        return True
    found = await call.configurations.of_client(client_id, call.now)
    if found is None or not is_served(call, found[0]):
        return False
    call.found_pool, call.found_client = found
    _count(call)
    return True


@contextmanager
def told_as_too_many() -> Iterator[None]:
    """The limiter's refusal as `told`. Raises OAUTH_TOO_MANY."""
    try:
        yield
    except Refusal as refusal:
        raise told(refusal) from None


def told(refusal: Refusal) -> Refusal:
    """What an app is told in the place of `refusal`: that of the limiter in the terms of OAuth, others as they are."""
    return errors.OAUTH_TOO_MANY() if refusal.is_(errors.TOO_MANY_REQUESTS) else refusal


def admit(call: Call, operation: str) -> None:
    """Counts a request as the API counts one of `operation`. Raises TOO_MANY_REQUESTS, which is told as `told` says."""
    if call.limiter is not None:
        call.limiter.admit(operation, call.now, pool_id=call.pool.id, username=None, challenge=None)


def refuse_blocked(call: Call) -> None:
    """Raises OAUTH_ACCESS_DENIED."""
    try:
        assessing.refuse_address(call)
    except Refusal:
        raise errors.OAUTH_ACCESS_DENIED() from None


def _count(call: Call) -> None:
    if call.limiter is not None:
        with told_as_too_many():
            call.limiter.admit_of_client(call.now, call.client.id)


def is_served(call: Call, configuration: PoolConfiguration) -> bool:
    """Whether people sign in to the pool here: at home, and where its replica is active."""
    replica = configuration.replica
    return replica is None or replica.status_at(call.now) == ACTIVE


def prefix_in(name: str, settings: Settings) -> str | None:
    """The prefix of a pool's domain in the name of a host; None where that is no such name."""
    for suffix in domains.suffixes(settings):
        prefix = name.removesuffix(f".{suffix}")
        if prefix != name and "." not in prefix:
            return prefix
    return None


async def _domain(call: Call, name: str) -> Domain | None:
    """The domain that a host is, its pool put into the call. Raises OAUTH_NO_DOMAIN for a prefix that nobody has."""
    own = hosts.name_of(call.settings.own_url.partition("://")[2])
    if name == own or "." not in name or hosts.is_address(name):
        return None  # nobody takes the server's own name for the domain of his pool
    prefix = prefix_in(name, call.settings)
    found = await call.configurations.of_domain(prefix or name, call.now)
    if found is None or not is_served(call, found[0]):
        if prefix is not None:
            raise errors.OAUTH_NO_DOMAIN(name=prefix)
        return None
    call.found_pool, domain = found
    return domain
