"""Both forms of a brief: every sentence cited, paragraphs that match, and the same figures in both languages."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest

from headrace.brief.brief import write
from headrace.brief.figures import figures
from headrace.brief.judge import judge
from headrace.brief.topics import topic, topics
from headrace.errors import CallError

AT = datetime(2026, 1, 31, 9, 16, tzinfo=timezone(timedelta(hours=8)))
EVERY = tuple(topics())
CITED_EN, CITED_ZH = re.compile(r"\[\d+\]\.$"), re.compile(r"\[\d+\]。$")


def halves(text: str) -> tuple[list[str], list[str]]:
    """The Chinese and the English lines of a brief in form B, without its note, byline and sources."""
    _, chinese, english, _ = text.split("\n\n")
    return chinese.splitlines(), english.splitlines()


@pytest.mark.parametrize("key", EVERY)
def test_form_a_has_its_parts_in_order(key: str) -> None:
    lines = write(topics()[key], "A", "华为昇腾920芯片", AT).splitlines()
    assert lines[0] == "华为昇腾920芯片"
    assert lines[1] == topics()[key].title_zh
    assert lines[2] == "Headrace · 2026-01-31 09:16 UTC+08:00"
    assert lines[3].startswith("Core Viewpoint - ")
    assert sum(line.startswith("Group ") for line in lines) == len(topics()[key].groups) >= 2


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("key", EVERY)
def test_form_a_gives_three_cited_sentences_to_a_group(key: str, lang: str) -> None:
    text = write(topics()[key], "A", "H20", AT, lang)
    groups = text.split("\n\n")[1:-1]
    for group in groups:
        bullets = group.splitlines()[1:]
        assert len(bullets) == 3
        assert all((CITED_EN if lang == "en" else CITED_ZH).search(bullet) for bullet in bullets)


@pytest.mark.parametrize("key", EVERY)
def test_form_a_gives_the_same_figures_in_both_languages(key: str) -> None:
    english, chinese = (write(topics()[key], "A", "H20", AT, lang).rsplit("\n\n", 1)[0] for lang in ("en", "zh"))
    assert figures(english) == figures(chinese)


@pytest.mark.parametrize("key", EVERY)
def test_paragraphs_of_form_b_match_one_to_one(key: str) -> None:
    chinese, english = halves(write(topics()[key], "B", key, AT))
    assert (chinese[1], english[1]) == ("摘要", "Summary")
    assert chinese.index("评论") == english.index("Comment")
    assert len(chinese) == len(english)
    for zh, en in zip(chinese, english, strict=True):
        assert figures(zh) == figures(en)
        assert re.findall(r"\[\d+\]", zh) == re.findall(r"\[\d+\]", en)


@pytest.mark.parametrize("form", ["A", "B", "b"])
@pytest.mark.parametrize("key", EVERY)
def test_every_number_cited_has_a_source_with_its_date_and_verdict(key: str, form: str) -> None:
    text = write(topics()[key], form, key, AT)
    cited = set(re.findall(r"\[(\d+)\][.。]", text))
    listed = re.findall(r"^\[(\d+)\] \d{4}(?:-\d\d)* · [^·]+ · .+", text, re.MULTILINE)
    assert cited == set(listed)


@pytest.mark.parametrize("key", EVERY)
def test_a_brief_of_our_own_is_not_contradicted_by_our_own_check(key: str) -> None:
    for form in ("A", "B"):
        text = write(topics()[key], form, key, AT).rsplit("\n\n", 1)[0]
        assert not [f.sentence.text for f in judge(text) if f.verdict == "contradicted"]


@pytest.mark.parametrize(
    ("asked", "key"),
    [
        ("H20", "h20-export"),
        ("h20 出口", "h20-export"),
        ("Ascend roadmap", "ascend-roadmap"),
        ("昇腾 路线图", "ascend-roadmap"),
        ("华为昇腾920芯片", "ascend-roadmap"),
        ("闲置智算中心", "idle-centres"),
        ("idle computing centers", "idle-centres"),
        ("H200", "h200-export"),
    ],
)
def test_a_topic_is_known_by_its_names(asked: str, key: str) -> None:
    assert topic(asked).key == key


@pytest.mark.parametrize("asked", ["", "weather", "\x1b[2J", "x" * 10_000])
def test_another_topic_is_refused_with_those_that_there_are(asked: str) -> None:
    with pytest.raises(CallError, match="h20-export, ascend-roadmap, idle-centres"):
        topic(asked)


def test_another_form_is_refused() -> None:
    with pytest.raises(CallError, match="A and B are possible"):
        write(topic("H20"), "C", "H20", AT)


def test_a_hostile_query_is_printed_plain() -> None:
    assert "\x1b" not in write(topic("H20"), "A", "H20\x1b[2J", datetime(2026, 1, 1, tzinfo=UTC))


def test_the_same_brief_is_written_twice() -> None:
    assert write(topic("H20"), "B", "H20", AT) == write(topic("H20"), "B", "H20", AT)
