"""What differs between a document and a pool, and the requests that end it.

A part the document does not name is left alone. An entry it does not name is removed only where that is asked for.
Members are compared as the server would tell them once they are as wanted (completing.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec

from cognomen.declarative.caller import Caller
from cognomen.declarative.document import DeclarationError, Document
from cognomen.declarative.parts import PARTS, POOL, Entry, Part
from cognomen.errors import USER_POOL_NOT_FOUND, Refusal
from cognomen.operations.registry import REGISTRY
from cognomen.wire import model

SECRET_DETAILS = frozenset({"client_secret", "private_key"})
_SECRETS = SECRET_DETAILS | {"ClientSecret"}
_ORDERED = frozenset({"order", "authMethodOrder"})
"""Members of a style's settings whose lists say what comes first."""
_LONGEST = 80

Kind = Literal["make", "change", "remove"]
_SIGNS: dict[Kind, str] = {"make": "+", "change": "~", "remove": "-"}


@dataclass(frozen=True, slots=True)
class Step:
    """A request, with the place in the document that asks for it and what a person is shown of it."""

    kind: Kind
    place: str
    name: str
    lines: tuple[str, ...]
    operation: str
    request: Entry = field(repr=False)
    wanted_id: str | None = None

    def shown(self) -> str:
        return "\n".join((f"{_SIGNS[self.kind]} {self.name}", *(f"    {line}" for line in self.lines)))


async def plan(caller: Caller, document: Document, *, prune: bool = False) -> list[Step]:
    """The steps, in an order in which they can be taken. Raises DeclarationError for what no request can change."""
    pool_id = document["UserPool"]["Id"]
    document = with_sms_said_once(document)
    exists = await _exists(caller, pool_id)
    removals: list[Step] = []
    steps: list[Step] = []
    for part in PARTS:
        if part.name not in document:
            continue
        former = await part.read(caller, pool_id) if exists else []
        steps += steps_of(part, document[part.name], former, pool_id)
        if prune and part.delete:
            removals += _removals(part, document[part.name], former, pool_id)
    return [*reversed(removals), *steps]


def with_sms_said_once(document: Document) -> Document:
    """SMS is one setting that two operations set; what MfaConfig says of it counts for the pool too."""
    sms = document.get("MfaConfig", {}).get("SmsMfaConfiguration") or {}
    return document | {"UserPool": sms | document["UserPool"]}


async def _exists(caller: Caller, pool_id: str) -> bool:
    try:
        await caller.ask("DescribeUserPool", UserPoolId=pool_id)
    except Refusal as refusal:
        if refusal.type == USER_POOL_NOT_FOUND.type:
            return False
        raise DeclarationError(f"UserPool.Id: {refusal.message}") from None
    return True


def steps_of(part: Part, wanted: Any, former: list[Entry], pool_id: str) -> Iterator[Step]:
    """The steps of one part: `wanted` is its entry, or the list of them. Raises DeclarationError."""
    found = {part.key_of(entry): entry for entry in former}
    for number, entry in enumerate([wanted] if part.is_single else wanted):
        place = part.name if part.is_single else f"{part.name}[{number}]"
        before = found.get(part.key_of(entry))
        try:
            made = _made(part, entry, place, pool_id)
            REGISTRY[part.create].check(made.request)  # before anything is done, and before rules read it
            complete = part.complete(entry, before)
        except Refusal as refusal:
            raise DeclarationError(f"{place}: {refusal.message}") from None
        if before is None:
            yield made
        else:
            yield from _changed(part, entry, complete, before, place, pool_id)


def _made(part: Part, entry: Entry, place: str, pool_id: str) -> Step:
    lines = tuple(f"{path}: {shown}" for path, shown in _flat(entry))
    wanted_id = entry[part.id_member] if part.id_member else None
    request = _fitted(part.create, entry | {"UserPoolId": pool_id})
    if part.id_member:
        request.pop(part.id_member, None)
    return Step("make", place, _name(part, entry), lines, part.create, request, wanted_id)


def _changed(
    part: Part, entry: Entry, complete: Entry, before: Entry, place: str, pool_id: str
) -> Iterator[Step]:
    differing = [name for name in complete if comparable(complete[name]) != comparable(before.get(name))]
    if part is POOL and "Schema" in differing:
        differing.remove("Schema")
        if more := _more_attributes(complete["Schema"], before["Schema"]):
            lines = tuple(f"Schema: {attribute['Name']} is added" for attribute in more)
            request = {"UserPoolId": pool_id, "CustomAttributes": more}
            yield Step("change", f"{place}.Schema", _name(part, entry), lines, "AddCustomAttributes", request)
    for name in differing:
        if name in part.fixed:
            raise DeclarationError(f"{place}.{name} differs from what is there, and cannot be changed.")
    if not differing:
        return
    lines = tuple(line for name in differing for line in _difference(name, before.get(name), complete[name]))
    request = entry | {name: complete[name] for name in differing if complete[name] is not None}
    if "ProviderDetails" in entry:
        kept = {k: v for k, v in before["ProviderDetails"].items() if k in SECRET_DETAILS}
        request["ProviderDetails"] = kept | entry["ProviderDetails"]
    ids = {name: value for name, value in before.items() if name not in part.members}
    request = _fitted(part.update, ids | request | {"UserPoolId": pool_id})
    yield Step("change", place, _name(part, entry), lines, part.update, request)


def _more_attributes(wanted: list[Entry], former: list[Entry]) -> list[Entry]:
    """The attributes to add. Raises DeclarationError where one that is there is wanted otherwise."""
    there = {attribute["Name"]: attribute for attribute in former}
    more = []
    for attribute in wanted:
        name = attribute["Name"]
        if name not in there:
            more.append(attribute)
        elif comparable(there[name]) != comparable(attribute):
            raise DeclarationError(f"UserPool.Schema: the attribute {name} is there, and cannot be changed.")
    return more


def _removals(part: Part, wanted: list[Entry], former: list[Entry], pool_id: str) -> Iterator[Step]:
    named = {part.key_of(entry) for entry in wanted}
    for entry in former:
        if part.key_of(entry) in named or part.delete is None:
            continue
        ids = {name: value for name, value in entry.items() if name in part.key or name not in part.members}
        request = _fitted(part.delete, ids | {"UserPoolId": pool_id})
        yield Step("remove", part.name, _name(part, entry), (), part.delete, request)


def _name(part: Part, entry: Entry) -> str:
    said = [entry["Id"]] if part is POOL else [value or "(of the pool)" for value in part.key_of(entry)]
    return " ".join((part.name, *said))


def _fitted(operation: str, members: Entry) -> Entry:
    taken = model.load().operations[operation].input.members
    fitted = {name: value for name, value in members.items() if name in taken and value is not None}
    plain: Entry = msgspec.json.decode(msgspec.json.encode(fitted))  # what rules completed has tuples
    return plain


def comparable(value: Any, *, ordered: bool = False) -> Any:
    """A value in which what is empty is not there, and lists are sorted but where their order says something."""
    value = pruned(value)
    if isinstance(value, dict):
        return {
            name: comparable(inner, ordered=ordered or name in _ORDERED) for name, inner in value.items()
        } or None
    if isinstance(value, list | tuple):
        entries = [comparable(inner, ordered=ordered) for inner in value]
        return (entries if ordered else sorted(entries, key=_text)) or None
    return None if value == "" else value


def pruned(value: Any) -> Any:
    """Without members that are None or empty, at every depth."""
    if isinstance(value, dict):
        inner = {name: pruned(each) for name, each in value.items()}
        return {name: each for name, each in inner.items() if each is not None and each not in ({}, [], "")}
    if isinstance(value, list | tuple):
        return [pruned(each) for each in value]
    return value


def _difference(path: str, before: Any, after: Any) -> Iterator[str]:
    old, new = dict(_flat(before, path)), dict(_flat(after, path))
    for name in dict.fromkeys((*old, *new)):
        if old.get(name) != new.get(name):
            yield f"{name}: {old.get(name, '(none)')} → {new.get(name, '(none)')}"
        elif name.rpartition(".")[2] in _SECRETS and comparable(before) != comparable(after):
            yield f"{name}: changed"


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every single value with its path. Secrets are not shown."""
    value = pruned(value)
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _flat(inner, f"{path}.{name}" if path else name)
    elif path.rpartition(".")[2] in _SECRETS and value is not None:
        yield path, "(secret)"
    elif value not in (None, "", []):
        text = _text(value)
        yield path, text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
