"""What the engine of one machine is told, and what it says."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from tests.live.local.conftest import leave
from tests.live.local.lab import QUICK, Lab, asked, machine, wait

from headrace.errors import EngineError
from headrace.live.engine import Start, Status, Stop
from headrace.live.engines.local.engine import LocalEngine
from headrace.units import NEVER
from headrace.world.record import Outcome, Service

if TYPE_CHECKING:
    from pathlib import Path


def test_a_job_waits_runs_and_completes(lab: Lab) -> None:
    """Each step of a job's life is seen, with its places and times."""
    job = lab.submit("sleep 0.2; echo done")
    waiting = lab.see(job)
    assert (job, waiting.status, waiting.on, waiting.start) == ("1", Status.WAITING, (), NEVER)
    lab.start(job, mask=0b0100)
    running = lab.until(job, lambda seen: seen.status == Status.RUNNING)
    assert running.on == (("n0", 0b0100),)
    ended = lab.end_of(job)
    assert (ended.outcome, ended.run, ended.ours) == (Outcome.COMPLETED, 0, True)
    assert ended.end - ended.start >= 200
    assert lab.out(job) == b"done\n"


@pytest.mark.parametrize("script", ["exit 3", "kill -9 $$"])
def test_a_command_that_fails_or_dies_is_a_failed_job(lab: Lab, script: str) -> None:
    """A code other than zero, or a signal that nobody of us sent."""
    assert lab.finish(script).outcome == Outcome.FAILED


def test_one_key_twice_is_one_start(lab: Lab) -> None:
    """The same order is taken again, also by the next Headrace; nothing is started by that."""
    job = lab.submit("echo x >> ran; sleep 5")
    order = Start("k", job, 0, (("n0", 1),))
    assert lab.engine.act([order, order])[1].taken
    lab.again()
    assert lab.engine.act([order])[0].taken
    assert not lab.engine.act([replace(order, key="other")])[0].taken
    wait((lab.files / "ran").exists, bool)
    lab.engine.cancel(job, "u")
    lab.end_of(job)
    assert (lab.files / "ran").read_text() == "x\n"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"job": "9"}, "no job 9"),
        ({"run": 1}, "waits as run 0"),
        ({"on": (("n7", 1),)}, "no node 'n7'"),
        ({"on": (("n0", 0b11),)}, "asks for 1 chips"),
        ({"on": (("n0", 1 << 4),)}, "asks for 1 chips"),
        ({"on": ()}, "asks for 1 nodes"),
        ({"on": (("n0", 0b1000),)}, "chip 3 is held"),
    ],
)
def test_a_start_that_does_not_fit_is_refused_in_words(lab: Lab, change: dict[str, Any], why: str) -> None:
    """The engine does not trust its scheduler with the chips."""
    holder, job = lab.submit("sleep 9"), lab.submit("true")
    lab.start(holder, mask=0b1000)
    answer = lab.engine.act([replace(Start("k", job, 0, (("n0", 1),)), **change)])[0]
    assert not answer.taken
    assert why in answer.said


def test_jobs_share_a_chip_up_to_the_whole_of_it(lab: Lab) -> None:
    """Thousandths add up."""
    jobs = [lab.submit("sleep 9", asked(share=share)) for share in (600, 400, 1)]
    answers = [lab.engine.act([Start(job, job, 0, (("n0", 1),))])[0].taken for job in jobs]
    assert answers == [True, True, False]


def test_numbers_go_on_after_a_restart(lab: Lab) -> None:
    """1, 2, and then 3, though nothing was started and one was cancelled."""
    assert [lab.submit("true"), lab.submit("true")] == ["1", "2"]
    lab.engine.cancel("2", "u")
    lab.again()
    assert lab.submit("true") == "3"


def test_a_job_that_waits_is_the_same_after_a_restart(lab: Lab) -> None:
    """Nothing of what was asked is lost on the way through the file."""
    more = {"kinds": ("H20", "H800"), "pinned": ("n0",), "limit": 5000, "service": Service.SPARE, "name": "训练 ✓"}
    job = lab.submit("true", asked(**more))
    before = lab.see(job)
    lab.again()
    assert lab.see(job) == before
    assert lab.see(job).asked.name == "训练 ✓"


def test_a_run_goes_on_and_is_found_again_after_a_restart(lab: Lab) -> None:
    """What ended while nobody looked is told of, with its own times."""
    job = lab.begin("sleep 0.3")
    lab.again()
    running = lab.see(job)
    assert running.status == Status.RUNNING
    lab.engine.close()
    wait((lab.run(job) / "exit.json").exists, bool)
    lab.engine = LocalEngine(machine(), lab.state, QUICK)
    ended = lab.see(job)
    assert (ended.outcome, ended.start) == (Outcome.COMPLETED, running.start)


def test_an_end_is_told_again_after_a_restart(lab: Lab) -> None:
    """Headrace may be killed between hearing of it and writing it down."""
    ended = lab.finish("true")
    lab.again()
    assert lab.see("1") == ended
    assert lab.engine.recall("1") == ended


def test_a_waiting_job_is_cancelled_at_once(lab: Lab) -> None:
    """It never runs, and that holds after a restart."""
    job = lab.submit("echo x > ran")
    assert lab.engine.cancel(job, "u").taken
    lab.again()
    assert lab.see(job).outcome == Outcome.CANCELLED
    assert not lab.engine.act([Start("k", job, 0, (("n0", 1),))])[0].taken
    assert not lab.engine.cancel(job, "u").taken


def test_a_running_job_that_is_cancelled_may_tidy_up(lab: Lab) -> None:
    """TERM comes first."""
    job = lab.begin("trap 'echo tidy; exit 0' TERM; touch ready; while :; do sleep 0.05; done")
    wait((lab.files / "ready").exists, bool)
    assert lab.engine.cancel(job, "u").taken
    assert lab.end_of(job).outcome == Outcome.CANCELLED
    assert b"tidy" in lab.out(job)


def test_a_stopped_run_is_preempted_and_its_job_waits_as_the_next_run(lab: Lab) -> None:
    """It gives its chips back, and starts again when told to."""
    job = lab.begin('if [ "$HEADRACE_RUN" = 0 ]; then sleep 60; else echo again; fi')
    stop = Stop("s", job, 0)
    assert [answer.taken for answer in lab.engine.act([stop, stop])] == [True, True]
    waiting = lab.until(job, lambda seen: seen.status == Status.WAITING)
    assert (waiting.run, waiting.on) == (1, ())
    lab.again()
    assert lab.see(job) == waiting
    lab.start(job, run=1)
    assert lab.end_of(job).outcome == Outcome.COMPLETED
    assert lab.engine.act([stop])[0].taken
    assert not lab.engine.act([replace(stop, key="other")])[0].taken


def test_the_checkpoint_signal_comes_first(tmp_path: Path) -> None:
    """A program that saves itself on USR1 has its own time for it."""
    lab = Lab(tmp_path, settings=replace(QUICK, checkpoint_signal="SIGUSR1", checkpoint_grace=20_000))
    job = lab.begin("trap 'echo saved; exit 0' USR1; touch ready; while :; do sleep 0.05; done")
    wait((lab.files / "ready").exists, bool)
    lab.engine.act([Stop("s", job, 0)])
    lab.until(job, lambda seen: seen.status == Status.WAITING)
    assert lab.out(job) == b"saved\n"
    leave(lab)


def test_a_job_that_was_stopped_and_then_cancelled_does_not_come_back(lab: Lab) -> None:
    """The user has the last word."""
    job = lab.begin("trap '' TERM; touch ready; while :; do sleep 0.05; done")
    wait((lab.files / "ready").exists, bool)
    lab.engine.act([Stop("s", job, 0)])
    lab.engine.cancel(job, "u")
    assert lab.end_of(job).outcome == Outcome.CANCELLED


def test_a_job_over_its_time_limit_is_ended(lab: Lab) -> None:
    """Politely first; what ignores that, not."""
    ended = lab.finish("trap '' TERM; sleep 60; sleep 60", what=asked(limit=200))
    assert ended.outcome == Outcome.TIMEOUT
    assert 200 <= ended.end - ended.start < 5000


def test_a_disk_that_is_nearly_full_takes_no_new_work(tmp_path: Path) -> None:
    """The nodes are not up, and say why."""
    lab = Lab(tmp_path, settings=replace(QUICK, spare_disk=1 << 62))
    (node,) = lab.engine.observe().nodes
    assert (node.up, node.lost) == (False, False)
    assert "MiB are left" in node.reason
    leave(lab)


def test_a_node_that_is_taken_down_stays_down_after_a_restart(tmp_path: Path) -> None:
    """What ran there is lost, what runs beside it is not, and nothing starts there until it is brought back."""
    lab = Lab(tmp_path, machine(nodes=2))
    job, beside = lab.begin("sleep 60"), lab.submit("sleep 60")
    assert lab.engine.act([Start("beside", beside, 0, (("n1", 1),))])[0].taken
    lab.engine.take_down("n0", "Xid 79")
    lab.again()
    assert lab.until(job, lambda seen: seen.status == Status.WAITING).run == 1
    assert lab.see(beside).run == 0
    assert [(node.up, node.lost, node.reason) for node in lab.engine.observe().nodes] == [
        (False, True, "Xid 79"),
        (True, False, ""),
    ]
    assert "Xid 79" in lab.engine.act([Start("k", job, 1, (("n0", 1),))])[0].said
    lab.engine.bring_back("n0")
    lab.start(job, run=1)
    with pytest.raises(EngineError, match="no such node"):
        lab.engine.take_down("n9", "?")
    leave(lab)


def test_who_waits_is_woken_by_an_end(lab: Lab) -> None:
    """`wait` returns when a run has ended, not when its time is over."""
    lab.begin("sleep 0.1")
    assert lab.engine.wait(30)
    lab.end_of("1")
    assert not lab.engine.wait(0)
