"""What is shown: every word of this room, in both languages, within the width, and nothing that steers a terminal."""

from __future__ import annotations

import json
from io import StringIO
from typing import TYPE_CHECKING

import pytest
from rich.console import Console
from tests.remembering import Remembering

from headrace.brief import brief, shown
from headrace.brief.judge import judge
from headrace.brief.search import search
from headrace.brief.topics import topics
from headrace.cli import brief as brief_verb
from headrace.cli import check_text, documents
from headrace.cli import search as search_verb
from headrace.errors import CallError, CheckFailedError
from headrace.report import words
from headrace.report.words import Words, load

if TYPE_CHECKING:
    from pathlib import Path

WRONG = "The Ascend 920 beats the H20.\n在建和规划的智算中心近 400 个。\nOver 400 centres are planned. We draw 9 watts."


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    return tmp_path


def printed(width: int = 100) -> tuple[Console, StringIO]:
    out = StringIO()
    return Console(file=out, width=width, force_terminal=False), out


def test_every_message_is_shown_somewhere(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    messages = Remembering(words.messages("en"))
    for module in (shown, brief, documents):
        monkeypatch.setattr(module, "load", lambda lang: Words(lang, messages))
    (home / "a.txt").write_text("The Ascend 920 and the H20.", encoding="utf-8")
    documents.add([home / "a.txt"], "en")
    screen, _ = printed()
    shown.render_documents(documents.readers_library().documents(), screen, "en")
    shown.render_documents((), screen, "en")
    for query in ("Ascend 920", "H20", "H333", "nothing of the kind"):
        shown.render_found(search(query, documents.readers_library()), screen, "en")
    shown.render_findings(judge(WRONG + "\nThe H20 server costs 9 yuan."), screen, "en")
    documents.remove([home / "a.txt"], "en")
    for topic in topics().values():
        brief.write(topic, "A", "H20", brief_verb.moment(None))
        brief.write(topic, "B", "H20", brief_verb.moment(None))
    unshown = {key for key in messages.keys() - messages.asked if key.startswith("brief.")}
    assert {key for key in unshown if not key.startswith("brief.verdict.")} == set()


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_verdict_has_a_word(lang: str) -> None:
    from headrace.brief.passages import catalogued

    for passage in catalogued():
        assert load(lang)(f"brief.verdict.{passage.verdict}")


@pytest.mark.parametrize("lang", ["en", "zh", "both"])
@pytest.mark.parametrize("width", [50, 100])
def test_what_is_shown_keeps_to_the_width(lang: str, width: int) -> None:
    from rich.cells import cell_len

    screen, out = printed(width)
    shown.render_found(search("华为昇腾920芯片"), screen, lang)
    shown.render_findings(judge(WRONG), screen, lang)
    assert max(map(cell_len, out.getvalue().splitlines())) <= width


def test_nothing_that_is_shown_steers_a_terminal(home: Path) -> None:
    (home / "a.txt").write_text("H20 \x1b[31mred\x1b[0m \u202etdrawkcab 昇腾", encoding="utf-8")
    documents.add([home / "a.txt"], "en")
    screen, out = printed()
    shown.render_found(search("H20 red\x1b[2J", documents.readers_library()), screen, "both")
    shown.render_findings(judge("The Ascend 920 \x1b[2J is here.\u202e"), screen, "both")
    assert "red" in out.getvalue()
    assert not {"\x1b", "\u202e"} & set(out.getvalue())


def test_search_prints_json(capsys: pytest.CaptureFixture[str]) -> None:
    search_verb.run("昇腾 920", 3, json=True, lang="zh")
    read = json.loads(capsys.readouterr().out)
    assert read["notices"][0]["kind"] == "unconfirmed"
    assert next(hit["id"] for hit in read["hits"]) == "ascend-920"
    assert len(read["hits"]) == 3


def test_an_empty_question_is_refused() -> None:
    with pytest.raises(CallError, match="nothing was asked"):
        search_verb.run(" \n", 3, json=False, lang="en")


@pytest.mark.parametrize("as_json", [True, False])
def test_a_text_that_is_wrong_ends_in_exit_code_one(
    home: Path, as_json: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "a.txt").write_text(WRONG, encoding="utf-8")
    with pytest.raises(CheckFailedError, match="contradicts the catalogue in 3 places") as refused:
        check_text.run(home / "a.txt", as_json, "en")
    assert refused.value.exit_code == 1
    out = capsys.readouterr().out
    assert "ascend-920" in out if as_json else "Contradicted, line 1: The Ascend 920" in out


def test_a_text_that_is_right_ends_well(home: Path) -> None:
    (home / "a.md").write_text("H20 licences were granted in August 2025.", encoding="utf-8")
    check_text.run(home / "a.md", False, "zh")


def test_a_brief_is_written_to_a_file_or_printed(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    brief_verb.run("H20", "A", home / "brief.txt", "2026-01-31T09:16+08:00", "both")
    text = (home / "brief.txt").read_text(encoding="utf-8")
    assert text.count("2026-01-31 09:16 UTC+08:00") == 2
    brief_verb.run("H20", "B", None, "2026-01-31", None)
    assert "2026-01-31 00:00 UTC+00:00" in capsys.readouterr().out


def test_an_instant_that_is_none_is_refused() -> None:
    with pytest.raises(CallError, match="is no instant"):
        brief_verb.moment("soon")


def test_the_library_is_listed(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    documents.show("en")
    (home / "a.txt").write_text("H20", encoding="utf-8")
    documents.add([home / "a.txt"], "en")
    documents.show("zh")
    assert "0 documents" in capsys.readouterr().out
    documents.show("en")
    assert "1 document in the library" in capsys.readouterr().out
    assert documents.readers_library().path == home / "home" / "headrace" / "library.db"
