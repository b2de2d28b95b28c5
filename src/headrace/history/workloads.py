"""What a log says its jobs were doing: the names in its column `workload`, as they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from headrace.history.log import JobLog


def workloads(log: JobLog) -> dict[str, str]:
    """Job -> what the log calls its workload, where it calls it anything; of several runs, the first that does."""
    named = log.jobs.filter(pl.col("workload").str.strip_chars() != "").select("job", "workload")
    return dict(named.unique("job", keep="first", maintain_order=True).rows())
