"""What is asked more often where periods are cut, though nothing says how long it takes."""

from __future__ import annotations

import numpy as np

from detente.game.plays import Plays
from detente.game.tree import TERMINAL, Tree
from detente.model.schema import Model


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
