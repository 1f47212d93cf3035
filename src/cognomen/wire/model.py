"""The service description, read at start from the installed botocore package: its JSON alone, none of its code.

`load()` gives the one `Model`: 141 operations and their shapes, after `corrections`. What the description can say
(required, lengths, patterns, who may call, which member names the pool) no other room repeats. `checks` compiles the
shapes of requests; `answers` holds answers against theirs.
"""

from __future__ import annotations

import gzip
import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal

import msgspec

from cognomen.wire import corrections

Auth = Literal["signed", "access_token", "public"]
_POOL_MEMBERS: tuple[Literal["UserPoolId", "ResourceArn"], ...] = ("UserPoolId", "ResourceArn")
Type = Literal["structure", "list", "map", "string", "integer", "long", "boolean", "blob", "timestamp"]


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """A type of the description. `min` and `max` bound a number, a length or a count of entries.

    A structure has `members` in the description's order and `required`; a list has `member`; a map `key` and `value`.
    A `document` is JSON of any form. A text that `may_be_blank` is held against nothing where it is empty. The value of a
    `sensitive` shape is never shown.
    """

    name: str
    type: Type
    members: Mapping[str, Shape]
    required: frozenset[str]
    member: Shape | None
    key: Shape | None
    value: Shape | None
    min: int | None
    max: int | None
    pattern: str | None
    enum: tuple[str, ...]
    sensitive: bool
    document: bool
    may_be_blank: bool = False


def entry_shape(shape: Shape | None) -> Shape:
    """The `member`, `key` or `value` of a list or map, which always has it."""
    if shape is None:
        raise ValueError("a list without member or a map without key or value")
    return shape


@dataclass(frozen=True, slots=True, eq=False)
class Operation:
    """An operation: its shapes, the error types it may answer, who may call it, and what its input names."""

    name: str
    input: Shape
    output: Shape | None
    errors: frozenset[str]
    auth: Auth
    pool_member: Literal["UserPoolId", "ResourceArn"] | None
    username_member: Literal["Username"] | None


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    operations: Mapping[str, Operation]
    shapes: Mapping[str, Shape]


@lru_cache(maxsize=1)
def load() -> Model:
    """The corrected model. Read once, in about 20 ms."""
    description = msgspec.json.decode(gzip.decompress(_path().read_bytes()), type=_Description)
    shapes: dict[str, Shape] = {}
    for name in description.shapes:
        _resolve(name, description.shapes, shapes)
    operations = {
        name: _operation(name, entry, shapes) for name, entry in sorted(description.operations.items())
    }
    return Model(MappingProxyType(operations), MappingProxyType(shapes))


# -- the description as botocore keeps it; members that are not named here (the prose) are skipped unread -------------


class _Reference(msgspec.Struct):
    shape: str


class _ShapeEntry(msgspec.Struct):
    type: Type
    members: dict[str, _Reference] = {}
    required: tuple[str, ...] = ()
    member: _Reference | None = None
    key: _Reference | None = None
    value: _Reference | None = None
    min: int | None = None
    max: int | None = None
    pattern: str | None = None
    enum: tuple[str, ...] = ()
    sensitive: bool = False
    document: bool = False


class _OperationEntry(msgspec.Struct):
    input: _Reference
    output: _Reference | None = None
    errors: tuple[_Reference, ...] = ()
    authtype: str | None = None


class _Description(msgspec.Struct):
    operations: dict[str, _OperationEntry]
    shapes: dict[str, _ShapeEntry]


def _path() -> Path:
    package = importlib.util.find_spec("botocore")
    if package is None or not package.submodule_search_locations:
        raise RuntimeError("botocore, which carries the service description, is not installed")
    return Path(package.submodule_search_locations[0], "data/cognito-idp/2016-04-18/service-2.json.gz")


def _resolve(name: str, entries: Mapping[str, _ShapeEntry], shapes: dict[str, Shape]) -> Shape:
    """The shape of that name with all below it, each made once. The description has no recursive shape."""
    if name in shapes:
        return shapes[name]

    def of(reference: _Reference | None) -> Shape | None:
        return None if reference is None else _resolve(reference.shape, entries, shapes)

    entry = entries[name]
    members = {
        member: replace(_resolve(to.shape, entries, shapes), may_be_blank=True)
        if (name, member) in corrections.MAY_BE_BLANK
        else _resolve(to.shape, entries, shapes)
        for member, to in entry.members.items()
    }
    shape = Shape(
        name=name,
        type=entry.type,
        members=MappingProxyType(members),
        required=frozenset(entry.required) | corrections.REQUIRED_ADDITIONS.get(name, set()),
        member=of(entry.member),
        key=of(entry.key),
        value=of(entry.value),
        min=entry.min,
        max=entry.max,
        pattern=None
        if name in corrections.PATTERNS_NOT_CHECKED
        else corrections.PATTERNS.get(name, entry.pattern),
        enum=entry.enum + corrections.ENUM_ADDITIONS.get(name, ()),
        sensitive=entry.sensitive,
        document=entry.document,
    )
    shapes[name] = shape
    return shape


def _operation(name: str, entry: _OperationEntry, shapes: Mapping[str, Shape]) -> Operation:
    input = shapes[entry.input.shape]  # noqa: A001  the description's noun
    declared = {error.shape for error in entry.errors}
    return Operation(
        name=name,
        input=input,
        output=None if entry.output is None else shapes[entry.output.shape],
        errors=frozenset(
            declared | corrections.FRAMEWORK_ERRORS | corrections.ERROR_ADDITIONS.get(name, set())
        ),
        auth=corrections.AUTH.get(name) or _auth(input, signed=entry.authtype != "none"),
        pool_member=next((member for member in _POOL_MEMBERS if member in input.members), None),
        username_member="Username" if "Username" in input.members else None,
    )


def _auth(input: Shape, *, signed: bool) -> Auth:  # noqa: A002  the description's noun
    """Who may call. GetDevice and ForgetDevice do not require their AccessToken, but know no other credential."""
    if signed:
        return "signed"
    other_credential = "Session" in input.members or "ClientId" in input.members
    token_needed = "AccessToken" in input.required or not other_credential
    return "access_token" if "AccessToken" in input.members and token_needed else "public"
