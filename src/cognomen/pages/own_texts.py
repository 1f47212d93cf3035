"""Texts that an operator puts in the place of ours, per pool and language (setting `page_texts`).

    read(folder)            all of them, from FOLDER/<pool id, or `all`>/<language>.json
    OwnTexts.language(...)  a language as a pool's pages have it

A file has members of the same names as texts/<language>.json, as many as there is need for; the others stay ours. Everything is
checked when it is read, so that no page can fail on a text: a key that is none of ours, a blank that the page does not fill in,
one that is missing.
"""

from __future__ import annotations

import difflib
import json
import re
import string
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from cognomen.pages import languages
from cognomen.pages.languages import CODES, Language
from cognomen.settings import SettingsError

FOR_ALL = "all"

_POOL_ID = re.compile(r"[\w-]{1,43}_[0-9a-zA-Z]{1,43}", re.ASCII)
_SUFFIX = ".json"
_FIELDS = string.Formatter()
_UNSENDABLE = re.compile("[\x00\ud800-\udfff]")


class OwnTexts:
    """Languages by pool id (or FOR_ALL) and code, each of them whole; those that are not there are the package's."""

    def __init__(self, own: Mapping[tuple[str, str], Language]) -> None:
        self._own = own

    def language(self, pool_id: str, code: str) -> Language:
        """One of CODES, with the texts of the pool, else those of all pools, else ours; `pool_id` may be empty."""
        if not self._own:
            return languages.language(code)
        return self._own.get((pool_id, code)) or self._own.get((FOR_ALL, code)) or languages.language(code)


def read(folder: str) -> OwnTexts:
    """The texts of a folder; none where `folder` is empty. Raises SettingsError, which names the file and the key."""
    if not folder:
        return OwnTexts({})
    texts = {place.name: _of_place(place) for place in _entries(Path(folder))}
    for_all = texts.get(FOR_ALL, {})
    return OwnTexts(
        {
            (place, code): Language(code, {**languages.language(code).texts, **for_all.get(code, {}), **own})
            for place, by_code in texts.items()
            for code, own in by_code.items()
        }
    )


def _entries(folder: Path) -> Iterable[Path]:
    """What is in a folder, without what is hidden: mounted volumes and file managers keep entries of their own there."""
    try:
        return sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))
    except OSError as error:
        raise SettingsError(f"page_texts: the folder {folder} cannot be read: {error.strerror}.") from None


def _of_place(place: Path) -> dict[str, dict[str, str]]:
    if not place.is_dir() or not (place.name == FOR_ALL or _POOL_ID.fullmatch(place.name)):
        raise SettingsError(
            f"page_texts: {place} has no meaning; expected are folders that are called '{FOR_ALL}' (for every pool) or by the id "
            f"of a pool, each with a file a language."
        )
    return {file.name.removesuffix(_SUFFIX): _of_file(file) for file in _entries(place)}


def _of_file(file: Path) -> dict[str, str]:
    code = file.name.removesuffix(_SUFFIX)
    if code not in CODES or file.suffix != _SUFFIX:
        names = ", ".join(f"{code}{_SUFFIX}" for code in CODES)
        raise SettingsError(f"page_texts: {file} is no language of the pages; expected are {names}.")
    try:
        found = json.loads(file.read_bytes(), object_pairs_hook=_members)
    except OSError as error:
        raise SettingsError(f"page_texts: {file} cannot be read: {error.strerror}.") from None
    except ValueError as error:
        raise SettingsError(f"page_texts: {file} is not JSON that can be used: {error}.") from None
    if not isinstance(found, dict):
        raise SettingsError(f'page_texts: {file} must hold one object, such as {{"sign_in": "Come in"}}.')
    ours = languages.language(code).texts
    for key, text in found.items():
        if fault := _fault(key, text, ours):
            raise SettingsError(f"page_texts: {file}: {fault}.")
    return found


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose members are there once each: of two texts for one key nobody could say which counts."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"{next(name for name in names if names.count(name) > 1)!r} is there twice")
    return found


def _fault(key: str, text: Any, ours: Mapping[str, str]) -> str:
    """What is wrong with a text, as the end of a sentence; empty where nothing is."""
    if key not in ours:
        nearest = difflib.get_close_matches(key, ours, 1)
        meant = f" (is {nearest[0]} meant?)" if nearest else ""
        return f"there is no text {key!r}{meant}; the keys are those of the package's {languages.DEFAULT}{_SUFFIX}"
    if not isinstance(text, str) or not text.strip() or _UNSENDABLE.search(text):
        return f"{key} must be a text, not empty and of whole characters"
    expected = _blanks(ours[key])
    if _blanks(text) == expected:
        return ""
    wanted = f"exactly the blanks {' '.join(sorted(expected))}" if expected else "no blanks"
    return f"{key} must have {wanted}, as ours has ({ours[key]!r}); braces that shall be seen are written {{{{ and }}}}"


def _blanks(text: str) -> set[str] | None:
    """The blanks of a text, each as it must be written; None where braces begin or end none."""
    try:
        parts = [part for part in _FIELDS.parse(text) if part[1] is not None]
    except ValueError:
        return None
    return {
        f"{{{name}{'!' + convert if convert else ''}{':' + form if form else ''}}}"
        for _, name, form, convert in parts
    }
