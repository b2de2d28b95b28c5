"""If Headrace stops, jobs must still run: a lease that the server renews, and what is to be done when it is old.

The lease is a small file, written by rename, so that the watchdog needs neither the database nor the server:

    {"holder": "ctl-1:4711", "renewed_at": 1795337589000, "until": 1795337649000}        times in ms, UTC
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final, Literal

from headrace.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

Move = Literal["open", "close", "leave"]

_MOST: Final = 4096


@dataclass(frozen=True)
class Lease:
    """Who drives the fleet, when it last said so, and until when it promised to say so again; ms, UTC."""

    holder: str
    renewed_at: int
    until: int

    def age(self, now: int) -> int:
        """How long ago it was renewed, in ms; a lease from the future is as old as it is ahead: a clock has jumped."""
        return abs(now - self.renewed_at)


def watchdog(age: int | None, limit: int, is_open: bool) -> Move:
    """What to do with the front partition where the lease is `age` ms old (null: there is none) and may be `limit`.

    A lease as old as the limit is still good. Without a good lease the door is open, with one it is closed.
    """
    should_be_open = age is None or age > limit
    if should_be_open == is_open:
        return "leave"
    return "open" if should_be_open else "close"


def read_lease(path: Path) -> Lease | None:
    """The lease in the file; null where there is no file, or nothing in it that is a lease: both mean nobody drives."""
    try:
        with path.open("rb") as file:
            written = json.loads(file.read(_MOST))
        lease = Lease(written["holder"], written["renewed_at"], written["until"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    whole = isinstance(lease.holder, str) and all(type(at) is int for at in (lease.renewed_at, lease.until))
    return lease if whole else None


def write_lease(path: Path, lease: Lease) -> None:
    """Renew it: whoever reads the file finds the old lease or the new one. InputError where it cannot be written."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        temporary.write_text(json.dumps(asdict(lease)) + "\n", encoding="utf-8")
        temporary.replace(path)
    except OSError as error:
        raise InputError(str(path), f"cannot be written ({error.strerror})", "name a place that can be") from error
    finally:
        with suppress(OSError):
            temporary.unlink()
