"""Estimates of inference as JSON: keys that stay, units in their names, every value with its interval."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from headrace.estimate.inference import BUSY, Estimate, Unfit
from headrace.report.estimate.asked import NO_LIMIT
from headrace.report.estimate.origins import fact_json, rests_of, rows_json
from headrace.report.estimate.rows import NEARNESS
from headrace.report.estimate.spans import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headrace.catalog.facts import Fact
    from headrace.report.estimate.asked import Answer, Asked
    from headrace.report.estimate.tariff import Hourly

Figures = dict[str, Any]
INTERVAL = 0.9


def estimates_dict(asked: Asked, found: Sequence[Answer], pue: Fact, with_sources: bool) -> Figures:
    """What was asked, an entry a kind in order, and with `with_sources` the rows behind them."""
    told = {
        "model": asked.shape.name,
        "precision": asked.precision,
        "kv_bytes_per_value": asked.kv_byte,
        "input_tokens": asked.input,
        "output_tokens": asked.output,
        "batch_requests": asked.batch or None,
        "rate_requests_per_s": asked.rate or None,
        "ttft_limit_s": _limit(asked.ttft),
        "tpot_limit_s": _limit(asked.tpot),
        "untold": list(asked.untold),
    }
    terms = {"interval": INTERVAL, "busy_share_of_rated_power": BUSY, "pue": fact_json(pue)}
    kinds = {"kinds": [_answer(one, asked, float(pue.number or 0)) for one in found]}
    return {"asked": told} | terms | kinds | ({"sources": rows_json(rests_of(found), pue)} if with_sources else {})


def _limit(seconds: float) -> float | None:
    return seconds if seconds < NO_LIMIT else None


def _answer(one: Answer, asked: Asked, pue: float) -> Figures:
    question, found = one.question, one.found
    stack = {"engine": question.engine, "generation": question.generation, "generation_told": bool(asked.generation)}
    place = {"kind": one.kind, "chips": question.plan.chips, "plan": dict(vars(question.plan))} | stack
    if isinstance(found, Unfit):
        return place | {
            "fits": False,
            "fewest_chips": one.fewest,
            "needed_gb_per_chip": found.needed / 1e9,
            "there_gb_per_chip": found.there / 1e9,
        }
    return place | _estimate(found) | _load(one, asked) | _limited(one, asked) | _money(one, found, pue)


def _estimate(found: Estimate) -> Figures:
    whole = sum(found.limits.values())
    return {
        "fits": True,
        "needed_gb_per_chip": found.weights / 1e9,
        "there_gb_per_chip": (found.weights + found.room) / 1e9,
        "ttft_s": plain(found.ttft),
        "tpot_s": plain(found.tpot),
        "prefill_tokens_per_s_per_chip": plain(found.prefill),
        "decode_tokens_per_s_per_chip": plain(found.decode),
        "largest_batch_requests": found.largest_batch,
        "running_requests": found.running,
        "limited_by": found.limit,
        "limit_shares": {name: seconds / whole for name, seconds in found.limits.items()},
        "nearest_measured": NEARNESS[found.depth],
    }


def _load(one: Answer, asked: Asked) -> Figures:
    if not asked.rate:
        return {}
    if one.arrived is None:
        return {"keeps_up": False, "most_requests_per_s": one.most_requests}
    return {"keeps_up": True, "wait_in_line_s": one.arrived.wait, "prefill_busy_share": one.arrived.utilisation}


def _limited(one: Answer, asked: Asked) -> Figures:
    if not asked.limited:
        return {}
    kept = one.kept
    rate = None if kept is None else plain(kept.decode)
    return {"batch_within_limits_requests": kept and kept.running, "decode_within_limits_tokens_per_s_per_chip": rate}


def _money(one: Answer, found: Estimate, pue: float) -> Figures:
    energy = plain(found.energy_per_million(pue)) if found.power else None
    money = None if one.hour is None else plain(found.money_per_million(one.hour.amount))
    return {"cost": cost_dict(one.hour), "money_per_million_tokens": money, "kwh_per_million_tokens": energy}


def cost_dict(hour: Hourly | None) -> Figures | None:
    """An hour of a chip: amount, currency, and whether it was told or is a median of the catalogue."""
    if hour is None:
        return None
    return {
        "per_chip_hour": hour.amount,
        "currency": hour.currency,
        "from": "told" if hour.market is None else "catalogue",
        "region": hour.market and hour.market.region,
    }
