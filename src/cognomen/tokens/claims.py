"""What the access and the id token say: pure builders, members in the order and of the types Cognito has.

Moments in claims are whole seconds. minting.py signs what is built here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from cognomen.crypto import hashes
from cognomen.store.groups import Group
from cognomen.tokens.assurance import NOTHING, Assurance
from cognomen.tokens.scopes import Grant

BOOLEANS = frozenset({"email_verified", "phone_number_verified"})
OAUTH_VERSION = 2
"""What the access tokens of OAuth clients say in `version`; those of the API have no such claim."""

_LEFT_OUT = frozenset({"sub", "cognito:mfa_enabled", "cognito:user_status"})
_DEVELOPER_ONLY = "dev:"


class Stamp(msgspec.Struct, frozen=True):
    """What both tokens of one issue have in common; moments in seconds.

    `origin_jti` is None where the client's tokens are not to be traced back to their sign-in. `assurance` is what was proven
    at that.
    """

    issuer: str
    client_id: str
    origin_jti: str | None
    event_id: str
    auth_time: int
    issued_at: int
    assurance: Assurance = NOTHING


class Membership(msgspec.Struct, frozen=True):
    """What tokens say of a user's groups: names and roles, the best group first."""

    groups: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    preferred_role: str | None = None


NO_GROUPS = Membership()


def membership_of(groups: Iterable[Group]) -> Membership:
    """What is told of the groups a user is in.

    The lowest precedence is the best, none the worst; groups of one precedence are in the order of their names. The
    preferred role is that of the best group that has one, and there is none where groups equally good have different ones.
    """
    ordered = sorted(groups, key=lambda group: (*_rank(group), group.name))
    if not ordered:
        return NO_GROUPS
    roles = [(_rank(group), group.role_arn) for group in ordered if group.role_arn is not None]
    best = {role for rank, role in roles if rank == roles[0][0]}
    return Membership(
        groups=tuple(group.name for group in ordered),
        roles=tuple(dict.fromkeys(role for _, role in roles)),
        preferred_role=best.pop() if len(best) == 1 else None,
    )


def _rank(group: Group) -> tuple[bool, int]:
    return group.precedence is None, group.precedence or 0


def access_claims(
    stamp: Stamp,
    *,
    sub: str,
    username: str,
    membership: Membership,
    grant: Grant,
    jti: str,
    expires_at: int,
    device_key: str | None = None,
) -> dict[str, Any]:
    """The claims of a user's access token: no attributes, of groups only the names, and `aud` only for one resource."""
    claims: dict[str, Any] = {"sub": sub}
    if device_key is not None:
        claims["device_key"] = device_key
    if membership.groups:
        claims["cognito:groups"] = membership.groups
    claims["iss"] = stamp.issuer
    if grant.is_oauth:
        claims["version"] = OAUTH_VERSION
    claims["client_id"] = stamp.client_id
    if grant.resource is not None:
        claims["aud"] = grant.resource
    if stamp.origin_jti is not None:
        claims["origin_jti"] = stamp.origin_jti
    claims |= {
        "event_id": stamp.event_id,
        "token_use": "access",
        "scope": grant.scope,
        "auth_time": stamp.auth_time,
        "exp": expires_at,
        "iat": stamp.issued_at,
        "jti": jti,
        "username": username,
    }
    _add_proven(claims, stamp.assurance)
    return claims


def machine_claims(
    issuer: str, client_id: str, *, scope: str, jti: str, issued_at: int, expires_at: int
) -> dict[str, Any]:
    """The claims of an access token that an app client gets for itself."""
    return {
        "sub": client_id,
        "token_use": "access",
        "scope": scope,
        "auth_time": issued_at,
        "iss": issuer,
        "exp": expires_at,
        "iat": issued_at,
        "version": OAUTH_VERSION,
        "jti": jti,
        "client_id": client_id,
    }


def id_claims(
    stamp: Stamp,
    *,
    sub: str,
    username: str,
    membership: Membership,
    attributes: Mapping[str, str],
    jti: str,
    expires_at: int,
    at_hash: str | None = None,
    nonce: str | None = None,
) -> dict[str, Any]:
    """The claims of an id token; `attributes` are those the client is shown, values as they are kept.

    Without an origin there is no `jti` either: Cognito adds both together.
    """
    flags: dict[str, bool] = {}
    values: dict[str, Any] = {}
    for name, value in attributes.items():
        if name in BOOLEANS:
            flags[name] = value == "true"
        elif name not in _LEFT_OUT and not name.startswith(_DEVELOPER_ONLY):
            values[name] = _typed(name, value)
    claims: dict[str, Any] = {} if at_hash is None else {"at_hash": at_hash}
    claims["sub"] = sub
    if membership.groups:
        claims["cognito:groups"] = membership.groups
    claims |= flags
    if membership.preferred_role is not None:
        claims["cognito:preferred_role"] = membership.preferred_role
    claims |= {"iss": stamp.issuer, "cognito:username": username}
    if nonce is not None:
        claims["nonce"] = nonce
    if stamp.origin_jti is not None:
        claims["origin_jti"] = stamp.origin_jti
    if membership.roles:
        claims["cognito:roles"] = membership.roles
    claims |= {
        "aud": stamp.client_id,
        "event_id": stamp.event_id,
        "token_use": "id",
        "auth_time": stamp.auth_time,
        "exp": expires_at,
        "iat": stamp.issued_at,
    }
    _add_proven(claims, stamp.assurance)
    if stamp.origin_jti is not None:
        claims["jti"] = jti
    return claims | values


def at_hash(access_token: str) -> str:
    """What an id token, which is signed with RS256, says of the access token that came with it."""
    return hashes.left_half(access_token, "sha256")


def _add_proven(claims: dict[str, Any], assurance: Assurance) -> None:
    if assurance.acr is not None:
        claims["acr"] = assurance.acr
    if assurance.amr:
        claims["amr"] = assurance.amr


def _typed(name: str, value: str) -> Any:
    """An attribute as a claim. Custom attributes are texts whatever their type; few of the others are not."""
    if name == "address":
        return {"formatted": value}
    if name == "updated_at" and value.isascii() and value.isdigit():
        return int(value)
    if name == "identities":
        return _identities(value)
    return value


def _identities(value: str) -> Any:
    """The list kept as JSON; Cognito writes two members of its entries as texts."""
    try:
        identities = msgspec.json.decode(value, type=list[dict[str, Any]])
    except msgspec.DecodeError:
        return value
    for identity in identities:
        if "primary" in identity:
            identity["primary"] = "true" if identity["primary"] in (True, "true") else "false"
        if "dateCreated" in identity:
            identity["dateCreated"] = str(identity["dateCreated"])
    return identities
