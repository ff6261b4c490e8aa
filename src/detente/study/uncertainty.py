"""Conducting the questions about what is not known: what moves an answer, where an event is concentrated, what to
find out.

`sense`, `discover`, `learn` and `worth` read the draws of a solved Study; `design` solves points of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import special

from detente.analyse import design as sobol
from detente.analyse import discovery, information, sensitivity
from detente.analyse import factors as grouping
from detente.analyse import worth as stakes
from detente.analyse.answers import Bools
from detente.analyse.base import Batch, Finding
from detente.analyse.discovery import Discovery
from detente.analyse.information import Learning
from detente.analyse.reading import YES_NO, Reading, event, reading
from detente.analyse.sensitivity import Sensitivity
from detente.analyse.slices import FEWEST
from detente.analyse.worth import Plans, Worth, Worths
from detente.errors import QuestionError, nearest
from detente.game.compile import compile_model
from detente.game.tree import Game
from detente.model.draws import Floats, Sampler
from detente.model.expressions import Apply, Ask, Number
from detente.model.load import changed, load
from detente.model.schema import Model
from detente.model.sources import Sources
from detente.solve.base import Solver
from detente.study.solving import Engine, converged
from detente.study.study import Study, run

if TYPE_CHECKING:
    from detente.study.store import Store

Progress = Callable[[int, int], None]
SOLVES = 20_000
PUBLIC_DRAWS = 500
LARGEST_TABLE = 20_000_000  # numbers of one plan table
SPACE = (
    "points of a design are independent, and within a region quantities are not; use the draws that are solved "
    "(--design given), or narrow the quantity itself with --set NAME='low to high'"
)
TWO_ACTORS = (
    "a type is worth what it adds for the actor of the solved game, which knows the quantities of its draw; a quantity "
    "what it adds, in truth, for an actor as unsure of all quantities as the analyst"
)
PUBLIC_ONLY_TYPES = (
    "in a solved game everybody knows the quantities of its draw already; what it would change if nobody did is asked "
    "of a private type (a quantity is made one by `private: {A.cost: {prior: {uniform(0, 1): 20}}}`)"
)


def answers(study: Study, asked: Reading) -> Floats:
    """[m, n] the answer to a question in each draw, from what is kept where it is kept."""
    if asked.text in study.model.outcomes:
        return study.outcome_draws(asked.text)[None]
    if asked.text in study.model.claims:
        values = study.claim_draws(asked.text)
        return np.where(np.isnan(values), np.nan, values != 0)[None]
    if asked.of_forecast is not None:
        return asked.of_forecast(np.array([study.outcome_draws(name) for name in study.model.outcomes]))
    return np.concatenate([asked(batch) for batch in study.batches()], axis=1)


def sense(study: Study, of: str = "outcome", *, where: str = "", by: str = grouping.QUANTITY) -> Sensitivity:
    """What share of the variance of an answer each quantity explains, from the draws of a Study; nothing is solved
    again.

    `of`: `outcome` (the whole forecast), the name of an outcome or claim, `likeliest is X`, or a question in the
    language of claims. `where`: a condition; only draws in which it holds count. `by`: `quantity`, `mechanism` or
    `source` (the paragraph cited first). First-order effects are read off the draws (Plischke, Borgonovo & Smith 2013,
    European Journal of Operational Research 226, 536-550). Raises QuestionError.
    """
    asked = reading(study.model, of)
    inside = answers(study, event(study.model, where))[0] if where else None
    sources = Sources(Sampler(study.model))
    factors = grouping.factors(sources, by)
    grouped = by != grouping.QUANTITY
    scores = sources.free(study.n, study.draws.seed)
    found = sensitivity.given(
        asked, answers(study, asked), study.assumptions, scores, factors, grouped=grouped, inside=inside, where=where
    )
    joined = grouping.note(factors)
    notes = (*found.notes, joined) if joined and not where else found.notes
    return replace(found, notes=notes, converged=float(study.converged.mean()))


def design(
    case: str | Path | Model,
    of: str = "outcome",
    solves: int = SOLVES,
    seed: int = 1,
    *,
    by: str = grouping.QUANTITY,
    where: str = "",
    set: Mapping[str, Any] | None = None,
    perception: str | None = None,
    method: str | Solver | None = None,
    workers: int = 0,
    store: Store | None = None,
    progress: Progress | None = None,
) -> Sensitivity:
    """First-order and total effects from a Sobol' design, which solves at most `solves` points (16 x (k + 2) at least).

    The other arguments are those of `run` and `sense`. Saltelli et al. (2010), Computer Physics Communications 181,
    259-270; Jansen (1999), ibid. 117, 35-43. Raises ModelError, QuestionError.
    """
    if where:
        raise QuestionError(f"a design cannot be asked about the region {where!r}\n    {SPACE}")
    model = case if isinstance(case, Model) else load(case)
    model = changed(model, set) if set else model
    blueprint = compile_model(model)
    engine = Engine(perception or model.perception, method, workers, store)
    asked, sources = reading(model, of), Sources(blueprint.sampler)
    factors = grouping.factors(sources, by)
    n = sobol.base_points(solves, len(factors))
    plan = sobol.design([f.rows for f in factors], len(sources.names), n, seed)
    total = plan.points.shape[1]
    pieces: list[Floats] = []
    good: list[Bools] = []
    references: dict[str, None] = {}
    for solved in engine.solve(blueprint, sources.draws(special.ndtri(plan.points))):
        pieces.append(asked(solved.batch))
        good.append(converged(solved))
        references |= dict.fromkeys(solved.solution.references)
        if progress:
            progress(sum(p.shape[1] for p in pieces), total)
    values = np.concatenate(pieces, axis=1)
    spread = np.nanmax(values, axis=1) - np.nanmin(values, axis=1) if not np.isnan(values).all() else np.zeros(1)
    if not (spread > 1e-12).any():
        raise QuestionError(f"{asked.words}: the same at all {total:,} points, so that it owes nothing to any quantity")
    try:
        effects = sobol.estimate(values, n, len(factors))
    except ValueError as error:
        raise QuestionError(f"{error}\n    {asked.words} conditions on what cannot happen there") from error
    joined = grouping.note(factors)
    used = (sobol.SALTELLI, sobol.JANSEN, sobol.OWEN, *([grouping.REFERENCE] if joined else []), *references)
    found = sensitivity.designed(asked, effects, factors, total, used, [joined] if joined else [])
    return replace(found, converged=float(np.concatenate(good).mean()))


def discover(
    study: Study,
    what: str,
    *,
    where: str = "",
    boxes: int = 1,
    at: int | None = None,
    progress: Progress | None = None,
) -> Discovery:
    """Boxes of quantities in which an event is concentrated: a claim, `likeliest is X`, or a condition.

    `where`: only draws in which this condition holds count. `boxes`: how many at most; `at`: the point of the
    trajectory to take in place of the best balanced. The patient rule induction method (Friedman & Fisher 1999,
    Statistics and Computing 9, 123-143). Raises QuestionError.
    """
    asked = event(study.model, what)
    units = {name: q.unit for name, q in study.model.quantities.items()}
    units |= {name: units[name.partition(" seen by ")[0]] for name in study.assumptions if name not in units}
    happened, quantities = answers(study, asked), study.assumptions
    if where:
        kept = sensitivity.region(happened, answers(study, event(study.model, where))[0], where)
        happened, quantities = happened[:, kept], {name: x[kept] for name, x in quantities.items()}
    return discovery.discover(
        happened[0], quantities, name=asked.text, words=asked.words, where=where, units=units,
        boxes=boxes, at=at, progress=progress,
    )  # fmt: skip


def learn(study: Study, of: str = "outcome") -> Learning:
    """Which quantity or private type, once known, would improve a forecast most, on average.

    `of`: `outcome` (the whole forecast), an outcome, `P(event)`, a claim or `likeliest is X`. Told as the expected fall
    of the Brier score and of the entropy in bits (Lindley 1956, Annals of Mathematical Statistics 27, 986-1005).
    Raises QuestionError.
    """
    asked = reading(study.model, of)
    information.forecastable(asked)
    types: dict[str, Floats] = {}
    if study.model.private and asked.kind != YES_NO:
        rows = None
        if isinstance(asked.expression, Ask):
            there = Apply(0, "!=", (asked.expression.arg, Number(0, 0.0)))
            rows = study.blueprint.event(there)
        pieces = [information.joint_with_types(batch, rows) for batch in study.batches()]
        types = {name: np.concatenate([piece[name] for piece in pieces], axis=-1) for name in pieces[0]}
    return information.learn(asked, answers(study, asked), study.assumptions, types)


def worth(study: Study, actor: str, *, public_draws: int = PUBLIC_DRAWS, progress: Progress | None = None) -> Worths:
    """What knowing each quantity, and each private type, would be worth to an actor in stakes, in private and in
    public.

    `public_draws`: how many of the draws are solved again for each type that becomes public. Raiffa & Schlaifer (1961),
    Applied Statistical Decision Theory. Raises QuestionError.
    """
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
    earned = Finding.of("best", np.concatenate(best), "the best plan in each draw, in the actor's own eyes")
    return Worths(
        actor, tuple(private), tuple(sorted(public, key=lambda w: -w.value.value)), earned, blind, everything,
        study.n, count if public else 0, tuple(notes),
    )  # fmt: skip


def _public(study: Study, player: int, count: int, progress: Progress | None) -> list[Worth]:
    """Each private type made public, and everybody playing anew, in the first `count` draws."""
    model = study.model
    secret = [name for name, private in model.private.items() if not private.public]
    before = np.concatenate([part.value[player] for part in study.parts])[:count]
    found = []
    for k, name in enumerate(secret):
        known = model.private[name].model_copy(update={"public": True})
        shown = model.model_copy(update={"private": {**model.private, name: known}, "claims": {}, "statics": {}})
        engine = study.engine
        again = run(
            shown, count, study.draws.seed,
            perception=engine.perception, method=engine.method, workers=engine.workers, store=engine.store,
        )  # fmt: skip
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
