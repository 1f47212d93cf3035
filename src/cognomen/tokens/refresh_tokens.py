"""Refresh tokens: sealed by us and opened by us, bound to a pool, a client, a user and a sign-in.

    issue   a token's text
    read    what a text says, None unless it is a token of this pool
    verify  the token, its user and the user's groups, or why it does not count
    check   user and groups of a token that is known already

To everyone else a token is opaque: a JWE under a key derived from the master key for this purpose and this pool, with
the master key's id in its header. What it says about revocation is in the store, not in the token.
"""

from __future__ import annotations

import functools

import msgspec

from cognomen import clock, errors
from cognomen.call import Call
from cognomen.crypto import jwe, sealing
from cognomen.crypto.sealing import MasterKey, UnknownKey
from cognomen.master_key.vault import Vault
from cognomen.store import groups, tokens
from cognomen.store.database import Db
from cognomen.store.groups import Group
from cognomen.store.users import User
from cognomen.tokens.scopes import API, Grant


class RefreshToken(msgspec.Struct, frozen=True, array_like=True):
    """What a refresh token says; moments in milliseconds.

    `origin` is the sign-in it comes from, `auth_time` when that was: the origin may be a little later, see minting.py.
    `device_key` is the device it was given to, where that is remembered. New members come last and have a default, so that
    a token of a former release is read.
    """

    client_id: str
    sub: str
    origin: str
    auth_time: int
    expires_at: int
    grant: Grant = API
    device_key: str | None = None


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


async def verify(call: Call, text: str) -> tuple[RefreshToken, User, list[Group]]:
    """The refresh token of call.client behind `text`, its user as it is now, and the user's groups.

    Raises what the API answers where the token does not count.
    """
    token = read(call.vault, call.pool.id, text)
    if token is None or token.client_id != call.client.id:
        raise errors.INVALID_REFRESH_TOKEN()
    if token.expires_at <= call.now:
        raise errors.REFRESH_TOKEN_EXPIRED()
    return token, *await check(call, token)


async def check(call: Call, token: RefreshToken) -> tuple[User, list[Group]]:
    """The user of a sign-in that still counts, with its groups; raises what the API answers where it does not."""
    holder, its_groups = await call.store.read(_holder_and_groups, call.pool.id, token)
    if holder is None:
        raise errors.USER_NOT_FOUND()
    user, revoked = holder
    if not user.enabled:
        raise errors.USER_DISABLED()
    if revoked or clock.moment_of(token.origin) <= user.signed_out_at:
        raise errors.REFRESH_TOKEN_REVOKED()
    return user, its_groups


def _holder_and_groups(
    db: Db, pool_id: str, token: RefreshToken
) -> tuple[tuple[User, bool] | None, list[Group]]:
    holder = tokens.holder(db, pool_id, token.sub, token.origin)
    return holder, groups.all_of_user(db, pool_id, token.sub) if holder else []


# Every pool in use has a key derived once; deriving one anew costs some 10 µs, so a small cache does no harm.
@functools.lru_cache(maxsize=1024)
def _key(key: MasterKey, pool_id: str) -> bytes:
    return sealing.subkey(key, f"refresh token/{pool_id}")
