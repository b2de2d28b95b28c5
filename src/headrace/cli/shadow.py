"""`headrace shadow`: what shadow mode saw, from the store itself: it needs no token, no server, and no turn waits."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from headrace.cli.inputs import console, instant_of, language
from headrace.cli.printed import print_json
from headrace.cli.progress import shown
from headrace.history.fleet_file import read_fleet
from headrace.policy.policy import parse
from headrace.report.live.shadow import render
from headrace.serve.engines import fleet_file
from headrace.serve.opening import open_store
from headrace.serve.settings import policy, read_settings
from headrace.serve.shadow import seen
from headrace.serve.shadow_shapes import shadow_view
from headrace.units import SECOND_MS

if TYPE_CHECKING:
    from pathlib import Path

    from headrace.serve.shadow import Seen


@dataclass(frozen=True)
class Period:
    """Of which time is asked: `begin` and `end` as a user writes them, in `zone` where they state none."""

    begin: str | None
    end: str | None
    zone: str | None

    def instants(self) -> tuple[int, int]:
        """In ms; UNKNOWN where nothing was asked. CallError for what is no date."""
        return instant_of("--from", self.begin, self.zone), instant_of("--to", self.end, self.zone)


def run(config: Path | None, period: Period, named: str | None, json: bool, lang: str | None) -> None:
    """Print it. Raises CheckFailedError where nothing was watched."""
    spoken = language(lang)
    found = _seen(config, period, named)
    if json:
        print_json(shadow_view(found).model_dump())
    else:
        render(found.watched, found.foreseen, found.gain, console(), spoken)


def _seen(config: Path | None, period: Period, named: str | None) -> Seen:
    """Under the policy of the settings, or the one `named`."""
    (settings, folder), instants = read_settings(config), period.instants()
    chosen, file = parse(named) if named else policy(settings), fleet_file(settings, folder)
    fleet = read_fleet(file) if file.exists() else None
    with closing(open_store(config)) as store, shown() as progress:
        return seen(store, fleet, chosen, round(settings.interval_s * SECOND_MS), instants, progress)
