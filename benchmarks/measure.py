"""The operating system's account of a process and of all that it started, from /proc; and the unit of all figures."""

from __future__ import annotations

import os
import time
from functools import cache
from pathlib import Path
from statistics import median

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256

from cognomen.crypto import rsa_keys

TICK = 1 / os.sysconf("SC_CLK_TCK")  # seconds; the account is kept in these
BATCHES = 9
SIGNATURES = 32  # OpenSSL makes a key's blinding anew after so many, which belongs to what one costs
MIB = 1024 * 1024

_PARENT, _FIRST_TIME, _TIMES = 1, 11, 4  # places behind the command's name in /proc/PID/stat


def cpu_seconds(pid: int) -> float:
    """What a process and its descendants have used, those that ended and were waited for too."""
    return sum(sum(int(field) for field in _stat(each)[_FIRST_TIME:][:_TIMES]) for each in tree(pid)) * TICK


def tree(pid: int) -> list[int]:
    """The process and its descendants that are alive."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and (fields := _stat(int(entry.name))):
            children.setdefault(int(fields[_PARENT]), []).append(int(entry.name))
    found, left = [], [pid]
    while left:
        found.append(left.pop())
        left += children.get(found[-1], [])
    return found


def parent_of(pid: int) -> int:
    return int(_stat(pid)[_PARENT])


def memory(pid: int) -> tuple[float, float]:
    """RSS and PSS of the process of this tree that has most, in MiB: of a worker."""
    return max(_memory(each) for each in tree(pid))


def signature_seconds() -> float:
    """The CPU that one RSA-2048 signature takes here and now: in the middle of some batches, as some may be disturbed."""
    return median(_batch() for _ in range(BATCHES))


def _batch() -> float:
    key = _key()
    started = time.process_time()
    for _ in range(SIGNATURES):
        key.sign(b"x" * 700, PKCS1v15(), SHA256())
    return (time.process_time() - started) / SIGNATURES


@cache
def _key() -> RSAPrivateKey:
    return rsa_keys.generate()


def _stat(pid: int) -> list[str]:
    """The fields behind the command's name, which may itself hold blanks and parentheses; none if it has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def _memory(pid: int) -> tuple[float, float]:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    kilobytes = {line.split(":")[0]: int(line.split()[1]) for line in lines}
    return kilobytes["Rss"] * 1024 / MIB, kilobytes["Pss"] * 1024 / MIB
