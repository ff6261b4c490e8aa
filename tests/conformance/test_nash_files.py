"""Equilibria of Gambit's own catalogue, where a checkout of it lies beside the repository.

Every stored equilibrium must be among ours, compared by the probabilities of the outcomes: all pure ones, all extreme
ones, and all that solving polynomials found. Those of linear programmes may also lie between ours. For two players ours
must also be no more than the extreme ones. What we list must leave nobody anything to gain. The data are not part of
the project; without them the tests are skipped.
"""

from __future__ import annotations

import json
import re
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from scipy.optimize import nnls

from detente.arrays import Floats
from detente.game.tree import Game
from detente.solve.base import Status
from detente.solve.certificate.certify import certify
from detente.solve.nash.nash import Nash
from detente.solve.sequence_form.cfr import Regret
from detente.solve.sequence_form.sequences import sequences
from detente.solve.sequence_form.zero_sum import ZeroSum
from tests.conformance.own import REFUSALS, endings
from tests.conformance.test_gambit_files import DATA, NAMES, TAKEN, read

pytestmark = pytest.mark.skipif(not NAMES, reason="the conformance games are not beside this checkout (73 files)")


def expected(name: str, method: str) -> list[Floats]:
    """The distinct probabilities of outcomes, in preorder, of the equilibria that a method found."""
    results: dict[str, Any] = json.loads((DATA / "expected" / f"{name}.json").read_text())["results"]
    found: list[Floats] = []
    for equilibrium in results.get(method, {}).get("equilibria", []):
        ends = np.array([float(Fraction(str(p))) for p in equilibrium["terminal_probs"]])
        if not among(ends, found):
            found.append(ends)
    return found


def between(game: Game, name: str, method: str, plans: list[list[Floats]]) -> bool:
    """Whether the equilibrium of two players that a method found lies between some of ours, given as `plans`.

    Those that would do in place of one side of it, against the other side, span that side.
    """
    form = sequences(game.tree)
    weights = form.weights(game, 0)
    results = json.loads((DATA / "expected" / f"{name}.json").read_text())["results"]
    stored = results[method]["equilibria"][0]["behavior"]
    numbers = [stored[f"{s.player + 1}:{s.number}"] for s in game.tree.infosets]
    pair = form.plans(np.array([float(Fraction(str(p))) for own in numbers for p in own]))
    for side, plan in enumerate(pair):
        corners = []
        for listed in plans:
            other = [listed[q] if q == side else pair[q] for q in range(2)]
            if form.gains(weights, other).max() <= 1e-9:
                corners.append(np.append(listed[side], 1.0))
        if not corners or nnls(np.array(corners).T, np.append(plan, 1.0))[1] > 1e-9:
            return False
    return True


def among(ends: Floats, others: list[Floats]) -> bool:
    return any(np.abs(ends - other).max() < 1e-6 for other in others)


@pytest.mark.parametrize("name", TAKEN)
def test_equilibria_are_gambits(name: str) -> None:
    game = read(name)
    listed = Nash().all(game)
    assert listed.complete
    ours = [endings(game, e.behaviour) for e in listed.found]
    for e in listed.found:
        assert e.gain <= 1e-9
        if game.tree.n_infosets:
            assert certify(game, e.behaviour[:, None]).gain.max() <= 1e-9
    for method in ("enumpure", "enummixed_rational", "lcp_rational", "lp_rational", "enumpoly"):
        for ends in expected(name, method):
            found = among(ends, ours)
            if method in ("lcp_rational", "lp_rational") and not found:
                plans = [sequences(game.tree).plans(e.behaviour) for e in listed.found]
                found = between(game, name, method, plans)
            assert found, (method, ends)
    if extreme := expected(name, "enummixed_rational"):
        for ends in ours:
            assert among(ends, extreme), ends


@pytest.mark.parametrize("name", TAKEN)
def test_values_of_zero_sum_games(name: str) -> None:
    game = read(name)
    if refusal := ZeroSum().refuses(game):
        assert re.search(REFUSALS["zero-sum"], refusal)
        return
    results = json.loads((DATA / "expected" / f"{name}.json").read_text())["results"]
    value = [float(Fraction(str(v))) for v in results["lp_rational"]["equilibria"][0]["payoffs"]]
    certificate = certify(game, ZeroSum().solve(game).behaviour)
    assert certificate.gain.max() <= 1e-9
    np.testing.assert_allclose(certificate.value[:, 0], value, atol=1e-8)
    solution = Regret(iterations=20_000, variant="predictive", tolerance=1e-5).solve(game)
    assert solution.status[0] == Status.SOLVED
    np.testing.assert_allclose(certify(game, solution.behaviour).value[:, 0], value, atol=1e-4)
