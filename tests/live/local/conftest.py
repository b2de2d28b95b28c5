"""A lab a test, whose jobs are ended with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.live.local.lab import Lab, wait

from headrace.live.engine import Status

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    """An engine of one node with four chips."""
    lab = Lab(tmp_path)
    yield lab
    leave(lab)


def leave(lab: Lab) -> None:
    """End whatever is left."""
    for job in lab.engine.observe().jobs:
        if job.status != Status.ENDED:
            lab.engine.cancel(job.asked.job, "test")
    wait(lab.engine.observe, lambda now: all(job.status == Status.ENDED for job in now.jobs))
    lab.engine.close()
