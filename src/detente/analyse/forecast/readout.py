"""What is read off solved draws by the analyses that solve again: outcomes, claims and their margins, moves.

Such an analysis is given an `Ask`: a function that solves draws and returns the `Answers`. How it solves, with which
solver, reading of perception and number of threads, is not its business.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from detente.analyse.forecast.claims import Question
from detente.analyse.forecast.outcomes import outcome_probabilities
from detente.arrays import Bools, Floats, Longs
from detente.draws.sampler import Draws
from detente.engine.batch import Batch, truth
from detente.game.blueprint import Blueprint
from detente.language.margins import margin
from detente.language.tolerance import tolerant

NOT_JUDGED, NOT_A_NUMBER = -1, -2
"""Labels of what has none: a claim that cannot be judged or a set that a structure does not have, and all of a draw of
which no game can be made."""
Subject = tuple[str, str | int]
"""What may tip: `("outcome", "")` the most likely outcome, `("claim", name)`, or `("move", information set)`."""


@dataclass(frozen=True, eq=False)
class Answers:
    """The answers in n draws.

    `claims` are 1 where a claim holds, 0 where it does not, nan where it cannot be judged; `margins` how far it is
    from turning (above zero: it holds); `moves[h]` is [moves, n] at an information set; `answer` is what answers the
    case's question, by what it asks, where the case says so. All are nan in draws of which no game can be made
    (`computed`). `slopes` are the derivatives of
    margins by the free scores of the sources, [S, n], where somebody has asked for them; in those margins probabilities
    are compared by their ratio.
    """

    outcomes: Mapping[str, Floats]
    claims: Mapping[str, Floats]
    margins: Mapping[str, Floats]
    moves: Mapping[int, Floats]
    converged: Bools  # [n]
    slopes: Mapping[str, Floats] = field(default_factory=dict)
    answer: Mapping[str, Floats] = field(default_factory=dict)

    @property
    def n(self) -> int:
        return len(self.converged)

    @classmethod
    def joined(cls, parts: Iterable[Answers]) -> Answers:
        """The answers of several batches as one."""
        found = list(parts)

        def one(rows: Callable[[Answers], Mapping[str, Floats]]) -> dict[str, Floats]:
            return {key: np.concatenate([rows(part)[key] for part in found]) for key in rows(found[0])}

        moves = {h: np.concatenate([part.moves[h] for part in found], axis=1) for h in found[0].moves}
        converged = np.concatenate([part.converged for part in found])
        slopes = {}
        if all(part.slopes for part in found):
            slopes = {key: np.concatenate([part.slopes[key] for part in found], axis=1) for key in found[0].slopes}
        told = (one(lambda a: a.outcomes), one(lambda a: a.claims), one(lambda a: a.margins))
        return cls(*told, moves, converged, slopes, one(lambda a: a.answer))

    @property
    def computed(self) -> Bools:
        """[n] whether a game could be made of the draw."""
        return np.asarray(~np.isnan(next(iter(self.outcomes.values()))))

    def among(self, good: Bools) -> Answers:
        """These answers as those in the `good` ones of more draws, [m]; in the others there is no number."""

        def spread(values: Floats) -> Floats:
            whole = np.full((*values.shape[:-1], len(good)), np.nan)
            whole[..., good] = values
            return whole

        def all_of(rows: Mapping[Any, Floats]) -> dict[Any, Floats]:
            return {key: spread(row) for key, row in rows.items()}

        converged = np.zeros(len(good), bool)
        converged[good] = self.converged
        return Answers(
            all_of(self.outcomes), all_of(self.claims), all_of(self.margins), all_of(self.moves), converged,
            all_of(self.slopes), all_of(self.answer),
        )  # fmt: skip

    def labels(self, subject: Subject) -> Longs:
        """[n] what stands first: the number of the most likely outcome or move; of a claim 1 or 0, or what says why it
        is neither (`NOT_JUDGED`); `NOT_A_NUMBER` where there is no game."""
        kind, which = subject
        if kind == "outcome":
            found = np.argmax(list(self.outcomes.values()), axis=0)
        elif kind == "move":
            moves = self.moves[int(which)]
            found = np.where(np.isnan(moves[0]), NOT_JUDGED, np.nan_to_num(moves).argmax(axis=0))
        else:
            found = np.nan_to_num(self.claims[str(which)], nan=NOT_JUDGED).astype(np.int64)
        return np.where(self.computed, found, NOT_A_NUMBER)

    def probabilities(self, subject: Subject) -> Floats:
        """[k, n] the probabilities that a subject is read from: of the outcomes, or of the moves at a set."""
        if subject[0] == "move":
            return self.moves[int(subject[1])]
        return np.array(list(self.outcomes.values()))


Ask = Callable[[Draws], Answers]


class Watch:
    """Reads Answers off a batch: the outcomes, the case's answer, some claims, the moves at some information sets."""

    def __init__(self, blueprint: Blueprint, claims: Sequence[str] | None = None, moves: Sequence[int] = ()) -> None:
        """`claims` None: all of the model."""
        known = blueprint.model.claims
        names = list(known) if claims is None else list(claims)
        self.outcomes, self.moves = tuple(blueprint.model.outcomes), tuple(moves)
        self.start = blueprint.tree.action_start
        held = {name: known[name].holds.expression for name in names}
        asks = blueprint.model.answer.asks if blueprint.model.answer else None
        self.answer = {asks.text: Question(blueprint, asks.expression)} if asks else {}
        self.claims = {name: Question(blueprint, e, [margin(tolerant(e))]) for name, e in held.items()}

    def nothing(self, n: int) -> Answers:
        """The answers in n draws of which no game can be made."""
        nan = np.full(n, np.nan)
        claims = dict.fromkeys(self.claims, nan)
        moves = {h: np.full((int(self.start[h + 1] - self.start[h]), n), np.nan) for h in self.moves}
        answer = dict.fromkeys(self.answer, nan)
        return Answers(dict.fromkeys(self.outcomes, nan), claims, claims, moves, np.zeros(n, bool), answer=answer)

    def only(self, claims: Sequence[str]) -> Watch:
        """The same for some of its claims and without the answer, not making them ready again."""
        other = copy(self)
        other.answer = {}
        other.claims = {name: self.claims[name] for name in claims}
        return other

    def __call__(self, batch: Batch, converged: Bools) -> Answers:
        read = {name: question.together(batch) for name, question in self.claims.items()}
        claims = {name: truth(held) for name, (held, _) in read.items()}
        margins = {name: np.where(np.isnan(held), np.nan, far) for name, (held, far) in read.items()}
        moves = {h: self._made(batch, h) for h in self.moves}
        answer = {asks: question(batch) for asks, question in self.answer.items()}
        return Answers(outcome_probabilities(batch), claims, margins, moves, converged, answer=answer)

    def _made(self, batch: Batch, infoset: int) -> Floats:
        """[moves, n] how likely each move is at an information set; nan where the draw does not have it."""
        made = batch.behaviour[self.start[infoset] : self.start[infoset + 1]].copy()  # a view keeps all
        made[:, ~batch.there(infoset)] = np.nan
        return made
