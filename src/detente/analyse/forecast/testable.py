"""Whether what a model asserts can be tested at all: told by `check`, before anything is solved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from detente.analyse.forecast.claims import Question
from detente.analyse.forecast.preferences import within
from detente.analyse.forecast.structure import Structure, certain, possible
from detente.analyse.forecast.unsolved import at_random
from detente.draws.sampler import Draws
from detente.engine.batch import Batch
from detente.errors import Problem
from detente.game.blueprint import Blueprint
from detente.game.interventions import impossible
from detente.language.expressions import Apply, Ask, Expression
from detente.language.strict import asks, may_fail
from detente.model.continuation import terms
from detente.model.fields import Formula

Path = tuple[str | int, ...]
BEHAVIOURS, FEW = 2, 16  # behaviours, and draws of the first, in which a number is looked for before all are read
_NO_NUMBER = {
    "/": ("this divides by zero", "divide by something else, or write `x / y if y > 0 else 0`"),
    "log": ("this is the logarithm of what is not above zero", "write `log(x) if x > 0 else 0`"),
    "sqrt": ("this is the square root of something negative", "write `sqrt(x) if x > 0 else 0`"),
    "exp": ("this is too large to be a number", "divide by the scale of what stands inside"),
}


def untestable(blueprint: Blueprint, draws: Draws) -> list[Problem]:
    """What is wrong with what a model asks (claims, answer, statics, records), apart from how they are written."""
    found: list[Problem] = []
    batches = _Batches(blueprint, draws)
    members = blueprint.members.blueprints if blueprint.members else ()
    models = (blueprint.model, *(member.model for member in members))
    fail = any(
        may_fail(term.formula.expression)
        for model in models
        for actor in model.payoffs
        for term in terms(model, actor).values()
        if term.formula
    )
    for path, formula in _asked(blueprint):
        told = _Told(blueprint, path, batches, formula.expression, fail)
        told.of()
        if path[0] == "claims" and all(problem.warning for problem in told.problems):
            told.settled()
        found += told.problems
    return found


def _asked(blueprint: Blueprint) -> Iterator[tuple[Path, Formula]]:
    """Every formula that asks something of the solved game, with its place; events as their probabilities."""
    model = blueprint.model
    for name, claim in model.claims.items():
        yield ("claims", name, "holds"), claim.holds
    for name, static in model.statics.items():
        yield ("statics", name, "then", "what"), static.then.what
    if model.answer:
        yield ("answer", "asks"), model.answer.asks
    for name, kind in model.private.items():
        for label, prefers in kind.prefers.items():
            asked = within(prefers.expression, name, label)
            yield ("private", name, "prefers", label), Formula(prefers.text, asked)
    for section, key, events in (
        ("evidence", "seen", [item.seen for item in model.evidence]),
        ("evidence", "not seen", [item.not_seen for item in model.evidence]),
        ("forecasts", "like", [forecast.like for forecast in model.forecasts]),
        ("base_rates", "like", [rate.like for rate in model.base_rates]),
    ):
        for k, event in enumerate(events):
            if event is not None:
                yield (section, k, key), Formula(event.text, Ask(event.expression.at, "P", event.expression))


class _Batches:
    """The draws with some arbitrary behaviours, and before them few with the first; each is made when it is wanted.

    Rival structures are asked one by one, each in its own game: an intervention is then worked out for that game alone.
    """

    def __init__(self, blueprint: Blueprint, draws: Draws) -> None:
        own = [(blueprint, draws)]
        if (members := blueprint.members) is not None:
            which = members.which(blueprint.tape, draws)
            drawn = ((member, np.flatnonzero(which == k)) for k, member in enumerate(members.blueprints))
            own = [(member, draws.taken(where)) for member, where in drawn if len(where)]
        self._more = [(at_random(one, mine, BEHAVIOURS), list[Batch]()) for one, mine in own]

    def __iter__(self) -> Iterator[Batch]:
        for k in range(1 + BEHAVIOURS):
            for more, made in self._more:
                if k == len(made):
                    batch = next(more)
                    made += [batch.part(0, FEW), batch] if k == 0 else [batch]
                yield made[k]


class _Told:
    """The problems of one formula."""

    def __init__(
        self, blueprint: Blueprint, path: Path, batches: Iterable[Batch], whole: Expression, payoffs_may_fail: bool
    ) -> None:
        self.payoffs_may_fail = payoffs_may_fail
        self.blueprint, self.path, self.batches, self.whole = blueprint, path, batches, whole
        self.asks = [e for e in whole.walk() if isinstance(e, Ask)]
        self.question = Question(blueprint, whole, self.asks)
        self.problems: list[Problem] = []

    def tell(self, at: int, message: str, hint: str, warning: bool = True) -> None:
        place = self.blueprint.model.place(*self.path).shifted(at)
        self.problems.append(Problem(place, message, hint, ".".join(map(str, self.path)), warning))

    def of(self) -> None:
        """Events that no history has, or every one; and what is a number in no draw."""
        never, tape = False, self.blueprint.tape
        for ask in self.asks:
            self.unplayed(ask)
            asked = self.question.answering(ask)
            if ask.given is not None and ask.do and impossible(self.blueprint, ask.forced, ask.given):
                never = True  # told where what is forced is looked at
            elif ask.given is not None and not possible(tape, asked):
                never = True
                hint = "it can be judged in no draw: write as given what can happen"
                self.tell(ask.given.at, "no history has what is given here", hint)
            elif ask.what == "P" and (sure := certain(tape, asked)) is not None:
                which = "history" if ask.given is None else "history that is given"
                said = f"every {which} has this event" if sure else f"no {which} has this event"
                hint = f"its probability is {sure:.0f}, whatever the numbers: look at the conditions of the stages"
                self.tell(ask.arg.at, said, hint)
        if not never and not self._always() and self._nowhere(self.question):
            self._no_number(self.whole)

    def unplayed(self, ask: Ask) -> None:
        """What a question forces and no history ever comes to."""
        tree = self.blueprint.tree
        for made in ask.do:
            (move,) = made.labels
            if not any(tree.tags[above] == made.subject and tree.labels[x] == move
                       for x, above in enumerate(tree.parent.tolist()) if x):  # fmt: skip
                said = (
                    f"`{made.subject} is {move}` is forced here, and no history ever comes to it: do() changes nothing"
                )
                self.tell(made.at, said, "look at the conditions of the stage: force what can be played")

    def settled(self) -> None:
        """A claim that can never fail, or never hold."""
        low, high = Structure(self.question).bounds
        if (low, high) in ((0, 0), (1, 1)):
            never = "fail" if low else "hold"
            hint = "it is so by its form and the structure of the game, whatever the numbers: it tests nothing"
            self.tell(0, f"this claim can never {never}", hint)

    def _always(self) -> bool:
        """Whether it is sure to be a number, so that none has to be looked for: nothing in it can fail to be one, and
        it is asked of all plays. Quantities are finite, or no draws were made of them."""
        if any(ask.given is not None for ask in self.asks) or may_fail(self.whole):
            return False
        return all(ask.what == "P" for ask in self.asks) or not self.payoffs_may_fail

    def _nowhere(self, question: Question) -> bool:
        """Whether it is a number in no draw, whatever anybody does."""
        return all(np.isnan(Question(batch.blueprint, question.expression)(batch)).all() for batch in self.batches)

    def _no_number(self, e: Expression) -> None:
        """Tell of the innermost part of a formula that is never a number."""
        for child in e.children():
            if not isinstance(e, Ask) and self._nowhere(Question(self.blueprint, child)):
                self._no_number(child)
                return
        message = "this is a number in no draw"
        hint = "check for a logarithm or root of something negative, or a division by zero"
        inner = next((p for p in e.walk() if isinstance(p, Apply) and p.op in _NO_NUMBER), None)
        if isinstance(e, Ask) and inner is not None:
            e = inner
        if isinstance(e, Apply) and e.op in _NO_NUMBER:
            said, hint = _NO_NUMBER[e.op]
            message = f"{said} in every draw, and so no number" if not asks(e) else f"{said} in every draw"
        self.tell(e.at, message, hint, warning=False)
