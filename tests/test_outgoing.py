"""Requests to other servers: what comes back, what is not waited for, and where nothing is sent."""

from __future__ import annotations

import asyncio
import gc
import ipaddress
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from cognomen import outgoing
from cognomen.outgoing import Outgoing, Unreachable
from tests.held_clock import HeldClock
from tests.processes import self_signed
from tests.providers import Answer, Site, site
from tests.server import running

LIMIT = 1_000


@pytest.fixture(scope="module")
def there() -> Iterator[Site]:
    with site() as found:
        yield found


@pytest.fixture
async def client() -> AsyncIterator[Outgoing]:
    made = Outgoing()
    yield made
    await made.close()


async def reason_of(client: Outgoing, url: str) -> str:
    with pytest.raises(Unreachable) as caught:
        await client.get(url, limit=LIMIT)
    return caught.value.reason


async def test_a_document_is_handed_over_as_it_came(client: Outgoing, there: Site) -> None:
    there.answers["/document"] = Answer(b"\x00\xffdocument")
    assert await client.get(there.url("/document"), limit=LIMIT) == b"\x00\xffdocument"


async def test_another_status_is_told_with_its_number(client: Outgoing, there: Site) -> None:
    there.answers["/gone"] = Answer(status=410)
    with pytest.raises(Unreachable, match="it answered 410") as caught:
        await client.get(there.url("/gone"), limit=LIMIT)
    assert caught.value.status == 410


async def test_redirects_are_followed_three_times(client: Outgoing, there: Site) -> None:
    there.answers["/end"] = Answer(b"end")
    for number in range(4):
        following = f"/hop{number + 1}" if number < 3 else "/end"
        there.answers[f"/hop{number}"] = Answer(status=302, headers={"Location": following})
    assert await client.get(there.url("/hop1"), limit=LIMIT) == b"end"
    assert await reason_of(client, there.url("/hop0")) == "it redirects more than 3 times"


@pytest.mark.parametrize(
    "location",
    ["file:///etc/passwd", "http://example.com/", "ftp://127.0.0.1/", "//user:word@127.0.0.1/", "\\\\host"],
)
async def test_a_redirect_to_where_nothing_is_asked_is_not_followed(
    client: Outgoing, there: Site, location: str
) -> None:
    there.answers["/away"] = Answer(status=302, headers={"Location": location})
    asked = len(there.asked)
    assert "where it redirects to is not asked: " in await reason_of(client, there.url("/away"))
    assert len(there.asked) == asked + 1


async def test_nobody_else_can_redirect_to_loopback(there: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    async def resolve(*_: object, **__: object) -> object:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", there.port))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolve)
    client = Outgoing(plain_http_hosts=["idp.example.com"])
    there.answers["/inside"] = Answer(status=302, headers={"Location": there.url("/secret")})
    try:
        assert await reason_of(client, "http://idp.example.com/inside") == "it redirects to loopback"
    finally:
        await client.close()
    assert there.asked[-1] == "/inside"


async def test_a_document_that_is_too_large_is_not_read_to_its_end(client: Outgoing, there: Site) -> None:
    there.answers["/fits"] = Answer(b"x" * LIMIT)
    there.answers["/huge"] = Answer(b"x" * (LIMIT + 1))
    assert len(await client.get(there.url("/fits"), limit=LIMIT)) == LIMIT
    assert await reason_of(client, there.url("/huge")) == "its answer is larger than 1000 bytes"


async def test_a_compressed_document_is_not_unpacked(client: Outgoing, there: Site) -> None:
    there.answers["/bomb"] = Answer(b"\x1f\x8b", headers={"Content-Encoding": "gzip"})
    assert await reason_of(client, there.url("/bomb")) == "its answer is compressed, which was not asked for"


async def test_a_server_that_does_not_answer_is_left(client: Outgoing, there: Site) -> None:
    there.answers["/never"] = Answer(never=True)
    client.seconds = 0.2
    assert await reason_of(client, there.url("/never")) == "it took too long to answer"


async def test_a_slow_host_keeps_nobody_from_others(there: Site) -> None:
    there.answers["/never"], there.answers["/soon"] = Answer(never=True), Answer(b"soon")
    client = Outgoing(seconds=0.5, connections=outgoing.AT_ONCE + 1)
    slow = there.url("/never")
    waiting = [asyncio.create_task(reason_of(client, slow)) for _ in range(3 * outgoing.AT_ONCE)]
    await asyncio.sleep(0)
    assert (
        await client.get(slow.replace("127.0.0.1", "localhost").replace("never", "soon"), limit=LIMIT)
        == b"soon"
    )
    told = await asyncio.gather(*waiting)
    await client.close()
    assert "others were waiting for it already" in told
    assert told.count("it took too long to answer") >= outgoing.AT_ONCE
    gc.collect()
    assert not client._turns, "nothing is kept of a host that nobody asks"


async def test_a_port_where_nobody_listens_is_told(client: Outgoing) -> None:
    with site() as gone:
        url = gone.url("/")
    assert await reason_of(client, url) == "no connection to it could be made"


async def test_what_is_not_http_is_told(client: Outgoing, there: Site) -> None:
    there.answers["/odd"] = Answer(b"", headers={"Content-Length": "many"})
    assert await reason_of(client, there.url("/odd")) == "its answer is not HTTP"


async def test_a_certificate_that_nobody_vouches_for_is_not_trusted(client: Outgoing, tmp_path: Path) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(*self_signed(tmp_path))
    with site(tls) as secure:
        assert await reason_of(client, secure.url("/")) == "its certificate is not one we trust"
        assert secure.asked == []


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_any_answer_is_handed_over_to_who_asks_with_a_secret(
    client: Outgoing, there: Site, method: str
) -> None:
    there.answers["/token?own=1&secret=a%26b"] = Answer(b"no", 401, {"X-Told": "this"})
    found = await client.ask(method, there.url("/token?own=1"), {}, limit=LIMIT, query={"secret": "a&b"})
    assert (found.status, found.headers["x-told"], found.body) == (401, "this", b"no")


async def test_a_secret_does_not_follow_redirects(client: Outgoing, there: Site) -> None:
    there.answers["/token"] = Answer(status=307, headers={"Location": "/elsewhere"})
    found = await client.ask("POST", there.url("/token"), {}, limit=LIMIT, body=b"secret")
    assert found.status == 307
    assert there.asked[-1] == "/token"


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://example.com/token", "it does not begin with https://"),
        ("https://user:word@example.com/", "it has a user name in it"),
        ("file:///etc/passwd", "it is not a URL of HTTPS"),
        ("https://169.254.169.254/", "no connection to it could be made"),
    ],
)
async def test_a_secret_is_not_sent_where_nothing_is_asked(client: Outgoing, url: str, reason: str) -> None:
    with pytest.raises(Unreachable, match=f"^{reason}$"):
        await client.ask("POST", url, {}, limit=LIMIT, body=b"secret")


async def test_a_header_ends_where_it_ends(client: Outgoing, there: Site) -> None:
    with pytest.raises(Unreachable, match="its answer is not HTTP"):
        await client.ask("GET", there.url("/"), {"Authorization": "Bearer a\r\nX: y"}, limit=LIMIT)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://example.com/", None),
        ("https://example.com:8443/x?y#z", None),
        ("HTTPS://EXAMPLE.COM/", None),
        ("http://localhost:8080/", None),
        ("http://127.0.0.1/", None),
        ("http://127.8.9.1/", None),
        ("http://[::1]:80/", None),
        ("http://keycloak:8080/", None),
        ("http://keycloak.example.com/", "it does not begin with https://"),
        ("http://example.com/", "it does not begin with https://"),
        ("http://localhost.example.com/", "it does not begin with https://"),
        ("http://2130706433/", "it does not begin with https://"),
        ("http://169.254.169.254/", "it does not begin with https://"),
        ("https://user@example.com/", "it has a user name in it"),
        ("https://:word@example.com/", "it has a user name in it"),
        ("file:///etc/passwd", "it is not a URL of HTTPS"),
        ("gopher://example.com/", "it is not a URL of HTTPS"),
        ("//example.com/", "it is not a URL of HTTPS"),
        ("https://", "it is not a URL of HTTPS"),
        ("https://example.com:99999/", "it is not a URL of HTTPS"),
        ("https://[::1/", "it is not a URL of HTTPS"),
        ("https://exa mple.com/", "it is not a URL of HTTPS"),
        ("https://example.com\\@evil.com/", "it is not a URL of HTTPS"),
        ("https://example.com/\r\nX: y", "it is not a URL of HTTPS"),
        ("https://ex\u00e4mple.com/", "it is not a URL of HTTPS"),
        ("https://example.com/" + "x" * 2_048, "it is not a URL of HTTPS"),
        ("", "it is not a URL of HTTPS"),
    ],
)
def test_which_urls_are_asked(url: str, reason: str | None) -> None:
    assert Outgoing(plain_http_hosts=["Keycloak"]).refusal(url) == reason


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "169.254.170.2",
        "100.100.100.200",
        "0.0.0.0",  # noqa: S104  refused, not bound
        "224.0.0.1",
        "fe80::1%eth0",
        "fd00:ec2::254",
        "::",
        "::ffff:169.254.169.254",
        "2002:a9fe:a9fe::1",
        "64:ff9b::a9fe:a9fe",
    ],
)
def test_addresses_that_hand_out_credentials_get_no_socket(address: str) -> None:
    with pytest.raises(OSError, match="its address is not connected to"):
        outgoing._socket((0, 0, 0, "", (address, 443)))


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.1.2.3", "192.168.0.1", "93.184.216.34", "::1", "fd12::1"]
)
def test_addresses_of_ones_own_network_are_connected_to(address: str) -> None:
    assert not outgoing._hands_out_credentials(address)


async def test_the_address_that_counts_is_the_one_that_is_connected_to(
    client: Outgoing, there: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outgoing, "_CREDENTIALS", (ipaddress.ip_network("127.0.0.0/8"),))
    there.answers["/latest/meta-data"] = Answer(b"secret")
    for host in ("127.0.0.1", "localhost"):
        url = f"http://{host}:{there.port}/latest/meta-data"
        assert await reason_of(client, url) == "no connection to it could be made"
    assert "/latest/meta-data" not in there.asked


def test_a_server_closes_its_connections_when_it_ends(
    there: Site, tmp_path: Path, held_clock: HeldClock
) -> None:
    there.answers["/document"] = Answer(b"document")
    with running(str(tmp_path), f"sqlite:///{tmp_path}/cognomen.db", held_clock) as server:
        client = server.node.outgoing
        assert server.run(client.get(there.url("/document"), limit=LIMIT)) == b"document"
        session = client._session
    assert session is not None
    assert session.closed


async def test_a_client_that_was_never_used_is_closed_too() -> None:
    await Outgoing().close()
