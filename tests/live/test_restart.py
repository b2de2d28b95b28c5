"""A server that is killed and begins anew decides what it would have decided: nothing that it learnt is lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from hypothesis import given
from hypothesis import strategies as st
from tests.live.hand import DictStore, Running, ask, node
from tests.live.test_crashes import Crash, Killing
from tests.twins.inputs import often

from headrace.live.engine import Status
from headrace.live.recall import remember
from headrace.units import HOUR_MS, MILLI, MINUTE_MS
from headrace.world.fleet import Tenant

NODES = {"n1": 4, "n2": 4, "n10": 2}
TENANTS = [Tenant("b", {"H20": 5}), Tenant("c", weight=2.0)]
POLICIES = ["fair/first", "fair+easy/best", "fair+conservative/packing", "las/best", "las+easy/packing"]
LENGTHS = st.sampled_from([MINUTE_MS, 20 * MINUTE_MS, HOUR_MS, 7 * HOUR_MS, 30 * HOUR_MS])

Deed: TypeAlias = Callable[[Running], None]
"""What happens to a fleet, and must happen to the other one alike."""


@st.composite
def submissions(draw: st.DrawFn) -> Deed:
    """A job of whatever size, with or without limit and checkpoints."""
    chips, share = draw(st.sampled_from([1, 1, 2, 4])), draw(st.sampled_from([1000, 1000, 500]))
    wants = {"nodes": draw(st.sampled_from([1, 1, 1, 2])), "share": share, "tenant": draw(st.sampled_from("abc"))}
    wants |= {"checkpoint": draw(st.sampled_from([-1, 0, HOUR_MS])), "limit": draw(st.sampled_from([-1, 40 * HOUR_MS]))}
    work = draw(LENGTHS)

    def submit(running: Running) -> None:
        engine = running.engine
        engine.arrive(ask(f"job-{len(engine.jobs)}", chips, submit=engine.at, **wants), work)

    return submit


def node_deed(name: str, what: str) -> Deed:
    """A node fails, is drained, or is back."""
    return lambda running: getattr(running.engine, what)(name)


def waited(length: int) -> Deed:
    """Time passes, and nobody looks."""
    return lambda running: running.engine.until(running.engine.at + length)


def cancelled(which: int) -> Deed:
    """A user cancels a job."""

    def cancel(running: Running) -> None:
        if jobs := sorted(running.engine.jobs):
            running.engine.cancel(jobs[which % len(jobs)], "u")

    return cancel


def operated(which: int, name: str) -> Deed:
    """An operator starts a job that waits, where there is room. (Where there is none, it depends on the order in which
    a desk heard of the jobs which of them it takes to be short of chips.)"""

    def start(running: Running) -> None:
        engine = running.engine
        if waiting := sorted(job for job, one in engine.jobs.items() if one.status == Status.WAITING):
            asked = engine.jobs[waiting[which % len(waiting)]].asked
            free = [c for c, left in enumerate(engine.free(name)[0]) if left == MILLI]
            if asked.nodes == 1 and len(free) >= asked.chips:
                engine.start_behind(asked.job, ((name, sum(1 << c for c in free[: asked.chips])),))

    return start


names = st.sampled_from(sorted(NODES))
deeds = st.one_of(
    submissions(),
    submissions(),
    st.builds(waited, LENGTHS),
    st.builds(node_deed, names, st.sampled_from(["fail", "drain", "repair", "repair"])),
    st.builds(cancelled, st.integers(0, 30)),
    st.builds(operated, st.integers(0, 30), names),
)
scenes = st.lists(st.tuples(st.lists(deeds, max_size=6), LENGTHS, st.integers(0, 12)), min_size=3, max_size=25)
"""What happens before a turn, how long it lasts, and in which call to the store the turn is killed (0: in none)."""


def fleet(policy: str, store: DictStore) -> Running:
    return Running([node(name, chips) for name, chips in NODES.items()], policy, TENANTS, store=store)


def killed_turn(running: Running, store: Killing, fuse: int) -> None:
    """A server that was killed before this turn begins it, is killed in it, and another one begins it again."""
    running.crash()
    store.fuse = fuse
    try:
        running.turn()
    except Crash:
        running.crash()
        store.fuse = 0
        running.turn()
    store.fuse = 0


def learnt(running: Running) -> tuple[dict[str, tuple[int, int]], dict[str, int]]:
    """What tenants have used by now, where they used anything, and jobs have received."""
    memory = remember(running.desk, running.engine.at)
    return {name: used for name, used in memory.usage.items() if used[0]}, memory.attained


@often(60)
@given(st.sampled_from(POLICIES), scenes)
def test_a_server_that_is_killed_again_and_again_decides_what_one_that_is_not_decides(
    policy: str, scenes: list[tuple[list[Deed], int, int]]
) -> None:
    """Same starts and stops at the same instants on the same chips, and the same usage and service to go on from."""
    store = Killing()
    steady, killed = fleet(policy, DictStore()), fleet(policy, store)
    for happens, length, fuse in scenes:
        for deed in (*happens, waited(length)):
            deed(steady)
            deed(killed)
        steady.turn()
        killed_turn(killed, store, fuse)
        assert {name: (job.status, job.run, job.on, job.runs) for name, job in killed.engine.jobs.items()} == {
            name: (job.status, job.run, job.on, job.runs) for name, job in steady.engine.jobs.items()
        }
    assert learnt(killed) == learnt(steady)
