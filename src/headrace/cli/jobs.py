"""`headrace jobs`: the jobs that the token may see."""

from __future__ import annotations

from typing import Final, get_args

from headrace.cli.client import Server, server, wall_ms
from headrace.cli.inputs import console, language
from headrace.errors import CallError
from headrace.report.live.jobs import render
from headrace.serve.shapes import Job, Jobs, StatusName

MOST: Final = 500
"""Jobs that a server gives at once."""


def run(tenant: str | None, state: str | None, limit: int, anew: bool, json: bool, lang: str | None) -> None:
    """Print the last `limit` jobs, of one tenant or in one state or all; `anew` as they change."""
    spoken = language(lang)
    if anew and json:
        raise CallError("--watch is for people; programs listen to /api/v1/events, or ask for --json now and then")
    if state is not None and state not in get_args(StatusName):
        raise CallError(f"--state {state!r} is none; {', '.join(get_args(StatusName))} are possible")
    if anew:
        from headrace.cli.watch import watch

        asked = server(spoken)
        watch(lambda: some(asked, tenant, state, limit), console(), spoken)
        return
    found, more = some(server(spoken), tenant, state, limit)
    if json:
        from headrace.cli.printed import print_json

        print_json({"items": [job.model_dump() for job in found], "more": more})
    else:
        render(found, more, wall_ms(), console(), spoken)


def some(asked: Server, tenant: str | None, state: str | None, limit: int) -> tuple[list[Job], bool]:
    """The first `limit` jobs, page after page; and whether there are more."""
    found: list[Job] = []
    after: str | None = None
    while len(found) <= limit:
        size = min(limit + 1 - len(found), MOST)
        page = asked.get(Jobs, "/jobs", tenant=tenant, status=state, after=after, size=size)
        found, after = [*found, *page.items], page.next
        if after is None:
            break
    return found[:limit], len(found) > limit
