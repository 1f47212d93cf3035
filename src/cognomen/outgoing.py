"""Requests to other servers: the one HTTP client of a process, and where it will not go.

    Outgoing        the client: pooled connections, some for each host, a limit of time and of size, redirects counted
    Answer          what a server answered, whatever its status
    Unreachable     what is raised when there is no good answer; `reason` is fit for a caller's eyes, `detail` for the log
    refusal(url)    why a URL would not be asked at all, or None

URLs come from whoever configures a pool, and redirects from whoever answers. TLS is required but for loopback and the
hosts of the setting `plain_http_hosts`; a redirect must satisfy the same, and leads to loopback only from there. No
address is connected to that hands out credentials to whoever asks from the machine (link-local ones, as the metadata
services of clouds have): the address itself is looked at, after the name was resolved, so no name can point there.

Never called inside a transaction. The library behind it is imported when the first request is made.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, urljoin, urlsplit
from weakref import WeakValueDictionary

if TYPE_CHECKING:
    import aiohttp

SECONDS = 5.0
REDIRECTS = 3
CONNECTIONS = 200
AT_ONCE = 10
"""How many requests one host of a pool's configuration has at once: the rest wait, for as long as a request may take."""
URL_MAX = 2_048

_REDIRECTIONS = frozenset({301, 302, 303, 307, 308})
_CREDENTIALS = (
    ipaddress.ip_network("169.254.0.0/16"),
    ipaddress.ip_network("fe80::/10"),
    ipaddress.ip_network("fd00:ec2::/32"),  # the metadata service of Amazon EC2
    ipaddress.ip_network("100.100.100.200/32"),  # that of Alibaba Cloud
    ipaddress.ip_network("168.63.129.16/32"),  # the host of Azure
    ipaddress.ip_network("fd20:ce::254/128"),  # the metadata service of Google Cloud
    ipaddress.ip_network("64:ff9b::/96"),  # IPv4 in disguise (RFC 6052)
    ipaddress.ip_network("64:ff9b:1::/48"),  # the same (RFC 8215)
)
_PRINTABLE = re.compile(r"[!-~]+")


class Unreachable(Exception):  # noqa: N818  a fact about another server
    """Another server gave no good answer. `status` is its HTTP status where that is the reason.

    `detail` says more where that would tell a caller what there is in our network.
    """

    def __init__(self, reason: str, status: int | None = None, detail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status
        self.detail = detail


class TooSlow(Unreachable):
    """There was no whole answer in time."""


class TooLarge(Unreachable):
    """The answer is larger than was asked for."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of any status; names of `headers` are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


class Outgoing:
    """The client of a process; made anywhere, used in one event loop, closed there. `connections`: 0 is no limit."""

    def __init__(
        self,
        plain_http_hosts: Collection[str] = (),
        seconds: float = SECONDS,
        connections: int = CONNECTIONS,
    ) -> None:
        self.seconds = seconds
        self._connections = connections
        self._plain_http_hosts = frozenset(host.lower() for host in plain_http_hosts)
        self._session: aiohttp.ClientSession | None = None
        self._opening = asyncio.Lock()
        self._turns: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    def refusal(self, url: str) -> str | None:
        """Why `url` is not asked, before anything is resolved; None when it may be."""
        parts = _split(url)
        if parts is None or not parts.hostname or parts.scheme not in ("http", "https"):
            return "it is not a URL of HTTPS"
        if parts.username is not None or parts.password is not None:
            return "it has a user name in it"
        if parts.scheme == "http" and not (is_loopback(url) or parts.hostname in self._plain_http_hosts):
            return "it does not begin with https://"
        return None

    async def get(self, url: str, *, limit: int) -> bytes:
        """The body of a 200 answer of at most `limit` bytes, after at most REDIRECTS redirects. Raises Unreachable."""
        reason = self.refusal(url)
        if reason is not None:
            raise Unreachable(reason)
        async with self._turn(url), self._in_time() as session:
            return await self._follow(session, url, limit)

    async def post(self, url: str, body: bytes, headers: Mapping[str, str], *, limit: int) -> Answer:
        """The answer to a POST, of at most `limit` bytes; redirects are not followed. Raises Unreachable.

        For URLs of the operator's own settings: they need no TLS, and are sent as they are written.
        """
        from yarl import URL  # noqa: PLC0415  it comes with aiohttp; see the head of the module

        async with self._in_time() as session:
            asked = session.post(URL(url, encoded=True), data=body, headers=headers, allow_redirects=False)
            async with asked as answer:
                return await _answer(answer, limit)

    async def ask(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        *,
        limit: int,
        query: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> Answer:
        """The answer of at most `limit` bytes, of any status, from a URL that satisfies `refusal`. Raises Unreachable.

        What is sent may be a secret that is meant for nobody else, so redirects are not followed. `query` is added to that of
        the URL.
        """
        from yarl import URL  # noqa: PLC0415  it comes with aiohttp; see the head of the module

        reason = self.refusal(url)
        if reason is not None:
            raise Unreachable(reason)
        async with self._turn(url), self._in_time() as session:
            whole = URL(url).extend_query(query or {})
            asked = session.request(method, whole, data=body or None, headers=headers, allow_redirects=False)
            async with asked as answer:
                return await _answer(answer, limit)

    async def close(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    @asynccontextmanager
    async def _turn(self, url: str) -> AsyncIterator[None]:
        """One of the turns of a host, so that a slow one does not take the connections of all others. Raises TooSlow."""
        host = urlsplit(url).hostname or ""
        turns = self._turns.setdefault(host, asyncio.Semaphore(AT_ONCE))
        try:
            async with asyncio.timeout(self.seconds):
                await turns.acquire()
        except TimeoutError:
            raise TooSlow("others were waiting for it already") from None
        try:
            yield
        finally:
            turns.release()

    @asynccontextmanager
    async def _in_time(self) -> AsyncIterator[aiohttp.ClientSession]:
        """The session, for as long as a request may take; what it raises becomes Unreachable."""
        session = await self._opened()
        try:
            async with asyncio.timeout(self.seconds):
                yield session
        except TimeoutError:
            raise TooSlow("it took too long to answer") from None
        except (OSError, ValueError, _client_error()) as error:
            raise Unreachable(_told(error), detail=_detail(error)) from None

    async def _opened(self) -> aiohttp.ClientSession:
        async with self._opening:
            if self._session is None:
                # Importing takes a tenth of a second or more, in which other requests go on.
                library = await asyncio.to_thread(_library)
                self._session = library.ClientSession(
                    connector=library.TCPConnector(limit=self._connections, socket_factory=_socket),
                    cookie_jar=library.DummyCookieJar(),
                    auto_decompress=False,
                    headers={"Accept-Encoding": "identity", "User-Agent": "Cognomen"},
                )
            return self._session

    async def _follow(self, session: aiohttp.ClientSession, url: str, limit: int) -> bytes:
        for _ in range(REDIRECTS + 1):
            async with session.get(url, allow_redirects=False) as answer:
                if answer.status not in _REDIRECTIONS:
                    return await _body(answer, limit)
                following = urljoin(url, answer.headers.get("Location", ""))
            reason = self.refusal(following)
            if reason is not None:
                raise Unreachable(f"where it redirects to is not asked: {reason}")
            if is_loopback(following) and not is_loopback(url):
                raise Unreachable("it redirects to loopback")
            url = following
        raise Unreachable(f"it redirects more than {REDIRECTS} times")


def is_loopback(url: str) -> bool:
    """Whether the host of `url` is this machine by its very name."""
    parts = _split(url)
    host = parts.hostname if parts else None
    if host is None:
        return False
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


async def _answer(answer: aiohttp.ClientResponse, limit: int) -> Answer:
    told = {name.lower(): value for name, value in answer.headers.items()}
    return Answer(answer.status, told, await _read(answer, limit))


async def _body(answer: aiohttp.ClientResponse, limit: int) -> bytes:
    if answer.status != 200:  # noqa: PLR2004  the one status with a document
        raise Unreachable(f"it answered {answer.status}", answer.status)
    return await _read(answer, limit)


async def _read(answer: aiohttp.ClientResponse, limit: int) -> bytes:
    if "Content-Encoding" in answer.headers:
        raise Unreachable("its answer is compressed, which was not asked for")
    body = bytearray()
    async for part in answer.content.iter_any():
        body += part
        if len(body) > limit:
            raise TooLarge(f"its answer is larger than {limit} bytes")
    return bytes(body)


def _socket(address: tuple[Any, ...]) -> socket.socket:
    """The socket for an address that a name was resolved to; OSError for those that are not connected to."""
    family, kind, protocol, _, place = address
    if _hands_out_credentials(str(place[0])):
        raise OSError("its address is not connected to")
    return socket.socket(family, kind, protocol)


def _hands_out_credentials(text: str) -> bool:
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        address = address.ipv4_mapped or address.sixtofour or address
    return address.is_multicast or address.is_unspecified or any(address in net for net in _CREDENTIALS)


def _split(url: str) -> SplitResult | None:
    if len(url) > URL_MAX or not _PRINTABLE.fullmatch(url) or "\\" in url:
        return None
    try:
        parts = urlsplit(url)
        _ = parts.port  # a ValueError of its own
    except ValueError:
        return None
    return parts


def _told(error: Exception) -> str:
    """A reason of a few words; what an exception of a library says may name our own machine."""
    names = {type(each).__name__ for each in (error, error.__cause__) if each is not None}
    if any("Certificate" in name or "SSL" in name for name in names):
        return "its certificate is not one we trust"
    return "no connection to it could be made" if isinstance(error, OSError) else "its answer is not HTTP"


def _detail(error: Exception) -> str:
    within = getattr(error, "os_error", error)  # aiohttp's own name for what it was told
    if isinstance(within, socket.gaierror):
        return "its name cannot be resolved"
    return "the connection was refused" if isinstance(within, ConnectionRefusedError) else ""


def _library() -> Any:
    import aiohttp  # noqa: PLC0415  see the head of the module

    return aiohttp


def _client_error() -> type[Exception]:
    error: type[Exception] = _library().ClientError
    return error
