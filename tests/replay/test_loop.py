"""The loop's tables are made roomier before they overflow."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tests.factories import Job, make_fleet, make_outages, make_pool, make_workload, stays
from tests.round.hand import Hand
from tests.twins.inputs import often

from headrace.policy.policy import parse
from headrace.replay.feed import HEAPED, Feed, new_feed, new_tape, pop, push, refer_feed, refer_tape, roomier
from headrace.replay.loop import FULL, OVER, stretch
from headrace.replay.replay import replay
from headrace.world.record import no_outages


def test_the_heap_is_never_written_beyond_its_end() -> None:
    fleet = make_fleet(make_pool(nodes=2, chips=10))
    jobs = [Job(work=10**6) for _ in range(10)]
    outages = make_outages(*((k % 2, 10 + 10 * k, 15 + 10 * k, True) for k in range(40)))
    hand = Hand(fleet, jobs)
    feed, tape = new_feed(hand.workload, outages), new_tape(10**4, 10**4)
    room = len(feed.heap)
    padded = feed._replace(heap=np.concatenate([feed.heap, np.zeros_like(feed.heap)])[:room])
    fixed = (hand.state_ref, hand.memo_ref, hand.rules, hand.plan_ref)
    answer = stretch(*fixed, refer_feed(padded), refer_tape(tape), 1)
    while answer not in (OVER, FULL):
        assert padded.at[HEAPED] <= room
        answer = stretch(*fixed, refer_feed(padded), refer_tape(tape), 1)


def test_a_replay_outgrows_its_tables_and_goes_on() -> None:
    fleet = make_fleet(make_pool(nodes=2, chips=10))
    jobs = [Job(work=10**6, checkpoint=0) for _ in range(10)]
    outages = make_outages(*((k % 2, 10 + 10 * k, 15 + 10 * k, True) for k in range(400)))
    runs = stays(replay(fleet, make_workload(fleet, jobs), parse("las/first"), outages))
    assert len(runs) == 10 * 401
    assert {stay.end for stay in runs[-10:]} == {10**6}


@often(100)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=30), st.integers(0, 30))
def test_the_heap_gives_back_by_time_then_kind_then_sequence(events: list[tuple[int, int]], pops: int) -> None:
    fleet = make_fleet()
    feed: Feed = new_feed(make_workload(fleet, [Job()] * 30), no_outages())
    reference = refer_feed(feed)
    for i, (time, kind) in enumerate(events):
        push(reference, time, kind, i)
    expected = sorted((time, kind, i) for i, (time, kind) in enumerate(events))
    found = []
    while feed.at[HEAPED] > 0:
        found.append((int(feed.heap[0]["time"]), int(feed.heap[0]["kind"]), int(feed.heap[0]["job"])))
        pop(reference)
    assert found == expected


def test_a_roomier_table_has_the_same_rows_and_as_many_more() -> None:
    feed = new_feed(make_workload(make_fleet(), [Job(submit=7)]), no_outages())
    assert roomier(feed.due)["time"].tolist() == [7, 0]
