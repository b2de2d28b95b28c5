"""Published classifications of chips are reproduced on four days, from figures and predicates alone."""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Final

import pytest

from headrace.catalog.notices import designers
from headrace.catalog.spec import Spec
from headrace.catalog.status import ChineseSide, Gate, UsExport, status

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DAYS: Final = {
    "st_2022_10": date(2022, 10, 31),
    "st_2023_11": date(2023, 11, 17),
    "st_2025_04": date(2025, 4, 20),
    "st_2026_01_china": date(2026, 1, 15),
}
GUIDANCE: Final = date(2025, 5, 13)
"""The day from which their column of 2025-04 says that Chinese designs are presumed to be in breach."""
NOT_ASKED: Final = ("n/a", "n/a (2023 product)")
"""The chip was not sold yet, or it is no matter of the rule: nothing to compare with."""


@dataclass(frozen=True)
class Meaning:
    """What their words say: the outcome, the notice that decides (None: none does) and the numbers they give.

    `sold` is whether the chip is for sale in the United States, which their columns leave to a condition ("if");
    `on` is another day than the column's; `open_` is a notice that stays open for want of that.
    """

    outcome: UsExport
    notice: str | None
    numbers: str = ""
    sold: bool | None = None
    on: date | None = None
    open_: str = ""
    chinese: ChineseSide | None = None


DENIED_A: Final = Meaning(UsExport.DENIAL, "US-2023-10-a")
FREE: Final = Meaning(UsExport.FREE, None)
LETTER: Final = Meaning(UsExport.LICENCE_REQUIRED, "US-2025-04-IS")
NAC: Final = Meaning(UsExport.NAC_ELIGIBLE, "US-2023-10-a-NAC")
WINDOW: Final = Meaning(UsExport.CASE_BY_CASE, "US-2026-01", sold=True)
LICENSED: Final = Meaning(UsExport.LICENSED, "US-2025-08-LIC")
BREACH: Final = Meaning(UsExport.VIOLATION, "US-2025-05-GP10", on=GUIDANCE)

THEIR_WORDS: Final = {
    "st_2022_10": {
        "3A090": Meaning(UsExport.DENIAL, "US-2022-10"),
        "3A090?": Meaning(UsExport.DENIAL, "US-2022-10"),  # they doubt it; their figures meet both halves
        "none": FREE,
    },
    "st_2023_11": {
        "3A090.a": DENIED_A,
        "3A090.a (would be)": DENIED_A,
        "3A090.a (non-DC: NAC eligible)": NAC,
        "none": FREE,
        "none (Note 2)": FREE,
        "none (TPP 4750<4800)": replace(FREE, numbers="tpp 4750 < 4800"),
        "none (was sold)": FREE,
        "none (sold as compliant)": FREE,
        "n/a (not US export)": Meaning(UsExport.NO_EXPORT, None),
    },
    "st_2025_04": {
        "none": FREE,
        "licence (already .a)": DENIED_A,
        "licence": DENIED_A,  # each chip of which they say so is one that they put under 3A090.a
        "licence/NAC": NAC,
        "LICENCE (4000>=1400)": replace(LETTER, numbers="bandwidth 4000 ≥ 1400"),
        "LICENCE (3700>=1400)": replace(LETTER, numbers="bandwidth 3700 ≥ 1400"),
        "LICENCE reported (1792>=1400)": replace(LETTER, numbers="bandwidth 1792 ≥ 1400"),
        "LICENCE (BW)": LETTER,
        "GP10 presumption from 2025-05-13": BREACH,
        "(after) GP10 scope by class": BREACH,
    },
    "st_2026_01_china": {
        "none": FREE,
        "case-by-case if US-available": WINDOW,
        "case-by-case if US-available (20919<21000)": replace(WINDOW, numbers="tpp 20919.2 < 21000"),
        "case-by-case (named in rule)": WINDOW,  # the rule's summary names it as one for sale there
        ".a; US-availability doubtful": replace(DENIED_A, open_="US-2026-01"),
        "presumption of denial (30000>=21000)": replace(DENIED_A, sold=True),
        "licence": LETTER,
        "licence/NAC": NAC,
        "is-informed; licences since 2025-08": LICENSED,
        "licences since 2025-08": LICENSED,
        "GP10; CN preferred": replace(BREACH, on=None, chinese=ChineseSide.PREFERRED),
    },
}

OTHERWISE: Final = {
    ("RTX 5090", "st_2025_04"): replace(LETTER, numbers="bandwidth 1792 ≥ 1400"),
    ("RTX 5090", "st_2026_01_china"): replace(LETTER, numbers="bandwidth 1792 ≥ 1400"),
    ("MI308X", "st_2023_11"): Meaning(UsExport.UNDECIDED, None, open_="US-2023-10-a"),
    ("Gaudi 3 HL-388/HL-328 (China)", "st_2023_11"): Meaning(UsExport.UNDECIDED, None, open_="US-2023-10-a"),
}
"""Where we say otherwise, and why.

RTX 5090: its memory is as fast as the RTX 5090D's, of which they say that the letters hold; so they hold for it too.
MI308X, Gaudi 3 for China: "none" is concluded from their having been sold; their dense rates were never published,
so no predicate can tell.
"""


def figure(text: str) -> Decimal | None:
    return Decimal(text) if text else None


def spec_of(row: dict[str, str]) -> Spec:
    """The chip, from the columns of figures; its name only for notices that name chips themselves."""
    ops = figure(row["dense_ops"])
    return Spec.rated(
        row["chip"],
        {} if ops is None else {int(row["bits"]): ops},
        figure(row["die_mm2"]),
        vendor=row["vendor"],
        data_centre=row["datacenter"] == "Y",
        bandwidth=figure(row["mem_bw_GBps"]),
        link=figure(row["io_bidir_GBps"]),
        designer=designers()[row["vendor"].casefold()],
    )


def rows(reference_data: Path) -> Iterator[dict[str, str]]:
    with (reference_data / "facts" / "classification.csv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def decided(gate: Gate) -> str:
    by = gate.notice.id if gate.notice else "no rule"
    return f"{gate.outcome.value} by {by} [{', '.join(map(str, gate.because))}]"


def apart(spec: Spec, meant: Meaning, day: date) -> str:
    """What sets us apart from the meaning, or nothing."""
    now = status(replace(spec, sold_in_us=meant.sold), meant.on or day)
    gate = now.us_export
    found = (gate.outcome, gate.notice.id if gate.notice else None)
    wrong = [] if found == (meant.outcome, meant.notice) else [decided(gate)]
    if meant.numbers and meant.numbers not in map(str, gate.because):
        wrong.append(f"not decided by {meant.numbers}")
    if meant.open_ and meant.open_ not in {left.notice.id for left in gate.left_open}:
        wrong.append(f"{meant.open_} is not left open")
    if meant.chinese and now.chinese_side.outcome is not meant.chinese:
        wrong.append(f"chinese side {now.chinese_side.outcome.value}")
    return "; ".join(wrong)


@pytest.mark.gate
@pytest.mark.parametrize("column", DAYS)
def test_every_row_is_classified_as_published_or_otherwise_for_a_reason_that_is_given(
    column: str, reference_data: Path
) -> None:
    """Row by row on the column's day; the rows where we say otherwise are those named above, and no more."""
    wrong: dict[str, str] = {}
    compared = otherwise = 0
    for row in rows(reference_data):
        theirs, chip, spec = row[column], row["chip"], spec_of(row)
        if theirs in NOT_ASKED:
            print(f"{DAYS[column]} {chip:32} {theirs:45} not asked")
            continue
        meant = THEIR_WORDS[column][theirs]
        differs = apart(spec, meant, DAYS[column])
        ours = OTHERWISE.get((chip, column))
        asked = replace(spec, sold_in_us=(ours or meant).sold)
        said = decided(status(asked, (ours or meant).on or DAYS[column]).us_export)
        print(f"{DAYS[column]} {chip:32} {theirs:45} {said}{'   OTHERWISE' if ours else ''}")
        compared, otherwise = compared + 1, otherwise + bool(ours)
        if ours is None and differs:
            wrong[chip] = differs
        elif ours is not None and (not differs or apart(spec, ours, DAYS[column])):
            wrong[chip] = "is said to differ, but not so"
    print(f"{column}: {compared} compared, {compared - otherwise} alike, {otherwise} otherwise for a reason")
    assert wrong == {}


@pytest.mark.gate
def test_performance_and_density_are_computed_as_published(reference_data: Path) -> None:
    """Their columns `tpp` and `pd` from the dense rate, its bit length and the die alone."""
    for row in rows(reference_data):
        spec = spec_of(row)
        if row["tpp"]:
            assert spec.tpp is not None
            assert abs(spec.tpp - Decimal(row["tpp"])) < 1, row["chip"]
        if row["pd"]:
            assert spec.density is not None
            assert abs(spec.density - Decimal(row["pd"])) < Decimal("0.01"), row["chip"]


@pytest.mark.gate
def test_what_they_leave_to_a_condition_turns_with_it(reference_data: Path) -> None:
    """Case by case only "if US-available": denial is presumed where it is not, and the window is open if unknown."""
    for row in rows(reference_data):
        if row["st_2026_01_china"].startswith("case-by-case if"):
            day = DAYS["st_2026_01_china"]
            absent = status(replace(spec_of(row), sold_in_us=False), day).us_export
            unknown = status(spec_of(row), day).us_export
            assert absent.outcome is unknown.outcome is UsExport.DENIAL
            assert [left.notice.id for left in unknown.left_open] == ["US-2026-01"]
            assert not absent.left_open


@pytest.mark.gate
def test_chinese_designs_are_presumed_in_breach_from_the_day_of_the_guidance_and_not_before(
    reference_data: Path,
) -> None:
    chinese = [spec_of(row) for row in rows(reference_data) if row["vendor"] == "Huawei"]
    assert len(chinese) == 3
    for spec in chinese:
        assert status(spec, date(2025, 5, 12)).us_export.outcome is UsExport.NO_EXPORT
        assert status(spec, GUIDANCE).us_export.outcome is UsExport.VIOLATION
        assert status(replace(spec, name="without a name"), GUIDANCE).us_export.outcome is UsExport.VIOLATION


@pytest.mark.gate
def test_no_figure_decides_by_a_name(reference_data: Path) -> None:
    """Without its name each chip has the same status wherever no notice that names chips decided."""
    for row in rows(reference_data):
        spec = spec_of(row)
        for day in DAYS.values():
            named, nameless = (status(replace(spec, name=name), day).us_export for name in (spec.name, "a chip"))
            if named.notice is None or not named.notice.chips:
                assert (named.outcome, named.because) == (nameless.outcome, nameless.because)
