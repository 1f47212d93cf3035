"""The description's regular expressions, which are Java's, compiled to mean in Python what they mean there.

`checks` asks for the compiled match, `violations` prints the expression as the description has it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, partial

import regex  # type: ignore[import-untyped]  # the package carries no types

_WORD = "A-Za-z0-9_"
_SPACE = r" \t\n\x0b\f\r"
_ONE_CLASS = re.compile(r"\^?\[[^\[\]]*\][+*]?\$?")
_MOST_SECONDS = 0.2


@cache
def matcher(pattern: str) -> Callable[[str], object]:
    """A function that is truthy when the whole of a text matches, as Java's `matches` is."""
    rewritten = ascii_classes(pattern)
    # `regex` alone knows \p{L}, but takes six times as long as `re` on a token of 1,300 characters.
    if r"\p{" not in rewritten:
        return re.compile(rewritten).fullmatch
    match: Callable[..., object] = regex.compile(rewritten).fullmatch
    return match if is_linear(pattern) else partial(_bounded, match)


@cache
def is_linear(pattern: str) -> bool:
    """True when the pattern is one class repeated: it is matched in a time that grows with the text and no faster.

    Others are not asked about a text that is too long anyway, so that nobody sends one that takes hours.
    """
    return _ONE_CLASS.fullmatch(pattern) is not None


def ascii_classes(pattern: str) -> str:
    r"""The pattern with \w, \d, \s and [\S] spelled out: Java means ASCII by them, Python all of Unicode.

    The ASCII flag would not do: it makes \p{L} mean ASCII letters too.
    """
    result: list[str] = []
    in_class = False
    position = 0
    while position < len(pattern):
        if pattern.startswith(r"[\S]", position):
            result.append(f"[^{_SPACE}]")
            position += 4
            continue
        piece = pattern[position : position + 2] if pattern[position] == "\\" else pattern[position]
        if piece == "[" and not in_class:
            in_class = True
        elif piece == "]" and in_class:
            in_class = False
        result.append(_spelled_out(piece, in_class=in_class))
        position += len(piece)
    return "".join(result)


def admits_nul(pattern: str) -> bool:
    """False only when the pattern surely refuses U+0000: it lists what it takes, and no control is among it."""
    return any(open_ended in pattern for open_ended in (r"\S", r"\W", r"\D", r"\P", "[^", ".*", ".+"))


def _bounded(match: Callable[..., object], text: str) -> object:
    """A text that cannot be decided in time does not match: only one that was made for it takes so long."""
    try:
        return match(text, timeout=_MOST_SECONDS)
    except TimeoutError:
        return None


def _spelled_out(piece: str, *, in_class: bool) -> str:
    if piece in {r"\S", r"\W", r"\D"}:
        raise ValueError(f"{piece} is only understood alone in a class, as in [\\S]")
    if piece not in {r"\w", r"\s", r"\d"}:
        return piece
    members = {r"\w": _WORD, r"\s": _SPACE, r"\d": "0-9"}[piece]
    return members if in_class else f"[{members}]"
