"""What may be said as evidence: events of the model that were seen, or not seen by a day, signs, and facts."""

from __future__ import annotations

import datetime as dt
import re

from detente.errors import listed, nearest
from detente.language.expressions import ExpressionError
from detente.model.blocks import names_of
from detente.model.check.grammar import Allowed, Grammar, Path
from detente.model.escalation import kinds
from detente.model.likelihoods import ABSENT, PRESENT, REST, Likelihood, bare, condition
from detente.model.record import Evidence

_BOUND = re.compile(r"\s*([<>]=?)\s*(-?[\d.]+(?:e-?\d+)?)\s*\Z", re.ASCII)
_KINDS = "write `seen: event`, or `signal:` with `likelihood: {subject: {label: probability}}`, or `fact: text`"


def evidence(grammar: Grammar, allowed: Allowed) -> None:
    """Tell of all that is wrong with the evidence of a model."""
    model = grammar.model
    for k, item in enumerate(model.evidence):
        path: Path = ("evidence", k)
        for formula, key in ((item.seen, "seen"), (item.not_seen, "not seen")):
            grammar.formula(formula, (*path, key), allowed)
            if formula is not None:
                grammar.event(formula.expression, (*path, key), f"`{key}`")
        _kind(grammar, path, item)
        _when(grammar, path, item)
        _escalation(grammar, path, item, allowed)
        for name, told in (("likelihood", item.likelihood), ("ratio", item.ratio)):
            _told(grammar, (*path, name), told, allowed, name == "ratio")


def signs(grammar: Grammar, allowed: Allowed) -> None:
    """Tell of all that is wrong with the signs that may be seen yet."""
    for k, sign in enumerate(grammar.model.signs):
        path: Path = ("signs", k)
        if not sign.likelihood and not sign.escalation:
            hint = "write `likelihood: {subject: {label: probability}}`"
            grammar.tell(path, "this sign does not say how likely it is", hint)
        _told(grammar, (*path, "likelihood"), sign.likelihood, allowed, False)
        _escalation(grammar, path, sign.seen_on(dt.date.min), allowed)


def _kind(grammar: Grammar, path: Path, item: Evidence) -> None:
    """Evidence is an event of the model, a sign that tells types apart, or a fact that is only told."""
    if item.seen is not None and item.not_seen is not None:
        grammar.tell(path, "evidence that is `seen` and `not seen` at once", "make two items of it")
    elif (event := item.seen or item.not_seen) is not None and (item.told or item.fact):
        key = "seen" if item.seen is not None else "not seen"
        other = "has a `likelihood`" if item.told else "is a `fact`"
        hint = "an event of the model needs neither: `means:` says what it is in words"
        grammar.tell(path, f"evidence that is `{key}` {other} as well", hint)
    elif event is None and not item.told and not item.fact:
        hint = _KINDS
        if item.signal or item.means:
            hint = (
                f"write `fact: {item.signal or item.means}`, or add `likelihood: {{subject: {{label: probability}}}}`"
            )
        grammar.tell(path, "this evidence is neither `seen` nor a `fact`, and has no `likelihood`", hint)
    if item.likelihood and item.ratio:
        grammar.tell((*path, "ratio"), "this sign has a `likelihood` and a `ratio`", "one of them says it", key=True)


def _escalation(grammar: Grammar, path: Path, item: Evidence, allowed: Allowed) -> None:
    """A kind of event that past crises tell of, and what it may escalate to."""
    for kind, event in item.escalation.items():
        at = (*path, "escalation", kind)
        if kind not in kinds():
            grammar.tell(at, f"there is no kind of event {kind!r}", nearest(kind, kinds()), key=True)
        grammar.formula(event, at, allowed)
        grammar.event(event.expression, at, "`escalation`")
    if len(item.escalation) > 1:
        grammar.tell((*path, "escalation"), "an event is of one kind", "make two items of it", key=True)
    if item.escalation and (item.likelihood or item.ratio):
        hint = "leave one of them away"
        grammar.tell((*path, "escalation"), "this sign has a kind and a likelihood of its own", hint, key=True)


def _when(grammar: Grammar, path: Path, item: Evidence) -> None:
    """When it was: a day, and a period where that is another."""
    model = grammar.model
    written = any((*path, key) in grammar.places for key in ("date", "by"))  # a day that does not exist is told already
    if (item.date is None) == (item.by is None) and (item.date is not None or not written):
        found = "has no date" if item.date is None else "has a `date` and a `by`"
        grammar.tell(path, f"this evidence {found}", "write `date: 2022-02-16`; with `not seen`, `by: 2022-02-16`")
    if item.by is not None and item.not_seen is None:
        grammar.tell((*path, "by"), "`by` goes with `not seen`", "write `date:` for what was seen on a day", key=True)
    if item.period is not None and item.period > model.periods.count:
        hint = f"it has {model.periods.lasting}"
        grammar.tell((*path, "period"), f"there is no period {item.period}", hint)
    if item.period is None and model.periods.count > 1 and model.periods.until is None and (item.seen or item.not_seen):
        grammar.tell(
            path, "nothing says in which period this was: it is taken to have been in any of them",
            "write `period: 1` here, or `from: 2022-02-11` and a unit that has a length under `periods:`", warning=True,
        )  # fmt: skip
        return
    start, until = model.periods.from_, model.periods.until
    early = until is not None and item.seen is not None and start is not None
    if early and item.period is None and start is not None and item.day < start:
        grammar.tell(
            path, f"the first period begins on {start}: what was seen on {item.day} is taken to have been in it",
            "make it a `fact`, or begin the periods sooner", warning=True,
        )  # fmt: skip
    if early and item.period is not None and item.day < model.periods.begins(item.period - 1):
        begins = model.periods.begins(item.period - 1)
        grammar.tell(
            (*path, "period"), f"period {item.period} begins on {begins}: it cannot have been seen on {item.day}",
            "write the period in which it was",
        )  # fmt: skip
    if item.period is None and until is not None and item.day >= until and not item.fact:
        grammar.tell(
            path, f"the last period ends on {model.periods.last}: what is seen on {item.day} speaks of no period",
            "write `period:` where it was made within one, or make it a `fact`", warning=True,
        )  # fmt: skip


def _told(grammar: Grammar, path: Path, told: Likelihood, allowed: Allowed, ratio: bool) -> None:
    """What is wrong with a stated likelihood."""
    grammar.formula(told.formula, path, allowed)
    model = grammar.model
    whole = grammar.whole
    structures = names_of(whole)
    subjects = [*model.private, *model.stages, *whole.structures, *structures, *model.quantities]
    for subject in told.subjects:
        name, at = bare(subject), (*path, subject)
        if not grammar.known(name, subjects, at, "private type, stage, structure or quantity", key=True):
            continue
        grammar.used.add(name)
        if subject in told.measured:
            if name not in model.quantities or name in structures:
                grammar.tell(at, f"{name!r} is not a quantity that could be measured", "write {label: probability}")
            continue
        shares = told.shares[subject]
        _labels(grammar, at, name, list(shares))
        for label, share in shares.items():
            if ratio and not share.low >= 0:
                grammar.tell((*at, label), f"{share.says} is not a proportion", "write a number that is not negative")
            elif not ratio and not 0 <= share.low <= share.high <= 1:
                hint = "write a number between 0 and 1, or make it a `ratio:`"
                grammar.tell((*at, label), f"{share.says} is not a probability", hint)
        if not any(share.value for share in shares.values()):
            grammar.tell(at, "this sign is impossible whatever happened", "at least one likelihood is above zero")


def _thresholds(grammar: Grammar, path: Path, labels: list[str]) -> None:
    """Thresholds of a quantity that are never reached, since one before them holds wherever they do."""
    before: list[tuple[str, float, str]] = []
    for label in labels:
        match = _BOUND.match(label)
        if match is None:
            continue
        side, bound = match[1][0], float(match[2])
        for other, at, said in before:
            if side == other and (bound >= at if side == ">" else bound <= at):
                hint = f"write the narrower one first: `{label}`, then `{said}`"
                grammar.tell((*path, label), f"this is never reached: `{said}` above it holds as well", hint, key=True)
                break
        before.append((side, bound, label))


def _labels(grammar: Grammar, path: Path, name: str, labels: list[str]) -> None:
    """What is told apart of a subject: labels that there are, and all of them or `otherwise`."""
    model, found = grammar.whole, len(grammar.problems)
    if name in model.private or name in model.stages:
        known = tuple(model.private[name].prior if name in model.private else model.stages[name].results)
        for label in labels:
            if label not in (*known, REST) and not grammar.is_elsewhere(name, label):
                grammar.tell((*path, label), f"there is no {label!r} of {name}", nearest(label, known), key=True)
    elif name in names_of(model):
        known = (PRESENT, ABSENT)
        for label in labels:
            if label not in (*known, REST):
                grammar.tell((*path, label), f"a structure is present or absent, not {label!r}", key=True)
    elif name in model.structures:
        known = tuple(model.structures[name].one_of)
        for label in labels:
            if label not in (*known, REST):
                grammar.tell((*path, label), f"there is no {label!r} among {name}", nearest(label, known), key=True)
        known = (*known, REST)
    else:
        known = (REST,)
        for label in labels:
            if label == REST:
                continue
            try:
                condition(name, label, model)
            except ExpressionError as error:
                grammar.tell((*path, label), error.message, error.hint, key=True)
        _thresholds(grammar, path, [label for label in labels if label != REST])
    left = [label for label in known if label not in labels]
    if left and REST not in labels and len(grammar.problems) == found:
        hint = f"say it of {listed(left)}, or write `otherwise:` for all the rest"
        grammar.tell(path, f"how likely this sign is where {name} is none of these is not said", hint, key=True)
