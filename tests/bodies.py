"""Requests drawn from the service model, for tests that send an operation everything it takes and worse.

body(operation, known)      a body of the operation's shape; members named in `known` have one of the values there
spoiled(body)               the same with up to two of its values, however deep, in exchange for any JSON
"""

from __future__ import annotations

import base64
import copy
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from hypothesis import strategies as st

from cognomen.wire.model import Operation, Shape, entry_shape
from cognomen.wire.patterns import matcher

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False)
    | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=10,
)

# A shape's examples are those of these that it takes: things of every form the model asks for, and odd ones.
TEXTS = (
    "a",
    "ada",
    "ada@example.com",
    "+15551234567",
    "Passw0rd!",
    "true",
    "123456",
    "us-east-1",
    "us-east-1_Abcdef123",
    "00000000-0000-4000-8000-000000000000",
    "arn:aws:lambda:us-east-1:000000000000:function:f",
    "arn:aws:s3:::a-bucket",
    "https://example.com/back",
    "x" * 28,
    "tkn" + "a" * 25,
    "device_0a1b-2c3d",
    "import-1",
    "Level1",
    "terms-of-use",
    "cognito:default",
    "Your code is {####}",
    "Your code is {####}, or {##follow this##}",
    "email",
    "email_verified",
    "custom:level",
    'email = "ada@example.com"',
    'status ^= "\\"',
    "",
    " ",
    "-1",
    "1e999",
    "null",
    "{}",
    "%s{0}{name}",
    "' OR 1=1 --",
    "../..",
    "\u00e4\u0130\u03c2\u1e9e",
    "\U0001f511" * 9,
    "\ud800",
    "\0",
    "a\0b",
    "\r\nX: y",
    "\u202e\ufeff",
    "y" * 2_048,
)


def body(operation: Operation, known: Mapping[str, Sequence[object]]) -> st.SearchStrategy[dict[str, Any]]:
    strategy: st.SearchStrategy[dict[str, Any]] = _value(operation.input, "", known)
    return strategy


@st.composite
def spoiled(draw: st.DrawFn, body: st.SearchStrategy[dict[str, Any]]) -> dict[str, Any]:
    document = copy.deepcopy(draw(body))
    for _ in range(draw(st.sampled_from((0, 0, 1, 2)))):
        places = list(_places(document))
        if places:
            holder, key = draw(st.sampled_from(places))
            holder[key] = draw(JSON | st.sampled_from(TEXTS))
    return document


def _value(shape: Shape, name: str, known: Mapping[str, Sequence[object]]) -> st.SearchStrategy[Any]:
    if name in known:
        return st.sampled_from(known[name])
    if shape.document:
        return JSON
    return _OF_TYPE[shape.type](shape, known)


def _structure(shape: Shape, known: Mapping[str, Sequence[object]]) -> st.SearchStrategy[Any]:
    members = {name: _value(member, name, known) for name, member in shape.members.items()}
    return st.fixed_dictionaries(
        {name: members[name] for name in members if name in shape.required},
        optional={name: members[name] for name in members if name not in shape.required},
    )


def _list(shape: Shape, known: Mapping[str, Sequence[object]]) -> st.SearchStrategy[Any]:
    least, most = shape.min or 0, 3 if shape.max is None else shape.max
    entry = _value(entry_shape(shape.member), "", known)
    return st.lists(entry, min_size=least, max_size=max(least, min(3, most)))


def _map(shape: Shape, known: Mapping[str, Sequence[object]]) -> st.SearchStrategy[Any]:
    key, value = (_value(entry_shape(of), "", known) for of in (shape.key, shape.value))
    return st.dictionaries(key, value, max_size=3)


def _number(shape: Shape) -> st.SearchStrategy[Any]:
    least, most = -(2**31) if shape.min is None else shape.min, 2**31 - 1 if shape.max is None else shape.max
    return st.integers(least, most)


@cache
def _texts(shape: Shape) -> tuple[str, ...]:
    if shape.enum:
        return shape.enum
    matches = matcher(shape.pattern) if shape.pattern else lambda _: True
    longest = len(TEXTS[-1]) if shape.max is None else shape.max
    fitting = tuple(text for text in TEXTS if (shape.min or 0) <= len(text) <= longest and matches(text))
    if not fitting:
        raise LookupError(f"no text in tests/bodies.py is a {shape.name}: {shape.pattern}")
    return fitting


_OF_TYPE: dict[str, Callable[[Shape, Mapping[str, Sequence[object]]], st.SearchStrategy[Any]]] = {
    "structure": _structure,
    "list": _list,
    "map": _map,
    "string": lambda shape, _: st.sampled_from(_texts(shape)),
    "integer": lambda shape, _: _number(shape),
    "long": lambda shape, _: _number(shape),
    "timestamp": lambda shape, _: _number(shape),
    "boolean": lambda *_: st.booleans(),
    "blob": lambda *_: st.binary(max_size=30).map(lambda raw: base64.b64encode(raw).decode()),
}


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Each place in a document, as what holds it and where."""
    if not isinstance(value, dict | list):
        return []
    keys = list(value) if isinstance(value, dict) else list(range(len(value)))
    return [place for key in keys for place in [(value, key), *_places(value[key])]]
