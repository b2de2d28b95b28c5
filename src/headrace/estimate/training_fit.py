"""Measured training runs, read from rows and as columns that the constants of training software are fitted to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

import numpy as np

from headrace.estimate.calibration import shipped
from headrace.estimate.engines import generation
from headrace.estimate.measured import Refused, chip_of, number, shape_of
from headrace.estimate.training import CONSTANTS, FAMILY, USUAL_TRAINING, Micro, Run, micro, tokens_per_second
from headrace.estimate.tree_fit import Prior

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from headrace.estimate.calibration import Calibration
    from headrace.estimate.engines import Stack

    Floats = NDArray[np.float64]

LOOSE: Final = np.array([0.3, 0.4, 1.0, 1.0])
TIGHT: Final = np.array([0.2, 0.3, 0.7, 0.7])
PRIOR: Final = Prior(FAMILY, CONSTANTS, USUAL_TRAINING, (LOOSE, TIGHT, TIGHT, 1.5 * TIGHT))
FORMATS: Final = {"mxfp8": "fp8", "fp8": "fp8", "amp_fp8": "fp8", "float8": "fp8", "bf16+fp8": "fp8", "nvfp4": "fp4"}
"""What the products run in; every other format of training is of 16 bits."""
LENGTH: Final = 4096.0
"""Tokens of a sequence where a row does not tell: assumed."""
NOTE: Final = {name: re.compile(rf"\b{name} ?(\d+)") for name in ("CP", "VP", "TP", "PP")}


@dataclass(frozen=True)
class Trained:
    """A measured run: tokens a second of one chip."""

    id: str
    group: str
    run: Run
    rate: float


def read_training(row: Mapping[str, str], calibration: Calibration | None = None) -> Trained | Refused:
    """A training row as a run, or why it cannot be asked."""
    on = chip_of("H100" if row["chip"].startswith("H100") else row["chip"])
    shape = shape_of(row["model"])
    if on is None or shape is None:
        return _refuse(row, "chip" if on is None else "model")
    rate = number(row["train_tokens_per_s_per_chip"])
    if not rate:
        return _refuse(row, "rate")
    note, count = row["metric_note"], int(number(row["n_chips"])) or 1
    tp, pp = (int(number(row[name.lower()])) or _noted(name, note) for name in ("TP", "PP"))
    if tp * pp * _noted("CP", note) > count:
        return _refuse(row, "plan")
    length = number(row["input_tokens"]) or LENGTH
    run = Run(
        shape=shape,
        chip=on,
        precision=FORMATS.get(row["weight_precision"].lower(), "bf16"),
        chips=count,
        length=length,
        micro=number(row["batch_per_chip"]) or 1.0,
        batch=number(row["batch_total"]),
        tp=tp,
        pp=pp,
        cp=_noted("CP", note),
        ep=int(number(row["ep"])) or 1,
        interleaved=_noted("VP", note),
        recompute="ckpt True" in note,
        engine=row["engine"].lower().split(" ")[0],
        generation=generation(row["engine_version"]) + (" eager" if "eager" in row["weight_precision"] else ""),
        calibration=calibration or shipped(),
    )
    return Trained(row["id"], row["source_group"], run, rate)


def _refuse(row: Mapping[str, str], reason: str) -> Refused:
    return Refused(row["id"], row["source_group"], reason)


def _noted(name: str, note: str) -> int:
    found = NOTE[name].search(note)
    return int(found[1]) if found and int(found[1]) else 1


@dataclass(frozen=True)
class Runs:
    """Measured runs as columns; `measured` is the logarithm of tokens a second of one chip."""

    stacks: Sequence[Stack]
    groups: Sequence[str]
    ids: Sequence[str]
    parts: Micro
    measured: Floats

    def select(self, some: NDArray[np.int64]) -> Self:
        """Some of the runs."""
        columns = {name: np.asarray(column)[some] for name, column in vars(self.parts).items()}
        stacks, groups, ids = ([each[i] for i in some] for each in (self.stacks, self.groups, self.ids))
        return type(self)(stacks, groups, ids, Micro(**columns), self.measured[some])

    def predicted(self, constants: Floats) -> Floats:
        """Logarithms of tokens a second by constants of shape (4,) or (4, runs)."""
        return np.asarray(np.log(tokens_per_second(constants, self.parts)))


def runs(trained: Iterable[Trained]) -> Runs:
    """Columns of measured runs."""
    those = list(trained)
    parts = [micro(one.run) for one in those]
    columns = {name: np.array([float(getattr(one, name)) for one in parts]) for name in Micro.__dataclass_fields__}
    return Runs(
        [one.run.stack for one in those],
        [one.group for one in those],
        [one.id for one in those],
        Micro(**columns),
        np.log([one.rate for one in those]),
    )
