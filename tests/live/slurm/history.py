"""What a run leaves behind, read as a job log: what was held at once, and what a replay of it would have done."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from headrace.history.asked import asked, outages
from headrace.live.store.job_log import job_log
from headrace.replay.replay import replay
from headrace.units import MILLI

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.live.slurm.served import Mill

    from headrace.history.log import JobLog
    from headrace.policy.policy import Policy
    from headrace.world.fleet import Fleet


def own_history(mill: Mill, jobs: Iterable[str]) -> JobLog:
    """What the server's store remembers of `jobs`; what ended shortly before the server began is in it too."""
    store = mill.home.store()
    try:
        log = job_log(store)
    finally:
        store.close()
    return replace(log, jobs=log.jobs.filter(log.jobs["job"].is_in([*jobs])))


def starts(log: JobLog) -> dict[str, int]:
    """When (ms) each job started."""
    frame = log.jobs.filter(log.jobs["start"].is_not_null())
    return dict(zip(frame["job"], frame["start"].dt.epoch("ms"), strict=True))


def replayed(log: JobLog, fleet: Fleet, policy: Policy) -> list[str]:
    """The jobs of the log in the order in which a replay of it starts them."""
    was = asked(log, fleet).workload
    runs = replay(fleet, was, policy, outages(log, fleet)[0])
    begun = sorted(zip(runs.start.tolist(), runs.job.tolist(), strict=True))
    return [was.names[job] for _, job in begun]


def most_at_once(log: JobLog, tenant: str, kind: str) -> float:
    """The most chips of a kind that a tenant ever held."""
    held = log.jobs.filter(log.jobs["tenant"] == tenant).iter_rows(named=True)
    return _most((kind, run) for run in held for _ in _nodes(run) if run["ran_on"].startswith(f"{kind}:")).get(kind, 0)


def most_on_nodes(log: JobLog) -> dict[str, float]:
    """The most chips ever held on each node."""
    return _most((node, run) for run in log.jobs.iter_rows(named=True) for node in _nodes(run))


def _nodes(run: dict[str, Any]) -> list[str]:
    return run["ran_on"].partition(":")[2].split(";") if run["ran_on"] else []


def _most(holding: Iterable[tuple[str, dict[str, Any]]]) -> dict[str, float]:
    """The most chips held at once under each name, of runs that have ended; each pair is a part of a run.

    What ends in an instant is given back before others take it.
    """
    changes, most = defaultdict[str, list[tuple[Any, float]]](list), dict[str, float]()
    for name, run in holding:
        chips = run["chips"] * run["share_milli"] / MILLI
        changes[name] += [(run["start"], chips), (run["end"], -chips)]
    for name, each in changes.items():
        most[name] = max(accumulate(chips for _, chips in sorted(each)))
    return most
