"""A text's claims are confirmed, contradicted or left open, in either language, and never by a neighbour's number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headrace.brief.claims import KINDS, claims
from headrace.brief.judge import judge
from headrace.brief.sentences import sentences
from headrace.errors import CallError

if TYPE_CHECKING:
    from pathlib import Path


def verdicts(text: str) -> set[tuple[str, str]]:
    return {(f.claim.id, f.verdict) for f in judge(text) if f.claim is not None}


CONFIRMED = {
    "h20-licence-date": ["The licences for the H20 were granted in August 2025.", "H20 的许可证于 2025 年 8 月获批。"],
    "rule-name": ["The AI diffusion rule of January 2025 is not the one that the H20 was made for; it was rescinded."],
    "ascend-920": ["The Ascend 920 is an unconfirmed leak.", "昇腾920只是传闻。"],
    "centres-planned": ["Nearly 400 centres are planned.", "在建和规划的智算中心约 400 个。"],
    "centres-operating": ["About 150 computing centers are in operation.", "已投运的智算中心近150个。"],
    "h20-compute": ["The H20 offers 148 TFLOPS, the H100 989 TFLOPS.", "H20 的算力为 148 TFLOPS。"],
    "h20-circumvent": ["The H20 was designed to comply with the rules."],
    "h200-review": ["Since 15 January 2026 the H200 is reviewed case by case."],
}
CONTRADICTED = {
    "h20-licence-date": ["Washington issued the H20 licence in early July.", "2025年7月，商务部签发了H20许可证。"],
    "rule-name": ["The H20 keeps to the AI diffusion framework of 2023.", "H20 符合 2023 年 AI 扩散出口管制框架。"],
    "ascend-920": ["Huawei's Ascend 920 beats the H20.", "华为昇腾９２０芯片"],
    "centres-planned": [
        "Over 400 centres are planned.",
        "规划建设的智算中心超过 400 个。",
        "About 600 centers are planned.",
    ],
    "administration": ["In 2025 the Biden administration still tightens exports.", "2025 年，拜登政府仍在收紧出口。"],
    "h20-compute": ["The H20 offers 296.5e0, well 500 TFLOPS."],
    "h20-circumvent": ["The H20 was engineered to circumvent US rules.", "H20 是为规避限制而设计的。"],
}
OPEN = {
    "h20-annual-revenue": ["The H20 brings US$5 billion a year.", "H20 带来 50–70 亿美元的年收入。"],
    "white-list": ["A white list is discussed.", "正在讨论白名单。"],
}


@pytest.mark.parametrize(("id", "text"), [(id, text) for id, texts in CONFIRMED.items() for text in texts])
def test_what_is_right_is_confirmed(id: str, text: str) -> None:
    assert (id, "confirmed") in verdicts(text)
    assert (id, "contradicted") not in verdicts(text)


@pytest.mark.parametrize(("id", "text"), [(id, text) for id, texts in CONTRADICTED.items() for text in texts])
def test_what_is_wrong_is_contradicted(id: str, text: str) -> None:
    assert (id, "contradicted") in verdicts(text)


@pytest.mark.parametrize(("id", "text"), [(id, text) for id, texts in OPEN.items() for text in texts])
def test_what_nobody_knows_is_left_open(id: str, text: str) -> None:
    assert (id, "unjudged") in verdicts(text)


@pytest.mark.parametrize(
    "text",
    [
        "On 14 July 2025 NVIDIA was assured that H20 licences would be granted.",
        "In 2022 the Biden administration continued to tighten the rules; in 2025 another did.",
        "The H200 has 989 TFLOPS.",
        "The sample has 40 nodes.",
        "",
    ],
)
def test_what_is_right_or_beside_the_point_is_never_contradicted(text: str) -> None:
    assert not [finding for finding in judge(text) if finding.verdict == "contradicted"]


def test_two_halves_that_disagree_are_shown_side_by_side() -> None:
    found = judge("在建和规划的智算中心近 400 个。\nAbout 400 centres are planned.")
    (finding,) = [f for f in found if f.against is not None]
    assert finding.verdict == "contradicted"
    assert (finding.sentence.lang, finding.against and finding.against.lang) == ("en", "zh")


def test_figures_that_no_claim_knows_are_listed() -> None:
    (finding,) = judge("Our hall draws 12 megawatts.")
    assert (finding.verdict, finding.claim) == ("unjudged", None)


def test_dates_models_and_references_alone_are_no_figures() -> None:
    assert judge("The H100 came [3].\n2025-08-09 01:16 Someone\nIn May 2025 it rained.") == ()


def test_sentences_end_at_full_stops_but_not_within_abbreviations() -> None:
    told = [s.text for s in sentences("The U.S. Commerce spoke. It said “no.” Then 4.5 fell.\n他说“好。”然后走了。")]
    assert told == ["The U.S. Commerce spoke.", "It said “no.”", "Then 4.5 fell.", "他说“好。”", "然后走了。"]


def test_a_text_of_too_many_sentences_is_refused_and_never_judged_in_part() -> None:
    with pytest.raises(CallError, match="over 10,000 sentences"):
        judge("It is.\n" * 10_001)


def test_a_long_sentence_is_judged_to_its_end() -> None:
    assert ("ascend-920", "contradicted") in verdicts("the chip is, " * 400 + "the Ascend 920 wins.")


def test_every_claim_is_whole() -> None:
    assert len({claim.id for claim in claims()}) == len(claims())
    for claim in claims():
        assert claim.kind in KINDS
        assert claim.groups
        assert claim.sources
        assert claim.basis in ("seen", "assumed")
        assert bool(claim.values) == (claim.kind in ("date", "number"))
        assert bool(claim.patterns) == (claim.kind == "number")


def test_the_known_contradictions_of_the_first_brief_are_found(reference_data: Path) -> None:
    text = (reference_data / "briefs" / "brief_a.txt").read_text(encoding="utf-8")
    wrong = {id for id, verdict in verdicts(text) if verdict == "contradicted"}
    assert {"h20-licence-date", "rule-name", "ascend-920", "h20-announced", "h20-bought"} <= wrong
    assert {"h20-charge", "h20-shortfall", "h20-compute", "h20-share"}.isdisjoint(wrong)


def test_the_known_contradictions_of_the_second_brief_are_found(reference_data: Path) -> None:
    text = (reference_data / "briefs" / "brief_b.txt").read_text(encoding="utf-8")
    found = judge(text)
    wrong = {f.claim.id for f in found if f.claim is not None and f.verdict == "contradicted"}
    assert {"administration", "centres-planned", "h20-circumvent", "h20-resumed"} <= wrong
    (halves,) = [f for f in found if f.against is not None]
    assert halves.claim is not None
    assert halves.claim.id == "centres-planned"
    assert halves.quantity is not None
    assert halves.quantity.hedge == "over"
    confirmed = {f.claim.id for f in found if f.claim is not None and f.verdict == "confirmed"}
    assert {"centres-operating", "centres-use", "h20-assured"} <= confirmed


@given(st.text(max_size=800) | st.text("H20 许可签发7月昇腾920近约over400个%.。\n", max_size=800))
@settings(max_examples=60)
def test_any_text_is_judged(text: str) -> None:
    judge(text)


@pytest.mark.parametrize("part", ["9", "H20 ", "近", "about ", "2025-", "许可 H20 签发 ", "(", "$9,999", "自给率"])
def test_long_monotonous_text_is_judged_soon(part: str) -> None:
    judge(part * (200_000 // len(part)))
    judge(f"{part * 20}\n" * 300)
