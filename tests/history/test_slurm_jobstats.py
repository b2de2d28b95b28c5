from __future__ import annotations

import base64
import gzip
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace.history.slurm_jobstats import CHIPLESS, DAMAGED, LOWERED, MISSING, Telemetry, decode


def payload(summary: object) -> str:
    return packed(json.dumps(summary).encode())


def packed(text: bytes) -> str:
    return "JS1:" + base64.b64encode(gzip.compress(text, mtime=0)).decode()


def of_nodes(**utilisation: dict[str, object]) -> str:
    return payload({"nodes": {name: {"gpu_utilization": chips, "cpus": 4} for name, chips in utilisation.items()}})


def test_activity_is_the_mean_over_all_chips_of_all_nodes() -> None:
    assert decode(of_nodes(a={"0": 100, "1": 50.0}, b={"0": 0, "1": 0.0})) == Telemetry(0.375, 2, 4)


@pytest.mark.parametrize("comment", ["", "a note", "JS2:H4sI", "js"])
def test_another_comment_says_nothing(comment: str) -> None:
    assert decode(comment) == Telemetry()


@pytest.mark.parametrize("comment", ["JS1:Short", "JS1:None"])
def test_a_summary_that_is_not_there_is_missing(comment: str) -> None:
    assert decode(comment) == MISSING


def test_a_payload_in_lower_case_is_lost() -> None:
    assert decode(of_nodes(a={"0": 5}).lower()) == LOWERED


def test_a_summary_without_chips_is_chipless() -> None:
    assert decode(payload({"nodes": {"a": {"cpus": 2}}})) == CHIPLESS
    assert decode(payload({"nodes": {}})) == CHIPLESS


@pytest.mark.parametrize(
    "comment",
    [
        "JS1:",
        "JS1:!!!",
        "JS1:H4sIAAAAAAAC/6tWyk",
        "JS1:" + base64.b64encode(b"plain").decode(),
        packed(b"not json"),
        packed(b"\xff\xfe"),
        packed(b"[" * 100_000),
        packed(b"1" * 5_000),
        payload([]),
        payload({"nodes": []}),
        payload({"nodes": {"a": 1}}),
        payload({"nodes": {"a": {"gpu_utilization": [1]}}}),
        of_nodes(a={"0": None}),
        of_nodes(a={"0": "50"}),
        of_nodes(a={"0": True}),
        of_nodes(a={"0": -1}),
        of_nodes(a={"0": 101}),
        of_nodes(a={"0": float("nan")}),
        of_nodes(a={"0": float("inf")}),
        of_nodes(a={"0": 50, "1": None}),
    ],
)
def test_what_does_not_decode_is_unknown(comment: str) -> None:
    assert decode(comment) == DAMAGED


def test_a_payload_that_unpacks_to_more_than_a_mebibyte_is_refused_unread() -> None:
    assert decode(packed(b'{"nodes": {' + b" " * 2**20 + b"}}")) == DAMAGED
    assert decode(packed(b" " * (2**20 - 13) + b'{"nodes": {}}')) == CHIPLESS


def test_a_payload_cut_short_is_unknown() -> None:
    whole = of_nodes(a={str(chip): 50 for chip in range(8)})
    assert all(decode(whole[:length]) in (DAMAGED, Telemetry()) for length in range(1, len(whole) - 3))


@given(st.binary(max_size=200))
def test_no_bytes_are_too_strange(text: bytes) -> None:
    assert decode("JS1:" + base64.b64encode(text).decode()).activity is None
    assert decode(packed(text)).activity is None


@given(st.lists(st.floats(0, 100), min_size=1, max_size=16))
def test_activity_lies_between_nothing_and_full(chips: list[float]) -> None:
    telemetry = decode(of_nodes(a={str(i): value for i, value in enumerate(chips)}))
    assert telemetry.activity is not None
    assert 0 <= telemetry.activity <= 1
    assert telemetry.idle == sum(value / 100 == 0 for value in chips)
