from __future__ import annotations

from io import BytesIO, TextIOWrapper
from typing import TYPE_CHECKING

import pytest
import studies
from goldens import assert_golden, console, printed
from rich.cells import cell_len
from rich.console import Console

from headrace.report import terminal

if TYPE_CHECKING:
    from headrace.report.study import Study

EVERY = pytest.mark.parametrize("study", studies.every_kind(), ids=lambda study: study.fleet.name[:6])


def shown(study: Study, lang: str = "en", width: int = 100, colours: bool = False) -> str:
    screen = console(width, colours)
    terminal.render(study, screen, lang)
    return printed(screen)


def explained(study: Study, lang: str = "en", width: int = 100) -> str:
    screen = console(width)
    terminal.render_ledger(study.main, study.fleet, screen, lang)
    return printed(screen)


def compared(study: Study, lang: str = "en", width: int = 100) -> str:
    screen = console(width)
    terminal.render_comparison(study.happened, study.results, study.bounds, study.fleet, screen, lang)
    return printed(screen)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_study_reads_as_it_should(lang: str) -> None:
    assert_golden(f"study.{lang}.txt", shown(studies.study(), lang))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_log_without_start_times_reads_as_it_should(lang: str) -> None:
    assert_golden(f"without-times.{lang}.txt", shown(studies.without_times(), lang))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_an_import_says_what_was_read_and_what_was_not(lang: str) -> None:
    screen = console(100)
    terminal.render_import(studies.log(), screen, lang)
    assert_golden(f"import.{lang}.txt", printed(screen))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_an_over_committed_log_reads_as_it_should(lang: str) -> None:
    assert_golden(f"overcommitted.{lang}.txt", shown(studies.overcommitted(), lang))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_ledger_and_a_comparison_read_as_they_should(lang: str) -> None:
    study = studies.two_currencies()
    assert_golden(f"explain-replay.{lang}.txt", explained(study, lang, 80) + "\n" + compared(study, lang, 120))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_mismatch_reads_as_it_should(lang: str) -> None:
    assert_golden(f"mismatch.{lang}.txt", explained(studies.mismatched(), lang, 100))


def test_a_mismatch_is_told_only_where_a_workload_is_known() -> None:
    """The study of what happened has it under a heading of its own, before the policies; others say nothing of it."""
    text = shown(studies.mismatched())
    assert text.index("can be recovered") < text.index("Mismatch: ") < text.index("another policy")
    assert "Mismatch" not in shown(studies.study())


@pytest.mark.parametrize(
    ("study", "lang", "said"),
    [
        (
            studies.mismatched(),
            "en",
            "Jobs whose workload is known: 1,369, with 31,800 chip-hours, 31.2% of what was allocated. 11,500 of these "
            "ran on another kind than the one that suits the work best, by what it costs; there the same work would "
            "have taken 6,150 (3,000 to 13,300). They cost 69,850 CNY; there it would have been 35,980 "
            "(18,010 to 75,430). For 9,000 of these chip-hours the whole interval is a gain.",
        ),
        (
            studies.matched(),
            "en",
            "Jobs whose workload is known: 29, with 350.0 chip-hours, 0.5% of what was allocated. All of it ran on the "
            "kinds that suit it best, chip for chip.",
        ),
        (
            studies.incomparable(),
            "en",
            "Jobs whose workload is known: 17, with 300.0 chip-hours, 0.4% of what was allocated. For none of it can "
            "the speed be estimated on the kind that it ran on.",
        ),
        (
            studies.matched(),
            "zh",
            "已知在做什么的作业有 29 个，共 350.0 卡时，占已分配的 0.5%。全部跑在按单卡计最合适的型号上。",
        ),
    ],
)
def test_a_mismatch_is_one_sentence_on_how_much_and_what_instead(study: Study, lang: str, said: str) -> None:
    assert said in shown(study, lang, 1000).splitlines()


def test_kinds_beyond_the_rows_of_the_table_are_one_row_and_still_sum() -> None:
    lines = [line.split() for line in shown(studies.many_kinds(), width=300).splitlines()]
    assert ["(28", "others)", "280.0", "196.0", "140.0", "to", "560.0"] in lines
    assert ["All", "40", "400.0", "280.0", "200.0", "to", "800.0"] in lines


@EVERY
@pytest.mark.parametrize("width", [60, 80, 100, 120, 200])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_no_line_is_wider_than_the_terminal(study: Study, width: int, lang: str) -> None:
    text = shown(study, lang, width) + explained(study, lang, width) + compared(study, lang, width)
    assert max(map(cell_len, text.splitlines())) <= width


def test_the_first_sentence_answers_where_the_chip_hours_went() -> None:
    sentence = shown(studies.study(), width=400).split("\n\n")[1]
    assert sentence.startswith("As it happened: 27.0% of the 182,784 chip-hours paid for did useful work")


def test_a_hostile_name_is_printed_as_it_is_spelt_and_moves_no_cursor() -> None:
    text = shown(studies.hostile(), width=200) + explained(studies.hostile(), width=200)
    assert "<script>alert(1)</script>" in text
    assert "[red]loud[/red] & {braces}" in text
    assert "fifo/[blink]<i>" in text
    assert not {"\x1b", "\x07", "\u202e"} & set(text)


def test_a_hostile_name_changes_no_colour() -> None:
    assert "\x1b[31m" not in shown(studies.hostile(), colours=True)


@pytest.mark.parametrize(("lang", "said"), [("en", "Synthetic: "), ("zh", "合成数据：")])
def test_everything_about_a_synthetic_fleet_says_so_at_the_top(lang: str, said: str) -> None:
    study = studies.synthetic()
    for text in (shown(study, lang), explained(study, lang), compared(study, lang)):
        assert text.splitlines()[1].startswith(said)
    assert said not in shown(studies.study(), lang)


@pytest.mark.parametrize(
    ("lang", "said"),
    [("en", "replayed under fifo/first, not what happened"), ("zh", "按策略 fifo/first 回放，并非实际情况")],
)
def test_every_heading_over_a_replayed_ledger_says_whose_it_is(lang: str, said: str) -> None:
    study = studies.without_times()
    headings = [line for line in (shown(study, lang) + explained(study, lang)).splitlines() if " · " in line]
    of_a_ledger = [line for line in headings if "east-1" not in line]
    assert len(of_a_ledger) == 5
    assert all(line.endswith(said) for line in of_a_ledger)


def test_the_ledger_of_an_oracle_is_said_to_be_one() -> None:
    assert "replayed under oracle:smallest/best, an oracle, not what happened" in shown(studies.all_useful())


def test_an_oracle_is_explained_where_one_is_compared_and_nowhere_else() -> None:
    assert "true duration in advance" in shown(studies.study(), width=200)
    assert "true duration in advance" not in shown(studies.only_happened(), width=200)


def test_a_study_ends_with_what_made_it() -> None:
    last = shown(studies.study(), width=200).splitlines()[-5:]
    assert last[0] == "Version: headrace 0.1.0"
    assert last[-1] == "Command: headrace study sacct-2024-05.txt --fleet fleet.toml --shrink --out study/"


def test_both_languages_are_shown_one_after_the_other() -> None:
    text = shown(studies.study(), "both")
    assert text == shown(studies.study(), "en") + shown(studies.study(), "zh")


def test_a_log_understood_in_full_is_said_to_be() -> None:
    assert "Every row of the log was understood." in shown(studies.without_times())


def test_a_terminal_without_unicode_gets_no_bars() -> None:
    kept = BytesIO()
    screen = Console(file=TextIOWrapper(kept, "ascii", "namereplace"), width=100)
    terminal.render_ledger(studies.study().main, studies.fleet(), screen, "en")
    screen.file.flush()
    assert b"Unallocated" in kept.getvalue()
    assert b"BLOCK" not in kept.getvalue()
