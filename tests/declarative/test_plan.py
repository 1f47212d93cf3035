"""When two values are the same for a pool, and when they are not."""

from __future__ import annotations

from typing import Any

import pytest

from cognomen.declarative.completing import branding
from cognomen.declarative.plan import comparable

ICON: dict[str, Any] = {
    "Category": "IDP_BUTTON_ICON",
    "ColorMode": "LIGHT",
    "Extension": "SVG",
    "Bytes": "PHN2Zy8+",
}


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        pytest.param({"Scopes": ["a", "b"]}, {"Scopes": ["b", "a"]}, True, id="a set of names"),
        pytest.param({"a": None, "b": []}, {}, True, id="what is empty"),
        pytest.param(
            {"categories": {"auth": {"federation": {"order": ["A", "B"]}}}},
            {"categories": {"auth": {"federation": {"order": ["B", "A"]}}}},
            False,
            id="the order of buttons",
        ),
        pytest.param(
            {"authMethodOrder": [[{"type": "FEDERATED"}, {"type": "USERNAME_PASSWORD"}]]},
            {"authMethodOrder": [[{"type": "USERNAME_PASSWORD"}, {"type": "FEDERATED"}]]},
            False,
            id="the order of ways to sign in",
        ),
    ],
)
def test_order_counts_where_it_says_something(one: Any, other: Any, same: bool) -> None:
    assert (comparable(one) == comparable(other)) is same


def test_each_provider_keeps_its_icon() -> None:
    google, corp = ICON | {"ResourceId": "Google"}, ICON | {"ResourceId": "corp"}
    complete = branding({"Assets": [corp]}, {"Assets": [google]})
    assert complete["Assets"] == [google, corp]
