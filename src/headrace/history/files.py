"""Files as bytes: opened packed or not, told apart by their checksum, and written whole or not at all."""

from __future__ import annotations

import gzip
import hashlib
import os
import zlib
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Final, cast

from headrace.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

GZIP: Final = b"\x1f\x8b"
UTF8_MARK: Final = b"\xef\xbb\xbf"


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """The bytes of `path`, unpacked if it is gzip. Every way in which reading fails is an InputError."""
    try:
        if not path.is_file():
            raise InputError(str(path), "is not a file" if path.exists() else "does not exist")
        with path.open("rb") as raw:
            packed = raw.read(2) == GZIP
            raw.seek(0)
            if packed:
                with gzip.GzipFile(fileobj=raw) as unpacked:
                    yield cast("IO[bytes]", unpacked)
            else:
                yield raw
    except EOFError as error:
        raise InputError(str(path), "is cut off: its gzip stream has no end", "copy the whole file again") from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise InputError(str(path), "is damaged: its gzip stream cannot be unpacked", "copy it again") from error
    except OSError as error:
        raise InputError(str(path), f"cannot be read: {error.strerror or error}") from error


def sha256_of(path: Path) -> str:
    """The SHA-256 of the file's bytes as they lie on the disk, in hexadecimal."""
    try:
        with path.open("rb") as raw:
            return hashlib.file_digest(raw, "sha256").hexdigest()
    except OSError as error:
        raise InputError(str(path), f"cannot be read: {error.strerror or error}") from error


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """A file that takes the place of `path` once it is whole; if anything goes wrong `path` stays as it was."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            yield file
        part.replace(path)
    except OSError as error:
        raise InputError(str(path), f"cannot be written: {error.strerror or error}") from error
    finally:
        part.unlink(missing_ok=True)
