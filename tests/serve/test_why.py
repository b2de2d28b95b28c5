"""Why a job waits is read from the desk, and said in words."""

from __future__ import annotations

import pytest
from tests.live.hand import Running, ask, node

from headrace.report.words import load
from headrace.serve.endings import endings
from headrace.serve.why import why_view


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", "It asks for 2 nodes together, and may run only on the 1 that it names"),
        ("zh", "只能在它指定的 1 个节点上"),
    ],
)
def test_a_job_pinned_to_fewer_nodes_than_it_wants_is_told_that_it_never_starts(lang: str, said: str) -> None:
    """What is wrong, and what would be right: the fleet is large enough."""
    running = Running([node("n1"), node("n2")])
    running.engine.arrive(ask("a", nodes=2, pinned=("n1",)))
    running.turn()
    why = why_view(running.desk, running.desk.jobs["a"], load(lang), endings(running.desk))
    assert why.reason == "never"
    assert said in why.said


def test_a_job_that_names_as_many_nodes_as_it_wants_and_is_too_large_is_told_that() -> None:
    """It asks for more chips than the nodes have."""
    running = Running([node("n1"), node("n2")])
    running.engine.arrive(ask("a", 9, nodes=2, pinned=("n1", "n2")))
    running.turn()
    why = why_view(running.desk, running.desk.jobs["a"], load("en"), endings(running.desk))
    assert why.said.startswith("It asks for 18 chips in a way that the fleet could not give")
