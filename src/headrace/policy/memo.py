"""What is already known of each shape on each node, so that a round costs what changed, not what exists.

A shape's knowledge is brought up to date from the ring of changed nodes when the shape is next looked at. Scores and
times carry the stamp of the node that they were made for; another stamp, and they are made again. Tables over
(shape, node) are zeros that the operating system hands out when a shape is first used: unused shapes cost nothing.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numba.experimental import structref

from headrace.policy.target import Target, aim_at, empty_target, refer_target
from headrace.units import MILLI, NEVER
from headrace.world.fits import FITS, possible, room
from headrace.world.record import Bools, Floats, Ints
from headrace.world.state import CHANGES, State, refer_state
from headrace.world.table import Reference, ReferenceType, Table, table

PROMISED_NODES, PROMISED_JOBS = 0, 1
"""Places in `Memo.promised`."""
DEPTH = 20
"""Promises that a round of conservative backfill makes at most; Slurm's bf_max_job_test is such a bound."""
VAIN = ("vain", "vain_band", "vain_end", "vain_answer")


class Memo(NamedTuple):
    """Knowledge that lasts:

    shapes[S]       known; possible (on the whole fleet); seen (how far the ring was read); epoch (of its scores)
    fit[S, N]       does it fit now          fitting[S, I]   on how many nodes of each island
    score[S, N], ready[S, N]                 with their stamps: how good the node is; when it will have room
    target          the target workload      scale           cores (milli) and chips (milli) of the largest node

    and working room, filled anew in each round:

    shapes[S]       vain: how many steps the plan had when `las` last found no room for it, with the band and latest
                    end (ms) of the job and the answer that it got
    pools[P]        ok (for the shape at hand), blocked, promised; kind
    lines[L]        cursor (the job next in turn)          turns     whose turn it is (round/turns.py)
    promises[N]     since, until (ms) of what is promised on the node; cpu, memory promised; slack_cpu, slack_memory
    promised_chips[N, C], slack[N, C]        milli promised on each chip; the least left over beside the promises
    promised        counts of nodes and jobs with promises        promised_nodes   which nodes
    owed            by promise: tenant, kind, since (ms), milli (of the tenant's quota that it will need)
    chosen, masks   the nodes and chips found for a gang
    losses, order, islands, free             per node, per row, per island, per chip
    """

    shapes: Table
    fit: Bools
    fitting: Ints
    score: Floats
    score_stamp: Ints
    ready: Ints
    ready_stamp: Ints
    target: Target
    scale: Ints
    pools: Table
    lines: Table
    turns: Ints
    promises: Table
    promised_chips: Ints
    slack: Ints
    promised: Ints
    promised_nodes: Ints
    owed: Table
    chosen: Ints
    masks: Ints
    losses: Floats
    order: Ints
    islands: Ints
    free: Ints


@structref.register
class MemoType(ReferenceType):
    pass


class MemoReference(Reference):
    pass


structref.define_proxy(MemoReference, MemoType, Memo._fields)


@njit(cache=True)
def refer_memo(memo: Memo) -> Memo:
    """`memo` behind one pointer, for the compiled loops."""
    reference: Any = MemoReference(*memo)
    return reference


def empty_memo(state: State, history: Ints | None = None) -> Memo:
    """Nothing is known yet of any shape in `state`; the target is of the `history` if one is given (see target.py)."""
    target = empty_target(state)
    if history is not None:
        aim_at(target, history)
    shapes, nodes, (widest, pools) = len(state.shapes), len(state.nodes), (state.free.shape[1], state.pools.shape[1])
    islands = int(state.nodes["island"].max()) + 1
    kind = np.zeros(pools, np.int64)
    kind[state.nodes["pool"]] = state.nodes["kind"]
    scale = [max(1, int(state.nodes["all_cpu"].max())), max(1, int(state.nodes["all_chips"].max())) * MILLI]
    return Memo(
        shapes=table(shapes, "known", "seen", "epoch", *VAIN, possible=possible(refer_state(state))),
        fit=np.zeros((shapes, nodes), np.bool_),
        fitting=np.zeros((shapes, islands), np.int64),
        score=np.zeros((shapes, nodes), np.float64),
        score_stamp=np.zeros((shapes, nodes), np.int64),
        ready=np.zeros((shapes, nodes), np.int64),
        ready_stamp=np.zeros((shapes, nodes), np.int64),
        target=refer_target(target),
        scale=np.array(scale, np.int64),
        pools=table(pools, "ok", "blocked", "promised", kind=kind),
        lines=table(len(state.lines), "cursor"),
        turns=np.zeros(len(state.lines) + 1, np.int64),
        promises=table(nodes, "until", "cpu", "memory", "slack_cpu", "slack_memory", since=NEVER),
        promised_chips=np.zeros((nodes, widest), np.int64),
        slack=np.zeros((nodes, widest), np.int64),
        promised=np.zeros(2, np.int64),
        promised_nodes=np.zeros(nodes, np.int64),
        owed=table(max(pools, DEPTH), "tenant", "kind", "since", "milli"),
        chosen=np.zeros(nodes, np.int64),
        masks=np.zeros(nodes, np.int64),
        losses=np.zeros(nodes, np.float64),
        order=np.zeros(len(state.rows), np.int64),
        islands=np.zeros(islands, np.int64),
        free=np.zeros(widest, np.int64),
    )


@njit(cache=True)
def refresh(state: State, memo: Memo, s: int) -> None:
    """Bring `fit` and `fitting` of shape `s` up to date."""
    known, fit, fitting, changes = memo.shapes[s], memo.fit[s], memo.fitting[s], state.counts[CHANGES]
    nodes, free, pools, demand, changed = state.nodes, state.free, state.pools[s], state.shapes[s], state.changed
    every = not known.known or changes - known.seen > len(changed)
    for i in range(0 if every else known.seen, len(nodes) if every else changes):
        n = i if every else changed[i % len(changed)]
        node = nodes[n]
        now = node.out == 0 and pools[node.pool] and room(free[n], node.cpu, node.memory, demand) == FITS
        if now != fit[n]:
            fit[n] = now
            fitting[node.island] += 1 if now else -1
    known.known, known.seen = 1, changes
