"""A reader's file as plain text: .txt, .md or .html, of a bounded size, in UTF-8 or GB 18030."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Final

from headrace.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

MOST_BYTES: Final = 1 << 20
PLAIN: Final = frozenset({".txt", ".text", ".md", ".markdown"})
HTML: Final = frozenset({".html", ".htm"})
FORMS: Final = "a text (.txt), Markdown (.md) or HTML (.html) file of at most 1 MiB can be read"
CONTROL: Final = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
MOST_CONTROL: Final = 100
"""One control character in so many, and the file is no text."""


def read_document(path: Path) -> str:
    """The text of the file. Raises InputError for what is too large, of another form, or no text."""
    form = path.suffix.lower()
    if form not in PLAIN | HTML:
        raise InputError(str(path), f"its form {form or '(no suffix)'} cannot be read", FORMS)
    text = _decoded(path, _bytes(path))
    if not text.strip():
        raise InputError(str(path), "there is no text in it", FORMS)
    return _text_of(text) if form in HTML else text


def _bytes(path: Path) -> bytes:
    try:
        if not path.is_file():
            raise InputError(str(path), "is no file" if path.exists() else "is not there", FORMS)
        with path.open("rb") as file:
            read = file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        raise InputError(str(path), f"cannot be read ({getattr(error, 'strerror', None) or error})", FORMS) from error
    if len(read) > MOST_BYTES:
        raise InputError(str(path), "is larger than 1 MiB", FORMS)
    return read


def _decoded(path: Path, read: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = read.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text and len(CONTROL.findall(text)) * MOST_CONTROL <= len(text):
            return text
    raise InputError(str(path), "is no text in UTF-8 or GB 18030", FORMS)


class _Reader(HTMLParser):
    """Keeps the text of a page and nothing of its scripts, styles and marks."""

    unread = frozenset({"script", "style", "template", "noscript"})
    apart = frozenset({"p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "title", "section", "article"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.kept: list[str] = []
        self.within = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if not self.within and tag in self.unread:
            self.within = tag
        elif tag in self.apart:
            self.kept.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == self.within:
            self.within = ""
        elif tag in self.apart:
            self.kept.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.within:
            self.kept.append(data)


def _text_of(page: str) -> str:
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return "".join(reader.kept)
