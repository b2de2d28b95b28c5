"""fleet.toml: what nodes there are, what they cost, and who has a quota.

    name = "east-1"
    start_s = 45                   # optional: from a job's start to its first useful work
    [[pool]]                       # nodes that are alike
    name = "h20"
    kind = "H20"
    nodes = 16
    names = "h20-[1-16]"           # optional: "h20-1", "h20-2", ... otherwise
    chips = 8                      # per node, as cpus (cores) and memory_gib are
    cpus = 192
    memory_gib = 2048
    cost_per_chip_hour = 6.7       # optional
    currency = "CNY"
    [[tenant]]
    name = "search"
    quota = { H20 = 64 }           # optional: chips by kind
    weight = 1.0

A cost becomes hundredths of its currency (fen, cent), rounded half to even; hundredths also where a currency has none.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import BaseModel, Field, ValidationError

from headrace.errors import InputError
from headrace.history.files import replacing
from headrace.history.hostlist import MOST, compress, expand
from headrace.history.toml_file import AS_WRITTEN, EXACT, Number, Text, read_toml, refused
from headrace.units import MILLI, SECOND_MS, UNKNOWN
from headrace.world.fleet import MAX_CHIPS_PER_NODE, Fleet, Pool, Tenant

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pydantic_core import ErrorDetails

CURRENCY: Final = "CNY"
"""Of a cost that names none."""
HUNDREDTHS: Final = 100
MIB_A_GIB: Final = 1024
MOST_MIB: Final = 16
FEW_LINES: Final = "a fleet file has a few lines a pool"

_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")


Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f:;]*$")]
Weight = Annotated[Decimal, EXACT, Field(gt=0, le=10**9, decimal_places=30)]
Currency = Annotated[str, Field(pattern="^[A-Z]{3}$")]


class _Table(BaseModel):
    model_config = AS_WRITTEN


class PoolTable(_Table):
    """A [[pool]] as written."""

    site: Text = ""
    name: Name
    kind: Name
    nodes: Annotated[int, Field(ge=1, le=MOST)]
    names: Annotated[str, Field(pattern="^[^:;]*$")] | None = None
    chips: Annotated[int, Field(ge=0, le=MAX_CHIPS_PER_NODE)]
    cpus: Number
    memory_gib: Number
    cost_per_chip_hour: Number | None = None
    currency: Currency | None = None
    partitions: list[Name] = []


class TenantTable(_Table):
    """A [[tenant]] as written."""

    name: Name
    quota: dict[Name, Annotated[int, Field(ge=0, le=MOST * MAX_CHIPS_PER_NODE)]] | None = None
    weight: Weight = Decimal(1)


class FleetTable(_Table):
    """The whole of fleet.toml as written."""

    name: Text
    start_s: Number = Decimal(0)
    synthetic: bool = False
    labels: dict[str, str] = {}
    pool: list[PoolTable]
    tenant: list[TenantTable] = []


TABLES: Final[dict[str, type[_Table]]] = {"pool": PoolTable, "tenant": TenantTable}


def read_fleet(path: Path) -> Fleet:
    """The fleet in a fleet.toml. Raises InputError with the place, such as `fleet.toml: [[pool]] 2, chips`."""
    try:
        table = FleetTable.model_validate(read_toml(path, "a fleet file", MOST_MIB, FEW_LINES))
    except ValidationError as error:
        raise _sentence(path, error.errors()[0]) from None
    if sum(pool.nodes for pool in table.pool) > MOST:
        raise InputError(str(path), f"has more than {MOST} nodes in all", "study its parts")
    _refuse_strange_quotas(path, table)
    try:
        return _fleet(path, table)
    except InputError as error:
        where = error.where if error.where.startswith(str(path)) else f"{path}: {error.where}"
        raise InputError(where, error.what, error.right) from error


def _sentence(path: Path, error: ErrorDetails) -> InputError:
    loc, kind = error["loc"], error["type"]
    where = f"{path}: {_place(loc)}"
    if kind == "missing":
        return InputError(where, "is missing", "a fleet needs at least one [[pool]]" if loc == ("pool",) else "")
    if kind == "extra_forbidden":
        table = TABLES.get(str(loc[0]), FleetTable) if len(loc) > 1 else FleetTable
        return InputError(where, "is no key of a fleet file", f"possible here are {', '.join(table.model_fields)}")
    if kind == "list_type" and loc[0] in TABLES and len(loc) == 1:
        return InputError(where, "is not a list of tables", f"write [[{loc[0]}]], in two brackets, before each")
    return refused(where, error)


def _place(loc: tuple[int | str, ...]) -> str:
    """("pool", 1, "chips") -> "[[pool]] 2, chips"."""
    if len(loc) > 1 and isinstance(loc[1], int):
        return ", ".join([f"[[{loc[0]}]] {loc[1] + 1}", *(str(part)[:60] for part in loc[2:])])
    return ", ".join(str(part)[:60] for part in loc) or "the file"


def _refuse_strange_quotas(path: Path, table: FleetTable) -> None:
    kinds = dict.fromkeys(pool.kind for pool in table.pool)
    for number, tenant in enumerate(table.tenant, 1):
        for kind in tenant.quota or {}:
            if kind not in kinds:
                where = f"{path}: [[tenant]] {number}, quota"
                raise InputError(where, f"names the kind {kind!r}, which no pool has", f"there are {', '.join(kinds)}")


def _fleet(path: Path, table: FleetTable) -> Fleet:
    shared = Counter(pool.name for pool in table.pool)
    return Fleet(
        name=table.name,
        pools=tuple(_pool(path, i, pool, shared[pool.name] > 1) for i, pool in enumerate(table.pool, 1)),
        tenants=tuple(Tenant(t.name, t.quota, float(t.weight)) for t in table.tenant),
        start=round(table.start_s * SECOND_MS),
        synthetic=table.synthetic,
        labels=table.labels,
    )


def _pool(path: Path, number: int, table: PoolTable, shared: bool) -> Pool:
    cost = table.cost_per_chip_hour
    return Pool(
        name=table.name,
        kind=table.kind,
        node_names=_names(path, number, table, shared),
        chips=table.chips,
        cpu=round(table.cpus * MILLI),
        memory=round(table.memory_gib * MIB_A_GIB),
        site=table.site,
        price=UNKNOWN if cost is None else round(cost * HUNDREDTHS),
        currency=table.currency or ("" if cost is None else CURRENCY),
        partitions=tuple(table.partitions),
    )


def _names(path: Path, number: int, table: PoolTable, shared: bool) -> tuple[str, ...]:
    if table.names is None:
        return default_names(table.name, table.site, table.nodes, shared)
    where = f"{path}: [[pool]] {number}, names"
    try:
        names = expand(table.names)
    except InputError as error:
        raise InputError(where, error.what, error.right) from error
    if len(names) != table.nodes:
        raise InputError(where, f"stands for {len(names)} nodes where nodes is {table.nodes}", "make them equal")
    return names


def default_names(pool: str, site: str, nodes: int, shared: bool) -> tuple[str, ...]:
    """`h20-1`, `h20-2`, ...; where several sites have a pool of this name, `hangzhou-h20-1`, ..."""
    stem = f"{site}-{pool}" if shared and site else pool
    return tuple(f"{stem}-{number}" for number in range(1, nodes + 1))


def write_fleet(fleet: Fleet, path: Path) -> None:
    """Write `fleet` such that `read_fleet` gives it back; the file appears whole or not at all."""
    text = "\n".join(_lines(fleet))
    with replacing(path) as file:
        file.write(text.encode())


def _lines(fleet: Fleet) -> Iterator[str]:
    yield f"name = {_quoted(fleet.name)}"
    if fleet.start:
        yield f"start_s = {_decimal(fleet.start, SECOND_MS)}"
    if fleet.synthetic:
        yield "synthetic = true"
    if fleet.labels:
        yield f"labels = {_inline({key: _quoted(text) for key, text in fleet.labels.items()})}"
    shared = Counter(pool.name for pool in fleet.pools)
    for pool in fleet.pools:
        yield from ("", "[[pool]]", *_pool_lines(pool, shared[pool.name] > 1))
    for tenant in fleet.tenants:
        yield from ("", "[[tenant]]", *_tenant_lines(tenant))
    yield ""


def _pool_lines(pool: Pool, shared: bool) -> Iterator[str]:
    if pool.site:
        yield f"site = {_quoted(pool.site)}"
    yield f"name = {_quoted(pool.name)}"
    yield f"kind = {_quoted(pool.kind)}"
    yield f"nodes = {pool.nodes}"
    if pool.node_names != default_names(pool.name, pool.site, pool.nodes, shared):
        yield f"names = {_quoted(compress(pool.node_names))}"
    yield f"chips = {pool.chips}"
    yield f"cpus = {_decimal(pool.cpu, MILLI)}"
    yield f"memory_gib = {_decimal(pool.memory, MIB_A_GIB)}"
    if pool.price != UNKNOWN and not pool.currency:
        raise InputError(f"pool {pool.name!r}", "has a price in no currency", f"name one, such as {CURRENCY}")
    if pool.price != UNKNOWN:
        yield f"cost_per_chip_hour = {_decimal(pool.price, HUNDREDTHS)}"
    if pool.currency:
        yield f"currency = {_quoted(pool.currency)}"
    if pool.partitions:
        yield f"partitions = [{', '.join(map(_quoted, pool.partitions))}]"


def _tenant_lines(tenant: Tenant) -> Iterator[str]:
    yield f"name = {_quoted(tenant.name)}"
    if tenant.quota is not None:
        yield f"quota = {_inline({kind: str(chips) for kind, chips in tenant.quota.items()})}"
    if tenant.weight != 1:
        yield f"weight = {tenant.weight!r}"


def _inline(values: dict[str, str]) -> str:
    pairs = (f"{key if _BARE.fullmatch(key) else _quoted(key)} = {value}" for key, value in values.items())
    return f"{{ {', '.join(pairs)} }}"


def _quoted(text: str) -> str:
    """A TOML basic string, which is JSON's but for DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _decimal(value: int, scale: int) -> str:
    return format((Decimal(value) / scale).normalize(), "f")
