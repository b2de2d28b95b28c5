"""The replay beside queueing theory: waits it must estimate, and laws that hold to the last millisecond."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.gates.theory import (
    SERVICES,
    alike_tenants,
    apart,
    busy_periods,
    chip_levels,
    drawn,
    erlang_c,
    level,
    little,
    many_nodes,
    mean_wait,
    one_node,
    recursion,
    saturated_until,
    wait_mg1,
    wait_mmc,
    waits,
)

from headrace.policy.policy import parse
from headrace.replay.replay import replay
from headrace.units import HOUR_MS, SECOND_MS
from headrace.world.record import Outcome

if TYPE_CHECKING:
    from headrace.world.fleet import Fleet

JOBS, WARM_UP = 32_000, 2_000
TIGHT = 0.1
"""An interval wider than this, relative to the theory, would not tell one theory from another."""
LITTLE = 1e-9
FIFO, FAIR = parse("fifo/first"), parse("fair/first")
FLEETS = {"one node": one_node, "a node a chip": many_nodes}
TENANTS = 4
QUEUES = [(1, 0.7, "hyperexponential"), (1, 0.9, "constant"), (4, 0.8, "exponential"), (4, 1.5, "lognormal")]
"""Chips, load, service: three that keep up, and one that does not."""


@pytest.mark.gate
def test_the_formulas_give_the_cases_that_have_a_closed_form() -> None:
    """C(1, ρ) = ρ; C(2, ρ) = 2ρ² / (1 + ρ); and M/M/1 is both an M/M/c and an M/G/1."""
    for load in (0.1, 0.5, 0.9):
        print(f"load {load:.1f}: C(2) {erlang_c(2, load):.6f}, closed form {2 * load**2 / (1 + load):.6f}")
        assert erlang_c(1, load) == pytest.approx(load, rel=1e-12)
        assert erlang_c(2, load) == pytest.approx(2 * load**2 / (1 + load), rel=1e-12)
        assert wait_mmc(1, load) == pytest.approx(wait_mg1(load, scv=1), rel=1e-12)


@pytest.mark.gate
@pytest.mark.parametrize("service", SERVICES)
def test_services_have_the_mean_and_the_variation_that_they_say(service: str) -> None:
    law = SERVICES[service]
    times = law.draw(np.random.default_rng(0), 4_000_000)
    print(f"{service:16} mean {times.mean():.4f}, said 1; scv {times.var():.4f}, said {law.scv}")
    assert times.mean() == pytest.approx(1, abs=0.005)
    assert times.var() == pytest.approx(law.scv, abs=0.05)


@pytest.mark.gate
@pytest.mark.parametrize(("chips", "load"), [(1, 0.7), (2, 0.8), (4, 0.8), (8, 0.8), (16, 0.8)])
def test_waits_are_those_of_erlang(chips: int, load: float) -> None:
    """M/M/c on one node of c chips; that c nodes of one chip are the same queue is a test of its own."""
    _meets(f"M/M/{chips}", one_node(chips), load, "exponential", wait_mmc(chips, load))


@pytest.mark.gate
@pytest.mark.parametrize("load", [0.5, 0.8, 0.9])
def test_waits_for_constant_service_are_half_of_those_for_exponential(load: float) -> None:
    """M/D/1: Pollaczek-Khinchine without variation."""
    _meets("M/D/1", one_node(1), load, "constant", wait_mg1(load, scv=0))


@pytest.mark.gate
@pytest.mark.parametrize("load", [0.5, 0.7])
@pytest.mark.parametrize("service", ["lognormal", "hyperexponential"])
def test_waits_are_those_of_pollaczek_and_khinchine(service: str, load: float) -> None:
    """M/G/1: the wait grows with the variation of the service times, not with their mean alone."""
    _meets(f"M/G/1 {service}", one_node(1), load, service, wait_mg1(load, SERVICES[service].scv))


def _meets(queue: str, fleet: Fleet, load: float, service: str, theory: float) -> None:
    ours = mean_wait(fleet, load, service, JOBS, WARM_UP)
    print(
        f"{queue:22} load {load:.1f}: mean wait {ours.mean:.4f} ± {ours.half:.4f} services (99 %), theory "
        f"{theory:.4f}, apart {ours.mean / theory - 1:+.2%}"
    )
    assert ours.half <= TIGHT * theory
    assert abs(ours.mean - theory) <= ours.half


@pytest.mark.gate
@pytest.mark.parametrize("nodes", FLEETS)
@pytest.mark.parametrize(("chips", "load", "service"), QUEUES)
def test_every_wait_is_that_of_the_recursion(chips: int, load: float, service: str, nodes: str) -> None:
    """Kiefer and Wolfowitz's recursion knows nothing of nodes, so one node of c chips is c nodes of one chip."""
    workload = drawn(chips, load, service, JOBS, seed=0)
    ours = waits(replay(FLEETS[nodes](chips), workload, FIFO))
    count = int((ours != recursion(workload, chips)).sum())
    print(f"{chips} chips, {nodes:13} load {load:.1f}, {service:16} waits that differ from the recursion: {count}")
    assert count == 0


@pytest.mark.gate
@pytest.mark.parametrize(("chips", "load", "service"), QUEUES)
def test_there_are_as_many_in_the_system_as_little_says(chips: int, load: float, service: str) -> None:
    """L = λW of the jobs in the system, of those that wait, and of those on chips; in each busy period exactly."""
    workload = drawn(chips, load, service, JOBS, seed=0)
    runs = replay(one_node(chips), workload, FIFO)
    assert sorted(runs.job) == list(range(JOBS))
    assert set(runs.outcome) == {Outcome.COMPLETED}
    submit = workload.submit[runs.job]
    for what, enter, leave in (("system", submit, runs.end), ("queue", submit, runs.start)):
        number, rate, stay = little(enter, leave)
        print(
            f"{chips} chips, load {load:.1f}, {service:16} {what:6} L {number:10.4f}, λW {rate * stay:10.4f}, apart "
            f"{abs(number / (rate * stay) - 1):.0e}"
        )
        assert abs(number - rate * stay) <= LITTLE * number
    periods = busy_periods(submit, runs.end)
    unequal = sum(area != stays for _, area, stays in periods)
    held, work = sum(chip.area for chip in chip_levels(runs).values()), int(workload.work.sum())
    print(f"{len(periods)} busy periods, unequal {unequal}; chips held for {held} ms, work {work} ms")
    assert sum(jobs for jobs, _, _ in periods) == JOBS
    assert unequal == 0
    assert held == work


@pytest.mark.gate
@pytest.mark.parametrize("nodes", FLEETS)
@pytest.mark.parametrize(("chips", "load", "service"), QUEUES)
def test_utilisation_is_never_above_one(chips: int, load: float, service: str, nodes: str) -> None:
    """No chip ever holds two jobs; and none is free while a job waits, so that utilisation is one just then."""
    workload = drawn(chips, load, service, JOBS, seed=0)
    runs = replay(FLEETS[nodes](chips), workload, FIFO)
    each = chip_levels(runs)
    waiting, running = level(runs.queued, runs.start), level(runs.start, runs.end)
    used = running.area / (chips * running.span)
    highest = max(int(chip.many.max()) for chip in each.values())
    print(
        f"{chips} chips, {nodes:13} {service:16} utilisation {used:.4f}, offered {load:.1f}; most jobs ever on a chip "
        f"{highest}"
    )
    assert len(each) == chips
    assert highest == 1
    assert used <= 1
    assert int(running.many.max()) == chips
    instants = waiting.time[waiting.many > 0]
    assert len(instants) > JOBS / 10
    assert (running.at(instants) == chips).all()


@pytest.mark.gate
@pytest.mark.parametrize("chips", [1, 4, 8])
def test_identical_tenants_hold_the_same_up_to_a_job(chips: int) -> None:
    """Tenants with the same jobs, each in its own order, and the first tenant's numbered first.

    Who has used least goes first, so a tenant that starts a job is behind nobody; what it gains before it is in turn
    again is what its running jobs hold: never more than the longest job on every chip, and on one chip one job. All
    of it is within the first hour, before usage decays.
    """
    chance = np.random.default_rng(0)
    work = np.ceil(chance.exponential(5 * SECOND_MS, 80 * chips)).astype(np.int64)
    workload = alike_tenants([chance.permutation(work) for _ in range(TENANTS)], interleaved=False)
    runs, longest = replay(one_node(chips), workload, FAIR), int(work.max())
    until = saturated_until(workload, runs)
    assert until < HOUR_MS
    most, last = apart(workload, runs, until)
    without, _ = apart(workload, fifo := replay(one_node(chips), workload, FIFO), saturated_until(workload, fifo))
    print(
        f"{chips} chips, {until / SECOND_MS:.0f} s: chip-seconds between most and least, at the end "
        f"{last / SECOND_MS:.1f}, at most {most / SECOND_MS:.1f}; the longest job {longest / SECOND_MS:.1f}; "
        f"first come first served {without / SECOND_MS:.1f}"
    )
    assert last <= longest
    assert most <= chips * longest
    assert without > 2 * chips * longest


@pytest.mark.gate
@pytest.mark.parametrize("chips", [TENANTS, 2 * TENANTS])
def test_identical_tenants_hold_exactly_the_same_where_a_round_serves_all(chips: int) -> None:
    """Equal jobs in turn and a multiple of the tenants of chips: nobody is ahead at any instant, for three weeks."""
    work = np.full(500 * chips // TENANTS, HOUR_MS)
    workload = alike_tenants([work] * TENANTS, interleaved=True)
    runs = replay(one_node(chips), workload, FAIR)
    until = saturated_until(workload, runs)
    most, last = apart(workload, runs, until)
    print(f"{chips} chips, {until // HOUR_MS} h: chip-ms between most and least, at the end {last}, at most {most}")
    assert until == 499 * HOUR_MS
    assert (most, last) == (0, 0)


@pytest.mark.gate
def test_identical_tenants_take_turns_on_one_chip() -> None:
    """Equal jobs, the first tenant's numbered first: after each turn of all, all hold exactly the same."""
    workload = alike_tenants([np.full(125, HOUR_MS)] * TENANTS, interleaved=False)
    runs = replay(one_node(1), workload, FAIR)
    turns = workload.tenant[runs.job[np.argsort(runs.start)]].reshape(-1, TENANTS)
    print(f"1 chip, {len(turns)} turns of {TENANTS} tenants; turns in which one is served twice: ", end="")
    print(int((np.sort(turns) != np.arange(TENANTS)).any(axis=1).sum()))
    assert (np.sort(turns) == np.arange(TENANTS)).all()
