from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
import studies
from goldens import assert_golden, read, text_of

from headrace.explain.ledger import Class
from headrace.report import page, words

if TYPE_CHECKING:
    from headrace.report.study import Study

EVERY = pytest.mark.parametrize("study", studies.every_kind(), ids=lambda study: study.fleet.name[:6])


def without_plotly(text: str) -> str:
    start = text.index("/**\n* plotly.js")
    return text[:start] + text[text.index("</script>", start) :]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_page_reads_as_it_should(lang: str) -> None:
    assert_golden(f"page.{lang}.txt", text_of(page.render(studies.study(), lang)))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_page_of_a_log_without_start_times_reads_as_it_should(lang: str) -> None:
    assert_golden(f"page-without-times.{lang}.txt", text_of(page.render(studies.without_times(), lang)))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_page_has_a_section_on_the_mismatch_where_there_is_one(lang: str) -> None:
    text = text_of(page.render(studies.mismatched(), lang))
    begin, end = (text.rindex(words.load(lang)(f"title.{key}")) for key in ("mismatch", "curve"))
    assert_golden(f"page-mismatch.{lang}.txt", text[begin:end])
    assert words.load(lang)("title.mismatch") not in text_of(page.render(studies.study(), lang))


@EVERY
def test_the_same_study_gives_the_same_page(study: Study) -> None:
    assert page.render(study, "both") == page.render(study, "both")


@EVERY
def test_the_page_points_at_nothing_outside_itself(study: Study) -> None:
    text = page.render(study, "both")
    pointers = [
        value for _, attributes in read(text).tags for name, value in attributes.items() if name in {"src", "href"}
    ]
    assert all(value is not None and value.startswith(("#", "data:")) for value in pointers)
    assert not re.search(r"@import|url\(", without_plotly(text))


def test_the_page_forbids_itself_the_network() -> None:
    policies = [a["content"] for _, a in read(page.render(studies.study(), "en")).tags if "http-equiv" in a]
    assert len(policies) == 1
    assert str(policies[0]).startswith("default-src 'none'")
    assert "http" not in str(policies[0])


@EVERY
def test_every_link_leads_somewhere_and_no_two_things_have_one_name(study: Study) -> None:
    tags = read(page.render(study, "both")).tags
    names = [attributes["id"] for _, attributes in tags if "id" in attributes]
    assert len(names) == len(set(names))
    links = {str(attributes["href"])[1:] for tag, attributes in tags if tag == "a"}
    assert links <= set(names)


@EVERY
def test_every_tag_is_closed(study: Study) -> None:
    text = re.sub(r"<(script|style)\b.*?</\1>", "", page.render(study, "both"), flags=re.DOTALL)
    open_tags: list[str] = []
    for closing, name in re.findall(r"<(/?)([a-z][a-z0-9]*)", text):
        if closing:
            assert open_tags.pop() == name
        elif name not in {"meta", "link", "input"}:
            open_tags.append(name)
    assert open_tags == []


def test_a_hostile_name_is_text_and_never_a_tag() -> None:
    text = page.render(studies.hostile(), "both")
    hostile, plain = read(text).tags, read(page.render(studies.study(), "both")).tags
    scripts = [tag for tag, _ in hostile if tag == "script"]
    assert len(scripts) == len([tag for tag, _ in plain if tag == "script"])
    assert "<script>alert" not in text
    assert "<script>alert(1)</script>" in text_of(text)
    assert "[red]loud[/red] & {braces}" in text_of(text)
    assert not {"\x1b", "\x07", "\u202e"} & set(without_plotly(text))


def test_the_charts_figures_are_json_that_nothing_inside_can_close() -> None:
    text = page.render(studies.hostile(), "both")
    holders = re.findall(
        r'<script type="application/json" data-chart="([a-z-]+)">(.*?)</script>', text, flags=re.DOTALL
    )
    assert [name for name, _ in holders] == [
        f"chart-{chart}-{lang}" for lang in ("en", "zh") for chart in ("ledger", "curve", "waits")
    ]
    for _, figures in holders:
        assert json.loads(figures).keys() == {"data", "layout"}


def test_both_languages_are_on_one_page_and_each_says_which_it_is() -> None:
    tags = read(page.render(studies.study(), "both")).tags
    assert [attributes["lang"] for tag, attributes in tags if tag == "main"] == ["en", "zh-CN"]
    assert [attributes["value"] for tag, attributes in tags if tag == "input"] == ["en", "zh-CN"]


@pytest.mark.parametrize(("lang", "tag"), [("en", "en"), ("zh", "zh-CN")])
def test_a_page_in_one_language_has_no_switch(lang: str, tag: str) -> None:
    tags = read(page.render(studies.study(), lang)).tags
    assert ("html", {"lang": tag}) in tags
    assert not [name for name, _ in tags if name == "input"]


@pytest.mark.parametrize(("lang", "said"), [("en", "Synthetic: "), ("zh", "合成数据：")])
def test_a_synthetic_fleet_is_said_to_be_before_the_answer(lang: str, said: str) -> None:
    lines = text_of(page.render(studies.synthetic(), lang)).splitlines()
    assert lines[3].startswith(said)
    assert said not in text_of(page.render(studies.study(), lang))


def test_every_section_of_a_replayed_ledger_says_whose_it_is() -> None:
    text = text_of(page.render(studies.without_times(), "en"))
    for title in ("Ledger", "What can be recovered", "Chips over time", "Whose chip-hours they were"):
        assert f"\n{title}\nreplayed under fifo/first, not what happened\n" in text


def test_what_was_not_measured_is_no_zero() -> None:
    text = text_of(page.render(studies.without_times(), "en"))
    assert "\nUseful\n–\n59.2% held without telemetry\n" in text


def test_an_over_commit_is_announced_at_the_top_and_explained_below() -> None:
    text = text_of(page.render(studies.overcommitted(), "en"))
    assert text.index("read the warning before the figures") < text.index("As it happened: ")
    assert "First at 2024-05-06 08:30 UTC, on node H20-3: 9 chips busy, 8 there." in text
    assert "read the warning" not in text_of(page.render(studies.study(), "en"))


def test_a_slight_over_commit_is_told_below_and_alarms_nobody() -> None:
    text = text_of(page.render(studies.overcommitted_slightly(), "en"))
    assert "read the warning before the figures" not in text
    assert "0.0006 chip-hours of 2 runs lie beyond the fleet" in text


def test_every_class_has_its_colour_in_the_light_and_in_the_dark() -> None:
    text = page.render(studies.study(), "en")
    for c in Class:
        assert len(re.findall(rf"--{c.word}:#[0-9a-f]{{6}};", text)) == 2
        assert f".{c.word}{{--colour:var(--{c.word})}}" in text


def test_a_page_without_scripts_says_where_the_figures_of_the_charts_are() -> None:
    assert "<noscript><p" in page.render(studies.study(), "en")
    assert "The tables hold the same figures." in text_of(page.render(studies.study(), "en"))
