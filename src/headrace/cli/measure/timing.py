"""Times probes one after the other on whatever can time one, within the seconds that there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from headrace.estimate.probed import Refused, Timed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from headrace.estimate.probe_plan import Probe


class Device(Protocol):
    """What can time a probe: an accelerator, or in tests one that is made up."""

    def time(self, probe: Probe, within: float) -> Timed | Refused:
        """The median of as many runs as `within` seconds allow, or why there is none."""
        ...


@dataclass(frozen=True)
class Subject:
    """A device as it was found: cuda, npu or cpu; what it calls itself; what runs it, in which precisions, how many."""

    device: Device
    kind: str
    name: str
    software: str
    precisions: tuple[str, ...]
    count: int = 1


def time_all(
    device: Device,
    probes: Sequence[Probe],
    seconds: float,
    clock: Callable[[], float],
    report: Callable[[Probe, int], None],
) -> tuple[list[Timed], list[Refused]]:
    """Every probe in turn, each with an equal part of the seconds that are left; `clock` counts seconds."""
    end = clock() + seconds
    timed: list[Timed] = []
    refused: list[Refused] = []
    for done, probe in enumerate(probes):
        report(probe, done)
        left = end - clock()
        found = device.time(probe, left / (len(probes) - done)) if left > 0 else Refused(probe, "time")
        if isinstance(found, Timed):
            timed.append(found)
        else:
            refused.append(found)
    return timed, refused
