"""On which kinds of chip each job's chip-time lay, from the nodes that its runs name.

What a job held, the ledger knows exactly; here it is dealt out to kinds, in proportion to how long the parts of its
runs were there. Almost every job has one kind, and then there is nothing to deal.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from headrace.explain.ledger import ALLOCATED, Class, Ledger
from headrace.units import UNKNOWN, apportion
from headrace.world.fleet import Fleet
from headrace.world.record import Bools, Ints, Runs, Shapes, Workload
from headrace.world.table import alike


@dataclass(frozen=True)
class Parts:
    """What `job[i]` had on `kind[i]` of the fleet's kinds (UNKNOWN: not told): `held`, and `useful`, milli-chip-ms."""

    job: Ints
    kind: Ints
    held: Ints
    useful: Ints


def parts(fleet: Fleet, workload: Workload, runs: Runs, ledger: Ledger, asked: Bools) -> Parts:
    """The parts of the jobs that are `asked` for and held anything; of each job they sum to what the ledger says."""
    run = np.repeat(np.arange(len(runs)), np.diff(runs.first))
    job, kind, lasted = runs.job[run], _kinds(fleet, workload, runs, run), _lasted(runs, ledger)[run]
    held = ledger.by_job[list(ALLOCATED)].sum(axis=0)
    there = (lasted > 0) & asked[job] & (held[job] > 0)
    distinct, place = alike(job[there], kind[there])
    weight = np.zeros(len(distinct), np.int64)
    np.add.at(weight, place, lasted[there])
    whose = distinct[:, 0]
    useful = ledger.by_job[Class.USEFUL]
    return Parts(whose, distinct[:, 1], dealt(held, whose, weight), dealt(useful, whose, weight))


def dealt(amounts: Ints, job: Ints, weight: Ints) -> Ints:
    """Each job's amount, dealt to its parts by weight, in integers that sum to it; parts of a job stand together."""
    out: Ints = amounts[job]
    begins = np.flatnonzero(np.diff(job, prepend=-1))
    ends = np.append(begins[1:], len(job))
    for begin, end in zip(begins[ends - begins > 1].tolist(), ends[ends - begins > 1].tolist(), strict=True):
        amount, weights = int(out[begin]), weight[begin:end].tolist()
        out[begin:end] = apportion([Fraction(amount * each, sum(weights)) for each in weights], amount)
    return out


def _lasted(runs: Runs, ledger: Ledger) -> Ints:
    """How long (ms) each run lasted within the ledger's period."""
    start, end = (np.clip(times, ledger.begin, ledger.end) for times in (runs.start, runs.end))
    lasted: Ints = np.maximum(end - start, 0)
    return lasted


def _kinds(fleet: Fleet, workload: Workload, runs: Runs, run: Ints) -> Ints:
    """For each part of a run the number of its kind: its node's, or that which it names, or the only one it may use."""
    of_pool = np.array([fleet.kinds.index(pool.kind) for pool in fleet.pools], np.int64)
    of_node = np.repeat(of_pool, [pool.nodes for pool in fleet.pools])
    with_chips = np.array([pool.chips > 0 for pool in fleet.pools])
    only = _only(workload.shapes, of_pool, with_chips)[workload.shape[runs.job[run]]]
    node = runs.node
    kinds: Ints = np.select([node >= 0, node < -1], [of_node[np.maximum(node, 0)], -2 - node], only)
    return kinds


def _only(shapes: Shapes, of_pool: Ints, with_chips: Bools) -> Ints:
    """For each shape the kind of all pools that it may use; UNKNOWN where there are several, or none."""
    kinds = [np.unique(of_pool[may & with_chips]) for may in shapes.pools]
    return np.array([found[0] if len(found) == 1 else UNKNOWN for found in kinds], np.int64)
