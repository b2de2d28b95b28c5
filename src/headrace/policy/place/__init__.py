"""Where a job goes. Each rule is one small file with one function: score(...) -> float, of a node on which it fits.

The highest score wins; of equals, the node that stands first. Formulas follow the published baselines of Weng et al.,
"Beware of Fragmentation" (USENIX ATC '23), so that our figures can be compared with theirs. Inside a node, whole chips
are taken lowest index first, and a share goes to the chip with the least room in which it fits, where a rule does not
say otherwise.
"""
