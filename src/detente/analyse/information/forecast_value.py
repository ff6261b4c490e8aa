"""What to find out: how much better the forecast would be, on average, if one thing were known.

Before knowing X the forecast is the mean of the probabilities over the draws. After, it is their mean where X is what
it turned out to be. Two measures of the improvement, both averages over what X may turn out to be:

- *Brier*: the fall of the expected squared error; of a whole forecast, summed over the outcomes (Brier 1950);
- *entropy*: the fall of the expected uncertainty in bits, the mutual information of the outcome and X (Lindley 1956).

X may be a quantity (from slices of the draws, freed of what noise alone would show) or what an actor keeps to itself: a
private type is a chance move of the solved game, and the forecast given the type is read off the tree.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from detente.analyse.finding import Z95, Finding
from detente.analyse.forecast.subject import FORECAST, YES_NO, Reading
from detente.analyse.sensitivity.binning import BLOCKS, FEWEST, RESAMPLES, SEED, Sums, cut, entropy, how_many, varies
from detente.analyse.sensitivity.main_effects import LEAST, noise_floors
from detente.arrays import Bools, Floats, Longs
from detente.display import Displayed
from detente.engine.batch import Batch
from detente.errors import QuestionError
from detente.language.expressions import Ask

LINDLEY = (
    "Lindley (1956), On a measure of the information provided by an experiment, "
    "Annals of Mathematical Statistics 27, 986-1005"
)
BRIER = "Brier (1950), Verification of forecasts expressed in terms of probability, Monthly Weather Review 78, 1-3"
SLICED = (
    "Strong & Oakley (2013), An efficient method for computing single-parameter partial expected value of perfect "
    "information, Medical Decision Making 33, 755-766"
)
MEASURES = (("the Brier score", BRIER), ("the entropy in bits", LINDLEY))
INTERVAL = "95% of the estimate (bootstrap)"
SECRETS = "a claim is true or false of the game as a whole: what an actor keeps to itself tells nothing of it"
QUANTITY, TYPE, ALL, PRECISION, STRUCTURE = "quantity", "private type", "everything", "precision", "structure"
NOT_ADVICE = (
    "{names}: a property of the behavioural model that the solver works with (how reliably the better move is made), "
    "not a fact that could be found out; it is listed in the table, apart from this advice"
)


Measures = Callable[[Floats], tuple[Floats, Floats]]
"""Weights of blocks [B, G] to the falls of the Brier score and of the entropy, [B] each."""


@dataclass(frozen=True)
class Learned(Displayed):
    """What knowing one thing is worth to the forecast. `kind` is `quantity`, `precision`, `private type` or
    `everything`.

    `floor` is the largest fall of the Brier score that noise is granted, None where the intervals alone must tell. A
    precision is a property of the behavioural model, and no thing to find out.
    """

    name: str
    kind: str
    brier: Finding
    entropy: Finding  # bits
    floor: float | None = None

    @property
    def told(self) -> bool:
        """Whether the improvement is distinguishable from noise: it is above its floor, or an interval lies above
        zero."""
        if self.floor is not None:
            return self.brier.value > self.floor
        return self.brier.low > 0 or self.entropy.low > 0

    @property
    def advised(self) -> bool:
        """Whether it is told, and something that could be found out."""
        return self.told and self.kind != PRECISION


@dataclass(frozen=True)
class Learning(Displayed):
    """What to find out, the most useful first. `brier` and `entropy` (bits) are expected of the forecast as it is."""

    of: str
    words: str
    kind: str
    brier: Finding
    entropy: Finding
    things: tuple[Learned, ...]
    everything: Learned  # all quantities at once: the most that any study of them could do
    draws: int
    left_out: int
    notes: tuple[str, ...]
    references: tuple[str, ...] = (LINDLEY, BRIER, SLICED)


def forecastable(reading: Reading) -> None:
    """Raise QuestionError for a question whose answer is no forecast of an event."""
    asked = reading.expression
    if reading.kind == "number":
        raise QuestionError(
            f"{reading.text!r} is a number, not an event; a forecast can be improved of an outcome, a claim or P(event)"
        )
    if isinstance(asked, Ask) and asked.given is not None:
        raise QuestionError(
            f"{reading.text!r} is the forecast of an event under a condition; what tells whether the condition "
            "holds cannot be set apart\n    ask for P(one and the other), or for the event alone"
        )


def learn(
    reading: Reading,
    answers: Floats,
    quantities: Mapping[str, Floats],
    types: Mapping[str, Floats],
    notes: Sequence[str] = (),
    precisions: Sequence[str] = (),
    structures: Sequence[str] = (),
) -> Learning:
    """What to find out to improve a forecast.

    `answers` is [m, n]: the probabilities of all outcomes, or [1, n] that of one event (a claim: 1 and 0).
    `quantities` are [n] each, `types` [labels, m, n] each: the joint probability of the type and the event in each
    draw, and as the last of m + 1 rows that of the type alone. `precisions` are those of the quantities that are
    precisions of the solver, `structures` those that are rival structures. Raises QuestionError where the answer can
    be judged in too few draws.
    """
    known: Bools = ~np.asarray(np.isnan(answers).any(axis=0))
    y = answers[:, known]
    n = y.shape[1]
    if n < FEWEST:
        raise QuestionError(f"the answer can be judged in {n} of {len(known)} draws; {FEWEST} are needed")
    single = reading.kind != FORECAST
    events = np.vstack([y, 1 - y]) if single else y
    half = 0.5 if single else 1.0
    things = []
    slices = {name: cut(x[known], how_many(n)) for name, x in quantities.items() if varies(x[known])}
    sure = not varies(y).any()
    floors = noise_floors(list(slices.values()), events) if slices and not sure else np.zeros(len(slices))
    spread = half * float(events.var(axis=1).sum())
    for (name, labels), floor in zip(slices.items(), floors, strict=True):
        sums = Sums.by_block(labels, events)
        how = f"{int(labels.max()) + 1} slices of the draws"
        kind = PRECISION if name in precisions else STRUCTURE if name in structures else QUANTITY
        kind, least = kind, spread * max(float(floor), LEAST)
        one = _learned(name, kind, sums.whole(), sums.resampled(), half, n, how)
        things.append(replace(one, floor=1.0 if sure else least))
    for name, joint in types.items():
        things.append(_type(name, joint[..., known], events, half))
    things.sort(key=lambda t: -t.brier.value)
    mean = events.mean(axis=1)
    error = np.sqrt(np.maximum(events.var(axis=1).sum(), 0) / n)
    score = float(half * (mean * (1 - mean)).sum())
    before = Finding(reading.text, score, np.nan, np.nan, n, float(error), "none", "expected Brier score")
    unsure = Finding(reading.text, float(entropy(mean)), np.nan, np.nan, n, np.nan, "none", "entropy in bits")
    told = list(notes)
    if reading.kind == YES_NO and not types:
        told.append(SECRETS)
    if named := [t.name for t in things if t.kind == PRECISION and t.told]:
        told.append(NOT_ADVICE.format(names=", ".join(named)))
    return Learning(
        reading.text, reading.words, reading.kind, before, unsure, tuple(things), _everything(events, half),
        n, int(len(known) - n), tuple(told),
    )  # fmt: skip


def _learned(name: str, kind: str, whole: Sums, again: Sums, half: float, n: int, how: str) -> Learned:
    def finding(value: float, values: Floats, what: str, reference: str) -> Finding:
        error = float(values.std(ddof=1))
        low, high = value - Z95 * error, value + Z95 * error
        return Finding(name, value, low, high, n, error, INTERVAL, f"expected fall of {what}, from {how}", reference)

    return Learned(
        name, kind,
        finding(float(half * whole.between().sum()), half * again.between().sum(axis=-1), "the Brier score", BRIER),
        finding(float(whole.information()), again.information(), "the entropy in bits", LINDLEY),
    )  # fmt: skip


def _everything(events: Floats, half: float) -> Learned:
    """All quantities at once: each draw a slice of its own."""
    blocks = _blocks(events.shape[1])
    count = np.bincount(blocks).astype(float)
    rows = np.vstack([events, events**2, entropy(events)[None]])
    sums = np.array([np.bincount(blocks, row) for row in rows])

    def measures(weights: Floats) -> tuple[Floats, Floats]:
        n = weights @ count
        mean = (sums @ weights.T) / n  # [2 m + 1, B]
        m = len(events)
        spread = half * (mean[m : 2 * m] - mean[:m] ** 2).sum(axis=0)
        return spread, entropy(mean[:m]) - mean[-1]

    return _resampled("everything", ALL, measures, events.shape[1], len(count), "each draw by itself")


def _type(name: str, joint: Floats, events: Floats, half: float) -> Learned:
    """A private type: [labels, m + 1, n] of joint probabilities, that of the type alone last."""
    n = joint.shape[-1]
    single = joint.shape[1] == 2 and len(events) == 2
    own = joint[:, -1:]
    both = np.concatenate([joint[:, :1], own - joint[:, :1]], axis=1) if single else joint[:, :-1]
    blocks = _blocks(n)
    count = np.bincount(blocks).astype(float)
    flat = np.concatenate([both, own], axis=1).reshape(-1, n)
    sums = np.array([np.bincount(blocks, row) for row in flat])

    def measures(weights: Floats) -> tuple[Floats, Floats]:
        mean = ((sums @ weights.T) / (weights @ count)).reshape(len(joint), -1, len(weights))  # [labels, m + 1, B]
        prior, p = mean[:, -1], mean[:, :-1].sum(axis=0)
        posterior = np.divide(mean[:, :-1], prior[:, None], out=np.zeros_like(mean[:, :-1]), where=prior[:, None] > 0)
        fall = half * (prior * ((posterior - p) ** 2).sum(axis=1)).sum(axis=0)
        return fall, entropy(p) - (prior * entropy(posterior, axis=1)).sum(axis=0)

    return _resampled(name, TYPE, measures, n, len(count), "the solved tree")


def _resampled(name: str, kind: str, measures: Measures, n: int, blocks: int, how: str) -> Learned:
    rng = np.random.default_rng(SEED)
    weights = rng.multinomial(blocks, np.full(blocks, 1 / blocks), RESAMPLES).astype(float)
    value, values = measures(np.ones((1, blocks))), measures(weights)
    found = []
    for one, many, (what, reference) in zip(value, values, MEASURES, strict=True):
        error = float(many.std(ddof=1))
        at = float(one[0])
        method = f"expected fall of {what}, from {how}"
        found.append(Finding(name, at, at - Z95 * error, at + Z95 * error, n, error, INTERVAL, method, reference))
    return Learned(name, kind, found[0], found[1])


def _blocks(n: int) -> Longs:
    return np.arange(n) * min(BLOCKS, n) // n


def joint_with_types(batch: Batch, event: Sequence[int] | None) -> dict[str, Floats]:
    """The joint probabilities of each private type with what is forecast: [labels, m + 1, n] each.

    `event` holds a row of the tape for every whole play (1 where the event happens); None: all outcomes. The last row
    is the probability of the type alone. Types that everybody knows are left out of nothing: to the analyst they are
    chance all the same.
    """
    model, endings = batch.blueprint.model, batch.endings
    scenes = [batch.blueprint.scene(int(x)) for x in batch.tree.terminals]
    every = np.ones(len(scenes), bool)
    if event is None:
        parts = [(np.array([scene.outcome == name for scene in scenes]), endings) for name in model.outcomes]
    else:
        parts = [(every, (batch.spread(event, None) != 0) * endings)]
    found = {}
    for name, private in model.private.items():
        which = [np.array([scene.types.get(name) == label for scene in scenes]) for label in private.prior]
        joint = [[rows[here & there].sum(axis=0) for there, rows in (*parts, (every, endings))] for here in which]
        found[name] = np.array(joint)
    return found
