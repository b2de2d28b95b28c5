"""What every verb reads: the log, the fleet, the zone, the policies, the language."""

from __future__ import annotations

import os
import shlex
import sys
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from headrace.errors import CallError, InputError
from headrace.history import Reader, read
from headrace.history.asked_time import instant
from headrace.history.asked_time import zone as named
from headrace.units import SECOND_MS, UNKNOWN

if TYPE_CHECKING:
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from rich.console import Console

    from headrace.history.log import JobLog
    from headrace.report.assemble import Request
    from headrace.world.fleet import Fleet

DEFAULT_POLICIES = ("fifo/first", "fifo+easy/first", "fair+easy/fgd", "oracle:smallest/best")


@dataclass(frozen=True)
class Source:
    """Where a verb reads from: the log and how to read it, and the fleet that it ran on."""

    log: Path
    fleet: Path | None = None
    format: str | None = None
    tz: str | None = None
    node_events: Path | None = None
    strict: bool = False

    def read_log(self, reader: Reader | None = None) -> JobLog:
        """The log, by `reader` if one is given. With `strict`, InputError for the first row not understood."""
        if reader is not None:
            log = reader(self.log, tz=zone(self.tz), node_events=self.node_events)
        else:
            log = read(self.log, self.format, tz=zone(self.tz), node_events=self.node_events)
        if self.strict and log.rejects:
            first = log.rejects[0]
            where = f"{self.log}, line {first.line}"
            raise InputError(where, first.reason, f"rows not understood: {len(log.rejects)}")
        return log

    def read_fleet(self) -> tuple[Fleet, str]:
        """The fleet and its file's checksum. CallError, with how to get one, if none was named."""
        from headrace.history.files import sha256_of
        from headrace.history.fleet_file import read_fleet

        if self.fleet is None:
            raise CallError(
                f"{self.log}: name the fleet that it ran on with --fleet fleet.toml; for Slurm, `headrace import slurm "
                "... --nodes nodes.txt --fleet-out fleet.toml` drafts one from the text of `scontrol show node`"
            )
        return read_fleet(self.fleet), sha256_of(self.fleet)


def zone(name: str | None) -> ZoneInfo | None:
    """The time zone named, or None."""
    return None if name is None else named(name)


@dataclass(frozen=True)
class Asking:
    """What a verb is asked for: policies, walls to waive, an assumed time between checkpoints, a period, and so on."""

    policies: list[str] | None
    walls: list[str] | None = None
    checkpoint: float | None = None
    begin: str | None = None
    end: str | None = None
    tz: str | None = None
    seed: int = 1
    lang: str | None = None

    def request(self, fleet_sha256: str = "", shrink: bool = False) -> Request:
        """The request to the library; CallError for a policy or a wall that there is not. Each policy counts once."""
        from headrace.policy.policy import parse
        from headrace.replay.relax import known_walls
        from headrace.report.assemble import Request

        return Request(
            policies=tuple(dict.fromkeys(parse(name, self.seed) for name in self.policies or DEFAULT_POLICIES)),
            walls=known_walls(self.walls or ()),
            checkpoint=UNKNOWN if self.checkpoint is None else round(self.checkpoint * SECOND_MS),
            shrink=shrink,
            begin=instant_of("--from", self.begin, self.tz),
            end=instant_of("--to", self.end, self.tz),
            seed=self.seed,
            command=command(),
            fleet_sha256=fleet_sha256,
        )


def instant_of(option: str, text: str | None, tz: str | None) -> int:
    """The instant `text` in ms, in the zone that it states, or in `tz`, or in UTC as in reports; UNKNOWN of None."""
    if text is None:
        return UNKNOWN
    try:
        when = datetime.fromisoformat(text)
    except ValueError as error:
        raise CallError(f"{option} {text!r} is no date; write it as in 2026-01-31 or 2026-01-31T08:00+08:00") from error
    try:
        return instant(when, zone(tz))
    except CallError as error:
        raise CallError(f"{option} {text}: {error}") from error


def language(asked: str | None) -> str:
    """en, zh or both; by the environment's language if none is asked for."""
    from headrace.report.words import languages

    if asked is not None:
        languages(asked)
        return asked
    spoken = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return "zh" if spoken.lower().startswith("zh") else "en"


def command() -> str:
    """The command line, as it could be typed again."""
    return shlex.join(["headrace", *sys.argv[1:]])


def console() -> Console:
    """Where tables go. 100 columns where the output is no terminal."""
    from rich.console import Console

    return Console(highlight=False, width=None if sys.stdout.isatty() else 100)
