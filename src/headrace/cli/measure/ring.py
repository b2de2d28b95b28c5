"""Processes, a chip each, that sum a buffer over all of them when they are told to, and time it."""

from __future__ import annotations

import multiprocessing
import signal
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from headrace.cli.measure.torch_clock import WARM, Clock

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

RUNS: Final = 20
"""Runs of one size; all processes must do as many."""
PATIENCE: Final = 90.0
"""Seconds after which processes that do not answer are given up."""
BACKENDS: Final = {"cuda": "nccl", "npu": "hccl", "cpu": "gloo"}


class Ring:
    """`ways` processes on devices of one kind. Raises RuntimeError where they do not come together."""

    def __init__(self, ways: int, kind: str) -> None:
        self.ways = ways
        self.folder = TemporaryDirectory(prefix="headrace-")
        spawn = multiprocessing.get_context("spawn")
        self.pipes: list[Connection] = []
        self.processes = []
        for rank in range(ways):
            ours, theirs = spawn.Pipe()
            place = (rank, ways, kind, str(Path(self.folder.name) / "meeting"))
            process = spawn.Process(target=_take_part, args=(place, theirs), daemon=True)
            process.start()
            theirs.close()
            self.pipes.append(ours)
            self.processes.append(process)

    def seconds(self, size: int) -> float:
        """The median of RUNS all-reduces of `size` bytes, as the first process saw it."""
        try:
            for pipe in self.pipes:
                pipe.send(size)
            answers = [self._answer(pipe) for pipe in self.pipes]
        except (EOFError, OSError):
            raise RuntimeError("a process of the exchange ended early") from None
        wrong = next((answer for answer in answers if isinstance(answer, str)), None)
        if wrong is not None:
            raise RuntimeError(wrong)
        return float(answers[0])

    def _answer(self, pipe: Connection) -> float | str:
        if not pipe.poll(PATIENCE):
            raise RuntimeError(f"no answer from an exchange within {PATIENCE:g} s")
        answer: float | str = pipe.recv()
        return answer

    def close(self) -> None:
        """End the processes."""
        for pipe in self.pipes:
            with suppress(OSError):
                pipe.send(None)
        for process in self.processes:
            process.join(timeout=5)
            if process.is_alive():
                process.kill()
                process.join()
        self.folder.cleanup()


def _take_part(place: tuple[int, int, str, str], pipe: Connection) -> None:
    """One process: a size in, seconds or what went wrong out, until None comes. Ctrl-C is for the one that began it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    torch = import_module("torch")
    rank, ways, kind, meeting = place
    try:
        _meet(torch, rank, ways, kind, meeting)
        while (size := pipe.recv()) is not None:
            pipe.send(_reduced(torch, kind, size))
    except (RuntimeError, ValueError) as error:
        with suppress(OSError):
            pipe.send(str(error))
    finally:
        with suppress(RuntimeError, ValueError, AssertionError):
            torch.distributed.destroy_process_group()


def _meet(torch: Any, rank: int, ways: int, kind: str, meeting: str) -> None:
    if kind == "npu":
        import_module("torch_npu")
    if kind != "cpu":
        getattr(torch, kind).set_device(rank)
    torch.distributed.init_process_group(BACKENDS[kind], init_method=f"file://{meeting}", rank=rank, world_size=ways)


def _reduced(torch: Any, kind: str, size: int) -> float:
    clock, values = Clock(torch, kind), torch.zeros(max(size // 2, 1), dtype=torch.bfloat16, device=kind)
    for _ in range(WARM):
        torch.distributed.all_reduce(values)
    return clock.of_runs(lambda: torch.distributed.all_reduce(values), RUNS)
