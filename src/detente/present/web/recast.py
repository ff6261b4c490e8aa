"""The case as a page has changed it, as a model of its own: what the tree, the timeline and the maps ask.

The answer solves a case with mechanisms switched off as a variant: a model with some quantities held at neutral values.
Set in the model, these make the same game for the same draws, so that every question can be asked of it. What cannot
be said by a model (a move that is forced) is told, and left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from detente.draws.variants import Change, Variant
from detente.engine.store.compiled import blueprint_of
from detente.errors import QuestionError
from detente.model.load import changed
from detente.model.schema import Model
from detente.present.html.markup import Html, tag
from detente.present.web.state import State
from detente.present.web.workspace import Superseded, Work, sizes
from detente.present.wording.names import assumed
from detente.present.wording.numbers import words
from detente.study.evaluate.variant import Arm
from detente.study.run import run
from detente.study.settings import How
from detente.study.study import Study

VALUES = ("set", "shift")  # kinds of changes that a page has as `set` and as `suppose`


@dataclass(frozen=True, eq=False)
class Recast:
    """A case with the changes of a page made in it, and those that are `left_out`, in their order. `fixed`: what they
    leave at a neutral value."""

    model: Model
    perception: str
    changes: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    fixed: frozenset[str] = frozenset()

    def how(self, how: How) -> How:
        """The settings under which this model is asked. Nothing of a changed case is kept on disk: there a model goes
        by what is written in its file."""
        bare = replace(how, set=None, as_of=None)
        return replace(bare, perception=self.perception, store=None) if self.changes else bare


def recast(work: Work, state: State) -> Recast:
    """The case with what is held to be known in it, and with the changes of the page, as far as a model can say them.

    Raises ModelError, QuestionError.
    """
    model = work.model(state)
    plain = Recast(model, Variant.of(model).perception)
    if not state.changes:
        return plain
    return work.space.once(("recast", work.mark(state)), lambda: _recast(work, state, plain))


def _recast(work: Work, state: State, plain: Recast) -> Recast:
    ready = plain.how(work.how(state)).ready(plain.model)
    first = Variant.of(plain.model, plain.perception)
    base = blueprint_of(plain.model, work.space.store)
    arm, made, left = Arm(base, first, base, ready), [], []
    for text in state.changes:
        work.alive()
        if (change := Change.of(text)).kind in VALUES:
            raise QuestionError(f"{change}: give values as `set`, and best guesses as `suppose`")
        tried = arm.changed(change)
        if tried.variant.forced or tried.variant.shifts:
            left.append(text)
        else:
            arm = tried
            made.append(text)
    variant = arm.variant
    model = changed(variant.model, dict(variant.fixed)) if variant.fixed else variant.model
    return Recast(model, variant.perception, tuple(made), tuple(left), frozenset(variant.fixed))


def solved(work: Work, state: State, draws: int | None = None) -> Study:
    """The case as it is recast, solved, without beliefs that were moved. Raises ModelError, QuestionError."""
    found = recast(work, state)
    if not found.changes:
        return work.study(state, draws)
    work.alive()
    n = draws or state.draws
    return work.space.once(_known_as(work, state, n), lambda: _solved(work, state, found, n))


def _known_as(work: Work, state: State, draws: int) -> tuple[object, ...]:
    return "recast study", work.mark(state), draws


def _solved(work: Work, state: State, found: Recast, draws: int) -> Study:
    study = run(found.model, how=replace(found.how(work.how(state, draws)), progress=work.progress()))
    if study.interrupted:
        raise Superseded
    return study


def studies(work: Work, state: State) -> Iterator[Study]:
    """The case as it is recast, solved with few draws, and then with all; at once with all where they are at hand."""
    keys = _known_as(work, state, state.draws), work.solved_as(state, state.draws)
    known = work.space.peek(keys[0 if recast(work, state).changes else 1]) is not None
    for n in [state.draws] if known else sizes(state.draws):
        yield solved(work, state, n)


def uncertain_beliefs(work: Work, state: State) -> State:
    """The state without best guesses of what the changes leave at a neutral value: nothing depends on them any more."""
    if not (state.changes and state.suppose):
        return state
    fixed = recast(work, state).fixed
    kept = {name: belief for name, belief in state.suppose.items() if name not in fixed}
    return state.model_copy(update={"suppose": kept})


def omitted(work: Work, state: State, what: str, weighed: bool = False) -> Html:
    """What of a page's state a picture leaves out of account, and what to do, in a sentence; nothing where it leaves
    nothing out. `weighed`: whether it takes in best guesses that were moved."""
    told = []
    if left := recast(work, state).left_out:
        cannot = ", ".join(words(str(Change.of(text))) for text in left)
        told.append(f"{cannot} (no model can say that; the screen Answer has it)")
    if state.suppose and not weighed:
        guesses = ", ".join(assumed(name) for name in state.suppose)
        told.append(f"best guesses that were moved ({guesses}); tick “known for sure” beside a slider to take it in")
    return tag("p", f"Not in {what}: {'; nor '.join(told)}.", class_="warning left-out") if told else Html("")
