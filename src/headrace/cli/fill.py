"""`headrace fill`: how full a fleet gets with a mix of jobs, of which none leaves."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

import headrace
from headrace.cli.inputs import Source, command, console, language
from headrace.cli.progress import shown
from headrace.errors import CallError, InputError
from headrace.history.arrivals import draw_arrivals
from headrace.history.asked import mix
from headrace.history.demand import demands
from headrace.history.files import sha256_of
from headrace.history.nodes import read_nodes
from headrace.history.orders import read_arrivals, read_node_order
from headrace.policy.policy import Policy
from headrace.replay.relax import relax
from headrace.report.fill.fills import DEFAULT_PLACES, Fills, Order, Origin, fill_rules
from headrace.report.write import make_folder, write_text
from headrace.units import MILLI

if TYPE_CHECKING:
    from headrace.history.log import JobLog
    from headrace.report.fill.fills import Fill
    from headrace.world.fleet import Fleet
    from headrace.world.record import Ints, Workload

SEEDS: Final = re.compile(r"(\d{1,9})(?:\.\.(\d{1,9}))?")
MOST_SEEDS: Final = 1000
UNTIL: Final = 1.3
NODES_TOO: Final = 1
"""Beside the seed: what the order of the nodes is drawn by, so that it changes no arrival."""


@dataclass(frozen=True)
class Call:
    """What is filled, with which jobs, by which rules, in which orders, and without which walls."""

    nodes: Path
    jobs: Source
    places: tuple[str, ...]
    seeds: tuple[int, ...]
    arrivals: Path | None = None
    node_order: Path | None = None
    shuffle: bool = False
    until: float | None = None
    walls: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.arrivals is not None and self.until is not None:
            raise CallError("--until says how many arrivals are drawn; --arrivals gives them: leave one out")
        if self.node_order is not None and self.shuffle:
            raise CallError("--shuffle-nodes draws the order of the nodes; --node-order gives it: leave one out")

    def order(self, seed: int, fleet: Fleet, asked: Workload) -> Order:
        """The arrivals and the order of the nodes, as files give them or as `seed` draws them."""
        if self.arrivals is not None:
            arrivals = read_arrivals(self.arrivals, asked.names)
        else:
            capacity = fleet.chips * MILLI
            arrivals = draw_arrivals(asked.demand, capacity, self.until or UNTIL, np.random.default_rng(seed))
        return Order(arrivals, self._nodes(seed, fleet))

    def _nodes(self, seed: int, fleet: Fleet) -> Ints:
        if self.node_order is not None:
            return read_node_order(self.node_order, fleet)
        count = len(fleet.node_names)
        return np.random.default_rng((seed, NODES_TOO)).permutation(count) if self.shuffle else np.arange(count)

    def origin(self, fleet: Fleet, log: JobLog, asked: Workload) -> Origin:
        """Where the figures come from: files with their checksums, and what their readers noted."""
        files = {"nodes": self.nodes, "arrivals": self.arrivals, "node_order": self.node_order}
        named = [(what, path.name, sha256_of(path)) for what, path in files.items() if path is not None]
        return Origin(
            version=headrace.__version__,
            command=command(),
            inputs=(named[0], ("jobs", log.source, log.sha256), *named[1:]),
            until=None if self.arrivals is not None else self.until or UNTIL,
            shuffled=self.shuffle,
            walls=self.walls,
            jobs=len(asked),
            rejects=len(log.rejects),
            notes=(*log.notes, *demands(log, fleet).notes),
        )


def run(call: Call, placements: Path | None, json: str | None, out: Path, lang: str | None) -> None:
    """Fill the fleet by every rule; print the table, and write the page, the figures and the placements asked for."""
    spoken = language(lang)
    if json != "-":
        make_folder(out)
    with shown() as progress:
        fleet, log = read_nodes(call.nodes), call.jobs.read_log()
        if not fleet.chips:
            raise InputError(str(call.nodes), "has no chips", "a fleet that is filled has some")
        fleet, asked = relax(fleet, mix(log, fleet), call.walls)
        orders = {seed: call.order(seed, fleet, asked) for seed in call.seeds}
        rules = fill_rules(fleet, asked, call.places, orders, progress)
    fills = Fills(fleet, call.seeds, rules, call.origin(fleet, log, asked))
    written = _write(fills, asked, placements, json, out, spoken)
    if json == "-":
        return
    from headrace.report.fill.terminal import render

    screen = console()
    render(fills, screen, spoken)
    for path in written:
        screen.print(f"→ {path}", markup=False, soft_wrap=True)


def _write(
    fills: Fills, asked: Workload, placements: Path | None, json: str | None, out: Path, lang: str
) -> list[Path]:
    """Write what was asked for: figures to stdout where `json` is -, and then no page."""
    from headrace.report.fill.figures import fill_json
    from headrace.report.fill.placements import placements_csv

    texts = {}
    if placements is not None:
        every = [fill for rule in fills.rules for fill in rule.fills]
        for fill in every:
            path = placements if len(every) == 1 else _of(fill, placements)
            texts[path] = placements_csv(fill, asked.names, fills.fleet.node_names)
    if json == "-":
        print(fill_json(fills), end="")  # noqa: T201
    else:
        from headrace.report.fill.page import render  # heavy, and only this form needs it

        texts |= {Path(json): fill_json(fills)} if json is not None else {}
        texts[out / "fill.html"] = render(fills, lang)
    for path, text in texts.items():
        write_text(path, text)
    return list(texts)


def _of(fill: Fill, path: Path) -> Path:
    """`out.csv` -> `out-fgd-42.csv`."""
    return path.with_name(f"{path.stem}-{fill.place}-{fill.seed}{path.suffix}")


def places(asked: list[str] | None) -> tuple[str, ...]:
    """The rules named, each once; the usual three if none is. CallError for a rule that there is not."""
    named = [name.strip() for text in asked or DEFAULT_PLACES for name in text.split(",")]
    return tuple(dict.fromkeys(Policy(place=name).place for name in named))


def seeds(one: int | None, several: str | None) -> tuple[int, ...]:
    """The seeds of `--seed 7` or of `--seeds 42..51`; 1 if neither is given."""
    if several is None:
        return (1 if one is None else one,)
    if one is not None:
        raise CallError("--seed names one seed and --seeds several: leave one out")
    found = SEEDS.fullmatch(several.strip())
    if found is None:
        raise CallError(f"--seeds {several!r} are no seeds; write them as in 42..51")
    first, last = int(found[1]), int(found[2] or found[1])
    if not first <= last < first + MOST_SEEDS:
        raise CallError(f"--seeds {several}: the first is the smallest, and {MOST_SEEDS:,} at most are possible")
    return tuple(range(first, last + 1))
