"""`headrace usage`: chip-hours and money, by tenant, kind or day."""

from __future__ import annotations

from typing import cast

from headrace.cli.client import server
from headrace.cli.inputs import console, instant_of, language
from headrace.errors import CallError
from headrace.report.live.usage import WAYS, By, render
from headrace.serve.shapes import Usage
from headrace.units import UNKNOWN


def run(begin: str | None, end: str | None, by: str, zone: str | None, json: bool, lang: str | None) -> None:
    """Print what was used from `begin` to `end`."""
    spoken = language(lang)
    if by not in WAYS:
        raise CallError(f"--by {by!r} is none; {', '.join(WAYS)} are possible")
    since, until = instant_of("--from", begin, zone), instant_of("--to", end, zone)
    period = {"since_ms": _known(since), "until_ms": _known(until)}
    used = server(spoken).get(Usage, "/usage", **period)
    if json:
        from headrace.cli.printed import print_json

        print_json(used.model_dump())
    else:
        render(used.items, used.since_ms, used.until_ms, cast("By", by), console(), spoken)


def _known(at: int) -> int | None:
    return None if at == UNKNOWN else at
