"""The one function that makes tokens, whichever door they leave by: sign-in, refresh, later the OAuth endpoints."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from cognomen import clock
from cognomen.call import Call
from cognomen.clock import SECOND
from cognomen.crypto import jws
from cognomen.pools import app_clients
from cognomen.store import groups
from cognomen.store.app_clients import AppClient
from cognomen.store.groups import Group
from cognomen.store.users import User
from cognomen.tokens import overrides, refresh_tokens
from cognomen.tokens.claims import USER_SCOPE, Membership, Stamp, access_claims, id_claims, membership_of
from cognomen.tokens.issuer import issuer_of
from cognomen.tokens.refresh_tokens import RefreshToken
from cognomen.triggers import pre_token_generation
from cognomen.triggers.pre_token_generation import Groups, Source
from cognomen.users import attributes


@dataclass(frozen=True, slots=True)
class Tokens:
    """Signed tokens; `expires_in` seconds is how long the access token lives; `refresh` is None where none is given."""

    access: str = field(repr=False)
    id: str = field(repr=False)
    refresh: str | None = field(repr=False)
    expires_in: int


async def after_sign_in(
    call: Call,
    user: User,
    *,
    source: Source = pre_token_generation.AUTHENTICATION,
    client_metadata: Mapping[str, str] | None = None,
) -> Tokens:
    """The tokens of a sign-in that has just succeeded; `source` is what a trigger is told of it.

    Its origin is later than the user's last sign-out even within one millisecond: what is fresh always counts.
    """
    moment = max(call.now, user.signed_out_at + 1)
    token = RefreshToken(
        client_id=call.client.id,
        sub=user.sub,
        origin=clock.uuid7(moment),
        auth_time=call.now,
        expires_at=call.now + app_clients.refresh_token_seconds(call.client) * SECOND,
    )
    its_groups = await call.store.read(groups.all_of_user, call.pool.id, user.sub)
    return await mint(
        call, user, its_groups, token, with_refresh=True, source=source, client_metadata=client_metadata
    )


async def mint(
    call: Call,
    user: User,
    its_groups: Iterable[Group],
    token: RefreshToken,
    *,
    scope: str = USER_SCOPE,
    with_refresh: bool,
    source: Source = pre_token_generation.REFRESH,
    client_metadata: Mapping[str, str] | None = None,
) -> Tokens:
    """Access and id token of the sign-in that `token` tells of, for call.client, with the user and its groups as they are now.

    Both new ids begin with the moment of the origin too: the client may not want the origin in its tokens, and a
    sign-out must find the access token all the same (access_tokens.py).

    The pool's function may change what they say. It takes its time, so the sign-in is looked at again when it was asked.
    Raises what a trigger raises, and then what `refresh_tokens.check` does.
    """
    configuration, client = call.configuration, call.client
    membership = membership_of(its_groups)
    changes = await pre_token_generation.for_user(
        call, source, user, _told(membership), scope.split(), client_metadata=client_metadata
    )
    if changes is not None:
        user, _ = await refresh_tokens.check(call, token)
        membership, scope = overrides.membership(changes, membership), overrides.scope(changes, scope)
    moment = clock.moment_of(token.origin)
    issued_at = call.now // SECOND
    expires_in = app_clients.access_token_seconds(client)
    stamp = Stamp(
        issuer=issuer_of(call.settings, call.pool),
        client_id=client.id,
        origin_jti=token.origin if _is_traced(client) else None,
        event_id=clock.uuid4(),
        auth_time=token.auth_time // SECOND,
        issued_at=issued_at,
    )
    access = access_claims(
        stamp,
        sub=user.sub,
        username=user.username,
        membership=membership,
        scope=scope,
        jti=clock.uuid7(moment),
        expires_at=issued_at + expires_in,
    )
    identity = id_claims(
        stamp,
        sub=user.sub,
        username=user.username,
        membership=membership,
        attributes=attributes.readable(call.pool, client, user),
        jti=clock.uuid7(moment),
        expires_at=issued_at + app_clients.id_token_seconds(client),
    )
    if changes is not None:
        access = overrides.access_claims(changes, access)
        identity = overrides.id_claims(changes, identity)
    access_key, id_key = configuration.signing["access"], configuration.signing["id"]
    return Tokens(
        access=jws.sign(access_key.private, access_key.kid, access),
        id=jws.sign(id_key.private, id_key.kid, identity),
        refresh=refresh_tokens.issue(call.vault, call.pool.id, token) if with_refresh else None,
        expires_in=expires_in,
    )


def _told(membership: Membership) -> Groups:
    return Groups(list(membership.groups), list(membership.roles), membership.preferred_role)


def _is_traced(client: AppClient) -> bool:
    """Whether tokens carry their origin: where they can be revoked, and with rotation (developer guide, refresh)."""
    return client.settings.enable_token_revocation or app_clients.rotates(client)
