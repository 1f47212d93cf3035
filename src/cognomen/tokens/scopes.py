"""Scopes: what a sign-in was granted, which scopes a client gets, and what the standard ones show of a user.

    Grant, API          what the tokens of a sign-in are for; it travels in the refresh token
    granted             the scopes that a client gets of those it asks for
    attributes_of       the attributes that the scopes of an OAuth client show
    unreadable          the scopes that show more than the client may read

Developer guide, "Scopes, M2M, and resource servers" and "UserInfo endpoint".
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import msgspec

from cognomen import errors
from cognomen.pools import schema
from cognomen.pools.oauth_settings import STANDARD_SCOPES
from cognomen.store.app_clients import AppClient

USER_SCOPE = "aws.cognito.signin.user.admin"
"""The scope of every access token of an API sign-in; what the operations that take one ask for."""

OPENID = "openid"

_ALWAYS_SHOWN = frozenset({"sub", "identities"})
_ADDRESSES: Mapping[str, frozenset[str]] = {
    "email": frozenset({"email", "email_verified"}),
    "phone": frozenset({"phone_number", "phone_number_verified"}),
}
_PROFILE = frozenset(standard.name for standard in schema.standard_schema()).difference(
    _ALWAYS_SHOWN, *_ADDRESSES.values()
)


class Grant(msgspec.Struct, frozen=True, array_like=True):
    """What the tokens of a sign-in are for, as long as they are refreshed; by default those of a sign-in through the API.

    `scope` is blank separated. `is_oauth`: an OAuth client asked for it, and so the scopes limit what the id token shows.
    `resource` is the one API that the access tokens are for, where the client named one (RFC 8707).
    """

    scope: str = USER_SCOPE
    is_oauth: bool = False
    resource: str | None = None


API = Grant()


def granted(client: AppClient, known: Collection[str], asked: Iterable[str] | None) -> str:
    """The scopes that `client` gets, blank separated: those it asks for, or all it has when it asks for none.

    `known` are the scopes that mean something: those of the pool's resource servers, and the standard ones where a user
    signs in. A scope of the client that is not known is inactive and left out, until it is known again. Without the
    standard ones among `known`, they are no scopes of the client.
    Raises SCOPE_UNKNOWN, SCOPE_NOT_ALLOWED: nothing that is asked for is dropped in silence.
    """
    inactive = STANDARD_SCOPES.difference(known)
    allowed = [scope for scope in client.settings.allowed_oauth_scopes or () if scope not in inactive]
    wanted = list(dict.fromkeys(asked or ())) or allowed
    for scope in wanted:
        if scope not in allowed:
            raise (
                errors.SCOPE_NOT_ALLOWED(scope=scope) if scope in known else errors.SCOPE_UNKNOWN(scope=scope)
            )
    return " ".join(scope for scope in wanted if scope in known)


def attributes_of(scope: str, values: Mapping[str, str]) -> dict[str, str]:
    """The attributes among `values` (what the client may read) that an OAuth client is shown.

    `openid` alone shows all of them; beside `profile`, `email` or `phone` only theirs. Custom attributes belong to `profile`.
    """
    named = {"profile", *_ADDRESSES}.intersection(scope.split())
    if not named:
        return dict(values)
    shown = _ALWAYS_SHOWN.union(*(_ADDRESSES.get(each, _PROFILE) for each in named))
    shows_custom = "profile" in named
    return {
        name: value
        for name, value in values.items()
        if name in shown or (shows_custom and name.startswith(schema.CUSTOM))
    }


def unreadable(scope: str, readable: Collection[str]) -> tuple[str, ...]:
    """The scopes `email` and `phone` among `scope` of which the client may not read all attributes."""
    return tuple(
        each for each in scope.split() if each in _ADDRESSES and not _ADDRESSES[each].issubset(readable)
    )
