"""Names: an item is found by any of its names, however it is spelled, and a wrong name by what comes near."""

from __future__ import annotations

import pytest

from headrace.catalog.load import chips, models, servers
from headrace.catalog.named import bare
from headrace.errors import CallError


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("Ascend 910B", "Ascend 910B"),
        ("昇腾910B", "Ascend 910B"),
        ("昇腾 910B", "Ascend 910B"),
        ("ascend-910b", "Ascend 910B"),
        ("H20-96GB", "H20"),
        ("h20", "H20"),
        ("H100-SXM", "H100"),
        ("NVIDIA B200-SXM-180GB", "B200"),
        ("昇腾 920", "Ascend 920"),
        ("Ascend 920C", "Ascend 920"),
        ("rtx5090d", "RTX 5090D"),
    ],
)
def test_a_chip_is_found_by_any_of_its_names(asked: str, name: str) -> None:
    assert chips().find(asked).name == name
    assert asked in chips()
    assert chips().own(asked) == name


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(CallError, match=r"the catalogue has no chip 'Ascend 910X'; near are .*Ascend 910") as caught:
        chips().find("Ascend 910X")
    assert caught.value.exit_code == 2


def test_a_name_that_is_near_to_nothing_is_answered_without_names() -> None:
    with pytest.raises(CallError, match=r"no chip 'zzzzzzzz'$"):
        chips().find("zzzzzzzz")
    with pytest.raises(CallError, match=r"no chip ''$"):
        chips().find("")


def test_an_own_name_is_never_taken_by_the_other_name_of_another() -> None:
    for table in (chips(), models(), servers()):
        assert all(table.find(name).name == name for name in table)


def test_spelling_is_blind_to_case_blanks_and_marks() -> None:
    assert bare("Ascend 910B (Atlas-300)") == bare("ascend910b atlas300")
    assert 17 not in chips()


def test_models_are_found_by_their_names_on_the_hub() -> None:
    assert models().find("deepseek-ai/DeepSeek-R1").name == "DeepSeek-V3"
    assert models().find("Qwen/Qwen3-32B").name == "Qwen3-32B"
