"""Which claims of a model test nothing: a few hundred more draws are solved, with every range doubled."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from detente.analyse.forecast.claims import Question
from detente.analyse.forecast.settled import DOUBLED, Settled, extreme, settle
from detente.analyse.forecast.unsolved import likeness
from detente.arrays import Floats
from detente.draws.sampler import Draws
from detente.draws.sources import Sources
from detente.engine.batch import truth
from detente.errors import DetenteError
from detente.game.blueprint import Blueprint
from detente.study.settings import Ready

MOST, FEWEST = 200, 100  # draws with every range doubled
LARGEST = 3_000  # nodes of a tree that is solved again without being asked for it
LOOKED_AT = 100  # solved draws, with arbitrary behaviour


def settled(
    ready: Ready,
    blueprint: Blueprint,
    questions: Mapping[str, Question],
    draws: Draws,
    held: Mapping[str, Floats],
    thorough: bool = False,
) -> Mapping[str, Settled]:
    """What settles each claim, beside the equilibrium.

    `questions`: the claims; `held`: each in each of the draws, [n], solved. Unless `thorough`,
    nothing is solved again for a large tree or few draws, and no claim is found to be built into the ranges.
    """
    if not held:
        return {}
    wanted = {name: questions[name] for name, values in held.items() if extreme(values)}
    again = bool(wanted) and (thorough or (blueprint.tree.n_nodes <= LARGEST and ready.draws >= FEWEST))
    wide = _widened(ready, blueprint, wanted) if again else {}
    same = likeness(blueprint, draws.part(0, LOOKED_AT), questions, held)
    return {name: settle(questions[name], held[name], same[name], wide.get(name)) for name in held}


def _widened(ready: Ready, blueprint: Blueprint, questions: Mapping[str, Question]) -> Mapping[str, Floats]:
    """Claims in draws of a prior in which every range is doubled; none where such numbers are impossible."""
    sources = Sources(blueprint.sampler)
    n = min(max(ready.draws, FEWEST), MOST)
    found: dict[str, list[Floats]] = {name: [] for name in questions}
    try:
        for solved in ready.engine.bare.solve(blueprint, sources.draws(DOUBLED * sources.free(n, ready.seed))):
            for name, question in questions.items():
                found[name].append(truth(question(solved.batch)))
    except DetenteError:  # a probability above 1, for example, or a game that the method cannot solve
        return {}
    return {name: np.concatenate(parts) for name, parts in found.items()}
