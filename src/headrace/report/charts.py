"""The page's charts, as Plotly figures: plain dictionaries without chance or time: a study always draws the same.

Colours are those of the light; the page's script changes them in the dark (`palette.dark_of`). Names that came from a
user are escaped, since Plotly reads some HTML in its labels.
"""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

from headrace.explain.ledger import Class, Ledger
from headrace.report.instants import exact
from headrace.report.names import short
from headrace.report.palette import GRID, INK, LIGHT, PAPER, POLICIES, QUIET, TOTAL
from headrace.report.quantities import duration
from headrace.report.tables.breakdown import STACKED
from headrace.report.tables.comparison import policy_name
from headrace.report.tables.ledger import LINES, printed_hours, printed_shares, waterfall
from headrace.report.tables.waits import tenants_by_size, wait_of
from headrace.units import CHIP_HOUR, DAY_MS, HOUR_MS, MILLI, MINUTE_MS, SECOND_MS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headrace.report.study import Result
    from headrace.report.words import Words
    from headrace.world.record import Ints

Chart: TypeAlias = dict[str, Any]

MOST_SLICES: Final = 480
"""About as many as a screen has room for."""
MOST_TENANTS: Final = 16
NAME: Final = 24
SYMBOLS: Final = ("circle", "square", "diamond", "cross", "triangle-up", "star")
TICKS: Final = (
    *(n * SECOND_MS for n in (1, 10)),
    *(n * MINUTE_MS for n in (1, 10)),
    *(n * HOUR_MS for n in (1, 6)),
    *(n * DAY_MS for n in (1, 10, 100)),
)
ROW: Final = 32
"""Pixels of a row of marks."""
FONT: Final = 'system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif'


def waterfall_chart(ledger: Ledger, words: Words) -> Chart:
    """From paid, down to useful: each class a bar that begins where the last one ended."""
    bars, hours, shares = list(waterfall(ledger)), printed_hours(ledger), printed_shares(ledger)
    scale = ledger.paid / CHIP_HOUR
    labels = [words(f"class.{word}" if len(classes) == 1 else f"sum.{word}") for word, classes in LINES]
    trace = {
        "type": "bar",
        "orientation": "h",
        "y": labels,
        "base": [round(bar.begin * scale, 6) for bar in bars],
        "x": [round((bar.end - bar.begin) * scale, 6) for bar in bars],
        "marker": {"color": [TOTAL[0] if bar.cls is None else LIGHT[bar.cls] for bar in bars]},
        "text": [shares[word] if bar.begin < bar.end else "" for (word, _), bar in zip(LINES, bars, strict=True)],
        "textposition": "outside",
        "textfont": {"color": QUIET[0]},
        "cliponaxis": False,
        "customdata": [words("hover.class", hours=hours[word], share=shares[word]) for word, _ in LINES],
        "hovertemplate": "%{y}<br>%{customdata}<extra></extra>",
    }
    layout = blank_layout(ROW * len(LINES) + 60) | {"bargap": 0.28, "showlegend": False}
    layout["yaxis"] |= {"autorange": "reversed", "type": "category"}
    layout["xaxis"] |= {"range": [0, round(scale * 1.12, 6)], "title": axis_title(words("axis.chip_hours"))}
    layout["xaxis"] |= {"showgrid": True, "tickformat": "~s"}
    return {"data": [trace], "layout": layout}


def curve_chart(ledger: Ledger, words: Words) -> Chart:
    """Chips in each class over time, stacked, useful work at the bottom; each point is the mean of its slice."""
    curve, step = coarser(ledger)
    lengths = np.minimum(step, ledger.end - ledger.begin - step * np.arange(curve.shape[1])).clip(1)
    chips = curve / (lengths * MILLI)
    data = [_area(c, chips[c], ledger.begin, step, words) for c in STACKED if ledger.classes[c]]
    layout = blank_layout(440) | {"hovermode": "x unified", "legend": legend()}
    layout["xaxis"] |= {"type": "date", "range": [exact(ledger.begin)[:-1], exact(ledger.end)[:-1]]}
    layout["xaxis"] |= {"tickformat": "%m-%d\n%Y", "hoverformat": "%Y-%m-%d %H:%M", "fixedrange": False}
    layout["yaxis"] |= {"title": axis_title(words("axis.chips")), "rangemode": "tozero", "showgrid": True}
    return {"data": data, "layout": layout}


def waits_chart(shown: Sequence[Result], words: Words) -> Chart:
    """One row a tenant, one mark a result: the 95th-percentile wait on a log scale, nothing below a second."""
    tenants = tenants_by_size(shown)[:MOST_TENANTS]
    data = [_marks(i, result, tenants, words) for i, result in enumerate(shown)]
    layout = blank_layout(ROW * len(tenants) + 130) | {"legend": legend()}
    names = [html.escape(short(tenant, NAME)) for tenant in tenants]
    layout["yaxis"] |= {"range": [len(tenants) - 0.4, -0.6], "tickvals": list(range(len(tenants))), "ticktext": names}
    layout["yaxis"] |= {"showgrid": True}
    layout["xaxis"] |= {"type": "log", "showgrid": True, "title": axis_title(words("axis.wait"))}
    layout["xaxis"] |= {"tickvals": list(TICKS), "ticktext": [duration(tick, words) for tick in TICKS]}
    return {"data": data, "layout": layout}


def coarser(ledger: Ledger) -> tuple[Ints, int]:
    """The ledger's curve in at most MOST_SLICES slices, and the length of one (ms); nothing of it is lost."""
    slices = ledger.curve.shape[1]
    together = -(-slices // MOST_SLICES)
    padded = np.pad(ledger.curve, ((0, 0), (0, -slices % together)))
    return padded.reshape(len(Class), -1, together).sum(axis=2), ledger.slice * together


def _area(c: Class, chips: np.ndarray[Any, Any], begin: int, step: int, words: Words) -> Chart:
    return {
        "type": "scatter",
        "mode": "lines",
        "stackgroup": "all",
        "name": words(f"class.{c.word}"),
        "x0": begin + step // 2,
        "dx": step,
        "y": [round(float(y), 2) for y in chips],
        "line": {"width": 0, "color": LIGHT[c]},
        "fillcolor": LIGHT[c],
        "hovertemplate": "%{y:,.1f}",
    }


def _marks(number: int, result: Result, tenants: Sequence[str], words: Words) -> Chart:
    colour = _colour(number, result)
    waits = [wait.p95_wait if (wait := wait_of(tenant, result)) else None for tenant in tenants]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": html.escape(policy_name(result.name, words)),
        "x": [None if wait is None else max(wait, SECOND_MS) for wait in waits],
        "y": list(range(len(tenants))),
        "marker": {
            "color": colour,
            "size": 11,
            "symbol": SYMBOLS[number % len(SYMBOLS)] + ("-open" if result.oracle else ""),
            "line": {"width": 2 if result.oracle else 1, "color": colour if result.oracle else PAPER[0]},
        },
        "customdata": [words("none") if wait is None else duration(wait, words) for wait in waits],
        "hovertemplate": "%{customdata}",
    }


def _colour(number: int, result: Result) -> str:
    return INK[0] if not number and not result.oracle else POLICIES[(number - 1) % len(POLICIES)]


def blank_layout(height: int) -> Chart:
    """A chart of this height in pixels, in the page's own hand: no axis can be dragged, and no grid yet."""
    axis = {"gridcolor": GRID[0], "linecolor": GRID[0], "zeroline": False, "automargin": True, "fixedrange": True}
    quiet = {"showgrid": False, "tickfont": {"color": QUIET[0]}}
    return {
        "height": height,
        "margin": {"l": 8, "r": 16, "t": 8, "b": 8, "pad": 4},
        "font": {"family": FONT, "size": 13, "color": INK[0]},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "hoverlabel": {"bgcolor": PAPER[0], "bordercolor": GRID[0], "font": {"color": INK[0], "family": FONT}},
        "xaxis": axis | quiet,
        "yaxis": axis | {"showgrid": False},
    }


def axis_title(text: str) -> Chart:
    """An axis' title, in quiet ink."""
    return {"text": text, "font": {"color": QUIET[0], "size": 13}, "standoff": 12}


def legend() -> Chart:
    """A legend in a row below the chart."""
    return {"orientation": "h", "yref": "container", "y": 0, "yanchor": "bottom", "x": 0, "font": {"color": INK[0]}}
