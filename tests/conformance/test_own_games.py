"""Games of our own with what pygambit says of them (see make_golden.py): the suite means something without other data.

Small, and between them all that the formats allow: outcomes on the way, chance at the root and below, numbers in every
way of writing them, sets without an order in time, players who never move, moves without a choice, texts of all kinds.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace

import numpy as np
import pytest

from detente.game.files.efg import read_efg, write_efg
from detente.game.files.nfg import read_nfg, write_nfg
from detente.game.tree import GameError
from detente.solve.base import Status
from detente.solve.certificate.certify import certify
from detente.solve.nash.nash import Nash
from detente.solve.quantal.limit import Limit
from detente.solve.quantal.quantal import Quantal
from detente.solve.sequence_form.cfr import Regret
from detente.solve.sequence_form.zero_sum import ZeroSum
from tests.conformance.own import GOLDEN, HERE, NAMES, REFUSED, endings, read, stored


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
