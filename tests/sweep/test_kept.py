"""A cell that is kept is whole, and what is not whole is not kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from headrace.errors import InputError
from headrace.sweep.kept import Cells, keep_folder

if TYPE_CHECKING:
    from pathlib import Path

FIGURES = {"p95_wait_s": 0.1 + 0.2, "jobs": 2**53 + 1, "useful": None, "worst_tenant": "搜索"}


def test_figures_come_back_exactly_as_they_were_kept(tmp_path: Path) -> None:
    cells = Cells(tmp_path)
    cells.keep("a1", FIGURES)
    assert cells.read("a1") == FIGURES
    assert [path.name for path in tmp_path.iterdir()] == ["a1.json"]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"figures": {}}', b'{"key": "b2", "figures": {}}', b"\xff"])
def test_what_is_not_that_cells_whole_file_is_computed_again(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a1.json").write_bytes(content)
    assert Cells(tmp_path).read("a1") is None


def test_a_folder_appears_filled_or_not_at_all(tmp_path: Path) -> None:
    def fails(folder: Path) -> None:
        (folder / "one.npy").write_bytes(b"1")
        raise OSError(28, "No space left on device")

    with pytest.raises(InputError, match=r"cannot be written \(No space left on device\)"):
        keep_folder(tmp_path / "columns", fails)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_there_already_stays_as_it_is(tmp_path: Path) -> None:
    for text in ("first", "second"):
        keep_folder(tmp_path / "columns", lambda folder, text=text: (folder / "a").write_text(text))  # type: ignore[misc]
    assert (tmp_path / "columns" / "a").read_text() == "first"
    assert [path.name for path in tmp_path.iterdir()] == ["columns"]


def test_a_disk_that_takes_nothing_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="make room there"):
        Cells(tmp_path / "nowhere").keep("a1", FIGURES)
