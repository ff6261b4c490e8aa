"""How good the ranges of experts are, by questions whose answers are known: hits, interval scores, Cooke's two scores.

An expert gives the 5th, 50th and 95th percentile of each answer. Cooke's classical model asks how surprising it would
be that the true values fall among these as they do, if the percentiles were right (calibration), and how concentrated
the ranges are (information); the product, where the calibration is not below a cutoff, weighs the expert.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from scipy.special import gammaincc

from detente.analyse.evidence.base_rates import jeffreys
from detente.display import Displayed
from detente.errors import QuestionError
from detente.language.pools import MASSES, OVERSHOOT
from detente.model.elicitation import Belief, CalibrationQuestion, Expert

OUTSIDE = 0.1  # the probability outside of a range from the 5th to the 95th percentile
FEW = 8  # questions, below which calibration tells experts hardly apart
CUTOFF = 0.05
INTERVAL = (
    "Gneiting & Raftery (2007), Strictly proper scoring rules, prediction, and estimation, Journal of the American "
    "Statistical Association 102, 359-378, eq. 43"
)
CLASSICAL = "Cooke (1991), Experts in Uncertainty, Oxford University Press, ch. 12 (the classical model)"


@dataclass(frozen=True)
class Scored(Displayed):
    """One calibration question, answered by one expert: `low`, `middle` and `high` are the 5th, 50th and 95th
    percentiles, `hit` whether the answer lies between the first and the last, `score` the interval score (0 is best) in
    the unit of the question, and `piece` where the answer lies: below the 5th (0), the 50th (1), the 95th (2), above
    (3)."""

    question: str
    low: float
    middle: float
    high: float
    answer: float
    hit: bool
    piece: int
    score: float


@dataclass(frozen=True)
class Record(Displayed):
    """How an expert did with the calibration questions.

    `hits` of `questions` answers lie within the 90% ranges, with the middle 95% of Jeffreys' posterior of that share.
    `score`: the mean interval score, each over the scale of its question; None where questions of several units have no
    scale. `calibration`: Cooke's, the p-value of the hypothesis that the percentiles are right; `information`: the mean
    relative information of the ranges, in nats. All are None without questions. `weight`: by performance, 0 where
    calibration is below the cutoff; None where nobody can be weighed.
    """

    expert: str
    questions: int
    hits: int
    low: float | None
    high: float | None
    score: float | None
    calibration: float | None
    information: float | None
    weight: float | None
    answers: tuple[Scored, ...]


def interval_score(low: float, high: float, answer: float, outside: float = OUTSIDE) -> float:
    """The width of a central range plus 2/outside times the distance by which the answer misses it: 0 is best.

    Proper for the two percentiles. Gneiting & Raftery (2007), eq. 43.
    """
    return (high - low) + 2 / outside * (max(low - answer, 0.0) + max(answer - high, 0.0))


def piece(belief: Belief, answer: float) -> int:
    """Between which percentiles an answer lies; one that is a percentile lies below it."""
    return sum(answer > edge for edge in (belief.low, belief.middle, belief.high))


def calibration(counts: Sequence[int]) -> float:
    """Cooke's calibration: the probability that N answers fall as unevenly among the pieces as they did, or more, if
    the percentiles are right. `counts`: how many fell into each piece.

    2 N I(s, p) is asymptotically chi-square with one degree of freedom less than there are pieces, where I is the
    relative information of the shares s to the probabilities p = (5%, 45%, 45%, 5%).
    """
    n = sum(counts)
    information = math.fsum(k / n * math.log(k / n / p) for k, p in zip(counts, MASSES, strict=True) if k)
    return float(gammaincc((len(MASSES) - 1) / 2, n * max(information, 0.0)))


def information(belief: Belief, bottom: float, top: float) -> float:
    """The relative information of a range to the uniform distribution from `bottom` to `top`, in nats. Cooke (1991)."""
    edges = (bottom, belief.low, belief.middle, belief.high, top)
    widths = [b - a for a, b in pairwise(edges)]
    parts = [(p, w) for p, w in zip(MASSES, widths, strict=True) if w > 0]
    total = math.fsum(p for p, _ in parts)
    return math.log(top - bottom) + math.fsum(p / total * math.log(p / total / w) for p, w in parts)


def intrinsic(beliefs: Sequence[Belief], answer: float) -> tuple[float, float]:
    """The range from the lowest 5th to the highest 95th percentile of all experts, the answer included, and a tenth of
    that beyond at either side."""
    low, high = min(answer, *(b.low for b in beliefs)), max(answer, *(b.high for b in beliefs))
    return low - OVERSHOOT * (high - low), high + OVERSHOOT * (high - low)


def records(
    experts: Sequence[Expert], known: Mapping[str, CalibrationQuestion], cutoff: float = CUTOFF
) -> list[Record]:
    """How each expert did, in their order. A question that an expert left out counts neither way."""
    ranges = {
        name: intrinsic(answered, one.answer)
        for name, one in known.items()
        if (answered := [e.calibration[name] for e in experts if name in e.calibration])
    }
    found = [_record(expert, known, ranges) for expert in experts]
    worth = [
        r.calibration * r.information if r.calibration is not None and r.information is not None
        and r.calibration >= cutoff else 0.0
        for r in found
    ]  # fmt: skip
    total = math.fsum(worth)
    return [_weighed(r, w / total if total > 0 else None) for r, w in zip(found, worth, strict=True)]


def _record(
    expert: Expert, known: Mapping[str, CalibrationQuestion], ranges: Mapping[str, tuple[float, float]]
) -> Record:
    answered = {name: (expert.calibration[name], one) for name, one in known.items() if name in expert.calibration}
    rows = tuple(
        Scored(
            name, b.low, b.middle, b.high, one.answer, b.low <= one.answer <= b.high, piece(b, one.answer),
            interval_score(b.low, b.high, one.answer),
        )
        for name, (b, one) in answered.items()
    )  # fmt: skip
    n = len(rows)
    if not n:
        return Record(expert.name, 0, 0, None, None, None, None, None, None, ())
    hits = sum(row.hit for row in rows)
    _, low, high = jeffreys(hits, n)
    alike = len({one.unit for _, one in answered.values()}) == 1
    scales = [one.scale or (1.0 if alike else None) for _, one in answered.values()]
    scores = [row.score / s for row, s in zip(rows, scales, strict=True) if s is not None]
    counts = [sum(row.piece == k for row in rows) for k in range(len(MASSES))]
    told = math.fsum(information(b, *ranges[name]) for name, (b, _) in answered.items()) / n
    score = math.fsum(scores) / n if len(scores) == n else None
    return Record(expert.name, n, hits, low, high, score, calibration(counts), told, None, rows)


def _weighed(record: Record, weight: float | None) -> Record:
    return Record(**{**vars(record), "weight": weight})


def weights(
    experts: Sequence[Expert], found: Sequence[Record], how: str, given: Mapping[str, float] | None = None
) -> dict[str, float]:
    """The weight of each expert: `equal`, by `performance`, or as `given`, all for one. Raises QuestionError."""
    names = [expert.name for expert in experts]
    if given:
        if unknown := [name for name in given if name not in names]:
            raise QuestionError(f"there is no expert {unknown[0]!r}; known here: {', '.join(names)}")
        if missing := [name for name in names if name not in given]:
            raise QuestionError(f"{', '.join(missing)} {'has' if len(missing) == 1 else 'have'} no weight; give one to "
                                "everybody, 0 to leave somebody out")  # fmt: skip
        total = math.fsum(given.values())
        if total <= 0:
            raise QuestionError("all weights are 0, so that nobody is heard")
        return {name: given[name] / total for name in names}
    if how == "equal":
        return dict.fromkeys(names, 1 / len(names))
    if any(record.calibration is None for record in found):
        silent = [record.expert for record in found if record.calibration is None]
        raise QuestionError(
            f"{', '.join(silent)} answered no calibration question, and performance weighs by these; give --calibration"
            " FILE, or equal weights"
        )
    if any(record.weight is None for record in found):
        raise QuestionError(
            f"the calibration of every expert is below the cutoff, so that performance weighs nobody: "
            f"{', '.join(f'{r.expert} {r.calibration:.2g}' for r in found)}; give equal weights, or a lower --cutoff"
        )
    return {record.expert: record.weight or 0.0 for record in found}
