"""The compiled replay and its plain twin decide alike."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from tests.factories import stays
from tests.twins.inputs import Case, cases, often
from tests.twins.replay import Twin

from headrace.policy.policy import Policy
from headrace.policy.registry import BACKFILLS, ORDERS, PLACES
from headrace.replay.replay import replay

DETERMINED = [place for place in PLACES if place != "random"]


@often(60)
@given(cases(), st.integers(0, len(DETERMINED) - 1))
def test_the_plain_twin_gives_the_same_runs_under_every_order_and_backfill(case: Case, turn: int) -> None:
    for i, (order, backfill) in enumerate((order, backfill) for order in ORDERS for backfill in BACKFILLS):
        policy = Policy(order, backfill, DETERMINED[(turn + i) % len(DETERMINED)])
        twin = Twin(case.fleet, case.workload, policy, case.outages)
        assert stays(replay(case.fleet, case.workload, policy, case.outages)) == twin.replay(), policy.name
