"""What kernels are made of (`inside.cpp`), compiled as the package is, for tests to call."""

from __future__ import annotations

import ctypes
import shlex
import subprocess
from pathlib import Path
from typing import Any

import hatch_build
import numpy as np
import pytest

from detente.solve.compiled import library


def variants() -> list[str]:
    """The families of processors whose code this machine can run, the plainest first."""
    best = {"plain": 1, "avx2": 3, "avx512": 4}[library.variant()]
    return list(hatch_build.VARIANTS)[:best]


def compiled(variant: str, folder: Path) -> ctypes.CDLL:
    """The library of `inside.cpp` for a family of processors; skips the test where there is no compiler."""
    command = hatch_build.compiler()
    if not command:
        pytest.skip("there is no C++ compiler")
    made, source = folder / f"inside-{variant}.so", Path(__file__).with_name("inside.cpp")
    options = shlex.split(f"{hatch_build.OPTIONS} {hatch_build.VARIANTS[variant]} -fPIC -shared -DVARIANT={variant}")
    subprocess.run([*command, *options, str(source), "-o", str(made)], check=True)
    return ctypes.CDLL(str(made))


def pointer(array: Any) -> ctypes.c_void_p:
    """Where the numbers of a contiguous array lie."""
    assert isinstance(array, np.ndarray)
    assert array.flags.c_contiguous
    return ctypes.c_void_p(array.ctypes.data)
