"""Vectors of lanes in compiled code against numpy, lane by lane."""

from __future__ import annotations

import importlib
import os
import pkgutil
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numba import njit
from numba.core.dispatcher import Dispatcher

import detente.solve
from detente.solve.compiled import lanes
from detente.solve.compiled.lanes import (
    KERNEL,
    LANES,
    absolute,
    all_lanes,
    at,
    blank,
    exp,
    forget_stale,
    largest,
    log,
    put,
    where_positive,
)
from detente.solve.quantal import sweep

# mypy: disable-error-code="untyped-decorator"


@njit
def arithmetic(x: Any, y: Any, found: Any) -> None:
    a, b = at(x), at(y)
    put(a + b, found, 0, 0)
    put(a - b * 2.0, found, 0, 1)
    put(1.0 / a, found, 0, 2)
    put(-a, found, 1, 0)
    put(absolute(b), found, 1, 1)
    put(largest(a, b), found, 1, 2)
    put(largest(a, 0.5), found, 2, 0)
    put(where_positive(b, a, 7.0), found, 2, 1)
    total = all_lanes(3)
    total += a
    total *= b
    total -= 1.0
    total /= a
    put(total, found, 2, 2)


@njit
def elementary(x: Any, powers: Any, logarithms: Any) -> None:
    for k in range(len(x)):
        put(exp(at(x, k)), powers, k)
        put(log(absolute(at(x, k))), logarithms, k)


@njit
def filled(array: Any, value: float) -> None:
    put(value, array, 1)


def test_arithmetic_is_that_of_numpy_in_every_lane() -> None:
    rng = np.random.default_rng(1)
    x, y, found = rng.normal(size=LANES), rng.normal(size=LANES), blank(3, 3)
    arithmetic(x, y, found)
    expected = [
        [x + y, x - y * 2.0, 1.0 / x],
        [-x, np.abs(y), np.maximum(x, y)],
        [np.maximum(x, 0.5), np.where(y > 0, x, 7.0), ((3.0 + x) * y - 1.0) / x],
    ]
    np.testing.assert_array_equal(found, np.array(expected))


def test_what_is_no_number_stays_so_in_its_lane_and_reaches_no_other() -> None:
    x, y, found = np.ones(LANES), np.full(LANES, 2.0), blank(3, 3)
    x[3], y[5] = np.nan, np.inf
    arithmetic(x, y, found)
    others = np.delete(np.arange(LANES), [3, 5])
    assert np.isnan(found[0, :, 3]).all()
    assert np.isinf(found[0, 0, 5])
    assert np.isfinite(found[..., others]).all()


@pytest.mark.parametrize("spread", [1e-3, 1.0, 30.0, 700.0])
def test_powers_and_logarithms_are_as_exact_as_numbers_are(spread: float) -> None:
    x = np.random.default_rng(2).uniform(-spread, spread, (500, LANES))
    powers, logarithms = blank(500), blank(500)
    elementary(x, powers, logarithms)
    np.testing.assert_allclose(powers, np.exp(x), rtol=4e-16)
    np.testing.assert_allclose(logarithms, np.log(np.abs(x)), rtol=4e-16, atol=4e-16)


def test_powers_beyond_what_a_number_holds() -> None:
    x, powers = np.tile([-1e300, -709.0, -708.0, 0.0], (1, LANES // 4)), blank(1)
    elementary(x, powers, blank(1))
    np.testing.assert_allclose(powers[0, :4], [0.0, 0.0, np.exp(-708.0), 1.0], rtol=1e-15)


@pytest.mark.parametrize("shape", [(), (5,), (3, 7), (2, 3, 5), (0,)])
def test_blank_arrays_start_at_a_line_of_the_cache(shape: tuple[int, ...]) -> None:
    array = blank(*shape)
    assert array.shape == (*shape, LANES)
    assert array.flags.c_contiguous
    assert not array.any()
    assert array.ctypes.data % 64 == 0 or not array.size


def test_a_number_is_put_into_all_lanes_of_its_row_alone() -> None:
    array = blank(3)
    filled(array, 2.5)
    np.testing.assert_array_equal(array, np.repeat([[0.0], [2.5], [0.0]], LANES, axis=1))


def test_compiled_code_goes_when_any_of_its_sources_is_younger(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    for name in ("one", "other"):
        (tmp_path / f"{name}.py").touch()
        index = kept / f"{name}.f-1.py311.nbi"
        index.touch()
        later = time.time() + 3600  # than the file of vectors, whatever that is
        os.utime(index, (later, later))
    forget_stale([tmp_path], [kept])
    assert len(list(kept.iterdir())) == 2
    hour_ago = time.time() - 3600
    os.utime(kept / "one.f-1.py311.nbi", (hour_ago, hour_ago))
    forget_stale([tmp_path], [kept])
    assert [index.name for index in kept.iterdir()] == ["other.f-1.py311.nbi"]


def test_compiled_code_is_looked_for_in_every_folder_of_the_room() -> None:
    """Kernels of one folder are compiled into those of others: all of them are looked at together."""
    sources, kept = lanes._folders()
    compiled = {path.parent for path in Path(lanes.__file__).parents[1].rglob("*.py") if "@njit" in path.read_text()}
    assert compiled <= set(sources)
    assert {folder.name for folder in compiled} >= {"quantal"}
    assert len(set(kept)) == len(kept)
    if Path(sweep.sweep.stats.cache_path).is_dir():
        assert Path(sweep.sweep.stats.cache_path) in kept


def kernels() -> dict[str, Dispatcher]:
    """All compiled functions of the solvers and the certifier, by module and name."""
    found = {}
    for place in pkgutil.walk_packages(detente.solve.__path__, "detente.solve."):
        module = importlib.import_module(place.name)
        for name, value in vars(module).items():
            if isinstance(value, Dispatcher) and value.py_func.__module__ == place.name:
                found[f"{place.name}.{name}"] = value
    return found


def test_no_kernel_takes_from_its_caller_how_it_is_compiled() -> None:
    """What is left unsaid is inherited from whoever calls first, and kept on disk: numbers hung on a race."""
    found = kernels()
    assert len(found) > 30
    del found["detente.solve.compiled.lanes._nothing"]  # computes nothing
    unsaid = {name for name, kernel in found.items() if not KERNEL.items() <= kernel.targetoptions.items() | CACHED}
    assert not unsaid


CACHED = {("cache", True)}  # numba keeps no option of it


@njit(**{**KERNEL, "cache": False})
def fused(x: float, y: float, z: float) -> float:
    return x * y + z


@njit(fastmath=True)
def careless(x: float, y: float, z: float) -> float:
    return fused(x, y, z)


def test_a_product_is_rounded_before_it_is_added_whoever_calls() -> None:
    x = 1.0 + 2.0**-30
    assert careless(x, x, -(1.0 + 2.0**-29)) == x * x - (1.0 + 2.0**-29) == 0.0
    assert fused(x, x, -(1.0 + 2.0**-29)) == 0.0
