"""Why a job waits, read from the desk: the reason, its numbers, and a sentence of them in either language. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast, get_args

from headrace.report.live.hold import reason as in_words
from headrace.serve.shapes import ReasonName, Why
from headrace.world.fits import FITS, FREE, TOGETHER, against, tally
from headrace.world.plan import Reason
from headrace.world.state import WAITING

if TYPE_CHECKING:
    from headrace.live.desk import Desk
    from headrace.live.known import Known
    from headrace.report.words import Words
    from headrace.serve.endings import Endings

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


def expected(desk: Desk, known: Known, ends: Endings) -> int | None:
    """When (ms) enough chips are free for it and for those that came before it, if what runs ends at its time limit.

    An estimate: it knows nothing of who passes whom, and what has no limit never ends. None: not foreseeable.
    """
    state, row = desk.tables.state, desk.tables.state.jobs[known.number]
    pools = state.pools[int(row["shape"])]
    jobs = state.jobs[: desk.tables.size]
    before = (jobs["status"] == WAITING) & (jobs["submit"] < known.asked.submit)
    wanted = int(_milli(state.shapes)[jobs["shape"][before]].sum() + _milli(state.shapes[int(row["shape"])]))
    free = int(state.free[pools[state.nodes["pool"]] & (state.nodes["out"] == 0)].sum())
    return ends.when(pools, free, wanted)


def _milli(demand: Any) -> Any:
    """Milli-chips of one shape, or of each."""
    return demand["nodes"] * demand["chips"] * demand["share"]


def why_view(desk: Desk, known: Known, words: Words, ends: Endings) -> Why:
    """Why a waiting job waits, with a sentence: the engine's own where the engine holds it. `ends` are the desk's."""
    reason, numbers = hold_of(desk, known)
    bare = Why(
        job=known.asked.job,
        status="waiting",
        reason=reason,
        numbers=numbers,
        ahead=ahead_of(desk, known),
        expected_ms=expected(desk, known, ends),
        said=known.why,
    )
    return bare if reason == "engine" else bare.model_copy(update={"said": in_words(bare, words)})
