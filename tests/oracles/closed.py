"""How a closed form meets the product: `solved` runs a file of `models/` and looks at its certificate first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from detente.analyse.forecast.outcomes import outcome_probabilities
from detente.engine.batch import Batch
from detente.game.compile import compile_model
from detente.model.load import changed, loads
from detente.model.schema import Model
from detente.solve.base import TOLERANCE, Certificate
from detente.solve.certificate.certify import certify
from detente.study.run import run
from detente.study.study import Study

MODELS = Path(__file__).parent / "models"
Situation = Mapping[str, str]
Moves = tuple[str, ...]
Rule = Callable[[str, Situation, Moves], Mapping[str, float]]


def model(name: str, swaps: Mapping[str, object] | None = None) -> Model:
    """A file of `models/`, with some of its text swapped for other text: another grid, other slices."""
    text = (MODELS / f"{name}.yaml").read_text(encoding="utf-8")
    for old, new in (swaps or {}).items():
        assert old in text, f"{old!r} is not in {name}.yaml"
        text = text.replace(old, str(new))
    return loads(text, name)


def solved(
    name: str, draws: int = 1, swaps: Mapping[str, object] | None = None, *, gain: float | None = None, **how: Any
) -> Study:
    """The model solved. Every draw must have converged, and where `gain` is given nobody may gain more by deviating."""
    study = run(model(name, swaps), draws=draws, **how)
    assert study.residual.max() <= TOLERANCE, f"{name}: residual {study.residual.max():.1e}"
    assert study.converged.all(), f"{name}: {(~study.converged).sum()} draws did not converge"
    assert study.gain.min() >= -1e-9, f"{name}: somebody gains {study.gain.min()} by the best deviation"
    if gain is not None:
        assert study.gain.max() <= gain, f"{name}: somebody gains {study.gain.max():.2e} by deviating"
    return study


def one(study: Study, question: str) -> float:
    """The answer to a question in the only, or the first, draw."""
    return float(study.ask(question)[0])


@dataclass(frozen=True)
class Played:
    """Behaviour taken from a closed form, played in the compiled game without any solver."""

    certificate: Certificate
    outcomes: Mapping[str, float]
    batch: Batch


def played(made: Model, rule: Rule, quantities: Mapping[str, float] | None = None) -> Played:
    """Certify a closed form at unlimited precision.

    `rule(stage, situation, moves)` gives the probabilities of moves; those left out are never made. `situation` is what
    the mover knows, {event: result}: the latest result, for an event that comes in every period.
    """
    if quantities:
        made = changed(made, quantities)
    blueprint = compile_model(made)
    draws = blueprint.sampler.draw(1, 1)
    game = blueprint.game(draws)
    game = replace(game, precision=np.full_like(game.precision, np.inf))
    behaviour: npt.NDArray[np.float64] = np.zeros((blueprint.tree.n_actions, 1))
    for h, info in enumerate(blueprint.tree.infosets):
        known = {event.rpartition(":")[2]: label for event, label in info.situation}
        period = info.name.partition(" in period ")[2].split(" ")[0]
        chosen = rule(blueprint.stage_of(h), {**known, "period": period}, info.actions)
        first = int(blueprint.tree.action_start[h])
        for move, probability in chosen.items():
            behaviour[first + info.actions.index(move), 0] = probability
    batch = Batch(blueprint, draws, game, behaviour, [(game, behaviour)] * blueprint.tree.n_players)
    outcomes = {name: float(p[0]) for name, p in outcome_probabilities(batch).items()}
    return Played(certify(game, behaviour), outcomes, batch)
