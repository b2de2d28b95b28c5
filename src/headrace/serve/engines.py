"""The engine that the settings name, opened: what runs jobs, and how to wait until it has something to say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from headrace.errors import InputError
from headrace.history.fleet_file import read_fleet
from headrace.serve.settings import sentence, within
from headrace.units import SECOND_MS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from headrace.live.engine import Engine, JobSeen
    from headrace.live.engines.local.settings import Settings as LocalSettings
    from headrace.live.engines.slurm.settings import Settings as SlurmSettings
    from headrace.serve.settings import LocalTable, Settings
    from headrace.world.fleet import Fleet

MIB: Final = 1 << 20


@dataclass(frozen=True)
class Opened:
    """An engine that answers. `wait(seconds)` returns early when there is something to see, `wake()` makes it."""

    name: str
    engine: Engine
    fleet: Fleet | None
    wait: Callable[[float], bool]
    wake: Callable[[], None]
    close: Callable[[], None]


def fleet_file(settings: Settings, folder: Path) -> Path:
    """Where the fleet file is to be."""
    return folder / settings.fleet


def open_engine(settings: Settings, folder: Path, alive: Iterable[JobSeen] = ()) -> Opened:
    """The engine of `settings`; `alive` are the jobs that waited or ran when it was last seen.

    Raises InputError for a file that is wrong, EngineError where the engine cannot be used.
    """
    return _local(settings, folder) if settings.engine == "local" else _slurm(settings, folder, alive)


def _local(settings: Settings, folder: Path) -> Opened:
    from headrace.live.engines.local.bell import BELL, ring
    from headrace.live.engines.local.engine import LocalEngine

    fleet = read_fleet(fleet_file(settings, folder))
    state = within(folder, settings.local.state, "local")
    engine = LocalEngine(fleet, state, local_settings(settings.local))
    return Opened("local", engine, fleet, engine.wait, lambda: ring(state / BELL), engine.close)


def local_settings(table: LocalTable) -> LocalSettings:
    """`[local]` in the units of the engine."""
    from headrace.live.engines.local.settings import Settings as LocalSettings

    return LocalSettings(
        grace=round(table.grace_s * SECOND_MS),
        checkpoint_signal=table.checkpoint_signal,
        checkpoint_grace=round(table.checkpoint_grace_s * SECOND_MS),
        lost_again=table.lost_again,
        keep_jobs=table.keep_jobs,
        output=table.output_mib * MIB,
        nice=table.nice,
        limit_memory=table.limit_memory,
        variable=table.variable,
        devices=tuple(table.devices),
    )


def slurm_settings(settings: Settings) -> SlurmSettings:
    """`[slurm]`, checked. Raises InputError that names the key."""
    from headrace.live.engines.slurm.settings import Settings as SlurmSettings

    try:
        return SlurmSettings.model_validate(settings.slurm)
    except ValidationError as error:
        raise sentence(SlurmSettings, "[slurm]", error.errors()[0]) from None


def _slurm(settings: Settings, folder: Path, alive: Iterable[JobSeen]) -> Opened:
    from headrace.live.engines.slurm.engine import SlurmEngine

    own = slurm_settings(settings)
    file = fleet_file(settings, folder)
    fleet = read_fleet(file) if file.exists() else None
    engine = SlurmEngine(own, alive)
    return Opened("slurm", engine, fleet, engine.wait, engine.bell.ring, engine.close)


def refuse_absent_fleet(settings: Settings, folder: Path) -> None:
    """Raises InputError where the local engine has no fleet file, which says what a machine is made of."""
    file = fleet_file(settings, folder)
    if settings.engine == "local" and not file.exists():
        raise InputError(str(file), "is not there", "it says which chips this machine has; a draft stands above")
