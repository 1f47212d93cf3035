"""How providers that speak OAuth 2.0 differ from each other, as data; their addresses are in details.py.

Sources: the vendors' own manuals ("Manually build a login flow" and "Graph API: User" of Facebook, "OpenID Connect" and "People
API: people.get" of Google, "Login with Amazon: Customer Profile", "Sign in with Apple REST API").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from cognomen.federation import values
from cognomen.pools.identity_providers import AMAZON, APPLE, FACEBOOK, GOOGLE, OIDC


@dataclass(frozen=True, slots=True)
class Vendor:
    """What is special about a type of provider.

    `has_id_token`: it signs who the person is, and what it tells besides must be about the same person. `fields` are what may be
    asked for by name, where it knows only some; with none of them nothing is asked. `always` is asked for in any case.
    """

    has_id_token: bool = True
    jwks_uri: str | None = None
    other_issuer: str | None = None
    posts_back: bool = False
    signs_as_client: bool = False
    always: tuple[str, ...] = ()
    fields: frozenset[str] | None = None


_PEOPLE = frozenset(
    {
        "addresses",
        "ageRanges",
        "biographies",
        "birthdays",
        "calendarUrls",
        "clientData",
        "coverPhotos",
        "emailAddresses",
        "events",
        "externalIds",
        "genders",
        "imClients",
        "interests",
        "locales",
        "locations",
        "memberships",
        "metadata",
        "miscKeywords",
        "names",
        "nicknames",
        "occupations",
        "organizations",
        "phoneNumbers",
        "photos",
        "relations",
        "sipAddresses",
        "skills",
        "urls",
        "userDefined",
    }
)
_SHOWN = ("canonicalForm", "value", "displayName", "formattedValue", "url")

VENDORS: Mapping[str, Vendor] = {
    OIDC: Vendor(),
    GOOGLE: Vendor(
        jwks_uri="https://www.googleapis.com/oauth2/v3/certs",
        other_issuer="accounts.google.com",
        fields=_PEOPLE,
    ),
    FACEBOOK: Vendor(has_id_token=False, always=("id",)),
    AMAZON: Vendor(has_id_token=False),
    APPLE: Vendor(jwks_uri="https://appleid.apple.com/auth/keys", posts_back=True, signs_as_client=True),
}


def fields_of(vendor: Vendor, mapped: Sequence[str]) -> tuple[str, ...]:
    """What to ask for by name, given the claims that are mapped."""
    known = [name for name in mapped if vendor.fields is None or name in vendor.fields]
    return tuple(dict.fromkeys((*vendor.always, *known)))


def person_of_google(answer: Mapping[str, object]) -> dict[str, object]:
    """The fields of a person, each a list of entries, as one value each: that of the primary entry."""
    return {name: _entry(value) for name, value in answer.items() if name in _PEOPLE and value}


def names_of_apple(user: str | None) -> dict[str, str]:
    """The name in what a browser brings along at the first sign-in. It is not signed, so nothing else in it counts."""
    if not user:
        return {}
    try:
        name = _user.decode(user).name
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return {}
    parts = {"firstName": name.first_name, "lastName": name.last_name}
    given = {key: part for key, part in parts.items() if part}
    return given | {"name": " ".join(given.values())} if given else {}


class _Name(msgspec.Struct, frozen=True, rename="camel"):
    first_name: str | None = None
    last_name: str | None = None


class _User(msgspec.Struct, frozen=True):
    name: _Name = _Name()


def _entry(value: object) -> object:
    entries = [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
    if not entries:
        return value
    primary = next((each for each in entries if _is_primary(each)), entries[0])
    date = primary.get("date")
    if isinstance(date, dict) and all(isinstance(date.get(part), int) for part in ("year", "month", "day")):
        return f"{date['year']:04}-{date['month']:02}-{date['day']:02}"
    return next((primary[name] for name in _SHOWN if primary.get(name)), values.text(primary))


def _is_primary(entry: Mapping[str, Any]) -> bool:
    metadata = entry.get("metadata")
    return isinstance(metadata, dict) and metadata.get("primary") is True


_user = msgspec.json.Decoder(_User)
