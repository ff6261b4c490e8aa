"""Perceptions, conducted: what each actor believes and loses by it, the way from shared truth to full misperception,
and what an actor would have to believe for a move to be its best."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Unpack

import numpy as np

from detente.analyse.forecast.claims import Question
from detente.analyse.forecast.subject import at_issue
from detente.analyse.perceptions.central import CentralDraw, Hinge
from detente.analyse.perceptions.needs import Need, need
from detente.analyse.perceptions.portrait import (
    Portrait,
    glance,
    portrait,
)
from detente.analyse.perceptions.sweep import Sweep, sweep
from detente.display import Displayed
from detente.errors import QuestionError, nearest
from detente.language.expressions import ExpressionError, Is
from detente.language.parsing import parse
from detente.model.schema import Model
from detente.study.registry import Option, question
from detente.study.run import DRAWS, Asked, study_of
from detente.study.settings import Settings

READINGS = ("common", "private")
SWEPT = 300  # draws of the sweep
STEPS = 11


@dataclass(frozen=True)
class Perceptions(Displayed):
    """The answer of `detente perceptions`."""

    portraits: Mapping[str, Portrait]
    moved: tuple[str, ...]  # the actors whose views the sweep changes
    sweeps: Mapping[str, Sweep]
    needs: tuple[Need, ...]
    says: Mapping[str, str]  # what each quantity of these is, in words


@question("perceptions", topic="perceptions", draws=DRAWS, of_study=True)
def perceptions(
    case: Asked,
    actor: Annotated[str | None, Option("An actor. [default: all of them]", names="actors")] = None,
    *,
    move: Annotated[
        str | None,
        Option(
            "The move whose required beliefs are found. [default: the one the case's question depends on most]",
            metavar="'STAGE is MOVE'",
        ),
    ] = None,
    swept: Annotated[int, Option("Number of draws at each step of the sweep.", flag="sweep", low=16)] = SWEPT,
    steps: Annotated[
        int, Option("Number of steps from correct beliefs to full misperception.", low=2, high=101)
    ] = STEPS,
    **settings: Unpack[Settings],
) -> Perceptions:
    """Show what actors believe, what misperception costs them, and what they would have to believe to act.

    Moves are given as they are expected, and truly made, when they are asked for. `actor`: only this one (default:
    all). `move`: the move that is to be the best, `posture is invade` (default: the one that what the case asks about
    depends on most; of several on which it hangs alike the one that the least misperception makes the best). `swept`:
    draws of each of the `steps` of the sweep. Views that others do not know of make a hypergame (Bennett 1977, Omega 5,
    749-751).
    Raises ModelError, and QuestionError where nobody sees anything otherwise than it is.
    """
    if steps < 2:
        raise QuestionError(f"a sweep of {steps} steps goes nowhere; take at least 2 (0 and 1)")
    study = study_of(case, settings)
    blueprint, model = study.blueprint, study.model
    seeing = [name for name in model.actors if study.draws.views.get(name)]
    wanted = _asked(model, seeing, actor, move)
    glances: dict[str, list[Any]] = {name: [] for name in ([actor] if actor else model.actors)}
    for batch in study.batches():
        for name, parts in glances.items():
            parts.append(glance(batch, blueprint.player(name), study.unlimited))
    portraits = {
        name: portrait(blueprint, study.draws, blueprint.player(name), parts) for name, parts in glances.items()
    }
    moved = (actor,) if actor in seeing else tuple(seeing)
    middle = CentralDraw(blueprint, study.engine, study.draws.seed)
    own = study.engine.perception
    asked = {
        name: Hinge(*wanted) if wanted and model.stages[wanted[0]].actor == name else middle.telling(name, own)
        for name in moved
    }
    looked = {
        r: {name: (h.stage, h.move, middle.decisions(name, h.stage, r)) for name, h in asked.items()} for r in READINGS
    }
    questions = {name: Question(blueprint, claim.holds.expression) for name, claim in model.claims.items()}
    at, base = np.linspace(0, 1, steps), study.draws.part(0, min(swept, study.n))
    sweeps = {
        r: sweep(study.engine, base, middle, r, moved, looked[r], at, questions, at_issue(model)) for r in READINGS
    }
    needs = [need(middle, name, asked[name], {r: looked[r][name][2] for r in READINGS}) for name in moved]
    named = [b.quantity for p in portraits.values() for b in p.beliefs] + [a.quantity for n in needs for a in n.axes]
    says = {name: model.quantities[name].means for name in dict.fromkeys(named)}
    return Perceptions(portraits, moved, sweeps, tuple(needs), says)


def _asked(model: Model, seeing: Sequence[str], actor: str | None, move: str | None) -> tuple[str, str] | None:
    """The stage and the move asked about. Raises QuestionError, saying what can be asked."""
    if actor is not None and actor not in model.actors:
        raise QuestionError(f"there is no actor {actor!r}; {nearest(actor, model.actors)}")
    if not seeing:
        raise QuestionError(
            f"in {model.name} everybody sees every quantity as it is, so there is no misperception to look into. Give "
            "an actor a view of its own in a quantity, such as `seen_by: {Russia: cost * (0.3 to 0.9)}`, or take a "
            "case that has one (ukraine-2022-kremlin)"
        )
    if move is None:
        return None
    try:
        event = parse(move)
    except ExpressionError as error:
        raise QuestionError(f"{move!r} is not a move: {error.message}; write `stage is move`") from error
    if not isinstance(event, Is) or len(event.labels) != 1:
        raise QuestionError(f"{move!r} is not one move; write `stage is move`, such as `posture is invade`")
    deciding = [name for name, stage in model.stages.items() if stage.actor]
    if event.subject not in deciding:
        raise QuestionError(f"nobody decides at {event.subject!r}; {nearest(event.subject, deciding)}")
    stage = model.stages[event.subject]
    if event.labels[0] not in stage.results:
        raise QuestionError(
            f"{event.subject} has no move {event.labels[0]!r}; {nearest(event.labels[0], stage.results)}"
        )
    if stage.actor not in seeing or (actor is not None and stage.actor != actor):
        told = f"{stage.actor} sees every quantity as it is" if stage.actor not in seeing else f"{actor} does not"
        raise QuestionError(
            f"{stage.actor} decides at {event.subject}, and {told}; ask about a move of "
            + " or ".join(name for name in seeing if actor in (None, name))
        )
    return event.subject, event.labels[0]
