"""What may be said about a model: claims, statics, the answer, evidence, forecasts, base rates, what happened."""

from __future__ import annotations

from detente.errors import listed, nearest
from detente.language.expressions import Ask, Number
from detente.model.check import conditioning, deadlines
from detente.model.check.evidence import evidence, signs
from detente.model.check.grammar import ASKED, UNASKED, Allowed, Grammar, Path
from detente.model.fields import NAME
from detente.model.record import REST
from detente.model.schema import SEEN_BY


def claims_and_statics(grammar: Grammar) -> None:
    model = grammar.model
    allowed = Allowed("a claim", questions=True)
    for name, claim in model.claims.items():
        where = ("claims", name, "holds")
        told = len(grammar.problems)
        if grammar.unasked(claim.holds.expression):
            grammar.tell(where, UNASKED, f"write its probability, such as `P({claim.holds}) > 0.5`")
            continue
        grammar.formula(claim.holds, where, allowed)
        if len(grammar.problems) > told:
            continue  # what it asks shows when that is mended
        if not any(isinstance(e, Ask) for e in claim.holds.expression.walk()):
            grammar.tell(where, "a claim must depend on the solved game", "use P(event), E(actor) or U(actor)")
        elif not grammar.is_condition(claim.holds.expression):
            grammar.tell(
                where, "a claim is true or false, but this is a number", "compare it with something: `P(...) < 0.5`"
            )
        conditioning.warn(grammar, claim.holds.expression, where)
    for name, static in model.statics.items():
        path: Path = ("statics", name)
        if grammar.unasked(static.then.what.expression):
            grammar.tell((*path, "then", "what"), UNASKED, f"write its probability, `P({static.then.what})`")
            continue
        grammar.formula(static.then.what, (*path, "then", "what"), allowed)
        if not any(isinstance(e, Ask) for e in static.then.what.expression.walk()):
            grammar.tell(
                (*path, "then", "what"),
                "this does not depend on the solved game",
                "use P(event), E(actor) or U(actor)",
            )
        changes = (*static.raise_, *static.lower)
        if not changes and not static.force:
            grammar.tell(path, f"the static {name!r} changes nothing", "write `raise:`, `lower:` or `force:`", key=True)
        if static.raise_ and static.lower:
            grammar.tell(path, "it both raises and lowers", "one static for each", key=True)
        for key, names in (("raise", static.raise_), ("lower", static.lower)):
            for quantity in names:
                if _perceived(grammar, (*path, key, quantity), quantity):
                    continue
                if not grammar.known(quantity, model.quantities, (*path, key, quantity), "quantity"):
                    continue
                fixed = isinstance(model.quantities[quantity].value.expression, Number)
                if fixed and (static.from_ is None or static.to is None):
                    grammar.tell(
                        (*path, key, quantity),
                        f"{quantity!r} is known exactly, so it has no percentiles",
                        "write `from:` and `to:`; until then the static is not tested",
                        warning=True,
                    )
        if (static.from_ is None) != (static.to is None):
            grammar.tell(path, "`from` and `to` come together", key=True)
        elif static.from_ is not None and not changes:
            grammar.tell((*path, "from"), "`from` and `to` belong to a quantity", "write `raise: quantity`", key=True)
        if static.instead_of and not static.force:
            grammar.tell(
                (*path, "instead_of"), "`instead_of` goes with `force`", "write `force: {stage: move}`", key=True
            )
        if "within" in static.model_fields_set and static.then.effect != "stays":
            grammar.tell(
                (*path, "within"),
                f"`within` says what still counts as `stays`; what {static.then.effect} has no tolerance",
                "leave it out, or write `stays`",
                warning=True,
            )
        for key, moves in (("force", static.force), ("instead_of", static.instead_of)):
            for stage, move in moves.items():
                if not grammar.known(stage, model.stages, (*path, key, stage), "stage", key=True):
                    continue
                if model.stages[stage].chance:
                    hint = "force what somebody decides, or change the probability: `raise: quantity`"
                    grammar.tell((*path, key, stage), f"{stage!r} is decided by chance", hint, key=True)
                elif move not in model.stages[stage].results and not grammar.is_elsewhere(stage, move):
                    grammar.tell(
                        (*path, key, stage),
                        f"there is no move {move!r} of {stage}",
                        nearest(move, model.stages[stage].results),
                    )


def _perceived(grammar: Grammar, path: Path, named: str) -> bool:
    """Whether a static is said to move a perception, which is no quantity; that is told, with the way out."""
    name, seen, actor = named.partition(SEEN_BY)
    if not seen or name not in grammar.model.quantities or actor not in grammar.model.actors:
        return False
    bias = f"{name}_bias"
    hint = f"make the bias a quantity of its own, `{bias}: 0.5 to 1`, see it as `{name} * {bias}`, and move `{bias}`"
    grammar.tell(path, f"a static moves quantities, and {named!r} is how {actor} sees one", hint)
    return True


def answer(grammar: Grammar) -> None:
    """What answers the case's question: a number of the solved game; each outcome is in one group."""
    model, answer = grammar.model, grammar.model.answer
    if answer is None:
        return
    where: Path = ("answer", "asks")
    if not any(isinstance(e, Ask) for e in answer.asks.expression.walk()):
        grammar.tell(where, "this does not depend on the solved game", f"write P({answer.asks})")
    elif grammar.is_condition(answer.asks.expression):
        hint = "write the probability alone, P(event); what compares it is a claim"
        grammar.tell(where, "an answer is a number, but this is true or false", hint)
    else:
        grammar.formula(answer.asks, where, Allowed("an answer", questions=True))
    deadlines.horizon(grammar)
    owner: dict[str, str] = {}
    for name, outcomes in answer.groups.items():
        path: Path = ("answer", "groups", name)
        if not NAME.match(name) or name in ASKED:
            grammar.tell(
                path, f"{name!r} cannot be the name of a group", "choose a word such as war or peace", key=True
            )
        for k, outcome in enumerate(() if outcomes == (REST,) else outcomes):
            if (
                grammar.known(outcome, model.outcomes, (*path, k), "outcome")
                and owner.setdefault(outcome, name) != name
            ):
                grammar.tell(
                    path, f"{outcome!r} is in the group {owner[outcome]!r} already", "an outcome is in one group"
                )
    rests = [name for name, outcomes in answer.groups.items() if outcomes == (REST,)]
    if len(rests) > 1:
        grammar.tell(("answer", "groups", rests[1]), "two groups are `otherwise`", "the rest is one group")
    left = [outcome for outcome in model.outcomes if outcome not in owner]
    if answer.groups and not rests and left:
        hint = "name a group for the rest: `peace: otherwise`"
        grammar.tell(("answer", "groups"), f"no group has {listed(left)}", hint, key=True)


def records(grammar: Grammar) -> None:
    model = grammar.model
    allowed = Allowed("evidence", play=True, types=tuple(model.private), outcome=True)
    evidence(grammar, allowed)
    signs(grammar, allowed)
    _forecasts(grammar, allowed)
    for k, rate in enumerate(model.base_rates):
        path = ("base_rates", k)
        if rate.hazard and (rate.deadline is None or model.as_of is None):
            found = "this base rate has no `deadline`" if rate.deadline is None else "the model has no `as_of`"
            grammar.tell(
                (*path, "hazard"),
                f"a hazard over time is stated, and {found}",
                "it is spread from `as_of` to the `deadline` of the base rate",
                key=True,
            )
        grammar.formula(rate.like, (*path, "like"), allowed)
        if rate.like is not None:
            grammar.event(rate.like.expression, (*path, "like"), "`like`")
        elif model.answer is None:
            grammar.tell(
                path, "this base rate is of no event of the model", "write `like: event`, or declare `answer:`"
            )
        if bool(rate.where) != bool(rate.happened):
            there, absent = ("where", "happened") if rate.where else ("happened", "where")
            hint = (
                "`where` says which rows of a table are counted, `happened` in which of them the event happened: "
                "write both"
            )
            grammar.tell((*path, there), f"`{there}` is given without `{absent}`", hint)
    if model.happened and model.happened.outcome:
        grammar.known(model.happened.outcome, model.outcomes, ("happened", "outcome"), "outcome")
    _in_time(grammar)


def _in_time(grammar: Grammar) -> None:
    """Warn of what happened before the analyst stands, and, once, of evidence of days after it; facts in words may
    be of any day."""
    model = grammar.model
    came = model.happened.date if model.happened else None
    if came is None:
        return
    if model.as_of is not None and came < model.as_of:
        grammar.tell(
            ("happened", "date"),
            f"it happened on {came}, before the as-of date: the model uses nothing known later, {model.as_of}",
            "an analyst of that day knows it: set `as_of` to a day before it", warning=True,
        )  # fmt: skip
    after = [k for k, item in enumerate(model.evidence) if item.day > came and not item.fact]
    if after:
        more = f", and {len(after) - 1} more," if len(after) > 1 else ""
        grammar.tell(
            ("evidence", after[0]),
            f"this is of {model.evidence[after[0]].day}{more or ','} after what happened on {came}",
            "nobody who forecast it can have used it: make it a `fact`, or look at the year", warning=True,
        )  # fmt: skip


def _forecasts(grammar: Grammar, allowed: Allowed) -> None:
    """Each is a probability or a share, and says of what it speaks as far as it can be judged."""
    for k, forecast in enumerate(grammar.model.forecasts):
        path: Path = ("forecasts", k)
        grammar.formula(forecast.like, (*path, "like"), allowed)
        if forecast.like is not None:
            grammar.event(forecast.like.expression, (*path, "like"), "`like`")
        if forecast.p is None and forecast.share is None:
            hint = "write `p: 0.65`; a share of those asked, which is not a probability, is `share: 0.56`"
            grammar.tell(path, "this forecast gives no number", hint)
        elif forecast.p is not None and forecast.share is not None:
            hint = "the share of those asked who said yes is not a probability: keep one of the two"
            grammar.tell((*path, "share"), "a forecast that is `p` and `share` at once", hint, key=True)
        if forecast.deadline and forecast.deadline < forecast.date:
            grammar.tell(
                (*path, "deadline"),
                f"the deadline {forecast.deadline} is before the day of the forecast, {forecast.date}",
                "a forecast is made before its deadline",
            )
        if forecast.share is not None and (forecast.hazard or forecast.argument):
            key = "hazard" if forecast.hazard else "argument"
            grammar.tell(
                (*path, key), f"`{key}` goes with a probability, and a share of those asked is not one", "leave it out",
                key=True,
            )  # fmt: skip
        elif forecast.hazard and forecast.deadline in (None, forecast.date):
            grammar.tell(
                (*path, "hazard"), "a hazard over time is stated, but there is no time",
                "write the `deadline:`; the hazard is spread from the day of the forecast to it", key=True,
            )  # fmt: skip
    _undated(grammar)


def _undated(grammar: Grammar) -> None:
    """Warn, once, of forecasts without a deadline in a model whose answer has one: they are compared with nothing."""
    model = grammar.model
    mine = (model.answer.deadline if model.answer else None) or model.periods.last
    without = [k for k, f in enumerate(model.forecasts) if f.p is not None and f.like is not None and not f.deadline]
    if mine is None or not without:
        return
    more = len(without) - 1
    which = f"the forecast of {model.forecasts[without[0]].who}{f', and {more} more,' if more else ''}"
    grammar.tell(
        ("forecasts", without[0]),
        f"{which} {'have' if more else 'has'} no deadline, and the answer has ({mine}): they are not compared",
        "write `deadline:`, the day by which the event was to come, where it can be known", warning=True,
    )  # fmt: skip
