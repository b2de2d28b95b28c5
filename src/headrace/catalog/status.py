"""The status of a chip on a day: three gates that do not depend on each other, each with what decided it.

us_export      may it be exported there          free, licence required, case by case, ...
chinese_side   may it be bought there            free, advised against, blocked as reported, preferred
delivered      was it shipped                    yes, no, unknown, as reported
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from typing import TYPE_CHECKING, Final

from headrace.catalog.chinese_side import chinese_measures, decides_for_everyone, reported_deliveries
from headrace.catalog.evidence import Comparison, Finding, distinct
from headrace.catalog.notices import designers
from headrace.catalog.rules import GUIDANCE, Rule, us_rules
from headrace.catalog.spec import Known, Spec
from headrace.errors import CallError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from headrace.catalog.notices import Notice

DESTINATIONS: Final = ("CN", "HK", "MO")


class UsExport(Enum):
    """What the United States make of an export."""

    FREE = "free"
    NAC_ELIGIBLE = "nac_eligible"
    LICENCE_REQUIRED = "licence_required"
    LICENSED = "licensed_as_reported"
    CASE_BY_CASE = "case_by_case"
    DENIAL = "presumption_of_denial"
    VIOLATION = "violation_presumed"
    NO_EXPORT = "not_a_us_export"
    UNDECIDED = "undecided"


class ChineseSide(Enum):
    """What the Chinese side makes of a purchase."""

    FREE = "free"
    PREFERRED = "preferred"
    ADVISED_AGAINST = "advised_against"
    BLOCKED = "blocked"
    UNDECIDED = "undecided"


class Delivered(Enum):
    """What was reported of shipments."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Met:
    """A notice that is about the chip, and why."""

    notice: Notice
    because: tuple[Comparison, ...]


@dataclass(frozen=True)
class Open:
    """A notice of which it cannot be said whether it is about the chip, for want of these figures."""

    notice: Notice
    gaps: tuple[str, ...]


@dataclass(frozen=True)
class Gate:
    """`outcome`, what decided it (None: no notice did), and other notices that are met.

    `left_open` are those tested before the one that decided, and which a missing figure might turn. Where nothing
    was met, `because` are the comparisons that failed.
    """

    outcome: UsExport | ChineseSide | Delivered
    notice: Notice | None = None
    because: tuple[Comparison, ...] = ()
    also: tuple[Met, ...] = ()
    left_open: tuple[Open, ...] = ()

    @property
    def confidence(self) -> str:
        """That of the notice; without one, `computed` where figures failed its tests and `none` otherwise."""
        if self.notice is not None:
            return self.notice.confidence
        return "computed" if self.because and not self.left_open else "none"


@dataclass(frozen=True)
class Status:
    """`notes` are met as well and decide nothing: charges, statements, bills, rules that are not enforced."""

    chip: str
    on: date
    destination: str
    us_export: Gate
    chinese_side: Gate
    delivered: Gate
    notes: tuple[Met, ...] = ()

    @property
    def gates(self) -> dict[str, Gate]:
        """The three by name."""
        return {"us_export": self.us_export, "chinese_side": self.chinese_side, "delivered": self.delivered}


@dataclass(frozen=True)
class Step:
    """A day on which something changed: gates as they are from then on, new notes, and new measures for some buyers."""

    on: date
    gates: dict[str, Gate]
    notes: tuple[Met, ...]


def status(chip: Known | Spec, on: date, destination: str = "CN") -> Status:
    """May `chip` be had at `destination` on that day? Raises CallError for a place whose rules are not known."""
    if destination not in DESTINATIONS:
        raise CallError(f"rules are known for {', '.join(DESTINATIONS)}, not for {destination!r}")
    spec = spec_of(chip)
    return Status(
        chip=spec.name,
        on=on,
        destination=destination,
        us_export=_us_export(spec, on, destination),
        chinese_side=_chinese_side(spec, on, destination),
        delivered=_delivered(spec, on, destination),
        notes=tuple(_notes(spec, on, destination)),
    )


def history(chip: Known | Spec, since: date, until: date, destination: str = "CN") -> tuple[Step, ...]:
    """The status on `since`, but not before the chip was first sold, and each later day on which it changed."""
    spec = spec_of(chip)
    first = since if spec.first_sold is None else max(since, date(spec.first_sold, 1, 1))
    steps: list[Step] = []
    before: Status | None = None
    for day in [first, *turning_days(first, until)]:
        now = status(spec, day, destination)
        step = _step(before, now)
        if step.gates or step.notes:
            steps.append(step)
        before = now
    return tuple(steps)


def _step(before: Status | None, now: Status) -> Step:
    """What is new on the day of `now`: gates that another notice decides, and notices told beside them."""
    if before is None:
        return Step(now.on, now.gates, _beside(now))
    gates = {name: gate for name, gate in now.gates.items() if _differs(before.gates[name], gate)}
    known = {met.notice.id for met in _beside(before)}
    return Step(now.on, gates, tuple(met for met in _beside(now) if met.notice.id not in known))


def _beside(now: Status) -> tuple[Met, ...]:
    """Measures for some buyers, and notes."""
    return tuple(met for met in now.chinese_side.also if not decides_for_everyone(met.notice)) + now.notes


def turning_days(since: date, until: date) -> list[date]:
    """Days after `since`, up to `until`, on which a notice begins or has ended."""
    notices = [rule.notice for rule in (*us_rules(), *chinese_measures(), *reported_deliveries())]
    ended = [notice.ends + timedelta(days=1) for notice in notices if notice.ends is not None]
    return sorted(day for day in {*ended, *(notice.begins for notice in notices)} if since < day <= until)


def spec_of(chip: Known | Spec) -> Spec:
    """What the rules look at."""
    return chip if isinstance(chip, Spec) else Spec.of(chip, designers())


def _us_export(spec: Spec, on: date, destination: str) -> Gate:
    """A Chinese design is no export of the United States; only the guidance on such designs is about it."""
    chinese = spec.chinese_design is True
    rules = [rule for rule in us_rules() if (rule.notice.id == GUIDANCE) is chinese]
    otherwise = UsExport.NO_EXPORT if chinese else UsExport.FREE
    found = _found(rules, spec, on, destination)
    return _gate(found, lambda notice: UsExport(notice.outcome), otherwise, UsExport.UNDECIDED)


def _chinese_side(spec: Spec, on: date, destination: str) -> Gate:
    """Decided by measures that hold for everyone or for the large buyers; those for a few are told beside it."""
    found = _found(chinese_measures(), spec, on, destination)
    wide = [pair for pair in found if decides_for_everyone(pair[0])]
    narrow = tuple(
        Met(notice, finding.because) for notice, finding in found if finding.met and (notice, finding) not in wide
    )
    gate = _gate(wide, lambda notice: ChineseSide(notice.outcome), ChineseSide.FREE, ChineseSide.UNDECIDED)
    return Gate(gate.outcome, gate.notice, gate.because, gate.also + narrow, gate.left_open)


def _delivered(spec: Spec, on: date, destination: str) -> Gate:
    found = _found(reported_deliveries(), spec, on, destination)
    return _gate(found, lambda notice: Delivered(notice.outcome), Delivered.UNKNOWN, Delivered.UNKNOWN)


Found = list[tuple["Notice", Finding]]


def _found(rules: tuple[Rule, ...] | list[Rule], spec: Spec, on: date, destination: str) -> Found:
    """Every rule that is in force and decides, with its finding, in the order of testing."""
    standing = (rule for rule in rules if rule.notice.role == "decides" and rule.notice.in_force(on, destination))
    return [(rule.notice, rule.test(spec)) for rule in standing]


def _gate(
    found: Found,
    outcome: Callable[[Notice], UsExport | ChineseSide | Delivered],
    otherwise: UsExport | ChineseSide | Delivered,
    undecided: UsExport | ChineseSide | Delivered,
) -> Gate:
    """The first that is met decides; where none is, one that cannot be decided leaves the gate undecided."""
    met = [Met(notice, finding.because) for notice, finding in found if finding.met]
    first = next((i for i, (_, finding) in enumerate(found) if finding.met), len(found))
    gaps = tuple(Open(notice, finding.gaps) for notice, finding in found[:first] if finding.gaps)
    if met:
        return Gate(outcome(met[0].notice), met[0].notice, met[0].because, tuple(met[1:]), gaps)
    if any(finding.met is None for _, finding in found):
        return Gate(undecided, left_open=gaps)
    failed = distinct(tuple(comparison for _, finding in found for comparison in finding.because))
    return Gate(otherwise, because=failed, left_open=gaps)


def _notes(spec: Spec, on: date, destination: str) -> Iterator[Met]:
    of_the_us = () if spec.chinese_design else us_rules()
    for rule in (*of_the_us, *chinese_measures()):
        if rule.notice.role != "decides" and rule.notice.in_force(on, destination):
            finding = rule.test(spec)
            if finding.met:
                yield Met(rule.notice, finding.because)


def _differs(before: Gate, after: Gate) -> bool:
    return (before.outcome, before.notice) != (after.outcome, after.notice)
