"""Local sensitivity: by how much an answer changes with each assumption, moved a little from where it is.

The derivatives are exact, through the equilibrium (`pullback`). They say what a small change does, at the median draw
and on average over the draws; what the whole range of an assumption does is asked of `sensitivity`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from detente.analyse.finding import Finding
from detente.analyse.forecast.claims import Question
from detente.analyse.forecast.subject import FORECAST, PROBABILITY, YES_NO, reading
from detente.analyse.sensitivity.gradients import Gradients
from detente.arrays import Bools, Floats
from detente.display import Displayed
from detente.errors import QuestionError
from detente.game.blueprint import Blueprint
from detente.language.margins import margin
from detente.model.ask import read_question
from detente.solve.derivatives.implicit import IMPLICIT

METHOD = "derivative through the equilibrium (implicit function theorem), exact"
CLAIMS = "claims"
MARGIN = "margin"


@dataclass(frozen=True, eq=False)
class Subject:
    """A number whose derivatives are asked for: a `probability`, a `number`, or the `margin` of a claim or condition
    (how far it is from turning; above zero it holds)."""

    name: str
    words: str
    kind: str
    question: Question


@dataclass(frozen=True)
class Pull(Displayed):
    """What an answer owes to a small change of one quantity or perception.

    `slope` is the derivative at the median draw, in units of the answer per unit of the quantity; `elasticity` the
    same in percent per percent (nan where the answer or the quantity is zero); `mean` the derivative over the draws.
    `spread` is the standard deviation of the quantity, so that `per_sd` compares quantities of different units.
    """

    name: str
    unit: str
    median: float
    spread: float
    slope: float
    elasticity: float
    mean: Finding

    @property
    def per_sd(self) -> float:
        return self.slope * self.spread


@dataclass(frozen=True)
class Pulls(Displayed):
    """The derivatives of one answer, the strongest first, with its value at the median draw and over the draws.

    `without` are draws in which it has no derivative, of whatever reason.
    """

    name: str
    words: str
    kind: str
    centre: float
    value: Finding
    pulls: tuple[Pull, ...]
    without: int


@dataclass(frozen=True)
class Local(Displayed):
    """Local sensitivity of one or several answers.

    Among the `draws`: `unsettled` were not followed to their precision, `singular` lie on or beyond a fold or
    bifurcation of the branch, where there is no derivative; `kinked` lie exactly at a non-differentiable point of a
    formula, where it is that of one side. `stepwise` are assumptions that have a few values only, and so no derivative:
    theirs is nan."""

    of: str
    answers: tuple[Pulls, ...]
    draws: int
    unsettled: int
    singular: int
    kinked: int
    centre_has: bool
    stepwise: tuple[str, ...]
    references: tuple[str, ...]
    converged: float
    notes: tuple[str, ...] = ()  # what is to be known of these numbers, in sentences: worked out if not given

    def __post_init__(self) -> None:
        if not self.notes:
            object.__setattr__(self, "notes", self._told())

    def _told(self) -> tuple[str, ...]:
        found = []
        if not self.centre_has:
            found.append(
                "the median draw has no derivative: it is unsolved, or at a limit point or bifurcation of the branch"
            )
        if self.unsettled:
            found.append(f"{self.unsettled:,} draws that were not followed to their precision are left out")
        if self.singular:
            found.append(
                f"{self.singular:,} draws at or beyond a limit point or bifurcation of the branch are left out: it "
                "jumps there"
            )
        if self.kinked:
            found.append(
                f"{self.kinked:,} draws lie exactly at a non-differentiable point (min, max, if, ...); theirs is the "
                "one-sided derivative"
            )
        if self.stepwise:
            found.append(f"moved in steps, so that nothing can be said of a small change: {', '.join(self.stepwise)}")
        return tuple(found)


def subjects(blueprint: Blueprint, text: str) -> list[Subject]:
    """What a text asks about: `outcome` (each of them), `claims` (each of them), or as for `reading`.

    Raises QuestionError for what has no derivative.
    """
    model = blueprint.model
    if text.strip() == CLAIMS and CLAIMS not in (*model.outcomes, *model.claims):
        if not model.claims:
            raise QuestionError("this model makes no claims; ask for outcome, or for a probability")
        return [
            Subject(name, f"the margin of the claim {name}", MARGIN, _margin(blueprint, claim.holds.expression))
            for name, claim in model.claims.items()
        ]
    asked = reading(model, text)
    if asked.kind == FORECAST:
        return [
            Subject(name, f"P({name})", PROBABILITY, Question(blueprint, read_question(model, f"P(outcome is {name})")))
            for name in model.outcomes
        ]
    if asked.expression is None:
        raise QuestionError(
            f"{asked.words} jumps at a point and has no derivative\n"
            "    ask for the probability behind it: the name of an outcome, or P(...)"
        )
    if asked.kind == YES_NO:
        words = f"the margin of {text.strip()}"
        return [Subject(asked.text, words, MARGIN, _margin(blueprint, asked.expression))]
    return [Subject(asked.text, asked.words, asked.kind, Question(blueprint, asked.expression))]


def _margin(blueprint: Blueprint, condition: object) -> Question:
    return Question(blueprint, margin(condition))  # type: ignore[arg-type]


def local(
    blueprint: Blueprint,
    text: str,
    asked: Sequence[Subject],
    centre: Gradients,
    medians: Mapping[str, Floats],
    drawn: Sequence[Gradients],
    assumptions: Mapping[str, Floats],
    lost: Bools,
    stepwise: tuple[str, ...],
) -> Local:
    """Derivatives at the median draw, and in n draws of which some [n] are `lost`, as an answer.

    `medians` are the assumptions at the median draw, [1] each, `assumptions` those of the draws, [n].
    """
    values = np.concatenate([part.values for part in drawn], axis=1)
    unsettled = np.concatenate([part.unsettled for part in drawn])
    singular = np.concatenate([part.singular for part in drawn])
    kinked = np.concatenate([part.slopes.kinked for part in drawn])
    good = ~(unsettled | singular | lost)
    answers = []
    for i, subject in enumerate(asked):
        known = good & ~np.isnan(values[i])
        pulls = tuple(_pulls(blueprint, i, centre, medians, drawn, assumptions, known, stepwise))
        value = Finding.of(subject.name, values[i][known], METHOD)
        at = float(centre.values[i, 0])
        without = int(len(known) - known.sum())
        answers.append(Pulls(subject.name, subject.words, subject.kind, at, value, pulls, without))
    return Local(
        text, tuple(answers), values.shape[1], int((unsettled | (lost & ~singular)).sum()), int(singular.sum()),
        int((kinked & good).sum()), not bool(centre.unsettled[0] | centre.singular[0]), stepwise, (IMPLICIT,),
        float(1 - (unsettled | lost).mean()),
    )  # fmt: skip


def _pulls(
    blueprint: Blueprint, i: int, centre: Gradients, medians: Mapping[str, Floats], drawn: Sequence[Gradients],
    assumptions: Mapping[str, Floats], known: Bools, stepwise: Sequence[str],
) -> list[Pull]:  # fmt: skip
    """The pulls on the i-th answer, the strongest first."""
    found = []
    units = {name: quantity.unit for name, quantity in blueprint.model.quantities.items()}
    for name, x in assumptions.items():
        slopes = np.concatenate(list(_slopes(name, i, drawn)))[known]
        slope = float(next(_slopes(name, i, [centre]))[0])
        if name in stepwise:
            slopes, slope = slopes[:0], float("nan")
        value, median = float(centre.values[i, 0]), float(medians[name][0])
        elasticity = slope * median / value if value and median else float("nan")
        unit = units[name] if name in units else units[name.partition(" seen by ")[0]]
        mean = Finding.of(name, slopes, METHOD, IMPLICIT)
        found.append(Pull(name, unit, median, float(x.std(ddof=1)) if len(x) > 1 else 0.0, slope, elasticity, mean))
    return sorted(found, key=lambda p: -max(abs(np.nan_to_num(p.per_sd)), abs(np.nan_to_num(p.mean.value * p.spread))))


def _slopes(name: str, i: int, parts: Sequence[Gradients]) -> Iterator[Floats]:
    for part in parts:
        known = part.slopes.quantities.get(name)
        if known is not None:
            yield known[i]
        else:
            yield np.where(np.isnan(part.values[i]) | part.unsettled | part.singular, np.nan, 0.0)
