"""A file of frames, sealed under a passphrase: AES-256-GCM with a key that scrypt makes of it.

    head        a line of JSON: the format, the parameters of scrypt, and what the writer says of the content
    frame       kind (1 byte) | length (4) | nonce (12) | ciphertext and tag

A frame is bound to the head and to its number, so none can be altered, left out, moved or taken from another file; the last
one says that it is the last, so a file that was cut is noticed. Frames are compressed before they are sealed. A file that
was being written when its writer died ends in the middle of a frame: `resumed` cuts that off and goes on behind it.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import scrypt, sha256
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from cognomen import clock
from cognomen.settings import SettingsError

FORMAT = "cognomen-users"
VERSION = 1
SCRYPT_N, SCRYPT_R, SCRYPT_P = 1 << 17, 8, 1  # 128 MiB and half a second
SCRYPT_N_MAX = 1 << 20  # of a file that somebody else has made
SALT_BYTES = 16

HEAD_MAX = 64 * 1024  # bytes
FRAME_MAX = 256 * 1024 * 1024

DATA, END = 0, 1

_PREFIX_BYTES = 5
_NONCE_BYTES = 12
_LENGTH_MIN = _NONCE_BYTES + 16


class FileError(SettingsError):
    """The file cannot be used; the text says why."""


@dataclass
class SealedFile:
    """An open file, at the end of `frames` frames; `about` is what its writer said of the content."""

    file: BinaryIO
    about: dict[str, Any]
    _cipher: AESGCM = field(repr=False)
    _digest: bytes = field(repr=False)
    frames: int = 0

    def write(self, content: Any, kind: int = DATA) -> None:
        """Raises FileError where nobody could read the frame again."""
        nonce = clock.random_bytes(_NONCE_BYTES)
        plain = zlib.compress(msgspec.msgpack.encode(content), 1)
        sealed = nonce + self._cipher.encrypt(nonce, plain, self._bound_to(kind))
        if len(sealed) > FRAME_MAX:
            raise FileError(f"A frame of the file would be larger than {FRAME_MAX} bytes.")
        self.file.write(bytes([kind]) + len(sealed).to_bytes(4) + sealed)
        self.file.flush()
        self.frames += 1

    def read(self) -> Iterator[Any]:
        """The contents of the data frames that follow. Raises FileError, also where the last frame is not the end."""
        while True:
            prefix = self.file.read(_PREFIX_BYTES)
            if len(prefix) < _PREFIX_BYTES:
                raise FileError("The file is not complete: it was cut, or is still being written.")
            kind, content = self._opened(prefix)
            self.frames += 1
            if kind == END:
                return
            yield content

    def _opened(self, prefix: bytes) -> tuple[int, Any]:
        kind, length = prefix[0], int.from_bytes(prefix[1:])
        if not _LENGTH_MIN <= length <= FRAME_MAX:
            raise FileError("The file is damaged.")
        sealed = self.file.read(length)
        if len(sealed) < length:
            raise FileError("The file is not complete: it was cut, or is still being written.")
        try:
            plain = self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], self._bound_to(kind))
        except InvalidTag:
            wrong = "The passphrase is wrong, or the file" if self.frames == 0 else "The file"
            raise FileError(f"{wrong} was altered.") from None
        return kind, msgspec.msgpack.decode(zlib.decompress(plain))

    def _bound_to(self, kind: int) -> bytes:
        return self._digest + self.frames.to_bytes(8) + bytes([kind])


def created(path: Path, passphrase: str, about: dict[str, Any]) -> SealedFile:
    """A new file. FileExistsError where there is one."""
    salt = clock.random_bytes(SALT_BYTES)
    head = {
        "format": FORMAT,
        "version": VERSION,
        "scrypt": {"n": SCRYPT_N, "r": SCRYPT_R, "p": SCRYPT_P, "salt": salt.hex()},
        "about": about,
    }
    line = json.dumps(head).encode() + b"\n"
    file = path.open("xb+")
    file.write(line)
    return _opened(file, line, head, passphrase)


def opened(path: Path, passphrase: str, *, to_write: bool = False) -> SealedFile:
    """A file at its first frame. Raises FileError."""
    try:
        file = path.open("rb+" if to_write else "rb")
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror}.") from None
    try:
        line = file.readline(HEAD_MAX)
        head = _head_of(path, line)
        return _opened(file, line, head, passphrase)
    except BaseException:
        file.close()
        raise


def resumed(path: Path, passphrase: str) -> tuple[SealedFile, Any]:
    """A file behind its last whole frame, and the content of that frame (None before the first).

    Raises FileError, also where the file is complete. What a writer that died has left behind is cut off.
    """
    sealed = opened(path, passphrase, to_write=True)
    end, size = sealed.file.tell(), path.stat().st_size
    last: Any = None
    while True:
        prefix = sealed.file.read(_PREFIX_BYTES)
        length = int.from_bytes(prefix[1:]) if len(prefix) == _PREFIX_BYTES else size
        following = end + _PREFIX_BYTES + length
        if following > size:
            break
        kind, last = sealed._opened(prefix)  # noqa: SLF001  of this module's own class
        if kind == END:
            sealed.file.close()
            raise FileError(f"{path} is complete already. Name another file, or remove it.")
        sealed.frames += 1
        end = following
    sealed.file.seek(end)
    sealed.file.truncate()
    return sealed, last


def _head_of(path: Path, line: bytes) -> dict[str, Any]:
    try:
        head = json.loads(line)
    except ValueError:
        head = None
    if not isinstance(head, dict) or head.get("format") != FORMAT:
        raise FileError(f"{path} is no file of exported users.")
    if head.get("version") != VERSION:
        raise FileError(
            f"{path} was written by another release, in version {head.get('version')} of the format."
        )
    return head


def _opened(file: BinaryIO, line: bytes, head: dict[str, Any], passphrase: str) -> SealedFile:
    made = head["scrypt"]
    if not (1 < made["n"] <= SCRYPT_N_MAX and made["r"] == SCRYPT_R and made["p"] == SCRYPT_P):
        raise FileError("The head of the file asks for parameters of scrypt that are not used.")
    key = scrypt(
        passphrase.encode(),
        salt=bytes.fromhex(made["salt"]),
        n=made["n"],
        r=made["r"],
        p=made["p"],
        maxmem=2 * 128 * made["r"] * made["n"],
        dklen=32,
    )
    return SealedFile(file, head["about"], AESGCM(key), sha256(line).digest())
