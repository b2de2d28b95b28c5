"""What is said of a fill: the same figures in the terminal, on the page and for programs."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import filled
import pytest
from goldens import assert_golden, console, printed, read, text_of
from tests.remembering import Remembering

from headrace.policy.registry import PLACES
from headrace.report import page as report_page
from headrace.report.fill import page, terminal
from headrace.report.fill.charts import DASHES, allocated_chart, fragmented_chart
from headrace.report.fill.figures import fill_dict, fill_json
from headrace.report.fill.fills import REASONS, Fills, Mean
from headrace.report.fill.placements import placements_csv
from headrace.report.fill.tables import fill_table, share
from headrace.report.palette import POLICIES
from headrace.report.words import Words, load, messages
from headrace.world.plan import Reason


@cache
def fills() -> Fills:
    return filled.fills()


@cache
def given() -> Fills:
    return filled.given()


def twice() -> Fills:
    """Two rules that fill alike."""
    rule = fills().rules[0]
    return replace(fills(), rules=(rule, replace(rule, place="other")))


def on_screen(shown: Fills, lang: str, width: int = 100) -> str:
    screen = console(width)
    terminal.render(shown, screen, lang)
    return printed(screen)


@pytest.mark.parametrize(("lang", "told"), [("en", "as full under every rule"), ("zh", "装得一样满")])
def test_no_rule_is_called_the_fullest_where_all_fill_alike(lang: str, told: str) -> None:
    said = "".join(on_screen(twice(), lang, 400).split("\n"))
    assert told in said


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_terminal_reads_as_in_the_golden_file(lang: str) -> None:
    assert_golden(f"fill.{lang}.txt", on_screen(fills(), lang))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_page_reads_as_in_the_golden_file(lang: str) -> None:
    assert_golden(f"fill-page.{lang}.txt", text_of(page.render(fills(), lang)))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_one_rule_in_given_orders_reads_as_in_the_golden_file(lang: str) -> None:
    assert_golden(f"fill-given.{lang}.txt", on_screen(given(), lang) + text_of(page.render(given(), lang)))


def test_the_figures_are_as_in_the_golden_file() -> None:
    assert_golden("fill.json", fill_json(filled.fills((1, 2), ("best", "fgd"))))


def test_the_same_fills_give_the_same_bytes() -> None:
    assert page.render(filled.fills(), "both") == page.render(fills(), "both")
    assert fill_json(filled.fills()) == fill_json(fills())


def test_every_reason_for_dropping_a_job_is_shown() -> None:
    assert fills().reasons == list(REASONS)
    for lang in ("en", "zh"):
        assert all(load(lang)(f"fill.reason.{r.name.lower()}") in on_screen(fills(), lang, 140) for r in REASONS)


def test_the_mean_of_the_seeds_is_shown_with_their_deviation() -> None:
    assert Mean.of([0.25, 0.75]) == Mean(0.5, pytest.approx(0.3535534))
    assert share(Mean(0.954, 0.0012)) == "95.4% ± 0.1"
    assert share(Mean.of([0.954])) == "95.4%"


def test_the_fullest_rule_is_in_bold_and_in_the_answer() -> None:
    rows = fill_table(fills(), load("en")).rows
    bold = {row.cells[0] for row in rows if row.best == {1}}
    assert bold == {rule.place for rule in fills().rules if rule.allocated == fills().fullest.allocated}
    assert f"fullest under {fills().fullest.place}: " in " ".join(on_screen(fills(), "en").split())
    assert not any(row.best for row in fill_table(given(), load("en")).rows)


def test_the_figures_of_a_rule_are_the_means_of_its_seeds() -> None:
    for rule in fill_dict(fills())["rules"].values():
        seeds = rule["seeds"].values()
        for name in ("allocated", "fragmented"):
            assert rule["final"][name]["mean"] == pytest.approx(sum(s["final"][name] for s in seeds) / 3, abs=1e-5)
            ends = zip(*(s[name][: len(rule["load"])] for s in seeds), strict=True)
            assert rule[name] == pytest.approx([sum(end) / 3 for end in ends], abs=1e-5)
        for reason, dropped in rule["dropped"].items():
            assert dropped["jobs"]["mean"] == pytest.approx(
                sum(s["dropped"][reason]["jobs"] for s in seeds) / 3, abs=1e-5
            )


def test_what_was_placed_and_what_was_dropped_is_what_arrived() -> None:
    for rule in fills().rules:
        for fill in rule.fills:
            dropped = sum(fill.dropped(reason)[1] for reason in REASONS)
            assert fill.allocated + dropped == fill.demand.sum()


def test_each_chart_has_a_line_for_each_rule_that_no_other_is_like() -> None:
    every = filled.fills((1,), tuple(PLACES))
    for chart, more in ((allocated_chart(every, load("en")), 1), (fragmented_chart(every, load("en")), 0)):
        lines = chart["data"][more:]
        assert [line["name"] for line in lines] == list(PLACES)
        assert len({(line["line"]["color"], line["line"]["dash"]) for line in lines}) == len(PLACES)
        assert all(len(line["x"]) == len(line["y"]) for line in lines)
    assert len(POLICIES) == len(DASHES)


def test_the_page_asks_the_network_for_nothing() -> None:
    tags = read(page.render(fills(), "both")).tags
    assert not [attrs for _, attrs in tags if {"src", "srcset"} & attrs.keys()]
    assert all((attrs.get("href") or "#").startswith(("#", "data:")) for _, attrs in tags)


def test_names_from_files_cannot_become_html() -> None:
    text = page.render(given(), "en")
    assert "<note>" not in text
    assert "<synthetic>" not in text
    assert "&lt;synthetic&gt;" in text


def test_every_message_about_a_fill_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    watched = Remembering(messages("en"))
    for module in (report_page, terminal):
        monkeypatch.setattr(module, "load", lambda lang: Words(lang, watched))
    for shown in (fills(), given(), twice()):
        page.render(shown, "en")
        on_screen(shown, "en", 140)
    assert {key for key in messages("en") if key.startswith("fill.")} - watched.asked == set()


def test_placements_tell_nodes_ranks_and_chips_of_each_job_or_why_it_was_dropped() -> None:
    names = tuple(f"job-{i}" for i in range(len(filled.JOBS)))
    fill = fills().rules[0].fills[0]
    header, *rows = placements_csv(fill, names, filled.FLEET.node_names).splitlines()
    assert header == "seq,job,node,node_rank,chips,reason"
    cells = [row.split(",") for row in rows]
    assert [int(row[0]) for row in cells] == list(range(len(fill.order.arrivals)))
    assert [row[1] for row in cells] == [names[job] for job in fill.order.arrivals.tolist()]
    gang = next(row for row in cells if ";" in row[2])
    assert gang[1:] == ["job-13", "h20-4;h20-5", "3;4", "0;1;2;3|0;1;2;3", '""']
    assert sum(row[5] == "fragmented" for row in cells) == fill.dropped(Reason.FRAGMENTED)[0]
    assert all(row[2] == row[3] == row[4] == '""' for row in cells if row[5] != '""')
