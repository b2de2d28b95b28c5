from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
import studies
from goldens import assert_golden

from headrace.report.figures import study_dict, study_json
from headrace.report.study import AS_IT_HAPPENED, Study

EVERY = pytest.mark.parametrize("study", studies.every_kind(), ids=lambda study: study.fleet.name[:6])
POLICY = {
    "avg_completion_s", "p50_completion_s", "p99_completion_s", "avg_wait_s", "p50_wait_s", "p95_wait_s", "p99_wait_s",
    "makespan_s", "allocated", "useful", "unknown", "preemptions", "interruptions", "lost_chip_hours",
    "lost_money", "jobs",
    "finished", "stranded", "worst_slowdown", "worst_tenant", "oracle", "ledger",
}  # fmt: skip


def refuse(constant: str) -> None:
    raise AssertionError(f"{constant} is no JSON")


def read(study: Study) -> dict[str, Any]:
    return dict(json.loads(study_json(study), parse_constant=refuse))


def test_the_figures_are_as_they_should_be() -> None:
    assert_golden("study.json", study_json(studies.study()))


@EVERY
def test_the_text_is_strict_json_with_sorted_keys_and_a_newline_at_its_end(study: Study) -> None:
    text = study_json(study)
    assert text.endswith("}\n")
    assert text == json.dumps(read(study), ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    assert text == study_json(study)


@EVERY
def test_the_classes_sum_to_what_was_paid_exactly(study: Study) -> None:
    figures = read(study)
    assert sum(figures["ledger_milli_chip_ms"].values()) == figures["paid_milli_chip_ms"]
    assert sum(figures["ledger"].values()) == pytest.approx(figures["paid_chip_hours"], abs=1e-4)


@EVERY
def test_each_table_of_the_ledger_sums_to_what_was_paid(study: Study) -> None:
    figures = read(study)
    for table in ("by_tenant", "by_kind", "by_week"):
        assert sum(sum(line.values()) for line in figures[table].values()) == pytest.approx(
            figures["paid_chip_hours"], abs=1e-3
        )


def test_money_is_exact_and_kept_apart_by_currency() -> None:
    study = studies.two_currencies()
    figures = read(study)
    for currency, classes in study.main.ledger.money().items():
        assert sum(map(Decimal, figures["money"][currency].values())) == Decimal(sum(classes.values())) / 100
    assert figures["money"].keys() == {"CNY", "USD"}


def test_every_result_is_a_policy_with_every_figure() -> None:
    policies = read(studies.study())["policies"]
    assert policies.keys() == {AS_IT_HAPPENED, "fifo/first", "fifo+easy/first", "fair+easy/fgd", "oracle:smallest/best"}
    assert all(policy.keys() == POLICY for policy in policies.values())
    assert [name for name, policy in policies.items() if policy["oracle"]] == ["oracle:smallest/best"]


def test_without_start_times_the_ledger_is_said_to_be_a_policys() -> None:
    figures = read(studies.without_times())
    assert figures["ledger_of"] == "fifo/first"
    assert AS_IT_HAPPENED not in figures["policies"]
    assert figures["ledger"] == figures["policies"]["fifo/first"]["ledger"]


def test_times_are_in_seconds() -> None:
    figures = read(studies.study())
    assert figures["policies"][AS_IT_HAPPENED]["avg_wait_s"] == 3 * 3600 + 12 * 60
    assert figures["bounds"] == {
        "avg_completion_s": 16200.0,
        "makespan_longest_s": 17 * 86400.0,
        "makespan_s": 21 * 86400.0,
        "makespan_work_s": 21 * 86400.0,
    }


def test_weeks_are_the_dates_of_their_mondays() -> None:
    assert list(read(studies.study())["by_week"]) == ["2024-05-06", "2024-05-13", "2024-05-20", "2024-05-27"]


def test_rejects_are_counted_in_full_and_the_first_twenty_shown() -> None:
    rejects = read(studies.study())["rejects"]
    assert rejects["count"] == 24
    assert rejects["by_reason"] == {"ends before it starts": 23, "Submit is not a time": 1}
    assert len(rejects["first"]) == 20
    assert rejects["first"][-1] == {
        "line": 2904,
        "reason": "Submit is not a time",
        "text": "9001|ads|yesterday|[2J<b>[bold]",
    }


def test_an_over_commit_is_told_with_its_first_instant() -> None:
    assert read(studies.study())["overcommit"] is None
    assert read(studies.overcommitted())["overcommit"] == {
        "busy_chips": 9.0,
        "capacity_chips": 8.0,
        "excess_chip_hours": 412.0,
        "first": "2024-05-06T08:30:00.000Z",
        "runs": 37,
        "where": "H20-3",
    }


def test_a_mismatch_has_its_counts_and_its_pairs_in_integers_and_in_hours() -> None:
    """Null where no workload is known; else pairs whose exact chip-time sums to what was compared."""
    assert read(studies.study())["mismatch"] is None
    overlay = read(studies.mismatched())["mismatch"]
    assert overlay["known"]["chip_hours"] == overlay["compared"]["chip_hours"] + overlay["unrated"]["chip_hours"]
    assert overlay["allocated_chip_hours"] == overlay["known"]["chip_hours"] + overlay["unknown"]["chip_hours"]
    held = [pair["milli_chip_ms"]["had"] for pair in overlay["pairs"]]
    assert sum(held) == overlay["compared"]["milli_chip_ms"]
    first = overlay["pairs"][0]
    assert (first["ran_on"], first["suits"], first["jobs"]) == ("A800", "H20", 412)
    assert first["chip_hours"] == {"had": 9000.0, "taken": 3400.0, "low": 1900.0, "high": 6100.0}
    assert first["money"] == {"had": "53100.00", "taken": "22780.00", "low": "12730.00", "high": "40870.00"}
    assert overlay["speeds_rest_on"] == {"model": 1, "chip": 3, "others": 2}
    assert read(studies.matched())["mismatch"]["currency"] is None


def test_what_is_no_number_is_null() -> None:
    policy = read(studies.nothing_paid())["policies"][AS_IT_HAPPENED]
    assert policy["avg_wait_s"] is None
    assert policy["worst_slowdown"] is None


def test_a_synthetic_fleet_is_said_to_be() -> None:
    assert read(studies.synthetic())["synthetic"] is True
    assert read(studies.study())["synthetic"] is False


def test_names_lose_control_characters_and_nothing_else() -> None:
    text = study_json(studies.hostile())
    assert '"<script>alert(1)</script>"' in text
    assert '"[red]loud[/red] & {braces}"' in text
    assert not {"\x1b", "\x07", "\u202e"} & set(text)
    assert "\\u001b" not in text


def test_names_that_read_alike_are_one_line() -> None:
    study = studies.study(tenants=("a\x07b", "ab"))
    assert read(study)["by_tenant"].keys() == {"ab", ""}
    assert sum(read(study)["by_tenant"]["ab"].values()) > 0


def test_everything_needed_to_make_it_again_is_there() -> None:
    figures = study_dict(studies.study())
    assert figures["inputs"] == {
        "source": "sacct-2024-05.txt", "sha256": "6f1e" * 16, "fleet": "east-1", "fleet_sha256": "09ab" * 16,
    }  # fmt: skip
    assert (figures["version"], figures["seed"]) == ("0.1.0", 1)
    assert figures["command"].startswith("headrace study")


def test_a_study_without_a_shrink_has_none() -> None:
    assert read(replace(studies.study(), shrink=None))["shrink"] is None
    assert read(studies.study())["shrink"]["nodes"] == {
        "a800": {"needed": 7, "now": 8},
        "h20": {"needed": 13, "now": 16},
    }
