"""Devices of a user: in the order of their keys, each there once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cognomen.store import devices
from cognomen.store.database import AlreadyThere, Store
from cognomen.store.devices import Device

PHONE = Device(
    sub="sub",
    key="us-east-1_b",
    name="phone",
    salt=b"salt",
    sealed_verifier=b"sealed",
    remembered=True,
    last_ip="192.0.2.1",
    created_at=1,
    modified_at=2,
    authenticated_at=3,
)
TABLET = replace(PHONE, key="us-east-1_c", name=None, last_ip=None, remembered=False)
LAPTOP = replace(PHONE, key="us-east-1_a")
OF_ANOTHER = replace(PHONE, sub="another", group_key="-elsewhere")


@pytest.fixture
async def kept(store: Store, pool_id: str) -> None:
    for device in (PHONE, TABLET, LAPTOP, OF_ANOTHER):
        await store.write(devices.add, pool_id, device)


@pytest.mark.usefixtures("kept")
async def test_a_device_comes_back_as_it_was_added_and_is_added_once(store: Store, pool_id: str) -> None:
    for device in (PHONE, TABLET, OF_ANOTHER):
        assert await store.read(devices.by_key, pool_id, device.sub, device.key) == device
    assert await store.read(devices.by_key, f"{pool_id}x", "sub", PHONE.key) is None
    with pytest.raises(AlreadyThere):
        await store.write(devices.add, pool_id, replace(PHONE, name="another name"))


@pytest.mark.usefixtures("kept")
async def test_devices_are_listed_by_key_behind_the_last_one(store: Store, pool_id: str) -> None:
    assert await store.read(devices.all_of_user, pool_id, "sub", "", 2) == [LAPTOP, PHONE]
    assert await store.read(devices.all_of_user, pool_id, "sub", PHONE.key, 2) == [TABLET]


@pytest.mark.usefixtures("kept")
async def test_whether_a_device_is_remembered_changes_for_it_alone(store: Store, pool_id: str) -> None:
    assert await store.write(devices.remember, pool_id, "sub", PHONE.key, 9, remembered=False)
    assert not await store.write(devices.remember, pool_id, "sub", "unknown", 9, remembered=False)
    changed = replace(PHONE, remembered=False, modified_at=9)
    assert await store.read(devices.all_of_user, pool_id, "sub", "", 9) == [LAPTOP, changed, TABLET]
    assert await store.read(devices.by_key, pool_id, "another", PHONE.key) == OF_ANOTHER


@pytest.mark.usefixtures("kept")
async def test_a_sign_in_is_noted_where_the_device_is_remembered(store: Store, pool_id: str) -> None:
    assert await store.write(devices.sign_in, pool_id, "sub", PHONE.key, 9, "192.0.2.9")
    assert await store.write(devices.sign_in, pool_id, "sub", LAPTOP.key, 9, None)
    for key in (TABLET.key, "unknown"):
        assert not await store.write(devices.sign_in, pool_id, "sub", key, 9, "192.0.2.9")
    phone = replace(PHONE, authenticated_at=9, last_ip="192.0.2.9")
    laptop = replace(LAPTOP, authenticated_at=9)
    assert await store.read(devices.all_of_user, pool_id, "sub", "", 9) == [laptop, phone, TABLET]


@pytest.mark.usefixtures("kept")
async def test_one_device_and_all_devices_of_a_user_are_removed(store: Store, pool_id: str) -> None:
    assert await store.write(devices.remove, pool_id, "sub", PHONE.key)
    assert not await store.write(devices.remove, pool_id, "sub", PHONE.key)
    assert await store.read(devices.all_of_user, pool_id, "sub", "", 9) == [LAPTOP, TABLET]
    await store.write(devices.remove_all, pool_id, "sub")
    assert await store.read(devices.all_of_user, pool_id, "sub", "", 9) == []
    assert await store.read(devices.all_of_user, pool_id, "another", "", 9) == [OF_ANOTHER]
