"""What a provider's claims make of a user's attributes: pure (developer guide, "Specifying attribute mappings").

    mapped(...)     the pool's attributes that claims are mapped to, by this client
    new(...)        the attributes of somebody who comes for the first time
    changed(...)    a user with what has changed
    username(...)   what somebody is called here who comes from a provider
    known_by(...)   how a user of ours may be known to be them

All raise sentences of OAuth. A SAML provider's faults are told in words of their own.
"""

from __future__ import annotations

from collections.abc import Mapping

from cognomen import errors
from cognomen.errors import Refusal
from cognomen.pools import app_clients, schema
from cognomen.pools.identity_providers import SAML, SOCIAL
from cognomen.store.app_clients import AppClient
from cognomen.store.identity_providers import IdentityProvider
from cognomen.store.user_pools import UserPool
from cognomen.store.users import User
from cognomen.users import attributes, creation, names
from cognomen.users.identities import SUBJECT

_FLAGS = frozenset(names.VERIFIED.values())
"""What no client may write by itself, and goes with its address."""

_SHOWN_MAX = 256
"""Characters of a name that an error quotes: it goes into a URL."""


def mapped(
    pool: UserPool, client: AppClient, provider: IdentityProvider, claims: Mapping[str, str]
) -> dict[str, str]:
    """Attribute to value, empty where it is to be cleared; not of claims that did not come, nor what the client may not write.

    An address is verified only where the provider says so, in a claim that is mapped too. Raises for a value that is too long.
    """
    writable = app_clients.writable_attributes(pool, client)
    values = {
        name: claims[claim]
        for name, claim in provider.attribute_mapping.items()
        if claim in claims and (name in writable or name in _FLAGS)
    }
    items = "".join(
        errors.ITEM_TOO_LONG.format(name=name, limit=creation.VALUE_MAX)
        for name, value in values.items()
        if not creation.fits(value)
    )
    if items:
        raise _invalid(provider, items)
    for address, flag in names.VERIFIED.items():
        said = values.pop(flag, "")  # of that address and no other, which the user may have from elsewhere
        if address in values:
            values[flag] = "true" if said.lower() == "true" else "false"
    return values


def new(pool: UserPool, provider: IdentityProvider, values: Mapping[str, str]) -> dict[str, str]:
    """The attributes of a new user: immutable ones too, and all that are required."""
    present = _with_addresses_alone(values)
    _require(pool, provider, present)
    try:
        return attributes.new(pool, present, complete=False)
    except Refusal as refusal:
        raise _told(provider, refusal) from None


def changed(
    pool: UserPool, provider: IdentityProvider, user: User, values: Mapping[str, str], now: int
) -> User:
    """The user with what is not as it was; the same user where all is.

    An immutable attribute is refused also where the value is the former one (publicly measured).
    """
    for name, value in values.items():
        if _is_immutable(pool, name) and (value or name in user.attributes):
            raise errors.FEDERATION_IMMUTABLE(name=name)
    present = _with_addresses_alone({**user.attributes, **values})
    _require(pool, provider, present)
    given = {name: present.get(name, "") for name in values if not _is_immutable(pool, name)}
    try:
        kept = attributes.changes(pool, given)
    except Refusal as refusal:
        raise _told(provider, refusal) from None
    if all(value == user.attributes.get(name, "") for name, value in kept.items()):
        return user
    return attributes.changed(user, kept, now)


def username(provider: IdentityProvider, subject: str) -> str:
    """`Provider_subject`, in the form that any user name has (developer guide, "Specifying attribute mappings")."""
    name = f"{provider.name}_{subject}"
    rule = creation.broken_rule(name)
    if rule is not None:
        raise _username_refused(provider, name, rule)
    return name


def known_by(provider: IdentityProvider, subject: str, claims: Mapping[str, str]) -> dict[str, str]:
    """The subject first, then the attributes by which an administrator may have linked somebody who has not come yet.

    Those of social providers are linked by their subject alone (API reference). Raises for a subject that nobody can have.
    """
    if not subject or not creation.fits(subject):
        raise _username_refused(provider, subject, creation.broken_rule(subject))
    mapping = {} if provider.type in SOCIAL else provider.attribute_mapping
    linked_by = {name: claims[claim] for name, claim in mapping.items() if claims.get(claim)}
    return {SUBJECT: subject} | {name: value for name, value in linked_by.items() if creation.fits(value)}


def _is_immutable(pool: UserPool, name: str) -> bool:
    entry = schema.attribute(pool, name)
    return entry is not None and not entry.mutable


def _with_addresses_alone(values: Mapping[str, str]) -> dict[str, str]:
    """Without empty values, and without flags of addresses that are not there."""
    present = {name: value for name, value in values.items() if value}
    for address, flag in names.VERIFIED.items():
        if address not in present:
            present.pop(flag, None)
    return present


def _require(pool: UserPool, provider: IdentityProvider, present: Mapping[str, str]) -> None:
    missing = attributes.missing(pool, present)
    if not missing:
        return
    if provider.type == SAML:
        raise _invalid(provider, "".join(errors.ITEM_REQUIRED.format(name=name) for name in missing))
    raise errors.FEDERATION_REQUIRED(names=", ".join(missing))


def _username_refused(provider: IdentityProvider, name: str, rule: str | None) -> Refusal:
    shown = name[:_SHOWN_MAX].encode(errors="replace").decode()
    return _refused(provider, errors.REASON_USERNAME.format(value=shown, rule=rule))


def _told(provider: IdentityProvider, refusal: Refusal) -> Refusal:
    """What the API says of attributes, in OAuth's place; the lines of its list have an end of line each."""
    return _refused(provider, (refusal.message or refusal.type).strip())


def _invalid(provider: IdentityProvider, items: str) -> Refusal:
    return _refused(provider, errors.REASON_ATTRIBUTES.format(items=items.strip()))


def _refused(provider: IdentityProvider, reason: str) -> Refusal:
    sentence = errors.FEDERATION_SAML if provider.type == SAML else errors.FEDERATION_REFUSED
    return sentence(reason=reason)
