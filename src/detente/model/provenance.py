"""Where ranges come from, and when that was in print: sources later than the as-of date, and sources used twice."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from detente.language.expressions import Expression, Name
from detente.model.blocks import weight_of
from detente.model.fields import Citation
from detente.model.likelihoods import bare
from detente.model.record import Source
from detente.model.schema import Model

_WEIGHT = weight_of("")
_PART = re.compile(r"(\d{4})(?:-(\d{2}))?\Z")
_WHY = re.compile(r"\b(?:later\s*[:,]|after\b|used for\b|of what\b|known\b)", re.I)


@dataclass(frozen=True)
class Later:
    """A source that was published after the as-of date, and what rests on it. `why`: its note says why it may;
    `inherited`: what rests on it in the file that is extended, and was argued there as of another day."""

    source: str
    published: dt.date
    quantities: tuple[str, ...]
    why: bool
    inherited: tuple[str, ...] = ()


@dataclass(frozen=True)
class Twice:
    """A source on which a prior rests, and which is evidence on the same thing (a private type, a quantity, a
    structure) again."""

    source: str
    quantity: str
    subject: str
    date: dt.date


def published(source: Source) -> dt.date | None:
    """The first day on which it can have appeared: of `1990-07` the first of that month; None where nothing says."""
    if isinstance(source.published, dt.date):
        return source.published
    text = (source.published or "").strip()
    try:
        if part := _PART.match(text):
            return dt.date(int(part[1]), int(part[2] or 1), 1)
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def later(model: Model) -> list[Later]:
    """The sources later than the as-of date on which ranges rest, in the order of the file."""
    if model.as_of is None:
        return []
    resting: dict[str, dict[str, None]] = {}
    for name, cited in _ranges(model):
        for citation in cited:
            resting.setdefault(citation.source, {})[name] = None
    found = []
    for name, source in model.sources.items():
        day = published(source)
        if day is not None and day > model.as_of and name in resting:
            theirs = tuple(x for x in resting[name] if _extended(model, x))
            own = tuple(x for x in resting[name] if x not in theirs)
            found.append(Later(name, day, own, bool(_WHY.search(source.note)), theirs))
    return found


def _extended(model: Model, name: str) -> bool:
    """Whether what is uncertain is written in a file that the model extends."""
    if len(model.files) < 2:
        return False
    part = "quantities" if name in model.quantities else "structures"
    written = [model.place(part, name), *(model.place(part, name, key) for key in ("value", "weight", "source"))]
    return all(Path(place.file).name != model.files[-1].name for place in written)


def _ranges(model: Model) -> Iterator[tuple[str, tuple[Citation, ...]]]:
    """What the analyst is uncertain of, and what it rests on; a structure's weight stands for the structure."""
    weights = {name for name in model.quantities if weight_of(name) in model.quantities}
    for name, quantity in model.quantities.items():
        if name in weights:
            continue
        yield name.removesuffix(_WEIGHT), quantity.source
        for view in quantity.seen_by.values():
            yield name, view.source
    for name, kind in model.private.items():
        yield name, kind.source


def twice(model: Model) -> list[Twice]:
    """The sources that are cited for a prior and again as evidence on what that is the prior of."""
    found: dict[tuple[str, str, str], Twice] = {}
    for item in model.evidence:
        for subject in item.told.subjects:
            for quantity, cited in _prior(model, bare(subject)):
                for here in item.source:
                    if any(_same(here, there) for there in cited):
                        one = Twice(here.source, quantity, bare(subject), item.day)
                        found.setdefault((one.source, one.quantity, one.subject), one)
    return list(found.values())


def _same(here: Citation, there: Citation) -> bool:
    """Whether two citations are of one passage, as far as they say."""
    apart = here.text != there.text and here.text != here.source and there.text != there.source
    return here.source == there.source and not apart


def _prior(model: Model, subject: str) -> Iterator[tuple[str, tuple[Citation, ...]]]:
    """The quantities that say how likely a subject was before the evidence, with what they rest on."""
    if subject in model.private:
        kind = model.private[subject]
        yield subject, kind.source
        names = _named(p.expression for p in kind.prior.values() if p is not None) & set(model.quantities)
    elif weight_of(subject) in model.quantities:
        names = {weight_of(subject)}
    else:
        names = {subject} & set(model.quantities)
    todo = sorted(names)
    seen = set(names)
    while todo:
        name = todo.pop()
        quantity = model.quantities[name]
        yield name.removesuffix(_WEIGHT), quantity.source
        more = sorted((_named([quantity.value.expression]) & set(model.quantities)) - seen)
        seen |= set(more)
        todo += more


def _named(expressions: Iterable[Expression]) -> set[str]:
    return {e.name for expression in expressions for e in expression.walk() if isinstance(e, Name)}
