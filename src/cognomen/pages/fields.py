"""What a pool asks of its people: by which names they sign in, what an account needs, what a password must have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypedDict

from cognomen.pages.contexts import Field, Rule
from cognomen.pages.looks import Look
from cognomen.pools import app_clients, turned_on
from cognomen.sign_in.flows import CHOICE, FLOWS
from cognomen.store.app_clients import AppClient
from cognomen.store.user_pools import UserPool
from cognomen.users import names, passwords
from cognomen.users.attributes import SUB

PREFIX = "attribute."
"""Before the name of an attribute's field; scripts written for the service say `requiredAttributes[name]`."""

_ORIGINAL = "requiredAttributes[{}]"
_TYPES = {"email": "email", "phone_number": "tel", "birthdate": "date"}
_MODES = {"picture": "url", "profile": "url", "website": "url", "updated_at": "numeric"}
_AUTOCOMPLETE = {
    "address": "street-address",
    "birthdate": "bday",
    "email": "email",
    "family_name": "family-name",
    "gender": "sex",
    "given_name": "given-name",
    "locale": "language",
    "middle_name": "additional-name",
    "name": "name",
    "nickname": "nickname",
    "phone_number": "tel",
    "picture": "photo",
    "website": "url",
}
_NAME_TYPES = {names.EMAIL: "email", names.PHONE_NUMBER: "tel"}


class Name(TypedDict):
    """The members of a page that asks for a name."""

    labels: tuple[str, ...]
    type: str


def name_at_sign_in(pool: UserPool) -> Name:
    """What a name may be: addresses, or the user name and the aliases besides it."""
    kinds = pool.settings.username_attributes or (names.USERNAME, *(pool.settings.alias_attributes or ()))
    return _name(kinds)


def name_at_sign_up(pool: UserPool) -> Name:
    return _name(pool.settings.username_attributes or (names.USERNAME,))


def are_asked_name_first(pool: UserPool, client: AppClient, look: Look) -> bool:
    """Whether people say who they are before they choose what they prove: where there is a choice."""
    is_allowed = FLOWS[CHOICE].allowed_by in app_clients.flows_of(client)
    return look.is_managed and is_allowed and turned_on.is_passwordless(pool.settings)


def _name(kinds: Iterable[str]) -> Name:
    kinds = tuple(kinds)
    only = kinds[0] if len(kinds) == 1 else ""
    return {"labels": tuple(f"name_{kind}" for kind in kinds), "type": _NAME_TYPES.get(only, "text")}


def required(pool: UserPool, client: AppClient, sent: Mapping[str, str]) -> tuple[Field, ...]:
    """A field for each attribute that a new user must have, but the address that serves as its name."""
    kinds = pool.settings.username_attributes or ()
    given_by_name = kinds if len(kinds) == 1 else ()
    wanted = {entry.name for entry in pool.schema if entry.required and entry.name != SUB}
    wanted |= _address_to_confirm(pool, client, wanted)
    return tuple(
        of_attribute(entry.name, sent)
        for entry in pool.schema
        if entry.name in wanted and entry.name not in given_by_name
    )


def _address_to_confirm(pool: UserPool, client: AppClient, wanted: set[str]) -> set[str]:
    """The address that a code is sent to, where neither what is wanted nor the name is one: without it nobody could confirm.

    One is enough of several; e-mail is what more people give.
    """
    verified = set(pool.settings.auto_verified_attributes or ())
    kinds = set(pool.settings.username_attributes or ())
    if wanted & verified or (kinds and kinds <= verified):
        return set()
    usable = verified & app_clients.writable_attributes(pool, client)
    return {names.EMAIL} & usable or usable


def of_attribute(name: str, sent: Mapping[str, str]) -> Field:
    return Field(
        name=PREFIX + name,
        label=f"attribute_{name}",
        type=_TYPES.get(name, "text"),
        autocomplete=_AUTOCOMPLETE.get(name, "off"),
        mode=_MODES.get(name, ""),
        value=value_of(name, sent),
    )


def value_of(name: str, sent: Mapping[str, str]) -> str:
    """What was typed into the field of an attribute."""
    return sent.get(PREFIX + name) or sent.get(_ORIGINAL.format(name), "")


def rules(pool: UserPool, typed: str = "") -> tuple[Rule, ...]:
    """What the pool's passwords must have, and whether what was typed has it."""
    return tuple(
        Rule(found.name, found.count, found.is_met if typed else None)
        for found in passwords.requirements(pool.settings.policies.password_policy, typed)
    )
