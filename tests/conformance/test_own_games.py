"""Games of our own with what pygambit says of them (see make_golden.py): the suite means something without other data.

Small, and between them all that the formats allow: outcomes on the way, chance at the root and below, numbers in every
way of writing them, sets without an order in time, players who never move, moves without a choice, texts of all kinds.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from detente.arrays import Floats
from detente.game.files.efg import read_efg, write_efg
from detente.game.files.nfg import read_nfg, write_nfg
from detente.game.tree import Game, GameError
from detente.solve.base import Status
from detente.solve.certificate.certify import certify
from detente.solve.nash.nash import Nash
from detente.solve.quantal.limit import Limit
from detente.solve.quantal.quantal import Quantal
from detente.solve.sequence_form.cfr import Regret
from detente.solve.sequence_form.zero_sum import ZeroSum
from tests.conformance.test_gambit_files import endings

HERE = Path(__file__).parent
GOLDEN: dict[str, dict[str, Any]] = json.loads((HERE / "golden.json").read_text(encoding="utf-8"))
REFUSED = {"absent.efg": "'exit?': its owner has forgotten that it was there", "forgets.efg": "'which?': its owner has"}
NAMES = sorted(set(GOLDEN) - set(REFUSED))


def read(name: str) -> Game:
    text = (HERE / "games" / name).read_bytes().decode("utf-8")
    return (read_nfg if name.endswith(".nfg") else read_efg)(text, file=name)


def stored(game: Game, profile: list[Any]) -> Floats:
    """[A] a stored behaviour; where its owner's plan never leads, which it does not say, all moves alike."""
    tree, found = game.tree, 1.0 / np.diff(game.tree.action_start)[game.tree.action_infoset]
    for where, probabilities in profile:
        if isinstance(where, int):
            h = int(np.flatnonzero(tree.owner == where - 1)[0])
        else:
            x = 0
            for label in where:
                x = next(x for x in range(tree.first_child[x], tree.first_child[x] + tree.children[x])
                         if tree.labels[x] == label)  # fmt: skip
            h = int(tree.infoset[x])
        if None not in probabilities:
            found[tree.action_start[h] : tree.action_start[h + 1]] = [float(Fraction(p)) for p in probabilities]
    return found


def test_the_answers_are_about_these_games() -> None:
    files = {file.name: file for file in (HERE / "games").iterdir()}
    assert set(files) == set(GOLDEN)
    for name, file in files.items():
        assert hashlib.sha256(file.read_bytes()).hexdigest()[:16] == GOLDEN[name]["digest"], (
            f"run make_golden.py: {name}"
        )
    assert sum(len(GOLDEN[name].get("branch", ())) for name in NAMES) >= 60
    assert sum(len(GOLDEN[name].get("extreme", ())) + len(GOLDEN[name].get("polynomial", ())) for name in NAMES) >= 30


@pytest.mark.parametrize("name", REFUSED)
def test_imperfect_recall_is_refused_by_name(name: str) -> None:
    assert GOLDEN[name]["forgets"]
    with pytest.raises(GameError) as problem:
        read(name)
    assert REFUSED[name] in str(problem.value)


@pytest.mark.parametrize("name", NAMES)
def test_a_file_means_what_it_means_to_gambit(name: str) -> None:
    game = read(name)
    uniform = stored(game, [])[:, None]
    np.testing.assert_allclose(certify(game, uniform).value[:, 0], GOLDEN[name]["uniform"], atol=1e-12)
    table = name.endswith(".nfg")
    back = read_nfg(write_nfg(game)) if table else read_efg(write_efg(game))
    assert back.tree.labels == game.tree.labels
    assert [(s.player, s.number, s.actions) for s in back.tree.infosets] == [
        (s.player, s.number, s.actions) for s in game.tree.infosets
    ]
    np.testing.assert_allclose(certify(back, uniform).value, certify(game, uniform).value, atol=1e-14)


@pytest.mark.parametrize("trace", [False, True], ids=["climbed", "traced"])
@pytest.mark.parametrize("name", [name for name in NAMES if GOLDEN[name].get("branch")])
def test_the_principal_branch(name: str, trace: bool) -> None:
    game, points = read(name), GOLDEN[name]["branch"]
    solutions = Quantal(trace=trace).path(game, [point["precision"] for point in points])
    for point, solution in zip(points, solutions, strict=True):
        there = replace(game, precision=np.full_like(game.precision, point["precision"]))
        expected = stored(game, point["behaviour"])
        assert certify(there, expected[:, None]).converged()[0]
        assert certify(there, solution.behaviour).converged()[0]
        np.testing.assert_allclose(solution.behaviour[:, 0], expected, atol=1e-7)


@pytest.mark.parametrize("name", NAMES)
def test_lists_of_equilibria(name: str) -> None:
    game = read(name)
    listed = Nash().all(game)
    assert listed.complete
    ours = [endings(game, e.behaviour) for e in listed.found]
    for e in listed.found:
        assert certify(game, e.behaviour[:, None]).gain.max() <= 1e-9
    for method in ("pure", "extreme", "polynomial"):
        theirs = [endings(game, stored(game, profile)) for profile in GOLDEN[name].get(method, ())]
        for ends in theirs:
            assert min(np.abs(ends - other).max() for other in ours) < 1e-6, method
        for ends in ours if method == "extreme" and theirs else ():
            assert min(np.abs(ends - other).max() for other in theirs) < 1e-6


@pytest.mark.parametrize("name", NAMES)
def test_every_solver_that_takes_a_game_finds_an_equilibrium(name: str) -> None:
    game = read(name)
    values = []
    for solver in (Limit(), Nash(), ZeroSum(), Regret(iterations=20_000, variant="predictive", tolerance=1e-5)):
        if isinstance(solver, ZeroSum) and solver.refuses(game):
            continue
        solution = solver.solve(game)
        certificate = certify(game, solution.behaviour)
        if not isinstance(solver, Regret):
            assert solution.status[0] != Status.STOPPED
            assert certificate.gain.max() <= 1e-9
        elif not ZeroSum().refuses(game):
            assert certificate.gain.max() <= 1e-3
        values.append(certificate.value[:, 0])
    if not ZeroSum().refuses(game):
        np.testing.assert_allclose(values, np.broadcast_to(values[0], np.shape(values)), atol=1e-3)
