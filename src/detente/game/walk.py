"""The rules of play, for all plays at once: private types, then the stages of each period, with a look at the outcomes
after each.

Whatever the history settles is settled here; what depends on a draw becomes a row of the tape: a probability, or
whether a move is there. A condition that depends on a draw becomes a *gate*, a chance node whose probabilities are 1
and 0, so that the shape of the tree never depends on a draw.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from detente.arrays import Bools, Ints, Longs
from detente.errors import ModelError, Problem, listed
from detente.game.drawing import Drawing, Frontier, Moves, Numbering, Seen
from detente.game.pacing import hazards, log_defaults
from detente.game.program import Step, closing, conditions, program, subjects_of, together, visible
from detente.game.tree import CHANCE, DECISION, Infoset
from detente.language.expressions import Expression
from detente.language.lowering import Scene, Tape, lower
from detente.language.scenes import OUTCOME, Reader, Scenes, combined, distinct
from detente.model.fields import Formula
from detente.model.periods import date
from detente.model.schema import Model, Stage

NO_MOVE = "in every situation that can come up at least one move must be available: widen a condition, or leave it out"
GATE = "?"  # events with this mark are decisions of the draw, not of anybody
ANSWERS = ("yes", "no")  # at a gate


@dataclass(frozen=True)
class _Event:
    """Something that may happen: a stage, a type or a signal. `seen`: what it is called by those who see it, which are
    the `seers` [P]; `path`: where its results are written."""

    name: str
    period: int
    seen: str
    seers: Sequence[bool]
    path: tuple[str, ...]


class Walk:
    """Knows the rules of a model: which steps a play goes through, and what comes of each."""

    def __init__(self, model: Model, tape: Tape | None = None) -> None:
        """`tape`: where its formulas are entered, beside those of other structures; None: one of its own."""
        self.model = model
        self.players = tuple(model.actors)
        self.tape = tape or Tape()
        self.subjects = subjects_of(model)
        self.reader = Reader.of(self.tape, self.subjects)
        self.steps = list(program(model))
        self.groups = together(model)
        self.tested = {moment: list(conditions(model, moment)) for moment in ("once", "period end")}
        self.closing = frozenset(closing(model))
        self.log_defaults: dict[tuple[str, tuple[tuple[str, int], ...]], tuple[int, ...]] = {}  # by the moves there
        self.paths: Numbering[tuple[str, ...]] = Numbering(())  # where what happens is written

    def start(self, drawing: Drawing) -> Frontier:
        """The one play that has not begun."""
        bare, at = Scene(self.model.periods.count, slices=self.model.periods.slices), drawing.start()
        states = {
            (name, 0): np.array([lower(state.start.expression, bare, self.tape)], np.int32)
            for name, state in self.model.state.items()
        }
        return replace(at, columns=states)

    def advance(self, step: Step, at: Frontier, drawing: Drawing) -> Frontier:
        """The plays that go on after a step. Raises ModelError where the model does not say what happens."""
        name = step.name
        match step.kind:
            case "type":
                private = self.model.private[name]
                seers = [visible(self.model, name, player) for player in self.players]
                event = _Event(name, 0, name, seers, ("private", name, "prior"))
                return self._chance(event, np.ones(at.n, np.bool_), private.prior, at, drawing)
            case "type signal":
                return self._signal(step, "private", self.model.private[name].seen_as, at, drawing)
            case "stage":
                return self._stage(step, at, drawing)
            case "signal":
                return self._signal(step, "stages", self.model.stages[name].seen_as, at, drawing)
            case "outcomes":
                return self._outcomes(step, at, drawing)
            case "close":
                states = self._states(at.scenes(self.subjects, step.period))
                later = {(state, step.period + 1): rows for state, rows in states.items()}
                return replace(at, columns={**at.columns, **later})
        return self._end(step, at, drawing)

    def _states(self, scenes: Scenes) -> dict[str, Ints]:
        """[n] each: the rows of states as the period leaves them; a slice of it, by its part of the way (Euler)."""
        tape, slices, found = self.tape, self.model.periods.slices, {}

        def nearer(before: int, after: int) -> int:
            return tape.apply("+", before, tape.apply("/", tape.apply("-", after, before), tape.number(slices)))

        for name, state in self.model.state.items():
            rows, now = self.reader.rows(state.next.expression, scenes), scenes.column(name, scenes.period)
            found[name] = rows if slices == 1 or now is None else combined([now, rows], nearer)
        return found

    def _shares(self, entries: Mapping[str, Formula | None], scenes: Scenes, length: float) -> Ints:
        """[n, entries] rows of probabilities, `otherwise` taking the rest. `length`: of what the play goes through now,
        in the unit of time for which they are."""
        tape = self.tape
        given = {label: self.reader.rows(p.expression, scenes) for label, p in entries.items() if p is not None}
        if length != 1 and given:
            rows = list(given.values())
            parts = [combined(rows, partial(_part, tape, length, k)) for k in range(len(rows))]
            given = dict(zip(given, parts, strict=True))
        if len(given) == len(entries):
            return np.stack(list(given.values()), axis=1)

        def left(*rows: int) -> int:
            return tape.apply("-", tape.number(1), tape.total(rows))

        rest = combined(list(given.values()), left) if given else np.full(scenes.n, left(), np.int32)
        return np.stack([given.get(label, rest) for label in entries], axis=1)

    def _chance(
        self, event: _Event, which: Bools, entries: Mapping[str, Formula | None], at: Frontier, drawing: Drawing,
        length: float = 1,
    ) -> Frontier:  # fmt: skip
        """The plays after one of some results has happened in some of them (`which` [n]); `length` as for `_shares`."""
        where = np.flatnonzero(which)
        drawing.room(len(where) * len(entries))
        rows = self._shares(entries, at.scenes(self.subjects, event.period, where), length)
        labels = self.subjects.labels[event.name]
        result = np.tile([labels.index(label) for label in entries], len(where))
        moves = self._moves(event, result, rows.ravel(), drawing)
        counts, none = np.where(which, len(entries), 1), np.full(len(where), -1)
        after, index = drawing.branch(at, which, counts, moves, event.name, CHANCE, event.period, none)
        return self._happened(event, which[index], result, after, drawing)

    def _moves(self, event: _Event, result: Longs, rows: Ints, drawing: Drawing) -> Moves:
        """What leads to the nodes after an event: [m] the number of its label, and rows of probabilities."""
        labels = self.subjects.labels[event.name]
        name = np.array([drawing.labels.of(label) for label in labels])
        place = np.array([self.paths.of((*event.path, label)) for label in labels])
        return Moves(name[result], place[result], rows)

    def _happened(self, event: _Event, where: Bools, result: Longs, at: Frontier, drawing: Drawing) -> Frontier:
        """The plays, some of which (`where` [n]) now have a result (the number of its label) of an event."""
        key, labels = self.subjects.when(event.name, event.period), self.subjects.labels[event.name]
        code = np.zeros(at.n, np.int32)
        code[where] = result + 1
        known = at.columns.get(key)
        views: dict[int, Ints] = {}
        for column, sees in zip(at.seen, event.seers, strict=True):
            if sees and id(column) not in views:
                views[id(column)] = drawing.see(column, code, event.seen, labels)
        seen = tuple(views[id(c)] if sees else c for c, sees in zip(at.seen, event.seers, strict=True))
        return replace(at, columns={**at.columns, key: code if known is None else known + code}, seen=seen)

    def _signal(
        self, step: Step, section: str, seen_as: Mapping[str, Mapping[str, Formula | None]], at: Frontier,
        drawing: Drawing,
    ) -> Frontier:  # fmt: skip
        """The plays after everybody has seen a signal of what has happened, which depends on that."""
        name, t = step.name, step.period
        event = f"{name}.seen"
        for code, of in enumerate(self.subjects.labels[name], 1):
            column = at.columns.get(self.subjects.when(name, t))
            which = np.zeros(at.n, np.bool_) if column is None else column == code
            if which.any():
                seen = _Event(
                    event, t, self._dated(event, t), [True] * len(self.players), (section, name, "seen_as", of)
                )
                at = self._chance(seen, which, seen_as[of], at, drawing)
        return at

    def _dated(self, event: str, period: int) -> str:
        """An event of a period as those who see it call it."""
        steps, slices = self.subjects.steps, self.subjects.slices
        return f"{date(period + 1, slices)}:{event}" if steps > 1 else event

    def _both(self, when: Formula | None, unless: Formula | None, scenes: Scenes) -> Ints:
        """[n] the rows of a condition."""
        tape = self.tape
        rows = np.full(scenes.n, tape.number(1), np.int32)
        if when is not None:
            rows = self.reader.rows(when.expression, scenes)
        if unless is not None:
            not_so = self.reader.rows(unless.expression, scenes)
            rows = combined([rows, not_so], lambda row, other: tape.apply("and", row, tape.apply("not", other)))
        return rows

    def _gate(
        self, rows: Ints, what: str, path: tuple[str, ...], period: int, at: Frontier, drawing: Drawing
    ) -> tuple[Frontier, Bools, Longs]:
        """Whether a condition (its rows [n]), which is written at `path`, holds: known now, or a gate that the draw
        decides. The plays behind the gates, [n] of them whether it holds, and from which play each comes.

        Nobody sees a gate as such: where one stands may depend on what is hidden. What follows from it is seen or not
        as ever, and in each draw one of its branches is impossible.
        """
        tape, holds, open_ = self.tape, np.zeros(at.n, np.bool_), np.zeros(at.n, np.bool_)
        unknown = []
        for row in np.unique(rows).tolist():
            here, known = rows == row, tape.constant(row)
            if known is not None:
                holds |= here & bool(known)
                continue
            before = at.decided.get(row, np.zeros(at.n, np.int8))
            holds |= here & (before > 0)
            open_ |= here & (before == 0)
            unknown.append(row)
        if not open_.any():
            return at, holds, np.arange(at.n)
        yes = combined([rows[open_]], lambda row: tape.apply("!=", row, tape.number(0)))
        no = combined([yes], lambda row: tape.apply("-", tape.number(1), row))
        labels = np.array([drawing.labels.of(answer) for answer in ANSWERS])
        m = len(yes)
        moves = Moves(np.tile(labels, m), np.full(2 * m, self.paths.of(path)), np.stack([yes, no], axis=1).ravel())
        none = np.full(m, -1)
        at, index = drawing.branch(at, open_, 1 + open_, moves, f"{GATE}{what}", CHANCE, period, none)
        new, rows, holds = open_[index], rows[index], holds[index]
        holds[new] = np.tile([True, False], m)
        decided = dict(at.decided)
        for row in unknown:
            here = new & (rows == row)
            decided[row] = np.where(here, np.where(holds, 1, -1), decided.get(row, 0)).astype(np.int8)
        return replace(at, decided=decided), holds, index

    def _stage(self, step: Step, at: Frontier, drawing: Drawing) -> Frontier:
        name, t, stage = step.name, step.period, self.model.stages[step.name]
        able = np.ones(at.n, np.bool_)
        for earlier in range(t if stage.once else 0):
            if (column := at.columns.get((name, earlier))) is not None:
                able &= column == 0
        where = np.flatnonzero(able)
        rows = np.full(at.n, self.tape.number(0), np.int32)
        rows[where] = self._both(stage.when, stage.unless, at.scenes(self.subjects, t, where))
        at, played, _ = self._gate(rows, name, ("stages", name, "when"), t, at, drawing)
        if not played.any():
            return at
        kind = "chance" if stage.chance else "moves" if stage.moves else "offer"
        seers = [visible(self.model, name, player) for player in self.players]
        event = _Event(name, t, self._dated(name, t), seers, ("stages", name, kind))
        if stage.chance:
            shares = {label: result.p for label, result in stage.chance.items()}
            length = self.model.periods.length(stage.per) if stage.per else 1
            assert length is not None, "a probability without a unit of time is a mistake of the model"
            return self._chance(event, played, shares, at, drawing, length)
        return self._decision(event, stage, played, at, drawing)

    def _decision(self, event: _Event, stage: Stage, which: Bools, at: Frontier, drawing: Drawing) -> Frontier:
        """The plays after an actor has made a move in some of them (`which` [n])."""
        where = np.flatnonzero(which)
        scenes, place = at.scenes(self.subjects, event.period, where), self.model.place("stages", event.name, "moves")
        rows = self._there(stage, scenes)
        possible = ~self._tests(rows, lambda known: known == 0)
        if (lost := np.flatnonzero(~possible.any(axis=1))).size:
            told = f"there is no move left at {event.name!r}{_story(scenes.scene(int(lost[0])), types=True)}"
            raise ModelError([Problem(place, told, NO_MOVE)])
        firsts, situation, seen = self._situations(event, at.seen[self.players.index(stage.actor)][where], drawing)
        rows = np.where(possible, rows, -1)
        if (odd := np.flatnonzero((rows != rows[firsts][situation]).any(axis=1))).size:
            told = f"the moves of {stage.actor} at {event.name!r} depend on what it has not seen"
            hint = "let the conditions of its moves use only what is visible to it"
            raise ModelError([Problem(place, told + _story(scenes.scene(int(odd[0]))), hint)])
        many = possible.sum(axis=1)
        drawing.room(int(many.sum()))
        alone = (many == 1) & self._tests(rows.max(axis=1), lambda known: known is not None)
        sets = np.full(len(firsts), -1)
        for k in np.flatnonzero(~alone[firsts]).tolist():
            there = {stage.results[j]: int(rows[firsts[k], j]) for j in np.flatnonzero(possible[firsts[k]])}
            sets[k] = self._informed(event, stage, there, seen[k], drawing)
        play, result = np.nonzero(possible)
        made = result[~alone[play]]
        inner, counts = np.zeros(at.n, np.bool_), np.ones(at.n, np.int64)
        inner[where], counts[where] = ~alone, many
        moves, sets = self._moves(event, made, np.full(len(made), -1), drawing), sets[situation[~alone]]
        after, index = drawing.branch(at, inner, counts, moves, event.name, DECISION, event.period, sets)
        return self._happened(event, which[index], result, after, drawing)

    def _there(self, stage: Stage, scenes: Scenes) -> Ints:
        """[n, moves] rows that are not zero where a move is there."""
        rows = np.full((scenes.n, len(stage.results)), self.tape.number(1), np.int32)
        for k, move in enumerate(stage.moves.values()):
            rows[:, k] = self._both(move.when, move.unless, scenes)
        return rows

    def _tests(self, rows: Ints, test: Callable[[float | None], bool]) -> Bools:
        """Whether what is known of each row (None where a draw decides) passes a test."""
        return combined([rows.ravel()], lambda row: test(self.tape.constant(row))).astype(np.bool_).reshape(rows.shape)

    def _situations(self, event: _Event, seen: Ints, drawing: Drawing) -> tuple[Longs, Longs, list[Seen]]:
        """[m] the first play in each situation of who moves, [n] in which each play is, and [m] what was seen in each:
        not what is done at the same time."""
        hidden = {self._dated(other, event.period) for other in self.groups.get(event.name, ())}
        known: Numbering[Seen] = Numbering()
        firsts, view = distinct([seen], len(seen))
        views = [drawing.view(number) for number in seen[firsts].tolist()]
        own = [known.of(tuple(entry for entry in view if entry[0] not in hidden) if hidden else view) for view in views]
        firsts, situation = distinct([np.array(own, np.int32)[view]], len(seen))
        return firsts, situation, known.things

    def _informed(self, event: _Event, stage: Stage, there: Mapping[str, int], seen: Seen, drawing: Drawing) -> int:
        """The number of a new information set, with the rows that say whether its moves are there."""
        several, slices = self.subjects.steps > 1, self.subjects.slices
        period, step = (event.period // slices + 1, event.period + 1) if several else (0, 0)
        place = self.model.place("stages", event.name)
        actor = self.players.index(stage.actor)
        drawing.infosets.append(Infoset(actor, event.name, tuple(there), seen, 0, place, period, step))
        drawing.there.append(tuple(there.values()))
        known = event.name, tuple(there.items())
        if known not in self.log_defaults:
            self.log_defaults[known] = log_defaults(self.tape, self.model, stage, there)
        drawing.log_default.append(self.log_defaults[known])
        return len(drawing.infosets) - 1

    def _outcomes(self, step: Step, at: Frontier, drawing: Drawing) -> Frontier:
        """The plays that go on when the outcomes have been tried: after a stage only where something has happened."""
        moved = np.ones(at.n, np.bool_)
        if step.name == "once":
            events = (c for (name, t), c in at.columns.items() if t == step.period and name in self.subjects.labels)
            moved = np.any([column > 0 for column in events], axis=0) & moved
        return self._tried(self.tested[step.name], moved, step.period, at, drawing)

    def _tried(
        self, tested: Sequence[tuple[str, Expression]], moved: Bools, period: int, at: Frontier, drawing: Drawing
    ) -> Frontier:
        """The plays that go on when some outcomes have been tried where something has `moved` [n]."""
        never, scenes, where = self.tape.number(0), None, np.zeros(0, np.int64)
        for name, when in tested:
            if scenes is None:
                where = np.flatnonzero(moved)
                scenes = at.scenes(self.subjects, period, where)
            found = self._ends(name, when, scenes)
            if (found == never).all():
                continue
            rows = np.full(at.n, never, np.int32)
            rows[where] = found
            at, over, index = self._gate(rows, f"outcome {name}", ("outcomes", name), period, at, drawing)
            at, moved, scenes = drawing.end(at, over, self._outcome(name), period), moved[index][~over], None
        return at

    def _outcome(self, name: str) -> int:
        return self.subjects.labels[OUTCOME].index(name)

    def _ends(self, name: str, when: Expression, scenes: Scenes) -> Ints:
        """The rows of an outcome's condition. One that is tried when a period is over sees states as it leaves them."""
        left = self._states(scenes) if name in self.closing else {}
        return self.reader.rows(when, replace(scenes, left=left))

    def _end(self, step: Step, at: Frontier, drawing: Drawing) -> Frontier:
        """The plays that are left when the last period is over: none."""
        last = [(name, o.when.expression) for name, o in self.model.outcomes.items() if o.when and o.at == "end"]
        at = self._tried(last, np.ones(at.n, np.bool_), step.period, at, drawing)
        if not at.n:
            return at
        for name, outcome in self.model.outcomes.items():
            if outcome.otherwise:
                return drawing.end(at, np.ones(at.n, np.bool_), self._outcome(name), step.period)
        story = _story(at.scenes(self.subjects, step.period).scene(0))
        told = f"no outcome holds when the last period is over{story}"
        raise ModelError(
            [Problem(self.model.place("outcomes", "@key"), told, "write one outcome as `name: otherwise`")]
        )


def _part(tape: Tape, length: float, k: int, *rows: int) -> int:
    return hazards(tape, length, *rows)[k]


def _story(scene: Scene, types: bool = False) -> str:
    """What happened before a point of play; with `types`, also of which types everybody is."""
    kinds = [f"{kind} is {label}" for kind, label in scene.types.items() if types]
    events = [f"{event} {label}" for record in scene.records for event, label in record.items()]
    told = [f"where {listed(kinds)}"] * bool(kinds) + [f"after {listed(events)}"] * bool(events)
    return f" ({', '.join(told)})" if told else ""
