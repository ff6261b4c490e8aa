"""What knowing things is worth to an actor."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Unpack

import numpy as np

from detente.analyse.finding import Finding
from detente.analyse.information import evppi as stakes
from detente.analyse.information.evppi import Plans, Worth, Worths
from detente.analyse.sensitivity.binning import FEWEST
from detente.arrays import Floats
from detente.engine.batch import Batch
from detente.engine.progress import Progress
from detente.errors import QuestionError, nearest
from detente.game.tree import Game
from detente.model.rivals import everywhere
from detente.model.schema import Model
from detente.study.registry import Option, question
from detente.study.run import DRAWS, Asked, run, study_of
from detente.study.settings import How, Settings
from detente.study.study import Study

if TYPE_CHECKING:
    from detente.study.dossier import Dossier

PUBLIC_DRAWS = 500
LARGEST_TABLE = 20_000_000  # numbers of one plan table
TWO_ACTORS = (
    "The worth of a private type is that to the actor of the solved game, which knows the quantities of its draw; the "
    "worth of a quantity is that to an actor as unsure of all quantities as the analyst."
)
PUBLIC_ONLY_TYPES = (
    "In a solved game everybody already knows the quantities of its draw. To ask what public knowledge of a quantity "
    "would change, make it a private type: `private: {A.cost: {prior: {uniform(0, 1): 20}}}`."
)


def _deciding(found: Dossier) -> list[dict[str, Any]]:
    """To each actor that decides something."""
    model = found.study.model
    return [{"actor": a} for a in model.actors if any(s.actor == a for s in model.stages.values())]


@question("worth", topic="information", draws=DRAWS, of_study=True, counts="types made public", dossier=_deciding)
def worth(
    case: Asked,
    actor: Annotated[str, Option("The actor that would learn it.", names="actors")],
    *,
    public_draws: Annotated[
        int, Option("Number of draws to solve again with each type public; 0 for none.", low=0)
    ] = PUBLIC_DRAWS,
    **settings: Unpack[Settings],
) -> Worths:
    """Find what knowing each quantity and each private type would be worth to an actor, in stakes (EVPPI).

    In private and in public. `public_draws`: how many of the draws are solved again for each type that becomes public.
    Raiffa & Schlaifer (1961), Applied Statistical Decision Theory. Raises ModelError, QuestionError.
    """
    study, progress = study_of(case, settings), How.of(settings).progress
    model, tree = study.model, study.blueprint.tree
    if actor not in model.actors:
        raise QuestionError(f"there is no actor {actor!r}; {nearest(actor, model.actors)}")
    player = study.blueprint.player(actor)
    plans = Plans.of(tree, player)
    if plans.size == 1:
        raise QuestionError(
            f"{actor} never decides anything in this model, so that knowing more is worth nothing to it"
        )
    varying = {name: x for name, x in study.draws.truth.items() if x.min() < x.max()}
    stakes.enough(study.n, varying)
    most = max(2 * FEWEST, LARGEST_TABLE // plans.size)
    best, types = [], []
    tables: list[Floats] = []
    for batch in study.batches():
        stakes.refuse_what_depends(batch, player)
        one, known = stakes.of_types(batch, player, plans)
        best.append(one)
        types.append(known)
        if varying and sum(t.shape[1] for t in tables) < most:
            tables.append(plans.gather(stakes.weights(_true(batch, player), batch.behaviour, player, tree.n_players)))
    private = [stakes.private_type(name, np.concatenate([t[name] for t in types])) for name in types[0]]
    blind = everything = None
    if varying:
        table = np.concatenate(tables, axis=1)[:, :most]
        alone = stakes.blindly(table, plans)
        blind, everything = stakes.blind(table, plans, alone)
        private += [stakes.of_quantity(name, x[: table.shape[1]], table, plans, alone) for name, x in varying.items()]
    private.sort(key=lambda w: -w.value.value)
    count = min(public_draws, study.n)
    public = _public(study, player, count, progress) if count else []
    notes = [TWO_ACTORS] if varying else []
    notes.append(PUBLIC_ONLY_TYPES)
    earned = Finding.of("best", np.concatenate(best), "the best strategy in each draw, as the actor sees the game")
    return Worths(
        actor, tuple(private), tuple(sorted(public, key=lambda w: -w.value.value)), earned, blind, everything,
        study.n, count if public else 0, tuple(notes),
    )  # fmt: skip


def _shown(model: Model, name: str) -> Model:
    """The model with a private type known to all, asked nothing else."""
    kinds = dict(model.private)
    if name in kinds:
        kinds[name] = kinds[name].model_copy(update={"public": True})
    return model.model_copy(update={"private": kinds, "claims": {}, "statics": {}})


def _public(study: Study, player: int, count: int, progress: Progress | None) -> list[Worth]:
    """Each private type made public, and everybody playing again, in the first `count` draws."""
    model = study.model
    secret = [name for name, private in model.private.items() if not private.public]
    before = np.concatenate([part.value[player] for part in study.parts])[:count]
    found = []
    for k, name in enumerate(secret):
        again = run(everywhere(model, partial(_shown, name=name)), how=study.how, draws=count)
        after = np.concatenate([part.value[player] for part in again.parts])
        found.append(stakes.public_type(name, before[: again.n], after))
        if progress:
            progress(k + 1, len(secret))
    return found


def _true(batch: Batch, player: int) -> Game:
    """The game with a player's payoffs as they truly are."""
    payoffs = batch.game.payoffs.copy()
    payoffs[:, player] = batch.blueprint.terms(player, batch.draws, None).sum(axis=0)
    return replace(batch.game, payoffs=payoffs)
