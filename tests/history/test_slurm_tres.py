from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace.history.slurm_tres import CHIPS, Tres, parse_limit, parse_memory, parse_tres

if TYPE_CHECKING:
    from random import Random


def test_a_typed_count_is_part_of_the_untyped_one() -> None:
    text = "billing=8,cpu=16,gres/gpu:h20=8,gres/gpu=8,mem=64G,node=2"
    assert parse_tres(text) == Tres(nodes=2, cpu=16_000, memory=65_536, chips=8, kinds="h20")


@pytest.mark.parametrize(
    ("text", "chips", "kinds"),
    [
        ("", 0, ""),
        ("cpu=4,mem=1G,node=1", 0, ""),
        ("gres/gpu=5", 5, ""),
        ("gres/gpu:h20=5", 5, "h20"),
        ("gres/gpu:h20=1,gres/gpu:h100=4,gres/gpu=5", 5, "h100;h20"),
        ("gres/gpu:h20=1,gres/gpu=5", 5, "h20"),
        ("gres/gpu=2,gres/npu:ascend910b=2,gres/npu=2", 4, "ascend910b"),
        ("gres/gpu:a100_1g.5gb=7,gres/gpu=7", 7, "a100_1g.5gb"),
        ("gres/nvme=3,license/matlab=2,fs/disk=9,gres/gpumem=12G,gres/gpuutil=50", 0, ""),
        ("gres/gpu:h20=0,gres/gpu=0", 0, ""),
    ],
)
def test_chips_and_their_kinds(text: str, chips: int, kinds: str) -> None:
    tres = parse_tres(text)
    assert (tres.chips, tres.kinds, tres.wrong) == (chips, kinds, "")


def test_shards_and_mps_are_parts_of_chips_and_no_chips() -> None:
    assert parse_tres("gres/shard=4,gres/shard:a100=4") == Tres(parts=4, part="shard")
    assert parse_tres("gres/mps=50") == Tres(parts=50, part="mps")


@pytest.mark.parametrize(
    ("text", "mib"),
    [("mem=512M", 512), ("mem=64G", 65_536), ("mem=1.5T", 1_572_864), ("mem=1025K", 2), ("mem=7", 7), ("mem=0", 0)],
)
def test_memory_is_rounded_up_to_a_mib(text: str, mib: int) -> None:
    assert parse_tres(text).memory == mib


@pytest.mark.parametrize(
    "item", ["gres/gpu=x", "gres/gpu=", "cpu=-1", "node=", "mem=1Z", "gres/gpu=99999999999999999999"]
)
def test_an_amount_that_is_none_is_said_and_not_guessed(item: str) -> None:
    assert parse_tres(f"billing=1,{item}").wrong == item


def test_a_kind_that_would_break_the_log_s_own_lists_is_refused() -> None:
    assert parse_tres("gres/gpu:h20;a=2").wrong == "gres/gpu:h20;a"


def test_an_amount_of_something_else_may_be_anything() -> None:
    assert parse_tres("energy=18446744073709551614,billing=?,gres/gpu=1").chips == 1


@given(st.dictionaries(st.sampled_from(["h20", "h100", "a800"]), st.integers(1, 64)), st.booleans(), st.randoms())
def test_any_order_and_any_mixture_gives_the_same_total(kinds: dict[str, int], untyped: bool, random: Random) -> None:
    items = [f"gres/gpu:{kind}={count}" for kind, count in kinds.items()]
    items += [f"gres/gpu={sum(kinds.values())}"] if untyped and kinds else []
    random.shuffle(items)
    assert parse_tres(",".join(items)) == Tres(chips=sum(kinds.values()), kinds=";".join(sorted(kinds)))


@given(st.text(alphabet="gres/pu:shardmcn=0123456789,.GMK-", max_size=40))
def test_no_text_is_too_strange(text: str) -> None:
    tres = parse_tres(text)
    assert tres.wrong or (tres.chips >= 0 and tres.parts >= 0)


def test_every_chip_s_name_is_a_chip() -> None:
    assert all(parse_tres(f"gres/{name}=2").chips == 2 for name in CHIPS)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("16Gn", (16_384, "n")), ("4000Mc", (4000, "c")), ("2000M", (2000, "")), ("", (0, "")), ("?", (0, ""))],
)
def test_reqmem_says_of_what_it_is(text: str, wanted: tuple[int, str]) -> None:
    assert parse_memory(text) == wanted


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1-02:03:04", 93_784.0),
        ("00:01:00", 60.0),
        ("365-00:00:00", 31_536_000.0),
        ("UNLIMITED", None),
        ("Partition_Limit", None),
        ("00:00:00", None),
        ("", None),
        ("soon", None),
    ],
)
def test_a_time_limit_is_in_seconds_and_no_limit_is_none(text: str, seconds: float | None) -> None:
    assert parse_limit(text) == seconds
