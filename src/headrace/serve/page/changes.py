"""What changed on the page, as server-sent events: each is one section, sent only when its HTML is another."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Final

from starlette.concurrency import run_in_threadpool

from headrace.errors import HeadraceError
from headrace.serve.page.render import parts

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable

    from headrace.report.words import Words
    from headrace.serve.page.render import Part
    from headrace.serve.page.view import Source
    from headrace.serve.shapes import Me

LOOK_S: Final = 1.0
"""Between two looks whether something happened."""
QUIET_LOOKS: Final = 15
"""After so many looks at which nothing happened the page is made all the same: time passes too. It also keeps the
connection from being taken for dead."""
PULSE: Final = ": still here\n\n"


async def changes(
    source: Source, reader: Callable[[], Awaitable[Me | None]], words: Words, seen: Iterable[str]
) -> AsyncIterator[str]:
    """Sections that are not as `seen` (`name.mark`) says, then each as it changes; until the reader is signed out,
    or the server ends."""
    marks = dict(known.partition(".")[::2] for known in seen)
    yield PULSE
    while not source.ending() and (me := await reader()) is not None:
        before = source.changed()
        try:
            made = await run_in_threadpool(lambda me: parts(source.view(me, words), words), me)
        except HeadraceError:
            made = ()  # the page stays as it is; the next look may see more
        for part in made:
            if marks.get(part.name) != part.mark:
                marks[part.name] = part.mark
                yield event(part)
        yield PULSE
        await _until_changed(source, before)


def event(part: Part) -> str:
    """One section as an event; as JSON it is a single line, whatever the section holds."""
    told = json.dumps({"name": part.name, "mark": part.mark, "html": part.html}, ensure_ascii=False)
    return f"event: part\ndata: {told}\n\n"


async def _until_changed(source: Source, before: int) -> None:
    for _ in range(QUIET_LOOKS):
        await asyncio.sleep(LOOK_S)
        if source.changed() != before or source.ending():
            return
