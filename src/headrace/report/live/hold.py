"""Why a job waits, in words, with the numbers that the reason was read from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from headrace.live.event import HELD_BY_ENGINE, NOT_STARTED, SILENT, TAKEN
from headrace.report.instants import minute
from headrace.report.live.said import form
from headrace.report.live.said import said as in_readers
from headrace.report.live.size import chips
from headrace.report.names import plain, short
from headrace.report.quantities import duration

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headrace.report.live.told import Reasoned, Why
    from headrace.report.words import Words

SAID: Final = 200
"""How many characters of the engine's own words are shown."""
TOLD_BY_ENGINE: Final = "engine"
IN_CHIPS: Final = ("wanted", "free", "held_by_tenant")
OWN: Final = {
    "engine": form(HELD_BY_ENGINE),
    "engine_silent": form(NOT_STARTED.format(said=SILENT)),
    "engine_refused": form(NOT_STARTED),
    "engine_overtaken": form(TAKEN),
}
"""What a turn says of a job that it does not try for now, and the sentence for it."""
COUNTED: Final = ("nodes_needed", "nodes_that_fit", "nodes_named")


def reason(why: Reasoned, words: Words) -> str:
    """The reason in one or two sentences; empty for a job that does not wait.

    A number that the sentence needs and the server did not tell leaves the reason's short name alone.
    """
    if why.reason is None:
        return ""
    if why.reason == TOLD_BY_ENGINE:
        return _by_engine(why.said, words)
    try:
        return words(f"live.hold.{_form(why)}", **_numbers(why.numbers))
    except KeyError:
        return words("live.hold.bare", reason=label(why.reason, words))


def label(name: str, words: Words) -> str:
    """The reason's short name."""
    return words(f"live.reason.{name}")


def ahead(why: Why, words: Words) -> str:
    """How many wait before it; empty where that is not known."""
    if why.ahead is None:
        return ""
    return words(f"live.ahead.{_number_word(why.ahead)}", count=f"{why.ahead:,}")


def expected(why: Why, now: int, words: Words) -> str:
    """When it is expected to start, and in how long from `now` (ms); that nobody can say, where nobody can."""
    if why.expected_ms is None:
        return words("live.expected.unknown")
    if why.expected_ms <= now:
        return words("live.expected.soon")
    return words("live.expected.at", time=minute(why.expected_ms), span=duration(why.expected_ms - now, words))


def _by_engine(said: str, words: Words) -> str:
    """What is known of an engine's words is said in the reader's language, the rest as the engine said it."""
    told = short(said, SAID).strip()
    for key, own in OWN.items():
        if found := own.fullmatch(told):
            return words(f"live.hold.{key}", **{name: in_readers(of, words) for name, of in found.groupdict().items()})
    return words("live.hold.engine_said", said=in_readers(told, words)) if told else words("live.hold.engine")


def _form(why: Reasoned) -> str:
    """Which sentence says it: chips that lie apart are another matter on one node than for a gang; and who names fewer
    nodes than it asks for can be told more than that it never fits."""
    needed = why.numbers.get("nodes_needed", 0)
    if why.reason == "never" and 0 < why.numbers.get("nodes_named", needed) < needed:
        return "never_named"
    alone = why.reason in ("fragmented", "cpu", "memory") and why.numbers.get("nodes_needed") == 1
    return f"{why.reason}_on_one" if alone else plain(str(why.reason))


def _numbers(numbers: Mapping[str, int]) -> dict[str, str]:
    shown = {name: chips(numbers[f"{name}_milli"]) for name in IN_CHIPS if f"{name}_milli" in numbers}
    shown |= {name: f"{numbers[name]:,}" for name in COUNTED if name in numbers}
    if {"wanted_milli", "free_milli"} <= numbers.keys():
        shown["missing"] = chips(max(numbers["wanted_milli"] - numbers["free_milli"], 0))
    return shown


def _number_word(count: int) -> str:
    return {0: "none", 1: "one"}.get(count, "some")
