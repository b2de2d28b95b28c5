"""How long work takes on a chip: its bound, times how far above the bound it was measured in that shape.

The bound is max(FLOPs / peak, bytes / bandwidth). What was measured on another chip of the same die counts in seconds,
but never nearer to the own bound than REACHED; what is carried from another die counts as a ratio to the bound.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from headrace.estimate.chip import CLASS, ELSE, SAME_DIE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from headrace.estimate.calibration import Calibration
    from headrace.estimate.chip import Chip
    from headrace.estimate.grid import Grid
    from headrace.estimate.work import Work

    Floats = NDArray[np.float64]

NEXT: Final = {
    "fp8_block": "fp8",
    "fp8": "fp8_block",
    "int8": "fp8",
    "fp4": "fp8",
    "mxfp4_wo": "int4_wo",
    "int4_wo": "bf16",
    "int8_wo": "bf16",
}
"""Whose efficiency a precision takes where its own was not measured."""
UNMEASURED: Final = (0.6, 5e-6)
"""Share of the bound, and seconds a launch, of a family that was measured nowhere: assumed."""
REACHED: Final = 1.06
"""Time over bound of the best products measured on a chip of little compute (H20: 94 % of its peak)."""
LAUNCHED: Final = 0.75
"""Share of the shortest attention's time that is its launch, which graphs hide and constants count: assumed."""
HOP: Final = 1e-6
"""Seconds that an exchange takes at least, however little it carries."""


@dataclass(frozen=True)
class Source:
    """A measured grid, and the chip that it was measured on."""

    grid: Grid
    chip: Chip
    same_die: bool


@dataclass(frozen=True)
class Kernels:
    """The kernels of one chip: seconds for arrays of shapes."""

    chip: Chip
    chips: Mapping[str, Chip]
    calibration: Calibration
    engine: str = ""

    def seconds(self, work: Work) -> Floats:
        """How long each call takes."""
        own = bound(work, self.chip)
        found = self.find(work.family, work.precision)
        if found is None:
            share, launch = UNMEASURED
            return own / share + launch
        flat = np.broadcast_arrays(*work.shape)
        ratio = found.grid(*flat).reshape(flat[0].shape)
        if found.chip is self.chip or not found.same_die:
            return own * ratio
        return np.maximum(bound(work, found.chip) * ratio, own * REACHED)

    def seconds_in_a_graph(self, work: Work, least: Work) -> Floats:
        """How long each call takes once launches are captured: less most of what the `least` one takes.

        The launch is the measured chip's, whatever this chip's bandwidth; no call is faster than its bound.
        """
        found = self.find(work.family, work.precision)
        if found is None:
            return self.seconds(work)
        launch = LAUNCHED * bound(least, found.chip) * found.grid(*least.shape)
        return np.maximum(self.seconds(work) - launch, bound(work, self.chip))

    def reduce(self, size: Floats, ways: int) -> Floats:
        """Seconds of an all-reduce of `size` bytes over `ways` chips; axes of the grid: bytes, ways, none."""
        if ways <= 1:
            return np.zeros_like(size)
        least = exchange_bound(size, ways, self.chip)
        found = self.find("comm", "bf16")
        if found is None:
            return least / UNMEASURED[0] + UNMEASURED[1]
        ratio: Floats = found.grid(size, np.full_like(size, ways), np.ones_like(size))
        return least * ratio.reshape(np.shape(size))

    def find(self, family: str, precision: str) -> Source | None:
        """The nearest grid: on the same die by the engine's own library; else this chip's, its die's, its class's.

        At each chip the precision asked for comes before others.
        """
        die = [self.chip.name, *SAME_DIE.get(self.chip.name, ())]
        classes = [*filter(None, [CLASS.get(self.chip.name)]), *ELSE]
        for chips, library in ((die, self.engine), ([*die, *classes], "")):
            for name in chips:
                found = self._on(family, name, precision, library)
                if found is not None:
                    return Source(found, self.chips[name], name in die)
        return None

    def _on(self, family: str, chip: str, precision: str, library: str) -> Grid | None:
        for wanted in _precisions(precision):
            known = self.calibration.libraries.get((family, chip, wanted), ())
            if known and (not library or library in known):
                return self.calibration.grids[family, chip, wanted, library or known[0]]
        return None


def bound(work: Work, chip: Chip) -> Floats:
    """The least seconds that the chip's ceilings allow."""
    return np.maximum(work.flops / chip.peak(work.bits), work.size / chip.bandwidth)


def exchange_bound(size: Floats, ways: int | Floats, chip: Chip) -> Floats:
    """The least seconds of an all-reduce: every chip sends and receives 2 (w - 1) / w of `size` bytes."""
    return size * 2 * (ways - 1) / ways / chip.link + HOP


def _precisions(name: str) -> Iterator[str]:
    seen: list[str] = []
    while name and name not in seen:
        yield name
        seen.append(name)
        name = NEXT.get(name, "")
