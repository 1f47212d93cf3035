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
