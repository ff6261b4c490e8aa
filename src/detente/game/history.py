"""What had happened in whole plays as they stood in one of their periods: what can be seen before a game is over."""

from __future__ import annotations

import numpy as np

from detente.arrays import Bools, Ints, Longs
from detente.game.blueprint import Blueprint
from detente.language.expressions import Expression
from detente.language.scenes import OUTCOME, WHOLE, Scenes


def so_far(blueprint: Blueprint, condition: Expression, nodes: Ints) -> list[bool | None]:
    """Whether a condition holds in any period of the play up to each of some nodes; None where a draw decides."""
    rows = blueprint.reader.all_rows(condition, list(blueprint.plays.by_period(nodes, over_all=True)))
    return [None if (known := blueprint.tape.constant(row)) is None else known != 0 for row in rows.tolist()]


def stood(blueprint: Blueprint, expression: Expression, step: int) -> Ints:
    """[terminals] the row of an event or number on each whole play as it stood at the end of a slice, from 0.

    A plain `stage is move` asks about that slice, `ever(...)` and `count(...)` about all up to it. Plays that went on
    after it have no outcome yet. What is over before it stands as if nothing happened in it.
    """
    plays, tree = blueprint.plays, blueprint.tree
    open_ = plays.period[tree.terminals] > step
    meant, found = blueprint.meant(expression), np.empty(len(tree.terminals), np.int32)
    for where, columns in (
        (np.flatnonzero(~open_), plays.columns),
        (np.flatnonzero(open_), {key: c for key, c in plays.columns.items() if key != (OUTCOME, WHOLE)}),
    ):
        if len(where):
            nodes: Longs = tree.terminals[where].astype(np.int64)
            found[where] = blueprint.reader.rows(meant, Scenes(plays.subjects, columns, nodes, step))
    return found


def whole(blueprint: Blueprint, expression: Expression) -> Ints:
    """[terminals] the row of an event or number on each whole play, whenever it happened."""
    return np.array(blueprint.event(expression), np.int32)


def going_on(blueprint: Blueprint, step: int) -> Bools:
    """[terminals] whether each whole play had not ended before a slice, from 0."""
    return np.asarray(blueprint.plays.period[blueprint.tree.terminals] >= step)


def unresolved(blueprint: Blueprint) -> Bools:
    """[terminals] whether each whole play went on until the time was over."""
    outcomes = blueprint.model.outcomes
    return np.array([outcomes[blueprint.scene(int(x)).outcome or ""].otherwise for x in blueprint.tree.terminals])
