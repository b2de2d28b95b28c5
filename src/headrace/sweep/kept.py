"""What a sweep keeps on the disk: whole or not at all, also when the machine stops at once.

    <out>/columns/<key>/     what the cells of one fleet replay (`shared`), and about.json
    <out>/cells/<key>.json   a finished cell's figures

A key says what decides the contents, so that what is there is never out of date.
"""

from __future__ import annotations

import json
import os
import shutil
from typing import TYPE_CHECKING, Any, TypeAlias

from headrace.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Figures: TypeAlias = dict[str, Any]


def keep_file(path: Path, data: bytes) -> None:
    """Put `data` into `path`, by way of a temporary file that is on the disk before it gets its name."""
    temporary = _temporary(path)
    try:
        with temporary.open("wb") as file:
            file.write(data)
            os.fsync(file.fileno())
        os.replace(temporary, path)
        _settle_folder(path.parent)
    except OSError as error:
        raise _unkept(path, error) from error
    finally:
        temporary.unlink(missing_ok=True)


def keep_folder(path: Path, fill: Callable[[Path], None]) -> None:
    """Make the folder `path` with what `fill` writes into it; if it is there already, it stays as it is."""
    temporary = _temporary(path)
    try:
        temporary.mkdir(parents=True)
        fill(temporary)
        for file in temporary.iterdir():
            with file.open("rb") as opened:
                os.fsync(opened.fileno())
        _settle_folder(temporary)
        if not path.exists():
            os.replace(temporary, path)
            _settle_folder(path.parent)
    except OSError as error:
        raise _unkept(path, error) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _unkept(path: Path, error: OSError) -> InputError:
    return InputError(str(path), f"cannot be written ({error.strerror})", "make room there, or name another folder")


def _temporary(path: Path) -> Path:
    return path.with_name(f".{path.name}.{os.getpid()}.tmp")


def _settle_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class Cells:
    """The finished cells in a folder, each under its key."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self, key: str) -> Figures | None:
        """The figures kept under `key`; None where there are none, or none that can be read."""
        try:
            said = json.loads(self._path(key).read_bytes())
        except (OSError, ValueError):
            return None
        return said.get("figures") if isinstance(said, dict) and said.get("key") == key else None

    def keep(self, key: str, figures: Figures) -> None:
        """Keep a finished cell's figures. Raises InputError where the disk takes nothing more."""
        text = json.dumps({"key": key, "figures": figures}, ensure_ascii=False, allow_nan=False, sort_keys=True)
        keep_file(self._path(key), text.encode() + b"\n")

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}.json"
