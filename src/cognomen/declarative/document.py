"""The file: one pool as an object of JSON, or a list of them. A member that nobody knows is refused, with its place.

Values are judged by the operations when they are called; here stands only what they cannot say.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from cognomen.declarative.parts import PARTS, Part
from cognomen.settings import SettingsError
from cognomen.wire.model import Shape

Document = dict[str, Any]

USERS = "Users"
_USER_MEMBERS = ("Username", "Password", "UserAttributes", "Groups")


class DeclarationError(SettingsError):
    """The file cannot be used, or cannot be made true; the text says where and why."""


def read(file: Path, *, with_users: bool = False) -> list[Document]:
    """The pools that a file describes; users only where they may be. Raises DeclarationError."""
    try:
        found = msgspec.json.decode(file.read_bytes())
    except OSError as error:
        raise DeclarationError(f"{file} cannot be read: {error.strerror}.") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DeclarationError(f"{file} is not JSON: {error}.") from None
    documents = found if isinstance(found, list) else [found]
    for number, document in enumerate(documents):
        place = f"[{number}]" if isinstance(found, list) else ""
        try:
            check(document, place, with_users=with_users)
        except DeclarationError as error:
            raise DeclarationError(f"{file}: {error}") from None
    return documents


def check(document: Any, place: str = "", *, with_users: bool = False) -> None:
    """Raises DeclarationError at the first member that is unknown, missing or no object or list where one must be."""
    known = {part.name for part in PARTS} | {USERS}
    _object(document, place or "The file")
    _refuse_unknown(document, known, place)
    if "UserPool" not in document:
        raise DeclarationError(f"{place or 'The file'} needs UserPool, with Id and PoolName.")
    for part in PARTS:
        if part.name in document:
            _check_part(part, document[part.name], _joined(place, part.name))
    if "MfaConfiguration" in document["UserPool"]:
        raise DeclarationError(
            f"{_joined(place, 'UserPool.MfaConfiguration')} is said in MfaConfig, together with the factors."
        )
    if USERS in document:
        if not with_users:
            raise DeclarationError(
                f"{_joined(place, USERS)}: users are made by a seed file only (cognomen serve --seed)."
            )
        _check_users(document[USERS], _joined(place, USERS))


def _check_part(part: Part, value: Any, place: str) -> None:
    if part.is_single:
        _check_entry(part, value, place)
        return
    seen: dict[tuple[Any, ...], str] = {}
    for number, entry in enumerate(_list(value, place)):
        entry_place = f"{place}[{number}]"
        _check_entry(part, entry, entry_place)
        former = seen.setdefault(part.key_of(entry), entry_place)
        if former != entry_place:
            raise DeclarationError(
                f"{entry_place} is the same as {former}: {' and '.join(part.key)} are equal."
            )


def _check_entry(part: Part, entry: Any, place: str) -> None:
    _object(entry, place)
    _refuse_unknown(entry, part.members, place)
    for member in part.required:
        if entry.get(member) is None:
            raise DeclarationError(f"{place} needs {member}.")
    for named in (part.id_member, *part.key):
        if named and not isinstance(entry.get(named, ""), str):
            raise DeclarationError(f"{_joined(place, named)} must be a text.")
    for name, shape in part.members.items():
        if shape is not None and entry.get(name) is not None:
            _check_value(shape, entry[name], _joined(place, name))


def _check_value(shape: Shape, value: Any, place: str) -> None:
    """The names of members and what must be an object or a list, at every depth."""
    if shape.document:
        return
    if shape.type == "structure":
        _object(value, place)
        _refuse_unknown(value, shape.members, place)
        for name, inner in value.items():
            if inner is not None:
                _check_value(shape.members[name], inner, _joined(place, name))
    elif shape.type == "list" and shape.member is not None:
        for number, inner in enumerate(_list(value, place)):
            _check_value(shape.member, inner, f"{place}[{number}]")
    elif shape.type == "map" and shape.value is not None:
        for name, inner in _object(value, place).items():
            _check_value(shape.value, inner, _joined(place, name))
    elif isinstance(value, dict | list):
        raise DeclarationError(f"{place} must be a single value.")


def _check_users(users: Any, place: str) -> None:
    for number, user in enumerate(_list(users, place)):
        user_place = f"{place}[{number}]"
        _refuse_unknown(_object(user, user_place), _USER_MEMBERS, user_place)
        for member in ("Username", "Password"):
            if not isinstance(user.get(member), str):
                raise DeclarationError(f"{user_place} needs {member}, a text.")
        _list(user.get("Groups", []), f"{user_place}.Groups")


def _refuse_unknown(entry: dict[str, Any], known: Iterable[str], place: str) -> None:
    names = list(known)
    for name in entry:
        if name not in names:
            near = difflib.get_close_matches(name, names, 1)
            hint = f" Is {near[0]} meant?" if near else f" There are: {', '.join(sorted(names))}."
            raise DeclarationError(f"{_joined(place, name)}: there is no such member.{hint}")


def _object(value: Any, place: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise DeclarationError(f"{place} must be an object.")
    return value


def _list(value: Any, place: str) -> list[Any]:
    if not isinstance(value, list):
        raise DeclarationError(f"{place} must be a list.")
    return value


def _joined(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name
