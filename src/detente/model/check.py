"""What may be said with what: names, labels, sources, roles. Everything wrong is found, and told with its place.

What only the finished tree can show (an outcome nobody can reach, a stage that is never played) is told by
`detente.game.compile`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

import numpy as np

from detente.errors import Place, Problem, listed, nearest
from detente.model.distributions import DistributionError
from detente.model.distributions import check as check_distribution
from detente.model.expressions import CALLABLE, WORDS, Apply, Ask, Expression, Is, Name, Number, Over, Uncertain
from detente.model.schema import NAME, Formula, Model, Stage, placed

RESERVED = frozenset(WORDS) | frozenset(CALLABLE) | {"outcome", "period", "periods"}
LARGEST_TYPES = 2000
DISCOUNT = "it is what a payoff one period later is worth: 0.95 for five per cent less"
Path = tuple[str | int, ...]


def check(model: Model) -> list[Problem]:
    """All problems of a model that show without compiling it; those with `warning` do not stop it from being used."""
    checker = _Checker(model)
    checker.names()
    checker.citations()
    checker.quantities()
    checker.private()
    checker.state()
    checker.stages()
    checker.outcomes()
    checker.payoffs()
    checker.claims_and_statics()
    checker.records()
    if not any(not p.warning for p in checker.problems):
        checker.unused()
    return sorted(set(checker.problems), key=lambda p: p.place)


def check_question(model: Model, expression: Expression, place: Place) -> list[Problem]:
    """The problems of a question asked from outside the file, in the language of claims."""
    checker = _Checker(model, {("question",): place})
    checker.expression(expression, ("question",), _Allowed("a question", questions=True))
    if not any(isinstance(e, Ask) for e in expression.walk()):
        checker.tell(("question",), "this asks nothing of the solved game", "use P(event), E(actor) or U(actor)")
    return checker.problems


@dataclass(frozen=True)
class _Allowed:
    """What an expression at some place may be made of."""

    where: str
    quantities: bool = True
    uncertain: bool = False
    play: bool = False  # stages, states, periods
    types: tuple[str, ...] = ()
    outcome: bool = False
    questions: bool = False


def _subject(e: Expression) -> str:
    """What an expression asks about, if it is a name or asks what happened."""
    return e.subject if isinstance(e, Is) else e.name if isinstance(e, Name) else ""


class _Checker:
    def __init__(self, model: Model, places: Mapping[Path, Place] | None = None) -> None:
        self.model = model
        self.places = model._places if places is None else places
        self.problems: list[Problem] = []
        self.used: set[str] = set()
        self.signals = {
            f"{name}.seen": tuple(dict.fromkeys(s for seen in stage.seen_as.values() for s in seen))
            for name, stage in model.stages.items()
            if stage.seen_as
        }
        self.signals |= {
            f"{name}.seen": tuple(dict.fromkeys(s for seen in private.seen_as.values() for s in seen))
            for name, private in model.private.items()
            if private.seen_as
        }

    def tell(
        self, path: Path, message: str, hint: str = "", at: int = 0, key: bool = False, warning: bool = False
    ) -> None:
        place = placed(self.places, (*path, "@key") if key else path).shifted(at)
        self.problems.append(Problem(place, message, hint, ".".join(map(str, path)), warning))

    def known(self, name: str, names: Iterable[str], path: Path, what: str, key: bool = False) -> bool:
        names = list(names)
        if name in names:
            return True
        hint = nearest(name, names) or f"no {what} is declared"
        self.tell(path, f"there is no {what} {name!r}", hint, key=key)
        return False

    # ------------------------------------------------------------------ names

    def names(self) -> None:
        model = self.model
        kinds: list[tuple[str, Mapping[str, object]]] = [
            ("actors", model.actors), ("quantities", model.quantities), ("state", model.state), ("stages", model.stages),
        ]  # fmt: skip
        seen: dict[str, str] = {}
        for section, entries in kinds:
            for name in entries:
                if not NAME.match(name):
                    self.tell(
                        (section, name),
                        f"{name!r} is no name",
                        "names are words of letters, digits and underscores",
                        key=True,
                    )
                elif name in RESERVED:
                    self.tell((section, name), f"{name!r} is a word of the language", "choose another name", key=True)
                elif name in seen:
                    self.tell(
                        (section, name),
                        f"{name!r} is already a name among the {seen[name]}",
                        "a name is used for one thing only",
                        key=True,
                    )
                seen.setdefault(name, section)
        for section, more in (
            ("outcomes", model.outcomes),
            ("claims", model.claims),
            ("statics", model.statics),
            ("mechanisms", model.mechanisms),
            ("sources", model.sources),
        ):
            for name in more:
                if not NAME.match(name):
                    self.tell(
                        (section, name),
                        f"{name!r} is no name",
                        "names are words of letters, digits and underscores",
                        key=True,
                    )

    def citations(self) -> None:
        model = self.model

        def cite(path: Path, part: object) -> None:
            for citation in getattr(part, "source", ()):
                if model.sources and citation.source not in model.sources:
                    self.tell(
                        (*path, "source"),
                        f"there is no source {citation.source!r}",
                        nearest(citation.source, model.sources),
                    )
            mechanism = getattr(part, "mechanism", "")
            if mechanism and mechanism not in model.mechanisms:
                self.tell(
                    (*path, "mechanism"),
                    f"there is no mechanism {mechanism!r}",
                    nearest(mechanism, model.mechanisms) or "declare it under `mechanisms:`",
                )

        for section in ("mechanisms", "quantities", "private", "state", "stages", "outcomes", "claims", "statics"):
            for name, part in getattr(model, section).items():
                cite((section, name), part)
        for name, stage in model.stages.items():
            for label, move in (*stage.moves.items(), *stage.chance.items()):
                cite(("stages", name, "moves" if stage.moves else "chance", label), move)
        for actor, terms in model.payoffs.items():
            for name, term in terms.items():
                cite(("payoffs", actor, name), term)
        for section in ("evidence", "forecasts"):
            for k, part in enumerate(getattr(model, section)):
                cite((section, k), part)
        if model.happened:
            cite(("happened",), model.happened)

    # ------------------------------------------------------------------ expressions

    def formula(self, formula: Formula | None, path: Path, allowed: _Allowed) -> None:
        if formula is None:
            return
        self.expression(formula.expression, path, allowed)

    def expression(self, e: Expression, path: Path, allowed: _Allowed) -> None:
        match e:
            case Name():
                self.name(e, path, allowed)
                return
            case Is():
                self.what_happened(e, path, allowed)
                return
            case Uncertain() if not allowed.uncertain:
                self.tell(
                    path, f"nothing uncertain may stand in {allowed.where}", "make it a quantity and use its name", e.at
                )
            case Uncertain():
                self.distribution(e, path)
            case Over() if not allowed.play:
                self.tell(
                    path, f"{e.op}(...) looks at the periods of a play; it may not stand in {allowed.where}", at=e.at
                )
            case Ask():
                self.question(e, path, allowed)
                return
        for k, child in enumerate(e.children()):
            self.expression(child, self.part(path, e, k), allowed)

    def distribution(self, e: Uncertain, path: Path) -> None:
        if e.family in ("mixture", "choice"):
            return
        if not all(isinstance(a, Number) for a in e.args):
            if e.family == "interval":
                hint = "use for example normal(mean, sd), whose parameters may be quantities"
                self.tell(path, "the ends of an interval are numbers", hint, e.at)
            return
        unit = ""
        if path[0] == "quantities" and path[2] == "value":
            quantity = self.model.quantities[str(path[1])]
            whole = quantity.value.expression
            parts = whole.args if isinstance(whole, Uncertain) and whole.family == "mixture" else ()
            if any(e is part for part in (whole, *parts)):
                unit = quantity.unit
        try:
            check_distribution(e.family, [a.value for a in e.args if isinstance(a, Number)], unit)
        except DistributionError as error:
            self.tell(path, error.message, error.hint, e.at)

    def part(self, path: Path, e: Expression, k: int) -> Path:
        """The path of the k-th part of an expression: of a mixture it is a key of its own."""
        if not isinstance(e, Uncertain) or e.family not in ("mixture", "choice"):
            return path
        whole = (*path, e.family)
        keys = [p for p in self.places if p[: len(whole)] == whole and len(p) == len(whole) + 2 and p[-1] == "@key"]
        return keys[k] if k < len(keys) else path

    def question(self, e: Ask, path: Path, allowed: _Allowed) -> None:
        if not allowed.questions:
            self.tell(
                path,
                f"{e.what}(...) asks the solved game; it may not stand in {allowed.where}",
                "questions belong into claims and statics",
                e.at,
            )
            return
        inside = _Allowed(f"{e.what}(...)", play=True, types=tuple(self.model.private), outcome=True)
        if e.what in ("E", "U") and isinstance(e.arg, Name) and (e.what == "U" or self.is_payoff(e.arg.name)):
            actor, _, term = e.arg.name.partition(".")
            if actor not in self.model.actors:
                self.tell(path, f"there is no actor {actor!r}", nearest(actor, self.model.actors), e.arg.at)
            elif term and term not in self.model.payoffs.get(actor, {}):
                self.tell(
                    path,
                    f"{actor} has no payoff term {term!r}",
                    nearest(term, self.model.payoffs.get(actor, {})),
                    e.arg.at,
                )
        else:
            self.expression(e.arg, path, inside)
            if e.what == "P":
                self.event(e.arg, path, "P(...)")
        if e.given is not None:
            self.expression(e.given, path, inside)
            self.event(e.given, path, "`given`")

    def event(self, e: Expression, path: Path, where: str) -> None:
        if not self.is_condition(e) and not isinstance(
            e, Name
        ):  # a name is told as what it is, or is a yes-or-no quantity
            self.tell(
                path, f"{where} asks for an event, and this is a number", "compare it with something: `x > 0.5`", e.at
            )

    def is_payoff(self, name: str) -> bool:
        return name.partition(".")[0] in self.model.actors and name not in self.model.private

    def name(self, e: Name, path: Path, allowed: _Allowed) -> None:
        model, name = self.model, e.name
        if name in model.quantities:
            self.used.add(name)
            if not allowed.quantities:
                self.tell(path, f"{name!r} may not stand in {allowed.where}", at=e.at)
        elif name in model.state or name in ("period", "periods"):
            self.used.add(name)
            if not allowed.play:
                self.tell(path, f"{name!r} changes during a play; it may not stand in {allowed.where}", at=e.at)
        elif name in model.private:
            self.type_allowed(name, path, e.at, allowed)
            if not model.private[name].numeric:
                first = next(iter(model.private[name].prior))
                self.tell(path, f"{name!r} is a type with names, not a number", f"write `{name} is {first}`", e.at)
        elif name in model.stages:
            stage = model.stages[name]
            if not allowed.play:
                self.tell(path, f"the stage {name!r} may not stand in {allowed.where}", at=e.at)
            elif not stage.offer:
                first = next(iter(stage.results), "...")
                self.tell(path, f"{name!r} is a stage, not a number", f"write `{name} is {first}`", e.at)
        elif name in self.signals:
            self.tell(path, f"{name!r} is a signal, not a number", f"write `{name} is {self.signals[name][0]}`", e.at)
        elif name in model.outcomes:
            self.tell(path, f"{name!r} is an outcome, not a number", f"write `outcome is {name}`", e.at)
        elif name in model.actors:
            self.tell(path, f"{name!r} is an actor, not a number", f"in claims, E({name}) is what it expects", e.at)
        elif name == "otherwise":
            self.tell(path, "`otherwise` stands alone", at=e.at)
        else:
            owners = [s for s, stage in model.stages.items() if name in stage.results]
            known = [*model.quantities]
            if allowed.play:
                known += [*model.state, "period", *(s for s, stage in model.stages.items() if stage.offer)]
            known += [t for t in allowed.types if model.private[t].numeric]
            hint = f"write `{owners[0]} is {name}`" if owners else nearest(name, known)
            self.tell(path, f"there is no quantity{' or state' if allowed.play else ''} {name!r}", hint, e.at)

    def type_allowed(self, name: str, path: Path, at: int, allowed: _Allowed) -> None:
        if name not in allowed.types:
            why = "types listed before it only" if path[0] == "private" else f"it may not stand in {allowed.where}"
            self.tell(path, f"{name!r} is a private type: {why}", at=at)

    def what_happened(self, e: Is, path: Path, allowed: _Allowed) -> None:
        model, subject = self.model, e.subject
        if subject == "outcome":
            labels: Iterable[str] = model.outcomes
            if not allowed.outcome:
                self.tell(path, f"the outcome is not known in {allowed.where}", at=e.at)
                return
        elif subject in model.private:
            self.type_allowed(subject, path, e.at, allowed)
            labels = model.private[subject].prior
        elif subject in model.stages or subject in self.signals:
            if not allowed.play:
                self.tell(path, f"what happens in a play may not stand in {allowed.where}", at=e.at)
                return
            labels = model.stages[subject].results if subject in model.stages else self.signals[subject]
        else:
            if subject in model.quantities or subject in model.state:
                self.tell(
                    path, f"{subject!r} is a number, and `is` asks what happened", "compare numbers with == or <", e.at
                )
            else:
                known = [*model.stages, *model.private, *self.signals, "outcome"]
                owners = [s for s, stage in model.stages.items() if subject in stage.results]
                hint = f"write `{owners[0]} is {subject}`" if owners else nearest(subject, known)
                if subject in model.outcomes:
                    hint = f"write `outcome is {subject}`"
                self.tell(path, f"there is no stage or private type {subject!r}", hint, e.at)
            return
        for label in e.labels:
            if label not in labels:
                what = {"outcome": "outcome"}.get(
                    subject, f"{'type' if subject in model.private else 'move or result'} of {subject}"
                )
                self.tell(path, f"there is no {what} {label!r}", nearest(label, labels), e.label_at)

    def probabilities(
        self,
        entries: Mapping[str, Formula | None],
        path: Path,
        allowed: _Allowed,
        each: Callable[[str], Path] | None = None,
    ) -> None:
        rest = [label for label, p in entries.items() if p is None]
        if len(rest) > 1:
            self.tell(
                path, f"{listed(rest)} are all `otherwise`", "the rest of the probability goes to one result", key=True
            )
        fixed = [p.expression.value for p in entries.values() if p is not None and isinstance(p.expression, Number)]
        for label, p in entries.items():
            where = each(label) if each else (*path, label)
            self.formula(p, where, allowed)
            if p is not None and isinstance(p.expression, Number) and not 0 <= p.expression.value <= 1:
                self.tell(where, f"{p} is not a probability", "write a number between 0 and 1")
        if len(fixed) == len(entries) and abs(sum(fixed) - 1) > 1e-6 and all(0 <= f <= 1 for f in fixed):
            self.tell(
                path,
                f"the probabilities sum to {sum(fixed):g}",
                "they sum to 1; write `otherwise` for the rest",
                key=True,
            )
        if rest and sum(fixed) > 1 + 1e-9:
            self.tell(
                path, f"the probabilities sum to {sum(fixed):g} before `otherwise`", "they sum to 1 at most", key=True
            )

    # ------------------------------------------------------------------ sections

    def quantities(self) -> None:
        model = self.model
        below: dict[str, set[str]] = {}
        for name, quantity in model.quantities.items():
            path = ("quantities", name)
            self.formula(
                quantity.value,
                (*path, "value"),
                _Allowed("a quantity", uncertain=True),
            )
            below[name] = {_subject(e) for e in quantity.value.expression.walk()} & set(model.quantities)
            for view in quantity.seen_by.values():
                below[name] |= {_subject(e) for e in view.expression.walk()} & set(model.quantities) - {name}
            value = quantity.value.expression
            if quantity.unit in ("probability", "share") and isinstance(value, Number) and not 0 <= value.value <= 1:
                self.tell(
                    (*path, "value"),
                    f"{value.value:g} is not a {quantity.unit}",
                    "it lies between 0 and 1",
                )
            for actor, view in quantity.seen_by.items():
                self.known(actor, model.actors, (*path, "seen_by", actor), "actor", key=True)
                self.formula(view, (*path, "seen_by", actor), _Allowed("a perception", uncertain=True))
            if quantity.role:
                self.role(name, quantity.role)
        self.circles(below)
        self.correlations()
        for name, actor in model.actors.items():
            self.formula(actor.discount, ("actors", name, "discount"), _Allowed("a discount"))
            rate = actor.discount.expression
            if isinstance(rate, Number) and not 0 <= rate.value <= 1:
                self.tell(("actors", name, "discount"), f"the discount {actor.discount} is not from 0 to 1", DISCOUNT)

    def role(self, name: str, role: str) -> None:
        path = ("quantities", name, "role")
        self.used.add(name)
        kind, _, actor = role.partition(" of ")
        if kind.strip() != "precision":
            self.tell(path, f"there is no role {role!r}", "write `precision`, or `precision of ACTOR`")
        elif actor and actor not in self.model.actors:
            self.tell(path, f"there is no actor {actor!r}", nearest(actor, self.model.actors))
        others = [other for other, q in self.model.quantities.items() if q.role == role and other != name]
        if others and list(self.model.quantities).index(others[0]) < list(self.model.quantities).index(name):
            self.tell(path, f"{others[0]!r} is already the {role}", "one quantity for each role")
        value = self.model.quantities[name].value.expression
        if isinstance(value, Uncertain) and value.family not in ("mixture", "choice"):
            low = value.args[0]
            bounded = value.family in ("interval", "uniform", "triangular", "pert")
            negative = value.family in ("normal", "student") or (bounded and isinstance(low, Number) and low.value < 0)
        else:
            negative = isinstance(value, Number) and value.value < 0
        if negative:
            self.tell(
                ("quantities", name, "value"),
                "a precision is not negative, and this value may be",
                "write `2 to 12` or another distribution above zero",
            )

    def circles(self, below: Mapping[str, set[str]]) -> None:
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
            self.tell(
                ("quantities", first, "value"),
                f"the definitions go round in a circle: {' <- '.join([*shown, first])}",
                "each quantity is made of others that do not need it",
            )
            below = {name: needs - set(circle) for name, needs in below.items() if name not in circle}

    def correlations(self) -> None:
        model = self.model
        names: list[str] = []
        pairs: dict[tuple[str, str], float] = {}
        for k, correlation in enumerate(model.correlations):
            path = ("correlations", k, "between")
            good = [
                name for name in correlation.between if self.known(name, model.quantities, (*path, name), "quantity")
            ]
            for name in good:
                value = model.quantities[name].value.expression
                if not isinstance(value, Uncertain) or value.family in ("mixture", "choice"):
                    self.tell(
                        (*path, name),
                        f"{name!r} is not one uncertain number that could be correlated",
                        "only quantities whose whole value is an interval or a named distribution",
                    )
            if len(set(correlation.between)) < len(correlation.between):
                self.tell(path, "a quantity is correlated with itself")
            names += [name for name in good if name not in names]
            for i, a in enumerate(good):
                for b in good[i + 1 :]:
                    if (a, b) in pairs or (b, a) in pairs:
                        self.tell(path, f"{a} and {b} are correlated twice", "once for each pair")
                    pairs[a, b] = correlation.rank
        matrix = np.eye(len(names))
        for (a, b), rank in pairs.items():
            i, j = names.index(a), names.index(b)
            matrix[i, j] = matrix[j, i] = 2 * np.sin(np.pi * rank / 6)
        if names and (lowest := float(np.linalg.eigvalsh(matrix)[0])) < -1e-9:
            scale = 1 / (1 - lowest)
            self.tell(
                ("correlations",),
                f"these correlations contradict each other (among {listed(names)})",
                f"they are possible if all are multiplied by {np.floor(scale * 100) / 100:g}",
                key=True,
            )

    def private(self) -> None:
        model = self.model
        earlier: list[str] = []
        size = 1
        for name, private in model.private.items():
            path = ("private", name)
            owner, dot, own = name.partition(".")
            if not dot or not NAME.match(own):
                self.tell(path, f"{name!r} does not say whose type it is", "write `Actor.name`", key=True)
            else:
                self.known(owner, model.actors, path, "actor", key=True)
                if own in model.payoffs.get(owner, {}):
                    self.tell(path, f"{name!r} is also a payoff term", "a name is used for one thing only", key=True)
            prior = (*path, "prior")
            self.probabilities(private.prior, prior, _Allowed("a prior", types=tuple(earlier)))
            size *= len(private.prior)
            for label, signals in private.seen_as.items():
                if label not in private.prior:
                    self.tell(
                        (*path, "seen_as", label),
                        f"there is no type {label!r} of {name}",
                        nearest(label, private.prior),
                        key=True,
                    )
                self.probabilities(signals, (*path, "seen_as", label), _Allowed("a signal", types=tuple(model.private)))
            if private.seen_as and (missing := [t for t in private.prior if t not in private.seen_as]):
                self.tell(
                    (*path, "seen_as"),
                    f"nothing is said of how {listed(missing)} is seen",
                    "each type has its signals",
                    key=True,
                )
            earlier.append(name)
        if size > LARGEST_TYPES:
            largest = max(model.private, key=lambda t: len(model.private[t].prior))
            self.tell(
                ("private", largest),
                f"the private types combine in {size:,} ways, and each carries a whole tree",
                f"cut {largest} into fewer than {len(model.private[largest].prior)} types",
                key=True,
            )

    def play(self, where: str) -> _Allowed:
        return _Allowed(where, play=True, types=tuple(self.model.private))

    def state(self) -> None:
        model = self.model
        hidden = [s for s, stage in model.stages.items() if stage.hidden_from or stage.seen_as]
        for name, state in model.state.items():
            self.formula(state.start, ("state", name, "start"), _Allowed("the start of a state"))
            self.formula(state.next, ("state", name, "next"), _Allowed("a state", play=True))
            for e in state.next.expression.walk():
                if isinstance(e, (Is, Name)) and getattr(e, "subject", getattr(e, "name", "")) in hidden:
                    subject = e.subject if isinstance(e, Is) else e.name
                    self.tell(
                        ("state", name, "next"),
                        f"states are public, and {subject!r} is hidden from {listed(model.stages[subject].hidden_from)}",
                        "use ever(...) or count(...) in the payoffs instead",
                        e.at,
                    )

    def stages(self) -> None:
        model = self.model
        order = list(model.stages)
        if not any(stage.actor for stage in model.stages.values()):
            self.tell(("stages",), "nobody decides anything", "at least one stage has an actor", key=True)
        for name, stage in model.stages.items():
            path = ("stages", name)
            self.stage_kind(path, stage)
            where = self.play("a condition")
            self.formula(stage.when, (*path, "when"), where)
            self.formula(stage.unless, (*path, "unless"), where)
            for label, move in stage.moves.items():
                self.formula(move.when, (*path, "moves", label, "when"), where)
                self.formula(move.unless, (*path, "moves", label, "unless"), where)
            if stage.moves and all(m.when or m.unless for m in stage.moves.values()):
                self.tell(
                    (*path, "moves"),
                    "every move has a condition, so there may be none left",
                    "leave one move without `when` and `unless`",
                    key=True,
                )

            def result(label: str, path: Path = path) -> Path:
                inner = (*path, "chance", label, "p")
                return inner

            if stage.chance:
                self.probabilities(
                    {k: r.p for k, r in stage.chance.items()}, (*path, "chance"), self.play("a probability"), result
                )
            for actor in stage.hidden_from:
                self.known(actor, model.actors, (*path, "hidden_from", actor), "actor")
                if actor == stage.actor:
                    self.tell((*path, "hidden_from", actor), f"{actor} moves here and cannot fail to see it")
            for label, signals in stage.seen_as.items():
                if label not in stage.results:
                    self.tell(
                        (*path, "seen_as", label),
                        f"there is no move or result {label!r} of {name}",
                        nearest(label, stage.results),
                        key=True,
                    )
                self.probabilities(signals, (*path, "seen_as", label), self.play("a signal"))
            if stage.seen_as and (missing := [m for m in stage.results if m not in stage.seen_as]):
                self.tell(
                    (*path, "seen_as"),
                    f"nothing is said of how {listed(missing)} is seen",
                    "each move has its signals",
                    key=True,
                )
            if stage.together_with:
                self.together(path, stage, order, name)
            if stage.without and stage.without not in stage.results:
                hint = nearest(stage.without, stage.results)
                self.tell((*path, "without"), f"there is no move or result {stage.without!r} of {name}", hint)
            for period in stage.periods:
                if not 1 <= period <= model.periods.count:
                    self.tell(
                        (*path, "periods"),
                        f"there is no period {period}",
                        f"periods are counted from 1 to {model.periods.count}",
                    )

    def stage_kind(self, path: Path, stage: Stage) -> None:
        kinds = [k for k, given in (("moves", stage.moves), ("offer", stage.offer), ("chance", stage.chance)) if given]
        if len(kinds) != 1:
            found = f"has both {kinds[0]} and {kinds[1]}" if kinds else "has no moves"
            self.tell(
                path,
                f"the stage {path[1]!r} {found}",
                "write `actor:` with `moves:` or `offer:`, or `chance:`",
                key=True,
            )
            return
        if kinds == ["chance"] and stage.actor:
            self.tell(
                (*path, "actor"), "chance has no actor", "write `moves:` if somebody decides, or leave out `actor:`"
            )
        if kinds != ["chance"]:
            if not stage.actor:
                self.tell(path, f"nobody moves at the stage {path[1]!r}", "write `actor: NAME`", key=True)
            else:
                self.known(stage.actor, self.model.actors, (*path, "actor"), "actor")
        if len(stage.results) == 1:
            self.tell(
                (*path, kinds[0]),
                f"there is only one thing that can happen at {path[1]!r}",
                "a stage has two results at least",
                key=True,
            )

    def together(self, path: Path, stage: Stage, order: list[str], name: str) -> None:
        other = stage.together_with
        where = (*path, "together_with")
        if not self.known(other, self.model.stages, where, "stage"):
            return
        if order.index(other) >= order.index(name):
            self.tell(where, f"{other!r} does not come before {name!r}", "the later stage names the earlier one")
            return
        if not self.model.stages[other].actor or not stage.actor:
            self.tell(where, "chance does not move simultaneously with anybody", "use hidden_from")
        elif stage.actor in (actors := self.moving_with(other)):
            hint = f"at {actors[stage.actor]!r} it moves already; let somebody else move, or drop `together_with`"
            self.tell(where, f"{stage.actor} cannot move simultaneously with itself", hint)
        for key, formula in (("when", stage.when), ("unless", stage.unless)):
            for e in formula.expression.walk() if formula else ():
                if _subject(e) in (other, f"{other}.seen"):
                    self.tell(
                        (*path, key),
                        f"whether {name!r} is played depends on {other!r}, so its actor would know",
                        "drop the condition or `together_with`",
                        e.at,
                    )

    def moving_with(self, name: str) -> dict[str, str]:
        """The actors that move simultaneously at a stage and at those it is together with, and where."""
        found: dict[str, str] = {}
        while name in self.model.stages and self.model.stages[name].actor not in found:
            found[self.model.stages[name].actor] = name
            name = self.model.stages[name].together_with
        return found

    def outcomes(self) -> None:
        model = self.model
        rest = [name for name, outcome in model.outcomes.items() if outcome.otherwise]
        if len(rest) > 1:
            self.tell(
                ("outcomes", rest[1]),
                f"{rest[0]!r} is already the outcome `otherwise`",
                "one outcome takes the rest",
                key=True,
            )
        for name, outcome in model.outcomes.items():
            path = ("outcomes", name)
            if outcome.otherwise == (outcome.when is not None):
                self.tell(
                    path,
                    f"the outcome {name!r} has {'both `when` and' if outcome.otherwise else 'neither `when` nor'} `otherwise`",
                    "write the condition that ends the game, or `otherwise`",
                    key=True,
                )
            where = (*path, "when")
            self.formula(outcome.when, where, self.play("the condition of an outcome"))

    def payoffs(self) -> None:
        model = self.model
        allowed = _Allowed("a payoff", play=True, types=tuple(model.private), outcome=True)
        deciding = {stage.actor for stage in model.stages.values() if stage.actor}
        for actor, terms in model.payoffs.items():
            if not self.known(actor, model.actors, ("payoffs", actor), "actor", key=True):
                continue
            for name, term in terms.items():
                path = ("payoffs", actor, name)
                if not NAME.match(name):
                    self.tell(
                        path, f"{name!r} is no name", "names are words of letters, digits and underscores", key=True
                    )
                if (term.value is None) == (term.each_period is None):
                    self.tell(
                        path,
                        f"the term {name!r} has {'neither `value` nor' if term.value is None else 'both `value` and'} `each period`",
                        "write one of them",
                        key=True,
                    )
                self.formula(term.value, (*path, "value"), allowed)
                self.formula(term.each_period, (*path, "each period"), allowed)
                for e in term.each_period.expression.walk() if term.each_period else ():
                    if isinstance(e, Is) and e.subject == "outcome":
                        self.tell(
                            (*path, "each period"),
                            "the outcome is not known while periods are still being played",
                            "use a plain value for what is settled at the end",
                            e.at,
                        )
        for actor in sorted(deciding - {actor for actor, terms in model.payoffs.items() if terms}):
            if actor in model.actors:
                self.tell(
                    ("payoffs", actor) if actor in model.payoffs else ("payoffs",),
                    f"{actor} decides, but nothing says what it wants",
                    f"add `{actor}: {{term: expression}}`",
                    key=True,
                )

    def claims_and_statics(self) -> None:
        model = self.model
        allowed = _Allowed("a claim", questions=True)
        for name, claim in model.claims.items():
            path = ("claims", name, "holds")
            where = path
            self.formula(claim.holds, where, allowed)
            if not any(isinstance(e, Ask) for e in claim.holds.expression.walk()):
                self.tell(where, "a claim asks nothing of the solved game", "use P(event), E(actor) or U(actor)")
            elif not self.is_condition(claim.holds.expression):
                self.tell(
                    where, "a claim is true or false, and this is a number", "compare it with something: `P(...) < 0.5`"
                )
        for name, static in model.statics.items():
            path = ("statics", name)
            self.formula(static.then.what, (*path, "then", "what"), allowed)
            if not any(isinstance(e, Ask) for e in static.then.what.expression.walk()):
                self.tell(
                    (*path, "then", "what"),
                    "this asks nothing of the solved game",
                    "use P(event), E(actor) or U(actor)",
                )
            changes = (*static.raise_, *static.lower)
            if not changes and not static.force:
                self.tell(
                    path, f"the static {name!r} changes nothing", "write `raise:`, `lower:` or `force:`", key=True
                )
            if static.raise_ and static.lower:
                self.tell(path, "it both raises and lowers", "one static for each", key=True)
            for key, names in (("raise", static.raise_), ("lower", static.lower)):
                for quantity in names:
                    if not self.known(quantity, model.quantities, (*path, key, quantity), "quantity"):
                        continue
                    fixed = isinstance(model.quantities[quantity].value.expression, Number)
                    if fixed and (static.from_ is None or static.to is None):
                        self.tell(
                            (*path, key, quantity),
                            f"{quantity!r} is known exactly, so it has no percentiles",
                            "write `from:` and `to:`",
                        )
            if (static.from_ is None) != (static.to is None):
                self.tell(path, "`from` and `to` come together", key=True)
            elif static.from_ is not None and not changes:
                self.tell((*path, "from"), "`from` and `to` belong to a quantity", "write `raise: quantity`", key=True)
            if static.instead_of and not static.force:
                self.tell(
                    (*path, "instead_of"), "`instead_of` goes with `force`", "write `force: {stage: move}`", key=True
                )
            for key, moves in (("force", static.force), ("instead_of", static.instead_of)):
                for stage, move in moves.items():
                    if not self.known(stage, model.stages, (*path, key, stage), "stage", key=True):
                        continue
                    if model.stages[stage].chance:
                        hint = "force what somebody decides, or change the probability: `raise: quantity`"
                        self.tell((*path, key, stage), f"{stage!r} is decided by chance", hint, key=True)
                    elif move not in model.stages[stage].results:
                        self.tell(
                            (*path, key, stage),
                            f"there is no move {move!r} of {stage}",
                            nearest(move, model.stages[stage].results),
                        )

    def is_condition(self, e: Expression) -> bool:
        match e:
            case Is() | Over(op="ever") | Apply(op="<" | "<=" | ">" | ">=" | "==" | "!="):
                return True
            case Apply(op="and" | "or" | "not"):
                return all(self.is_condition(a) for a in e.args)
            case Apply(op="if"):
                return all(self.is_condition(a) for a in e.args[1:])
            case Over(op="previous"):
                return self.is_condition(e.arg)
        return False

    def records(self) -> None:
        model = self.model
        allowed = _Allowed("evidence", play=True, types=tuple(model.private), outcome=True)
        for k, item in enumerate(model.evidence):
            path = ("evidence", k)
            self.formula(item.seen, (*path, "seen"), allowed)
            if item.seen is not None:
                self.event(item.seen.expression, (*path, "seen"), "`seen`")
            if (item.seen is None) == (not item.likelihood):
                self.tell(
                    path,
                    "evidence is either `seen` or has a `likelihood`",
                    "write `seen: event`, or `signal:` with `likelihood: {subject: {label: probability}}`",
                )
            for subject, shares in item.likelihood.items():
                labels = (
                    model.private[subject].prior
                    if subject in model.private
                    else model.stages[subject].results
                    if subject in model.stages
                    else ()
                )
                if self.known(
                    subject,
                    [*model.private, *model.stages],
                    (*path, "likelihood", subject),
                    "private type or stage",
                    key=True,
                ):
                    for label, share in shares.items():
                        if label not in labels:
                            self.tell(
                                (*path, "likelihood", subject, label),
                                f"there is no {label!r} of {subject}",
                                nearest(label, labels),
                                key=True,
                            )
                        if not 0 <= share <= 1:
                            self.tell(
                                (*path, "likelihood", subject, label),
                                f"{share:g} is not a probability",
                                "write a number between 0 and 1",
                            )
        for k, forecast in enumerate(model.forecasts):
            self.formula(forecast.like, ("forecasts", k, "like"), allowed)
            if forecast.like is not None:
                self.event(forecast.like.expression, ("forecasts", k, "like"), "`like`")
            if forecast.deadline and forecast.deadline < forecast.date:
                self.tell(
                    ("forecasts", k, "deadline"),
                    f"the deadline {forecast.deadline} is before the day of the forecast, {forecast.date}",
                    "a forecast is made before its deadline",
                )
        if model.happened and model.happened.outcome:
            self.known(model.happened.outcome, model.outcomes, ("happened", "outcome"), "outcome")

    def unused(self) -> None:
        model = self.model
        for name, quantity in model.quantities.items():
            if name not in self.used and not quantity.role:
                self.tell(("quantities", name), f"the quantity {name!r} is never used", key=True, warning=True)
        for name in model.state:
            others = {
                e.name
                for s in model.state
                if s != name
                for e in model.state[s].next.expression.walk()
                if isinstance(e, Name)
            }
            if name not in self.used_outside_state() and name not in others:
                self.tell(("state", name), f"the state {name!r} is never used", key=True, warning=True)

    def used_outside_state(self) -> set[str]:
        model = self.model
        formulas: list[Formula | None] = []
        for stage in model.stages.values():
            formulas += [
                stage.when,
                stage.unless,
                *(r.p for r in stage.chance.values()),
                *(m.when for m in stage.moves.values()),
                *(m.unless for m in stage.moves.values()),
            ]
            formulas += [p for signals in stage.seen_as.values() for p in signals.values()]
        formulas += [outcome.when for outcome in model.outcomes.values()]
        for terms in model.payoffs.values():
            formulas += [f for term in terms.values() for f in (term.value, term.each_period)]
        formulas += [claim.holds for claim in model.claims.values()] + [s.then.what for s in model.statics.values()]
        return {e.name for f in formulas if f is not None for e in f.expression.walk() if isinstance(e, Name)}
