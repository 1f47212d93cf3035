"""Claims as text: what they become, and that no two lists become the same."""

from __future__ import annotations

import re
from urllib.parse import unquote_plus

from hypothesis import given
from hypothesis import strategies as st

from cognomen.federation import social, values

_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(st.lists(st.text(st.characters(codec="utf-8")), min_size=2))
def test_several_values_can_be_told_apart_again(given_values: list[str]) -> None:
    text = values.several(given_values)
    inner = text.removeprefix("[").removesuffix("]")
    assert re.fullmatch(r"[A-Za-z0-9.*_%+ ,-]*", inner)
    assert [unquote_plus(each) for each in inner.split(", ")] == given_values


@given(st.dictionaries(st.text(), _json))
def test_any_claim_is_a_text(claims: dict[str, object]) -> None:
    texts = values.texts(claims)
    assert texts.keys() == {name for name, value in claims.items() if value is not None}
    assert all(isinstance(text, str) for text in texts.values())


@given(st.text() | _json.map(values.text))
def test_whatever_a_browser_brings_is_a_name_or_none(user: str) -> None:
    found = social.names_of_apple(user)
    assert found.keys() <= {"firstName", "lastName", "name"}


@given(st.dictionaries(st.sampled_from(["names", "birthdays", "etag"]), _json))
def test_whatever_google_knows_of_a_person_becomes_claims(answer: dict[str, object]) -> None:
    assert "etag" not in values.texts(social.person_of_google(answer))
