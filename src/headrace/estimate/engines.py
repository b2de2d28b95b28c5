"""What an engine adds to its kernels: constants by engine, its generation, the chip and precision, and the model.

    engine -> generation -> chip, precision -> model

Each was fitted as a small departure from the one above it, so where nothing was measured, the one above answers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from headrace.errors import InputError

if TYPE_CHECKING:
    from headrace.estimate.calibration import Calibration

    Floats = np.ndarray[tuple[int], np.dtype[np.float64]]

FAMILY: Final = "engine"
ANY: Final = "*"
DEPTHS: Final = 5
"""Any engine, engine, generation, chip and precision, model."""
VERSION: Final = re.compile(r"(\d+)\.(\d+)")


@dataclass(frozen=True)
class Stack:
    """The software and what it runs on: the path by which constants are found."""

    engine: str
    generation: str
    chip: str
    precision: str
    model: str

    def key(self, depth: int, family: str = FAMILY) -> tuple[str, str, str, str]:
        """The calibration's key (family, chip, precision, generation) at a depth of 0 (any engine) to 4 (the model)."""
        parts = (self.engine, self.generation)[: min(depth, 2)]
        chip, precision = (self.chip, self.precision) if depth > 2 else (ANY, ANY)
        name = "/".join((*parts, self.model)) if depth > 3 else "/".join(parts)
        return family, chip, precision, name or ANY


def generation(version: str | None) -> str:
    """A version without what changes from build to build: `0.5.6.post2` is of generation 0.5."""
    found = VERSION.match(version or "")
    return f"{found[1]}.{found[2]}" if found else (version or "unknown").split("-")[0]


@lru_cache(maxsize=4096)
def constants(calibration: Calibration, stack: Stack, family: str = FAMILY) -> tuple[Floats, int]:
    """Logarithms of the constants of a family (`engine` or `training`), and the depth at which they were found.

    Raises InputError where the calibration has none of the family.
    """
    for depth in range(DEPTHS - 1, -1, -1):
        found = calibration.constants(*stack.key(depth, family))
        if found is not None:
            return np.log(list(found.values())), depth
    raise InputError("calibration", f"has no constants of {family}", "`make calibrate` writes them")
