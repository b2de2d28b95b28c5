"""A process that is killed in the midst of its transactions leaves each of them whole or not at all."""

from __future__ import annotations

import random
import time
from collections import Counter
from typing import TYPE_CHECKING

from tests.live.store.processes import CONTEXT, TOGETHER, write_for_ever

from headrace.live.store.nouns import Page

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from headrace.live.store.store import Store

KILLS = 50
LONGEST_S = 0.06
EVERYTHING = Page(size=1_000_000)


def killed(url: str, name: str, after: float) -> list[str]:
    """The batches that a writer told to be stored before it was killed (SIGKILL), `after` seconds from its first."""
    mine, theirs = CONTEXT.Pipe(duplex=False)
    child = CONTEXT.Process(target=write_for_ever, args=(url, name, theirs))
    child.start()
    theirs.close()
    told = [mine.recv()]
    time.sleep(after)
    child.kill()
    child.join()
    return told + rest(mine)


def rest(pipe: Connection) -> list[str]:
    """What is still in the pipe."""
    told = []
    try:
        while True:
            told.append(pipe.recv())
    except (EOFError, ConnectionResetError):
        return told


def batches(store: Store) -> dict[str, Counter[str]]:
    """How many intents, jobs and runs of each batch there are."""
    found = {
        "intents": [intent.key for intent in store.intents(EVERYTHING)],
        "jobs": [kept.job.asked.job for kept in store.jobs(EVERYTHING)],
        "runs": [stay.asked.job for stay in store.log(0, EVERYTHING)],
    }
    return {what: Counter(key.partition("/")[0] for key in keys) for what, keys in found.items()}


def test_fifty_kills_leave_every_transaction_whole_or_not_at_all(url: str, store: Store) -> None:
    """What was told to be stored is there; what is there is there wholly, its audit line included; the chain holds."""
    chance = random.Random(5)
    told: list[str] = []
    for kill in range(KILLS):
        told += killed(url, str(kill), chance.uniform(0, LONGEST_S))
    found = batches(store)
    assert {count for counts in found.values() for count in counts.values()} == {TOGETHER}
    assert found["jobs"] == found["runs"]
    assert set(told) <= set(found["intents"]) | set(found["jobs"])
    assert len(store.audit(EVERYTHING)) == len(found["intents"])
    assert store.verify() is None
    store.note(1, "tests", "after", {})
