"""What the draws of a solved case count for where best guesses were moved on the page."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np

from detente.analyse.evidence.pareto import effective
from detente.analyse.sensitivity.reweighting import LEAST, Points
from detente.arrays import Floats
from detente.draws.beliefs import PLAIN, Priors
from detente.draws.sampler import Sampler
from detente.draws.sources import Sources
from detente.errors import QuestionError
from detente.present.web.state import About, State
from detente.present.web.workspace import Work
from detente.study.study import Study


@dataclass(frozen=True, eq=False)
class Weighing:
    """`weights` [n] of the draws of a study, None where they count alike; to how many draws they amount."""

    weights: Floats | None
    worth: float

    def about(self, state: State, study: Study, draws: int) -> About:
        """What numbers that were read off so many of these draws rest on."""
        weighted = self.weights is not None
        return About(
            draws=draws, asked=state.draws, how="weighted" if weighted else "solved",
            worth=self.worth * draws / study.n if weighted else None, converged=float(study.converged.mean()),
            seed=state.seed,
        )  # fmt: skip

    def too_few(self, study: Study) -> bool:
        """Whether the weights leave too few draws for an answer."""
        return self.worth < LEAST * study.n


def weighing(work: Work, state: State, study: Study) -> Weighing:
    """What the draws of a study count for under what is supposed.

    Raises QuestionError for what cannot be supposed, and where none of the draws can be under it.
    """
    if not state.suppose:
        return Weighing(None, study.n)
    points = work.space.once(("points", *solved_as(work, state, study)), lambda: _points(study))
    found = points.weights(points.priors.moved(state.suppose))
    if not np.any(found > 0):
        raise QuestionError("none of the solved draws can be under these beliefs; move best guesses less")
    return Weighing(found, effective(found))


def solved_as(work: Work, state: State, study: Study) -> tuple[Hashable, ...]:
    """What a study is known by: its state, whatever is supposed, and its size."""
    return work.mark(state), study.n


def _points(study: Study) -> Points:
    priors = Priors(Sources(Sampler(study.model)))
    return Points(priors, study.draws, priors.scores(PLAIN, study.asked, study.draws.seed)[:, : study.n])
