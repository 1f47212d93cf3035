"""What load balancers and supervisors ask a server about itself; nobody needs a key for it, and nobody learns a secret.

    GET /health     the process answers; nothing else is touched
    GET /ready      it can serve: the database is read and up to date, and the master key opens it; 503 says why not

What `/ready` found is kept for a second, and one look at a time is under way, so that probes cost nothing.
"""

from __future__ import annotations

import asyncio
import hmac
import logging

import msgspec

from cognomen import clock
from cognomen.call import Node
from cognomen.crypto import sealing
from cognomen.crypto.sealing import UnknownKey
from cognomen.store import master_keys, migrations
from cognomen.store.database import Unavailable
from cognomen.store.master_keys import KnownKey
from cognomen.wire.watching import Message, Send

HEALTH = "/health"
READY = "/ready"
KEPT_SECONDS = 1.0
PATIENCE_SECONDS = 2.0  # probes give up soon themselves, and then do not learn why

log = logging.getLogger(__name__)


class Probes:
    """The probes of one worker."""

    def __init__(self, node: Node) -> None:
        self.stopping = False
        self._node = node
        self._newest = migrations.newest()
        self._reason: str | None = None
        self._known_until = 0.0
        self._looking: asyncio.Task[str | None] | None = None

    def stop(self) -> None:
        """Say from now on that this server is not ready: it has been told to end."""
        self.stopping = True

    async def answer(self, scope: Message, send: Send) -> None:
        status, document, more = 200, {"status": "ok"}, []
        if scope["method"] not in ("GET", "HEAD"):
            status, document, more = 405, {"status": "use GET"}, [(b"allow", b"GET, HEAD")]
        elif scope["path"] == READY and (reason := await self.reason()) is not None:
            status, document = 503, {"status": "not ready", "reason": reason}
        body = msgspec.json.encode(document)
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", b"%d" % len(body)),
            (b"cache-control", b"no-store"),
            *more,
        ]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})

    async def reason(self) -> str | None:
        """Why this server is not ready; None when it is."""
        if self.stopping:
            return "stopping"
        if clock.elapsed() < self._known_until:
            return self._reason
        if self._looking is None:
            self._looking = asyncio.create_task(self._look())
        done, _ = await asyncio.wait([self._looking], timeout=PATIENCE_SECONDS)
        if not done:
            return "the database does not answer"
        return self._reason

    async def _look(self) -> str | None:
        try:
            found = await self._find()
        except Unavailable as fault:
            log.warning("not ready: the database is not available: %s", fault)
            found = "the database is not available"
        except Exception:
            log.exception("not ready")
            found = "the database cannot be read"
        self._reason, self._known_until, self._looking = found, clock.elapsed() + KEPT_SECONDS, None
        return found

    async def _find(self) -> str | None:
        if await self._node.store.read(migrations.revision) < self._newest:
            return "the database is older than this release"
        for known in await self._node.store.read(master_keys.all_known):
            if known.retired_at is None and not self._opens(known):
                return "a master key is missing"
        return None

    def _opens(self, known: KnownKey) -> bool:
        try:
            held = self._node.vault.master_key(known.id)
        except UnknownKey:
            return False
        return hmac.compare_digest(sealing.key_check(held), known.key_check)
