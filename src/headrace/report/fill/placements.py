"""The placements of a fill as CSV: a row an arrival, where it went, or why it was dropped.

    seq,job,node,node_rank,chips,reason
    0,a,n-1;n-2,0;1,0;1|0;1,           a gang: nodes and ranks joined by ;, the chips of each node parted by |
    1,b,,,,fragmented                  dropped

The rank of a node is its place in the order in which nodes were looked at. `--arrivals` and `--node-order` read it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from headrace.world.plan import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from headrace.report.fill.fills import Fill

COLUMNS = ("seq", "job", "node", "node_rank", "chips", "reason")


def placements_csv(fill: Fill, jobs: Sequence[str], nodes: Sequence[str]) -> str:
    """The text of the file. `jobs` are the names of the mix, and `nodes` those of the fleet, by number."""
    return pl.DataFrame(list(_rows(fill, jobs, nodes)), schema=list(COLUMNS), orient="row").write_csv()


def _rows(fill: Fill, jobs: Sequence[str], nodes: Sequence[str]) -> Iterator[tuple[int, str, str, str, str, str]]:
    rank = np.argsort(fill.order.nodes).tolist()
    first, node, mask = fill.filled.first.tolist(), fill.filled.node.tolist(), fill.filled.chipmask.tolist()
    for seq, (job, reason) in enumerate(zip(fill.order.arrivals.tolist(), fill.filled.reason.tolist(), strict=True)):
        held = sorted(range(first[seq], first[seq + 1]), key=lambda i: rank[node[i]])
        yield (
            seq,
            jobs[job],
            ";".join(nodes[node[i]] for i in held),
            ";".join(str(rank[node[i]]) for i in held),
            "|".join(_chips(mask[i]) for i in held),
            "" if reason == Reason.FITS else Reason(reason).name.lower(),
        )


def _chips(mask: int) -> str:
    """The numbers of the set bits: 5 -> `0;2`."""
    return ";".join(str(chip) for chip in range(mask.bit_length()) if mask >> chip & 1)
