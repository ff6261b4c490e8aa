"""What expressions may be made of at each place of a model, and how what is wrong with them is told."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from detente.errors import Place, Problem, listed, nearest
from detente.language.attempts import WORDS_OF_NUMBERS
from detente.language.distributions import DistributionError
from detente.language.distributions import check as check_distribution
from detente.language.expressions import CALLABLE, WORDS, Apply, Ask, Expression, Is, Name, Number, Over, Uncertain
from detente.language.writing import written
from detente.model.check import interventions
from detente.model.continuation import terms
from detente.model.fields import Formula, placed
from detente.model.schema import Model

ASKED = frozenset(WORDS) | {"outcome", "outcomes", "forecast"}  # no names of what questions ask for
UNASKED = "this happens in a history or does not, and does not depend on the solved game"
RESERVED = frozenset(WORDS) | frozenset(CALLABLE) | {"outcome", "period", "periods"}
LARGEST_TYPES = 2000
DISCOUNT = "it is what a payoff one period later is worth: 0.95 for five per cent less"
Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Allowed:
    """What an expression at some place may be made of."""

    where: str
    quantities: bool = True
    uncertain: bool = False
    play: bool = False  # stages, states, periods
    types: tuple[str, ...] = ()
    outcome: bool = False
    questions: bool = False
    outcomes: bool = False  # by their bare names, as events


def subject(e: Expression) -> str:
    """What an expression asks about, if it is a name or asks what happened."""
    return e.subject if isinstance(e, Is) else e.name if isinstance(e, Name) else ""


class Grammar:
    """Checks expressions against what a model declares, and keeps the problems it finds."""

    def __init__(self, model: Model, places: Mapping[Path, Place] | None = None) -> None:
        self.model = model
        self.elsewhere: Model | None = model._elsewhere  # it speaks of other structures, too
        self.whole: Model = self.elsewhere or model  # whose names are offered
        self.text = ""  # of the formula that is looked at
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

    def names(self, of: Model | None = None) -> Iterator[str]:
        """All that is declared under a name, here or in another model."""
        model = of or self.model
        for section in (model.actors, model.quantities, model.private, model.state, model.stages, model.outcomes):
            yield from section

    def known(self, name: str, names: Iterable[str], path: Path, what: str, key: bool = False) -> bool:
        """Whether a name is one of some, or (which may be spoken of as well) is so where structures are different."""
        names = list(names)
        if name in names or self.is_elsewhere(name):
            return name in names
        hint = nearest(name, self.offered(names, what)) or f"no {what} is declared"
        self.tell(path, f"there is no {what} {name!r}", hint, key=key)
        return False

    def offered(self, names: Iterable[str], what: str) -> list[str]:
        """The names that may have been meant: some, and those of their kind where structures are different."""
        kinds = {"actor": "actors", "stage": "stages", "outcome": "outcomes", "quantity": "quantities"}
        return list(dict.fromkeys((*names, *(getattr(self.whole, kinds[what]) if what in kinds else ()))))

    def is_elsewhere(self, name: str, label: str = "") -> bool:
        """Whether something, or something that happens there, is only known where structures are different."""
        other = self.elsewhere
        if other is None:
            return False
        if not label:
            return name in self.names(other)
        stage, private = other.stages.get(name), other.private.get(name)
        return (
            (stage is not None and label in stage.results)
            or (private is not None and label in private.prior)
            or (name == "outcome" and label in other.outcomes)
        )

    def labels_elsewhere(self, name: str) -> Iterable[str]:
        """What may happen at a stage, or be so of a type or the outcome, where structures are different."""
        stages, private = self.whole.stages, self.whole.private
        if name == "outcome":
            return self.whole.outcomes
        return private[name].prior if name in private else stages[name].results if name in stages else ()

    def formula(self, formula: Formula | None, path: Path, allowed: Allowed) -> None:
        if formula is None:
            return
        self.text = formula.text
        self.expression(formula.expression, path, allowed)
        self.text = ""

    def label_at(self, e: Is, label: str) -> int:
        """Where one of the labels of `subject is [...]` stands in its formula."""
        found = re.compile(rf"(?<![\w.]){re.escape(label)}(?!\w)").search(self.text, e.label_at)
        return found.start() if found else e.label_at

    def expression(self, e: Expression, path: Path, allowed: Allowed) -> None:
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
                    path,
                    f"{e.op}(...) looks at the periods of a history; it cannot be used in {allowed.where}",
                    at=e.at,
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

    def question(self, e: Ask, path: Path, allowed: Allowed) -> None:
        if not allowed.questions:
            self.tell(
                path,
                f"{e.what}(...) asks the solved game; it cannot be used in {allowed.where}",
                "questions belong in claims and statics",
                e.at,
            )
            return
        inside = self.within(f"{e.what}(...)")
        if e.what in ("E", "U") and isinstance(e.arg, Name) and (e.what == "U" or self.is_payoff(e.arg.name)):
            actor, _, term = e.arg.name.partition(".")
            there = self.elsewhere
            if there is not None and actor in there.actors and (not term or term in there.payoffs.get(actor, {})):
                pass
            elif actor not in self.model.actors:
                self.tell(path, f"there is no actor {actor!r}", nearest(actor, self.whole.actors), e.arg.at)
            elif term and term not in (known := terms(self.model, actor)):
                self.tell(path, f"{actor} has no payoff term {term!r}", nearest(term, known), e.arg.at)
        else:
            self.expression(e.arg, path, inside)
            if e.what == "P":
                self.event(e.arg, path, "P(...)")
        if e.given is not None:
            self.expression(e.given, path, inside)
            self.event(e.given, path, "`given`")
        if e.do:
            interventions.check(self, e, path)

    def within(self, where: str) -> Allowed:
        """What may stand within a question."""
        return Allowed(where, play=True, types=tuple(self.model.private), outcome=True, outcomes=True)

    def unasked(self, e: Expression) -> bool:
        """Whether it is an event of a play that stands where one asks the solved game, outside of P(...)."""
        parts = list(e.walk())
        played = any(
            isinstance(p, (Is, Over)) or (isinstance(p, Name) and p.name not in self.model.quantities) for p in parts
        )
        if not played or not self.is_condition(e) or any(isinstance(p, (Ask, Uncertain)) for p in parts):
            return False
        trial = Grammar(self.model)
        trial.expression(e, ("question",), self.within("P(...)"))
        return not trial.problems

    def event(self, e: Expression, path: Path, where: str) -> None:
        if not self.is_condition(e) and not isinstance(
            e, Name
        ):  # a name is told as what it is, or is a yes-or-no quantity
            self.tell(
                path, f"{where} asks for an event, but this is a number", "compare it with something: `x > 0.5`", e.at
            )

    def is_payoff(self, name: str) -> bool:
        """Whether a name speaks of what an actor gets, the actor misspelt perhaps."""
        actor, dot, _ = name.partition(".")
        whole = self.whole
        if actor in self.model.actors:
            return name not in self.model.private
        known = name in whole.quantities or name in whole.private or name in self.signals or actor in whole.stages
        return bool(dot) and not known and nearest(actor, whole.actors).startswith("did you mean")

    def name(self, e: Name, path: Path, allowed: Allowed) -> None:
        model, name = self.model, e.name
        if name in model.quantities:
            self.used.add(name)
            if not allowed.quantities:
                self.tell(path, f"{name!r} cannot be used in {allowed.where}", at=e.at)
        elif name in model.state or name in ("period", "periods"):
            self.used.add(name)
            if not allowed.play:
                self.tell(path, f"{name!r} changes during a history; it cannot be used in {allowed.where}", at=e.at)
        elif name in model.outcomes and allowed.outcomes:
            self.bare_outcome(e, path)
        elif name in model.private:
            self.type_allowed(name, path, e.at, allowed)
            if not model.private[name].numeric:
                first = next(iter(model.private[name].prior))
                self.tell(path, f"{name!r} is a type with names, not a number", f"write `{name} is {first}`", e.at)
        elif name in model.stages:
            stage = model.stages[name]
            if not allowed.play:
                self.tell(path, f"the stage {name!r} cannot be used in {allowed.where}", at=e.at)
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
        elif self.is_elsewhere(name):
            pass
        else:
            whole = self.whole
            owners = [s for s, stage in whole.stages.items() if name in stage.results]
            known = [*whole.quantities]
            if allowed.play:
                known += [*whole.state, "period", *(s for s, stage in whole.stages.items() if stage.offer)]
            known += [t for t in allowed.types if model.private[t].numeric]
            known += whole.outcomes if allowed.outcomes else []
            what = ["quantity", *(["state"] if allowed.play else []), *(["outcome"] if allowed.outcomes else [])]
            kinds = " or ".join([", ".join(what[:-1]), what[-1]] if len(what) > 1 else what)
            hint = f"write `{owners[0]} is {name}`" if owners else nearest(name, known)
            if name in WORDS_OF_NUMBERS and not owners:
                hint = f"a word is not a number: write an interval, such as `{WORDS_OF_NUMBERS[name]}`"
            self.tell(path, f"there is no {kinds} {name!r}", hint, e.at)

    def bare_outcome(self, e: Name, path: Path) -> None:
        """An outcome's name as an event, where it can be nothing else."""
        stages = [s for s, stage in self.model.stages.items() if e.name in stage.results]
        if e.name in self.model.stages:
            self.tell(path, f"{e.name!r} is an outcome and a stage", f"write `outcome is {e.name}`", e.at)
        elif stages:
            hint = f"write `outcome is {e.name}`, or `{stages[0]} is {e.name}`"
            self.tell(path, f"{e.name!r} is an outcome, and something that happens at {stages[0]!r}", hint, e.at)

    def type_allowed(self, name: str, path: Path, at: int, allowed: Allowed) -> None:
        if name not in allowed.types:
            if path[0] == "private":
                self.tell(path, f"{name!r} is listed later: a prior uses the types listed before it", "move it up", at)
            else:
                self.tell(path, f"{name!r} is a private type; it cannot be used in {allowed.where}", at=at)

    def what_happened(self, e: Is, path: Path, allowed: Allowed) -> None:
        model, subject = self.model, e.subject
        if subject == "outcome":
            labels: Iterable[str] = model.outcomes
            if not allowed.outcome:
                self.tell(path, f"the outcome is not known in {allowed.where}", at=e.at)
                return
        elif subject in model.private:
            self.type_allowed(subject, path, e.at, allowed)
            labels = model.private[subject].prior
        elif subject in model.stages or subject in self.signals or self.is_elsewhere(subject.removesuffix(".seen")):
            if not allowed.play:
                hint = f"ask for its probability: `P({written(e)}) > 0.5`" if allowed.questions else ""
                self.tell(path, f"what happens in a history cannot be used in {allowed.where}", hint, e.at)
                return
            labels = model.stages[subject].results if subject in model.stages else self.signals.get(subject, ())
            if subject.endswith(".seen") and not labels:
                return  # the signals of another structure
        else:
            if subject in model.quantities or subject in model.state:
                self.tell(
                    path, f"{subject!r} is a number, and `is` asks what happened", "compare numbers with == or <", e.at
                )
            else:
                known = [*self.whole.stages, *self.whole.private, *self.signals, "outcome"]
                owners = [s for s, stage in self.whole.stages.items() if subject in stage.results]
                hint = f"write `{owners[0]} is {subject}`" if owners else nearest(subject, known)
                if subject in model.outcomes:
                    hint = f"write `outcome is {subject}`"
                if subject == "likeliest":
                    other = next((name for name in model.outcomes if name not in e.labels), "another")
                    hint = f"compare probabilities: P(outcome is {e.labels[0]}) > P(outcome is {other})"
                self.tell(path, f"there is no stage or private type {subject!r}", hint, e.at)
            return
        for label in e.labels:
            if label not in labels and not self.is_elsewhere(subject, label):
                what = "type" if subject in model.private else "move or result"
                message = f"there is no {what} {label!r} of {subject!r}"
                if subject == "outcome":
                    message = f"there is no outcome {label!r}"
                self.tell(
                    path, message, nearest(label, (*labels, *self.labels_elsewhere(subject))), self.label_at(e, label)
                )

    def probabilities(
        self,
        entries: Mapping[str, Formula | None],
        path: Path,
        allowed: Allowed,
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
                path, f"the probabilities sum to {sum(fixed):g} before `otherwise`", "they sum to at most 1", key=True
            )

    def is_condition(self, e: Expression) -> bool:
        match e:
            case Name(name=name):  # an outcome by its bare name
                model = self.elsewhere or self.model
                return name in model.outcomes and name not in {*model.quantities, *model.state}
            case Is() | Over(op="ever") | Apply(op="<" | "<=" | ">" | ">=" | "==" | "!="):
                return True
            case Apply(op="and" | "or" | "not"):
                return all(self.is_condition(a) for a in e.args)
            case Apply(op="if"):
                return all(self.is_condition(a) for a in e.args[1:])
            case Over(op="previous"):
                return self.is_condition(e.arg)
        return False

    def play(self, where: str) -> Allowed:
        return Allowed(where, play=True, types=tuple(self.model.private))
