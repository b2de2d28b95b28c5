from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import studies

from headrace.explain.ledger import ALLOCATED, UNALLOCATED, Class
from headrace.report.tables.breakdown import AXES, breakdown_table
from headrace.report.tables.comparison import FIGURES, comparison_table
from headrace.report.tables.ledger import LINES, ledger_table, printed_hours, printed_shares
from headrace.report.tables.rejects import by_reason, rejects_table
from headrace.report.tables.shrink import shrink_table
from headrace.report.tables.waits import waits_table
from headrace.report.words import load

if TYPE_CHECKING:
    from headrace.report.study import Study
    from headrace.report.tables.table import Table

EN = load("en")
EVERY = pytest.mark.parametrize("study", studies.every_kind(), ids=lambda study: study.fleet.name[:6])


def number(cell: str) -> float:
    return float(cell.replace(",", "").rstrip("%"))


def column(table: Table, title: str) -> list[str]:
    place = [column.title for column in table.columns].index(title)
    return [row.cells[place] for row in table.rows]


@EVERY
def test_every_column_of_the_ledger_adds_up_as_printed(study: Study) -> None:
    table = ledger_table(study.main.ledger, EN)
    for place in range(2, len(table.columns)):
        printed = {word: number(row.cells[place]) for (word, _), row in zip(LINES, table.rows, strict=True)}
        assert printed["unallocated"] == pytest.approx(sum(printed[c.word] for c in UNALLOCATED), abs=1e-6)
        assert printed["allocated"] == pytest.approx(sum(printed[c.word] for c in ALLOCATED), abs=1e-6)
        assert printed["paid"] == pytest.approx(
            printed["down"] + printed["unallocated"] + printed["allocated"], abs=1e-6
        )


@EVERY
def test_breakdowns_add_up_to_the_ledger_in_both_directions(study: Study) -> None:
    whole = printed_hours(study.main.ledger)
    for axis in AXES:
        table = breakdown_table(study.main.ledger, axis, EN, most=3)
        assert sum(map(number, column(table, "Chip-hours"))) == pytest.approx(number(whole["paid"]), abs=1e-6)
        for c in (c for c in Class if study.main.ledger.classes[c]):
            printed = sum(map(number, column(table, EN(f"class.{c.word}"))))
            assert printed == pytest.approx(number(whole[c.word]), abs=1e-6)
        for row in table.rows:
            assert sum(map(number, row.cells[2:])) == pytest.approx(number(row.cells[1]), abs=1e-6)


def test_the_bars_of_the_ledger_hang_from_one_another() -> None:
    rows = dict(zip([word for word, _ in LINES], ledger_table(studies.study().main.ledger, EN).rows, strict=True))
    bars = {word: row.bars[0] for word, row in rows.items()}
    falling = [bars[c.word] for c in Class]
    assert [bar.begin for bar in falling[:-1]] == [bar.end for bar in falling[1:]]
    assert (bars["paid"].begin, bars["paid"].end) == (0, 1)
    assert bars["allocated"].begin == bars["useful"].begin == 0
    assert bars["allocated"].end == bars["starting"].end


def test_each_currency_has_its_own_column_and_what_has_no_price_has_none() -> None:
    titles = [c.title for c in ledger_table(studies.two_currencies().main.ledger, EN).columns]
    assert titles[-2:] == ["Cost, CNY", "Cost, USD"]
    assert not [c.title for c in ledger_table(studies.without_times().main.ledger, EN).columns if "Cost" in c.title]


def test_small_tenants_are_put_together_and_nobody_comes_last() -> None:
    table = breakdown_table(studies.study().main.ledger, "tenant", EN, most=2)
    assert column(table, "Tenant") == ["search", "ads", "(8 others)", "(nobody)"]


def test_weeks_are_called_by_their_mondays() -> None:
    table = breakdown_table(studies.study().main.ledger, "week", EN, most=1)
    assert column(table, "Week of") == ["2024-05-06", "2024-05-13", "2024-05-20", "2024-05-27"]


def compared(study: Study) -> Table:
    return comparison_table(study.happened, study.results, study.bounds, EN)


def test_what_happened_is_compared_first_and_policies_as_asked_for() -> None:
    titles = [c.title for c in compared(studies.study()).columns]
    assert titles == [
        "Figure",
        "as it happened",
        "fifo/first",
        "fifo+easy/first",
        "fair+easy/fgd",
        "oracle:smallest/best",
    ]
    assert [c.title for c in compared(studies.without_times()).columns][1] == "fifo/first"


def test_an_oracle_and_what_happened_are_never_called_best() -> None:
    table = compared(studies.study())
    marked = {table.columns[i].title for row in table.rows for i in row.best}
    assert marked == {"fifo/first", "fair+easy/fgd"}


def test_equal_figures_and_a_lone_policy_are_not_called_best() -> None:
    rows = {row.cells[0].strip(): row for row in compared(studies.study()).rows}
    assert not rows["Interrupted"].best
    assert not any(row.best for row in compared(studies.only_happened()).rows)


def test_every_figure_is_shown_for_every_result() -> None:
    rows = [row for row in compared(studies.study()).rows if row.tone == "plain"]
    assert len(rows) == len(FIGURES) + 1
    assert all(cell for row in rows for cell in row.cells)


def test_the_last_rows_say_how_far_from_the_bound_each_result_is() -> None:
    mean, makespan = compared(studies.study()).rows[-2:]
    assert mean.cells[:2] == ("  Mean ÷ 4 h 30 min", "1.82×")
    assert makespan.cells[:2] == ("  Makespan ÷ 21 d", "1.38×")


def test_a_bound_of_nothing_divides_nothing() -> None:
    assert compared(studies.all_useful()).rows[-2].cells[1] == "–"


def test_tenants_that_held_most_come_first_in_the_waits_and_a_missing_one_has_none() -> None:
    made = studies.study()
    happened = made.results[0]
    table = waits_table([happened, studies.result("las/first", made.fleet, tenants=("search", "new"))], EN)
    assert column(table, "Tenant")[:3] == ["search", "ads", "new"]
    assert table.rows[1].cells[-1] == "–"


def test_reasons_are_counted_and_the_most_frequent_is_first() -> None:
    assert by_reason(studies.rejects()) == {"ends before it starts": 23, "Submit is not a time": 1}


def test_a_rejected_line_is_cut_and_loses_its_escapes() -> None:
    table = rejects_table(studies.rejects()[19:20], EN, 5, 12)
    assert table.rows[0].cells == ("2,904", "Submit is not a time", "9001|ads|ye…")


def test_the_smallest_fleet_says_what_each_pool_and_all_of_them_spare() -> None:
    shrink = studies.study().shrink
    assert shrink is not None
    assert [row.cells for row in shrink_table(shrink, EN).rows] == [
        ("h20", "16", "13", "3"),
        ("a800", "8", "7", "1"),
        ("All pools", "24", "20", "4"),
    ]


def test_a_period_of_nothing_has_shares_of_nothing() -> None:
    assert set(printed_shares(studies.nothing_paid().main.ledger).values()) == {"0.0%"}
