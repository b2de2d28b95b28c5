from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from headrace.report.lines import CLOSING, broken

text = st.text(st.sampled_from("abc 作业节点，。（）“”、：;-`"), max_size=120)


@given(text, st.integers(8, 60), st.integers(0, 3))
def test_no_line_is_wider_than_the_terminal(paragraph: str, width: int, hanging: int) -> None:
    assert all(cell_len(line) <= width for line in broken(paragraph, width, hanging))


@given(text, st.integers(8, 60))
def test_nothing_but_blanks_is_lost(paragraph: str, width: int) -> None:
    assert re.sub(r"\s", "", "".join(broken(paragraph, width))) == re.sub(r"\s", "", paragraph)


def test_english_breaks_between_words() -> None:
    assert broken("the jobs fitted and the scheduler was late", 16) == [
        "the jobs fitted",
        "and the",
        "scheduler was",
        "late",
    ]


def test_chinese_breaks_between_characters_but_not_before_a_closing_mark() -> None:
    lines = broken("作业放得下，只是调度晚了。试试回填。", 10)
    assert lines == ["作业放得", "下，只是调", "度晚了。试", "试回填。"]
    assert not any(line[0] in CLOSING for line in lines)


def test_code_is_kept_in_one_piece() -> None:
    assert broken("try `headrace replay --policy fifo/fgd` next", 40) == [
        "try `headrace replay --policy fifo/fgd`",
        "next",
    ]


def test_a_checksum_longer_than_a_line_is_chopped() -> None:
    assert broken("sha256 " + "f" * 12, 8) == ["sha256", "ffffffff", "ffff"]


def test_the_lines_after_the_first_hang() -> None:
    assert broken("- one two three", 9, hanging=2) == ["- one two", "  three"]
