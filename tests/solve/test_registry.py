"""Solvers of one's own: one file, known by one line, and treated as any other."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

import detente
from detente.errors import QuestionError
from detente.game.tree import Game
from detente.present.cli.app import app
from detente.solve import registry
from detente.solve.base import TOLERANCE, Follower, Solution, Status, advice
from detente.solve.choose import METHODS, choose
from detente.solve.quantal.quantal import Quantal
from detente.solve.registry import is_ours, solver
from detente.study.games import solve_game
from tests.games import showdown
from tests.oracles import certificate as plain


@dataclass(frozen=True)
class Damped:
    """The logit response to itself, by going half of the way again and again: for weak responses only."""

    iterations: int = 400
    share: float = 0.5

    @property
    def name(self) -> str:
        return "damped response"

    @property
    def uses_precision(self) -> bool:
        return True

    def refuses(self, game: Game) -> str:
        return "a response needs a finite precision" if np.isposinf(game.precision).any() else ""

    def solve(self, game: Game, workers: int = 1) -> Solution:  # noqa: ARG002 (part of what a solver is)
        tree, n = game.tree, game.n_draws
        starts, sets = tree.action_start[:-1], tree.action_infoset
        there = np.ones((tree.n_actions, n), np.bool_) if game.available is None else game.available
        behaviour = there / np.add.reduceat(there, starts, axis=0)[sets]
        for _ in range(self.iterations):
            chunk = plain._Chunk.cut(plain._shape(tree), game, behaviour, slice(0, n))
            logs = np.log(np.maximum(behaviour, 1e-300))
            paid = np.where(there, chunk.move_payoffs(chunk.worth(), logs), -np.inf)
            odds = np.exp(game.precision[tree.owner[sets]] * (paid - np.maximum.reduceat(paid, starts, axis=0)[sets]))
            behaviour = behaviour + self.share * (odds / np.add.reduceat(odds, starts, axis=0)[sets] - behaviour)
        one = np.ones(n)
        none = np.zeros(n, np.bool_)
        status = np.full(n, Status.SOLVED, np.int8)
        return Solution(behaviour, status, one, self.name, (), one.astype(np.int64), none)


@pytest.fixture
def entered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_entered", dict(registry._entered))
    solver("damped")(Damped)


@pytest.mark.usefixtures("entered")
@pytest.mark.parametrize("method", [Damped(), "damped"])
def test_a_solver_of_ones_own_that_uses_precision(method: Any) -> None:
    weak: dict[str, Any] = {"draws": 20, "set": {"precision": 4}}  # where damping is enough
    ours, study = (detente.run("crisis-signalling", **weak, method=chosen) for chosen in (None, method))
    assert study.method == "damped response"
    assert not study.unlimited
    assert study.converged.all()
    assert study.residual.max() <= TOLERANCE
    for name, finding in ours.outcomes.items():
        assert study.outcomes[name].value == pytest.approx(finding.value, abs=1e-6)
    np.testing.assert_allclose(study.gain, ours.gain, atol=1e-6)
    line, known = (
        detente.tip("crisis-signalling", "audience_cost", points=3, **weak, method=chosen) for chosen in (method, None)
    )
    for name, curve in known.outcomes.items():
        assert [f.value for f in line.outcomes[name]] == pytest.approx([f.value for f in curve], abs=1e-6)


@pytest.mark.usefixtures("entered")
def test_it_is_known_by_name_wherever_names_are() -> None:
    assert "damped" in METHODS
    assert registry.alternatives().endswith(" or damped")
    game = showdown(1, 1.0)
    assert choose(game, "damped").solver == Damped()
    one, other = solve_game(game, [0.1, 0.2], "damped")
    assert (one.precision, other.precision) == (0.1, 0.2)
    expected = [point.solution.behaviour for point in solve_game(game, [0.1, 0.2])]
    np.testing.assert_allclose([one.solution.behaviour, other.solution.behaviour], expected, atol=1e-8)
    with pytest.raises(QuestionError, match="did you mean 'damped'"):
        choose(game, "dampd")
    with pytest.raises(QuestionError, match="finite precision"):
        detente.run("crisis-signalling", draws=4, method=Refusing())


class Refusing(Damped):
    def refuses(self, game: Game) -> str:  # noqa: ARG002 (part of what a solver is)
        return "a response needs a finite precision"


@pytest.mark.usefixtures("entered")
def test_a_name_belongs_to_one_solver() -> None:
    solver("damped")(Damped)  # the same again, as when a cell of a notebook is run twice
    with pytest.raises(QuestionError, match="a method 'quantal' already"):
        solver("quantal")(Damped)


@pytest.mark.usefixtures("entered")
def test_what_others_wrote_is_not_kept(tmp_path: Path) -> None:
    """Its code may change while its settings do not."""
    for method in (Damped(), "damped"):
        assert not is_ours(method)
        for _ in range(2):
            store = detente.Store(tmp_path)
            detente.run("crisis-signalling", draws=20, method=method, store=store)
            assert (store.reused, store.solved) == (0, 20)
    assert all(is_ours(method) for method in (None, "regret", METHODS["quantal"]()))


def test_every_solver_says_what_it_can() -> None:
    made = {name: make() for name, make in METHODS.items()}
    assert list(made) == ["backward", "limit", "nash", "quantal", "regret", "zero-sum"]
    assert [name for name, one in made.items() if one.uses_precision] == ["quantal"]
    assert [name for name, one in made.items() if isinstance(one, Follower)] == ["quantal"]
    assert not isinstance(Damped(), Follower)


def test_names_are_told_without_importing_anything_heavy() -> None:
    code = (
        "import sys; from detente.solve.registry import alternatives; print(alternatives());"
        "assert not {'numpy', 'scipy'} & set(sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert told == "backward, limit, nash, quantal, regret or zero-sum\n"


@pytest.mark.usefixtures("entered")
def test_what_did_not_converge_is_told(tmp_path: Path) -> None:
    """Also where the solver itself thinks that it has settled: the certificate decides."""
    file = tmp_path / "chicken.nfg"
    file.write_text('NFG 1 R "Chicken" { "1" "2" } { 2 2 }\n0 0 1 -1 -1 1 -5 -5\n')
    arguments = ["solve", str(file), "--method", "damped", "--precision", "0.1,50"]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 3
    assert "precision 50 (not converged)" in result.stdout
    assert "precision 0.1\n" in result.stdout
    assert result.stderr.count("not converged: ask for another --method") == 1
    gentle, harsh = json.loads(CliRunner().invoke(app, [*arguments, "--json"]).stdout)["points"]
    assert "advice" not in gentle
    assert (harsh["reached"], harsh["advice"]) == (1, "ask for another --method")
    (fine,) = solve_game(file, [50.0], Quantal(budget=2000))
    assert fine.converged
    assert not fine.advice


def test_advice_fits_what_happened_and_where() -> None:
    """A larger budget is advised only where the branch was lost; a precision is lowered where one was given."""
    for stopped in (True, False):
        assert ("budget" in advice("quantal response", stopped)) == stopped
        assert "--set" in advice("quantal response", stopped)
        assert "--precision" not in advice("quantal response", stopped)
        assert "--precision" in advice("quantal response", stopped, "--precision")
