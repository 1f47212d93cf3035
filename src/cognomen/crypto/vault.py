"""The keyring a process seals with, re-read when something was sealed with a key it does not know yet.

A master key may be rotated while servers run: the one that rotates writes the new key to the source first, so a server
that meets a key id it does not know asks the source again, once, before it gives up.
"""

from __future__ import annotations

from collections.abc import Callable

from cognomen.crypto import sealing
from cognomen.crypto.sealing import Keyring, UnknownKey


class Vault:
    """Seals and unseals; `purpose` and `bound_to` must be the same both times."""

    def __init__(self, read: Callable[[], Keyring]) -> None:
        self._read = read
        self.keyring = read()

    def seal(self, purpose: str, plaintext: bytes, bound_to: bytes) -> bytes:
        return sealing.seal(self.keyring, purpose, plaintext, bound_to)

    def unseal(self, purpose: str, blob: bytes, bound_to: bytes) -> bytes:
        """What was sealed; CannotUnseal for anything altered, foreign, or sealed with a key nobody has."""
        try:
            return sealing.unseal(self.keyring, purpose, blob, bound_to)
        except UnknownKey:
            self.keyring = self._read()
            return sealing.unseal(self.keyring, purpose, blob, bound_to)

    def seal_text(self, purpose: str, plaintext: bytes, bound_to: bytes) -> str:
        """As `seal`, in URL-safe characters."""
        return sealing.seal_text(self.keyring, purpose, plaintext, bound_to)

    def unseal_text(self, purpose: str, text: str, bound_to: bytes) -> bytes:
        try:
            return sealing.unseal_text(self.keyring, purpose, text, bound_to)
        except UnknownKey:
            self.keyring = self._read()
            return sealing.unseal_text(self.keyring, purpose, text, bound_to)
