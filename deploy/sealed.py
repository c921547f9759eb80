"""Files that only a passphrase opens: a stream of chunks, each sealed to its place, so that none can be left out."""

import hashlib
import secrets
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from chassis.crypto import Damaged, seal, unseal

_MAGIC = b"LOKON-SEALED-1\n"
_SALT_BYTES = 16
_CHUNK_BYTES = 1 << 20
_LENGTH_BYTES = 4


class WrongPassphrase(Exception):  # noqa: N818 - named like the refusals of the kernel
    """The file does not open with this passphrase, or it was changed."""


class SealedWriter:
    """A file-like object that writes to `path`; complete only after `close`."""

    def __init__(self, path: Path, passphrase: str) -> None:
        salt = secrets.token_bytes(_SALT_BYTES)
        self._key = _key(passphrase, salt)
        self._waiting = bytearray()
        self._number = 0
        self._path = path
        self._unfinished = path.with_name(f"{path.name}.part")
        self._unfinished.unlink(missing_ok=True)
        self._unfinished.touch(mode=0o600)
        self._file: BinaryIO = self._unfinished.open("wb")
        self._file.write(_MAGIC + salt)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.close()
        else:
            self._file.close()
            self._unfinished.unlink(missing_ok=True)

    def write(self, data: bytes) -> int:
        """Take in more; nothing is lost by writing little at a time."""
        self._waiting += data
        while len(self._waiting) > _CHUNK_BYTES:
            self._seal(bytes(self._waiting[:_CHUNK_BYTES]), last=False)
            del self._waiting[:_CHUNK_BYTES]
        return len(data)

    def close(self) -> None:
        """Seal the last chunk and give the file its name."""
        self._seal(bytes(self._waiting), last=True)
        self._file.close()
        self._unfinished.replace(self._path)

    def _seal(self, chunk: bytes, *, last: bool) -> None:
        sealed = seal(self._key, chunk, _place(self._number, last=last))
        self._file.write(len(sealed).to_bytes(_LENGTH_BYTES, "big") + sealed)
        self._number += 1


class SealedReader:
    """A file-like object that reads what a SealedWriter wrote. Raises WrongPassphrase."""

    def __init__(self, path: Path, passphrase: str) -> None:
        self._file: BinaryIO = path.open("rb")
        if self._file.read(len(_MAGIC)) != _MAGIC:
            self._file.close()
            raise WrongPassphrase(f"{path} is no backup of Lokon")
        self._key = _key(passphrase, self._file.read(_SALT_BYTES))
        self._path = path
        self._opened = bytearray()
        self._number = 0
        self._ended = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes, or all that is left."""
        while not self._ended and (size < 0 or len(self._opened) < size):
            self._open_next()
        taken = bytes(self._opened[:size]) if size >= 0 else bytes(self._opened)
        del self._opened[: len(taken)]
        return taken

    def _open_next(self) -> None:
        length = int.from_bytes(self._file.read(_LENGTH_BYTES), "big")
        sealed = self._file.read(length)
        # Only the place of the last chunk says "last": a file that was cut short does not open.
        self._ended = not self._file.peek(1)  # type: ignore[attr-defined]
        try:
            self._opened += unseal(self._key, sealed, _place(self._number, last=self._ended))
        except Damaged:
            raise WrongPassphrase(f"{self._path} does not open: another passphrase, or the file was changed") from None
        self._number += 1


def _key(passphrase: str, salt: bytes) -> bytes:
    return hashlib.scrypt(passphrase.encode(), salt=salt, n=1 << 15, r=8, p=1, maxmem=64 << 20, dklen=32)


def _place(number: int, *, last: bool) -> str:
    return f"backup:{number}:{'last' if last else 'more'}"
