"""What is shown of a status: the same gates, numbers and sources in both languages and in JSON."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import StringIO
from itertools import product

import pytest
from rich.console import Console

from headrace.catalog.notices import BASES, deliveries, measures, rules
from headrace.catalog.spec import Spec
from headrace.catalog.status import ChineseSide, Delivered, Status, UsExport, history, status
from headrace.report.catalog.status import (
    history_json,
    notice_line,
    render,
    render_history,
    said,
    status_json,
)
from headrace.report.words import load

H20 = Spec(
    "H20",
    vendor="NVIDIA",
    data_centre=True,
    tpp=Decimal(2368),
    density=Decimal("2.91"),
    bandwidth=Decimal(4000),
    link=Decimal(900),
    designer="US",
    sold_in_us=False,
)
DAYS = [date(2022, 9, 1), date(2024, 6, 1), date(2025, 4, 20), date(2025, 12, 1), date(2026, 1, 15), date(2026, 6, 10)]
CHIPS = [
    H20,
    replace(H20, name="H200", tpp=Decimal(15832), bandwidth=Decimal(4800), sold_in_us=None),
    replace(H20, name="a card", tpp=Decimal(20000), data_centre=False),
    Spec("nothing known", designer="US"),
    Spec("Ascend 910B", designer="CN", data_centre=True, tpp=Decimal(5120)),
]


def shown(now: Status, lang: str) -> str:
    screen = Console(file=StringIO(), width=100)
    render(now, screen, lang)
    assert isinstance(screen.file, StringIO)
    return screen.file.getvalue()


def told(spec: Spec, lang: str) -> str:
    screen = Console(file=StringIO(), width=140)
    render_history(spec.name, history(spec, date(2022, 1, 1), date(2026, 11, 1)), "CN", screen, lang)
    assert isinstance(screen.file, StringIO)
    return screen.file.getvalue()


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_numbers_that_decided_and_their_source_are_shown(lang: str) -> None:
    text = shown(status(H20, date(2025, 4, 20)), lang)
    assert "4000 ≥ 1400" in text
    assert "[nvda-8k-2025-04-15]" in text
    assert "2025-04-09" in text


def test_a_free_chip_is_shown_with_the_numbers_that_keep_it_free() -> None:
    assert "TPP 2368 < 2400" in shown(status(H20, date(2024, 6, 1)), "en")


@pytest.mark.parametrize(("spec", "day", "lang"), [*product(CHIPS, DAYS, ["en", "zh"])])
def test_every_status_can_be_told(spec: Spec, day: date, lang: str) -> None:
    """No word is missing in either language, and nothing of a message is left unfilled."""
    assert "{" not in shown(status(spec, day), lang)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_notice_and_outcome_has_its_words(lang: str) -> None:
    words = load(lang)
    for notice in (*rules().values(), *measures().values(), *deliveries().values()):
        assert notice.citation in notice_line(notice, words)
    for gate, outcomes in (("us_export", UsExport), ("chinese_side", ChineseSide), ("delivered", Delivered)):
        assert all(words(f"status.{gate}.{outcome.value}") for outcome in outcomes)
    assert all(words(f"status.basis.{basis}") for basis in BASES)


def test_comparisons_are_told_in_words() -> None:
    tariff = next(m for m in status(CHIPS[1], date(2026, 1, 15)).notes if m.notice.id == "US-2026-01-TARIFF")
    assert [said(comparison, load("en")) for comparison in tariff.because] == [
        "TPP 15832 within 14000–17500",
        "memory GB/s 4800 within 4500–5000",
    ]


def test_history_tells_each_day_once_and_measures_for_some_buyers() -> None:
    text = told(H20, "en")
    days = [line.split()[0] for line in text.splitlines() if line[:2] == "20"]
    assert days == sorted(set(days))
    assert "blocked (reported), for state-funded projects" in text
    assert told(H20, "zh")


def test_json_holds_the_same_gates_and_traces_each_to_a_document() -> None:
    figures = json.loads(status_json(status(H20, date(2025, 4, 20))))
    gate = figures["gates"]["us_export"]
    assert gate["outcome"] == "licence_required"
    assert gate["because"] == ["bandwidth 4000 ≥ 1400"]
    assert gate["rule"]["sources"][0]["publisher"] == "NVIDIA"
    assert figures["gates"]["delivered"]["outcome"] == "no"


def test_the_history_in_json_lists_each_change_with_its_day() -> None:
    figures = json.loads(history_json("H20", history(H20, date(2022, 1, 1), date(2026, 11, 1)), "CN"))
    days = [change["on"] for change in figures["changes"]]
    assert days == sorted(set(days))
    assert "2025-04-09" in days
