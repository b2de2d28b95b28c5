"""Weighted fair sharing between tenants: who has used least, for its weight, goes first.

Usage is chip-time, and loses half its weight every HALF_LIFE, as in Slurm's multifactor priority: the past is forgiven.
It is settled in integers, and decays by one multiplication an hour, so that the order is the same on every machine.
"""

from __future__ import annotations

from numba import njit

from headrace.units import DAY_MS, HOUR_MS
from headrace.world.state import State

HALF_LIFE = 7 * DAY_MS
STEP = HOUR_MS
FRACTION_BITS = 16
KEEP = round(2 ** (-STEP / HALF_LIFE) * 2**FRACTION_BITS)
"""What is left of usage after a step, in 1/65536."""


@njit(cache=True)
def key(submit: int, left: int, milli: int, attained: int) -> int:
    return submit


@njit(cache=True)
def settle(state: State, t: int, now: int) -> None:
    """Add what tenant `t` has used since it was last settled."""
    tenant = state.tenants[t]
    while tenant.settled < now:
        until = min(now, (tenant.settled // STEP + 1) * STEP)
        tenant.usage += tenant.held * (until - tenant.settled)
        if until % STEP == 0:
            high, low = tenant.usage >> FRACTION_BITS, tenant.usage & ((1 << FRACTION_BITS) - 1)
            tenant.usage = high * KEEP + ((low * KEEP) >> FRACTION_BITS)
        tenant.settled = until


@njit(cache=True)
def set_keys(state: State, now: int) -> None:
    """Set each tenant's `key`: its usage for its weight at `now`, in milli-chip-ms a thousandth of weight."""
    for t in range(len(state.tenants)):
        settle(state, t, now)
        state.tenants[t].key = state.tenants[t].usage // state.tenants[t].weight
