"""The record as a page in Markdown: a card for each crisis, then what so many cases can tell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from detente.analyse.evidence.track_record import Dated, TrackRecord
from detente.model.catalogue import library
from detente.model.load import load
from detente.present.figures.evidence.leads import leads_picture
from detente.present.wording.numbers import day, names_day, words
from detente.present.wording.record import (
    HEADS,
    LEAD_HEADS,
    VARIANT_HEADS,
    before,
    binned,
    bounds,
    chance,
    headline,
    lead,
    others,
    remarks,
    row,
    score,
    variant,
)

PICTURES = "pictures/record"


def record_page(found: TrackRecord, command: str, pages: Mapping[str, str]) -> str:
    """The record as a page in Markdown. `pages`: by case the address of its own page, where there is one."""
    cards = [part for case in _cases(found) for part in _card(case, found, pages.get(case, ""))]
    parts = [
        "# The record", headline(found),
        f"Made by `{command}`; not edited by hand. [Scoring](scoring.md) says what the numbers are.",
        "## Cases", *cards, "## All days", _table(HEADS, [row(r) for r in found.cases]),
    ]  # fmt: skip
    if found.leads:
        parts += ["## At fixed lead times", _table(LEAD_HEADS, [lead(one) for one in found.leads])]
    if found.summary.calibration:
        heads = ("forecast", "mean", "happened", "95%")
        parts += ["## Calibration", _table(heads, [binned(b) for b in found.summary.calibration])]
    if found.variants:
        parts += ["## Other models of the same crises", "They count in no summary: one crisis is one case.",
                  _table(VARIANT_HEADS, [variant(v) for v in found.variants])]  # fmt: skip
    parts += ["## What these numbers can tell", "\n".join(f"- {one}" for one in remarks(found))]
    parts += ["## Methods", "\n".join(f"- {one}" for one in found.references)]
    return "\n\n".join(_joined(parts)) + "\n"


def record_pictures(found: TrackRecord) -> dict[str, str]:
    """The picture of each case with several days, as the text of an SVG file, by the case: one day makes no line."""
    rows = {case: _rows(found, case) for case in _cases(found)}
    return {case: leads_picture(case, own).standalone() for case, own in rows.items() if len(own) > 1}


def _cases(found: TrackRecord) -> list[str]:
    return list(dict.fromkeys(r.case for r in found.cases))


def _rows(found: TrackRecord, case: str) -> list[Dated]:
    return [r for r in found.cases if r.case == case]


def _card(case: str, found: TrackRecord, page: str) -> Iterator[str]:
    """A case: its question, the argument of the day, what happened, its picture and scores."""
    rows = _rows(found, case)
    own = next((r for r in rows if r.fixed is None), rows[-1])
    yield f"### {case}"
    if len(rows) > 1:
        yield f"![The forecasts of {case} by days before what happened]({PICTURES}/{case}.svg)"
    told = []
    if case in library():
        model = load(case)
        told.append(f"*{model.question}*" if model.question else model.title)
        first = next(iter(model.claims.values()), None)
        if first is not None and first.says:
            told.append(f"The argument of the day: {first.says.rstrip('.')}.")
        if model.happened and model.happened.means:
            told.append(f"What happened: {model.happened.means.rstrip('.')}.")
    if own.happened is None:
        told.append(f"The question is open; it is judged by {day(own.deadline)}." if own.deadline else "Open.")
    yield " ".join(told) or words(own.event)
    heads = ("forecast of", "as known", "forecast", "90% of draws", "Brier", "base rate", "others")
    cells = [
        (_event(r), before(r), chance(r.p), bounds(r), score(r.brier), chance(r.base_rate), chance(others(r)))
        for r in rows
    ]
    yield _table(heads, cells)
    if page:
        wrong = "cannot say" if own.happened is None else "what it got wrong"
        yield f"What the model can say and {wrong}: [its page]({page})."


def _event(r: Dated) -> str:
    by = f", by {day(r.deadline)}" if r.deadline and not names_day(r.event, r.deadline) else ""
    return f"{words(r.event)}{by}"


def _joined(parts: Sequence[str]) -> Iterator[str]:
    """Parts, items of one list together."""
    items: list[str] = []
    for part in parts:
        if part.startswith("- ") and "\n" not in part:
            items.append(part)
            continue
        if items:
            yield "\n".join(items)
            items = []
        yield part


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", r"\|") for cell in line) + " |" for line in lines)
