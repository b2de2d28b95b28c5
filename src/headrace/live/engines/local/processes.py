"""Which processes live, and which of them belong to a run: /proc, where a start time tells a number from its reuse."""

from __future__ import annotations

import contextlib
import os
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PROC: Final = Path("/proc")
MARK: Final = "HEADRACE_MARK"
"""The variable by which what a run started is known again."""


@dataclass(frozen=True)
class Process:
    """A process that is not a zombie; `born` is its start in clock ticks since the machine's start (proc(5))."""

    pid: int
    parent: int
    session: int
    born: int


def boot_id() -> str:
    """This start of the machine; another one after each reboot (random(4))."""
    return (PROC / "sys/kernel/random/boot_id").read_text().strip()


def process(pid: int) -> Process | None:
    """The process of that number, or None where none lives."""
    try:
        text = (PROC / str(pid) / "stat").read_bytes()
    except OSError:
        return None
    state, parent, _, session, *rest = text[text.rindex(b")") + 2 :].split()
    return None if state in b"ZX" else Process(pid, int(parent), int(session), int(rest[15]))


def processes() -> Iterator[Process]:
    """All that live."""
    for name in os.listdir(PROC):
        if name.isdigit() and (found := process(int(name))):
            yield found


def descendants(root: int) -> list[int]:
    """All that descend from `root`, without itself."""
    children: dict[int, list[int]] = {}
    for one in processes():
        children.setdefault(one.parent, []).append(one.pid)
    found, at = [root], 0
    while at < len(found):
        found += children.get(found[at], [])
        at += 1
    return found[1:]


def left_of(mark: str, leader: int, born: int) -> list[int]:
    """All that still lives of a run: what carries its mark, and what is in the session that its command led.

    `born` is the command's start time: where the number `leader` is another's by now, its session is not touched.
    What has left the session and emptied its environment too is found by a keeper that lives, and not by this.
    """
    now = process(leader)
    reused = now is not None and now.born != born
    session = None if reused else leader
    return [one.pid for one in processes() if one.born >= born and (one.session == session or _carries(one.pid, mark))]


def _carries(pid: int, mark: str) -> bool:
    try:
        return f"{MARK}={mark}".encode() in (PROC / str(pid) / "environ").read_bytes().split(b"\0")
    except OSError:
        return False


def send(pids: Iterable[int], number: int) -> None:
    """Send a signal to each; those that are gone are passed over."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


def send_group(group: int, number: int) -> None:
    """Send a signal to a process group, awake or stopped."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)
        if number != signal.SIGKILL:
            os.killpg(group, signal.SIGCONT)
