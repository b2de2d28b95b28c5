"""A Ray cluster: the columns are put once into its object store, and every worker maps them there.

Ray is imported here alone, and only when a cluster was asked for.
"""

from __future__ import annotations

import os
from collections import deque
from socket import create_connection
from typing import TYPE_CHECKING, Any, Final

from headrace.errors import CallError
from headrace.sweep.grid import Cell, made_by
from headrace.sweep.outcome import Failed, Outcome
from headrace.sweep.shared import Columns, map_columns
from headrace.sweep.worker import ONE_THREAD

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

PATIENCE_S: Final = 10.0
MOST_SENT: Final = 1000
"""Cells that Ray has at a time: it looks through all of them whenever one is done."""


def on_a_cluster(cells: Sequence[Cell], columns: Path, address: str) -> Iterator[tuple[Cell, Outcome]]:
    """Each cell with its outcome as they come, from the Ray cluster at `address` (`auto`, `host:port`, `local`)."""
    ray = _connected(address)
    try:
        held = {key: ray.put(map_columns(columns / key)) for key in dict.fromkeys(cell.columns for cell in cells)}
        remote = ray.remote(num_cpus=1, max_retries=0)(attempt)
        queue, sent = deque(cells), dict[Any, Cell]()
        while queue or sent:
            while queue and len(sent) < MOST_SENT:
                cell = queue.popleft()
                sent[remote.remote(made_by(), cell, held[cell.columns])] = cell
            for done in ray.wait(list(sent))[0]:
                yield sent.pop(done), _outcome(ray, done)
    finally:
        ray.shutdown()


def _connected(address: str) -> Any:
    try:
        import ray
    except ImportError as error:
        raise CallError("--ray needs Ray, which is not installed: pip install 'headrace[ray]'") from error
    try:
        _knock(address)
        ray.init(address=address, logging_level="error", log_to_driver=False)
    except (OSError, ValueError, RuntimeError) as error:
        said = (str(error).splitlines() or [type(error).__name__])[0][:200]
        raise CallError(f"--ray {address}: no Ray cluster answers there ({said}); `ray start` starts one") from error
    return ray


def _knock(address: str) -> None:
    """OSError where nobody listens at HOST:PORT: Ray itself would wait there for many minutes."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if host and port.isdigit():
        create_connection((host.strip("[]"), int(port)), PATIENCE_S).close()


def _outcome(ray: Any, done: Any) -> Outcome:
    try:
        outcome: Outcome = ray.get(done)
    except ray.exceptions.RayError as error:
        return Failed(f"its worker on the cluster died: {str(error).splitlines()[0][:200]}")
    return outcome


def attempt(maker: str, cell: Cell, columns: Columns) -> Outcome:
    """What a worker of the cluster runs."""
    os.environ.update(ONE_THREAD)  # before anything is imported that reads it
    if made_by() != maker:
        return Failed(f"the cluster has Headrace {made_by()} where this machine has {maker}; install the same on both")
    outcome: Outcome = _bench().attempt(cell, lambda: columns)
    return outcome


_BENCH: list[Any] = []


def _bench() -> Any:
    """This process' own."""
    from headrace.sweep.compute import Bench

    if not _BENCH:
        _BENCH.append(Bench())
    return _BENCH[0]
