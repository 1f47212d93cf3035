"""Jobs at nodes that come and go."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from msgspec import structs
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen.clock import DAY
from cognomen.crypto.sealing import CannotUnseal
from cognomen.pools.configuration import Configurations, PoolConfiguration
from cognomen.store import user_imports
from cognomen.store.database import Db
from cognomen.store.user_imports import ImportJob
from cognomen.users import creation, imports
from tests.held_clock import HeldClock
from tests.meeting import overtaken
from tests.operations.user_imports.conftest import (
    Make,
    a_row,
    carry_on,
    counts,
    described,
    held_of,
    log_of,
    upload_of,
    work,
)
from tests.server import Server


@pytest.mark.parametrize("opens", [True, False])
def test_jobs_of_pools_elsewhere_are_left_to_the_nodes_there(
    cognito: Cognito,
    server: Server,
    pool_id: str,
    make_pool: Make,
    make_job: Make,
    clock: HeldClock,
    *,
    opens: bool,
) -> None:
    """However many there are: a job that is ours, and younger, does not wait behind them. Nor for one whose master key is gone."""
    elsewhere = str(make_pool(AutoVerifiedAttributes=["email"])["Id"])
    foreign = [make_job(pool=elsewhere) for _ in range(imports.LOOK_AT_ONCE + 1)]
    clock.advance(imports.UNUSED_FOR)
    job = make_job([a_row("ada")])
    cognito.start_user_import_job(UserPoolId=pool_id, JobId=job["JobId"])

    class OneAlone(Configurations):
        async def of_pool(self, pool: str, now: int, *, fresh: bool = False) -> PoolConfiguration | None:
            if pool == pool_id:
                return await super().of_pool(pool, now, fresh=fresh)
            if opens:
                return None
            raise CannotUnseal

    alone = replace(server.node, configurations=OneAlone(server.store, server.node.vault))
    while server.run(carry_on(alone, clock.now)):
        pass
    assert described(cognito, job)["Status"] == "Succeeded"
    assert {described(cognito, each)["Status"] for each in foreign} == {"Created"}
    for each in foreign:
        assert held_of(server, each).holder == "", "nobody has taken it"


def test_what_ends_a_job_happens_at_the_moment_of_the_one_who_does_it(
    server: Server, make_job: Make, clock: HeldClock
) -> None:
    job = make_job()
    tomorrow = clock.now + DAY
    while server.run(carry_on(server.node, tomorrow)):
        pass
    held = held_of(server, job)
    assert (held.status, held.completed_at) == ("Expired", tomorrow)


def test_a_job_that_fails_for_no_known_reason_ends_after_some_attempts(
    cognito: Cognito,
    server: Server,
    pool_id: str,
    make_job: Make,
    clock: HeldClock,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    job = make_job([a_row("ada")])
    cognito.start_user_import_job(UserPoolId=pool_id, JobId=job["JobId"])

    def fail(*_: object) -> None:
        raise ArithmeticError

    monkeypatch.setattr(imports, "_write_lines", fail)
    for _ in range(imports.ATTEMPTS_MAX):
        assert described(cognito, job)["Status"] in ("Pending", "InProgress")
        work(server, clock)
        clock.advance(imports.PAUSE)
    done = described(cognito, job)
    assert (done["Status"], done["CompletionMessage"]) == ("Failed", imports.FAULT)
    assert caplog.text.count("ArithmeticError") >= imports.ATTEMPTS_MAX
    work(server, clock)
    assert server.run(server.store.read(user_imports.parts, pool_id, upload_of(server, job), 0, 10)) == []
    monkeypatch.undo()
    cognito.start_user_import_job(UserPoolId=pool_id, JobId=make_job([a_row("eve")])["JobId"])


def test_two_nodes_at_one_job_import_each_row_once(
    cognito: Cognito,
    server: Server,
    pool_id: str,
    make_job: Make,
    clock: HeldClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(imports, "BATCH", 3)
    monkeypatch.setattr(imports, "BATCHES", 2)
    job = make_job([a_row(f"user{number}") for number in range(60)])
    cognito.start_user_import_job(UserPoolId=pool_id, JobId=job["JobId"])

    async def both() -> None:
        async def node() -> None:
            while await carry_on(server.node, clock.now):
                pass

        await asyncio.gather(node(), node(), node())

    server.run(both())
    work(server, clock)
    assert counts(described(cognito, job)) == (60, 0, 0)
    assert [line.split()[3] for line in log_of(cognito, job)] == [str(n) for n in range(2, 62)]


def test_of_two_nodes_that_write_the_same_lines_one_does(
    cognito: Cognito, server: Server, pool_id: str, make_job: Make, clock: HeldClock
) -> None:
    """The lease of the first has ended while it was away, and another has taken the job; both come at once."""
    job = make_job([a_row("ada")])
    cognito.start_user_import_job(UserPoolId=pool_id, JobId=job["JobId"])

    async def meet() -> object:
        store = server.store
        configuration = await server.node.configurations.of_pool(pool_id, clock.now)
        before = await store.read(user_imports.by_id, pool_id, job["JobId"])
        assert configuration is not None
        assert before is not None
        after = replace(before, position=1)
        user = creation.blank(configuration.pool, "ada", {}, "CONFIRMED", clock.now, complete=False)

        def first(db: Db) -> None:
            imports._write_lines(db, configuration, before, after, [imports._Line(2, user)])

        other = structs.replace(user, sub="other", username="another")
        late = store.write(imports._write_lines, configuration, before, after, [imports._Line(2, other)])
        with pytest.raises(imports._Overtaken):
            await overtaken(store, first, late)
        return await store.read(user_imports.by_id, pool_id, job["JobId"])

    left = server.run(meet())
    assert isinstance(left, ImportJob)
    assert (left.position, left.imported) == (1, 1)
    assert [user["Username"] for user in cognito.list_users(UserPoolId=pool_id)["Users"]] == ["ada"]
