"""Vectors of lanes in the kernels against numpy, lane by lane, as compiled for each family of processors."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np
import pytest

from detente.arrays import Floats
from tests.solve.inside import pointer


def arithmetic(inside: Any, x: Floats, y: Floats) -> Floats:
    found = np.zeros((3, 3, len(x)))
    inside.arithmetic(pointer(x), pointer(y), pointer(found))
    return found


def elementary(inside: Any, x: Floats) -> tuple[Floats, Floats]:
    powers, logarithms = np.zeros_like(x), np.zeros_like(x)
    inside.elementary(pointer(x), ctypes.c_int64(len(x)), pointer(powers), pointer(logarithms))
    return powers, logarithms


def test_arithmetic_is_that_of_numpy_in_every_lane(inside: Any) -> None:
    x, y = np.random.default_rng(1).normal(size=(2, inside.abreast()))
    expected = [
        [x + y, x - y * 2.0, 1.0 / x],
        [-x, np.abs(y), np.maximum(x, y)],
        [np.maximum(x, 0.5), np.where(y > 0, x, 7.0), ((3.0 + x) * y - 1.0) / x],
    ]
    np.testing.assert_array_equal(arithmetic(inside, x, y), np.array(expected))


def test_what_is_no_number_stays_so_in_its_lane_and_reaches_no_other(inside: Any) -> None:
    lanes = inside.abreast()
    x, y = np.ones(lanes), np.full(lanes, 2.0)
    x[3], y[1] = np.nan, np.inf
    found = arithmetic(inside, x, y)
    others = np.delete(np.arange(lanes), [3, 1])
    assert np.isnan(found[0, :, 3]).all()
    assert np.isinf(found[0, 0, 1])
    assert np.isfinite(found[..., others]).all()


@pytest.mark.parametrize("spread", [1e-3, 1.0, 30.0, 700.0])
def test_powers_and_logarithms_are_as_exact_as_numbers_are(inside: Any, spread: float) -> None:
    x = np.random.default_rng(2).uniform(-spread, spread, (500, inside.abreast()))
    powers, logarithms = elementary(inside, x)
    np.testing.assert_allclose(powers, np.exp(x), rtol=4e-16)
    np.testing.assert_allclose(logarithms, np.log(np.abs(x)), rtol=4e-16, atol=4e-16)


def test_powers_beyond_what_a_number_holds(inside: Any) -> None:
    powers, _ = elementary(inside, np.tile([-1e300, -709.0, -708.0, 0.0], (1, inside.abreast() // 4)))
    np.testing.assert_allclose(powers[0, :4], [0.0, 0.0, np.exp(-708.0), 1.0], rtol=1e-15)


def test_scratch_is_zero_starts_at_a_line_of_the_cache_and_may_be_refused(inside: Any) -> None:
    assert inside.arena_is_sound()


def test_a_product_is_rounded_before_it_is_added(inside: Any) -> None:
    inside.product_and_sum.restype = ctypes.c_double
    x = 1.0 + 2.0**-30
    assert inside.product_and_sum(*map(ctypes.c_double, (x, x, -(1.0 + 2.0**-29)))) == 0.0
