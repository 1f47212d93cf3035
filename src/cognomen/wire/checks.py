"""A request against its input shape: a quick yes, compiled from the shape, and the wording only after a no.

`compile_input(shape)` gives the check of an operation. Its fast path says yes to a plain valid request (4 us for a
sign-in) and hands it back as it is. Anything else (a fault, a null, an unknown member, a blob) takes the walk in
`violations`, which refuses in AWS's words or gives the request cleaned.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache
from typing import Any

import msgspec

from cognomen import errors
from cognomen.wire import violations
from cognomen.wire.model import Shape, entry_shape
from cognomen.wire.patterns import admits_nul, matcher
from cognomen.wire.violations import INTEGER_RANGES, most_entries, utf16_length

Check = Callable[[object], dict[str, Any]]
_Test = Callable[[Any], bool]

_decoder = msgspec.json.Decoder()


def decode(body: bytes) -> object:
    """The JSON of a request body; nothing at all counts as `{}`. Raises SERIALIZATION."""
    if not body:
        return {}
    try:
        return _decoder.decode(body)
    except (msgspec.DecodeError, RecursionError, ValueError):
        raise errors.SERIALIZATION() from None


@cache
def compile_input(shape: Shape) -> Check:
    """The check of an input shape: request -> the request without null and unknown members, blobs as bytes.

    It raises WRONG_TYPE at the first value of a wrong JSON type, otherwise VALIDATION with all that is violated. A
    request that was plain is returned itself, not copied.
    """
    ok = _test(shape)

    def check(request: object) -> dict[str, Any]:
        if ok(request):
            return request  # type: ignore[return-value]  # `ok` has seen that it is a dict
        return violations.examine(shape, request)

    return check


@cache
def _test(shape: Shape) -> _Test:
    if shape.document:
        return lambda value: value is not None
    return _TESTS[shape.type](shape)


def _structure(shape: Shape) -> _Test:
    test_of = {name: _test(member) for name, member in shape.members.items()}.get
    required = shape.required

    def ok(value: Any) -> bool:
        if type(value) is not dict:
            return False
        for name, inner in value.items():
            test = test_of(name)
            if test is None or not test(inner):
                return False
        return required <= value.keys()

    return ok


def _list(shape: Shape) -> _Test:
    least, most = shape.min or 0, most_entries(shape)
    test = _test(entry_shape(shape.member))
    return lambda value: type(value) is list and least <= len(value) <= most and all(map(test, value))


def _map(shape: Shape) -> _Test:
    least, most = shape.min or 0, most_entries(shape)
    key_test = _test(entry_shape(shape.key))
    value_test = _test(entry_shape(shape.value))
    return lambda value: (
        type(value) is dict
        and least <= len(value) <= most
        and all(map(key_test, value))
        and all(map(value_test, value.values()))
    )


def _string(shape: Shape) -> _Test:
    if shape.enum:
        names = frozenset(shape.enum)
        return lambda value: type(value) is str and value in names
    least, most = shape.min or 0, sys.maxsize if shape.max is None else shape.max
    matches = None if shape.pattern is None else matcher(shape.pattern)
    nul_possible = shape.pattern is None or admits_nul(shape.pattern)
    may_be_blank = shape.may_be_blank

    def ok(value: Any) -> bool:
        if type(value) is not str:
            return False
        if not value and may_be_blank:
            return True
        length = len(value) if value.isascii() else utf16_length(value)
        return (
            least <= length <= most
            and (matches is None or bool(matches(value)))
            and not (nul_possible and "\0" in value)
        )

    return ok


def _integer(shape: Shape) -> _Test:
    smallest, largest = INTEGER_RANGES[shape.type]
    least = smallest if shape.min is None else shape.min
    most = largest if shape.max is None else shape.max
    return lambda value: type(value) is int and least <= value <= most


_TESTS: dict[str, Callable[[Shape], _Test]] = {
    "structure": _structure,
    "list": _list,
    "map": _map,
    "string": _string,
    "integer": _integer,
    "long": _integer,
    "boolean": lambda _: lambda value: type(value) is bool,
    "timestamp": lambda _: lambda value: type(value) in {int, float},
    "blob": lambda _: lambda _: False,  # base64 becomes bytes in the walk
}
