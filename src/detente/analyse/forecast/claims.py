"""Claims: conditions on the solved game, judged draw by draw."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from detente.analyse.finding import Z95, Finding
from detente.arrays import Floats
from detente.engine.batch import Batch
from detente.game.blueprint import Blueprint
from detente.language.expressions import Ask, Expression, Forced, Name, Uncertain
from detente.language.lowering import Scene, Tape, lower

VERDICTS = ((0.9, "holds"), (0.6, "mostly holds"), (0.4, "contested"), (0.1, "mostly fails"), (0.0, "fails"))


def verdict(share: float) -> str:
    """A share of draws in words."""
    return next(word for bound, word in VERDICTS if share >= bound) if np.isfinite(share) else "cannot be judged"


@dataclass(frozen=True)
class Verdict:
    """What became of a claim: the share of draws in which it holds, among those in which it can be judged."""

    name: str
    says: str
    share: Finding
    unjudged: int  # draws in which what is given cannot happen, or what is forced could not be solved

    @property
    def holds(self) -> bool:
        return bool(self.share.value > 0.5)

    @property
    def words(self) -> str:
        return verdict(self.share.value)


@dataclass(frozen=True)
class Asked:
    """A P, E or U inside of a question: the expectation of a row of the tape for each whole play, given an event.

    `player` is None where it is taken over what will happen, else the number of the one in whose eyes; `do` is what is
    forced in the game that is asked about.
    """

    rows: tuple[int, ...]
    given: tuple[int, ...] | None
    player: int | None = None
    do: Forced = ()

    def __call__(self, batch: Batch) -> Floats:
        """[n] in each draw; nan where the event cannot happen, or what is forced could not be solved."""
        if self.do:
            world = batch.under(self.do)
            return np.where(world.converged, replace(self, do=())(world.batch), np.nan)
        if self.player is None:
            return batch.expectation(self.rows, batch.endings, self.given)
        actor = batch.tree.players[self.player]
        return batch.expectation(self.rows, batch.believed_endings(self.player), self.given, actor)


class Question:
    """An expression over the solved game (P, E and U in arithmetic), made ready once for all batches."""

    def __init__(self, blueprint: Blueprint, expression: Expression) -> None:
        self.blueprint = blueprint
        self.tape = Tape()
        self.asked: list[Asked] = []
        scene = Scene(blueprint.model.periods.count)

        def leaf(e: Uncertain | Ask) -> int:
            assert isinstance(e, Ask)
            self.asked.append(self._ask(e))
            return self.tape.input(f"?{len(self.asked) - 1}")

        self.root = lower(expression, scene, self.tape, leaf)

    def __call__(self, batch: Batch) -> Floats:
        """[n] the value in each draw; nan where it conditions on what cannot happen."""
        inputs = self.inputs(batch)
        value = self.tape.evaluate([self.root], inputs, batch.n)[0]
        unknown = np.zeros(batch.n, bool)
        for name in self.tape.inputs_of([self.root]):
            unknown |= np.isnan(inputs[name])
        return np.where(unknown, np.nan, value)

    def inputs(self, batch: Batch) -> dict[str, Floats]:
        """The inputs of the tape: quantities, and the answer to the k-th P, E or U as `?k`, [n] each."""
        return {**batch.draws.truth, **{f"?{k}": ask(batch) for k, ask in enumerate(self.asked)}}

    def _ask(self, e: Ask) -> Asked:
        blueprint = self.blueprint
        given = None if e.given is None else blueprint.event(e.given)
        if e.what == "P":
            return Asked(blueprint.event(e.arg, True), given, do=e.forced)
        actor = term = ""
        if isinstance(e.arg, Name):
            actor, _, term = e.arg.name.partition(".")
        if actor not in blueprint.model.actors or (isinstance(e.arg, Name) and e.arg.name in blueprint.model.private):
            return Asked(blueprint.event(e.arg), given, do=e.forced)
        player = blueprint.player(actor)
        terms = blueprint.payoff_terms[player]
        if term:
            terms = (terms[blueprint.term_names[player].index(term)],)
        slots = blueprint.tree.slot[blueprint.tree.terminals]
        rows = tuple(blueprint.tape.total([t[slot] for t in terms]) for slot in slots)
        return Asked(rows, given, player if e.what == "U" else None, e.forced)


def judge(name: str, says: str, values: Floats) -> Verdict:
    """The verdict on a claim from its value in each draw (nan where it cannot be judged)."""
    judged: Floats = values[~np.isnan(values)]
    held = (judged != 0).astype(float)
    share = Finding.of(name, held, "share of draws in which the condition holds")
    n = len(held)
    if n:
        low, high = wilson(float(held.mean()), n)
        share = replace(share, low=low, high=high, interval="95% Wilson interval of the share", reference=WILSON)
    return Verdict(name, says, share, int(len(values) - n))


WILSON = "Wilson (1927), Probable inference, the law of succession, and statistical inference, JASA 22, 209-212"


def wilson(share: float, n: int, z: float = Z95) -> tuple[float, float]:
    """Wilson's interval for a share of n."""
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return float(max(0.0, centre - half)), float(min(1.0, centre + half))
