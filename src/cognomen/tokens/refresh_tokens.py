"""Refresh tokens: sealed by us and opened by us, bound to a pool, a client, a user and a sign-in.

    issue   a token's text
    read    what a text says, None unless it is a token of this pool
    verify  the token, its user and the user's groups, or why it does not count
    check   user and groups of a token that is known already
    forgotten_at        when a revocation need not be known any more
    device_of           the device that goes with it
    end_if_reused       the sign-in ended whose replaced token came back, where that is set
    successor, rotate   where the client rotates its tokens: the one that replaces another, and the moment it does

To everyone else a token is opaque: a JWE under a key derived from the master key for this purpose and this pool, with
the master key's id in its header. What is revoked and what was replaced is in the store, not in the token: only clients
that rotate their tokens pay for rows (store/refresh_tokens.py).
"""

from __future__ import annotations

import functools
import logging
from typing import NamedTuple

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from cognomen import clock, errors
from cognomen.call import Call
from cognomen.clock import DAY, MINUTE, SECOND
from cognomen.crypto import jwe, sealing
from cognomen.crypto.sealing import MasterKey, UnknownKey
from cognomen.errors import Refusal, Sentence
from cognomen.master_key.vault import Vault
from cognomen.pools import app_clients
from cognomen.store import devices as stored_devices
from cognomen.store import refresh_tokens as stored_tokens
from cognomen.store import tokens
from cognomen.store.app_clients import AppClient
from cognomen.store.database import Db
from cognomen.store.groups import Group
from cognomen.store.refresh_tokens import Rotation
from cognomen.store.users import User
from cognomen.tokens import standing
from cognomen.tokens.assurance import NOTHING, Assurance
from cognomen.tokens.scopes import API, Grant
from cognomen.users import devices


class RefreshToken(msgspec.Struct, frozen=True, array_like=True):
    """What a refresh token says; moments in milliseconds.

    `origin` is the sign-in it comes from, `auth_time` when that was: the origin may be a little later, see minting.py.
    `device_key` is the device it was given to, where the pool tracks devices. `generation` counts how often it was replaced:
    from 1 where the client rotates its tokens, 0 where it did not when this one was issued. `browser_session` is the id of
    the one it came through. `assurance` is what was proven at the sign-in. `event` is the sign-in's in the user's history, empty
    where none is kept. New members come last and have a default, so that
    a token of a former release is read.
    """

    client_id: str
    sub: str
    origin: str
    auth_time: int
    expires_at: int
    grant: Grant = API
    device_key: str | None = None
    generation: int = 0
    browser_session: str | None = None
    assurance: Assurance = NOTHING
    event: str = ""


MAY_BE_BEHIND = MINUTE
"""How long before a token was replaced a request may have begun that still is a retry: it takes its time, and the clocks of
nodes differ. For a node whose clock is further behind there is no time for retries, rather than a longer one.
"""

NO_RETRY = 0
"""A `retry_until` that is over for every request, whenever it began."""

log = logging.getLogger(__name__)

_decoder = msgspec.msgpack.Decoder(RefreshToken)


def issue(vault: Vault, pool_id: str, token: RefreshToken) -> str:
    key = vault.keyring.current
    return jwe.encrypt(_key(key, pool_id), key.id, msgspec.msgpack.encode(token))


def read(vault: Vault, pool_id: str, text: str) -> RefreshToken | None:
    """The token of this pool behind `text`, any text at all."""
    try:
        parsed = jwe.parse(text)
        key = vault.master_key(parsed.kid)
        return _decoder.decode(jwe.decrypt(_key(key, pool_id), parsed))
    except (ValueError, UnknownKey):
        return None


async def verify(
    call: Call,
    text: str,
    *,
    device_key: str | None = None,
    invalid: Sentence = errors.INVALID_REFRESH_TOKEN,
) -> tuple[RefreshToken, User, list[Group]]:
    """The refresh token of call.client behind `text`, its user as it is now, and the user's groups.

    `device_key` is the device that the request comes from; a token that was given to one is of no use to others, and while the
    pool tracks devices to that one only once it is confirmed, and until it is forgotten.
    Raises `invalid`, REFRESH_TOKEN_EXPIRED and what `check` does.
    """
    token = read(call.vault, call.pool.id, text)
    if token is None or token.client_id != call.client.id:
        raise invalid()
    if token.device_key not in (None, device_key):
        raise invalid()
    if token.expires_at <= call.now:
        raise errors.REFRESH_TOKEN_EXPIRED()
    return token, *await check(call, token, on_device=device_of(call, token), invalid=invalid)


def device_of(call: Call, token: RefreshToken) -> str | None:
    """The device that the token's user must still have; None for any or none."""
    return token.device_key if devices.are_tracked(call.pool) else None


async def check(
    call: Call,
    token: RefreshToken,
    *,
    on_device: str | None = None,
    invalid: Sentence = errors.INVALID_REFRESH_TOKEN,
) -> tuple[User, list[Group]]:
    """The user of a sign-in that still counts, with its groups. `on_device` is a device that the user must have.

    Raises what the API answers where it does not: USER_NOT_FOUND, USER_DISABLED, REFRESH_TOKEN_REVOKED, `invalid` for the
    device, REFRESH_TOKEN_REUSED.
    """
    rotated = _may_be_replaced(call, token)
    found = await call.store.read(_look, call.pool.id, token, rotated=rotated, on_device=on_device)
    user = standing.user_of(found.holder, clock.moment_of(token.origin), errors.REFRESH_TOKEN_REVOKED)
    if not found.has_device:
        raise invalid()
    if found.rotation is not None and not _counts(call, token, found.rotation):
        await end_if_reused(call, token)
        raise _reused(call)
    return user, found.groups


def forgotten_at(call: Call, expires_at: int) -> int:
    """When nothing can count any more that comes of a sign-in whose refresh token expires at `expires_at` (milliseconds).

    From then on nobody must know that it was revoked. An access token may be issued in the refresh token's last moment, and
    lives for a day at most.
    """
    return max(expires_at, call.now) + DAY


def first_generation(client: AppClient) -> int:
    """The generation of the token that a sign-in gives."""
    return 1 if app_clients.rotates(client) else 0


def successor(token: RefreshToken) -> RefreshToken:
    """The token that replaces this one; it expires when this one would have."""
    return msgspec.structs.replace(token, generation=token.generation + 1)


def rotate(db: Db, call: Call, token: RefreshToken) -> None:
    """Let the successor count in place of `token`, which counts a little longer where the client has a time for retries.

    Runs in a transaction. Raises REFRESH_TOKEN_REUSED when another request was faster and that time is over.
    """
    retry_seconds = app_clients.retry_seconds(call.client)
    before = stored_tokens.rotate(
        db,
        call.pool.id,
        token.origin,
        generation=token.generation,
        retry_until=call.now + retry_seconds * SECOND if retry_seconds else NO_RETRY,
        expires_at=token.expires_at,
    )
    if before is not None and not _counts(call, token, before):
        raise _reused(call)


async def end_if_reused(call: Call, token: RefreshToken) -> None:
    """Revoke the sign-in whose replaced token has come back, where the operator wants that (RFC 9700, 4.14.2).

    Either the thief or the app has the newer one, and nobody can tell which; then both sign in again. What is raised to the
    caller undoes its transaction, so this is one of its own.
    """
    if call.settings.revoke_on_reuse:
        await call.store.write(
            tokens.revoke, call.pool.id, token.origin, forgotten_at(call, token.expires_at)
        )


def _may_be_replaced(call: Call, token: RefreshToken) -> bool:
    """Whether there may be a row. A token of before the client rotated has none until it is used while it does."""
    return token.generation > 0 or app_clients.rotates(call.client)


def _counts(call: Call, token: RefreshToken, rotation: Rotation) -> bool:
    if token.generation >= rotation.generation:
        return True
    replaced_at = rotation.retry_until - app_clients.retry_seconds(call.client) * SECOND
    return (
        token.generation == rotation.generation - 1
        and replaced_at - MAY_BE_BEHIND <= call.now < rotation.retry_until
    )


def _reused(call: Call) -> Refusal:
    """Somebody has a token that was replaced. The sign-in stays, as documented, unless it was ended; an operator may want to know."""
    log.warning(
        "a refresh token was used again after it was replaced",
        extra={
            "request_id": call.request_id,
            "operation": call.operation,
            "pool_id": call.pool.id,
            "client_id": call.client.id,
        },
    )
    return errors.REFRESH_TOKEN_REUSED()


class _Found(NamedTuple):
    """What is kept of a token's sign-in."""

    holder: tuple[User, bool] | None
    groups: list[Group]
    rotation: Rotation | None
    has_device: bool


def _look(db: Db, pool_id: str, token: RefreshToken, *, rotated: bool, on_device: str | None) -> _Found:
    holder, its_groups = tokens.holder_and_groups(db, pool_id, token.sub, token.origin)
    return _Found(
        holder,
        its_groups,
        stored_tokens.rotation_of(db, pool_id, token.origin) if rotated else None,
        on_device is None or stored_devices.by_key(db, pool_id, token.sub, on_device) is not None,
    )


# Every pool in use has a key derived once; deriving one anew costs some 10 µs, so a small cache does no harm.
@functools.lru_cache(maxsize=1024)
def _key(key: MasterKey, pool_id: str) -> AESGCM:
    return AESGCM(sealing.subkey(key, f"refresh token/{pool_id}"))
