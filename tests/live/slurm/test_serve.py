"""A real `headrace serve` in front of a real Slurm: users keep sbatch, and what Headrace promises them holds."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from tests.live.slurm.history import most_at_once, most_on_nodes, own_history, replayed, starts
from tests.live.slurm.served import FLEET
from tests.serve.servers import eventually

from headrace.policy.policy import parse

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.live.slurm.cluster import Cluster
    from tests.live.slurm.served import Mill

    Put = Callable[..., Mill]

pytestmark = pytest.mark.slurm

QUOTA = FLEET + '[[tenant]]\nname = "team-a"\nquota = { H20 = 4, H100 = 0, A800 = 12, 910B = 12 }\n'
WEIGHTS = FLEET + '[[tenant]]\nname = "team-a"\n[[tenant]]\nname = "team-b"\nweight = 2.0\n'


def kind_of(node: str) -> str:
    return node.rpartition("-")[0]


class TestTheRun:
    """What becomes of jobs."""

    def test_jobs_of_several_users_and_accounts_run_once_each_where_they_may(self, cluster: Cluster, put: Put) -> None:
        """Free ones, typed ones, those with kinds in the comment, a constraint, a gang, shards, an array, a chain."""
        mill = put()
        mill.serve()
        wanted: dict[str, set[str]] = {}
        for user, account in (("nobody", "team-a"), ("games", "team-b"), ("root", "team-a")):
            whose = {"user": user, "account": account}
            for options, kinds in (
                (["--gres=gpu:4"], {"h20", "h100", "a800", "asc"}),
                (["--gres=gpu:2", "--comment=headrace:kinds=H20,A800"], {"h20", "a800"}),
                (["--gres=gpu:h100:2"], {"h100"}),
                (["--gres=gpu:1", "-C", "ascend"], {"asc"}),
                (["--gres=gpu:6", "-N2", "-C", "a800"], {"a800"}),
                (["--gres=shard:2"], {"a800"}),
            ):
                wanted[cluster.sbatch(*options, **whose)] = kinds
            array = cluster.sbatch("--array=0-2%2", "--gres=gpu:1", "-C", "h20", **whose)
            wanted |= {f"{array}_{task}": {"h20"} for task in range(3)}
            first = next(iter(wanted))
            wanted[cluster.sbatch("--gres=gpu:1", "-C", "h20", f"--dependency=afterany:{first}", **whose)] = {"h20"}
        mill.until_done(set(wanted))
        eventually(lambda: mill.ended() >= wanted.keys())
        ran = [(job, kind_of(node)) for job, node in mill.done() if job in wanted]
        assert Counter(job for job, _ in ran) == Counter(wanted.keys())
        assert [job for job, kind in ran if kind not in wanted[job]] == []
        jobs = mill.jobs()
        assert {(jobs[job]["outcome"], jobs[job]["run"], jobs[job]["ours"]) for job in wanted} == {
            ("completed", 0, True)
        }

    def test_a_hard_quota_holds_at_every_moment(self, cluster: Cluster, put: Put) -> None:
        """Its tenant never holds more of a kind than it may, while others have all of it; `why` names the quota."""
        mill = put(fleet=QUOTA)
        mill.serve()
        jobs = {
            cluster.sbatch(
                "--gres=gpu:2", "--comment=headrace:kinds=H20,H100", account=account, user=user, gate="quota"
            )
            for account, user, many in (("team-a", "nobody", 8), ("team-b", "games", 9))
            for _ in range(many)
        }
        ours, theirs = 2, 9  # which leaves two chips free, for whoever may have them
        eventually(lambda: sum(mill.job(job).get("status") == "running" for job in jobs) == ours + theirs)
        eventually(lambda: "quota" in {mill.ask(f"/api/v1/jobs/{job}/why").get("reason") for job in jobs})
        cluster.open("quota")
        mill.until_done(jobs)
        eventually(lambda: mill.ended() >= jobs)
        log = own_history(mill, jobs)
        assert most_at_once(log, "team-a", "H20") == 4
        assert most_at_once(log, "team-a", "H100") == 0
        assert most_at_once(log, "team-b", "H20") > 4

    def test_fair_order_is_that_of_a_replay_of_what_happened(self, cluster: Cluster, put: Put) -> None:
        """One gang at a time fits; two tenants of unlike weight queue up; its own history starts them in that order."""
        mill = put(fleet=WEIGHTS)
        options = ("--gres=gpu:6", "-N2", "--comment=headrace:kinds=H20")
        first = cluster.sbatch(*options, gate="fair")
        mill.serve()
        eventually(lambda: mill.job(first).get("status") == "running")
        jobs = [
            cluster.sbatch(*options, account=account, user=user, seconds=seconds)
            for account, user, seconds in (
                *(("team-a", "nobody", 3),) * 3,
                *(("team-b", "games", 2),) * 3,
            )
        ]
        eventually(lambda: all(mill.job(job).get("status") == "waiting" for job in jobs))
        cluster.open("fair")
        mill.until_done({first, *jobs})
        eventually(lambda: mill.ended() >= {first, *jobs})
        log = own_history(mill, {first, *jobs})
        happened = starts(log)
        order = sorted(happened, key=lambda job: happened[job])
        assert order == replayed(log, mill.fleet, parse("fair+easy/fgd"))
        assert order != sorted(order, key=int), "first come, first served would have done as well"

    def test_the_ledger_sums_and_no_node_ever_has_more_than_it_has(self, cluster: Cluster, put: Put) -> None:
        """Of what the API answers, and of the store's own log."""
        mill = put()
        mill.serve()
        jobs = {cluster.sbatch(f"--gres=gpu:{1 + i % 6}", seconds=i % 3) for i in range(20)}
        mill.until_done(jobs)
        eventually(lambda: mill.ended() >= jobs)
        log = own_history(mill, jobs)
        assert mill.explained(log).overcommit is None
        assert max(most_on_nodes(log).values()) <= 6
        answer = eventually(lambda: (found := mill.ask("/api/v1/ledger"))["classes"] and found)
        assert sum(line["share_ppm"] for line in answer["classes"]) == pytest.approx(1_000_000, abs=12)
        assert sum(kind["chips_milli"] for kind in answer["now"]) == 48_000


class TestWhatIsAnswered:
    """The verbs, for jobs of Slurm."""

    @pytest.mark.parametrize("lang", ["en", "zh"])
    def test_every_verb_answers_for_jobs_of_slurm(self, cluster: Cluster, put: Put, lang: str) -> None:
        """Those that run, wait for chips, and are held by Slurm, each with the reason; in both languages."""
        mill = put()
        mill.serve()
        runs = cluster.sbatch("--gres=gpu:6", "-N2", "-C", "h20", seconds=500)
        eventually(lambda: mill.job(runs).get("status") == "running")
        waits = cluster.sbatch("--gres=gpu:1", "-C", "h20", account="team-b", user="games")
        hangs = cluster.sbatch("--gres=gpu:1", f"--dependency=afterok:{waits}", "--job-name=训练\n\x1b[31m")
        held = cluster.sbatch("--gres=gpu:1", "-H")
        eventually(lambda: mill.ask(f"/api/v1/jobs/{held}/why").get("said", "").endswith("its user holds it"))
        said = mill.verb("jobs", lang=lang)
        assert all(job in said for job in (runs, waits, hangs, held))
        assert mill.verb("nodes", lang=lang).count("H20") == 2
        assert "team-a" in mill.verb("usage", lang=lang)
        plan = mill.verb("plan", lang=lang)
        assert all(job in plan for job in (waits, hangs, held))
        words = {"en": ("it waits for other jobs", "its user holds it"), "zh": ("它在等其他作业", "用户自己挂起了它")}
        for job, text in zip((hangs, held), words[lang], strict=True):
            assert text in mill.verb("why", job, lang=lang)
            assert text in plan
        why = " ".join(mill.verb("why", waits, lang=lang).split())
        assert {"en": "1 are missing", "zh": "还缺 1 张"}[lang] in why

    def test_a_job_is_cancelled_through_the_server_and_never_submitted(self, cluster: Cluster, put: Put) -> None:
        """`headrace cancel` is a scancel; `headrace submit` says that users keep sbatch."""
        mill = put()
        mill.serve()
        job = cluster.sbatch("--gres=gpu:1", "-H")
        eventually(lambda: mill.job(job))
        mill.verb("cancel", job)
        eventually(lambda: mill.job(job)["outcome"] == "cancelled")
        assert "sbatch" in mill.refused("submit", "--tenant", "team-a", "--chips", "1", "--", "true")
