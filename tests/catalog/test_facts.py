"""Facts that contradict each other are all kept; the best founded is used, then the latest."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from headrace.catalog.facts import RANK, Fact, Facts, Status, by_merit, differ
from headrace.catalog.item import Item
from headrace.catalog.load import chips, facts


def row(value: str, status: Status = Status.REPORTED, as_of: str = "2025", unit: str = "W") -> Fact:
    return Fact("X1", "power_w", value, unit, status, as_of, "smbom")


@given(st.lists(st.tuples(st.sampled_from(list(Status)), st.sampled_from(["2024", "2025", "2025-04"]))))
def test_the_best_founded_comes_first_and_then_the_latest(rows: list[tuple[Status, str]]) -> None:
    ordered = by_merit([row(str(i), status, as_of) for i, (status, as_of) in enumerate(rows)])
    assert len(ordered) == len(rows)
    for one, other in itertools.pairwise(ordered):
        assert RANK[one.status] <= RANK[other.status]
        assert one.status != other.status or one.as_of >= other.as_of


def test_an_assumption_gives_way_to_any_document_however_old() -> None:
    ordered = by_merit([row("400", Status.ASSUMED, "2026"), row("350", Status.REPORTED, "2020")])
    assert [fact.value for fact in ordered] == ["350", "400"]


def test_an_assumed_value_says_so() -> None:
    item = Item("X1", {"power_w": (row("400", Status.ASSUMED),)})
    assert item.assumed("power_w")
    assert not item.assumed("memory_gb")


def test_numbers_that_only_rounding_tells_apart_do_not_conflict() -> None:
    assert not differ((row("989"), row("989.5")))
    assert differ((row("989"), row("1979")))


def test_words_conflict_where_they_are_not_the_same() -> None:
    assert differ((row("HBM3", unit=""), row("HBM3e", unit="")))
    assert not differ((row("HBM3", unit=""), row("HBM3", unit="")))


def test_conflicting_sources_stand_side_by_side_on_the_item() -> None:
    disputed = {rows[0].attribute: [fact.value for fact in rows] for rows in chips()["H20"].disputed()}
    assert disputed == {"memory_bandwidth_gb_s": ["4000", "4096"], "power_w": ["400", "350"]}


def test_conflicts_of_a_table_name_every_row() -> None:
    found = {(rows[0].item, rows[0].attribute): len(rows) for rows in facts("chips").conflicts()}
    assert found["Ascend 910B", "bf16_dense_tflops"] == 2
    assert ("H100", "power_w") not in found


def test_a_fact_knows_the_line_on_which_it_stands() -> None:
    known = Facts(facts("chips").rows)
    (fact, *_) = known.of("H20", "memory_gb")
    assert fact.place.startswith("nvidia.csv:")
    assert known.of("H20", "colour") == ()
