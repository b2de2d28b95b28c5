"""`shadow`: what was proposed against what the engine did, what would have been gained, and what that rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from headrace.report.instants import minute
from headrace.report.names import plain, short
from headrace.report.quantities import duration, hours, hours_scale, percent, ratio
from headrace.report.screen import Screen
from headrace.report.tables.ledger import LINES
from headrace.report.tables.table import Column, Row, Table, Tone
from headrace.report.words import languages, load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

    from headrace.explain.ledger import Class, Ledger
    from headrace.live.foreseen import Foreseen, Watched
    from headrace.report.live.gain import Felt, Gain, Waits
    from headrace.report.words import Words

NAME: Final = 28
MOST_TENANTS: Final = 30
WAITS: Final = ("mean", "median", "p95")


def render(watched: Watched, foreseen: Foreseen, gain: Gain, console: Console, lang: str) -> None:
    """Print all of it, once for each language that `lang` (en, zh, both) asks for."""
    for words in map(load, languages(lang)):
        screen = Screen(console)
        screen.say(words("live.shadow.title", begin=minute(watched.begin), end=minute(watched.end)), "bold")
        length, whole = (duration(ms, words) for ms in (watched.length, watched.end - watched.begin))
        screen.say(words("live.shadow.watched", length=length, whole=whole))
        _proposed(foreseen, screen, words)
        _gained(gain, screen, words)
        screen.title(words("live.shadow.title_basis"))
        for line in basis(gain, words):
            screen.say(words("live.shadow.point", text=line), hanging=2)


def _proposed(foreseen: Foreseen, screen: Screen, words: Words) -> None:
    screen.title(words("live.shadow.title_proposed"))
    screen.table(starts_table(foreseen, words))
    screen.console.line()
    for line in said_of(foreseen, words):
        screen.say(line)


def starts_table(foreseen: Foreseen, words: Words) -> Table:
    """The engine's starts by what they were to the shadow; those of which there are none are left out."""
    counts = {what: count for what, count in foreseen.became.items() if count}
    rows = [Row(_counted(words(f"live.shadow.became.{what}"), n, foreseen.starts)) for what, n in counts.items()]
    whole = _counted(words("live.shadow.all"), foreseen.starts, foreseen.starts)
    titles = (words("live.shadow.column.start"), words("live.column.jobs"), words("live.column.share"))
    return Table(tuple(Column(title, numeric=i > 0) for i, title in enumerate(titles)), (*rows, Row(whole, "total")))


def _counted(label: str, count: int, whole: int) -> tuple[str, ...]:
    return label, f"{count:,}", percent(ratio(count, whole))


def said_of(foreseen: Foreseen, words: Words) -> Iterator[str]:
    """How much sooner the proposals were, what still waits, and what kind of comparison this is."""
    if foreseen.sooner_mean is not None and foreseen.sooner_median is not None:
        mean, median, most = foreseen.sooner_mean, foreseen.sooner_median, foreseen.sooner[-1]
        shown = {name: duration(ms, words) for name, ms in (("mean", mean), ("median", median), ("most", most))}
        yield words("live.shadow.sooner", **shown)
    if foreseen.waiting:
        yield words("live.shadow.waiting", count=f"{foreseen.waiting:,}")
    if foreseen.stops:
        yield words("live.shadow.stops", count=f"{foreseen.stops:,}")
    yield words("live.shadow.moment")


def _gained(gain: Gain, screen: Screen, words: Words) -> None:
    screen.title(words("live.shadow.title_gain", policy=plain(gain.policy)))
    for line in answer(gain, words):
        screen.say(line)
    for line in worse(gain, words):
        screen.say(line, "bold yellow" if gain.worse else "")
    screen.console.line()
    screen.table(waits_table(gain, words))
    screen.console.line()
    screen.table(classes_table(gain, words))


def answer(gain: Gain, words: Words) -> Iterator[str]:
    """What would have been otherwise, in sentences."""
    every = gain.felt[0]
    was, would = (duration(waits.mean, words) for waits in (every.was, every.would))
    yield words("live.shadow.waited", jobs=f"{every.jobs:,}", was=was, would=would)
    yield words("live.shadow.started", was=f"{every.started[0]:,}", would=f"{every.started[1]:,}")
    held, least, most = map(percent, gain.allocated)
    key = "live.shadow.held" if least == most else "live.shadow.held_between"
    yield words(key, was=held, least=least, most=most)


def worse(gain: Gain, words: Words) -> Iterator[str]:
    """Who would have been worse off, one by one; that nobody would, where nobody would."""
    for felt in gain.worse:
        was, would = (duration(waits.mean, words) for waits in (felt.was, felt.would))
        yield words("live.shadow.worse", tenant=short(felt.tenant, NAME), was=was, would=would)
    if not gain.worse:
        yield words("live.shadow.nobody")
    if gain.felt[0].longer:
        longest = duration(gain.felt[0].longest, words)
        yield words("live.shadow.longer", count=f"{gain.felt[0].longer:,}", longest=longest)


def waits_table(gain: Gain, words: Words) -> Table:
    """A row a tenant, those with most jobs first, and one for all; each wait as it was, and as it would have been."""
    titles = [words(f"live.shadow.column.{name}") for name in ("jobs", *WAITS, "longer")]
    every, *tenants = gain.felt
    shown = sorted(tenants, key=lambda felt: (-felt.jobs, felt.tenant))[:MOST_TENANTS]
    rows = [Row(_waits(felt, short(felt.tenant, NAME), words)) for felt in shown]
    columns = (Column(words("live.column.tenant"), numeric=False), *map(Column, titles))
    return Table(columns, (*rows, Row(_waits(every, words("live.shadow.all"), words), "total")))


def _waits(felt: Felt, label: str, words: Words) -> tuple[str, ...]:
    return (label, f"{felt.jobs:,}", *(_change(felt, name, words) for name in WAITS), f"{felt.longer:,}")


def _change(felt: Felt, name: str, words: Words) -> str:
    was, would = (duration(_wait(waits, name), words) for waits in (felt.was, felt.would))
    return words("live.shadow.change", was=was, would=would)


def _wait(waits: Waits, name: str) -> float:
    return float(getattr(waits, name))


def classes_table(gain: Gain, words: Words) -> Table:
    """Chip-hours by class, as they were and as they would have been; classes that are empty in both are left out."""
    names = ("was", "would", "change")
    columns = (Column(words("column.class"), numeric=False), *(Column(words(f"live.shadow.column.{n}")) for n in names))
    return Table(columns, tuple(_class_rows(gain, words)))


def _class_rows(gain: Gain, words: Words) -> Iterator[Row]:
    scale = hours_scale(gain.was.paid)
    was, would = _steps(gain.was), _steps(gain.would)
    for word, classes in LINES:
        cells = tuple(sum(steps[c] for c in classes) for steps in (was, would))
        tone: Tone = "total" if len(classes) > 1 else "plain"
        label = words(f"sum.{word}") if tone == "total" else words("indent", text=words(f"class.{word}"))
        if any(cells):
            change = cells[1] - cells[0]
            yield Row((label, *map(scale.text, cells), f"{'+' if change > 0 else ''}{scale.text(change)}"), tone)


def _steps(ledger: Ledger) -> dict[Class, int]:
    """Each class in the steps of the column, rounded together."""
    parts = ledger.classes
    return dict(zip(parts, hours_scale(ledger.paid).steps(list(parts.values())), strict=True))


def basis(gain: Gain, words: Words) -> Iterator[str]:
    """What the figures rest on, one point at a time."""
    yield words("live.shadow.basis.lengths", moved=f"{gain.moved:,}")
    yield words("live.shadow.basis.cut")
    if gain.lasting or gain.waiting:
        counts = {"lasting": f"{gain.lasting:,}", "waiting": f"{gain.waiting:,}", "unsure": hours(gain.unsure)}
        yield words("live.shadow.basis.lasting", **counts)
    if gain.withdrawn:
        yield words("live.shadow.basis.withdrawn", count=f"{gain.withdrawn:,}")
    yield words("live.shadow.basis.held")
    yield words("live.shadow.basis.users")
