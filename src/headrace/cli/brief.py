"""`headrace brief`: a topic written up from the catalogue, in one of two forms."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from headrace.brief.brief import write
from headrace.brief.topics import topic
from headrace.cli.inputs import console, language
from headrace.errors import CallError
from headrace.report.screen import Screen
from headrace.report.words import languages
from headrace.report.write import write_text

if TYPE_CHECKING:
    from pathlib import Path


def run(asked: str, form: str, out: Path | None, at: str | None, lang: str | None) -> None:
    """Print the brief on `asked`, or write it to `out`; form A once for each language, form B in both anyway."""
    when, wanted = moment(at), topic(asked)
    spoken = languages(language(lang)) if form.upper() == "A" else ("en",)
    text = "\n".join(write(wanted, form, asked, when, one) for one in spoken)
    screen = Screen(console())
    if out is not None:
        write_text(out, text)
        screen.literal(f"→ {out}")
        return
    for line in text.splitlines():
        if line:
            screen.say(line)
        else:
            screen.console.line()


def moment(text: str | None) -> datetime:
    """The instant that a brief is written at: now, or what `text` says, in UTC where it tells no zone."""
    if text is None:
        return datetime.now().astimezone()
    try:
        when = datetime.fromisoformat(text)
    except ValueError as error:
        raise CallError(f"--at {text[:40]!r} is no instant; write it as in 2026-01-31T08:00+08:00") from error
    return when if when.tzinfo else when.replace(tzinfo=UTC)
