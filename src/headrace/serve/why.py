"""Why a job waits, read from the desk: the reason, its numbers, and a sentence of them in either language. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast, get_args

import numpy as np

from headrace.live import booking
from headrace.policy.backfill import UNLIMITED
from headrace.report.live.hold import reason as in_words
from headrace.report.live.said import said as in_readers
from headrace.serve.shapes import ReasonName, Why
from headrace.world.fits import FITS, FREE, TOGETHER, against, tally
from headrace.world.plan import Reason
from headrace.world.state import LIVE, WAITING

if TYPE_CHECKING:
    from headrace.live.desk import Desk
    from headrace.live.known import Known
    from headrace.report.words import Words
    from headrace.world.record import Bools

REASONS: Final = tuple(cast("ReasonName", reason.name.lower()) for reason in Reason)
assert set(REASONS) < set(get_args(ReasonName))


def hold_of(desk: Desk, known: Known) -> tuple[ReasonName, dict[str, int]]:
    """Why a waiting job does not run, and the numbers that this was read from; chips in thousandths."""
    tables, row = desk.tables, desk.tables.state.jobs[known.number]
    s, tenant, line = int(row["shape"]), int(row["tenant"]), tables.state.lines[int(row["line"])]
    counts, demand = tally(tables.state_ref, s, tenant), tables.state.shapes[s]
    numbers = {
        "wanted_milli": int(_milli(demand)),
        "free_milli": int(counts[FREE]),
        "nodes_needed": int(demand["nodes"]),
        "nodes_that_fit": int(counts[TOGETHER]),
        "held_by_tenant_milli": int(tables.state.tenants[tenant]["held"]),
        "waiting_alike": int(line["length"]),
    }
    if known.asked.pinned:
        numbers["nodes_named"] = len(set(known.asked.pinned))
    if known.why:
        return "engine", numbers
    could = bool(tables.memo.shapes["possible"][s])
    reason = int(against(tables.state_ref, s, tenant, could))
    if reason != FITS:
        return REASONS[reason], numbers
    return REASONS[int(line["hold"]) or int(Reason.BEHIND)], numbers


def ahead_of(desk: Desk, known: Known) -> int:
    """How many waiting jobs were submitted before it."""
    jobs = desk.tables.state.jobs[: desk.tables.size]
    return int(((jobs["status"] == WAITING) & (jobs["submit"] < known.asked.submit)).sum())


def expected(desk: Desk, known: Known) -> int | None:
    """When (ms) enough chips are free for it and for those that came before it, if what runs ends at its time limit.

    An estimate: it knows nothing of who passes whom, and what has no limit never ends. None: not foreseeable.
    """
    state, row = desk.tables.state, desk.tables.state.jobs[known.number]
    may = state.pools[int(row["shape"])][state.nodes["pool"]] & (state.nodes["out"] == 0)
    jobs = state.jobs[: desk.tables.size]
    before = (jobs["status"] == WAITING) & (jobs["submit"] < known.asked.submit)
    wanted = int(_milli(state.shapes)[jobs["shape"][before]].sum() + _milli(state.shapes[int(row["shape"])]))
    free = int(state.free[may].sum())
    ends = (jobs["status"] == LIVE) & (jobs["expected"] - jobs["start"] < UNLIMITED)
    for j in sorted(np.flatnonzero(ends).tolist(), key=lambda j: int(jobs["expected"][j])):
        if free >= wanted:
            break
        free += _freed(desk, j, may)
        if free >= wanted:
            return int(jobs["expected"][j])
    return None


def _freed(desk: Desk, j: int, may: Bools) -> int:
    tables = desk.tables
    share = int(tables.state.shapes[int(tables.state.jobs[j]["shape"])]["share"])
    places = booking.held(tables, j)
    return sum(mask.bit_count() * share for name, mask in places if bool(may[tables.number[name]]))


def _milli(demand: Any) -> Any:
    """Milli-chips of one shape, or of each."""
    return demand["nodes"] * demand["chips"] * demand["share"]


def why_view(desk: Desk, known: Known, words: Words) -> Why:
    """Why a waiting job waits, with a sentence: the engine's own where the engine holds it."""
    reason, numbers = hold_of(desk, known)
    bare = Why(
        job=known.asked.job,
        status="waiting",
        reason=reason,
        numbers=numbers,
        ahead=ahead_of(desk, known),
        expected_ms=expected(desk, known),
        said=in_readers(known.why, words),
    )
    return bare if reason == "engine" else bare.model_copy(update={"said": in_words(bare, words)})
