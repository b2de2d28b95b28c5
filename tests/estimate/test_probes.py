"""Probes: what is planned sees compute, bandwidth and launch, and constants are found again from it."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headrace.estimate.known import chip, chips
from headrace.estimate.probe_plan import Probe, plan, work_of
from headrace.estimate.probed import ENOUGH, Timed, fitted, peaks, rows
from headrace.estimate.probes import FAMILY, Reached, left_out, reached, reached_of

shares = st.floats(0.35, 0.95)
launches = st.floats(1.5e-6, 4e-5)
kinds = st.sampled_from(["H20", "H100", "A100", "L40S", "B200", "Ascend 910B", "MI300X"])


def timed(reached: Reached, on: str, family: str, precision: str = "bf16") -> list[Timed]:
    """Probes of a family as a chip takes them that reaches exactly these constants."""
    mine = [probe for probe in plan((precision,), 8, small=False) if probe.family == family]
    seconds = reached.seconds(work_of(mine), chip(on))
    return [Timed(probe, float(one)) for probe, one in zip(mine, seconds, strict=True)]


@settings(max_examples=40)
@given(shares, shares, launches, kinds, st.sampled_from(["bf16", "fp8", "int8"]))
def test_the_constants_of_a_chip_are_found_again_from_its_products(
    compute: float, stream: float, launch: float, on: str, precision: str
) -> None:
    """Those that some probe is held up by within 5 %, and every time too, on chips of little and of much compute."""
    probes = timed(Reached(compute, stream, launch), on, "gemm", precision)
    (found,) = fitted(probes, chip(on))
    work = work_of([one.probe for one in probes])
    seconds = np.array([one.seconds for one in probes])
    np.testing.assert_allclose(found.reached.seconds(work, chip(on)), seconds, rtol=0.05)
    assert (found.reached.compute, found.reached.launch) == pytest.approx((compute, launch), rel=0.05)
    flops, size = work.flops / chip(on).peak(work.bits) / compute, work.size / chip(on).bandwidth / stream
    if (size > 2 * flops).sum() > 1:
        assert found.reached.stream == pytest.approx(stream, rel=0.05)
    assert found.error < 0.05


@settings(max_examples=30)
@given(shares, launches, kinds, st.sampled_from(["decode", "copy", "comm"]))
def test_where_no_probe_sees_compute_the_other_two_are_found_and_it_is_not_told(
    stream: float, launch: float, on: str, family: str
) -> None:
    """Reading a cache, copying and exchanging cost bytes alone."""
    (found,) = (one for one in fitted(timed(Reached(0.8, stream, launch), on, family), chip(on)))
    assert found.constants == pytest.approx({"stream": stream, "launch_us": launch * 1e6}, rel=0.05)


@given(shares, launches, kinds)
def test_prefill_sees_compute(compute: float, launch: float, on: str) -> None:
    """Long prompts cost operations, whatever the chip."""
    (found,) = fitted(timed(Reached(compute, 0.7, launch), on, "prefill"), chip(on))
    assert found.constants["compute"] == pytest.approx(compute, rel=0.05)


def test_each_product_of_the_plan_is_bound_by_something_and_all_three_bind_some() -> None:
    """Of the twenty shapes at least three are held up by each of compute, bandwidth and launch."""
    mine = [probe for probe in plan(("bf16",), 1, small=False) if probe.family == "gemm"]
    work, on = work_of(mine), chip("H100")
    limits = np.stack([work.flops / on.bf16, work.size / on.bandwidth, np.full(len(mine), 5e-6)])
    assert len(mine) == 20
    assert min(Counter(np.argmax(limits, axis=0).tolist()).values()) >= 3


def test_a_lonely_chip_exchanges_nothing_and_eight_do_so_by_two_and_by_eight() -> None:
    """All-reduces are planned where there is somebody to reduce with."""
    ways = [{p.sizes[1] for p in plan((), count, small=False) if p.family == "comm"} for count in (1, 2, 8)]
    assert ways == [set(), {2}, {2, 8}]


def test_small_shapes_are_another_plan_of_the_same_families() -> None:
    """A processor tries the same way, with less of everything."""
    large, small = (plan(("bf16",), 2, small=less) for less in (False, True))
    assert {p.family for p in large} == {p.family for p in small}
    assert sum(work_of([p]).flops.sum() for p in small) < sum(work_of([p]).flops.sum() for p in large) / 100


def test_a_family_of_too_few_probes_has_a_peak_and_no_constants() -> None:
    """Five probes give constants, but nothing to judge them by."""
    few = timed(Reached(0.7, 0.8, 5e-6), "H20", "gemm")[: ENOUGH - 1]
    assert list(fitted(few, chip("H20"))) == []
    assert [peak.n for peak in peaks(few)] == [ENOUGH - 1]


def test_peaks_need_no_chip() -> None:
    """The most operations and bytes a second are those of the probes themselves."""
    (peak,) = peaks([Timed(Probe("gemm", "bf16", (10, 20, 30)), 1e-6), Timed(Probe("copy", "bf16", (500,)), 1e-6)][:1])
    assert (peak.rate, peak.least) == pytest.approx((12_000 / 1e-6, 1e-6))


def test_rows_are_read_as_the_constants_that_were_written() -> None:
    """From probes to a row and back."""
    (found,) = fitted(timed(Reached(0.7, 0.8, 5e-6), "H20", "gemm"), chip("H20"))
    (row,) = rows([found], chip("H20"), "measured")
    assert row.key == (FAMILY, "H20", "bf16", "gemm")
    read = reached_of(row.constants)
    assert (read.compute, read.stream) == (found.reached.compute, found.reached.stream)
    assert read.launch == pytest.approx(found.reached.launch)


def test_an_odd_probe_is_off_and_pulls_the_others_little() -> None:
    """One probe that took four times as long is found out by those that remain."""
    mine = timed(Reached(0.7, 0.8, 5e-6), "H20", "gemm")
    work, seconds = work_of([one.probe for one in mine]), np.array([one.seconds for one in mine])
    seconds[12] *= 4
    off = left_out(work, chip("H20"), seconds)
    assert off[12] == pytest.approx(np.log(4), abs=0.1)
    assert reached(work, chip("H20"), seconds).stream == pytest.approx(0.8, rel=0.05)
    assert np.median(np.abs(off)) < 0.05


def test_every_chip_that_is_known_has_a_link_for_exchanges() -> None:
    """The bound of an exchange is never a division by zero."""
    assert all(one.link > 0 for one in chips().values())
