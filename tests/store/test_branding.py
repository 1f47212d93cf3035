from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from cognomen.store import branding, user_pools
from cognomen.store.branding import Asset, Customization, Style
from cognomen.store.database import Db, Store
from tests.meeting import overtaken

STYLE_ID = "00000000-0000-4000-8000-00000000000"


def a_style(pool_id: str, client_id: str = "c1", number: int = 1) -> Style:
    settings = {"components": {"alert": {"borderRadius": 8.0}}}
    return Style(pool_id, client_id, f"{STYLE_ID}{number}", settings, False, 1, 2)


def an_asset(category: str = "FORM_LOGO", slot: str = "", content: bytes = b"\0png") -> Asset:
    return Asset(category, "LIGHT", slot, "PNG", slot or None, content)


def a_customization(pool_id: str, client_id: str) -> Customization:
    return Customization(pool_id, client_id, "css", "PNG", "20260101000000", 1, 1)


async def test_a_style_comes_back_with_its_assets(store: Store, pool_id: str) -> None:
    style = a_style(pool_id)
    assert await store.write(branding.add, style)
    assert await store.read(branding.by_id, pool_id, style.id) == style
    assert await store.read(branding.with_assets_by_id, pool_id, style.id) == (style, [])
    icon, logo = an_asset("IDP_BUTTON_ICON", "Google"), an_asset()
    for asset in (icon, logo):
        await store.write(branding.put_asset, style, asset)
    assert await store.read(branding.with_assets_by_id, pool_id, style.id) == (style, [logo, icon])
    assert await store.read(branding.with_assets_of_client, pool_id, "c1") == (style, [logo, icon])
    assert await store.read(branding.slots_of, style) == {
        ("IDP_BUTTON_ICON", "LIGHT", "Google"): "PNG",
        ("FORM_LOGO", "LIGHT", ""): "PNG",
    }


async def test_an_asset_takes_the_place_of_the_one_in_its_slot(store: Store, pool_id: str) -> None:
    style = a_style(pool_id)
    await store.write(branding.add, style)
    await store.write(branding.put_asset, style, an_asset())
    other = replace(an_asset(), extension="SVG", resource_id="x", content=b"<svg>")
    await store.write(branding.put_asset, style, other)
    assert await store.read(branding.with_assets_of_client, pool_id, "c1") == (style, [other])


async def test_a_style_is_changed_and_removed_with_its_assets_and_no_other(
    store: Store, pool_id: str
) -> None:
    style, other = a_style(pool_id), a_style(pool_id, "c2", 2)
    for each in (style, other):
        await store.write(branding.add, each)
        await store.write(branding.put_asset, each, an_asset())
    assert await store.read(branding.count, pool_id) == 2
    changed = replace(style, settings={}, is_provided=True, modified_at=9)
    await store.write(branding.change, changed)
    assert await store.read(branding.by_id, pool_id, style.id) == changed
    await store.write(branding.remove, style)
    assert await store.read(branding.with_assets_by_id, pool_id, style.id) is None
    assert await store.read(branding.slots_of, style) == {}
    assert await store.read(branding.with_assets_of_client, pool_id, "c2") == (other, [an_asset()])


async def test_a_client_has_one_style_whoever_comes_first(store: Store, pool_id: str) -> None:
    first, second = a_style(pool_id), a_style(pool_id, number=2)

    def add_first(db: Db) -> None:
        assert branding.add(db, first)

    assert await overtaken(store, add_first, store.write(branding.add, second)) is False
    assert await store.read(branding.by_id, pool_id, second.id) is None


async def test_a_customization_is_that_of_the_client_or_else_of_all(store: Store, pool_id: str) -> None:
    of_all, of_client = a_customization(pool_id, "ALL"), a_customization(pool_id, "c1")
    assert await store.read(branding.customization_of, pool_id, "c1") is None
    assert await store.write(branding.put_customization, of_all, b"all") == of_all
    assert await store.read(branding.customization_of, pool_id, "c1") == of_all
    await store.write(branding.put_customization, of_client, b"own")
    assert await store.read(branding.customization_of, pool_id, "c1") == of_client
    assert await store.read(branding.customization_of, pool_id, "ALL") == of_all
    assert await store.read(branding.image_of, pool_id, "c1") == b"own"
    later = replace(of_client, css=None, created_at=5, modified_at=5, version="later")
    written = await store.write(branding.put_customization, later, None)
    assert written == replace(later, created_at=1)
    assert await store.read(branding.image_of, pool_id, "c1") is None
    await store.write(branding.remove_customization, pool_id, "c1")
    assert await store.read(branding.customization_of, pool_id, "c1") == of_all
    assert await store.read(branding.image_of, pool_id, "ALL") == b"all"


@pytest.mark.parametrize("clients", [25])
async def test_with_a_deleted_pool_all_of_it_goes_in_batches(
    store: Store, pool_id: str, clients: int
) -> None:
    async def fill(number: int) -> None:
        style = replace(a_style(pool_id, f"c{number}"), id=f"style-{number}")
        await store.write(branding.add, style)
        await store.write(branding.put_asset, style, an_asset())
        await store.write(branding.put_customization, a_customization(pool_id, f"c{number}"), b"x")

    await asyncio.gather(*map(fill, range(clients)))
    await store.write(user_pools.add_deleted, pool_id, 1)
    rounds = 1
    while not await store.write(user_pools.sweep_deleted, pool_id, 10):
        rounds += 1
    assert rounds == 11  # ten of ten rows: four tables have one for each client; then nothing is found
    assert await store.read(branding.with_assets_of_client, pool_id, "c1") is None
    assert await store.read(branding.image_of, pool_id, "c1") is None
