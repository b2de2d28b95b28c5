"""The desk: what happens is on its books, whatever it is, and it says why jobs wait."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.live.hand import Running, ask, node

from headrace.errors import CallError
from headrace.live.desk import Desk
from headrace.live.engine import Status
from headrace.live.event import What
from headrace.live.hold import hold, holds
from headrace.live.recall import remember
from headrace.policy.policy import parse
from headrace.policy.target import SEEN
from headrace.units import HOUR_MS, MILLI, NEVER, UNKNOWN
from headrace.world.fleet import Tenant
from headrace.world.plan import Reason


def test_an_order_that_knows_true_run_times_is_refused_without_them() -> None:
    """No live fleet knows how long a job will run; only a test or a study may say so."""
    with pytest.raises(CallError, match="knows true run times"):
        Desk(parse("oracle:srtf/first"))
    assert Desk(parse("oracle:srtf/first"), work={}).policy.oracle


def test_a_desk_that_runs_for_long_does_not_grow() -> None:
    """Jobs that ended leave room; jobs, lines and shapes of long ago are forgotten, the demand that was seen is not."""
    running = Running([node(chips=8)], "fair+easy/fgd")
    for i in range(600):
        limit = (i + 1) * HOUR_MS
        running.engine.arrive(ask(f"j{i:03}", 1, cpu=i, submit=running.engine.at, limit=limit), work=100)
        running.turn(running.engine.at + 100)
    tables = running.desk.tables
    assert len(tables.state.jobs) <= 128
    assert len(tables.state.lines) <= 128
    assert len(tables.state.shapes) <= 128
    assert tables.target.counts[SEEN] == 600
    assert tables.target.types["seen"].sum() == 600


def test_jobs_keep_their_order_when_the_tables_are_made_anew() -> None:
    """Among equals the one that came first goes first, however often rows were given anew."""
    running = Running([node(chips=1)])
    running.engine.arrive(ask("long"), work=HOUR_MS)
    running.turn()
    for i in range(300):
        running.engine.arrive(ask(f"j{i:03}"), work=1)
        running.turn()
    running.turn(HOUR_MS)
    order = [running.turn(running.engine.at + 1) for _ in range(300)]
    assert [step.job for turned in order for step in turned.steps] == [f"j{i:03}" for i in range(1, 300)]


def test_what_an_operator_puts_on_a_full_node_is_booked_as_far_as_it_fits_and_nothing_more_is_put_there() -> None:
    """The engine is right: two jobs hold the same chips; nothing is below zero, and the node takes nothing until one
    of them ended."""
    running = Running([node("n1", 2), node("n2", 2)])
    for job, chips in (("a", 2), ("b", 2), ("c", 1)):
        running.engine.arrive(ask(job, chips), work=1000)
    running.engine.start_behind("a", (("n1", 0b11),))
    running.engine.start_behind("b", (("n1", 0b11),))
    turned = running.turn()
    assert running.said(What.CROWDED) == [
        "the engine put more on node n1 than it has, job b among it; nothing more is placed there for now"
    ]
    assert [(step.job, step.on) for step in turned.steps] == [("c", (("n2", 1),))]
    assert running.desk.tables.state.free.min() == 0
    running.engine.cancel("a", "u")
    running.turn(10)
    assert running.desk.crowded == frozenset()
    running.engine.arrive(ask("d", 1), work=1000)
    assert [step.on for step in running.turn(20).steps] == [(("n2", 2),)]


def test_cores_that_an_operator_overcommitted_are_given_back_when_the_job_ends() -> None:
    """Cores may be below zero on the books; the node takes nothing then, and all of it is there again in the end."""
    running = Running([node("n1", 4, cpu=4000)])
    running.engine.arrive(ask("a", 1, cpu=3000), work=1000)
    running.engine.arrive(ask("b", 1, cpu=3000), work=1000)
    running.turn()
    running.engine.start_behind("b", (("n1", 0b10),))
    running.turn(10)
    assert running.desk.crowded == {"n1"}
    running.turn(2000)
    assert running.desk.tables.state.nodes[0]["cpu"] == 4000
    assert running.desk.tables.state.nodes[0]["out"] == 0


def test_a_job_goes_only_where_it_may() -> None:
    """Kinds by their letters and digits, partitions by name, and the nodes that a user named, are all honoured."""
    nodes = [node("n1"), node("n2", kind="Ascend 910B"), node("n3", pool="other"), node("n4")]
    running = Running(nodes)
    running.engine.arrive(ask("kind", kinds=("ascend910b",)))
    running.engine.arrive(ask("pool", pools=("other",)))
    running.engine.arrive(ask("node", pinned=("n4",)))
    running.engine.arrive(ask("nowhere", pools=("gone",)))
    steps = {step.job: [name for name, _ in step.on] for step in running.turn().steps}
    assert steps == {"kind": ["n2"], "pool": ["n3"], "node": ["n4"]}
    found = hold(running.desk, "nowhere", 0)
    assert found is not None
    assert found.reason == Reason.NEVER


def test_a_node_that_comes_later_is_used_and_one_that_is_gone_is_not() -> None:
    """Nodes come and go; what runs on one that is not listed any more stays on the books until it ends."""
    running = Running([node("n1", 1)])
    running.engine.arrive(ask("a"), work=HOUR_MS)
    running.engine.arrive(ask("b"), work=HOUR_MS)
    running.turn()
    running.engine.nodes["n2"] = node("n2", 1)
    assert [step.on for step in running.turn(10).steps] == [(("n2", 1),)]
    del running.engine.nodes["n1"]
    running.engine.arrive(ask("c"), work=10)
    assert not running.turn(20).steps
    assert running.said(What.NODE_GONE) == ["node n1 is listed by the engine no more"]
    running.engine.cancel("a", "u")
    assert not running.turn(25).steps
    running.engine.nodes["n3"] = node("n3", 1)
    assert [step.on for step in running.turn(30).steps] == [(("n3", 1),)]
    assert running.desk.nodes.keys() == {"n2", "n3"}


def test_a_node_that_lost_chips_is_smaller_from_then_on() -> None:
    """A node of another size is another node to the tables; what runs there is booked as far as there is room."""
    running = Running([node("n1", 4)])
    running.engine.arrive(ask("a", 2), work=HOUR_MS)
    running.turn()
    running.engine.nodes["n1"] = node("n1", 2)
    running.engine.arrive(ask("b", 1), work=10)
    assert not running.turn(10).steps
    found = hold(running.desk, "b", 10)
    assert found is not None
    assert (found.reason, found.free) == (Reason.CHIPS, 0)


def test_a_request_that_changes_while_it_waits_is_what_is_started() -> None:
    """Users may change what they asked for; the job keeps its place in the order."""
    running = Running([node("n1", 4)])
    running.engine.arrive(ask("first", 4), work=HOUR_MS)
    running.engine.arrive(ask("a", 4), work=10)
    running.engine.arrive(ask("b", 1), work=10)
    running.turn()
    running.engine.jobs["a"].asked = replace(running.engine.jobs["a"].asked, chips=2, tenant="other")
    running.engine.cancel("first", "u")
    steps = running.turn(10).steps
    assert [(step.job, step.on) for step in steps] == [("a", (("n1", 0b0011),)), ("b", (("n1", 0b0100),))]


def test_a_limit_that_changes_while_a_job_runs_changes_what_is_promised() -> None:
    """The next start is expected when the running job must have ended."""
    running = Running([node("n1", 1)], "fifo+easy/first")
    running.engine.arrive(ask("a", limit=HOUR_MS), work=10 * HOUR_MS)
    running.engine.arrive(ask("b", limit=HOUR_MS), work=10)
    running.turn()
    assert hold(running.desk, "b", 0).expected == HOUR_MS  # type: ignore[union-attr]
    running.engine.jobs["a"].asked = replace(running.engine.jobs["a"].asked, limit=3 * HOUR_MS)
    running.turn(10)
    assert hold(running.desk, "b", 10).expected == 3 * HOUR_MS  # type: ignore[union-attr]


def test_a_hold_says_what_is_free_what_is_missing_who_is_ahead_and_when_it_is_expected_to_start() -> None:
    """Every number that an answer to "why does it wait" needs."""
    running = Running([node("n1", 4)], tenants=[Tenant("q", {"H20": 2})])
    running.engine.arrive(ask("a", 3, limit=HOUR_MS), work=HOUR_MS)
    for job, chips, tenant in (("b", 2, "t"), ("c", 4, "q"), ("d", 1, "t"), ("e", 9, "t")):
        running.engine.arrive(ask(job, chips, tenant=tenant, limit=HOUR_MS), work=HOUR_MS)
    running.turn()
    found = {one.job: one for one in holds(running.desk, 0)}
    b, c, d, e = (found[job] for job in "bcde")
    assert (b.reason, b.wanted, b.free, b.nodes, b.nodes_fit) == (Reason.CHIPS, 2000, 1000, 1, 0)
    assert (b.ahead, b.first, b.expected, b.quota) == (0, "", HOUR_MS, UNKNOWN)
    assert (c.quota, c.held, c.expected) == (2 * MILLI, 0, NEVER)
    assert (d.reason, d.nodes_fit, d.ahead, d.first) == (Reason.BEHIND, 1, 2, "b")
    assert (e.reason, e.expected) == (Reason.NEVER, NEVER)
    assert hold(running.desk, "a", 0) is None
    assert hold(running.desk, "d", 0) == d


def test_a_job_that_the_engine_holds_is_not_tried_and_says_so() -> None:
    """A dependency or a begin time is the engine's own affair; once it is over, the job stands where it stood."""
    running = Running([node("n1", 1)])
    running.engine.arrive(ask("a"), work=10)
    running.engine.jobs["a"].startable = False
    running.engine.arrive(ask("b", submit=1), work=10)
    assert [step.job for step in running.turn(1).steps] == ["b"]
    assert [one.why for one in holds(running.desk, 1)] == ["job a is held by the engine"]
    for said in ("it waits for other jobs", "its user holds it"):
        running.engine.jobs["a"].said = said
        running.turn(2)
        assert [one.why for one in holds(running.desk, 2)] == [said]
    running.engine.jobs["a"].startable = True
    assert [step.job for step in running.turn(11).steps] == ["a"]


def test_what_a_tenant_used_is_not_forgotten_when_the_tables_are_made_anew() -> None:
    """Fair order remembers, though none of the tenant's jobs is left."""
    running = Running([node("n1", 1)], "fair/first")
    running.engine.arrive(ask("greedy", tenant="a"), work=HOUR_MS)
    running.turn()
    running.turn(HOUR_MS)
    running.engine.nodes["n2"] = node("n2", 1, up=False)
    running.engine.arrive(ask("x", tenant="a", submit=HOUR_MS), work=10)
    running.engine.arrive(ask("y", tenant="b", submit=HOUR_MS + 1), work=10)
    assert [step.job for step in running.turn(HOUR_MS + 1).steps] == ["y"]


def test_what_was_used_and_received_is_remembered_from_one_desk_to_the_next() -> None:
    """Only the desk knows it: the engine can be asked for all else."""
    running = Running([node("n1", 1)], "fair/first")
    running.engine.arrive(ask("greedy", tenant="a", checkpoint=0), work=3 * HOUR_MS)
    running.turn()
    running.turn(HOUR_MS)
    running.engine.fail("n1")
    running.turn()
    memory = remember(running.desk, HOUR_MS)
    assert memory.attained == {"greedy": MILLI * HOUR_MS}
    running.crash(memory)
    running.engine.repair("n1")
    running.engine.arrive(ask("y", tenant="b", submit=HOUR_MS), work=10)
    assert [step.job for step in running.turn().steps] == ["y"]
    assert remember(running.desk, HOUR_MS).usage["a"] == memory.usage["a"]
    assert remember(running.desk, HOUR_MS).attained == memory.attained


def test_a_quota_holds_however_the_kind_is_written() -> None:
    """The engine says `h20`, the fleet file `H20`."""
    running = Running([node("n1", 4, kind="h20")], tenants=[Tenant("q", {"H20": 2})])
    for job in "abc":
        running.engine.arrive(ask(job, tenant="q"), work=HOUR_MS)
    assert [step.job for step in running.turn().steps] == ["a", "b"]
    assert [one.reason for one in holds(running.desk, 0)] == [Reason.QUOTA]


def test_what_is_not_ours_or_not_yet_seen_to_run_is_never_stopped_for_others() -> None:
    """An operator's job runs on, though the order would stop it were it ours."""
    running = Running([node("n1", 1)], "las/first")
    running.engine.arrive(ask("theirs", checkpoint=0), work=100 * HOUR_MS)
    running.engine.start_behind("theirs", (("n1", 1),))
    running.turn()
    running.engine.arrive(ask("new", submit=20 * HOUR_MS), work=10)
    assert not running.turn(20 * HOUR_MS).steps
    running.engine.jobs["theirs"].ours = True
    assert running.desk.jobs["theirs"].status == Status.RUNNING
