"""Solving draws of rival structures: each in the game of its own combination, put together in the joined tree."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from detente.arrays import Floats, Longs
from detente.draws.sampler import Draws
from detente.engine.batch import Batch, World
from detente.engine.solved import Solved, eyes
from detente.game.blueprint import Blueprint
from detente.game.members import Members
from detente.game.tree import Game
from detente.language.expressions import Forced
from detente.solve.base import Certificate, Solution

Key = TypeVar("Key", bound=Hashable)


class Part(NamedTuple):
    """The draws of a combination, by number, and how they were solved."""

    member: int
    where: Longs
    solved: Solved


Solve = Callable[[Sequence[tuple[Blueprint, Draws]]], Sequence[Solved]]
"""Solves draws in the games of several combinations of structures."""


def solve_apart(blueprint: Blueprint, draws: Draws, solve: Solve) -> list[Part]:
    """The draws of each combination of structures, solved in its game."""
    members = blueprint.members
    assert members is not None
    which = members.which(blueprint.tape, draws)
    there = {k: where for k in range(len(members.blueprints)) if len(where := np.flatnonzero(which == k))}
    own = [
        (members.blueprints[k], draws if len(where) == draws.n else draws.taken(where)) for k, where in there.items()
    ]
    return [Part(k, there[k], solved) for k, solved in zip(there, solve(own), strict=True)]


def apart(batch: Batch, do: Forced = ()) -> Sequence[tuple[Longs, Batch]]:
    """The draws of each combination of structures, by number, as a batch of its own game; `do`: what is forced."""
    if batch.inner is not None:
        return batch.inner
    if do not in batch.pieces:
        batch.pieces[do] = _pieces(batch, do)
    return batch.pieces[do]


def held_apart(batch: Batch, do: Forced = ()) -> Batch:
    """The same batch, the draws of each combination of structures held in its own game: for who asks many times.

    Nothing in it leads back to it, so that its arrays are given back as soon as nobody holds it any more.
    """
    if batch.blueprint.members is None or batch.inner is not None:
        return batch
    return replace(batch, inner=_pieces(batch, do))


def with_worlds(batch: Batch, worlds: Callable[[Forced], World]) -> Batch:
    """The same batch, which `worlds` solves again under interventions, once for all combinations of structures."""
    shared = cache(worlds)
    if batch.inner is None or all(inside.worlds for _, inside in batch.inner):
        return replace(batch, worlds=shared)

    def own(where: Longs) -> Callable[[Forced], World]:
        def world(do: Forced) -> World:
            found = shared(do)
            inside = next(one for places, one in apart(found.batch, do) if places[0] == where[0])
            return World(inside, found.converged[where])

        return world

    inner = [(where, replace(inside, worlds=own(where))) for where, inside in batch.inner]
    return replace(batch, worlds=shared, inner=inner)


def _pieces(batch: Batch, do: Forced) -> list[tuple[Longs, Batch]]:
    members = batch.blueprint.members
    assert members is not None
    which = members.which(batch.blueprint.tape, batch.draws)
    places = [np.flatnonzero(which == k) for k in range(len(members.blueprints))]
    return [(where, _inside(batch, members, k, where, do)) for k, where in enumerate(places) if len(where)]


def scattered(batch: Batch, read: Callable[[Batch], Mapping[Key, Floats]]) -> dict[Key, Floats]:
    """[n] each: numbers read in each combination of structures, at the places of its draws; 0 where it has none."""
    found: dict[Key, Floats] = {}
    for where, inside in apart(batch):
        for key, values in read(inside).items():
            found.setdefault(key, np.zeros(batch.n))[where] = values
    return found


def _inside(batch: Batch, members: Members, k: int, where: Longs, do: Forced) -> Batch:
    """Some draws of a batch, all of one combination, in its own game."""
    member, draws = members.blueprints[k], batch.draws.taken(where)

    def own(behaviour: Floats) -> Floats:
        return np.ascontiguousarray(behaviour[np.ix_(members.actions[k], where)])

    behaviour = own(batch.behaviour)
    made = cache(lambda: member.forced(member.game(draws), dict(do)))

    def views() -> Iterator[tuple[Game, Floats]]:
        for player in members.players[k].tolist():
            seen, believed = batch.views[player]
            actor = batch.tree.players[player]
            if seen is batch.game:
                yield made(), behaviour
            else:
                eyes = actor if draws.views.get(actor) else None
                yield member.forced(member.game(draws, eyes), dict(do)), own(believed)

    def world(more: Forced) -> World:
        found = batch.under(more)
        inside = next(one for places, one in apart(found.batch, more) if places[0] == where[0])
        return World(inside, found.converged[where])

    seen = None if batch.seen is None else lambda: list(views())
    return Batch(member, draws, made, behaviour, seen, world if batch.worlds else None).knowing(batch.known)


def together(
    blueprint: Blueprint, draws: Draws, game: Callable[[str | None], Game], parts: list[Part],
    worlds: Callable[[Forced], World] | None,
) -> Solved:  # fmt: skip
    """What was solved apart, as one batch of the joined tree. `game`: the joined game, in truth or in somebody's eyes.

    Behind closed gates, where nobody comes, everybody is taken to play all moves alike.
    """
    members, tree, n = blueprint.members, blueprint.tree, draws.n
    assert members is not None
    behaviour = _spread(blueprint, members, n, parts, lambda part: part.solved.solution.behaviour)
    truth = cache(lambda: game(None))  # nearly all is read in the games of the combinations

    def views() -> Sequence[tuple[Game, Floats]]:
        if all(seen is part.solved.batch.game for part in parts for seen, _ in part.solved.batch.views):
            return [(truth(), behaviour)] * tree.n_players
        return [
            (game(view or None), _spread(blueprint, members, n, parts, _believed(members, player)))
            for player, view in enumerate(eyes(tree, draws))
        ]

    solutions = [part.solved.solution for part in parts]
    solution = Solution(
        behaviour=behaviour,
        status=_each(n, parts, lambda s: s.solution.status),
        reached=_each(n, parts, lambda s: s.solution.reached),
        method=" and ".join(dict.fromkeys(s.method for s in solutions)),
        references=tuple(dict.fromkeys(r for s in solutions for r in s.references)),
        evaluations=_each(n, parts, lambda s: s.solution.evaluations),
        folded=_each(n, parts, lambda s: s.solution.folded),
        forked=_each(n, parts, lambda s: s.solution.forked),
    )
    certificate = Certificate(
        residual=_each(n, parts, lambda s: s.certificate.residual),
        gain=_by_player(tree.n_players, n, members, parts, lambda s: s.certificate.gain),
        value=_by_player(tree.n_players, n, members, parts, lambda s: s.certificate.value),
    )
    inner = tuple((part.where, part.solved.batch) for part in parts)
    seen = None if all(inside.seen is None for _, inside in inner) else views
    batch = Batch(blueprint, draws, truth, behaviour, seen, worlds, inner)
    return Solved(batch, solution, certificate, parts[0].solved.reason, any(p.solved.unlimited for p in parts))


def _believed(members: Members, player: int) -> Callable[[Part], Floats]:
    """What a player believes that all will do; who has no part in a combination sees it as it is."""

    def read(part: Part) -> Floats:
        seats = members.players[part.member].tolist()
        batch = part.solved.batch
        return batch.views[seats.index(player)][1] if player in seats else batch.behaviour

    return read


def _spread(
    blueprint: Blueprint, members: Members, n: int, parts: list[Part], read: Callable[[Part], Floats]
) -> Floats:
    """[A, n] behaviour in the joined tree."""
    tree = blueprint.tree
    alike = 1.0 / np.diff(tree.action_start)[tree.action_infoset]
    whole = np.repeat(alike[:, None], n, axis=1)
    for part in parts:
        whole[np.ix_(members.actions[part.member], part.where)] = read(part)
    return np.asarray(whole, float)


def _each(n: int, parts: list[Part], read: Callable[[Solved], npt.NDArray[Any]]) -> npt.NDArray[Any]:
    """[n] one number for each draw."""
    found = [read(part.solved) for part in parts]
    whole = np.empty(n, found[0].dtype)
    for part, values in zip(parts, found, strict=True):
        whole[part.where] = values
    return whole


def _by_player(many: int, n: int, members: Members, parts: list[Part], read: Callable[[Solved], Floats]) -> Floats:
    """[P, n] one number for each player and draw, 0 for those who have no part in a combination."""
    whole = np.zeros((many, n))
    for part in parts:
        whole[np.ix_(members.players[part.member], part.where)] = read(part.solved)
    return whole
