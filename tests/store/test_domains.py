"""Domains and their directory: a name is of one pool, a kind is there once in each."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cognomen.store import domains, user_pools
from cognomen.store.database import Cursor, Db, Store
from cognomen.store.domains import CUSTOM, HOME, PREFIX, Domain, DomainSettings
from cognomen.store.opening import open_store
from tests.meeting import overtaken
from tests.store.test_user_pools import a_pool


def a_domain(pool_id: str, kind: str = PREFIX, region: str = HOME) -> Domain:
    name = f"of-{pool_id[-9:]}"
    config = {"CertificateArn": "arn"} if kind == CUSTOM else None
    return Domain(
        pool_id=pool_id,
        region=region,
        kind=kind,
        name=name if kind == PREFIX else f"{name}.example.com",
        settings=DomainSettings(managed_login_version=2, custom_domain_config=config, routing={"a": "b"}),
        created_at=1,
        modified_at=1,
    )


def put(db: Db, domain: Domain) -> bool:
    return domains.claim(db, domain.name, domain.pool_id) and domains.add(db, domain)


async def test_a_name_is_given_up_with_the_last_region_that_has_it(store: Store, pool_id: str) -> None:
    await store.write(user_pools.add, a_pool(pool_id), ())
    here, there = a_domain(pool_id), a_domain(pool_id, region="eu-west-1")
    for domain in (here, there):
        assert await store.write(put, domain)
    assert await store.read(domains.by_name, pool_id, here.name, "eu-west-1") == there
    assert await store.read(domains.all_in_region, pool_id, HOME) == [here]
    assert await store.write(domains.remove, here)
    assert await store.read(domains.pool_id_of, here.name) == pool_id
    assert await store.write(domains.remove, there)
    assert await store.read(domains.pool_id_of, here.name) is None


async def test_domains_come_back_as_they_were_given(store: Store, pool_id: str) -> None:
    made = [a_domain(pool_id, CUSTOM), a_domain(pool_id)]
    for domain in made:
        assert await store.write(put, domain)
        assert await store.read(domains.by_name, pool_id, domain.name, HOME) == domain
        assert await store.read(domains.pool_id_of, domain.name) == pool_id
    assert await store.read(domains.all_of_pool, pool_id) == made
    assert await store.read(domains.by_name, pool_id, "another", HOME) is None


async def test_a_second_of_a_kind_is_not_written(store: Store, pool_id: str) -> None:
    domain = a_domain(pool_id)
    assert await store.write(put, domain)
    assert not await store.write(put, replace(domain, name=f"{domain.name}-2"))
    assert not await store.write(put, domain)
    assert await store.read(domains.all_of_pool, pool_id) == [domain]


async def test_a_name_may_be_claimed_again_by_its_own_pool_only(store: Store, pool_id: str) -> None:
    name = a_domain(pool_id).name
    assert await store.write(domains.claim, name, pool_id)
    assert await store.write(domains.claim, name, pool_id)
    assert not await store.write(domains.claim, name, f"{pool_id}2")
    assert await store.read(domains.pool_id_of, name) == pool_id


async def test_every_change_of_a_domain_raises_the_version_of_its_pool(store: Store, pool_id: str) -> None:
    await store.write(user_pools.add, a_pool(pool_id), ())
    domain = a_domain(pool_id)
    assert await store.write(put, domain)
    changed = replace(domain, settings=DomainSettings(), modified_at=2)
    assert await store.write(domains.change, changed)
    assert await store.read(domains.by_name, pool_id, domain.name, HOME) == changed
    assert await store.write(domains.remove, domain)
    assert await store.read(user_pools.version_of, pool_id) == 4
    assert await store.read(domains.pool_id_of, domain.name) is None
    assert not await store.write(domains.change, domain)
    assert not await store.write(domains.remove, domain)


@pytest.mark.parametrize("commits", [True, False])
async def test_who_claims_a_name_second_waits_for_the_first(
    database_url: str, store: Store, pool_id: str, commits: bool
) -> None:
    """And has it where the first gives up."""
    first, other = f"{pool_id}1", open_store(database_url)
    name = a_domain(pool_id).name

    def claim(db: Db) -> None:
        assert domains.claim(db, name, first)

    def give_up(db: Db) -> None:
        assert domains.remove(db, replace(a_domain(first), name=name))

    if not commits:
        await store.write(put, replace(a_domain(first), name=name))
    try:
        has_it = await overtaken(
            other, claim if commits else give_up, store.write(domains.claim, name, pool_id)
        )
    finally:
        other.close()
    assert has_it == (not commits)
    assert await store.read(domains.pool_id_of, name) == (first if commits else pool_id)


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True, scope="session")
async def test_a_name_that_is_given_up_between_two_looks_is_claimed_again(store: Store, pool_id: str) -> None:
    """Who finds the name taken and then nobody's begins anew; SQLite lets nobody in between.

    What is given up here comes back with the new beginning.
    """
    domain, attempts = a_domain(pool_id), 0
    assert await store.write(put, domain)

    def claim(db: Db) -> bool:
        nonlocal attempts
        attempts += 1

        def execute(sql: str, values: dict[str, Any]) -> Cursor:
            if sql.startswith("SELECT domain_directory") and attempts == 1:
                domains.remove(db, domain)
            return db._execute(sql, values)

        return domains.claim(Db(db._statements, execute), domain.name, f"{pool_id}2")

    assert not await store.write(claim)
    assert attempts == 2


async def test_a_deleted_pool_leaves_no_name_behind(store: Store, pool_id: str) -> None:
    pool, domain = a_pool(pool_id), a_domain(pool_id)
    await store.write(user_pools.add, pool, ())
    await store.write(put, domain)
    found = await store.read(user_pools.by_id, pool_id)
    assert found is not None
    assert await store.write(user_pools.remove, found, 0)
    assert await store.write(user_pools.sweep_deleted, pool_id, 100)
    assert await store.read(domains.pool_id_of, domain.name) is None
    assert await store.read(domains.all_of_pool, pool_id) == []
