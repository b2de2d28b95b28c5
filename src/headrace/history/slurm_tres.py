"""Slurm's trackable resources as it prints them, and the sizes and lengths of time in its other columns.

    billing=8,cpu=16,gres/gpu:h20=8,gres/gpu=8,mem=64G,node=2   ->   8 chips of h20, 16 cores, 65,536 MiB on 2 nodes

A typed count (`gres/gpu:h20=8`) is part of the untyped one (`gres/gpu=8`), which may be absent; they are never added.
"""

from __future__ import annotations

import re
from collections import defaultdict
from fractions import Fraction
from functools import lru_cache
from typing import Final, NamedTuple

from headrace.units import MILLI

CHIPS: Final = frozenset({"gpu", "npu", "dcu", "mlu", "gcu", "xpu", "hpu", "tpu", "ppu"})
"""Generic resources that are chips; others (a disk, a licence) take no chip."""
SHARING: Final = ("shard", "mps")
"""Generic resources that are parts of a chip."""

_AMOUNT: Final = re.compile(r"(\d{1,18})(\.\d{1,9})?([KMGTPE]?)[BcnN]?")
_POWERS: Final = ("", "K", "M", "G", "T", "P", "E")
_KIND: Final = re.compile(r"[^\s:;,=|]{1,100}")
_LIMIT: Final = re.compile(r"(?:(\d{1,6})-)?(\d{1,6}):(\d\d):(\d\d)(?:\.\d+)?")
_MOST: Final = 2**50


class Tres(NamedTuple):
    """Totals over all nodes: `kinds` are the types named ("" where untyped), `parts` of chips in the unit `part`.

    `cpu` is in millicores and `memory` in MiB. `wrong` says what was not understood, or is "".
    """

    nodes: int = 0
    cpu: int = 0
    memory: int = 0
    chips: int = 0
    kinds: str = ""
    parts: int = 0
    part: str = ""
    wrong: str = ""


@lru_cache(maxsize=2**16)
def parse_tres(text: str) -> Tres:
    """The resources in `text` ("" has none)."""
    amounts: dict[str, Fraction] = {}
    for item in filter(None, text.split(",")):
        name, _, amount = item.partition("=")
        value = _amount(amount, name == "mem")
        if value is None and _counts(name):
            return Tres(wrong=item[:60])
        if value is not None:
            amounts[name] = value
    return _totals(amounts)


def _counts(name: str) -> bool:
    return name in ("cpu", "mem", "node") or _gres(name)[0] in (*CHIPS, *SHARING)


def _gres(name: str) -> tuple[str, str]:
    """The name and the type of a generic resource: "gres/gpu:h20" -> "gpu", "h20"; "" for another resource."""
    kind, _, rest = name.partition("/")
    gres, _, typed = rest.partition(":")
    return (gres, typed) if kind == "gres" else ("", "")


def _amount(text: str, memory: bool) -> Fraction | None:
    found = _AMOUNT.fullmatch(text)
    if found is None:
        return None
    power = _POWERS.index(found[3] or ("M" if memory else ""))
    unit = Fraction(1024) ** (power - 2) if memory else Fraction(1000) ** power
    value = (int(found[1]) + Fraction(found[2] or 0)) * unit
    return value if value < _MOST else None


def _totals(amounts: dict[str, Fraction]) -> Tres:
    chips: dict[str, tuple[int, dict[str, int]]] = defaultdict(lambda: (0, {}))
    parts: dict[str, int] = defaultdict(int)
    for name, amount in amounts.items():
        gres, typed = _gres(name)
        if gres in SHARING:
            parts[gres] = max(parts[gres], _up(amount))
        elif gres in CHIPS and typed and not _KIND.fullmatch(typed):
            return Tres(wrong=name[:60])
        elif gres in CHIPS and amount:
            plain, kinds = chips[gres]
            chips[gres] = (plain, kinds | {typed: _up(amount)}) if typed else (_up(amount), kinds)
    part = next((name for name in SHARING if parts.get(name)), "")
    return Tres(
        nodes=_up(amounts.get("node", Fraction(0))),
        cpu=_up(amounts.get("cpu", Fraction(0)) * MILLI),
        memory=_up(amounts.get("mem", Fraction(0))),
        chips=sum(max(plain, sum(kinds.values())) for plain, kinds in chips.values()),
        kinds=";".join(sorted({kind for _, kinds in chips.values() for kind in kinds})),
        parts=parts[part] if part else 0,
        part=part,
    )


def _up(amount: Fraction) -> int:
    return -(-amount.numerator // amount.denominator)


@lru_cache(maxsize=2**16)
def parse_memory(text: str) -> tuple[int, str]:
    """The MiB in ReqMem, and of what: "n" each node, "c" each core, "" the whole job. (0, "") where it has none.

    Slurm up to 20.11 writes `4000Mc` and `16Gn`; later ones write the job's total.
    """
    of = text[-1:].lower() if text[-1:] in ("c", "n") else ""
    amount = _amount(text, memory=True)
    return (0, "") if amount is None else (_up(amount), of)


@lru_cache(maxsize=2**16)
def parse_limit(text: str) -> float | None:
    """The seconds in a Timelimit such as `1-02:03:04`; null where there is no limit (UNLIMITED, Partition_Limit)."""
    found = _LIMIT.fullmatch(text)
    if found is None:
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return float(((days * 24 + hours) * 60 + minutes) * 60 + seconds) or None
