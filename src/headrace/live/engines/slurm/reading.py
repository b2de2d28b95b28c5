"""Rows as jobs, each read once: a row that says what it said, with nodes that are what they were, is what it was."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from headrace.live.engines.slurm.asked import NotUnderstoodError, Places
from headrace.live.engines.slurm.jobs import read_job
from headrace.live.engines.slurm.nodes import Ground
from headrace.live.engines.slurm.tools import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from headrace.live.engine import NodeSeen
    from headrace.live.engines.slurm.jobs import Read
    from headrace.live.engines.slurm.notes import Mark
    from headrace.live.engines.slurm.queue import Row
    from headrace.live.engines.slurm.settings import Settings

_log: Final = logging.getLogger(__name__)


class Reading:
    """What the rows of the last observation were read as. `left_alone`: how many of them were not understood."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._places = Places(Ground({}, {}, {}))
        self._known: dict[Row, Read | None] = {}
        self._said: set[str] = set()
        self.left_alone = 0

    def read(self, rows: Iterable[Row], ground: Ground, marks: Mapping[str, Mark]) -> dict[str, Read]:
        """The jobs in sight, by id. `marks` of jobs whose comment could not take one: those are read anew."""
        if not _alike(ground, self._places.ground):
            self._places, self._known = Places(ground), {}
        before, self._known, self.left_alone = self._known, {}, 0
        for row in rows:
            if row in before and row.job not in marks:
                self._known[row] = before[row]
            else:
                self._read(row, marks)
        return {read.seen.asked.job: read for read in self._known.values() if read is not None}

    def _read(self, row: Row, marks: Mapping[str, Mark]) -> None:
        try:
            self._known[row] = read_job(row, self._places, self._settings, marks)
        except NotUnderstoodError as error:
            self.left_alone += 1
            job = shown(row.job)
            if job not in self._said:
                self._said.add(job)
                _log.warning("job %s is left alone: %s", job, error)


def _alike(one: Ground, other: Ground) -> bool:
    """Whether requests can be met on the same nodes, whichever of them are up."""
    same = one.features == other.features and one.shards == other.shards
    return same and [*map(_lasting, one.nodes.values())] == [*map(_lasting, other.nodes.values())]


def _lasting(node: NodeSeen) -> NodeSeen:
    return replace(node, up=True, lost=False, reason="")
