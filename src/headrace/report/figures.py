"""study.json: the same figures as the terminal and the page, for programs; exact integers beside the rounded ones."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from headrace.explain.ledger import Class
from headrace.report.instants import day, exact
from headrace.report.names import plain
from headrace.report.quantities import SMALLEST_UNITS
from headrace.report.tables.rejects import by_reason
from headrace.units import CHIP_HOUR, MILLI, SECOND_MS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from headrace.explain.findings import Finding
    from headrace.explain.ledger import Ledger, OverCommit
    from headrace.explain.metrics import Bounds, Metrics
    from headrace.explain.mismatch import Count, Mismatch, Pair, Taken
    from headrace.history.log import Reject
    from headrace.report.study import Result, Shrink, Study

Figures = dict[str, Any]
PLACES: Final = 6
FIRST_REJECTS: Final = 20


def study_json(study: Study) -> str:
    """The study as JSON text: keys sorted, one value a line, a newline at the end."""
    return json.dumps(study_dict(study), ensure_ascii=False, allow_nan=False, indent=1, sort_keys=True) + "\n"


def study_dict(study: Study) -> Figures:
    """The study as plain values: hours and seconds as floats, chip-time and counts as integers, money as text."""
    main = study.main.ledger
    return comparison_dict(study.happened, study.results, study.bounds) | {
        "ledger_of": plain(study.main.name),
        "ledger": _hours(main.classes),
        "ledger_milli_chip_ms": {c.word: size for c, size in main.classes.items()},
        "paid_chip_hours": _chip_hours(main.paid),
        "paid_milli_chip_ms": main.paid,
        "short_chip_hours": _chip_hours(main.short),
        "period": {"begin": exact(main.begin), "end": exact(main.end)},
        "money": {plain(unit): _amounts(parts) for unit, parts in main.money().items()},
        "by_tenant": _by(main, "tenant"),
        "by_kind": _by(main, "kind"),
        "by_week": _by(main, "week"),
        "rejects": _rejects(study.rejects),
        "overcommit": _overcommit(main.overcommit) if main.overcommit is not None else None,
        "findings": [_finding(finding) for finding in study.findings],
        "mismatch": _mismatch(study.main.mismatch) if study.main.mismatch is not None else None,
        "shrink": _shrink(study.shrink) if study.shrink is not None else None,
        "unplayed": _summed((plain(reason), count) for reason, count in study.unplayed.items()),
        "assumptions": [{"key": key, "value": plain(value)} for key, value in study.assumptions],
        "notes": [plain(note) for note in study.notes],
        "jobs": study.jobs,
        "synthetic": study.fleet.synthetic,
        "inputs": {
            "source": plain(study.source),
            "sha256": plain(study.sha256),
            "fleet": plain(study.fleet.name),
            "fleet_sha256": plain(study.fleet_sha256),
        },
        "version": plain(study.version),
        "seed": study.seed,
        "command": plain(study.command),
    }


def comparison_dict(happened: Result | None, results: Sequence[Result], bounds: Bounds) -> Figures:
    """The comparison alone: policies (name -> figures) and the lower bounds, as in a study."""
    every = [happened, *results] if happened is not None else [*results]
    return {"policies": {plain(result.name): policy_dict(result) for result in every}, "bounds": _bounds(bounds)}


def policy_dict(result: Result) -> Figures:
    """One result's figures, as under its name in `policies`."""
    return _metrics(result.metrics) | {"oracle": result.oracle, "ledger": _hours(result.ledger.classes)}


def _metrics(m: Metrics) -> Figures:
    return {
        "jobs": m.jobs,
        "finished": m.finished,
        "stranded": m.stranded,
        "avg_completion_s": _seconds(m.avg_completion),
        "p50_completion_s": _seconds(m.p50_completion),
        "p99_completion_s": _seconds(m.p99_completion),
        "avg_wait_s": _seconds(m.avg_wait),
        "p50_wait_s": _seconds(m.p50_wait),
        "p95_wait_s": _seconds(m.p95_wait),
        "p99_wait_s": _seconds(m.p99_wait),
        "makespan_s": _seconds(m.makespan),
        "allocated": _rounded(m.allocated),
        "useful": _rounded(m.useful),
        "unknown": _rounded(m.unknown),
        "preemptions": m.preemptions,
        "interruptions": m.interruptions,
        "lost_chip_hours": _chip_hours(m.lost),
        "lost_money": {plain(unit): _amount(amount) for unit, amount in m.money_lost.items()},
        "worst_slowdown": _rounded(m.slowdown),
        "worst_tenant": plain(m.slowest),
    }


def _bounds(bounds: Bounds) -> Figures:
    return {
        "makespan_s": _seconds(bounds.makespan),
        "makespan_work_s": _seconds(bounds.makespan_work),
        "makespan_longest_s": _seconds(bounds.makespan_longest),
        "avg_completion_s": _seconds(bounds.avg_completion),
    }


def _rejects(rejects: tuple[Reject, ...]) -> Figures:
    first = ({"line": r.line, "reason": plain(r.reason), "text": plain(r.text)} for r in rejects[:FIRST_REJECTS])
    return {"count": len(rejects), "by_reason": by_reason(rejects), "first": list(first)}


def _overcommit(over: OverCommit) -> Figures:
    return {
        "first": exact(over.first),
        "where": plain(over.where),
        "busy_chips": over.busy / MILLI,
        "capacity_chips": over.capacity / MILLI,
        "excess_chip_hours": _chip_hours(over.excess),
        "runs": over.runs,
    }


def _finding(finding: Finding) -> Figures:
    return {
        "class": finding.cls.word,
        "chip_hours": _chip_hours(finding.chip_time),
        "milli_chip_ms": finding.chip_time,
        "money": {plain(unit): _amount(amount) for unit, amount in finding.money.items()},
        "tenants": _behind(finding.tenants),
        "jobs": _behind(finding.jobs),
        "remedy": finding.remedy,
    }


def _behind(names: tuple[tuple[str, int], ...]) -> list[Figures]:
    return [{"name": plain(name), "chip_hours": _chip_hours(size)} for name, size in names]


def _mismatch(overlay: Mismatch) -> Figures:
    counts = {key: _count(getattr(overlay, key)) for key in ("known", "compared", "unrated", "unknown")}
    return counts | {
        "allocated_chip_hours": _chip_hours(overlay.allocated),
        "currency": plain(overlay.currency) or None,
        "pairs": [_pair(pair) for pair in overlay.pairs],
        "speeds_rest_on": dict(overlay.grounds),
    }


def _count(count: Count) -> Figures:
    return {"jobs": count.jobs, "chip_hours": _chip_hours(count.chip_time), "milli_chip_ms": count.chip_time}


def _pair(pair: Pair) -> Figures:
    return {
        "ran_on": plain(pair.ran_on),
        "suits": plain(pair.suits),
        "jobs": pair.jobs,
        "chip_hours": _taken(pair.held, _chip_hours),
        "useful_chip_hours": _taken(pair.useful, _chip_hours),
        "milli_chip_ms": _taken(pair.held, int),
        "money": _taken(pair.money, _amount) if pair.money is not None else None,
        "tenants": _behind(pair.tenants),
        "job_names": _behind(pair.names),
    }


def _taken(taken: Taken, form: Callable[[int], object]) -> Figures:
    return {name: form(amount) for name, amount in asdict(taken).items()}


def _shrink(shrink: Shrink) -> Figures:
    return {
        "policy": plain(shrink.policy),
        "target_p95_wait_s": _seconds(shrink.target_p95_wait),
        "p95_wait_s": _seconds(shrink.p95_wait),
        "nodes": {plain(pool): {"now": now, "needed": needed} for pool, (now, needed) in shrink.nodes.items()},
        "tried": shrink.tried,
    }


def _by(ledger: Ledger, axis: str) -> dict[str, Figures]:
    """Name -> class -> chip-hours; "" is nobody's. Names that read alike once made plain are one line."""
    merged: dict[str, dict[Class, int]] = {}
    for name, classes in ledger.by(axis).items():
        read = day(int(ledger.weeks[int(name)])) if axis == "week" else plain(name)
        line = merged.setdefault(read, dict.fromkeys(Class, 0))
        for c in Class:
            line[c] += classes[c]
    return {name: _hours(classes) for name, classes in merged.items()}


def _hours(classes: dict[Class, int]) -> dict[str, float]:
    return {c.word: _chip_hours(size) for c, size in classes.items()}


def _amounts(classes: dict[Class, int]) -> dict[str, str]:
    return {c.word: _amount(amount) for c, amount in classes.items()}


def _summed(counts: Iterable[tuple[str, int]]) -> dict[str, int]:
    out: dict[str, int] = {}
    for name, count in counts:
        out[name] = out.get(name, 0) + count
    return out


def _chip_hours(chip_time: int) -> float:
    return round(int(chip_time) / CHIP_HOUR, PLACES)


def _seconds(ms: float) -> float | None:
    return _rounded(ms / SECOND_MS)


def _rounded(value: float) -> float | None:
    """To PLACES decimals; what is not a number is not known."""
    return round(float(value), PLACES) if math.isfinite(value) else None


def _amount(amount: int) -> str:
    """Smallest units as the main unit with two decimals, exactly: 670 -> "6.70"."""
    sign, whole = ("-" if amount < 0 else ""), abs(int(amount))
    return f"{sign}{whole // SMALLEST_UNITS}.{whole % SMALLEST_UNITS:02d}"
