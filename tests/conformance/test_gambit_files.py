"""Games and principal branches of Gambit's own catalogue, where a checkout of them lies beside the repository.

Each point of `agent_qre_principal_branch` that Gambit itself found well (residual below 1e-8) must be met to 1e-6 by
our branch, or in games whose branch forks by one of its prongs. The data are not part of the project; without them the
tests are skipped, and how many is said.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from detente.arrays import Floats
from detente.game.files.efg import read_efg
from detente.game.tree import TERMINAL, Game, GameError
from detente.solve.base import Status
from detente.solve.certificate.certify import certify
from detente.solve.quantal.branches import Sides, sides
from detente.solve.quantal.limit import Limit
from detente.solve.quantal.quantal import Quantal

DATA = Path(__file__).parents[3] / "shared" / "conformance"
UNRELIABLE = {"tests__large_payoff_game"}  # payoffs of 1e19
FORKED = {  # two players in them are interchangeable, or a move of one mirrors a move of the other
    "catalog__books_shohamleytonbrown2008_fig5_10",
    "catalog__journals_mor_vonstengelforges2008_fig9",
    "tests__basic_extensive_game",
    "tests__mixed_behavior_game",
    "tests__reduction_both_players_payoff_ties_GTE_survey",
}
"""Games whose symmetry makes the branch fork. Gambit's points lie on a prong, which one being a matter of rounding;
ours go straight on, we say that there was a fork, and give the prongs beside."""
STRAIGHT = {"tests__el_farol_bar"}  # five players, of whom no two need part: there Gambit goes straight on as well
NAMES = sorted(path.stem for path in (DATA / "games").glob("*.efg") if path.stem not in UNRELIABLE)

pytestmark = pytest.mark.skipif(not NAMES, reason="the conformance games are not beside this checkout (73 files)")


def read(name: str) -> Game | None:
    """The game, or None if it is one that Detente refuses: imperfect recall."""
    try:
        return read_efg((DATA / "games" / f"{name}.efg").read_text(), file=name)
    except GameError as error:
        if not re.match(f"{re.escape(name)}: imperfect recall at ", str(error)):
            raise
        return None


def points(name: str) -> list[dict[str, Any]]:
    results = json.loads((DATA / "expected" / f"{name}.json").read_text())["results"]
    return [
        point
        for point in results.get("agent_qre_principal_branch", {}).get("points", [])
        if point["fixed_point_residual"] < 1e-8
    ]


def endings(game: Game, behaviour: Floats) -> Floats:
    """The probabilities of the endings, in preorder."""
    tree, found, waiting = game.tree, [], [(0, 1.0)]
    while waiting:
        x, reach = waiting.pop()
        if tree.kind[x] == TERMINAL:
            found.append(reach)
        for y in range(int(tree.first_child[x] + tree.children[x]) - 1, int(tree.first_child[x]) - 1, -1):
            a, e = tree.edge_action[y], tree.edge_chance[y]
            waiting.append((y, reach * (behaviour[a] if a >= 0 else game.chance[tree.chance_row[e, -1], 0])))
    return np.array(found)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("trace", [False, True], ids=["climbed", "traced"])
def test_the_principal_branch_is_gambits(name: str, trace: bool) -> None:
    game, found = read(name), points(name)
    if game is None or not found:
        pytest.skip("refused" if game is None else "no expected point with a residual below 1e-8")
    precisions = [point["lambda"] for point in found]
    solutions = Quantal(trace=trace).path(game, precisions)
    beside = sides(game, precisions, solutions) if name in FORKED else [Sides()] * len(found)
    parted = False
    for point, solution, others in zip(found, solutions, beside, strict=True):
        there = replace(game, precision=np.full_like(game.precision, point["lambda"]))
        assert certify(there, solution.behaviour).converged()[0]
        assert solution.forked[0] == (name in FORKED | STRAIGHT)
        assert not others.note
        ours = [solution.behaviour[:, 0], *(side.behaviour for side in others.found)]
        away = [np.abs(one - stored(game, point)).max(initial=0.0) for one in ours]
        assert min(away) < 1e-6, f"{point['lambda']}: {away}"
        parted |= away[0] >= 1e-6
    assert parted == (name in FORKED)


def stored(game: Game, point: dict[str, Any]) -> Floats:
    """[A] the behaviour at a point."""
    sets = [point["behavior"][f"{infoset.player + 1}:{infoset.number}"] for infoset in game.tree.infosets]
    return np.array([float(p) for probabilities in sets for p in probabilities])


UNSETTLED = {"catalog__conf_itcs_jakobsen2016_fig3"}  # four players, mixed for long: the budget ends on the way
PARTED = FORKED | {"catalog__conf_itcs_jakobsen2016_fig1c"}  # it forks beyond the points that are compared


@pytest.mark.parametrize("name", NAMES)
def test_the_limit_of_the_branch_is_an_equilibrium(name: str) -> None:
    """And the one that Gambit ends near, as far as plays go: what it says of sets that are not reached is still on
    its way there. Where the branch forks, Gambit ends near that equilibrium or near what a prong leads to."""
    game = read(name)
    if game is None or not game.tree.n_infosets:
        pytest.skip("refused" if game is None else "nobody moves")
    solution = Limit().solve(game)
    assert (solution.status[0] == Status.STOPPED) == (name in UNSETTLED)
    if name in UNSETTLED:
        return
    assert certify(game, solution.behaviour).gain.max() <= 1e-9
    results = json.loads((DATA / "expected" / f"{name}.json").read_text())["results"]
    ours = [solution.behaviour[:, 0]]
    if name in PARTED:
        paid = game.payoffs[np.unique(game.tree.slot[game.tree.terminals])]
        sharp = [1000 / float(np.ptp(paid, axis=0).max())]
        (beside,) = sides(game, sharp, Quantal(budget=2000).path(game, sharp))
        ours += [side.behaviour for side in beside.found]
    for equilibrium in results.get("logit_limit", {}).get("equilibria", []):
        ends = np.array([float(p) for p in equilibrium["terminal_probs"]])
        assert min(np.abs(endings(game, one) - ends).max() for one in ours) < 2e-3


def test_most_games_are_compared() -> None:
    """So that a change of the data or of the reader does not empty the test above unseen."""
    games = {name: read(name) for name in NAMES}
    assert len(NAMES) == 72
    assert sum(game is None for game in games.values()) == 10
    assert sum(len(points(name)) for name in NAMES if games[name] is not None) == 303
