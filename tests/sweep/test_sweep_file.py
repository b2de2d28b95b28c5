"""A sweep file is understood whole, or refused in one sentence that says where and what would be right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from headrace.errors import InputError
from headrace.sweep.sweep_file import KEYS, read_sweep
from headrace.units import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from headrace.sweep.sweep_file import Sheet

LEAST = 'log = "log.parquet"\nfleets = ["fleet.toml"]\npolicies = ["fifo"]\n'
"""As little as a sweep file can say."""


def test_what_is_not_said_has_its_plain_meaning(sheet: Callable[..., Sheet]) -> None:
    understood = sheet(LEAST)
    assert understood.scales == (1000,)
    assert understood.seeds == (1,)
    assert understood.walls == ((),)
    assert (understood.checkpoint, understood.begin, understood.end) == (UNKNOWN,) * 3


def test_paths_are_relative_to_the_sweep_file(sheet: Callable[..., Sheet], desk: Path) -> None:
    understood = sheet(LEAST)
    assert understood.log == desk / "log.parquet"
    assert understood.fleets == (("fleet.toml", desk / "fleet.toml"),)


def test_what_is_said_twice_counts_once(sheet: Callable[..., Sheet]) -> None:
    text = LEAST.replace('["fifo"]', '["fifo", "fifo/first"]')
    understood = sheet(text, relax='[["kind", "quota"], ["quota", "kind", "kind"]]', scale="[1, 1.0, 0.5]")
    assert [policy.name for policy in understood.policies] == ["fifo/first"]
    assert understood.walls == (("kind", "quota"),)
    assert understood.scales == (1000, 500)


def test_times_are_in_the_zone_stated_with_them_or_in_tz_or_in_utc(sheet: Callable[..., Sheet]) -> None:
    midnight = 1_767_225_600_000
    assert sheet(LEAST, **{"from": "2026-01-01"}).begin == midnight
    assert sheet(LEAST, **{"from": "2026-01-01T08:00:00+08:00"}).begin == midnight
    assert sheet(LEAST, **{"from": "2026-01-01T08:00:00", "tz": '"Asia/Shanghai"'}).begin == midnight


def test_seconds_between_checkpoints_become_milliseconds(sheet: Callable[..., Sheet]) -> None:
    assert sheet(LEAST, assume_checkpoint="1800").checkpoint == 1_800_000
    assert sheet(LEAST, assume_checkpoint="0").checkpoint == 0


@pytest.mark.parametrize(
    ("more", "where", "hint"),
    [
        ({"seed": "1"}, "seed", "possible are log, format"),
        ({"scale": "0.8"}, "scale", "should be a list"),
        ({"scale": "[0.8, 2]"}, "scale, number 2", "less than or equal to 1"),
        ({"scale": "[0]"}, "scale, number 1", "greater than 0"),
        ({"scale": "[0.12345]"}, "scale, number 1", "3 decimal places"),
        ({"seeds": "[1, -1]"}, "seeds, number 2", "greater than or equal to 0"),
        ({"seeds": "[]"}, "seeds", "at least 1 item"),
        ({"seeds": "[true]"}, "seeds, number 1", "a whole number"),
        ({"relax": '["partition"]'}, "relax, number 1", "should be a list"),
        ({"relax": '[[], ["wall"]]'}, "relax, number 2", "there are partition, kind, quota"),
        ({"assume_checkpoint": '"1800"'}, "assume_checkpoint", "a number"),
        ({"from": '"2026-01-01"'}, "from", "without quotation marks"),
        ({"from": "1066-10-14"}, "from", "1971 to 2199"),
        ({"from": "2026-02-01", "to": "2026-02-01"}, "to", "leave some time"),
        ({"tz": '"Mars/Olympus"'}, "tz", "Asia/Shanghai"),
        ({"log": '"twice.parquet"'}, "sweep.toml", "is not TOML"),
    ],
)
def test_a_mistake_is_told_with_its_place(
    sheet: Callable[..., Sheet], more: dict[str, str], where: str, hint: str
) -> None:
    with pytest.raises(InputError) as refused:
        sheet(LEAST, **more)
    assert where in refused.value.where
    assert hint in str(refused.value)


def test_an_unknown_policy_is_told_which_there_are(sheet: Callable[..., Sheet]) -> None:
    with pytest.raises(InputError, match=r"policies, number 2: there is no place 'fristt': did you mean 'first'"):
        sheet(LEAST.replace('"fifo"', '"fifo", "fifo/fristt"'))


@pytest.mark.parametrize("key", ["log", "fleets", "policies"])
def test_what_is_needed_is_asked_for(sheet: Callable[..., Sheet], key: str) -> None:
    text = "\n".join(line for line in LEAST.splitlines() if not line.startswith(key))
    with pytest.raises(InputError, match=rf"sweep.toml: {key}: is missing; a sweep needs a log, fleets and policies"):
        sheet(text)


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe", b"log = ", b"a = " + b"[" * 9999, bytes(range(256)), b"#" * 2**21]
)
def test_a_file_that_is_no_sweep_gets_one_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "sweep.toml").write_bytes(content)
    with pytest.raises(InputError) as refused:
        read_sweep(tmp_path / "sweep.toml")
    assert len(str(refused.value)) < 600


def test_every_key_is_named_as_it_is_written() -> None:
    assert {"from", "to", "relax", "assume_checkpoint"} < set(KEYS)
