"""Devices that are confirmed and forgotten at the same moment, and users who go meanwhile."""

from __future__ import annotations

import pytest

from cognomen.errors import Refusal
from cognomen.store import devices as stored
from cognomen.store import spent, users
from cognomen.store.database import Db, Store
from cognomen.users import devices
from tests.meeting import overtaken
from tests.store.test_devices import PHONE
from tests.store.test_users import a_user

NOW = 1_000
MANY = 1_000


@pytest.fixture
async def _anna(store: Store, pool_id: str) -> None:
    await store.write(users.add, a_user(pool_id, sub=PHONE.sub), (), ())


@pytest.mark.usefixtures("_anna")
async def test_a_device_that_is_forgotten_while_it_is_confirmed_again_stays_forgotten(
    store: Store, pool_id: str
) -> None:
    await store.write(devices.confirm, pool_id, PHONE)

    def forget(db: Db) -> None:
        devices.forget(db, pool_id, PHONE.sub, PHONE.key, NOW)

    with pytest.raises(Refusal, match="Device does not exist"):
        await overtaken(store, forget, store.write(devices.confirm, pool_id, PHONE))
    assert await store.read(stored.by_key, pool_id, PHONE.sub, PHONE.key) is None


@pytest.mark.usefixtures("_anna")
async def test_no_device_is_left_of_a_user_who_is_removed_meanwhile(store: Store, pool_id: str) -> None:
    found = await store.read(users.by_sub, pool_id, PHONE.sub)
    assert found is not None

    def remove(db: Db) -> None:
        assert users.remove(db, found, (), ())
        stored.remove_all(db, pool_id, PHONE.sub)

    with pytest.raises(Refusal, match="User does not exist"):
        await overtaken(store, remove, store.write(devices.confirm, pool_id, PHONE))
    assert await store.read(stored.by_key, pool_id, PHONE.sub, PHONE.key) is None


@pytest.mark.usefixtures("_anna")
async def test_what_keeps_a_device_forgotten_is_swept_when_no_token_names_it_any_more(
    store: Store, pool_id: str
) -> None:
    await store.write(devices.confirm, pool_id, PHONE)
    await store.write(devices.forget, pool_id, PHONE.sub, PHONE.key, NOW)
    expires_at = NOW + devices.LONGEST_ACCESS
    await store.write(spent.sweep, expires_at, MANY)
    with pytest.raises(Refusal, match="Device does not exist"):
        await store.write(devices.confirm, pool_id, PHONE)
    await store.write(spent.sweep, expires_at + 1, MANY)
    await store.write(devices.confirm, pool_id, PHONE)
