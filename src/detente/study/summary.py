"""What a solved case comes to, in few numbers: the answer of `run` as data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from detente.analyse.evidence.outside import Answered, PriorCheck
from detente.analyse.evidence.then import Then
from detente.analyse.finding import Finding
from detente.analyse.forecast.claims import Comparison
from detente.analyse.forecast.structures import Combination, Presence, held_in
from detente.display import Displayed
from detente.solve.base import Status
from detente.study.study import Study


@dataclass(frozen=True)
class Judgement(Displayed):
    """A claim: whether it holds in most draws, and the share of draws in which it does.

    `comparisons`: each with the mean of either side; `at_odds`: that the means say otherwise than most draws;
    `built_in`: that it comes out so whatever the numbers (`claims` says how that was found). `structures`: in how many
    combinations of rival structures it holds in most draws, and of how many.
    """

    holds: bool
    share: float
    comparisons: tuple[Comparison, ...]
    at_odds: bool
    built_in: bool
    structures: tuple[int, int] | None = None


@dataclass(frozen=True)
class Certified(Displayed):
    """What the certificate says of all draws. `max_gain`: by actor, in stakes; `advice` where some did not converge."""

    converged: float
    max_residual: float
    max_gain: Mapping[str, float]
    unconverged_draws: int
    traced_draws: int
    forked_draws: int
    advice: str


@dataclass(frozen=True)
class Summary(Displayed):
    """The answer, the outcomes, the claims, and what can be certified.

    `answer` is null where the case does not say what answers its question; `updated` is whether evidence has changed
    any number. `structures`: each rival structure, with what is forecast with and without it; `combinations`: of them,
    what follows in each; `structure`: the share of the variance of the answer that they explain. `checks`: where what
    others said falls in the model's own distribution of the same event. `then`: what the same draws forecast as known
    on the as-of date, weighed by the evidence of that day; null where there is none by then.
    """

    draws: int
    answer: Answered | None
    updated: bool
    checks: Sequence[PriorCheck]
    outcomes: Mapping[str, Finding]
    claims: Mapping[str, Judgement]
    certificate: Certified
    method: str
    perception: str
    interrupted: bool
    structures: Mapping[str, Presence]
    combinations: Mapping[str, Combination]
    structure: Finding | None
    then: Then | None


def summary(study: Study) -> Summary:
    """What a Study comes to."""
    bad = int((~study.converged).sum())
    certified = Certified(
        float(study.converged.mean()), float(study.residual.max()),
        {player: float(study.gain[p].max()) for p, player in enumerate(study.model.actors)},
        bad, int((study.status == Status.TRACED).sum()), int(study.forked.sum()), study.advice,
    )  # fmt: skip
    built_in = {name for name, settled in study.settled.items() if settled.built_in}
    claims = {
        name: Judgement(
            v.holds,
            v.share.value,
            v.comparisons,
            v.at_odds,
            name in built_in,
            held_in(study.combinations, name) if study.combinations else None,
        )
        for name, v in study.claims.items()
    }
    return Summary(
        study.n, study.answer, study.model._updated is not None, study.checks, study.outcomes, claims, certified,
        study.method, study.engine.perception, study.interrupted, study.structures, study.combinations, study.structure,
        study.then,
    )  # fmt: skip
