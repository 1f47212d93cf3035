"""A node, put together and served.

prepare(settings)   the database brought up to date, the master key made at the first start
build(settings)     a Node: store, vault, caches and the client of outgoing requests
Application         the ASGI callable: the probes, the API, the endpoints and documents of OAuth, the pages, uploads of import jobs,
                    the test control of open mode
serve(settings)     the server until it is told to stop; several workers where settings ask for them
"""

from __future__ import annotations

import asyncio
import functools
import os
import signal
import socket
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import msgspec
import uvicorn

from cognomen import clock, jobs, logs, metrics, probes, processes, settings, welcome
from cognomen.call import Node
from cognomen.control import front as control
from cognomen.control.clock import put_right_in_signed_mode
from cognomen.crypto.sealing import Keyring
from cognomen.federation import saml_reading, saml_refresh
from cognomen.federation.key_sets import KeySets
from cognomen.limits.limiter import Limiter
from cognomen.log_delivery.sinks import LogSinks
from cognomen.master_key import source
from cognomen.master_key.vault import Vault
from cognomen.messages import courier
from cognomen.messages.carriers.table import Carriers
from cognomen.operations import access, dispatch
from cognomen.outgoing import Outgoing
from cognomen.pages import own_texts
from cognomen.pools import master_keys
from cognomen.pools.configuration import Configurations
from cognomen.risk.leaked_passwords import LeakedPasswords
from cognomen.settings import Settings, SettingsError
from cognomen.store import access_keys, migrations
from cognomen.store import master_keys as known_master_keys
from cognomen.store.opening import open_store
from cognomen.threads import Threads
from cognomen.triggers.code_keys import CodeKeys
from cognomen.triggers.functions import Functions, any_runs_here
from cognomen.users import foreign_passwords, import_links
from cognomen.wire import front as wire_front
from cognomen.wire.front import WireRequest
from cognomen.wire.protocol import LimitedProtocol
from cognomen.wire.watching import (
    OK,
    UNKNOWN,
    About,
    AccessLog,
    Message,
    Receive,
    Send,
    Watcher,
    all_of,
    watched,
)

Served = Callable[[Message, Receive, Send], Awaitable[None]]
Run = Callable[[Node, WireRequest], Awaitable[bytes]]
Beside = Callable[[asyncio.Event], Awaitable[None]]
"""What runs beside requests until the event is set."""

FOR_WORKERS = "COGNOMEN_WORKER_SETTINGS"
FIRST_ERROR = 400
PROBES = (probes.HEALTH, probes.READY)


def prepare(given: Settings) -> None:
    """Bring the database up to date; make the master key of a new one. MasterKeyError where its key is missing."""
    if migrations.pending(given.database_url):
        migrations.upgrade(given.database_url)
    if given.master_key or given.master_key_file.exists():
        return
    store = open_store(given.database_url, connections=1)
    try:
        known = asyncio.run(store.read(known_master_keys.all_known))
    finally:
        store.close()
    if known:
        source.read(given.master_key_file)  # says that it is missing, and what to do
    source.create(given.master_key_file)


def build(given: Settings, *, everywhere: bool = False) -> Node:
    """A node on what `prepare` prepared; `everywhere`: to it every pool is at home, as to an operator's commands."""
    vault = Vault(functools.partial(_read_keyring, given))
    functions = Functions(given)
    outgoing = Outgoing(given.plain_http_hosts)
    code_keys = CodeKeys(given, vault, outgoing)
    carriers = Carriers(given)
    texts = own_texts.read(given.page_texts)
    log_sinks = LogSinks(given)
    limiter = _limiter(given)
    store = open_store(given.database_url, given.database_connections, given.database_timeout_s)
    configurations = Configurations(store, vault, None if everywhere else given.region)
    return Node(
        given,
        store,
        vault,
        configurations,
        limiter,
        outgoing,
        KeySets(outgoing),
        functions,
        code_keys,
        carriers,
        Threads("foreign-hash", foreign_passwords.THREADS, foreign_passwords.WAITING_MAX),
        Threads("saml", saml_reading.THREADS, saml_reading.WAITING_MAX),
        texts,
        log_sinks,
        LeakedPasswords(given, outgoing),
    )


async def disconnect(node: Node) -> None:
    """Close what leads to other servers, in the event loop that it was used in."""
    await courier.finish(node)
    await saml_refresh.finish(node)
    await node.log_sinks.close()
    await node.outgoing.close()
    await node.functions.close()


def close(node: Node) -> None:
    node.store.close()
    node.hash_threads.close()
    node.leaked_passwords.close()
    node.saml_threads.close()
    if node.limiter is not None:
        node.limiter.close()


def _limiter(given: Settings) -> Limiter | None:
    if not given.rate_limits:
        return None
    try:
        return Limiter(Path(given.data).absolute())
    except OSError as error:
        raise SettingsError(
            f"rate_limits needs a file in the data folder {given.data}, which cannot be made: {error.strerror}."
        ) from None


class Application:
    """The ASGI callable of one worker; `watchers` are told of its requests, `beside` runs beside them."""

    def __init__(
        self,
        node: Node,
        run: Run = dispatch.run,
        *,
        watchers: Sequence[Watcher] = (),
        beside: Sequence[Beside] = (),
    ) -> None:
        self.probes = probes.Probes(node)
        self._node = node
        self._watcher = all_of(watchers)
        self._beside = beside
        self._wire = wire_front.front(
            functools.partial(run, node),
            may_send_much=functools.partial(access.may_send_much, node),
            body_limit=node.settings.max_body_bytes,
            body_seconds=node.settings.request_timeout_s,
            trusted=node.settings.trusted_networks,
            allow_signed_from_browsers=node.settings.browser_admin,
            watcher=self._watcher,
        )

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["path"] in PROBES:
            await self.probes.answer(scope, send)
        else:
            await self._serve(scope, receive, send)

    async def _serve(self, scope: Message, receive: Receive, send: Send) -> None:
        if clock.moved():
            await put_right_in_signed_mode(self._node)
        if scope["path"] == "/":
            await self._wire(scope, receive, send)
        elif self._watcher is None:
            await self._other(scope, receive, send, About())
        else:
            await watched(self._other, self._watcher, scope, receive, send)

    async def _other(self, scope: Message, receive: Receive, send: Send, about: About) -> None:
        """What is served by path, by applications of Starlette; an endpoint's name is that of its function."""

        async def noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                about.operation = getattr(scope.get("endpoint"), "__name__", UNKNOWN)
                about.outcome = OK if message["status"] < FIRST_ERROR else str(message["status"])
            await send(message)

        scope["about"] = about
        await self._served_at(scope["path"])(scope, receive, noted)

    def _served_at(self, path: str) -> Served:
        if path.startswith(control.PATH):
            return self._control
        return self._uploads if path.startswith(import_links.PATH) else self._oauth

    # Made at their first use: a node that serves only the API starts without the library behind them.

    @functools.cached_property
    def _oauth(self) -> Served:
        from cognomen.oauth import front  # noqa: PLC0415
        from cognomen.pages.front import routes  # noqa: PLC0415

        return front.front(self._node, routes(self._node))

    @functools.cached_property
    def _uploads(self) -> Served:
        from cognomen.uploads import front  # noqa: PLC0415

        return front.front(self._node)

    @functools.cached_property
    def _control(self) -> Served:
        return control.front(self._node)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        asyncio.get_running_loop().set_exception_handler(logs.tell_of_lost)
        stop = asyncio.Event()
        working = asyncio.gather(jobs.run(self._node, stop), *(beside(stop) for beside in self._beside))
        await send({"type": "lifespan.startup.complete"})
        await receive()
        stop.set()
        with suppress(asyncio.CancelledError):
            await working
        await disconnect(self._node)
        close(self._node)
        await send({"type": "lifespan.shutdown.complete"})


def serve(given: Settings) -> None:
    """Serve until SIGTERM or SIGINT. Raises SettingsError, MasterKeyError, Unavailable where it must not start."""
    prepare(given)
    processes.raise_file_limit()
    opened = _check(given)
    _seed(given, opened)
    listener = _listen(given)
    given = replace(given, port=listener.getsockname()[1])
    logs.set_up(given.log_level, given.log_format)
    os.environ[FOR_WORKERS] = msgspec.json.encode(_said(given)).decode()
    config = uvicorn.Config(
        "cognomen.app:worker",
        factory=True,
        workers=given.workers,
        lifespan="on",
        ws="none",
        http=LimitedProtocol,
        limit_concurrency=given.max_connections,
        log_level=given.log_level,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=65,
        timeout_graceful_shutdown=given.drain_timeout_s,
        ssl_certfile=given.tls_cert or None,
        ssl_keyfile=given.tls_key or None,
    )
    with metrics.serving(given) as gathered:
        welcome.tell(given, opened)
        for told in processes.TOLD:
            # The server raises the signal again once it has finished what was in flight and closed all. Until it is
            # up there is nothing to finish; an exception raised here could be lost in a callback of the import system.
            signal.signal(told, lambda *_: os._exit(0))
        if given.workers > 1:
            ended = gathered.fold if gathered else lambda _: None
            copied = processes.MAY_FORK and not any_runs_here(given)
            processes.Workers(config, listener, ended, copied=copied).run()
        else:
            processes.Alone(config).run(sockets=[listener])


def worker() -> Application:
    """What each worker process serves; its settings come from the process that started it."""
    given = worker_settings(os.environ[FOR_WORKERS])
    logs.set_up(given.log_level, given.log_format)
    node = build(given)
    node.carriers.load()
    watchers: list[Watcher] = []
    beside: list[Beside] = []
    if given.access_log:
        watchers.append(AccessLog(given.log_format))
    if given.metrics_port:
        counting = metrics.Metrics()
        watchers.append(counting)
        beside.append(functools.partial(counting.follow, node))
    if given.workers > 1:
        beside.append(functools.partial(processes.watch, hang_seconds=given.hang_timeout_s))
    application = Application(node, watchers=watchers, beside=beside)
    processes.on_stop(application.probes.stop, given.drain_timeout_s)
    return application


def worker_settings(text: str) -> Settings:
    """The settings in what `serve` leaves to its workers; a list of JSON is a tuple here."""
    given = msgspec.json.decode(text)
    lists = {name: tuple(value) for name, value in given.items() if isinstance(value, list)}
    return settings.load(given | lists)


def _said(given: Settings) -> dict[str, Any]:
    """The settings that a worker would not find by itself; secrets of the file and the environment stay there."""
    found = asdict(settings.load({"config": given.config or None})) | {"config": None}
    return {name: value for name, value in asdict(given).items() if value != found[name]}


def _check(given: Settings) -> bool:
    """Whether the node is in open mode; raises where it must not start."""
    node = build(given)
    try:
        asyncio.run(master_keys.check(node))
        asyncio.run(master_keys.refuse_without_retired(node))
        node.functions.load()
        node.leaked_passwords.load()
        opened = not asyncio.run(node.store.read(access_keys.any_exists))
    finally:
        close(node)
    if opened and not (given.listens_on_loopback or given.open):
        raise SettingsError(
            f"There is no access key yet, so anyone could administer this server, and {given.host} is not loopback. "
            "Make a key with 'cognomen keys create', or say --open to accept any key."
        )
    return opened


def _seed(given: Settings, opened: bool) -> None:
    """Make what the seed file says. Raises SettingsError where it must not or cannot."""
    if not given.seed:
        return
    if not opened:
        raise SettingsError(
            "seed is for development: it works in open mode only, and this database has an access key. "
            "Use 'cognomen pool apply' instead."
        )
    from cognomen.declarative.seed import seed  # noqa: PLC0415  few servers start with one

    node = build(given)
    try:
        asyncio.run(seed(node, Path(given.seed)))
    finally:
        close(node)


def _read_keyring(given: Settings) -> Keyring:
    if given.master_key:
        return source.parse(given.master_key)
    return source.read(given.master_key_file)


def _listen(given: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in given.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((given.host, given.port))
    except OSError as error:
        raise SettingsError(
            f"Cannot listen on {given.host} port {given.port}: {error.strerror}. Choose another with --port."
        ) from None
    listener.listen(2048)  # whoever reads our URL may connect at once
    listener.set_inheritable(True)
    return listener
