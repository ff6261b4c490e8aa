"""Why moves are made, asked of a solved study: which situations, and the reasons in each."""

from __future__ import annotations

from typing import Annotated, Unpack

import numpy as np

from detente.analyse.forecast.why import Why, compare, explain, reached, situations, telling
from detente.arrays import Floats
from detente.errors import QuestionError, listed, nearest
from detente.model.ask import read_condition
from detente.study.registry import Option, question
from detente.study.run import DRAWS, Asked, study_of
from detente.study.settings import Settings
from detente.study.study import Study


@question("why", topic="forecast", draws=DRAWS, of_study=True, dossier=False)
def why(
    case: Asked,
    who: Annotated[
        str | None, Option("An actor or a stage. [default: every stage at which an actor decides]", names="deciders")
    ] = None,
    *,
    move: Annotated[str | None, Option("The move to explain. [default: the most likely]", names="moves")] = None,
    against: Annotated[
        str | None, Option("The move to compare it with. [default: the next most likely]", names="moves")
    ] = None,
    given: Annotated[
        str | None,
        Option(
            "Only where the actor knows this: 'voice is warn', 'A.type is weak'. [default: the situation reached most "
            "often]",
            metavar="CONDITION",
        ),
    ] = None,
    period: Annotated[int | None, Option("Only in this period. [default: all periods]", low=1)] = None,
    every: Annotated[
        bool, Option("Show every situation at each stage, not only the one reached most often.", flag="all")
    ] = False,
    infoset: int | None = None,
    **settings: Unpack[Settings],
) -> list[Why]:
    """Explain moves: the payoff terms that make one better than another, summing exactly to the gap.

    `who`: an actor or a stage (default: every stage at which somebody decides). At each, the situation that is reached
    most often, or with `every` all of them. `given`: only where the one who decides knows this to hold, such as `voice
    is warn`; `period`: only in this one, counted from 1; `infoset`: this one, by number.
    Raises ModelError, QuestionError for what is not there.
    """
    study = study_of(case, settings)
    blueprint = study.blueprint
    sets = blueprint.tree.infosets
    coming = study.coming
    among = _among(study, who, given, period) if infoset is None else [infoset]
    if infoset is not None and len(sets[infoset].actions) == 1:
        raise QuestionError(f"at {sets[infoset].name!r} there is one move only, so that does not existhing to explain")
    if move is not None:
        among = _offering(study, among, move)
    chosen = telling(blueprint, coming, among, every)
    if against is not None and not any(against in sets[h].actions for h in chosen):
        (h, *_) = chosen
        raise QuestionError(f"there is no move {against!r} at {sets[h].name!r}; {nearest(against, sets[h].actions)}")
    if move is not None and move == against:
        raise QuestionError(f"{move} against itself: name two moves")
    pieces: dict[int, list[tuple[Floats, Floats, Floats]]] = {h: [] for h in chosen}
    for batch in study.batches():
        there = reached(batch)
        for h, read in compare(batch, list(chosen)).items():
            pieces[h].append((*read, there[h]))
    found = []
    for h, rank in chosen.items():
        values, chances, came = (np.concatenate([p[k] for p in pieces[h]], axis=-1) for k in range(3))
        other = against if against in sets[h].actions else None
        found.append(explain(blueprint, h, values, chances, came, move, other, rank))
    return found


def _among(study: Study, who: str | None, given: str | None, period: int | None) -> list[int]:
    """The situations that are asked about."""
    model, blueprint = study.model, study.blueprint
    stages = [name for name, stage in model.stages.items() if stage.actor]
    if who is not None and who not in model.actors and who not in stages:
        raise QuestionError(f"there is no actor or deciding stage {who!r}; {nearest(who, [*model.actors, *stages])}")
    actor, stage = (who, None) if who in model.actors else (None, who)
    if period is not None and not 1 <= period <= model.periods.count:
        raise QuestionError(f"there is no period {period}; this model has {model.periods.count}")
    if not (decides := situations(blueprint, actor, stage)):
        raise QuestionError(f"{who} never decides anything in this model")
    someone, where = actor or "nobody", f" at {stage}" if stage else ""
    if period is not None and not (decides := situations(blueprint, actor, stage, period)):
        played = sorted({blueprint.tree.infosets[h].period for h in situations(blueprint, actor, stage)})
        says = f"{actor} never decides anything" if actor else f"nobody decides anything{where}"
        raise QuestionError(f"{says} in period {period}; there are decisions in {listed([str(t) for t in played])}")
    if given is not None:
        decides = situations(blueprint, actor, stage, period, read_condition(model, given))
        if not decides:
            says = f"{someone} never knows" if actor else f"nobody who decides{where} knows"
            raise QuestionError(
                f"{says} that {given}\n    it has not happened by then, or is hidden from the one who decides; "
                "`detente tree --json` lists what is known in each situation"
            )
    return decides


def _offering(study: Study, among: list[int], move: str) -> list[int]:
    """Those of some situations in which a move is there."""
    sets = study.blueprint.tree.infosets
    there = [h for h in among if move in sets[h].actions]
    if not there:
        moves = dict.fromkeys(label for h in among for label in sets[h].actions)
        raise QuestionError(f"there is no move {move!r} there; {nearest(move, list(moves))}")
    return there
