"""What the engine makes of rows that no test machine prints of itself: odd states, forgotten jobs, dead commands."""

from __future__ import annotations

import logging
import os
import time
from typing import TYPE_CHECKING

import pytest
from tests.live.slurm.printed import Scripted

from headrace.errors import EngineError
from headrace.live.engine import Status
from headrace.live.engines.slurm import Settings, SlurmEngine
from headrace.live.engines.slurm.channel import Channel
from headrace.live.engines.slurm.tools import Tools
from headrace.units import NEVER
from headrace.world.record import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

RUNS = {"Partition": "run", "State": "RUNNING", "NodeList": "h20-1", "StartTime": "1795337590"}


def engine_with(
    *jobs: Mapping[str, str], nodes: tuple[Mapping[str, str], ...] = ({},), **settings: object
) -> SlurmEngine:
    engine = SlurmEngine(Settings.model_validate(settings))
    engine.tools = Scripted(nodes, jobs)  # type: ignore[assignment]
    return engine


@pytest.mark.parametrize(
    ("state", "up", "lost"),
    [
        ("idle", True, False),
        ("mixed+planned", True, False),
        ("allocated+completing", True, False),
        ("idle+powered_down", True, False),
        ("mixed+drain", False, False),
        ("idle+drain", False, False),
        ("down+not_responding", False, True),
        ("down*", False, True),
        ("idle+not_responding", False, False),
        ("idle+reboot_issued", False, False),
        ("allocated+maintenance+reserved", False, False),
        ("future", False, True),
        ("idle+a_state_of_later_years", True, False),
    ],
)
def test_a_node_is_up_or_lost_by_its_states(state: str, up: bool, lost: bool) -> None:
    """What closes it closes it, whatever else it says; an unknown state does not."""
    (node,) = engine_with(nodes=({"StateComplete": state, "Reason": "ecc"},)).observe().nodes
    assert (node.up, node.lost) == (up, lost)
    assert bool(node.reason) == (not up)


def test_types_may_be_shown_as_kinds_of_another_name() -> None:
    """In nodes, and in what typed requests allow."""
    job = {"tres-per-node": "gres:gpu:nvidia_h20:2", "tres-alloc": "cpu=1,node=1,gres/gpu=2,gres/gpu:nvidia_h20=2"}
    seen = engine_with(
        job,
        nodes=({"Gres": "gpu:nvidia_h20:8(S:0-1)"}, {"NodeList": "x", "Gres": "gpu:a:4"}),
        kinds={"nvidia_h20": "H20"},
    ).observe()
    assert [(node.kind, node.chips) for node in seen.nodes] == [("H20", 8), ("a", 4)]
    assert [job.asked.kinds for job in seen.jobs] == [("H20",)]


def test_a_job_whose_row_is_not_understood_is_left_alone_and_said_once(caplog: pytest.LogCaptureFixture) -> None:
    """It is counted, the others are seen."""
    engine = engine_with({"JobArrayID": "8", "State": "LEVITATING"}, {"JobArrayID": "9"})
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            assert [job.asked.job for job in engine.observe().jobs] == ["9"]
    assert engine.left_alone == 1
    assert [record.getMessage() for record in caplog.records] == ["job 8 is left alone: its state is 'LEVITATING'"]


@pytest.mark.parametrize(
    ("state", "outcome"),
    [
        ("COMPLETED", Outcome.COMPLETED),
        ("FAILED", Outcome.FAILED),
        ("OUT_OF_MEMORY", Outcome.FAILED),
        ("CANCELLED", Outcome.CANCELLED),
        ("TIMEOUT", Outcome.TIMEOUT),
        ("DEADLINE", Outcome.TIMEOUT),
        ("NODE_FAIL", Outcome.NODE_FAIL),
        ("PREEMPTED", Outcome.PREEMPTED),
    ],
)
def test_every_end_has_an_outcome(state: str, outcome: Outcome) -> None:
    """As Slurm names it."""
    (job,) = engine_with(RUNS | {"State": state, "EndTime": "1795337595"}).observe().jobs
    assert (job.status, job.outcome, job.end) == (Status.ENDED, outcome, 1_795_337_595_000)


def test_a_completing_job_still_holds_its_chips_as_the_run_that_it_was() -> None:
    """Slurm counts the requeue before the last process is gone."""
    comment = "headrace:start=k1/7/0/f"
    (job,) = engine_with(RUNS | {"State": "COMPLETING", "RestartCnt": "1", "Comment": comment}).observe().jobs
    assert (job.status, job.run, job.ours, job.on) == (Status.RUNNING, 0, True, (("h20-1", -1),))


def test_a_run_that_completes_is_not_the_next_one_which_was_sent_elsewhere_already() -> None:
    """Stopped and started in one act: what is still on the old node is the old run."""
    row = RUNS | {"State": "COMPLETING", "RestartCnt": "1", "Comment": "headrace:start=k3/7/1/f"}
    (old,) = engine_with(row | {"ReqNodes": "asc-1"}).observe().jobs
    assert (old.status, old.run, old.ours, old.on) == (Status.RUNNING, 0, True, (("h20-1", -1),))
    (new,) = engine_with(row | {"ReqNodes": "h20-[1-2]"}).observe().jobs
    assert (new.status, new.run, new.ours) == (Status.RUNNING, 1, True)


def test_a_job_that_ended_is_told_once_it_was_seen_and_not_for_ever() -> None:
    """What ended long before the last look is no news."""
    engine = engine_with(RUNS)
    engine.observe()
    script: Scripted = engine.tools  # type: ignore[assignment]
    script.job_rows = [RUNS | {"State": "COMPLETED", "EndTime": "1795337595"}]
    assert [job.status for job in engine.observe().jobs] == [Status.ENDED]
    script.at += 60
    engine.observe()
    assert engine.observe().jobs == ()


def test_a_job_that_squeue_forgot_ends_as_the_accounting_says() -> None:
    """Asked for by the engine that saw it, or by a new one that was told of it; until then it is not forgotten."""
    first = engine_with(RUNS)
    (seen,) = first.observe().jobs
    for engine in (first, SlurmEngine(last_seen=[seen])):
        script = Scripted([{}], ())
        engine.tools = script  # type: ignore[assignment]
        script.ended = b"7|RUNNING|1795337590|Unknown\n"
        assert engine.observe().jobs == ()
        script.ended = b"7|CANCELLED by 0|1795337590|1795337700\n"
        (ended,) = engine.observe().jobs
        assert (ended.asked, ended.outcome) == (seen.asked, Outcome.CANCELLED)
        assert (ended.start, ended.end) == (1_795_337_590_000, 1_795_337_700_000)
        assert engine.observe().jobs == ()


def test_without_accounting_a_forgotten_job_is_gone_with_a_word(caplog: pytest.LogCaptureFixture) -> None:
    """Nothing is made up."""
    engine = engine_with(RUNS, accounting=False)
    engine.observe()
    engine.tools.job_rows = []  # type: ignore[attr-defined]
    with caplog.at_level(logging.WARNING):
        assert engine.observe().jobs == ()
    assert "nothing says how it ended" in caplog.text


def test_an_unmet_limit_of_slurm_lets_a_job_rest() -> None:
    """Sent, refused for a limit, sent home: it is not tried again at once, but later."""
    sent = {"Partition": "run", "Reason": "AssocGrpGRES", "Comment": "headrace:start=k1/7/0/f"}
    engine = engine_with(sent)
    assert [job.startable for job in engine.observe().jobs] == [False]
    script: Scripted = engine.tools  # type: ignore[assignment]
    script.job_rows = [{"Comment": "headrace:start=k1/7/0/f"}]
    assert [job.startable for job in engine.observe().jobs] == [False]
    assert engine.reasons == {"7": "Slurm says AssocGrpGRES"}
    script.at += 61
    assert [job.startable for job in engine.observe().jobs] == [True]


def test_a_row_that_has_not_changed_is_not_read_again() -> None:
    """Until it changes, or the nodes are others than they were; that a node is closed changes no request."""
    engine = engine_with({"JobArrayID": "8"}, {"JobArrayID": "9"})
    script: Scripted = engine.tools  # type: ignore[assignment]

    def asked() -> list[int]:
        return [id(job.asked) for job in engine.observe().jobs]

    first = asked()
    script.node_rows = [{"StateComplete": "idle+drain", "Reason": "ecc"}]
    assert asked() == first
    script.job_rows[1] = {"JobArrayID": "9", "Comment": "headrace:kinds=A800"}
    assert [now == before for now, before in zip(asked(), first, strict=True)] == [True, False]
    script.node_rows = [{"Gres": "gpu:h20:8"}]
    assert [now == before for now, before in zip(asked(), first, strict=True)] == [False, False]


def test_what_jobs_exclude_is_asked_for_new_ones_and_again_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    """A job is never started on a node that it excluded when it came; what it excludes later is heard later."""
    nodes = ({}, {"NodeList": "h20-2"})
    engine = engine_with({"JobArrayID": "8", "excluded": "h20-1"}, nodes=nodes)
    script: Scripted = engine.tools  # type: ignore[assignment]

    def where() -> list[tuple[str, ...]]:
        return [job.asked.pinned for job in engine.observe().jobs]

    assert where() == [("h20-2",)]
    script.job_rows = [{"JobArrayID": "8", "excluded": "h20-2"}]
    assert where() == [("h20-2",)]
    script.job_rows += [{"JobArrayID": "9", "excluded": "h20-1"}]
    assert where() == [("h20-1",), ("h20-2",)]
    script.job_rows[1] = {"JobArrayID": "9", "excluded": ""}
    monkeypatch.setattr("headrace.live.engines.slurm.queue.AGAIN_S", 0.0)
    assert where() == [("h20-1",), ()]


def command(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("sleep 30", "did not answer within 0.2 s"),
        ("echo 'connect \x1b[31mfailure' >&2; exit 1", "failed: connect ?[31mfailure"),
        ("exit 3", "nothing was said"),
        ("echo hello", "does not say when it was printed"),
    ],
)
def test_a_command_that_fails_is_one_sentence(tmp_path: Path, script: str, said: str) -> None:
    """Which command, what it said, and what to look at."""
    command(tmp_path, "sdiag", script)
    with pytest.raises(EngineError) as caught:
        SlurmEngine(Settings(commands=str(tmp_path), wait_s=0.2 if "sleep" in script else 20)).observe()
    assert said in str(caught.value)
    assert str(caught.value).isprintable()


def test_a_command_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    """For the reading and for the orders."""
    engine = SlurmEngine(Settings(commands=str(tmp_path)))
    with pytest.raises(EngineError, match="cannot be run"):
        engine.observe()
    with pytest.raises(EngineError, match="cannot be run"):
        Channel(engine.tools).tell(["requeue 7"])


ECHO = (
    'while read -r line; do case $line in x*) echo "invalid keyword: $line" >&2;; '
    'bad*) echo "no: $line" >&2;; %s esac; done'
)


def test_answers_are_matched_to_orders_whatever_is_said_between(tmp_path: Path) -> None:
    """A thousand orders, some of which fail, in one process."""
    command(tmp_path, "scontrol", f"echo $$ >> {tmp_path}/started\n" + ECHO % "")
    channel = Channel(Tools(str(tmp_path)))
    orders = [f"{'bad' if i % 7 == 0 else 'good'} {i}" for i in range(1000)]
    assert channel.tell(orders) == [f"no: {order}" if order.startswith("bad") else "" for order in orders]
    assert len((tmp_path / "started").read_text().splitlines()) == 1
    channel.close()


def test_a_silent_scontrol_is_ended_and_said(tmp_path: Path) -> None:
    """An order without an answer is an error, and its process does not stay."""
    command(tmp_path, "scontrol", f"echo $$ > {tmp_path}/pid; exec sleep 300")
    channel = Channel(Tools(str(tmp_path), wait=0.3))
    with pytest.raises(EngineError, match="did not answer an order"):
        channel.tell(["requeue 7"])
    time.sleep(0.05)
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_a_scontrol_that_dies_of_an_order_is_started_again_for_the_rest(tmp_path: Path) -> None:
    """Once; where it dies again the orders cannot be told."""
    command(
        tmp_path,
        "scontrol",
        ECHO % f"die*) [ -e {tmp_path}/died ] || {{ touch {tmp_path}/died; exit 1; }};; kill*) exit 1;;",
    )
    channel = Channel(Tools(str(tmp_path)))
    assert channel.tell(["good 1", "bad 2", "die 3", "bad 4"]) == ["", "no: bad 2", "", "no: bad 4"]
    with pytest.raises(EngineError, match="scontrol ends"):
        channel.tell(["good", "kill"])
    channel.close()


def test_users_submit_to_slurm_itself() -> None:
    """Headrace runs nobody's code as somebody else."""
    engine = engine_with(RUNS)
    (job,) = engine.observe().jobs
    with pytest.raises(EngineError, match="sbatch"):
        engine.submit(job.asked, ["true"], "/tmp", {})
    assert not engine.cancel("7; rm", "nobody").taken
    assert job.start < NEVER
