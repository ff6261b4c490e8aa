"""Pictures of why a forecast changed: the parts of the difference as a waterfall, and the payoff terms behind one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from detente.analyse.counterfactual.why_change import Contribution, Reason, WhyChange
from detente.model.schema import Model
from detente.present.figures.drawing.axes import (
    Row,
    Scale,
    gutter_of,
    legend,
    numbers,
    percents,
    rhomb,
    stacked,
    swatch,
)
from detente.present.figures.drawing.svg import WIDTH, Picture, box, diamond, label, line, whisker
from detente.present.html.markup import Content, Html, table, tag
from detente.present.html.numbers import data
from detente.present.wording.changes import (
    is_probability,
    level,
    moves_said,
    part_name,
    reason_said,
    shift,
    terms_ranked,
    told_apart,
)
from detente.present.wording.names import key_of
from detente.present.wording.numbers import counted, points, signed, words

HALF_BAR = 6.0


def path_picture(model: Model, found: WhyChange, certified: str = "") -> Picture:
    """The difference as steps from one forecast to the other, in the order of play."""
    parts, rest, others = told_apart(found)
    rows = [Row(found.sides[0]), *(Row(part_name(model, p), moves_said(p)) for p in parts)]
    rows += [Row(f"{counted(others, 'other part')}")] * bool(others)
    rows.append(Row(found.sides[1]))
    steps = [p.effect for p in parts] + [replace(found.of.effect, value=rest, low=rest, high=rest)] * bool(others)
    gutter, right = gutter_of(rows, 300.0, 150.0), 110.0
    places, bottom = stacked(rows, gutter, 12.0)
    at, ends = found.of.before.value, [found.of.before.value, found.of.after.value]
    for f in steps:
        ends += [at + f.low, at + f.high]
        at += f.value
    bounds = (0.0, 1.0) if is_probability(found) else None
    scale = Scale.over(ends if bounds is None else [min(max(v, 0.0), 1.0) for v in ends], gutter + 8,
                       WIDTH - right, bounds)  # fmt: skip
    say = percents(scale.marks) if is_probability(found) else numbers
    title = words(found.of.name)
    drawn: list[Html] = [*scale.ruled(6, bottom, say, title)]
    for row, (y, height) in zip(rows, places, strict=True):
        drawn += row.drawn(y - height / 2, gutter)
    at = found.of.before.value
    for (y, height), f in zip(places[1:-1], steps, strict=True):
        x0, x1 = sorted([scale(at), scale(at + f.value)])
        drawn.append(line(scale(at), y - height / 2 - HALF_BAR, scale(at), y + HALF_BAR, "mean"))
        class_ = "more" if f.value >= 0 else "less"
        drawn.append(box(x0, y - HALF_BAR, x1 - x0, 2 * HALF_BAR, class_, shift(found, f), 0, 0.8))
        if f.low < f.high:
            drawn += whisker(scale(at + f.low), scale(at + f.high), y, 3)
        drawn.append(label(WIDTH, y + 4, shift(found, f), "bold", "end", 11))
        at += f.value
    for (y, _), f in ((places[0], found.of.before), (places[-1], found.of.after)):
        drawn.append(diamond(scale(f.value), y, 6, "ring", level(found, f)))
        drawn.append(label(WIDTH, y + 4, level(found, f), "bold", "end", 11))
    signs, end = legend(
        [(swatch("more"), "raises it"), (swatch("less"), "lowers it"), (rhomb("ring"), "the forecast")],
        8, bottom + Scale.foot(title) + 14,
    )  # fmt: skip
    reading = (
        f"Means of {counted(found.draws, 'paired draw')}; lines, 95% intervals of the means. What each decision that "
        "changed, in the order of play, and chance contribute (Shapley’s value of each step of play): the steps sum to "
        f"the difference. Moves: how often they are made when they are asked for, before and after. {certified}"
    )
    key, title = key_of("path", found.of.name, found.change), f"From {found.sides[0]} to {found.sides[1]}"
    return Picture(key, title, reading, [*drawn, *signs], end + 4, path_table(model, found))


def path_table(model: Model, found: WhyChange) -> Html:
    """Every part of the difference, with the moves and the payoff terms behind it; and every outcome on both sides."""
    rows: list[list[Content]] = []
    for p in found.parts:
        reason = "made by the change itself" if p.name in found.forced else reason_said(p.reason) if p.reason else ""
        rows.append(
            [tag("b", part_name(model, p)), data(p.effect.value, shift(found, p.effect)), _interval(found, p),
             moves_said(p), reason]
        )  # fmt: skip
    rows.append(
        [tag("b", "all together"), data(found.of.effect.value, shift(found, found.of.effect)), "",
         f"{level(found, found.of.before)} → {level(found, found.of.after)}", ""]
    )  # fmt: skip
    head = ["", "it contributes", "95% of the mean", "moves, when asked for", "the gap between two of them, in stakes"]
    caption = f"What contributes to the difference in {words(found.of.name)}, in the order of play."
    ends: list[list[Content]] = [
        [tag("b", words(name)), *(data(f.value, f"{f.value:.2%}") for f in (d.before, d.after)),
         data(d.effect.value, f"{points(d.effect.value, d.effect.error)} pt")]
        for name, d in found.outcomes.items()
    ]  # fmt: skip
    every = table("Mean probability of each outcome.", ["", *found.sides, "difference"], ends, range(1, 4))
    return Html(table(caption, head, rows, (1,)) + every)


def _interval(found: WhyChange, p: Contribution) -> str:
    return " to ".join(shift(found, replace(p.effect, value=v)) for v in (p.effect.low, p.effect.high))


def reason_picture(model: Model, p: Contribution, found: WhyChange) -> Picture:
    """The payoff terms that moved a decision: how much each changes the gap between two moves."""
    assert p.reason is not None
    r, names = p.reason, terms_ranked(p.reason.terms)
    rows = [*(Row(words(n), _means(model, p.actor, n)) for n in names), Row("all together")]
    gutter, right = gutter_of(rows, 260.0, 120.0), 84.0
    places, bottom = stacked(rows, gutter, 10.0)
    shown = [*(r.terms[n] for n in names), r.change]
    worth = [*(r.worth.get(n) for n in names), None]
    values = [v for f in (*shown, *(w for w in worth if w)) for v in (f.low, f.value, f.high)]
    scale, title = Scale.over([0.0, *values], gutter + 8, WIDTH - right), "change of the gap, in stakes"
    parts: list[Html] = [*scale.ruled(6, bottom, numbers, title), line(scale(0), 6, scale(0), bottom, "axis")]
    for row, (y, height), f, itself in zip(rows, places, shown, worth, strict=True):
        parts += row.drawn(y - height / 2, gutter)
        x0, x1 = sorted([scale(0), scale(f.value)])
        class_ = "more" if f.value >= 0 else "less"
        parts.append(box(x0, y - HALF_BAR, x1 - x0, 2 * HALF_BAR, class_, signed(f.value), 0, 0.8))
        parts += whisker(scale(f.low), scale(f.high), y, 3)
        if itself is not None:
            parts.append(diamond(scale(itself.value), y, 5, "ring", f"the term itself: {signed(itself.value)}"))
        parts.append(label(WIDTH, y + 4, signed(f.value, f.error), "bold", "end", 11))
    entries = [(swatch("more"), f"for {words(r.move)}"), (swatch("less"), f"for {words(r.against)}")]
    if r.worth:
        entries.append((rhomb("ring"), "of which, the term itself: all playing as before"))
    signs, end = legend(entries, 8, bottom + Scale.foot(title) + 14)
    reading = (
        f"{words(r.where)}: how much better {words(r.move)} is than {words(r.against)}, as {words(p.actor)} sees it, "
        f"from {signed(r.before.value)} to {signed(r.after.value)} stakes. Bars, means, and they sum to the last one; "
        "lines, 90% of draws."
    )
    heading = f"What moved {part_name(model, p)}"
    key = key_of("moved", p.actor, p.name, str(p.period), found.of.name, found.change)
    return Picture(key, heading, reading, [*parts, *signs], end + 4, _terms_table(r, names))


def _terms_table(r: Reason, names: Sequence[str]) -> Html:
    """The payoff terms behind a decision, with the part that is there though all play as before."""
    rows: list[list[Content]] = []
    for name in names:
        f, itself = r.terms[name], r.worth.get(name)
        band = f"{signed(f.low)} to {signed(f.high)}"
        own: Content = data(itself.value, signed(itself.value)) if itself else ""
        rows.append([tag("b", words(name)), data(f.value, signed(f.value)), band, own])
    f = r.change
    band = f"{signed(f.low)} to {signed(f.high)}"
    rows.append([tag("b", "all together"), data(f.value, signed(f.value)), band, ""])
    head = ["term", "change", "90% of draws", "the term itself"]
    return table(f"{words(r.move)} against {words(r.against)}, in stakes.", head, rows, range(1, 4))


def _means(model: Model, actor: str, term: str) -> str:
    known = model.payoffs.get(actor, {}).get(term)
    return known.means if known else ""
