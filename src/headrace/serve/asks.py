"""What may be asked with a request, within bounds: pages, periods, languages.

What waits for nothing is `async`, which spares it a thread.
"""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Depends, Header, Path, Query

from headrace.live.store.nouns import Page
from headrace.report.words import Words, load

MOST_ROWS: Final = 500
LATEST_MS: Final = 4_102_444_800_000
"""2100-01-01: beyond it no time is meant."""

Cursor = Annotated[
    str | None, Query(pattern=r"^[0-9]{1,18}$", description="The `next` of the page before; the first page without it.")
]
Size = Annotated[int, Query(ge=1, le=MOST_ROWS, description="Rows of a page.")]
Name = Annotated[str | None, Query(min_length=1, max_length=200)]
JobId = Annotated[str, Path(min_length=1, max_length=200, description="The engine's own id of the job.")]
Instant = Annotated[int | None, Query(ge=0, le=LATEST_MS, description="Milliseconds since 1970, UTC.")]
Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        pattern=r"^[!-~]+$",
        description="The same key within 24 h is the same submission: it is answered again, and done once.",
    ),
]


async def page(after: Cursor = None, size: Size = 100) -> Page:
    """A page, newest first."""
    return Page(None if after is None else int(after), size, newest=True)


async def words(accept_language: Annotated[str, Header(max_length=1000)] = "") -> Words:
    """The language of sentences: Chinese where it is the first that is accepted, else English."""
    return load("zh" if accept_language.strip().lower().startswith("zh") else "en")


Paged = Annotated[Page, Depends(page)]
Spoken = Annotated[Words, Depends(words)]


def following(rows: int, size: int, last: int) -> str | None:
    """The cursor of the next page, where this one is full."""
    return str(last) if rows == size else None
