"""The one function that makes tokens, whichever door they leave by: sign-in, refresh, later the OAuth endpoints."""

from __future__ import annotations

from dataclasses import dataclass, field

from cognomen import clock
from cognomen.call import Call
from cognomen.clock import SECOND
from cognomen.crypto import jws
from cognomen.pools import app_clients, not_yet
from cognomen.store import groups
from cognomen.store.app_clients import AppClient
from cognomen.store.users import User
from cognomen.tokens import refresh_tokens
from cognomen.tokens.claims import USER_SCOPE, Stamp, access_claims, id_claims, membership_of
from cognomen.tokens.issuer import issuer_of
from cognomen.tokens.refresh_tokens import RefreshToken
from cognomen.users import attributes


@dataclass(frozen=True, slots=True)
class Tokens:
    """Signed tokens; `expires_in` seconds is how long the access token lives; `refresh` is None where none is given."""

    access: str = field(repr=False)
    id: str = field(repr=False)
    refresh: str | None = field(repr=False)
    expires_in: int


async def after_sign_in(call: Call, user: User) -> Tokens:
    """The tokens of a sign-in that has just succeeded.

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
    return await mint(call, user, token, with_refresh=True)


async def mint(
    call: Call, user: User, token: RefreshToken, *, scope: str = USER_SCOPE, with_refresh: bool
) -> Tokens:
    """Access and id token of the sign-in that `token` tells of, for call.client, with the user as it is now.

    Its groups are read here, in one query, so that every token tells of the present ones.

    Both new ids begin with the moment of the origin too: the client may not want the origin in its tokens, and a
    sign-out must find the access token all the same (access_tokens.py). Raises TRIGGER_NOT_YET_AVAILABLE.
    """
    not_yet.refuse_tokens(call.pool)
    configuration, client = call.configuration, call.client
    membership = membership_of(await call.store.read(groups.all_of_user, call.pool.id, user.sub))
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
    access_key, id_key = configuration.signing["access"], configuration.signing["id"]
    return Tokens(
        access=jws.sign(access_key.private, access_key.kid, access),
        id=jws.sign(id_key.private, id_key.kid, identity),
        refresh=refresh_tokens.issue(call.vault, call.pool.id, token) if with_refresh else None,
        expires_in=expires_in,
    )


def _is_traced(client: AppClient) -> bool:
    """Whether tokens carry their origin: where they can be revoked, and with rotation (developer guide, refresh)."""
    return client.settings.enable_token_revocation or app_clients.rotates(client)
