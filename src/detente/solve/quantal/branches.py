"""What else lies at a precision: the other points of a principal branch that folds, and the bifurcating branches that
part at bifurcations.

For one small game. The branch is followed once more (`curves`), to a multiple of the precision asked, because a branch
that turns back beyond a precision meets it again; and so are the branches of the bifurcations that it passes on its way
to the last of its points. Whatever is given is certified. That nothing is missing is not: a bifurcation may have
bifurcating branches in directions never tried, and there may be points on curves which never meet the branch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from detente.arrays import Floats
from detente.game.tree import Game
from detente.solve.base import TOLERANCE, Certificate, Solution
from detente.solve.certificate.certify import certify
from detente.solve.quantal.curves import Search
from detente.solve.quantal.layout import fill, lay_out
from detente.solve.quantal.systems import Beliefs, Logs, System

FOLD, PRONG = "fold", "prong"
BEYOND = 4.0  # the branch, and bifurcating branches, are followed to so many times the precision asked
MOST_UNKNOWNS = 98  # larger linear systems may be given to threads, which on a busy machine take far longer
MOST_WORK = 300_000  # unknowns times nodes: more, and a derivative takes too long
MOST_IN_LOGS = 100_000  # moves times nodes: more, and beliefs, of which there are fewer, are what is solved for

_SAME = 1e-6  # in probability: closer points are one


@dataclass(frozen=True, eq=False)
class Side:
    """Another logit equilibrium at a precision: how it hangs together with the one reported, and its certificate."""

    kind: str  # FOLD, on the principal branch itself, or PRONG, on a curve that parts from it
    behaviour: Floats  # [A]
    certificate: Certificate  # of one draw


@dataclass(frozen=True, eq=False)
class Sides:
    """All that was found at one precision, those of the branch first; `note` says why some may be missing, or ""."""

    found: tuple[Side, ...] = ()
    note: str = ""


def sides(game: Game, precisions: Sequence[float], solutions: Sequence[Solution]) -> list[Sides]:
    """What else lies at each precision, beside the points that `Quantal.path` found for a game of one draw.

    The branch and bifurcating branches count as far as they stay below `BEYOND` times a precision. Games that are
    `too_large` are not tried; where a branch neither folds nor bifurcates, looking for others costs a fraction of a
    second."""
    precisions = [float(p) for p in precisions]
    layout = lay_out(game.tree)
    if game.tree.perfect_information or not layout.n_unknowns or not max(precisions) > 0:
        return [Sides() for _ in precisions]
    if reason := too_large(game):
        return [Sides(note=reason) for _ in precisions]
    if any(s.reached[0] < 1 for s in solutions):
        last = max((p for p, s in zip(precisions, solutions, strict=True) if s.reached[0] >= 1), default=0.0)
        lost = Sides(note="other points were not looked for: the branch was not followed to this precision")
        some = [k for k, p in enumerate(precisions) if p <= last and solutions[k].reached[0] >= 1]
        inner = sides(game, [precisions[k] for k in some], [solutions[k] for k in some]) if some else []
        return [inner[some.index(k)] if k in some else lost for k in range(len(precisions))]
    system = _system(replace(game, precision=np.ones_like(game.precision)))
    search = Search(system, BEYOND * max(precisions) * system.scale, game.tree.n_nodes)
    if system.scale > 0:
        search.run()
    return [
        _at(replace(game, precision=np.full_like(game.precision, p)), p, s.behaviour[:, 0], search)
        if p * system.scale > 0
        else Sides()
        for p, s in zip(precisions, solutions, strict=True)
    ]


def _system(game: Game) -> System:
    """The equations of a game in logarithms, which keep all figures, or in beliefs where those are too many."""
    if game.tree.n_nodes * game.tree.n_actions > MOST_IN_LOGS:
        return Beliefs(game)
    return Logs(game.tree, fill(lay_out(game.tree), game, slice(0, 1)), 0)


def too_large(game: Game) -> str:
    """Why other points are not looked for in a game, as a clause; empty if they are."""
    unknowns, nodes = lay_out(game.tree).n_unknowns, game.tree.n_nodes
    if unknowns <= MOST_UNKNOWNS and unknowns * nodes <= MOST_WORK:
        return ""
    return (
        f"other points were not looked for: the game is too large ({nodes:,} nodes and {unknowns:,} unknown beliefs; "
        f"at most {MOST_UNKNOWNS} beliefs, and {MOST_WORK:,} nodes times beliefs)"
    )


def _at(game: Game, precision: float, reported: Floats, search: Search) -> Sides:
    """The points of all curves at one precision, those that count there."""
    curves, target = search.curves, precision * search.system.scale
    ceiling = BEYOND * target * (1 + 1e-9)
    main = [cross for cross in search.crossings(curves[0], target) if cross.highest <= ceiling]
    points = [(FOLD, search.system.behaviour(cross.x)) for cross in main]
    if not any(np.abs(point - reported).max() < _SAME for _, point in points):
        return Sides(note="other points were not found: the branch could not be followed again to the one given")
    way: dict[int, float] = {0: main[-1].place}  # how far along each curve what parts from it counts
    for k, curve in enumerate(curves[1:], 1):
        if curve.parent in way and curve.parted <= way[curve.parent] and curve.vertices[0].highest <= ceiling:
            mine = [cross for cross in search.crossings(curve, target) if cross.highest <= ceiling]
            points += [(PRONG, search.system.behaviour(cross.x)) for cross in mine]
            way[k] = mine[-1].place if mine else np.inf
    kept: list[Floats] = [reported]
    found: list[Side] = []
    failed = 0
    for kind, point in points:
        if all(np.abs(point - other).max() >= _SAME for other in kept):
            kept.append(point)
            certificate = certify(game, point[:, None])
            if certificate.residual[0] <= TOLERANCE:
                found.append(Side(kind, point, certificate))
            else:
                failed += 1
    notes = [f"{failed} more could not be certified"] if failed else []
    if search.cut and any(k in way for k in search.cut):
        notes.append("the search was ended: there are more curves, or longer ones, than it follows")
    return Sides(tuple(found), "; ".join(notes))
