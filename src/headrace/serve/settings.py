"""headrace.toml: which engine, which store, which policy, and where to listen. Everything has a default.

    engine = "local"                 # or "slurm"
    fleet = "fleet.toml"             # local: what this machine has; slurm: quotas and prices alone
    store = "sqlite:////var/lib/headrace/headrace.db"
    policy = "fair+easy/fgd"         # or a table: order, backfill, place, seed
    listen = "127.0.0.1:8470"
    [tls]
    cert = "/etc/headrace/cert.pem"
    key = "/etc/headrace/key.pem"

Relative paths begin at the folder of the file.
"""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from pydantic import BaseModel, Field, ValidationError, field_validator

from headrace.errors import CallError, InputError
from headrace.history.toml_file import AS_WRITTEN, EXACT, Text, read_toml, refused
from headrace.policy.policy import Policy, parse

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

FILE: Final = "headrace.toml"
MOST_MIB: Final = 1
RIGHT: Final = "settings are a few lines"
Seconds = Annotated[Decimal, EXACT, Field(ge=0, le=10**7, decimal_places=3)]
Interval = Annotated[Decimal, EXACT, Field(gt=0, le=3600, decimal_places=3)]
Long = Annotated[str, Field(max_length=4000, pattern=r"^[^\x00-\x1f\x7f]*$")]


class _Table(BaseModel):
    model_config = AS_WRITTEN


class PolicyTable(_Table):
    """`[policy]`: the parts of a policy, as in `order+backfill/place`."""

    order: Text = "fair"
    backfill: Text = "easy"
    place: Text = "fgd"
    seed: Annotated[int, Field(ge=0)] = 0


class TlsTable(_Table):
    """`[tls]`: a certificate with its chain, and its key, as PEM files."""

    cert: Long
    key: Long


class WatchdogTable(_Table):
    """`[watchdog]`: the file that is renewed with the lease, and the age at which `headrace watchdog` acts."""

    lease: Annotated[str, Field(min_length=1, max_length=4000)]
    minutes: Annotated[Decimal, EXACT, Field(gt=0, le=10**6)] = Decimal(5)


class LocalTable(_Table):
    """`[local]`: how this machine runs jobs. `state` is where it keeps them; the others are those of local.Settings."""

    state: Long = ""
    variable: Text = ""
    devices: list[Text] = []
    grace_s: Seconds = Decimal(30)
    checkpoint_signal: Text = "SIGTERM"
    checkpoint_grace_s: Seconds = Decimal(60)
    lost_again: Annotated[int, Field(ge=0, le=1000)] = 3
    keep_jobs: Annotated[int, Field(ge=1, le=10**7)] = 10_000
    output_mib: Annotated[int, Field(ge=1, le=10**6)] = 64
    nice: Annotated[int, Field(ge=0, le=19)] = 0
    limit_memory: bool = False


class Settings(_Table):
    """The whole of headrace.toml; what is "" is found in the user's data folder."""

    engine: Literal["local", "slurm"] = "local"
    fleet: Long = "fleet.toml"
    store: Long = ""
    audit_key: Long = ""
    policy: PolicyTable = PolicyTable()
    interval_s: Interval = Decimal(1)
    lease_s: Annotated[Decimal, EXACT, Field(ge=1, le=3600, decimal_places=3)] = Decimal(30)
    keep_days: Annotated[int, Field(ge=1, le=36_500)] = 90
    shadow: bool = False
    listen: Text = "127.0.0.1:8470"
    behind_proxy: bool = False
    hosts: list[Text] = []
    tls: TlsTable | None = None
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    local: LocalTable = LocalTable()
    slurm: dict[str, Any] = {}
    watchdog: WatchdogTable | None = None

    @field_validator("policy", mode="before")
    @classmethod
    def _shorthand(cls, value: object) -> object:
        """`"fair+easy/fgd"` as its parts."""
        if not isinstance(value, str):
            return value
        parts = parse(value)
        return {"order": parts.order, "backfill": parts.backfill, "place": parts.place}


def read_settings(path: Path | None) -> tuple[Settings, Path]:
    """The settings in `path`, or in ./headrace.toml where there is one; and the folder at which their paths begin.

    Raises InputError with the place, such as `headrace.toml: [tls], cert`.
    """
    chosen = path or (Path(FILE) if Path(FILE).exists() else None)
    if chosen is None:
        return Settings(), Path.cwd()
    table = read_toml(chosen, "headrace.toml", MOST_MIB, RIGHT)
    return checked(Settings, table, str(chosen)), chosen.absolute().parent


def checked(model: type[Settings], table: dict[str, Any], where: str) -> Settings:
    """`table` as settings. Raises InputError that begins with `where` and names the key."""
    try:
        return model.model_validate(table)
    except CallError as error:
        raise InputError(f"{where}: policy", str(error)) from None
    except ValidationError as error:
        raise sentence(model, where, error.errors()[0]) from None


def sentence(model: type[BaseModel], where: str, error: ErrorDetails) -> InputError:
    """What `error` says of a key of `model`."""
    loc, kind = error["loc"], error["type"]
    place = f"{where}: {_place(loc)}"
    if kind == "missing":
        return InputError(place, "is missing", "a table that is begun has all that it needs")
    if kind == "extra_forbidden":
        possible = ", ".join(_table_at(model, loc[:-1]).model_fields)
        return InputError(place, "is no key here", f"possible are {possible}")
    if kind in ("model_type", "model_attributes_type"):
        return InputError(place, "is not a table", f"write [{loc[0]}] and its keys under it")
    return refused(place, error)


def _place(loc: tuple[int | str, ...]) -> str:
    """("tls", "cert") -> "[tls], cert"."""
    words = [str(part)[:60] for part in loc]
    return ", ".join([f"[{words[0]}]", *words[1:]]) if len(words) > 1 else "".join(words) or "the file"


def _table_at(model: type[BaseModel], loc: tuple[int | str, ...]) -> type[BaseModel]:
    tables: dict[str, type[BaseModel]] = {
        "policy": PolicyTable,
        "tls": TlsTable,
        "local": LocalTable,
        "watchdog": WatchdogTable,
    }
    return tables.get(str(loc[0]), model) if loc else model


def policy(settings: Settings) -> Policy:
    """The policy that rounds follow. Raises InputError where a part of it does not exist."""
    parts = settings.policy
    try:
        return Policy(parts.order, parts.backfill, parts.place, parts.seed)
    except CallError as error:
        raise InputError("policy", str(error)) from None


def data_folder() -> Path:
    """Where what belongs to the user is kept: $XDG_DATA_HOME/headrace, or ~/.local/share/headrace."""
    home = os.environ.get("XDG_DATA_HOME", "")
    return (Path(home) if os.path.isabs(home) else Path.home() / ".local" / "share") / "headrace"


def store_url(settings: Settings) -> str:
    """The store's URL."""
    return settings.store or f"sqlite:///{data_folder() / 'headrace.db'}"


def within(folder: Path, name: str, default: str) -> Path:
    """The path `name`, from `folder` on; `default` in the user's data folder where it is empty."""
    return folder / name if name else data_folder() / default
