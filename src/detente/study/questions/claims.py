"""Claims: in what share of draws each holds, and what it depends on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Unpack

from detente.analyse.finding import Finding
from detente.analyse.forecast.claims import Comparison
from detente.analyse.forecast.conditioning import Conditioned
from detente.analyse.forecast.preferences import Preference
from detente.analyse.forecast.settled import Settled
from detente.analyse.forecast.structures import held_in
from detente.analyse.sensitivity.main_effects import Driver
from detente.display import Displayed
from detente.study.beside import forced_instead, preferred
from detente.study.names import known
from detente.study.registry import Option, question
from detente.study.run import DRAWS, Asked, study_of
from detente.study.settings import Settings

MOST = 5  # drivers that are told of each claim


@dataclass(frozen=True)
class Judged(Displayed):
    """A claim: the share of draws in which it holds, with the 95% interval of that share, and what moves it most.

    `comparisons`: each with the mean of either side; `at_odds`: that the means say otherwise than most draws.
    `conditioned`: of a claim that conditions on a choice, what it comes to where the choice is forced.
    `built_in`: that it comes out so whatever the numbers, and tests nothing; `settled` says how that was found.
    `structures`: in how many combinations of rival structures it holds in most draws, and of how many.
    """

    says: str
    holds: bool
    share: Finding
    verdict: str
    unjudged_draws: int
    drivers: tuple[Driver, ...]
    comparisons: tuple[Comparison, ...]
    at_odds: bool
    built_in: bool
    settled: Settled | None
    conditioned: Conditioned | None = None
    structures: tuple[int, int] | None = None


@dataclass(frozen=True)
class Claims(Displayed):
    """The claims of a model that were asked about, judged; and whether private types prefer what they say."""

    draws: int
    claims: Mapping[str, Judged]
    preferences: tuple[Preference, ...] = ()


@question("claims", topic="forecast", draws=DRAWS, of_study=True, dossier=False)
def claims(
    case: Asked,
    names: Annotated[Sequence[str], Option("Only these claims. [default: all]", flag="name", names="claims")] = (),
    **settings: Unpack[Settings],
) -> Claims:
    """Test the claims of a model: in what share of draws each holds, and which assumption it depends on.

    `names`: some of the claims, by default all. Raises ModelError, QuestionError.
    """
    study = study_of(case, settings)
    found, settled = {}, study.settles()
    wanted = known("claim", names, study.model.claims)
    forced = forced_instead(study, wanted)
    for name in wanted:
        verdict = study.claims[name]
        found[name] = Judged(
            verdict.says, verdict.holds, verdict.share, verdict.words, verdict.unjudged,
            tuple(study.drivers(name)[:MOST]), verdict.comparisons, verdict.at_odds,
            bool(settled and settled[name].built_in), settled.get(name), forced.get(name),
            held_in(study.combinations, name) if study.combinations else None,
        )  # fmt: skip
    return Claims(study.n, found, tuple(preferred(study)))
