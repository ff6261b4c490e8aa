"""The tree of a crisis, and how play flows through it."""

from __future__ import annotations

from typing import Annotated, Unpack

import numpy as np

from detente.analyse.forecast.playtree import PlayTree, play_tree
from detente.arrays import Floats
from detente.study.registry import Option, question
from detente.study.run import Asked, study_of
from detente.study.settings import Settings
from detente.study.study import Study


@question("tree", topic="forecast", draws=200, of_study=True, dossier=False)
def tree(
    case: Asked,
    *,
    depth: Annotated[int, Option("How many steps to show.", low=1, high=100)] = 6,
    cut: Annotated[float, Option("Leave out branches less likely than this.", low=0, high=1)] = 0.02,
    **settings: Unpack[Settings],
) -> PlayTree:
    """Show the game tree: its size, and how likely each branch is.

    Its information sets with the mean probability of each move, and its branches from the root on, `depth` steps down,
    without those that less than `cut` of all play comes to. Raises ModelError, QuestionError.
    """
    study = study_of(case, settings)
    behaviour = np.concatenate([part.behaviour for part in study.parts], axis=1)
    return play_tree(next(iter(study.batches())), _mean(study, behaviour), study.coming, study.n, depth, cut)


def _mean(study: Study, behaviour: Floats) -> Floats:
    """[A] the mean probability of each move, over the draws that have the structure in which it is made."""
    members, found = study.blueprint.members, behaviour.mean(axis=1)
    if members is not None:
        which = members.which(study.blueprint.tape, study.draws)
        for k, actions in enumerate(members.actions):
            some = behaviour[actions][:, which == k]
            found[actions] = some.mean(axis=1) if some.size else np.nan
    return np.asarray(found)
