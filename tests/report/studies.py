"""Studies made by hand, for the tests of what readers see: figures that are plausible, exact, and known to nobody."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import polars as pl

from headrace.explain.findings import Finding
from headrace.explain.ledger import Class, Ledger, OverCommit
from headrace.explain.metrics import Bounds, Metrics
from headrace.explain.mismatch import Count, Mismatch, Pair, Taken
from headrace.history.log import JobLog, Reject, make_log, reject
from headrace.report.study import AS_IT_HAPPENED, Result, Shrink, Study, TenantWait
from headrace.report.words import messages
from headrace.units import CHIP_HOUR, DAY_MS, HOUR_MS, MILLI, MINUTE_MS, SECOND_MS, UNKNOWN, WEEK_MS
from headrace.world.fleet import Fleet, Pool

BEGIN = 1_714_953_600_000
"""Monday 2024-05-06, 00:00 UTC."""
WEEKS = 4
SLICE = 3 * HOUR_MS
TENANTS = ("search", "ads", "speech", "vision", "recsys", "robotics", "translate", "assistant", "maps", "research")
HOSTILE = (
    "<script>alert(1)</script>",
    "[red]loud[/red] & {braces}",
    "\x1b[31mbell\x07\u202eesrever",
    "租户 一\n第二行",
)
CLASS_WEIGHTS = {
    Class.DOWN: 31,
    Class.NO_DEMAND: 118,
    Class.FRAGMENTED: 64,
    Class.QUOTA: 83,
    Class.KIND: 47,
    Class.ORDER: 96,
    Class.STARTING: 12,
    Class.LOST: 58,
    Class.IDLE: 71,
    Class.UNDERUSED: 109,
    Class.UNKNOWN: 44,
    Class.USEFUL: 267,
}
CURRENCIES = (("H20", 16, 670, "CNY"), ("A800", 8, 590, "CNY"), ("Ascend 910B", 10, 480, "CNY"))


def fleet(synthetic: bool = False, currencies: tuple[tuple[str, int, int, str], ...] = CURRENCIES) -> Fleet:
    pools = (
        Pool(kind.lower(), kind, tuple(f"{kind}-{i}" for i in range(nodes)), 8, 192_000, 2**20, "", price, currency)
        for kind, nodes, price, currency in currencies
    )
    return Fleet("east-1", tuple(pools), synthetic=synthetic)


def ledger(
    of: Fleet, tenants: tuple[str, ...] = TENANTS, weights: dict[Class, int] | None = None, **more: object
) -> Ledger:
    """Every pool's chip-time, dealt by fixed weights to classes, tenants and weeks; the rest is no_demand."""
    weights = CLASS_WEIGHTS if weights is None else weights
    end = BEGIN + WEEKS * WEEK_MS
    cells = np.zeros((len(Class), len(of.pools), len(tenants) + 1, WEEKS), np.int64)
    for p, pool in enumerate(of.pools):
        for week in range(WEEKS):
            cells[:, p, :, week] = _dealt(
                pool.nodes * pool.chips * MILLI * WEEK_MS, weights, len(tenants), p + 2 * week
            )
    paid = int(cells.sum())
    whole = Ledger(
        begin=BEGIN,
        end=end,
        pools=tuple(pool.name for pool in of.pools),
        kinds=tuple(pool.kind for pool in of.pools),
        prices=tuple(pool.price for pool in of.pools),
        currencies=tuple(pool.currency for pool in of.pools),
        tenants=tenants,
        weeks=np.arange(BEGIN, end, WEEK_MS, np.int64),
        cells=cells,
        curve=_curve(cells.sum(axis=(1, 2, 3)), WEEKS * WEEK_MS // SLICE),
        slice=SLICE,
        by_job=np.zeros((len(Class), 0), np.int64),
        paid=paid,
        short=int(cells[Class.NO_DEMAND].sum()) // 3,
        overcommit=None,
    )
    whole.check()
    return replace(whole, **more)  # type: ignore[arg-type]


def metrics(name: str, factor: float = 1.0, of: Ledger | None = None) -> Metrics:
    """Figures of a policy that makes everybody wait `factor` times as long as it happened."""
    wait = 3 * HOUR_MS + 12 * MINUTE_MS
    return Metrics(
        name=name,
        jobs=39_874,
        finished=38_201,
        stranded=3,
        avg_completion=wait * factor + 5 * HOUR_MS,
        p50_completion=round(MINUTE_MS * 41 * factor) + 7_000,
        p99_completion=round(4 * DAY_MS * factor) + 3 * HOUR_MS,
        avg_wait=wait * factor,
        p50_wait=round(MINUTE_MS * 4 * factor),
        p95_wait=round(19 * HOUR_MS * factor),
        p99_wait=round(2 * DAY_MS * factor),
        makespan=28 * DAY_MS + round(DAY_MS * factor),
        allocated=0.561 + 0.1 * (1 - factor),
        useful=0.267 + 0.06 * (1 - factor),
        preemptions=round(120 * (1 - factor)) if factor < 1 else 0,
        interruptions=57,
        lost=round(3_000 * CHIP_HOUR * (0.5 + factor / 2)),
        slowdown=8.25 * factor + 1,
        slowest="vision",
        money_lost={} if of is None else {currency: parts[Class.LOST] for currency, parts in of.money().items()},
    )


def waits(factor: float, tenants: tuple[str, ...] = TENANTS) -> tuple[TenantWait, ...]:
    return tuple(
        TenantWait(
            tenant,
            jobs=4_000 - 300 * i,
            p50_wait=0 if i % 4 == 3 else round((i + 1) * 40 * SECOND_MS * factor),
            p95_wait=round((i * i + 1) * 21 * MINUTE_MS * factor),
            chip_time=(20 - i) * 500 * CHIP_HOUR,
        )
        for i, tenant in enumerate(tenants)
    )


def result(name: str, of: Fleet, factor: float = 1.0, tenants: tuple[str, ...] = TENANTS) -> Result:
    weights = CLASS_WEIGHTS | {Class.ORDER: round(96 * factor), Class.USEFUL: 267 + round(96 * (1 - factor))}
    own = ledger(of, tenants, weights)
    return Result(name, own, metrics(name, factor, own), waits(factor, tenants))


def study(of: Fleet | None = None, tenants: tuple[str, ...] = TENANTS) -> Study:
    """As it happened, three policies and an oracle, with everything that a report can show but an over-commit."""
    of = fleet() if of is None else of
    happened = result(AS_IT_HAPPENED, of, 1.0, tenants)
    factors = {"fifo/first": 0.9, "fifo+easy/first": 0.41, "fair+easy/fgd": 0.34, "oracle:smallest/best": 0.12}
    return Study(
        fleet=of,
        source="sacct-2024-05.txt",
        sha256="6f1e" * 16,
        fleet_sha256="09ab" * 16,
        jobs=40_000,
        rejects=rejects(),
        notes=("times were read as UTC+08:00", "steps of jobs were left out: 81234"),
        happened=happened,
        results=tuple(result(name, of, factor, tenants) for name, factor in factors.items()),
        bounds=Bounds(21 * DAY_MS, 17 * DAY_MS, 4.5 * HOUR_MS),
        findings=findings(happened.ledger),
        unplayed=dict.fromkeys(_keys("unplayed."), 118) | {"asked for a site that is not in the fleet": 8},
        assumptions=tuple((key, "1,204") for key in _keys("assumed.")),
        shrink=Shrink(
            "fair+easy/fgd", 19 * HOUR_MS, 18 * HOUR_MS + 50 * MINUTE_MS, {"h20": (16, 13), "a800": (8, 7)}, 6
        ),
        version="0.1.0",
        seed=1,
        command="headrace study sacct-2024-05.txt --fleet fleet.toml --shrink --out study/",
    )


def _keys(prefix: str) -> list[str]:
    """All that the words can say of one thing, so that each of it is shown in a test."""
    return [key.removeprefix(prefix) for key in messages("en") if key.startswith(prefix)]


def findings(of: Ledger) -> tuple[Finding, ...]:
    chosen = sorted(
        (Class.ORDER, Class.UNDERUSED, Class.QUOTA, Class.IDLE, Class.FRAGMENTED), key=lambda c: -of.classes[c]
    )
    return tuple(
        Finding(
            c,
            of.classes[c],
            {currency: parts[c] for currency, parts in of.money().items()},
            tuple((tenant, of.classes[c] // (i + 2)) for i, tenant in enumerate(of.tenants[:4])),
            tuple((f"{1_000_000 + 17 * i}", of.classes[c] // (9 + i)) for i in range(4)),
        )
        for c in chosen
    )


def every_finding(of: Ledger) -> tuple[Finding, ...]:
    return tuple(Finding(c, of.classes[c], {}, (), ()) for c in Class if c is not Class.USEFUL)


def rejects() -> tuple[Reject, ...]:
    ends = [
        Reject(118 + 40 * i, "ends before it starts", f"{4_417 + i}|search|2024-05-07T10:00:00|...") for i in range(19)
    ]
    return (*ends, Reject(2_904, "Submit is not a time", "9001|ads|yesterday|\x1b[2J<b>[bold]"), *ends[:4])


def overcommitted() -> Study:
    over = OverCommit(BEGIN + 8 * HOUR_MS + 30 * MINUTE_MS, "H20-3", 9 * MILLI, 8 * MILLI, 412 * CHIP_HOUR, 37)
    made = study()
    assert made.happened is not None
    return replace(made, happened=replace(made.happened, ledger=replace(made.happened.ledger, overcommit=over)))


def without_times() -> Study:
    """A log without start times and without telemetry, such as Philly's: the main ledger is that of a replay."""
    of = fleet(currencies=(("P100", 64, UNKNOWN, ""),))
    weights = {Class.NO_DEMAND: 30, Class.ORDER: 5, Class.UNKNOWN: 60, Class.LOST: 5}
    replayed = result("fifo/first", of)
    replayed = replace(replayed, ledger=ledger(of, weights=weights), metrics=metrics("fifo/first"))
    made = study(of)
    return replace(made, happened=None, results=(replayed, *made.results[1:]), rejects=(), findings=(), shrink=None)


def two_currencies() -> Study:
    return study(fleet(currencies=(("H20", 16, 670, "CNY"), ("A100", 4, 231, "USD"), ("910B", 2, UNKNOWN, ""))))


def synthetic() -> Study:
    return study(fleet(synthetic=True))


def hostile() -> Study:
    """Names that try to be markup, terminal escapes and format strings, wherever a user's text can stand."""
    made = study(replace(fleet(), name=HOSTILE[0] + HOSTILE[2]), HOSTILE)
    return replace(
        made,
        source="a<b>\x1b]0;title\x07.csv",
        notes=HOSTILE,
        command="headrace study 'a<b>[bold]\x1b[0m.csv'",
        unplayed={HOSTILE[0]: 3},
        results=(*made.results, replace(made.results[0], name="fifo/[blink]<i>")),
    )


def only_happened() -> Study:
    """No policy was asked for."""
    return replace(study(), results=())


def measured() -> Study:
    """Telemetry of every job: nothing is unknown, and every class but useful work is a finding."""
    of = fleet(currencies=(("H20", 1, UNKNOWN, ""),))
    tenants = tuple(f"tenant-{i:02d}" for i in range(40))
    own = ledger(of, tenants, {Class.USEFUL: 1, Class.IDLE: 1})
    made = study(of, tenants)
    happened = Result(AS_IT_HAPPENED, own, metrics(AS_IT_HAPPENED), waits(1.0))
    return replace(made, happened=happened, findings=every_finding(made.results[0].ledger), notes=(), assumptions=())


def all_useful() -> Study:
    """A fleet that did nothing but useful work, which only an oracle replayed."""
    of = fleet()
    own = ledger(of)
    cells, curve = np.zeros_like(own.cells), np.zeros_like(own.curve)
    cells[Class.USEFUL], curve[Class.USEFUL] = own.cells.sum(axis=0), own.curve.sum(axis=0)
    oracle = result("oracle:smallest/best", of)
    made = replace(study(of), happened=None, results=(replace(oracle, ledger=replace(own, cells=cells, curve=curve)),))
    return replace(made, bounds=Bounds(DAY_MS, 2 * DAY_MS, 0.0), rejects=(), unplayed={}, shrink=None)


def nothing_paid() -> Study:
    """A period without a length: every figure is zero, and nothing may be divided by it."""
    made = study()
    own = replace(ledger(made.fleet), end=BEGIN, paid=0, short=0)
    own = replace(own, cells=np.zeros_like(own.cells), curve=np.zeros((len(Class), 1), np.int64))
    none = replace(
        metrics(AS_IT_HAPPENED), avg_wait=float("nan"), avg_completion=float("nan"), slowdown=float("nan"), slowest=""
    )
    happened = Result(AS_IT_HAPPENED, own, none, ())
    return replace(made, happened=happened, results=(), findings=(), bounds=Bounds(0, 0, 0.0))


def mismatch(currency: str = "CNY", pairs: tuple[Pair, ...] | None = None) -> Mismatch:
    """Two workloads known of some jobs, which ran on all three kinds; one kind too many for a narrow table."""
    if pairs is None:
        pairs = (
            _pair("A800", "H20", 412, (9_000, 3_400, 1_900, 6_100), (590, 670), currency),
            _pair("H20", "Ascend 910B", 60, (2_500, 2_750, 1_100, 7_200), (670, 480), currency),
            _pair("H20", "H20", 880, (20_000, 20_000, 20_000, 20_000), (670, 670), currency),
        )
    held = sum(pair.held.had for pair in pairs)
    compared, unrated = Count(sum(pair.jobs for pair in pairs), held), Count(17, 300 * CHIP_HOUR)
    known = Count(compared.jobs + 17, held + unrated.chip_time)
    grounds = {"model": 1, "chip": 3, "others": 2} if pairs else {}
    return Mismatch(pairs, currency, known, compared, unrated, Count(38_000, 70_000 * CHIP_HOUR), grounds)


def _pair(
    ran_on: str, suits: str, jobs: int, hours: tuple[int, int, int, int], prices: tuple[int, int], currency: str
) -> Pair:
    had, *there = hours
    money = Taken(had * prices[0], *(each * prices[1] for each in there)) if currency else None
    chip_time, useful = (Taken(*(each * CHIP_HOUR // part for each in hours)) for part in (1, 4))
    tenants = tuple((name, chip_time.had // (i + 2)) for i, name in enumerate(TENANTS[:4]))
    names = (("chat-7b-prod", chip_time.had // 9), ("summaries", chip_time.had // 11))
    return Pair(ran_on, suits, jobs, chip_time, useful, money, tenants, names)


def with_mismatch(overlay: Mismatch) -> Study:
    made = study()
    assert made.happened is not None
    return replace(made, happened=replace(made.happened, mismatch=overlay))


def mismatched() -> Study:
    """Work of which it is known what it was, some of it on kinds that do not suit it."""
    return with_mismatch(mismatch())


def matched() -> Study:
    """Chip for chip, all known work ran where it suits."""
    return with_mismatch(mismatch("", (_pair("H20", "H20", 12, (50, 50, 50, 50), (0, 0), ""),)))


def incomparable() -> Study:
    """A known workload on a kind of which nothing can be estimated."""
    return with_mismatch(mismatch("", ()))


def many_kinds() -> Study:
    """More pairs of kinds than a table has rows, one of them with a name that tries to be more than a name."""
    kinds = [HOSTILE[0], HOSTILE[2], *(f"kind {i}" for i in range(38))]
    hours = (10, 7, 5, 20)
    return with_mismatch(mismatch("", tuple(_pair(kind, "H20", 1, hours, (0, 0), "") for kind in kinds)))


def every_kind() -> tuple[Study, ...]:
    makers = (study, overcommitted, without_times, two_currencies, synthetic, hostile, only_happened, measured)
    overcommits, overlays = (overcommitted_somewhere, overcommitted_slightly), (mismatched, matched, incomparable)
    return tuple(make() for make in (*makers, all_useful, nothing_paid, *overcommits, *overlays, many_kinds))


def overcommitted_slightly() -> Study:
    """Runs that meet, and overlap for a second or so."""
    return _claiming(excess=2 * CHIP_HOUR // 3600, runs=2)


def overcommitted_somewhere() -> Study:
    """An over-commit for which the log names no node."""
    return _claiming(where="")


def _claiming(**changes: int | str) -> Study:
    made = overcommitted()
    assert made.happened is not None
    assert made.happened.ledger.overcommit is not None
    over = replace(made.happened.ledger.overcommit, **changes)  # type: ignore[arg-type]
    return replace(made, happened=replace(made.happened, ledger=replace(made.happened.ledger, overcommit=over)))


def _dealt(whole: int, weights: dict[Class, int], tenants: int, turn: int) -> np.ndarray:
    """One pool's week, [class, tenant]: no share is even, and nothing is left over."""
    out = np.zeros((len(Class), tenants + 1), np.int64)
    spread = [weights.get(c, 0) * (17 + (7 * int(c) + turn) % 5) for c in Class]
    for c in Class:
        size = whole * spread[c] // sum(spread)
        if c in (Class.DOWN, Class.NO_DEMAND):
            out[c, -1] = size
            continue
        parts = [(tenants - i) ** 2 + (3 * i + int(c) + turn) % 4 for i in range(tenants)]
        out[c, :-1] = [size * part // sum(parts) for part in parts]
    out[Class.NO_DEMAND, -1] += whole - int(out.sum())
    return out


def _curve(classes: np.ndarray, slices: int) -> np.ndarray:
    """The classes over time: work follows the day, what nobody asked for fills the rest; the sums are those given."""
    day = DAY_MS // SLICE
    swing = np.array([1 + 0.1 * np.sin(2 * np.pi * (i % day) / day) for i in range(slices)])
    curve = np.array([np.floor(int(n) * swing / swing.sum()) for n in classes]).astype(np.int64)
    curve[Class.NO_DEMAND] = 0
    curve[Class.NO_DEMAND] = int(classes.sum()) // slices - curve.sum(axis=0)
    curve[:, -1] += classes - curve.sum(axis=1)
    return curve


def log() -> JobLog:
    """A log as an import shows it: two runs of one job, one row that was not understood, and a note."""
    submit = datetime(2026, 1, 5, tzinfo=UTC)
    rows = {"job": ["a", "a"], "run": [0, 1], "submit": [submit] * 2, "chips": [8, 8], "state": ["pending"] * 2}
    return make_log(
        pl.DataFrame(rows),
        source="sacct.txt",
        sha256="0" * 64,
        format="slurm",
        rejects=[reject(7, "has no job", "||||")],
        notes=["times were read as UTC+08:00"],
    )


def unshrunk() -> Study:
    """A study whose whole fleet does not reach the wait that was asked for."""
    made = study()
    assert made.shrink is not None
    return replace(made, shrink=replace(made.shrink, p95_wait=made.shrink.target_p95_wait + HOUR_MS))
