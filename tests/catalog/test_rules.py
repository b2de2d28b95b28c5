"""Rules are predicates: each turns at its threshold, whatever the chip is called."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace.catalog import notices, rules
from headrace.catalog.chinese_side import chinese_measures, reported_deliveries
from headrace.catalog.evidence import Comparison, Finding, at_least, below, both, either, is_so, written
from headrace.catalog.rules import us_rules
from headrace.catalog.spec import Spec, performance_density, total_processing_performance
from headrace.errors import InputError

TRIES = st.sampled_from([Finding(True), Finding(False), Finding(None)])
EVERY_NOTICE = [*notices.rules().values(), *notices.measures().values(), *notices.deliveries().values()]


def chip(tpp: str | None = "2368", density: str | None = "2.91", **others: object) -> Spec:
    """A chip for data centres that was never built, but for what is said of it."""
    known: dict[str, object] = {"data_centre": True, "bandwidth": Decimal(4000), "link": Decimal(900), "designer": "US"}
    figures = {"tpp": tpp and Decimal(tpp), "density": density and Decimal(density)}
    return Spec(**({"name": "a chip"} | figures | known | others))  # type: ignore[arg-type]


def test_performance_is_the_largest_product_of_rate_and_bits() -> None:
    """BIS's own example: 600 T/s of 8 bits or 300 T/s of 16 bits are 4800."""
    assert total_processing_performance({8: Decimal(600)}) == 4800
    assert total_processing_performance({16: Decimal(300), 8: Decimal(500)}) == 4800
    assert total_processing_performance({}) is None


def test_density_needs_a_die_that_counts() -> None:
    assert performance_density(Decimal(2368), Decimal(814)) == Decimal(2368) / 814
    assert performance_density(Decimal(2368), None) is None
    assert performance_density(Decimal(2368), Decimal(0)) is None


@pytest.mark.parametrize(
    ("link", "tpp", "met"),
    [(600, "4800", True), (599, "4800", False), (600, "4799.9", False), (400, "15832", False)],
)
def test_the_first_version_asks_for_fast_links_as_well_as_performance(link: int, tpp: str, met: bool) -> None:
    assert rules.first_version(chip(tpp, link=Decimal(link))).met is met


@pytest.mark.parametrize(
    ("tpp", "density", "met"),
    [
        ("4800", None, True),
        ("4799", "5.91", False),
        ("1600", "5.92", True),
        ("1599", "9", False),
        ("1936", "6.57", True),
        ("2368", "2.91", False),
    ],
)
def test_paragraph_a_asks_for_performance_or_for_density(tpp: str, density: str | None, met: bool) -> None:
    assert rules.paragraph_a(chip(tpp, density)).met is met


@pytest.mark.parametrize(
    ("tpp", "density", "met"),
    [
        ("2400", "1.6", True),
        ("2399", "1.6", False),
        ("4799", "5.91", True),
        ("2400", "1.59", False),
        ("1600", "3.2", True),
        ("1600", "3.19", False),
        ("1600", "5.92", False),
        ("1599", "5", False),
    ],
)
def test_paragraph_b_is_what_comes_near_to_paragraph_a(tpp: str, density: str, met: bool) -> None:
    assert rules.paragraph_b(chip(tpp, density)).met is met


def test_density_does_not_count_outside_data_centres() -> None:
    dense = chip("4799", "9", data_centre=False)
    assert not rules.described_by_3a090(dense).met
    assert rules.paragraph_a_elsewhere(chip("4800", "9", data_centre=False)).met


@given(st.decimals(0, 40000, places=2), st.decimals("0.01", 40, places=2), st.booleans())
def test_no_chip_is_in_two_paragraphs(tpp: Decimal, density: Decimal, data_centre: bool) -> None:
    spec = chip(str(tpp), str(density), data_centre=data_centre)
    if tpp < 4800 or density >= Decimal("5.92"):  # b.2 has no upper end of performance; a is tested before it
        tests = (rules.paragraph_a, rules.paragraph_a_elsewhere, rules.paragraph_b)
        assert sum(test(spec).met is True for test in tests) <= 1


@given(st.decimals(0, 40000, places=2), st.decimals("0.01", 40, places=2), st.decimals(0, 40000, places=2))
def test_more_performance_never_frees_a_chip(tpp: Decimal, density: Decimal, more: Decimal) -> None:
    """At one density; a larger die of the same density is never less controlled."""
    if rules.described_by_3a090(chip(str(tpp), str(density))).met:
        assert rules.described_by_3a090(chip(str(tpp + more), str(density))).met


def test_the_letters_look_at_bandwidth_alone() -> None:
    slow = {"bandwidth": Decimal(1399), "link": Decimal(300)}
    assert not rules.letters_of_2025(chip(**slow)).met
    assert rules.letters_of_2025(chip(**slow | {"bandwidth": Decimal(1400)})).met
    assert rules.letters_of_2025(chip(**slow | {"link": Decimal(301)})).met
    assert rules.letters_of_2025(chip(bandwidth=Decimal(100), link=Decimal(1100))).met


def test_a_letter_stays_open_where_the_links_are_not_known() -> None:
    finding = rules.letters_of_2025(chip(bandwidth=Decimal(1000), link=None))
    assert finding.met is None
    assert "link" in finding.gaps


@pytest.mark.parametrize(
    ("tpp", "bandwidth", "sold", "met"),
    [
        ("20999", 6499, True, True),
        ("21000", 6499, True, False),
        ("20999", 6500, True, False),
        ("20999", 6499, False, False),
        ("20999", 6499, None, None),
        ("4000", 3000, True, False),
    ],
)
def test_the_revised_review_is_for_what_3a090_a_covers_up_to_its_limits(
    tpp: str, bandwidth: int, sold: bool | None, met: bool | None
) -> None:
    assert rules.revised_review(chip(tpp, bandwidth=Decimal(bandwidth), sold_in_us=sold)).met is met


@pytest.mark.parametrize(
    ("tpp", "bandwidth", "met"),
    [
        ("15832", 4800, True),
        ("20919.2", 6000, True),
        ("14000", 4500, True),
        ("17501", 4800, False),
        ("20919", 5300, False),
    ],
)
def test_the_tariff_has_two_bands(tpp: str, bandwidth: int, met: bool) -> None:
    assert rules.tariff_bands(chip(tpp, bandwidth=Decimal(bandwidth))).met is met


def test_a_memory_stack_is_controlled_above_two_and_not_at_two() -> None:
    assert not rules.paragraph_c(chip()).met
    assert not rules.paragraph_c(chip(stack=Decimal(2))).met
    assert rules.paragraph_c(chip(stack=Decimal("2.01"))).met


def test_the_guidance_is_about_chinese_designs_only() -> None:
    fast = chip("5120", None)
    assert rules.chinese_design_like_3a090(replace(fast, designer="CN"), ()).met
    assert not rules.chinese_design_like_3a090(fast, ()).met
    assert rules.chinese_design_like_3a090(Spec("Ascend 910D", designer="CN"), ("910D",)).met
    assert rules.chinese_design_like_3a090(chip("600", "1", designer="CN"), ("910D",)).met is False


@pytest.mark.parametrize(
    ("name", "met"),
    [("H20", True), ("H20-96GB", True), ("NVIDIA H20 141GB", True), ("H200 SXM", False), ("H100", False)],
)
def test_a_name_is_met_as_a_word(name: str, met: bool) -> None:
    assert rules.named(Spec(name), ("H20",)).met is met


def test_an_unknown_density_does_not_meet_a_test_of_density_and_is_told() -> None:
    finding = rules.paragraph_b(chip("2400", None))
    assert finding.met is False
    assert finding.gaps == ("density",)


def test_a_chip_below_every_threshold_is_decided_without_its_density() -> None:
    assert rules.paragraph_a(chip("1000", None)) == Finding(
        False, (Comparison("tpp", "1000", "<", "4800"), Comparison("tpp", "1000", "<", "1600"))
    )


@given(TRIES, TRIES)
def test_and_and_or_follow_kleene(one: Finding, other: Finding) -> None:
    values = {one.met, other.met}
    assert both(one, other).met is (False if False in values else None if None in values else True)
    assert either(one, other).met is (True if True in values else None if None in values else False)


@given(st.decimals(0, 10000, places=9), st.decimals(0, 10000, places=2))
def test_a_number_is_written_on_its_own_side_of_the_limit(value: Decimal, limit: Decimal) -> None:
    shown = Decimal(written(value, limit))
    assert (shown >= limit) == (value >= limit)


def test_a_comparison_reads_as_it_was_made() -> None:
    assert str(at_least("tpp", Decimal(2368), Decimal(2400)).because[0]) == "tpp 2368 < 2400"
    assert str(below("density", Decimal("5.92"), Decimal("5.92")).because[0]) == "density 5.92 ≥ 5.92"
    assert str(at_least("density", Decimal("5.9199"), Decimal("5.92")).because[0]) == "density 5.9199 < 5.92"
    assert str(is_so("data_centre", True).because[0]) == "data_centre yes"


def test_every_rule_is_registered_once_and_every_row_has_a_rule() -> None:
    assert sorted(rules.ORDER) == sorted(notices.rules())
    assert len(us_rules()) == len(set(rules.ORDER))


def test_a_rule_without_a_predicate_names_its_chips() -> None:
    for rule in us_rules():
        assert rule.notice.id in rules.BY_FIGURES or rule.notice.chips, rule.notice.id


@pytest.mark.parametrize("rule", [*us_rules(), *chinese_measures(), *reported_deliveries()], ids=lambda r: r.notice.id)
def test_no_rule_stumbles_over_a_chip_of_which_nothing_is_known(rule: rules.Rule) -> None:
    assert rule.test(Spec("unknown")).met in (None, False)


@pytest.mark.parametrize("notice", EVERY_NOTICE, ids=lambda notice: notice.id)
def test_every_notice_has_declared_sources_names_in_both_languages_and_days_in_order(notice: notices.Notice) -> None:
    assert notice.sources
    assert set(notice.sources) <= notices.notice_sources().keys()
    assert notice.name
    assert notice.name_zh
    assert notice.consequence
    assert notice.consequence_zh
    assert notice.ends is None or notice.begins <= notice.ends
    assert (notice.role == "decides") == bool(notice.outcome)


def test_every_declared_source_is_used() -> None:
    assert {key for notice in EVERY_NOTICE for key in notice.sources} == notices.notice_sources().keys()


def test_what_is_reported_or_proposed_is_never_called_law() -> None:
    """A bill and what press or a letter says are marked so; the text of a law is one of the Federal Register's."""
    for notice in EVERY_NOTICE:
        if notice.basis == "law" and notice.confidence == "text":
            assert all(key.startswith(("fr-", "bis-")) for key in notice.sources), notice.id
        if notice.basis == "bill":
            assert notice.role == "proposed"
        if notice.basis == "press":
            assert notice.confidence in ("reported", "weak")


def test_a_notice_stands_from_its_first_to_its_last_day() -> None:
    notice = notices.rules()["US-2022-10"]
    days = [date(2022, 10, 6), date(2022, 10, 7), date(2023, 11, 16), date(2023, 11, 17)]
    assert [notice.in_force(day, "CN") for day in days] == [False, True, True, False]
    assert not notice.in_force(days[1], "MO")


def test_a_day_or_a_word_that_is_none_is_refused_with_its_line() -> None:
    row = dict.fromkeys(notices.COLUMNS, "x") | {"role": "note", "basis": "law", "confidence": "text"}
    with pytest.raises(InputError, match=r"rules.csv:7: 'x' is no day"):
        notices._notice(row, "rules.csv:7")
    with pytest.raises(InputError, match=r"rules.csv:7, basis: 'rumour' is none"):
        notices._notice(row | {"basis": "rumour"}, "rules.csv:7")
