"""The JSON of a fill: the same figures as the table and the page, for programs; shares are of the fleet's chips."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from headrace.report.names import plain
from headrace.units import MILLI

if TYPE_CHECKING:
    from collections.abc import Iterable

    from headrace.report.fill.fills import Fill, Fills, Mean, Origin, Rule
    from headrace.world.plan import Reason

Figures = dict[str, Any]
PLACES: Final = 6


def fill_json(fills: Fills) -> str:
    """The figures as JSON text: keys sorted, one value a line, a newline at the end."""
    return json.dumps(fill_dict(fills), ensure_ascii=False, allow_nan=False, indent=1, sort_keys=True) + "\n"


def fill_dict(fills: Fills) -> Figures:
    """The figures as plain values: rule -> the mean over the seeds, and each seed's own under `seeds`."""
    return _origin(fills.origin) | {
        "fleet": plain(fills.fleet.name),
        "chips": fills.fleet.chips,
        "nodes": len(fills.fleet.node_names),
        "synthetic": fills.fleet.synthetic,
        "seeds": list(fills.seeds),
        "rules": {rule.place: _rule(rule, fills.reasons) for rule in fills.rules},
    }


def _origin(origin: Origin) -> Figures:
    return {
        "version": plain(origin.version),
        "command": plain(origin.command),
        "inputs": {what: {"name": plain(name), "sha256": sha256} for what, name, sha256 in origin.inputs},
        "until": origin.until,
        "nodes_shuffled": origin.shuffled,
        "walls_waived": list(origin.walls),
        "jobs": origin.jobs,
        "rejects": origin.rejects,
        "notes": [plain(note) for note in origin.notes],
    }


def _rule(rule: Rule, reasons: list[Reason]) -> Figures:
    return {
        "load": [percent / 100 for percent in rule.load],
        "allocated": _rounded(rule.curve("allocated")),
        "fragmented": _rounded(rule.curve("fragmented")),
        "dropped": {
            reason.name.lower(): {"jobs": _mean(rule.dropped_jobs(reason)), "chips": _mean(rule.dropped_chips(reason))}
            for reason in reasons
        },
        "final": {
            "allocated": _mean(rule.allocated),
            "fragmented": _mean(rule.fragmented),
            "chips_left": _mean(rule.left),
        },
        "seeds": {str(fill.seed): _fill(fill, rule.chips, reasons) for fill in rule.fills},
    }


def _fill(fill: Fill, chips: int, reasons: list[Reason]) -> Figures:
    dropped = {reason.name.lower(): fill.dropped(reason) for reason in reasons}
    return {
        "arrivals": len(fill.demand),
        "arrived": _round(int(fill.demand.sum()) / chips),
        "load": [percent / 100 for percent in fill.filled.load.tolist()],
        "allocated": _rounded(milli / chips for milli in fill.filled.allocated.tolist()),
        "fragmented": _rounded(milli / chips for milli in fill.filled.fragmented.tolist()),
        "dropped": {name: {"jobs": jobs, "chips": milli / MILLI} for name, (jobs, milli) in dropped.items()},
        "final": {
            "allocated": _round(fill.allocated / chips),
            "fragmented": _round(fill.fragmented / chips),
            "chips_left": (chips - fill.allocated) / MILLI,
        },
    }


def _mean(mean: Mean) -> Figures:
    return {"mean": _round(mean.mean), "sd": None if mean.sd is None else _round(mean.sd)}


def _rounded(shares: Iterable[float]) -> list[float]:
    return [_round(share) for share in shares]


def _round(value: float) -> float:
    return round(float(value), PLACES)
