"""The server as a process, and as several: who is told to stop, who has died, who hangs.

    Alone               one process that serves
    Workers             the process that keeps several serving: one that dies or hangs is replaced
    MAY_FORK            whether this system lets workers begin as copies of the process that starts them
    on_stop(tell)       in each that serves: what to do when it is told to stop
    watch(stop, s)      in a worker: end it when it hangs, or when nobody is left who would replace it

A first SIGTERM or SIGINT lets requests under way finish within `drain_timeout_s`, while new connections are refused;
a second ends everything at once, which no acknowledged write minds.
"""

from __future__ import annotations

import asyncio
import faulthandler
import gc
import logging
import multiprocessing
import os
import resource
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from socket import socket
from types import FrameType

import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess, multiprocess

TOLD = (signal.SIGTERM, signal.SIGINT)
MAY_FORK = sys.platform == "linux"  # macOS's own libraries have threads, which a copy has not
GRACE_S = 5  # for jobs and the database to end, once requests have
WATCH_S = 1.0
START_S = 60  # that a worker has to start in another's place: on a busy machine it takes many times longer than elsewhere

log = logging.getLogger(__name__)


def raise_file_limit() -> None:
    """As many files (and so connections) as the system allows; many shells start programs with 1,024."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


class Alone(uvicorn.Server):
    """One process that serves."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if self.should_exit:
            os._exit(128 + sig)
        super().handle_exit(sig, frame)


class _Copy(multiprocess.Process):
    """A worker that begins as a copy of this process, which has imported all that it needs."""

    def __init__(self, config: uvicorn.Config, sockets: list[socket]) -> None:
        super().__init__(config, sockets)
        self.process = multiprocessing.get_context("fork").Process(  # type: ignore[assignment]  # uvicorn knows one kind
            target=self._begin, args=(sockets,)
        )

    def start(self) -> None:
        """Meanwhile no signal is taken: in the copy it would be taken for one to the process that it is a copy of."""
        signal.pthread_sigmask(signal.SIG_BLOCK, multiprocess.SIGNALS)
        try:
            super().start()
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, multiprocess.SIGNALS)

    def _begin(self, sockets: list[socket]) -> None:
        for sig in multiprocess.SIGNALS:
            signal.signal(sig, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, multiprocess.SIGNALS)
        self.target(sockets)


class Workers(Multiprocess):
    """The process that keeps several serving; `ended` is told the number of each that does no more.

    `copied`: the first begin as copies of this process, which takes a tenth of the time that importing everything does. Those that
    replace them begin anew, so that they have the settings, texts and programs of their day.
    """

    def __init__(
        self, config: uvicorn.Config, listener: socket, ended: Callable[[int], None], *, copied: bool
    ) -> None:
        super().__init__(config, [listener])
        self._copied = copied
        self._ended = ended
        self._serving: set[int] = set()
        self._told_to_stop = False
        for sig in TOLD:
            signal.signal(sig, self._on_signal)

    def _on_signal(self, sig: int, _frame: FrameType | None) -> None:
        if self._told_to_stop:
            self._kill_all()
            os._exit(128 + sig)
        self._told_to_stop = True
        # In a thread, since the signal may have interrupted whoever looks at the event, and so holds its lock. The queue of
        # signals is looked at only when no worker is being replaced.
        threading.Thread(target=self.should_exit.set).start()

    def init_processes(self) -> None:
        if self._copied:
            self.config.get_loop_factory()  # imports it
            gc.freeze()  # else looking for garbage would write to what the copies share
            self.processes = [_Copy(self.config, self.sockets) for _ in range(self.processes_num)]
            for process in self.processes:
                process.start()
        else:
            super().init_processes()
        self._serving = self._numbers()

    def keep_subprocess_alive(self) -> None:
        super().keep_subprocess_alive()
        serving = self._numbers()
        for pid in self._serving - serving:
            log.warning("worker %d has ended and was replaced", pid)
            self._ended(pid)
        self._serving = serving

    def restart_all(self) -> None:
        """Replace each worker once its successor serves; where one does not start in time, those that serve stay."""
        answers_within = self.config.timeout_worker_healthcheck
        self.config.timeout_worker_healthcheck = START_S
        try:
            super().restart_all()
        finally:
            self.config.timeout_worker_healthcheck = answers_within

    def run(self) -> None:
        """Serve until told to stop; exits with uvicorn's code for it where the workers cannot even start."""
        super().run()
        if not self._told_to_stop:
            sys.exit(STARTUP_FAILURE)

    def terminate_all(self) -> None:
        for listener in self.sockets:
            listener.close()  # else the system would go on accepting connections that nobody serves
        super().terminate_all()

    def join_all(self) -> None:
        for process in self.processes:
            process.process.join((self.config.timeout_graceful_shutdown or 0) + 2 * GRACE_S)
        self._kill_all()

    def _numbers(self) -> set[int]:
        return {process.pid for process in self.processes if process.pid is not None}

    def _kill_all(self) -> None:
        for process in self.processes:
            with suppress(ValueError, OSError):
                process.process.kill()


def on_stop(tell: Callable[[], None], drain_seconds: float) -> None:
    """Call `tell` when this process is told to stop, before what is done then; end it for sure some time later."""
    for sig in TOLD:
        _tell_before(sig, tell, drain_seconds + GRACE_S)


def _tell_before(sig: signal.Signals, tell: Callable[[], None], seconds: float) -> None:
    then = signal.getsignal(sig)

    def told(number: int, frame: FrameType | None) -> None:
        tell()
        last = threading.Timer(seconds, _end)
        last.daemon = True
        last.start()
        if callable(then):
            then(number, frame)

    signal.signal(sig, told)


def _end() -> None:
    log.error("what was under way did not finish in time and is left")
    os._exit(1)


async def watch(stop: asyncio.Event, hang_seconds: float) -> None:
    """End this process when its event loop stands still, telling where, or when the process that started it is gone.

    The one that started it replaces it. It watches by itself only whether a worker answers at all, which a thread does.
    """
    parent = multiprocessing.parent_process()
    while not stop.is_set():
        faulthandler.dump_traceback_later(hang_seconds, exit=True)
        if parent is not None and os.getppid() != parent.pid:
            log.error("the process that started this worker is gone, so it stops too")
            signal.raise_signal(signal.SIGTERM)
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), WATCH_S)
    faulthandler.cancel_dump_traceback_later()
