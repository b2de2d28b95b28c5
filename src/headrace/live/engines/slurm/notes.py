"""What stands in a job's comment: what its user says to Headrace, and Headrace's own mark.

    headrace:kinds=H20,A800;headrace:service=spare      by the user: sbatch --comment
    headrace:start=KEY/JOB/RUN/f;...                    before it, once Headrace has started it (p: pinned by its user)

An operator's account may set a comment; AdminComment, which no user can write, only SlurmUser and AdminLevel=Admin
may (22.05). A mark binds itself to one job and one run: copied to another job it says nothing. On its own job a user
can forge one, or wipe it out, and wins nothing by it: whether a start was ours is decided by the stored intents.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from headrace.units import SECOND_MS, UNKNOWN
from headrace.world.record import Service

LONGEST: Final = 200
"""Characters of a user's comment that are carried over."""

_MARK: Final = re.compile(
    r"headrace:start=([A-Za-z0-9_.-]{1,64})/([0-9]{1,10}(?:_[0-9]{1,10})?)/([0-9]{1,6})/([fp])(?:;|$)"
)
_PLAIN: Final = re.compile(rf"[A-Za-z0-9_.,:;=+@%/-]{{0,{LONGEST}}}")
_ITEM: Final = re.compile(r"(?:^|[;\s])headrace:([a-z]{1,20})=([^;\s]{1,200})")
_SERVICES: Final = {"normal": Service.NORMAL, "serving": Service.SERVING, "spare": Service.SPARE}
_NOTHING: Final = ("", "(null)", "N/A")


@dataclass(frozen=True)
class Mark:
    """Which intent started which run of which job; `pinned`: the nodes asked for were its user's own."""

    key: str
    job: str
    run: int
    pinned: bool

    def text(self) -> str:
        return f"headrace:start={self.key}/{self.job}/{self.run}/{'p' if self.pinned else 'f'}"


@dataclass(frozen=True)
class Wishes:
    """What a user says in the comment: kinds that will do, class of service, ms between checkpoints, workload."""

    kinds: tuple[str, ...] = ()
    service: Service = Service.NORMAL
    checkpoint: int = UNKNOWN
    workload: str = ""


@lru_cache(maxsize=4096)
def read_mark(comment: str) -> Mark | None:
    """The mark that `comment` begins with."""
    found = _MARK.match(comment)
    return Mark(found[1], found[2], int(found[3]), found[4] == "p") if found else None


def users_own(comment: str) -> str:
    """`comment` without marks, wherever they stand."""
    return "" if comment in _NOTHING else _MARK.sub("", comment)


def marked(comment: str, mark: Mark) -> str | None:
    """The comment with the mark before it; null where the two could not be told apart, or carried over as they are."""
    own = users_own(comment)
    if not _PLAIN.fullmatch(own) or read_mark(mark.text()) != mark:
        return None
    return f"{mark.text()};{own}" if own else mark.text()


@lru_cache(maxsize=4096)
def read_wishes(comment: str) -> Wishes:
    """What the user says; a value that is not understood says nothing."""
    items = dict(_ITEM.findall(users_own(comment)))
    seconds = items.get("checkpoint", "")
    return Wishes(
        kinds=tuple(kind for kind in items.get("kinds", "").split(",") if kind),
        service=_SERVICES.get(items.get("service", ""), Service.NORMAL),
        checkpoint=int(seconds) * SECOND_MS if re.fullmatch(r"[0-9]{1,9}", seconds) else UNKNOWN,
        workload=items.get("workload", ""),
    )
