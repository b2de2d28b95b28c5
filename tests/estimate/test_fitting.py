"""Fits: constants are found again, stay near the centre without evidence, and a misreported row pulls little."""

from __future__ import annotations

import numpy as np
import pytest

from headrace.errors import InputError
from headrace.estimate import work as needs
from headrace.estimate.fitting import fit_near
from headrace.estimate.known import chip
from headrace.estimate.precision import PRECISIONS
from headrace.estimate.probes import Reached, reached

X = np.linspace(0.1, 3, 40)


def line(constants: np.ndarray) -> np.ndarray:
    """Logarithms of a line with two positive constants."""
    return np.log(np.exp(constants[0]) * X + np.exp(constants[1]))


def test_constants_are_found_again_from_what_they_predict() -> None:
    true = np.log([2.0, 0.3])
    found = fit_near(line, line(true), np.ones_like(X), np.zeros(2), np.full(2, 3.0))
    np.testing.assert_allclose(found, true, atol=0.02)


def test_a_constant_without_room_stays() -> None:
    found = fit_near(line, line(np.log([2.0, 0.3])), np.ones_like(X), np.zeros(2), np.array([3.0, 0.0]))
    assert found[1] == 0.0


def test_one_misreported_row_pulls_little() -> None:
    true = np.log([2.0, 0.3])
    measured = line(true)
    measured[20] += 3
    found = fit_near(line, measured, np.ones_like(X), np.zeros(2), np.full(2, 3.0))
    np.testing.assert_allclose(line(found), line(true), atol=0.05)


def test_three_constants_are_found_from_twenty_probes() -> None:
    rng, on, how = np.random.default_rng(3), chip("H20"), PRECISIONS["bf16"]
    m, n, k = (np.exp(rng.uniform(np.log(16), np.log(8192), 20)) for _ in range(3))
    work = needs.product(m, n, k, how)
    true = Reached(0.9, 0.6, 4e-6)
    found = reached(work, on, true.seconds(work, on) * np.exp(rng.normal(0, 0.02, 20)))
    assert (found.compute, found.stream, found.launch) == pytest.approx((0.9, 0.6, 4e-6), rel=0.15)


def test_too_few_probes_are_refused() -> None:
    one = np.array([64.0])
    with pytest.raises(InputError, match="probes: are 1"):
        reached(needs.product(one, one, one, PRECISIONS["bf16"]), chip("H20"), one)
