"""Derivatives of formulas and of quantiles, against differences."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special

from detente.arrays import Floats
from detente.draws.formulas import EMPTY
from detente.language.derivatives import STEPS, pull, quantile_slopes
from detente.language.distributions import quantile
from detente.language.expressions import FAMILIES
from detente.language.lowering import Tape, lower
from detente.language.parsing import parse
from tests.differences import differences

FORMULAS = [
    "a + 2 * b - a * b", "a / b", "a ** 3 + b ** -2", "(a - b) ** 2", "-exp(a) * log(b)", "sqrt(a + b)", "abs(a - b)",
    "min(a, b, 0.7)", "max(a, b * b)", "clip(a, 0.5, b)", "a * a if a < b else b * a", "(a < b) * a + (b <= a) * b",
    "exp(a if a > 1 and b > 0.5 else 2 * b)", "min(max(a, 0.3), 1.5 * b)",
]  # fmt: skip


PARAMETERS = {
    "normal": (1.0, 2.0), "lognormal": (3.0, 0.5), "uniform": (-1.0, 3.0), "loguniform": (0.1, 10.0),
    "triangular": (1.0, 2.0, 5.0), "pert": (1.0, 2.0, 5.0), "beta": (2.0, 3.0), "gamma": (2.0, 3.0),
    "exponential": (4.0,), "student": (5.0, 1.0, 2.0),
}  # fmt: skip


@pytest.mark.parametrize("text", FORMULAS)
def test_formulas(text: str) -> None:
    rng = np.random.default_rng(0)
    given = {"a": rng.uniform(0.2, 2, 50), "b": rng.uniform(0.2, 2, 50)}
    tape = Tape()
    root = lower(parse(text), EMPTY, tape)
    found, kinked = pull(tape, [root], np.ones((1, 1, 50)), given)
    assert not kinked.any()
    for name in given:
        exact = differences(lambda x, name=name: tape.evaluate([root], {**given, name: x}, 50)[0], given[name])
        assert found.get(name, np.zeros((1, 50)))[0] == pytest.approx(exact, rel=1e-8, abs=1e-8)


def test_several_readings_of_several_rows_add_up() -> None:
    tape = Tape()
    roots = [lower(parse(text), EMPTY, tape) for text in ("a * b", "a + b", "a * b")]
    by = np.arange(6.0).reshape(3, 2, 1)
    found, _ = pull(tape, roots, by, {"a": np.array([2.0]), "b": np.array([5.0])})
    assert found["a"][:, 0].tolist() == [(by[0, k, 0] + by[2, k, 0]) * 5 + by[1, k, 0] for k in range(2)]


KINKS = [
    "abs(a)", "min(a, 0)", "max(b, a)", "clip(a, 0, 1)", "a if a < 0 else b", "(1 + b) * (a < 0)",
    "b if not (a > 0) else 1", "(1 if a >= 0 else 2 * b) if b < 1 else 3",
]  # fmt: skip


@pytest.mark.parametrize("text", KINKS)
def test_a_kink_is_flagged_where_the_draw_lies_on_it(text: str) -> None:
    tape = Tape()
    root = lower(parse(text), EMPTY, tape)
    a, b = np.array([-0.5, 0.0, 0.25]), np.array([0.1, 0.0, 0.3])
    _, kinked = pull(tape, [root], np.ones((1, 1, 3)), {"a": a, "b": b})
    assert kinked.tolist() == [False, True, False]


def test_a_kink_in_a_branch_that_is_not_taken_does_not_count() -> None:
    tape = Tape()
    root = lower(parse("(1 if a >= 0 else 2) if b < 1 else 3 * b"), EMPTY, tape)
    _, kinked = pull(tape, [root], np.ones((1, 1, 2)), {"a": np.zeros(2), "b": np.array([0.5, 2.0])})
    assert kinked.tolist() == [True, False]


def test_every_family_is_tried() -> None:
    assert set(PARAMETERS) == set(FAMILIES) - STEPS


@pytest.mark.parametrize("family", PARAMETERS)
def test_every_family(family: str) -> None:
    params = [np.full(9, x) for x in PARAMETERS[family]]
    _compare(family, params, "")


@pytest.mark.parametrize(
    ("low", "high", "unit"), [(0.5, 2.0, ""), (-2.0, -0.5, ""), (-1.0, 2.0, ""), (0.1, 0.4, "probability")]
)
def test_intervals_of_every_sign(low: float, high: float, unit: str) -> None:
    _compare("interval", [np.full(9, low), np.full(9, high)], unit)


def _compare(family: str, params: list[Floats], unit: str) -> None:
    z = np.linspace(-2.2, 2.2, 9)  # not on the mode of `triangular`
    x = quantile(family, params, special.ndtr(z), unit)
    by, by_score = quantile_slopes(family, params, special.ndtr(z), x, unit, [True] * len(params))
    assert by_score == pytest.approx(
        differences(lambda s: quantile(family, params, special.ndtr(s), unit), z), rel=1e-7, abs=1e-9
    )
    for k, part in enumerate(by):

        def moved(p: Floats, k: int = k) -> Floats:
            return quantile(family, [*params[:k], p, *params[k + 1 :]], special.ndtr(z), unit)

        assert part == pytest.approx(differences(moved, params[k]), rel=1e-7, abs=1e-8)
