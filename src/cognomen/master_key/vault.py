"""The keyring a process seals with, read again when something was sealed with a key it does not know yet.

A master key may be rotated while servers run: whoever rotates it writes the new key to the source first, so a server that
meets a key id it does not know asks the source again. The id stands in text that callers send, so it asks at most once a
second, and goes on with the keys it has when the source cannot be read.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from cognomen import clock
from cognomen.crypto import sealing
from cognomen.crypto.sealing import Keyring, MasterKey, UnknownKey
from cognomen.master_key.source import MasterKeyError

SECONDS_BETWEEN_READS = 1.0

log = logging.getLogger(__name__)


class Vault:
    """Seals and unseals; `purpose` and `bound_to` must be the same both times. `read` gives the keys of the source."""

    def __init__(self, read: Callable[[], Keyring]) -> None:
        self._read = read
        self._read_at = -SECONDS_BETWEEN_READS
        self.keyring = read()

    def master_key(self, key_id: str) -> MasterKey:
        """The master key with this id, to derive a key from (`sealing.subkey`); UnknownKey where nobody has it."""
        if key_id not in self.keyring.keys:
            self._read_again()
        key = self.keyring.keys.get(key_id)
        if key is None:
            raise UnknownKey(key_id)
        return key

    def seal(self, purpose: str, plaintext: bytes, bound_to: bytes) -> bytes:
        return sealing.seal(self.keyring, purpose, plaintext, bound_to)

    def unseal(self, purpose: str, blob: bytes, bound_to: bytes) -> bytes:
        """What was sealed; CannotUnseal for anything altered, foreign, or sealed with a key nobody has."""
        try:
            return sealing.unseal(self.keyring, purpose, blob, bound_to)
        except UnknownKey:
            self._read_again()
            return sealing.unseal(self.keyring, purpose, blob, bound_to)

    def seal_text(self, purpose: str, plaintext: bytes, bound_to: bytes) -> str:
        """As `seal`, in URL-safe characters."""
        return sealing.seal_text(self.keyring, purpose, plaintext, bound_to)

    def unseal_text(self, purpose: str, text: str, bound_to: bytes) -> bytes:
        """As `unseal`, of `seal_text`'s text or any other."""
        try:
            return sealing.unseal_text(self.keyring, purpose, text, bound_to)
        except UnknownKey:
            self._read_again()
            return sealing.unseal_text(self.keyring, purpose, text, bound_to)

    def _read_again(self) -> None:
        now = clock.elapsed()
        if now - self._read_at < SECONDS_BETWEEN_READS:
            return
        self._read_at = now
        try:
            found = self._read()
        except MasterKeyError as error:
            log.warning("the master keys could not be read again: %s", error)
            return
        if self.keyring.current.id in found.keys:
            self.keyring = found
        else:
            log.error(
                "the source has other master keys than this server, which keeps its own until it is restarted"
            )
