"""What may be said of histories: private types, states, stages, outcomes, payoffs."""

from __future__ import annotations

from collections.abc import Iterator

from detente.errors import listed, nearest
from detente.language.expressions import Ask, Expression, Is, Name, Over
from detente.model.check import pacing
from detente.model.check.grammar import LARGEST_TYPES, Allowed, Grammar, Path, subject
from detente.model.fields import NAME, Formula
from detente.model.schema import PrivateType, Stage


def private(grammar: Grammar) -> None:
    model = grammar.model
    earlier: list[str] = []
    size = 1
    for name, private in model.private.items():
        path = ("private", name)
        owner, dot, own = name.partition(".")
        if not dot or not NAME.match(own):
            grammar.tell(path, f"{name!r} does not say whose type it is", "write `Actor.name`", key=True)
        else:
            grammar.known(owner, model.actors, path, "actor", key=True)
            if own in model.payoffs.get(owner, {}):
                grammar.tell(path, f"{name!r} is also a payoff term", "a name is used for one thing only", key=True)
        prior = (*path, "prior")
        grammar.probabilities(private.prior, prior, Allowed("a prior", types=tuple(earlier)))
        size *= len(private.prior)
        for label, signals in private.seen_as.items():
            if label not in private.prior:
                grammar.tell(
                    (*path, "seen_as", label),
                    f"there is no type {label!r} of {name}",
                    nearest(label, private.prior),
                    key=True,
                )
            grammar.probabilities(signals, (*path, "seen_as", label), Allowed("a signal", types=tuple(model.private)))
        if private.seen_as and (missing := [t for t in private.prior if t not in private.seen_as]):
            grammar.tell(
                (*path, "seen_as"),
                f"nothing says how {listed(missing)} is seen",
                "each type has its signals",
                key=True,
            )
        _prefers(grammar, path, private)
        earlier.append(name)
    if size > LARGEST_TYPES:
        largest = max(model.private, key=lambda t: len(model.private[t].prior))
        grammar.tell(
            ("private", largest),
            f"the private types combine in {size:,} ways, and each needs a tree of its own",
            f"cut {largest} into fewer than {len(model.private[largest].prior)} types",
            key=True,
        )


def _prefers(grammar: Grammar, path: Path, private: PrivateType) -> None:
    """What types are said to prefer: conditions on the solved game, each of a type that there is."""
    for label, condition in private.prefers.items():
        where = (*path, "prefers", label)
        if label not in private.prior:
            grammar.tell(where, f"there is no type {label!r} of {path[1]}", nearest(label, private.prior), key=True)
        grammar.formula(condition, where, Allowed("what a type prefers", questions=True))
        if not any(isinstance(e, Ask) for e in condition.expression.walk()):
            hint = "compare utilities: `U(actor, stage is move) > U(actor, stage is other)`"
            grammar.tell(where, "this does not depend on the solved game", hint)
        elif not grammar.is_condition(condition.expression):
            hint = "compare it with another: `U(actor, stage is move) > U(actor, stage is other)`"
            grammar.tell(where, "what a type prefers is true or false, but this is a number", hint)


def state(grammar: Grammar) -> None:
    model = grammar.model
    hidden = [s for s, stage in model.stages.items() if stage.hidden_from or stage.seen_as]
    for name, state in model.state.items():
        grammar.formula(state.start, ("state", name, "start"), Allowed("the start of a state"))
        grammar.formula(state.next, ("state", name, "next"), Allowed("a state", play=True))
        for e in state.next.expression.walk():
            if isinstance(e, (Is, Name)) and getattr(e, "subject", getattr(e, "name", "")) in hidden:
                subject = e.subject if isinstance(e, Is) else e.name
                if signals := grammar.signals.get(f"{subject}.seen"):
                    hint = f"use the signal that all see instead: `{subject}.seen is {signals[0]}`"
                else:
                    hint = (
                        f"give {subject!r} a signal that all see (`seen_as`) and use `{subject}.seen is ...`, or use "
                        "ever(...) or count(...) in the payoffs"
                    )
                grammar.tell(
                    ("state", name, "next"), f"states are public, and {subject!r} is not seen by everybody", hint, e.at
                )


def stages(grammar: Grammar) -> None:
    model = grammar.model
    order = list(model.stages)
    pacing.periods(grammar)
    if not any(stage.actor for stage in model.stages.values()):
        grammar.tell(("stages",), "nobody decides anything", "at least one stage has an actor", key=True)
    for name, stage in model.stages.items():
        path = ("stages", name)
        _stage_kind(grammar, path, stage)
        where = grammar.play("a condition")
        grammar.formula(stage.when, (*path, "when"), where)
        grammar.formula(stage.unless, (*path, "unless"), where)
        for label, move in stage.moves.items():
            grammar.formula(move.when, (*path, "moves", label, "when"), where)
            grammar.formula(move.unless, (*path, "moves", label, "unless"), where)
        _later(grammar, path, stage, order)

        def result(label: str, path: Path = path) -> Path:
            return (*path, "chance", label, "p")

        if stage.chance:
            grammar.probabilities(
                {k: r.p for k, r in stage.chance.items()}, (*path, "chance"), grammar.play("a probability"), result
            )
        for actor in stage.hidden_from:
            grammar.known(actor, model.actors, (*path, "hidden_from", actor), "actor")
            if actor == stage.actor:
                grammar.tell((*path, "hidden_from", actor), f"{actor} moves here and cannot fail to see it")
        for label, signals in stage.seen_as.items():
            if label not in stage.results:
                grammar.tell(
                    (*path, "seen_as", label),
                    f"there is no move or result {label!r} of {name}",
                    nearest(label, stage.results),
                    key=True,
                )
            grammar.probabilities(signals, (*path, "seen_as", label), grammar.play("a signal"))
        if stage.seen_as and (missing := [m for m in stage.results if m not in stage.seen_as]):
            grammar.tell(
                (*path, "seen_as"),
                f"nothing says how {listed(missing)} is seen",
                "each move has its signals",
                key=True,
            )
        pacing.stage(grammar, path, stage)
        if stage.together_with:
            _together(grammar, path, stage, order, name)
        if stage.without and stage.without not in stage.results:
            hint = nearest(stage.without, stage.results)
            grammar.tell((*path, "without"), f"there is no move or result {stage.without!r} of {name}", hint)
        if wrong := [str(p) for p in stage.periods if not 1 <= p <= model.periods.count]:
            hint = f"periods are counted from 1 to {model.periods.count}"
            grammar.tell((*path, "periods"), f"there is no period {' or '.join(wrong)}", hint)


def _later(grammar: Grammar, path: Path, stage: Stage, order: list[str]) -> None:
    """Warn where a condition asks what happened at a stage that is only played later in the period."""
    formulas: list[tuple[Path, Formula | None]] = [((*path, "when"), stage.when), ((*path, "unless"), stage.unless)]
    for label, move in stage.moves.items():
        formulas += [((*path, "moves", label, "when"), move.when), ((*path, "moves", label, "unless"), move.unless)]
    formulas += [((*path, "chance", label, "p"), result.p) for label, result in stage.chance.items()]
    here = order.index(str(path[1]))
    for where, formula in formulas:
        for e in _of_this_period(formula.expression) if formula else ():
            asked = e.subject.removesuffix(".seen")
            if asked in order and order.index(asked) >= here:
                what = "is this stage itself" if asked == path[1] else f"is played after {path[1]!r}"
                hint = "write previous(...) or ever(...) for earlier periods, or change the order of the stages"
                message = f"{asked!r} {what}, so in the same period this never holds"
                grammar.tell(where, message, hint, e.at, warning=True)


def _of_this_period(e: Expression) -> Iterator[Is]:
    """What an expression asks of the period as it stands, outside ever(...), count(...) and their like."""
    if isinstance(e, Is):
        yield e
    elif not isinstance(e, Over):
        for child in e.children():
            yield from _of_this_period(child)


def _stage_kind(grammar: Grammar, path: Path, stage: Stage) -> None:
    kinds = [k for k, given in (("moves", stage.moves), ("offer", stage.offer), ("chance", stage.chance)) if given]
    if len(kinds) != 1:
        found = f"has both {kinds[0]} and {kinds[1]}" if kinds else "has no moves"
        grammar.tell(
            path,
            f"the stage {path[1]!r} {found}",
            "write `actor:` with `moves:` or `offer:`, or `chance:`",
            key=True,
        )
        return
    if kinds == ["chance"] and stage.actor:
        grammar.tell(
            (*path, "actor"), "chance has no actor", "write `moves:` if somebody decides, or leave out `actor:`"
        )
    if kinds != ["chance"]:
        if not stage.actor:
            grammar.tell(path, f"nobody moves at the stage {path[1]!r}", "write `actor: NAME`", key=True)
        else:
            grammar.known(stage.actor, grammar.model.actors, (*path, "actor"), "actor")
    if len(stage.results) == 1:
        grammar.tell(
            (*path, kinds[0]),
            f"there is only one thing that can happen at {path[1]!r}",
            "a stage has at least two results",
            key=True,
        )


def _together(grammar: Grammar, path: Path, stage: Stage, order: list[str], name: str) -> None:
    other = stage.together_with
    where = (*path, "together_with")
    if not grammar.known(other, grammar.model.stages, where, "stage"):
        return
    if order.index(other) >= order.index(name):
        grammar.tell(where, f"{other!r} does not come before {name!r}", "the later stage names the earlier one")
        return
    if not grammar.model.stages[other].actor or not stage.actor:
        grammar.tell(where, "chance does not move simultaneously with anybody", "use hidden_from")
    elif stage.actor in (actors := _moving_with(grammar, other)):
        hint = f"at {actors[stage.actor]!r} it moves already; let somebody else move, or drop `together_with`"
        grammar.tell(where, f"{stage.actor} cannot move simultaneously with itself", hint)
    for key, formula in (("when", stage.when), ("unless", stage.unless)):
        for e in formula.expression.walk() if formula else ():
            if subject(e) in (other, f"{other}.seen"):
                grammar.tell(
                    (*path, key),
                    f"whether {name!r} is played depends on {other!r}, so its actor would know",
                    "drop the condition or `together_with`",
                    e.at,
                )


def _moving_with(grammar: Grammar, name: str) -> dict[str, str]:
    """The actors that move simultaneously at a stage and at those it is together with, and where."""
    found: dict[str, str] = {}
    while name in grammar.model.stages and grammar.model.stages[name].actor not in found:
        found[grammar.model.stages[name].actor] = name
        name = grammar.model.stages[name].together_with
    return found


def outcomes(grammar: Grammar) -> None:
    model = grammar.model
    rest = [name for name, outcome in model.outcomes.items() if outcome.otherwise]
    if len(rest) > 1:
        grammar.tell(
            ("outcomes", rest[1]),
            f"{rest[0]!r} is already the outcome `otherwise`",
            "one outcome takes the rest",
            key=True,
        )
    for name, outcome in model.outcomes.items():
        path = ("outcomes", name)
        if outcome.otherwise == (outcome.when is not None):
            grammar.tell(
                path,
                f"the outcome {name!r} has "
                f"{'both `when` and' if outcome.otherwise else 'neither `when` nor'} `otherwise`",
                "write the condition that ends the game, or `otherwise`",
                key=True,
            )
        where = (*path, "when")
        grammar.formula(outcome.when, where, grammar.play("the condition of an outcome"))
        if outcome.continuation is not None:
            pacing.continuation(grammar, path, outcome, grammar.play("what going on is worth"))
    _in_order(grammar)


WHEN_TRIED = {"once": "after every stage", "period end": "when a period is over", "end": "when the last period is over"}


def _in_order(grammar: Grammar) -> None:
    """Warn of outcomes that stand before others which are always tried earlier."""
    tried, moments = grammar.model.outcomes.items(), list(WHEN_TRIED)
    for k, (name, outcome) in enumerate(tried):
        later = [n for n, o in list(tried)[k + 1 :] if o.when and moments.index(o.at) < moments.index(outcome.at)]
        if outcome.when is not None and later:
            grammar.tell(
                ("outcomes", name),
                f"{name!r} is tried {WHEN_TRIED[outcome.at]}, and so after {listed(later)}, whatever the order here",
                "write it after them, so that the file shows which comes first",
                key=True,
                warning=True,
            )


def payoffs(grammar: Grammar) -> None:
    model = grammar.model
    allowed = Allowed("a payoff", play=True, types=tuple(model.private), outcome=True)
    deciding = {stage.actor for stage in model.stages.values() if stage.actor}
    misspelt = {nearest(actor, model.actors) for actor in model.payoffs if actor not in model.actors}
    for actor, terms in model.payoffs.items():
        if not grammar.known(actor, model.actors, ("payoffs", actor), "actor", key=True):
            continue
        for name, term in terms.items():
            path = ("payoffs", actor, name)
            if not NAME.match(name):
                grammar.tell(
                    path, f"{name!r} is not a name", "names are words of letters, digits and underscores", key=True
                )
            pacing.term(grammar, path, term, allowed)
    for actor in sorted(deciding - {actor for actor, terms in model.payoffs.items() if terms}):
        if actor in model.actors and f"did you mean {actor!r}?" not in misspelt:
            grammar.tell(
                ("payoffs", actor) if actor in model.payoffs else ("payoffs",),
                f"{actor} decides, but nothing says what it wants",
                f"add `{actor}: {{term: expression}}`",
                key=True,
            )
