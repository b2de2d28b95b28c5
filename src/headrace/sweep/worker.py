"""A worker process: it takes a cell from the pipe, computes it, sends the outcome back, until the pipe closes.

It never outlives its parent. Idle, it sees the pipe close; at work, a thread sees the parent end, however it ended.
"""

from __future__ import annotations

import os
from functools import partial
from multiprocessing import parent_process
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

ONE_THREAD: Final = dict.fromkeys(("NUMBA_NUM_THREADS", "POLARS_MAX_THREADS", "OMP_NUM_THREADS"), "1")
"""There is a worker for each core."""


def work(pipe: Connection, columns: str) -> None:
    """Compute cells until the pipe closes. `columns` is the folder of what they replay, by key."""
    os.environ.update(ONE_THREAD)  # before anything is imported that reads it
    Thread(target=_end_with_parent, daemon=True).start()

    from headrace.sweep.compute import Bench
    from headrace.sweep.shared import map_columns

    bench = Bench()
    while True:
        try:
            cell = pipe.recv()
            pipe.send(bench.attempt(cell, partial(map_columns, Path(columns) / cell.columns)))
        except (EOFError, BrokenPipeError, ConnectionResetError):
            return


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
