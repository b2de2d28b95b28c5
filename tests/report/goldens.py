"""Golden files: what a reader sees, kept as text. `HEADRACE_WRITE_GOLDEN=1 pytest tests/report` writes them anew."""

from __future__ import annotations

import os
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path

from rich.console import Console

FOLDER = Path(__file__).parent / "golden"
ROWS = frozenset({"p", "h1", "h2", "h3", "tr", "li", "dt", "dd", "section", "header", "nav", "title", "a", "label"})
SILENT = frozenset({"script", "style"})


def assert_golden(name: str, text: str) -> None:
    """`text` is what the file says, but for blanks at the ends of lines."""
    trimmed = "".join(f"{line.rstrip()}\n" for line in text.splitlines())
    if os.environ.get("HEADRACE_WRITE_GOLDEN"):
        (FOLDER / name).write_text(trimmed, encoding="utf-8")
    assert trimmed == (FOLDER / name).read_text(encoding="utf-8")


def console(width: int = 100, colours: bool = False) -> Console:
    """A terminal that keeps what is printed in `console.file`."""
    return Console(file=StringIO(), width=width, force_terminal=colours, color_system="truecolor" if colours else None)


def printed(screen: Console) -> str:
    assert isinstance(screen.file, StringIO)
    return screen.file.getvalue()


class Reader(HTMLParser):
    """Reads a page as a person without scripts does: the text, a line for each row or paragraph."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.silent += tag in SILENT
        self.parts.append("\n" if tag in ROWS else " | " if tag in {"td", "th"} else "")

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in SILENT

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.parts.append(data.replace("\n", " "))


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    return reader


def text_of(page: str) -> str:
    """The page's text without scripts and styles."""
    lines = (line.strip(" |") for line in "".join(read(page).parts).splitlines())
    return "\n".join(line for line in lines if line)
