"""Which assumption moves an answer: what share of its variance knowing a quantity, or several, would explain.

The *first-order* effect of X is Var(E[Y|X]) / Var(Y), what knowing X alone would take off the variance of the answer;
the *total* effect of X what would be left if all but X were known (Sobol' 1993; Homma & Saltelli 1996). Two ways:

- *given data*: from the draws that are solved already, first-order effects by slicing them along X (`main_effects`),
  total effects and those of groups by a sparse polynomial (`chaos`);
- *a design*: solving again at points made for the purpose (`sobol`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from detente.analyse.finding import Finding
from detente.analyse.forecast.subject import FORECAST, Reading
from detente.analyse.sensitivity.binning import FEWEST, varies
from detente.analyse.sensitivity.chaos import fit
from detente.analyse.sensitivity.factors import Factor, blocks
from detente.analyse.sensitivity.main_effects import (
    FLOOR_REFERENCE,
    LEAST,
    REFERENCE,
    fifths,
    first_order,
    noise_floors,
    sliced,
)
from detente.analyse.sensitivity.shapley import shapley
from detente.analyse.sensitivity.sobol import Effects
from detente.analyse.sensitivity.structures import Share
from detente.arrays import Bools, Floats
from detente.display import Displayed
from detente.errors import QuestionError

SEVERAL = "Lamboni, Monod & Makowski (2011), Multivariate sensitivity analysis to measure global contribution of input "
SEVERAL += "factors in dynamic models, Reliability Engineering & System Safety 96, 450-459"
LEAST_EXPLAINED = 0.3  # by a fit whose total effects are told
GIVEN, SOBOL = "given", "sobol"


@dataclass(frozen=True)
class Effect(Displayed):
    """What an answer owes to one quantity, or to several known together.

    `low` and `high` are the answer where the quantity is in its lowest and in its highest fifth, `bounds` where those
    end and begin; they are None for groups and for answers of several numbers. `total` is None where it cannot be told.
    `floor` is the largest first-order effect that noise is granted, None where the interval alone must tell. `shapley`
    is its share of the variance where quantities are correlated (`analyse.sensitivity.shapley`), else None.
    """

    name: str
    members: tuple[str, ...]
    first: Finding
    total: Finding | None = None
    low: Finding | None = None
    high: Finding | None = None
    bounds: tuple[float, float] | None = None
    floor: float | None = None
    shapley: Finding | None = None

    @property
    def told(self) -> bool:
        """Whether the effect is distinguishable from noise: one of the two is above 0.5%, and beyond what noise shows.

        For a first-order effect read off the draws this is its noise floor, else that its interval lies above zero.
        """
        if self.floor is not None and self.first.value > max(self.floor, LEAST):
            return True
        rest = (self.total,) if self.floor is not None else (self.first, self.total)
        return any(f is not None and f.low > 0 and f.value > LEAST for f in rest)


@dataclass(frozen=True)
class Sensitivity(Displayed):
    """The effects on one answer, the largest first.

    `spread` is the standard deviation of the answer over the draws (of several numbers: the root of the sum of their
    variances). `explained` is the share of the variance that the polynomial behind the total effects explains on
    draws it has not seen (None in a design, which needs none). `draws` were used; a design solved `solved` times.
    `structure` is what all rival structures explain together, None where there are none.
    """

    of: str
    words: str
    kind: str
    where: str
    mean: Finding
    spread: float
    effects: tuple[Effect, ...]
    joint: tuple[Effect, ...]  # of correlated quantities known together, beside their single effects
    explained: float | None
    design: str
    draws: int
    solved: int
    left_out: int  # draws outside of the region, or in which the answer cannot be judged
    notes: tuple[str, ...]
    references: tuple[str, ...]
    converged: float = 1.0  # the share of the solved draws
    structure: Share | None = None

    @property
    def alone(self) -> float:
        """The sum of the first-order effects of a design: what no interaction is needed for."""
        return sum(effect.first.value for effect in self.effects)


def region(answers: Floats, inside: Floats | None, where: str) -> Bools:
    """[n] the draws in which an answer [m, n] can be judged, within a region [n] of 1, 0 and nan if there is one.

    Raises QuestionError for too few, saying how many would do.
    """
    known: Bools = ~np.asarray(np.isnan(answers).any(axis=0))
    n = len(known)
    if inside is None:
        if (count := int(known.sum())) < FEWEST:
            raise QuestionError(
                f"the answer can be judged in {count} of {n:,} draws; {FEWEST} are needed\n    {_more(count, n)}"
            )
        return known
    kept = known & (np.nan_to_num(inside) != 0)
    count = int(kept.sum())
    if count < FEWEST:
        raise QuestionError(
            f"only {count} of {n:,} draws lie in the region `{where}`; {FEWEST} are needed to tell anything of it\n"
            f"    {_more(count, n)}"
        )
    return np.asarray(kept)


def _more(count: int, n: int) -> str:
    if count == 0:
        return "no draw does: look at what is possible with `detente run`, or choose a wider region"
    wanted = int(np.ceil(1.3 * FEWEST * n / count / 1000) * 1000)
    return f"ask for about {wanted:,} draws (--draws {wanted}), or choose a wider region"


def given(
    reading: Reading,
    answers: Floats,
    quantities: Mapping[str, Floats],
    scores: Floats | None,
    factors: Sequence[Factor],
    *,
    grouped: bool = False,
    inside: Floats | None = None,
    where: str = "",
    mixing: Floats | None = None,
) -> Sensitivity:
    """Effects from draws that are solved: nothing is solved again.

    `answers` is [m, n], each of `quantities` [n]. `scores` [S, n] are the independent normal scores behind the draws,
    and `factors` groups of them: for total effects, and instead of quantities if `grouped`. `inside` [n] is 1 in the
    draws of a region, which `where` describes. `mixing` [S, S] makes the scores of the sources of `scores`; with it
    there are Shapley effects, too, where quantities are correlated. Raises QuestionError for too few draws, or an
    answer that never changes.
    """
    kept = region(answers, inside, where)
    y = answers[:, kept]
    _varies(reading, y, where)
    surrogate, notes = None, []
    if inside is not None:
        notes.append(
            "within a region quantities are no longer independent: an effect may be that of another quantity "
            "which goes with it there, and there are no total effects"
        )
    elif scores is not None and factors:
        try:
            surrogate = fit(scores[:, kept], y)
        except ValueError as error:
            notes.append(f"no total effects: {error}")
        if surrogate is not None and surrogate.explained < LEAST_EXPLAINED:
            notes.append(
                f"no total effects: the fit they would be read off explains {max(0.0, surrogate.explained):.0%} of the "
                "variance only; a design tells them (`detente design`)"
            )
            surrogate = None
    if grouped:
        if surrogate is None:
            raise QuestionError(
                "effects of groups are read off a fit to all draws, which this region or these draws do not allow\n    "
                + (notes[0] if notes else "ask for more draws, or for single quantities")
            )
        rows = [
            Effect(f.name, f.members, surrogate.effect(f.name, f.rows, False), surrogate.effect(f.name, f.rows, True))
            for f in factors
        ]
    else:
        total, shared = {}, dict[str, Finding]()
        if surrogate is not None:
            for f in factors:
                total[f.name] = surrogate.effect(f.name, f.rows, True)
            if mixing is not None and any(f.correlated for f in factors):
                try:
                    shared = shapley(surrogate, blocks(factors, mixing))
                except ValueError as error:
                    notes.append(f"no Shapley effects: {error}")
        varying = {name: x[kept] for name, x in quantities.items() if varies(x[kept])}
        floors = noise_floors([sliced(x) for x in varying.values()], y)
        rows = [
            replace(_effect(name, x, y, total.get(name), float(floor)), shapley=shared.get(name))
            for (name, x), floor in zip(varying.items(), floors, strict=True)
        ]
    explained = surrogate.explained if surrogate else None
    references = [REFERENCE, FLOOR_REFERENCE] if not grouped else []
    references += [rows[0].total.reference] if surrogate and rows and rows[0].total else []
    references += next(([e.shapley.reference] for e in rows if e.shapley), [])
    references += [SEVERAL] if len(y) > 1 else []
    rows.sort(key=lambda e: -e.first.value)
    joint = [
        Effect(f.name, f.members, surrogate.effect(f.name, f.rows, False), surrogate.effect(f.name, f.rows, True))
        for f in factors
        if surrogate is not None and f.correlated and not grouped
    ]
    return Sensitivity(
        reading.text, reading.words, reading.kind, where, _mean(reading, y), float(np.sqrt(y.var(axis=1).sum())),
        tuple(rows), tuple(joint), explained, GIVEN, int(kept.sum()), 0, int(len(kept) - kept.sum()), tuple(notes),
        tuple(references),
    )  # fmt: skip


def designed(
    reading: Reading, effects: Effects, factors: Sequence[Factor], solved: int, references: Sequence[str],
    notes: Sequence[str] = (),
) -> Sensitivity:  # fmt: skip
    """Effects from a design, as a Sensitivity."""
    rows = [
        Effect(f.name, f.members, effects.finding(f.name, k, False), effects.finding(f.name, k, True))
        for k, f in enumerate(factors)
    ]
    rows.sort(key=lambda e: -(e.total.value if e.total else 0.0))
    told = list(notes)
    if effects.lost:
        told.append(f"{effects.lost} base points are left out: the answer cannot be judged there")
    mean = Finding(reading.text, float(effects.mean[0]), np.nan, np.nan, effects.n, interval="none")
    if reading.kind == FORECAST:
        mean = Finding(reading.text, np.nan, np.nan, np.nan, effects.n, interval="none")
    return Sensitivity(
        reading.text, reading.words, reading.kind, "", mean, float(np.sqrt(effects.variance.sum())), tuple(rows), (),
        None, SOBOL, effects.n, solved, effects.lost, tuple(told),
        (*references, *([SEVERAL] if len(effects.variance) > 1 else [])),
    )  # fmt: skip


def structured(found: Sensitivity, whole: Share, each: Mapping[str, Share], solved: int) -> Sensitivity:
    """The same, with what rival structures explain, from draws that were solved under every combination of them."""
    effects = [
        replace(e, first=each[e.name].first, total=each[e.name].total, floor=None) if e.name in each else e
        for e in found.effects
    ]
    effects.sort(key=lambda e: -e.first.value)
    references = tuple(dict.fromkeys((*found.references, whole.first.reference)))
    return replace(found, effects=tuple(effects), structure=whole, solved=solved, references=references)


def _effect(name: str, x: Floats, y: Floats, total: Finding | None, floor: float) -> Effect:
    first = first_order(name, x, y)
    if len(y) > 1:
        return Effect(name, (name,), first, total, floor=floor)
    return Effect(name, (name,), first, total, *fifths(x, y[0]), floor)


def _mean(reading: Reading, y: Floats) -> Finding:
    if len(y) > 1:
        return Finding(reading.text, np.nan, np.nan, np.nan, y.shape[1], interval="none")
    return Finding.of(reading.text, y[0])


def _varies(reading: Reading, y: Floats, where: str) -> None:
    if varies(y).any():
        return
    place = f" in the region `{where}`" if where else ""
    if reading.kind == "yes or no":
        said = f"{reading.words}: the same in all {y.shape[1]:,} draws{place} ({'yes' if y[0, 0] else 'no'})"
        hint = "nothing in the ranges of this model flips it; ask for the probability behind it instead"
    else:
        said = f"{reading.words} is the same in all {y.shape[1]:,} draws{place}"
        hint = "are all quantities known exactly?"
    raise QuestionError(f"{said}, so that it depends on no quantity\n    {hint}")
