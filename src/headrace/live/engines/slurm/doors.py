"""Opening and closing the front partition: open, Slurm's own scheduler starts what waits there.

By hand, the whole of failing open is one command:  scontrol update PartitionName=front State=UP

An operator's account may order jobs about but not partitions (22.05: `Invalid user id`): whoever opens and closes is
SlurmUser, root, or has AdminLevel=Admin.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from headrace.errors import EngineError

if TYPE_CHECKING:
    from headrace.live.engines.slurm.settings import Settings
    from headrace.live.engines.slurm.tools import Tools

_STATE: Final = re.compile(r"\bState=([A-Z]+)")


@dataclass(frozen=True)
class Doors:
    """The front partition of one Slurm."""

    tools: Tools
    settings: Settings

    def are_open(self) -> bool:
        """Whether Slurm starts jobs from the front partition. EngineError where it cannot be asked."""
        printed = self.tools.ask("scontrol", "-o", "show", "partition", self.settings.front).decode(errors="replace")
        state = _STATE.search(printed)
        if state is None:
            raise EngineError(f"scontrol shows no State of the partition {self.settings.front}; is it in slurm.conf?")
        return state[1] == "UP"

    def open(self) -> None:
        """Let Slurm start what waits."""
        self._set("UP")

    def close(self) -> None:
        """Let what waits wait for Headrace; what runs goes on."""
        self._set("DOWN")

    def _set(self, state: str) -> None:
        self.tools.ask("scontrol", "update", f"PartitionName={self.settings.front}", f"State={state}")
