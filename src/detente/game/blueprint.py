"""A compiled model: the Tree, and the formulas that put the numbers of draws on it in one pass."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import blake2b
from typing import Any, NamedTuple

import numpy as np

from detente.arrays import Bools, Floats, Ints, Longs
from detente.draws.sampler import Draws, Sampler
from detente.errors import ModelError, Place, Problem
from detente.game.members import Members, only_elsewhere
from detente.game.pacing import NEGATIVE, NO_WEIGHT, weighed
from detente.game.plays import Plays
from detente.game.probabilities import improbable
from detente.game.repeated import unpaced
from detente.game.tree import CHANCE, Game, Tree
from detente.game.unreached import never
from detente.game.walk import NO_MOVE
from detente.language.expressions import Expression, Forced, Is, Name, Number
from detente.language.lowering import Scene, Tape
from detente.language.scenes import Reader, Scenes, combined
from detente.language.strict import may_fail, strict
from detente.model.blocks import names_of
from detente.model.schema import DEFAULT_PRECISION, Model


class Left(NamedTuple):
    """What is left of a game in which something is forced: its whole plays, [terminals], as places among the terminal
    nodes of the whole game, and its actions, [A], by their numbers there, of so many."""

    terminals: Longs
    actions: Ints
    of_actions: int

    def of(self, rows: Sequence[int]) -> tuple[int, ...]:
        """Rows of the tape for the plays that are left, from those for all histories."""
        return tuple(rows[k] for k in self.terminals.tolist())


@dataclass(frozen=True, eq=False)
class Blueprint:
    """A compiled model: the Tree, and the formulas that put numbers on it.

    `payoff_terms[p][k][s]` is the row of the tape of player p's k-th term at payoff slot s; `scene(x)` is the whole
    play that ends at terminal node x, and `plays` all of them at once.
    """

    model: Model
    tree: Tree
    tape: Tape
    term_names: tuple[tuple[str, ...], ...]  # [P] of names
    payoff_terms: tuple[tuple[tuple[int, ...], ...], ...]  # [P][terms][S]
    chance_rows: tuple[tuple[int, int], ...]  # [K] of (row of the tape, player who sees it so; -1 the truth)
    action_there: tuple[int, ...]  # [A] rows of the tape: 1 where the move is there
    plays: Plays
    known: Mapping[str, Ints] | None = None  # what `found` began with, where this was kept
    members: Members | None = None  # of rival structures: the combinations whose trees are joined in this one
    log_default: tuple[int, ...] = ()  # [A] rows of the logarithm of each move's weight; none where all are alike
    left: Left | None = None  # where something is forced: what this is of the whole game
    ready: dict[Hashable, Any] = field(default_factory=dict, repr=False)  # what questions read, by what they ask

    @cached_property
    def sampler(self) -> Sampler:
        return Sampler(self.model)

    def edge_place(self, edge: int) -> Place:
        """Where a result of chance is written."""
        return self.tree.places[int(np.flatnonzero(self.tree.edge_chance == edge)[0])]

    @cached_property
    def warnings(self) -> tuple[Problem, ...]:
        """What only the tree can show: things that never happen, stages asked more often the finer time is cut."""
        return (*never(self.model, self.plays), *unpaced(self.model, self.tree, self.plays))

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
        there = self.limited(game.available, moves, game.n_draws)
        return game if there is game.available else replace(game, available=there)

    def limited(self, available: Bools | None, moves: Mapping[str, str], n: int) -> Bools | None:
        """[A, n] the moves that are there where these are made wherever they are; None for all, as in `available`."""
        if not moves:
            return available
        tree = self.tree
        there = np.ones((tree.n_actions, n), bool) if available is None else available.copy()
        for h, info in enumerate(tree.infosets):
            move = moves.get(self.stage_of(h))
            if move in info.actions:
                first = int(tree.action_start[h])
                possible = there[first + info.actions.index(move)]
                for k, label in enumerate(info.actions):
                    if label != move:
                        there[first + k] &= ~possible
        return available if there.all() else there

    def revalued(self, model: Model, worthless: Callable[[str, str], bool]) -> Blueprint:
        """The blueprint of a model that differs only in the values of quantities, and in terms that are worth nothing.

        `worthless(actor, term)` says which terms; the tree is the same, so nothing is compiled.
        """
        zero = self.tape.number(0.0)
        terms = tuple(
            tuple(
                (zero,) * len(rows) if name in model.payoffs.get(actor, {}) and worthless(actor, name) else rows
                for name, rows in zip(names, mine, strict=True)
            )
            for actor, names, mine in zip(self.tree.players, self.term_names, self.payoff_terms, strict=True)
        )
        if model is self.model and terms == self.payoff_terms:
            return self
        members = self.members and self.members.each(lambda member: member.revalued(member.model, worthless))
        ready = self.ready if terms == self.payoff_terms else {}
        return replace(self, model=model, payoff_terms=terms, known=None, members=members, ready=ready)

    @cached_property
    def intervened(self) -> dict[Forced, Blueprint]:
        """The blueprints under interventions that were made so far (`game.interventions`)."""
        return {}

    def player(self, actor: str) -> int:
        return self.tree.players.index(actor)

    def event(self, expression: Expression, whether: bool = False) -> tuple[int, ...]:
        """[terminals] the row of an event or number for every whole play, read as in P(...) and E(...).

        With `whether`, 1 where it is not zero, and 0 elsewhere. Not a number (nan) where it is none, or infinite.
        """
        rows = self._events.get(expression)
        if rows is None:
            every, meant = self._whole, self.meant
            rows = self._once(("event", expression), lambda: self.reader.all_rows(meant(expression), every))
            self._events[expression] = rows
        if whether:
            zero = self.tape.number(0.0)
            rows = combined([rows], lambda row: self.tape.apply("!=?", row, zero))
        return tuple(rows.tolist())

    def meant(self, expression: Expression) -> Expression:
        """What an expression means in P(...): bare names of outcomes are events, and what may fail is told."""
        meant = expression.rewritten(self._outcome)
        return strict(meant) if self._may_fail or may_fail(meant) else meant

    def _once(self, what: object, find: Callable[[], Ints]) -> Ints:
        """Rows that were found before, or that are found now and noted."""
        name = blake2b(repr(what).encode(), digest_size=16).hexdigest()
        rows = self.found.get(name)
        if rows is None:
            rows = self.found[name] = find()
        return rows

    @cached_property
    def found(self) -> dict[str, Ints]:
        """The rows of what was asked so far, [terminals] each, by a digest of the question."""
        return dict(self.known or {})

    @cached_property
    def _whole(self) -> list[tuple[Longs, Scenes]]:
        """All whole plays, looked at as in P(...) and E(...), and the place of each among the terminal nodes."""
        return list(self.plays.by_period(self.tree.terminals, over_all=True))

    @cached_property
    def _may_fail(self) -> bool:
        """Whether some state may be something else than a number."""
        return any(may_fail(f.expression) for s in self.model.state.values() for f in (s.start, s.next))

    def worth(self, player: int, term: str = "", sized: bool = False) -> tuple[int, ...]:
        """[terminals] the row of a player's payoff, or of one term of it, for every whole play; `sized`: of the sum of
        the absolute values of its terms."""
        return tuple(self._once(("worth", player, term, sized), lambda: self._paid(player, term, sized)).tolist())

    def _paid(self, player: int, term: str, sized: bool) -> Ints:
        terms, names, tape = self.payoff_terms[player], self.term_names[player], self.tape
        total = np.full(self.n_slots, tape.number(0), np.int32)
        for row in (terms[names.index(term)],) if term else terms:
            rows = np.array(row, np.int32)
            size = combined([rows], lambda row: tape.apply("abs", row)) if sized else rows
            total = combined([total, size], lambda before, more: tape.apply("+", before, more))
        return np.asarray(total[self.tree.slot[self.tree.terminals]])

    @cached_property
    def _events(self) -> dict[Expression, Ints]:
        return {}

    def _outcome(self, e: Expression) -> Expression | None:
        """The bare name of an outcome as the event it stands for; 0 for what only another structure has."""
        model = self.model._elsewhere or self.model
        if isinstance(e, Name) and e.name in model.outcomes.keys() - {*model.quantities, *model.state}:
            return Is(e.at, "outcome", (e.name,), e.at)
        if isinstance(e, Name) and only_elsewhere(self.model, e.name):
            return Number(e.at, 0.0)
        if isinstance(e, Name) and e.name not in self.model.quantities and e.name in names_of(self.model):
            return Number(e.at, float(e.name in self.model._present))
        return None

    @cached_property
    def reader(self) -> Reader:
        return Reader.of(self.tape, self.plays.subjects)

    def game(self, draws: Draws, eyes: str | None = None) -> Game:
        """The Game for n draws; with `eyes`, as one actor believes it to be for everybody (the hypergame reading).

        Raises ModelError where a probability, a payoff or the moves of a set are impossible in some draw.
        """
        views = [eyes if eyes is not None else player for player in self.tree.players]
        chance = self._chance(draws, eyes)
        payoffs = np.empty((self.n_slots, self.tree.n_players, draws.n))
        for p, view in enumerate(views):
            payoffs[:, p] = self.paid(p, draws, view)
        self._finite(payoffs, draws)
        available = self.available(draws, eyes)
        default = self._default(draws, views, available)
        return Game(self.tree, payoffs, chance, self._precision(draws, eyes), available, default)

    def computable(self, draws: Draws, eyes: Sequence[str | None] = (None,)) -> Bools:
        """[n] whether `game` can be made of a draw, in each of some eyes: there is no pole, and no move is missing."""
        try:
            for view in eyes:
                self.game(draws, view)
        except ModelError:
            if draws.n == 1:
                return np.zeros(1, bool)
            middle = draws.n // 2
            parts = (draws.part(0, middle), draws.part(middle, draws.n))
            return np.concatenate([self.computable(part, eyes) for part in parts])
        return np.ones(draws.n, bool)

    @property
    def n_slots(self) -> int:
        return len(self.payoff_terms[0][0]) if self.payoff_terms and self.payoff_terms[0] else 1

    def terms(self, player: int, draws: Draws, eyes: str | None) -> Floats:
        """[terms, S, n] the payoff terms of a player at every slot, as `eyes` sees them (None: in truth)."""
        rows, where = self._paying[player]
        return self.tape.evaluate(rows, draws.seen_by(eyes), draws.n)[where]

    def paid(self, player: int, draws: Draws, eyes: str | None) -> Floats:
        """[S, n] the payoff of a player at every slot, its terms added up one by one."""
        rows, where = self._paying[player]
        values = self.tape.evaluate(rows, draws.seen_by(eyes), draws.n)
        total = values[where[0]] if len(where) else np.zeros((self.n_slots, draws.n))
        for term in where[1:]:
            total += values[term]
        return total

    @cached_property
    def _paying(self) -> list[tuple[list[int], Longs]]:
        """[P] the different rows of the tape in the terms of a player, and [terms, S] which of them each term is."""
        found = []
        for terms in self.payoff_terms:
            table = np.array(terms, np.int64).reshape(len(terms), self.n_slots)
            rows, where = np.unique(table, return_inverse=True)
            found.append((rows.tolist(), where.reshape(table.shape)))
        return found

    def _chance(self, draws: Draws, eyes: str | None) -> Floats:
        values = np.empty((len(self.chance_rows), draws.n))
        for viewer in sorted({v for _, v in self.chance_rows}):
            mine = [k for k, (_, v) in enumerate(self.chance_rows) if v == viewer]
            view = eyes if eyes is not None else (None if viewer < 0 else self.tree.players[viewer])
            values[mine] = self.tape.evaluate([self.chance_rows[k][0] for k in mine], draws.seen_by(view), draws.n)
        if self.members is not None:  # behind a closed gate anything may stand; each combination looks at its own
            return np.clip(np.nan_to_num(values), 0.0, 1.0)
        if wrong := improbable(self, values, draws):
            raise ModelError(wrong)
        return np.clip(values, 0.0, 1.0)

    @cached_property
    def unresting(self) -> list[tuple[list[int], Place]]:
        """The different sets of rows of chance nodes, in truth and to each player, with a place."""
        tree = self.tree
        found: dict[tuple[int, ...], Place] = {}
        for x in np.flatnonzero(tree.kind == CHANCE):
            first = int(tree.chance_start[x])
            for rows in {tuple(column) for column in tree.chance_row[first : first + int(tree.children[x])].T.tolist()}:
                if rows not in found:
                    found[rows] = self.edge_place(first)
        return [(list(rows), place) for rows, place in found.items()]

    def where(self, draws: Draws, draw: int, *rows: int) -> str:
        """The values in a draw of the quantities that some rows depend on, in words."""
        names = sorted(self.tape.inputs_of(rows))
        shown = ", ".join(f"{name} = {draws.truth[name][draw]:.4g}" for name in names[:4])
        return f" (where {shown})" if shown else ""

    def _finite(self, payoffs: Floats, draws: Draws) -> None:
        bad = ~np.isfinite(payoffs)
        if self.members is not None or not bad.any():
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
                            f"the payoff is {'not a number' if np.isnan(value) else 'infinite'} "
                            f"in draw {draw}{self.where(draws, draw, row)}",
                            "check for a division by zero, or a logarithm or root of something negative",
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

    def _default(self, draws: Draws, views: Sequence[str], available: Bools | None) -> Floats | None:
        """[A, n] what is done without a reason, each move in the view of who makes it."""
        if not self.log_default:
            return None
        tree, logs = self.tree, np.empty((self.tree.n_actions, draws.n))
        for p, view in enumerate(views):
            mine = np.flatnonzero(tree.owner[tree.action_infoset] == p)
            rows = [self.log_default[a] for a in mine.tolist()]
            logs[mine] = self.tape.evaluate(rows, draws.seen_by(view), draws.n)
        if self.members is not None:  # as for chance
            logs = np.nan_to_num(logs, posinf=0.0)
        if (lost := weighed(logs, available)) is not None:
            info = tree.infosets[int(tree.action_infoset[lost[0]])]
            told = (
                f"{NO_WEIGHT} in draw {lost[1]}{self.where(draws, lost[1], self.log_default[lost[0]])} at {info.name}"
            )
            raise ModelError([Problem(info.place, told, NEGATIVE)])
        return logs

    def available(self, draws: Draws, eyes: str | None = None) -> Bools | None:
        """[A, n] the moves that are there; None for all. Raises ModelError where nothing can be done."""
        varying = [a for a, row in enumerate(self.action_there) if self.tape.constant(row) is None]
        if not varying:
            return None
        tree = self.tree
        there = np.ones((tree.n_actions, draws.n), bool)
        there[varying] = self.tape.evaluate([self.action_there[a] for a in varying], draws.seen_by(eyes), draws.n) != 0
        sets = {int(tree.action_infoset[a]) for a in varying}
        none = {h: ~there[tree.action_start[h] : tree.action_start[h + 1]].any(axis=0) for h in sorted(sets)}
        if not any(empty.any() for empty in none.values()):
            return there
        possible = self._possible(draws, eyes, there)
        for h, empty in none.items():
            reached = possible[tree.members[tree.member_start[h] : tree.member_start[h + 1]]].any(axis=0)
            if (lost := np.flatnonzero(empty & reached)).size:
                draw, rows = int(lost[0]), self.action_there[tree.action_start[h] : tree.action_start[h + 1]]
                where = self.where(draws, draw, *rows)
                message = f"there is no move left in draw {draw}{where} at {tree.infosets[h].name}"
                raise ModelError([Problem(tree.infosets[h].place, message, NO_MOVE)])
            there[tree.action_start[h] : tree.action_start[h + 1], empty] = True  # a closed gate stands before it
        return there

    def _possible(self, draws: Draws, eyes: str | None, there: Bools) -> Bools:
        """[N, n] whether a node can be come to, in anybody's eyes: behind open gates, by moves that are there."""
        tree, chance = self.tree, self._chance(draws, eyes) > 0
        found = np.ones((tree.n_nodes, draws.n), bool)
        for x in range(1, tree.n_nodes):
            action, edge = int(tree.edge_action[x]), int(tree.edge_chance[x])
            step = there[action] if action >= 0 else chance[tree.chance_row[edge]].any(axis=0)
            found[x] = found[tree.parent[x]] & step
        return found
