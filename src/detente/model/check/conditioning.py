"""Which questions condition on a choice, and what would be asked if it were forced instead.

To condition is to look at the histories in which somebody chose something, which also tells what made it choose so; to
intervene, `do(stage is move)`, is to make it so (Pearl 2009, Causality, chapter 3).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from detente.errors import listed
from detente.language.expressions import Apply, Ask, Expression, Is, Name, Over
from detente.language.writing import happened
from detente.model.check.interventions import together
from detente.model.schema import Model

if TYPE_CHECKING:
    from detente.model.check.grammar import Grammar, Path


def choices(model: Model, expression: Expression) -> list[Ask]:
    """The questions in an expression that condition on what somebody chose, or on a result of chance that may follow.

    What is asked of nothing but types and chance before all choices is no such question: it was settled before, and
    choices tell of it. Neither is an actor's own utility given its own move, which is what it looks at to choose.
    """
    return [
        e
        for e in expression.walk()
        if isinstance(e, Ask) and e.given is not None and not _settled_before(model, e) and chosen(model, e)
    ]


def instead(model: Model, asked: Ask) -> Ask | None:
    """The question that forces what this one conditions on; None where what is given is no list of moves."""
    given, do, rest = chosen(model, asked), list(asked.do), []
    for part in together(asked.given):
        if not given & _stages(model, part):
            rest.append(part)
        elif (made := _forced(model, part)) is None or made.subject in {d.subject for d in do}:
            return None
        else:
            do.append(made)
    return Ask(asked.at, asked.what, asked.arg, both(*rest), tuple(do))


def both(*conditions: Expression | None) -> Expression | None:
    """The condition that all of some conditions hold; None where there is none."""
    whole: Expression | None = None
    for condition in conditions:
        if condition is not None:
            whole = condition if whole is None else Apply(condition.at, "and", (whole, condition))
    return whole


def warn(grammar: Grammar, expression: Expression, path: Path) -> None:
    """Warn of questions that condition on a choice, all those of an expression at once."""
    model = grammar.model
    found = choices(model, expression)
    if not found or any(isinstance(e, Ask) and e.do for e in expression.walk()):
        return  # who writes do(...) beside it knows one from the other
    stages = list(dict.fromkeys(name for e in found for name in model.stages if name in chosen(model, e)))
    forcing = instead(model, found[0])
    made = ", ".join(happened(m) for m in forcing.do) if forcing else "stage is move"
    message = f"this conditions on what is chosen at {listed(stages)}, which also tells why it was chosen"
    hint = f"to ask what the choice changes, write `{found[0].what}(... | do({made}))`; `detente claims` shows both"
    grammar.tell(path, message, hint, found[0].at, warning=True)


def _stages(model: Model, e: Expression) -> set[str]:
    """The stages that an expression asks about, by what happened, what was offered, or what was seen of it."""
    names = (part.subject if isinstance(part, Is) else part.name for part in e.walk() if isinstance(part, (Is, Name)))
    return {name.removesuffix(".seen") for name in names} & set(model.stages)


def _free(model: Model) -> set[str]:
    """The stages that somebody decides, and those of chance that come after such a stage in some period."""
    order, periods = list(model.stages), model.periods
    first = next((k for k, name in enumerate(order) if model.stages[name].actor), len(order))
    return {
        name
        for k, name in enumerate(order)
        if k >= first or periods.slices > 1 or (periods.count > 1 and model.stages[name].periods != (1,))
    }


def chosen(model: Model, asked: Ask) -> set[str]:
    """The stages decided by somebody, or after somebody has decided, on which a question conditions."""
    given = _stages(model, asked.given) & _free(model) if asked.given is not None else set()
    if asked.what == "U" and isinstance(asked.arg, Name):
        given -= {name for name in given if model.stages[name].actor == asked.arg.name}
    return given


def _settled_before(model: Model, asked: Ask) -> bool:
    """Whether a question is about nothing but private types and what chance did before anybody decided."""
    if asked.what == "U":
        return False
    parts = [e for e in asked.arg.walk() if isinstance(e, (Is, Name))]
    before = (set(model.stages) - _free(model)) | set(model.private)
    subjects = {(e.subject if isinstance(e, Is) else e.name).removesuffix(".seen") for e in parts}
    return bool(subjects) and subjects <= before | set(model.quantities) and bool(subjects & before)


def _forced(model: Model, e: Expression) -> Is | None:
    """What would have to be forced for a condition to hold, where that is one move or result."""
    match e:
        case Over(op="ever", arg=inner):
            return _forced(model, inner)
        case Is(labels=(_,)) if e.subject in model.stages:
            return e
        case Apply(op="not", args=(inner,)):
            made = _forced(model, inner)
            others = [r for r in model.stages[made.subject].results if r != made.labels[0]] if made else []
            if made and len(others) == 1:
                return Is(made.at, made.subject, (others[0],), made.label_at)
    return None
