"""What the sliders move: solved draws of the case as a page has changed it, reweighted at once, solved again where that
tells too little.

Between the case as it is written and what a page looks at stand, in this order: what is held to be known (`set`), moves
and mechanisms that are changed (`changes`), and best guesses (`suppose`). The first two are another game, and are
solved; the last are weights.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from detente.analyse.counterfactual.whatif import Step as Part
from detente.analyse.counterfactual.whatif import WhatIf
from detente.draws.variants import Change, Variant
from detente.errors import QuestionError
from detente.model.load import changed
from detente.present.web.state import About, State
from detente.present.web.workspace import Work, sizes
from detente.study.evaluate.variant import Arm, of_the_game
from detente.study.supposing import LEAST, SOLVED_ANEW, Supposed, Supposing

_SETS = 3  # that were solved anew, kept for their neighbours
_VALUES = ("set", "shift")


@dataclass(frozen=True)
class Step:
    """What is forecast, in one step of an answer. `stale`: it is too little to show as an answer."""

    found: Supposed
    about: About
    stale: bool
    final: bool


def steps(work: Work, state: State) -> Iterator[Step]:
    """What a page's state comes to: at first from few draws, where all are not solved yet; at last from all.

    Raises ModelError, QuestionError.
    """
    found: Supposed | None = None
    whole = ("live", work.mark(state), state.draws)
    at_hand = work.space.peek(whole) or (_bare(state) and work.space.peek(work.solved_as(state, state.draws)))
    solved = [state.draws] if at_hand else sizes(state.draws)
    for n in solved:
        supposing = over(work, state, n)
        work.alive()
        found = supposing.at(state.suppose)
        anew = found.plain_share < LEAST
        exact = found.how == SOLVED_ANEW and found.draws == n
        yield _step(state, found, final=n == state.draws and (exact or not anew))
        if anew and not exact and n == solved[-1]:
            yield from _anew(work, state, supposing, found)


def _anew(work: Work, state: State, supposing: Supposing, found: Supposed) -> Iterator[Step]:
    """The same, solved under what is believed, where weights leave too few draws."""
    if supposing.model._updated is not None:
        told = "draws given evidence are not drawn again; move best guesses less, or take more draws"
        raise QuestionError(f"reweighted, {found.draws:,} draws are worth {found.ess:.0f}, too few to say; {told}")
    arm = _arm(work, state, state.draws)
    for n in sizes(state.draws):
        if n < state.draws and found.share >= LEAST:
            continue  # a neighbour has said as much
        work.alive()
        bench = arm.bench(of_the_game(arm.blueprint.model) if n < state.draws else None)
        supposing.solve(bench, state.suppose, n)
        supposing.anew = supposing.anew[-_SETS:]
        yield _step(state, supposing.at(state.suppose), final=n == state.draws)


def _step(state: State, found: Supposed, final: bool) -> Step:
    weighted = found.how != SOLVED_ANEW and bool(state.suppose)
    about = About(
        draws=found.draws, asked=state.draws, how="weighted" if weighted else "solved",
        worth=found.ess if weighted else None, converged=found.converged, seed=state.seed,
    )  # fmt: skip
    return Step(found, about, found.share < LEAST, final)


def over(work: Work, state: State, draws: int) -> Supposing:
    """Solved draws of what a page looks at, whatever is believed of it. Raises ModelError, QuestionError."""
    key = ("live", work.mark(state), draws)
    return work.space.once(key, lambda: _over(work, state, draws))


def _over(work: Work, state: State, draws: int) -> Supposing:
    as_written = state.model_copy(update={"set": {}, "changes": (), "suppose": {}})
    if _bare(state) and draws == state.draws:
        return Supposing.of(work.study(state))
    written = None if _bare(state) else over(work, as_written, draws)
    arm = _arm(work, state, draws)
    work.alive()
    answers = arm.between() if draws < state.draws else arm.answers()
    return Supposing.read(arm.variant.model, arm.variant.draw(draws, state.seed), answers, written)


def _bare(state: State) -> bool:
    """Whether the draws of a state are those of a Study: nothing is changed but what is asked as of a day."""
    return not state.changes and (state.as_of is not None or not state.set)


def _arm(work: Work, state: State, draws: int) -> Arm:
    """The case with what is held to be known, and with moves and mechanisms changed, compiled."""
    wanted = [Change.of(text) for text in state.changes]
    if wrong := [c for c in wanted if c.kind in _VALUES]:
        raise QuestionError(f"{wrong[0]}: give values as `set`, and best guesses as `suppose`")
    model = work.model(state.model_copy(update={"set": {}}) if state.as_of is None else state)
    ready = work.how(state.model_copy(update={"set": {}, "as_of": None}), draws).ready(model)
    arm = work.space.once(("arm", work.mark(state, plain=True), draws), lambda: Arm.plain(ready))
    if state.set and state.as_of is None:
        arm = arm.edited(lambda variant: _known(variant, state))
    for change in wanted:
        arm = arm.changed(change)
    return arm


def _known(variant: Variant, state: State) -> Variant:
    return replace(variant, model=changed(variant.model, dict(state.set)))


def prefixes(state: State) -> list[tuple[str, State]]:
    """What is changed, one after another: each change in words, and the state with it and those before it."""
    found: list[tuple[str, State]] = []
    at = state.model_copy(update={"suppose": {}, "set": {}, "changes": ()})
    for name, value in state.set.items():
        at = at.model_copy(update={"set": {**at.set, name: value}})
        found.append((f"{name} is {value}", at))
    for text in state.changes:
        at = at.model_copy(update={"changes": (*at.changes, text)})
        found.append((str(Change.of(text)), at))
    for name, belief in state.suppose.items():
        at = at.model_copy(update={"suppose": {**at.suppose, name: belief}})
        found.append((name, at))
    return found


def waterfall(work: Work, state: State) -> WhatIf | None:
    """What each change adds to those before it; None where nothing is changed, or weights leave too few draws."""
    told = prefixes(state)
    at = state.model_copy(update={"suppose": {}, "set": {}, "changes": ()})
    first = since = over(work, at, state.draws).standing({})
    parts: list[Part] = []
    for change, to in told:
        work.alive()
        supposing = over(work, to, state.draws)
        found = supposing.at(to.suppose, since)
        if found.share < LEAST:
            return None
        since = supposing.standing(to.suppose)
        parts.append(replace(found.whole, change=change))
    if not parts:
        return None
    whole = supposing.at(state.suppose, first)
    return WhatIf(tuple(parts), whole.whole, state.draws, whole.converged)
