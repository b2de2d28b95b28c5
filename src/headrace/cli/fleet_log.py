"""`headrace calibrate --from-log`: what the fleet's own jobs took beside what was estimated for them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from headrace.cli.calibrations import keep, without_corrections
from headrace.cli.inputs import console, language
from headrace.errors import CheckFailedError, InputError
from headrace.estimate.fleet import Seen, corrections
from headrace.estimate.fleet_job import ASKED, MEASURED, Unasked, read_job
from headrace.report.calibrated import History, render_history

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from headrace.cli.inputs import Source
    from headrace.estimate.calibration import Calibration
    from headrace.history.log import JobLog

COLUMNS: Final = ("workload", "chips", "nodes", "share_milli", "kinds", "ran_on", "pool", *ASKED, *MEASURED)


def run(source: Source, out: Path | None, lang: str | None) -> None:
    """Fit corrections, write and print them. Raises CheckFailedError where there are jobs enough for none."""
    log = source.read_log()
    if not set(MEASURED) & set(log.jobs.columns):
        raise InputError(str(source.log), "measures nothing", f"one of the columns {', '.join(MEASURED)} is needed")
    kinds = _kinds_of_pools(source)
    seen, refused = read(log, kinds, without_corrections())
    found = corrections(seen, f"jobs of {log.source}")
    written = keep(found, out) if found else None
    history = History(log.source, log.jobs.height, len(log.rejects), len(seen), tuple(found), refused)
    render_history(history, written, console(), language(lang))
    if not found:
        raise CheckFailedError(f"{source.log}: no stack has five jobs that can be used; nothing was written")


def read(log: JobLog, kinds: Mapping[str, str], calibration: Calibration) -> tuple[list[Seen], Counter[str]]:
    """The jobs that can be used, and how many cannot by the reason."""
    seen: list[Seen] = []
    refused: Counter[str] = Counter()
    for job in _jobs(log):
        found = read_job(job, _kind(job, kinds), calibration)
        if isinstance(found, Unasked):
            refused[found.reason] += 1
        else:
            seen.append(found)
    return seen, refused


def _jobs(log: JobLog) -> Iterator[dict[str, object]]:
    there = [name for name in COLUMNS if name in log.jobs.columns]
    yield from log.jobs.select(there).iter_rows(named=True)


def _kinds_of_pools(source: Source) -> dict[str, str]:
    """Pool -> kind, of the fleet if one is named."""
    if source.fleet is None:
        return {}
    fleet, _ = source.read_fleet()
    return {name: pool.kind for pool in fleet.pools for name in (pool.name, *pool.partitions)}


def _kind(job: Mapping[str, object], kinds: Mapping[str, str]) -> str:
    """The kind that the job ran on; else the one of its pool; else the only one that it may run on."""
    ran, pool, allowed = (str(job.get(name) or "") for name in ("ran_on", "pool", "kinds"))
    return ran.partition(":")[0] or kinds.get(pool, "") or allowed
