"""Solvers by name and by choice, in games and in runs; what is said of draws that did not settle."""

from __future__ import annotations

import re

import numpy as np
import pytest
import typer

import detente
from detente.errors import QuestionError
from detente.present.cli.app import app, made
from detente.solve import base, choose
from detente.solve.base import Status, advice
from detente.solve.certificate.certify import certify
from detente.solve.choose import METHODS
from detente.solve.quantal.limit import Limit
from detente.solve.quantal.quantal import Quantal
from detente.solve.sequence_form.cfr import Regret
from detente.study.summary import summary
from tests.games import escalation, kuhn, random_game, showdown, take, zero_sum


@pytest.mark.parametrize("method", METHODS)
def test_every_method_can_be_named(method: str) -> None:
    game = zero_sum(3)
    if method == "backward":
        game = random_game(3, perfect=True)
    solver, reason = choose.choose(game, method)
    assert reason.startswith(f"{solver.name}, because it was asked for")
    assert ("several equilibria" in reason) == (method == "nash")
    solution = solver.solve(game)
    if method != "quantal":
        gain = certify(game, solution.behaviour).gain
        assert gain[:, solution.status != Status.STOPPED].max(initial=0.0) <= 1e-4


@pytest.mark.parametrize("method", ["limit", "nash", "regret"])
def test_a_run_by_each_method_that_needs_no_precision(method: str) -> None:
    study = detente.run("crisis-signalling", draws=6, method=method)
    assert study.unlimited
    assert study.method.startswith(METHODS[method]().name)
    assert study.gain.max() <= (1e-9 if method != "regret" else 1e-2)
    assert sum(finding.value for finding in study.outcomes.values()) == pytest.approx(1)
    again = detente.run("crisis-signalling", draws=6, method=method, workers=2)
    assert summary(again) == summary(study)


def test_a_run_by_linear_programme_where_interests_are_opposed() -> None:
    text = """
detente: 1
title: pennies
actors: {One: matches, Two: does not}
quantities:
  stake: {value: 1 to 3, unit: stake, means: what is at stake}
stages:
  show: {actor: One, moves: [heads, tails]}
  guess: {actor: Two, moves: [up, down], together_with: show}
outcomes:
  same: {when: (show is heads and guess is up) or (show is tails and guess is down)}
  other: {otherwise: true}
payoffs:
  One: {win: stake * (outcome is same)}
  Two: {win: -stake * (outcome is same)}
"""
    study = detente.run(detente.loads(text), draws=5, method="zero-sum")
    assert study.converged.all()
    assert study.outcomes["same"].value == pytest.approx(0.5)
    with pytest.raises(QuestionError, match="do not add up to the same"):
        detente.run("crisis-signalling", draws=5, method="zero-sum")


def test_games_too_large_to_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choose, "LARGE", 3)
    poker = kuhn()
    solver, reason = choose.choose(poker)
    assert solver.name == "zero-sum linear programme"
    assert "too large" in reason
    assert isinstance(choose.choose(showdown(1, np.inf)).solver, Regret)
    assert isinstance(choose.choose(showdown(1, 1.0)).solver, Quantal)


def options(command: object) -> set[str]:
    found = set()
    for parameter in getattr(command, "params", []):
        found |= set(parameter.opts) | set(parameter.secondary_opts)
    return found


def test_advice_names_what_there_is() -> None:
    """Flags of the commands that show it, methods by their names, and solvers with settings that they have."""
    solving = typer.main.get_command(app).commands["solve"]  # type: ignore[attr-defined]
    known = [*base._ADVICE, *base._INEXACT]
    told = []
    for flags, lower in ((options(made("run")), base.LOWER), (options(solving), "--precision")):
        mine = [advice(name, stopped, lower) for name in known for stopped in (True, False)]
        for flag in re.findall(r"--[a-z-]+", " ".join(mine)):
            assert flag in flags, flag
        told += mine
    for text in told:
        for method in re.findall(r"--method ([a-z-]+)", text):
            assert method in METHODS
        for name, setting, value in re.findall(r"method=(\w+)\((\w+)=(\d+)\)", text):
            solver = {"Quantal": Quantal, "Limit": Limit, "Regret": Regret}[name](**{setting: int(value)})
            assert getattr(solver, setting) > getattr(type(solver)(), setting)
    assert {advice(make().name) for make in METHODS.values()} >= {advice(name) for name in base._ADVICE}
    assert "--method" in advice("some other method")


def test_a_run_that_stops_says_what_helps() -> None:
    study = detente.run("crisis-signalling", draws=4, method=Regret(iterations=1))
    assert not study.converged.any()
    assert summary(study).certificate.advice == advice("regret minimisation (CFR+)")


def test_questions_judge_as_the_run_does() -> None:
    """Where precision plays no part, by what can be gained and whether it settled, not by the residual."""
    model, change = detente.load("crisis-signalling"), ["shift audience_cost=+0.1"]
    for method, good in ((Regret(20_000, tolerance=5e-4), True), (Regret(iterations=1), False)):
        study = detente.run(model, draws=4, method=method)
        assert study.residual.max() > 0.01
        assert study.converged.tolist() == [good] * 4
        assert detente.what_if(model, change, draws=4, method=method).converged == good


def test_what_zero_sum_cannot_take_and_backward_cannot() -> None:
    game = take(escalation(1, 1.0), [0])
    for method, told in (("zero-sum", "has 3"), ("backward", "perfect information"), ("nash", "too large")):
        with pytest.raises(QuestionError, match=told):
            choose.choose(game, method)
