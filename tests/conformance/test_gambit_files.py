"""Games and principal branches of Gambit's own catalogue, where a checkout of them lies beside the repository.

Each point of `agent_qre_principal_branch` that Gambit itself found well (residual below 1e-8) must be met to 1e-6 by
our branch, or in games whose branch forks by one of its prongs. The data are not part of the project; without them the
tests are skipped. Games of imperfect recall are refused, and none is skipped.
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
from detente.game.tree import Game, GameError
from detente.solve.base import Status
from detente.solve.certificate.certify import certify
from detente.solve.quantal.branches import Sides, sides
from detente.solve.quantal.limit import Limit
from detente.solve.quantal.quantal import Quantal
from tests.conformance.own import endings

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
FORGETFUL = {
    "catalog__books_vonstengel2022_fig10.7",
    "catalog__journals_geb_gilboa1997_fig2",
    "catalog__journals_geb_wichardt2008",
    "tests__gilboa_two_am_agents",
    "tests__noPR-action-selten-horse",
    "tests__noPR-information-no-deflate",
    "tests__subgame-8-roots",
    "tests__subgame_roots_finder_overplapping_infosets_with_Nature",
    "tests__subgame_roots_finder_small_subgames_and_overplapping_infosets",
    "tests__subgames",
}
"""Games of imperfect recall, which are refused."""
STILL = {"tests__chance_root_5_moves_no_nonterm_player_nodes"}  # nobody moves in it
STRAIGHT = {"tests__el_farol_bar"}  # five players, of whom no two need part: there Gambit goes straight on as well
NAMES = sorted(path.stem for path in (DATA / "games").glob("*.efg") if path.stem not in UNRELIABLE)
TAKEN = [name for name in NAMES if name not in FORGETFUL]

pytestmark = pytest.mark.skipif(not NAMES, reason="the conformance games are not beside this checkout (73 files)")


def read(name: str) -> Game:
    return read_efg((DATA / "games" / f"{name}.efg").read_text(), file=name)


def points(name: str) -> list[dict[str, Any]]:
    results = json.loads((DATA / "expected" / f"{name}.json").read_text())["results"]
    return [
        point
        for point in results.get("agent_qre_principal_branch", {}).get("points", [])
        if point["fixed_point_residual"] < 1e-8
    ]


@pytest.mark.parametrize("name", sorted(FORGETFUL))
def test_imperfect_recall_is_refused_by_name(name: str) -> None:
    with pytest.raises(GameError, match=f"^{re.escape(name)}: imperfect recall at "):
        read(name)


@pytest.mark.parametrize("name", [name for name in TAKEN if name not in STILL])
@pytest.mark.parametrize("trace", [False, True], ids=["climbed", "traced"])
def test_the_principal_branch_is_gambits(name: str, trace: bool) -> None:
    game, found = read(name), points(name)
    assert found
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


@pytest.mark.parametrize("name", [name for name in TAKEN if name not in STILL])
def test_the_limit_of_the_branch_is_an_equilibrium(name: str) -> None:
    """And the one that Gambit ends near, as far as plays go: what it says of sets that are not reached is still on
    its way there. Where the branch forks, Gambit ends near that equilibrium or near what a prong leads to."""
    game = read(name)
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
    assert len(NAMES) == 72
    assert set(NAMES) >= FORGETFUL | STILL
    assert sum(len(points(name)) for name in TAKEN) == 303
