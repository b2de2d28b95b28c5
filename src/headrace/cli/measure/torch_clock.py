"""How long a call takes on a device, by the device's own clock where it has one."""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

WARM: Final = 3
FEWEST: Final = 3
MOST: Final = 50
FLUSHED: Final = 256 << 20
"""Bytes written before each run, more than any chip's cache holds: what a run reads must come from memory."""


@dataclass
class Clock:
    """The clock of `kind`: cuda and npu have events on the device, a processor has its own counter."""

    torch: Any
    kind: str
    _flush: Any = field(default=None, init=False, repr=False)

    def median(self, call: Callable[[], object], within: float) -> float:
        """Seconds of a call: the median of as many as fit into `within` seconds, FEWEST to MOST, after warming up."""
        begun = perf_counter()
        self._run(call, WARM)
        once = (perf_counter() - begun) / WARM
        return self.of_runs(call, min(max(int(within / max(once, 1e-9)) - WARM, FEWEST), MOST))

    def of_runs(self, call: Callable[[], object], runs: int) -> float:
        """The median of that many runs, in seconds."""
        return median(self._timed(call, runs) if self.kind == "cpu" else self._timed_there(call, runs))

    def _run(self, call: Callable[[], object], times: int) -> None:
        for _ in range(times):
            call()
        if self.kind != "cpu":
            self._there.synchronize()

    def _timed(self, call: Callable[[], object], runs: int) -> list[float]:
        seconds = []
        for _ in range(runs):
            begun = perf_counter()
            call()
            seconds.append(perf_counter() - begun)
        return seconds

    def _timed_there(self, call: Callable[[], object], runs: int) -> list[float]:
        """While the cache is flushed the host runs ahead, so that what is timed is the device and not the host."""
        if self._flush is None:
            self._flush = self.torch.empty(FLUSHED, dtype=self.torch.int8, device=self.kind)
        pairs = [(self._event(), self._event()) for _ in range(runs)]
        for begin, end in pairs:
            self._flush.zero_()
            begin.record()
            call()
            end.record()
        self._there.synchronize()
        return [begin.elapsed_time(end) / 1e3 for begin, end in pairs]

    def _event(self) -> Any:
        return self._there.Event(enable_timing=True)

    @property
    def _there(self) -> Any:
        """`torch.cuda` or `torch.npu`, which have the same functions."""
        return getattr(self.torch, self.kind)
