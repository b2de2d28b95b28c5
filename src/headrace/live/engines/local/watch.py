"""Watches one command from its first to its last process: its output, its time limit, and orders to stop."""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import signal
import time
from typing import TYPE_CHECKING, Any, Final

from headrace.live.engines.local.bell import hang
from headrace.live.engines.local.command import hold
from headrace.live.engines.local.ending import LEFT_OVER, Ending, steps
from headrace.live.engines.local.files import read_whole, write_whole
from headrace.live.engines.local.output import Output
from headrace.live.engines.local.processes import boot_id, descendants, process, send, send_group

if TYPE_CHECKING:
    from pathlib import Path

PIECE: Final = 65536
LOOK_AGAIN_MS: Final = 50
FAR_MS: Final = 3_600_000


def wall_ms() -> int:
    """Now in ms, UTC."""
    return time.time_ns() // 1_000_000


def clock_ms() -> int:
    """A clock in ms that nobody sets."""
    return time.monotonic_ns() // 1_000_000


class Watch:
    """One run of one command."""

    def __init__(self, folder: Path, order: dict[str, Any]) -> None:
        self._folder, self._order = folder, order
        self._status: int | None = None
        self._ending: Ending | None = None
        self._leftover = False
        self._told = False

    def run(self) -> dict[str, Any]:
        """Start the command and stay until nothing of it lives. Raises OSError where it cannot be started: the run may
        then be tried again."""
        self._listen()
        self._command = hold(self._order)
        self._outputs = {
            self._command.out: Output(self._folder / "stdout", self._order["output_bytes"]),
            self._command.err: Output(self._folder / "stderr", self._order["output_bytes"]),
        }
        self._began, start = clock_ms(), wall_ms()
        write_whole(self._folder / "started.json", self._started(start), durable=False)
        self._command.go()
        while not self._over():
            self._turn()
        self._drain()
        return self._exit(start)

    def _started(self, at: int) -> dict[str, Any]:
        seen = process(self._command.pid)
        born = seen.born if seen else 0
        return {"pid": self._command.pid, "born": born, "keeper": os.getpid(), "boot": boot_id(), "at": at}

    def _listen(self) -> None:
        """Everything that can happen becomes something to read: signals, orders, output."""
        self._woken, wake = os.pipe()
        for fd in (self._woken, wake):
            os.set_blocking(fd, False)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._told_to_end)
        self._poked = hang(self._folder / "poke")

    def _told_to_end(self, *_: object) -> None:
        """The keeper itself is asked to end, as when the machine shuts down: the run is lost."""
        self._told = True

    def _turn(self) -> None:
        wait = max(0, self._next() - clock_ms()) / 1000
        ready, _, _ = select.select([self._woken, self._poked, *self._outputs], [], [], wait)
        for fd in ready:
            if fd in self._outputs:
                self._read(fd)
            else:
                os.read(fd, PIECE)
        self._reap()
        self._decide()
        self._signal()

    def _next(self) -> int:
        """When there is something to do, if nothing happens before."""
        times = [clock_ms() + (LOOK_AGAIN_MS if self._leftover else FAR_MS)]
        if self._ending:
            times.append(self._ending.at)
        elif self._order["limit_ms"] is not None:
            times.append(self._began + self._order["limit_ms"])
        return min(times)

    def _reap(self) -> None:
        """Take note of every child that ended: the command, and what it left to us."""
        with contextlib.suppress(ChildProcessError):
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if pid == 0:
                    break
                if pid == self._command.pid:
                    self._status = status

    def _decide(self) -> None:
        """Whether the run has to end, and why. A command that has ended is not stopped any more."""
        if self._status is not None:
            self._end_what_is_left()
            return
        stop = read_whole(self._folder / "stop.json")
        late = self._order["limit_ms"] is not None and clock_ms() >= self._began + self._order["limit_ms"]
        why = stop["why"] if stop else "lost" if self._told else "timeout" if late else ""
        before = self._ending.why if self._ending else ""
        if why and why != before and (not before or why == "cancelled"):
            self._ending = Ending.begin(why, steps(why, self._order), clock_ms())

    def _end_what_is_left(self) -> None:
        if not self._leftover and not self._over():
            self._leftover = True
            why = self._ending.why if self._ending else ""
            self._ending = Ending.begin(why, LEFT_OVER, clock_ms())

    def _signal(self) -> None:
        number = self._ending.due(clock_ms()) if self._ending else 0
        if not number:
            return
        if self._status is None and number != signal.SIGKILL:
            send_group(self._command.pid, number)
        else:
            send(descendants(os.getpid()), number)

    def _over(self) -> bool:
        """Whether the command has ended and nothing that it started lives."""
        if self._status is None:
            return False
        try:
            os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return True
        return False

    def _read(self, fd: int) -> bool:
        """Take what arrived. False: nothing more comes."""
        data = os.read(fd, PIECE)
        if data:
            self._outputs[fd].take(data)
            return True
        self._outputs.pop(fd).close()
        os.close(fd)
        return False

    def _drain(self) -> None:
        """What stands in the pipes when all is over, and no more: a stranger may hold them open."""
        for fd in list(self._outputs):
            os.set_blocking(fd, False)
            most = fcntl.fcntl(fd, fcntl.F_GETPIPE_SZ) // PIECE + 1
            with contextlib.suppress(BlockingIOError):
                while most and self._read(fd):
                    most -= 1
            if fd in self._outputs:
                self._outputs.pop(fd).close()

    def _exit(self, start: int) -> dict[str, Any]:
        code = os.waitstatus_to_exitcode(self._status or 0)
        why = self._ending.why if self._ending else ""
        return {
            "outcome": why or ("completed" if code == 0 else "failed"),
            "code": code if code >= 0 else None,
            "signal": -code if code < 0 else None,
            "start": start,
            "end": start + clock_ms() - self._began,
            "said": "",
        }
