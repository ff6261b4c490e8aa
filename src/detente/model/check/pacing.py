"""What may be said of time: rates, tendencies, probabilities in a time, what is earned, what going on is worth."""

from __future__ import annotations

from detente.errors import listed, nearest
from detente.language.expressions import Is, Name, Number
from detente.model.check.grammar import Allowed, Grammar, Path
from detente.model.continuation import CONTINUATION
from detente.model.implied import unit_named, unit_of_rate
from detente.model.periods import DAYS, PERIOD, days, per
from detente.model.schema import Outcome, Stage, Term

RATE = "`reconsidered: 0.5 to 2 per month`"

CUT = "the forecast depends on how time is cut"


def periods(grammar: Grammar) -> None:
    """What is said of the periods themselves, and whether the forecast depends on how they are cut."""
    written = grammar.model.periods
    if written.from_ and written.days is None:
        hint = f"write a unit that has one: {', '.join(DAYS)}, or `two weeks`, `10 days`"
        grammar.tell(("periods", "from"), f"a period ({written.unit}) has no length, so that no day follows", hint)
    if written.steps > 400:
        grammar.tell(("periods", "slices"), f"the stages are run through {written.steps} times", "at most 400 times")
    unpaced = unpaced_stages(grammar)
    if unpaced and written.days is not None:
        many = len(unpaced) > 1
        told = f"{listed(unpaced)} {'are' if many else 'is'} asked in every {written.word} and can err in each"
        hint = f"write `continues: MOVE` and {RATE}, or `once: true`; `detente run CASE --slice 1,2` shows how much"
        path: Path = ("stages", unpaced[0])
        grammar.tell(path, f"{told}: {CUT}", hint, key=True, warning=True)


def unpaced_stages(grammar: Grammar) -> list[str]:
    """The stages at which an actor is asked again and again, and nothing says how often it thinks again."""
    model = grammar.model
    if model.periods.steps == 1:
        return []
    return [
        name
        for name, stage in model.stages.items()
        if stage.moves
        and not stage.once
        and not stage.continues
        and len(stage.periods or range(model.periods.count)) > 1
    ]


def stage(grammar: Grammar, path: Path, written: Stage) -> None:
    """What a stage says of time."""
    allowed = Allowed("a tendency")
    for label, move in written.moves.items():
        if move.tendency is not None:
            where = (*path, "moves", label, "tendency")
            grammar.formula(move.tendency, where, allowed)
            e = move.tendency.expression
            if isinstance(e, Number) and e.value <= 0:
                grammar.tell(where, f"a tendency is above zero, and this is {e.value:g}", "every other move has 1")
    _continues(grammar, path, written)
    if written.reconsidered is not None:
        _rate(grammar, path, written)
    if written.per:
        _per(grammar, path, written)


def _continues(grammar: Grammar, path: Path, written: Stage) -> None:
    name = path[1]
    if written.continues and not written.moves:
        grammar.tell((*path, "continues"), f"no actor moves at {name!r} that could go on", "leave it out")
    elif written.continues and written.continues not in written.moves:
        hint = nearest(written.continues, written.moves)
        grammar.tell((*path, "continues"), f"there is no move {written.continues!r} at {name!r}", hint)
    if written.continues and written.reconsidered is None:
        told = f"{written.continues!r} continues by itself, and nothing says how often that is reconsidered"
        grammar.tell((*path, "continues"), told, f"add {RATE}")
    if written.reconsidered is not None and not written.continues:
        first = next(iter(written.moves), "MOVE")
        told = "nothing says what goes on as long as this is not reconsidered"
        grammar.tell((*path, "reconsidered"), told, f"add `continues: MOVE`, such as `continues: {first}`")

    if written.once and written.reconsidered is not None:
        told = (
            f"{name!r} is asked once, in the first slice it comes to, and its rate counts in that slice only: with "
            "`slices: 2` half of it is left"
        )
        hint = "leave out `once`; what is asked in the first period only is `periods: 1`"
        grammar.tell((*path, "once"), told, hint, key=True, warning=True)


def _rate(grammar: Grammar, path: Path, written: Stage) -> None:
    assert written.reconsidered is not None
    where = (*path, "reconsidered")
    grammar.formula(written.reconsidered.rate, where, Allowed("a rate"))
    e = written.reconsidered.rate.expression
    if isinstance(e, Name) and e.name in grammar.model.quantities:
        e = grammar.model.quantities[e.name].value.expression
    if isinstance(e, Number) and e.value < 0:
        grammar.tell(where, f"a rate is not below zero, and this is {e.value:g}", f"write {RATE}")
    theirs, own = per(unit_named(grammar.model, written)), written.reconsidered.per
    if theirs and own and (theirs != own and (days(theirs) is None or days(theirs) != days(own))):
        told = f"this is a rate per {own}, and its quantity is counted per {theirs}"
        grammar.tell(where, told, f"leave out `per {own}`, or give the quantity the unit `per {own}`")
        return
    _unit(grammar, where, unit_of_rate(grammar.model, written), "rate")


def _unit(grammar: Grammar, where: Path, unit: str, what: str, else_: str = "`per period`") -> None:
    """Tell of a unit of time that has no length, or none in the model's own."""
    own = grammar.model.periods
    if own.length(unit) is not None:
        return
    if unit != PERIOD and days(unit) is None:
        grammar.tell(
            where, f"{unit!r} is not a unit of time that has a length", f"write {', '.join(DAYS)}, or `period`"
        )
    else:
        called = "" if own.unit == PERIOD else f" ({own.unit})"
        hint = f"say what a period is, `periods: {{count: {own.count}, unit: {unit}}}`, or write {else_}"
        grammar.tell(where, f"a {what} for each {unit}, and a period of this model{called} has no length", hint)


def _per(grammar: Grammar, path: Path, written: Stage) -> None:
    where = (*path, "per")
    if not written.chance:
        told = f"`per` says how long the probabilities of chance are for, and somebody decides at {path[1]!r}"
        grammar.tell(where, told, f"write `continues: MOVE` and {RATE}")
        return
    if not any(result.p is None for result in written.chance.values()):
        told = f"nothing at {path[1]!r} is `otherwise`; one result must stand for nothing happening in that time"
        grammar.tell(where, told, "write one result as `none: otherwise`")
    _unit(grammar, where, written.per, "probability")


def term(grammar: Grammar, path: Path, written: Term, allowed: Allowed) -> None:
    """What a payoff term says: something that is settled, or earned as time goes by."""
    keys = ["value"] * (written.value is not None) + [f"each {unit}" for unit in written.flows]
    if len(keys) != 1:
        found = "neither `value` nor `each period`" if not keys else f"both `{keys[0]}` and `{keys[1]}`"
        grammar.tell(path, f"the term {path[-1]!r} has {found}", "write one of them", key=True)
    grammar.formula(written.value, (*path, "value"), allowed)
    for unit, formula in written.flows.items():
        where = (*path, f"each {unit}")
        grammar.formula(formula, where, allowed)
        _unit(grammar, where, unit, "payoff", "`each period`")
        for e in formula.expression.walk():
            if isinstance(e, Is) and e.subject == "outcome":
                grammar.tell(
                    where,
                    "the outcome is not known while periods are still being played",
                    "use a plain value for what is settled at the end",
                    e.at,
                )


def continuation(grammar: Grammar, path: Path, outcome: Outcome, allowed: Allowed) -> None:
    """What an outcome says of going on."""
    model, where = grammar.model, (*path, CONTINUATION)
    if not outcome.otherwise:
        told = f"{path[1]!r} ends the crisis; only the outcome that is left when the time is over can continue"
        grammar.tell(where, told, "write it at the outcome that is `otherwise: true`", key=True)
        return
    for actor, written in model.payoffs.items():
        if CONTINUATION in written:
            told = f"{actor} has a term {CONTINUATION!r}, as the outcome {path[1]!r} makes one"
            grammar.tell(("payoffs", actor, CONTINUATION), told, "give the term another name", key=True)
    if not isinstance(outcome.continuation, str):
        for actor, formula in (outcome.continuation or {}).items():
            grammar.known(actor, model.actors, (*where, actor), "actor", key=True)
            grammar.formula(formula, (*where, actor), allowed)
        return
    earning = {actor for actor, written in model.payoffs.items() for t in written.values() if t.flows}
    if not earning:
        told = "no payoff is earned in every period, so there is none to repeat"
        grammar.tell(where, told, "write what it is worth to each: {Russia: 0.2, USA: 0}")
    for actor in sorted(earning & model.actors.keys()):
        discount = model.actors[actor].discount.expression
        if isinstance(discount, Number) and discount.value >= 1:
            told = f"what {actor} earns for ever is unbounded, because later payoffs count in full (discount 1)"
            grammar.tell(
                where, told, f"write `actors: {{{actor}: {{discount: 0.95}}}}`, or what it is worth: {{{actor}: 0.2}}"
            )
