"""What befalls a server in earnest: killed while it writes, its disk full, its database gone, silent or locked."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

import psycopg
import pytest

from cognomen import app, jobs, settings
from cognomen.store import spent
from tests import postgres
from tests.processes import Running, children_of, serving, until
from tests.writing import Writers, ask

WRITES = 10_000
ROUNDS = 4
JOBS = ("carry", "clean", "follow")
PATIENT = {"COGNOMEN_DATABASE_TIMEOUT_S": "2"}
UNAVAILABLE = "The database cannot be reached or written; try again."


@pytest.fixture(scope="module")
def cluster() -> Iterator[postgres.Server]:
    """A PostgreSQL of these tests' own, as durable as it is installed."""
    started = postgres.start(postgres.DURABLE)
    yield started
    postgres.stop(started)


def make_pool(server: Running) -> str:
    status, answer = ask(server.port, "CreateUserPool", {"PoolName": "kept"})
    assert status == 200, answer
    pool_id: str = answer["UserPool"]["Id"]
    return pool_id


def create(server: Running, pool_id: str, name: str) -> tuple[int, str]:
    """Status and message of creating a user."""
    document = {"UserPoolId": pool_id, "Username": name, "MessageAction": "SUPPRESS"}
    status, answer = ask(server.port, "AdminCreateUser", document)
    return status, answer.get("message", "")


def keys_status(server: Running, pool_id: str) -> int:
    try:
        with urllib.request.urlopen(f"{server.endpoint}/{pool_id}/.well-known/jwks.json") as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def describe(server: Running, pool_id: str) -> int:
    return ask(server.port, "DescribeUserPool", {"UserPoolId": pool_id})[0]


def ready(server: Running) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"{server.endpoint}/ready", timeout=10) as answer:
            return answer.status, ""
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.loads(error.read())["reason"]


# -- killed -----------------------------------------------------------------------------------------------------------


def test_kill_in_the_middle_of_writes_loses_nothing_on_sqlite(tmp_path: Path) -> None:
    writers = None
    for number in range(ROUNDS):
        with serving(tmp_path) as server:
            writers = writers or Writers(make_pool(server))
            goal = writers.count + WRITES // ROUNDS
            threads = writers.start(server.port)
            until(lambda reached=goal, by=writers: by.count >= reached, 60)  # type: ignore[misc]
            server.kill()
            for thread in threads:
                thread.join()
        connection = sqlite3.connect(tmp_path / "cognomen.db")
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",), f"after kill {number + 1}"
        connection.close()
    assert writers
    with serving(tmp_path) as server:
        assert writers.lost(server.port) == []


def test_kill_of_server_or_database_in_the_middle_of_writes_loses_nothing_on_postgresql(
    tmp_path: Path, cluster: postgres.Server
) -> None:
    """On two busy cores 500 writes, each flushed to the disk, and a new start take five seconds: so few, where SQLite has more."""
    with postgres.fresh_database(cluster.url) as url, ExitStack() as stack:
        server = stack.enter_context(serving(tmp_path, "--database", url))
        writers = Writers(make_pool(server))
        for kill_database in (False, True, False, True):
            goal = writers.count + 500
            threads = writers.start(server.port)
            until(lambda reached=goal: writers.count >= reached, 60)  # type: ignore[misc]
            if kill_database:
                before = writers.count
                cluster.control("stop", "--mode=immediate")
                cluster.start_again()
                until(lambda reached=before + 100: writers.count >= reached, 60)  # type: ignore[misc]
            server.kill()
            for thread in threads:
                thread.join()
            server = stack.enter_context(serving(tmp_path, "--database", url))
        assert writers.lost(server.port) == []


def test_a_backup_made_while_others_write_is_restored_with_its_master_key(tmp_path: Path) -> None:
    """As docs/operations.md has it."""
    restored = tmp_path / "restored"
    restored.mkdir()
    with serving(tmp_path / "data") as server:
        writers = Writers(make_pool(server))
        threads = writers.start(server.port)
        until(lambda: writers.count >= 500)
        before = dict(writers.acknowledged)
        with closing(sqlite3.connect(tmp_path / "data" / "cognomen.db")) as connection:
            connection.execute("VACUUM INTO ?", [str(restored / "cognomen.db")])
        server.kill()
        for thread in threads:
            thread.join()
    assert "There is no master key file" in refusal_to_start(restored)
    shutil.copy(tmp_path / "data" / "master.key", restored)
    with serving(restored) as server:
        assert Writers(writers.pool_id, before).lost(server.port) == []


def refusal_to_start(data: Path) -> str:
    arguments = [sys.executable, "-m", "cognomen", "serve", "--port", "0", "--data", str(data)]
    return subprocess.run(arguments, capture_output=True, text=True, timeout=30, check=False).stderr


# -- full -------------------------------------------------------------------------------------------------------------


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A disk of four megabytes, where this user may have one."""
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "none", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("only root may mount a small disk; the test of the file size limit runs everywhere")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fails_then_heals(server: Running, pool_id: str, advice: str) -> None:
    """Write until there is no room left, and see that reading goes on; the caller then makes room."""
    names = iter(range(1_000_000))
    told = (200, "")
    deadline = time.monotonic() + 60
    while told[0] == 200 and time.monotonic() < deadline:
        told = create(server, pool_id, f"user{next(names)}")
    assert told == (500, UNAVAILABLE)
    assert describe(server, pool_id) == 200
    assert ready(server)[0] == 200
    assert advice in server.log


def test_a_full_disk_is_told_with_what_to_do_and_heals(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk, serving(disk) as server:
        pool_id = make_pool(server)
        filler = disk / "filler"
        with suppress(OSError), filler.open("wb", buffering=0) as file:
            while file.write(b"x" * 4096):
                pass
        fails_then_heals(server, pool_id, "make room on the disk of")
        filler.unlink()
        until(lambda: create(server, pool_id, "again")[0] == 200)


def test_a_file_that_may_not_grow_is_told_with_what_to_do_and_heals(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        pool_id = make_pool(server)
        _, hard = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)
        largest = max(path.stat().st_size for path in tmp_path.iterdir())
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (largest + 100_000, hard))
        fails_then_heals(server, pool_id, "look at the disk of")
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (hard, hard))
        until(lambda: create(server, pool_id, "again")[0] == 200)


# -- lost -------------------------------------------------------------------------------------------------------------


def test_a_lost_database_is_told_and_found_again(tmp_path: Path, cluster: postgres.Server) -> None:
    with (
        postgres.fresh_database(cluster.url) as url,
        serving(tmp_path, "--database", url, environment=PATIENT) as server,
    ):
        pool_id = make_pool(server)
        with psycopg.connect(url, autocommit=True) as connection:
            ended = connection.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            ).fetchall()
        assert ended
        assert create(server, pool_id, "ended") == (200, "")
        cluster.control("stop", "--mode=fast")
        try:
            assert create(server, pool_id, "meanwhile") == (500, UNAVAILABLE)
            until(lambda: ready(server) == (503, "the database is not available"))
            until(lambda: keys_status(server, pool_id) == 503)
            with urllib.request.urlopen(f"{server.endpoint}/health") as answer:
                assert answer.status == 200
        finally:
            cluster.start_again()
        until(lambda: create(server, pool_id, "again")[0] == 200)
        until(lambda: ready(server)[0] == 200)
        assert "database" in server.log


def test_a_silent_database_holds_nobody_up_for_ever(tmp_path: Path, cluster: postgres.Server) -> None:
    with (
        postgres.fresh_database(cluster.url) as url,
        serving(tmp_path, "--database", url, environment=PATIENT) as server,
    ):
        pool_id = make_pool(server)
        stopped = [cluster.pid, *children_of(cluster.pid)]
        for pid in stopped:
            os.kill(pid, signal.SIGSTOP)
        try:
            started = time.monotonic()
            assert create(server, pool_id, "meanwhile") == (500, UNAVAILABLE)
            assert time.monotonic() - started < 10
            until(lambda: ready(server)[0] == 503)
        finally:
            for pid in stopped:
                os.kill(pid, signal.SIGCONT)
        until(lambda: create(server, pool_id, "again")[0] == 200)
        until(lambda: ready(server)[0] == 200)


def test_a_lock_held_for_too_long_is_told_and_heals_on_postgresql(
    tmp_path: Path, cluster: postgres.Server
) -> None:
    with (
        postgres.fresh_database(cluster.url) as url,
        serving(tmp_path, "--database", url, environment=PATIENT) as server,
    ):
        pool_id = make_pool(server)
        with psycopg.connect(url) as holding:
            holding.execute("LOCK TABLE users")
            assert create(server, pool_id, "meanwhile") == (500, UNAVAILABLE)
            assert describe(server, pool_id) == 200
        until(lambda: create(server, pool_id, "again")[0] == 200)
        assert "look whether it is alive, overloaded or locked" in server.log


def test_a_lock_held_for_too_long_is_told_and_heals_on_sqlite(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        pool_id = make_pool(server)
        holding = sqlite3.connect(tmp_path / "cognomen.db", isolation_level=None)
        holding.execute("BEGIN IMMEDIATE")
        assert create(server, pool_id, "meanwhile") == (500, UNAVAILABLE)
        assert describe(server, pool_id) == 200
        assert "another process holds the lock" in server.log
        holding.execute("COMMIT")
        holding.close()
        until(lambda: create(server, pool_id, "again")[0] == 200)


async def test_the_jobs_outlive_a_lost_database(
    tmp_path: Path,
    cluster: postgres.Server,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    for pause in ("CARRY_SECONDS", "SWEEP_SECONDS", "FOLLOW_SECONDS"):
        monkeypatch.setattr(jobs, pause, 0.05)
    with postgres.fresh_database(cluster.url) as url:
        given = settings.load({"data": str(tmp_path), "database": url}, {})
        await asyncio.to_thread(app.prepare, given)
        node = app.build(given)
        stop = asyncio.Event()
        with caplog.at_level(logging.WARNING):
            working = asyncio.create_task(jobs.run(node, stop))
            await asyncio.to_thread(cluster.control, "stop", "--mode=fast")
            try:
                async with asyncio.timeout(30):
                    while not all(f"{job}: the database" in caplog.text for job in JOBS):  # noqa: ASYNC110  told by no event
                        await asyncio.sleep(0.02)
            finally:
                await asyncio.to_thread(cluster.start_again)
        await node.store.write(spent.spend, "pool", "turn", "old", 1)
        async with asyncio.timeout(30):
            while await node.store.read(spent.was_spent, "pool", "turn", "old"):  # noqa: ASYNC110  told by no event
                await asyncio.sleep(0.02)
        stop.set()
        await working
        node.store.close()
