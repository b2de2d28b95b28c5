"""/api/v1/events: what happens, as it happens, as server-sent events (the HTML standard's text/event-stream).

id: 1700000000000123        continue from there with Last-Event-ID, or ?after=
event: started
data: {"at_ms": ..., "what": "started", "said": "job 17 runs on n1", "job": "17", "tenant": "search"}
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.responses import StreamingResponse

from headrace.live.engines.local.watch import wall_ms
from headrace.serve.access import Caller, caller, serving_of
from headrace.serve.bulletin import Notice
from headrace.serve.problem import documented, refuse
from headrace.serve.shapes import Happening

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from headrace.serve.serving import Serving

LOOK_S: Final = 0.2
HEARTBEAT_S: Final = 15.0
MOST_LISTENERS: Final = 200
MISSED: Final = "events before this one are no longer kept; ask for everything again"
STREAM: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "A stream of events.", "content": {"text/event-stream": {}}}
}

router = APIRouter(prefix="/api/v1", tags=["events"], responses=documented(400, 401, 422, 503))
Last = Annotated[str | None, Header(alias="Last-Event-ID", pattern=r"^[0-9]{1,18}$")]
After = Annotated[str | None, Query(pattern=r"^[0-9]{1,18}$", description="As Last-Event-ID.")]


@router.get("/events", response_class=StreamingResponse, responses=STREAM)
async def events(
    request: Request,
    who: Annotated[Caller, Depends(caller)],
    last: Last = None,
    after: After = None,
    seconds: Annotated[int, Query(ge=0, le=86_400, description="The stream ends after so long.")] = 3600,
) -> StreamingResponse:
    """What happens from now on, or after the event of that id: rounds, nodes, and the jobs that the token may see."""
    serving = serving_of(request)
    if serving.listeners >= MOST_LISTENERS:
        raise refuse(503, f"{MOST_LISTENERS} listen already", {"Retry-After": "30"})
    told = last or after
    number = int(told) if told else serving.bulletin.last
    lines = _lines(serving, who, number, time.monotonic() + seconds)
    return StreamingResponse(lines, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


async def _lines(serving: Serving, who: Caller, number: int, until: float) -> AsyncIterator[str]:
    serving.listeners += 1
    try:
        yield ": welcome\n\n"
        if serving.bulletin.misses(number):
            number = serving.bulletin.last
            yield _event(Notice(number, wall_ms(), "missed", MISSED))
        beat = time.monotonic()
        while not serving.stopping and time.monotonic() < until:
            for notice in serving.bulletin.after(number):
                number, beat = notice.number, time.monotonic()
                if not notice.job or who.may_see(notice.tenant):
                    yield _event(notice)
            if time.monotonic() - beat >= HEARTBEAT_S:
                beat = time.monotonic()
                yield ": still here\n\n"
            await asyncio.sleep(LOOK_S)
    finally:
        serving.listeners -= 1


def _event(notice: Notice) -> str:
    data = Happening(at_ms=notice.at, what=notice.what, said=notice.said, job=notice.job, tenant=notice.tenant)
    return f"id: {notice.number}\nevent: {notice.what}\ndata: {data.model_dump_json()}\n\n"
