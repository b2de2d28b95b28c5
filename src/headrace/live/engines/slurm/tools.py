"""Slurm's own commands, asked once each: no shell, a time limit, and one sentence where they fail."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from functools import lru_cache
from typing import IO, TYPE_CHECKING, Final

from headrace.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_OURS_TO_SAY: Final = ("SQUEUE_", "SINFO_", "SACCT_", "SCONTROL_", "SLURM_CLUSTERS", "SLURM_JSON", "SLURM_YAML")
"""Variables by which a user's profile would change what the commands print."""
_SAID: Final = {"SLURM_TIME_FORMAT": "%s", "SLURM_BITSTR_LEN": "0", "LC_ALL": "C.UTF-8"}
"""Times as epoch seconds (no zone to guess), and no list of array tasks cut at 64 characters."""


@dataclass(frozen=True)
class Tools:
    """`folder`: where the commands are ("": PATH); `conf`: the slurm.conf ("": SLURM_CONF); `wait`: seconds for one."""

    folder: str = ""
    conf: str = ""
    wait: float = 30.0

    def command(self, name: str) -> str:
        """How `name` is called."""
        return os.path.join(self.folder, name) if self.folder else name

    def environment(self) -> dict[str, str]:
        """The variables that the commands run with."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(_OURS_TO_SAY)}
        return kept | _SAID | ({"SLURM_CONF": self.conf} if self.conf else {})

    def ask(self, name: str, *options: str, **variables: str) -> bytes:
        """What `name` prints, with `variables` in its environment besides.

        EngineError where it cannot be run, takes too long, or says that it failed.
        """
        with open(os.memfd_create(name), "w+b") as printed:  # a pipe would have both sides wait for each other
            self._run([self.command(name), *options], self.environment() | variables, printed)
            printed.seek(0)
            return printed.read()

    def _run(self, command: Sequence[str], environment: Mapping[str, str], printed: IO[bytes]) -> None:
        name = os.path.basename(command[0])
        try:
            done = subprocess.run(
                command,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=subprocess.PIPE,
                timeout=self.wait,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise EngineError(f"{name} did not answer within {self.wait:g} s; `scontrol ping` says who is up") from None
        except OSError as error:
            raise EngineError(f"{command[0]} cannot be run ({error.strerror}); is slurm-client there?") from None
        if done.returncode != 0:
            printed.seek(0)  # scontrol says on stdout what it does not find
            words = said(printed.read() + b"\n" + done.stderr)
            raise EngineError(f"{name} failed: {words}; `scontrol ping` says whether slurmctld is up")


def said(printed: bytes, most: int = 200) -> str:
    """The last line of `printed` that says something, fit to be shown: no control characters, at most `most` long."""
    lines = [shown(line) for line in printed.decode(errors="replace").splitlines()]
    return next((line for line in reversed(lines) if line), "nothing was said")[:most]


@lru_cache(maxsize=4096)
def shown(text: str) -> str:
    """`text` without what would move a cursor or break a line; each such character is a `?`."""
    return "".join(c if c.isprintable() else "?" for c in text).strip()
