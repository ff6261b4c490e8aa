"""One who holds on and may stop: with a rate, however time is cut, by every solver that answers to precision."""

from __future__ import annotations

import numpy as np
import pytest

from detente.solve.certificate.certify import certify
from detente.solve.choose import METHODS
from tests.conformance.test_exam import responds
from tests.games import holding

KNOWN = [
    (1, (6.0, -0.3, 0.05, 0.5), 0.490422),
    (2, (6.0, -0.3, 0.05, 0.5), 0.457109),
    (4, (6.0, -0.3, 0.05, 0.5), 0.439044),
    (16, (6.0, -0.3, 0.05, 0.5), 0.424920),
    (1, (3.0, -0.1, 0.02, 1.0), 0.942551),
]
ANSWER = [method for method in METHODS if responds(method)]


def test_there_are_solvers_that_answer_to_precision() -> None:
    assert "quantal" in ANSWER


@pytest.mark.parametrize("method", ANSWER)
@pytest.mark.parametrize(("slices", "numbers", "stops"), KNOWN)
def test_holding_on_has_a_limit(method: str, slices: int, numbers: tuple[float, ...], stops: float) -> None:
    game = holding(slices, *numbers)
    solution = METHODS[method]().solve(game)
    held = float(np.prod(solution.behaviour[1::2, 0]))  # every second move is to hold on
    assert 1 - held == pytest.approx(stops, abs=1e-6)
    assert certify(game, solution.behaviour).residual.max() < 1e-9


def test_the_limit_of_short_slices() -> None:
    """The hazard is rate exp(precision (out - V)), and V what is expected: by Heun's rule, backwards from the end."""
    precision, out, cost, rate, steps = 3.0, -0.1, 0.02, 1.0, 20_000
    h, value, stays = 3 / steps, 0.0, 0.0

    def slopes(v: float) -> tuple[float, float]:
        ready = rate * np.exp(precision * (out - v))
        return float(ready * (out - v) - cost), float(ready)

    for _ in range(steps):
        dv, hazard = slopes(value)
        later, more = slopes(value + h * dv)
        value, stays = value + h * (dv + later) / 2, stays + h * (hazard + more) / 2
    assert 1 - np.exp(-stays) == pytest.approx(0.940616, abs=1e-6)
    behaviour = METHODS["quantal"]().solve(holding(128, precision, out, cost, rate)).behaviour
    assert 1 - float(np.prod(behaviour[1::2, 0])) == pytest.approx(0.940616, abs=3e-5)
