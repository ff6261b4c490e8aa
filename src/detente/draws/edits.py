"""Structural edits: what of a model is held fixed, altered one part at a time.

A quantity has a range, and every draw varies it. Who moves, at what, in which order, knowing what, and wanting what has
none: an edit alters one such part and leaves the numbers as they are, so that draws with and without it are paired.
`edits` lists every edit that a file offers. An edit says what it does and makes it; whether what is left is still a
game shows only when it is made and compiled.

Two payoff terms or two actors are never merged: the sum of what two actors want is nobody's aim, and of one actor's
terms the sum is the same game.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from itertools import pairwise
from typing import Any

from detente.draws.knockout import seen_truly
from detente.draws.sources import SEEN_BY
from detente.draws.variants import Change, Variant, forbidden, passed_over, unchanging, vary, with_stage, worthless
from detente.errors import QuestionError
from detente.model.check.check import check
from detente.model.check.pacing import CUT
from detente.model.load import changed
from detente.model.schema import Model, Stage

KINDS: Mapping[str, str] = {
    "structure": "a rival structure is certainly present, or certainly absent",
    "drop-stage": "a stage is not played",
    "drop-move": "a move, or an offer, is not available",
    "drop-result": "a result of chance never occurs, and its probability goes to the others in proportion",
    "show-stage": "an actor sees a stage that is hidden from it",
    "hide-stage": "a stage is hidden from an actor that sees it",
    "in-turn": "simultaneous moves are made one after the other",
    "swap-stages": "two neighbouring stages of a period swap places",
    "reveal-type": "a private type is known to all",
    "hide-type": "a public type is its owner's secret",
    "periods": "a period is added, or taken away",
    "drop-term": "an actor gives no weight to a payoff term",
    "freeze-state": "a state stays as it starts",
    "perception": "perceptions are common instead of private or the reverse, or everybody has correct beliefs",
}
"""The kinds of edits, and what each does."""
SIGHT, ORDERS = ("show-stage", "hide-stage"), ("in-turn", "swap-stages")
"""The kinds after which something else in the file may have no meaning: who sees what, and what comes before what."""
Make = Callable[[Variant], Variant]
Told = frozenset[tuple[str, bool]]
"""Problems, by where they are and whether they are warnings."""


@dataclass(frozen=True, eq=False)
class Edit:
    """One structural edit. `kind` is one of KINDS, `what` the part of the model it alters, `words` what it does.

    `means`: what the file says of that part. `make` returns the variant with the edit, and raises QuestionError where
    it cannot be made. `gone`: stages, and `stage.label`, that are taken out; `before`: what is wrong with the model as
    it stands.
    """

    kind: str
    what: str
    words: str
    make: Make
    means: str = ""
    gone: tuple[str, ...] = ()
    before: Callable[[], Told] = frozenset

    @property
    def orders(self) -> bool:
        """Whether it alters the order of play, so that a condition may come to ask for what has not happened yet."""
        return self.kind in ORDERS

    def __call__(self, variant: Variant) -> Variant:
        """The variant with the edit. Raises QuestionError, with the reason, where that is no model."""
        made, rivals = self.make(variant), variant.model._rivals
        if rivals is not None and made.model is not variant.model and self.kind != "structure":
            members = tuple(_in_member(self.make, member) for member in rivals.members)
            made.model._rivals = replace(rivals, members=members)
        checked = check(made.model) if self.kind in (*ORDERS, *SIGHT) else ()
        if wrong := [p for p in checked if not p.warning or (self.orders and not p.message.endswith(CUT))]:
            before = self.before()
            if new := [p.message for p in wrong if (p.path, p.warning) not in before]:
                raise QuestionError(new[0])
        return made


def edits(model: Model, perception: str | None = None) -> list[Edit]:
    """Every edit that a model offers, in the order of KINDS. `perception`: how it is read, if not as it says."""
    found = [
        *_structures(model), *_stages(model), *_moves(model), *_sight(model), *_orders(model), *_types(model),
        *_periods(model), *_terms(model), *_states(model), *_perceptions(model, perception or model.perception),
    ]  # fmt: skip
    order = list(KINDS)
    before = cache(lambda: frozenset((p.path, p.warning) for p in check(model)))  # that takes long, and is one for all
    return sorted((replace(edit, before=before) for edit in found), key=lambda edit: order.index(edit.kind))


def _in_member(make: Make, member: Model) -> Model:
    """The model of one combination of rival structures with an edit; as it is where it has no such part."""
    try:
        return make(Variant.of(member)).model
    except KeyError:
        return member


def _structures(model: Model) -> Iterator[Edit]:
    for name in model._rivals.names if model._rivals else ():
        means = model.quantities[name].means
        for there, words in (
            (1, f"the structure {_said(name)} is there"),
            (0, f"the structure {_said(name)} is not there"),
        ):
            make = _altered(partial(changed, changes={name: there}))
            yield Edit("structure", f"{name}={there}", words, make, means)


def _altered(model: Callable[[Model], Model]) -> Make:
    """An edit of a variant, from one of its model."""
    return lambda variant: replace(variant, model=model(variant.model))


def _stage_altered(name: str, alter: Callable[[Stage], Stage]) -> Make:
    """An edit of one stage."""
    return _altered(lambda model: with_stage(model, name, alter(model.stages[name])))


def _copied(name: str, **fields: Any) -> Make:
    """An edit of one stage that gives some of its fields other values."""
    return _stage_altered(name, lambda stage: stage.model_copy(update=fields))


def _said(name: str) -> str:
    return name.replace("_", " ")


# ---------------------------------------------------------------------- what is there


def _stages(model: Model) -> Iterator[Edit]:
    for name, stage in model.stages.items():
        whose = f"{stage.actor}’s move" if stage.actor else "chance"
        words = f"the stage {_said(name)} ({whose}) is not played" + (", its number is 0" if stage.offer else "")
        yield Edit("drop-stage", name, words, _stage_altered(name, passed_over), stage.means, (name,))


def _moves(model: Model) -> Iterator[Edit]:
    for name, stage in model.stages.items():
        for label in stage.results:
            what, at = f"{name}.{label}", _said(name)
            make = _stage_altered(name, partial(forbidden, label=label, name=name))
            if stage.chance:
                words = f"chance never brings {_said(label)} at {at}"
                yield Edit("drop-result", what, words, make, stage.chance[label].means, (what,))
            else:
                verb = "choose" if stage.moves else "offer"
                means = stage.moves[label].means if stage.moves else ""
                yield Edit(
                    "drop-move", what, f"{stage.actor} cannot {verb} {_said(label)} at {at}", make, means, (what,)
                )


# ---------------------------------------------------------------------- who sees what, and when


def _sight(model: Model) -> Iterator[Edit]:
    """Stages shown to actors, and hidden from them; only of actors that decide anything."""
    deciding = [actor for actor in model.actors if any(s.actor == actor for s in model.stages.values())]
    for name, stage in model.stages.items():
        hidden = stage.hidden_from
        if stage.seen_as and not hidden:
            hidden = tuple(actor for actor in model.actors if actor != stage.actor)
        for actor in deciding:
            what, at = f"{name}{SEEN_BY}{actor}", _said(name)
            if actor in hidden:
                left = tuple(other for other in hidden if other != actor)
                signals = stage.seen_as if left else {}  # of a stage that all see there is no signal
                make = _copied(name, hidden_from=left, seen_as=signals)
                yield Edit("show-stage", what, f"{actor} sees what happens at {at}", make, stage.means)
            elif actor != stage.actor:
                make = _copied(name, hidden_from=(*hidden, actor))
                yield Edit("hide-stage", what, f"{actor} does not see what happens at {at}", make, stage.means)


def _orders(model: Model) -> Iterator[Edit]:
    """Moves made in turn, and neighbouring stages that change places."""
    stages = model.stages
    for name, stage in stages.items():
        first = stage.together_with
        if first in stages:
            one, other = (f"{stages[s].actor} moves at {_said(s)}" for s in (first, name))
            alone = _copied(name, together_with="")
            words = f"{one} before {other}, and is seen"
            yield Edit("in-turn", f"{first} {name}", words, alone, stage.means)
            if not stages[first].together_with:
                moved = _altered(partial(_before, name=name, other=first))
                words = f"{other} before {one}, and is seen"
                yield Edit("in-turn", f"{name} {first}", words, _both(alone, moved), stage.means)
    for first, name in pairwise(stages):
        if not _at_once(stages, first, name):
            moved = _altered(partial(_before, name=name, other=first))
            words = f"{_said(name)} is played before {_said(first)}"
            yield Edit("swap-stages", f"{name} {first}", words, moved)


def _both(one: Make, other: Make) -> Make:
    return lambda variant: other(one(variant))


def _before(model: Model, name: str, other: str) -> Model:
    """The model in which one stage is played just before another."""
    order = [stage for stage in model.stages if stage != name]
    order.insert(order.index(other), name)
    return model.model_copy(update={"stages": {stage: model.stages[stage] for stage in order}})


def _at_once(stages: Mapping[str, Stage], one: str, other: str) -> bool:
    """Whether two stages are moves that are made at once."""

    def root(name: str) -> str:
        seen = {name}
        while (above := stages[name].together_with) in stages and above not in seen:
            seen.add(name := above)
        return name

    return root(one) == root(other)


def _types(model: Model) -> Iterator[Edit]:
    for name, kind in model.private.items():
        owner, _, own = name.partition(".")
        said = f"{owner}’s {_said(own)}"
        if kind.public:
            words, change = f"{said} is a secret of its owner", Change("hide", name)
        else:
            words, change = f"{said} is known to all", Change("reveal", name)
        made = "hide-type" if kind.public else "reveal-type"
        yield Edit(made, name, words, partial(vary, change=change), kind.means)


# ---------------------------------------------------------------------- how long, and what for


def _periods(model: Model) -> Iterator[Edit]:
    now = model.periods
    for count in (now.count + 1, now.count - 1):
        if count >= 1:
            longer = now.model_copy(update={"count": count})
            words = f"the game lasts {longer.said}, not {now.count}"
            make = _altered(partial(_lasting, count=count))
            yield Edit("periods", str(count), words, make)


def _lasting(model: Model, count: int) -> Model:
    """The model with another number of periods.

    In a period that is added a stage is played that was played in the last two, or in all; in one that is taken away
    nothing is.
    """
    last, stages = model.periods.count, dict(model.stages)
    for name, stage in stages.items():
        if not stage.periods:
            continue
        played = tuple(t for t in stage.periods if t <= count)
        if count > last and {last - 1, last} <= set(played):
            played = (*played, *range(last + 1, count + 1))
        stages[name] = stage.model_copy(update={"periods": played}) if played else passed_over(
            stage.model_copy(update={"periods": ()})
        )  # fmt: skip
    periods = model.periods.model_copy(update={"count": count})
    return model.model_copy(update={"periods": periods, "stages": stages})


def _terms(model: Model) -> Iterator[Edit]:
    for actor, terms in model.payoffs.items():
        for name, term in terms.items():
            make = _altered(partial(_without_term, actor=actor, name=name))
            yield Edit("drop-term", f"{actor}.{name}", f"{actor} gives no weight to {_said(name)}", make, term.means)


def _without_term(model: Model, actor: str, name: str) -> Model:
    mine = {**model.payoffs[actor], name: worthless(model.payoffs[actor][name])}
    return model.model_copy(update={"payoffs": {**model.payoffs, actor: mine}})


def _states(model: Model) -> Iterator[Edit]:
    for name, state in model.state.items():
        make = _altered(partial(_frozen, name=name))
        yield Edit("freeze-state", name, f"{_said(name)} stays as it starts", make, state.means)


def _frozen(model: Model, name: str) -> Model:
    return model.model_copy(update={"state": {**model.state, name: unchanging(name, model.state[name])}})


def _perceptions(model: Model, reading: str) -> Iterator[Edit]:
    """Perceptions read the other way, and taken away; nothing of a model in which everybody sees what is so."""
    seen = {name: list(q.seen_by) for name, q in model.quantities.items() if q.seen_by}
    if not seen:
        return
    other = Change("perception", "private" if reading == "common" else "common")
    told = {
        "common": "all know how each sees things, and still differ",
        "private": "each takes its own view for the truth, and for everybody’s",
    }
    yield Edit("perception", other.what, told[other.what], partial(vary, change=other))
    yield Edit("perception", "truth", "everybody sees every quantity as it is", partial(_truth, seen=seen))


def _truth(variant: Variant, seen: Mapping[str, Sequence[str]]) -> Variant:
    """The variant in which everybody sees every quantity as it is."""
    model, gone = variant.model, {f"{name}{SEEN_BY}{actor}" for name, actors in seen.items() for actor in actors}
    for name, actors in seen.items():
        model = seen_truly(model, name, list(actors))
    fixed = {name: value for name, value in variant.fixed.items() if name not in gone}
    shifts = {name: shift for name, shift in variant.shifts.items() if name not in gone}
    return replace(variant, model=model, fixed=fixed, shifts=shifts)
