"""The sweep in plain C, built with gcc where there is one: how far ours is from what else the machine can do."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from detente.solve.quantal import kernels
from detente.solve.quantal.layout import Numbers, Plan

LANES = 16  # draws at once, as reference.c has it
POINTERS = (
    *("items", "owner", "member_start", "action_start", "member_row", "member_child", "unknown"),
    *("chance_row", "chance_child", "chance_size", "chance_edge", "edge", "child_row", "wanted"),
    *("above", "step", "plus", "minus"),
)


class _Plan(ctypes.Structure):
    _fields_ = [(name, ctypes.c_int64) for name in ("n_items", "players", "histories", "unknowns")] + [
        (name, ctypes.c_void_p) for name in POINTERS
    ]


def build() -> ctypes.CDLL | None:
    """The library, or None without gcc."""
    if shutil.which("gcc") is None:
        return None
    where = Path(tempfile.mkdtemp()) / "reference.so"
    source = Path(__file__).with_name("reference.c")
    flags = ["-O3", "-march=native", "-ffast-math", "-shared", "-fPIC"]
    subprocess.run(["gcc", *flags, "-o", str(where), str(source), "-lm"], check=True)
    return ctypes.CDLL(str(where))


def sweeps(library: ctypes.CDLL | None, plan: Plan, numbers: Numbers, t: float) -> dict[str, Callable[[int], None]]:
    """What to call to sweep so many times, ours ("ours") and in plain C ("c"), over the same sixteen draws.

    Raises AssertionError where the two do not agree.
    """
    draws, there = np.arange(LANES) % len(numbers.scale), np.full(LANES, t)
    y = np.zeros((len(plan.plus), LANES))

    def compiled(times: int) -> None:
        kernels.sweeps(plan, numbers, draws, there, y, times)

    if library is None:
        return {"ours": compiled}
    held = [np.ascontiguousarray(getattr(plan, name)) for name in POINTERS]
    sizes = (len(plan.items), plan.wanted.shape[1], len(plan.step), len(plan.plus))
    structure = _Plan(*sizes, *(array.ctypes.data for array in held))
    value = np.zeros((*plan.wanted.shape, LANES))
    value[: len(numbers.payoffs)] = numbers.payoffs[:, :, draws]
    lengths = (len(plan.unknown), *[int(plan.action_start[-1])] * 3, len(plan.step) + 1)
    scratch = [np.zeros((length, LANES)) for length in lengths]  # belief, pay, strategy, its logarithm, reach
    own = [value, numbers.chance[:, draws].copy(), numbers.offset[:, draws].copy(), *scratch]
    theirs = np.zeros_like(y)
    kept = (held, own, there, y, theirs)
    arguments = [ctypes.c_void_p(array.ctypes.data) for array in (there, y, theirs, *own)]

    def in_c(times: int) -> None:
        assert kept  # what the pointers point to must live as long as this function
        library.sweep(ctypes.byref(structure), *arguments, ctypes.c_int64(times))

    in_c(1)
    np.testing.assert_allclose(theirs, kernels.sweeps(plan, numbers, draws, there, y)[1], atol=1e-9)
    return {"ours": compiled, "c": in_c}
