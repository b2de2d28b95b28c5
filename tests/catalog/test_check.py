"""The check of the catalogue: every row that ships holds, and each way of being wrong is found and said."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.catalog.bad_rows import fact, price, told, told_of_models

from headrace.catalog.check import check
from headrace.catalog.facts import Facts, Status
from headrace.catalog.load import catalogue, sources


def test_every_row_of_the_catalogue_holds() -> None:
    assert [str(problem) for problem in check(catalogue())] == []


def test_every_row_names_a_source_that_is_declared() -> None:
    rows = [fact for table in catalogue().tables for fact in table.rows]
    assert {row.source for row in (*rows, *catalogue().prices)} <= sources().keys()


def test_every_declared_source_is_named_by_a_row() -> None:
    rows = [fact for table in catalogue().tables for fact in table.rows]
    assert sources().keys() <= {row.source for row in (*rows, *catalogue().prices)}


def test_a_row_without_a_declared_source_is_refused_with_its_place() -> None:
    assert told(fact(source="hearsay")) == ["bad.csv:7: its source 'hearsay' is not declared in sources.toml"]


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (fact(attribute="colour", value="green"), "there is no attribute 'colour'"),
        (fact(unit="kW"), "power_w is in W, not in kW"),
        (fact(value="400 W"), "which is no number"),
        (fact(value="nan"), "which is no number"),
        (fact(value="40000"), "30 to 3000 W is believed"),
        (fact(attribute="data_centre", value="maybe"), "it is yes or no"),
        (fact(attribute="form", value=" "), "form is empty"),
        (fact(as_of="April 2025"), "is no date"),
        (fact(as_of="2025-13"), "is no date"),
        (fact(status=Status.PUBLISHED), "is marked published, but 'smbom' is press; mark it reported"),
        (fact(source="common"), "has no document behind it and is marked reported; mark it assumed"),
        (fact(status=Status.DERIVED), "is derived, and no note says from what"),
        (fact(attribute="alias", value="A-800"), "'A-800' is a name of A800 and of H20"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_row_that_is_wrong_is_refused(row: object, sentence: str) -> None:
    problems = told(row)  # type: ignore[arg-type]
    assert len(problems) == 1
    assert problems[0].startswith("bad.csv:7: ")
    assert sentence in problems[0]


def test_a_source_that_contradicts_itself_on_one_date_is_refused() -> None:
    assert "says otherwise in bad.csv:7" in told(fact(), replace(fact(value="500"), line=8))[0]


def test_a_row_that_stands_there_twice_is_refused() -> None:
    assert "says already in bad.csv:7" in told(fact(), replace(fact(), line=8))[0]


def test_two_sources_that_differ_are_no_problem_but_a_conflict() -> None:
    assert told(fact(value="500")) == []
    chips = Facts((*catalogue().chips.rows, fact(value="500")))
    assert "500" in next([f.value for f in facts] for facts in chips.conflicts() if facts[0].attribute == "power_w")


def test_a_server_month_of_rtx_5090_at_550_000_is_refused() -> None:
    problems = told(price("RTX 5090", unit="server-month", cards=8, low=550_000, high=550_000))
    assert any("95.49 CNY a card-hour; for 209.5 TFLOPS" in problem for problem in problems)
    assert any("a month of renting a RTX 5090 at 68,750 CNY costs nearly what the card does" in p for p in problems)


def test_the_same_server_month_at_11_500_is_believed() -> None:
    assert told(price("RTX 5090", unit="server-month", cards=8, low=11_500, high=12_000)) == []


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"currency": "XYZ"}, "currency is 'XYZ'"),
        ({"unit": "card-week"}, "unit is 'card-week'"),
        ({"deal": "buy"}, "unit is 'card-hour'; card, server are possible here"),
        ({"kind": "guess"}, "kind is 'guess'"),
        ({"tax": "some"}, "tax is 'some'"),
        ({"region": "moon"}, "region is 'moon'"),
        ({"low": 5, "high": 4}, "a price rises from above zero"),
        ({"low": 0, "high": 0}, "a price rises from above zero"),
        ({"cards": 8}, "a server has several, a card one"),
        ({"low": 900, "high": 900}, "0.1 to 100 is believed"),
        ({"item": "H21"}, "there is no chip 'H21'"),
        ({"source": "hearsay"}, "is not declared"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_price_that_is_wrong_is_refused(wrong: dict[str, object], sentence: str) -> None:
    assert any(sentence in problem for problem in told(price(**wrong)))  # type: ignore[arg-type]


def test_a_sparse_rate_that_was_taken_for_a_dense_one_is_refused() -> None:
    sparse = fact("H100", "fp8_dense_tflops", "3958", source="nvidia-h100", status=Status.PUBLISHED)
    problems = told(sparse)
    assert any("a sparse rate is twice the dense one" in problem for problem in problems)
    assert any("in Hopper fp8 is 2 times bf16" in problem for problem in problems)


def test_an_fp8_rate_against_the_rule_of_its_architecture_is_refused() -> None:
    wrong = fact("H20", "fp8_dense_tflops", "148", source="nvidia-h100", status=Status.PUBLISHED)
    assert told(wrong) == ["bad.csv:7: H20: 148 fp8 and 148 bf16; in Hopper fp8 is 2 times bf16"]


def test_a_chip_with_only_sparse_rates_is_refused() -> None:
    said = {"vendor": "NVIDIA", "architecture": "Blackwell", "data_centre": "yes", "fp4_sparse_tflops": "8000"}
    assert told(*(fact("X1", name, value) for name, value in said.items())) == [
        "bad.csv:7: X1 has fp4_sparse_tflops and no fp4_dense_tflops: halve it"
    ]


def test_a_chip_of_an_unknown_architecture_is_refused() -> None:
    said = {"vendor": "ACME", "architecture": "Anvil", "data_centre": "yes"}
    problems = told(*(fact("X1", name, value) for name, value in said.items()))
    assert problems == ["bad.csv:7: ratios.csv has no architecture 'Anvil'"]


def test_a_chip_that_does_not_say_what_it_is_is_refused() -> None:
    assert told(fact("X1")) == ["bad.csv:7: X1 has no vendor, architecture, data_centre"]


def test_a_tpp_that_does_not_follow_from_the_rates_is_refused() -> None:
    wrong = fact("H20", "tpp", "4736")
    assert told(wrong) == ["bad.csv:7: H20: a TPP of 4736 is given, and 2368 follows from its rates"]


@pytest.mark.parametrize(
    ("attribute", "value", "sentence"),
    [
        ("layers", "40", "its configuration gives"),
        ("kv_heads", "5", "which 5 kv_heads do not divide"),
        ("experts", "8", "has experts and no experts_active, moe_ffn"),
        ("kv_lora_rank", "512", "and no qk_nope_dim, qk_rope_dim, v_head_dim"),
        ("linear_key_dim", "128", "and no linear_key_heads, linear_value_dim, linear_value_heads"),
    ],
)
def test_a_model_whose_numbers_do_not_fit_together_is_refused(attribute: str, value: str, sentence: str) -> None:
    row = fact("Llama-3.1-8B", attribute, value, source="meta-llama", status=Status.PUBLISHED)
    assert any(sentence in problem for problem in told_of_models(row))


def test_a_model_with_linear_layers_says_which_of_its_layers_attend_to_everything() -> None:
    numbers = {"linear_key_heads": "16", "linear_key_dim": "128", "linear_value_heads": "32", "linear_value_dim": "128"}
    rows = [fact("Llama-3.1-8B", name, number, source="meta-llama") for name, number in numbers.items()]
    assert any("has linear layers, and does not say which" in problem for problem in told_of_models(*rows))
