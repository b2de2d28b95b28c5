"""The cores of this machine: one process each, a cell at a time, so that one that dies takes one cell with it."""

from __future__ import annotations

import os
import signal
from collections import deque
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from multiprocessing.connection import wait
from multiprocessing.resource_tracker import ensure_running
from pathlib import Path
from typing import TYPE_CHECKING, Final

from headrace.sweep.outcome import Failed, Outcome
from headrace.sweep.worker import work

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from headrace.sweep.grid import Cell

SPAWN: Final = get_context("spawn")
"""Neither Numba's nor Polars' threads live through a fork."""


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def on_this_machine(cells: Sequence[Cell], columns: Path, most: int) -> Iterator[tuple[Cell, Outcome]]:
    """Each cell with its outcome as they come, by at most `most` processes and never more than there are cores."""
    queue, crew = deque(cells), list[Worker]()
    limit = 1 if _nothing_is_compiled() else min(most, cores())  # or every worker would compile the same for a minute
    try:
        while queue or crew:
            while queue and len(crew) < limit:
                crew.append(Worker(columns, queue.popleft()))
            for worker in _done(crew):
                yield worker.cell, worker.outcome()
                if not (queue and worker.take(queue[0])):
                    crew.remove(worker)
                    worker.leave()
                else:
                    queue.popleft()
            limit = min(most, cores())
    finally:
        for worker in crew:
            worker.kill()


def _nothing_is_compiled() -> bool:
    return not Path(os.environ["NUMBA_CACHE_DIR"]).exists()


def _done(crew: list[Worker]) -> list[Worker]:
    """The workers that have something to say, or that died; waits until there is one."""
    heard = wait([worker.pipe for worker in crew])
    return [worker for worker in crew if worker.pipe in heard]


class Worker:
    """A process and the cell that it has."""

    def __init__(self, columns: Path, cell: Cell) -> None:
        self.cell = cell
        self.pipe, theirs = SPAWN.Pipe()
        self.process = SPAWN.Process(target=work, args=(theirs, str(columns)), daemon=True)
        with _ctrl_c_is_ours():
            self.process.start()
        theirs.close()
        self.take(cell)

    def take(self, cell: Cell) -> bool:
        """Hand it a cell; whether it lives to take one."""
        try:
            self.pipe.send(cell)
        except (BrokenPipeError, ConnectionResetError):
            return False
        self.cell = cell
        return True

    def outcome(self) -> Outcome:
        """What became of its cell."""
        try:
            outcome: Outcome = self.pipe.recv()
        except (EOFError, ConnectionResetError):
            self.process.join()
            return Failed(_how_it_died(self.process.exitcode or 0))
        return outcome

    def leave(self) -> None:
        """Let it end."""
        self.pipe.close()
        self.process.join()

    def kill(self) -> None:
        """End it at once, whatever it does."""
        with suppress(OSError):
            self.pipe.close()
        self.process.kill()
        self.process.join()


@contextmanager
def _ctrl_c_is_ours() -> Iterator[None]:
    """What is started here never sees Ctrl-C, from its first instant: it inherits our mask, and we end it."""
    ensure_running()  # else it is started just before the process, and takes the mask away again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _how_it_died(code: int) -> str:
    if code >= 0:
        return f"its worker ended early, with exit code {code}"
    name = signal.Signals(-code).name
    return f"its worker was ended by {name}" + ("; the machine may be short of memory" if name == "SIGKILL" else "")
