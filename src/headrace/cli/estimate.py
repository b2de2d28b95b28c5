"""`headrace estimate`: how fast a model runs on chips, what limits it, and what a million tokens cost."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.table import Table

from headrace.cli.inputs import console
from headrace.errors import CallError, CheckFailedError, InputError
from headrace.estimate.config import shape_of_config
from headrace.estimate.inference import Unfit, estimate
from headrace.estimate.known import chip, model
from headrace.estimate.measured import cache_bytes
from headrace.estimate.operators import Plan
from headrace.estimate.precision import precision
from headrace.estimate.question import Question
from headrace.estimate.search import Wanted, search

if TYPE_CHECKING:
    from headrace.estimate.inference import Estimate
    from headrace.estimate.interval import Value
    from headrace.estimate.model import Shape
    from headrace.estimate.search import Choice


ONE: Final = Plan()


@dataclass(frozen=True)
class Call:
    """What is asked on the command line. `kinds` are names or, for a search, name=count; seconds, tokens."""

    model: str
    kinds: tuple[str, ...]
    precision: str = ""
    plan: Plan = ONE
    input: float = 1024.0
    output: float = 1024.0
    asked: float = 0.0
    engine: str = "vllm"
    generation: str = ""
    ttft: float = float("inf")
    tpot: float = float("inf")
    chip_hour: float | None = None

    def shape(self) -> Shape:
        """The model, by name or from its `config.json`."""
        path = Path(self.model)
        return (
            shape_of_config(path.parent.name or path.stem, _read(path)) if path.suffix == ".json" else model(self.model)
        )

    def format(self, shape: Shape) -> str:
        """The precision asked for; without one the model's own, 8-bit blocks or 16 bits."""
        asked = self.precision or ("fp8_block" if shape.block_fp8 else "bf16")
        return precision("fp8_block" if asked == "fp8" and shape.block_fp8 else asked).name


def _read(path: Path) -> dict[str, object]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ValueError) as wrong:
        raise InputError(str(path), f"cannot be read ({wrong})", "a model's config.json") from None
    if not isinstance(found, dict):
        raise InputError(str(path), "is not an object", "a model's config.json")
    return found


def run(call: Call, as_json: bool) -> None:
    """Print the estimate on each kind. Raises CheckFailedError where it fits none of them."""
    shape = call.shape()
    form = call.format(shape)
    found = {name: estimate(_question(call, shape, name, form)) for name in call.kinds}
    if as_json:
        print(json.dumps({name: _plain(one, call) for name, one in found.items()}, indent=2))  # noqa: T201
    else:
        _print(found, call)
    if all(isinstance(one, Unfit) for one in found.values()):
        raise CheckFailedError(f"{shape.name} in {form} fits none of: {', '.join(found)}")


def _question(call: Call, shape: Shape, kind: str, form: str) -> Question:
    on = chip(kind)
    kv_byte = cache_bytes(call.engine, form, on)
    load = (call.input, call.output, call.asked, kv_byte)
    return Question(shape, on, call.plan, form, *load, call.engine, call.generation)


def _print(found: dict[str, Estimate | Unfit], call: Call) -> None:
    table = Table("", *found)
    rows = {name: _rows(one, call) for name, one in found.items()}
    for label in dict.fromkeys(label for each in rows.values() for label in each):
        table.add_row(label, *(rows[name].get(label, "") for name in found))
    console().print(table)


def _rows(one: Estimate | Unfit, call: Call) -> dict[str, str]:
    if isinstance(one, Unfit):
        return {
            "fits": f"no: weights need {one.needed / 1e9:.1f} GB a chip, {max(one.there, 0) / 1e9:.1f} GB are there"
        }
    rows = {
        "fits": f"yes: {one.weights / 1e9:.1f} GB of weights a chip, {one.room / 1e9:.1f} GB for the cache",
        "largest batch": f"{one.largest_batch:.0f}",
        "running": f"{one.running:.0f}",
        "TTFT, s": _span(one.ttft),
        "TPOT, ms": _span(one.tpot, 1e3),
        "prefill, tokens/s a chip": _span(one.prefill),
        "decode, tokens/s a chip": _span(one.decode),
        "limited by": one.limit,
        "kWh a million tokens": _span(one.energy_per_million),
    }
    if call.chip_hour is not None:
        rows["money a million tokens"] = _span(one.money_per_million(call.chip_hour))
    if call.ttft < float("inf") or call.tpot < float("inf"):
        rows["keeps the limits"] = "yes" if one.meets(call.ttft, call.tpot) else "no"
    return rows


def _span(value: Value, scale: float = 1.0) -> str:
    return f"{value.value * scale:.3g} ({value.low * scale:.3g} to {value.high * scale:.3g})"


def _plain(one: Estimate | Unfit, call: Call) -> dict[str, object]:
    if isinstance(one, Unfit):
        return {"fits": False, "needed_bytes": one.needed, "there_bytes": one.there}
    values = {"tpot_s": one.tpot, "ttft_s": one.ttft, "kwh_per_million": one.energy_per_million}
    values |= {"decode_tokens_per_s_per_chip": one.decode, "prefill_tokens_per_s_per_chip": one.prefill}
    if call.chip_hour is not None:
        values["money_per_million"] = one.money_per_million(call.chip_hour)
    return {
        "fits": True,
        "largest_batch": one.largest_batch,
        "running": one.running,
        "limit": one.limit,
        "chips": one.chips,
    } | {name: vars(value) for name, value in values.items()}


def run_search(call: Call, as_json: bool) -> None:
    """Print the best plans on the chips given as name=count. Raises CheckFailedError where none keeps the limits."""
    shape = call.shape()
    counts = dict(_counted(kind) for kind in call.kinds)
    kinds = [chip(name) for name in counts]
    chips = {kind.name: count for kind, count in zip(kinds, counts.values(), strict=True)}
    form = call.format(shape)
    wanted = Wanted(shape, form, call.input, call.output, call.ttft, call.tpot, call.engine, call.generation)
    found = search(wanted, kinds, chips)
    if not found:
        raise CheckFailedError(
            f"no plan of {shape.name} in {form} fits and keeps the limits on {', '.join(call.kinds)}"
        )
    if as_json:
        print(json.dumps([_chosen(choice) for choice in found], indent=2))  # noqa: T201
        return
    table = Table("chips", "plan", "requests/s", "tokens/s a chip", "TTFT, s", "TPOT, ms", "batch")
    for choice in found:
        rates = (f"{choice.requests:.2f}", f"{choice.per_chip:.0f}", f"{choice.ttft:.2f}", f"{choice.tpot * 1e3:.1f}")
        table.add_row(_where(choice), _cut(choice), *rates, f"{choice.batch:.0f}")
    console().print(table)


def _counted(text: str) -> tuple[str, int]:
    name, _, count = text.rpartition("=")
    if not name or not count.isdigit() or int(count) < 1:
        raise CallError(f"--search asks for kinds with their number, such as H20=32, not {text!r}")
    return name, int(count)


def _where(choice: Choice) -> str:
    parts = zip(choice.replicas, choice.plans, choice.kinds, strict=True)
    return " + ".join(f"{count} x {plan.chips} {kind}" for count, plan, kind in parts)


def _cut(choice: Choice) -> str:
    return " + ".join(f"tp{plan.tp} pp{plan.pp} ep{plan.ep} dp{plan.dp}" for plan in choice.plans)


def _chosen(choice: Choice) -> dict[str, object]:
    plans = [vars(plan) for plan in choice.plans]
    return vars(choice) | {"plans": plans}
