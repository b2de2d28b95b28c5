"""Replays beside those of Zhao et al., "Multi-Resource Interleaving for Deep Learning Training" (SIGCOMM '22).

Their simulator deals 8 nodes of 8 chips anew at every event, in the order of what is left to do, and has each running
job pay for a restart at every event, moved or not. That is their cost model, not ours: it is handed to the replay here.
"""

from __future__ import annotations

import gzip
import sys
from csv import DictReader
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from tests.factories import Job, make_fleet, make_pool, make_workload

from headrace.policy.policy import Policy
from headrace.replay.replay import Costs, replay
from headrace.units import SECOND_MS
from headrace.world.record import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headrace.world.record import Ints

NODES: Final = 8
CHIPS: Final = 8
TICKS: Final = 200
SLOWER: Final = 203
"""Their iterations take 1.015 times as long as the list says: whole numbers, where a ms is 200 ticks of the clock.
In whole ms, jobs of almost the same length change places, and the mean of a list by up to a per cent."""
TICKS_A_SECOND: Final = TICKS * SECOND_MS
MODELS: Final = ("vgg16", "vgg19", "resnet18", "shufflenet_v2_x1_0", "bert", "gpt2", "a2c", "dqn")
RESTART_S: Final = {
    1: (7, 7, 4, 4, 10, 10, 38, 5),
    2: (7, 7, 5, 4, 10, 10, 39, 5),
    4: (8, 8, 5, 5, 10, 10, 39, 6),
    8: (9, 9, 7, 5, 10, 10, 46, 6),
    16: (9, 10, 7, 7, 10, 10, 46, 8),
    32: (10, 10, 7, 8, 10, 10, 46, 8),
}
"""Seconds by chips, for each of MODELS; OTHERS_S for what is not named."""
OTHERS_S: Final = 10


def run(path: Path, order: str) -> tuple[float, float, float]:
    """(mean completion, makespan, 99th percentile of completion), in seconds, of the list at `path` under `srtf` or
    `srsf`."""
    with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8", newline="") as lines:
        rows = list(DictReader(lines))
    fleet = make_fleet(make_pool(nodes=NODES, chips=CHIPS))
    workload = make_workload(fleet, [_job(row) for row in rows])
    costs = Costs(stopping=np.array([_restart(row) for row in rows]), every_round=True)
    runs = replay(fleet, workload, Policy(f"oracle:{order.lower()}", "greedy", "first"), costs=costs)
    done = runs.outcome == Outcome.COMPLETED
    assert int(done.sum()) == len(rows)
    return figures(runs.end[done] - workload.submit[runs.job[done]], runs.end[done])


def figures(took: Ints, ended: Ints) -> tuple[float, float, float]:
    """Mean, makespan, and the completion time that 99 % of the jobs stay within; all in seconds."""
    worst = np.sort(took)[int(0.99 * len(took))]
    return float(took.mean()) / TICKS_A_SECOND, int(ended.max()) / TICKS_A_SECOND, int(worst) / TICKS_A_SECOND


def _job(row: Mapping[str, str]) -> Job:
    chips = int(row["num_gpu"])
    work = int(row["iterations"]) * int(row["iteration_time"]) * SLOWER
    per_node, nodes = (chips, 1) if chips <= CHIPS else (CHIPS, chips // CHIPS)
    assert nodes * per_node == chips, "the parts of a gang are alike"
    return Job(submit=int(row["submit_time"]) * TICKS, work=work, chips=per_node, nodes=nodes, checkpoint=0)


def _restart(row: Mapping[str, str]) -> int:
    """What they charge a job at each event, in ticks."""
    chips, model = int(row["num_gpu"]), row["model_name"]
    known = chips in RESTART_S and model in MODELS
    return TICKS_A_SECOND * (RESTART_S[chips][MODELS.index(model)] if known else OTHERS_S)


if __name__ == "__main__":
    print("mean {:.3f} s, makespan {:.3f} s, p99 {:.3f} s".format(*run(Path(sys.argv[1]), sys.argv[2])))
