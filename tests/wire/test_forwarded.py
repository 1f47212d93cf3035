from __future__ import annotations

from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognomen.wire.forwarded import forwarded

TRUSTED = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))


@pytest.mark.parametrize(
    ("peer", "chain", "client"),
    [
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "198.51.100.1, 10.0.0.2", "198.51.100.1"),
        ("10.0.0.1", "1.1.1.1, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
        ("10.0.0.1", "1.1.1.1, garbage, 10.0.0.2", "10.0.0.2"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.1:4711", "198.51.100.1"),
        ("10.0.0.1", "[2001:db8::1]:4711", "2001:db8::1"),
        ("fd00::1", "2001:DB8::1", "2001:db8::1"),
        ("::ffff:10.0.0.1", "::ffff:198.51.100.1", "198.51.100.1"),
    ],
)
def test_the_client_is_the_rightmost_address_that_is_no_proxy_of_ours(
    peer: str, chain: str, client: str
) -> None:
    headers = {"host": "inside", "x-forwarded-for": chain}
    assert forwarded(headers, peer=peer, scheme="http", trusted=TRUSTED)[0] == client


def test_a_trusted_proxy_says_scheme_and_host() -> None:
    headers = {
        "host": "inside:8080",
        "x-forwarded-proto": "http, https",
        "x-forwarded-host": "id.example.com",
    }
    assert forwarded(headers, peer="10.0.0.1", scheme="http", trusted=TRUSTED) == (
        "10.0.0.1",
        "https",
        "id.example.com",
    )


@pytest.mark.parametrize(
    ("proto", "host"), [("gopher", "a b"), ("", ""), ("https\r\n", "evil.example/path"), ("HTTP ,", "a@b")]
)
def test_what_a_proxy_says_malformed_is_passed_over(proto: str, host: str) -> None:
    headers = {"host": "inside", "x-forwarded-proto": proto + ",x", "x-forwarded-host": host}
    assert forwarded(headers, peer="10.0.0.1", scheme="http", trusted=TRUSTED)[1:] == ("http", "inside")


def test_anyone_else_is_believed_in_nothing() -> None:
    headers = {
        "host": "inside",
        "x-forwarded-for": "127.0.0.1",
        "x-forwarded-proto": "https",
        "x-forwarded-host": "localhost",
    }
    seen = ("203.0.113.9", "http", "inside")
    assert forwarded(headers, peer="203.0.113.9", scheme="http", trusted=TRUSTED) == seen
    assert forwarded(headers, peer="203.0.113.9", scheme="http", trusted=()) == seen
    assert forwarded(headers, peer=None, scheme="http", trusted=TRUSTED) == (None, "http", "inside")


@given(st.text(), st.text(), st.text())
def test_no_header_makes_it_stumble(chain: str, proto: str, host: str) -> None:
    headers = {"x-forwarded-for": chain, "x-forwarded-proto": proto, "x-forwarded-host": host}
    client, scheme, _ = forwarded(headers, peer="10.0.0.1", scheme="http", trusted=TRUSTED)
    assert client
    assert scheme in {"http", "https"}
