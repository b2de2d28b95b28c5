"""Orders that somebody hands in: of jobs as they arrive, and of nodes as they are looked at.

    arrivals     CSV with a column `job` (or `pod`): a row an arrival; NAME-tuned-3 is the job NAME, drawn once more
    node order   a node a line; or CSV with columns `node` and `node_rank`, such as a file of placements

All may be .gz. A file of placements serves as either: it has jobs, nodes (several are joined by `;`) and their ranks.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from headrace.errors import InputError
from headrace.history.log import LINE
from headrace.history.table import header, line_blocks, tables

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from headrace.world.fleet import Fleet
    from headrace.world.record import Ints

JOB_COLUMNS: Final = ("job", "pod")
NODE_COLUMNS: Final = ("node", "node_rank")
NO_NODE: Final = "FAIL"
"""What the published placements have in place of the node of a job that was dropped."""
COPY: Final = re.compile(r"-tuned-\d+$")
SHOWN: Final = 60


def read_arrivals(path: Path, names: Sequence[str]) -> Ints:
    """The numbers among `names` of the jobs in `path`, in the file's order. InputError names the line of a stranger."""
    columns = header(path)
    column = next((name for name in JOB_COLUMNS if name in columns), None)
    if column is None:
        found = f"the columns found are: {', '.join(columns)[:300]}"
        raise InputError(str(path), "has no column 'job' or 'pod'", found)
    number = {name: i for i, name in enumerate(names)}
    arrivals = [_job(f"{path}, line {line}", job, number) for line, (job,) in _rows(path, column)]
    if not arrivals:
        raise InputError(str(path), "has no arrivals", "a row is one job that arrives")
    return np.array(arrivals, np.int64)


def _job(where: str, job: str | None, number: dict[str, int]) -> int:
    if job is None:
        raise InputError(where, "names no job", "each row is one job that arrives")
    found = number.get(job, number.get(COPY.sub("", job)))
    if found is None:
        right = "each is the name of a job of the list, or of a copy, such as NAME-tuned-0"
        raise InputError(where, f"names the job {job[:SHOWN]!r}, which is not in the list of jobs", right)
    return found


def read_node_order(path: Path, fleet: Fleet) -> Ints:
    """The fleet's node numbers: those that `path` names first, in its order, then the others, in the fleet's.

    Raises InputError, with the line, for a node that the fleet does not have, or that has two places.
    """
    number = {name: i for i, name in enumerate(fleet.node_names)}
    order: dict[int, None] = {}
    for line, node in _ranked(path) if set(NODE_COLUMNS) <= set(header(path)) else _listed(path):
        where = f"{path}, line {line}"
        if node not in number:
            raise InputError(where, f"names the node {node[:SHOWN]!r}, which the fleet does not have", "leave it out")
        if number[node] in order:
            raise InputError(where, f"names the node {node[:SHOWN]!r} once more", "a node has one place in the order")
        order[number[node]] = None
    rest = (n for n in range(len(number)) if n not in order)
    return np.array([*order, *rest], np.int64)


def _listed(path: Path) -> Iterator[tuple[int, str]]:
    """(line, node) of a file with a node a line; blank lines say nothing."""
    for first, lines in line_blocks(path):
        yield from ((line, text.strip()) for line, text in enumerate(lines, first) if text.strip())


def _ranked(path: Path) -> list[tuple[int, str]]:
    """(line of the first mention, node) by rank."""
    ranks: dict[str, int] = {}
    holder: dict[int, str] = {}
    lines: dict[str, int] = {}
    for line, (nodes, said) in _rows(path, *NODE_COLUMNS):
        for node, rank in _pairs(f"{path}, line {line}", nodes or NO_NODE, said or ""):
            if ranks.setdefault(node, rank) != rank or holder.setdefault(rank, node) != node:
                what = f"ranks the node {node[:SHOWN]!r} {rank}, and an earlier line has it otherwise"
                raise InputError(f"{path}, line {line}", what, "each node has one rank, and each rank one node")
            lines.setdefault(node, line)
    return [(lines[node], node) for node in sorted(ranks, key=ranks.__getitem__)]


def _pairs(where: str, nodes: str, ranks: str) -> list[tuple[str, int]]:
    """(node, rank) of each node of one row; none where the job was dropped."""
    if nodes == NO_NODE:
        return []
    named, numbers = nodes.split(";"), ranks.split(";")
    if len(named) != len(numbers) or not all(rank.isascii() and rank.isdigit() for rank in numbers):
        raise InputError(where, f"has the node_rank {ranks[:SHOWN]!r}", "a whole number for each node of the row")
    return [(node, int(rank)) for node, rank in zip(named, numbers, strict=True)]


def _rows(path: Path, *columns: str) -> Iterator[tuple[int, tuple[str | None, ...]]]:
    """(line, the texts of `columns`) of each row of a CSV file; a row that cannot be split is an InputError."""
    for frame, rejects in tables(path, dict.fromkeys(columns, pl.String()), columns, None):
        if rejects:
            where = f"{path}, line {rejects[0].line}"
            raise InputError(where, rejects[0].reason, "an order is read whole or not at all")
        yield from zip(frame[LINE].to_list(), frame.select(columns).iter_rows(), strict=True)
