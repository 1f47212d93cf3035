"""Which passwords have leaked, as far as a node can know: a file of hashes, or a server that is asked for them.

Where neither says (there is none, it cannot be read, nobody answers) a password counts as one that has not leaked: who has the
right one is not kept out by what is wrong elsewhere. The log and the counts tell of it. A source that has failed is left alone for a
while, so that sign-ins wait for it once and not each. Passwords and hashes are neither logged nor kept.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections import Counter
from pathlib import Path

from cognomen.clock import SECOND
from cognomen.outgoing import Outgoing, Unreachable
from cognomen.risk.hash_file import HashFile, NotUsable
from cognomen.risk.hash_ranges import HashRanges
from cognomen.settings import Settings, SettingsError

LEFT_ALONE_FOR = 30 * SECOND

FOUND, NOT_FOUND, NOT_CHECKED = "found", "not found", "not checked"
"""What may come of looking for a password."""

log = logging.getLogger(__name__)


class LeakedPasswords:
    """Made anywhere, used in one event loop. `counts`: how often looking at an event (first) came to what (second)."""

    def __init__(self, settings: Settings, outgoing: Outgoing) -> None:
        self.counts: Counter[tuple[str, str]] = Counter()
        named = settings.compromised_passwords
        self._shown = "the URL" if "://" in named else named  # a URL may hold a secret
        self._source: HashFile | HashRanges | None = None
        self._refusal: str | None = None
        if "://" in named:
            self._refusal = outgoing.refusal(named)
            self._source = HashRanges(named, outgoing)
        elif named:
            self._source = HashFile(Path(named))
        self._failed_at: int | None = None
        self._has_told = False

    @property
    def can_know(self) -> bool:
        """Whether there is a source at all."""
        return self._source is not None

    def load(self) -> None:
        """Look whether the source can be used, as far as that is seen from here. Raises SettingsError."""
        reason = self._refusal
        if isinstance(self._source, HashFile):
            try:
                self._source.load()
            except (OSError, NotUsable) as error:
                reason = _told(error)
        if reason is not None:
            raise SettingsError(f"compromised_passwords: {self._shown} cannot be used: {reason}.")

    async def knows(self, password: str, *, event: str, pool_id: str, now: int) -> bool:
        """Whether it is known that this password has leaked; `event` and `pool_id` are for who reads counts and log."""
        outcome = await self._looked_up(password, pool_id, now)
        self.counts[event, outcome] += 1
        return outcome == FOUND

    def close(self) -> None:
        if isinstance(self._source, HashFile):
            self._source.close()

    async def _looked_up(self, password: str, pool_id: str, now: int) -> str:
        if self._source is None:
            self._tell_once(pool_id)
            return NOT_CHECKED
        if self._failed_at is not None and 0 <= now - self._failed_at < LEFT_ALONE_FOR:
            return NOT_CHECKED
        hashed = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper().encode()
        try:
            if isinstance(self._source, HashFile):
                is_known = await asyncio.to_thread(self._source.holds, hashed)
            else:
                is_known = await self._source.holds(hashed, now)
        except (OSError, NotUsable, Unreachable) as error:
            self._failed_at = now
            log.warning(
                "passwords are not checked for having leaked: compromised_passwords: %s cannot be used: %s",
                self._shown,
                _told(error),
            )
            return NOT_CHECKED
        if self._failed_at is not None:
            self._failed_at = None
            log.info("passwords are checked for having leaked again")
        return FOUND if is_known else NOT_FOUND

    def _tell_once(self, pool_id: str) -> None:
        if not self._has_told:
            self._has_told = True
            log.warning(
                "%s asks that passwords be checked for having leaked, and nothing is checked: the setting "
                "compromised_passwords names no list of them (this is said once)",
                pool_id,
            )


def _told(error: Exception) -> str:
    if isinstance(error, Unreachable):
        return f"{error.reason} ({error.detail})" if error.detail else error.reason
    return str(error.strerror) if isinstance(error, OSError) else str(error)
