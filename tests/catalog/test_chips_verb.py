"""`headrace chips` and `headrace catalog check` as a user meets them."""

from __future__ import annotations

import json

import pytest

from headrace.catalog.check.prices import KINDS, TAXES
from headrace.catalog.facts import ALIAS, Status
from headrace.catalog.load import chips, sources
from headrace.catalog.money import UNITS
from headrace.catalog.whole import Problem
from headrace.cli import catalog as catalog_verb
from headrace.cli.chips import run
from headrace.errors import CallError, CheckFailedError
from headrace.report import words

BUYERS = ["H20", "H100", "Ascend 910B"]


def said(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().out


def line(text: str, label: str) -> list[str]:
    """The cells after a label."""
    return next(each for each in text.splitlines() if each.startswith(label)).removeprefix(label).split("  ")


def cells(text: str, label: str) -> list[str]:
    return [cell.strip() for cell in line(text, label) if cell.strip()]


def test_a_comparison_sets_chips_side_by_side_for_a_buyer(capsys: pytest.CaptureFixture[str]) -> None:
    run(BUYERS, True, False, False, "en")
    text = said(capsys)
    assert cells(text, "Figure") == BUYERS
    assert cells(text, "BF16, dense") == ["148 TFLOPS", "989.5 TFLOPS", "320 TFLOPS*"]
    assert cells(text, "Memory bandwidth") == ["4,000 GB/s*", "3,350 GB/s", "1,600 GB/s"]
    assert cells(text, "TPP") == ["2,368", "15,832", "5,120"]
    assert cells(text, "Performance density") == ["2.91", "19.45", "–"]
    assert len(cells(text, "A card, CNY for 1 PFLOPS of 16 bits")) == 3
    assert "Ascend 910B, BF16, dense: 320 TFLOPS (whatpsu" in text


def test_a_comparison_speaks_chinese(capsys: pytest.CaptureFixture[str]) -> None:
    run(BUYERS, True, False, False, "zh")
    text = said(capsys)
    assert cells(text, "指标") == BUYERS
    assert "显存带宽" in text


def test_a_sheet_shows_every_fact_of_a_chip_with_how_well_it_is_founded(capsys: pytest.CaptureFixture[str]) -> None:
    run(["昇腾910B"], False, False, False, "en")
    text = said(capsys)
    assert text.startswith("Ascend 910B")
    assert cells(text, "Power ") == ["400 W?", "assumed", "2024"]
    assert cells(text, "BF16, measured") == ["312.7 TFLOPS*", "measured", "2025"]


def test_every_figure_of_a_sheet_can_be_traced_to_its_rows(capsys: pytest.CaptureFixture[str]) -> None:
    run(["H20"], False, False, True, "en")
    text = said(capsys)
    for attribute, facts in chips()["H20"].facts.items():
        assert attribute == ALIAS or facts[0].place in " ".join(text.split())


def test_without_a_name_every_chip_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    run([], False, False, False, "en")
    text = said(capsys)
    assert all(name in text for name in chips())


def test_the_figures_come_as_json_with_their_sources(capsys: pytest.CaptureFixture[str]) -> None:
    run(["H20", "H100"], True, True, False, None)
    told = json.loads(said(capsys))
    h20 = told["chips"][0]
    assert [chip["name"] for chip in told["chips"]] == ["H20", "H100"]
    assert h20["tpp"]["value"] == 2368
    assert h20["facts"]["memory_bandwidth_gb_s"]["value"] == 4000
    assert [other["value"] for other in h20["facts"]["memory_bandwidth_gb_s"]["others"]] == [4096]
    assert h20["markets"]["card"]["low"] == 121250
    assert told["sources"].keys() <= sources().keys()
    assert all(fact["source"] in told["sources"] for fact in h20["facts"].values())


def test_all_chips_come_as_json_too(capsys: pytest.CaptureFixture[str]) -> None:
    run([], False, True, False, None)
    assert len(json.loads(said(capsys))["chips"]) == len(chips())


def test_an_unknown_chip_is_one_sentence() -> None:
    with pytest.raises(CallError, match="no chip 'H21'"):
        run(["H20", "H21"], True, False, False, "en")


def test_a_chip_named_twice_is_shown_once(capsys: pytest.CaptureFixture[str]) -> None:
    run(["H20", "H20-96GB"], True, False, False, "en")
    assert cells(said(capsys), "Figure") == ["H20"]


@pytest.mark.parametrize("lang", words.LANGUAGES)
def test_every_attribute_of_every_chip_has_a_label(lang: str) -> None:
    labels = words.messages(lang).keys()
    attributes = {attribute for chip in chips().values() for attribute in chip.facts if attribute != ALIAS}
    assert {f"chips.figure.{attribute}" for attribute in attributes} <= labels


@pytest.mark.parametrize("lang", words.LANGUAGES)
def test_every_status_and_every_form_of_a_price_has_its_word(lang: str) -> None:
    labels = words.messages(lang).keys()
    assert {f"chips.status.{status.value}" for status in Status} <= labels
    assert {f"chips.unit.{unit}" for unit in UNITS} <= labels
    assert {f"chips.kind.{kind}" for kind in KINDS} | {f"chips.tax.{tax}" for tax in TAXES} <= labels


@pytest.mark.parametrize("lang", words.LANGUAGES)
def test_every_chip_has_a_sheet_with_its_sources(lang: str, capsys: pytest.CaptureFixture[str]) -> None:
    run(list(chips()), False, False, True, lang)
    text = said(capsys)
    assert all(name in text for name in chips())


def test_the_check_says_that_every_row_holds(capsys: pytest.CaptureFixture[str]) -> None:
    catalog_verb.check(False, "en")
    text = said(capsys)
    assert "Every row holds." in text
    assert "H20, power_w: 400 W (reported, nvidia.csv:" in text


def test_the_check_as_json_has_problems_and_conflicts(capsys: pytest.CaptureFixture[str]) -> None:
    catalog_verb.check(True, None)
    told = json.loads(said(capsys))
    assert told["problems"] == []
    assert told["conflicts"]


def test_a_catalogue_that_does_not_hold_ends_with_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(catalog_verb, "walk", lambda known: [Problem("bad.csv:7", "is wrong")])
    with pytest.raises(CheckFailedError, match="1 rows") as caught:
        catalog_verb.check(False, "en")
    assert caught.value.exit_code == 1
    assert "- bad.csv:7: is wrong" in said(capsys)
