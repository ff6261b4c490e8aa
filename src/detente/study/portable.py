"""Solved draws to take along: what reweights them for some sliders, as plain arrays that need no model.

Where best guesses are moved, a draw weighs exp(mu' P z - mu' P mu / 2) (`analyse.sensitivity.reweighting`). Of the few
sources that have a slider mu is a sum of shifts d of single scores, so that the logarithm is d' T - d' G d / 2, with
T [K, n] the scores as the inverse correlations mix them, and G [K, K] the part of these that belongs to the sliders:
whoever has both needs neither the other sources nor the copula.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from detente.analyse.forecast.rank import likeliest
from detente.arrays import Bools, Floats, Longs
from detente.draws.beliefs import CHANCES, NUMBER, STRUCTURE, Priors
from detente.study.study import Study
from detente.study.supposing import RANGE, Slider, Supposing

SLIDERS, DRAWS = 8, 2000  # taken along at most
KNOTS = 257  # of a curve from values to scores
EXACT, CLOSE = 1e-9, 1e-4  # of a score: a straight line is one; a curve that strays further is not taken
ALTERNATIVES = 16  # of a block of rival structures at most
SCALES = ("value", "log", "minus log of minus", "logit")


@dataclass(frozen=True, eq=False)
class Curve:
    """From the values of a quantity to its normal scores: x [m] ascending, on a scale of SCALES, and the scores [m].

    Between knots the cubic through the nearest four; the straight line where there are two.
    """

    scale: str
    x: Floats
    scores: Floats

    def score(self, values: Floats) -> Floats:
        """[v] the score at which the quantity has each of some values."""
        at = scaled(self.scale, np.asarray(values, float))
        x, many = self.x, len(self.x)
        width = min(4, many)
        first = np.clip(np.searchsorted(x, at) - width // 2, 0, many - width)
        found = np.zeros(len(at))
        for i in range(width):
            part = self.scores[first + i]
            for j in range(width):
                if j != i:
                    part = part * (at - x[first + j]) / (x[first + i] - x[first + j])
            found += part
        return found


def scaled(scale: str, values: Floats) -> Floats:
    """[v] values on a scale of SCALES; nan where they have no place there."""
    with np.errstate(all="ignore"):
        match scale:
            case "log":
                return np.log(values)
            case "minus log of minus":
                return -np.log(-values)
            case "logit":
                return np.log(values) - np.log1p(-values)
    return values


def curve(priors: Priors, name: str, values: Floats, scores: Floats) -> Curve | None:
    """The curve through [m] values at [m] scores: a straight line on the scale on which it is one. None where it does
    not rise, or strays from `Sources.score` by more than CLOSE."""
    found = None
    for scale in SCALES:
        x = scaled(scale, values)
        if not np.isfinite(x).all() or x[0] == x[-1]:
            continue
        line = scores[0] + (scores[-1] - scores[0]) * (x - x[0]) / (x[-1] - x[0])
        if np.abs(line - scores).max() < EXACT:
            found = Curve(scale, x[[0, -1]], scores[[0, -1]])
            break
    else:
        if (np.diff(values) <= 0).any():
            return None
        found = Curve(SCALES[0], values, scores)
    between = (values[1:] + values[:-1]) / 2
    stray = np.abs(found.score(between) - priors.sources.score(name, between)).max()
    return found if stray < CLOSE else None


@dataclass(frozen=True, eq=False)
class Handle:
    """A slider, with what it needs to move.

    `index`: the share of the answer's variance that it explains, None where that is not distinguishable from noise. Of
    a number `curve`; of a quantity with a few values `drawn` [n], which of `slider.chances` a draw has; of a structure
    `block` and `present` [alternatives]. `joined`: what it is correlated with, which stays as it is."""

    slider: Slider
    index: float | None
    joined: tuple[str, ...] = ()
    curve: Curve | None = None
    drawn: Longs | None = None
    block: str = ""
    present: Bools | None = None


@dataclass(frozen=True, eq=False)
class Portable:
    """See the module. `n` draws of `supposing`, the first of them; `handles` what can be moved, what the answer depends
    on most first."""

    supposing: Supposing
    n: int
    handles: tuple[Handle, ...]

    @classmethod
    def of(cls, study: Study, sliders: int = SLIDERS, draws: int = DRAWS) -> Portable:
        """What is taken along of a solved case. Raises QuestionError for one without draws."""
        supposing = Supposing.of(study)
        handles: list[Handle] = []
        for handle in _handles(study, supposing):
            if len(handles) == sliders:
                break
            handles.append(handle)
        return cls(supposing, min(study.n, draws), tuple(handles))

    @property
    def numbers(self) -> list[str]:
        """The names of the handles that are numbers: axis K of `mixed` and `gram`."""
        return [handle.slider.name for handle in self.handles if handle.curve is not None]

    @cached_property
    def _pulls(self) -> Floats:
        """[K, S] the inverse correlations of the scores, the rows of the sliders."""
        priors = self.supposing.priors
        return priors.precision[[priors.row(name) for name in self.numbers]]

    @property
    def mixed(self) -> Floats:
        """[K, n] the scores, as the inverse correlations mix them."""
        return np.asarray(self._pulls @ self.supposing.base.points.scores[:, : self.n])

    @property
    def gram(self) -> Floats:
        """[K, K] the inverse correlations between sliders."""
        priors = self.supposing.priors
        return np.asarray(self._pulls[:, [priors.row(name) for name in self.numbers]])

    @property
    def blocks(self) -> Mapping[str, tuple[Longs, Floats]]:
        """By block of rival structures that has a slider: which alternative was drawn, [n], and how likely each was,
        [alternatives, n]."""
        found = {}
        for name in dict.fromkeys(handle.block for handle in self.handles if handle.block):
            there, likely = self.supposing.base.points.alternatives(name)
            found[name] = there[: self.n], likely[:, : self.n]
        return found

    @property
    def rows(self) -> Floats:
        """[m, n] what is read off each draw: outcomes, groups, the answer, claims; nan where it is not defined."""
        return self.supposing.base.rows.first(self.n).values


def _handles(study: Study, supposing: Supposing) -> Iterator[Handle]:
    """All that can be taken along, what the answer depends on most first: by the share of its variance where that can
    be distinguishable from noise, then by how closely the two go together over the draws."""
    index = _indices(study)
    leaning = _leaning(study, supposing)
    names = sorted(leaning, key=lambda n: (n not in index, -index.get(n, 0.0), -leaning[n]))
    priors, model = supposing.priors, study.model
    scores = np.linspace(-RANGE, RANGE, KNOTS)
    along: dict[str, Floats] = {}
    for name in names:
        slider, joined = supposing.slider(name), dict.fromkeys(
            other for c in model.correlations if name in c.between for other in c.between if other != name
        )  # fmt: skip
        made = Handle(slider, index.get(name), tuple(joined))
        if slider.kind == NUMBER:
            along = along or priors.along(scores)
            if _apart(priors, name) and (found := curve(priors, name, along[name], scores)):
                yield Handle(slider, made.index, made.joined, curve=found)
        elif slider.kind == CHANCES:
            if name not in priors.sources.sampler.copula[0]:  # of correlated ones the other scores say what was drawn
                value = priors.sources.read(supposing.base.points.draws, name)
                drawn = np.abs(value - np.array([c.value for c in slider.chances])[:, None]).argmin(axis=0)
                yield Handle(slider, made.index, made.joined, drawn=drawn)
        else:
            block = next(block for block in priors.blocks.values() if name in block.names)
            if len(block.alternatives) <= ALTERNATIVES:
                present = np.array([name in alternative for alternative in block.alternatives])
                yield Handle(slider, made.index, made.joined, block=block.name, present=present)


def _indices(study: Study) -> dict[str, float]:
    """By quantity the share of the answer's variance that it explains, where that can be distinguishable from noise."""
    asked = study.model.answer
    return {d.quantity: d.index.value for d in study.drivers(study.ask(asked.asks.text) if asked else _first(study))}


def _first(study: Study) -> str:
    return likeliest(study.outcomes)


def _leaning(study: Study, supposing: Supposing) -> dict[str, float]:
    """By slider, in the order of the file, the correlation of the answer with it over the draws, without its sign."""
    priors, points, rows = supposing.priors, supposing.base.points, supposing.base.rows
    answer = rows.values[rows.ranged - 1 if supposing.asks else supposing.outcomes.index(_first(study))]
    known, found = ~np.isnan(answer), {}
    for name, kind in priors.kinds.items():
        if kind == NUMBER:
            moved = points.scores[priors.row(name)]
        elif kind == STRUCTURE:
            block = next(block for block in priors.blocks.values() if name in block.names)
            moved = np.array([name in a for a in block.alternatives], float)[points.alternatives(block.name)[0]]
        else:
            moved = priors.sources.read(points.draws, name)
        pairs = np.array([answer[known], moved[known]])
        spread = pairs.std(axis=1).prod() if known.any() else 0.0
        found[name] = abs(float(np.cov(pairs, bias=True)[0, 1] / spread)) if spread > 0 else 0.0
    return found


def _apart(priors: Priors, name: str) -> bool:
    """Whether a score can be moved by itself: it is not perfectly correlated with another."""
    mean = priors.vector({name: 1.0})
    return bool(np.abs(priors.correlations @ (priors.precision @ mean) - mean).max() < 1e-6)
