"""The server as a process of its own, with real time and a free port."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

PATIENT = {"COGNOMEN_REQUEST_TIMEOUT_S": "60"}  # a caller of a busy machine may stop halfway


@dataclass
class Running:
    """A server process and where it listens."""

    process: subprocess.Popen[str]
    endpoint: str
    log_file: Path

    @property
    def log(self) -> str:
        """What it has logged until now."""
        return self.log_file.read_text()

    @property
    def port(self) -> int:
        return int(self.endpoint.rpartition(":")[2])

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@contextmanager
def serving(data: Path, *options: str, environment: dict[str, str] | None = None) -> Iterator[Running]:
    arguments = [sys.executable, "-m", "cognomen", "serve", "--port", "0", "--data", str(data), *options]
    with (
        tempfile.NamedTemporaryFile() as kept,
        Path(kept.name).open("a") as errors,
        subprocess.Popen(
            arguments,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env=os.environ | PATIENT | (environment or {}),
        ) as process,
    ):
        assert process.stdout
        found = next(filter(None, (re.match("Cognomen serves (.*)", line) for line in process.stdout)), None)
        running = Running(process, found[1] if found else "", Path(kept.name))
        assert found, running.log
        try:
            yield running
        finally:
            process.terminate()
            try:
                process.communicate(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()


def until(holds: Callable[[], bool], seconds: float = 30) -> None:
    """Look again and again whether a condition holds; AssertionError where it does not in time."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it does not hold in time"
        time.sleep(0.02)


def workers_of(pid: int) -> set[int]:
    """The worker processes of a server that are alive: copies of it, and those that began anew."""
    return children_of(pid, "cognomen") | children_of(pid, "spawn_main")


def is_copy_of(pid: int, worker: int) -> bool:
    """Whether the worker has the command line of the process that started it."""
    shown = subprocess.run(
        ["ps", "-o", "args=", "-p", f"{pid},{worker}"], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    return len(shown) == 2 and shown[0] == shown[1]


def children_of(pid: int, command: str = "") -> set[int]:
    """The processes that a process has started and that are alive; `command` is a part of what started them."""
    if not Path("/proc").is_dir():
        listed = subprocess.run(
            ["ps", "-o", "pid=,stat=,args=", "--ppid", str(pid)], capture_output=True, text=True, check=True
        ).stdout
        rows = [line.split(None, 2) for line in listed.splitlines()]
        return {int(row[0]) for row in rows if command in row[2] and not row[1].startswith("Z")}
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it ended meanwhile
            state, parent = (process / "stat").read_text().rpartition(")")[2].split()[:2]
            if int(parent) == pid and state != "Z" and command.encode() in (process / "cmdline").read_bytes():
                found.add(int(process.name))
    return found


def self_signed(folder: Path) -> tuple[Path, Path]:
    """A certificate for localhost and the domains of pools below it, and its key."""
    key = rsa.generate_private_key(65537, 2048)
    names = "localhost", "*.auth.us-east-1.localhost"
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(each) for each in names]), critical=False)
        .sign(key, hashes.SHA256())
    )
    files = folder / "cert.pem", folder / "key.pem"
    files[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return files
