"""The real application on a loopback port, in this process, with time held still and every answer checked."""

from __future__ import annotations

import asyncio
import functools
import itertools
import socket
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec
import uvicorn

from cognomen import app, settings
from cognomen.call import Node
from cognomen.crypto import rsa_keys
from cognomen.errors import Refusal
from cognomen.operations import dispatch
from cognomen.pools.spare_keys import SpareKeys
from cognomen.settings import Settings
from cognomen.store.database import Store
from cognomen.wire import answers, model
from cognomen.wire.front import WireRequest
from tests.held_clock import HeldClock
from tests.provoked import PROVOKED

T = TypeVar("T")

# A key takes 50 ms to find, and tests create hundreds of pools: these few are used again and again.
RECYCLED_KEYS = itertools.cycle([rsa_keys.generate() for _ in range(4)])


@dataclass
class Server:
    """A running server. `problems` are answers that do not fit the model; conftest fails the test that has any."""

    endpoint: str
    clock: HeldClock
    node: Node
    loop: asyncio.AbstractEventLoop
    problems: list[str] = field(default_factory=list)

    @property
    def settings(self) -> Settings:
        return self.node.settings

    @property
    def store(self) -> Store:
        return self.node.store

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine where the server runs, and wait for it."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(timeout=60)


@contextmanager
def running(data: str, database: str, held: HeldClock, **given: Any) -> Iterator[Server]:
    """Serve a migrated database until the block ends."""
    # asyncio writes at once only on a socket that says it is TCP; else half the answers wait 40 ms for an acknowledgement.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    port = listener.getsockname()[1]
    patient = {"request_timeout_s": 60}  # a caller of a busy machine may stop halfway
    chosen = settings.load({"data": data, "database": database, "port": port} | patient | given, {})
    app.prepare(chosen)
    node = app.build(chosen)
    node.configurations.spare_keys = SpareKeys(functools.partial(next, RECYCLED_KEYS))
    problems: list[str] = []

    async def checked(node: Node, received: WireRequest) -> bytes:
        operation = model.load().operations.get(received.operation or "")
        try:
            answer = await dispatch.run(node, received)
        except Refusal as refusal:
            PROVOKED.add((received.operation or "", refusal.type))
            if operation and refusal.type not in operation.errors:
                problems.append(f"{operation.name} does not declare {refusal.type}")
            raise
        if operation:
            problems.extend(answers.problems(operation, msgspec.json.decode(answer)))
        return answer

    config = uvicorn.Config(
        app.Application(node, checked),
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        timeout_keep_alive=65,  # as app.py: boto3 keeps connections, and one that ends as it is used again is an error
    )
    serving = uvicorn.Server(config)
    ready = threading.Event()
    loops: list[asyncio.AbstractEventLoop] = []

    async def serve() -> None:
        loops.append(asyncio.get_running_loop())
        ready.set()
        await serving.serve(sockets=[listener])

    thread = threading.Thread(target=lambda: asyncio.run(serve()), name="server")
    thread.start()
    ready.wait()
    try:
        yield Server(f"http://127.0.0.1:{port}", held, node, loops[0], problems)
    finally:
        serving.should_exit = True
        thread.join()
        listener.close()
