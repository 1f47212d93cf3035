from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognomen import clock


@given(st.integers(min_value=0, max_value=2**48 - 1))
def test_an_identifier_knows_the_moment_it_was_made(moment: int) -> None:
    made = clock.uuid7(moment)
    assert clock.moment_of(made) == moment
    assert uuid.UUID(made).version == 7


def test_identifiers_of_one_moment_differ() -> None:
    assert len({clock.uuid7(1) for _ in range(100)}) == 100


def test_other_identifiers_have_no_moment() -> None:
    with pytest.raises(ValueError, match="version 7"):
        clock.moment_of(clock.uuid4())


def test_a_held_clock_is_put_back() -> None:
    former = clock.hold(lambda: 7)
    assert clock.now() == 7
    clock.hold(former)
    assert clock.now() > 10**12


def test_a_random_identifier_is_a_version_4_uuid() -> None:
    made = [uuid.UUID(clock.uuid4()) for _ in range(100)]
    assert {each.version for each in made} == {4}
    assert {each.variant for each in made} == {uuid.RFC_4122}
    assert len(set(made)) == 100


@pytest.mark.parametrize("alphabet", ["ab", "0123456789", "".join(map(chr, range(32, 132)))])
def test_random_text_has_its_length_and_every_character_comes_as_often(alphabet: str) -> None:
    text = clock.random_text(alphabet, 400 * len(alphabet))
    assert len(text) == 400 * len(alphabet)
    counts = [text.count(character) for character in alphabet]
    assert min(counts) > 250
    assert max(counts) < 550
    assert set(text) == set(alphabet)


@given(st.text(max_size=40))
def test_a_shuffled_text_has_the_same_characters(text: str) -> None:
    assert sorted(clock.shuffled(text)) == sorted(text)


def test_shuffling_reaches_every_order() -> None:
    assert {clock.shuffled("abc") for _ in range(500)} == {"abc", "acb", "bac", "bca", "cab", "cba"}
