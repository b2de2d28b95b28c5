"""`headrace library`: the reader's own documents, which `search` looks through too."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from headrace.brief.store import Library
from headrace.cli.inputs import console, language
from headrace.report.names import plain
from headrace.report.screen import Screen
from headrace.report.words import languages, load

if TYPE_CHECKING:
    from collections.abc import Sequence


def readers_library() -> Library:
    """The user's library: $XDG_DATA_HOME/headrace/library.db, or the same under ~/.local/share."""
    home = os.environ.get("XDG_DATA_HOME", "")
    base = Path(home) if home and Path(home).is_absolute() else Path.home() / ".local" / "share"
    return Library(base / "headrace" / "library.db")


def add(files: Sequence[Path], lang: str | None) -> None:
    """Take files in, each in place of what was there of that name."""
    for file in files:
        one = readers_library().add(file, f"{datetime.now(UTC):%Y-%m-%d}")
        _say("brief.documents.added", lang, name=plain(one.name), characters=f"{one.characters:,}")


def remove(files: Sequence[Path], lang: str | None) -> None:
    """Take files out."""
    for file in files:
        readers_library().remove(file)
        _say("brief.documents.removed", lang, name=plain(str(file)))


def show(lang: str | None) -> None:
    """Print what is in the library."""
    from headrace.brief.shown import render_documents

    render_documents(readers_library().documents(), console(), language(lang))


def _say(key: str, lang: str | None, **values: str) -> None:
    for words in map(load, languages(language(lang))):
        Screen(console()).say(words(key, **values))
