"""Suppose: what is forecast where a best guess is another, from draws that are solved already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Unpack

from detente.analyse.sensitivity.reweighting import LEAST
from detente.draws.beliefs import Beliefs, read, written
from detente.errors import QuestionError
from detente.study.evaluate.evaluator import Bench
from detente.study.memo.findings import once
from detente.study.registry import Option, question
from detente.study.run import DRAWS, Asked, study_of
from detente.study.settings import Settings
from detente.study.study import Study
from detente.study.supposing import Supposed, Supposing

if TYPE_CHECKING:
    pass

BELIEFS = Option(
    "New best guesses: war_cost=0.4, odds=40%, 'war_cost seen by A=0.4'; of a quantity with a few values their "
    "probabilities, winter=0:0.7,1:0.3; of a rival structure how likely it is, blockade=0.6.",
    metavar="NAME=VALUE", names="beliefs",
)  # fmt: skip


@question("suppose", topic="sensitivity", draws=DRAWS, of_study=True, dossier=False)
def suppose(
    case: Asked, beliefs: Annotated[Sequence[str], BELIEFS] = (), **settings: Unpack[Settings]
) -> Supposed:  # fmt: skip
    """Suppose other best guesses: what the forecast would be, by reweighting the solved draws.

    `beliefs`: texts such as `war_cost=0.4` (a new median, all else at its median), `winter=0:0.7,1:0.3` (of a quantity
    with a few values their probabilities; those left out share the rest as they did) and `blockade=0.6` (how likely a
    rival structure is; 0 and 1 switch it). A quantity moved keeps its family and its width in normal scores; all others
    keep their distributions, and correlations stay. Nothing is solved while the weighted draws are worth a tenth of
    all (Kish 1965); below that as many draws as there are, of the same random numbers, are solved under the new
    beliefs. Raises ModelError, QuestionError.
    """
    if not beliefs:
        raise QuestionError("nothing is supposed; write for example war_cost=0.4, a new best guess of a quantity")
    wanted, study = read(beliefs), study_of(case, settings)
    return once(study.ready, Supposed, lambda: _supposed(study, wanted), "suppose", written(wanted))


def _supposed(study: Study, wanted: Beliefs) -> Supposed:
    supposing = Supposing.of(study)
    found = supposing.at(wanted)
    if found.plain_share >= LEAST:
        return found
    if study.model._updated is not None:
        raise QuestionError(
            f"the {study.n:,} draws given the evidence are worth {found.ess:.0f} where this is supposed, too few to "
            "say; they are not drawn again as of a day: suppose less, take more --draws, or ask without --as-of"
        )
    bench = Bench.of(study.blueprint, study.ready)
    supposing.solve(bench, wanted, study.n)
    bench.drop()
    return replace(supposing.at(wanted), plain_share=found.plain_share)
