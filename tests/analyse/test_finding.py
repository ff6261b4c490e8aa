"""The numbers that all findings share."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from scipy import special

import detente
from detente.analyse.finding import Z90, Z95

SOURCES = Path(detente.__file__).parent


def test_intervals_of_a_normal_distribution_hold_what_their_names_say() -> None:
    assert special.ndtr(Z90) - special.ndtr(-Z90) == pytest.approx(0.90, abs=1e-12)
    assert special.ndtr(Z95) - special.ndtr(-Z95) == pytest.approx(0.95, abs=1e-12)


def _numbers(path: Path) -> list[float]:
    nodes = ast.walk(ast.parse(path.read_text()))
    return [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, float)]


def test_nobody_writes_these_constants_again() -> None:
    near = {
        path.relative_to(SOURCES).as_posix()
        for path in SOURCES.rglob("*.py")
        if any(min(abs(x - Z90), abs(x - Z95)) < 0.006 for x in _numbers(path))
    }
    assert near == {"analyse/finding.py", "language/distributions.py"}
