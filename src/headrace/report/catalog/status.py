"""May a chip be had: its status on a day and what changed since, on the terminal and as JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from headrace.catalog.evidence import WITHIN
from headrace.catalog.notices import notice_sources
from headrace.report.names import plain
from headrace.report.screen import Screen
from headrace.report.tables.table import Column, Row, Table
from headrace.report.words import Words, languages, load

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from rich.console import Console

    from headrace.catalog.evidence import Comparison
    from headrace.catalog.notices import Notice
    from headrace.catalog.status import Gate, Met, Status, Step

INDENT: Final = 2
Figures = dict[str, Any]


def render(status: Status, console: Console, lang: str) -> None:
    """Print the three gates and what decided each, once for each language that `lang` (en, zh, both) asks for."""
    for words in map(load, languages(lang)):
        _Teller(Screen(console), words).status(status)


def render_history(chip: str, steps: Sequence[Step], destination: str, console: Console, lang: str) -> None:
    """Print each day on which something changed, with what did, once for each language."""
    for words in map(load, languages(lang)):
        _Teller(Screen(console), words).history(chip, steps, destination)


@dataclass(frozen=True)
class _Teller:
    screen: Screen
    words: Words

    def status(self, status: Status) -> None:
        title = self.words(
            "status.title", chip=plain(status.chip), on=status.on, destination=self._place(status.destination)
        )
        self.screen.say(title, "bold cyan")
        self.screen.console.line()
        self.screen.table(gates_table(status.gates, self.words))
        for name, gate in status.gates.items():
            self.gate(name, gate)
        self.notes(status.notes)
        self.sources([*(notice for gate in status.gates.values() for notice in _notices(gate)), *_of(status.notes)])

    def history(self, chip: str, steps: Sequence[Step], destination: str) -> None:
        title = self.words("status.history", chip=plain(chip), destination=self._place(destination))
        self.screen.say(title, "bold cyan")
        self.screen.console.line()
        self.screen.table(history_table(steps, self.words))
        decided = [gate.notice for step in steps for gate in step.gates.values() if gate.notice is not None]
        self.sources([*decided, *(notice for step in steps for notice in _of(step.notes))])

    def gate(self, name: str, gate: Gate) -> None:
        """What decided a gate, in full; nothing where there is nothing to tell."""
        lines = [*gate_lines(gate, self.words)]
        if lines:
            self.screen.console.line()
            self.screen.say(self.words(f"status.gate.{name}"), "bold")
        for line in lines:
            self.screen.say(line, "", INDENT, INDENT)

    def notes(self, notes: Iterable[Met]) -> None:
        lines = [met_line(met, self.words) for met in notes]
        if lines:
            self.screen.title(self.words("status.notes"))
        for line in lines:
            self.screen.say(self.words("bullet", text=line), hanging=INDENT)

    def sources(self, notices: Iterable[Notice]) -> None:
        keys = dict.fromkeys(key for notice in notices for key in notice.sources)
        if keys:
            self.screen.title(self.words("status.sources"))
        for key in keys:
            source = notice_sources()[key]
            line = self.words(
                "status.source", source=key, publisher=source.publisher, title=source.title, date=source.date
            )
            self.screen.say(line, "dim", 0, INDENT)

    def _place(self, destination: str) -> str:
        return self.words(f"status.place.{destination}")


def gates_table(gates: dict[str, Gate], words: Words) -> Table:
    """A row for each gate: what it is, by what, since when, how sure."""
    columns = tuple(
        Column(words(f"status.column.{key}"), numeric=False) for key in ("gate", "outcome", "by", "since", "sure")
    )
    rows = tuple(
        Row(
            (
                words(f"status.gate.{name}"),
                _outcome(name, gate, words),
                words("none") if gate.notice is None else named(gate.notice, words),
                words("none") if gate.notice is None else gate.notice.begins.isoformat(),
                words(f"status.sure.{gate.confidence}"),
            )
        )
        for name, gate in gates.items()
    )
    return Table(columns, rows)


def history_table(steps: Sequence[Step], words: Words) -> Table:
    """A row for each change: the day, the gate, what it became, by what."""
    columns = tuple(Column(words(f"status.column.{key}"), numeric=False) for key in ("on", "gate", "outcome", "by"))
    rows = [row for step in steps for row in _changes(step, words)]
    return Table(columns, tuple(rows))


def gate_lines(gate: Gate, words: Words) -> list[str]:
    """What decided, what was compared, what else holds, and what was left open."""
    lines = [] if gate.notice is None else [notice_line(gate.notice, words)]
    if gate.because:
        key = "status.compared" if gate.notice is None else "status.because"
        lines.append(words(key, numbers=numbers(gate.because, words)))
    lines += [
        words("status.also", text=notice_line(met.notice, words), numbers=numbers(met.because, words))
        for met in gate.also
    ]
    lines += [
        words("status.open", name=named(left.notice, words), gaps=listed(gaps_of(left.gaps, words), words))
        for left in gate.left_open
    ]
    return lines


def notice_line(notice: Notice, words: Words) -> str:
    """A notice with its citation, its days, its basis and what follows from it."""
    return words(
        "status.notice",
        name=named(notice, words),
        citation=notice.citation or words("status.unpublished"),
        begins=notice.begins,
        basis=words(f"status.basis.{notice.basis}"),
        scope=_scope(notice, words),
        consequence=notice.consequence_zh if words.lang == "zh" else notice.consequence,
    )


def met_line(met: Met, words: Words) -> str:
    """A notice that decides nothing, what it is, and the numbers that meet it."""
    role, text = words(f"status.role.{met.notice.role}"), notice_line(met.notice, words)
    return words("status.met", role=role, text=text, numbers=numbers(met.because, words))


def named(notice: Notice, words: Words) -> str:
    return notice.name_zh if words.lang == "zh" else notice.name


def numbers(comparisons: Iterable[Comparison], words: Words) -> str:
    """`TPP 2368 < 2400, performance density 2.91 < 3.2`."""
    return listed([said(comparison, words) for comparison in comparisons], words)


def said(comparison: Comparison, words: Words) -> str:
    """One comparison, its attribute in words."""
    value = words(f"status.{comparison.value}") if comparison.value in ("yes", "no") else plain(comparison.value)
    label = words(f"status.attribute.{comparison.attribute}")
    if not comparison.sign:
        return words("status.word", label=label, value=value)
    sign = words("status.within") if comparison.sign == WITHIN else comparison.sign
    return words("status.comparison", label=label, value=value, sign=sign, limit=comparison.limit)


def gaps_of(gaps: Iterable[str], words: Words) -> list[str]:
    return [words(f"status.attribute.{gap}") for gap in gaps]


def listed(parts: Iterable[str], words: Words) -> str:
    return words("list.comma").join(parts)


def _changes(step: Step, words: Words) -> list[Row]:
    rows = [
        (words(f"status.gate.{name}"), _outcome(name, gate, words), _by(gate, words))
        for name, gate in step.gates.items()
    ]
    rows += [(*_told(met.notice, words), named(met.notice, words)) for met in step.notes]
    days = [step.on.isoformat(), *[""] * (len(rows) - 1)]
    return [Row((day, *cells)) for day, cells in zip(days, rows, strict=True)]


def _told(notice: Notice, words: Words) -> tuple[str, str]:
    """What a notice beside the gates is: a measure for some buyers, or a note."""
    if notice.role != "decides":
        return words("status.note"), words(f"status.role.{notice.role}")
    outcome = words(f"status.chinese_side.{notice.outcome}")
    return words("status.gate.chinese_side"), words("status.for_some", outcome=outcome, scope=_scope(notice, words))


def _scope(notice: Notice, words: Words) -> str:
    return words(f"status.scope.{notice.scope.replace(' ', '_')}")


def _outcome(name: str, gate: Gate, words: Words) -> str:
    return words(f"status.{name}.{gate.outcome.value}")


def _by(gate: Gate, words: Words) -> str:
    return words("none") if gate.notice is None else named(gate.notice, words)


def _notices(gate: Gate) -> list[Notice]:
    first = [] if gate.notice is None else [gate.notice]
    return [*first, *_of(gate.also), *(left.notice for left in gate.left_open)]


def _of(notes: Iterable[Met]) -> list[Notice]:
    return [met.notice for met in notes]


def status_json(status: Status) -> str:
    """The status as JSON text: keys sorted, a newline at the end."""
    return _text(status_dict(status))


def history_json(chip: str, steps: Sequence[Step], destination: str) -> str:
    """Each change as JSON text."""
    return _text({"chip": plain(chip), "destination": destination, "changes": [_step(step) for step in steps]})


def status_dict(status: Status) -> Figures:
    """The status as plain values."""
    return {
        "chip": plain(status.chip),
        "on": status.on.isoformat(),
        "destination": status.destination,
        "gates": {name: _gate(gate) for name, gate in status.gates.items()},
        "notes": [_met(met) for met in status.notes],
    }


def _step(step: Step) -> Figures:
    gates = {name: _gate(gate) for name, gate in step.gates.items()}
    return {"on": step.on.isoformat(), "gates": gates, "notes": [_met(met) for met in step.notes]}


def _gate(gate: Gate) -> Figures:
    return {
        "outcome": gate.outcome.value,
        "confidence": gate.confidence,
        "rule": None if gate.notice is None else _notice(gate.notice),
        "because": [plain(str(comparison)) for comparison in gate.because],
        "also": [_met(met) for met in gate.also],
        "open": [{"rule": left.notice.id, "missing": list(left.gaps)} for left in gate.left_open],
    }


def _met(met: Met) -> Figures:
    return {"rule": _notice(met.notice), "because": [plain(str(comparison)) for comparison in met.because]}


def _notice(notice: Notice) -> Figures:
    return {
        "id": notice.id,
        "role": notice.role,
        "name": notice.name,
        "citation": notice.citation,
        "published": notice.published.isoformat(),
        "begins": notice.begins.isoformat(),
        "ends": _day(notice.ends),
        "scope": notice.scope,
        "basis": notice.basis,
        "confidence": notice.confidence,
        "consequence": notice.consequence,
        "note": notice.note,
        "sources": [_source(key) for key in notice.sources],
    }


def _source(key: str) -> Figures:
    source = notice_sources()[key]
    return {
        "key": key,
        "title": source.title,
        "publisher": source.publisher,
        "reference": source.reference,
        "date": source.date,
    }


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _text(figures: Figures) -> str:
    return json.dumps(figures, ensure_ascii=False, allow_nan=False, indent=1, sort_keys=True) + "\n"
