"""The library takes text, Markdown and HTML of bounded size, and refuses all else in one sentence."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace.brief import store
from headrace.brief.documents import MOST_BYTES, read_document
from headrace.brief.store import Library, pieces
from headrace.errors import CallError, HeadraceError, InputError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "home" / "library.db")


def written(folder: Path, name: str, content: bytes) -> Path:
    file = folder / name
    file.write_bytes(content)
    return file


def test_a_file_added_twice_is_there_once(library: Library, tmp_path: Path) -> None:
    file = written(tmp_path, "a.txt", b"H20")
    library.add(file, "2026-01-01")
    library.add(written(tmp_path, "a.txt", b"H20 and H200"), "2026-01-02")
    (only,) = library.documents()
    assert (only.added, only.characters) == ("2026-01-02", 12)
    assert len(library.find(["h200"], 9)) == 1


def test_an_empty_library_has_nothing_and_makes_no_file(library: Library) -> None:
    assert library.documents() == ()
    assert library.find(["h20"], 9) == []
    assert not library.path.exists()


def test_a_full_library_takes_no_more(library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "MOST_DOCUMENTS", 1)
    library.add(written(tmp_path, "a.txt", b"one"), "2026-01-01")
    with pytest.raises(CallError, match="the library is full"):
        library.add(written(tmp_path, "b.txt", b"two"), "2026-01-01")
    assert len(library.documents()) == 1


def test_what_is_not_there_cannot_be_removed(library: Library, tmp_path: Path) -> None:
    with pytest.raises(CallError, match="is not in the library"):
        library.remove(tmp_path / "a.txt")


def test_a_library_that_is_none_is_told_in_a_sentence(library: Library) -> None:
    library.path.parent.mkdir()
    library.path.write_bytes(b"no database at all" * 99)
    with pytest.raises(InputError, match="this library cannot be used"):
        library.documents()


def test_html_is_read_without_its_scripts(tmp_path: Path) -> None:
    page = "<title>T</title><script>bad()</script><p>H20 &amp; H100</p><style>x{}</style><p>昇腾</p>"
    assert read_document(written(tmp_path, "a.html", page.encode())).split() == ["T", "H20", "&", "H100", "昇腾"]


def test_chinese_in_gb18030_is_read(tmp_path: Path) -> None:
    assert read_document(written(tmp_path, "a.txt", "昇腾 920".encode("gb18030"))) == "昇腾 920"


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("a.pdf", b"%PDF", "its form .pdf cannot be read"),
        ("a", b"text", "no suffix"),
        ("a.txt", b" \n", "there is no text in it"),
        ("a.txt", b"\x00\x01\x02\x03" * 50, "is no text"),
        ("a.txt", b"x" * (MOST_BYTES + 1), "larger than 1 MiB"),
    ],
)
def test_what_cannot_be_read_is_refused_in_a_sentence(tmp_path: Path, name: str, content: bytes, what: str) -> None:
    with pytest.raises(InputError, match=what):
        read_document(written(tmp_path, name, content))


def test_a_folder_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").mkdir()
    for name in ("a.txt", "b.txt"):
        with pytest.raises(InputError, match=r"is no file|is not there"):
            read_document(tmp_path / name)


@given(st.binary(max_size=400), st.sampled_from(["a.txt", "a.md", "a.html"]))
def test_any_bytes_are_taken_or_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes, name: str) -> None:
    folder = tmp_path_factory.mktemp("any")
    library = Library(folder / "library.db")
    with suppress(HeadraceError):
        library.add(written(folder, name, content), "2026-01-01")
    assert len(library.documents()) <= 1


@given(st.text(max_size=3000))
def test_pieces_hold_all_of_a_text_and_are_short(text: str) -> None:
    cut = list(pieces(text))
    assert all(0 <= len(piece) <= store.PIECE for piece in cut)
    assert "".join("".join(cut).split()) == "".join(text.split())
