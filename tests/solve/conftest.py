"""Fixtures of the tests of solvers."""

from __future__ import annotations

import ctypes

import pytest

from tests.solve.inside import compiled, variants


@pytest.fixture(scope="session", params=variants())
def inside(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    """What kernels are made of, as compiled for each family of processors that this machine belongs to."""
    return compiled(request.param, tmp_path_factory.mktemp("inside"))
