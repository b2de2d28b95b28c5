from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import polars as pl
import pytest

from headrace.errors import InputError
from headrace.history import slurm_table
from headrace.history import table as text_table
from headrace.history.slurm_table import Block, Form, read_blocks, read_header

if TYPE_CHECKING:
    from pathlib import Path

FORM = Form(("id",), ("id", "state", "note"), frozenset({"note", "name"}), "make table", skipped=r"\.")


def blocks(path: Path, text: str, form: Form = FORM) -> list[Block]:
    path.write_text(text)
    return list(read_blocks(path, read_header(path, form), form))


def rows(found: list[Block], *columns: str) -> list[tuple[object, ...]]:
    return pl.concat([block.rows for block in found]).select(columns).rows()


def rejects(found: list[Block]) -> list[tuple[int, str]]:
    return [(r.line, r.reason) for block in found for r in block.rejects]


@pytest.mark.parametrize("mark", ["|", "\t", ";", "||", "\x1f", "@#@"])
def test_what_stands_between_fields_is_found_in_the_header(tmp_path: Path, mark: str) -> None:
    text = "ID|State|Note\n1|ok|a\n".replace("|", mark)
    assert rows(blocks(tmp_path / "t", text), "id", "state", "note") == [("1", "ok", "a")]


def test_a_delimiter_after_the_last_field_is_no_field(tmp_path: Path) -> None:
    assert rows(blocks(tmp_path / "t", "ID|State|\n1|ok|\n"), "id", "state", "note") == [("1", "ok", "")]


def test_blank_lines_and_repeated_headers_are_no_rows(tmp_path: Path) -> None:
    found = blocks(tmp_path / "t", "\nID|State\n\n1|ok\nID|State\n2|ok\n\n")
    assert rows(found, "id") == [("1",), ("2",)]
    assert sum(block.lines["header"] for block in found) == 2


def test_skipped_rows_are_counted(tmp_path: Path) -> None:
    found = blocks(tmp_path / "t", "ID|State\n1|ok\n1.0|ok\n1.batch|a|b\n")
    assert rows(found, "id") == [("1",)]
    assert sum(block.lines["skipped"] for block in found) == 2
    assert rejects(found) == []


def test_a_surplus_belongs_to_the_only_free_text(tmp_path: Path) -> None:
    found = blocks(tmp_path / "t", "ID|Note|State\n1|a|b|c|ok\n2|a|ok\n")
    assert rows(found, "#line", "id", "note", "state") == [(2, "1", "a|b|c", "ok"), (3, "2", "a", "ok")]


def test_a_surplus_that_could_belong_to_two_free_texts_is_a_reject(tmp_path: Path) -> None:
    found = blocks(tmp_path / "t", "ID|Note|Name|State\n1|a|b|c|ok\n")
    assert rejects(found) == [(2, "has 5 fields where the header has 4: a '|' stands inside one of them")]


def test_a_surplus_without_a_free_text_is_a_reject(tmp_path: Path) -> None:
    assert [line for line, _ in rejects(blocks(tmp_path / "t", "ID|State\n1|a|b\n2|ok\n"))] == [2]


def test_a_row_broken_into_lines_is_one_reject(tmp_path: Path) -> None:
    found = blocks(tmp_path / "t", "ID|Note|State\n1|two\nlines|ok\n2|three\nmore\nlines|ok\n3|a|ok\n4|b\n")
    assert rows(found, "id") == [("3",)]
    assert rejects(found) == [
        (2, "is broken into 2 lines by a line's end inside a field"),
        (4, "is broken into 3 lines by a line's end inside a field"),
        (8, "has 2 fields where the header has 3"),
    ]
    assert sum(block.lines["rest"] for block in found) == 3


def test_a_row_broken_where_two_blocks_meet_is_still_one_reject(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_table, "BLOCK", 16)
    monkeypatch.setattr(text_table, "PAGE", 4, raising=False)
    found = blocks(tmp_path / "t", "ID|Note|State\n1|two\nlines|ok\n2|three\nmore\nlines|ok\n3|a|ok\n")
    assert len(found) > 3
    assert [line for line, _ in rejects(found)] == [2, 4]
    assert rows(found, "#line", "id") == [(7, "3")]


def test_a_file_that_ends_in_the_middle_of_a_row_is_cut_off(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="line 3: is cut off in the middle of a row"):
        blocks(tmp_path / "t", "ID|Note|State\n1|a|ok\n2|b")


def test_a_last_row_without_a_line_s_end_is_a_row(tmp_path: Path) -> None:
    assert rows(blocks(tmp_path / "t", "ID|State\n1|ok"), "id") == [("1",)]


def test_a_packed_file_reads_as_its_text(tmp_path: Path) -> None:
    path = tmp_path / "t.gz"
    path.write_bytes(gzip.compress(b"ID|Note|State\n1|a|ok\n2|b"))
    found = list(read_blocks(path, read_header(path, FORM), FORM))
    assert rows(found, "id") == [("1",)]
    path.write_bytes(path.read_bytes()[:-6])
    with pytest.raises(InputError, match="cut off"):
        list(read_blocks(path, read_header(path, FORM), FORM))


def test_windows_line_ends_and_a_mark_of_utf8_are_no_text(tmp_path: Path) -> None:
    assert rows(blocks(tmp_path / "t", "\ufeffID|State\r\n1|ok\r\n"), "id", "state") == [("1", "ok")]


def test_each_text_is_asked_about_once() -> None:
    asked = []

    def answer(text: str) -> tuple[object, ...]:
        asked.append(text)
        return (len(text),)

    frame = pl.DataFrame({"a": ["x", "yy", "x", "x"]})
    found = slurm_table.looked_up(frame, "a", answer, {"n": pl.Int64()})
    assert found.rows() == [("x", 1), ("yy", 2), ("x", 1), ("x", 1)]
    assert asked == ["x", "yy"]
