"""The overlay `mismatch` in words: how much of the work is known, how much of it would suit other kinds, and who."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headrace.explain.mismatch import summed
from headrace.explain.rated import GROUNDS
from headrace.report.findings import behind
from headrace.report.names import plain
from headrace.report.quantities import hours, hours_scale, money_scale, percent, ratio
from headrace.report.tables.mismatch import interval, summed_of

if TYPE_CHECKING:
    from headrace.explain.mismatch import Mismatch
    from headrace.report.words import Words


def answer(overlay: Mismatch, words: Words) -> str:
    """How much of the allocated time is of known workloads, and what it would have taken on the kinds that suit it."""
    known = words(
        "mismatch.known",
        jobs=f"{overlay.known.jobs:,}",
        hours=hours(overlay.known.chip_time),
        share=percent(ratio(overlay.known.chip_time, overlay.allocated)),
    )
    return words("mismatch.answer", known=known, rest=_rest(overlay, words))


def who(overlay: Mismatch, words: Words, most: int) -> list[str]:
    """Who is behind the first `most` pairs of kinds that do not match, a line each."""
    return [
        words(
            "mismatch.pair",
            ran_on=plain(pair.ran_on),
            suits=plain(pair.suits),
            who=behind(pair.tenants, pair.names, pair.held.had, words),
        )
        for pair in overlay.amiss[:most]
    ]


def notes(overlay: Mismatch, words: Words) -> list[str]:
    """What was left out, what the figures rest on, and what they do not ask."""
    lines = _grounds(overlay, words) if overlay.pairs else []
    for key in ("unknown", "unrated"):
        count = getattr(overlay, key)
        if count.jobs:
            lines.append(words(f"mismatch.{key}", jobs=f"{count.jobs:,}", hours=hours(count.chip_time)))
    return lines


def _grounds(overlay: Mismatch, words: Words) -> list[str]:
    """What the speeds were measured on, and by what the kinds were compared."""
    grounds = {ground: f"{overlay.grounds.get(ground, 0):,}" for ground in GROUNDS}
    return [
        words("mismatch.rests_on", count=f"{sum(overlay.grounds.values()):,}", **grounds),
        words("mismatch.priced" if overlay.currency else "mismatch.unpriced"),
    ]


def _rest(overlay: Mismatch, words: Words) -> str:
    if not overlay.pairs:
        return words("mismatch.nothing")
    by = words("mismatch.by.money" if overlay.currency else "mismatch.by.chip")
    if not overlay.amiss:
        return words("mismatch.suited", by=by)
    of, certain = summed_of(overlay.amiss), summed_of(pair for pair in overlay.amiss if pair.certain)
    scale = hours_scale(of.had)
    held, taken, sure = (scale.column([each])[0] for each in (of.had, of.taken, certain.had))
    said = words("mismatch.elsewhere", by=by, held=held, taken=taken, interval=interval(of, scale, words))
    return said + _money(overlay, words) + (words("mismatch.certain", certain=sure) if certain.had else "")


def _money(overlay: Mismatch, words: Words) -> str:
    if not overlay.currency:
        return ""
    money = summed(pair.money for pair in overlay.amiss if pair.money is not None)
    scale = money_scale(money.had)
    paid, cost = (scale.column([each])[0] for each in (money.had, money.taken))
    unit = plain(overlay.currency)
    return words("mismatch.money", paid=paid, cost=cost, currency=unit, interval=interval(money, scale, words))
