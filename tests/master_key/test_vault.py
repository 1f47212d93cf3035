"""A process that meets a new master key asks its source again, seldom, and survives a broken source."""

from __future__ import annotations

import pytest

from cognomen.crypto import sealing
from cognomen.crypto.sealing import Keyring, UnknownKey
from cognomen.master_key import vault
from cognomen.master_key.source import MasterKeyError
from cognomen.master_key.vault import Vault

OLD, NEW = sealing.master_key(b"o" * 32), sealing.master_key(b"n" * 32)


class Source:
    """Keys that can be changed, and how often they were asked for."""

    def __init__(self) -> None:
        self.keys: Keyring | None = sealing.keyring([OLD])
        self.asked = 0

    def read(self) -> Keyring:
        self.asked += 1
        if self.keys is None:
            raise MasterKeyError("gone")
        return self.keys


@pytest.fixture
def source() -> Source:
    return Source()


def test_what_was_sealed_with_a_key_that_came_later_opens(
    source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vault, "SECONDS_BETWEEN_READS", 0.0)
    opened = Vault(source.read)
    source.keys = sealing.keyring([NEW, OLD])
    blob = sealing.seal(source.keys, "test", b"value", b"place")
    assert opened.unseal("test", blob, b"place") == b"value"
    assert opened.unseal_text("test", opened.seal_text("test", b"more", b"place"), b"place") == b"more"
    assert opened.keyring.current == NEW


def test_strangers_cannot_make_it_read_at_every_request(source: Source) -> None:
    opened = Vault(source.read)
    foreign = sealing.seal(sealing.keyring([NEW]), "test", b"value", b"")
    for _ in range(5):
        with pytest.raises(UnknownKey):
            opened.unseal("test", foreign, b"")
    assert source.asked == 2, "at the start, and once for all of them"


def test_a_source_that_is_gone_leaves_the_keys_there_are(
    source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vault, "SECONDS_BETWEEN_READS", 0.0)
    opened = Vault(source.read)
    own = opened.seal("test", b"value", b"")
    source.keys = None
    with pytest.raises(UnknownKey):
        opened.unseal("test", sealing.seal(sealing.keyring([NEW]), "test", b"", b""), b"")
    assert opened.unseal("test", own, b"") == b"value"


def test_a_source_with_other_keys_is_not_followed(source: Source) -> None:
    """Somebody replaced the file: what would be sealed from now on, this server's database would not open."""
    opened = Vault(source.read)
    source.keys = sealing.keyring([NEW])
    with pytest.raises(UnknownKey):
        opened.unseal("test", sealing.seal(source.keys, "test", b"", b""), b"")
    assert opened.keyring.current == OLD
