"""What a server counts, for Prometheus, on a listener of its own; without `metrics_port` nothing here is used or imported.

    Metrics                 the counters of one process, a Watcher of its requests
    serving(settings)       the listener, in the process that was started
    Gathered                what the workers of a server counted, added up

One process keeps its counts in memory. Workers keep them in files that they share with the process that started them
(prometheus-client's mode for several processes), which adds them up when it is asked: any worker's death is survived.
"""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from cognomen.settings import Settings, SettingsError
from cognomen.store import log_records, messages
from cognomen.store.database import Store, Unavailable
from cognomen.wire.watching import About

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry, Counter, Histogram, Metric

    from cognomen.call import Node
    from cognomen.log_delivery.sinks import LogSinks
    from cognomen.messages.carriers.table import Carriers
    from cognomen.risk.leaked_passwords import LeakedPasswords
    from cognomen.triggers.functions import Functions

FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"  # read by the library when it is imported
OF_THE_ENDED = 0  # no process has this number: its files hold what the workers counted that have ended
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)  # seconds
PUBLISH_SECONDS = 2
WAITING_MAX = 1_000


log = logging.getLogger(__name__)


class Metrics:
    """The counters of one process."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        from prometheus_client import REGISTRY, Counter, Gauge, Histogram  # noqa: PLC0415  see module

        registry = registry or REGISTRY
        self._requests = Counter(
            "cognomen_requests", "Requests answered.", ["operation", "outcome"], registry=registry
        )
        self._seconds = Histogram(
            "cognomen_request_seconds",
            "Time from a request's head to its answer.",
            ["operation"],
            buckets=BUCKETS,
            registry=registry,
        )
        self._in_flight = Gauge(
            "cognomen_requests_in_flight",
            "Requests being answered.",
            multiprocess_mode="livesum",
            registry=registry,
        )
        self._store = Counter(
            "cognomen_store",
            "What the store did: reads, writes, commits (on SQLite of groups of writes), retries, and failures "
            "(times the database was not available).",
            ["what"],
            registry=registry,
        )
        self._triggers = Counter(
            "cognomen_triggers",
            "Functions of triggers asked; the outcome is `ok` or the error that was answered.",
            ["trigger", "outcome"],
            registry=registry,
        )
        self._messages = Counter(
            "cognomen_messages",
            "Attempts to carry messages; the outcome is `delivered`, `failed` (tried again) or `given up`.",
            ["medium", "carrier", "outcome"],
            registry=registry,
        )
        self._federation = Counter(
            "cognomen_federation",
            "Answers of identity providers; the outcome is `ok` (somebody has signed in), `refused` or `failed`.",
            ["provider_type", "outcome"],
            registry=registry,
        )
        self._logs = Counter(
            "cognomen_log_records",
            "Records of the logs of pools, by kind of sink; the outcome is `taken`, `failed` (tried again) or `given up`.",
            ["sink", "outcome"],
            registry=registry,
        )
        self._waiting_logs = Gauge(
            "cognomen_log_records_waiting",
            f"Records of the logs of pools that wait to be taken, {WAITING_MAX} at most.",
            multiprocess_mode="livemax",
            registry=registry,
        )
        self._risks = Counter(
            "cognomen_sign_in_risks",
            "Sign-ins that threat protection has judged, by level (`none`, `low`, `medium`, `high`); the response is `allow`, "
            "`factor` (another was asked for), `refuse`, or `blocked address`.",
            ["level", "response"],
            registry=registry,
        )
        self._passwords = Counter(
            "cognomen_compromised_passwords",
            "Passwords looked for among those that have leaked; the outcome is `found`, `not found` or `not checked`.",
            ["event", "outcome"],
            registry=registry,
        )
        self._waiting = Gauge(
            "cognomen_messages_waiting",
            f"Messages in the outbox, {WAITING_MAX} at most.",
            multiprocess_mode="livemax",
            registry=registry,
        )
        Gauge(
            "cognomen_build_info",
            "Always 1.",
            ["version"],
            multiprocess_mode="livemax",
            registry=registry,
        ).labels(version("cognomen")).set(1)
        self._of: dict[tuple[str, str], tuple[Counter, Histogram]] = {}
        self._told_triggers: dict[tuple[str, str], int] = {}
        self._told_messages: dict[tuple[str, str, str], int] = {}
        self._told_federation: dict[tuple[str, str], int] = {}
        self._told_logs: dict[tuple[str, str], int] = {}
        self._told_risks: dict[tuple[str, str], int] = {}
        self._told_passwords: dict[tuple[str, str], int] = {}
        self._told = {"reads": 0, "writes": 0, "commits": 0, "retries": 0, "failures": 0}

    def began(self) -> None:
        self._in_flight.inc()

    def ended(self, about: About, seconds: float) -> None:
        self._in_flight.dec()
        found = self._of.get((about.operation, about.outcome))
        if found is None:
            requests = self._requests.labels(about.operation, about.outcome)
            found = self._of[about.operation, about.outcome] = requests, self._seconds.labels(about.operation)
        requests, histogram = found
        requests.inc()
        histogram.observe(seconds)

    async def follow(self, node: Node, stop: asyncio.Event) -> None:
        """Publish, every few seconds until the end, what the node has counted, and what waits to leave it."""
        store = node.store
        while not stop.is_set():
            self.publish(store)
            self.publish_triggers(node.functions)
            self.publish_messages(node.carriers)
            self.publish_federation(node.answers_of_providers)
            self.publish_logs(node.log_sinks)
            self.publish_risks(node.risk_counts)
            self.publish_passwords(node.leaked_passwords)
            try:
                self._waiting.set(await store.read(messages.count_waiting, WAITING_MAX))
                if node.log_sinks:
                    self._waiting_logs.set(await store.read(log_records.count_waiting, WAITING_MAX))
            except Unavailable:
                pass  # which `failures` tells
            except Exception:
                log.exception("what waits to leave cannot be counted")
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), PUBLISH_SECONDS)

    def publish(self, store: Store) -> None:
        for what, told in self._told.items():
            count: int = getattr(store.counts, what)
            self._store.labels(what).inc(count - told)
            self._told[what] = count

    def publish_triggers(self, functions: Functions) -> None:
        for labels, count in functions.counts.items():
            self._triggers.labels(*labels).inc(count - self._told_triggers.get(labels, 0))
            self._told_triggers[labels] = count

    def publish_messages(self, carriers: Carriers) -> None:
        for labels, count in carriers.counts.items():
            self._messages.labels(*labels).inc(count - self._told_messages.get(labels, 0))
            self._told_messages[labels] = count

    def publish_federation(self, answers: Mapping[tuple[str, str], int]) -> None:
        for labels, count in answers.items():
            self._federation.labels(*labels).inc(count - self._told_federation.get(labels, 0))
            self._told_federation[labels] = count

    def publish_logs(self, sinks: LogSinks) -> None:
        for labels, count in sinks.counts.items():
            self._logs.labels(*labels).inc(count - self._told_logs.get(labels, 0))
            self._told_logs[labels] = count

    def publish_risks(self, counts: Mapping[tuple[str, str], int]) -> None:
        for labels, count in counts.items():
            self._risks.labels(*labels).inc(count - self._told_risks.get(labels, 0))
            self._told_risks[labels] = count

    def publish_passwords(self, passwords: LeakedPasswords) -> None:
        for labels, count in passwords.counts.items():
            self._passwords.labels(*labels).inc(count - self._told_passwords.get(labels, 0))
            self._told_passwords[labels] = count


class Gathered:
    """What the workers of a server have counted: those that serve, and those that have ended."""

    def __init__(self, folder: Path) -> None:
        from prometheus_client.multiprocess import MultiProcessCollector  # noqa: PLC0415  see module

        self.folder = folder
        self._collector = MultiProcessCollector(None, str(self.folder))
        self._lock = threading.Lock()

    def collect(self) -> list[Metric]:
        with self._lock:
            return list(self._collector.collect())

    def fold(self, pid: int) -> None:
        """Add the counts of a worker that has ended to those of all that have, so that no total falls; its gauges go."""
        from prometheus_client.mmap_dict import MmapedDict  # noqa: PLC0415  see module

        with self._lock:
            for file in self.folder.glob(f"*_{pid}.db"):
                kind = file.name.partition("_")[0]
                if kind != "gauge":
                    kept = MmapedDict(str(self.folder / f"{kind}_{OF_THE_ENDED}.db"))
                    for key, value, *_ in MmapedDict.read_all_values_from_file(str(file)):
                        kept.write_value(key, kept.read_value(key)[0] + value, 0.0)
                    kept.close()
                file.unlink()


@contextmanager
def serving(given: Settings) -> Iterator[Gathered | None]:
    """Listen for whoever collects, if settings ask for it; yields what is gathered from workers, if there are several."""
    os.environ.pop(FOLDER_VARIABLE, None)
    if not given.metrics_port:
        yield None
        return
    gathered = None
    if given.workers > 1:
        folder = Path(tempfile.mkdtemp(prefix="cognomen-metrics-"))
        # Before the library is imported: workers may begin as copies of this process.
        os.environ[FOLDER_VARIABLE] = str(folder)
        gathered = Gathered(folder)
    from prometheus_client import REGISTRY, CollectorRegistry, start_http_server  # noqa: PLC0415  see module

    registry = REGISTRY
    if gathered is not None:
        registry = CollectorRegistry()
        registry.register(gathered)
    try:
        listener, _ = start_http_server(given.metrics_port, given.metrics_host, registry)
    except OSError as error:
        raise SettingsError(
            f"Cannot listen for metrics on {given.metrics_host} port {given.metrics_port}: {error.strerror}."
        ) from None
    os.register_at_fork(after_in_child=listener.socket.close)  # a worker may outlive this process
    try:
        yield gathered
    finally:
        listener.server_close()
        if gathered is not None:
            shutil.rmtree(gathered.folder, ignore_errors=True)
