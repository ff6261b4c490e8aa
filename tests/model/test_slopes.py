"""Derivatives of formulas, quantiles and draws, against differences."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy import special

from detente import define
from detente.arrays import Floats
from detente.draws.derivatives import Chain
from detente.draws.sampler import EMPTY, Sampler
from detente.draws.sources import Sources
from detente.language.derivatives import STEPS, pull, quantile_slopes
from detente.language.distributions import quantile
from detente.language.expressions import FAMILIES, parse
from detente.language.lowering import Tape, lower

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


def differences(f: Callable[[Floats], Floats], x: Floats, h: float = 1e-4) -> Floats:
    return (8 * (f(x + h) - f(x - h)) - (f(x + 2 * h) - f(x - 2 * h))) / (12 * h)


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


def _model():
    """Quantities of all kinds: made of others, mixtures, correlated, seen otherwise, cut at 0 and 1."""
    return define(
        "chain",
        title="Chain",
        actors={"A": "acts", "B": "looks on"},
        quantities={
            "lam": {"value": 3, "role": "precision"},
            "a": "1 to 3",
            "b": {"value": "0.1 to 0.6", "unit": "probability", "seen_by": {"A": "b + normal(0.1, 0.2)"}},
            "c": "a * b + normal(a, 0.3)",
            "d": {"value": {"mixture": {"normal(0, 0.1 + b)": 0.6, "2 + gamma(a, 0.5)": 0.4}}},
            "e": {"value": "exp(c) / 4 + d", "seen_by": {"B": "e * (0.5 to 1.5)"}},
            "f": {"value": "beta(a, 2) + max(b, 0.2)", "unit": "share"},
        },
        correlations=[{"between": ["a", "b"], "rank": 0.6}],
        stages={"move": {"actor": "A", "moves": ["go", "stay"]}, "reply": {"actor": "B", "moves": ["go", "stay"]}},
        outcomes={"gone": "move is go", "still": "otherwise"},
        payoffs={
            "A": {"gain": "(a + b + c) * (move is go)"},
            "B": {"gain": "(d + e + f + c) * (reply is go)"},
        },
    )


def test_draws_by_scores_and_by_quantities() -> None:
    sampler = Sampler(_model())
    sources = Sources(sampler)
    free = 0.8 * sources.free(12, 5)
    chain = Chain.at(sources, free)
    keys = [("", name) for name in "abcdef"] + [(actor, x) for actor, seen in chain.draws.views.items() for x in seen]
    assert {("A", "b"), ("A", "c"), ("A", "d"), ("A", "e"), ("B", "e")} <= set(keys)
    m = len(keys)
    by = {}
    for k, key in enumerate(keys):
        by[key] = np.zeros((m, 12))
        by[key][k] = 1.0
    found = chain.pull(by, m)

    def read(draws) -> Floats:
        return np.array([draws.seen_by(actor or None)[name] for actor, name in keys])

    for s in range(len(sources.names)):

        def moved(x: Floats, s: int = s) -> Floats:
            points = free.copy()
            points[s] = x
            return read(sources.draws(points))

        assert found.scores[s] == pytest.approx(differences(moved, free[s]), rel=1e-6, abs=1e-6)
    scores = dict(zip(sources.names, sources.mixing @ free, strict=True))
    for name in ("a", "b", "c", "e", "b seen by A", "e seen by B"):

        def fixed(x: Floats, name: str = name) -> Floats:
            kept = Sampler(sampler.model, scores=lambda source: scores.get(source, np.zeros(12)))
            return read(kept.draw(12, 0, {name: x}))

        exact = differences(fixed, Sources.read(chain.draws, name))
        if name in ("c", "e"):  # set to a value, A sees it too; moved a little, A still goes by what it makes of b
            exact = np.where([[actor == "A"] for actor, _ in keys], 0.0, exact)
        assert found.quantities[name] == pytest.approx(exact, rel=1e-6, abs=1e-6)


def test_what_is_drawn_is_the_same_with_and_without_a_trail() -> None:
    sampler = Sampler(_model())
    plain, chain = sampler.draw(50, 3), Chain.of(sampler, 50, 3)
    assert all(np.array_equal(plain.truth[name], chain.draws.truth[name]) for name in plain.truth)
    part = chain.part(10, 20)
    by = {("", "f"): np.ones((1, 50))}
    whole, some = chain.pull(by, 1), part.pull({("", "f"): np.ones((1, 10))}, 1)
    assert np.array_equal(whole.scores[:, :, 10:20], some.scores)


def test_sources_that_move_in_steps_are_named() -> None:
    assert Chain.of(Sampler(_model()), 3, 1).stepwise == ("d",)
