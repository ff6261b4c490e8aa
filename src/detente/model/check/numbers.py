"""What may be said of numbers: quantities, precisions, discounts, correlations."""

from __future__ import annotations

from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter

import numpy as np

from detente.errors import listed, nearest
from detente.language.expressions import Apply, Expression, Number, Uncertain
from detente.language.ranks import latent, levels, reach
from detente.model.check.grammar import DISCOUNT, Allowed, Grammar, subject
from detente.model.fields import Path

MOST = 40  # values of a choice that is correlated


def quantities(grammar: Grammar) -> None:
    model = grammar.model
    below: dict[str, set[str]] = {}
    for name, quantity in model.quantities.items():
        path = ("quantities", name)
        grammar.formula(
            quantity.value,
            (*path, "value"),
            Allowed("a quantity", uncertain=True),
        )
        below[name] = {subject(e) for e in quantity.value.expression.walk()} & set(model.quantities)
        for view in quantity.seen_by.values():
            below[name] |= {subject(e) for e in view.value.expression.walk()} & set(model.quantities) - {name}
        value = quantity.value.expression
        _difference(grammar, path, value)
        _share(grammar, (*path, "value"), quantity.unit, value)
        for actor, view in quantity.seen_by.items():
            grammar.known(actor, model.actors, (*path, "seen_by", actor), "actor", key=True)
            grammar.formula(view.value, (*path, "seen_by", actor, "value"), Allowed("a perception", uncertain=True))
            _share(grammar, (*path, "seen_by", actor, "value"), quantity.unit, view.value.expression)
        if quantity.role:
            _role(grammar, name, quantity.role)
    _circles(grammar, below)
    correlations(grammar)
    for name, who in model.actors.items():
        where = ("actors", name, "discount")
        grammar.formula(who.discount, where, Allowed("a discount"))
        rate = who.discount.expression
        if isinstance(rate, Number) and not 0 <= rate.value <= 1:
            grammar.tell(where, f"the discount {who.discount} is not from 0 to 1", DISCOUNT)


def _share(grammar: Grammar, path: Path, unit: str, value: Expression) -> None:
    """A number that no probability or share can be."""
    if unit in ("probability", "share") and isinstance(value, Number) and not 0 <= value.value <= 1:
        grammar.tell(path, f"{value.value:g} is not a {unit}", "it lies between 0 and 1")


def _difference(grammar: Grammar, path: tuple[str, str], value: Expression) -> None:
    """Warn of `0.3 - 0.6`, which is a number below zero and was hardly meant as one."""
    if isinstance(value, Apply) and value.op == "-" and all(isinstance(a, Number) for a in value.args):
        low, high = (a.value for a in value.args if isinstance(a, Number))
        if 0 <= low < high:
            hint = f"an interval is written `{low:g} to {high:g}`"
            grammar.tell((*path, "value"), f"this is a difference, {low - high:g}", hint, value.at, warning=True)


def _role(grammar: Grammar, name: str, role: str) -> None:
    path = ("quantities", name, "role")
    grammar.used.add(name)
    kind, _, actor = role.partition(" of ")
    if kind.strip() != "precision":
        grammar.tell(path, f"there is no role {role!r}", "write `precision`, or `precision of ACTOR`")
    elif actor and actor not in grammar.model.actors:
        grammar.tell(path, f"there is no actor {actor!r}", nearest(actor, grammar.model.actors))
    others = [other for other, q in grammar.model.quantities.items() if q.role == role and other != name]
    if others and list(grammar.model.quantities).index(others[0]) < list(grammar.model.quantities).index(name):
        grammar.tell(path, f"{others[0]!r} is already the {role}", "one quantity for each role")
    value = grammar.model.quantities[name].value.expression
    if isinstance(value, Uncertain) and value.family not in ("mixture", "choice"):
        low = value.args[0]
        bounded = value.family in ("interval", "uniform", "triangular", "pert")
        negative = value.family in ("normal", "student") or (bounded and isinstance(low, Number) and low.value < 0)
    else:
        negative = isinstance(value, Number) and value.value < 0
    if negative:
        grammar.tell(
            ("quantities", name, "value"),
            "a precision is not negative, and this value may be",
            "write `2 to 12` or another distribution above zero",
        )


def _circles(grammar: Grammar, below: Mapping[str, set[str]]) -> None:
    below = dict(below)
    while True:
        try:
            TopologicalSorter(below).prepare()
            return
        except CycleError as error:
            circle: list[str] = error.args[1]
        first = min(circle, key=list(below).index)
        circle = circle[:-1]
        circle = circle[circle.index(first) :] + circle[: circle.index(first)]
        shown = circle if len(circle) <= 12 else [*circle[:6], "...", *circle[-5:]]
        grammar.tell(
            ("quantities", first, "value"),
            f"the definitions are circular: {' <- '.join([*shown, first])}",
            "define each quantity by others that do not depend on it",
        )
        below = {name: needs - set(circle) for name, needs in below.items() if name not in circle}


def correlations(grammar: Grammar) -> None:
    model = grammar.model
    names: list[str] = []
    pairs: dict[tuple[str, str], float] = {}
    for k, correlation in enumerate(model.correlations):
        path = ("correlations", k, "between")
        good = [
            name for name in correlation.between if grammar.known(name, model.quantities, (*path, name), "quantity")
        ]
        for name in good:
            value = model.quantities[name].value.expression
            few = levels(value)
            if isinstance(value, Number) or (isinstance(value, Uncertain) and value.family == "choice" and not few):
                hint = "nothing moves with it; take it out, or give it a range"
                grammar.tell((*path, name), f"{name!r} is known exactly", hint, warning=True)
            elif not isinstance(value, Uncertain) or value.family == "mixture":
                grammar.tell(
                    (*path, name),
                    f"{name!r} is not one uncertain number that could be correlated",
                    "only quantities whose whole value is an interval, a named distribution or a choice",
                )
            elif len(few) > MOST:
                grammar.tell(
                    (*path, name),
                    f"{name!r} chooses between {len(few)} values, too many to be correlated",
                    f"at most {MOST}; of so many a distribution is nearly the same",
                )
        good = [name for name in good if len(levels(model.quantities[name].value.expression)) <= MOST]
        if len(set(correlation.between)) < len(correlation.between):
            grammar.tell(path, "a quantity is correlated with itself")
        names += [name for name in good if name not in names]
        for i, a in enumerate(good):
            for b in good[i + 1 :]:
                if (a, b) in pairs or (b, a) in pairs:
                    grammar.tell(path, f"{a} and {b} are correlated twice", "once for each pair")
                p, q = (levels(model.quantities[x].value.expression) for x in (a, b))
                pairs[a, b] = latent(correlation.rank, p, q)
                low, high = reach(p, q)
                if not low - 1e-9 <= correlation.rank <= high + 1e-9:
                    grammar.tell(
                        ("correlations", k, "rank"),
                        f"a rank correlation of {correlation.rank:g} between {a} and {b} cannot be",
                        f"one of them has a few values only, and ties: it lies between {low:.2f} and {high:.2f}",
                    )
    matrix = np.eye(len(names))
    for (a, b), score in pairs.items():
        i, j = names.index(a), names.index(b)
        matrix[i, j] = matrix[j, i] = score
    if names and (lowest := float(np.linalg.eigvalsh(matrix)[0])) < -1e-9:
        scale = 1 / (1 - lowest)
        grammar.tell(
            ("correlations",),
            f"these correlations contradict each other (among {listed(names)})",
            f"they are possible if all are multiplied by {np.floor(scale * 100) / 100:g}",
            key=True,
        )
