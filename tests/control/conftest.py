"""A server that the tests of the control have for themselves, since they empty it and move its clock."""

from __future__ import annotations

import asyncio
import json
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient

from cognomen import clock as machine
from cognomen.pools import master_keys
from cognomen.store import access_keys
from cognomen.store.access_keys import AccessKey
from tests.conftest import connect, empty_database
from tests.held_clock import HeldClock
from tests.server import Server, running

Ask = Callable[..., tuple[int, Any]]


@pytest.fixture(scope="module")
def server(engine: str, tmp_path_factory: pytest.TempPathFactory, held_clock: HeldClock) -> Iterator[Server]:
    folder: Path = tmp_path_factory.mktemp("own")
    with empty_database(engine, folder) as url, running(str(folder), url, held_clock) as served:
        asyncio.run(master_keys.check(served.node))
        yield served


@pytest.fixture(scope="module")
def cognito(server: Server) -> CognitoIdentityProviderClient:
    return connect(server.endpoint)


@pytest.fixture(autouse=True)
def _clock_put_right() -> Iterator[None]:
    yield
    machine.move(0)


def ask_of(server: Server) -> Ask:
    """ask(method, name, body, header=value): the status and the document."""

    def ask(method: str, name: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        sent = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        given = {} if sent is None else {"Content-Type": "application/json"}
        request = urllib.request.Request(
            f"{server.endpoint}/_cognomen/{name}",
            sent,
            given | {header.replace("_", "-"): value for header, value in headers.items()},
            method=method,
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)

    return ask


@pytest.fixture
def ask(server: Server) -> Ask:
    return ask_of(server)


@pytest.fixture
def closing(
    engine: str, tmp_path: Path, held_clock: HeldClock
) -> Iterator[tuple[Server, Callable[[], None]]]:
    """A server in open mode, and what ends that."""
    with empty_database(engine, tmp_path) as url, running(str(tmp_path), url, held_clock) as served:

        def end_open_mode() -> None:
            made = AccessKey("AKIAFIRST", "tester", b"sealed", "{}", 1, None)
            served.run(served.store.write(access_keys.add, made))

        yield served, end_open_mode
