"""What shadow mode saw: what it proposed against what the engine did, and what would have been gained by it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from headrace.errors import CallError, CheckFailedError
from headrace.live.foreseen import Foreseen, foreseen, watched
from headrace.live.store.job_log import job_log
from headrace.live.store.nouns import Page
from headrace.report.instants import minute
from headrace.report.live.gain import Gain, gain
from headrace.serve.so_far import fleet_of_store
from headrace.units import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from headrace.live.foreseen import Watched
    from headrace.live.store.store import Store
    from headrace.policy.policy import Policy
    from headrace.report.live.gain import Progress
    from headrace.world.fleet import Fleet

PIECE: Final = 10_000
NOTHING: Final = "nothing was watched yet: run `headrace serve --shadow` for a while, then ask again"


@dataclass(frozen=True)
class Seen:
    """What was watched and proposed, and what `gain` there would have been."""

    watched: Watched
    foreseen: Foreseen
    gain: Gain


def seen(
    store: Store, file: Fleet | None, policy: Policy, turn: int, period: tuple[int, int], progress: Progress
) -> Seen:
    """What shadow mode saw in [begin, end) ms; UNKNOWN is where its rounds begin, or end. Turns are `turn` ms apart.

    Raises CheckFailedError where nothing was watched, or nothing ran.
    """
    rounds = [one.at for one in every(store.rounds)]
    begin, end = _period(rounds, *period)
    watch = watched(rounds, begin, end)
    found = foreseen(every(lambda page: store.log(begin, page)), every(store.proposals), watch, turn)
    return Seen(watch, found, gain(job_log(store, begin), fleet_of_store(store, file), policy, (begin, end), progress))


def every(some: Callable[[Page], tuple[Any, ...]]) -> Iterator[Any]:
    """All rows of which `some` gives a page."""
    page = some(Page(None, PIECE))
    while page:
        yield from page
        page = some(Page(page[-1].sequence, PIECE))


def _period(rounds: list[int], begin: int, end: int) -> tuple[int, int]:
    """What was asked for, as far as it was watched; all of that where nothing was."""
    if not rounds or rounds[0] == rounds[-1]:
        raise CheckFailedError(NOTHING)
    first = max(begin, rounds[0])
    last = rounds[-1] if end == UNKNOWN else min(end, rounds[-1])
    if first >= last:
        watched_then = f"it was watched from {minute(rounds[0])} to {minute(rounds[-1])}"
        raise CallError(f"--from and --to leave no time between them: {watched_then}")
    return first, last
