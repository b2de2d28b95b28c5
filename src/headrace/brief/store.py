"""The reader's own documents, kept with their index in one SQLite file."""

from __future__ import annotations

import hashlib
import re
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from headrace.brief.documents import read_document
from headrace.brief.index import TABLE, find
from headrace.brief.passages import Passage
from headrace.brief.tokens import tokens
from headrace.errors import CallError, InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MOST_DOCUMENTS: Final = 500
MOST_CHARACTERS: Final = 32 << 20
PIECE: Final = 600
"""Characters of a document that are found together."""
BREAK: Final = re.compile(r"(?<=[。！？!?\n])|(?<=[.;；])(?=\s)")
SCHEMA: Final = (
    "CREATE TABLE IF NOT EXISTS documents (id INTEGER PRIMARY KEY, name TEXT UNIQUE, sha256 TEXT, added TEXT,"
    " characters INTEGER)",
    "CREATE TABLE IF NOT EXISTS pieces (id INTEGER PRIMARY KEY, document INTEGER, text TEXT)",
    TABLE.replace("TABLE {name}", "TABLE IF NOT EXISTS {name}").format(name="found"),
)


@dataclass(frozen=True)
class Document:
    """A document of the library: its file, when it was added, and its length in characters."""

    name: str
    sha256: str
    added: str
    characters: int


class Library:
    """The library in the file `path`, which need not exist yet. Every failure is one sentence (InputError)."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def add(self, file: Path, added: str) -> Document:
        """Take `file` in, in place of what was there of that name. CallError where the library is full."""
        text = read_document(file)
        name = str(file.resolve())
        document = Document(name, hashlib.sha256(text.encode("utf-8", "replace")).hexdigest(), added, len(text))
        with closing(self._open(write=True)) as db, self._told(), db:
            _drop(db, name)
            _room(db, document)
            row = db.execute(
                "INSERT INTO documents (name, sha256, added, characters) VALUES (?, ?, ?, ?)",
                (_storable(name), document.sha256, added, len(text)),
            ).lastrowid
            for piece in pieces(text):
                at = db.execute("INSERT INTO pieces (document, text) VALUES (?, ?)", (row, _storable(piece))).lastrowid
                body = " ".join(tokens(piece))
                db.execute("INSERT INTO found (rowid, about, body) VALUES (?, '', ?)", (at, body))
        return document

    def remove(self, file: Path) -> None:
        """Take `file` out. CallError where it is not in the library."""
        with closing(self._open(write=True)) as db, self._told(), db:
            if not _drop(db, str(file.resolve())):
                raise CallError(f"{file} is not in the library; `headrace library list` shows what is")

    def documents(self) -> tuple[Document, ...]:
        """What is in the library, by name."""
        if not self.path.exists():
            return ()
        with closing(self._open()) as db, self._told():
            rows = db.execute("SELECT name, sha256, added, characters FROM documents ORDER BY name").fetchall()
        return tuple(Document(*row) for row in rows)

    def find(self, asked: list[str], most: int) -> list[tuple[Passage, float]]:
        """The pieces of documents that hold any token asked for, nearest first."""
        if not self.path.exists():
            return []
        with closing(self._open()) as db, self._told():
            return [(_passage(db, row), far) for row, far in find(db, "found", asked, most)]

    def _open(self, write: bool = False) -> sqlite3.Connection:
        with self._told():
            if not write:
                return sqlite3.connect(f"{self.path.resolve().as_uri()}?mode=ro", uri=True, timeout=5)
            self.path.parent.mkdir(parents=True, exist_ok=True)
            db = sqlite3.connect(self.path, timeout=5)
            try:
                with db:
                    for statement in SCHEMA:
                        db.execute(statement)
            except BaseException:
                db.close()
                raise
            return db

    def _told(self) -> _Told:
        return _Told(self.path)


class _Told:
    """Turns what SQLite or the file system refuses into one sentence."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, sqlite3.Error | OSError):
            raise InputError(str(self.path), f"this library cannot be used ({error})", "move it away") from error


def pieces(text: str) -> Iterator[str]:
    """`text` in pieces of about 600 characters that end where a sentence does, if one does."""
    held = ""
    for sentence in BREAK.split(text):
        if held and len(held) + len(sentence) > PIECE:
            yield held.strip()
            held = ""
        held += sentence
        while len(held) > PIECE:
            yield held[:PIECE].strip()
            held = held[PIECE:]
    if held.strip():
        yield held.strip()


def _room(db: sqlite3.Connection, document: Document) -> None:
    count, characters = db.execute("SELECT count(*), coalesce(sum(characters), 0) FROM documents").fetchone()
    if count >= MOST_DOCUMENTS or characters + document.characters > MOST_CHARACTERS:
        raise CallError(
            f"{document.name}: the library is full ({count} documents, {characters:,} characters; at most "
            f"{MOST_DOCUMENTS} and {MOST_CHARACTERS:,}); `headrace library remove FILE` makes room"
        )


def _drop(db: sqlite3.Connection, name: str) -> bool:
    row = db.execute("SELECT id FROM documents WHERE name = ?", (_storable(name),)).fetchone()
    if row is None:
        return False
    db.execute("DELETE FROM found WHERE rowid IN (SELECT id FROM pieces WHERE document = ?)", row)
    db.execute("DELETE FROM pieces WHERE document = ?", row)
    db.execute("DELETE FROM documents WHERE id = ?", row)
    return True


def _passage(db: sqlite3.Connection, row: int) -> Passage:
    text, name, added = db.execute(
        "SELECT text, name, added FROM pieces JOIN documents ON documents.id = pieces.document WHERE pieces.id = ?",
        (row,),
    ).fetchone()
    return Passage("document", name, "", text, text, added, "", (name,))


def _storable(text: str) -> str:
    """`text` without halves of characters, which SQLite cannot keep."""
    return text.encode("utf-8", "replace").decode("utf-8")
