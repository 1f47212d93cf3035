"""Ids of pools and clients."""

from __future__ import annotations

import re

import pytest

from cognomen.errors import Refusal
from cognomen.pools import ids


def test_without_a_wish_ids_are_random() -> None:
    assert re.fullmatch("eu-west-1_[A-Za-z0-9]{9}", ids.of_pool("eu-west-1", None))
    assert re.fullmatch("[a-z0-9]{26}", ids.of_client(None))
    assert ids.of_client(None) != ids.of_client(None)


@pytest.mark.parametrize("wanted", ["eu-west-1_a", "eu-west-1_Test123", f"eu-west-1_{'x' * 45}"])
def test_a_pool_has_the_id_that_is_wanted(wanted: str) -> None:
    assert ids.of_pool("eu-west-1", wanted) == wanted


@pytest.mark.parametrize(
    "wanted",
    [
        "",
        "eu-west-1_",
        "us-east-1_Test123",
        "Test123",
        "eu-west-1-Test",
        "eu-west-1_a_b",
        "eu-west-1_a-b",
        "eu-west-1_a b",
        "eu-west-1_a/../b",
        "eu-west-1_\xe4",
        "eu-west-1_a\n",
        "eu-west-1_a,eu-west-1_b",
        f"eu-west-1_{'x' * 46}",
    ],
)
def test_an_id_that_no_pool_could_have_is_refused(wanted: str) -> None:
    with pytest.raises(Refusal, match="must begin with eu-west-1_"):
        ids.of_pool("eu-west-1", wanted)


@pytest.mark.parametrize("wanted", ["a", "web", "web_app+1", "x" * 128])
def test_a_client_has_the_id_that_is_wanted(wanted: str) -> None:
    assert ids.of_client(wanted) == wanted


@pytest.mark.parametrize("wanted", ["", "a b", "a-b", "a/b", "\xe4", "a,b", "a\n", "x" * 129])
def test_an_id_that_no_client_could_have_is_refused(wanted: str) -> None:
    with pytest.raises(Refusal, match="An app client cannot have the id"):
        ids.of_client(wanted)
