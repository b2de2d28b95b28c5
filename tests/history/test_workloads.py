"""What a log calls the work of its jobs."""

from __future__ import annotations

from tests.explain.logs import make, row

from headrace.history.workloads import workloads


def test_only_jobs_whose_workload_is_called_something_are_there() -> None:
    """Blank is not known; names stand as they were written, known to anybody or not."""
    log = make(row("a", workload="Qwen3-32B decode"), row("b", workload=" "), row("c"), row("d", workload="my own"))
    assert workloads(log) == {"a": "Qwen3-32B decode", "d": "my own"}


def test_of_several_runs_the_first_that_names_a_workload_counts() -> None:
    """A requeued job is one job."""
    runs = [row("a", i, i, i + 1, run=i, workload=name) for i, name in enumerate(("", "first", "second"))]
    assert workloads(make(*runs)) == {"a": "first"}
