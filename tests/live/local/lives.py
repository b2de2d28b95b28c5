"""A Headrace that dies again and again: `python -m tests.live.local.lives FOLDER JOBS DEATHS CHIPS SEED [keepers]`.

Jobs are submitted and started by lives that are ended by kill -9 at moments that chance chooses; the last life goes on
until all jobs are over. With `keepers`, now and then a keeper is killed too. Prints how many lives ended while at work.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from pathlib import Path

from tests.live.local.lab import asked, machine, start_what_waits

from headrace.live.engine import Status
from headrace.live.engines.local.engine import LocalEngine
from headrace.live.engines.local.files import holder
from headrace.live.engines.local.settings import Settings

SCRIPT = """
exec 9>>chip.$HEADRACE_CHIPS
flock -n 9 || { echo $HEADRACE_JOB >> clash; exit 1; }
echo $HEADRACE_JOB >> begun
sleep 0.0$((HEADRACE_JOB % 9))
echo $HEADRACE_JOB >> done
"""
"""Fails loudly if anybody holds its chip; otherwise leaves its number, in one append each."""


def live(folder: Path, jobs: int, chips: int) -> None:
    """Submit what is not submitted yet, start what waits, until all is over."""
    engine = LocalEngine(machine(chips=chips), folder / "state", Settings(lost_again=1000))
    known = {job.asked.name for job in engine.observe().jobs}
    todo = [str(i) for i in range(jobs) if str(i) not in known]
    while True:
        if todo:
            engine.submit(asked(name=todo.pop(0)), ["sh", "-c", SCRIPT], str(folder), {})
        now = start_what_waits(engine)
        if not todo and all(job.status == Status.ENDED for job in now.jobs):
            return
        engine.wait(0 if todo else 0.02)


def kill_a_keeper(folder: Path, chance: random.Random) -> None:
    """One that holds a lock right now, if any does."""
    locks = [*(folder / "state" / "live").glob("*/runs/*/lock")]
    for lock in chance.sample(locks, len(locks)):
        try:
            if pid := holder(lock):
                os.kill(pid, signal.SIGKILL)
                return
        except OSError:
            continue


def die(folder: Path, jobs: int, chips: int, chance: random.Random, keepers: bool) -> bool:
    """One life, and its end; whether it was still at work."""
    pid = os.fork()
    if pid == 0:
        live(folder, jobs, chips)
        os._exit(0)
    time.sleep(chance.uniform(0, 0.25))
    if keepers and chance.random() < 0.5:
        kill_a_keeper(folder, chance)
    os.kill(pid, signal.SIGKILL)
    return os.WIFSIGNALED(os.waitpid(pid, 0)[1])


def main() -> None:
    """All lives."""
    folder, (jobs, deaths, chips, seed) = Path(sys.argv[1]), map(int, sys.argv[2:6])
    chance, keepers = random.Random(seed), sys.argv[6:] == ["keepers"]
    died = sum(die(folder, jobs, chips, chance, keepers) for _ in range(deaths))
    live(folder, jobs, chips)
    sys.stdout.write(str(died))


if __name__ == "__main__":
    main()
