"""The languages of the pages: their texts, and which of them a browser is answered in.

Texts lie in texts/<code>.json, one flat object a language, all with the same keys. Source of the list: developer guide,
"Managed login localization".
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

import msgspec

DEFAULT = "en"

# The language that the links of terms documents are kept under, by code.
TERMS_KEYS = {
    "de": "cognito:german",
    "en": "cognito:english",
    "es": "cognito:spanish",
    "fr": "cognito:french",
    "id": "cognito:bahasa-indonesia",
    "it": "cognito:italian",
    "ja": "cognito:japanese",
    "ko": "cognito:korean",
    "nl": "cognito:dutch",
    "pt-BR": "cognito:portuguese-brazil",
    "zh-CN": "cognito:chinese-simplified",
    "zh-TW": "cognito:chinese-traditional",
}
CODES = tuple(TERMS_KEYS)

_BY_FOLDED = {code.lower(): code for code in CODES}
# What browsers say for a language of the list that is told apart by its region or script.
_OTHER_NAMES = {
    "pt": "pt-BR",
    "pt-pt": "pt-BR",
    "zh": "zh-CN",
    "zh-hans": "zh-CN",
    "zh-sg": "zh-CN",
    "zh-hant": "zh-TW",
    "zh-hk": "zh-TW",
    "zh-mo": "zh-TW",
    "in": "id",
}
_RANGE = re.compile(r"([A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*)\s*(?:;\s*q\s*=\s*([01](?:\.[0-9]{0,3})?))?")
_RANGES_MAX = 20


@dataclass(frozen=True, slots=True)
class Language:
    """A language by its code, as `lang` has it, with all texts."""

    code: str
    texts: Mapping[str, str]


@functools.cache
def language(code: str) -> Language:
    """One of CODES."""
    texts = resources.files("cognomen.pages") / "texts" / f"{code}.json"
    return Language(code, msgspec.json.decode(texts.read_bytes(), type=dict[str, str]))


def chosen(asked: str | None, remembered: str | None, accepted: str) -> str:
    """The code that a page is answered in: the parameter `lang`, else its cookie, else the browser's Accept-Language."""
    for code in (asked, remembered):
        if code and (known := _BY_FOLDED.get(code.lower())):
            return known
    return _accepted(accepted)


def _accepted(header: str) -> str:
    """The first of the browser's languages, in the order of its wishes, that we have; English where there is none."""
    wishes = []
    for part in header.split(",")[:_RANGES_MAX]:
        found = _RANGE.fullmatch(part.strip())
        if found:
            wishes.append((-float(found[2] or 1), found[1].lower()))
    for quality, tag in sorted(wishes, key=lambda wish: wish[0]):
        if quality and (known := _known(tag)):
            return known
    return DEFAULT


def _known(tag: str) -> str | None:
    """A language of ours for a tag such as `de-AT` or `zh-Hant-HK`, cut from its end until one is known."""
    while tag:
        known = _BY_FOLDED.get(tag) or _OTHER_NAMES.get(tag)
        if known:
            return known
        tag = tag.rpartition("-")[0]
    return None
