"""From a Model to a Tree, once: every play is walked, and the drawing of the tree is handed over to be numbered."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextvars import ContextVar
from dataclasses import replace
from functools import cached_property

from detente.draws.sampler import Sampler
from detente.errors import ModelError, Place, Problem, listed
from detente.game.blueprint import Blueprint
from detente.game.infoset_names import named
from detente.game.size import Expected, expected_size
from detente.game.tree import CHANCE, DECISION, TERMINAL, GameError, Infoset, Node, Tree, forgetful
from detente.game.walk import Branching, Position, Walk
from detente.language.lowering import lower
from detente.model.schema import Model

LARGEST_TREE = 200_000
WORTH_TELLING, TELL_EVERY = 2_000, 500  # plays, nodes

watched: ContextVar[Callable[[int, Expected], None] | None] = ContextVar("watched", default=None)
"""Who watches a large tree grow: called with the number of nodes so far, and how many are expected and why."""


def compile_model(model: Model) -> Blueprint:
    """Grow the tree of a model. Raises ModelError, also for a tree that would be too large, saying why."""
    return _Compiler(model).blueprint()


class _Compiler:
    def __init__(self, model: Model) -> None:
        self.model = model
        self.players = tuple(model.actors)
        self.walk = Walk(model)
        self.tape = self.walk.tape
        self.reached: set[str] = set()  # outcomes

    def blueprint(self) -> Blueprint:
        watch = watched.get()
        expected = expected_size(
            self.model, self.walk.start(), self.walk.next, LARGEST_TREE, WORTH_TELLING if watch else None
        )
        told = 0
        root = Node(CHANCE)
        stack: list[tuple[Node, Position]] = [(root, self.walk.start())]
        infosets: dict[Hashable, Infoset] = {}
        there: dict[Hashable, tuple[int, ...]] = {}
        numbers = [0] * len(self.players)
        rows: dict[tuple[int, int], int] = {}
        slots: dict[tuple[int, ...], int] = {}
        nodes = 1
        edge_places: dict[int, tuple[Place, ...]] = {}
        while stack:
            node, at = stack.pop()
            found = self.walk.next(at)
            if found.outcome:
                assert found.position is not None
                self._finish(node, found, slots)
                continue
            node.children = [
                Node(TERMINAL, label=label, place=place)
                for (label, _), place in zip(found.moves, found.places, strict=True)
            ]
            nodes += len(node.children)
            if watch and expected and nodes >= told:
                watch(nodes, expected)
                told += TELL_EVERY
            if nodes > LARGEST_TREE:
                raise ModelError(
                    [
                        Problem(
                            self.model.place("stages", found.label),
                            f"the tree has more than {LARGEST_TREE:,} nodes",
                            "take out periods, moves, offers or types",
                        )
                    ]
                )
            node.tag = found.label
            if found.actor < 0:
                node.kind = CHANCE
                node.rows = [self._viewed(row, rows) for row in found.rows]
                edge_places[id(node)] = found.places
            else:
                node.kind = DECISION
                node.key = self._information(found, infosets, there, numbers)
            stack.extend(
                (child, position)
                for child, (_, position) in reversed(list(zip(node.children, found.moves, strict=True)))
            )
        return self._finished(root, infosets, there, rows, slots, edge_places)

    def _viewed(self, row: int, rows: dict[tuple[int, int], int]) -> tuple[int, ...]:
        """The rows of chance probabilities of an edge: as each player sees it, then in truth."""

        def number(viewer: int) -> int:
            if viewer >= 0 and not self._inputs(row) & self.perceived[viewer]:
                viewer = -1
            return rows.setdefault((row, viewer), len(rows))

        return tuple(number(p) for p in (*range(len(self.players)), -1))

    @cached_property
    def perceived(self) -> list[set[str]]:
        perceived = Sampler(self.model).perceived
        return [perceived[player] for player in self.players]

    def _inputs(self, row: int) -> set[str]:
        if row not in self._inputs_of:
            self._inputs_of[row] = self.tape.inputs_of([row])
        return self._inputs_of[row]

    @cached_property
    def _inputs_of(self) -> dict[int, set[str]]:
        return {}

    def _information(
        self,
        found: Branching,
        infosets: dict[Hashable, Infoset],
        there: dict[Hashable, tuple[int, ...]],
        numbers: list[int],
    ) -> Hashable:
        at = found.position
        assert at is not None
        period = at.scene.period + 1
        labels = tuple(label for label, _ in found.moves)
        key = (found.actor, found.label, period, found.situation)
        if key not in infosets:
            numbers[found.actor] += 1
            infosets[key] = Infoset(
                found.actor,
                found.label,
                labels,
                found.situation,
                numbers[found.actor],
                self.walk.place("stages", found.label),
                period if self.model.periods.count > 1 else 0,
            )
            there[key] = found.there
        return key

    def _finish(self, node: Node, found: Branching, slots: dict[tuple[int, ...], int]) -> None:
        """Make a node terminal: settle the payoffs of the play that ends there."""
        assert found.position is not None
        self.reached.add(found.outcome)
        scene = replace(found.position.scene, outcome=found.outcome)
        node.kind, node.tag = TERMINAL, scene
        settled: list[int] = []
        for actor in self.players:
            discount = lower(self.model.actors[actor].discount.expression, scene, self.tape)
            for term in self.model.payoffs.get(actor, {}).values():
                if term.value is not None:
                    value = lower(term.value.expression, scene, self.tape)
                    settled.append(self._discounted(value, discount, scene.period))
                elif term.each_period is not None:
                    parts = [
                        self._discounted(lower(term.each_period.expression, scene.at(t), self.tape), discount, t)
                        for t in range(scene.period + 1)
                    ]
                    settled.append(self.tape.total(parts))
        node.slot = slots.setdefault(tuple(settled), len(slots))

    def _discounted(self, value: int, discount: int, periods: int) -> int:
        if periods == 0 or self.tape.constant(discount) == 1:
            return value
        return self.tape.apply("*", self.tape.apply("**", discount, self.tape.number(periods)), value)

    def _finished(
        self,
        root: Node,
        infosets: dict[Hashable, Infoset],
        there: dict[Hashable, tuple[int, ...]],
        rows: dict[tuple[int, int], int],
        slots: dict[tuple[int, ...], int],
        edge_places: dict[int, tuple[Place, ...]],
    ) -> Blueprint:
        place = self.model.place("stages", "@key")
        if root.kind == TERMINAL or not infosets:
            raise ModelError(
                [
                    Problem(
                        place,
                        "nobody ever decides anything in this model",
                        "look at the conditions of the stages and outcomes",
                    )
                ]
            )
        infosets = named(infosets, self.players)
        try:
            tree = Tree.grow(root, self.players, infosets)
        except GameError as error:
            raise ModelError([Problem(place, str(error))]) from error
        if forgotten := forgetful(tree):
            h, what = forgotten[0]
            raise ModelError(
                [Problem(tree.infosets[h].place, f"at {tree.infosets[h].name!r} the actor has forgotten {what}")]
            )
        keyed = {id(info): key for key, info in infosets.items()}
        names = tuple(tuple(self.model.payoffs.get(actor, {})) or ("nothing",) for actor in self.players)
        terms: list[tuple[tuple[int, ...], ...]] = []
        first = 0
        for actor in self.players:
            count = len(self.model.payoffs.get(actor, {}))
            mine = [tuple(slot[first + k] for slot in slots) for k in range(count)]
            terms.append(tuple(mine) or ((self.tape.number(0),) * len(slots),))
            first += count
        edges: list[Place] = []
        queue = [root]
        for node in queue:  # breadth first, as the tree is numbered
            queue.extend(node.children)
            if node.kind == CHANCE:
                edges.extend(edge_places[id(node)])
        return Blueprint(
            self.model, tree, self.tape, names, tuple(terms), tuple(rows),
            tuple(row for info in tree.infosets for row in there[keyed[id(info)]]),
            tuple(edges), tuple(self._warnings()),
        )  # fmt: skip

    def _warnings(self) -> Iterator[Problem]:
        """What only the finished tree can show: things that never happen."""
        for name, outcome in self.model.outcomes.items():
            if name not in self.reached:
                if outcome.otherwise:
                    continue  # a last resort need not be reached
                yield Problem(
                    self.model.place("outcomes", name, "@key"),
                    f"the outcome {name!r} can never be reached",
                    "its condition never holds when it is tried, or an outcome before it always comes first",
                    f"outcomes.{name}",
                    True,
                )
        for name, stage in self.model.stages.items():
            never = [label for label in stage.results if (name, label) not in self.walk.played]
            if len(never) == len(stage.results):
                yield Problem(
                    self.model.place("stages", name, "@key"),
                    f"the stage {name!r} is never played",
                    "its condition never holds, or the game always ends before it",
                    f"stages.{name}",
                    True,
                )
            elif never:
                yield Problem(
                    self.model.place("stages", name, "moves" if stage.moves else "offer", never[0]),
                    f"the move{'s' * (len(never) > 1)} {listed(never)} of {name!r} can never be made",
                    "the condition never holds",
                    f"stages.{name}",
                    True,
                )
