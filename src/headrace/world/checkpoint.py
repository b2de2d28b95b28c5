"""What survives when a run is cut off."""

from __future__ import annotations

from numba import njit


@njit(cache=True)
def kept_work(ran: int, starting: int, checkpoint: int) -> int:
    """Work (ms) that survives a run of `ran` ms: up to its last checkpoint, its start-up not counted.

    `checkpoint` is the time between checkpoints in ms; UNKNOWN keeps nothing, 0 keeps everything.
    """
    work = max(0, ran - starting)
    if checkpoint < 0:
        return 0
    return work if checkpoint == 0 else work - work % checkpoint
