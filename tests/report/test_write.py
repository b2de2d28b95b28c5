from __future__ import annotations

import json
from pathlib import Path

import pytest
import studies

from headrace.errors import InputError
from headrace.report.write import make_folder, write_study, write_text


def test_a_study_is_written_as_a_page_and_its_figures(tmp_path: Path) -> None:
    page, figures = write_study(studies.study(), tmp_path / "a" / "b", "en")
    assert page.read_text("utf-8").startswith("<!doctype html>")
    assert json.loads(figures.read_text("utf-8"))["jobs"] == 40_000
    assert sorted(path.name for path in (tmp_path / "a" / "b").iterdir()) == ["report.html", "study.json"]


def test_writing_again_gives_the_same_bytes(tmp_path: Path) -> None:
    first = [path.read_bytes() for path in write_study(studies.study(), tmp_path / "1", "both")]
    second = [path.read_bytes() for path in write_study(studies.study(), tmp_path / "2", "both")]
    assert first == second


def test_what_stood_there_is_kept_when_writing_is_interrupted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "study.json"
    path.write_text("old")

    def interrupted(self: Path, target: Path) -> Path:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_text(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_place_that_cannot_be_written_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=r"study.json: cannot be written \(Not a directory\)"):
        write_text(tmp_path / "file" / "study.json", "")


def test_a_folder_that_cannot_be_made_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=r"file: cannot be made"):
        make_folder(tmp_path / "file")


def test_lines_end_in_a_newline_alone_and_text_is_utf8(tmp_path: Path) -> None:
    write_text(tmp_path / "a.txt", "一\n二\n")
    assert (tmp_path / "a.txt").read_bytes() == "一\n二\n".encode()
