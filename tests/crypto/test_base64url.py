from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognomen.crypto import base64url


@given(st.binary(max_size=200))
def test_what_is_encoded_decodes_to_itself(raw: bytes) -> None:
    text = base64url.encode(raw)
    assert base64url.decode(text) == raw
    assert not set(text) & set("+/=")


@given(st.text(max_size=40))
def test_a_text_either_is_the_one_spelling_of_its_bytes_or_is_refused(text: str) -> None:
    try:
        raw = base64url.decode(text)
    except ValueError:
        return
    assert base64url.encode(raw) == text


@pytest.mark.parametrize(
    "text",
    ["A", "AB", "AAA=", "AAAA=", "AA==", "AA+A", "AA/A", "AA A", "AAAA\n", "ÄÄÄÄ", "\ud800AAA", "AAAA.AAAA"],
    ids=ascii,
)
def test_other_spellings_are_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  which ValueError is of no interest
        base64url.decode(text)
