"""A sweep's charts: one row a setting, one mark a cell, in the manner of the report's own."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from headrace.report.charts import NAME, ROW, SYMBOLS, TICKS, Chart, axis_title, blank_layout, legend
from headrace.report.names import short
from headrace.report.palette import INK, PAPER, POLICIES
from headrace.report.quantities import duration, percent
from headrace.sweep.tables import settings
from headrace.units import SECOND_MS

if TYPE_CHECKING:
    from headrace.report.words import Words
    from headrace.sweep.sweep import Swept

LONG: Final = 2 * NAME


@dataclass(frozen=True)
class Drawn:
    """A figure that is drawn: its column, and whether it is a time (on a log scale) or a share."""

    name: str
    time: bool = True

    def place(self, value: float) -> float:
        return max(round(value * SECOND_MS), SECOND_MS) if self.time else round(value * 100, 4)

    def text(self, value: float, words: Words) -> str:
        return duration(value * SECOND_MS, words) if self.time else percent(value)

    def axis(self, words: Words) -> Chart:
        title = {"showgrid": True, "title": axis_title(words(f"sweep.drawn.{self.name}"))}
        if not self.time:
            return title | {"rangemode": "tozero", "ticksuffix": "%"}
        ticks = {"tickvals": list(TICKS), "ticktext": [duration(tick, words) for tick in TICKS]}
        return title | {"type": "log"} | ticks


DRAWN: Final = (Drawn("p95_wait_s"), Drawn("avg_completion_s"), Drawn("allocated", time=False))


def chart(swept: Swept, drawn: Drawn, words: Words) -> Chart:
    """One figure of every cell: a row a setting, a colour and a form a policy, a mark a seed."""
    groups = settings(swept.cells, words)
    policies = list(dict.fromkeys(cell.policy.name for cell in swept.cells))
    marks = [
        (cell.policy.name, row, swept.figures[cell.key][drawn.name])
        for row, (_, cells) in enumerate(groups)
        for cell in cells
        if cell.key in swept.figures and swept.figures[cell.key][drawn.name] is not None
    ]
    layout = blank_layout(ROW * len(groups) + 130) | {"legend": legend()}
    names = [html.escape(short(title, LONG)) for title, _ in groups]
    layout["yaxis"] |= {"range": [len(groups) - 0.4, -0.6], "tickvals": list(range(len(groups))), "ticktext": names}
    layout["yaxis"] |= {"showgrid": True}
    layout["xaxis"] |= drawn.axis(words)
    traces = [_trace(i, name, [m[1:] for m in marks if m[0] == name], drawn, words) for i, name in enumerate(policies)]
    return {"data": traces, "layout": layout}


def _trace(number: int, policy: str, marks: list[tuple[int, Any]], drawn: Drawn, words: Words) -> Chart:
    colour, oracle = POLICIES[number % len(POLICIES)], policy.startswith("oracle:")
    symbol = SYMBOLS[(number + number // len(POLICIES)) % len(SYMBOLS)]  # a second round has other forms
    return {
        "type": "scatter",
        "mode": "markers",
        "name": html.escape(policy),
        "x": [drawn.place(value) for _, value in marks],
        "y": [row for row, _ in marks],
        "marker": {
            "color": INK[0] if oracle else colour,
            "size": 11,
            "symbol": symbol + ("-open" if oracle else ""),
            "line": {"width": 2 if oracle else 1, "color": INK[0] if oracle else PAPER[0]},
        },
        "customdata": [drawn.text(value, words) for _, value in marks],
        "hovertemplate": "%{customdata}",
    }
