"""Sources of uncertainty taken together: those of one quantity, of one mechanism, of one source paragraph.

Variance can be shared out between independent things only. So what is correlated, or made of the same source, is one
factor: its effect is that of all its members known at once (Jacques, Lavergne & Devictor 2006).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from detente.analyse.sensitivity.shapley import Block, Player
from detente.arrays import Floats
from detente.draws.sources import SEEN_BY, Sources
from detente.errors import QuestionError, nearest
from detente.language.expressions import Name
from detente.model.fields import Sourced
from detente.model.schema import Model, Quantity
from detente.model.structural import drawing

REFERENCE = (
    "Jacques, Lavergne & Devictor (2006), Sensitivity analysis in presence of model uncertainty and correlated inputs, "
    "Reliability Engineering & System Safety 91, 1126-1134"
)
QUANTITY, MECHANISM, PARAGRAPH = "quantity", "mechanism", "source"
GROUPINGS = (QUANTITY, MECHANISM, PARAGRAPH)


@dataclass(frozen=True)
class Factor:
    """Sources known together. `members` are quantities (and perceptions), `rows` the numbers of their sources."""

    name: str
    members: tuple[str, ...]
    rows: tuple[int, ...]
    correlated: bool = False  # joined because of a correlation
    parts: tuple[tuple[str, tuple[int, ...]], ...] = ()  # what was joined: names, and the numbers of their sources


def factors(sources: Sources, by: str = QUANTITY) -> list[Factor]:
    """The factors of a model. Raises QuestionError for an unknown grouping, or a model in which all is certain."""
    if by not in GROUPINGS:
        raise QuestionError(f"quantities cannot be grouped by {by!r}; {nearest(by, GROUPINGS)}")
    model = sources.sampler.model
    if not sources.names:
        raise QuestionError(
            "every quantity of this model is a number known exactly; nothing depends on what is not known"
        )
    label = _labels(model)[by]
    stems = [name.partition("#")[0] for name in sources.names]
    groups: dict[str, list[int]] = {}
    for row, stem in enumerate(stems):
        groups.setdefault(label(stem), []).append(row)
    joined = _joined([list(rows) for rows in groups.values()], _correlated(sources))
    names = {row: name for name, rows in groups.items() for row in rows}
    found = []
    for rows in joined:
        parts = list(dict.fromkeys(names[row] for row in rows))
        members = tuple(dict.fromkeys(stems[row] for row in rows))
        own = tuple((part, tuple(row for row in rows if names[row] == part)) for part in parts)
        found.append(Factor(" + ".join(parts), members, tuple(rows), len(parts) > 1, own))
    return found


def _labels(model: Model) -> dict[str, Callable[[str], str]]:
    structures = drawing(model)  # what draws a structure, and how likely it is, are one factor

    def quantity(stem: str) -> Quantity:
        return model.quantities[stem.partition(SEEN_BY)[0]]

    def own(stem: str) -> str:
        """A source that is a part only of what bears its name says so."""
        if stem in structures:
            return structures[stem].name
        _, seen, actor = stem.partition(SEEN_BY)
        if not seen and any(q._stream == stem for q in model.quantities.values()):
            return stem  # structures give it other values
        formula = quantity(stem).seen_by[actor].value if seen else quantity(stem).value
        parts = {e.name for e in formula.expression.walk() if isinstance(e, Name)} & set(model.quantities)
        return f"{stem}, apart from {' and '.join(sorted(parts))}" if parts else stem

    def seen(stem: str) -> Sequence[Sourced]:
        """What says where a source belongs: the perception, if it is one and says so, then its quantity."""
        views, actor = quantity(stem).seen_by, stem.partition(SEEN_BY)[2]
        return [views[actor], quantity(stem)] if actor in views else [quantity(stem)]

    def paragraph(stem: str) -> str:
        return next((str(c) for part in seen(stem) for c in part.source), "(no source)")

    return {
        QUANTITY: own,
        MECHANISM: lambda stem: next((p.mechanism for p in seen(stem) if p.mechanism), "(no mechanism)"),
        PARAGRAPH: paragraph,
    }


def _correlated(sources: Sources) -> list[tuple[int, int]]:
    pairs = []
    for c in sources.sampler.model.correlations:
        rows = [sources.names.index(name) for name in c.between]
        if c.rank != 0:
            pairs += [(rows[0], row) for row in rows[1:]]
    return pairs


def _joined(groups: Sequence[list[int]], pairs: Sequence[tuple[int, int]]) -> list[list[int]]:
    """Groups joined wherever a pair has its ends in two of them."""
    found = [list(group) for group in groups]
    for a, b in pairs:
        one = next(group for group in found if a in group)
        other = next(group for group in found if b in group)
        if one is not other:
            one.extend(other)
            found.remove(other)
    return found


def blocks(found: Sequence[Factor], mixing: Floats) -> list[Block]:
    """The factors as blocks of players for Shapley effects."""
    return [Block(tuple(Player(name, rows) for name, rows in factor.parts), mixing) for factor in found]


def note(found: Sequence[Factor]) -> str:
    """What was joined because of correlations, in a sentence; empty if nothing was."""
    joined = [factor.name for factor in found if factor.correlated]
    if not joined:
        return ""
    return "correlated, so that their parts cannot be told apart, and taken together: " + "; ".join(joined)
