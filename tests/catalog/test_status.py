"""The status of a chip on a day: three gates that do not depend on each other."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace.catalog.load import chips
from headrace.catalog.spec import Spec
from headrace.catalog.status import ChineseSide, Delivered, UsExport, history, spec_of, status, turning_days
from headrace.errors import CallError

H20 = Spec.rated(
    "H20",
    {8: Decimal(296), 16: Decimal(148)},
    Decimal(814),
    vendor="NVIDIA",
    designer="US",
    data_centre=True,
    bandwidth=Decimal(4000),
    link=Decimal(900),
    sold_in_us=False,
)
H200 = replace(
    H20, name="H200 SXM", tpp=Decimal(15832), density=Decimal("19.45"), bandwidth=Decimal(4800), sold_in_us=True
)
ASCEND = Spec("Ascend 910B", vendor="Huawei", designer="CN", data_centre=True, tpp=Decimal(5120))
DAYS = st.dates(date(2022, 1, 1), date(2026, 12, 31))


def test_the_h20_was_free_until_the_letters() -> None:
    gate = status(H20, date(2025, 4, 8)).us_export
    assert gate.outcome is UsExport.FREE
    assert {"tpp 2368 < 2400", "density 2.91 < 3.2"} <= set(map(str, gate.because))
    assert gate.confidence == "computed"


def test_the_h20_needs_a_licence_from_the_letters_on() -> None:
    gate = status(H20, date(2025, 4, 20)).us_export
    assert gate.outcome is UsExport.LICENCE_REQUIRED
    assert list(map(str, gate.because)) == ["bandwidth 4000 ≥ 1400"]
    assert gate.confidence == "reported"


def test_a_chip_of_the_catalogue_is_judged_by_its_facts() -> None:
    """Links and PCIe count together; a card without links of its own has PCIe alone."""
    spec = spec_of(chips()["H20"])
    assert (spec.tpp, spec.bandwidth, spec.link) == (2368, 4000, 900 + 128)
    assert spec_of(chips()["L4"]).link == 64
    assert spec.chinese_design is False
    assert spec_of(chips()["Ascend 910B"]).chinese_design is True
    assert status(chips()["H20"], date(2025, 4, 20)).us_export.outcome is UsExport.LICENCE_REQUIRED


def test_every_vendor_of_the_catalogue_has_its_headquarters_on_record() -> None:
    assert [chip.name for chip in chips().values() if not spec_of(chip).designer] == []


def test_gates_do_not_depend_on_each_other() -> None:
    """Licensed on one side, advised against on the other, and shipped all the same."""
    now = status(H20, date(2025, 9, 1))
    assert now.us_export.outcome is UsExport.LICENSED
    assert now.chinese_side.outcome is ChineseSide.ADVISED_AGAINST
    assert now.delivered.outcome is Delivered.YES


def test_an_assurance_is_no_licence() -> None:
    now = status(H20, date(2025, 7, 20))
    assert now.us_export.outcome is UsExport.LICENCE_REQUIRED
    assert "US-2025-07-ASSUR" in {met.notice.id for met in now.notes}


def test_the_h200_met_a_customs_order_the_day_before_its_review_was_eased() -> None:
    now = status(H200, date(2026, 1, 15))
    assert now.us_export.outcome is UsExport.CASE_BY_CASE
    assert now.chinese_side.outcome is ChineseSide.BLOCKED
    assert "US-2026-01-TARIFF" in {met.notice.id for met in now.notes}


def test_a_measure_for_some_buyers_is_told_and_does_not_decide() -> None:
    h100 = replace(H200, name="H100")
    gate = status(h100, date(2025, 12, 1)).chinese_side
    assert gate.outcome is ChineseSide.FREE
    assert [met.notice.scope for met in gate.also] == ["state-funded"]


def test_a_chinese_design_is_no_us_export_and_preferred_at_home() -> None:
    before, after = status(ASCEND, date(2025, 5, 12)), status(ASCEND, date(2025, 12, 1))
    assert before.us_export.outcome is UsExport.NO_EXPORT
    assert after.us_export.outcome is UsExport.VIOLATION
    assert after.chinese_side.outcome is ChineseSide.PREFERRED


def test_bills_and_rules_that_are_not_enforced_decide_nothing() -> None:
    """A chip that is not for data centres, and dense: the bill would cover it, 3A090 does not."""
    dense = replace(
        H20, name="a chip", data_centre=False, density=Decimal(4), bandwidth=Decimal(1399), link=Decimal(64)
    )
    now = status(dense, date(2026, 6, 1))
    assert now.us_export.outcome is UsExport.FREE
    assert [met.notice.id for met in now.notes if met.notice.basis == "bill"] == ["US-BILL-OVERWATCH"]
    h100 = status(replace(H200, name="H100"), date(2025, 3, 1))
    assert h100.us_export.notice is not None
    assert h100.us_export.notice.id == "US-2023-10-a"
    assert {met.notice.role for met in h100.notes} == {"not_enforced"}


def test_without_its_figures_a_chip_cannot_be_decided() -> None:
    gate = status(Spec("a chip", designer="US", data_centre=True), date(2024, 6, 1)).us_export
    assert gate.outcome is UsExport.UNDECIDED
    assert "tpp" in gate.left_open[0].gaps


def test_a_density_that_nobody_gave_is_told_where_it_might_have_decided() -> None:
    gate = status(replace(H20, density=None), date(2024, 6, 1)).us_export
    assert gate.outcome is UsExport.FREE
    assert {gap for left in gate.left_open for gap in left.gaps} == {"density"}
    assert gate.confidence == "none"


def test_whether_it_is_for_sale_in_the_united_states_turns_the_review() -> None:
    day = date(2026, 1, 15)
    assert status(replace(H200, sold_in_us=False), day).us_export.outcome is UsExport.DENIAL
    unknown = status(replace(H200, sold_in_us=None), day).us_export
    assert unknown.outcome is UsExport.DENIAL
    assert [left.notice.id for left in unknown.left_open] == ["US-2026-01"]


def test_macau_was_added_in_2023() -> None:
    a100 = replace(H200, name="A100", link=Decimal(600))
    assert status(a100, date(2022, 12, 1), "MO").us_export.outcome is UsExport.FREE
    assert status(a100, date(2023, 2, 1), "MO").us_export.outcome is UsExport.DENIAL
    assert status(a100, date(2022, 12, 1), "HK").us_export.outcome is UsExport.DENIAL


def test_a_place_whose_rules_are_not_known_is_refused() -> None:
    with pytest.raises(CallError, match="rules are known for CN, HK, MO, not for 'FR'"):
        status(H20, date(2025, 1, 1), "FR")


@given(DAYS)
def test_history_tells_the_status_of_every_day(day: date) -> None:
    """The last step that names a gate is what the gate is on that day."""
    since = date(2022, 1, 1)
    told = {name: gate for step in history(H20, since, day) for name, gate in step.gates.items()}
    now = status(H20, day).gates
    assert {name: (gate.outcome, gate.notice) for name, gate in told.items()} == {
        name: (gate.outcome, gate.notice) for name, gate in now.items()
    }


@given(DAYS)
def test_nothing_changes_on_a_day_that_is_no_turning_day(day: date) -> None:
    if day not in turning_days(day - timedelta(days=1), day):
        before, after = status(H200, day - timedelta(days=1)), status(H200, day)
        assert before.gates == after.gates
        assert before.notes == after.notes


def test_the_history_of_the_h20_names_each_change_with_its_day() -> None:
    exports = [
        (step.on.isoformat(), step.gates["us_export"].outcome)
        for step in history(H20, date(2022, 1, 1), date(2026, 11, 1))
        if "us_export" in step.gates
    ]
    assert exports == [
        ("2022-01-01", UsExport.FREE),
        ("2025-04-09", UsExport.LICENCE_REQUIRED),
        ("2025-08-08", UsExport.LICENSED),
    ]


def test_history_tells_measures_for_some_buyers_too() -> None:
    told = {met.notice.id: step.on for step in history(H20, date(2025, 1, 1), date(2026, 1, 1)) for met in step.notes}
    assert told["CN-2025-11-STATE"] == date(2025, 11, 5)
    assert told["CN-2024-NDRC-EFF"] == date(2025, 3, 26)


def test_history_begins_when_the_chip_was_first_sold() -> None:
    steps = history(replace(H20, first_sold=2024), date(2022, 1, 1), date(2025, 1, 1))
    assert steps[0].on == date(2024, 1, 1)
