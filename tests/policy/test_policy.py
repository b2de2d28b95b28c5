"""Policies are named as on the command line."""

from __future__ import annotations

import pytest

from headrace.errors import CallError
from headrace.policy.policy import Policy, parse
from headrace.policy.registry import BACKFILLS, ORDERS, PLACES

EVERY = [Policy(order, backfill, place) for order in ORDERS for backfill in BACKFILLS for place in PLACES]


@pytest.mark.parametrize("policy", EVERY, ids=lambda policy: policy.name)
def test_a_name_reads_as_the_policy_that_has_it(policy: Policy) -> None:
    assert parse(policy.name) == policy


@pytest.mark.parametrize(
    ("text", "policy"),
    [
        ("fifo", Policy("fifo", "none", "first")),
        ("las/best", Policy("las", "none", "best")),
        ("fair+easy", Policy("fair", "easy", "first")),
        (" fair+easy/fgd ", Policy("fair", "easy", "fgd")),
        ("fifo+none/dot", Policy("fifo", "none", "dot")),
        ("oracle:smallest/best", Policy("oracle:smallest", "none", "best")),
    ],
)
def test_what_is_left_out_is_plain(text: str, policy: Policy) -> None:
    assert parse(text) == policy


def test_the_seed_is_not_in_the_name() -> None:
    assert parse("fifo/random", seed=7) == Policy("fifo", "none", "random", 7)
    assert Policy("fifo", "none", "random", 7).name == "fifo/random"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("fiffo", "there is no order 'fiffo': did you mean 'fifo'? there are fifo, oracle:shortest,"),
        ("fifo+eazy", "there is no backfill 'eazy': did you mean 'easy'? there are none, easy, conservative"),
        ("fifo/frist", "there is no place 'frist': did you mean 'first'?"),
        ("fifo/xyzzy", "there is no place 'xyzzy': there are first, best, packing"),
        ("", "there is no order ''"),
    ],
)
def test_an_unknown_name_is_refused_with_what_there_is(text: str, message: str) -> None:
    with pytest.raises(CallError) as refusal:
        parse(text)
    assert str(refusal.value).startswith(message)


@pytest.mark.parametrize("order", ["shortest", "smallest"])
def test_an_oracle_must_be_called_one(order: str) -> None:
    with pytest.raises(CallError, match=f"knows true run times; write it as what it is: oracle:{order}"):
        parse(f"{order}+easy/best")
    assert parse(f"oracle:{order}").oracle
    assert not parse("fifo").oracle


def test_a_policy_cannot_be_made_of_parts_that_there_are_not() -> None:
    with pytest.raises(CallError, match="there is no order 'market'"):
        Policy(order="market")
