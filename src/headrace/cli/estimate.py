"""`headrace estimate`: how fast a model runs on chips, what limits it, what it costs; searched, or of training."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from headrace.cli.calibrations import known
from headrace.cli.inputs import console, language
from headrace.cli.model_file import format_of, format_to_train, shape_of
from headrace.cli.printed import print_json
from headrace.errors import CallError, CheckFailedError, InputError
from headrace.estimate.engines import Stack, generation
from headrace.estimate.inference import Unfit
from headrace.estimate.known import chip
from headrace.estimate.operators import Plan
from headrace.estimate.origins import nearest
from headrace.estimate.precision import usual_cache
from headrace.estimate.search import Wanted, search
from headrace.report.estimate.asked import NO_LIMIT, Asked, answers
from headrace.report.estimate.choices import choices_dict, render_choices
from headrace.report.estimate.figures import estimates_dict
from headrace.report.estimate.runs import AskedRun, answer_runs
from headrace.report.estimate.screen import render_estimates
from headrace.report.estimate.tariff import costs, pue
from headrace.report.estimate.training import render_runs, runs_dict

if TYPE_CHECKING:
    from headrace.estimate.chip import Chip
    from headrace.estimate.model import Shape
    from headrace.report.estimate.tariff import Hourly

CACHES: Final = {"bf16": 2.0, "fp8": 1.0}
"""Precision of the cache -> bytes of a value."""
USUAL_TOKENS: Final = 1024
USUAL_LENGTH: Final = 4096
SERVING: Final = "vllm"
TRAINING: Final = "megatron"
MILLI: Final = 1e-3


@dataclass(frozen=True)
class Call:
    """What was typed; None where it was not. `given` names the options that were. TTFT in seconds, TPOT in ms."""

    model: str
    kinds: list[str] | None = None
    search: bool = False
    train: bool = False
    precision: str | None = None
    kv_precision: str | None = None
    engine: str | None = None
    version: str | None = None
    tp: int = 1
    pp: int = 1
    ep: int = 1
    dp: int = 1
    cp: int = 1
    batch: int | None = None
    rate: float | None = None
    input: int | None = None
    output: int | None = None
    ttft: float | None = None
    tpot: float | None = None
    chips: int | None = None
    micro: int = 1
    length: int | None = None
    recompute: bool = False
    shard: bool = False
    tokens: float | None = None
    cost: list[str] | None = None
    sources: bool = False
    given: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        for name in ("rate", "ttft", "tpot", "tokens"):
            if not math.isfinite(getattr(self, name) or 0.0):
                raise CallError(f"--{name} {getattr(self, name)} is no number that can be reckoned with")

    @property
    def stack_version(self) -> str:
        """The generation of the version told; empty where none was."""
        return generation(self.version) if self.version else ""

    def untold(self, *names: str) -> tuple[str, ...]:
        """Those of the options that were not typed."""
        return tuple(name for name in names if name not in self.given)

    def costs(self) -> dict[str, Hourly]:
        """What was told of money, by the kinds' own names."""
        return costs(self.cost or (), {name: chip(name).name for name in self.kinds or ()})

    def chosen(self) -> list[Chip]:
        """The kinds named, each once. Raises CallError with near names."""
        return list({found.name: found for found in map(chip, self.kinds or ())}.values())


def run(call: Call, json: bool, lang: str | None) -> None:
    """Print what was asked for. Raises CheckFailedError where the model fits nowhere or keeps no limit."""
    if call.search:
        _search(call, json, lang)
    elif call.train:
        _train(call, json, lang)
    else:
        _serve(call, json, lang)


def _serve(call: Call, json: bool, lang: str | None) -> None:
    spoken, kinds = language(lang), call.chosen()
    asked = asked_of(call)
    found, mean = answers(asked, kinds, call.costs()), pue()
    if json:
        print_json(estimates_dict(asked, found, mean, call.sources))
    elif found:
        render_estimates(asked, found, mean, console(), spoken, listed=not kinds, with_sources=call.sources)
    if all(isinstance(one.found, Unfit) for one in found):
        raise _fits_none(asked.shape, asked.precision, kinds)


def asked_of(call: Call) -> Asked:
    """What is asked of every kind. Raises CallError or InputError for what is not known."""
    shape = shape_of(call.model)
    form, assumed = format_of(shape, call.precision or "", call.model)
    engine = (call.engine or SERVING).lower()
    untold = (*(("precision",) if assumed else ()), *call.untold("input", "output", "engine"))
    if not call.kinds and {"tp", "pp", "ep", "dp"} & call.given:
        raise CallError("a plan is for kinds that are named; name some, or leave --tp, --pp, --ep and --dp out")
    return Asked(
        shape=shape,
        precision=form,
        plan=plan_of(call, shape),
        input=float(call.input or USUAL_TOKENS),
        output=float(call.output or USUAL_TOKENS),
        batch=float(call.batch or 0),
        rate=call.rate or 0.0,
        kv_byte=_cache(call.kv_precision) or usual_cache(engine, form),
        engine=engine,
        generation=call.stack_version,
        ttft=call.ttft or NO_LIMIT,
        tpot=call.tpot * MILLI if call.tpot else NO_LIMIT,
        untold=untold,
        calibration=known(),
    )


def plan_of(call: Call, shape: Shape) -> Plan:
    """The cut that is told. Raises InputError where the model's heads, layers or experts do not allow it."""
    if shape.heads % call.tp:
        raise InputError("--tp", f"is {call.tp}", f"a divisor of the {shape.heads} attention heads of {shape.name}")
    for option, ways, parts, what in (
        ("--pp", call.pp, shape.layers, "layers"),
        ("--ep", call.ep, shape.experts, "experts"),
    ):
        if ways > max(parts, 1):
            raise InputError(option, f"is {ways}", f"{shape.name} has {parts} {what}")
    return Plan(call.tp, call.pp, call.ep, call.dp)


def _cache(name: str | None) -> float:
    if name and name not in CACHES:
        raise InputError("--kv-precision", f"is {name}", f"one of {', '.join(CACHES)}")
    return CACHES[name] if name else 0.0


def _fits_none(shape: Shape, precision: str, kinds: list[Chip]) -> CheckFailedError:
    tried = ", ".join(kind.name for kind in kinds) or "any chip of the catalogue"
    return CheckFailedError(f"{shape.name} in {precision} does not fit, as asked, on {tried}")


def _search(call: Call, json: bool, lang: str | None) -> None:
    spoken, there = language(lang), dict(map(_counted, call.kinds or ()))
    if not there:
        raise CallError("--search needs kinds with their number, such as H20=32")
    kinds = [chip(name) for name in there]
    counts = {kind.name: count for kind, count in zip(kinds, there.values(), strict=True)}
    asked = asked_of(replace(call, kinds=list(counts)))
    wanted = Wanted(
        shape=asked.shape,
        precision=asked.precision,
        input=asked.input,
        output=asked.output,
        ttft=asked.ttft,
        tpot=asked.tpot,
        engine=asked.engine,
        generation=_version(asked, kinds),
        kv_byte=asked.kv_byte,
        calibration=asked.calibration,
    )
    found = search(wanted, kinds, counts)
    if json:
        print_json(choices_dict(wanted, counts, found, call.sources))
    elif found:
        render_choices(wanted, counts, found, console(), spoken, call.sources)
    if not found:
        chips = ", ".join(f"{count} {kind}" for kind, count in counts.items())
        raise CheckFailedError(
            f"no plan of {asked.shape.name} in {asked.precision} fits and keeps the limits on {chips}"
        )


def _version(asked: Asked, kinds: list[Chip]) -> str:
    """As told, or the one nearest to the first kind: all kinds of a search run one engine."""
    stack = Stack(asked.engine, asked.generation, kinds[0].name, asked.precision, asked.shape.name)
    return nearest(stack, asked.calibration).generation


def _counted(text: str) -> tuple[str, int]:
    name, _, count = text.rpartition("=")
    if not name or not count.isascii() or not count.isdigit() or not 0 < int(count[:9]) <= 2**17:
        raise CallError(f"--search asks for kinds with their number, such as H20=32, not {text!r}")
    return name, int(count)


def _train(call: Call, json: bool, lang: str | None) -> None:
    spoken, kinds = language(lang), call.chosen()
    asked = asked_run(call)
    found, mean = answer_runs(asked, kinds, call.costs()), pue()
    if json:
        print_json(runs_dict(asked, found, mean, call.sources))
    elif found:
        render_runs(asked, found, mean, console(), spoken, call.sources)
    if not any(one.found for one in found):
        raise _fits_none(asked.shape, asked.precision, kinds)


def asked_run(call: Call) -> AskedRun:
    """What is asked of every kind. Raises CallError or InputError for what is not known."""
    shape = shape_of(call.model)
    form, assumed = format_to_train(shape, call.precision or "", call.model)
    plan = plan_of(call, shape)
    return AskedRun(
        shape=shape,
        precision=form,
        chips=call.chips or 0,
        length=float(call.length or USUAL_LENGTH),
        micro=call.micro,
        batch=float(call.batch or 0),
        tp=plan.tp,
        pp=plan.pp,
        cp=call.cp,
        ep=plan.ep,
        planned=bool({"tp", "pp", "cp", "ep"} & call.given),
        recompute=call.recompute,
        shard=call.shard,
        tokens=call.tokens or 0.0,
        engine=(call.engine or TRAINING).lower(),
        generation=call.stack_version,
        untold=(*(("precision",) if assumed else ()), *call.untold("length", "engine")),
        calibration=known(),
    )
