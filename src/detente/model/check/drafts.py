"""What is left to do in a draft: sentences that nothing takes up, what is to be filled in, numbers without a source."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from detente.model.check.grammar import Grammar, Path
from detente.model.coverage import coverage
from detente.model.implied import implied
from detente.model.record import Source

TO_FILL_IN = "to be filled in"
NAMED = 8  # ranges of numbers in one message


def drafts(grammar: Grammar) -> None:
    """Tell what is left to do. Only numbers that a text has not are mistakes; the rest are warnings."""
    model = grammar.model
    for name, source in model.sources.items():
        _numbers(grammar, name, source)
    for path in _unfilled(model, ()):
        if "uncovered" not in path:
            grammar.tell(path, f"this is still {TO_FILL_IN!r}", "say it in a line", warning=True)
    for one in coverage(model):
        if one.unit != "sentence" or not one.complete:
            continue
        path = ("sources", one.source)
        open_ = [p.number for p in one.paragraphs if p.aside == TO_FILL_IN and not p.taken_up]
        left = [p.number for p in one.paragraphs if not p.aside and not p.taken_up]
        both = [p.number for p in one.paragraphs if p.aside and p.taken_up]
        cite = f"let what takes it up say so (`source: {one.source} {(open_ or left or [1])[0]}`)"
        if left:
            told = f"nothing takes up {_said(left)} of {one.source!r}"
            grammar.tell(path, told, f"{cite}, or say under `uncovered` why nothing does", warning=True)
        if open_:
            told = f"{_said(open_)} of {one.source!r}: neither taken up nor set aside yet"
            hint = f"{cite} and delete its line here, or write here why nothing does"
            grammar.tell((*path, "uncovered"), told, hint, key=True, warning=True)
        if both:
            told = f"{_said(both)} of {one.source!r}: set aside under `uncovered`, and cited as well"
            grammar.tell((*path, "uncovered"), told, "delete the line here, or the citation", key=True, warning=True)
    _unsourced(grammar)


def _numbers(grammar: Grammar, name: str, source: Source) -> None:
    """What a source says of its own numbers has to fit together."""
    path = ("sources", name)
    if source.sentences is not None and source.paragraphs is not None:
        hint = "keep one of them: what is cited by number is one or the other"
        grammar.tell((*path, "paragraphs"), f"{name!r} counts sentences and paragraphs", hint, key=True)
    elif source.uncovered and source.numbers is None:
        hint = "say how many it has: `sentences: 25` or `paragraphs: 15`"
        grammar.tell((*path, "uncovered"), f"{name!r} has no numbers that could be set aside", hint, key=True)
    elif (many := source.numbers) is not None and (beyond := [n for n in source.set_aside if not 1 <= n <= many]):
        told = f"{name!r} has {many} {source.unit}{'s' * (many != 1)}, and none of the number {beyond[0]}"
        grammar.tell((*path, "uncovered"), told, f"name numbers from 1 to {many}", key=True)


def _unsourced(grammar: Grammar) -> None:
    """Where sentences are counted or judgements are to be confirmed, every uncertain number says where it is from."""
    sources = grammar.model.sources
    if not any(source.unconfirmed or source.sentences is not None for source in sources.values()):
        return
    own = next((name for name, source in sources.items() if source.unconfirmed), "")
    judged = f"`source: {own}`" if own else "a source with `unconfirmed: true`"
    for name, quantity in grammar.model.quantities.items():
        if not quantity.source and not implied(grammar.model, name):
            hint = f"cite a sentence of the text, or mark it as a judgement to be confirmed: {judged}"
            grammar.tell(("quantities", name), "it does not say where it comes from", hint, key=True, warning=True)


def _unfilled(part: Any, path: Path) -> Iterator[Path]:
    """Where a text is the one that stands for what is not written yet."""
    if part == TO_FILL_IN:
        yield path
    elif isinstance(part, BaseModel):
        for name, field in type(part).model_fields.items():
            yield from _unfilled(getattr(part, name), (*path, field.alias or name))
    elif isinstance(part, Mapping):
        for key, value in part.items():
            yield from _unfilled(value, (*path, key))
    elif isinstance(part, (tuple, list)):
        for k, value in enumerate(part):
            yield from _unfilled(value, (*path, k))


def _said(numbers: Collection[int]) -> str:
    """`sentences 3, 7-9`; the first few where there are many."""
    runs: list[tuple[int, int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    told = [f"{first}" if first == last else f"{first}-{last}" for first, last in runs]
    more = f" and {len(told) - NAMED} more" if len(told) > NAMED else ""
    return f"sentence{'s' * (len(numbers) != 1)} {', '.join(told[:NAMED])}{more}"
