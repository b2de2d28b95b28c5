"""Every word of a sweep is shown, in both languages, on a page that needs nothing but itself."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from rich.console import Console
from tests.remembering import Remembering

from headrace.policy.policy import parse
from headrace.report import page as pages
from headrace.report import words
from headrace.report.words import Words, load
from headrace.sweep import page, terminal
from headrace.sweep.charts import DRAWN, chart
from headrace.sweep.grid import grid
from headrace.sweep.prepare import prepare
from headrace.sweep.results import OF_THE_REPLAY
from headrace.sweep.said import answer, failures
from headrace.sweep.sweep import Swept
from headrace.sweep.tables import sweep_table

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from headrace.sweep.sweep_file import Sheet


@pytest.fixture
def swept(sheet: Callable[..., Sheet], desk: Path) -> Swept:
    """Made-up figures: each cell waits longer than the one before; the second failed."""
    understood = sheet()
    understood = replace(understood, scales=(500, 1000), walls=((), ("partition",), ("kind", "quota")))
    (desk / "columns").mkdir()
    fleets = prepare(understood, desk / "columns", lambda what, done, total: None)
    cells = grid(understood, {f.name: f.fleet for f in fleets}, {f.name: f.columns for f in fleets})
    figures = {cell.key: _figures(float(number)) for number, cell in enumerate(cells)}
    del figures[cells[1].key]
    return Swept(understood, fleets, cells, figures, {cells[1].key: "its worker <died>"})


def _figures(number: float) -> dict[str, object]:
    return dict.fromkeys(OF_THE_REPLAY, 0) | {"p95_wait_s": number * 60, "allocated": number / 100, "useful": None}


def test_every_message_is_shown_somewhere(swept: Swept, monkeypatch: pytest.MonkeyPatch) -> None:
    messages = Remembering(words.messages("en"))
    monkeypatch.setattr(pages, "load", lambda lang: Words(lang, messages))
    monkeypatch.setattr(page, "MOST_ROWS", 5)
    page.render(swept, "both", "headrace sweep")
    page.render(replace(swept, figures={}), "en", "headrace sweep")
    assert {key for key in messages.keys() - messages.asked if key.startswith("sweep.")} == set()


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_answer_leaves_out_those_that_peek(swept: Swept, lang: str) -> None:
    peeking = replace(swept, figures={k: f for k, f in swept.figures.items() if _cell(swept, k).policy.oracle})
    assert answer(peeking, load(lang)) == load(lang)("sweep.no_answer")
    assert "oracle" not in answer(swept, load(lang))


def _cell(swept: Swept, key: str) -> object:
    return next(cell for cell in swept.cells if cell.key == key)


def test_the_best_of_a_setting_is_bold_and_an_oracle_never_is(swept: Swept) -> None:
    rows = [row for row in sweep_table(swept, load("en"), 5).rows if row.tone != "heading"]
    assert [row.tone for row in rows] == ["plain", "muted", "plain", "plain", "oracle"]
    column = 3  # P95 wait, after policy, seed and mean wait
    assert [column in row.best for row in rows] == [True, False, False, False, False]


def test_a_failed_cell_is_named_with_its_reason(swept: Swept) -> None:
    (said,) = failures(swept, load("en"))
    assert said == "Failed: fair+easy/fgd on fleet.toml × 0.5: its worker <died>"
    assert "its worker &lt;died&gt;" in page.render(swept, "en", "")


def test_the_page_points_at_nothing_outside_itself_and_is_the_same_twice(swept: Swept) -> None:
    text = page.render(swept, "both", "headrace sweep")
    assert text == page.render(swept, "both", "headrace sweep")
    own = text[: text.index("/**\n* plotly.js")]
    assert all(value.startswith(("#", "data:")) for value in re.findall(r'<[^>]* (?:src|href)="([^"]*)"', own))
    assert "default-src 'none'" in text


def test_a_chart_has_a_mark_for_each_cell_with_figures(swept: Swept) -> None:
    for drawn in DRAWN:
        made = chart(swept, drawn, load("zh"))
        assert sum(len(trace["x"]) for trace in made["data"]) == len(swept.figures)
        assert len(made["layout"]["yaxis"]["ticktext"]) == 6
        json.dumps(made, allow_nan=False)


def test_no_two_policies_look_alike(swept: Swept) -> None:
    cells = [
        replace(swept.cells[0], policy=parse(f"{o}/{p}")) for o in ("fifo", "fair") for p in ("first", "best", "fgd")
    ]
    cells += [replace(cell, policy=parse(cell.policy.name.replace("/", "+easy/"))) for cell in cells]
    many = replace(swept, cells=tuple(cells), figures={cell.key: _figures(1.0) for cell in cells})
    looks = [(t["marker"]["color"], t["marker"]["symbol"]) for t in chart(many, DRAWN[0], load("en"))["data"]]
    assert len(set(looks)) == 12


@pytest.mark.parametrize("width", [60, 100, 140])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_terminal_shows_every_setting_within_its_width(swept: Swept, width: int, lang: str) -> None:
    screen = Console(width=width, record=True, force_terminal=False, file=open("/dev/null", "w"))  # noqa: SIM115
    terminal.render(swept, screen, lang)
    text = screen.export_text()
    assert text.count("fleet.toml") >= 6
    screen.file.close()
