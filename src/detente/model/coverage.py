"""Which paragraphs of a source a case takes up, and with what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from detente.model.blocks import each
from detente.model.fields import Citation
from detente.model.schema import Model

PARTS = ("quantities", "private", "state", "stages", "outcomes")


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of a source: the mechanisms and claims that take it up, and how many other parts of the case cite it
    (quantities, stages, outcomes, terms, structures, evidence, forecasts)."""

    number: int
    mechanisms: tuple[str, ...]
    claims: tuple[str, ...]
    others: int

    @property
    def covered(self) -> bool:
        """Whether a mechanism or a claim takes it up."""
        return bool(self.mechanisms or self.claims)


@dataclass(frozen=True)
class Coverage:
    """A source that is cited by paragraph. `complete`: the case says how many paragraphs it has, so that those which
    nothing cites are among them; else these are the cited ones only."""

    source: str
    paragraphs: tuple[Paragraph, ...]
    complete: bool


def coverage(model: Model) -> list[Coverage]:
    """Every source whose paragraphs mechanisms or claims cite, or whose number of paragraphs is stated, in the order
    of the file."""
    mechanisms = {name: _numbers(part.source) for name, part in model.mechanisms.items()}
    claims = {name: _numbers(part.source) for name, part in model.claims.items()}
    others = list(_others(model))
    found = []
    for source in _sources(model):
        cited = {n for part in (*mechanisms.values(), *claims.values()) for n in part.get(source, ())}
        stated = model.sources[source].paragraphs if source in model.sources else None
        if not cited and stated is None:
            continue
        numbers = range(1, stated + 1) if stated is not None else sorted(cited)
        found.append(Coverage(source, tuple(
            Paragraph(
                number, _who(mechanisms, source, number), _who(claims, source, number),
                sum(number in part.get(source, ()) for part in others),
            )
            for number in numbers
        ), stated is not None))  # fmt: skip
    return found


def _sources(model: Model) -> Iterable[str]:
    """The sources that are declared, then those that are only cited."""
    parts = [part.source for part in model.mechanisms.values()] + [part.source for part in model.claims.values()]
    return dict.fromkeys([*model.sources, *(citation.source for cited in parts for citation in cited)])


def _who(parts: Mapping[str, Mapping[str, tuple[int, ...]]], source: str, number: int) -> tuple[str, ...]:
    return tuple(name for name, cited in parts.items() if number in cited.get(source, ()))


def _numbers(citations: Iterable[Citation]) -> dict[str, tuple[int, ...]]:
    """The paragraphs that are cited, by source."""
    found: dict[str, tuple[int, ...]] = {}
    for citation in citations:
        found[citation.source] = (*found.get(citation.source, ()), *citation.numbers)
    return found


def _others(model: Model) -> Iterator[dict[str, tuple[int, ...]]]:
    """What is cited by every other part of a case."""
    parts: list[Any] = [part for section in PARTS for part in getattr(model, section).values()]
    parts += [view for quantity in model.quantities.values() for view in quantity.seen_by.values()]
    parts += [term for terms in model.payoffs.values() for term in terms.values()]
    parts += [structure for _, structure, _ in each(model.structures)]
    parts += [*model.evidence, *model.forecasts, *model.base_rates]
    return (_numbers(part.source) for part in parts if getattr(part, "source", ()))
