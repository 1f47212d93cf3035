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
_REPEATED = re.compile(r"(\[[^\[\]]*\])([+*])")
_LITERAL = re.compile(r"(?:\\[^A-Za-z0-9]|[^\\\[\](){}.*+?|^$])+")
_MOST_SECONDS = 0.2
_IN_ONE_WAY = {
    # Three repetitions divide a text in as many ways as it has pairs of places. All that they ask is what stands at its ends.
    r"^[\S]+.*[\S]+$": r"[\S][^\r\n]*[\S]",
}


@cache
def matcher(pattern: str) -> Callable[[str], object]:
    """A function that is truthy when the whole of a text matches, as Java's `matches` is."""
    rewritten = ascii_classes(_IN_ONE_WAY.get(pattern, pattern))
    # `regex` alone knows \p{L}, but takes six times as long as `re` on a token of 1,300 characters.
    if r"\p{" not in rewritten:
        return re.compile(rewritten).fullmatch
    match: Callable[..., object] = regex.compile(rewritten).fullmatch
    if _ONE_CLASS.fullmatch(pattern):
        return match
    around = _around_literals(pattern)
    return partial(_bounded, match) if around is None else around


@cache
def is_linear(pattern: str) -> bool:
    """True when a text is matched in a time that grows with its length and no faster.

    So it is with one class repeated, alone or around literals. Other patterns are not asked about a text that is too
    long anyway, so that nobody sends one that takes hours.
    """
    return (
        pattern in _IN_ONE_WAY
        or _ONE_CLASS.fullmatch(pattern) is not None
        or _around_literals(pattern) is not None
    )


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


@cache
def _around_literals(pattern: str) -> Callable[[str], bool] | None:
    r"""The match of a pattern like `[c]*\{##[c]*##\}[c]*`: one class, always repeated alike, around literals of it.

    A regular expression tries every place a literal may stand, and takes hours for a text made for it. But all that is
    asked is that the text is of the class, and that the literals stand in it in order: the first place will do.
    None for any other pattern.
    """
    head = _REPEATED.match(pattern)
    if head is None:
        return None
    first, *between, last = pattern.split(head[0])
    of_class = regex.compile(f"{ascii_classes(head[1])}*").fullmatch
    literals = [re.sub(r"\\(.)", r"\1", literal) for literal in between]
    plain = all(_LITERAL.fullmatch(literal) for literal in between) and all(map(of_class, literals))
    if first or last or not between or not plain:
        return None
    least = 1 if head[2] == "+" else 0  # characters on either side of a literal

    def matches(text: str) -> bool:
        if not of_class(text):
            return False
        position = 0
        for literal in literals:
            found = text.find(literal, position + least)
            if found < 0:
                return False
            position = found + len(literal)
        return len(text) - position >= least

    return matches


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
