"""Claims that condition on a choice, beside the same claims with the choice forced.

`P(settlement given order is refrain)` looks at the histories in which somebody refrained, and whoever refrains may be
of another kind, or know something; `P(settlement | do(order is refrain))` asks what refraining brings about. The two
are shown side by side, in the same draws."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from detente.analyse.finding import Finding
from detente.analyse.forecast.claims import WILSON, Question, judge
from detente.arrays import Floats
from detente.display import Displayed
from detente.engine.batch import Batch
from detente.game.blueprint import Blueprint
from detente.language.expressions import Ask
from detente.language.writing import written
from detente.model.check.conditioning import choices, chosen, instead

METHOD = "the same draws solved with the choice forced, as everybody knows"
REFERENCE = "Pearl (2009), Causality: models, reasoning, and inference, 2nd edition, Cambridge University Press"


@dataclass(frozen=True)
class Contrast(Displayed):
    """A question that conditions on a choice, the one that forces it, and the mean of each over the draws."""

    conditioned: str
    forced: str
    given: Finding
    done: Finding


@dataclass(frozen=True)
class Conditioned(Displayed):
    """A claim that conditions on a choice: at which stages, and what it comes to where the choice is forced instead.

    `share` is that of the draws in which it then holds, `plain` that in which it holds as it is written, both in the
    draws that were solved for this; `share` is None, and the contrasts are not all there, where what is given is not
    a list of moves, and cannot be forced.
    """

    stages: tuple[str, ...]
    contrasts: tuple[Contrast, ...]
    plain: Finding
    share: Finding | None


def conditioned(blueprint: Blueprint, names: Sequence[str], batches: Iterable[Batch]) -> dict[str, Conditioned]:
    """What claims that condition on a choice come to where it is forced, in solved draws."""
    ready = {name: _Beside(blueprint, name) for name in names}
    values: dict[tuple[str, int], list[Floats]] = {}
    for batch in batches:
        for name, beside in ready.items():
            for k, question in beside.questions.items():
                values.setdefault((name, k), []).append(question(batch))
    whole = {key: np.concatenate(parts) for key, parts in values.items()}
    return {name: beside.found({k: whole[name, k] for k in beside.questions}) for name, beside in ready.items()}


class _Beside:
    """What is asked about one claim: as it is written (0), forced (1), and each side both ways (2, 3, ...)."""

    def __init__(self, blueprint: Blueprint, name: str) -> None:
        model, claim = blueprint.model, blueprint.model.claims[name].holds.expression
        self.name, asked = name, choices(model, claim)
        self.stages = tuple(s for s in model.stages if any(s in chosen(model, e) for e in asked))
        different = list({written(e): e for e in asked}.values())
        self.sides = [(e, done) for e in different if (done := instead(model, e)) is not None]
        self.questions = {0: Question(blueprint, claim)}
        if len(self.sides) == len(different):
            forced = {written(e): done for e, done in self.sides}
            whole = claim.rewritten(lambda e: forced.get(written(e)) if isinstance(e, Ask) else None)
            self.questions[1] = Question(blueprint, whole)
        for k, side in enumerate(side for pair in self.sides for side in pair):
            self.questions[2 + k] = Question(blueprint, side)

    def found(self, values: Mapping[int, Floats]) -> Conditioned:
        def mean(k: int) -> Finding:
            known = values[k][~np.isnan(values[k])]
            return Finding.of(written(self.sides[(k - 2) // 2][(k - 2) % 2]), known, METHOD, REFERENCE)

        contrasts = tuple(
            Contrast(written(given), written(done), mean(2 + 2 * k), mean(3 + 2 * k))
            for k, (given, done) in enumerate(self.sides)
        )
        plain, *forced = (judge(self.name, "", values[k]).share for k in (0, 1) if k in values)
        share = replace(forced[0], method=METHOD, reference=f"{REFERENCE}; {WILSON}") if forced else None
        return Conditioned(self.stages, contrasts, plain, share)
