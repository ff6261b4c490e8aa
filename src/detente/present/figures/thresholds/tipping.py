"""Pictures of answers along a line: tipping points along a quantity, and the way from shared truth to misperception."""

from __future__ import annotations

from collections.abc import Mapping

from detente.analyse.finding import Finding
from detente.analyse.thresholds.tipping import Tip, Tipping
from detente.model.schema import Model
from detente.present.figures.drawing.axes import Row, Scale, Sign, gutter_of, legend, numbers, rod, stacked
from detente.present.figures.drawing.frame import Frame, axis_of
from detente.present.figures.drawing.panels import (
    LEAST,
    RIGHT,
    Curve,
    Panel,
    Within,
    _range,
)
from detente.present.figures.drawing.panels import drawn as panelled
from detente.present.figures.drawing.svg import WIDTH, Picture, box, diamond, dot, label, line, whisker
from detente.present.html.markup import Content, Html, table, tag
from detente.present.html.numbers import along, chance, data
from detente.present.html.palette import colour
from detente.present.wording.answer import THE_ANSWER, drawn, in_words, level
from detente.present.wording.names import amount, assumed, axis_title, certified, deviations, key_of, means, telling
from detente.present.wording.numbers import counted, number, percent, words

SIGNS: Mapping[str, Sign] = {
    "crosses": lambda x, y: dot(x, y, 5, "ink"),
    "jumps": lambda x, y: diamond(x, y, 6, "k1"),
    "between": lambda x, y: box(x - 5, y - 5, 10, 10, "k3"),
}
KINDS = {
    "crosses": "crosses: probabilities meet",
    "jumps": "jumps: at once",
    "between": "between two of its few values",
}


# ---------------------------------------------------------------------- tipping points


def tipping_picture(model: Model, found: Tipping) -> Picture:
    """The answer, the outcomes (and the conclusion) along a quantity on one scale, and below them every value at which
    something changes."""
    x = [float(v) for v in found.grid]
    panels, tips, gutter, scale = _laid_out(model, found)
    curves, bottom = panelled(panels, x, scale, gutter, 24.0)
    places, end = stacked([row for _, row in tips], gutter, bottom + 30 if tips else bottom)
    title = axis_title(model, found.quantity)
    parts = scale.ruled(18, end, number if scale.log else numbers, title)
    if x[0] <= found.centre <= x[-1]:
        parts.append(line(scale(found.centre), 18, scale(found.centre), end, "mean"))
        parts.append(label(scale(found.centre), 12, "median", "muted", "middle", 11))
    parts += curves
    if tips:
        parts.append(label(scale.left, bottom + 18, "where it changes, all else at its median", "muted", size=11))
    for (t, row), (y, height) in zip(tips, places, strict=True):
        parts += [*row.drawn(y - height / 2, gutter), *_tip(scale, y, model, found.quantity, t)]
    end += Scale.foot(title) + 10
    if tips:
        told = [(SIGNS[how], said) for how, said in KINDS.items() if any(t.how == how for t in found.tips)]
        if any(t.at.draws for t in found.tips):
            told.append((rod("whisker"), "90% of the draws that change so, each at its own value"))
        signs, end = legend(told, 8, end + 8)
        parts += signs
    reading = (
        f"Above, means (line) and 90% (band) of {counted(found.draws, 'paired draw')} at each of {len(x)} values; "
        f"{_verb(found)} {certified(found.converged)}"
    )
    return Picture(
        key_of("tip", found.quantity),
        f"How the answer changes with {assumed(found.quantity)}",
        reading,
        parts,
        end + 4,
        tipping_table(model, found),
    )


def tipping_frame(model: Model, found: Tipping) -> Frame:
    """Where its quantity lies in the picture."""
    *_, scale = _laid_out(model, found)
    return Frame(axis_of(found.quantity, scale, found.grid, found.scale))


def _laid_out(model: Model, found: Tipping) -> tuple[list[Panel], list[tuple[Tip, Row]], float, Within]:
    """The panels, the rows of what turns, the width of the words beside them, and the scale along the quantity."""
    x = [float(v) for v in found.grid]
    names = telling(model, found.outcomes)
    panels = [_panel(words(n), means(model, n), Curve(found.outcomes[n], colour(model, n))) for n in names]
    if found.answer and drawn(model):
        panels.insert(0, _panel(THE_ANSWER, in_words(model), Curve(found.answer, "k2")))
    first = next(iter(found.claims), "")
    if first and _range(found.claims[first]) >= LEAST:
        row = Row(f"{words(first)} holds in", means(model, first))
        panels.append(Panel(row, [Curve(found.claims[first], "k1", banded=False)], "held"))
    tips = [
        (t, Row(words(t.what), f"{words(t.before)} → {words(t.after)} {tip_said(model, found.quantity, t)}"))
        for t in found.tips
    ]
    gutter = max(gutter_of([p.row for p in panels], 236.0) + 34, gutter_of([r for _, r in tips], 270.0))
    inside = [x[0], x[-1], *(v for t in found.tips for v in (t.at.low, t.at.high) if v == v)]
    scale = Within.of(min(inside), max(inside), gutter + 4, WIDTH - RIGHT, found.scale, x)
    return panels, tips, gutter, scale


def _panel(name: str, what: str, curve: Curve) -> Panel:
    """A probability along a quantity; beside its name where it begins and ends, which a narrow screen shows, too."""
    ends = " → ".join(percent(f.value, f.error) for f in (curve.findings[0], curve.findings[-1]))
    return Panel(Row(name, f"{ends}. {what}" if what else ends), [curve])


def _verb(found: Tipping) -> str:
    if not found.tips:
        return "with all else at its median nothing changes in this range: no most likely outcome, no move, no claim."
    return "below, the exact values at which something changes with all else at its median."


def _turned(t: Tip) -> str:
    return f"{words(t.what)}: {words(t.before)} → {words(t.after)}"


def tip_said(model: Model, quantity: str, t: Tip) -> str:
    """Where something changes, and in how many draws."""
    place = amount(model, quantity, t.at.value) if t.how == "between" else amount(model, quantity, t.at.value, 4)
    away = f", {deviations(t.score)} sd" if t.score == t.score else ""
    many = f"; {draws_said(t)}"
    many += f", {counted(t.lost, 'more')} could not be narrowed" if t.lost else ""
    return f"at {place}{away}{many}" + (f"; jumps by {percent(t.step)}" if t.how == "jumps" else "")


def draws_said(t: Tip) -> str:
    """How many draws turn where the median draw does; of none that none was seen to."""
    return (
        f"{counted(t.at.draws, 'draw changes', 'draws change')} so"
        if t.at.draws
        else "no draw was seen to change so here"
    )


def ends_said(t: Tip) -> str:
    """Between which values 90% of the draws turn, told apart where they differ by more than they were narrowed to."""
    low, high = (number(v, digits=3) for v in (t.at.low, t.at.high))
    return f"at {low}" if low == high else f"{low} to {high}"


def _tip(scale: Scale, y: float, model: Model, quantity: str, t: Tip) -> list[Html]:
    parts = whisker(scale(t.at.low), scale(t.at.high), y, 3) if t.at.draws else []
    return [
        *parts,
        tag("g", tag("title", f"{_turned(t)} {tip_said(model, quantity, t)}"), SIGNS[t.how](scale(t.at.value), y)),
    ]


def tipping_table(model: Model, found: Tipping) -> Html:
    """The curves by value, and everything that turns."""
    names = list(found.outcomes)
    claims = [n for n in found.claims if _range(found.claims[n]) >= LEAST]
    head = [
        assumed(found.quantity),
        *[THE_ANSWER] * bool(found.answer),
        *map(words, names),
        *(f"{words(c)} holds in" for c in claims),
        "most likely at the medians",
    ]
    rows: list[list[Content]] = []
    for k, x in enumerate(found.grid):
        outcomes = [_banded(found.outcomes[n][k]) for n in names]
        if found.answer:
            f = found.answer[k]
            outcomes.insert(0, _banded(f) if drawn(model) else data(f.value, level(model, f)))
        held = [chance(found.claims[c][k]) for c in claims]
        rows.append(
            [data(float(x), amount(model, found.quantity, float(x), 3)), *outcomes, *held, words(found.likeliest[k])]
        )
    curves = table(
        "Mean probability with 90% of the draws at each value; claims: the share of draws in which they hold.",
        head, rows, range(len(head) - 1),
    )  # fmt: skip
    turned: list[list[Content]] = [
        [
            tag("b", words(t.what)), words(t.before), words(t.after), data(t.at.value, number(t.at.value, digits=6)),
            "" if t.score != t.score else data(t.score, deviations(t.score)), t.how,
            data(t.step, percent(t.step)), f"{t.at.draws:,}", f"{t.never:,}", f"{t.lost:,}",
            ends_said(t) if t.at.draws else "",
        ]
        for t in found.tips
    ]  # fmt: skip
    if not turned:
        return curves
    heads = [
        "what changes",
        "from",
        "to",
        "at",
        "sd",
        "how",
        "step",
        "draws that change so",
        "that do not",
        "not narrowed",
        "90% of those that do",
    ]
    return Html(table("Where something changes, all else at its median.", heads, turned, range(3, 11)) + curves)


def _banded(f: Finding) -> Content:
    return [along(f), tag("span", f" ({percent(f.low)}–{percent(f.high)})", class_="quiet")]


# ---------------------------------------------------------------------- from shared truth to misperception
