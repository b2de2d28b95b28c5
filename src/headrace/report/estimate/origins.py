"""The rows behind an estimate: the chip's facts, the tables of kernels, the engine's constants, the price, the PUE."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from headrace.catalog import load
from headrace.estimate import known
from headrace.estimate.inference import Unfit
from headrace.estimate.origins import origins, origins_of_run
from headrace.estimate.training import Run
from headrace.report.catalog.quote import Quotes
from headrace.report.names import plain
from headrace.report.quantities import percent

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from headrace.catalog.facts import Fact
    from headrace.catalog.money import Price
    from headrace.estimate.origins import Origin
    from headrace.estimate.question import Question
    from headrace.report.estimate.asked import Answer
    from headrace.report.estimate.tariff import Hourly
    from headrace.report.words import Words

FACTS: Final = (
    *("bf16_dense_tflops", "fp16_dense_tflops", "fp8_dense_tflops", "int8_dense_tops", "fp4_dense_tflops"),
    *("memory_gb", "memory_bandwidth_gb_s", "link_gb_s", "power_w"),
)
"""What an estimate takes from the catalogue."""


@dataclass(frozen=True)
class Rests:
    """What the figures of one kind rest on: the price of an hour, and the rows of the calibration."""

    kind: str
    hour: Hourly | None
    measured: tuple[Origin, ...]


def rests_on(asked: Question | Run, hour: Hourly | None = None) -> Rests:
    """What one estimate rests on."""
    measured = origins_of_run(asked, known.chips()) if isinstance(asked, Run) else origins(asked, known.chips())
    return Rests(asked.chip.name, hour, measured)


def rests_of(found: Sequence[Answer]) -> list[Rests]:
    """Of estimates of inference; a kind that the model does not fit on rests on its facts alone."""
    return [
        Rests(one.kind, one.hour, ()) if isinstance(one.found, Unfit) else rests_on(one.question, one.hour)
        for one in found
    ]


def sources(rests: Sequence[Rests], pue: Fact, words: Words) -> Iterator[str]:
    """A line for each row, of each kind by itself, then the documents that the numbers lead to."""
    quotes = Quotes(words, shown=True)
    for one in rests:
        yield from _of_kind(one.kind, one.hour, words, quotes)
        yield from (_row(one.kind, row, words) for row in one.measured)
    yield from _documents(pue, words, quotes)


def _of_kind(kind: str, hour: Hourly | None, words: Words, quotes: Quotes) -> Iterator[str]:
    """The chip's facts and its rent, each with the number of its document."""
    chip = load.chips()[kind]
    told = [name for name in FACTS if chip.fact(name) is not None]
    facts = words("list.comma").join(f"{words(f'chips.figure.{name}')} {quotes.fact(chip, name)}" for name in told)
    yield words("estimate.source.facts", kind=plain(kind), facts=facts)
    if hour is not None and hour.market is not None:
        yield words("estimate.source.rent", kind=plain(kind), rent=quotes.market(hour.market))


def _documents(pue: Fact, words: Words, quotes: Quotes) -> Iterator[str]:
    """The PUE, and the numbered documents."""
    yield words("estimate.source.pue", pue=pue.value, number=quotes.numbers([pue]))
    yield from quotes.lines(load.sources())


def _row(kind: str, origin: Origin, words: Words) -> str:
    family, precision = origin.asked
    asked = {"kind": plain(kind), "family": words(f"estimate.family.{family}"), "precision": precision}
    if origin.key is None or origin.row is None:
        return words("estimate.source.assumed", **asked)
    _, chip, measured, library = origin.key
    place = {"chip": words("estimate.source.any") if chip == "*" else chip, "measured": measured}
    place["measured"] = words("estimate.source.any") if measured == "*" else measured
    fitted = {"n": f"{origin.row.n:,}", "error": percent(origin.row.error), "sources": plain(origin.row.sources)}
    by = words("estimate.source.by", library=library) if library else ""
    return words("estimate.source.row", **asked, **place, **fitted, by=by)


def rows_json(rests: Sequence[Rests], pue: Fact) -> dict[str, Any]:
    """The rows behind each kind's figures, and the PUE's."""
    return {"kinds": {one.kind: _of_kind_json(one) for one in rests}, "pue": fact_json(pue)}


def _of_kind_json(one: Rests) -> dict[str, Any]:
    chip = load.chips()[one.kind]
    facts = {name: fact_json(fact) for name in FACTS if (fact := chip.fact(name)) is not None}
    market = one.hour.market if one.hour else None
    return {
        "facts": facts,
        "calibration": [_origin_json(origin) for origin in one.measured],
        "rent": [_price_json(price) for price in market.prices] if market else [],
    }


def fact_json(fact: Fact) -> dict[str, Any]:
    """A fact as its row has it."""
    names = ("value", "unit", "as_of", "source", "locator", "note", "place")
    return {name: getattr(fact, name) for name in names} | {"status": fact.status.value}


def _price_json(price: Price) -> dict[str, Any]:
    names = ("currency", "unit", "cards", "kind", "region", "as_of", "source", "note", "place")
    return {name: getattr(price, name) for name in names} | {"low": float(price.low), "high": float(price.high)}


def _origin_json(origin: Origin) -> dict[str, Any]:
    family, precision = origin.asked
    asked = {"family": family, "precision": precision, "measured": origin.row is not None}
    if origin.key is None or origin.row is None:
        return asked
    measured = dict(zip(("on_chip", "in_precision", "library"), origin.key[1:], strict=True))
    return asked | measured | {"n": origin.row.n, "error": origin.row.error, "sources": origin.row.sources}
