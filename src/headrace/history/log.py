"""The job log in Headrace's own form: what every reader makes, and what explain and replay read.

    raw frame (any order, columns absent) -> make_log -> JobLog.jobs (COLUMNS in order, then what else the source had)
                                                      -> JobLog.rejects (rows that make no sense, each with its reason)

Times are UTC with milliseconds. Null is "not known" or "did not happen"; a number that is not known is never zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import polars as pl

from headrace.errors import InputError
from headrace.world.fleet import MAX_CHIPS_PER_NODE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

TIME: Final = pl.Datetime("ms", "UTC")

COLUMNS: Final[dict[str, pl.DataType]] = {
    "job": pl.String(),
    "run": pl.Int64(),
    "tenant": pl.String(),
    "user": pl.String(),
    "submit": TIME,
    "start": TIME,
    "end": TIME,
    "state": pl.String(),
    "chips": pl.Int64(),
    "nodes": pl.Int64(),
    "share_milli": pl.Int64(),
    "cpus_milli": pl.Int64(),
    "memory_mib": pl.Int64(),
    "kinds": pl.String(),
    "ran_on": pl.String(),
    "pool": pl.String(),
    "site": pl.String(),
    "class": pl.String(),
    "activity": pl.Float64(),
    "idle_chips": pl.Int64(),
    "checkpoint_s": pl.Float64(),
    "starting_s": pl.Float64(),
    "limit_s": pl.Float64(),
    "workload": pl.String(),
}
"""`chips`, `cpus_milli`, `memory_mib` are per node, `nodes` is the gang; `share_milli` is of each chip (1000 = whole).

`run` numbers the runs of one job. `kinds` is "H20;A800" ("" = any kind); `ran_on` is "H20:h20-1;h20-2" (kind, then
nodes; either may be empty). `activity` is 0..1; `idle_chips` counts the run's chips whose own telemetry stood at zero.
"""

OPTIONAL: Final[dict[str, pl.DataType]] = {"eligible": TIME, "work_s": pl.Float64()}
"""Kept only where the source has them: waiting is counted from `eligible`; `work_s` is a run's length without times."""

EVENT_COLUMNS: Final[dict[str, pl.DataType]] = {
    "node": pl.String(),
    "start": TIME,
    "end": TIME,
    "state": pl.String(),
    "reason": pl.String(),
}
"""When a node was down (what ran there was lost) or drained (what ran went on); `end` is null while it lasts."""

REQUIRED: Final = ("job", "submit", "chips")
DEFAULTS: Final[dict[str, int | str]] = {
    "run": 0,
    "user": "",
    "nodes": 1,
    "share_milli": 1000,
    "cpus_milli": 0,
    "memory_mib": 0,
    "kinds": "",
    "ran_on": "",
    "pool": "",
    "site": "",
    "class": "normal",
    "workload": "",
}
"""What an absent column or an empty field means. The tenant falls back to the user, then to "unknown"."""

STATES: Final = ("completed", "failed", "cancelled", "preempted", "timeout", "node_fail", "running", "pending")
ENDED: Final = STATES[:6]
CLASSES: Final = ("serving", "normal", "spare")
EVENT_STATES: Final = ("down", "drain")

EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(2200, 1, 1, tzinfo=UTC)
MAX_GANG: Final = 100_000
MAX_PER_NODE: Final = 2**40
"""Bounds that keep every product of a decision inside int64."""
MAX_SECONDS: Final = 1e10
MAX_TEXT: Final = 500

LINE: Final = "#line"
TEXT: Final = "#text"
"""Columns that a reader may add for the rejects: the row's line in its file, and the line itself. Never kept."""


@dataclass(frozen=True)
class Reject:
    """A row that was not understood: its line in the file (its row, in Parquet), why, and the text, bounded."""

    line: int
    reason: str
    text: str


@dataclass(frozen=True, eq=False)
class JobLog:
    """One row a run in `jobs`, sorted by (submit, job, run); `node_events` sorted by (start, node).

    `source` is the file's name and `sha256` that of its bytes; `notes` are plain facts for whoever reads a result,
    such as "times were read as UTC+08:00".
    """

    jobs: pl.DataFrame
    node_events: pl.DataFrame
    source: str
    sha256: str
    format: str
    rejects: tuple[Reject, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def has_starts(self) -> bool:
        """Whether the log says when anything started; without that there is no "as it happened"."""
        return self.jobs["start"].null_count() < self.jobs.height

    def equals(self, other: JobLog) -> bool:
        """Whether both say the same of the same source, rejects and notes included."""
        mine = (self.source, self.sha256, self.format, self.rejects, self.notes)
        theirs = (other.source, other.sha256, other.format, other.rejects, other.notes)
        return mine == theirs and self.jobs.equals(other.jobs) and self.node_events.equals(other.node_events)


@dataclass(frozen=True)
class Rule:
    """A way in which a row can make no sense: where `broken` is true, `reason` (a sentence's end) says why."""

    broken: pl.Expr
    reason: pl.Expr


def rule(broken: pl.Expr, reason: str, *values: str) -> Rule:
    """A rule whose reason quotes the row's own `values` at each {}."""
    quoted = [pl.col(value).cast(pl.String).str.slice(0, 60).fill_null("empty") for value in values]
    return Rule(broken.fill_null(False), pl.format(reason, *quoted) if values else pl.lit(reason))


def refuse(frame: pl.DataFrame, rules: Sequence[Rule], prefix: str = "") -> tuple[pl.DataFrame, list[Reject]]:
    """Part `frame` into the rows that break no rule and the rejects, each under the first rule that it breaks."""
    if not rules or not frame.height:
        return frame, []
    broken = frame.select(pl.any_horizontal(r.broken for r in rules)).to_series()
    if not broken.any():
        return frame, []
    reasons = pl.coalesce(pl.when(r.broken).then(r.reason) for r in rules)
    return frame.filter(~broken), _rejects(frame.filter(broken), reasons, prefix)


def _rejects(wrong: pl.DataFrame, reasons: pl.Expr, prefix: str) -> list[Reject]:
    said = wrong.select(reasons).to_series().to_list()
    lines = wrong[LINE].to_list()
    texts = wrong[TEXT].to_list() if TEXT in wrong.columns else _as_text(wrong)
    return [reject(n, prefix + why, text) for n, why, text in zip(lines, said, texts, strict=True)]


def _as_text(frame: pl.DataFrame) -> list[str]:
    known = [name for name in frame.columns if name in COLUMNS or name in OPTIONAL or name in EVENT_COLUMNS]
    rows = frame.select(pl.col(name).cast(pl.String) for name in known).iter_rows(named=True)
    return [", ".join(f"{k}={v}" for k, v in row.items() if v not in (None, "")) for row in rows]


def reject(line: int, reason: str, text: str) -> Reject:
    """A reject whose text is bounded and holds nothing that could steer a terminal."""
    return Reject(line, _printable(reason), _printable(text))


def _printable(text: str) -> str:
    text = text[:MAX_TEXT]
    if not text.isprintable():
        text = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
    return text[:MAX_TEXT]


def make_log(
    frame: pl.DataFrame,
    events: pl.DataFrame | None = None,
    *,
    source: str,
    sha256: str,
    format: str,
    rejects: Iterable[Reject] = (),
    notes: Iterable[str] = (),
) -> JobLog:
    """The validated log of a raw `frame`: columns of COLUMNS' types (in any order; all but REQUIRED may be absent).

    Rows that make no sense join `rejects`, under the number in LINE (else the row's place, from 1) with the text in
    TEXT. Raises InputError where a required column is absent.
    """
    jobs, wrong = checked(frame, source)
    jobs, doubled = _without_doubles(jobs)
    jobs, said = _settled(jobs)
    kept_events, wrong_events = _checked_events(events)
    return JobLog(
        jobs=_ordered(jobs),
        node_events=kept_events,
        source=source,
        sha256=sha256,
        format=format,
        rejects=tuple(sorted([*rejects, *wrong, *doubled, *wrong_events], key=lambda r: (r.line, r.reason, r.text))),
        notes=tuple(dict.fromkeys([*notes, *said])),
    )


def checked(frame: pl.DataFrame, source: str) -> tuple[pl.DataFrame, list[Reject]]:
    """`frame` with its defaults, and without the rows that make no sense; a reader may call it block by block."""
    jobs = with_defaults(frame, source)
    return refuse(jobs, row_rules(jobs.columns))


def with_defaults(frame: pl.DataFrame, source: str) -> pl.DataFrame:
    """`frame` with every column of COLUMNS, typed, and with DEFAULTS in place of what is empty."""
    missing = [name for name in REQUIRED if name not in frame.columns]
    if missing:
        found = ", ".join(name for name in frame.columns if name[0:1] != "#")
        raise InputError(source, f"has no column {missing[0]!r}", f"the columns found are: {found[:MAX_TEXT]}")
    known = {name: kind for name, kind in (COLUMNS | OPTIONAL).items() if name in frame.columns}
    absent = [pl.lit(None, kind).alias(name) for name, kind in COLUMNS.items() if name not in known]
    state = pl.col("state") if "state" in known else _state_from_times(frame)
    return (
        _numbered(frame)
        .with_columns(pl.col(name).cast(kind) for name, kind in known.items())
        .with_columns(absent)
        .with_columns(
            *(pl.col(name).fill_null(value) for name, value in DEFAULTS.items()),
            *(pl.col(name).fill_nan(None) for name, kind in known.items() if kind == pl.Float64),
            state.alias("state"),
            _first_named("tenant", "user").alias("tenant"),
        )
    )


def _numbered(frame: pl.DataFrame) -> pl.DataFrame:
    return frame if LINE in frame.columns else frame.with_row_index(LINE, 1)


def _first_named(*columns: str) -> pl.Expr:
    named = [pl.when(pl.col(name) != "").then(pl.col(name)) for name in columns]
    return pl.coalesce(*named, pl.lit("unknown"))


def _state_from_times(frame: pl.DataFrame) -> pl.Expr:
    """A log without states: what has an end (or a length) completed, what only started is running, the rest waits."""
    over = [pl.col(name).is_not_null() for name in ("end", "work_s") if name in frame.columns]
    begun = pl.col("start").is_not_null()
    ended = pl.any_horizontal(over) if over else pl.lit(False)
    return pl.when(ended).then(pl.lit("completed")).when(begun).then(pl.lit("running")).otherwise(pl.lit("pending"))


def row_rules(columns: Sequence[str]) -> list[Rule]:
    """What a row of these columns, with its defaults filled in, must not be."""
    eligible = [_in_era("eligible")] if "eligible" in columns else []
    work = [_seconds("work_s", pl.col("work_s") < 0)] if "work_s" in columns else []
    return [*_name_rules(), *_demand_rules(), *_time_rules(), *eligible, *_measure_rules(), *work]


def _name_rules() -> list[Rule]:
    names = [name for name, kind in COLUMNS.items() if kind == pl.String]
    return [
        rule(pl.col("job").fill_null("") == "", "has no job"),
        *(rule(pl.col(n).str.contains(r"[\x00-\x1f\x7f-\x9f]"), f"has a control character in {n}") for n in names),
        rule(pl.col("state").is_null(), "has no state"),
        rule(~pl.col("state").is_in(STATES), f"has the state '{{}}'; possible are {', '.join(STATES)}", "state"),
        rule(~pl.col("class").is_in(CLASSES), f"has the class '{{}}'; possible are {', '.join(CLASSES)}", "class"),
        rule(
            (pl.col("ran_on") != "") & ~pl.col("ran_on").str.contains(":", literal=True),
            "has ran_on '{}'; its form is KIND:NODE;NODE, where either part may be empty",
            "ran_on",
        ),
    ]


def _demand_rules() -> list[Rule]:
    return [
        _within("run", 0, MAX_PER_NODE),
        rule(pl.col("chips").is_null(), "does not say how many chips it asked for"),
        _within("chips", 0, MAX_CHIPS_PER_NODE, " a node"),
        _within("nodes", 1, MAX_GANG),
        _within("share_milli", 1, 1000),
        _within("cpus_milli", 0, MAX_PER_NODE, " a node"),
        _within("memory_mib", 0, MAX_PER_NODE, " a node"),
    ]


def _within(column: str, low: int, high: int, unit: str = "") -> Rule:
    outside = ~pl.col(column).is_between(low, high)
    return rule(outside, f"has {column} {{}}; {low} to {high}{unit} are possible", column)


def _time_rules() -> list[Rule]:
    start, end, state = pl.col("start"), pl.col("end"), pl.col("state")
    return [
        rule(pl.col("submit").is_null(), "has no time of submission"),
        *(_in_era(name) for name in ("submit", "start", "end")),
        rule(end < start, "ends ({}) before it starts ({})", "end", "start"),
        rule(start.is_null() & (end < pl.col("submit")), "leaves ({}) before it is submitted ({})", "end", "submit"),
        rule((state == "pending") & start.is_not_null(), "is pending and yet has a start ({})", "start"),
        rule((state == "running") & end.is_not_null(), "is running and yet has an end ({})", "end"),
        rule(state.is_in(ENDED) & start.is_not_null() & end.is_null(), "is {} and has a start but no end", "state"),
    ]


def _in_era(column: str) -> Rule:
    outside = (pl.col(column) < EARLIEST) | (pl.col(column) >= LATEST)
    return rule(outside, f"has the {column} {{}}; times from 1970 to 2199 are possible", column)


def _measure_rules() -> list[Rule]:
    activity, idle = pl.col("activity"), pl.col("idle_chips")
    return [
        rule(~activity.is_between(0, 1), "has the activity {}; 0 to 1 is possible", "activity"),
        rule(
            ~idle.is_between(0, pl.col("chips") * pl.col("nodes")),
            "has {} idle chips, not 0 to all it had",
            "idle_chips",
        ),
        _seconds("starting_s", pl.col("starting_s") < 0),
        _seconds("checkpoint_s", pl.col("checkpoint_s") <= 0),
        _seconds("limit_s", pl.col("limit_s") <= 0),
    ]


def _seconds(column: str, too_short: pl.Expr) -> Rule:
    return rule(too_short | (pl.col(column) > MAX_SECONDS), f"has {column} {{}}, which is no length of time", column)


def _without_doubles(jobs: pl.DataFrame) -> tuple[pl.DataFrame, list[Reject]]:
    """Of rows that name the same run, the one that tells most (an end, then a start) stays, wherever it stood."""
    jobs = jobs.with_row_index("#row")
    twice = jobs.filter(pl.struct("job", "run").is_duplicated())
    by = [pl.col("end").is_null(), pl.col("start").is_null(), *COLUMNS, "#row"]
    again = twice.sort(by).filter(~pl.struct("job", "run").is_first_distinct())
    others = jobs.join(again.select("#row"), on="#row", how="anti", maintain_order="left").drop("#row")
    said = rule(
        pl.lit(True), "says run {} of job '{}' again; of such rows the one that tells most is kept", "run", "job"
    )
    return (others if again.height else jobs.drop("#row")), refuse(again, [said])[1]


def _settled(jobs: pl.DataFrame) -> tuple[pl.DataFrame, list[str]]:
    """Clocks differ: a run that starts before it is submitted counts as submitted when it starts."""
    early = int((jobs["start"] < jobs["submit"]).sum())
    jobs = jobs.with_columns(pl.min_horizontal("submit", "start"))
    if "eligible" in jobs.columns:
        jobs = jobs.with_columns(_between("eligible", "submit", "start"))
    return jobs, [
        f"rows that start before they are submitted, taken as submitted at their start: {early}"
    ] if early else []


def _between(column: str, low: str, high: str) -> pl.Expr:
    bounded = pl.max_horizontal(low, pl.min_horizontal(column, high))
    return pl.when(pl.col(column).is_not_null()).then(bounded).alias(column)


def _checked_events(events: pl.DataFrame | None) -> tuple[pl.DataFrame, list[Reject]]:
    if events is None:
        return pl.DataFrame(schema=EVENT_COLUMNS), []
    known = {name: kind for name, kind in EVENT_COLUMNS.items() if name in events.columns}
    absent = [pl.lit(None, kind).alias(name) for name, kind in EVENT_COLUMNS.items() if name not in known]
    cast = [pl.col(name).cast(kind) for name, kind in known.items()]
    typed = _numbered(events).with_columns(*cast, *absent).with_columns(pl.col("reason").fill_null(""))
    kept, wrong = refuse(typed, _event_rules(), "as a node event, ")
    return kept.select(*EVENT_COLUMNS).unique().sort("start", "node", "end", "state", "reason"), wrong


def _event_rules() -> list[Rule]:
    state = f"has the state '{{}}'; possible are {', '.join(EVENT_STATES)}"
    return [
        rule(pl.col("node").fill_null("") == "", "names no node"),
        rule(pl.col("start").is_null(), "has no start"),
        _in_era("start"),
        _in_era("end"),
        rule(pl.col("end") < pl.col("start"), "ends ({}) before it starts ({})", "end", "start"),
        rule(~pl.col("state").is_in(EVENT_STATES).fill_null(False), state, "state"),
    ]


def _ordered(jobs: pl.DataFrame) -> pl.DataFrame:
    extra = [name for name in jobs.columns if name not in COLUMNS and name not in OPTIONAL and name[0:1] != "#"]
    known = [name for name in (*COLUMNS, *OPTIONAL) if name in jobs.columns]
    return jobs.select(*known, *sorted(extra)).sort("submit", "job", "run")
