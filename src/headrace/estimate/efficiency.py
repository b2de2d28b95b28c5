"""How long work takes on a chip: its bound, times how far above the bound it was measured in that shape.

The bound is max(FLOPs / peak, bytes / bandwidth). Where there is no grid of the chip's own, the nearest answers:

    own         this chip's grid, of the engine's library before others
    reached     three constants from a handful of probes of this chip (`probes.py`)
    same die    the grid of a chip of the same die: it counts in seconds, but never nearer to the own bound than BEST
    class       the grid of a chip of its class, or of any: it counts as a ratio to the bound
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from headrace.estimate.chip import CLASS, ELSE, SAME_DIE
from headrace.estimate.probes import FAMILY, Reached, exchange, reached_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from headrace.estimate.calibration import Calibration
    from headrace.estimate.chip import Chip
    from headrace.estimate.grid import Grid
    from headrace.estimate.work import Work

    Floats = NDArray[np.float64]
    Key = tuple[str, str, str, str]

OWN: Final = "own"
REACHED: Final = "reached"
DIE: Final = "same die"
OF_CLASS: Final = "class"
NOWHERE: Final = "nowhere"
LEVELS: Final = (OWN, REACHED, DIE, OF_CLASS, NOWHERE)
"""How near to this chip an efficiency was measured, the nearest first."""
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
BEST: Final = 1.06
"""Time over bound of the best products measured on a chip of little compute (H20: 94 % of its peak)."""
LAUNCHED: Final = 0.75
"""Share of the shortest attention's time that is its launch, which graphs hide and constants count: assumed."""
HOP: Final = 1e-6
"""Seconds that an exchange takes at least, however little it carries."""


@dataclass(frozen=True)
class Source:
    """A measured grid, the chip that it was measured on, and how near to the chip asked about that is."""

    grid: Grid
    chip: Chip
    level: str
    key: Key
    """That of the calibration's row."""

    @property
    def same_die(self) -> bool:
        """Whether what was measured is of the die of the chip asked about, itself among them."""
        return self.level in (OWN, DIE)

    def there(self, work: Work) -> Floats:
        """Seconds on the chip that was measured."""
        return bound(work, self.chip) * self._ratio(work)

    def seconds(self, work: Work, chip: Chip) -> Floats:
        """Seconds on the chip asked about."""
        own = bound(work, chip)
        return np.maximum(self.there(work), own * BEST) if self.level == DIE else own * self._ratio(work)

    def exchange(self, size: Floats, ways: int, chip: Chip) -> Floats:
        """Seconds of an all-reduce; axes of the grid: bytes, ways, none."""
        ratio: Floats = self.grid(size, np.full_like(size, ways), np.ones_like(size))
        return np.asarray(exchange_bound(size, ways, chip) * ratio.reshape(np.shape(size)))

    def _ratio(self, work: Work) -> Floats:
        flat = np.broadcast_arrays(*work.shape)
        return self.grid(*flat).reshape(flat[0].shape)


@dataclass(frozen=True)
class Probed:
    """Constants that probes found on the chip asked about."""

    reached: Reached
    chip: Chip
    key: Key
    level: str = REACHED
    same_die: bool = True

    def there(self, work: Work) -> Floats:
        """Seconds on the chip that was measured."""
        return self.reached.seconds(work, self.chip)

    def seconds(self, work: Work, chip: Chip) -> Floats:
        """Seconds on the chip asked about."""
        return self.reached.seconds(work, chip)

    def exchange(self, size: Floats, ways: int, chip: Chip) -> Floats:
        """Seconds of an all-reduce."""
        return self.reached.seconds(exchange(size, np.full_like(size, ways)), chip)


@dataclass(frozen=True)
class Kernels:
    """The kernels of one chip: seconds for arrays of shapes."""

    chip: Chip
    chips: Mapping[str, Chip]
    calibration: Calibration
    engine: str = ""

    def seconds(self, work: Work) -> Floats:
        """How long each call takes."""
        found = self.find(work.family, work.precision)
        if found is None:
            share, launch = UNMEASURED
            return bound(work, self.chip) / share + launch
        return found.seconds(work, self.chip)

    def seconds_in_a_graph(self, work: Work, least: Work) -> Floats:
        """How long each call takes once launches are captured: less most of what the `least` one takes.

        The launch is the measured chip's, whatever this chip's bandwidth; no call is faster than its bound.
        """
        found = self.find(work.family, work.precision)
        if found is None:
            return self.seconds(work)
        return np.maximum(self.seconds(work) - LAUNCHED * found.there(least), bound(work, self.chip))

    def reduce(self, size: Floats, ways: int) -> Floats:
        """Seconds of an all-reduce of `size` bytes over `ways` chips."""
        if ways <= 1:
            return np.zeros_like(size)
        found = self.find("comm", "bf16")
        if found is None:
            return exchange_bound(size, ways, self.chip) / UNMEASURED[0] + UNMEASURED[1]
        return found.exchange(size, ways, self.chip)

    def level(self, family: str, precision: str) -> str:
        """How near to this chip the efficiency of a family was measured: one of LEVELS."""
        found = self.find(family, precision)
        return NOWHERE if found is None else found.level

    def find(self, family: str, precision: str) -> Source | Probed | None:
        """The nearest of what was measured; at each chip the precision asked for comes before others.

        Where this chip was not probed, a grid of its die by the engine's own library comes before its own by another.
        """
        name = self.chip.name
        own = self._grid(family, (name,), precision, self.engine, OWN)
        probed = None if own else self._probed(family, precision)
        if own or probed:
            return own or self._grid(family, (name,), precision, "", OWN) or probed
        die, classes = SAME_DIE.get(name, ()), (*filter(None, [CLASS.get(name)]), *ELSE)
        return (
            self._grid(family, die, precision, self.engine, DIE)
            or self._grid(family, (name,), precision, "", OWN)
            or self._grid(family, die, precision, "", DIE)
            or self._grid(family, classes, precision, "", OF_CLASS)
        )

    def _grid(self, family: str, chips: tuple[str, ...], precision: str, library: str, level: str) -> Source | None:
        for name in chips:
            key = self._key(family, name, precision, library)
            if key is not None:
                return Source(self.calibration.grids[key], self.chips[name], level, key)
        return None

    def _key(self, family: str, chip: str, precision: str, library: str) -> Key | None:
        for wanted in _precisions(precision):
            known = self.calibration.libraries.get((family, chip, wanted), ())
            if known and (not library or library in known):
                return family, chip, wanted, library or known[0]
        return None

    def _probed(self, family: str, precision: str) -> Probed | None:
        for wanted in _precisions(precision):
            key = (FAMILY, self.chip.name, wanted, family)
            found = self.calibration.constants(*key)
            if found is not None:
                return Probed(reached_of(found), self.chip, key)
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
