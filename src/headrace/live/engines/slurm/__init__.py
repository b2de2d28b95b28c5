"""A real Slurm, 22.05 or later: users keep `sbatch`, Headrace chooses when and where.

    sbatch --> front (DOWN: queues, starts nothing) --> Headrace's order --> run (UP) --> Slurm starts it on those nodes

columns, tools     how Slurm's commands are asked             nodes, queue    what they say, as text
constraint, notes  what users write, and our mark             jobs            a row of the queue as a JobSeen
channel, orders    one long-lived scontrol, and its lines     ended           what the accounting knows
doors              opening and closing the front partition    engine          all of it, as an Engine
"""

from headrace.live.engines.slurm.engine import SlurmEngine
from headrace.live.engines.slurm.settings import Settings

__all__ = ["Settings", "SlurmEngine"]
