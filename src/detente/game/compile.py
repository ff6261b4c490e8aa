"""From a Model to a Tree, once; from the Tree and draws to a Game, in one pass over all draws.

A play is walked step by step: private types, then the stages of each period, with a look at the outcomes after each.
Whatever the history settles is settled here; what depends on a draw becomes a row of the tape: a probability, a payoff,
whether a move is there. A condition that depends on a draw becomes a *gate*, a chance node whose probabilities are
1 and 0, so that the shape of the tree never depends on a draw.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from detente.errors import ModelError, Place, Problem, listed
from detente.game.size import refuse_if_too_large
from detente.game.tree import CHANCE, DECISION, TERMINAL, Bools, Floats, Game, GameError, Infoset, Node, Tree, forgetful
from detente.model.draws import Draws, Sampler
from detente.model.expressions import Expression, Is, Name
from detente.model.meaning import Scene, Tape, lower
from detente.model.schema import DEFAULT_PRECISION, Formula, Model, Stage

LARGEST_TREE = 200_000
GATE = "?"  # events with this mark are decisions of the draw, not of anybody
Seen = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Position:
    """A point of a play: the scene, what each actor has seen, and what is to be done next."""

    scene: Scene
    seen: tuple[Seen, ...]
    step: int = 0
    tried: int = 0  # outcomes tried since the last event
    decided: Mapping[int, bool] = field(default_factory=dict)  # gates already passed
    places: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Branching:
    """What comes next: a decision (`actor` >= 0), chance, or the end (`outcome`)."""

    label: str = ""
    actor: int = -1
    moves: tuple[tuple[str, Position], ...] = ()
    rows: tuple[int, ...] = ()  # chance: a row of the tape for each result
    there: tuple[int, ...] = ()  # decision: a row for each move, 1 where it is there
    hides: frozenset[str] = frozenset()  # events of this period that the actor has not yet seen
    outcome: str = ""
    position: Position | None = None
    places: tuple[Place, ...] = ()


@dataclass(frozen=True, eq=False)
class Blueprint:
    """A compiled model: the Tree, and the formulas that put numbers on it.

    `payoff_terms[p][k][s]` is the row of the tape of player p's k-th term at payoff slot s; `scenes[x]` is the whole play
    that ends at terminal node x.
    """

    model: Model
    tree: Tree
    tape: Tape
    term_names: tuple[tuple[str, ...], ...]  # [P] of names
    payoff_terms: tuple[tuple[tuple[int, ...], ...], ...]  # [P][terms][S]
    chance_rows: tuple[tuple[int, int], ...]  # [K] of (row of the tape, player who sees it so; -1 the truth)
    action_there: tuple[int, ...]  # [A] rows of the tape: 1 where the move is there
    edge_places: tuple[Place, ...]  # [E]
    warnings: tuple[Problem, ...] = ()

    @cached_property
    def sampler(self) -> Sampler:
        return Sampler(self.model)

    def scene(self, terminal: int) -> Scene:
        """The play that ends at a terminal node."""
        scene = self.tree.tags[terminal]
        assert isinstance(scene, Scene)
        return scene

    def stage_of(self, infoset: int) -> str:
        """The stage at which an information set stands."""
        tag = self.tree.tags[int(self.tree.members[self.tree.member_start[infoset]])]
        assert isinstance(tag, str)
        return tag

    def forced(self, game: Game, moves: Mapping[str, str]) -> Game:
        """The game in which these moves are made wherever they are there: {stage: move}."""
        if not moves:
            return game
        tree = self.tree
        there = np.ones((tree.n_actions, game.n_draws), bool) if game.available is None else game.available.copy()
        for h, info in enumerate(tree.infosets):
            move = moves.get(self.stage_of(h))
            if move in info.actions:
                first = int(tree.action_start[h])
                possible = there[first + info.actions.index(move)]
                for k, label in enumerate(info.actions):
                    if label != move:
                        there[first + k] &= ~possible
        return replace(game, available=there)

    def player(self, actor: str) -> int:
        return self.tree.players.index(actor)

    def event(self, expression: Expression) -> tuple[int, ...]:
        """[terminals] the row of an event or number for every whole play, read as in P(...) and E(...)."""
        return tuple(
            lower(expression, replace(self.scene(int(x)), over_all=True), self.tape) for x in self.tree.terminals
        )

    def game(self, draws: Draws, eyes: str | None = None) -> Game:
        """The Game for n draws; with `eyes`, as one actor believes it to be for everybody (the hypergame reading).

        Raises ModelError where a probability, a payoff or the moves of a set are impossible in some draw.
        """
        views = [eyes if eyes is not None else player for player in self.tree.players]
        chance = self._chance(draws, eyes)
        payoffs = np.empty((self.n_slots, self.tree.n_players, draws.n))
        for p, view in enumerate(views):
            payoffs[:, p] = self.terms(p, draws, view).sum(axis=0)
        self._finite(payoffs, draws)
        return Game(self.tree, payoffs, chance, self._precision(draws, eyes), self._available(draws, eyes))

    @property
    def n_slots(self) -> int:
        return len(self.payoff_terms[0][0]) if self.payoff_terms and self.payoff_terms[0] else 1

    def terms(self, player: int, draws: Draws, eyes: str | None) -> Floats:
        """[terms, S, n] the payoff terms of a player at every slot, as `eyes` sees them (None: in truth)."""
        rows = self.payoff_terms[player]
        flat = [row for term in rows for row in term]
        unique = list(dict.fromkeys(flat))
        values = self.tape.evaluate(unique, draws.seen_by(eyes), draws.n)
        index = {row: k for k, row in enumerate(unique)}
        return values[[index[row] for row in flat]].reshape(len(rows), self.n_slots, draws.n)

    def _chance(self, draws: Draws, eyes: str | None) -> Floats:
        values = np.empty((len(self.chance_rows), draws.n))
        for viewer in sorted({v for _, v in self.chance_rows}):
            mine = [k for k, (_, v) in enumerate(self.chance_rows) if v == viewer]
            view = eyes if eyes is not None else (None if viewer < 0 else self.tree.players[viewer])
            values[mine] = self.tape.evaluate([self.chance_rows[k][0] for k in mine], draws.seen_by(view), draws.n)
        self._probabilities(values, draws)
        return np.clip(values, 0.0, 1.0)

    def _probabilities(self, values: Floats, draws: Draws) -> None:
        tree, problems = self.tree, []
        wrong = ~((values >= -1e-9) & (values <= 1 + 1e-9))
        seen: set[Place] = set()
        for edge in np.flatnonzero(wrong.any(axis=1)[tree.chance_row].any(axis=1)) if wrong.any() else ():
            k = int(next(k for k in tree.chance_row[edge] if wrong[k].any()))
            place, draw = self.edge_places[edge], int(np.flatnonzero(wrong[k])[0])
            if place not in seen:
                seen.add(place)
                problems.append(
                    Problem(
                        place,
                        f"the probability is {values[k, draw]:.4g} in draw {draw}{self._where(draws, draw, self.chance_rows[k][0])}",
                        "probabilities lie between 0 and 1, and those beside `otherwise` sum to 1 at most",
                    )
                )
        if problems:
            raise ModelError(problems)
        for rows, place in self._unresting:
            total = values[rows].sum(axis=0)
            if (off := np.abs(total - 1) > 1e-6).any():
                draw = int(np.flatnonzero(off)[0])
                raise ModelError(
                    [
                        Problem(
                            place,
                            f"the probabilities sum to {total[draw]:.6g} in draw {draw}",
                            "write `otherwise` for one of them",
                        )
                    ]
                )

    @cached_property
    def _unresting(self) -> list[tuple[list[int], Place]]:
        """The different sets of rows of chance nodes, in truth and to each player, with a place."""
        tree, found = self.tree, {}
        for x in np.flatnonzero(tree.kind == CHANCE):
            first = int(tree.chance_start[x])
            for rows in {tuple(column) for column in tree.chance_row[first : first + int(tree.children[x])].T.tolist()}:
                found.setdefault(rows, self.edge_places[first])
        return [(list(rows), place) for rows, place in found.items()]

    def _where(self, draws: Draws, draw: int, row: int) -> str:
        names = sorted(self.tape.inputs_of([row]))
        shown = ", ".join(f"{name} = {draws.truth[name][draw]:.4g}" for name in names[:4])
        return f" (where {shown})" if shown else ""

    def _finite(self, payoffs: Floats, draws: Draws) -> None:
        bad = ~np.isfinite(payoffs)
        if not bad.any():
            return
        slot, p, draw = (int(k) for k in np.argwhere(bad)[0])
        player = self.tree.players[p]
        for k, name in enumerate(self.term_names[p]):
            row = self.payoff_terms[p][k][slot]
            value = self.tape.evaluate([row], draws.seen_by(player), draws.n)[0, draw]
            if not np.isfinite(value):
                place = self.model.place("payoffs", player, name)
                raise ModelError(
                    [
                        Problem(
                            place,
                            f"the payoff is {value} in draw {draw}{self._where(draws, draw, row)}",
                            "look for a division by zero, or a logarithm or root of something negative",
                        )
                    ]
                )

    def _precision(self, draws: Draws, eyes: str | None) -> Floats:
        seen = draws.seen_by(eyes)
        rows = []
        for player in self.tree.players:
            name = self.model.precision_of(player)
            rows.append(seen[name] if name else np.full(draws.n, DEFAULT_PRECISION))
        return np.array(rows).reshape(self.tree.n_players, draws.n)

    def _available(self, draws: Draws, eyes: str | None) -> Bools | None:
        varying = [a for a, row in enumerate(self.action_there) if self.tape.constant(row) is None]
        if not varying:
            return None
        there = np.ones((self.tree.n_actions, draws.n), bool)
        there[varying] = self.tape.evaluate([self.action_there[a] for a in varying], draws.seen_by(eyes), draws.n) != 0
        for h in {int(self.tree.action_infoset[a]) for a in varying}:
            some = there[self.tree.action_start[h] : self.tree.action_start[h + 1]].any(axis=0)
            if not some.all():
                draw = int(np.flatnonzero(~some)[0])
                raise ModelError(
                    [
                        Problem(
                            self.tree.infosets[h].place,
                            f"there is no move left in draw {draw} at {self.tree.infosets[h].name}",
                            "leave one move without a condition",
                        )
                    ]
                )
        return there


def compile_model(model: Model) -> Blueprint:
    """Grow the tree of a model. Raises ModelError, also for a tree that would be too large, saying why."""
    return _Compiler(model).blueprint()


class _Compiler:
    def __init__(self, model: Model) -> None:
        self.model = model
        self.players = tuple(model.actors)
        self.tape = Tape()
        self.offers = frozenset(name for name, stage in model.stages.items() if stage.offer)
        self.steps = list(self._program())
        self.groups = self._together()
        self.seen_outcomes: set[str] = set()
        self.seen_results: set[tuple[str, str]] = set()

    # ------------------------------------------------------------------ the walk

    def _program(self) -> Iterator[tuple[str, str]]:
        for name in self.model.private:
            yield "type", name
        for name, private in self.model.private.items():
            if private.seen_as:
                yield "type signal", name
        for _ in range(self.model.periods.count):
            for name, stage in self.model.stages.items():
                yield "stage", name
                if stage.seen_as:
                    yield "signal", name
                yield "outcomes", "once"
            yield "outcomes", "period end"
            yield "close", ""
        yield "end", ""

    def _together(self) -> dict[str, frozenset[str]]:
        """For each stage the others that move at the same time."""
        group: dict[str, set[str]] = {}
        for name, stage in self.model.stages.items():
            mine = group.get(stage.together_with, {stage.together_with} if stage.together_with else set())
            mine.add(name)
            for member in mine:
                group[member] = mine
        return {
            name: frozenset(m for other in members for m in (other, f"{other}.seen")) for name, members in group.items()
        }

    def start(self) -> Position:
        scene = Scene(self.model.periods.count, ({},), (self._states(None),), offers=self.offers)
        return Position(scene, tuple(() for _ in self.players))

    def _states(self, scene: Scene | None) -> dict[str, int]:
        if scene is None:
            bare = Scene(self.model.periods.count)
            return {name: lower(state.start.expression, bare, self.tape) for name, state in self.model.state.items()}
        return {name: lower(state.next.expression, scene, self.tape) for name, state in self.model.state.items()}

    def next(self, at: Position) -> Branching:
        """What comes next at a position: somebody's decision, chance or the end."""
        while True:
            kind, name = self.steps[at.step]
            result: Branching | Position
            match kind:
                case "type":
                    result = self._type(at, name)
                case "type signal":
                    result = self._signal(
                        at, f"{name}.seen", self.model.private[name].seen_as[at.scene.types[name]], None
                    )
                case "stage":
                    result = self._stage(at, name)
                case "signal":
                    played = at.scene.records[-1].get(name)
                    signals = self.model.stages[name].seen_as.get(played or "")
                    result = self._signal(at, f"{name}.seen", signals, name) if played else self._on(at)
                case "outcomes":
                    result = self._outcomes(at, name)
                case "close" if at.scene.period + 1 < at.scene.n_periods:
                    scene = replace(
                        at.scene, records=(*at.scene.records, {}), states=(*at.scene.states, self._states(at.scene))
                    )
                    result = self._on(replace(at, scene=scene))
                case "end":
                    result = self._end(at)
                case _:
                    result = self._on(at)
            if isinstance(result, Branching):
                return result
            at = result

    def _on(self, at: Position) -> Position:
        return replace(at, step=at.step + 1, tried=0)

    def _type(self, at: Position, name: str) -> Branching:
        private = self.model.private[name]
        owner = self.players.index(name.partition(".")[0])
        moves = []
        for label in private.prior:
            scene = replace(at.scene, types={**at.scene.types, name: label})
            seen = tuple((*s, (name, label)) if p == owner else s for p, s in enumerate(at.seen))
            moves.append((label, self._on(replace(at, scene=scene, seen=seen))))
        prior = ("private", name, "prior") if ("private", name, "prior") in self.model._places else ("private", name)
        places = tuple(self.model.place(*prior, label) for label in private.prior)
        return Branching(name, moves=tuple(moves), rows=self._shares(private.prior, at.scene), places=places)

    def _shares(self, entries: Mapping[str, Formula | None], scene: Scene) -> tuple[int, ...]:
        """Rows of probabilities, `otherwise` taking the rest."""
        given = {label: lower(p.expression, scene, self.tape) for label, p in entries.items() if p is not None}
        rest = self.tape.apply("-", self.tape.number(1), self.tape.total(list(given.values())))
        return tuple(given.get(label, rest) for label in entries)

    def _signal(
        self, at: Position, event: str, signals: Mapping[str, Formula | None] | None, stage: str | None
    ) -> Branching:
        assert signals is not None
        moves = tuple((label, self._on(self._seen(at, event, label, frozenset()))) for label in signals)
        if stage is None:  # a signal of a type is kept with the types: it stands for the whole play
            moves = tuple(
                (
                    label,
                    replace(
                        after,
                        scene=replace(after.scene, records=at.scene.records, types={**at.scene.types, event: label}),
                    ),
                )
                for label, after in moves
            )
        section, name = ("stages", stage) if stage else ("private", event.removesuffix(".seen"))
        of = at.scene.records[-1][stage] if stage else at.scene.types[name]
        places = tuple(self.model.place(section, name, "seen_as", of, label) for label in signals)
        return Branching(event, moves=moves, rows=self._shares(signals, at.scene), places=places)

    def _seen(self, at: Position, event: str, label: str, hidden: frozenset[str]) -> Position:
        """The position after an event that everybody sees but those it is hidden from."""
        records = (*at.scene.records[:-1], {**at.scene.records[-1], event: label})
        mark = f"{at.scene.period + 1}:{event}" if at.scene.n_periods > 1 else event
        seen = tuple(s if self.players[p] in hidden else (*s, (mark, label)) for p, s in enumerate(at.seen))
        return replace(at, scene=replace(at.scene, records=records), seen=seen)

    def _condition(self, stage: Stage, scene: Scene) -> int:
        return self._both(stage.when, stage.unless, scene)

    def _both(self, when: Formula | None, unless: Formula | None, scene: Scene) -> int:
        tape = self.tape
        row = tape.number(1) if when is None else lower(when.expression, scene, tape)
        if unless is not None:
            row = tape.apply("and", row, tape.apply("not", lower(unless.expression, scene, tape)))
        return row

    def _gate(self, at: Position, row: int, what: str, place: Place, private: bool = False) -> Branching | bool:
        """Whether a condition holds: known now, or a gate that the draw decides (seen by all, unless `private`)."""
        known = self.tape.constant(row)
        if known is not None:
            return bool(known)
        if row in at.decided:
            return at.decided[row]
        holds = self.tape.apply("!=", row, self.tape.number(0))
        moves = []
        for label, answer in (("yes", True), ("no", False)):
            mark = (f"{GATE}{at.scene.period + 1}:{what}", label)
            seen = at.seen if private else tuple((*s, mark) for s in at.seen)
            moves.append((label, replace(at, seen=seen, decided={**at.decided, row: answer})))
        rows = (holds, self.tape.apply("-", self.tape.number(1), holds))
        return Branching(f"{GATE}{what}", moves=tuple(moves), rows=rows, places=(place, place))

    def _stage(self, at: Position, name: str) -> Branching | Position:
        stage, scene = self.model.stages[name], at.scene
        if stage.periods and scene.period + 1 not in stage.periods:
            return self._on(at)
        if stage.once and any(name in record for record in scene.records):
            return self._on(at)
        place = self.model.place("stages", name, "when")
        gate = self._gate(at, self._condition(stage, scene), name, place, private=self._mentions_hidden(stage))
        if isinstance(gate, Branching):
            return gate
        if not gate:
            return self._on(at)
        hidden = frozenset(stage.hidden_from)
        if stage.seen_as and not hidden:
            hidden = frozenset(self.players) - {stage.actor}

        def after(label: str) -> Position:
            self.seen_results.add((name, label))
            return self._on(self._seen(at, name, label, hidden))

        if stage.chance:
            rows = self._shares({label: result.p for label, result in stage.chance.items()}, scene)
            places = tuple(self.model.place("stages", name, "chance", label) for label in stage.chance)
            return Branching(
                name, moves=tuple((label, after(label)) for label in stage.chance), rows=rows, places=places
            )
        there = {label: self._both(move.when, move.unless, scene) for label, move in stage.moves.items()}
        labels = (
            [label for label in stage.results if self.tape.constant(there.get(label, -1)) != 0]
            if there
            else list(stage.results)
        )
        if not labels:
            raise ModelError(
                [
                    Problem(
                        self.model.place("stages", name, "moves"),
                        f"there is no move left at {name!r}{self._story(at)}",
                        "leave one move without a condition",
                    )
                ]
            )
        if len(labels) == 1:
            return after(labels[0])
        one = self.tape.number(1)
        return Branching(
            name,
            actor=self.players.index(stage.actor),
            moves=tuple((label, after(label)) for label in labels),
            there=tuple(there.get(label, one) for label in labels),
            hides=self.groups.get(name, frozenset()),
            position=at,
            places=tuple(
                self.model.place("stages", name, "moves" if stage.moves else "offer", label) for label in labels
            ),
        )

    def _mentions_hidden(self, stage: Stage) -> bool:
        for formula in (stage.when, stage.unless):
            for e in formula.expression.walk() if formula else ():
                subject = e.subject if isinstance(e, Is) else e.name if isinstance(e, Name) else ""
                if subject in self.model.private or (
                    subject in self.model.stages
                    and (self.model.stages[subject].hidden_from or self.model.stages[subject].seen_as)
                ):
                    return True
        return False

    def _outcomes(self, at: Position, moment: str) -> Branching | Position:
        if not at.scene.records[-1] and moment == "once":
            return self._on(at)
        names = list(self.model.outcomes)
        while at.tried < len(names):
            name = names[at.tried]
            outcome = self.model.outcomes[name]
            if outcome.when is not None and (outcome.at == "once" or outcome.at == moment):
                row = lower(outcome.when.expression, at.scene, self.tape)
                gate = self._gate(at, row, f"outcome {name}", self.model.place("outcomes", name))
                if isinstance(gate, Branching):
                    return gate
                if gate:
                    return Branching(outcome=name, position=at)
            at = replace(at, tried=at.tried + 1)
        return self._on(at)

    def _end(self, at: Position) -> Branching:
        for name, outcome in self.model.outcomes.items():
            if outcome.when is not None and outcome.at == "end":
                row = lower(outcome.when.expression, at.scene, self.tape)
                gate = self._gate(at, row, f"outcome {name}", self.model.place("outcomes", name))
                if isinstance(gate, Branching):
                    return gate
                if gate:
                    return Branching(outcome=name, position=at)
        for name, outcome in self.model.outcomes.items():
            if outcome.otherwise:
                return Branching(outcome=name, position=at)
        raise ModelError(
            [
                Problem(
                    self.model.place("outcomes", "@key"),
                    f"no outcome holds when the last period is over{self._story(at)}",
                    "write one outcome as `name: otherwise`",
                )
            ]
        )

    def _story(self, at: Position) -> str:
        events = [f"{event} {label}" for record in at.scene.records for event, label in record.items()]
        return f" (after {listed(events, 6)})" if events else ""

    # ------------------------------------------------------------------ the drawing

    def blueprint(self) -> Blueprint:
        refuse_if_too_large(self.model, self.start(), self.next, LARGEST_TREE)
        root = Node(CHANCE)
        stack: list[tuple[Node, Position]] = [(root, self.start())]
        infosets: dict[Hashable, Infoset] = {}
        there: dict[Hashable, tuple[int, ...]] = {}
        numbers = [0] * len(self.players)
        rows: dict[tuple[int, int], int] = {}
        slots: dict[tuple[int, ...], int] = {}
        nodes = 1
        edge_places: dict[int, tuple[Place, ...]] = {}
        while stack:
            node, at = stack.pop()
            found = self.next(at)
            if found.outcome:
                assert found.position is not None
                self._finish(node, found, slots)
                continue
            node.children = [
                Node(TERMINAL, label=label, place=place)
                for (label, _), place in zip(found.moves, found.places, strict=True)
            ]
            nodes += len(node.children)
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
        prefix = f"{period}:" if at.scene.n_periods > 1 else ""
        hidden = {prefix + event for event in found.hides}
        seen = tuple(entry for entry in at.seen[found.actor] if entry[0] not in hidden)
        labels = tuple(label for label, _ in found.moves)
        key = (found.actor, found.label, period, seen)
        place = self.model.place("stages", found.label)
        if key not in infosets:
            numbers[found.actor] += 1
            situation = tuple(entry for entry in seen if not entry[0].startswith(GATE))
            infosets[key] = Infoset(
                found.actor,
                self._infoset_name(found, period, situation),
                labels,
                situation,
                numbers[found.actor],
                place,
            )
            there[key] = found.there
        elif infosets[key].actions != labels or there[key] != found.there:
            raise ModelError(
                [
                    Problem(
                        self.model.place("stages", found.label, "moves"),
                        f"the moves of {self.players[found.actor]} at {found.label!r} depend on something it has not seen",
                        "let the conditions of its moves use only what is visible to it",
                    )
                ]
            )
        return key

    def _infoset_name(self, found: Branching, period: int, situation: Seen) -> str:
        when = f" in period {period}" if self.model.periods.count > 1 else ""
        last = [f"{event.partition(':')[2] or event} {label}" for event, label in situation[-3:]]
        after = f" after {', '.join(last)}" if last else ""
        return f"{self.players[found.actor]}: {found.label}{when}{after}"

    def _finish(self, node: Node, found: Branching, slots: dict[tuple[int, ...], int]) -> None:
        """Make a node terminal: settle the payoffs of the play that ends there."""
        assert found.position is not None
        self.seen_outcomes.add(found.outcome)
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
            if name not in self.seen_outcomes:
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
            never = [label for label in stage.results if (name, label) not in self.seen_results]
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
                    self.model.place("stages", name, "moves", never[0]),
                    f"the move{'s' * (len(never) > 1)} {listed(never)} of {name!r} can never be made",
                    "the condition never holds",
                    f"stages.{name}",
                    True,
                )
