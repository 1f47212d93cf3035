"""What makes tokens, whichever door they leave by.

    after_sign_in   the tokens of a sign-in that has just succeeded
    after_refresh   those that a refresh token gives, and its successor where the client rotates them
    mint            the tokens of a sign-in that a refresh token tells of
    for_client      the token that an app client gets for itself
    derived         the token that an app client gets for one that it presents

A pool's function may change what tokens say (triggers/pre_token_generation.py). What it may change is in overrides.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from cognomen import clock, errors
from cognomen.call import Call
from cognomen.clock import SECOND
from cognomen.crypto import jws
from cognomen.errors import Refusal
from cognomen.pools import app_clients
from cognomen.store import groups
from cognomen.store.database import Db
from cognomen.store.groups import Group
from cognomen.store.users import User
from cognomen.tokens import assurance, claims, exchange, overrides, refresh_tokens, scopes, user_sessions
from cognomen.tokens.claims import Membership, Stamp, membership_of
from cognomen.tokens.exchange import Party, TokenUse
from cognomen.tokens.issuer import issuer_of
from cognomen.tokens.refresh_tokens import RefreshToken
from cognomen.tokens.scopes import API, OPENID, USER_SCOPE, Grant
from cognomen.triggers import pre_token_generation
from cognomen.triggers.pre_token_generation import Groups, Source
from cognomen.users import attributes


class Tokens(msgspec.Struct, frozen=True):
    """Signed tokens; `id` and `refresh` are None where none is given. `expires_in`: seconds the access token lives."""

    access: str
    id: str | None
    refresh: str | None
    expires_in: int

    def __repr__(self) -> str:
        """Without the tokens."""
        return f"Tokens(expires_in={self.expires_in})"


def new_origin(call: Call, user: User) -> str:
    """An origin for a sign-in of now, which is later than the user's last sign-out even within one millisecond."""
    return clock.uuid7(max(call.now, user.signed_out_at + 1))


async def after_sign_in(
    call: Call,
    user: User,
    *,
    source: Source = pre_token_generation.AUTHENTICATION,
    client_metadata: Mapping[str, str] | None = None,
    grant: Grant = API,
    nonce: str | None = None,
    origin: str | None = None,
    auth_time: int | None = None,
    device_key: str | None = None,
    browser_session: str | None = None,
    proven: Iterable[str] = (),
    event: str = "",
    with_refresh: bool = True,
    beside: Callable[[Db], None] | None = None,
) -> Tokens:
    """The tokens of a sign-in that has just succeeded, for call.client; `source` is what a trigger is told of it.

    `proven` are the challenges that were answered, in order, or one of OF_PROVIDERS. `event` is the sign-in's in the user's history, if that is kept.

    Where the sign-in was a while ago, `auth_time` (milliseconds) says when, and `origin` is what `new_origin` gave when the
    tokens were promised, so that whatever has revoked it since counts. `browser_session` is the id of the one it came through.

    Without a refresh token the sign-in lasts as long as its access token. `beside` is written in one transaction with what is
    kept of the sign-in, ahead of it.
    """
    client = call.client
    life = (
        app_clients.refresh_token_seconds(client)
        if with_refresh
        else app_clients.access_token_seconds(client)
    )
    token = RefreshToken(
        client_id=client.id,
        sub=user.sub,
        origin=origin or new_origin(call, user),
        auth_time=call.now if auth_time is None else auth_time,
        expires_at=call.now + life * SECOND,
        grant=grant,
        device_key=device_key,
        generation=refresh_tokens.first_generation(client),
        browser_session=browser_session,
        assurance=assurance.of(call.pool, proven),
        event=event,
    )
    its_groups = await call.store.read(groups.all_of_user, call.pool.id, user.sub)
    tokens = await mint(
        call,
        user,
        its_groups,
        token,
        with_refresh=with_refresh,
        source=source,
        client_metadata=client_metadata,
        nonce=nonce,
    )
    if beside is not None or user_sessions.is_tracked(call):
        await call.store.write(_keep_sign_in, call, token, beside)
    return tokens


def _keep_sign_in(db: Db, call: Call, token: RefreshToken, beside: Callable[[Db], None] | None) -> None:
    if beside is not None:
        beside(db)
    if user_sessions.is_tracked(call):
        user_sessions.began(db, call, token)


async def after_refresh(
    call: Call,
    token: RefreshToken,
    user: User,
    its_groups: Iterable[Group],
    *,
    client_metadata: Mapping[str, str] | None = None,
) -> Tokens:
    """The tokens that a verified refresh token of call.client gives, with a new refresh token where the client rotates them.

    What is written comes when everything else is done, so that a function that fails does not cost the sign-in.
    Raises what `mint`, `refresh_tokens.rotate` and `user_sessions.refreshed` raise.
    """
    rotates = app_clients.rotates(call.client)
    tokens = await mint(
        call,
        user,
        its_groups,
        refresh_tokens.successor(token) if rotates else token,
        with_refresh=rotates,
        client_metadata=client_metadata,
    )
    if rotates or user_sessions.is_tracked(call):
        try:
            await call.store.write(_keep_refresh, call, token)
        except Refusal as refusal:
            if refusal.is_(errors.REFRESH_TOKEN_REUSED):
                await refresh_tokens.end_if_reused(call, token)
            raise
    return tokens


def _keep_refresh(db: Db, call: Call, token: RefreshToken) -> None:
    if app_clients.rotates(call.client):
        refresh_tokens.rotate(db, call, token)
    if user_sessions.is_tracked(call):
        user_sessions.refreshed(db, call, token)


async def mint(
    call: Call,
    user: User,
    its_groups: Iterable[Group],
    token: RefreshToken,
    *,
    with_refresh: bool,
    source: Source = pre_token_generation.REFRESH,
    client_metadata: Mapping[str, str] | None = None,
    nonce: str | None = None,
) -> Tokens:
    """The tokens of the sign-in that `token` tells of, for call.client, with the user and its groups as they are now.

    There is an id token unless an OAuth client was not granted `openid`. Both new ids begin with the moment of the origin
    too: the client may not want the origin in its tokens, and a sign-out must find the access token all the same
    (access_tokens.py).

    The pool's function may change what they say. It takes its time, so the sign-in is looked at again when it was asked.
    Raises what a trigger raises, and then what `refresh_tokens.check` does, and SESSION_INVALID for a sign-in whose user has
    other credentials by then.
    """
    client, grant = call.client, token.grant
    membership = membership_of(its_groups)
    changes = None
    if pre_token_generation.is_asked(call.pool):
        changes = await pre_token_generation.for_user(
            call, source, user, _told(membership), grant.scope.split(), client_metadata=client_metadata
        )
    if changes is not None:
        user = await _still_there(call, user, token, source)
        membership = overrides.membership(changes, membership)
        grant = msgspec.structs.replace(grant, scope=overrides.scope(changes, grant.scope))
    moment = clock.moment_of(token.origin)
    issued_at = call.now // SECOND
    expires_in = app_clients.access_token_seconds(client)
    stamp = Stamp(
        issuer=issuer_of(call.settings, call.pool),
        client_id=client.id,
        origin_jti=token.origin if _is_traced(call) else None,
        event_id=token.event or clock.uuid4(),
        auth_time=token.auth_time // SECOND,
        issued_at=issued_at,
        assurance=token.assurance,
    )
    of_access = claims.access_claims(
        stamp,
        sub=user.sub,
        username=user.username,
        membership=membership,
        grant=grant,
        jti=clock.uuid7(moment),
        expires_at=issued_at + expires_in,
        device_key=token.device_key,
    )
    if changes is not None:
        of_access = overrides.access_claims(changes, of_access)
    access = _signed(call, "access", of_access)
    identity = None
    if not token.grant.is_oauth or OPENID in token.grant.scope.split():
        readable = attributes.readable(client, user)
        of_id = claims.id_claims(
            stamp,
            sub=user.sub,
            username=user.username,
            membership=membership,
            attributes=scopes.attributes_of(token.grant.scope, readable) if grant.is_oauth else readable,
            jti=clock.uuid7(moment),
            expires_at=issued_at + app_clients.id_token_seconds(client),
            at_hash=claims.at_hash(access) if grant.is_oauth else None,
            nonce=nonce,
        )
        if changes is not None:
            of_id = overrides.id_claims(changes, of_id)
        identity = _signed(call, "id", of_id)
    return Tokens(
        access=access,
        id=identity,
        refresh=refresh_tokens.issue(call.vault, call.pool.id, token) if with_refresh else None,
        expires_in=expires_in,
    )


async def _still_there(call: Call, user: User, token: RefreshToken, source: Source) -> User:
    """The user as it is now that a function was asked, if the sign-in, or its device at a refresh, still counts."""
    # A device that a sign-in has just been offered is yet to be confirmed.
    is_refresh = source == pre_token_generation.REFRESH
    on_device = refresh_tokens.device_of(call, token) if is_refresh else None
    present, _ = await refresh_tokens.check(call, token, on_device=on_device)
    if not is_refresh and present.credential_version != user.credential_version:
        raise errors.SESSION_INVALID()
    return present


async def for_client(
    call: Call, asked: Iterable[str] | None, *, client_metadata: Mapping[str, str] | None = None
) -> Tokens:
    """The access token that call.client gets for itself (client_credentials), once it has proven its secret.

    Its scopes are those of `asked`, or all the client has where that is None or empty; custom ones only. No user is asked
    for, nothing is refreshed, and nothing but its expiry ends it.
    Raises SCOPE_UNKNOWN, SCOPE_NOT_ALLOWED and what a trigger raises.
    """
    client = call.client
    scope = scopes.granted(client, call.configuration.custom_scopes, asked)
    changes = await pre_token_generation.for_machine(call, scope.split(), client_metadata=client_metadata)
    if changes is not None:
        scope = overrides.scope(changes, scope)
    issued_at = call.now // SECOND
    expires_in = app_clients.access_token_seconds(client)
    of_access = claims.machine_claims(
        issuer_of(call.settings, call.pool),
        client.id,
        scope=scope,
        jti=clock.uuid4(),
        issued_at=issued_at,
        expires_at=issued_at + expires_in,
    )
    if changes is not None:
        of_access = overrides.access_claims(changes, of_access)
    return Tokens(access=_signed(call, "access", of_access), id=None, refresh=None, expires_in=expires_in)


@dataclass(frozen=True, slots=True)
class Derived:
    """A token made for another one; `scopes` are those of an access token."""

    text: str = field(repr=False)
    expires_in: int
    scopes: tuple[str, ...] = ()


async def derived(
    call: Call, subject: Party, actor: Party | None, *, token_use: TokenUse, scope: str, audience: str | None
) -> Derived:
    """The token that call.client gets for the subject's, with the user and its groups as they are now.

    It is for `audience` alone where one is named, expires with the subject's at the latest, and counts no longer than the sign-in
    that comes from. Raises what a trigger and `exchange.check` raise.
    """
    client = call.client
    user = await exchange.check(call, subject)
    membership = membership_of(await call.store.read(groups.all_of_user, call.pool.id, user.sub))
    changes = await pre_token_generation.for_user(
        call, pre_token_generation.REFRESH, user, _told(membership), scope.split(), client_metadata=None
    )
    if changes is not None:
        user = await exchange.check(call, subject)
        membership, scope = overrides.membership(changes, membership), overrides.scope(changes, scope)
    issued_at = call.now // SECOND
    of_access = token_use == "access"
    life = app_clients.access_token_seconds(client) if of_access else app_clients.id_token_seconds(client)
    expires_at = min(issued_at + life, subject.claims["exp"])
    stamp = Stamp(
        issuer=issuer_of(call.settings, call.pool),
        client_id=client.id,
        origin_jti=subject.origin,
        event_id=clock.uuid4(),
        auth_time=subject.claims["auth_time"],
        issued_at=issued_at,
        assurance=subject.assurance,
    )
    who: Any = {"sub": user.sub, "username": user.username, "membership": membership}
    lasting: Any = {"jti": clock.uuid7(subject.moment), "expires_at": expires_at}
    act = exchange.acting(subject, actor)
    bound: dict[str, Any] = {} if act is None else {exchange.ACT: act}
    if of_access:
        said = claims.access_claims(stamp, **who, **lasting, grant=Grant(scope, resource=audience)) | bound
        said = said if changes is None else overrides.access_claims(changes, said)
    else:
        bound |= {} if audience is None else {"aud": audience}
        bound[exchange.AUTHORIZED] = client.id
        shown = _shown(subject, await _readable_by_both(call, subject, user))
        said = claims.id_claims(stamp, **who, **lasting, attributes=shown) | bound
        said = said if changes is None else overrides.id_claims(changes, said)
    return Derived(
        text=_signed(call, token_use, said),
        expires_in=expires_at - issued_at,
        scopes=tuple(scope.split()) if of_access else (),
    )


async def _readable_by_both(call: Call, subject: Party, user: User) -> Mapping[str, str]:
    """The attributes that call.client may read, and the client that the subject's token was made for too."""
    owner = await call.configurations.client(call.configuration, subject.client_id)
    if owner is None:
        return {}
    theirs = attributes.readable(owner, user)
    ours = attributes.readable(call.client, user)
    return {name: value for name, value in ours.items() if name in theirs}


def _shown(subject: Party, readable: Mapping[str, str]) -> Mapping[str, str]:
    """The attributes that an id token may show for the subject's token: no more than that one could have been used to read."""
    if subject.token_use == "id" or USER_SCOPE in subject.scopes:
        return readable
    return scopes.attributes_of(" ".join(subject.scopes), readable) if OPENID in subject.scopes else {}


def _signed(call: Call, token_use: str, said: dict[str, Any]) -> str:
    key = call.configuration.signing[token_use]
    return jws.sign(key.private, key.kid, said)


def _told(membership: Membership) -> Groups:
    return Groups(list(membership.groups), list(membership.roles), membership.preferred_role)


def _is_traced(call: Call) -> bool:
    """Whether tokens carry their origin: where they can be revoked, and with rotation (developer guide, refresh)."""
    return (
        call.client.settings.enable_token_revocation
        or app_clients.rotates(call.client)
        or user_sessions.is_tracked(call)
    )
