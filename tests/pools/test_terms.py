from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognomen.errors import Refusal
from cognomen.pools.terms import check_links


def test_web_addresses_are_links() -> None:
    links = {
        "cognito:default": "https://example.com/terms?lang=en#top",
        "cognito:german": "http://b\u00fccher.example",
    }
    assert check_links(links) == links


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JavaScript://example.com/%0aalert(1)",
        "data:text/html,x",
        "//example.com",
        "/terms",
        "example.com",
        "https://",
        "https:///terms",
        "https:\\\\example.com",
        "https://example.com\\@other.example",
        "https://[::1",
        "ftp://example.com",
    ],
)
def test_anything_else_is_none(url: str) -> None:
    with pytest.raises(Refusal) as caught:
        check_links({"cognito:default": url})
    assert caught.value.message == f"{url} is not a valid URL."


@pytest.mark.parametrize(
    ("links", "message"),
    [
        (None, "Links are required."),
        ({}, "Links are required."),
        ({"cognito:german": "https://example.com"}, "Links must have an entry for cognito:default."),
    ],
)
def test_there_is_a_link_for_languages_that_have_none(links: dict[str, str] | None, message: str) -> None:
    with pytest.raises(Refusal) as caught:
        check_links(links)
    assert caught.value.message == message


@given(st.text(max_size=40))
def test_whatever_is_a_link_begins_like_a_web_address(url: str) -> None:
    try:
        check_links({"cognito:default": url})
    except Refusal:
        return
    assert url.strip().lower().startswith(("http://", "https://"))
