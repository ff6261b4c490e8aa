"""Shapley effects against closed forms: Gaussian linear models, interactions, and independent quantities."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations

import numpy as np
import pytest
from scipy import special
from scipy.stats import qmc

import detente
from detente.analyse.sensitivity.chaos import fit, hermite
from detente.analyse.sensitivity.shapley import MOST_PLAYERS, Block, Player, shapley
from detente.arrays import Floats
from detente.present.view import Shown, view_of
from detente.study.registry import find
from tests.analyse.crises import decision
from tests.analyse.test_sensitivity import invoke
from tests.cases.editions import FIRST_EDITION

N = 4096


def _scores(d: int, seed: int) -> Floats:
    """[d, N] normal scores, spread evenly: what is left is no error of sampling."""
    return np.asarray(special.ndtri(qmc.Sobol(d, rng=np.random.default_rng(seed)).random(N)).T)


def _root(matrix: Floats) -> Floats:
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0)) @ vectors.T)


def _blocks(mixing: Floats, groups: Sequence[Sequence[int]]) -> list[Block]:
    return [Block(tuple(Player(f"x{k}", (k,)) for k in group), mixing) for group in groups]


def _linear(beta: Floats, sigma: Floats) -> Floats:
    """[d] the Shapley effects of beta' X with X normal of covariance `sigma`, over all orders (Owen & Prieur 2017)."""

    def explained(known: tuple[int, ...]) -> float:
        if not known:
            return 0.0
        k = list(known)
        slope = sigma[:, k] @ np.linalg.pinv(sigma[np.ix_(k, k)])
        return float(beta @ slope @ sigma[k] @ beta)

    d, found = len(beta), np.zeros(len(beta))
    orders = list(permutations(range(d)))
    for order in orders:
        for place, k in enumerate(order):
            found[k] += explained(order[: place + 1]) - explained(order[:place])
    return found / len(orders) / float(beta @ sigma @ beta)


@pytest.mark.parametrize("rho", [-0.7, 0.0, 0.4, 0.95, 1.0])
def test_two_correlated_quantities_share_what_the_closed_form_says(rho: float) -> None:
    beta, sigma = np.array([1.0, 2.0, 0.5]), np.eye(3)
    sigma[0, 1] = sigma[1, 0] = rho
    mixing = _root(sigma)
    z = _scores(3, 1)
    found = shapley(fit(z, (beta @ mixing @ z)[None]), _blocks(mixing, [[0, 1], [2]]))
    variance = 1 + 4 + 2 * rho * 2 + 0.25
    first = (1 + 2 * rho + rho**2 * (4 - 1) / 2) / variance  # Owen & Prieur, section 4.1
    assert _linear(beta, sigma)[0] == pytest.approx(first)
    assert [found[f"x{k}"].value for k in range(3)] == pytest.approx(_linear(beta, sigma), abs=0.01)
    assert sum(f.value for f in found.values()) == pytest.approx(1, abs=0.01)


def test_a_block_of_four_and_its_intervals() -> None:
    rng = np.random.default_rng(2)
    half = rng.standard_normal((4, 6))
    sigma = half @ half.T
    scale = np.sqrt(np.diag(sigma))
    sigma /= np.outer(scale, scale)
    beta, mixing = np.array([1.0, -0.5, 0.8, 0.0]), _root(sigma)
    exact, hits = _linear(beta, sigma), 0
    for seed in range(20):
        z = np.random.default_rng(seed).standard_normal((4, 1000))
        noise = np.random.default_rng(seed + 100).standard_normal(1000)
        y = beta @ mixing @ z
        found = shapley(fit(z, (y + 0.3 * y.std() * noise)[None]), _blocks(mixing, [range(4)]))
        want = exact / 1.09
        hits += sum(found[f"x{k}"].low - 0.005 <= want[k] <= found[f"x{k}"].high + 0.005 for k in range(4))
    assert hits >= 0.85 * 80
    assert exact[3] > 0.01, "what has no derivative of its own shares in what it is correlated with"


def test_independent_quantities_get_their_own_and_half_of_what_needs_two() -> None:
    z = _scores(3, 3)
    y = z[0] + 0.5 * hermite(z)[1, 1] + z[0] * z[2]
    found = shapley(fit(z, y[None]), _blocks(np.eye(3), [[0], [1], [2]]))
    assert [found[f"x{k}"].value for k in range(3)] == pytest.approx(np.array([1.5, 0.25, 0.5]) / 2.25, abs=0.01)


def test_products_and_squares_of_correlated_quantities() -> None:
    """Y = X0 X1 with correlation r: Var = 1 + r^2, and each explains 2 r^2 alone, so that each has half of it."""
    r = 0.6
    mixing = _root(np.array([[1, r], [r, 1]]))
    z = _scores(2, 4)
    x = mixing @ z
    found = shapley(fit(z, (x[0] * x[1])[None]), _blocks(mixing, [[0, 1]]))
    assert [f.value for f in found.values()] == pytest.approx([0.5, 0.5], abs=0.01)
    # X0^2: X0 explains all of 2, X1 explains 2 r^4; X0 gets (2 + 2 - 2 r^4) / 2 of 2
    found = shapley(fit(z, (x[0] ** 2)[None]), _blocks(mixing, [[0, 1]]))
    assert [f.value for f in found.values()] == pytest.approx([1 - r**4 / 2, r**4 / 2], abs=0.01)


def test_an_interaction_across_blocks_is_shared_by_all_that_take_part() -> None:
    """Y = X0 X2, X0 and X1 correlated by r, X2 apart: v({0, 2}) = 1, v({1, 2}) = r^2, v of singles is 0."""
    r = 0.5
    mixing = _root(np.array([[1, r, 0], [r, 1, 0], [0, 0, 1]]))
    z = _scores(3, 5)
    x = mixing @ z
    found = shapley(fit(z, (x[0] * x[2])[None]), _blocks(mixing, [[0, 1], [2]]))
    exact = [1 / 2 - r * r / 3, r * r / 6, 1 / 2 + r * r / 6]
    assert sum(exact) == pytest.approx(1)
    assert [found[f"x{k}"].value for k in range(3)] == pytest.approx(exact, abs=0.01)


def test_too_many_at_once_are_refused() -> None:
    d = MOST_PLAYERS + 1
    z = np.random.default_rng(6).standard_normal((d, 1000))
    with pytest.raises(ValueError, match="too many for Shapley effects"):
        shapley(fit(z, z[:1]), _blocks(np.eye(d), [range(d)]))


CORRELATED = {
    "quantities": {"y": "normal(0, 0.5)", "idle": "uniform(0, 1)"},
    "payoffs": {"A": {"gain": "(x + y) * (move is go)", "rest": "0.3 * (move is stay)"}},
    "correlations": [{"between": ["x", "y"], "rank": 0.5}],
}


def test_sense_shares_out_where_quantities_are_correlated() -> None:
    study = detente.run(decision("normal(0.3, 0.5)", **CORRELATED), draws=1500)
    found = detente.sense(study, "gone")
    shares = {e.name: e.shapley for e in found.effects}
    x, y = shares["x"], shares["y"]
    assert x is not None
    assert y is not None
    assert x.value == pytest.approx(y.value, abs=0.06)  # alike in all but their median
    assert x.value + y.value == pytest.approx(1, abs=0.06)
    assert "Owen & Prieur" in " ".join(found.references)
    page = view_of(find("sense")).page(found, Shown(find("sense"), study.model, study))
    assert "Shapley" in str(page.content)
    plain = detente.sense(detente.run(decision("normal(0.3, 0.5)"), draws=500), "gone")
    assert all(e.shapley is None for e in plain.effects)


def test_the_command_tells_them() -> None:
    code, out, _ = invoke("sense", FIRST_EDITION, "-n", "500", "--of", "P(posture is invade)")
    assert code == 0, out
    assert "are shared among" in out
    assert "Shapley effects" in out
