"""What may be said about a model: claims, statics, the answer, evidence, forecasts, base rates, what happened."""

from __future__ import annotations

from detente.errors import listed, nearest
from detente.language.expressions import Ask, Number
from detente.model.check import conditioning, deadlines
from detente.model.check.grammar import ASKED, UNASKED, Allowed, Grammar, Path
from detente.model.fields import NAME
from detente.model.record import REST, Evidence


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
            grammar.tell(where, "a claim asks nothing of the solved game", "use P(event), E(actor) or U(actor)")
        elif not grammar.is_condition(claim.holds.expression):
            grammar.tell(
                where, "a claim is true or false, and this is a number", "compare it with something: `P(...) < 0.5`"
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
                "this asks nothing of the solved game",
                "use P(event), E(actor) or U(actor)",
            )
        changes = (*static.raise_, *static.lower)
        if not changes and not static.force:
            grammar.tell(path, f"the static {name!r} changes nothing", "write `raise:`, `lower:` or `force:`", key=True)
        if static.raise_ and static.lower:
            grammar.tell(path, "it both raises and lowers", "one static for each", key=True)
        for key, names in (("raise", static.raise_), ("lower", static.lower)):
            for quantity in names:
                if not grammar.known(quantity, model.quantities, (*path, key, quantity), "quantity"):
                    continue
                fixed = isinstance(model.quantities[quantity].value.expression, Number)
                if fixed and (static.from_ is None or static.to is None):
                    grammar.tell(
                        (*path, key, quantity),
                        f"{quantity!r} is known exactly, so it has no percentiles",
                        "write `from:` and `to:`; until then the static is not tried",
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


def answer(grammar: Grammar) -> None:
    """What answers the case's question: a number of the solved game; each outcome is in one group."""
    model, answer = grammar.model, grammar.model.answer
    if answer is None:
        return
    where: Path = ("answer", "asks")
    if not any(isinstance(e, Ask) for e in answer.asks.expression.walk()):
        grammar.tell(where, "this asks nothing of the solved game", f"write P({answer.asks})")
    elif grammar.is_condition(answer.asks.expression):
        hint = "write the probability alone, P(event); what compares it is a claim"
        grammar.tell(where, "an answer is a number, and this is true or false", hint)
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
        for outcome in () if outcomes == (REST,) else outcomes:
            if grammar.known(outcome, model.outcomes, path, "outcome") and owner.setdefault(outcome, name) != name:
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


def _evidence_kind(grammar: Grammar, path: Path, item: Evidence) -> None:
    """Evidence is an event of the model, a sign that tells types apart, or a fact that is only told."""
    if item.seen is not None and (item.likelihood or item.fact):
        other = "has a `likelihood`" if item.likelihood else "is a `fact`"
        hint = "an event of the model needs neither: `means:` says what it is in words"
        grammar.tell(path, f"evidence that is `seen` {other} as well", hint)
    elif item.seen is None and not item.likelihood and not item.fact:
        hint = "write `seen: event`, or `signal:` with `likelihood: {subject: {label: probability}}`, or `fact: text`"
        if item.signal or item.means:
            hint = (
                f"write `fact: {item.signal or item.means}`, or add `likelihood: {{subject: {{label: probability}}}}`"
            )
        grammar.tell(path, "this evidence is neither `seen` nor a `fact`, and has no `likelihood`", hint)


def records(grammar: Grammar) -> None:
    model = grammar.model
    allowed = Allowed("evidence", play=True, types=tuple(model.private), outcome=True)
    for k, item in enumerate(model.evidence):
        path = ("evidence", k)
        grammar.formula(item.seen, (*path, "seen"), allowed)
        if item.seen is not None:
            grammar.event(item.seen.expression, (*path, "seen"), "`seen`")
        _evidence_kind(grammar, path, item)
        for subject, shares in item.likelihood.items():
            labels = (
                model.private[subject].prior
                if subject in model.private
                else model.stages[subject].results
                if subject in model.stages
                else ()
            )
            if grammar.known(
                subject,
                [*model.private, *model.stages],
                (*path, "likelihood", subject),
                "private type or stage",
                key=True,
            ):
                for label, share in shares.items():
                    if label not in labels:
                        grammar.tell(
                            (*path, "likelihood", subject, label),
                            f"there is no {label!r} of {subject}",
                            nearest(label, labels),
                            key=True,
                        )
                    if not 0 <= share <= 1:
                        grammar.tell(
                            (*path, "likelihood", subject, label),
                            f"{share:g} is not a probability",
                            "write a number between 0 and 1",
                        )
    for k, forecast in enumerate(model.forecasts):
        grammar.formula(forecast.like, ("forecasts", k, "like"), allowed)
        if forecast.like is not None:
            grammar.event(forecast.like.expression, ("forecasts", k, "like"), "`like`")
        if forecast.deadline and forecast.deadline < forecast.date:
            grammar.tell(
                ("forecasts", k, "deadline"),
                f"the deadline {forecast.deadline} is before the day of the forecast, {forecast.date}",
                "a forecast is made before its deadline",
            )
    for k, rate in enumerate(model.base_rates):
        path = ("base_rates", k)
        grammar.formula(rate.like, (*path, "like"), allowed)
        if rate.like is not None:
            grammar.event(rate.like.expression, (*path, "like"), "`like`")
        elif model.answer is None:
            grammar.tell(path, "this base rate is of nothing in the model", "write `like: event`, or declare `answer:`")
        if bool(rate.where) != bool(rate.happened):
            there, absent = ("where", "happened") if rate.where else ("happened", "where")
            hint = (
                "`where` says which rows of a table are counted, `happened` in which of them it came about: write both"
            )
            grammar.tell((*path, there), f"`{there}` stands here without `{absent}`", hint)
    if model.happened and model.happened.outcome:
        grammar.known(model.happened.outcome, model.outcomes, ("happened", "outcome"), "outcome")
