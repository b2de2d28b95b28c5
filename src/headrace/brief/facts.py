"""The facts and the rules of the catalogue in lines that can be found: one for each item, one for each rule."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from headrace.catalog.facts import ALIAS, RANK
from headrace.catalog.load import every_fact
from headrace.catalog.notices import deliveries, measures, notice_sources, rules

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from headrace.catalog.facts import Fact, Source
    from headrace.catalog.notices import Notice

MOST_SHOWN: Final = 12


@dataclass(frozen=True)
class Line:
    """What is known of one item or said by one rule; `status` is that of its least certain fact."""

    id: str
    about: str
    en: str
    zh: str
    date: str
    status: str
    sources: tuple[str, ...]


@cache
def lines() -> tuple[Line, ...]:
    """Every item that the catalogue has facts of, then every rule, measure and delivery."""
    return (*_items(), *(_rule(notice) for read in (rules, measures, deliveries) for notice in read().values()))


def cited(source: Source) -> str:
    """A source in few words."""
    return f"{source.publisher} ({source.date})"


def _items() -> Iterator[Line]:
    known = every_fact()
    for name, attributes in sorted(known.items.items()):
        yield _item(name, attributes, known.sources)


def _item(name: str, attributes: Mapping[str, tuple[Fact, ...]], sources: Mapping[str, Source]) -> Line:
    used = [facts[0] for attribute, facts in attributes.items() if attribute != ALIAS]
    shown = "; ".join(_said(fact) for fact in used[:MOST_SHOWN])
    text = f"{name}: {shown}" + (f"; +{len(used) - MOST_SHOWN}" if len(used) > MOST_SHOWN else "")
    others = [fact.value for fact in attributes.get(ALIAS, ())]
    facts = used or [facts[0] for facts in attributes.values()]
    worst = max((fact.status for fact in facts), key=lambda status: RANK[status])
    keys = dict.fromkeys(fact.source for fact in used)
    return Line(
        id=name,
        about=" | ".join([name, *others]),
        en=text,
        zh=text,
        date=max(fact.as_of for fact in facts),
        status=worst.value,
        sources=tuple(cited(sources[key]) if key in sources else key for key in keys),
    )


def _said(fact: Fact) -> str:
    """`bf16_dense_tflops 148 TFLOPS`; a yes or no has no unit."""
    unit = "" if fact.unit == "yes/no" else fact.unit
    return f"{fact.attribute} {fact.value} {unit}".rstrip()


def _rule(notice: Notice) -> Line:
    known = notice_sources()
    return Line(
        id=notice.id,
        about=" | ".join(notice.chips),
        en=f"{notice.name} ({notice.citation}): {notice.consequence}",
        zh=f"{notice.name_zh}（{notice.citation}）：{notice.consequence_zh}",
        date=str(notice.published),
        status=notice.confidence,
        sources=tuple(cited(known[key]) if key in known else key for key in notice.sources),
    )
