"""What users and operators do to a real Slurm, as the engine sees it and as it answers."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from tests.live.contract import seen, start, until, until_job

from headrace.errors import EngineError
from headrace.live.engine import Start, Status, Stop
from headrace.live.engines.slurm.channel import Channel
from headrace.live.engines.slurm.ended import read_ended
from headrace.live.engines.slurm.notes import read_mark
from headrace.units import MINUTE_MS, UNKNOWN
from headrace.world.record import Outcome, Service

if TYPE_CHECKING:
    from tests.live.slurm.cluster import Cluster
    from tests.live.slurm.conftest import SlurmFleet

    from headrace.live.engine import JobSeen

pytestmark = pytest.mark.slurm


def waits(fleet: SlurmFleet, *options: str, **how: float | str) -> JobSeen:
    """Submit with these options; the job as it waits."""
    job = fleet.cluster.sbatch(*options, **how)  # type: ignore[arg-type]
    return until_job(fleet, job, Status.WAITING)


def taken(fleet: SlurmFleet, *orders: Start | Stop) -> None:
    for answer in fleet.engine.act(orders):
        assert answer.taken, answer.said


def runs_on(fleet: SlurmFleet, job: str, run: int = 0) -> list[str]:
    return [name for name, _ in until_job(fleet, job, Status.RUNNING, run=run).on]


class TestWhatIsAsked:
    """Requests as sbatch takes them, read as demands."""

    def test_the_fleet_is_eight_nodes_of_four_kinds(self, fleet: SlurmFleet) -> None:
        nodes = fleet.engine.observe().nodes
        kinds = [node.kind for node in nodes]
        assert {kind: kinds.count(kind) for kind in kinds} == {"h20": 2, "h100": 2, "a800": 2, "ascend910b": 2}
        assert {(node.chips, node.cpu, node.memory, node.pool) for node in nodes} == {(6, 32_000, 256_000, "run")}

    def test_an_untyped_request_may_go_to_any_kind(self, fleet: SlurmFleet) -> None:
        asked = waits(fleet, "--gres=gpu:4", "-c8", "--mem=16G", "-t", "5", account="team-b").asked
        assert (asked.tenant, asked.user, asked.kinds, asked.pinned) == ("team-b", "nobody", (), ())
        assert (asked.nodes, asked.chips, asked.share, asked.cpu, asked.memory) == (1, 4, 1000, 8_000, 16_384)
        assert asked.limit == 5 * MINUTE_MS

    def test_a_typed_request_is_pinned_to_its_kind(self, fleet: SlurmFleet) -> None:
        for options in (
            ["--gres=gpu:h100:2"],
            ["--gpus=h100:2"],
            ["--gpus-per-node=h100:2"],
            ["--gpus-per-task=h100:2", "-n1"],
        ):
            asked = waits(fleet, *options).asked
            assert (asked.kinds, asked.chips) == (("h100",), 2), options

    def test_a_typed_request_keeps_its_kind_while_it_runs_and_an_untyped_one_its_freedom(
        self, fleet: SlurmFleet
    ) -> None:
        """What a running job was given says nothing of what it would have accepted."""
        for options, kinds in ((["--gres=gpu:h100:1"], ("h100",)), (["--gres=gpu:1"], ())):
            job = waits(fleet, *options, seconds=3).asked.job
            taken(fleet, start(fleet, job, "h100-1", key=job))
            assert until_job(fleet, job, Status.RUNNING).asked.kinds == kinds

    def test_a_comment_names_kinds_service_and_workload(self, fleet: SlurmFleet) -> None:
        said = "headrace:kinds=H20,A800;headrace:service=spare;headrace:checkpoint=600;headrace:workload=Qwen3-32B"
        asked = waits(fleet, "--gres=gpu:1", f"--comment={said}").asked
        assert (set(asked.kinds), asked.service) == ({"h20", "a800"}, Service.SPARE)
        assert (asked.checkpoint, asked.workload) == (600_000, "Qwen3-32B")

    def test_a_kind_that_no_node_has_is_said_and_not_started(self, fleet: SlurmFleet) -> None:
        job = waits(fleet, "--gres=gpu:1", "--comment=headrace:kinds=H2O")
        assert not job.startable
        assert "H2O" in fleet.engine.reasons[job.asked.job]

    @pytest.mark.parametrize(
        ("options", "kinds", "pinned"),
        [
            (["-C", "h20|a800"], {"h20", "a800"}, set()),
            (["-C", "nvidia"], {"h20", "h100", "a800"}, set()),
            (["-C", "nvidia&h100"], {"h100"}, set()),
            (["-x", "h20-[1-2]"], {"h100", "a800", "ascend910b"}, set()),
            (["-w", "h20-2"], set(), {"h20-2"}),
            (["-C", "h20", "-x", "h20-1"], {"h20"}, {"h20-2"}),
        ],
    )
    def test_constraints_and_node_lists_say_where(
        self, fleet: SlurmFleet, options: list[str], kinds: set[str], pinned: set[str]
    ) -> None:
        job = waits(fleet, "--gres=gpu:1", *options)
        assert (set(job.asked.kinds), set(job.asked.pinned)) == (kinds, pinned)
        assert job.startable

    def test_shards_are_a_share_of_a_chip_of_the_kinds_that_have_them(self, fleet: SlurmFleet) -> None:
        job = waits(fleet, "--gres=shard:1", seconds=3)
        assert (job.asked.chips, job.asked.share, job.asked.kinds) == (1, 250, ("a800",))
        taken(fleet, start(fleet, job.asked.job, "a800-2"))
        assert runs_on(fleet, job.asked.job) == ["a800-2"]

    def test_a_whole_node_is_all_of_its_chips(self, fleet: SlurmFleet) -> None:
        assert waits(fleet, "--exclusive", "-N1").asked.chips == 6

    def test_chips_in_total_are_parted_over_the_nodes_that_they_need(self, fleet: SlurmFleet) -> None:
        asked = waits(fleet, "--gpus=8").asked
        assert (asked.nodes, asked.chips) == (2, 4)

    def test_each_task_of_an_array_is_a_job(self, fleet: SlurmFleet) -> None:
        """One starts where it is told; the others wait; all end."""
        array = fleet.cluster.sbatch("--array=0-2", "--gres=gpu:1", seconds=1)
        tasks = [f"{array}_{i}" for i in range(3)]
        until(fleet, lambda observation: all(seen(observation, task) for task in tasks))
        taken(fleet, start(fleet, tasks[1], "h20-2"))
        assert runs_on(fleet, tasks[1]) == ["h20-2"]
        others = [seen(fleet.engine.observe(), task) for task in (tasks[0], tasks[2])]
        assert [other.status for other in others if other] == [Status.WAITING] * 2
        taken(fleet, start(fleet, tasks[0], "asc-1", key="a"), start(fleet, tasks[2], "h100-1", key="b"))
        for task in tasks:
            assert until_job(fleet, task, Status.ENDED).outcome == Outcome.COMPLETED


class TestWhatIsNotStartable:
    """What Slurm holds for reasons of its own is seen with the reason, and becomes startable when that is gone."""

    @pytest.mark.parametrize(
        ("options", "reason"),
        [
            (["-H"], "its user holds it"),
            (["--begin=now+1hour"], "its begin time has not come"),
            (["-C", "[h20|a800]"], "its constraint counts nodes"),
            (["-N2", "-w", "h20-1"], "it names some of its nodes"),
            (["-L", "solver:2"], ""),
        ],
    )
    def test_it_has_a_plain_reason(self, fleet: SlurmFleet, options: list[str], reason: str) -> None:
        job = waits(fleet, "--gres=gpu:1", *options)
        until(fleet, lambda _: fleet.engine.reasons.get(job.asked.job, "").startswith(reason))
        found = seen(fleet.engine.observe(), job.asked.job)
        assert found is not None
        assert found.startable == (not reason)

    def test_a_dependency_holds_until_it_is_met(self, fleet: SlurmFleet) -> None:
        first = waits(fleet, "--gres=gpu:1", seconds=0).asked.job
        second = fleet.cluster.sbatch("--gres=gpu:1", f"--dependency=afterok:{first}")
        until(fleet, lambda _: fleet.engine.reasons.get(second) == "it waits for other jobs")
        refused = fleet.engine.act([start(fleet, second, "h20-1", key="early")])
        assert [(answer.taken, answer.said) for answer in refused] == [(False, "it waits for other jobs")]
        taken(fleet, start(fleet, first, "h20-1"))

        def ready(observation: object) -> bool:
            found = seen(observation, second)  # type: ignore[arg-type]
            return found is not None and found.startable

        until(fleet, ready)
        taken(fleet, start(fleet, second, "h20-1", key="k2"))
        until_job(fleet, second, Status.ENDED)

    def test_heterogeneous_jobs_are_left_to_slurm(self, fleet: SlurmFleet) -> None:
        job = fleet.cluster.sbatch("-n1", "--gres=gpu:1", ":", "-n1", "--gres=gpu:1")
        until(fleet, lambda observation: seen(observation, f"{job}+1") is not None)
        assert "heterogeneous" in fleet.engine.reasons[f"{job}+0"]

    def test_reservations_are_left_to_slurm_and_their_nodes_are_not_up(
        self, cluster: Cluster, fleet: SlurmFleet
    ) -> None:
        made = "ReservationName=maint Users=root Nodes=asc-2 StartTime=now Duration=60 Flags=maint"
        cluster.run("scontrol", "create", *made.split())
        try:
            until(fleet, lambda seen_now: [node.name for node in seen_now.nodes if not node.up] == ["asc-2"])
            job = cluster.sbatch("--gres=gpu:1", "--reservation=maint", user="root")
            until(fleet, lambda _: "reservation" in fleet.engine.reasons.get(job, ""))
        finally:
            cluster.run("scancel", "--user=root")
            cluster.run("scontrol", "delete", "ReservationName=maint")

    def test_licences_that_are_taken_hold_a_job(self, fleet: SlurmFleet) -> None:
        first = waits(fleet, "--gres=gpu:1", "-L", "solver:2", seconds=60).asked.job
        taken(fleet, start(fleet, first, "h20-1"))
        until_job(fleet, first, Status.RUNNING)
        second = waits(fleet, "--gres=gpu:1", "-L", "solver:1").asked.job
        assert fleet.engine.reasons[second] == "it asks for 1 licences solver, of which 0 are free"

    def test_a_limit_of_an_array_is_kept_and_the_rest_waits_at_the_front(self, fleet: SlurmFleet) -> None:
        """Ordered to start beyond its limit, a task does not hold chips: it comes home, with the reason."""
        array = fleet.cluster.sbatch("--array=0-1%1", "--gres=gpu:1", seconds=60)
        tasks = [f"{array}_0", f"{array}_1"]
        until(fleet, lambda observation: all(seen(observation, task) for task in tasks))
        taken(fleet, *(start(fleet, task, "h20-1", key=f"k{task}") for task in tasks))
        until(fleet, lambda _: "array" in fleet.engine.reasons.get(tasks[1], fleet.engine.reasons.get(tasks[0], "")))
        fleet.engine.act([])
        until(fleet, lambda _: fleet.cluster.run("squeue", "-h", "-a", "-t", "PD", "-o", "%P") == "front")


class TestWhatOthersDo:
    """Slurm is right: whatever happens behind Headrace's back is seen as it is."""

    def test_a_job_that_an_operator_started_is_adopted(self, cluster: Cluster, fleet: SlurmFleet) -> None:
        job = waits(fleet, "--gres=gpu:1", seconds=20).asked.job
        cluster.run("scontrol", "update", f"JobId={job}", "Partition=run")
        running = until_job(fleet, job, Status.RUNNING)
        assert not running.ours
        assert len(running.on) == 1

    def test_users_cannot_go_round_the_front(self, cluster: Cluster, fleet: SlurmFleet) -> None:
        """With job_submit.lua, neither by submitting to the run partition nor by moving a job there."""
        with pytest.raises(AssertionError, match="Access/permission denied"):
            cluster.sbatch("-p", "run", "--gres=gpu:1")
        job = waits(fleet, "--gres=gpu:1").asked.job
        with pytest.raises(AssertionError, match="Access/permission denied"):
            cluster.run("scontrol", "update", f"JobId={job}", "Partition=run", user="nobody")
        assert until_job(fleet, job, Status.WAITING).startable

    def test_a_user_cannot_pass_for_us(self, cluster: Cluster, fleet: SlurmFleet) -> None:
        """A mark copied from another job says nothing; no mark in the front partition does."""
        mark = "headrace:start=k1/7/0/f"
        job = waits(fleet, "--gres=gpu:1", f"--comment={mark}", seconds=20).asked.job
        cluster.run("scontrol", "update", f"JobId={job}", "Partition=run")
        assert not until_job(fleet, job, Status.RUNNING).ours

    def test_a_users_comment_is_kept_beside_the_mark(self, cluster: Cluster, fleet: SlurmFleet) -> None:
        job = waits(fleet, "--gres=gpu:1", "--comment=headrace:kinds=H20", seconds=20).asked.job
        taken(fleet, start(fleet, job, "h20-1"))
        comment = cluster.run("squeue", "-h", "-a", "-j", job, "-o", "%k")
        mark = read_mark(comment)
        assert comment.endswith(";headrace:kinds=H20")
        assert mark is not None
        assert (mark.key, mark.job, mark.run) == ("k1", job, 0)
        assert until_job(fleet, job, Status.RUNNING).asked.kinds == ("h20",)

    def test_a_comment_that_cannot_be_carried_over_is_left_alone(self, cluster: Cluster, fleet: SlurmFleet) -> None:
        """The job starts all the same, is ours as long as we remember, and one key is one start."""
        comment = 'two words; "quoted" Partition=debug'
        job = waits(fleet, "--gres=gpu:1", f"--comment={comment}", seconds=20).asked.job
        taken(fleet, start(fleet, job, "h20-1"))
        assert until_job(fleet, job, Status.RUNNING).ours
        taken(fleet, start(fleet, job, "h20-1"))
        assert cluster.run("squeue", "-h", "-a", "-j", job, "-o", "%k") == comment

    def test_a_job_that_was_requeued_by_slurm_waits_as_the_next_run(self, cluster: Cluster, fleet: SlurmFleet) -> None:
        """And need not wait out the two minutes that Slurm would have it wait."""
        job = waits(fleet, "--gres=gpu:1", seconds=3).asked.job
        taken(fleet, start(fleet, job, "h20-1"))
        until_job(fleet, job, Status.RUNNING)
        cluster.run("scontrol", "requeue", job)
        assert until_job(fleet, job, Status.WAITING, run=1).startable
        taken(fleet, start(fleet, job, "h20-2", key="k2", run=1))
        assert runs_on(fleet, job, run=1) == ["h20-2"]

    def test_a_job_is_moved_in_one_act(self, fleet: SlurmFleet) -> None:
        """Stop and start together: the next run is on the new node, though Slurm delays what it requeues."""
        job = waits(fleet, "--gres=gpu:1", seconds=5).asked.job
        taken(fleet, start(fleet, job, "h20-1"))
        until_job(fleet, job, Status.RUNNING)
        taken(fleet, Stop("k2", job, 0), start(fleet, job, "asc-1", key="k3", run=1))

        def there(observation: object) -> bool:
            fleet.engine.act([])
            found = seen(observation, job)  # type: ignore[arg-type]
            return found is not None and found.status == Status.RUNNING and found.run == 1

        found = seen(until(fleet, there), job)
        assert found is not None
        assert found.on == (("asc-1", UNKNOWN),)

    def test_a_job_that_may_not_be_requeued_is_not_stopped(self, fleet: SlurmFleet) -> None:
        job = waits(fleet, "--gres=gpu:1", "--no-requeue", seconds=20).asked.job
        taken(fleet, start(fleet, job, "h20-1"))
        until_job(fleet, job, Status.RUNNING)
        (answer,) = fleet.engine.act([Stop("k2", job, 0)])
        assert not answer.taken
        assert "disabled" in answer.said
        assert until_job(fleet, job, Status.RUNNING).on == (("h20-1", UNKNOWN),)

    def test_a_start_that_comes_too_late_takes_no_node_from_a_running_gang(self, fleet: SlurmFleet) -> None:
        """Given to a running gang, node lists shrink it: so they must never reach one."""
        job = waits(fleet, "--gres=gpu:1", "-N2", seconds=20).asked.job
        late = fleet.again()
        late.observe()
        taken(fleet, start(fleet, job, "h20-1", "h20-2"))
        until_job(fleet, job, Status.RUNNING)
        (answer,) = late.act([start(fleet, job, "h20-1", key="late")])
        assert not answer.taken
        assert "no longer pending" in answer.said
        assert sorted(runs_on(fleet, job)) == ["h20-1", "h20-2"]
        late.close()

    def test_a_pin_of_its_user_outlives_a_stop(self, fleet: SlurmFleet) -> None:
        job = waits(fleet, "--gres=gpu:1", "-w", "h20-2", seconds=20).asked.job
        taken(fleet, start(fleet, job, "h20-2"))
        until_job(fleet, job, Status.RUNNING)
        taken(fleet, Stop("k2", job, 0))
        assert until_job(fleet, job, Status.WAITING, run=1).asked.pinned == ("h20-2",)

    def test_a_drained_node_takes_no_work_and_loses_none(self, cluster: Cluster, fleet: SlurmFleet) -> None:
        job = waits(fleet, "--gres=gpu:1", seconds=3).asked.job
        taken(fleet, start(fleet, job, "h20-1"))
        until_job(fleet, job, Status.RUNNING)
        cluster.run("scontrol", "update", "NodeName=h20-1", "State=DRAIN", "Reason=ecc | h20-9 idle\n\x1b[31m")
        node = next(node for node in fleet.engine.observe().nodes if node.name == "h20-1")
        assert (node.up, node.lost) == (False, False)
        assert "ecc | h20-9 idle" in node.reason
        assert node.reason.isprintable()
        assert len(fleet.engine.observe().nodes) == 8
        assert until_job(fleet, job, Status.ENDED).outcome == Outcome.COMPLETED

    def test_a_start_on_a_node_that_was_drained_meanwhile_comes_home(self, cluster: Cluster, fleet: SlurmFleet) -> None:
        job = waits(fleet, "--gres=gpu:1").asked.job
        cluster.run("scontrol", "update", "NodeName=h20-1", "State=DRAIN", "Reason=ecc")
        taken(fleet, start(fleet, job, "h20-1"))
        until_job(fleet, job, Status.WAITING)
        taken(fleet, start(fleet, job, "h20-2", key="k2"))
        assert until_job(fleet, job, Status.ENDED).on == (("h20-2", UNKNOWN),)


class TestWhatBreaks:
    """A daemon that is gone is one sentence, and all is well when it is back."""

    def test_slurmctld_dies_and_returns(self, cluster: Cluster, fleet: SlurmFleet) -> None:
        """Meanwhile nothing can be asked or told; afterwards the running job still runs, and orders work."""
        first, second = (waits(fleet, "--gres=gpu:1", seconds=30).asked.job for _ in range(2))
        taken(fleet, start(fleet, first, "h20-1"))
        running = until_job(fleet, first, Status.RUNNING)
        cluster.saved()
        cluster.kill("slurmctld")
        for call in (fleet.engine.observe, lambda: fleet.engine.act([start(fleet, second, "h20-2")])):
            with pytest.raises(EngineError) as caught:
                call()
            assert str(caught.value).isprintable()
        cluster.start_controller()
        again = until_job(fleet, first, Status.RUNNING, Status.ENDED)
        assert (again.run, again.start, again.ours) == (0, running.start, True)
        until(fleet, lambda observation: all(node.up for node in observation.nodes))
        taken(fleet, start(fleet, second, "h20-2"))
        assert until_job(fleet, second, Status.ENDED).outcome == Outcome.COMPLETED

    def test_a_scontrol_that_dies_is_started_again(self, cluster: Cluster, fleet: SlurmFleet) -> None:
        channel = Channel(fleet.engine.tools)
        job = waits(fleet, "--gres=gpu:1").asked.job
        order = f"update JobId={job} Partition=front"
        assert channel.tell([order, "update JobId=999999 Partition=front"])[0] == ""
        process = channel._process
        assert process is not None
        process.kill()
        said = channel.tell([order, "update JobId=999999 Partition=front", order])
        assert [bool(text) for text in said] == [False, True, False]
        assert channel._process is not process
        channel.close()

    def test_what_squeue_has_forgotten_the_accounting_knows(self, cluster: Cluster, fleet: SlurmFleet) -> None:
        """How it ended and when; a job that runs is not among the ended."""
        first, second = (waits(fleet, "--gres=gpu:1", seconds=wait).asked.job for wait in (1, 60))
        taken(fleet, start(fleet, first, "h20-1"), start(fleet, second, "h20-1", key="k2"))
        ended = until_job(fleet, first, Status.ENDED)
        tries = 0
        while not (known := read_ended(fleet.engine.tools, [first, second])) and tries < 100:
            time.sleep(0.1)
            tries += 1
        assert {job: (how.outcome, how.start, how.end) for job, how in known.items()} == {
            first: (Outcome.COMPLETED, ended.start, ended.end)
        }

    def test_names_that_play_tricks_are_names(self, cluster: Cluster, fleet: SlurmFleet) -> None:
        """Line ends, separators, key=value and terminal codes: every job is there once, and each starts and ends."""
        names = [
            "a\nb",
            "x|1|RUNNING",
            "q\"uo'te",
            "\x1b[31mred",
            "JobId=1 Partition=run",
            "; rm -rf /",
            "作业 " * 60,
            "\t",
            "a" * 500,
        ]
        jobs = [cluster.sbatch("--gres=gpu:1", f"--job-name={name}", f"--comment={name}", seconds=0) for name in names]
        observation = until(fleet, lambda now: all(seen(now, job) for job in jobs))
        assert {job.asked.job for job in observation.jobs if job.status == Status.WAITING} == set(jobs)
        assert all(job.asked.name.isprintable() for job in observation.jobs)
        assert fleet.engine.left_alone == 0
        taken(fleet, *(start(fleet, job, "h20-1", key=job) for job in jobs))
        for job in jobs:
            assert until_job(fleet, job, Status.ENDED).outcome == Outcome.COMPLETED
