from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognomen.crypto import hashes

HASH = "mfPgQpjUG6WmM2alIpxAcX5BcC/IQ9AjQAK/Ga3KUt0="

anything = st.text(st.characters())


def test_the_secret_hash_is_the_documented_one() -> None:
    assert hashes.secret_hash("thesecret", "janedoe", "1example23456789") == HASH
    assert hashes.secret_hash_matches("thesecret", "janedoe", "1example23456789", HASH)


@pytest.mark.parametrize(
    ("secret", "username", "client_id"),
    [
        ("theSecret", "janedoe", "1example23456789"),
        ("thesecret", "Janedoe", "1example23456789"),
        ("thesecret", "janedoe", "1example2345678"),
        ("", "", ""),
    ],
)
def test_another_secret_name_or_client_gives_another_hash(secret: str, username: str, client_id: str) -> None:
    assert not hashes.secret_hash_matches(secret, username, client_id, HASH)


@pytest.mark.parametrize(
    "given", ["", HASH[:-1], HASH + "=", HASH.lower(), "ä" * 44, "\ud800", "\0" * 44], ids=ascii
)
def test_garbage_is_no_secret_hash(given: str) -> None:
    assert not hashes.secret_hash_matches("thesecret", "janedoe", "1example23456789", given)


@given(anything, anything, anything)
def test_no_text_breaks_the_comparison(secret: str, username: str, other: str) -> None:
    assert hashes.secret_hash_matches(secret, username, other, hashes.secret_hash(secret, username, other))
    assert hashes.secret_hash_matches(secret, username, other, secret) is False


@given(anything, anything)
def test_two_texts_match_if_they_are_equal(one: str, other: str) -> None:
    assert hashes.matches(one, one)
    assert hashes.matches(one, other) == (one == other)


def test_text_and_bytes_compare_by_their_utf_8() -> None:
    assert hashes.matches("ä", "ä".encode())
    assert hashes.matches(b"\xff", b"\xff")
    assert not hashes.matches(b"\xff", "ÿ")
