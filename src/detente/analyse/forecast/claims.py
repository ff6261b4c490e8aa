"""Claims: conditions on the solved game, judged draw by draw."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np

from detente.analyse.finding import Z95, Finding
from detente.arrays import Floats
from detente.display import Displayed
from detente.engine.batch import Batch
from detente.engine.rivals import apart
from detente.game.blueprint import Blueprint
from detente.language.comparisons import Compared, comparisons
from detente.language.expressions import Ask, Expression, Forced, Name, Uncertain
from detente.language.lowering import Scene, Tape, lower
from detente.language.strict import strict
from detente.language.tolerance import SIZES, TOLERANCE, size, tolerant
from detente.model.fields import Formula

VERDICTS = ((0.9, "holds"), (0.6, "mostly holds"), (0.4, "contested"), (0.1, "mostly fails"), (0.0, "fails"))


def verdict(share: float) -> str:
    """A share of draws in words."""
    return next(word for bound, word in VERDICTS if share >= bound) if np.isfinite(share) else "cannot be judged"


@dataclass(frozen=True)
class Side(Displayed):
    """One side of a comparison, as it was written, and its mean over the draws."""

    says: str
    mean: Finding


@dataclass(frozen=True)
class Comparison(Displayed):
    """A comparison of a claim: the share of draws in which it holds, and the mean of each side over the same draws.

    `on_average`: whether it holds between the means. `at_odds`: that this is otherwise than in most draws, and neither
    is chance: the share is not one half, and the means not the same, within the 95% of what more draws could change.
    """

    says: str
    relation: str
    left: Side
    right: Side
    share: float
    draws: int
    on_average: bool
    at_odds: bool
    probabilities: bool


@dataclass(frozen=True)
class Verdict(Displayed):
    """What became of a claim: the share of draws in which it holds, among those in which it can be judged."""

    name: str
    says: str
    share: Finding
    unjudged: int  # draws in which it is not a number, what is given cannot happen, or what is forced was not solved
    comparisons: tuple[Comparison, ...] = ()

    @property
    def holds(self) -> bool:
        return bool(self.share.value > 0.5)

    @property
    def words(self) -> str:
        return verdict(self.share.value)

    def _said(self) -> list[str]:
        return [f"{self.name} {self.words}", f"true in {self.share.value:.1%} of {self.share.draws:,} draws"]

    @property
    def at_odds(self) -> bool:
        """Whether the draws and the means disagree about a comparison of it."""
        return any(c.at_odds for c in self.comparisons)


@dataclass(frozen=True)
class Asked:
    """A P, E or U inside of a question: the expectation of a row of the tape for each whole play, given an event.

    `player` is None where it is taken over what will happen, else the number of the actor as seen by whom; `do` is what
    is forced in the game that is asked about."""

    rows: tuple[int, ...]
    given: tuple[int, ...] | None
    player: int | None = None
    do: Forced = ()

    def __call__(self, batch: Batch) -> Floats:
        """[n] in each draw; nan where the event cannot happen, or what is forced could not be solved."""
        if self.do:
            world = batch.under(self.do)
            return np.where(world.converged, self.among(world.batch.blueprint)(world.batch), np.nan)
        if self.player is None:
            return batch.expectation(self.rows, batch.endings, self.given)
        actor = batch.tree.players[self.player]
        return batch.expectation(self.rows, batch.believed_endings(self.player), self.given, actor)

    def among(self, blueprint: Blueprint) -> Asked:
        """The same about the plays that what is forced has left."""
        left = blueprint.left
        if left is None:
            return replace(self, do=())
        return replace(self, rows=left.of(self.rows), given=None if self.given is None else left.of(self.given), do=())


class _Read(NamedTuple):
    """An expression made ready: its tape, what is asked of the game, by what, and the rows of the expressions."""

    tape: Tape
    asked: list[Asked]
    known: dict[Ask, int]
    roots: tuple[int, ...]


class Question:
    """An expression over the solved game (P, E and U in arithmetic), made ready once for all batches.

    What it says of the solved game is compared with a tolerance (`language.tolerance`). `beside` are expressions about
    the same game that are read together with it, as its margin or the sides of its comparisons.
    """

    def __init__(self, blueprint: Blueprint, expression: Expression, beside: Sequence[Expression] = ()) -> None:
        self.blueprint, self.expression, self.beside = blueprint, expression, tuple(beside)
        self._inside: dict[Blueprint, Question] = {}  # of rival structures, the same about the game of each

    def __reduce__(self) -> tuple[type[Question], tuple[Blueprint, Expression, tuple[Expression, ...]]]:
        """Another process makes it ready for itself: its rows are those of another tape."""
        return Question, (self.blueprint, self.expression, self.beside)

    @cached_property
    def _read(self) -> _Read:
        """What has to be read off a batch, worked out when it is first needed, once for all who ask the same."""
        ready, key = self.blueprint.ready, (self.expression, self.beside)
        if key not in ready:
            ready[key] = self._made_ready()
        found: _Read = ready[key]
        return found

    def _made_ready(self) -> _Read:
        tape, asked, known = Tape(), list[Asked](), dict[Ask, int]()

        def leaf(e: Uncertain | Ask) -> int:
            assert isinstance(e, Ask)
            key = replace(e, at=0)
            if key not in known:
                known[key] = len(asked)
                asked.append(self._ask(e))
            return tape.input(f"?{known[key]}")

        scene = Scene(self.blueprint.model.periods.count)
        wanted = [tolerant(self.expression), *self.beside]
        return _Read(tape, asked, known, tuple(lower(strict(e), scene, tape, leaf) for e in wanted))

    @property
    def tape(self) -> Tape:
        return self._read.tape

    @property
    def asked(self) -> list[Asked]:
        return self._read.asked

    @property
    def roots(self) -> tuple[int, ...]:
        return self._read.roots

    @property
    def root(self) -> int:
        """The row of the expression itself."""
        return self.roots[0]

    def __call__(self, batch: Batch) -> Floats:
        """[n] the value in each draw; nan where it is not a number, or conditions on what cannot happen."""
        return np.asarray(self.together(batch)[0])

    def together(self, batch: Batch) -> Floats:
        """[1 + beside, n] the value of the expression and of those beside it in each draw."""
        if batch.blueprint.members is not None:
            found = np.full((1 + len(self.beside), batch.n), np.nan)
            for where, inside in apart(batch):
                mine = self._inside.get(inside.blueprint)
                if mine is None:
                    mine = self._inside[inside.blueprint] = Question(inside.blueprint, self.expression, self.beside)
                found[:, where] = mine.together(inside)
            return found
        return self.tape.evaluate(self.roots, self.inputs(batch), batch.n)

    def inputs(self, batch: Batch) -> dict[str, Floats]:
        """The inputs of the tape: quantities, and the answer to the k-th P, E or U as `?k`, [n] each."""
        return {**batch.draws.truth, **{f"?{k}": ask(batch) for k, ask in enumerate(self.asked)}}

    def answering(self, e: Ask) -> Asked:
        """What answers a P, E or U of the expression, or of those beside it. One that is decided before it comes to be
        asked (`false and P(...)`) has no answer: KeyError."""
        return self.asked[self._read.known[replace(e, at=0)]]

    def _ask(self, e: Ask) -> Asked:
        blueprint, what, sized = self.blueprint, e.what.strip("|"), e.what in SIZES.values()
        given = None if e.given is None else blueprint.event(e.given, True)
        if e.what == "P":
            return Asked(blueprint.event(e.arg, True), given, do=e.forced)
        actor = term = ""
        if isinstance(e.arg, Name):
            actor, _, term = e.arg.name.partition(".")
        elsewhere = blueprint.model._elsewhere
        if actor not in blueprint.model.actors and elsewhere is not None and actor in elsewhere.actors:
            return Asked((blueprint.tape.number(0.0),) * len(blueprint.tree.terminals), given, do=e.forced)
        if actor not in blueprint.model.actors or (isinstance(e.arg, Name) and e.arg.name in blueprint.model.private):
            return Asked(blueprint.event(size(e.arg) if sized else e.arg), given, do=e.forced)
        player = blueprint.player(actor)
        if term and term not in blueprint.term_names[player]:  # only another structure has it
            return Asked((blueprint.tape.number(0.0),) * len(blueprint.tree.terminals), given, do=e.forced)
        return Asked(blueprint.worth(player, term, sized), given, player if what == "U" else None, e.forced)


def judge(name: str, says: str, values: Floats, compared: tuple[Comparison, ...] = ()) -> Verdict:
    """The verdict on a claim from its value in each draw (nan where it cannot be judged)."""
    judged: Floats = values[~np.isnan(values)]
    share = Finding.of(name, (judged != 0).astype(float))
    return concluded(name, says, share, int(len(values) - len(judged)), compared)


def concluded(
    name: str, says: str, share: Finding, unjudged: int, compared: tuple[Comparison, ...] = ()
) -> Verdict:  # fmt: skip
    """The verdict on a claim from the share of draws in which it holds, of those in which it can be judged."""
    share = replace(share, method="share of draws in which the condition holds")
    if share.draws:
        low, high = wilson(share.value, share.draws)
        share = replace(share, low=low, high=high, interval="95% Wilson interval of the share", reference=WILSON)
    return Verdict(name, says, share, unjudged, compared)


def beside(claim: Formula) -> list[Expression]:
    """What is read beside a claim: both sides of each of its comparisons, and whether it holds."""
    found = comparisons(claim.text, claim.expression)
    return [e for compared in found for e in (*compared.sides, tolerant(compared.whole))]


def compare(claim: Formula, read: Floats) -> tuple[Comparison, ...]:
    """The comparisons of a claim from what was read `beside` it, [3 comparisons, n]."""
    found = comparisons(claim.text, claim.expression)
    return tuple(_compare(one, *read[3 * k : 3 * k + 3]) for k, one in enumerate(found))


def _compare(compared: Compared, left: Floats, right: Floats, held: Floats) -> Comparison:
    known = ~np.isnan(held)
    left, right, held = left[known], right[known], held[known]
    sides = [Finding.of(text, x) for text, x in zip(compared.texts, (left, right), strict=True)]
    size = np.abs(left).mean() + np.abs(right).mean() if len(held) else np.nan
    return weighed_up(compared, sides, Finding.of(str(compared), left - right), float(size), Finding.of("", held))


def weighed_up(
    compared: Compared, sides: Sequence[Finding], gap: Finding, size: float, holds: Finding
) -> Comparison:  # fmt: skip
    """A comparison from its two sides, the difference of them, their sizes (mean of the absolute values) together, and
    whether it holds; each over the draws in which it can be judged."""
    n, share, on_average, at_odds = holds.draws, holds.value, False, False
    if n:
        scale = TOLERANCE * size
        on_average = bool(_RELATIONS[compared.relation](gap.value, scale))
        low, high = wilson(share, n)
        sure = n > 1 and abs(gap.value) > max(Z95 * gap.error, scale) and not low <= 0.5 <= high
        at_odds = bool(sure) and compared.relation not in ("==", "!=") and on_average != (share > 0.5)
    first, second = (Side(text, side) for text, side in zip(compared.texts, sides, strict=True))
    return Comparison(
        str(compared), compared.relation, first, second, share, n, on_average, at_odds, compared.probabilities
    )  # fmt: skip


_RELATIONS: dict[str, Callable[[float, float], bool]] = {  # of the difference of two sides, and how small is nothing
    "<": lambda gap, nothing: gap < -nothing,
    "<=": lambda gap, nothing: gap <= nothing,
    ">": lambda gap, nothing: gap > nothing,
    ">=": lambda gap, nothing: gap >= -nothing,
    "==": lambda gap, nothing: abs(gap) <= nothing,
    "!=": lambda gap, nothing: abs(gap) > nothing,
}

WILSON = "Wilson (1927), Probable inference, the law of succession, and statistical inference, JASA 22, 209-212"


def wilson(share: float, n: float, z: float = Z95) -> tuple[float, float]:
    """Wilson's interval for a share of n, which of weighted draws is how many they are worth."""
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return float(max(0.0, centre - half)), float(min(1.0, centre + half))
