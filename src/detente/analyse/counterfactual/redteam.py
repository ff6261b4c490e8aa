"""Structural edits compared: which single one flips the conclusion, and how far each moves the answer.

What a model holds fixed (who moves, in what order, knowing and wanting what) may matter more than what it varies. Each
edit of `draws.edits` is a model of its own, solved in the same draws, so that its difference owes nothing to chance.

The conclusion *turns* where the answer's mean crosses one half (of a probability), where the most likely group of
outcomes (the most likely outcome, where the case groups none) becomes another, or where the first claim, which holds in
most draws, fails in most, or the other way. An edit costs one edit, so that all that flip the conclusion are equally
cheap; they are ranked by how far they move the answer, and then by how many claims they flip.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from detente.analyse.counterfactual.knockout import HALF, turns
from detente.analyse.counterfactual.whatif import METHOD, Difference, difference
from detente.analyse.finding import Finding
from detente.analyse.forecast.readout import Answers
from detente.analyse.forecast.subject import FORECAST, NUMBER, at_issue
from detente.arrays import Floats
from detente.display import Displayed
from detente.draws.edits import Edit
from detente.model.schema import Model

NEAR = 0.1  # of one half: a claim that holds in such a share of draws may turn in more of them
ALIKE = 1e-6  # of any number that is asked for: edits that move none by more, in no draw, change nothing


@dataclass(frozen=True)
class Level(Displayed):
    """A number over the draws: its mean, and the 5th and 95th percentile; nan where it is a number in none."""

    mean: float
    low: float
    high: float
    error: float
    draws: int

    @classmethod
    def of(cls, values: Floats) -> Level:
        """Over those of [n] draws in which it is a number."""
        f = Finding.of("", values[~np.isnan(values)])
        return cls(f.value, f.low, f.high, f.error, f.draws)

    def finding(self, name: str) -> Finding:
        """The same as a Finding."""
        return Finding(name, self.mean, self.low, self.high, self.draws, self.error, method=METHOD)


@dataclass(frozen=True)
class Edited(Displayed):
    """The model with one structural edit. Where it is not possible, `not_possible` says why, and there are no numbers.

    `edit` says what is altered, `kind` and `what` name it, `means` is what the file says of that part. `difference` is
    the mean of the paired differences of the answer, with the 95% interval of that mean. `distance` is the total
    variation distance of the mean probabilities of the outcomes. `flips` says in which ways the conclusion flips, in
    words (empty: it does not); `claims_flipped` names the claims whose verdict in most draws turns, and `claims_lost`
    those that can be judged in no draw any more. `same`: nothing that is asked for changes in any draw, the margins of
    claims included. `decided`: the answer is 0 in every draw, or 1 in every draw, so that nothing is left to ask.
    `claims` and `outcomes`: the share of draws in which each claim holds, and the mean probability of each outcome.
    `nodes`: of the tree.
    """

    edit: str
    kind: str
    what: str
    means: str
    cost: int
    answer_before: Level
    answer_after: Level | None = None
    difference: Finding | None = None
    distance: float = float("nan")
    flips: tuple[str, ...] = ()
    claims_flipped: tuple[str, ...] = ()
    claims_lost: tuple[str, ...] = ()
    same: bool = False
    decided: bool = False
    claims: Mapping[str, float] | None = None
    outcomes: Mapping[str, float] | None = None
    converged: float = float("nan")
    nodes: int = 0
    not_possible: str = ""

    @property
    def moved(self) -> Difference | None:
        """The answer before and after."""
        if self.answer_after is None or self.difference is None:
            return None
        name, effect = self.difference.name, self.difference
        return Difference(name, self.answer_before.finding(name), self.answer_after.finding(name), effect, effect)


@dataclass(frozen=True)
class RedTeam(Displayed):
    """All structural edits, those that move the answer most first and those that are not possible last.

    `asks` and `says`: what the answer is, in the language of claims and in words; `answer`, `claims` and `outcomes` are
    as the model is. `possible`, `flipping`, `same` and `not_possible` count edits; `never_flip` names the claims
    that no edit flips, `not_judged` those that were not asked about. `converged`: the smallest share over all edits.
    `interrupted` where `left` edits are not solved. `screened`: how many were solved in the first draws only, and moved
    the answer too little to be looked at in all.
    """

    asks: str
    says: str
    answer: Level
    edits: tuple[Edited, ...]
    possible: int
    flipping: int
    same: int
    not_possible: int
    never_flip: tuple[str, ...]
    claims: Mapping[str, float]
    outcomes: Mapping[str, float]
    draws: int
    nodes: int
    converged: float
    interrupted: bool = False
    left: int = 0
    not_judged: tuple[str, ...] = ()
    screened: int = 0

    @property
    def turning(self) -> tuple[Edited, ...]:
        """The edits that flip the conclusion, in their order; those that leave nothing to ask come last."""
        return tuple(sorted((e for e in self.edits if e.flips), key=lambda e: e.decided))


class Comparison:
    """Compares the answers of a model with those of its edits, in the same draws."""

    def __init__(self, model: Model, before: Answers) -> None:
        self.model, self.before = model, before
        about = at_issue(model)
        self.asks, self.says = about.text, (model.answer.says if model.answer else "") or about.text
        self.probability = about.kind != NUMBER
        outcome = about.text if about.text in model.outcomes else ""
        if about.kind == FORECAST:
            outcome = _likeliest(_means(before.outcomes))
        if model.answer is None:
            self.asks = self.says = f"P(outcome is {outcome})"
        self.read: Callable[[Answers], Floats] = (
            (lambda answers: answers.answer[self.asks]) if model.answer else lambda answers: answers.outcomes[outcome]
        )
        self.level = Level.of(self.read(before))

    def impossible(self, edit: Edit, why: str) -> Edited:
        """An edit that leaves no game."""
        return replace(self._plain(edit), not_possible=why)

    def edited(self, edit: Edit, after: Answers, nodes: int) -> Edited:
        """What an edit does."""
        before, level = self.read(self.before), Level.of(self.read(after))
        changed = difference(self.says, before, self.read(after)).effect
        held = [_means(self.before.claims), _means(after.claims, self.before.claims)]
        flipped = tuple(n for n in held[0] if _known(held, n) and turns(held[0][n], held[1][n]))
        lost = tuple(n for n in held[0] if not np.isnan(held[0][n]) and np.isnan(held[1][n]))
        sides = [_means(self.before.outcomes), _means(after.outcomes, self.before.outcomes, 0.0)]
        sure = level.draws > 0 and level.low == level.high and level.error == 0 and level.mean in (0.0, 1.0)
        return replace(
            self._plain(edit), answer_after=level, difference=changed,
            distance=float(sum(abs(sides[1][n] - sides[0][n]) for n in sides[0]) / 2),
            flips=self._turns(level, sides, flipped, held[1]), claims_flipped=flipped, claims_lost=lost,
            same=self._alike(after), decided=self.probability and sure, claims=held[1], outcomes=sides[1],
            converged=float(after.converged.mean()), nodes=nodes,
        )  # fmt: skip

    def telling(self, found: Sequence[Edited], most: int) -> list[int]:
        """The numbers of the edits to look at in more draws: those that flip the conclusion, those that may (the answer
        within three standard errors of one half, the conclusion held in 40 to 60% of draws), and the `most` that move
        the answer most."""
        first = next(iter(self.before.claims), "")
        made = [k for k, e in enumerate(found) if not e.not_possible and not e.same]
        near = [k for k in made if found[k].flips or self._near(found[k], first)]
        ranked = sorted(made, key=lambda k: _order(found[k]))
        return sorted({*near, *ranked[:most]})

    def _near(self, e: Edited, first: str) -> bool:
        level, held = e.answer_after, (e.claims or {}).get(first, np.nan)
        close = self.probability and level is not None and abs(level.mean - HALF) < 3 * level.error
        return close or abs(held - HALF) < NEAR

    def ranked(self, found: Sequence[Edited], nodes: int, left: int = 0) -> RedTeam:
        """All edits in their order; `left`: how many are not solved, `nodes`: of the tree of the model."""
        made = [e for e in found if not e.not_possible]
        claims = _means(self.before.claims)
        turned = {name for e in made for name in e.claims_flipped}
        converged = min((float(self.before.converged.mean()), *(e.converged for e in made)))
        return RedTeam(
            self.asks, self.says, self.level, tuple(sorted(found, key=_order)), len(made),
            sum(bool(e.flips) for e in made), sum(e.same for e in made), len(found) - len(made),
            tuple(n for n in claims if n not in turned and not np.isnan(claims[n])), claims,
            _means(self.before.outcomes), self.before.n, nodes, converged, left > 0, left,
            tuple(name for name in self.model.claims if name not in claims),
        )  # fmt: skip

    def _plain(self, edit: Edit) -> Edited:
        return Edited(edit.words, edit.kind, edit.what, edit.means, 1, self.level)

    def _turns(
        self, after: Level, sides: Sequence[Mapping[str, float]], flipped: Sequence[str], claims: Mapping[str, float]
    ) -> tuple[str, ...]:
        """In which ways the conclusion flips, in words."""
        said = []
        if self.probability and after.draws and self.level.draws and turns(self.level.mean, after.mean):
            said.append("the answer crosses one half")
        first, now = (_likeliest(self._grouped(means)) for means in sides)
        if first != now:
            said.append(f"likeliest is {now}, not {first}")
        conclusion = next(iter(self.before.claims), "")
        if conclusion in flipped:
            said.append(f"{conclusion} {'holds' if claims[conclusion] > HALF else 'fails'}")
        return tuple(said)

    def _grouped(self, means: Mapping[str, float]) -> Mapping[str, float]:
        """The groups of outcomes, or the outcomes where the case makes no groups."""
        groups = {name: sum(means[o] for o in members) for name, members in self.model.groups.items() if members}
        return groups if len(groups) > 1 else means

    def _alike(self, after: Answers) -> bool:
        """Whether no number of any draw has changed."""
        pairs = [
            (getattr(self.before, part), getattr(after, part)) for part in ("outcomes", "claims", "margins", "answer")
        ]
        return all(
            name in other and np.allclose(before[name], other[name], rtol=0, atol=ALIKE, equal_nan=True)
            for before, other in pairs
            for name in before
        )


def _means(rows: Mapping[str, Floats], names: Iterable[str] = (), absent: float = np.nan) -> dict[str, float]:
    """The mean of each number over the draws in which it is one; `absent` of a name that there is no more."""
    found = {n: float(v[~np.isnan(v)].mean()) if not np.isnan(v).all() else np.nan for n, v in rows.items()}
    return {n: found.get(n, absent) for n in (names or found)}


def _likeliest(means: Mapping[str, float]) -> str:
    return max(means, key=lambda name: np.nan_to_num(means[name], nan=-1.0))


def _known(sides: Sequence[Mapping[str, float]], name: str) -> bool:
    return not any(np.isnan(side[name]) for side in sides)


def _order(e: Edited) -> tuple[bool, float, int, float]:
    """What moves the answer most comes first, then what flips most claims; what is not possible comes last."""
    far = abs(e.difference.value) if e.difference and e.difference.draws else -1.0
    distance = 0.0 if np.isnan(e.distance) else e.distance
    return bool(e.not_possible), -far, -len(e.claims_flipped), -distance
