"""Draws in whole numbers: one seed gives one sample on every machine, since nothing is rounded by a processor's way."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from headrace.units import apportion

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headrace.world.record import Bools, Ints

ONE: Final = 1 << 20
"""The resolution of a quantile: a uniform draw is an integer from 0 to ONE - 1."""


@dataclass(frozen=True)
class Spread:
    """How a whole number spreads over a population: its `values` at `quantiles` (thousandths, from 0 to 1000).

    Between two quantiles every value is equally likely.
    """

    quantiles: tuple[int, ...]
    values: tuple[int, ...]

    @cached_property
    def _knots(self) -> tuple[Ints, Ints]:
        return np.array(self.quantiles, np.int64) * ONE // 1000, np.array(self.values, np.int64)

    def draw(self, rng: np.random.Generator, n: int) -> Ints:
        """`n` values, from one integer draw each."""
        at, value = self._knots
        u = rng.integers(0, ONE, n)
        left = np.searchsorted(at, u, side="right") - 1
        rise, run = value[left + 1] - value[left], at[left + 1] - at[left]
        return np.asarray(value[left] + rise * (u - at[left]) // run, np.int64)


def spread(values: dict[int, int]) -> Spread:
    """A Spread from {quantile in thousandths: value}."""
    return Spread(tuple(values), tuple(values.values()))


def always(value: int) -> Spread:
    """The Spread of a population that is all alike."""
    return Spread((0, 1000), (value, value))


def pick(rng: np.random.Generator, weights: Sequence[int] | Ints, n: int) -> Ints:
    """`n` places in `weights`, each drawn as often as its whole weight says."""
    upto = np.cumsum(np.asarray(weights, np.int64))
    return np.asarray(np.searchsorted(upto, rng.integers(0, upto[-1], n), side="right"), np.int64)


def chance(rng: np.random.Generator, thousandths: int, n: int) -> Bools:
    """`n` times yes or no, yes in `thousandths` of a thousand cases."""
    return np.asarray(rng.integers(0, 1000, n) < thousandths, np.bool_)


def parts(whole: int, weights: Sequence[int]) -> list[int]:
    """`whole` in whole parts as nearly in proportion to `weights` as can be."""
    total = sum(weights)
    return apportion([Fraction(whole * weight, total) for weight in weights], whole)
