"""The terminal's form of a study: tables and paragraphs with the same cells and sentences as the page's.

the answer -> the ledger -> what can be recovered -> the mismatch -> the comparison -> what was not understood ->
where it came from
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from headrace.report import answer, caveats
from headrace.report import mismatch as overlay
from headrace.report.findings import Said, said
from headrace.report.names import plain
from headrace.report.provenance import provenance
from headrace.report.screen import Screen
from headrace.report.tables.breakdown import breakdown_table
from headrace.report.tables.comparison import comparison_table, in_order
from headrace.report.tables.ledger import ledger_table
from headrace.report.tables.mismatch import mismatch_table
from headrace.report.tables.rejects import rejects_table
from headrace.report.tables.shrink import shrink_table
from headrace.report.words import Words, languages, load

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from headrace.explain.metrics import Bounds
    from headrace.history.log import JobLog, Reject
    from headrace.report.study import Result, Shrink, Study
    from headrace.world.fleet import Fleet

FIRST_REJECTS: Final = 5
MOST_ROWS: Final = 12
MOST_PAIRS: Final = 3
REJECT_TEXT: Final = 40
INDENT: Final = 3


def render(study: Study, console: Console, lang: str) -> None:
    """Print the whole study, once for each language that `lang` (en, zh, both) asks for."""
    for words in map(load, languages(lang)):
        _Terminal(Screen(console), words).study(study)


def render_reading(log: JobLog, console: Console, lang: str) -> None:
    """Print, where rows were not understood, how many and the first of them; nothing where all were."""
    for words in map(load, languages(lang)):
        if log.rejects:
            _Terminal(Screen(console), words).rejects(log.rejects, len(set(log.jobs["job"])))


def render_ledger(result: Result, fleet: Fleet, console: Console, lang: str) -> None:
    """Print one ledger: the answer, the classes, and where they went by kind and by tenant."""
    for words in map(load, languages(lang)):
        terminal = _Terminal(Screen(console), words)
        terminal.opening("title.explain", result, fleet)
        terminal.ledger(result)
        terminal.breakdowns(result)
        terminal.mismatch(result)
        terminal.warning(result)


def render_comparison(
    happened: Result | None, results: Sequence[Result], bounds: Bounds, fleet: Fleet, console: Console, lang: str
) -> None:
    """Print what happened, each policy and the lower bound side by side."""
    for words in map(load, languages(lang)):
        terminal = _Terminal(Screen(console), words)
        terminal.head("title.replay", fleet)
        terminal.comparison(happened, results, bounds)
        if happened is not None:
            terminal.warning(happened)


def render_import(log: JobLog, console: Console, lang: str) -> None:
    """Print what was read of a history: runs and jobs, what was not understood, and the reader's notes."""
    for words in map(load, languages(lang)):
        terminal = _Terminal(Screen(console), words)
        jobs, runs = len(set(log.jobs["job"])), log.jobs.height
        events = log.node_events.height
        terminal.screen.say(
            words("imported.line", source=plain(log.source), runs=f"{runs:,}", jobs=f"{jobs:,}", events=f"{events:,}"),
            "bold",
        )
        terminal.rejects(log.rejects, jobs)
        for note in log.notes:
            terminal.screen.say(words("bullet", text=plain(note)), hanging=2)


@dataclass(frozen=True)
class _Terminal:
    """A screen, and the language in which it is written to."""

    screen: Screen
    words: Words

    def study(self, study: Study) -> None:
        self.opening("title.study", study.main, study.fleet)
        self.ledger(study.main)
        self.findings(study)
        self.mismatch(study.main)
        self.comparison(study.happened, study.results, study.bounds)
        if study.shrink is not None:
            self.shrink(study.shrink)
        self.rejects(study.rejects, study.jobs)
        self.warning(study.main)
        self.assumed(study)
        self.provenance(study)

    def head(self, title: str, fleet: Fleet) -> None:
        self.screen.say(self.words("title.of", title=self.words(title), fleet=plain(fleet.name)), "bold cyan")
        self.screen.say(caveats.synthetic(fleet, self.words), "bold magenta")

    def opening(self, title: str, result: Result, fleet: Fleet) -> None:
        self.head(title, fleet)
        self.screen.say(answer.period(result.ledger, self.words), "dim")
        self.screen.console.line()
        self.screen.say(answer.answer(result, self.words), "bold")
        if caveats.serious(result.ledger):
            self.screen.say(self.words("overcommit.short"), "bold red")

    def ledger(self, result: Result) -> None:
        self.screen.title(answer.titled(self.words("title.ledger"), result, self.words))
        self.screen.table(ledger_table(result.ledger, self.words))
        self.screen.say(answer.overlay(result.ledger, self.words), "dim")

    def breakdowns(self, result: Result) -> None:
        for axis in ("kind", "tenant"):
            self.screen.title(answer.titled(self.words(f"title.{axis}"), result, self.words))
            self.screen.table(breakdown_table(result.ledger, axis, self.words, MOST_ROWS))
        self.screen.say(self.words("lead.breakdown"), "dim")

    def mismatch(self, result: Result) -> None:
        found = result.mismatch
        if found is None:
            return
        self.screen.title(answer.titled(self.words("title.mismatch"), result, self.words))
        self.screen.say(overlay.answer(found, self.words))
        if found.pairs:
            self.screen.table(mismatch_table(found, self.words, MOST_ROWS))
        for line in overlay.who(found, self.words, MOST_PAIRS):
            self.screen.say(line, "dim")
        for note in overlay.notes(found, self.words):
            self.screen.say(note, "dim")

    def findings(self, study: Study) -> None:
        self.screen.title(answer.titled(self.words("title.findings"), study.main, self.words))
        for number, finding in enumerate(study.findings, 1):
            self.finding(number, said(finding, study.main.ledger, self.words))
        if not study.findings:
            self.screen.say(self.words("no_findings"))

    def finding(self, number: int, finding: Said) -> None:
        self.screen.say(self.words("finding.line", n=number, label=finding.label, size=finding.size), "bold")
        self.screen.say(finding.meaning, "dim", INDENT)
        self.screen.say(finding.who, "dim", INDENT)
        self.screen.say(finding.remedy, "", INDENT)

    def comparison(self, happened: Result | None, results: Sequence[Result], bounds: Bounds) -> None:
        self.screen.title(self.words("title.comparison"))
        self.screen.table(comparison_table(happened, results, bounds, self.words))
        if any(result.oracle for result in in_order(happened, results)):
            self.screen.say(self.words("oracle_note"), "dim")
        self.screen.say(answer.bounded(bounds, self.words), "dim")

    def shrink(self, shrink: Shrink) -> None:
        self.screen.title(self.words("title.shrink"))
        self.screen.say(answer.shrunk(shrink, self.words))
        self.screen.table(shrink_table(shrink, self.words))

    def rejects(self, rejects: tuple[Reject, ...], jobs: int) -> None:
        self.screen.title(self.words("title.rejects"))
        for line in caveats.rejected(rejects, jobs, self.words):
            self.screen.say(line)
        if rejects:
            self.screen.table(rejects_table(rejects, self.words, FIRST_REJECTS, REJECT_TEXT))

    def warning(self, result: Result) -> None:
        over = caveats.overcommitted(result.ledger, self.words)
        if over:
            self.screen.title(self.words("title.overcommit"))
            self.screen.say(over, "bold red" if caveats.serious(result.ledger) else "")

    def assumed(self, study: Study) -> None:
        self.screen.title(self.words("title.assumed"))
        for line in [*caveats.assumed(study, self.words), *caveats.unplayed(study.unplayed, self.words)]:
            self.screen.say(self.words("bullet", text=line), hanging=2)

    def provenance(self, study: Study) -> None:
        self.screen.console.line()
        for label, value in provenance(study, self.words):
            self.screen.say(self.words("provenance.line", label=label, value=value), "dim")
