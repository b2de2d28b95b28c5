"""Estimates as a reader sees them: the tables in both languages and at any width, and every word of them."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from tests.remembering import Remembering
from tests.report.goldens import console, printed

from headrace.estimate.fit import Job, Terms, fit
from headrace.estimate.inference import Estimate, Unfit
from headrace.estimate.known import chip, model
from headrace.estimate.operators import Plan
from headrace.estimate.origins import Origin
from headrace.estimate.search import Wanted
from headrace.estimate.split import Choice, Part
from headrace.report import words
from headrace.report.estimate import choices, screen, training
from headrace.report.estimate import fit as fitting
from headrace.report.estimate.asked import Asked, answers
from headrace.report.estimate.choices import choices_dict, render_choices
from headrace.report.estimate.figures import estimates_dict
from headrace.report.estimate.fit import fit_dict, render_fit
from headrace.report.estimate.origins import Rests, sources
from headrace.report.estimate.rows import NEARNESS
from headrace.report.estimate.runs import AskedRun, answer_runs
from headrace.report.estimate.screen import render_estimates
from headrace.report.estimate.tariff import Hourly, hourly, pue
from headrace.report.estimate.training import render_runs, runs_dict

KINDS = ("H20", "H100", "Ascend 910B")
THREE = Choice(
    (
        Part("prefill", "H20", Plan(tp=8), 2),
        Part("decode", "H100", Plan(), 4),
        Part("decode", "L40S", Plan(tp=2), 1),
    ),
    batch=64.0,
    ttft=0.5,
    tpot=0.02,
    requests=12.0,
    per_chip=300.0,
)
UNITS = re.compile(r"_(s|gb_per_chip|tokens|requests|requests_per_s|share|gb|sequences|hours|million_tokens)$")


def asked(**changed: Any) -> Asked:
    """A model of 32 billion parameters in bf16, with some things changed."""
    return Asked(**{"shape": model("Qwen3-32B"), "precision": "bf16", "untold": ("precision",)} | changed)


def shown(question: Asked, lang: str = "en", width: int = 100, sources: bool = False, listed: bool = False) -> str:
    """What is printed of it on three kinds, or of all where they are listed."""
    on = console(width)
    found = answers(question, [] if listed else [chip(kind) for kind in KINDS], {})
    render_estimates(question, found, pue(), on, lang, listed=listed, with_sources=sources)
    return printed(on)


def cells(text: str, label: str) -> list[str]:
    """The cells after a label."""
    line = next(line for line in text.splitlines() if line.startswith(label))
    return [cell.strip() for cell in line.removeprefix(label).split("  ") if cell.strip()]


def test_a_column_a_kind_with_every_figure_in_its_interval() -> None:
    """Value, and in brackets the ends of its interval."""
    text = shown(asked())
    assert cells(text, "Figure") == list(KINDS)
    for label in (
        "First token (TTFT), s",
        "Each next token (TPOT), ms",
        "Decode, tokens/s a chip",
        "kWh a million tokens out",
    ):
        assert re.search(r"\(\S+–\S+\)", cells(text, label)[0])


def test_a_kind_that_is_too_small_says_how_many_would_hold_the_model() -> None:
    """65 GB do not fit on 64 GB; two chips hold them."""
    text = shown(asked())
    assert cells(text, "Fits") == ["yes", "yes", "no, but on 2"]
    assert cells(text, "Weights a chip, GB")[2].startswith("65.5 of")


def test_shares_of_the_limits_sum_to_the_whole() -> None:
    """Of each kind."""
    found = estimates_dict(asked(), answers(asked(), [chip("H20")], {}), pue(), with_sources=False)
    assert sum(found["kinds"][0]["limit_shares"].values()) == pytest.approx(1.0)


def test_a_rate_that_is_too_high_is_said_with_the_highest_that_is_not() -> None:
    """Of a thousand requests a second nothing keeps up."""
    text = shown(asked(rate=1000.0))
    assert all(cell.startswith("no, ") for cell in cells(text, "Keeps up with the rate")[:2])


def test_a_rate_that_is_kept_up_with_is_said_with_the_wait() -> None:
    """A request every ten seconds."""
    text = shown(asked(rate=0.1))
    assert cells(text, "Keeps up with the rate")[:2] == ["yes", "yes"]
    assert cells(text, "Busy with prompts")


def test_with_a_rate_that_is_kept_up_with_as_many_tokens_are_served_as_are_asked_for() -> None:
    """A tenth of a request a second of 1,024 tokens is 102.4 tokens a second, whatever a token takes."""
    (one,) = answers(asked(rate=0.1), [chip("H20")], {})
    assert isinstance(one.found, Estimate)
    assert one.found.decode.low == one.found.decode.high == pytest.approx(102.4)


def test_limits_name_the_largest_batch_that_keeps_them() -> None:
    """None keeps a microsecond; a second is kept."""
    assert cells(shown(asked(tpot=1e-6)), "Requests within the limits")[0] == "not even one request"
    assert float(cells(shown(asked(tpot=1.0)), "Requests within the limits")[0]) > 1


def test_money_is_told_or_the_median_of_the_catalogue_and_never_invented() -> None:
    """A chip that nobody rents out has no price until it is told."""
    assert hourly("MI300X", {}) is None
    assert hourly("MI300X", {"": Hourly(9.0, "USD")}) == Hourly(9.0, "USD")
    found = hourly("H20", {})
    assert found is not None
    assert found.market is not None
    assert found.amount == float(found.market.middle)


def test_sources_name_facts_kernels_engine_rent_and_pue() -> None:
    """Each with its row."""
    text = " ".join(shown(asked(), sources=True).split())
    for said in (
        "H20, products in bf16: measured on",
        "H20, engine constants",
        "nvidia.csv:",
        "prices.csv:",
        "site.csv:",
    ):
        assert said in text


@pytest.mark.parametrize("width", [80, 100, 120])
@pytest.mark.parametrize("lang", words.LANGUAGES)
def test_no_cell_is_cut_off_at_any_width(lang: str, width: int) -> None:
    """Tables split where they do not fit."""
    text = shown(asked(ttft=2.0, tpot=0.1, rate=1.0), lang, width, sources=True)
    assert "…" not in text.replace("… decode", "").replace("……解码", "")


def test_without_kinds_the_fastest_come_first_and_twelve_at_most() -> None:
    """By decode tokens a second of a chip."""
    rates = [one.found.decode.value for one in answers(asked(), [], {}) if not isinstance(one.found, Unfit)]
    assert rates == sorted(rates, reverse=True)
    assert len(rates) == 12
    assert "Chip " in shown(asked(), listed=True)


def test_three_kinds_in_one_choice_are_one_line() -> None:
    """Replicas, chips and cuts of each."""
    on, wanted = console(140), Wanted(model("Qwen3-32B"), "bf16", 1024.0, 256.0)
    render_choices(wanted, {"H20": 16, "H100": 4, "L40S": 2}, [THREE], on, "en")
    assert "2×8 H20 (prefill) + 4×1 H100 (decode) + 1×2 L40S (decode)" in printed(on)
    assert [part["kind"] for part in choices_dict(wanted, {}, [THREE])["choices"][0]["parts"]] == [
        "H20",
        "H100",
        "L40S",
    ]


def test_training_tells_days_and_money_of_all_tokens() -> None:
    """Days are tokens over tokens a second of all chips."""
    question = AskedRun(model("Llama-3.1-70B"), "bf16", chips=64, tokens=1e12, shard=True)
    one = runs_dict(question, answer_runs(question, [chip("H100")], {}), pue(), with_sources=True)["kinds"][0]
    assert one["days"]["value"] == pytest.approx(1e12 / one["tokens_per_s"]["value"] / 86400, rel=1e-4)
    assert one["mfu_share"]["high"] <= 1.0
    assert one["money"]["value"] == pytest.approx(1e6 * one["money_per_million_tokens"]["value"], rel=1e-4)


def job(**changed: Any) -> Job:
    """A million requests of 512 tokens, with some things changed."""
    usual = {"shape": model("Qwen3-32B"), "phase": "serve", "precision": "fp8", "tokens": 5.12e8}
    return Job(**usual | {"input": 2048.0, "output": 512.0} | changed)


def ranked(asked: Job, lang: str = "en") -> str:
    """What is printed of a job on some kinds."""
    on, kinds = console(100), ("H20", "H100", "MI300X", "L4", "Ascend 910C")
    hours = {kind: hourly(kind, {}) for kind in kinds}
    costs = {kind: hour.amount for kind, hour in hours.items() if hour is not None}
    found = fit(asked, [chip(kind) for kind in kinds], Terms(costs, 1.4))
    render_fit(asked, found, hours, pue(), on, lang)
    json.dumps(fit_dict(asked, found, hours, pue()), allow_nan=False)
    return printed(on)


def test_three_rankings_stand_side_by_side_and_reasons_below() -> None:
    """Kinds without a cost or a power are left out of that ranking alone."""
    text = ranked(job())
    assert "Chip-hours" in text
    assert "1 from money, of which no cost is known in this currency: MI300X" in text
    assert "1 from energy, of which no power is known: Ascend 910C" in text


def test_json_has_a_unit_in_the_name_of_every_number() -> None:
    """Of estimates and of what is under them."""
    found = answers(asked(rate=1.0, tpot=0.1), [chip(kind) for kind in KINDS], {})
    told = estimates_dict(asked(rate=1.0, tpot=0.1), found, pue(), with_sources=True)
    json.dumps(told, allow_nan=False)
    numbers = [key for one in told["kinds"] for key, value in one.items() if isinstance(value, float)]
    assert [key for key in numbers if not UNITS.search(key)] == []


def every_form(monkeypatch: pytest.MonkeyPatch, remembering: Remembering) -> None:
    """Prints every kind of answer in English."""
    for module in (screen, training, choices, fitting):
        monkeypatch.setattr(module, "load", lambda lang: words.Words(lang, remembering))
    untold = ("precision", "input", "output", "engine")
    for changed in ({"rate": 1e4}, {"rate": 0.1, "tpot": 1.0}, {"tpot": 1e-6, "untold": untold}):
        shown(asked(**changed), sources=True)
    shown(asked(rate=0.1, tpot=0.1), listed=True)
    every = asked(shape=model("DeepSeek-V3"), precision="fp8_block", plan=Plan(tp=8, pp=2), batch=1e6)
    found = answers(every, [chip("H20"), chip("L4"), chip("MI300X")], {})
    for depth in range(len(NEARNESS)):
        limits = [dict.fromkeys(screen.LIMITS, 1.0) | {name: 2.0} for name in screen.LIMITS]
        placed = [(one, one.found) for one in found if isinstance(one.found, Estimate)]
        at = [replace(one, found=replace(fits, depth=depth, limits=limits[depth])) for one, fits in placed]
        render_estimates(every, at, pue(), console(), "en", listed=False, with_sources=True)
    wanted = Wanted(model("Qwen3-32B"), "bf16", 1024.0, 256.0)
    whole = replace(THREE, parts=(Part("both", "H20", Plan(tp=8), 2),))
    render_choices(wanted, {"H20": 16}, [THREE, whole], console(), "en")
    run = AskedRun(model("Llama-3.1-70B"), "bf16", tokens=1e9, shard=True, untold=("precision", "length", "engine"))
    render_runs(run, answer_runs(run, [chip("H100"), chip("L4")], {}), pue(), console(), "en", with_sources=True)
    for phase in ("serve", "prefill", "decode", "train"):
        ranked(job(phase=phase, input=4096.0))
    bare = [Rests("H20", None, (Origin(("gemm", "bf16"), None, None),))]
    list(sources(bare, pue(), words.Words("en", remembering)))
    ranked(job(shape=model("DeepSeek-V3"), precision="bf16"))
    ranked(job(there={"H20": 64, "MI300X": 1}, tpot=1e-6))
    ranked(job(there={"H20": 64, "H100": 1}, shape=model("DeepSeek-V3")))


def test_every_word_of_estimates_is_shown_somewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """None is left over in the files of words."""
    remembering = Remembering(words.messages("en"))
    every_form(monkeypatch, remembering)
    own = {key for key in remembering if key.startswith(("estimate.", "fit."))}
    assert own - remembering.asked == set()


@pytest.mark.parametrize("lang", words.LANGUAGES)
def test_a_job_and_a_run_speak_both_languages(lang: str) -> None:
    """And print no key of a message."""
    run = AskedRun(model("Llama-3.1-70B"), "bf16", chips=64, shard=True)
    on = console(80)
    render_runs(run, answer_runs(run, [chip("H100")], {}), pue(), on, lang, with_sources=True)
    for text in (printed(on), ranked(job(), lang)):
        assert not re.search(r"\b(estimate|fit)\.\w+", text)
        assert bool(re.search("[一-鿿]", text)) is (lang == "zh")
