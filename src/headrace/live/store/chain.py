"""The audit log as a chain: each line carries the hash of the one before it, and the head says how many there are.

    line 1 ──> line 2 ──> ... ──> line n          head: n, hash of line n, seal
    hash(1, at, who, what, detail, 00..0)         seal: HMAC of both, with a key that is kept outside the database

A changed, missing, added or exchanged line is found where it stands, a cut tail by the head. Who can write the database
can also write a whole new chain, and its head; with a key only who has the key can. Without one the seal is a checksum:
then note the head elsewhere now and then. The idea is that of Schneier and Kelsey, "Secure audit logs to support
computer forensics" (ACM TISSEC 2(2), 1999), without their evolving keys.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from headrace.live.store.columns import canonical

if TYPE_CHECKING:
    from collections.abc import Iterable

BEGINNING: Final = "0" * 64
"""What the first line follows."""


@dataclass(frozen=True)
class Line:
    """Who did what at `at` (ms, UTC); `detail` is canonical JSON; `previous` is the hash of the line before."""

    sequence: int
    at: int
    who: str
    what: str
    detail: str
    previous: str
    hash: str


@dataclass(frozen=True)
class Head:
    """How many lines were written, and the hash of the last."""

    lines: int
    hash: str
    seal: str


@dataclass(frozen=True)
class Broken:
    """The first line of the audit log that is not as it was written, and how that shows."""

    sequence: int
    how: str


def link(after: Head | None, at: int, who: str, what: str, detail: str) -> Line:
    """The line that follows `after`."""
    sequence, previous = (after.lines + 1, after.hash) if after else (1, BEGINNING)
    return Line(sequence, at, who, what, detail, previous, _hash(sequence, at, who, what, detail, previous))


def head_at(line: Line, key: bytes) -> Head:
    """The head once `line` is the last."""
    return Head(line.sequence, line.hash, _seal(line.sequence, line.hash, key))


def verify(lines: Iterable[Line], head: Head | None, key: bytes) -> Broken | None:
    """The first line that is not as it was written; None where all are. `lines` are in the order of their sequence."""
    count, previous = 0, BEGINNING
    for line in lines:
        count += 1
        if how := _wrong(line, count, previous, head):
            return Broken(count, how)
        previous = line.hash
    return _wrong_end(count, previous, head, key)


def _wrong(line: Line, sequence: int, previous: str, head: Head | None) -> str:
    if line.sequence != sequence:
        return "it is missing"
    if head and sequence > head.lines:
        return f"it was added: {head.lines} lines were written"
    if line.hash != _hash(line.sequence, line.at, line.who, line.what, line.detail, line.previous):
        return "it was changed: its hash is not that of what it says"
    return "" if line.previous == previous else "it does not follow the line before it"


def _wrong_end(count: int, last: str, head: Head | None, key: bytes) -> Broken | None:
    if head is None:
        return Broken(1, "how many lines were written is not recorded any more") if count else None
    if count < head.lines:
        return Broken(count + 1, f"it is missing: {head.lines} lines were written")
    if last != head.hash:
        return Broken(count, "it is not the line that was written last")
    if not hmac.compare_digest(head.seal, _seal(head.lines, head.hash, key)):
        return Broken(count, "the seal over the number of lines was not made with this key")
    return None


def _hash(*said: object) -> str:
    return hashlib.sha256(canonical(said).encode()).hexdigest()


def _seal(lines: int, last: str, key: bytes) -> str:
    return hmac.new(key, f"{lines}:{last}".encode(), hashlib.sha256).hexdigest()
