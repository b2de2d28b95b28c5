"""What the store remembers is enough for a job log, which explain and replay read like any other."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tests.live.store.made import node, seen

from headrace.history.own import read_own, write_own
from headrace.live.engine import Status
from headrace.live.store import job_log as module
from headrace.live.store.job_log import job_log
from headrace.units import HOUR_MS
from headrace.world.record import Outcome, Service

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from headrace.live.store.store import Store

ON = (("n1", 255), ("n2", 255))


def lived(store: Store) -> None:
    """A requeued job that completed, one that runs, one that waits, one that left the queue, and a drained node."""
    store.record(1_000, [seen("a"), seen("b"), seen("c"), seen("d")], [node("n1"), node("n2")])
    store.record(
        2_000, [seen("a", Status.RUNNING, on=ON, start=2_000), seen("b", Status.RUNNING, on=ON[:1], start=2_000)]
    )
    store.record(3_000, [seen("a", Status.WAITING, run=1)], [node("n2", up=False, reason="ecc")])
    store.record(4_000, [seen("a", Status.RUNNING, run=1, on=ON, start=4_000)])
    store.record(
        5_000, [seen("a", Status.ENDED, run=1, start=4_000, end=5_000, outcome=Outcome.COMPLETED)], [node("n2")]
    )
    store.record(6_000, [seen("d", Status.ENDED, end=5_500, outcome=Outcome.CANCELLED)])


def test_every_stay_is_a_row_of_the_log(store: Store) -> None:
    """With its run, its times, where it ran and how it ended; nothing is rejected."""
    lived(store)
    log = job_log(store)
    rows = [
        (row["job"], row["run"], row["state"], row["ran_on"], ms(row["submit"]), ms(row["start"]), ms(row["end"]))
        for row in log.jobs.iter_rows(named=True)
    ]
    assert rows == [
        ("a", 0, "preempted", "H20:n1;n2", 1_000, 2_000, 3_000),
        ("b", 0, "running", "H20:n1", 1_000, 2_000, None),
        ("c", 0, "pending", "", 1_000, None, None),
        ("d", 0, "cancelled", "", 1_000, None, 5_500),
        ("a", 1, "completed", "H20:n1;n2", 3_000, 4_000, 5_000),
    ]
    assert [tuple(row) for row in log.node_events.select("node", "state", "reason").rows()] == [("n2", "drain", "ecc")]
    assert (log.rejects, log.notes) == ((), ())


def test_what_was_asked_for_is_in_the_log(store: Store) -> None:
    """In the log's own units: seconds, names between semicolons; what is not known stays empty."""
    asked = replace(
        seen().asked,
        kinds=("H20", "A800"),
        pools=("h20", "h800"),
        limit=HOUR_MS,
        service=Service.SPARE,
        workload="llama",
    )
    store.record(1, [replace(seen(), asked=asked), seen("2")])
    told, bare = job_log(store).jobs.sort("job").iter_rows(named=True)
    assert (told["kinds"], told["pool"], told["limit_s"]) == ("H20;A800", "h20;h800", 3600.0)
    assert (told["class"], told["workload"]) == ("spare", "llama")
    assert (told["chips"], told["nodes"], told["share_milli"], told["cpus_milli"]) == (8, 1, 1000, 8_000)
    assert (bare["kinds"], bare["pool"], bare["limit_s"], bare["checkpoint_s"]) == ("", "", None, None)


def test_an_end_whose_outcome_nobody_told_is_taken_as_cancelled_and_noted(store: Store) -> None:
    """An engine that forgets a job before it is asked leaves its result unknown; the log says how many."""
    store.record(1, [seen(status=Status.RUNNING, start=2_000)])
    store.record(2, [seen(status=Status.ENDED, start=2_000, end=3_000, outcome=Outcome.PENDING)])
    log = job_log(store)
    assert log.jobs["state"].to_list() == ["cancelled"]
    assert log.notes == ("runs whose outcome the engine did not tell, taken as cancelled: 1",)


def test_a_log_that_is_written_and_read_again_says_the_same(store: Store, tmp_path: Path) -> None:
    """The store's own history, imported, is the history that it has."""
    lived(store)
    log = job_log(store)
    write_own(log, tmp_path / "log.parquet")
    again = read_own(tmp_path / "log.parquet")
    assert again.jobs.equals(log.jobs)
    assert again.node_events.equals(log.node_events)


def test_a_log_longer_than_a_page_is_whole(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Page by page, without one run twice or none."""
    monkeypatch.setattr(module, "PIECE", 3)
    store.record(1, [seen(str(i)) for i in range(10)])
    assert sorted(job_log(store).jobs["job"].to_list()) == sorted(str(i) for i in range(10))


def ms(instant: object) -> int | None:
    return None if instant is None else round(instant.timestamp() * 1000)  # type: ignore[attr-defined]
