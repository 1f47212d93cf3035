"""An answer on its way out: to bytes, and in tests held against its output shape.

`encode` is what every answer passes; `problems` is asked in every test run and never in production.
"""

from __future__ import annotations

import binascii
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import msgspec

from cognomen.wire import corrections
from cognomen.wire.model import Operation, Shape, entry_shape
from cognomen.wire.violations import INTEGER_RANGES, broken

_encoder = msgspec.json.Encoder()


def encode(document: Mapping[str, Any]) -> bytes:
    """The JSON of an answer, without members that are None, at every level (the service sends no null).

    A document whose nulls mean something is handed over as `msgspec.Raw`, which is passed on untouched.
    """
    encoded = _encoder.encode(document)
    # Nearly no answer holds a None, so we look at the bytes first; a text that says "null" costs only time.
    return _encoder.encode(_without_none(document)) if b"null" in encoded else encoded


def seconds(milliseconds: int) -> float:
    """A moment as the wire has it: seconds since the epoch with a fraction of milliseconds."""
    return milliseconds / 1000


def problems(operation: Operation, document: Mapping[str, Any]) -> list[str]:
    """Where an answer is not what the (corrected) description says, a sentence each; empty when all is well.

    Unknown and missing members, wrong types, enums, lengths and patterns. None counts as absent.
    """
    if operation.output is None:
        return [f"{operation.name} answers nothing, not {name}" for name in document]
    return _problems(operation.output, document, operation.name)


def _problems(shape: Shape, value: Any, path: str) -> list[str]:
    if shape.document:
        return []
    if shape.name in corrections.UNLIMITED_IN_ANSWERS:
        shape = replace(shape, max=None)
    if shape.name in corrections.EMPTY_IN_ANSWERS:
        shape = replace(shape, min=None)
    kinds = {"structure": _of_structure, "list": _of_list, "map": _of_map}
    return kinds.get(shape.type, _of_scalar)(shape, value, path)


def _of_structure(shape: Shape, value: Any, path: str) -> list[str]:
    if not isinstance(value, Mapping):
        return [f"{path} is no structure"]
    present = {name: inner for name, inner in value.items() if inner is not None}
    missing = sorted(shape.required - present.keys())
    result = [
        f"{path}.{name} is missing"
        for name in missing
        if (shape.name, name) not in corrections.ANSWER_WITHOUT
    ]
    for name, inner in present.items():
        member = shape.members.get(name)
        result += (
            [f"{path}.{name} is unknown"] if member is None else _problems(member, inner, f"{path}.{name}")
        )
    return result


def _of_list(shape: Shape, value: Any, path: str) -> list[str]:
    if not isinstance(value, list | tuple):
        return [f"{path} is no list"]
    result = _of_size(shape, value, path)
    for number, entry in enumerate(value):
        result += _problems(entry_shape(shape.member), entry, f"{path}[{number}]")
    return result


def _of_map(shape: Shape, value: Any, path: str) -> list[str]:
    if not isinstance(value, Mapping):
        return [f"{path} is no map"]
    result = _of_size(shape, value, path)
    for key, entry in value.items():
        result += _problems(entry_shape(shape.key), key, f"{path} key")
        if entry is not None:
            result += _problems(entry_shape(shape.value), entry, f"{path}.{key}")
    return result


def _of_size(shape: Shape, value: Any, path: str) -> list[str]:
    fits = (shape.min or 0) <= len(value) and (shape.max is None or len(value) <= shape.max)
    return [] if fits else [f"{path} holds {len(value)} entries, not {shape.min} to {shape.max}"]


def _of_scalar(shape: Shape, value: Any, path: str) -> list[str]:
    if not _has_type(shape, value):
        return [f"{path} is {type(value).__name__}, not {shape.type}"]
    range_of_type = INTEGER_RANGES.get(shape.type)
    if range_of_type and not range_of_type[0] <= value <= range_of_type[1]:
        return [f"{path} does not fit {shape.type}"]
    if shape.type == "blob" and isinstance(value, str):
        try:
            value = binascii.a2b_base64(value, strict_mode=True)
        except ValueError:
            return [f"{path} is no base64"]
    return [f"{path}: {constraint}" for constraint in broken(shape, value)]


def _has_type(shape: Shape, value: Any) -> bool:
    return isinstance(value, _TYPES[shape.type]) and (shape.type == "boolean" or not isinstance(value, bool))


_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "timestamp": (int, float),
    "blob": (bytes, str),
}


def _without_none(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_none(inner) for name, inner in value.items() if inner is not None}
    if isinstance(value, list | tuple):
        return [_without_none(inner) for inner in value if inner is not None]
    return value
