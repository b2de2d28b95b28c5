"""The fill, written down from its definition: for each arrival the best of all nodes, and of equals the first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.twins import places as twin
from tests.twins.world import Demand, Node, Places, Tenant, demands_of, fits, nodes_of, shift, tenants_of

from headrace.units import MILLI

if TYPE_CHECKING:
    from headrace.world.fleet import Fleet
    from headrace.world.record import Ints, Workload

TWINNED: Final = ("first", "best", "fgd", "worth")
"""The rules that are written down here."""
OF_THE_TARGET: Final = {"fgd": twin.fgd, "worth": twin.worth}


def plain_fill(fleet: Fleet, mix: Workload, arrivals: Ints, order: Ints, place: str) -> list[Places]:
    """The nodes and chips of each arrival, by node; none where it is dropped."""
    return _Fill(fleet, mix, order.tolist(), place).fill(arrivals.tolist())


class _Fill:
    def __init__(self, fleet: Fleet, mix: Workload, order: list[int], place: str) -> None:
        self.place, self.target = place, twin.Target()
        self.mix, self.demands, self.tenants = mix, demands_of(mix), tenants_of(fleet, mix)
        self.nodes = nodes_of(fleet)
        self.in_order = [self.nodes[n] for n in order]
        self.cores = max(1, *(node.all_cpu for node in self.nodes))
        self.chips = MILLI * max(1, *(len(node.free) for node in self.nodes))
        for shape in mix.shape.tolist():
            self.target.see(self.demands[shape])
        self.target.types = self.target.made()
        self.target.made_of = [(kind, seen, self.target.memory[kind]) for kind, seen in self.target.seen.items()]

    def fill(self, arrivals: list[int]) -> list[Places]:
        offers = ((self.demands[self.mix.shape[job]], self.tenants[self.mix.tenant[job]]) for job in arrivals)
        return [self.offer(demand, tenant) for demand, tenant in offers]

    def offer(self, demand: Demand, tenant: Tenant) -> Places:
        """Take the best nodes of the island of the best node that has room for the whole gang."""
        roomy = [node for node in self.in_order if self.takes(node, demand, tenant)]
        ranked = sorted(roomy, key=lambda node: -self.score(node, demand))
        islands = [node.island for node in ranked]
        home = next((island for island in islands if islands.count(island) >= demand.gang), None)
        chosen = [node for node in ranked if node.island == home][: demand.gang]
        placed = sorted((node.number, self.mask(node, demand)) for node in chosen)
        for n, mask in placed:
            shift(self.nodes[n], demand, mask, -1)
            tenant.used[self.nodes[n].kind] += demand.chips * demand.share
        return placed

    def takes(self, node: Node, demand: Demand, tenant: Tenant) -> bool:
        room = demand.pools[node.pool] and fits(demand, node.free, node.cpu, node.memory)
        return room and (demand.chips == 0 or tenant.within(node.kind, demand.milli))

    def score(self, node: Node, demand: Demand) -> int:
        if self.place == "first":
            return 0
        if self.place == "best":
            return twin.best(node, demand, self.cores, self.chips)
        return OF_THE_TARGET[self.place](node, demand, node.free, self.target)[0]

    def mask(self, node: Node, demand: Demand) -> int:
        if demand.chips == 0:
            return 0
        if self.place in OF_THE_TARGET:
            return OF_THE_TARGET[self.place](node, demand, node.free, self.target)[1]
        return (twin.lowest if demand.share == MILLI else twin.tightest)(demand, node.free)
