"""What may be forced in a question: `P(event | do(stage is move))`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from detente.errors import nearest
from detente.language.expressions import Apply, Ask, Expression, Is, Over
from detente.language.writing import happened

if TYPE_CHECKING:
    from detente.model.check.grammar import Grammar, Path


def check(grammar: Grammar, asked: Ask, path: Path) -> None:
    """Tell what is wrong with the `do` of a question."""
    model = grammar.whole
    forced: dict[str, Is] = {}
    for made in asked.do:
        stage, move = made.subject, made.labels[0]
        if stage not in model.stages:
            grammar.tell(path, *_no_stage(grammar, made), made.at)
        elif move not in model.stages[stage].results:
            results = model.stages[stage].results
            message = f"there is no move or result {move!r} of {stage!r}"
            grammar.tell(path, message, nearest(move, results), made.label_at)
        elif stage in forced:
            grammar.tell(path, f"{stage!r} is forced twice", "do(...) forces one move or result of a stage", made.at)
        else:
            forced[stage] = made
    for part in together(asked.given):
        given = part.arg if isinstance(part, Over) and part.op == "ever" else part
        if not isinstance(given, Is) or given.subject not in forced:
            continue
        (move,) = forced[given.subject].labels
        moves = model.stages[given.subject].moves.values()
        if move not in given.labels and not any(m.when or m.unless for m in moves):
            message = f"what is given, `{happened(given)}`, cannot happen under do({given.subject} is {move})"
            grammar.tell(path, message, "give what can happen there, or force something else", given.at)


def _no_stage(grammar: Grammar, made: Is) -> tuple[str, str]:
    model, name = grammar.model, made.subject
    if name in model.private:
        return (
            f"{name!r} is a private type, which nobody makes so",
            f"condition on it: `P(event given {happened(made)})`",
        )
    if name == "outcome":
        return "an outcome follows from what is done", "force a move or a result that leads there"
    if name in grammar.signals:
        return f"{name!r} is a signal of what was done", f"force what it is a signal of, `{name.removesuffix('.seen')}`"
    if name in model.quantities or name in model.state:
        hint = "a quantity is given another value by a static (`raise:`) or by `detente what-if --set`"
        return f"{name!r} is a number, and do(...) forces a move or a result of a stage", hint
    owners = [s for s, stage in grammar.whole.stages.items() if name in stage.results]
    hint = f"write `do({owners[0]} is {name})`" if owners else nearest(name, grammar.whole.stages)
    return f"there is no stage {name!r}", hint


def together(e: Expression | None) -> Iterator[Expression]:
    """The parts of a condition that must all hold."""
    if isinstance(e, Apply) and e.op == "and":
        for part in e.args:
            yield from together(part)
    elif e is not None:
        yield e
