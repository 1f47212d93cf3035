"""What a PreTokenGeneration function may change in tokens, and what it may not: pure (developer guide, "Pre token generation").

    membership, scope           before the claims are built
    id_claims, access_claims    the claims after its changes

What it may not change stays, and nobody is told. Suppressing wins over adding.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from cognomen.tokens.claims import BOOLEANS, Membership
from cognomen.triggers.pre_token_generation import OfToken, Overrides

GROUPS = "cognito:groups"
_ROLES = frozenset({"cognito:roles", "cognito:preferred_role"})
_RESERVED = "cognito:"
_DEVELOPER = "dev:"

FIXED = frozenset(
    {
        "acr",
        "amr",
        "at_hash",
        "auth_time",
        "azp",
        "client_id",
        "device_key",
        "event_id",
        "exp",
        "iat",
        "identities",
        "iss",
        "jti",
        "nbf",
        "nonce",
        "origin_jti",
        "sub",
        "token_use",
        "username",
        "version",
    }
)
"""Claims that neither token lets go of or takes from elsewhere, besides all of `cognito:` but groups and roles."""

_TEXTS_ONLY = BOOLEANS | {"updated_at", "address"}
"""Claims of the id token that take texts alone from a function."""


def membership(changes: Overrides, present: Membership) -> Membership:
    """Groups and roles are replaced together, or stay."""
    if changes.groups is None:
        return present
    return Membership(
        groups=tuple(changes.groups.groups_to_override or ()),
        roles=tuple(changes.groups.iam_roles_to_override or ()),
        preferred_role=changes.groups.preferred_role,
    )


def scope(changes: Overrides, present: str) -> str:
    """The scopes, blank separated: present ones first, each once."""
    scopes = dict.fromkeys([*present.split(), *changes.scopes_to_add])
    return " ".join(scope for scope in scopes if scope not in changes.scopes_to_suppress)


def id_claims(changes: Overrides, claims: Mapping[str, Any]) -> dict[str, Any]:
    kept = {"aud", *(claims.keys() & {"act"})}
    added = {
        name: _typed(name, value)
        for name, value in changes.id.add.items()
        if not _is_fixed(name) and name not in kept and (name not in _TEXTS_ONLY or isinstance(value, str))
    }
    return _without(changes.id, {**claims, **added}, kept=kept)


def access_claims(changes: Overrides, claims: Mapping[str, Any]) -> dict[str, Any]:
    """`aud` may be the client and nothing else, where the token is not for one resource; scopes are not changed here.

    Neither is who acts for the user, where a token tells that.
    """
    kept = {"scope", *(claims.keys() & {"aud", "act"})}
    added = {
        name: value
        for name, value in changes.access.add.items()
        if not _is_fixed(name) and name not in kept and (name != "aud" or value == claims["client_id"])
    }
    return _without(changes.access, {**claims, **added}, kept=kept)


def _is_fixed(name: str) -> bool:
    return name in FIXED or name.startswith((_RESERVED, _DEVELOPER))


def _without(token: OfToken, claims: Mapping[str, Any], kept: Collection[str]) -> dict[str, Any]:
    suppressed = {name for name in token.suppress if name not in kept and not _is_fixed(name)}
    if token.suppress & {GROUPS}:
        suppressed |= {GROUPS, *_ROLES}
    suppressed |= token.suppress & _ROLES
    return {name: value for name, value in claims.items() if name not in suppressed}


def _typed(name: str, value: Any) -> Any:
    """A text for a claim that is of another type becomes of that."""
    if name in BOOLEANS and value in ("true", "false"):
        return value == "true"
    return {"formatted": value} if name == "address" else value
