"""The compiled replay and its plain twin decide alike."""

from __future__ import annotations

from hypothesis import given

from headrace.replay.replay import replay
from tests.factories import stays
from tests.twins.inputs import Case, cases, often
from tests.twins.replay import Twin


@often(300)
@given(cases())
def test_the_plain_twin_gives_the_same_runs(case: Case) -> None:
    twin = Twin(case.fleet, case.workload, case.policy, case.outages)
    assert stays(replay(case.fleet, case.workload, case.policy, case.outages)) == twin.replay()
