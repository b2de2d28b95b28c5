"""job.toml: one job, to rank the kinds of chips for.

model = "Qwen3-32B"            # or: config = "config.json", a path relative to this file
phase = "serve"                # serve | prefill | decode | train
requests = 1_000_000           # or: tokens = ..., out of serving and decoding, into prefill, all in training
input = 2048                   # tokens of a prompt, or of a sequence in training
output = 512
precision = "fp8"              # optional, as all that follows
kinds = ["H20", "H100"]        # every kind of which enough is known otherwise
engine = "vllm"
version = "0.11"
currency = "CNY"               # of the costs

[chips]                        # how many of each kind are there; time is chip-hours otherwise
H20 = 64
[limits]
ttft_ms = 2000
tpot_ms = 50
[cost_per_chip_hour]           # the catalogue's median rent otherwise
H20 = 6.7
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import BaseModel, Field, ValidationError

from headrace.catalog.money import HOME
from headrace.cli.calibrations import known
from headrace.cli.model_file import format_of, format_to_train, shape_of, shape_of_file
from headrace.errors import CallError, InputError
from headrace.estimate.engines import generation
from headrace.estimate.fit import NO_LIMIT, Job, Phase
from headrace.estimate.known import chip, chips
from headrace.estimate.precision import usual_cache
from headrace.history.toml_file import AS_WRITTEN, Number, Text, read_toml, refused
from headrace.report.estimate.tariff import Hourly, hourly

if TYPE_CHECKING:
    from pathlib import Path

    from pydantic_core import ErrorDetails

    from headrace.estimate.chip import Chip
    from headrace.estimate.model import Shape

MOST_MIB: Final = 1
ENGINES: Final = {"train": "megatron"}
"""The usual engine of a phase; vllm of the others."""
MILLI: Final = 1e-3

Name = Annotated[Text, Field(min_length=1)]
Tokens = Annotated[int, Field(ge=1, le=10**7)]
Work = Annotated[int, Field(ge=1, le=10**18)]
Positive = Annotated[Number, Field(gt=0)]


class LimitsTable(BaseModel):
    """[limits] as written."""

    model_config = AS_WRITTEN

    ttft_ms: Positive | None = None
    tpot_ms: Positive | None = None


class JobTable(BaseModel):
    """job.toml as written."""

    model_config = AS_WRITTEN

    model: Name | None = None
    config: Name | None = None
    phase: Phase
    requests: Work | None = None
    tokens: Work | None = None
    input: Tokens = 1024
    output: Tokens = 1024
    precision: Name | None = None
    kinds: list[Name] = []
    engine: Name | None = None
    version: Name | None = None
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] = HOME
    chips: dict[Name, Annotated[int, Field(ge=1, le=2**17)]] = {}
    limits: LimitsTable = LimitsTable()
    cost_per_chip_hour: dict[Name, Positive] = {}


KEYS: Final = tuple(JobTable.model_fields)


@dataclass(frozen=True)
class Sheet:
    """A job file, understood: the job, the kinds to rank, and what an hour of each costs, in one currency."""

    job: Job
    kinds: tuple[Chip, ...]
    hours: dict[str, Hourly | None]


def read_job(path: Path) -> Sheet:
    """The job in a job.toml. Raises InputError with the place, such as `job.toml: phase`."""
    try:
        table = JobTable.model_validate(read_toml(path, "a job file", MOST_MIB, "a job file has a few lines"))
    except ValidationError as error:
        raise _sentence(path, error.errors()[0]) from None
    try:
        return _sheet(path, table)
    except CallError as error:
        raise InputError(str(path), str(error)) from error


def _sheet(path: Path, table: JobTable) -> Sheet:
    kinds = _kinds(table)
    there = {chip(name).name: count for name, count in table.chips.items()}
    told = {chip(name).name: Hourly(float(cost), table.currency) for name, cost in table.cost_per_chip_hour.items()}
    hours = {kind.name: _hour(kind.name, told, table.currency) for kind in kinds}
    return Sheet(_job(path, table, there), kinds, hours)


def _kinds(table: JobTable) -> tuple[Chip, ...]:
    """Those named; else those that are there; else every kind of which enough is known."""
    named = table.kinds or list(table.chips)
    return tuple({one.name: one for one in map(chip, named)}.values()) if named else tuple(chips().values())


def _hour(kind: str, told: dict[str, Hourly], currency: str) -> Hourly | None:
    """The catalogue's rents are in CNY: beside costs in another currency they are left out rather than mixed in."""
    found = hourly(kind, told)
    return found if found is None or found.currency == currency else None


def _job(path: Path, table: JobTable, there: dict[str, int]) -> Job:
    shape, named = _model(path, table)
    read = format_to_train if table.phase == "train" else format_of
    form, _ = read(shape, table.precision or "", named)
    engine = (table.engine or ENGINES.get(table.phase, "vllm")).lower()
    limits = (table.limits.ttft_ms, table.limits.tpot_ms)
    ttft, tpot = (NO_LIMIT if limit is None else float(limit) * MILLI for limit in limits)
    return Job(
        shape=shape,
        phase=table.phase,
        precision=form,
        tokens=_work(path, table),
        input=float(table.input),
        output=float(table.output),
        there=there,
        ttft=ttft,
        tpot=tpot,
        kv_byte=usual_cache(engine, form),
        engine=engine,
        generation=generation(table.version) if table.version else "",
        calibration=known(),
    )


def _model(path: Path, table: JobTable) -> tuple[Shape, str]:
    if (table.model is None) is (table.config is None):
        raise InputError(f"{path}: model", "is told twice" if table.model else "is missing", "give `model` or `config`")
    if table.config is not None:
        return shape_of_file(path.parent / table.config), table.config
    return shape_of(table.model or ""), table.model or ""


def _work(path: Path, table: JobTable) -> float:
    """Tokens: out of serving and decoding, into prefill, all in training."""
    if (table.requests is None) is (table.tokens is None):
        what = "is told twice" if table.tokens else "is missing"
        raise InputError(f"{path}: requests", what, "give `requests` or `tokens`")
    if table.tokens is not None:
        return float(table.tokens)
    each = table.output if table.phase in ("serve", "decode") else table.input
    return float(table.requests or 0) * each


def _sentence(path: Path, error: ErrorDetails) -> InputError:
    where = f"{path}: {'.'.join(map(str, error['loc']))}"
    if error["type"] == "missing":
        return InputError(where, "is missing", "a job needs a model, a phase and its requests or tokens")
    if error["type"] == "extra_forbidden":
        table = LimitsTable if len(error["loc"]) > 1 else JobTable
        return InputError(where, "is no key of a job file", f"possible here are {', '.join(table.model_fields)}")
    return refused(where, error)
