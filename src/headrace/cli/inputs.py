"""What every verb reads: the log, the fleet, the zone, the policies, the language."""

from __future__ import annotations

import os
import shlex
import sys
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from headrace.errors import CallError, InputError
from headrace.history import Reader, read

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from headrace.history.log import JobLog
    from headrace.policy.policy import Policy
    from headrace.world.fleet import Fleet

DEFAULT_POLICIES = ("fifo/first", "fifo+easy/first", "fair+easy/fgd", "oracle:smallest/best")


def read_log(
    path: Path,
    format: str | None,
    tz: str | None,
    node_events: Path | None,
    strict: bool,
    reader: Reader | None = None,
) -> JobLog:
    """The log at `path`, by `reader` if one is given. With `strict`, InputError for the first row not understood."""
    if reader is not None:
        log = reader(path, tz=zone(tz), node_events=node_events)
    else:
        log = read(path, format, tz=zone(tz), node_events=node_events)
    if strict and log.rejects:
        first = log.rejects[0]
        raise InputError(f"{path}, line {first.line}", first.reason, f"rows not understood: {len(log.rejects)}")
    return log


def read_fleet_of(path: Path | None, log: Path) -> tuple[Fleet, str]:
    """The fleet at `path` and the file's checksum. CallError, with how to get one, if none was named."""
    from headrace.history.fleet_file import read_fleet
    from headrace.history.table import sha256_of

    if path is None:
        raise CallError(
            f"{log}: name the fleet that it ran on with --fleet fleet.toml; for Slurm, `headrace import slurm ... "
            "--nodes nodes.txt --fleet-out fleet.toml` drafts one from the text of `scontrol show node`"
        )
    return read_fleet(path), sha256_of(path)


def zone(name: str | None) -> ZoneInfo | None:
    """The time zone named, or None."""
    if name is None:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise CallError(f"there is no time zone {name!r}; write it as in Asia/Shanghai or UTC") from error


def policies(names: list[str] | None, seed: int) -> tuple[Policy, ...]:
    """The policies named, each once, or the four that a study compares by default."""
    from headrace.policy.policy import parse

    return tuple(dict.fromkeys(parse(name, seed) for name in names or DEFAULT_POLICIES))


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
