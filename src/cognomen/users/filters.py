r"""The Filter of ListUsers: `name op "value"`, one condition.

    name    one of names.SEARCHED, `sub`, `status` (Enabled or Disabled), `cognito:user_status`; in double quotes or not
    op      = or ^= (begins with)
    value   between double quotes, where \" stands for a quote and \\ for a backslash; any other backslash is itself

Source: ListUsers in the API reference and developer guide, "Searching for users". search.py finds whom a filter means.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from cognomen import errors
from cognomen.store.users import KEY_BEGINNING, KEY_MAX, key_of
from cognomen.users.names import SEARCHED

SUB = "sub"
ENABLED = "status"
USER_STATUS = "cognito:user_status"

_NAMES = frozenset({*SEARCHED, SUB, ENABLED, USER_STATUS})
_CONDITION = re.compile(r'\s*("?)([^\s="^\\]+)\1\s*(=|\^=)\s*"((?:[^"\\]|\\.)*)"\s*', re.DOTALL)
_ESCAPED = re.compile(r'\\(["\\])')

_LAST = "\U0010ffff"
_BEFORE_SURROGATES = "\ud7ff"
_BEHIND_SURROGATES = "\ue000"


@dataclass(frozen=True, slots=True)
class Filter:
    """A condition; `value` is as it was given, not folded."""

    name: str
    begins_with: bool
    value: str


def parse(text: str) -> Filter | None:
    """What a filter says; None for a blank one, which means everybody.

    Raises FILTER_SYNTAX, and INVALID_SEARCH_ATTRIBUTE for an attribute that cannot be searched by.
    """
    if not text.strip():
        return None
    found = _CONDITION.fullmatch(text)
    if found is None:
        raise errors.FILTER_SYNTAX()
    _, name, operator, quoted = found.groups()
    if name not in _NAMES:
        raise errors.INVALID_SEARCH_ATTRIBUTE(name=name)
    return Filter(name, operator == "^=", _ESCAPED.sub(r"\1", quoted))


def matches(value: str, wanted: str, *, begins_with: bool) -> bool:
    """Whether a value, folded and in full, is what is wanted."""
    return value.startswith(wanted) if begins_with else value == wanted


def range_of(wanted: str, *, begins_with: bool) -> tuple[str, str]:
    """The keys (store.users.key_of) from the first up to and without the second, in bytewise order.

    All keys of matching values are in the range. Where `wanted` is longer than the beginning that a key keeps, others
    are too: whoever asks looks at the whole value with `matches`.
    """
    if begins_with:
        beginning = wanted[:KEY_BEGINNING]
        return beginning, _beyond(beginning)
    key = key_of(wanted)
    return key, key + "\x01"  # PostgreSQL stores no U+0000, so no text is between


def _beyond(beginning: str) -> str:
    """The first text, in bytewise order, behind all keys that begin so."""
    stem = beginning.rstrip(_LAST)
    if not stem:
        return _LAST * (KEY_MAX + 1)  # longer than any key
    last = stem[-1]
    following = _BEHIND_SURROGATES if last == _BEFORE_SURROGATES else chr(ord(last) + 1)
    return stem[:-1] + following
