"""Which paragraphs or sentences of a source a case takes up, with what; which parts of it are to be confirmed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from detente.errors import Place
from detente.model.citing import citing
from detente.model.fields import Citation
from detente.model.schema import Model


@dataclass(frozen=True)
class Paragraph:
    """A paragraph or sentence of a source: the mechanisms and claims that take it up, how many other parts of the case
    cite it (quantities, stages, outcomes, terms, structures, evidence, forecasts), and why nothing does, where the case
    says so."""

    number: int
    mechanisms: tuple[str, ...]
    claims: tuple[str, ...]
    others: int
    aside: str = ""

    @property
    def covered(self) -> bool:
        """Whether a mechanism or a claim takes it up."""
        return bool(self.mechanisms or self.claims)

    @property
    def taken_up(self) -> bool:
        """Whether any part of the case cites it."""
        return self.covered or self.others > 0


@dataclass(frozen=True)
class Coverage:
    """A source that is cited by paragraph, or by sentence (`unit`). `complete`: the case says how many it has, so that
    those which nothing cites are among them; else these are the cited ones only."""

    source: str
    paragraphs: tuple[Paragraph, ...]
    complete: bool
    unit: str = "paragraph"


@dataclass(frozen=True)
class Judgement:
    """A part of a case that rests on a judgement which a person has yet to confirm: under which keys it stands, where,
    and the source that says so."""

    path: str
    place: Place
    source: str


def to_confirm(model: Model) -> list[Judgement]:
    """The parts that cite a source which is `unconfirmed`, in the order of the schema."""
    unconfirmed = {name for name, source in model.sources.items() if source.unconfirmed}
    return [
        Judgement(".".join(map(str, path)), model.place(*path, "@key"), citation.source)
        for path, part in citing(model)
        for citation in getattr(part, "source", ())
        if citation.source in unconfirmed
    ]


def coverage(model: Model) -> list[Coverage]:
    """Every source whose paragraphs mechanisms or claims cite, or whose number of paragraphs is stated, in the order
    of the file."""
    mechanisms = {name: _numbers(part.source) for name, part in model.mechanisms.items()}
    claims = {name: _numbers(part.source) for name, part in model.claims.items()}
    others = list(_others(model))
    found = []
    for source in _sources(model):
        cited = {n for part in (*mechanisms.values(), *claims.values()) for n in part.get(source, ())}
        declared = model.sources.get(source)
        stated = declared.numbers if declared else None
        aside = declared.set_aside if declared else {}
        if not cited and stated is None:
            continue
        numbers = range(1, stated + 1) if stated is not None else sorted(cited)
        found.append(Coverage(source, tuple(
            Paragraph(
                number, _who(mechanisms, source, number), _who(claims, source, number),
                sum(number in part.get(source, ()) for part in others), aside.get(number, ""),
            )
            for number in numbers
        ), stated is not None, declared.unit if declared else "paragraph"))  # fmt: skip
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
    for path, part in citing(model):
        cited: tuple[Citation, ...] = getattr(part, "source", ())
        if cited and path[0] not in ("mechanisms", "claims"):
            yield _numbers(cited)
