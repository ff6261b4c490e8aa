"""How variants in time, precision and length are shown: a column for each, the first the case as it is."""

from __future__ import annotations

from collections.abc import Mapping

from rich.markup import escape

from detente.analyse.finding import Finding
from detente.model.schema import Model
from detente.present.html.markup import Content, Html, table, tag
from detente.present.terminal.console import console
from detente.present.terminal.tables import Plain
from detente.present.view import Answer, Shown, view
from detente.present.wording.answer import drawn
from detente.present.wording.numbers import beside_effect, counted, number, percent, points, signed, words
from detente.study.questions.variants import Failed, Row, Variants

AS_IT_IS = "as it is"
NO_BREAK = "\N{NO-BREAK SPACE}"
NAMES = {"slices": ("slice", "slices"), "precision": ("precision", "precision"), "periods": ("period", "periods")}


def text(found: Variants, shown: Shown) -> None:
    """What `detente run` prints of variants."""
    shown_beside(found, shown.model)


def shown_beside(found: Variants, model: Model) -> None:
    """The table, and what is to be known of it."""
    rows = found.solved
    if found.variants:
        grid = Plain("how the answer depends on it", heads=True)
        grid.add_column("")
        for row in rows:
            grid.add_column(named(row.variant), justify="right", no_wrap=True)
        for name, cells in _cells(rows, model):
            grid.add_row(escape(name), *map(escape, cells))
        console.print(grid)
    for told in remarks(found):
        console.print(f"[dim]{escape(told)}[/dim]", soft_wrap=True)


def named(variant: Mapping[str, float]) -> str:
    """What a variant is called: `2 slices`, `precision 3`, `as it is`."""
    for what, value in variant.items():
        if what == "precision":
            return f"precision {number(value)}"
        return counted(int(value), NAMES[what][0])
    return AS_IT_IS


def _cells(rows: list[Row], model: Model) -> list[tuple[str, list[str]]]:
    """The answer and the outcomes, most likely first: each variant's value, and by how much it is above the first's."""
    first, found = rows[0], []
    if first.answer is not None:
        whole = [row.answer.value for row in rows if row.answer]
        cells = [_cell(f, row.changes.get("answer"), drawn(model)) for f, row in zip(whole, rows, strict=True)]
        found.append(("the answer", cells))
    ranked = sorted(first.outcomes, key=lambda name: -first.outcomes[name].value)
    found += [(words(n), [_cell(row.outcomes[n], row.changes.get(n), True) for row in rows]) for n in ranked]
    found.append(("nodes of the tree", [f"{row.nodes:,}" for row in rows]))
    return found


def _cell(f: Finding, change: Finding | None, probability: bool) -> str:
    if change is None or not change.draws:
        return percent(f.value, f.error) if probability else number(f.value, f.error)
    fine = change.error / 4
    by = f"{points(change.value, fine)}{NO_BREAK}pt" if probability else signed(change.value, fine)
    return f"{beside_effect(f.value, fine) if probability else number(f.value, f.error)} ({by})"


def remarks(found: Variants) -> list[str]:
    """What is to be known beside the table: what could not be solved, and what is asked more often."""
    told = []
    for row in found.variants:
        if isinstance(row, Failed):
            told.append(f"{named(row.variant)}: {' '.join(row.problem.split())}")
            continue
        if row.asked_more_often:
            stages = ", ".join(map(words, row.asked_more_often))
            told.append(
                f"{named(row.variant)}: {stages} asked in every slice; write `continues:` and `reconsidered:`, "
                "`per:`, or `once: true`"
            )
        told += [f"{named(row.variant)}: {note}" for note in row.notes]
        if row.certificate.converged < 1:
            told.append(f"{named(row.variant)}: {percent(row.certificate.converged)} of draws converged")
    return told


def page(found: Variants, shown: Shown) -> Answer:
    """How the answer depends on how time is cut, how sharply actors choose, and how long the game lasts."""
    return Answer(
        "variants", "How time is cut, how sharply they choose, how long it lasts", [_said(found)], [], remarks(found),
        after=_table(found, shown.model),
    )  # fmt: skip


def _said(found: Variants) -> str:
    rows = found.solved
    moved = [(abs(c.value), words(name), row) for row in rows for name, c in row.changes.items() if name != "answer"]
    if not moved:
        return "No variant could be solved."
    most, name, row = max(moved, key=lambda item: item[0])
    return f"Of the outcomes {name} moves most: by {points(most)} points with {named(row.variant)}."


def _table(found: Variants, model: Model) -> Html:
    rows = found.solved
    body: list[list[Content]] = []
    for name, cells in _cells(rows, model):
        body.append([tag("b", name), *cells])
    caption = f"Means of {counted(rows[0].draws, 'draw')}, and by how much they are above those of the case as it is."
    return table(caption, ["", *(named(row.variant) for row in rows)], body, range(1, len(rows) + 1))


def _converged(found: Variants) -> float:
    return min(row.certificate.converged for row in found.solved)


view(Variants, text=text, page=page, converged=_converged)
