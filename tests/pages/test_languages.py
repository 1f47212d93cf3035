from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognomen.pages import languages
from cognomen.pages.languages import CODES, DEFAULT, chosen, language

ENGLISH = language(DEFAULT).texts


@pytest.mark.parametrize("code", CODES)
def test_every_language_has_every_text(code: str) -> None:
    texts = language(code).texts

    assert list(texts) == list(ENGLISH)
    assert all(text.strip() for text in texts.values())


@pytest.mark.parametrize("code", CODES)
def test_a_text_has_the_same_blanks_to_fill_in_every_language(code: str) -> None:
    def blanks(texts: object) -> dict[str, list[str]]:
        assert isinstance(texts, dict)
        return {key: sorted(re.findall(r"\{\w*\}", text)) for key, text in texts.items()}

    assert blanks(language(code).texts) == blanks(ENGLISH)


@pytest.mark.parametrize("code", [code for code in CODES if code != DEFAULT])
def test_a_language_is_no_copy_of_english(code: str) -> None:
    same = [key for key, text in language(code).texts.items() if text == ENGLISH[key]]

    assert len(same) < len(ENGLISH) / 10


@pytest.mark.parametrize(
    ("asked", "remembered", "accepted", "expected"),
    [
        (None, None, "", "en"),
        ("de", None, "", "de"),
        ("PT-br", None, "", "pt-BR"),
        (None, "fr", "de", "fr"),
        ("ja", "fr", "de", "ja"),
        ("tlh", "fr", "de", "fr"),
        ("tlh", None, "", "en"),
        ("../en", "\x00", "\x00", "en"),
        (None, None, "de-AT,de;q=0.9,en;q=0.8", "de"),
        (None, None, "en;q=0.5, it", "it"),
        (None, None, "tlh, nl;q=0.1", "nl"),
        (None, None, "fr;q=0", "en"),
        (None, None, "zh-Hant-HK", "zh-TW"),
        (None, None, "zh", "zh-CN"),
        (None, None, "pt", "pt-BR"),
        (None, None, "es-419", "es"),
        (None, None, "*", "en"),
        (None, None, "de;q=two", "en"),
    ],
)
def test_the_parameter_comes_before_the_cookie_and_that_before_the_browser(
    asked: str | None, remembered: str | None, accepted: str, expected: str
) -> None:
    assert chosen(asked, remembered, accepted) == expected


@given(st.text(), st.text(), st.text())
def test_any_three_texts_lead_to_a_language(asked: str, remembered: str, accepted: str) -> None:
    assert chosen(asked, remembered, accepted) in CODES


@given(st.lists(st.sampled_from(["de", "fr", "x-y", "en;q=0.3", "ja;q=1.000", ";", "zh-Hans"])))
def test_any_list_of_wishes_leads_to_a_language(wishes: list[str]) -> None:
    assert chosen(None, None, ",".join(wishes)) in CODES


def test_every_text_is_said_somewhere() -> None:
    folder = Path(languages.__file__).parent
    sources = "".join(
        path.read_text() for path in [*folder.glob("*.py"), *(folder / "templates").glob("*.html")]
    )
    by_name = ("way_", "rule_", "attribute_", "name_")

    assert [key for key in ENGLISH if f'"{key}"' not in sources and not key.startswith(by_name)] == []


def test_terms_documents_know_each_language() -> None:
    assert set(languages.TERMS_KEYS) == set(CODES)
