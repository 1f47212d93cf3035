"""What is wrong with a request, in AWS's words; and the request cleaned, when nothing is.

`examine` walks a request beside its shape: `checks` comes here only after its fast path said no. Null members count as
absent, unknown members are dropped, base64 becomes bytes, `5.0` becomes `5`. The texts follow recorded answers: a
constraint on the entries of a list or map is told once, with all constraints of the entry.

Anyone may send any body here, so the walk is bounded: no entry of a list that is too long is looked at, no text is made
that is not told, and no value is printed beyond what is shown of it.
"""

from __future__ import annotations

import binascii
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from cognomen import errors
from cognomen.wire.model import Shape, entry_shape
from cognomen.wire.patterns import admits_nul, is_linear, matcher

INTEGER_RANGES = {"integer": (-(2**31), 2**31 - 1), "long": (-(2**63), 2**63 - 1)}
STORABLE = r"[^\u0000\uD800-\uDFFF]*"  # printed when no pattern of the shape says it: PostgreSQL keeps no NUL

MOST_ENTRIES = (
    1_000  # of lists and maps that the description does not limit; users have 70 attributes at most
)
_MOST_ITEMS = 100  # a body of many small faults must not become an answer many times its size
_LONGEST_VALUE = 1_024
_REDACTED = "*** Sensitive Data Redacted ***"
_SCALARS = {"string", "integer", "long", "boolean", "blob", "timestamp"}


def examine(shape: Shape, request: object) -> dict[str, Any]:
    """The request cleaned; raises WRONG_TYPE at the first wrong JSON type, or VALIDATION with all violations."""
    found = _Found()
    clean = _structure(shape, request, "", hidden=False, found=found)
    if found.count:
        detected = (
            "1 validation error detected" if found.count == 1 else f"{found.count} validation errors detected"
        )
        raise errors.VALIDATION(violations=f"{detected}: {'; '.join(found.texts)}")
    return clean


def most_entries(shape: Shape) -> int:
    """How many entries a list or map of the shape may have."""
    return MOST_ENTRIES if shape.max is None else shape.max


def utf16_length(text: str) -> int:
    """The length as Java counts it, in UTF-16 units; -1 when a surrogate stands alone."""
    try:
        return len(text.encode("utf-16-le")) // 2
    except UnicodeEncodeError:
        return -1


def broken(shape: Shape, value: Any) -> list[str]:
    """The constraints of a scalar shape that a value of the right type violates, in AWS's words."""
    if shape.type == "string":
        return _broken_by_text(shape, value)
    if shape.type == "blob":
        return [*_too_short(shape, len(value)), *_too_long(shape, len(value))]
    if shape.type in INTEGER_RANGES:
        below = shape.min is not None and value < shape.min
        above = shape.max is not None and value > shape.max
        return ([f"{_LEAST_VALUE} {shape.min}"] if below else []) + (
            [f"{_MOST_VALUE} {shape.max}"] if above else []
        )
    return []


# -- the walk ---------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Found:
    """The violations of a request: how many, and the texts of the first."""

    count: int = 0
    texts: list[str] = field(default_factory=list)

    def add(self, shape: Shape, value: Any, path: str, constraint: str, *, hidden: bool) -> None:
        self.count += 1
        if self.count <= _MOST_ITEMS:
            self.texts.append(_item(shape, value, path, constraint, hidden=hidden))


def _walk(shape: Shape, value: Any, path: str, *, hidden: bool, found: _Found) -> Any:
    hidden = hidden or shape.sensitive
    if shape.document:
        return value
    if shape.type == "structure":
        return _structure(shape, value, path, hidden=hidden, found=found)
    if shape.type == "list":
        return _list(shape, value, path, hidden=hidden, found=found)
    if shape.type == "map":
        return _map(shape, value, path, hidden=hidden, found=found)
    clean = _scalar(shape, value)
    for constraint in broken(shape, clean):
        found.add(shape, clean, path, constraint, hidden=hidden)
    return clean


def _structure(shape: Shape, value: Any, path: str, *, hidden: bool, found: _Found) -> dict[str, Any]:
    if type(value) is not dict:
        raise _wrong_type(value, "Unexpected field type")
    clean: dict[str, Any] = {}
    for name, member in shape.members.items():
        lower_first = name[0].lower() + name[1:]
        member_path = f"{path}.{lower_first}" if path else lower_first
        inner = value.get(name)
        if inner is not None:
            clean[name] = _walk(member, inner, member_path, hidden=hidden, found=found)
        elif name in shape.required:
            null_hidden = hidden or member.sensitive
            found.add(member, None, member_path, _NOT_NULL, hidden=null_hidden)
    return clean


def _list(shape: Shape, value: Any, path: str, *, hidden: bool, found: _Found) -> list[Any]:
    if type(value) is not list:
        raise _wrong_type(value, "Unexpected field type")
    if len(value) > most_entries(shape):
        found.add(shape, value, path, f"{_LONGEST} {most_entries(shape)}", hidden=hidden)
        return []
    entry = entry_shape(shape.member)
    entry_hidden = hidden or entry.sensitive
    clean: list[Any] = []
    if entry.type in _SCALARS:
        clean = [None if inner is None else _scalar(entry, inner) for inner in value]
        constraints = _of_entries(entry, clean)
        if constraints:
            constraint = f"Member must satisfy constraint: [{constraints}]"
            found.add(shape, clean, path, constraint, hidden=entry_hidden)
    else:
        for number, inner in enumerate(value, start=1):
            entry_path = f"{path}.{number}.member"
            if inner is None:
                found.add(entry, None, entry_path, _NOT_NULL, hidden=entry_hidden)
            else:
                clean.append(_walk(entry, inner, entry_path, hidden=hidden, found=found))
    for constraint in _too_short(shape, len(value)):
        found.add(shape, clean, path, constraint, hidden=hidden)
    return clean


def _map(shape: Shape, value: Any, path: str, *, hidden: bool, found: _Found) -> dict[str, Any]:
    if type(value) is not dict:
        raise _wrong_type(value, "Unexpected field type")
    present = {key: inner for key, inner in value.items() if inner is not None}
    if len(present) > most_entries(shape):
        found.add(shape, present, path, f"{_LONGEST} {most_entries(shape)}", hidden=hidden)
        return {}
    key_shape, value_shape = entry_shape(shape.key), entry_shape(shape.value)
    entry_hidden = hidden or key_shape.sensitive or value_shape.sensitive
    of_keys = _of_entries(key_shape, present)
    if value_shape.type in _SCALARS:
        clean = {key: _scalar(value_shape, inner) for key, inner in present.items()}
        of_values = _of_entries(value_shape, clean.values())
    else:
        of_values = ""  # each value tells its own
        clean = {}
        for key, inner in present.items():
            value_path = f"{path}.{_cut(key)}.member"
            clean[key] = _walk(value_shape, inner, value_path, hidden=entry_hidden, found=found)
    for entries, constraints in (("Map keys", of_keys), ("Map value", of_values)):
        if constraints:
            constraint = f"{entries} must satisfy constraint: [{constraints}]"
            found.add(shape, clean, path, constraint, hidden=entry_hidden)
    for constraint in _too_short(shape, len(clean)):
        found.add(shape, clean, path, constraint, hidden=hidden)
    return clean


def _scalar(shape: Shape, value: Any) -> Any:
    """A value of a scalar shape in Python's type for it; raises WRONG_TYPE."""
    given = type(value)
    if shape.type == "string" and given is str:
        return value
    if shape.type == "boolean" and given is bool:
        return value
    if shape.type == "timestamp" and given in {int, float}:
        return value
    if shape.type in INTEGER_RANGES and given in {int, float} and value == value // 1:
        smallest, largest = INTEGER_RANGES[shape.type]
        if smallest <= value <= largest:
            return int(value)
    if shape.type == "blob" and given is str:
        try:
            return binascii.a2b_base64(value, strict_mode=True)
        except ValueError:  # also for text that is not ASCII
            raise errors.WRONG_TYPE(reason="Invalid base64 data") from None
    raise _wrong_type(value, _not_converted(value, shape.type))


# -- the words --------------------------------------------------------------------------------------------------------

_NOT_NULL = "Member must not be null"
_SHORTEST = "Member must have length greater than or equal to"
_LONGEST = "Member must have length less than or equal to"
_LEAST_VALUE = "Member must have value greater than or equal to"
_MOST_VALUE = "Member must have value less than or equal to"
_PATTERN = "Member must satisfy regular expression pattern:"
_ARTICLES = {"string": "a String", "integer": "an Integer", "long": "a Long", "boolean": "a Boolean"}


def _item(shape: Shape, value: Any, path: str, constraint: str, *, hidden: bool) -> str:
    """One entry of the message. The value of a sensitive shape is left out, be it there or not."""
    if hidden:
        shown = "Value"
    elif value is None:
        shown = "Value null"
    else:
        shown = f"Value '{_shown(shape, value)}'"
    return f"{shown} at '{path}' failed to satisfy constraint: {constraint}"


def _broken_by_text(shape: Shape, value: str) -> list[str]:
    if shape.enum:
        return [] if value in shape.enum else [_one_of(shape)]
    if shape.may_be_blank and not value:
        return []
    result = []
    length = max(utf16_length(value), len(value))  # len where a lone surrogate leaves no other length
    decidable = shape.max is None or length <= shape.max or is_linear(shape.pattern or "")
    if shape.pattern is not None and decidable and not matcher(shape.pattern)(value):
        result.append(f"{_PATTERN} {shape.pattern}")
    elif not _is_storable(value, shape):
        result.append(f"{_PATTERN} {STORABLE}")
    return [*result, *_too_short(shape, length), *_too_long(shape, length)]


def _of_entries(shape: Shape, entries: Iterable[Any]) -> str:
    """All constraints of a list's or map's entry shape, when an entry violates any; otherwise nothing."""
    entries = list(entries)
    with_null = any(entry is None for entry in entries)
    violated = {constraint for entry in entries if entry is not None for constraint in broken(shape, entry)}
    if not violated and not with_null:
        return ""
    constraints = _constraints(shape)
    constraints += sorted(violated.difference(constraints))
    return ", ".join([*constraints, _NOT_NULL] if with_null else constraints)


def _constraints(shape: Shape) -> list[str]:
    if shape.enum:
        return [_one_of(shape)]
    least, most = (_LEAST_VALUE, _MOST_VALUE) if shape.type in INTEGER_RANGES else (_SHORTEST, _LONGEST)
    return [
        *([f"{most} {shape.max}"] if shape.max is not None else []),
        *([f"{least} {shape.min}"] if shape.min is not None else []),
        *([f"{_PATTERN} {shape.pattern}"] if shape.pattern is not None else []),
    ]


def _one_of(shape: Shape) -> str:
    return f"Member must satisfy enum value set: [{', '.join(shape.enum)}]"


def _too_short(shape: Shape, length: int) -> list[str]:
    return [f"{_SHORTEST} {shape.min}"] if shape.min is not None and length < shape.min else []


def _too_long(shape: Shape, length: int) -> list[str]:
    return [f"{_LONGEST} {shape.max}"] if shape.max is not None and length > shape.max else []


def _is_storable(value: str, shape: Shape) -> bool:
    nul_possible = shape.pattern is None or admits_nul(shape.pattern)
    return not (nul_possible and "\0" in value) and (value.isascii() or utf16_length(value) >= 0)


def _wrong_type(value: object, otherwise: str) -> errors.Refusal:
    if type(value) is dict:
        return errors.WRONG_TYPE(reason="Start of structure or map found where not expected.")
    if type(value) is list:
        return errors.WRONG_TYPE(reason="Start of list found where not expected.")
    return errors.WRONG_TYPE(reason=otherwise)


def _not_converted(value: object, wanted: str) -> str:
    if type(value) is bool:
        return f"class java.lang.Boolean can not be converted to an {wanted.capitalize()}"
    given = "STRING_VALUE" if type(value) is str else "NUMBER_VALUE"
    return f"{given} can not be converted to {_ARTICLES.get(wanted, 'a ' + wanted.capitalize())}"


def _shown(shape: Shape, value: Any) -> str:
    """A value as Java prints it, without what is sensitive inside; a long one in part."""
    pieces: list[str] = []
    length = 0
    for piece in _printed(shape, value):
        pieces.append(piece)
        length += len(piece)
        if length > _LONGEST_VALUE:
            break
    return _cut("".join(pieces))


def _printed(shape: Shape, value: Any) -> Iterator[str]:
    """A value piece by piece. Entries of a list that is too long were not walked: they may be anything."""
    if shape.sensitive or shape.document:
        yield _REDACTED
    elif value is None:
        yield "null"
    elif shape.type == "structure" and type(value) is dict:
        yield "{"
        members = ((name, member, value.get(name)) for name, member in shape.members.items())
        yield from _separated(
            (f"{name}=", member, inner) for name, member, inner in members if inner is not None
        )
        yield "}"
    elif shape.type == "map" and type(value) is dict:
        yield "{"
        yield from _separated(
            (f"{_cut(key)}=", entry_shape(shape.value), inner) for key, inner in value.items()
        )
        yield "}"
    elif shape.type == "list" and type(value) is list:
        yield "["
        yield from _separated(("", entry_shape(shape.member), inner) for inner in value)
        yield "]"
    else:
        yield _printed_scalar(shape, value)


def _separated(entries: Iterable[tuple[str, Shape, Any]]) -> Iterator[str]:
    for number, (label, shape, value) in enumerate(entries):
        yield f", {label}" if number else label
        yield from _printed(shape, value)


def _printed_scalar(shape: Shape, value: Any) -> str:
    try:
        clean = value if type(value) is bytes else _scalar(shape, value)
    except errors.Refusal:
        return _REDACTED  # not of its shape, which alone would tell that it may be shown
    if type(clean) is bytes:
        return f"java.nio.HeapByteBuffer[pos=0 lim={len(clean)} cap={len(clean)}]"
    if type(clean) is bool:
        return "true" if clean else "false"
    return _cut(str(clean))


def _cut(text: str) -> str:
    """The text with lone surrogates replaced, so that it can be sent back, and not longer than what is shown."""
    short = text if len(text) <= _LONGEST_VALUE else text[:_LONGEST_VALUE] + "..."
    return short if short.isascii() else short.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
