"""What each tenant holds, against its quota."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from headrace.report.live.size import chips
from headrace.report.names import plain, short
from headrace.serve.page.bar import Piece, pieces
from headrace.serve.page.view import FIRST
from headrace.units import MILLI

if TYPE_CHECKING:
    from headrace.report.words import Words
    from headrace.serve.shapes import Ledger, Tenant, Tenants

NAME: Final = 60
HELD: Final = "held"


@dataclass(frozen=True)
class OfKind:
    """What a tenant holds of a kind: `held` of `most`, the latter empty where there is no cap."""

    kind: str
    held: str
    most: str
    bar: tuple[Piece, ...]


@dataclass(frozen=True)
class Line:
    """A tenant."""

    name: str
    kinds: tuple[OfKind, ...]
    running: str
    waiting: str


@dataclass(frozen=True)
class Shares:
    """The first tenants, those that hold most first; `more` says how many are not shown."""

    lines: tuple[Line, ...]
    more: str


def part(tenants: Tenants, ledger: Ledger, words: Words) -> Shares:
    """What is shown of the tenants; a bar without a cap is as long as the fleet has chips of that kind."""
    fleet = {now.kind: now.chips_milli for now in ledger.now}
    ordered = sorted(tenants.items, key=lambda tenant: (-sum(tenant.held_milli.values()), tenant.name))
    lines = tuple(_line(tenant, fleet, words) for tenant in ordered[:FIRST])
    more = len(ordered) - len(lines)
    return Shares(lines, words("page_live.more_tenants", count=f"{more:,}") if more else "")


def _line(tenant: Tenant, fleet: dict[str, int], words: Words) -> Line:
    quota = tenant.quota or {}
    kinds = sorted({*quota, *(kind for kind, held in tenant.held_milli.items() if held)})
    return Line(
        short(tenant.name, NAME) or words("nobody"),
        tuple(_of_kind(kind, tenant, fleet.get(kind, 0), words) for kind in kinds),
        f"{tenant.running:,}",
        f"{tenant.waiting:,}",
    )


def _of_kind(kind: str, tenant: Tenant, fleet: int, words: Words) -> OfKind:
    held, cap = tenant.held_milli.get(kind, 0), (tenant.quota or {}).get(kind)
    most = fleet if cap is None else cap * MILLI
    said = words("page_live.no_cap") if cap is None else words("page_live.of_quota", quota=f"{cap:,}")
    return OfKind(plain(kind), chips(held), said, pieces([(HELD, held)], max(most, held)))
