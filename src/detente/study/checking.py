"""What is wrong with a model, and how large it is, without solving anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from detente.draws.clipping import clipped
from detente.errors import ModelError, Problem
from detente.game.compile import compile_model
from detente.model.check.check import check as check_model
from detente.model.load import load
from detente.model.schema import Model

DRAWS = 200


@dataclass(frozen=True)
class Checked:
    """The problems of a model (warnings among them), and its size where it could be compiled."""

    problems: tuple[Problem, ...]
    size: Mapping[str, int]  # nodes, information_sets, plays, quantities

    @property
    def good(self) -> bool:
        """Whether there is nothing wrong but for warnings."""
        return all(problem.warning for problem in self.problems)


def check(case: str | Path | Model) -> Checked:
    """Read and compile a model, and put the numbers of some draws on it: every mistake and warning, with its place.

    Nothing is raised for a wrong model: what is wrong is the answer.
    """
    problems: list[Problem] = []
    size: dict[str, int] = {}
    try:
        model = case if isinstance(case, Model) else load(case)
        problems += check_model(model)
        blueprint = compile_model(model)
        problems += blueprint.warnings
        blueprint.game(blueprint.sampler.draw(DRAWS, 1))
        problems += clipped(model, DRAWS, 1)
        tree = blueprint.tree
        size = {
            "nodes": tree.n_nodes,
            "information_sets": tree.n_infosets,
            "plays": len(tree.terminals),
            "quantities": len(model.quantities),
        }
    except ModelError as error:
        problems += error.problems
        if isinstance(error.game, Model):
            problems += _of_game(error.game)
    return Checked(tuple(dict.fromkeys(problems)), size)


def _of_game(model: Model) -> list[Problem]:
    """What only shows once a game is compiled and drawn, told with what is wrong elsewhere and not after it."""
    try:
        blueprint = compile_model(model)
        blueprint.game(blueprint.sampler.draw(DRAWS, 1))
    except ModelError as error:
        return list(error.problems)
    return list(blueprint.warnings)
