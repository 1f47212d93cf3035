"""What is spent once, what is counted, what is revoked, and how all of it is swept."""

from __future__ import annotations

import asyncio

from cognomen.store import failures, messages, passwords, refresh_tokens, spent, tokens, user_sessions, users
from cognomen.store.database import Db, Store
from cognomen.store.failures import Failures
from cognomen.store.messages import Message
from cognomen.store.opening import open_store
from cognomen.store.passwords import FormerPassword
from cognomen.store.user_sessions import UserSession
from cognomen.store.users import Alias
from tests.meeting import overtaken
from tests.store.test_users import a_user

FAR = 10**15

SWEEPS = (
    spent.sweep,
    failures.sweep,
    tokens.sweep,
    refresh_tokens.sweep,
    user_sessions.sweep,
    messages.sweep_inbox,
)


async def test_a_thing_is_spent_once_per_pool_and_kind(store: Store, pool_id: str) -> None:
    assert not await store.read(spent.was_spent, pool_id, "turn", "one")
    assert await store.write(spent.spend, pool_id, "turn", "one", FAR)
    assert not await store.write(spent.spend, pool_id, "turn", "one", FAR)
    assert await store.write(spent.spend, pool_id, "code", "one", FAR)
    assert await store.write(spent.spend, f"{pool_id}x", "turn", "one", FAR)
    assert await store.read(spent.was_spent, pool_id, "turn", "one")


async def test_failures_that_come_together_are_all_counted(store: Store, pool_id: str) -> None:
    counts = await asyncio.gather(
        *(store.write(failures.add, pool_id, "password", "ada", 5, FAR) for _ in range(10))
    )
    assert sorted(counts) == list(range(1, 11))
    assert await store.read(failures.by_id, pool_id, "password", "ada") == Failures(10, 5)
    await store.write(failures.remove, pool_id, "password", "ada")
    assert await store.read(failures.by_id, pool_id, "password", "ada") is None


async def test_failures_after_the_forgotten_ones_are_all_counted_from_one(
    store: Store, database_url: str, pool_id: str
) -> None:
    other = open_store(database_url)

    def count(db: Db) -> int:
        return failures.add(db, pool_id, "password", "ada", 20, FAR, forgotten_before=10)

    try:
        for _ in range(20):
            await store.write(failures.remove, pool_id, "password", "ada")
            for _ in range(3):
                await store.write(failures.add, pool_id, "password", "ada", 10, FAR)
            counts = await asyncio.gather(*(each.write(count) for each in (store, other) * 4))
            assert sorted(counts) == list(range(1, 9))
    finally:
        other.close()


async def test_failures_just_after_the_forgotten_moment_still_count(store: Store, pool_id: str) -> None:
    await store.write(failures.add, pool_id, "password", "ada", 11, FAR)

    def count(db: Db) -> int:
        return failures.add(db, pool_id, "password", "ada", 20, FAR, forgotten_before=10)

    assert await store.write(count) == 2


async def test_the_holder_of_a_token_comes_with_the_word_whether_it_was_revoked(
    store: Store, pool_id: str
) -> None:
    ada = a_user(pool_id)
    await store.write(users.add, ada, [Alias("username", "ada")], [])
    assert await store.read(tokens.holder, pool_id, ada.sub, "origin") == (ada, False)
    await store.write(tokens.revoke, pool_id, "origin", FAR)
    await store.write(tokens.revoke, pool_id, "origin", FAR)
    assert await store.read(tokens.holder, pool_id, ada.sub, "origin") == (ada, True)
    assert await store.read(tokens.holder, pool_id, ada.sub, "other") == (ada, False)
    assert await store.read(tokens.holder, pool_id, "nobody", "origin") is None


async def test_only_the_newest_former_passwords_are_remembered(store: Store, pool_id: str) -> None:
    for number in range(5):
        password = FormerPassword(f"id{number}", b"salt", b"sealed", number)
        await store.write(passwords.add, pool_id, "sub", password, 3)
    kept = await store.read(passwords.all_of_user, pool_id, "sub")
    assert [password.set_at for password in kept] == [4, 3, 2]
    await store.write(passwords.remove_all, pool_id, "sub")
    assert await store.read(passwords.all_of_user, pool_id, "sub") == []


async def test_what_has_expired_is_swept_in_bounded_steps(store: Store, pool_id: str) -> None:
    for sweep in SWEEPS:  # what other tests have left here
        while await store.write(sweep, 1, 1000):
            pass
    for number in range(5):
        await store.write(spent.spend, pool_id, "turn", str(number), -number)
        await store.write(failures.add, pool_id, "password", str(number), 0, -number)
        await store.write(tokens.revoke, pool_id, str(number), -number)
        await store.write(
            refresh_tokens.rotate, pool_id, str(number), generation=1, retry_until=0, expires_at=-number
        )
        session = UserSession(f"tkn{number}", None, None, "client", "unknown", None, 0, 0, -number)
        await store.write(user_sessions.add, pool_id, "sub", session)
        await store.write(messages.keep, Message(pool_id, str(number), b"sealed", -number))
    await store.write(spent.spend, pool_id, "turn", "lasting", FAR)
    for sweep in SWEEPS:
        assert await store.write(sweep, 1, 3) == 3
        assert await store.write(sweep, 1, 3) == 2
        assert await store.write(sweep, 1, 3) == 0
    assert await store.read(spent.was_spent, pool_id, "turn", "lasting")


async def test_a_row_that_is_renewed_while_it_is_swept_stays(
    store: Store, database_url: str, pool_id: str
) -> None:
    """Else a failure that was counted just now would be forgotten with the old ones."""
    await store.write(failures.add, pool_id, "password", "ada", 1, 0)
    other = open_store(database_url)

    def renew(db: Db) -> None:
        failures.add(db, pool_id, "password", "ada", 5, FAR)

    try:
        await overtaken(store, renew, other.write(failures.sweep, 1, 1000))
    finally:
        other.close()
    assert await store.read(failures.by_id, pool_id, "password", "ada") == Failures(2, 5)
