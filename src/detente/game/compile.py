"""From a Model to a Tree, once: all plays are walked, and the drawing that is left of them is numbered."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace

import numpy as np

from detente.arrays import Ints, Longs
from detente.draws.sampler import Sampler
from detente.errors import ModelError, Problem
from detente.game.blueprint import Blueprint
from detente.game.drawing import Drawing, Numbering, TooLarge
from detente.game.infoset_names import named
from detente.game.joined import join
from detente.game.numbering import Drawn, met_in_order
from detente.game.plays import Places, Plays, Tags
from detente.game.size import HOPELESS, Expected, expected_size
from detente.game.tree import GameError, Infoset, Tree, forgetful
from detente.game.walk import Walk
from detente.language.lowering import Tape
from detente.language.scenes import Scenes, combined
from detente.model.continuation import terms
from detente.model.fields import Formula
from detente.model.schema import Model

LARGEST_TREE = 200_000
WORTH_TELLING, TELL_EVERY = 5_000, 500  # nodes

watched: ContextVar[Callable[[int, Expected], None] | None] = ContextVar("watched", default=None)
"""Who watches a large tree grow: called with the number of nodes so far, and how many are expected and why."""


@contextmanager
def growing(of: str) -> Iterator[None]:
    """While a variant is compiled: whoever watches a large tree grow is told what it is a variant of, and what for."""
    watch = watched.get()
    token = watched.set(None if watch is None else lambda nodes, expected: watch(nodes, replace(expected, of=of)))
    try:
        yield
    finally:
        watched.reset(token)


def compile_model(model: Model, like: Blueprint | None = None) -> Blueprint:
    """Grow the tree of a model, or those of its rival structures, joined. Raises ModelError, also for a tree that would
    be too large, saying why.

    `like`: a compiled model of which this is an edit. What both have in common is taken from there: formulas are
    entered on its tape, and a rival structure that is not edited keeps its tree. No number depends on it.
    """
    tape, grown = Tape(), dict[int, Blueprint]()
    if like is not None and like.model.quantities.keys() == model.quantities.keys():
        members = like.members.blueprints if like.members else ()
        tape, grown = like.tape, {id(one.model): one for one in (like, *members)}

    def blueprint(model: Model) -> Blueprint:
        return grown.get(id(model)) or _Compiler(model, tape).blueprint()

    if model._rivals is None:
        return blueprint(model)
    return join(model, [blueprint(member) for member in model._rivals.members], tape)


class _Compiler:
    def __init__(self, model: Model, tape: Tape) -> None:
        self.model = model
        self.players = tuple(model.actors)
        self.walk = Walk(model, tape)
        self.tape = tape
        self.terms = [terms(model, actor) for actor in self.players]
        self.drawing = Drawing(len(self.players), LARGEST_TREE)

    def blueprint(self) -> Blueprint:
        watch, told, at = watched.get(), WORTH_TELLING, self.walk.start(self.drawing)
        expected: Expected | None = None
        for step in self.walk.steps:
            try:
                at = self.walk.advance(step, at, self.drawing)
            except TooLarge:
                raise self._too_large(expected_size(self.walk)) from None
            if self.drawing.size >= told:
                expected = expected or expected_size(self.walk)
                if expected.nodes > LARGEST_TREE:
                    raise self._too_large(expected)
                if watch:
                    watch(self.drawing.size, expected)
                told = self.drawing.size + TELL_EVERY
        return self._finished()

    def _too_large(self, expected: Expected) -> ModelError:
        name = expected.label.removesuffix(".seen")
        path = ("stages" if name in self.model.stages else "private", name)
        size = "more than 1e+11" if expected.nodes > HOPELESS else f"about {expected.nodes:.1g}"
        told = f"would have {size} nodes" if expected.nodes > LARGEST_TREE else "is too large"
        return ModelError(
            [
                Problem(
                    self.model.place(*path, "@key"),
                    f"the tree {told} (at most {LARGEST_TREE:,}); {expected.label!r} alone {expected.how}",
                    "give it fewer moves or offers, a condition, `once: true` or fewer `periods`",
                    ".".join(path),
                )
            ]
        )

    def _wrong(self, path: tuple[str, ...], message: str, hint: str = "") -> ModelError:
        return ModelError([Problem(self.model.place(*path), message, hint)])

    def _finished(self) -> Blueprint:
        drawn = Drawn.of(self.drawing, self.walk.subjects)
        if not self.drawing.infosets:
            raise self._wrong(
                ("stages", "@key"),
                "nobody ever decides anything in this model",
                "look at the conditions of the stages and outcomes",
            )
        sets, first = drawn.sets()
        number = {h: k for k, h in enumerate(sets.tolist())}
        infosets, there, log_default = self._infosets(sets, first)
        slots, terms = self._settled(drawn)
        chance_row, chance_rows = self._chance(drawn)
        slot = np.full(len(drawn.kind), -1, np.int32)
        slot[drawn.terminals] = slots
        places = Places(self.model, self.walk.paths.things, drawn.place)
        infoset = np.array([number.get(h, -1) for h in drawn.infoset.tolist()], np.int32)
        try:
            tree = Tree.numbered(
                self.players, drawn.parent, drawn.first_child, drawn.children, drawn.kind, infoset, slot, chance_row,
                infosets, tuple(self.drawing.labels.things[k] for k in drawn.label.tolist()), places,
                Tags(drawn.plays, self.drawing.labels.things, drawn.tag),
            )  # fmt: skip
        except GameError as error:
            raise ModelError([Problem(self.model.place("stages", "@key"), str(error))]) from error
        if forgotten := forgetful(tree):
            h, what = forgotten[0]
            raise ModelError(
                [Problem(tree.infosets[h].place, f"at {tree.infosets[h].name!r} the actor has forgotten {what}")]
            )
        names = tuple(tuple(mine) or ("nothing",) for mine in self.terms)
        return Blueprint(
            self.model, tree, self.tape, names, terms, chance_rows, there, drawn.plays, log_default=log_default
        )

    def _infosets(self, sets: Longs, first: Longs) -> tuple[list[Infoset], tuple[int, ...], tuple[int, ...]]:
        """The information sets by their numbers in the drawing, with their names, rows that say which moves are there,
        and rows of the logarithms of their weights, none where all are alike. `first`: the rank of the
        first member of each, by which they are numbered for their owners."""
        found = [self.drawing.infosets[h] for h in sets.tolist()]
        numbers = [0] * len(self.players)
        for k in np.argsort(first).tolist():
            numbers[found[k].player] += 1
            found[k] = replace(found[k], number=numbers[found[k].player])
        rows = tuple(row for h in sets.tolist() for row in self.drawing.there[h])
        weights = tuple(row for h in sets.tolist() for row in self.drawing.log_default[h])
        alike = all(row == self.tape.number(0) for row in weights)
        names = named(dict(enumerate(found)), self.players, self.model.periods.slices)
        return list(names.values()), rows, () if alike else weights

    def _chance(self, drawn: Drawn) -> tuple[Ints, tuple[tuple[int, int], ...]]:
        """[E, P + 1] the chance probabilities of each edge, as each player sees it and in truth, and what these are:
        (row of the tape, who sees it so)."""
        edges, perceived = drawn.edges, Sampler(self.model).perceived
        depth_first = np.lexsort((edges, drawn.rank[drawn.parent[edges]]))
        firsts, which = met_in_order([drawn.row[edges[depth_first]]], len(edges))
        known: Numbering[tuple[int, int]] = Numbering()
        rows = []
        for row in drawn.row[edges[depth_first][firsts]].tolist():
            inputs = self.tape.inputs_of([row])
            viewers = [p if inputs & perceived[player] else -1 for p, player in enumerate(self.players)]
            rows.append([known.of((row, viewer)) for viewer in (*viewers, -1)])
        table = np.empty((len(edges), len(self.players) + 1), np.int32)
        table[depth_first] = np.array(rows, np.int32).reshape(len(rows), len(self.players) + 1)[which]
        return table, tuple(known.things)

    def _settled(self, drawn: Drawn) -> tuple[Ints, tuple[tuple[tuple[int, ...], ...], ...]]:
        """[terminals] the payoff slots of whole plays, depth first, and the rows of the terms of each player at each
        slot."""
        rows, plays, ends = [], drawn.plays, drawn.terminals
        whole = list(plays.by_period(ends))
        for actor, mine in zip(self.players, self.terms, strict=True):
            discount = self._read(self.model.actors[actor].discount, whole)
            for term in mine.values():
                if term.value is not None:
                    rows.append(self._discounted(self._read(term.value, whole), discount, plays.period[ends]))
                for unit, formula in term.flows.items():
                    length = self.model.periods.length(unit)
                    assert length is not None, "a flow without a unit of time is a mistake of the model"
                    rows.append(self._summed(formula, length, discount, plays, ends))
        firsts, slots = met_in_order(rows, len(ends))
        zero = (self.tape.number(0),) * len(firsts)
        settled = iter([tuple(row[firsts].tolist()) for row in rows])
        terms = tuple(tuple(next(settled) for _ in mine) or (zero,) for mine in self.terms)
        return slots.astype(np.int32), terms

    def _read(self, formula: Formula, plays: Sequence[tuple[Longs, Scenes]]) -> Ints:
        return self.walk.reader.all_rows(formula.expression, plays)

    def _summed(self, formula: Formula, length: float, discount: Ints, plays: Plays, ends: Longs) -> Ints:
        """[terminals] the rows of what is earned in every slice of whole plays, which lasts so long, summed."""
        total = np.full(len(ends), self.tape.number(0), np.int32)
        for t in range(self.model.periods.steps):
            where = np.flatnonzero(plays.period[ends] >= t)
            scenes = Scenes(plays.subjects, plays.columns, ends[where], t)
            value, periods = self.walk.reader.rows(formula.expression, scenes), np.full(len(where), t, np.int32)
            if length != 1:
                value = combined([value], lambda row: self.tape.apply("*", self.tape.number(length), row))
            part = self._discounted(value, discount[where], periods)
            total[where] = combined([total[where], part], lambda before, more: self.tape.apply("+", before, more))
        return total

    def _discounted(self, value: Ints, discount: Ints, periods: Ints) -> Ints:
        """[n] the rows of payoffs that come some slices after the first."""
        tape, slices = self.tape, self.model.periods.slices

        def worth(row: int, factor: int, t: int) -> int:
            if t == 0 or tape.constant(factor) == 1:
                return row
            return tape.apply("*", tape.apply("**", factor, tape.number(t / slices)), row)

        plain = (discount == tape.number(1)).all()
        return value if plain else combined([value, discount, periods], worth)
