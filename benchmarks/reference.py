"""The sweep in C, built with gcc where there is one: how far compiled Python is from what the machine can do."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numba import njit

from detente.arrays import Floats
from detente.solve.compiled import lanes as vectors
from detente.solve.quantal import sweep as kernels
from detente.solve.quantal.layout import Numbers, Plan

POINTERS = (
    *("items", "owner", "member_start", "action_start", "member_row", "member_child", "unknown"),
    *("chance_row", "chance_child", "chance_size", "chance_edge", "edge", "child_row", "wanted"),
    *("above", "step", "plus", "minus"),
)


@njit
def _many(plan: Plan, lanes: kernels.Lanes, t: Floats, y: Floats, y_next: Floats, times: int) -> None:
    for _ in range(times):
        kernels.sweep(plan, lanes, t, y, y_next)


class _Plan(ctypes.Structure):
    _fields_ = [(name, ctypes.c_int64) for name in ("n_items", "players", "histories", "unknowns")] + [
        (name, ctypes.c_void_p) for name in POINTERS
    ]


def build() -> ctypes.CDLL | None:
    """The library, or None without gcc."""
    if shutil.which("gcc") is None or vectors.LANES != 16:
        return None
    where = Path(tempfile.mkdtemp()) / "reference.so"
    source = Path(__file__).with_name("reference.c")
    flags = ["-O3", "-march=native", "-ffast-math", "-shared", "-fPIC"]
    subprocess.run(["gcc", *flags, "-o", str(where), str(source), "-lm"], check=True)
    return ctypes.CDLL(str(where))


def sweeps(library: ctypes.CDLL | None, plan: Plan, numbers: Numbers, t: float) -> dict[str, Callable[[int], None]]:
    """What to call to sweep so many times, in compiled Python ("numba") and in C ("c"), over the same sixteen draws.

    Raises AssertionError where the two do not agree.
    """
    lanes = kernels.new_lanes(plan, numbers)
    for w in range(vectors.LANES):
        kernels.load(lanes, w, numbers, w % len(numbers.scale))
    there = np.full(vectors.LANES, t)
    y, ours = np.zeros((len(plan.plus), vectors.LANES)), np.zeros((len(plan.plus), vectors.LANES))

    def compiled(times: int) -> None:
        _many(plan, lanes, there, y, ours, times)

    compiled(1)
    if library is None:
        return {"numba": compiled}
    held = [np.ascontiguousarray(getattr(plan, name)) for name in POINTERS]
    sizes = (len(plan.items), plan.wanted.shape[1], len(plan.step), len(plan.plus))
    structure = _Plan(*sizes, *(array.ctypes.data for array in held))
    theirs = np.zeros_like(ours)
    scratch = (lanes.value, lanes.chance, lanes.offset, lanes.belief, lanes.pay, lanes.strategy, lanes.log_strategy)
    own = [array.copy() for array in (*scratch, lanes.reach)]
    kept = (held, own, there, y, theirs)
    arguments = [ctypes.c_void_p(array.ctypes.data) for array in (there, y, theirs, *own)]

    def in_c(times: int) -> None:
        assert kept  # what the pointers point to must live as long as this function
        library.sweep(ctypes.byref(structure), *arguments, ctypes.c_int64(times))

    in_c(1)
    np.testing.assert_allclose(theirs, ours, atol=1e-9)
    return {"numba": compiled, "c": in_c}
