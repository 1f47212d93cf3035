"""Identity providers on the pages: a button for each that the client has, and a field that finds one by an e-mail address.

    offered(screen)         what a page is given of them
    button(screen, name)    one of them
    url(screen, name)       where a button leads
    found_by(call, typed)   the provider that an address, a domain or any other identifier belongs to

Developer guide, "SAML identity provider names and identifiers", and "Branding designer" for managed login: the classic pages ask for an
address where a provider has identifiers, managed login where the client's style says so. Other providers always have a button.
"""

from __future__ import annotations

from typing import TypedDict
from urllib.parse import parse_qsl, quote, urlencode

from cognomen.call import Call
from cognomen.pages.contexts import Provider
from cognomen.pages.screens import Screen
from cognomen.pools.identity_providers import AMAZON, APPLE, NATIVE, SOCIAL
from cognomen.store import identity_providers
from cognomen.store.database import Db
from cognomen.store.identity_providers import Kind

FIELD = "idp_identifier"
"""Of the form that finds a provider; the same as of an authorization request."""

_VENDORS = {AMAZON: "Amazon", APPLE: "Apple"}
_NAMED = frozenset({"identity_provider", "idp_identifier"})
_LONGEST = 320  # characters of an e-mail address


class Offered(TypedDict):
    """The members of a page that leads to providers."""

    providers: tuple[Provider, ...]
    by_domain: bool


def offered(screen: Screen) -> Offered:
    order = {name: place for place, name in enumerate(screen.look.provider_order)}
    names = sorted(screen.providers, key=lambda name: order.get(name, len(order)))
    kinds = [(name, screen.providers[name]) for name in names]
    address = _address(screen)
    return {
        "providers": tuple(
            _button(screen, name, address) for name, kind in kinds if not _is_hidden(screen, kind)
        ),
        "by_domain": any(_is_hidden(screen, kind) for _, kind in kinds),
    }


def button(screen: Screen, name: str) -> Provider:
    return _button(screen, name, _address(screen))


def url(screen: Screen, name: str) -> str:
    return f"{_address(screen)}{quote(name, safe='')}"


async def found_by(call: Call, typed: str) -> str | None:
    """One of call.client's. Identifiers are looked for as they were typed and in small letters, whole and from the @ on."""
    typed = typed.strip()[:_LONGEST]
    domain = typed.rpartition("@")[2]
    wanted = dict.fromkeys(filter(None, (typed, domain, typed.lower(), domain.lower())))
    found: str | None = await call.store.read(_owner, call, tuple(wanted))
    return found


def _owner(db: Db, call: Call, wanted: tuple[str, ...]) -> str | None:
    names = (identity_providers.owner_of(db, call.pool.id, identifier) for identifier in wanted)
    supported = call.client.settings.supported_identity_providers or ()
    return next((name for name in names if name in supported and name != NATIVE), None)


def _address(screen: Screen) -> str:
    """Where all buttons lead, but for the name at the end: a client may have hundreds of providers, and a request be long."""
    asked = [each for each in parse_qsl(screen.query, keep_blank_values=True) if each[0] not in _NAMED]
    return f"/oauth2/authorize?{urlencode([*asked, ('identity_provider', '')])}"


def _button(screen: Screen, name: str, address: str) -> Provider:
    return Provider(
        name=name,
        label=_VENDORS.get(name, name),
        url=f"{address}{quote(name, safe='')}",
        is_social=screen.providers[name].type in SOCIAL,
        icon=screen.look.provider_icons.get(name),
    )


def _is_hidden(screen: Screen, kind: Kind) -> bool:
    return screen.look.asks_for_domain and kind.has_identifiers and kind.type not in SOCIAL
