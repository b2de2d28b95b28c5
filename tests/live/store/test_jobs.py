"""What the engine says of jobs and runs comes back as it was said, and only ever moves forwards."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.live.store.made import node, seen

from headrace.errors import StoreError
from headrace.live.engine import Asked, JobSeen, Status
from headrace.live.store.nouns import Page
from headrace.units import NEVER, UNKNOWN
from headrace.world.record import Outcome, Service

if TYPE_CHECKING:
    from headrace.live.store.store import Store

TEXTS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=8)
NUMBERS = st.integers(0, 2**61)
LENGTHS = st.just(UNKNOWN) | NUMBERS
INSTANTS = st.just(NEVER) | NUMBERS
NAMES = st.lists(TEXTS, max_size=3).map(tuple)
PLACES = st.lists(st.tuples(TEXTS, st.integers(-1, 255)), max_size=3).map(tuple)
ASKED = st.builds(
    Asked,
    *[TEXTS] * 3,
    *[NUMBERS] * 6,
    kinds=NAMES,
    pools=NAMES,
    pinned=NAMES,
    limit=LENGTHS,
    checkpoint=LENGTHS,
    service=st.sampled_from(Service),
    name=TEXTS,
    workload=TEXTS,
)
JOBS = st.builds(
    JobSeen,
    ASKED,
    st.sampled_from(Status),
    run=st.just(0),
    on=PLACES,
    start=INSTANTS,
    end=INSTANTS,
    outcome=st.sampled_from(Outcome),
    ours=st.booleans(),
    startable=st.booleans(),
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(job=JOBS, at=NUMBERS)
def test_every_job_comes_back_as_it_was_recorded(store: Store, job: JobSeen, at: int) -> None:
    """Unknown lengths, instants that never come, any text, all masks: what goes in comes out."""
    store.record(at, [job])
    kept = store.job(job.asked.job)
    assert kept is not None
    assert (kept.job, kept.seen) == (job, at)


def test_text_that_no_database_keeps_is_kept_as_near_as_it_can_be(store: Store) -> None:
    """A name with NUL or half a character, as from bytes that are no UTF-8, does not stop a turn."""
    store.record(1, [replace(seen(), asked=replace(seen().asked, name="a\0b\udcff"))])
    kept = store.job("1")
    assert kept is not None
    assert kept.job.asked.name == "a\ufffdb?"


def test_a_job_that_was_never_seen_is_none(store: Store) -> None:
    """Not an error: the caller says what it means."""
    assert store.job("nobody's") is None


def test_jobs_come_in_pages_by_key_that_new_jobs_do_not_shift(store: Store) -> None:
    """Each page goes on after the last one's key, in either direction, while jobs arrive."""
    store.record(1, [seen(str(i)) for i in range(5)])
    first = store.jobs(Page(size=2))
    newest = store.jobs(Page(size=2, newest=True))
    store.record(2, [seen("late"), seen("3", Status.RUNNING)])
    second = store.jobs(Page(first[-1].sequence, 2))
    older = store.jobs(Page(newest[-1].sequence, 9, newest=True))
    assert ids(first) + ids(second) == ["0", "1", "2", "3"]
    assert ids(newest) + ids(older) == ["4", "3", "2", "1", "0"]


def test_jobs_can_be_those_of_one_tenant_in_one_status(store: Store) -> None:
    """A tenant sees its own; both filters hold together."""
    store.record(1, [seen("a"), seen("b", tenant="ads"), seen("c", Status.RUNNING), seen("d", Status.ENDED)])
    assert ids(store.jobs(tenant="search")) == ["a", "c", "d"]
    assert ids(store.jobs(status=Status.WAITING)) == ["a", "b"]
    assert ids(store.jobs(tenant="search", status=Status.WAITING)) == ["a"]
    assert [job.asked.job for job in store.jobs_alive()] == ["a", "b", "c"]


def test_what_is_said_late_of_an_earlier_run_does_not_put_a_job_back(store: Store) -> None:
    """Accounting tells how run 0 ended after run 1 was seen: the run learns it, the job is where it was."""
    store.record(1, [seen(run=1, status=Status.RUNNING, start=9)])
    store.record(2, [seen(run=0, status=Status.ENDED, start=3, end=8, outcome=Outcome.NODE_FAIL)])
    kept = store.job("1")
    assert kept is not None
    assert (kept.job.run, kept.job.status) == (1, Status.RUNNING)
    assert {stay.run: stay.outcome for stay in store.log(0)} == {0: Outcome.NODE_FAIL, 1: Outcome.PENDING}


def test_a_run_keeps_where_and_when_it_started_though_its_end_does_not_repeat_it(store: Store) -> None:
    """An engine that forgets an ended job's nodes does not make the log forget them, nor what kind they were."""
    store.record(1, [seen()], [node("n1"), node("n2")])
    store.record(2, [seen(status=Status.RUNNING, on=(("n1", 255), ("n2", 255)), start=2)])
    store.record(5, [seen(status=Status.ENDED, end=4, outcome=Outcome.COMPLETED)], [node("n1", kind="A800")])
    (stay,) = store.log(0)
    assert (stay.on, stay.kind, stay.start, stay.end) == ((("n1", 255), ("n2", 255)), "H20", 2, 4)
    assert stay.outcome is Outcome.COMPLETED


def test_a_requeued_job_becomes_two_runs_of_which_the_second_queues_when_it_was_seen(store: Store) -> None:
    """A run that another follows has ended, preempted, even where nobody saw it end."""
    store.record(10, [seen(status=Status.RUNNING, on=(("n1", 1),), start=10)])
    store.record(20, [seen(run=1)])
    first, second = store.log(0)
    assert (first.queued, first.start, first.end, first.outcome) == (1_000, 10, 20, Outcome.PREEMPTED)
    assert (second.queued, second.start, second.end) == (20, NEVER, NEVER)


def test_the_end_of_a_run_that_was_told_stays_as_it_was_told(store: Store) -> None:
    """Only a run without an end is ended by the one that follows it."""
    ended = seen(status=Status.ENDED, start=10, end=15, outcome=Outcome.FAILED)
    store.record(20, [ended, seen(run=1)])
    first, _ = store.log(0)
    assert (first.end, first.outcome) == (15, Outcome.FAILED)


def test_the_log_since_a_time_has_what_lasts_and_what_ended_then(store: Store) -> None:
    """Runs that ended before are left out; pages go on by key."""
    store.record(1, [seen(str(i), Status.ENDED, start=1, end=i, outcome=Outcome.COMPLETED) for i in range(1, 6)])
    store.record(2, [seen("on", Status.RUNNING, start=2)])
    assert [stay.asked.job for stay in store.log(4)] == ["4", "5", "on"]
    (first,) = store.log(4, Page(size=1))
    assert [stay.asked.job for stay in store.log(4, Page(first.sequence))] == ["5", "on"]


def test_what_is_recorded_with_something_impossible_is_not_recorded_at_all(store: Store) -> None:
    """One transaction: a number that no column holds leaves neither the job before it nor the node."""
    with pytest.raises(StoreError, match="beyond 64 bits"):
        store.record(1, [seen("fine"), seen("not", submit=2**70)], [node()])
    assert store.jobs() == ()
    assert store.nodes() == ()


def ids(kept: tuple[object, ...]) -> list[str]:
    return [one.job.asked.job for one in kept]  # type: ignore[attr-defined]
