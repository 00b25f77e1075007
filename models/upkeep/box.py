"""A sealed file: compressed, encrypted with a key derived from ours, and read only whole and in order.

Layout: a magic line, a line of JSON in the clear (format, key id, salt, and what the writer says of the content), then
frames of a length and AES-256-GCM ciphertext. The nonce counts the frames and marks the last one (the STREAM
construction of Hoang, Reyhanitabar, Rogaway and Vizár), and every frame is bound to the two lines: a frame that is
changed, left out, repeated, moved or cut off is noticed.
"""

import base64
import json
import os
import struct
import zlib
from collections.abc import Iterator, Mapping
from hashlib import sha256
from types import TracebackType
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from models.vault import Vault, VaultError

MAGIC = b"CADENCE-BACKUP\n"
FORMAT = 1

_PURPOSE = "cadence backup 1"
_FRAME = 64 * 1024
_LONGEST_FRAME = _FRAME + 1024
_LONGEST_HEAD = 4096
_LENGTH = struct.Struct(">I")


class BackupError(Exception):
    """A backup cannot be written or read; the text says why and what to do."""


class BoxWriter:
    """Writes lines into a sealed file. Only a box that was closed in order can be read."""

    def __init__(self, out: BinaryIO, vault: Vault, about: Mapping[str, Any]) -> None:
        salt = os.urandom(32)
        head = {"format": FORMAT, "key": vault.key_id, "salt": base64.b64encode(salt).decode(), **about}
        clear = MAGIC + json.dumps(head, sort_keys=True).encode() + b"\n"
        out.write(clear)
        out.flush()  # from now on one can see whose it is
        self._out = out
        self._cipher = AESGCM(vault.derived(vault.key_id, salt, _PURPOSE))
        self._bound_to = sha256(clear).digest()
        self._press = zlib.compressobj()
        self._waiting = bytearray()
        self._frames = 0

    def write(self, line: bytes) -> None:
        """Add a line; it holds no line break."""
        self._add(self._press.compress(line + b"\n"))

    def __enter__(self) -> "BoxWriter":
        return self

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        if kind is None:
            self._add(self._press.flush())
            self._frame(bytes(self._waiting), is_last=True)

    def _add(self, pressed: bytes) -> None:
        """Keep what is compressed until there is more than a frame of it."""
        self._waiting += pressed
        while len(self._waiting) > _FRAME:
            self._frame(bytes(self._waiting[:_FRAME]), is_last=False)
            del self._waiting[:_FRAME]

    def _frame(self, content: bytes, *, is_last: bool) -> None:
        sealed = self._cipher.encrypt(_nonce(self._frames, is_last=is_last), content, self._bound_to)
        self._out.write(_LENGTH.pack(len(sealed)) + sealed)
        self._frames += 1


class BoxReader:
    """Reads a sealed file. Raises BackupError for one that is not ours, not whole, or sealed with another key."""

    def __init__(self, source: BinaryIO, vault: Vault) -> None:
        if source.read(len(MAGIC)) != MAGIC:
            raise BackupError("This file is not a backup made by `cadence backup`.")
        line = source.readline(_LONGEST_HEAD)
        self.head = _head(line)
        if self.head["format"] != FORMAT:
            raise BackupError(
                f"This backup has format {self.head['format']}, this version reads format {FORMAT}: "
                "use the version of Vendor Cadence that made it, or a newer one."
            )
        self._source = source
        self._bound_to = sha256(MAGIC + line).digest()
        try:
            salt = base64.b64decode(self.head["salt"], validate=True)
            self._cipher = AESGCM(vault.derived(self.head["key"], salt, _PURPOSE))
        except VaultError:
            raise BackupError(
                f"This backup was sealed with the key {self.head['key']!r}: add that key to CADENCE_KEYS, "
                "behind the present one."
            ) from None
        except ValueError:
            raise BackupError(_DAMAGED) from None

    def lines(self) -> Iterator[bytes]:
        """The lines, in order, up to the end that the writer set."""
        rest = b""
        for content in self._contents():
            *whole, rest = (rest + content).split(b"\n")
            yield from whole
        if rest:
            raise BackupError(_DAMAGED)

    def _contents(self) -> Iterator[bytes]:
        press = zlib.decompressobj()
        frame, is_last = 0, False
        while not is_last:
            content, is_last = self._open(self._next(), frame)
            frame += 1
            try:
                yield press.decompress(content)
            except zlib.error:
                raise BackupError(_DAMAGED) from None
        if not press.eof or self._source.read(1):
            raise BackupError("This backup has something behind its end: it was changed, or two files were joined.")

    def _next(self) -> bytes:
        length = self._source.read(_LENGTH.size)
        if len(length) < _LENGTH.size:
            raise BackupError(_CUT)
        (size,) = _LENGTH.unpack(length)
        if size > _LONGEST_FRAME:
            raise BackupError(_DAMAGED)
        sealed = self._source.read(size)
        if len(sealed) < size:
            raise BackupError(_CUT)
        return sealed

    def _open(self, sealed: bytes, frame: int) -> tuple[bytes, bool]:
        for is_last in (False, True):
            try:
                return self._cipher.decrypt(_nonce(frame, is_last=is_last), sealed, self._bound_to), is_last
            except InvalidTag:
                continue
        if frame == 0:
            raise BackupError(
                f"This backup cannot be opened: the key {self.head['key']!r} in CADENCE_KEYS is not the one it was "
                "sealed with, or its beginning was damaged."
            )
        raise BackupError(_DAMAGED)


_CUT = "This backup ends too early: it was cut off while it was written or copied. Use another one."
_DAMAGED = "This backup was damaged or changed after it was written. Use another one."


def _head(line: bytes) -> dict[str, Any]:
    try:
        head = json.loads(line)
        if not line.endswith(b"\n") or not all(isinstance(head[name], str) for name in ("key", "salt", "revision")):
            raise BackupError(_CUT if not line.endswith(b"\n") else _DAMAGED)
        head["format"] = int(head["format"])
    except (ValueError, KeyError, TypeError):
        raise BackupError(_DAMAGED if line.endswith(b"\n") else _CUT) from None
    return dict(head)


def _nonce(frame: int, *, is_last: bool) -> bytes:
    return frame.to_bytes(11, "big") + (b"\x01" if is_last else b"\x00")
