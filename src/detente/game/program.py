"""The order of play: what is done in turn, what can be looked at on the way, and when the outcomes are tried."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from detente.language.expressions import Expression, Name
from detente.language.scenes import OUTCOME, Subjects
from detente.model.fields import Formula
from detente.model.schema import Model


@dataclass(frozen=True)
class Step:
    """A step of the program that every play goes through: what is done, with what, in which period, or slice of one
    (from 0)."""

    kind: str
    name: str
    period: int = 0


def subjects_of(model: Model) -> Subjects:
    """What the formulas of a model can look at."""
    labels = {name: tuple(private.prior) for name, private in model.private.items()}
    labels |= {f"{name}.seen": _signals(p.seen_as) for name, p in model.private.items() if p.seen_as}
    whole = frozenset((*labels, OUTCOME))
    for name, stage in model.stages.items():
        labels[name] = stage.results
        if stage.seen_as:
            labels[f"{name}.seen"] = _signals(stage.seen_as)
    labels[OUTCOME] = tuple(model.outcomes)
    offers = frozenset(name for name, stage in model.stages.items() if stage.offer)
    return Subjects(model.periods.count, labels, whole, tuple(model.state), offers, model.periods.slices)


def _signals(seen_as: Mapping[str, Mapping[str, Formula | None]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(signal for signals in seen_as.values() for signal in signals))


def program(model: Model) -> Iterator[Step]:
    """The steps that every play goes through, in order."""
    for name in model.private:
        yield Step("type", name)
    for name, private in model.private.items():
        if private.seen_as:
            yield Step("type signal", name)
    order = list(model.stages)
    unfinished = set()  # stages after which others still move at the same time: the game does not end between them
    for k, name in enumerate(order):
        if (first := model.stages[name].together_with) in order:
            unfinished.update(order[order.index(first) : k])
    last = model.periods.steps - 1
    for t in range(last + 1):
        for name, stage in model.stages.items():
            if not stage.periods or t // model.periods.slices + 1 in stage.periods:
                yield Step("stage", name, t)
                if stage.seen_as:
                    yield Step("signal", name, t)
            if name not in unfinished:
                yield Step("outcomes", "once", t)
        yield Step("outcomes", "period end", t)
        if t < last:
            yield Step("close", "", t)
    yield Step("end", "", last)


def visible(model: Model, event: str, actor: str) -> bool:
    """Whether an actor sees what happens at a stage, which type somebody is of, or a signal of either."""
    if (private := model.private.get(event)) is not None:
        return private.public or event.partition(".")[0] == actor
    if (stage := model.stages.get(event)) is None:  # a signal
        return True
    return actor == stage.actor if stage.seen_as and not stage.hidden_from else actor not in stage.hidden_from


def closing(model: Model) -> Iterator[str]:
    """The outcomes that are tried when a period is over and ask for a state."""
    for name, outcome in model.outcomes.items():
        asked = outcome.when.expression.walk() if outcome.when and outcome.at != "once" else ()
        if any(isinstance(e, Name) and e.name in model.state for e in asked):
            yield name


def together(model: Model) -> dict[str, frozenset[str]]:
    """For each stage the others that move at the same time."""
    group: dict[str, set[str]] = {}
    for name, stage in model.stages.items():
        mine = group.get(stage.together_with, {stage.together_with} if stage.together_with else set())
        mine.add(name)
        for member in mine:
            group[member] = mine
    return {
        name: frozenset(m for other in members for m in (other, f"{other}.seen")) for name, members in group.items()
    }


def conditions(model: Model, moment: str) -> Iterator[tuple[str, Expression]]:
    """The outcomes that are tried at a moment, with their conditions: plain ones, then those of the moment."""
    for at in dict.fromkeys(("once", moment)):
        for name, outcome in model.outcomes.items():
            if outcome.when is not None and outcome.at == at:
                yield name, outcome.when.expression
