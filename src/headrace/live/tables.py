"""The tables that the compiled round works on, with room to spare.

    nodes    fixed: other nodes, other tables                jobs, shapes, lines, tenants, rows    filled from the front

What is beyond the last is blank: a shape that fits nowhere, a tenant who holds nothing. Whoever fills them asks first
whether there is room, and has them made anew, roomier, if not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from headrace.history.demand import plain
from headrace.live.carry import carry
from headrace.live.demand import TOO_MANY, Alike, Demand, allowed, blank_shapes, demand_of, fleet_of
from headrace.policy.memo import Memo, empty_memo, refer_memo
from headrace.policy.target import Target, empty_target, refer_target
from headrace.units import MILLI, NEVER
from headrace.world.fits import possible
from headrace.world.plan import Plan, empty_plan, refer_plan
from headrace.world.record import Workload
from headrace.world.state import ABSENT, NONE, State, build, refer_state

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence, Set

    from headrace.live.engine import Asked, NodeSeen
    from headrace.world.fleet import Tenant

LEAST_ROOM = 64


class Sizes(NamedTuple):
    """How many of each there are, or are to have room."""

    jobs: int
    shapes: int
    lines: int
    tenants: int
    rows: int

    def roomy(self) -> Sizes:
        """Twice as many, so that tables are made anew ever more seldom as they grow."""
        return Sizes(*(max(LEAST_ROOM, 2 * size) for size in self))

    def within(self, room: Sizes) -> bool:
        return all(size < most for size, most in zip(self, room, strict=True))


class Tables:
    """State, memo and plan over `nodes` (in this order), and what each of their rows stands for.

    `demands`, `lines` and `tenants` say which row is whose; `size` counts the jobs. The compiled functions take
    `state_ref`, `memo_ref` and `plan_ref`.
    """

    def __init__(self, nodes: Sequence[NodeSeen], pinned: Set[str], known: Iterable[Tenant], room: Sizes) -> None:
        self.nodes, self.pinned, self.room = tuple(nodes), frozenset(pinned), room.roomy()
        self._known = {tenant.name: tenant for tenant in known}
        self.number = {node.name: n for n, node in enumerate(nodes)}
        fleet, self.pools = fleet_of(nodes, pinned, self._known.values())
        self.kinds = fleet.kinds
        self.demands: dict[Demand, int] = {}
        self.tenants: dict[str, int] = {}
        self.lines: dict[tuple[int, int, int], int] = {}
        self.size, self.rows = 0, 0
        self.state = _with_room(build(fleet, _blank(self.room, len(self.pools))), self.room)
        self._columns: tuple[str, ...] = self.state.jobs.dtype.names or ()
        self.state.nodes["out"] += self.number == {}
        self.target = empty_target(self.state)
        self.memo: Memo = empty_memo(self.state)._replace(target=refer_target(self.target))
        self.plan: Plan = empty_plan(self.room.jobs, self.room.rows)
        self.state_ref: Any = refer_state(self.state)
        self.plan_ref: Any = refer_plan(self.plan)
        self.memo_ref: Any = refer_memo(self.memo)

    def has_room(self, asked: Sequence[Asked], rows: int) -> bool:
        """Do these jobs fit in, and `rows` allocations; and is every node that they name a pool of its own."""
        named = {name for one in asked for name in one.pinned if name in self.number}
        demands = self.demands.keys() | {demand_of(one) for one in asked}
        tenants = self.tenants.keys() | {one.tenant for one in asked}
        lines = {(one.tenant, demand_of(one), one.limit) for one in asked}
        new_lines = sum(not self._has_line(*line) for line in lines)
        sizes = Sizes(self.size + len(asked), len(demands), len(self.lines) + new_lines, len(tenants), self.rows + rows)
        return named <= self.pinned and sizes.within(self.room)

    def learn(self, asked: Iterable[Asked], now: int) -> None:
        """Have a tenant and a shape for each of `asked`, for which there is room."""
        before = len(self.demands)
        for one in asked:
            self.tenant(one.tenant, now)
            demand = demand_of(one)
            if demand not in self.demands:
                self._shape(demand)
        if len(self.demands) > before:
            self._new_shapes(before)

    def add(self, asked: Asked, **columns: int) -> int:
        """The number of a new job, not yet submitted; `columns` of its row that are not the usual ones."""
        j, row = self.size, self._row(asked) | columns
        self.state.jobs[j] = tuple([row[name] for name in self._columns])
        self.size += 1
        return j

    def placed(self, asked: Asked) -> tuple[int, int, int]:
        """The tenant, shape and line of `asked`, which must have been learnt."""
        tenant, shape = self.tenants[asked.tenant], self.demands[demand_of(asked)]
        line = self.lines.get((tenant, shape, asked.limit))
        return tenant, shape, self._line(tenant, shape, asked.limit) if line is None else line

    def take_jobs(self, old: Tables, numbers: Sequence[int]) -> None:
        """The jobs of these numbers in `old`, in this order: in no line yet, and holding nothing."""
        jobs, state = self.state.jobs[: len(numbers)], self.state
        jobs[:] = old.state.jobs[list(numbers)]
        jobs["next"] = jobs["prev"] = jobs["row"] = NONE
        tenants, demands, place = list(old.tenants), list(old.demands), np.zeros(len(old.state.lines), np.int64)
        for was in np.unique(jobs["line"]).tolist():
            line = old.state.lines[was]
            tenant, shape = tenants[int(line["tenant"])], demands[int(line["shape"])]
            place[was] = self._line(self.tenants[tenant], self.demands[shape], int(line["limit"]))
        jobs["line"] = place[jobs["line"]]
        jobs["tenant"], jobs["shape"] = state.lines["tenant"][jobs["line"]], state.lines["shape"][jobs["line"]]
        self.size = len(numbers)

    def take_target(self, old: Tables) -> None:
        """Go on aiming at what `old` aimed at."""
        was = [_same_pool(pool, old.pools) for pool in self.pools]
        self._aim(carry(old.target, self.state, was))

    def _row(self, asked: Asked) -> dict[str, int]:
        tenant, shape, line = self.placed(asked)
        now = {"shape": shape, "tenant": tenant, "line": line, "submit": asked.submit, "limit": asked.limit}
        return (
            now
            | {"checkpoint": asked.checkpoint, "starting": 0, "stopping": 0, "stoppable": 0, "status": ABSENT}
            | {"left": 0, "attained": 0, "key": 0, "queued": asked.submit, "start": NEVER, "expected": NEVER}
            | {"row": NONE, "next": NONE, "prev": NONE}
        )

    def _has_line(self, tenant: str, demand: Demand, limit: int) -> bool:
        placed = self.tenants.get(tenant, NONE), self.demands.get(demand, NONE), limit
        return placed in self.lines

    def tenant(self, name: str, now: int) -> int:
        """The number of a tenant; one that is new has used nothing."""
        if name not in self.tenants:
            self._new_tenant(name, now)
        return self.tenants[name]

    def _new_tenant(self, name: str, now: int) -> None:
        t = self.tenants[name] = len(self.tenants)
        self.state.tenants[t]["settled"] = now
        tenant = self._known.get(name)
        if tenant is not None:
            self.state.tenants[t]["weight"] = max(1, round(tenant.weight * MILLI))
        if tenant is not None and tenant.quota is not None:
            quota = {plain(kind): chips for kind, chips in tenant.quota.items()}
            self.state.quota[t] = [quota.get(plain(kind), 0) * MILLI for kind in self.kinds]

    def _shape(self, demand: Demand) -> None:
        s = self.demands[demand] = len(self.demands)
        for name in ("nodes", "chips", "share", "cpu", "memory"):
            self.state.shapes[s][name] = getattr(demand, name)
        self.state.pools[s] = allowed(demand, self.pools)

    def _new_shapes(self, first: int) -> None:
        state, new = self.state, slice(first, len(self.demands))
        part = state._replace(shapes=state.shapes[new], pools=state.pools[new])
        self.memo.shapes["possible"][new] = possible(refer_state(part))
        self._aim(carry(self.target, state, range(len(self.pools))))

    def _aim(self, target: Target) -> None:
        self.target = target
        self.memo = self.memo._replace(target=refer_target(target))
        self.memo_ref = refer_memo(self.memo)

    def _line(self, tenant: int, shape: int, limit: int) -> int:
        line = self.lines[tenant, shape, limit] = len(self.lines)
        for name, value in (("tenant", tenant), ("shape", shape), ("limit", limit)):
            self.state.lines[line][name] = value
        return line


def _same_pool(pool: Alike, pools: Sequence[Alike]) -> int:
    """The first of `pools` with the same partition and kind, or -1."""
    return next((p for p, was in enumerate(pools) if was[:2] == pool[:2]), -1)


def needed(asked: Sequence[Asked], rows: int) -> Sizes:
    """The room that `asked` take, which hold or want `rows` nodes in all."""
    demands = [demand_of(one) for one in asked]
    lines = {(one.tenant, demand, one.limit) for one, demand in zip(asked, demands, strict=True)}
    return Sizes(len(asked), len(set(demands)), len(lines), len({one.tenant for one in asked}), rows)


def _blank(room: Sizes, pools: int) -> Workload:
    """A workload with `room` for shapes and tenants in which nothing has been asked for."""
    none = np.zeros(0, np.int64)
    names = ("shape", "tenant", "submit", "work", "limit", "checkpoint", "starting", "ends", "service", "activity")
    empty: Mapping[str, Any] = dict.fromkeys((*names, "idle_chips", "after", "gap"), none)
    return Workload(names=(), tenants=("",) * room.tenants, shapes=blank_shapes(room.shapes, pools), **empty)


def _with_room(state: State, room: Sizes) -> State:
    """The same fleet, with blank jobs, lines and rows; `mix` is wide enough for whatever an engine puts on a node."""
    lines = np.zeros(room.lines, state.lines.dtype)
    lines["head"] = lines["tail"] = lines["place"] = NONE
    rows = np.zeros(room.rows, state.rows.dtype)
    rows["of_job"] = np.append(np.arange(1, room.rows), NONE)
    rows["of_node"] = rows["before"] = NONE
    state.tenants["settled"] = NEVER
    return state._replace(
        mix=np.zeros((len(state.nodes), TOO_MANY + 1), np.int64),
        jobs=np.zeros(room.jobs, state.jobs.dtype),
        lines=lines,
        active=np.zeros(room.lines, np.int64),
        rows=rows,
    )
