"""Signals, workers that die or hang, and what is told of them, with real processes."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from uvicorn.supervisors import multiprocess
from uvicorn.supervisors.multiprocess import SIGNALS

from cognomen import processes
from tests.conftest import connect
from tests.processes import Running, self_signed, serving, until, workers_of
from tests.writing import TARGET, ask

BODY = b'{"MaxResults":1}'


def half_a_request(server: Running) -> socket.socket:
    """A request that is under way until its body has come."""
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=20)
    head = f"POST / HTTP/1.1\r\nhost: localhost\r\nx-amz-target: {TARGET}ListUserPools\r\n"
    connection.sendall(f"{head}content-length: {len(BODY)}\r\nexpect: 100-continue\r\n\r\n".encode())
    assert connection.recv(1000).startswith(b"HTTP/1.1 100"), "the request has reached the application"
    return connection


def refuses(server: Running) -> bool:
    try:
        socket.create_connection(("127.0.0.1", server.port), timeout=5).close()
    except ConnectionRefusedError:
        return True
    return False


@pytest.mark.parametrize("workers", ["1", "2"])
def test_what_is_under_way_is_finished_and_nothing_new_is_taken(tmp_path: Path, workers: str) -> None:
    with serving(tmp_path, "--workers", workers) as server:
        with half_a_request(server) as connection:
            server.process.send_signal(signal.SIGTERM)
            until(lambda: refuses(server))
            connection.sendall(BODY)
            assert b"MissingAuthenticationToken" in connection.recv(10_000)
        assert server.process.wait(20) == 0


@pytest.mark.parametrize("workers", ["1", "2"])
def test_what_does_not_finish_in_time_is_left(tmp_path: Path, workers: str) -> None:
    bounded = {"COGNOMEN_DRAIN_TIMEOUT_S": "1"}
    with (
        serving(tmp_path, "--workers", workers, environment=bounded) as server,
        half_a_request(server),
    ):
        server.process.send_signal(signal.SIGTERM)
        server.process.wait(10)
        assert workers_of(server.process.pid) == set()


def test_an_idle_connection_over_tls_keeps_nobody_waiting(tmp_path: Path) -> None:
    certificate, key = self_signed(tmp_path)
    with serving(tmp_path / "data", "--tls-cert", str(certificate), "--tls-key", str(key)) as server:
        client = connect(server.endpoint, verify=str(certificate))
        client.list_user_pools(MaxResults=1)
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(10) == 0


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_second_signal_ends_at_once(tmp_path: Path, workers: str) -> None:
    with serving(tmp_path, "--workers", workers) as server, half_a_request(server):
        serving_it = workers_of(server.process.pid)
        server.process.send_signal(signal.SIGTERM)
        until(lambda: refuses(server))
        started = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(10) == 128 + signal.SIGTERM
        assert time.monotonic() - started < 5, "and not when requests have had their time"
        until(lambda: not any(is_running(pid) for pid in serving_it))


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    shown = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return not shown.stdout.startswith("Z")


def test_a_worker_that_does_not_answer_is_replaced(tmp_path: Path) -> None:
    with serving(tmp_path, "--workers", "2") as server:
        until(lambda: ask(server.port, "ListUserPools", {"MaxResults": 1})[0] == 200)
        before = workers_of(server.process.pid)
        stopped = min(before)
        os.kill(stopped, signal.SIGSTOP)
        until(lambda: len(workers_of(server.process.pid) - before) == 1)
        assert not is_running(stopped)
        until(lambda: f"worker {stopped} has ended and was replaced" in server.log)


def test_a_worker_whose_event_loop_hangs_ends_and_says_where() -> None:
    program = """
import asyncio, time
from cognomen import processes

async def main():
    watching = asyncio.create_task(processes.watch(asyncio.Event(), 1))
    await asyncio.sleep(0)
    stands_still()

def stands_still():
    time.sleep(60)

asyncio.run(main())
"""
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=False
    )
    assert ended.returncode == 1
    assert "stands_still" in ended.stderr


def test_workers_are_replaced_one_by_one_when_asked(tmp_path: Path) -> None:
    with serving(tmp_path, "--workers", "2") as server:
        until(lambda: ask(server.port, "ListUserPools", {"MaxResults": 1})[0] == 200)
        before = workers_of(server.process.pid)
        server.process.send_signal(signal.SIGHUP)

        def are_others() -> bool:
            now = workers_of(server.process.pid)
            return len(now) == 2 and not now & before

        until(are_others, seconds=2 * processes.START_S)
        assert ask(server.port, "ListUserPools", {"MaxResults": 1})[0] == 200


class Starting:
    """A worker that is told to stop, with all the others, while it starts; `patience` is what it was given for that."""

    pid = 0

    def __init__(self, *_: object) -> None:
        self.patience = 0.0
        self.was_told = False

    def start(self) -> None:
        started.append(self)

    def wait_until_ready(self, patience: float, should_exit: threading.Event) -> bool:
        self.patience = patience
        signal.raise_signal(signal.SIGTERM)
        self.was_told = should_exit.wait(20)
        return False

    def kill(self) -> None:
        pass

    def join(self) -> None:
        pass


started: list[Starting] = []


@pytest.fixture
def signals() -> Iterator[None]:
    """What the process of the tests does at signals is as it was."""
    former = {number: signal.getsignal(number) for number in SIGNALS}
    yield
    for number, handler in former.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("signals")
def test_a_worker_has_a_minute_to_start_in_another_s_place_unless_all_are_to_stop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(multiprocess, "Process", Starting)
    config = uvicorn.Config("nothing:at_all")
    usual = config.timeout_worker_healthcheck
    with socket.create_server(("127.0.0.1", 0)) as listener:
        workers = processes.Workers(config, listener, lambda _: None, copied=False)
        workers.init_processes()
        workers.restart_all()
    successor = started[-1]
    assert (successor.patience, successor.was_told) == (60, True)
    assert config.timeout_worker_healthcheck == usual < 60, "one that hangs is noticed as soon as ever"
    assert len(started) == 2


def test_workers_end_when_the_process_that_started_them_is_killed(tmp_path: Path) -> None:
    with serving(tmp_path, "--workers", "2") as server:
        until(lambda: ask(server.port, "ListUserPools", {"MaxResults": 1})[0] == 200)
        workers = workers_of(server.process.pid)
        server.kill()
        until(lambda: not any(is_running(pid) for pid in workers))
        until(lambda: refuses(server))


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
    return port


def metrics(port: int) -> dict[str, float]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    return {
        name: float(value) for name, _, value in (line.rpartition(" ") for line in lines if line[0] != "#")
    }


def test_the_counts_of_workers_add_up_and_outlive_them(tmp_path: Path) -> None:
    port = free_port()
    served = 'cognomen_requests_total{operation="ListUserPools",outcome="ok"}'
    unknown = 'cognomen_requests_total{operation="unknown",outcome="UnknownOperationException"}'
    timed = 'cognomen_request_seconds_count{operation="ListUserPools"}'
    with serving(tmp_path, "--workers", "2", environment={"COGNOMEN_METRICS_PORT": str(port)}) as server:
        for _ in range(40):  # each on a connection of its own, so that both workers serve some
            assert ask(server.port, "ListUserPools", {"MaxResults": 1})[0] == 200
        assert ask(server.port, "NoSuchOperation", {})[0] == 400
        until(lambda: (metrics(port).get(served), metrics(port).get(unknown)) == (40, 1))
        until(lambda: metrics(port)["cognomen_requests_in_flight"] == 0)
        assert not [name for name in metrics(port) if "NoSuchOperation" in name]
        before = workers_of(server.process.pid)
        for pid in before:
            os.kill(pid, signal.SIGKILL)
        until(lambda: len(workers_of(server.process.pid) - before) == 2)
        assert (metrics(port)[served], metrics(port)[timed]) == (40, 40)
        assert ask(server.port, "ListUserPools", {"MaxResults": 1})[0] == 200
        until(lambda: (metrics(port)[served], metrics(port)[timed]) == (41, 41))
        assert "cognomen_build_info" in " ".join(metrics(port))
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(f"{server.endpoint}/metrics", timeout=10)


def test_one_process_counts_what_its_store_does(tmp_path: Path) -> None:
    port = free_port()
    with serving(tmp_path, environment={"COGNOMEN_METRICS_PORT": str(port)}) as server:
        assert ask(server.port, "CreateUserPool", {"PoolName": "a pool"})[0] == 200
        until(lambda: metrics(port).get('cognomen_store_total{what="writes"}', 0) > 0)
        counted = metrics(port)
        assert counted['cognomen_store_total{what="commits"}'] > 0
        assert counted['cognomen_store_total{what="reads"}'] > 0
        assert counted["cognomen_messages_waiting"] == 0


def test_a_metrics_port_that_is_taken_is_told_in_a_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ended = subprocess.run(
            [sys.executable, "-m", "cognomen", "serve", "--port", "0", "--data", str(tmp_path)],
            env=os.environ | {"COGNOMEN_METRICS_PORT": str(taken.getsockname()[1])},
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
    assert ended.returncode == 1
    assert "Cannot listen for metrics" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_without_metrics_their_library_is_not_even_loaded() -> None:
    program = "import sys; from cognomen import app; sys.exit('prometheus_client' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
