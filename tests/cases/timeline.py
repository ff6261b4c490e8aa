"""The tables of `docs/ukraine-2022-timeline.md`, read off the case: `python -m tests.cases.timeline` writes them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from detente.model.catalogue import library
from detente.model.fields import Citation
from detente.model.load import load
from detente.model.record import Evidence
from detente.model.schema import Model

CASE = "ukraine-2022"
PAGE = Path(__file__).parents[2] / "docs" / "ukraine-2022-timeline.md"
BEGIN, END = "<!-- {}: uv run python -m tests.cases.timeline -->\n", "<!-- end of {} -->\n"
ITEM = re.compile(r"^  - (?:date|by): (\S+)(?: +# (.*))?$", re.MULTILINE)
SAME = "same thing as "


def repeated(text: str) -> list[str]:
    """What each item of the evidence repeats, as the comment beside its date says; empty where it stands for itself."""
    evidence = text[text.index("\nevidence:\n") : text.index("\nforecasts:\n")]
    comments = [match[2] or "" for match in ITEM.finditer(evidence)]
    return [comment.removeprefix(SAME) if comment.startswith(SAME) else "" for comment in comments]


def told(item: Evidence) -> str:
    """The kind of an item, with the event that was seen, or by how much more likely a sign is from which type."""
    if item.seen is not None:
        return f"seen: `{item.seen}`"
    if item.not_seen is not None:
        return f"not seen: `{item.not_seen}`"
    if not item.likelihood:
        return "fact"
    ((_, shares),) = item.likelihood.shares.items()
    (most, p), (_, q) = sorted(shares.items(), key=lambda pair: -pair[1].value)
    return f"signal, {p.value / q.value:.1f} for `{most}`" + "".join(f"; {name}" for name in item.with_)


def evidence_table(model: Model, text: str) -> Iterator[str]:
    yield "| date | what was seen | kind | why | source |\n|---|---|---|---|---|\n"
    rows = sorted(zip(model.evidence, repeated(text), strict=True), key=lambda row: row[0].day)
    for item, again in rows:
        event = item.seen or item.not_seen
        what = item.means if event is not None else item.signal or item.fact
        why = "a move of the model" if event is not None else item.means
        if again:
            what += f" (same thing as {again.replace('`', '')})"
        yield _row(str(item.day), what, told(item), why, links(model, item.source))


def product(model: Model) -> str:
    """What the signs come to if they are multiplied as if each were independent of the others, by the as-of date."""
    assert model.as_of is not None
    signs = [e for e in model.evidence if e.day <= model.as_of and e.likelihood]
    (first, second) = signs[0].likelihood.shares["Russia.aim"]

    def odds(sign: Evidence, discount: float) -> float:
        shares = sign.likelihood.shares["Russia.aim"]
        return float((shares[first].value / shares[second].value) ** discount)

    alike = [sum(bool(set(e.with_) & set(other.with_)) for other in signs) for e in signs]
    apart = math.prod(odds(e, 1.0) for e in signs)
    discounted = math.prod(odds(e, 1 / (1 + max(n - 1, 0) / 2)) for e, n in zip(signs, alike, strict=True))
    return (
        f"Up to {model.as_of}: {len(signs)} signs, multiplied {apart:.0f} to 1 for `{first}`; with the discount of "
        f"those that share a cause {discounted:.0f} to 1.\n"
    )


def forecast_table(model: Model) -> Iterator[str]:
    yield "| date | who | event | by | p | nearest event here | source |\n|---|---|---|---|---|---|---|\n"
    for said in sorted(model.forecasts, key=lambda said: said.date):
        by = str(said.deadline) if said.deadline else "not named"
        like = f"`{said.like}`" if said.like is not None else ""
        yield _row(str(said.date), said.who, said.event, by, f"{said.p:.2f}", like, links(model, said.source))


def links(model: Model, cited: Sequence[Citation]) -> str:
    found = []
    for citation in cited:
        source = model.sources[citation.source]
        name = source.author or source.title
        place = f", par. {citation.paragraph}" if citation.paragraph else ""
        found.append(f"[{name}]({source.url}){place}" if source.url else f"{name} (no address){place}")
    return "; ".join(found)


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |\n"


def renewed(page: str) -> str:
    """The page with its tables read off the case."""
    model = load(CASE)
    tables = {
        "evidence": "".join(evidence_table(model, library()[CASE])),
        "product": product(model),
        "forecasts": "".join(forecast_table(model)),
    }
    for name, table in tables.items():
        begin, end = BEGIN.format(name), END.format(name)
        before, rest = page.split(begin)
        page = f"{before}{begin}{table}{end}{rest.split(end)[1]}"
    return page


if __name__ == "__main__":
    PAGE.write_text(renewed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
