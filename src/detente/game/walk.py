"""One play, step by step: private types, then the stages of each period, with a look at the outcomes after each.

Whatever the history settles is settled here; what depends on a draw becomes a row of the tape: a probability, or
whether a move is there. A condition that depends on a draw becomes a *gate*, a chance node whose probabilities are 1
and 0, so that the shape of the tree never depends on a draw.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache

from detente.errors import ModelError, Place, Problem, listed
from detente.language.expressions import Expression, Name
from detente.language.lowering import Scene, Tape, lower
from detente.model.fields import Formula
from detente.model.schema import Model, Stage

NO_MOVE = "in every situation that can come up one move at least must be there: widen a condition, or leave it out"
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


@dataclass(frozen=True, slots=True)
class Branching:
    """What comes next: a decision (`actor` >= 0), chance, or the end (`outcome`)."""

    label: str = ""
    actor: int = -1
    moves: tuple[tuple[str, Position], ...] = ()
    rows: tuple[int, ...] = ()  # chance: a row of the tape for each result
    there: tuple[int, ...] = ()  # decision: a row for each move, 1 where it is there
    situation: Seen = ()  # decision: what the actor has seen
    outcome: str = ""
    position: Position | None = None
    places: tuple[Place, ...] = ()


class Walk:
    """Knows the rules of a model: where a play starts, and what comes next at any position of it."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.place = cache(model.place)
        self.players = tuple(model.actors)
        self.tape = Tape()
        self.offers = frozenset(name for name, stage in model.stages.items() if stage.offer)
        self.steps = list(self._program())
        self.groups = self._together()
        self.tested = {moment: list(self._conditions(moment)) for moment in ("once", "period end")}
        self.closing = frozenset(self._closing())
        self.choices: dict[tuple[int, str, int, Seen], tuple[tuple[str, int], ...]] = {}  # the moves of each situation
        self.played: set[tuple[str, str]] = set()  # what has happened at each stage in any play walked so far

    def _program(self) -> Iterator[tuple[str, str]]:
        for name in self.model.private:
            yield "type", name
        for name, private in self.model.private.items():
            if private.seen_as:
                yield "type signal", name
        order = list(self.model.stages)
        unfinished = set()  # stages after which others still move at the same time: the game does not end between them
        for k, name in enumerate(order):
            if (first := self.model.stages[name].together_with) in order:
                unfinished.update(order[order.index(first) : k])
        for _ in range(self.model.periods.count):
            for name, stage in self.model.stages.items():
                yield "stage", name
                if stage.seen_as:
                    yield "signal", name
                if name not in unfinished:
                    yield "outcomes", "once"
            yield "outcomes", "period end"
            yield "close", ""
        yield "end", ""

    def _closing(self) -> Iterator[str]:
        """The outcomes that are tried when a period is over and ask for a state."""
        for name, outcome in self.model.outcomes.items():
            asked = outcome.when.expression.walk() if outcome.when and outcome.at != "once" else ()
            if any(isinstance(e, Name) and e.name in self.model.state for e in asked):
                yield name

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

    def _conditions(self, moment: str) -> Iterator[tuple[str, Expression]]:
        """The outcomes that are tried at a moment, with their conditions: plain ones, then those of the moment."""
        for at in dict.fromkeys(("once", moment)):
            for name, outcome in self.model.outcomes.items():
                if outcome.when is not None and outcome.at == at:
                    yield name, outcome.when.expression

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
        return Position(at.scene, at.seen, at.step + 1, 0, at.decided)

    def _type(self, at: Position, name: str) -> Branching:
        private = self.model.private[name]
        owner = self.players.index(name.partition(".")[0])
        moves = []
        for label in private.prior:
            scene = replace(at.scene, types={**at.scene.types, name: label})
            seen = tuple((*s, (name, label)) if p == owner or private.public else s for p, s in enumerate(at.seen))
            moves.append((label, self._on(replace(at, scene=scene, seen=seen))))
        places = tuple(self.place("private", name, "prior", label) for label in private.prior)
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
        places = tuple(self.place(section, name, "seen_as", of, label) for label in signals)
        return Branching(event, moves=moves, rows=self._shares(signals, at.scene), places=places)

    def _seen(self, at: Position, event: str, label: str, hidden: frozenset[str]) -> Position:
        """The position after an event that everybody sees but those it is hidden from."""
        before = at.scene
        records = (*before.records[:-1], {**before.records[-1], event: label})
        scene = Scene(before.n_periods, records, before.states, before.types, before.offers)
        entry = (f"{before.period + 1}:{event}" if before.n_periods > 1 else event, label)
        seen = tuple(s if self.players[p] in hidden else (*s, entry) for p, s in enumerate(at.seen))
        return Position(scene, seen, at.step, at.tried, at.decided)

    def _condition(self, stage: Stage, scene: Scene) -> int:
        return self._both(stage.when, stage.unless, scene)

    def _both(self, when: Formula | None, unless: Formula | None, scene: Scene) -> int:
        tape = self.tape
        row = tape.number(1) if when is None else lower(when.expression, scene, tape)
        if unless is not None:
            row = tape.apply("and", row, tape.apply("not", lower(unless.expression, scene, tape)))
        return row

    def _gate(self, at: Position, row: int, what: str, path: tuple[str, ...]) -> Branching | bool:
        """Whether a condition, which is written at `path`, holds: known now, or a gate that the draw decides.

        Nobody sees a gate as such: where one stands may depend on what is hidden. What follows from it is seen or not
        as ever, and in each draw one of its branches is impossible.
        """
        known = self.tape.constant(row)
        if known is not None:
            return bool(known)
        if row in at.decided:
            return at.decided[row]
        holds = self.tape.apply("!=", row, self.tape.number(0))
        moves = []
        for label, answer in (("yes", True), ("no", False)):
            moves.append((label, replace(at, decided={**at.decided, row: answer})))
        rows = (holds, self.tape.apply("-", self.tape.number(1), holds))
        place = self.place(*path)
        return Branching(f"{GATE}{what}", moves=tuple(moves), rows=rows, places=(place, place))

    def _stage(self, at: Position, name: str) -> Branching | Position:
        stage, scene = self.model.stages[name], at.scene
        if stage.periods and scene.period + 1 not in stage.periods:
            return self._on(at)
        if stage.once and any(name in record for record in scene.records):
            return self._on(at)
        gate = self._gate(at, self._condition(stage, scene), name, ("stages", name, "when"))
        if isinstance(gate, Branching):
            return gate
        if not gate:
            return self._on(at)
        hidden = frozenset(stage.hidden_from)
        if stage.seen_as and not hidden:
            hidden = frozenset(self.players) - {stage.actor}

        def after(label: str) -> Position:
            self.played.add((name, label))
            return self._on(self._seen(at, name, label, hidden))

        if stage.chance:
            rows = self._shares({label: result.p for label, result in stage.chance.items()}, scene)
            places = tuple(self.place("stages", name, "chance", label) for label in stage.chance)
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
                        self.place("stages", name, "moves"),
                        f"there is no move left at {name!r}{self._story(at, types=True)}",
                        NO_MOVE,
                    )
                ]
            )
        actor, one = self.players.index(stage.actor), self.tape.number(1)
        situation = self._situation(at, actor, name)
        choice = tuple((label, there.get(label, one)) for label in labels)
        if self.choices.setdefault((actor, name, scene.period, situation), choice) != choice:
            raise ModelError(
                [
                    Problem(
                        self.place("stages", name, "moves"),
                        f"the moves of {stage.actor} at {name!r} depend on what it has not seen{self._story(at)}",
                        "let the conditions of its moves use only what is visible to it",
                    )
                ]
            )
        if len(labels) == 1 and self.tape.constant(choice[0][1]) is not None:
            return after(labels[0])
        return Branching(
            name,
            actor=actor,
            moves=tuple((label, after(label)) for label in labels),
            there=tuple(row for _, row in choice),
            situation=situation,
            position=at,
            places=tuple(self.place("stages", name, "moves" if stage.moves else "offer", label) for label in labels),
        )

    def _situation(self, at: Position, actor: int, name: str) -> Seen:
        """What an actor has seen when it moves: not what is done at the same time."""
        prefix = f"{at.scene.period + 1}:" if at.scene.n_periods > 1 else ""
        hidden = {prefix + event for event in self.groups.get(name, ())}
        return tuple(entry for entry in at.seen[actor] if entry[0] not in hidden)

    def _outcomes(self, at: Position, moment: str) -> Branching | Position:
        if not at.scene.records[-1] and moment == "once":
            return self._on(at)
        for tried, (name, when) in enumerate(self.tested[moment]):
            if tried < at.tried:
                continue
            row = self._ends(name, when, at.scene)
            if self.tape.constant(row) == 0:
                continue
            here = replace(at, tried=tried)
            gate = self._gate(here, row, f"outcome {name}", ("outcomes", name))
            if isinstance(gate, Branching):
                return gate
            if gate:
                return Branching(outcome=name, position=here)
        return self._on(at)

    def _ends(self, name: str, when: Expression, scene: Scene) -> int:
        """The row of an outcome's condition. One that is tried when a period is over sees states as it leaves them."""
        return lower(when, replace(scene, left=self._states(scene)) if name in self.closing else scene, self.tape)

    def _end(self, at: Position) -> Branching:
        for name, outcome in self.model.outcomes.items():
            if outcome.when is not None and outcome.at == "end":
                row = self._ends(name, outcome.when.expression, at.scene)
                gate = self._gate(at, row, f"outcome {name}", ("outcomes", name))
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
                    self.place("outcomes", "@key"),
                    f"no outcome holds when the last period is over{self._story(at)}",
                    "write one outcome as `name: otherwise`",
                )
            ]
        )

    def _story(self, at: Position, types: bool = False) -> str:
        """What happened before a position; with `types`, also of which types everybody is."""
        kinds = [f"{kind} is {label}" for kind, label in at.scene.types.items() if types]
        events = [f"{event} {label}" for record in at.scene.records for event, label in record.items()]
        told = [f"where {listed(kinds, 6)}"] * bool(kinds) + [f"after {listed(events, 6)}"] * bool(events)
        return f" ({', '.join(told)})" if told else ""
