"""The library of kernels: every variant of it, what may be handed over, and what is said where it is missing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from detente.arrays import Floats
from detente.errors import DetenteError
from detente.solve.compiled import library
from detente.solve.compiled.library import Kernel
from tests.solve.inside import variants

SOLVE = """
import sys
from tests.games import escalation
from detente.solve.certificate.certify import certify
from detente.solve.compiled.library import variant
from detente.solve.quantal.quantal import Quantal
game = escalation(100, 5.0, 3, 5, (0,))
assert variant() == sys.argv[1]
found = Quantal(trace=True).solve(game)
sure = certify(game, found.behaviour)
sys.stdout.buffer.write(b"".join(x.tobytes() for x in (found.behaviour, found.evaluations, sure.residual, sure.gain)))
"""


def test_all_variants_give_the_same_numbers_to_the_last_bit() -> None:
    found = set()
    for name in variants():
        environment = {**os.environ, "DETENTE_KERNELS": name}
        done = subprocess.run([sys.executable, "-c", SOLVE, name], env=environment, capture_output=True, check=True)
        found.add(done.stdout)
    assert len(found) == 1
    assert len(found.pop()) > 10_000


@pytest.mark.parametrize("array", [np.zeros(3, np.int64), np.zeros((4, 4))[:, 1], np.zeros(3, np.float32)])
def test_an_array_of_another_kind_is_refused(array: Floats) -> None:
    with pytest.raises(TypeError, match="a kernel needs an array of float64 in one piece"):
        Kernel("sweeps", Floats)(array)


def test_an_unknown_variant_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DETENTE_KERNELS", "avx")
    library.variant.cache_clear()
    with pytest.raises(DetenteError, match="no kernels named 'avx' for this machine; leave DETENTE_KERNELS unset"):
        Kernel("sweeps", Floats)(np.zeros(3))
    library.variant.cache_clear()


def test_a_missing_library_is_told_with_what_mends_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(library, "FILE", tmp_path / "kernels.native")
    library._library.cache_clear()
    with pytest.raises(DetenteError, match=r"cannot be loaded .*kernels\.native.*install it again"):
        library._library()
    library._library.cache_clear()
