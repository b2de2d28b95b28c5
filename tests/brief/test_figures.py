"""Numbers and hedges are equal in two sentences that say the same, and differ where they do not."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace.brief.claims import claims
from headrace.brief.figures import figures
from headrace.brief.statements import VERDICTS, Statement, statements
from headrace.brief.topics import topics

EVERY = tuple(statements().values())
WORDED = (
    r"\b(?:two|three|four|five|six|seven|eight|nine|ten|half|twice|dozen)\b"
    r"|(?<!第)[两二三四五六七八九十](?:个|家|次|年|月|倍|座|款)"
)


@pytest.mark.parametrize("statement", EVERY, ids=lambda s: s.id)
def test_a_statement_gives_the_same_numbers_and_hedges_in_both_languages(statement: Statement) -> None:
    assert figures(statement.en) == figures(statement.zh)


@pytest.mark.parametrize("statement", EVERY, ids=lambda s: s.id)
def test_a_statement_is_one_sentence_with_a_date_a_verdict_and_sources(statement: Statement) -> None:
    assert re.fullmatch(r"\d{4}(-\d\d(-\d\d)?)?", statement.date)
    assert statement.verdict in VERDICTS
    assert statement.sources
    assert statement.en.endswith(".")
    assert statement.zh.endswith("。")
    assert statement.zh.count("。") == 1
    assert not statement.instead or statement.instead in statements()


@pytest.mark.parametrize("statement", EVERY, ids=lambda s: s.id)
def test_what_is_reported_says_so_in_its_own_words(statement: Statement) -> None:
    hedged = "reportedly" in figures(statement.en)
    assert hedged == (statement.verdict in ("reported", "unconfirmed"))


@pytest.mark.parametrize("statement", EVERY, ids=lambda s: s.id)
def test_no_number_of_a_statement_hides_in_words(statement: Statement) -> None:
    assert not re.search(WORDED, f"{statement.en}\n{statement.zh}")


def test_titles_give_the_same_numbers_in_both_languages() -> None:
    for topic in topics().values():
        assert figures(topic.title_en) == figures(topic.title_zh)
        for group in topic.groups:
            assert figures(group.title_en) == figures(group.title_zh)


def test_notes_of_claims_give_the_same_numbers_in_both_languages() -> None:
    differing = {c.id for c in claims() if _numbers(c.note_en) != _numbers(c.note_zh)}
    assert differing == set()


def _numbers(text: str) -> set[str]:
    return {figure for figure in figures(text) if any(c.isdigit() for c in figure)}


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("nearly 400 centres", "近 400 个智算中心"),
        ("over 400 centres", "超过 400 个智算中心"),
        ("about US$8.0 billion", "约 80 亿美元"),
        ("US$5 billion to US$7 billion", "50–70 亿美元"),
        ("US$5-7 billion", "50 亿至 70 亿美元"),
        ("15 July 2025", "2025 年 7 月 15 日"),
        ("in early July", "7 月初"),
        ("in mid-August 2025", "2025 年 8 月中旬"),
        ("the third visit", "第三次访问"),
        ("at least 60%", "不低于 60%"),
        ("less than 30%", "不到 30%"),
        ("more than 400", "400 多个"),
        ("the 910C and the H20", "910C 和 H20"),
        ("10.85 million racks", "1,085 万架"),
        ("reportedly only 30%", "据报道仅 30%"),
    ],
)
def test_the_same_is_counted_alike(english: str, chinese: str) -> None:
    assert figures(english) == figures(chinese)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("nearly 400", "超过 400"),
        ("about 400", "400 个"),
        ("US$8 billion", "8 亿美元"),
        ("July", "8 月"),
        ("H20", "H200"),
    ],
)
def test_what_differs_is_counted_differently(one: str, other: str) -> None:
    assert figures(one) != figures(other)


def test_a_hedge_that_is_on_no_number_is_none() -> None:
    assert figures("over the weekend, about backdoors, near the border") == Counter()


@given(st.text(max_size=300))
def test_any_text_has_figures(text: str) -> None:
    assert all(count > 0 for count in figures(text).values())
