"""The rows of the table of estimates: what each says, and how it is read from the answer of one kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from headrace.estimate.inference import Unfit
from headrace.report.catalog.quote import ASSUMED
from headrace.report.estimate.spans import digits, span
from headrace.report.names import plain
from headrace.report.quantities import percent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from headrace.estimate.inference import Estimate
    from headrace.estimate.operators import Plan
    from headrace.report.estimate.asked import Answer, Asked
    from headrace.report.words import Words

UNKNOWN: Final = ("", "unknown")
GIGA: Final = 1e9
MILLI: Final = 1e3
NEARNESS: Final = ("nothing", "engine", "generation", "chip", "model")
"""The depth at which constants were found, in words' keys."""
LIMITS: Final = ("compute", "memory", "links", "launch", "capacity")


def cells(one: Answer, asked: Asked, pue: float, words: Words) -> dict[str, str]:
    """Key of a row -> its cell, in order; a kind that the model does not fit on has the first ones only."""
    found = one.found
    first = dict(_place(one, asked, words))
    if isinstance(found, Unfit):
        return first
    money = dict(_money(one, found, pue, words))
    limited = dict(_limited(one, words)) if asked.limited else {}
    load = dict(_load(one, words)) if asked.rate else {}
    nearest = {"nearest": words(f"estimate.near.{NEARNESS[found.depth]}")}
    return first | dict(_speed(found)) | load | limited | dict(_limits(found, words)) | money | nearest


def cut(plan: Plan, words: Words) -> str:
    """How many chips, and how they are cut: `8: tp 8`; a way of one is left out."""
    ways = " ".join(f"{name} {count}" for name, count in vars(plan).items() if count > 1)
    return words("estimate.cut", chips=plan.chips, ways=ways) if ways else str(plan.chips)


def software(engine: str, generation: str, words: Words) -> str:
    """An engine or a training framework, and its version."""
    return f"{plain(engine)} {words('estimate.version_unknown') if generation in UNKNOWN else plain(generation)}"


def _place(one: Answer, asked: Asked, words: Words) -> Iterator[tuple[str, str]]:
    found = one.found
    fits = not isinstance(found, Unfit)
    needed, there = (
        (found.needed, found.there) if isinstance(found, Unfit) else (found.weights, found.weights + found.room)
    )
    yield "chips", cut(one.question.plan, words)
    mark = "" if asked.generation else ASSUMED
    yield "software", software(one.question.engine, one.question.generation, words) + mark
    no = words("estimate.no_but", chips=one.fewest) if one.fewest else words("chips.no")
    yield "fits", words("chips.yes") if fits else no
    yield "weights", words("estimate.of", part=digits(needed / GIGA), whole=digits(max(there, 0.0) / GIGA))


def _speed(found: Estimate) -> Iterator[tuple[str, str]]:
    yield "ttft", span(found.ttft)
    yield "tpot", span(found.tpot, MILLI)
    yield "prefill", span(found.prefill)
    yield "decode", span(found.decode)
    yield "largest", f"{int(found.largest_batch):,}"
    yield "running", digits(found.running)


def _load(one: Answer, words: Words) -> Iterator[tuple[str, str]]:
    if one.arrived is None:
        yield "keeps_up", words("estimate.too_many", most=digits(one.most_requests))
        return
    yield "keeps_up", words("chips.yes")
    yield "wait", digits(one.arrived.wait)
    yield "busy", percent(one.arrived.utilisation)


def _limited(one: Answer, words: Words) -> Iterator[tuple[str, str]]:
    yield "kept_batch", digits(one.kept.running) if one.kept else words("estimate.never")
    if one.kept:
        yield "kept_decode", span(one.kept.decode)


def _limits(found: Estimate, words: Words) -> Iterator[tuple[str, str]]:
    whole = sum(found.limits.values())
    yield "limit", words(f"estimate.limit.{found.limit}")
    for name in LIMITS:
        if found.limits[name]:
            yield f"share_{name}", percent(found.limits[name] / whole)


def _money(one: Answer, found: Estimate, pue: float, words: Words) -> Iterator[tuple[str, str]]:
    if one.hour is not None:
        mark = "" if one.hour.market is None else "*"
        yield "hour", f"{digits(one.hour.amount)} {one.hour.currency}{mark}"
        yield "money", f"{span(found.money_per_million(one.hour.amount))} {one.hour.currency}"
    yield "energy", span(found.energy_per_million(pue)) if found.power else words("none")
