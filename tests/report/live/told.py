"""Jobs, nodes and lines of use as a server tells them, for the tests of what is printed."""

from __future__ import annotations

from dataclasses import dataclass, field

from headrace.units import MILLI, MINUTE_MS

NOW = 1_767_600_000_000
"""2026-01-05 08:00 UTC."""
NASTY = "\x1b[31mred\x1b[0m\u202e\r\nnext [bold]x[/bold]"


@dataclass(frozen=True)
class Place:
    node: str
    chips: list[int] | None = None


@dataclass(frozen=True)
class Job:
    job: str = "17"
    name: str = "train"
    tenant: str = "search"
    user: str = "lin"
    status: str = "waiting"
    outcome: str | None = None
    nodes: int = 2
    chips: int = 8
    share_milli: int = MILLI
    kinds: tuple[str, ...] = ("H20", "A800")
    submit_ms: int = NOW - 90 * MINUTE_MS
    start_ms: int | None = None
    end_ms: int | None = None
    on: tuple[Place, ...] = ()


@dataclass(frozen=True)
class Why:
    reason: str | None = "chips"
    numbers: dict[str, int] = field(default_factory=lambda: {"wanted_milli": 16_000, "free_milli": 11_500})
    ahead: int | None = 3
    expected_ms: int | None = NOW + 75 * MINUTE_MS
    said: str = ""


@dataclass(frozen=True)
class Node:
    name: str = "h20-1"
    kind: str = "H20"
    pool: str = "h20"
    chips: int = 8
    held_milli: int = 7_500
    jobs: int = 2
    up: bool = True
    lost: bool = False
    reason: str = ""


@dataclass(frozen=True)
class Line:
    tenant: str = "search"
    kind: str = "H20"
    day: str = "2026-01-04"
    runs: int = 1
    chip_time: int = 8 * MILLI * 3_600_000
    cost: int | None = 5_360
    currency: str | None = "CNY"
