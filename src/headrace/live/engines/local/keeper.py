"""Keeps one run: starts its command once, writes down how it ended, and outlives Headrace.

`python -m headrace.live.engines.local.keeper FOLDER` keeps the run of that folder; the nursery forks the same. Only
who holds the folder's lock is its keeper. One that finds `started.json` follows a keeper that was killed: it starts
nothing, ends what is left of the command, and calls the run lost, as after a reboot.

A keeper is the reaper of all that its command leaves behind (prctl(2), PR_SET_CHILD_SUBREAPER), so that "no child
left" says that nothing of the run lives, and that its chips are free.
"""

from __future__ import annotations

import ctypes
import os
import sys
import time
from pathlib import Path
from typing import Any, Final

from headrace.live.engines.local.bell import BELL, ring
from headrace.live.engines.local.files import read_whole, sync_folder, take_lock, write_whole
from headrace.live.engines.local.processes import boot_id, left_of, send
from headrace.live.engines.local.watch import Watch, wall_ms

PR_SET_CHILD_SUBREAPER: Final = 36
RETRY_S: Final = 0.5
KILL: Final = 9


def keep(folder: Path) -> None:
    """Keep the run of `folder` to its end; nothing where it has ended, is gone, or has a keeper."""
    try:
        lock = take_lock(folder / "lock")
    except FileNotFoundError:
        return
    order = read_whole(folder / "order.json")
    if lock is None or order is None or (folder / "exit.json").exists():
        return
    _write_exit(folder, _end_of(folder, order))
    os.close(lock)
    ring(folder.parents[3] / BELL)


def _end_of(folder: Path, order: dict[str, Any]) -> dict[str, Any]:
    started, stop = read_whole(folder / "started.json"), read_whole(folder / "stop.json")
    if started or order["boot"] != boot_id():
        return _lost(order, started or {})
    if stop:
        return {"outcome": stop["why"], "code": None, "signal": None, "start": None, "end": wall_ms(), "said": ""}
    _reap_all()
    return Watch(folder, order).run()


def _lost(order: dict[str, Any], started: dict[str, Any]) -> dict[str, Any]:
    if started and started["boot"] == boot_id():
        while left := left_of(order["mark"], started["pid"], started["born"]):
            send(left, KILL)
            time.sleep(RETRY_S / 10)
        said = "its keeper was killed"
    else:
        said = "the machine was started anew"
    start = started.get("at")
    end = max(wall_ms(), start or 0)
    return {"outcome": "lost", "code": None, "signal": None, "start": start, "end": end, "said": said}


def _write_exit(folder: Path, form: dict[str, Any]) -> None:
    """Until it is written the run counts as running: a full disk delays an end and loses none."""
    while True:
        try:
            write_whole(folder / "exit.json", form)
            sync_folder(folder.parent)
        except FileNotFoundError:
            return
        except OSError:
            time.sleep(RETRY_S)
        else:
            return


def _reap_all() -> None:
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


if __name__ == "__main__":
    if os.fork() == 0:
        os.setsid()
        keep(Path(sys.argv[1]))
