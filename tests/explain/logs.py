"""Job logs as a test writes them: times in seconds from a day in 2026."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from headrace.history.log import COLUMNS, EVENT_COLUMNS, OPTIONAL, JobLog, make_log

DAY = datetime(2026, 3, 2, tzinfo=UTC)
TIMES = ("submit", "start", "end", "eligible")
Row = dict[str, Any]


def at(seconds: float) -> datetime:
    return DAY + timedelta(seconds=seconds)


def ms(seconds: float) -> int:
    """The instant, as Headrace counts it."""
    return round(at(seconds).timestamp() * 1000)


def row(job: str = "a", submit: float = 0, start: float | None = None, end: float | None = None, **more: Any) -> Row:
    """One row: a job that completed, unless it says something else. Times in seconds."""
    state = "pending" if start is None and end is None and "work_s" not in more else "completed"
    return {"job": job, "submit": submit, "start": start, "end": end, "state": state, "chips": 1, "tenant": "t"} | more


def make(*rows: Row, events: tuple[tuple[str, float, float | None, str], ...] = ()) -> JobLog:
    """The log of `rows`, and of (node, start, end, state) events; a row that makes no sense fails the test."""
    names = list(dict.fromkeys(name for one in rows for name in one))
    schema = {name: (COLUMNS | OPTIONAL).get(name, pl.String()) for name in names}
    frame = pl.DataFrame([[_value(name, one.get(name)) for name in names] for one in rows], schema=schema, orient="row")
    nodes = [(node, at(start), None if end is None else at(end), state, "") for node, start, end, state in events]
    outages = pl.DataFrame(nodes, schema=EVENT_COLUMNS, orient="row")
    log = make_log(frame, outages, source="test.csv", sha256="", format="own")
    assert log.rejects == ()
    return log


def _value(name: str, value: Any) -> Any:
    return at(value) if name in TIMES and value is not None else value
