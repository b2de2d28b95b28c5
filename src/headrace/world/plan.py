"""What a round decides, and why a job waits.

Plan    stops, then starts, in the order in which they were decided; starts carry their nodes and chips
Reason  the codes that `fits`, `verify`, the ledger and "why does it wait" share
Hold    one waiting job's reason, with the numbers behind it
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numba.experimental import structref

from headrace.world.record import Ints
from headrace.world.table import Reference, ReferenceType, Table, table


class Reason(IntEnum):
    """Why a demand does not run. FITS is the absence of a reason."""

    FITS = 0
    NEVER = 1
    """More than the fleet has, even empty and whole."""
    QUOTA = 2
    """Its tenant's quota is used up."""
    KIND = 3
    """No node that it allows is up."""
    CHIPS = 4
    """Too few chips are free on the nodes that it allows."""
    FRAGMENTED = 5
    """Enough chips are free in all, but no node, or no set of nodes, has what it needs together."""
    CPU = 6
    """Chips are free where cores are not."""
    MEMORY = 7
    """Chips are free where memory is not."""
    RESERVED = 8
    """It would delay a job that is ahead of it."""
    BEHIND = 9
    """A job ahead of it waits, and this order does not let it pass."""
    GONE = 10
    """It is no longer what the plan took it to be: waiting, or live."""


@dataclass(frozen=True)
class Hold:
    """Why one job waits: the reason, and the numbers it was read from (chips in milli, places in line as counts)."""

    job: int
    reason: Reason
    numbers: dict[str, int] = field(default_factory=dict)


class Plan(NamedTuple):
    """Columns of one round's plan, reused from round to round.

    `size` holds the counts [steps, stops, starts, rows]. Steps come in the order of decision: `job` is started, or
    (`stop`) stopped; step i takes or frees the rows from its `first` up to the next step's; `rejected` is the Reason
    with which `verify` refused it, or FITS; `start`, `expected` and `key` are what the job's were before; `same` marks
    a stop and a start that together change nothing. `stop_of[j]` is the step that stops job j, if one does. A row is a
    node, its chips, and what the node's `stamp` was before.
    """

    size: Ints
    steps: Table
    rows: Table
    stop_of: Ints


@structref.register
class PlanType(ReferenceType):
    pass


class PlanReference(Reference):
    pass


structref.define_proxy(PlanReference, PlanType, Plan._fields)


@njit(cache=True)
def refer_plan(plan: Plan) -> Plan:
    """`plan` behind one pointer, for the compiled loops."""
    reference: Any = PlanReference(*plan)
    return reference


STEPS, STOPS, STARTS, ROWS = 0, 1, 2, 3


def empty_plan(jobs: int, rows: int) -> Plan:
    """Room for a plan over `jobs` jobs whose gangs have `rows` nodes in all, each stopped and started at most once."""
    steps = table(2 * jobs + 1, "job", "stop", "rejected", "first", "start", "expected", "key", "same")
    taken = table(2 * rows, "node", "chipmask", "stamp")
    return Plan(np.zeros(4, np.int64), steps, taken, np.zeros(jobs, np.int64))
