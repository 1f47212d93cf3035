"""Which names in a Host header a stranger could have pointed at this machine."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognomen.wire import hosts

OWN = "http://localhost:4500"


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("Example.COM:80", "example.com"),
        ("example.com.", "example.com"),
        ("[::1]:4500", "::1"),
        ("127.0.0.1", "127.0.0.1"),
        ("", ""),
        ("[::1", ""),
        ("a%A", "a%a"),
    ],
)
def test_the_name_stands_without_port_and_final_dot(host: str, name: str) -> None:
    assert hosts.name_of(host) == name


@pytest.mark.parametrize(
    "host", ["localhost", "10.0.0.1:80", "[::1]:4500", "pool.localhost", "a.test", "b.internal"]
)
def test_a_name_that_nobody_can_register_is_safe(host: str) -> None:
    assert hosts.is_safe(host, OWN, is_opened=False)


def test_a_host_that_is_longer_than_any_is_none_and_is_not_kept() -> None:
    before = hosts._name_of.cache_info().currsize
    host = f"{'a' * 60_000}.localhost"
    assert hosts.name_of(host) == ""
    assert not hosts.is_safe(host, OWN, is_opened=True)
    assert hosts._name_of.cache_info().currsize == before


@pytest.mark.parametrize("host", ["evil.example.com", "localhost.example.com", "evillocalhost", "", "[::1"])
def test_any_other_is_not(host: str) -> None:
    assert not hosts.is_safe(host, OWN, is_opened=False)


def test_a_name_without_a_dot_is_a_containers_where_the_operator_opened_the_node() -> None:
    assert hosts.is_safe("cognomen:4500", OWN, is_opened=True)
    assert not hosts.is_safe("cognomen:4500", OWN, is_opened=False)
    assert not hosts.is_safe("evil.example.com", OWN, is_opened=True)


def test_our_own_name_is_safe() -> None:
    assert hosts.is_safe("id.example.com", "https://id.example.com", is_opened=False)


@given(st.text())
def test_any_text_at_all_is_read(host: str) -> None:
    assert hosts.name_of(host) == hosts.name_of(host).lower()
    hosts.is_safe(host, OWN, is_opened=True)
