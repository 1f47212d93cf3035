"""PreTokenGeneration: what tokens say, changed by the pool's owner. What may be changed is tokens/overrides.py's.

Developer guide, "Pre token generation Lambda trigger": version 1 changes the id token and groups, version 2 also the access token
and scopes, version 3 also tokens of machines.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec
from msgspec import UNSET, Struct, UnsetType

from cognomen import errors
from cognomen.call import Call
from cognomen.store.user_pools import UserPool
from cognomen.store.users import User
from cognomen.triggers.firing import arn_of, attributes_of, fire, with_metadata

CONFIG = "PreTokenGenerationConfig"
TRIGGER = "PreTokenGeneration"

Source = Literal[
    "TokenGeneration_HostedAuth",
    "TokenGeneration_Authentication",
    "TokenGeneration_NewPasswordChallenge",
    "TokenGeneration_AuthenticateDevice",
    "TokenGeneration_RefreshTokens",
    "TokenGeneration_ClientCredentials",
]

HOSTED: Source = "TokenGeneration_HostedAuth"
AUTHENTICATION: Source = "TokenGeneration_Authentication"
NEW_PASSWORD: Source = "TokenGeneration_NewPasswordChallenge"
AUTHENTICATE_DEVICE: Source = "TokenGeneration_AuthenticateDevice"
REFRESH: Source = "TokenGeneration_RefreshTokens"
CLIENT_CREDENTIALS: Source = "TokenGeneration_ClientCredentials"

_VERSIONS = {"V1_0": "1", "V2_0": "2", "V3_0": "3"}
_MACHINE = "ClientCredentials"
"""The user name in events about a machine's token."""


class Groups(Struct, frozen=True, rename="camel"):
    """The groups and roles that tokens tell of; in the event those the user is in, in the answer those in their place."""

    groups_to_override: list[str] | None = None
    iam_roles_to_override: list[str] | None = None
    preferred_role: str | None = None


@dataclass(frozen=True, slots=True)
class OfToken:
    """Changes of one token."""

    add: Mapping[str, Any] = field(default_factory=dict)
    suppress: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Overrides:
    """What a function wants changed. `groups` is None where they stay; a Groups without members removes them."""

    id: OfToken = OfToken()
    access: OfToken = OfToken()
    scopes_to_add: tuple[str, ...] = ()
    scopes_to_suppress: frozenset[str] = frozenset()
    groups: Groups | None = None


class _Token(Struct, frozen=True, rename="camel"):
    claims_to_add_or_override: dict[str, Any] | None = None
    claims_to_suppress: list[str] | None = None
    scopes_to_add: list[str] | None = None
    scopes_to_suppress: list[str] | None = None


class _DetailsV1(Struct, frozen=True, rename="camel"):
    claims_to_add_or_override: dict[str, Any] | None = None
    claims_to_suppress: list[str] | None = None
    group_override_details: Groups | UnsetType | None = UNSET


class _DetailsV2(Struct, frozen=True, rename="camel"):
    id_token_generation: _Token | None = None
    access_token_generation: _Token | None = None
    group_override_details: Groups | UnsetType | None = UNSET


class AnswerV1(Struct, frozen=True, rename="camel"):
    claims_override_details: _DetailsV1 | None = None


class AnswerV2(Struct, frozen=True, rename="camel"):
    claims_and_scope_override_details: _DetailsV2 | None = None


def version_of(pool: UserPool) -> str | None:
    """The version of the pool's function as its events tell it; None where there is none."""
    found: Mapping[str, str] | None = pool.settings.lambda_config.get(CONFIG)
    if found is not None:
        return _VERSIONS[found["LambdaVersion"]]
    return None if arn_of(pool, TRIGGER) is None else "1"


def is_asked(pool: UserPool) -> bool:
    """Whether the pool has a function for the tokens of users."""
    return version_of(pool) is not None


async def for_user(
    call: Call,
    source: Source,
    user: User,
    groups: Groups,
    scopes: list[str],
    *,
    client_metadata: Mapping[str, str] | None,
) -> Overrides | None:
    """What is to be changed in the tokens of a user; None where the pool has no function."""
    version = version_of(call.pool)
    if version is None:
        return None
    request: dict[str, Any] = {
        "userAttributes": attributes_of(user),
        "groupConfiguration": {
            "groupsToOverride": groups.groups_to_override or [],
            "iamRolesToOverride": groups.iam_roles_to_override or [],
            "preferredRole": groups.preferred_role,
        },
    }
    if version != "1":
        request["scopes"] = scopes
    return await _fire(call, source, user.username, with_metadata(request, client_metadata), version)


async def for_machine(
    call: Call, scopes: list[str], *, client_metadata: Mapping[str, str] | None
) -> Overrides | None:
    """What is to be changed in an access token that an app client gets for itself; only version 3 is asked."""
    if version_of(call.pool) != "3":
        return None
    request: dict[str, Any] = {"userAttributes": {}, "groupConfiguration": None, "scopes": scopes}
    return await _fire(call, CLIENT_CREDENTIALS, _MACHINE, with_metadata(request, client_metadata), "3")


def overrides_v1(answer: AnswerV1) -> Overrides:
    """Values are texts; numbers and truth values become texts, anything else cannot be read."""
    details = answer.claims_override_details
    if details is None:
        return Overrides()
    added = {name: _text(value) for name, value in (details.claims_to_add_or_override or {}).items()}
    return Overrides(
        id=OfToken(added, frozenset(details.claims_to_suppress or ())),
        groups=_groups(details.group_override_details),
    )


def overrides_v2(answer: AnswerV2) -> Overrides:
    details = answer.claims_and_scope_override_details
    if details is None:
        return Overrides()
    access = details.access_token_generation or _Token()
    scopes = access.scopes_to_add or []
    if any(not scope or scope.split() != [scope] for scope in scopes):
        raise errors.TRIGGER_ANSWER_UNRECOGNIZABLE()  # it would be two scopes, or none
    return Overrides(
        id=_of_token(details.id_token_generation or _Token()),
        access=_of_token(access),
        scopes_to_add=tuple(scopes),
        scopes_to_suppress=frozenset(access.scopes_to_suppress or ()),
        groups=_groups(details.group_override_details),
    )


async def _fire(
    call: Call, source: Source, user_name: str, request: Mapping[str, Any], version: str
) -> Overrides | None:
    if version == "1":
        first = await fire(
            call,
            TRIGGER,
            source,
            user_name=user_name,
            request=request,
            answer=AnswerV1,
            version=version,
        )
        return overrides_v1(first) if first else None
    later = await fire(
        call,
        TRIGGER,
        source,
        user_name=user_name,
        request=request,
        answer=AnswerV2,
        version=version,
    )
    return overrides_v2(later) if later else None


def _of_token(token: _Token) -> OfToken:
    added = {
        name: value for name, value in (token.claims_to_add_or_override or {}).items() if value is not None
    }
    return OfToken(added, frozenset(token.claims_to_suppress or ()))


def _groups(given: Groups | UnsetType | None) -> Groups | None:
    """Absent: they stay. Null or without members: they go."""
    if isinstance(given, UnsetType):
        return None
    return given or Groups()


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool | int | float):
        return msgspec.json.encode(value).decode()
    raise errors.TRIGGER_ANSWER_UNRECOGNIZABLE()
