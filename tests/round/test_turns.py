"""Turns come in the order of (tenant's key, job's key, job), whatever line a job stands in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st
from tests.round.test_propose import hands
from tests.twins.inputs import often

from headrace.round.turns import in_turn, leave, line_up, pass_on
from headrace.world.state import NONE

if TYPE_CHECKING:
    from tests.round.hand import Hand


def taken(hand: Hand, skipping: set[int]) -> list[tuple[int, int, int]]:
    """The (tenant's key, job's key, job) in turn, one after the other; lines of `skipping` leave at their first."""
    state, memo, found = hand.state, hand.memo, []
    line_up(hand.state_ref, hand.memo_ref)
    while (line := in_turn(hand.memo_ref)) != NONE:
        job = int(memo.lines[line]["cursor"])
        tenant = state.lines[line]["tenant"]
        found.append((int(state.tenants[tenant]["key"]), int(state.jobs[job]["key"]), job))
        leave(hand.state_ref, hand.memo_ref) if line in skipping else pass_on(hand.state_ref, hand.memo_ref)
    return found


@often(30)
@given(hands(), st.data())
def test_every_waiting_job_has_its_turn_the_smallest_key_first(hand: Hand, data: st.DataObject) -> None:
    """Tenants' keys are drawn anew, since at the start of a short day they are all alike."""
    for tenant in hand.state.tenants:
        tenant["key"] = data.draw(st.integers(0, 3))
    found = taken(hand, set())
    assert found == sorted(found)
    assert sorted(job for _, _, job in found) == sorted(hand.waiting())


@often(30)
@given(hands(), st.data())
def test_a_line_that_leaves_has_no_more_turns_and_takes_none_of_others(hand: Hand, data: st.DataObject) -> None:
    lines = {int(hand.state.jobs[job]["line"]) for job in hand.waiting()}
    skipping = data.draw(st.sets(st.sampled_from(sorted(lines)))) if lines else set()
    first = {line: int(hand.state.lines[line]["head"]) for line in skipping}
    left = {job for _, _, job in taken(hand, skipping)}
    assert left == {job for job in hand.waiting() if first.get(int(hand.state.jobs[job]["line"]), job) == job}
