"""The key of the audit log's seal: 32 random bytes in a file of its own, which only its owner may read."""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING, Final

from headrace.errors import InputError
from headrace.serve.settings import within

if TYPE_CHECKING:
    from pathlib import Path

    from headrace.serve.settings import Settings

BYTES: Final = 32


def seal(settings: Settings, folder: Path) -> bytes:
    """The key, made where there is none yet. Raises InputError where the file cannot be used."""
    file = within(folder, settings.audit_key, "audit.key")
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _make(file)
        key = file.read_bytes()
    except OSError as error:
        right = "name a file that headrace may read"
        raise InputError("audit_key", f"{file} cannot be read or made: {error.strerror or error}", right) from error
    if len(key) < BYTES:
        raise InputError("audit_key", f"{file} holds {len(key)} bytes", f"{BYTES} random bytes are a key")
    return key


def _make(file: Path) -> None:
    """Make the key appear whole, unless it is there; of two who make it at once, one does."""
    if file.exists():
        return
    part = file.with_name(f".{file.name}.{os.getpid()}.part")
    with open(part, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as made:
        made.write(secrets.token_bytes(BYTES))
    try:
        os.link(part, file)
    except FileExistsError:
        pass
    finally:
        part.unlink()
