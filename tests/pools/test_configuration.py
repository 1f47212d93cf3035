"""What a process keeps in memory of pools; most of it is told by the tests of the operations."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient

from cognomen.pools.configuration import Configurations
from cognomen.store import user_pools
from cognomen.store.access_keys import AccessKey
from cognomen.store.database import Unavailable
from tests.server import Server
from tests.watched_store import WatchedStore


class LateWrites(WatchedStore):
    """A store whose writes wait to be let go, and go on without who asked for them, as those in a thread do."""

    def __init__(self, inner: Any) -> None:
        super().__init__(inner)
        self.config_max_age = 1_000
        self.begun, self.may_commit = asyncio.Event(), asyncio.Event()

    async def write(self, f: Any, *args: Any, **kwargs: Any) -> Any:
        async def late() -> None:
            self.begun.set()
            await self.may_commit.wait()
            await WatchedStore.write(self, f, *args, **kwargs)

        await asyncio.shield(asyncio.ensure_future(late()))


class LostAnswers(WatchedStore):
    """A store whose writes are committed, and nobody learns it."""

    def __init__(self, inner: Any, outcome: type[BaseException]) -> None:
        super().__init__(inner)
        self.config_max_age, self._outcome = 1_000, outcome

    async def write(self, f: Any, *args: Any, **kwargs: Any) -> Any:
        await super().write(f, *args, **kwargs)
        raise self._outcome


@pytest.mark.parametrize("outcome", [Unavailable, asyncio.CancelledError])
def test_a_change_whose_outcome_nobody_learnt_is_noticed(
    server: Server, make_pool: Callable[..., Any], outcome: type[BaseException]
) -> None:
    pool_id, now = make_pool()["Id"], server.clock.now

    async def change() -> str:
        configurations = Configurations(LostAnswers(server.store, outcome), server.node.vault)
        configurations._open = False  # in open mode every request asks for the version
        known = await configurations.of_pool(pool_id, now)
        assert known
        renamed = replace(known.pool, name="renamed")
        with pytest.raises(outcome):
            await configurations.write(pool_id, user_pools.change, renamed, now)
        changed = await configurations.of_pool(pool_id, now)
        assert changed
        return changed.pool.name

    assert server.run(change()) == "renamed"


@pytest.mark.parametrize("mode", ["OFF", "AUDIT"])
def test_a_risk_configuration_is_kept_where_threat_protection_is_on_and_read_nowhere_else(
    server: Server,
    cognito: CognitoIdentityProviderClient,
    make_pool: Callable[..., Any],
    make_client: Callable[..., Any],
    mode: str,
) -> None:
    """That of the pool with the pool, that of a client with the client; a change is noticed by another process too."""
    pool_id = make_pool(UserPoolTier="PLUS", UserPoolAddOns={"AdvancedSecurityMode": mode})["Id"]
    ids, now = [make_client(pool_id)["ClientId"] for _ in range(2)], server.clock.now
    store: Any = WatchedStore(server.store)
    other = Configurations(store, server.node.vault)

    async def told() -> list[list[str]]:
        store.ran.clear()
        found = [await other.of_client(client_id, now) for client_id in ids]
        return [[*each[0].risk_parts(each[1])] for each in found if each]

    def asked() -> int:
        return sum("risk_configurations" in each for each in store.ran)

    assert server.run(told()) == [[], []]
    assert asked() == (0 if mode == "OFF" else 3)
    if mode == "OFF":
        return
    skipped: Any = {"SkippedIPRangeList": ["192.0.2.0/24"]}
    blocked: Any = {"Actions": {"EventAction": "BLOCK"}}
    cognito.set_risk_configuration(UserPoolId=pool_id, RiskExceptionConfiguration=skipped)
    assert server.run(told()) == [["RiskExceptionConfiguration"]] * 2
    cognito.set_risk_configuration(
        UserPoolId=pool_id, ClientId=ids[0], CompromisedCredentialsRiskConfiguration=blocked
    )
    assert server.run(told()) == [["CompromisedCredentialsRiskConfiguration"], ["RiskExceptionConfiguration"]]
    assert server.run(told()) == [["CompromisedCredentialsRiskConfiguration"], ["RiskExceptionConfiguration"]]
    assert asked() == 0
    cognito.set_risk_configuration(UserPoolId=pool_id, ClientId=ids[0])
    assert server.run(told()) == [["RiskExceptionConfiguration"]] * 2


class OneKey:
    """A store of one access key, or of none; `reads` is how often it was asked."""

    config_max_age = 1_000

    def __init__(self, key: AccessKey | None) -> None:
        self._key, self.reads = key, 0

    async def read(self, *_: Any) -> AccessKey | None:
        self.reads += 1
        return self._key


@pytest.mark.parametrize(
    ("key", "reads"),
    [
        (AccessKey("AKIAKEPT", "tester", b"sealed", "{}", 1, None), [1, 1, 2, 3]),
        (None, [1, 2, 3, 4]),
    ],
)
async def test_an_access_key_is_read_again_when_it_has_been_known_for_a_second_or_time_went_back(
    key: AccessKey | None, reads: list[int]
) -> None:
    store: Any = OneKey(key)
    no_vault: Any = None
    configurations, counted = Configurations(store, no_vault), []
    for moment in (5_000, 5_999, 6_000, 4_000):
        assert await configurations.access_key("AKIAKEPT", moment) is key
        counted.append(store.reads)
    assert counted == reads


def test_a_change_that_is_committed_when_nobody_waits_for_it_is_noticed(
    server: Server, make_pool: Callable[..., Any]
) -> None:
    pool_id, now = make_pool()["Id"], server.clock.now

    async def change() -> list[str]:
        store = LateWrites(server.store)
        configurations = Configurations(store, server.node.vault)
        configurations._open = False

        async def name() -> str:
            known = await configurations.of_pool(pool_id, now)
            assert known
            return known.pool.name

        known = await configurations.of_pool(pool_id, now)
        assert known
        renamed = replace(known.pool, name="renamed")
        earlier = asyncio.all_tasks()
        writing = asyncio.ensure_future(configurations.write(pool_id, user_pools.change, renamed, now))
        await store.begun.wait()
        writing.cancel()
        await asyncio.wait([writing])
        before = await name()
        going_on = asyncio.all_tasks() - earlier
        store.may_commit.set()
        await asyncio.wait(going_on)
        return [before, await name()]

    before, after = server.run(change())
    assert before != after == "renamed"
