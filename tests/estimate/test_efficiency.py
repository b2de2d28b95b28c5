"""Efficiencies: the nearest answers, probes of a chip before what others reach, and intervals know how near it was."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace.estimate import work as needs
from headrace.estimate.axes import AXES, nodes
from headrace.estimate.calibration import Calibration, Row
from headrace.estimate.efficiency import DIE, LEVELS, NOWHERE, OF_CLASS, OWN, REACHED, Kernels, Probed, Source, bound
from headrace.estimate.grid import Grid
from headrace.estimate.interval import widened
from headrace.estimate.known import chip, chips
from headrace.estimate.precision import PRECISIONS

M = np.array([1.0, 64.0, 4096.0])
WORK = needs.product(M, np.full(3, 4096.0), np.full(3, 4096.0), PRECISIONS["bf16"])


def grid(family: str, times: float) -> Grid:
    """Everything takes so many times its bound."""
    return Grid(nodes(family), np.full(tuple(len(axis.nodes) for axis in AXES[family]), np.log(times)))


def known(*grids: tuple[str, str, float], probed: str = "", family: str = "gemm") -> Calibration:
    """Grids of a family in bf16, as (chip, library, times the bound), and constants of the chip that was probed."""
    row = Row("reached", probed, "bf16", family, {"compute": 0.5, "stream": 0.5, "launch_us": 10.0}, 20, 0.1, "")
    found = {(family, name, "bf16", library): grid(family, times) for name, library, times in grids}
    return Calibration({row.key: row} if probed else {}, found)


def kernels(on: str, calibration: Calibration, engine: str = "sglang") -> Kernels:
    return Kernels(chip(on), chips(), calibration, engine)


CASES = [
    (known(("H20", "sglang", 2.0), ("H20", "fa3", 3.0), probed="H20"), OWN, 2.0),
    (known(("H20", "fa3", 3.0), ("H20-3e", "sglang", 2.0), probed="H20"), OWN, 3.0),
    (known(("H20-3e", "sglang", 2.0), ("A100", "sglang", 4.0), probed="H20"), REACHED, None),
    (known(("H20", "fa3", 3.0), ("H20-3e", "sglang", 2.0)), DIE, None),
    (known(("H20-3e", "fa3", 2.0), ("A100", "sglang", 4.0)), DIE, None),
    (known(("A100", "sglang", 4.0), probed="H100"), OF_CLASS, 4.0),
    (known(), NOWHERE, None),
]


@pytest.mark.parametrize(("calibration", "level", "times"), CASES)
def test_the_nearest_measurement_answers(calibration: Calibration, level: str, times: float | None) -> None:
    """Own library, own grid, own probes, the same die, a class: in that order where the chip was probed."""
    mine = kernels("H20", calibration)
    assert mine.level("gemm", "bf16") == level
    if times is not None:
        np.testing.assert_allclose(mine.seconds(WORK), times * bound(WORK, chip("H20")))


def test_a_grid_tells_the_chip_it_was_measured_on_and_probes_tell_the_chip_itself() -> None:
    """What shows where figures come from reads these."""
    of_die = kernels("H20", known(("H20-3e", "fa3", 2.0))).find("gemm", "bf16")
    assert isinstance(of_die, Source)
    assert (of_die.chip.name, of_die.same_die, of_die.level) == ("H20-3e", True, DIE)
    of_class = kernels("H20", known(("A100", "", 2.0))).find("gemm", "bf16")
    assert isinstance(of_class, Source)
    assert not of_class.same_die
    probed = kernels("H20", known(probed="H20")).find("gemm", "bf16")
    assert isinstance(probed, Probed)
    assert (probed.chip.name, probed.level) == ("H20", REACHED)


def test_probes_in_another_precision_answer_where_the_own_one_was_not_probed() -> None:
    """Weights of four bits are multiplied in sixteen."""
    assert kernels("H20", known(probed="H20")).level("gemm", "int4_wo") == REACHED
    assert kernels("H20", known(probed="H20")).level("gemm", "fp8") == NOWHERE


def test_probes_of_products_say_nothing_of_attention() -> None:
    """A row is of one family of kernels."""
    assert kernels("H20", known(probed="H20")).level("decode", "bf16") == NOWHERE


def test_work_takes_what_its_constants_say() -> None:
    """Half of the bandwidth, half of the compute, and ten microseconds."""
    seconds = kernels("H20", known(probed="H20")).seconds(WORK)
    assert (seconds >= 2 * bound(WORK, chip("H20"))).all()
    np.testing.assert_allclose(seconds, 2 * bound(WORK, chip("H20")) + 1e-5, rtol=0.05)


@given(st.floats(1, 8192), st.floats(1, 3))
def test_capturing_launches_never_makes_work_faster_than_its_bound_nor_slower(m: float, times: float) -> None:
    """With probes as with a grid."""
    one = np.array([m])
    work = needs.product(one, 4096 * np.ones(1), 4096 * np.ones(1), PRECISIONS["bf16"])
    least = needs.product(np.ones(1), 128 * np.ones(1), 128 * np.ones(1), PRECISIONS["bf16"])
    for calibration in (known(("H20", "", times)), known(probed="H20")):
        mine = kernels("H20", calibration)
        seconds = mine.seconds_in_a_graph(work, least)
        assert bound(work, chip("H20")) <= seconds * (1 + 1e-12)
        assert seconds <= mine.seconds(work) * (1 + 1e-12)


def test_exchanges_take_what_probes_of_them_say() -> None:
    """Half of the link and ten microseconds; alone there is nobody to wait for."""
    mine, size = kernels("H20", known(probed="H20", family="comm")), np.array([1e3, 1e8])
    np.testing.assert_allclose(mine.reduce(size, 8), size * 2 * 7 / 8 / (chip("H20").link * 0.5) + 1e-5)
    assert (mine.reduce(size, 1) == 0).all()


def test_an_interval_is_wider_the_less_near_its_kernels_were_measured() -> None:
    """Own grids widen nothing; what was probed or carried does, and what was carried furthest most."""
    widths = {level: widened((-0.2, 0.3), level, 2) for level in LEVELS}
    assert widths[OWN] == (-0.2, 0.3)
    assert widths[DIE][1] < widths[REACHED][1] < widths[OF_CLASS][1] < widths[NOWHERE][1]
    assert all(high / 0.3 == pytest.approx(low / -0.2) for low, high in widths.values())


def test_rows_of_the_chip_itself_were_off_by_carried_kernels_already_but_not_by_probes() -> None:
    """Constants that were fitted through carried kernels have what these are off by in their spread."""
    assert widened((-0.2, 0.3), OF_CLASS, 4) == (-0.2, 0.3)
    assert widened((-0.2, 0.3), REACHED, 4)[1] > 0.3
