"""Fits constants level by level along the path of a stack: each level as a small departure from the one above."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol, Self

import numpy as np

from headrace.estimate.engines import DEPTHS
from headrace.estimate.fitting import fit_near

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from headrace.estimate.engines import Stack

    Floats = NDArray[np.float64]
    Key = tuple[str, str, str, str]


EVEN: Final = 0.5
"""A stack's rows together weigh as the square root of their number, so that one long sweep does not speak for all."""


class Rows(Protocol):
    """Measured answers as columns, and what constants predict for them, both as logarithms."""

    @property
    def stacks(self) -> Sequence[Stack]: ...

    @property
    def groups(self) -> Sequence[str]: ...

    @property
    def ids(self) -> Sequence[str]: ...

    @property
    def measured(self) -> Floats: ...

    def select(self, some: NDArray[np.int64]) -> Self:
        """Some of the rows."""
        ...

    def predicted(self, constants: Floats) -> Floats:
        """By constants of shape (constants,) or (constants, rows)."""
        ...


@dataclass(frozen=True)
class Prior:
    """Where constants start, and how far those of each level may be from the level above."""

    family: str
    names: tuple[str, ...]
    usual: Floats
    spreads: tuple[Floats, ...]
    """Of an engine, its generation, the chip and precision, and the model."""


@dataclass(frozen=True)
class Node:
    """Constants of one level (logarithms), rows that they rest on, the median error on them, and their sources."""

    constants: Floats
    n: int
    error: float
    sources: str


@dataclass(frozen=True)
class Tree:
    """Nodes by key of the calibration."""

    prior: Prior
    nodes: dict[Key, Node]

    def look_up(self, stacks: Sequence[Stack]) -> tuple[Floats, NDArray[np.int64]]:
        """For each stack the constants of the deepest level known, shape (constants, stacks), and that depth."""
        found, depths = [], []
        for stack in stacks:
            keys = [stack.key(depth, self.prior.family) for depth in range(DEPTHS)]
            depth = max((depth for depth, key in enumerate(keys) if key in self.nodes), default=-1)
            found.append(self.nodes[keys[depth]].constants if depth >= 0 else self.prior.usual)
            depths.append(depth)
        return np.array(found).T, np.array(depths)


def fit_tree(rows: Rows, prior: Prior) -> Tree:
    """Any engine first, then each level below, for every path that has rows."""
    tree = Tree(prior, {})
    if len(rows.stacks):
        names = [stack.key(DEPTHS - 1) for stack in rows.stacks]
        often = Counter(names)
        _grow(tree, rows, np.array([often[name] ** -EVEN for name in names]), 0, prior.usual)
    return tree


def _grow(tree: Tree, rows: Rows, weight: Floats, depth: int, centre: Floats) -> None:
    constants = centre
    if depth:
        trust = weight if depth + 1 < DEPTHS else np.ones_like(weight)
        constants = fit_near(rows.predicted, rows.measured, trust, centre, tree.prior.spreads[depth - 1])
    error = float(np.median(np.abs(np.expm1(rows.predicted(constants) - rows.measured))))
    key = rows.stacks[0].key(depth, tree.prior.family)
    tree.nodes[key] = Node(constants, len(rows.stacks), error, ";".join(sorted(set(rows.groups))))
    if depth + 1 < DEPTHS:
        keys = [stack.key(depth + 1, tree.prior.family) for stack in rows.stacks]
        for below in dict.fromkeys(keys):
            mine = np.flatnonzero([key == below for key in keys])
            _grow(tree, rows.select(mine), weight[mine], depth + 1, constants)
