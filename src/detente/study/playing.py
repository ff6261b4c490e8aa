"""Playing a role: take the seat of an actor, see what it sees, move, and be told afterwards what was to be expected.

    log -> the draw, solved -> the node that play has come to -> View of one actor, or Debrief when it is over

The state is the log alone. The same log gives the same play: the draw follows from the seed and the number of the
world, and each result of chance, and each move of an actor without a seat, from a uniform number of its own, named
after the stage and the period. So another move of one's own leaves the luck of all that follows as it was.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple, Unpack

import numpy as np

from detente.analyse.playing.elsewhere import Elsewhere, elsewhere, situation_of, worths
from detente.analyse.playing.one_draw import OneDraw, decides, is_over
from detente.analyse.playing.reviews import Belief, beliefs_at, review
from detente.analyse.playing.sight import Sight
from detente.arrays import Longs
from detente.draws.sampler import MEDIAN, Draws
from detente.draws.streams import stream
from detente.engine.engine import Solving
from detente.engine.progress import Progress
from detente.engine.solved import converged
from detente.engine.store.compiled import blueprint_of
from detente.engine.store.fingerprint import meaning
from detente.errors import QuestionError, listed, nearest
from detente.game.blueprint import Blueprint
from detente.game.tree import CHANCE
from detente.model.schema import Model, Stage
from detente.study.class_summary import ClassSummary, Played, summarised
from detente.study.debriefing import Briefing, Debrief, View, briefing, debriefed, over, turn, waiting
from detente.study.seats import CENTRAL, LARGEST_WORLD, Log, Made, read_log
from detente.study.settings import Case, How, Settings

HELD = 16
"""Solved worlds that are held at once: of a model of 14,000 nodes each takes some 5 MB."""
_UNUSED = ("draws", "seed", "as_of", "executor", "progress")


class Step(NamedTuple):
    """A step of play: from a node to one below it; `seated`: whether somebody in a seat made it."""

    node: int
    child: int
    seated: bool


@dataclass(frozen=True)
class State:
    """What a log has come to: the solved draw, the node, and the steps that led there."""

    one: OneDraw
    node: int
    steps: tuple[Step, ...]


@dataclass(eq=False)
class Playing:
    """A case at which seats can be taken. Make one with `Playing.of`.

    Nothing of a play is held here: each call is told the log. Worlds that were solved are, so that a move costs little.
    """

    model: Model
    engine: Solving
    blueprint: Blueprint
    hash: str
    _solved: OrderedDict[tuple[int, int | str], OneDraw] = field(default_factory=OrderedDict, repr=False)

    @classmethod
    def of(cls, case: Case, **settings: Unpack[Settings]) -> Playing:
        """A case made ready to be played: `set`, `only`, `without`, `perception`, `method`, `workers` and `store` are
        as for every question. Raises ModelError, and QuestionError for other settings."""
        how = How.of(settings)
        if extra := sorted(key for key in how.given() if key in _UNUSED):
            why = "play begins before anything is known of it" if extra[0] == "as_of" else "give it to `start`"
            raise QuestionError(f"a play takes no {extra[0]}: {why}")
        model = how.model(case)
        if model._updated is not None:
            raise QuestionError("a play takes no model as of a day: play begins before anything is known of it")
        engine, blueprint = how.solving(model).bare, blueprint_of(model, how.store)
        return cls(model, engine, blueprint, _hash(model, engine, blueprint))

    # ------------------------------------------------------------------ a play

    def start(
        self, seats: str | Sequence[str], seed: int = 1, world: int | Literal["central"] = 0, coached: bool = False
    ) -> Log:
        """A new play: who is played, in which world (the number of a draw of the seed, from 0, or `central`), and
        whether each move is reviewed at once. Raises QuestionError for seats that there are not."""
        log = Log(
            self.model.name, self.hash, seed, world, (seats,) if isinstance(seats, str) else tuple(seats), coached
        )
        self._fits(log)
        self._one(log)
        return log

    def move(self, log: Log, actor: str, move: str) -> Log:
        """The log with a move more. Raises QuestionError where it is not this actor's turn, or there is no such
        move."""
        state = self._state(log)
        self._seat(log, actor)
        tree, h = state.one.tree, int(state.one.tree.infoset[state.node])
        if is_over(tree, state.node):
            raise QuestionError("this play is over; start another one")
        if tree.players[tree.owner[h]] != actor:
            raise QuestionError(f"it is not the turn of {actor}; the others are deciding")
        self._open(state.one, h, move)
        info = tree.infosets[h]
        return replace(log, moves=(*log.moves, Made(actor, state.one.sight.stages[h], info.step, move)))

    def resume(self, text: str | bytes, name: str = "this") -> Log:
        """The log in a JSON text, such as `Log.to_json` makes. Raises QuestionError for one that does not fit."""
        log = read_log(text, name)
        self._state(log)
        return log

    def briefing(self, log: Log, actor: str) -> Briefing:
        """What the actor in a seat knows all through play: who is there, what it wants, and the quantities as it sees
        them."""
        self._fits(log)
        self._seat(log, actor)
        return briefing(self._one(log), actor)

    def view(self, log: Log, actor: str) -> View:
        """What the actor in a seat knows now, and nothing else. Raises QuestionError for a log that does not fit."""
        state = self._state(log)
        self._seat(log, actor)
        one, player = state.one, state.one.tree.players.index(actor)
        mine = [step for step in state.steps if step.seated and decides(one.tree, step.node) == player]
        feedback = None
        if log.coached and mine:
            before = self._beliefs(one, mine[:-1])
            feedback = review(one, mine[-1].node, one.tree.labels[mine[-1].child], True, before)
        if is_over(one.tree, state.node):
            return over(one, state.node, player, feedback)
        if decides(one.tree, state.node) == player:
            return turn(one, state.node, self._beliefs(one, mine), feedback)
        others = [one.tree.players.index(name) for name in log.seats if name != actor]
        return waiting(one, state.node, player, others, feedback)

    def turn(self, log: Log) -> str:
        """Whose turn it is, for whoever runs the table; empty where play is over. No actor may be told more than its
        own view says."""
        state = self._state(log)
        player = decides(state.one.tree, state.node)
        return state.one.tree.players[player] if player >= 0 else ""

    def debrief(self, log: Log) -> Debrief:
        """What happened, what equilibrium play would have been, what each decision cost, and who believed what.

        Raises QuestionError while play goes on.
        """
        state = self._over(log)
        one = state.one
        last: dict[int, tuple[Belief, ...]] = {}
        decisions = []
        for step in state.steps:
            if (player := decides(one.tree, step.node)) >= 0 and one.there(int(one.tree.infoset[step.node])).sum() > 1:
                made = review(one, step.node, one.tree.labels[step.child], step.seated, last.get(player, ()), told=True)
                decisions.append(made)
                last[player] = made.beliefs
        return debriefed(log, one, state.node, decisions, self._present(one))

    def elsewhere(self, log: Log, actor: str, draws: int = 200, progress: Progress | None = None) -> Elsewhere:
        """What the choices that an actor made in a play are worth in other worlds, the first `draws` of its seed,
        beside equilibrium play. `progress` is called with how many are solved, and of how many. Raises QuestionError
        while play goes on."""
        state = self._over(log)
        self._seat(log, actor)
        if draws < 2:
            raise QuestionError(f"{draws} worlds were asked for; an interval needs at least two")
        one, tree = state.one, state.one.tree
        player = tree.players.index(actor)
        choices = {
            situation_of(one.sight.stages[h], tree.infosets[h]): tree.labels[step.child]
            for step in state.steps
            if step.seated and decides(tree, step.node) == player
            for h in (int(tree.infoset[step.node]),)
        }
        types = [s for s in one.sight.happened(state.node) if s.event in one.sight.model.private and s.actor == actor]
        found, settled = [], []
        for solved in self.engine.solve(self.blueprint, self.blueprint.sampler.draw(draws, log.seed)):
            found.append(worths(solved.batch, actor, choices, types))
            settled.append(converged(solved))
            if progress is not None:
                progress(sum(map(len, settled)), draws)
        chosen, as_solved = np.concatenate(found, axis=1)
        return elsewhere(actor, chosen, as_solved, float(np.concatenate(settled).mean()))

    def summary(self, logs: Iterable[Log]) -> ClassSummary:
        """Many plays beside the model: what the people in the seats chose, and how often equilibrium play would have in
        the same worlds. Plays that go on count with the moves made so far."""
        plays = []
        for log in logs:
            state = self._state(log)
            one = state.one
            made = [review(one, step.node, one.tree.labels[step.child], True) for step in state.steps if step.seated]
            paid = None
            if is_over(one.tree, state.node):
                seats = {seat: one.tree.players.index(seat) for seat in log.seats}
                paid = {
                    seat: (float(one.paid(p)[state.node].sum()), one.expectation(p, state.node))
                    for seat, p in seats.items()
                }
            plays.append(Played(log.seats, tuple(made), paid))
        return summarised(self.model.name, plays)

    # ------------------------------------------------------------------ what a log comes to

    def _over(self, log: Log) -> State:
        """What a log of a play that is over has come to. Raises QuestionError where it goes on."""
        state = self._state(log)
        if not is_over(state.one.tree, state.node):
            raise QuestionError("this play is not over; what equilibrium play would have been is told at its end")
        return state

    def _state(self, log: Log) -> State:
        """The node that a log has come to. Raises QuestionError for one that does not fit."""
        self._fits(log)
        one, steps = self._one(log), list[Step]()
        tree = one.tree
        node = self._onwards(log, one, 0, steps)
        for k, made in enumerate(log.moves, 1):
            if is_over(tree, node):
                raise QuestionError(f"move {k} of the log does not fit: play was over before it")
            h = int(tree.infoset[node])
            actor, stage, when = tree.players[tree.owner[h]], one.sight.stages[h], tree.infosets[h].step
            if (made.actor, made.stage, made.step) != (actor, stage, when):
                said = f"{made.actor} at {made.stage}" + (f" in {made.step}" if made.step else "")
                here = f"{actor} decides {stage}" + (f" in {when}" if when else "")
                raise QuestionError(f"move {k} of the log does not fit: it is {said}, where {here}")
            try:
                child = int(tree.first_child[node]) + self._open(one, h, made.move)
            except QuestionError as error:
                raise QuestionError(f"move {k} of the log does not fit: {error}") from None
            steps.append(Step(node, child, True))
            node = self._onwards(log, one, child, steps)
        return State(one, node, tuple(steps))

    def _onwards(self, log: Log, one: OneDraw, node: int, steps: list[Step]) -> int:
        """Play on until somebody in a seat has a choice, or it is over."""
        tree = one.tree
        while not is_over(tree, node):
            player = decides(tree, node)
            if player >= 0 and tree.players[player] in log.seats:
                there = one.there(int(tree.infoset[node]))
                if there.sum() > 1:
                    return node
                k = int(there.argmax())
            else:
                k = self._drawn(log, one, node)
            child = int(tree.first_child[node]) + k
            steps.append(Step(node, child, False))
            node = child
        return node

    def _drawn(self, log: Log, one: OneDraw, node: int) -> int:
        """What chance, or an actor without a seat, does: by a uniform number of its own."""
        chances = one.chances(node)
        if (sure := np.flatnonzero(chances == 1.0)).size:
            return int(sure[0])
        when = int(one.blueprint.plays.period[node])
        who = "chance" if one.tree.kind[node] == CHANCE else "move"
        u = stream(f"play in world {log.world}: {who} {one.tree.tags[node]} {when}", 1, log.seed)[0]
        return int(min(np.searchsorted(np.cumsum(chances), u, side="right"), np.flatnonzero(chances)[-1]))

    def _beliefs(self, one: OneDraw, mine: Sequence[Step]) -> tuple[Belief, ...]:
        """What an actor believed where it decided last; nothing before it did."""
        return beliefs_at(one, int(one.tree.infoset[mine[-1].node])) if mine else ()

    def _open(self, one: OneDraw, infoset: int, move: str) -> int:
        """The number of a move at a set. Raises QuestionError where it is not there."""
        moves, there = one.tree.infosets[infoset].actions, one.there(infoset)
        names = [name for name, here in zip(moves, there, strict=True) if here]
        if move not in names:
            stage = one.sight.stages[infoset]
            raise QuestionError(f"there is no move {move!r} at {stage}; {nearest(move, names)}")
        return moves.index(move)

    # ------------------------------------------------------------------ worlds

    def _one(self, log: Log) -> OneDraw:
        """The world of a log, solved when it is first asked for. Raises ModelError where no game can be made of it."""
        key = (0 if log.world == CENTRAL else log.seed), log.world
        one = self._solved.pop(key, None) or self._solve(log)
        self._solved[key] = one
        while len(self._solved) > HELD:
            self._solved.popitem(last=False)
        if absent := [seat for seat in log.seats if seat not in one.tree.players]:
            raise QuestionError(f"{absent[0]} has no part in this world: choose another one")
        return one

    def _solve(self, log: Log) -> OneDraw:
        draws, blueprint = self._drawn_world(log), self.blueprint
        if blueprint.members is not None:
            blueprint = blueprint.members.blueprints[int(blueprint.members.which(blueprint.tape, draws)[0])]
        solved = self.engine.solve_batch(blueprint, draws, {})
        return OneDraw(solved.batch, bool(converged(solved)[0]), Sight(blueprint))

    def _drawn_world(self, log: Log) -> Draws:
        sampler = self.blueprint.sampler
        if log.world == CENTRAL:
            return replace(sampler, scores=lambda _: MEDIAN).draw(1, log.seed)
        number: Longs = np.array([log.world], np.int64)
        return sampler.draw(int(log.world) + 1, log.seed).taken(number)

    def _present(self, one: OneDraw) -> tuple[str, ...]:
        """The rival structures that a world has."""
        rivals = self.model._rivals
        names = rivals.names if rivals else ()
        return tuple(name for name in names if one.batch.draws.truth[name][0] != 0)

    # ------------------------------------------------------------------ refusals

    def _fits(self, log: Log) -> None:
        if log.hash != self.hash:
            raise QuestionError(
                f"this log is of another edition of {log.case}, or it was solved otherwise: its case is {log.hash}, "
                f"and this one {self.hash}\n    play it with the file, the values and the perception it was begun with"
            )
        if log.world != CENTRAL and not 0 <= int(log.world) <= LARGEST_WORLD:
            raise QuestionError(f"there is no world {log.world}; worlds are numbered from 0 to {LARGEST_WORLD:,}")
        if not log.seats:
            raise QuestionError(f"nobody is played; {nearest('', self.model.actors)}")
        if len(set(log.seats)) < len(log.seats):
            raise QuestionError(f"a seat is taken twice: {listed(log.seats)}")
        for seat in log.seats:
            if seat not in self.model.actors:
                raise QuestionError(f"there is no actor {seat!r}; {nearest(seat, self.model.actors)}")
            if not any(stage.actor == seat for stage in self._stages()):
                raise QuestionError(f"{seat} never decides anything in this model")

    def _stages(self) -> list[Stage]:
        """The stages of all structures."""
        rivals = self.model._rivals
        return [stage for model in (rivals.members if rivals else (self.model,)) for stage in model.stages.values()]

    def _seat(self, log: Log, actor: str) -> None:
        if actor not in log.seats:
            raise QuestionError(f"nobody plays {actor} here; there are seats for {listed(log.seats)}")


def _hash(model: Model, engine: Solving, blueprint: Blueprint) -> str:
    """The digest of all that a play depends on: the game and the names in it, the quantities, and how it is solved."""
    quantities = [
        (name, q.value.text, q.unit, q.role, sorted((actor, seen.value.text) for actor, seen in q.seen_by.items()))
        for name, q in model.quantities.items()
    ]
    sets = [(info.name, info.actions) for info in blueprint.tree.infosets]
    parts = (
        meaning(blueprint), engine.perception, str(engine.method), repr(quantities),
        repr([(c.between, c.rank) for c in model.correlations]), repr(sets), "|".join(blueprint.tree.labels),
    )  # fmt: skip
    whole = hashlib.blake2b(digest_size=8)
    for part in parts:
        whole.update(f"{len(part)} {part}".encode())
    return whole.hexdigest()
