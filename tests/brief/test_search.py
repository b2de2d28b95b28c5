"""Search finds one thing under all its names, puts the exact model first, and says when the answer is another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace.brief.fold import folded
from headrace.brief.search import search
from headrace.brief.store import Library
from headrace.brief.tokens import tokens

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    "query",
    [
        "华为昇腾920芯片",
        "昇腾 920",
        "Ascend 920",
        "ascend920",
        "ＡＳＣＥＮＤ　９２０",
        "Huawei Ascend 920C",
        "昇腾920C",
        "920",
    ],
)
def test_the_ascend_920_is_found_under_all_its_names_and_called_unconfirmed(query: str) -> None:
    found = search(query)
    assert found.hits[0].passage.id == "ascend-920"
    (notice,) = found.notices
    assert notice.kind == "unconfirmed"
    assert [statement.id for statement in notice.read] == ["ascend-920", "ascend-named"]


@pytest.mark.parametrize(
    ("query", "first"), [("910 C", "910c"), ("昇腾910C", "910c"), ("H 20", "h20"), ("950 PR", "950pr")]
)
def test_the_exact_model_comes_first(query: str, first: str) -> None:
    best = search(query).hits[0].passage
    assert first in tokens(best.about)


def test_a_model_that_nobody_knows_is_said_to_be_unknown() -> None:
    assert [(n.kind, n.asked) for n in search("NVIDIA H333 price").notices] == [("unknown", "H333")]


def test_a_known_model_needs_no_notice() -> None:
    assert search("H20 licence August 2025").notices == ()


def test_a_question_without_a_model_is_answered() -> None:
    assert search("智算中心 使用率").hits[0].passage.id in ("idle-use", "idle-west")
    assert search("average utilization of computing centers").hits[0].passage.id in ("idle-use", "idle-gain")


def test_a_year_is_no_model() -> None:
    assert search("2025").notices == ()


def test_most_hits_are_as_many_as_asked_for() -> None:
    assert len(search("H20", most=3).hits) == 3


@pytest.mark.parametrize(
    "query", ['NEAR("H20" *', "H20 AND OR NOT", '"', "about:H20", "H20*", "^H20 - (", "\x1b[31mH20\x00", "'; DROP"]
)
def test_operators_and_control_characters_are_only_text(query: str) -> None:
    search(query)


@given(st.text(max_size=600))
def test_no_query_breaks_the_search(query: str) -> None:
    assert all(0 < hit.covered <= 1 for hit in search(query).hits)


@given(st.text(max_size=200))
def test_folding_twice_changes_nothing_more_for_tokens(text: str) -> None:
    assert tokens(folded(text)) == tokens(text)


def test_a_readers_document_is_found_and_removed(tmp_path: Path) -> None:
    library, file = Library(tmp_path / "data" / "library.db"), tmp_path / "offer.md"
    file.write_text("# Offer\n\n我司可供 昇腾 910C 服务器，交期 8 周。\n", encoding="utf-8")
    library.add(file, "2026-01-31")
    (hit,) = [hit for hit in search("Ascend 910C 交期", library).hits if hit.passage.kind == "document"]
    assert hit.passage.id == str(file)
    assert (hit.passage.date, hit.passage.verdict) == ("2026-01-31", "")
    library.remove(file)
    assert not [hit for hit in search("Ascend 910C 交期", library).hits if hit.passage.kind == "document"]


def test_a_document_does_not_confirm_what_nobody_confirmed(tmp_path: Path) -> None:
    library, file = Library(tmp_path / "library.db"), tmp_path / "rumour.txt"
    file.write_text("The Ascend 920 ships today.", encoding="utf-8")
    library.add(file, "2026-01-31")
    found = search("Ascend 920", library)
    assert found.notices[0].kind == "unconfirmed"
    assert any(hit.passage.kind == "document" for hit in found.hits)
