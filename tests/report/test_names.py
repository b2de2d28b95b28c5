from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from headrace.report.names import plain, short


@given(st.text())
def test_no_control_character_or_direction_mark_is_left(text: str) -> None:
    assert not {"Cc", "Cs", "Zl", "Zp"} & {unicodedata.category(character) for character in plain(text)}
    assert not set("\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\ufeff") & set(plain(text))


@given(st.text())
def test_what_is_plain_stays_as_it_is(text: str) -> None:
    assert plain(plain(text)) == plain(text)


def test_a_terminal_escape_loses_what_makes_it_one() -> None:
    assert plain("\x1b[31mred\x07\x9b0m") == "[31mred0m"


def test_a_name_on_two_lines_is_put_on_one() -> None:
    assert plain("租户 一\n第二行\ttab") == "租户 一 第二行 tab"


def test_an_ordinary_name_is_left_alone() -> None:
    assert plain("Éva-搜索 <b> [red] {x} 👩‍🔬") == "Éva-搜索 <b> [red] {x} 👩‍🔬"


def test_half_a_character_becomes_a_mark_that_can_be_written() -> None:
    assert plain("caf\udce9").encode() == "caf\ufffd".encode()


def test_a_long_name_is_cut_with_an_ellipsis() -> None:
    assert short("abcdefgh", 5) == "abcd…"
    assert short("abcde", 5) == "abcde"
