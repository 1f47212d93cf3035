"""`./dev bench`: fill pools, load them, write the figures down.

For each database and size a pool is filled; for each number of workers a server is started on it, and every request is
loaded for some rounds. Whoever wants one figure again says `--requests AdminCreateUser --sizes 1000`.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import msgspec

from benchmarks import databases, existence, fill, load, measure, report, requests, serve
from benchmarks.databases import Database
from benchmarks.fill import Filled
from benchmarks.load import Job, Outcome
from benchmarks.report import Process, Results, Row, Setting
from benchmarks.requests import BY_NAME, MEASURED, Measured
from benchmarks.serve import Server
from cognomen import settings
from cognomen.settings import Settings

RESULTS = Path(__file__).parent / "results"
SIZES = (1_000, 100_000, 1_000_000)
QUICK_SIZES = (1_000, 20_000)
QUICK_SHARE = 0.3  # of the requests; a figure is then good for some 5 %
SHARES = {"sqlite": 1.0, "postgresql": 0.5}  # of the requests, each of which costs so much more


@dataclass(frozen=True, slots=True)
class Plan:
    """What was asked for; `connections` are those of each worker, `share` is of the usual number of requests."""

    engines: Sequence[str]
    sizes: Sequence[int]
    workers: Sequence[int]
    requests: Sequence[str]
    connections: int
    rounds: int
    share: float
    output: str
    existence: bool = False

    @property
    def rows(self) -> int:
        """How much there is to measure."""
        return len(self.engines) * len(self.sizes) * len(self.workers) * len(self.requests)


@dataclass(frozen=True, slots=True)
class Pool:
    """A filled pool under measurement; `file` holds `filled` for the driver."""

    engine: str
    database: Database
    settings: Settings
    filled: Filled
    file: Path


@dataclass(slots=True)
class Found:
    """What was measured so far."""

    rows: list[Row] = field(default_factory=list)
    processes: list[Process] = field(default_factory=list)
    versions: dict[str, None] = field(default_factory=dict)
    started: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.started


def main(arguments: Sequence[str] | None = None) -> None:
    plan = plan_of(arguments)
    if plan.existence:
        _tell_existence(plan)
        return
    found = Found()
    for engine in plan.engines:
        for size in plan.sizes:
            measure_pool(plan, engine, size, found)
    about = _about(plan, found, found.seconds)
    _write(plan.output, Results(about, found.rows, found.processes))


def plan_of(arguments: Sequence[str] | None) -> Plan:
    parser = argparse.ArgumentParser(prog="./dev bench", description="Measure what a request costs.")
    add = parser.add_argument
    add("--quick", action="store_true", help="two minutes: small pools, SQLite, one worker, fewer requests")
    add(
        "--existence",
        action="store_true",
        help="instead of all this: whether the time of an answer tells who exists",
    )
    add("--engines", nargs="+", choices=databases.ENGINES, help="default: both; sqlite when quick")
    add(
        "--sizes",
        nargs="+",
        type=int,
        metavar="USERS",
        help="default: 1000 100000 1000000; 1000 20000 when quick",
    )
    add("--workers", nargs="+", type=int, metavar="N", help="default: 1 2; 1 when quick")
    add("--requests", nargs="+", choices=list(BY_NAME), metavar="NAME", help=", ".join(BY_NAME))
    add(
        "--connections",
        type=int,
        default=8,
        help="clients at the same time for each worker (%(default)s)",
    )
    add("--rounds", type=int, help="how often each figure is taken; the cheapest counts (3; 1 when quick)")
    add("--output", metavar="NAME", help="of the files in benchmarks/results (full, or quick)")
    asked = parser.parse_args(arguments)
    return Plan(
        engines=asked.engines or (["sqlite"] if asked.quick else databases.ENGINES),
        sizes=asked.sizes or (QUICK_SIZES if asked.quick else SIZES),
        workers=asked.workers or ([1] if asked.quick else [1, 2]),
        requests=asked.requests or list(BY_NAME),
        connections=asked.connections,
        rounds=asked.rounds or (1 if asked.quick else 3),
        share=QUICK_SHARE if asked.quick else 1.0,
        output=asked.output or ("existence" if asked.existence else "quick" if asked.quick else "full"),
        existence=asked.existence,
    )


# -- measuring --------------------------------------------------------------------------------------------------------


def measure_pool(plan: Plan, engine: str, size: int, found: Found) -> None:
    """Everything about one pool. Signed requests come last: a database with an access key is never open again."""
    with (
        tempfile.TemporaryDirectory(prefix="cognomen-bench-") as name,
        databases.empty(engine, Path(name)) as database,
    ):
        found.versions[database.version] = None
        given = settings.load({"data": name, "database": database.url}, {})
        filled = fill.fill(given, size, lambda text: _say(f"{engine}: filling, {text}"))
        file = Path(name, "filled.json")
        file.write_bytes(msgspec.json.encode(filled))
        pool = Pool(engine, database, given, filled, file)
        wanted = [measured for measured in MEASURED if measured.name in plan.requests]
        unsigned = [measured for measured in wanted if not measured.signed]
        for workers in plan.workers if unsigned else ():
            _measure_server(plan, pool, workers, unsigned, None, found)
        if len(unsigned) < len(wanted):
            key = fill.add_access_key(given)
            for workers in plan.workers:
                _measure_server(plan, pool, workers, [each for each in wanted if each.signed], key, found)


def _measure_server(
    plan: Plan,
    pool: Pool,
    workers: int,
    wanted: Sequence[Measured],
    key: tuple[str, str] | None,
    found: Found,
) -> None:
    setting = Setting(pool.engine, pool.filled.users, workers)
    probe = requests.probe(pool.filled)
    with serve.serving(pool.settings, workers, probe) as server:
        for measured in wanted:
            row = Row(setting, measured.name, _rounds(plan, pool, server, workers, measured, key))
            found.rows.append(row)
            place = f"{len(found.rows)} of {plan.rows}, {found.seconds:.0f} s"
            _say(f"{place}: {report.titled(setting)}: {measured.name}: {_told(row)}")
        if key is None:
            rss, pss = measure.memory(server.pid)
            found.processes.append(Process(setting, server.start, server.start_cpu, rss, pss))


def _rounds(
    plan: Plan,
    pool: Pool,
    server: Server,
    workers: int,
    measured: Measured,
    key: tuple[str, str] | None,
) -> tuple[Outcome, ...]:
    """The outcomes, one a round.

    The driver is a copy of this process: importing everything anew took longer than most rounds.
    """
    job = Job(
        request=measured.name,
        port=server.port,
        server_pid=server.pid,
        database_pid=pool.database.server_pid,
        filled=str(pool.file),
        connections=plan.connections * workers,
        share=plan.share * SHARES[pool.engine],
        key=key,
    )
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("fork")) as driver:
        return tuple(driver.submit(load.run, job).result() for _ in range(plan.rounds))


# -- telling ----------------------------------------------------------------------------------------------------------


def _told(row: Row) -> str:
    best, budget = row.best(), BY_NAME[row.request].budget
    return (
        f"{best.units:.2f} of {budget} signatures, {best.milliseconds:.3f} ms; "
        f"driver {best.driver_cpu / best.wall:.0%} of a core"
    )


def _about(plan: Plan, found: Found, seconds: float) -> list[str]:
    units = [outcome.unit for row in found.rows for outcome in row.outcomes]
    packages = ", ".join(f"{name} {version(name)}" for name in ("uvicorn", "uvloop", "cryptography", "gmpy2"))
    return [
        f"{datetime.now(UTC):%Y-%m-%d}, commit {_commit()}, in {seconds / 60:.0f} minutes",
        f"{_processor()}, {os.cpu_count()} cores, {_memory_gib():.0f} GiB, {platform.system()} {platform.release()}",
        f"Python {platform.python_version()}, {', '.join(found.versions)}, {packages}",
        _unit_told(units),
        f"{plan.connections} clients for each worker that never pause, on the same machine; rounds: {plan.rounds}; the cheapest counts, since others on the machine only add.",
        "CPU is that of Cognomen's processes alone, supervisor included. PostgreSQL's, which runs with fsync, is told beside.",
        "Rates and times are of this machine with the driver and, where there is one, the database server on it.",
    ]


def _unit_told(units: Sequence[float]) -> str:
    if not units:
        return "Nothing was measured."
    span = f"{1000 * min(units):.3f} to {1000 * max(units):.3f} ms"
    return f"One RSA-2048 signature took {span} of CPU; CPU, floor and budget are in signatures timed beside the requests."


def _commit() -> str:
    git = shutil.which("git")
    if git is None:
        return "unknown"
    said = subprocess.run(
        [git, "describe", "--always", "--dirty"],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=False,
    )
    return said.stdout.strip() or "unknown"


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next(
        (line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine()
    )


def _memory_gib() -> float:
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30


def _write(name: str, results: Results) -> None:
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.md").write_text(report.page(results, f"{name}.svg"))
    (RESULTS / f"{name}.svg").write_text(report.plot(results.rows))
    print(report.page(results, f"{name}.svg"))
    _say(f"written to {RESULTS / name}.md and .svg")


def _tell_existence(plan: Plan) -> None:
    """Write the page of existence.py."""
    about = "\n".join(line for line in (existence.__doc__ or "").splitlines()[2:])
    pages = [existence.page(engine, existence.measured(engine, _say)) for engine in plan.engines]
    text = f"# Whether time tells who exists\n\n{about.strip()}\n\nCommit {_commit()}. What is outside of chance is marked.\n\n"
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{plan.output}.md").write_text(text + "".join(pages).rstrip() + "\n")
    _say(f"written to {RESULTS / plan.output}.md")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
