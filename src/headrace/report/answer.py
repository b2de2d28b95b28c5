"""The answer to "where did the chip-hours go?": one sentence, whose ledger it is, and the four figures to remember."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from headrace.explain.ledger import Class, Ledger
from headrace.report.instants import minute
from headrace.report.names import plain
from headrace.report.quantities import duration, hours, money
from headrace.report.study import AS_IT_HAPPENED
from headrace.report.tables.comparison import policy_name
from headrace.report.tables.ledger import printed_hours, printed_shares

if TYPE_CHECKING:
    from headrace.explain.metrics import Bounds
    from headrace.report.study import Result, Shrink, Study
    from headrace.report.words import Words

KNOWN_OR_UNMEASURED: Final = (Class.USEFUL, Class.UNKNOWN)


@dataclass(frozen=True)
class KeyFigure:
    """A figure to remember: what it is, its value, and a line below it."""

    label: str
    value: str
    below: str


def owner(result: Result, words: Words) -> str:
    """Whose ledger it is: what happened, or a replay, which is said to be none of what happened."""
    if result.name == AS_IT_HAPPENED:
        return words("owner.happened")
    return words("owner.oracle" if result.oracle else "owner.replayed", policy=plain(result.name))


def titled(title: str, result: Result, words: Words) -> str:
    """A heading over anything taken from a ledger: the title, and whose ledger it is."""
    return words("owner.title", title=title, owner=owner(result, words))


def period(ledger: Ledger, words: Words) -> str:
    """From when to when the ledger counts."""
    return words("period", begin=minute(ledger.begin), end=minute(ledger.end))


def answer(result: Result, words: Words) -> str:
    """Where the chip-hours of `result` went, in one or two sentences, beginning with whose they are."""
    ledger, whose = result.ledger, owner(result, words)
    whose = whose[0].upper() + whose[1:]
    if not ledger.paid:
        return words("answer.nothing", owner=whose)
    return words("answer.whole", owner=whose, work=_work(ledger, words), rest=_rest(ledger, words))


def _work(ledger: Ledger, words: Words) -> str:
    shares = printed_shares(ledger)
    paid = printed_hours(ledger)["paid"]
    return words(f"answer.{_measured(ledger)}", paid=paid, useful=shares["useful"], unknown=shares["unknown"])


def _rest(ledger: Ledger, words: Words) -> str:
    others = {c: size for c, size in ledger.classes.items() if c not in KNOWN_OR_UNMEASURED}
    largest = max(others, key=lambda c: others[c])
    if not others[largest]:
        return words("answer.no_rest")
    word = largest.word
    return words(
        "answer.rest",
        share=printed_shares(ledger)[word],
        hours=printed_hours(ledger)[word],
        label=words(f"class.{word}"),
        meaning=words(f"meaning.{word}"),
    )


def key_figures(study: Study, words: Words) -> tuple[KeyFigure, ...]:
    """What was paid, how much of it was allocated, how much useful, and what another policy makes of the wait."""
    ledger = study.main.ledger
    shares = printed_shares(ledger)
    paid = {currency: sum(parts.values()) for currency, parts in ledger.money().items()}
    return (
        KeyFigure(words("key.paid"), printed_hours(ledger)["paid"], money(paid, words) or words("key.no_price")),
        KeyFigure(
            words("key.allocated"),
            shares["allocated"],
            words("key.free", free=shares["unallocated"], down=shares["down"]),
        ),
        _useful(ledger, words),
        _wait(study, words),
    )


def _useful(ledger: Ledger, words: Words) -> KeyFigure:
    """The useful share; not known, rather than nothing, where nothing was measured."""
    shares = printed_shares(ledger)
    form, value = {
        "measured": ("key.all_measured", shares["useful"]),
        "partly": ("key.unmeasured", shares["useful"]),
        "unmeasured": ("key.none_measured", words("none")),
    }[_measured(ledger)]
    return KeyFigure(words("key.useful"), value, words(form, share=shares["unknown"]))


def _measured(ledger: Ledger) -> str:
    """Whether telemetry covers what jobs held: "measured" in full, "partly", or "unmeasured"."""
    useful, unknown = ledger.classes[Class.USEFUL], ledger.classes[Class.UNKNOWN]
    return "unmeasured" if unknown and not useful else "partly" if unknown else "measured"


def _wait(study: Study, words: Words) -> KeyFigure:
    """The mean wait under the policy that makes it shortest, beside what happened."""
    label, happened = words("key.wait"), study.happened
    policies = [result for result in study.results if not result.oracle]
    if not policies:
        return KeyFigure(label, duration(study.main.metrics.avg_wait, words), policy_name(study.main.name, words))
    best = min(policies, key=lambda result: result.metrics.avg_wait)
    wait, policy = duration(best.metrics.avg_wait, words), plain(best.name)
    if happened is None:
        return KeyFigure(label, wait, words("key.under", policy=policy))
    before = duration(happened.metrics.avg_wait, words)
    return KeyFigure(label, wait, words("key.wait_change", before=before, policy=policy))


def overlay(ledger: Ledger, words: Words) -> str:
    """The part of no_demand while a waiting job wanted more chips than were free; empty where there is none."""
    if not ledger.short:
        return ""
    return words("overlay", hours=hours(ledger.short), label=words("class.no_demand"))


def shrunk(shrink: Shrink, words: Words) -> str:
    """What the smallest fleet that would do keeps to, and how it was found."""
    met = shrink.p95_wait <= shrink.target_p95_wait
    return words(
        "lead.shrink" if met else "lead.no_shrink",
        policy=plain(shrink.policy),
        p95=duration(shrink.p95_wait, words),
        target=duration(shrink.target_p95_wait, words),
        tried=f"{shrink.tried:,}",
    )


def bounded(bounds: Bounds, words: Words) -> str:
    """What no policy can beat, and from what it follows."""
    binding = "bound.work" if bounds.makespan_work >= bounds.makespan_longest else "bound.longest"
    return words(
        "bound_note",
        completion=duration(bounds.avg_completion, words),
        makespan=duration(bounds.makespan, words),
        binding=words(binding),
    )
