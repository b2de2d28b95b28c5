from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go
import pytest
import studies

from headrace.explain.ledger import Class
from headrace.report.charts import MOST_SLICES, coarser, curve_chart, waits_chart, waterfall_chart
from headrace.report.palette import DARK, LIGHT, dark_of
from headrace.report.tables.comparison import in_order
from headrace.report.words import load
from headrace.units import CHIP_HOUR, HOUR_MS, SECOND_MS

if TYPE_CHECKING:
    from headrace.report.study import Study

EN = load("en")
EVERY = pytest.mark.parametrize("study", studies.every_kind(), ids=lambda study: study.fleet.name[:6])


@EVERY
def test_plotly_accepts_every_chart(study: Study) -> None:
    shown = in_order(study.happened, study.results)
    for chart in (
        waterfall_chart(study.main.ledger, EN),
        curve_chart(study.main.ledger, EN),
        waits_chart(shown, EN),
    ):
        go.Figure(chart)
        json.dumps(chart, allow_nan=False)


def test_the_bars_of_the_waterfall_are_the_ledger() -> None:
    ledger = studies.study().main.ledger
    trace = waterfall_chart(ledger, EN)["data"][0]
    sizes = dict(zip(trace["y"], trace["x"], strict=True))
    assert sizes["Paid"] == pytest.approx(ledger.paid / CHIP_HOUR)
    for c in Class:
        assert sizes[EN(f"class.{c.word}")] == pytest.approx(ledger.classes[c] / CHIP_HOUR, abs=1e-5)


def test_a_class_has_one_colour_in_every_chart() -> None:
    ledger = studies.study().main.ledger
    bars = waterfall_chart(ledger, EN)["data"][0]
    colours = dict(zip(bars["y"], bars["marker"]["color"], strict=True))
    for area in curve_chart(ledger, EN)["data"]:
        assert area["fillcolor"] == colours[area["name"]]


def test_no_two_classes_share_a_colour_in_the_light_or_the_dark() -> None:
    assert len(set(LIGHT.values())) == len(set(DARK.values())) == len(Class)


def test_each_colour_turns_into_one_colour_in_the_dark() -> None:
    turned = dark_of()
    assert all(turned.get(LIGHT[c], LIGHT[c]) == DARK[c] for c in Class)
    assert not turned.keys() & set(turned.values())


def test_the_areas_stack_to_the_fleets_chips() -> None:
    study = studies.study()
    areas = curve_chart(study.main.ledger, EN)["data"]
    stacked = np.sum([area["y"] for area in areas], axis=0)
    assert stacked[:-1] == pytest.approx(study.fleet.chips, abs=0.1)


def test_useful_work_lies_at_the_bottom() -> None:
    names = [area["name"] for area in curve_chart(studies.study().main.ledger, EN)["data"]]
    assert (names[0], names[-1]) == ("Useful", "Down")


def test_a_class_that_never_occurs_is_not_drawn() -> None:
    names = {area["name"] for area in curve_chart(studies.without_times().main.ledger, EN)["data"]}
    assert names == {"Unknown", "Lost", "Order", "No demand"}


@pytest.mark.parametrize("slices", [1, MOST_SLICES, MOST_SLICES + 1, 5 * MOST_SLICES - 7])
def test_a_long_curve_is_made_coarser_and_loses_nothing(slices: int) -> None:
    ledger = studies.ledger(studies.fleet(), curve=np.arange(12 * slices).reshape(12, slices))
    curve, step = coarser(ledger)
    assert curve.shape[1] <= MOST_SLICES
    assert curve.sum(axis=1).tolist() == ledger.curve.sum(axis=1).tolist()
    assert step % (3 * HOUR_MS) == 0
    assert step * curve.shape[1] >= 3 * HOUR_MS * slices


def test_the_last_slice_is_the_mean_of_what_is_left_of_it() -> None:
    fleet = studies.fleet()
    ledger = studies.ledger(fleet)
    half = studies.ledger(fleet, end=ledger.end - ledger.slice // 2)
    whole = curve_chart(ledger, EN)["data"][0]["y"]
    assert curve_chart(half, EN)["data"][0]["y"][-1] == pytest.approx(2 * whole[-1], abs=0.02)


def test_a_wait_of_nothing_is_drawn_at_one_second_and_told_as_it_is() -> None:
    study = studies.study()
    assert study.happened is not None
    none = studies.waits(0.0)
    chart = waits_chart([studies.Result("fifo/first", study.happened.ledger, study.happened.metrics, none)], EN)
    assert set(chart["data"][0]["x"]) == {SECOND_MS}
    assert set(chart["data"][0]["customdata"]) == {"0 s"}


def test_names_are_escaped_where_plotly_would_read_html() -> None:
    study = studies.hostile()
    chart = waits_chart(in_order(study.happened, study.results), EN)
    assert chart["layout"]["yaxis"]["ticktext"][0].startswith("&lt;script&gt;")
    assert chart["data"][-1]["name"] == "fifo/[blink]&lt;i&gt;"
