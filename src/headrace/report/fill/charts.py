"""The charts of a fill: a share of the chips against what has arrived, one line a rule, the mean of the seeds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from headrace.report.charts import Chart, axis_title, blank_layout, legend
from headrace.report.palette import POLICIES, QUIET

if TYPE_CHECKING:
    from headrace.report.fill.fills import Fills, Rule
    from headrace.report.words import Words

HEIGHT: Final = 440
DASHES: Final = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
PLACES: Final = 3
LEAVING: Final = 2.0
"""Points below the line of a fleet that drops nothing."""
FULL: Final = 101


def allocated_chart(fills: Fills, words: Words) -> Chart:
    """Allocated chips, and the line of a fleet that drops nothing; from shortly before the first rule leaves it."""
    chart, begin = _chart("allocated", fills, words), _begin(fills)
    chart["data"].insert(0, _dropping_nothing(words))
    chart["layout"]["xaxis"]["range"] = [begin, max(rule.load[-1] for rule in fills.rules) + 1]
    chart["layout"]["yaxis"]["range"] = [begin, FULL]
    return chart


def _begin(fills: Fills) -> int:
    """Per cent of load, a multiple of ten: nothing is dropped, hardly, before; 0 if nothing ever is."""
    left = [
        load
        for rule in fills.rules
        for load, share in zip(rule.load, rule.curve("allocated"), strict=True)
        if load - 100 * share > LEAVING
    ]
    return max(0, min(left, default=0) // 10 - 1) * 10


def fragmented_chart(fills: Fills, words: Words) -> Chart:
    """Free chips of which the next job is expected to make no use."""
    return _chart("fragmented", fills, words)


def _chart(figure: str, fills: Fills, words: Words) -> Chart:
    layout = blank_layout(HEIGHT) | {"hovermode": "x unified", "legend": legend()}
    layout["xaxis"] |= {"title": axis_title(words("fill.axis.arrived")), "ticksuffix": "%", "rangemode": "tozero"}
    layout["yaxis"] |= {"title": axis_title(words(f"fill.axis.{figure}")), "ticksuffix": "%", "rangemode": "tozero"}
    layout["yaxis"] |= {"showgrid": True}
    return {"data": [_line(i, rule, figure) for i, rule in enumerate(fills.rules)], "layout": layout}


def _line(number: int, rule: Rule, figure: str) -> Chart:
    turn = number // len(POLICIES)
    return {
        "type": "scatter",
        "mode": "lines",
        "name": rule.place,
        "x": rule.load,
        "y": [round(share * 100, PLACES) for share in rule.curve(figure)],
        "line": {"width": 2, "color": POLICIES[number % len(POLICIES)], "dash": DASHES[(number + turn) % len(DASHES)]},
        "hovertemplate": "%{y:.1f}%",
    }


def _dropping_nothing(words: Words) -> Chart:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": words("fill.nothing_dropped"),
        "x": [0, 100],
        "y": [0, 100],
        "line": {"width": 1, "color": QUIET[0], "dash": "dot"},
        "hoverinfo": "skip",
    }
