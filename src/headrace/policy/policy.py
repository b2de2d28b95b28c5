"""A policy: order × backfill × place, named as on the command line: `fair+easy/fgd`."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches

from headrace.errors import CallError
from headrace.policy.registry import BACKFILLS, ORDERS, PLACES


@dataclass(frozen=True)
class Policy:
    """Who goes first, who may pass, and where. `seed` is used by `place = "random"` alone.

    An order whose name begins with `oracle:` knows what no scheduler can, and says so wherever it is named.
    """

    order: str = "fifo"
    backfill: str = "none"
    place: str = "first"
    seed: int = 0

    def __post_init__(self) -> None:
        _known("order", self.order, ORDERS)
        _known("backfill", self.backfill, BACKFILLS)
        _known("place", self.place, PLACES)

    @property
    def name(self) -> str:
        """The shorthand: `fifo/first`, `fair+easy/fgd`, `oracle:smallest/best`."""
        backfill = "" if self.backfill == "none" else f"+{self.backfill}"
        return f"{self.order}{backfill}/{self.place}"

    @property
    def oracle(self) -> bool:
        return self.order.startswith("oracle:")


def parse(text: str, seed: int = 0) -> Policy:
    """Read `order[+backfill][/place]`; CallError, with what there is, for anything else."""
    head, _, place = text.strip().partition("/")
    order, _, backfill = head.partition("+")
    if f"oracle:{order}" in ORDERS:
        raise CallError(f"policy {text!r}: {order!r} knows true run times; write it as what it is: oracle:{order}")
    return Policy(order, backfill or "none", place or "first", seed)


def _known(part: str, name: str, registry: dict[str, int]) -> None:
    if name in registry:
        return
    near = get_close_matches(name, registry, n=1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    raise CallError(f"there is no {part} {name!r}: {hint}there are {', '.join(registry)}")
