"""What has to be known of a site's Slurm: the names of two partitions, and where its commands are."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
"""A name that Slurm allows, and that cannot be taken for anything but a name."""


class Settings(BaseModel):
    """The table `[slurm]` of headrace.toml.

    `front` queues, `run` runs. `commands` is the folder of scontrol, squeue, sinfo, sdiag and sacct ("": as PATH has
    them), `conf` the slurm.conf that they read ("": as SLURM_CONF has it). `wait_s`: how long one of them may take.
    `accounting`: ask sacct for what squeue has forgotten. `kinds`: the names of gres types that are to be shown as
    another kind, such as {nvidia_h20 = "H20"}.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    front: Name = "front"
    run: Name = "run"
    commands: str = ""
    conf: str = ""
    wait_s: float = Field(default=30.0, gt=0)
    accounting: bool = True
    kinds: dict[str, str] = {}
