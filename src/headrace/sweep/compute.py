"""One cell, computed: replay, ledger, and the row of figures that the table shows."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from headrace.errors import HeadraceError
from headrace.replay.shrink import cut, left_of
from headrace.report.assemble import Request, result, with_checkpoint
from headrace.report.figures import PLACES, policy_dict
from headrace.sweep.outcome import Failed, Outcome
from headrace.sweep.shared import Columns, Material, material_of
from headrace.sweep.sweep_file import STEPS
from headrace.units import chip_hours

if TYPE_CHECKING:
    from collections.abc import Callable

    from headrace.report.study import Result
    from headrace.sweep.grid import Cell
    from headrace.sweep.kept import Figures
    from headrace.world.fleet import Fleet


def figures(cell: Cell, material: Material) -> Figures:
    """The figures of `cell` by column of the table: those of study.json under their names there, and the ledger's."""
    part = part_of(cell.fleet, cell.scale)
    answer = result(
        part,
        with_checkpoint(material.workload, cell.checkpoint),
        left_of(material.outages, cell.fleet, part),
        cell.policy,
        (material.begin, material.end),
        Request((cell.policy,), walls=cell.walls, begin=cell.begin, end=cell.end),
        lambda what, done, total: None,
    )
    return {"chips": part.chips} | _row(answer)


def _row(answer: Result) -> Figures:
    said = policy_dict(answer)
    classes = {f"{word}_chip_hours": hours for word, hours in said.pop("ledger").items()}
    money = json.dumps(said.pop("lost_money"), ensure_ascii=False, sort_keys=True)
    return said | classes | {"lost_money": money, "paid_chip_hours": round(chip_hours(answer.ledger.paid), PLACES)}


def part_of(fleet: Fleet, thousandths: int) -> Fleet:
    """The first nodes of each pool, in proportion, rounded up."""
    return cut(fleet, tuple(-(-pool.nodes * thousandths // STEPS) for pool in fleet.pools))


@dataclass
class Bench:
    """Where cells are computed one after the other: what the last one replayed is still there for the next."""

    key: str = ""
    materials: list[Material] = field(default_factory=list)

    def attempt(self, cell: Cell, columns: Callable[[], Columns]) -> Outcome:
        """The figures of `cell`, or why there are none; `columns` are called for where it replays something else."""
        try:
            if self.key != cell.columns:
                self.key, self.materials = "", []
                self.materials = [material_of(columns())]
                self.key = cell.columns
            return figures(cell, self.materials[0])
        except HeadraceError as error:
            return Failed(str(error))
        except Exception as error:
            if os.environ.get("HEADRACE_TRACEBACK"):
                raise
            return Failed(f"a fault in Headrace: {type(error).__name__}: {error}; HEADRACE_TRACEBACK=1 shows where")
