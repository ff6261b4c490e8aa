"""Derivatives of draws by scores and by quantities, against differences."""

from __future__ import annotations

import numpy as np
import pytest

from detente import define
from detente.arrays import Floats
from detente.draws.derivatives import Chain
from detente.draws.sampler import Sampler
from detente.draws.sources import Sources
from tests.differences import differences


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
