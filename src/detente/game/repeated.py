"""What is asked more often where periods are cut, though nothing says how long it takes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from detente.errors import Problem, listed
from detente.game.plays import Plays
from detente.game.tree import TERMINAL, Tree
from detente.model.schema import Model


def unpaced(model: Model, tree: Tree, plays: Plays) -> Iterator[Problem]:
    """A warning, one for the model, where stages are asked the more often the finer time is cut."""
    if found := asked_more_often(model, tree, plays):
        many, slices = len(found) > 1, model.periods.slices
        told = f"{listed(found)} {'are' if many else 'is'} asked in each of the {slices} slices of a period"
        hint = "write `per: month` (chance), `continues:` and `reconsidered:` (an actor), or `once: true`"
        yield Problem(model.place("stages", found[0], "@key"), told, hint, f"stages.{found[0]}", True)


def asked_more_often(model: Model, tree: Tree, plays: Plays) -> list[str]:
    """The stages that some play comes to in more than one slice of a period, without a rate or `per`."""
    slices, ends = model.periods.slices, np.flatnonzero(tree.kind == TERMINAL)
    found = []
    for name, stage in model.stages.items():
        if slices == 1 or stage.continues or stage.per:
            continue
        for period in range(model.periods.count):
            steps = range(period * slices, (period + 1) * slices)
            columns = [column for t in steps if (column := plays.columns.get((name, t))) is not None]
            if columns and (np.sum([column[ends] > 0 for column in columns], axis=0) > 1).any():
                found.append(name)
                break
    return found
