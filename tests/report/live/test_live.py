"""What the client's verbs print: reasons with their numbers, in both languages, with names that cannot do harm."""

from __future__ import annotations

import json
from io import StringIO
from typing import TYPE_CHECKING, get_args

import pytest
from rich.console import Console
from tests.report.live.told import NASTY, NOW, Job, Line, Node, Place, Why

from headrace.live.engines.slurm.jobs import HELD
from headrace.live.event import HELD_BY_ENGINE, NOT_STARTED, SILENT, TAKEN
from headrace.report.live import hold, jobs, nodes, size, submitted, usage, why
from headrace.report.live.said import said as in_readers
from headrace.report.words import LANGUAGES, load, messages
from headrace.serve.shapes import OutcomeName, ReasonName, StatusName
from headrace.units import HOUR_MS, MINUTE_MS

if TYPE_CHECKING:
    from collections.abc import Callable

NUMBERS = {
    "wanted_milli": 16_000,
    "free_milli": 11_500,
    "nodes_needed": 2,
    "nodes_that_fit": 1,
    "held_by_tenant_milli": 8_000,
    "waiting_alike": 4,
}


def printed(show: Callable[[Console], None], width: int = 140) -> str:
    """What `show` prints, on a terminal that obeys escapes."""
    console = Console(file=StringIO(), width=width, force_terminal=True, color_system=None)
    show(console)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("reason", get_args(ReasonName))
@pytest.mark.parametrize("gang", [1, 2])
def test_every_reason_has_a_sentence_and_a_short_name(reason: str, gang: int, lang: str) -> None:
    """No reason that a server can give is left without words, for one node or for several."""
    words = load(lang)
    said = hold.reason(Why(reason, NUMBERS | {"nodes_needed": gang}), words)
    assert len(said) > len(hold.label(reason, words)) > 0
    assert "{" not in said


def test_too_few_chips_says_what_is_wanted_what_is_free_and_what_is_missing() -> None:
    """The three numbers stand in the sentence, shares of chips included."""
    assert hold.reason(Why(), load("en")) == ("It asks for 16 chips. Where it may run 11.5 are free: 4.5 are missing.")


def test_a_number_that_was_not_told_is_not_made_up() -> None:
    """A server that says less than the sentence needs is quoted with the reason's name alone."""
    assert hold.reason(Why("chips", {}), load("en")) == "It is held back: too few chips."


def test_what_the_engine_says_is_passed_on_as_text_alone() -> None:
    """The engine's own words are shown, without what a terminal would obey."""
    assert "\x1b" not in hold.reason(Why("engine", {}, said=NASTY), load("en"))
    assert hold.reason(Why("engine", {}), load("en")).startswith("The engine itself holds it")


@pytest.mark.parametrize(
    ("said", "chinese"),
    [
        ("it waits for other jobs", "它在等其他作业"),
        ("it asks for 2 licences solver, of which 0 are free", "它要 2 个 solver 许可，空闲 0 个"),
        ("mesh is down", "mesh is down"),
    ],
)
def test_what_engines_say_is_said_in_the_readers_language(said: str, chinese: str) -> None:
    """Their sentences are known, with the fleet's words in them; what is not is shown as it was said."""
    assert hold.reason(Why("engine", {}, said=said), load("en")).endswith(said)
    assert hold.reason(Why("engine", {}, said=said), load("zh")).endswith(chinese)


def test_every_reason_of_slurms_own_has_its_chinese_words() -> None:
    """Each sentence that the engine makes of a reason of Slurm's is among those that are known."""
    assert [text for text in HELD.values() if in_readers(text, load("zh")) == text] == []


def test_why_tells_demand_reason_who_is_ahead_and_when() -> None:
    """All four are there, each on a line of its own."""
    assert list(why.lines(Job(), Why(), NOW, load("en"))) == [
        "17 (train) of search waits.",
        "It asks for 2 × 8 chips of H20 or A800, since 2026-01-05 06:30 UTC.",
        "It asks for 16 chips. Where it may run 11.5 are free: 4.5 are missing.",
        "3 waiting jobs were submitted before it.",
        "It is expected to start at 2026-01-05 09:15 UTC, in 1 h 15 min, if what runs takes all the time that it may.",
    ]


def test_why_of_a_job_that_runs_says_so_and_where() -> None:
    """A job that does not wait has no reason to wait."""
    job = Job(status="running", start_ms=NOW, on=(Place("h20-1", [0, 1, 2, 5]), Place("h20-2")))
    assert list(why.lines(job, Why(None, {}, None, None), NOW, load("en"))) == [
        "17 (train) of search does not wait: it runs.",
        "On h20-1 [0-2,5], h20-2, since 2026-01-05 08:00 UTC.",
    ]


@pytest.mark.parametrize("outcome", [None, *get_args(OutcomeName)])
def test_why_of_a_job_that_ended_says_how(outcome: str | None) -> None:
    """That nobody knows how it ended is said too."""
    job = Job(status="ended", start_ms=NOW, end_ms=NOW + 1, outcome=outcome)
    said = list(why.lines(job, Why(None, {}, None, None), NOW, load("en")))
    assert len(said) == 2
    assert ("nobody knows" in said[1]) == (outcome is None)


@pytest.mark.parametrize(
    ("expected", "said"),
    [(None, "cannot be foreseen"), (NOW - 1, "one of the next rounds"), (NOW + HOUR_MS, "in 1 h")],
)
def test_when_it_starts_is_told_as_far_as_it_is_known(expected: int | None, said: str) -> None:
    """Unknown, due, and in the future are three different answers."""
    assert said in hold.expected(Why(expected_ms=expected), NOW, load("en"))


@pytest.mark.parametrize(("ahead", "said"), [(0, "No waiting"), (1, "One waiting"), (2, "2 waiting"), (None, "")])
def test_who_is_ahead_is_counted(ahead: int | None, said: str) -> None:
    """None, one and several read well, and what is not known is not said."""
    assert hold.ahead(Why(ahead=ahead), load("en")).startswith(said)


@pytest.mark.parametrize(
    ("job", "said"),
    [
        (Job(nodes=1, chips=1, kinds=()), "1 chip"),
        (Job(nodes=1, chips=1, share_milli=250, kinds=("H20",)), "0.25 of a chip of H20"),
        (Job(nodes=3, chips=2, share_milli=500, kinds=()), "3 × 0.5 of each of 2 chips"),
        (Job(nodes=1, chips=0), "no chips"),
    ],
)
def test_a_demand_reads_as_a_person_would_say_it(job: Job, said: str) -> None:
    """One chip, parts of chips, gangs and none at all."""
    assert size.demand(job, load("en")) == said


def test_of_many_nodes_the_first_are_named_and_the_others_counted() -> None:
    """A gang of a hundred nodes fits into a cell."""
    on = [Place(f"n{i}") for i in range(100)]
    assert size.places(on, load("en")) == "n0, n1, n2, n3 (96 others)"


def test_waits_are_counted_from_submission_to_start_or_now() -> None:
    """A job that started waits no longer, and one that was cancelled while waiting stopped waiting then."""
    submit = NOW - 90 * MINUTE_MS
    assert jobs.waited(Job(), NOW) == 90 * MINUTE_MS
    assert jobs.waited(Job(start_ms=submit + 5), NOW) == 5
    assert jobs.waited(Job(end_ms=submit + 7), NOW) == 7


def test_nodes_that_take_no_work_stand_first() -> None:
    """Failed ones, then drained ones, then the others by name."""
    some = [Node("b"), Node("a"), Node("drained", up=False, reason="disk"), Node("failed", up=False, lost=True)]
    assert [node.name for node in nodes.in_order(some)] == ["failed", "drained", "a", "b"]


def test_usage_adds_up_in_every_column() -> None:
    """Rows of a table of use sum to its last row, as printed."""
    lines = [Line("a", chip_time=1_000_003), Line("b", chip_time=2_000_001), Line("c", chip_time=3_000_007)]
    table = usage.table(lines, "tenant", load("en"))
    for column in (1, 2, 4):
        *parts, whole = [float(row.cells[column].replace(",", "").rstrip("%")) for row in table.rows]
        assert sum(parts) == pytest.approx(whole)


def test_usage_of_a_kind_without_a_price_is_in_no_sum_of_money_and_said() -> None:
    """Not known is not zero."""
    lines = [Line(), Line(kind="L20", cost=None, currency=None)]
    said = printed(lambda console: usage.render(lines, NOW - HOUR_MS, NOW, "kind", console, "en"))
    assert "8.00 chip-hours are of kinds without a price" in said
    assert "53.60" in said


def test_money_of_two_currencies_has_two_columns() -> None:
    """Amounts of different currencies are never added."""
    table = usage.table([Line(), Line(cost=100, currency="USD")], "tenant", load("en"))
    assert [column.title for column in table.columns[-2:]] == ["Cost, CNY", "Cost, USD"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_names_cannot_steer_the_terminal_anywhere(lang: str) -> None:
    """Whatever a user typed reaches a terminal as text: no escape, no new line, no turned writing, no markup."""
    job = Job(NASTY, NASTY, NASTY, NASTY, kinds=(NASTY,), on=(Place(NASTY),), status="running", start_ms=NOW)
    node = Node(NASTY, NASTY, NASTY, reason=NASTY)
    line = Line(tenant=NASTY)
    for show in (
        lambda console: jobs.render([job], True, NOW, console, lang),
        lambda console: why.render(job, Why("engine", {}, said=NASTY), NOW, console, lang),
        lambda console: nodes.render([node], console, lang),
        lambda console: usage.render([line], NOW, NOW, "tenant", console, lang),
        lambda console: submitted.render(job, console, lang),
        lambda console: submitted.render_cancelled(job, console, lang),
    ):
        said = printed(show, 400)
        assert not {"\x1b", "\u202e", "\r"} & set(said)
        assert "[bold]" in said


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_status_and_outcome_has_its_word(lang: str) -> None:
    """A server cannot answer with a state that there is no word for."""
    words = messages(lang)
    assert all(f"live.status.{status}" in words and f"live.why.{status}" in words for status in get_args(StatusName))
    assert all(f"live.outcome.{outcome}" in words for outcome in get_args(OutcomeName))


def test_both_languages_are_printed_where_both_are_asked_for() -> None:
    """`--lang both` prints English, then Chinese."""
    said = printed(lambda console: why.render(Job(), Why(), NOW, console, "both"))
    assert 0 <= said.index("waits.") < said.index("在等待")


def test_an_empty_list_says_that_it_is_empty() -> None:
    """No table without rows."""
    assert "no such jobs" in printed(lambda console: jobs.render([], False, NOW, console, "en"))
    assert "Nothing was held" in printed(lambda console: usage.render([], NOW, NOW, "day", console, "en"))
    assert json.dumps(list(size.spans([]))) == "[]"


@pytest.mark.parametrize(
    ("told", "english", "chinese"),
    [
        (HELD_BY_ENGINE.format(job="7"), "did not say why", "没有说明原因"),
        (NOT_STARTED.format(said=SILENT), "nothing came of it", "没有结果"),
        (NOT_STARTED.format(said="Invalid account"), "says: Invalid account", "理由是：Invalid account"),
        (TAKEN, "were taken, or went out", "被占用或停用"),
        ("Dependency", "holds it: Dependency", "Dependency"),
    ],
)
def test_what_a_turn_says_of_a_job_is_said_in_the_readers_language(told: str, english: str, chinese: str) -> None:
    """The engine's own words stay as they are."""
    why = Why(reason="engine", said=told)
    assert english in hold.reason(why, load("en"))
    assert chinese in hold.reason(why, load("zh"))
    assert "engine" not in hold.reason(why, load("zh"))
