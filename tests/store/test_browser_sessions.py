"""Sessions of browsers, found by the digest of their cookies together with their users."""

from __future__ import annotations

from dataclasses import replace

from cognomen.store import browser_sessions, users
from cognomen.store.browser_sessions import BrowserSession
from cognomen.store.database import Store
from tests.store.test_users import a_user

SESSION = BrowserSession(
    digest="digest",
    id="sso1",
    sub="sub",
    provider="COGNITO",
    proven=("PASSWORD", "SMS_MFA"),
    credential_version=1,
    authenticated_at=2,
    moment=3,
    expires_at=10,
)


async def test_a_session_comes_back_with_its_user(store: Store, pool_id: str) -> None:
    user = a_user(pool_id)
    session = replace(SESSION, sub=user.sub)
    await store.write(browser_sessions.add, pool_id, session)
    assert await store.read(browser_sessions.holder, pool_id, "digest") is None
    await store.write(users.add, user, (), ())
    assert await store.read(browser_sessions.holder, pool_id, "digest") == (user, session)
    assert await store.read(browser_sessions.holder, f"{pool_id}x", "digest") is None


async def test_sessions_are_removed_one_by_one_or_all_of_a_user(store: Store, pool_id: str) -> None:
    user = a_user(pool_id)
    await store.write(users.add, user, (), ())
    for digest in ("one", "two", "three"):
        await store.write(browser_sessions.add, pool_id, replace(SESSION, sub=user.sub, digest=digest))
    await store.write(browser_sessions.remove, pool_id, "one")
    assert await store.read(browser_sessions.holder, pool_id, "one") is None
    assert await store.read(browser_sessions.holder, pool_id, "two") is not None
    await store.write(browser_sessions.remove_all, pool_id, user.sub)
    for digest in ("two", "three"):
        assert await store.read(browser_sessions.holder, pool_id, digest) is None


async def test_expired_sessions_are_swept(store: Store, pool_id: str) -> None:
    user = a_user(pool_id)
    await store.write(users.add, user, (), ())
    await store.write(browser_sessions.add, pool_id, replace(SESSION, sub=user.sub))
    await store.write(browser_sessions.sweep, 10, 1_000)
    assert await store.read(browser_sessions.holder, pool_id, "digest") is not None
    await store.write(browser_sessions.sweep, 11, 1_000)
    assert await store.read(browser_sessions.holder, pool_id, "digest") is None
