"""Pictures of perceptions: what each actor believes, what it costs, and what must be believed for a move to be best."""

from __future__ import annotations

import math
from collections.abc import Sequence

from detente.analyse.perceptions.needs import Need
from detente.analyse.perceptions.portrait import Belief, Portrait
from detente.model.schema import Model
from detente.present.figures.drawing.axes import (
    Row,
    Scale,
    Sign,
    disc,
    gutter_of,
    legend,
    numbers,
    rhomb,
    stacked,
    swatch,
)
from detente.present.figures.drawing.svg import WIDTH, Picture, box, diamond, dot, label, line, whisker
from detente.present.html.markup import Content, Html, table, tag
from detente.present.html.numbers import chance, data
from detente.present.wording.names import amount, assumed, deviations, means
from detente.present.wording.numbers import counted, fixed, number, signed, words
from detente.present.wording.perceptions import enough, needless_row, surprises, way_said

READINGS = {"common": "each knows how the others see", "private": "each takes its view for the truth"}


def beliefs_picture(model: Model, p: Portrait, draws: int) -> Picture:
    """Each quantity an actor sees otherwise: seen over true or, where that means nothing, in standard deviations."""
    rows = [Row(words(b.quantity), means(model, b.quantity)) for b in p.beliefs]
    gutter, right = gutter_of(rows, 270.0), 150.0
    places, bottom = stacked(rows, gutter, 26.0)
    factors = [b.factor for b in p.beliefs if b.factor is not None]
    by_factor = len(factors) == len(p.beliefs)
    if by_factor:
        scale = Scale.times([v for f in factors for v in (f.value, f.low, f.high)], gutter + 8, WIDTH - right)
        title, truth = "seen over true: 1 is the truth", 1.0
    else:
        far = max([1.0, *(abs(b.distance) for b in p.beliefs if math.isfinite(b.distance))])
        scale = Scale.over([-far, far], gutter + 8, WIDTH - right)
        title, truth = "prior standard deviations from the truth", 0.0
    parts = [*scale.ruled(22, bottom, (lambda m: f"×{numbers(m)}") if by_factor else numbers, title),
             line(scale(truth), 22, scale(truth), bottom, "axis"),
             label(WIDTH, 14, "true → seen (medians)", "muted", "end", 11)]  # fmt: skip
    for row, (y, height), b in zip(rows, places, p.beliefs, strict=True):
        parts += row.drawn(y - height / 2, gutter)
        value = b.factor.value if by_factor and b.factor else b.distance
        if math.isfinite(value):
            parts.append(line(scale(truth), y, scale(value), y, "between"))
            if by_factor and b.factor:
                parts += whisker(scale(b.factor.low), scale(b.factor.high), y)
            parts.append(
                dot(scale(value), y, 5.5, "more" if value > truth else "less", f"{row.name}: {_both(model, b)}")
            )
        parts.append(label(WIDTH, y - 1, _both(model, b), "bold", "end", 11))
        away = f"{deviations(b.distance)} sd" if math.isfinite(b.distance) else "known exactly"
        away = "held impossible" if math.isinf(b.distance) else away
        parts.append(label(WIDTH, y + 12, away, "muted", "end", 10.5))
    reading = (
        f"Quantities that {words(p.actor)} does not see as they are. Dots, medians of {counted(draws, 'draw')}"
        f"{'; lines, 90% of them' if by_factor else ''}; sd: the distance in the analyst’s prior standard deviations."
    )
    title = f"What {words(p.actor)} believes"
    height = bottom + Scale.foot("seen") + 6
    return Picture(f"believes-{p.actor}", title, reading, parts, height, beliefs_table(model, p))


def _both(model: Model, b: Belief) -> str:
    return f"{number(b.truth.value)} → {amount(model, b.quantity, b.seen.value)}"


def beliefs_table(model: Model, p: Portrait) -> Html:
    """What an actor believes, with intervals; and where its expectations differ from what follows."""
    rows: list[list[Content]] = []
    for b in p.beliefs:
        sides = [
            [
                data(f.value, amount(model, b.quantity, f.value)),
                tag("span", f" ({number(f.low)} to {number(f.high)})", class_="quiet"),
            ]
            for f in (b.truth, b.seen)
        ]
        factor = data(b.factor.value, f"×{number(b.factor.value)}") if b.factor else ""
        far = data(b.distance, deviations(b.distance)) if math.isfinite(b.distance) else ""
        far = "held impossible" if math.isinf(b.distance) else far
        rows.append([tag("b", words(b.quantity)), *sides, factor, far])
    caption = f"What {words(p.actor)} believes: medians, with 90% of the draws."
    believed = table(caption, ["quantity", "true", "seen", "seen/true", "sd"], rows, range(1, 5)) if rows else Html("")
    told = surprises(p)
    if not told:
        return believed
    expected: list[list[Content]] = [
        [tag("b", words(what)), *(chance(f) if f.draws else "never asked" for f in (e.expected, e.real))]
        for what, e in told
    ]
    heading = f"What {words(p.actor)} expects, where that is mistaken."
    return Html(believed + table(heading, ["", "it expects", "it comes"], expected, (1, 2)))


def cost_picture(portraits: Sequence[Portrait], draws: int) -> Picture:
    """What each actor hopes for and gets, and what correct beliefs would add."""
    rows = [Row(words(p.actor)) for p in portraits]
    gutter = gutter_of(rows, 160.0, 80.0)
    places, bottom = stacked([Row(r.name, "x") for r in rows], gutter, 26.0)
    paid = [f.value for p in portraits for f in (p.payoff.hoped, p.payoff.real, p.payoff.seeing)]
    lost = [v for p in portraits for v in (p.payoff.cost.low, p.payoff.cost.high, p.payoff.best.value)]
    left = Scale.over(paid, gutter + 8, gutter + 250)
    right = Scale.over([0.0, *lost], gutter + 290, WIDTH - 62)
    parts = [
        *left.ruled(22, bottom, numbers), *right.ruled(22, bottom, numbers),
        line(right(0), 22, right(0), bottom, "axis"), label(left.left, 14, "what it gets, in stakes", "muted", size=11),
        label(right.left, 14, "what correct beliefs would add, in stakes", "muted", size=11),
    ]  # fmt: skip
    for row, (y, _), p in zip(rows, places, portraits, strict=True):
        c = p.payoff
        parts += row.drawn(y - row.height(gutter) / 2, gutter)
        parts.append(line(left(c.real.value), y, left(c.hoped.value), y, "between"))
        parts.append(diamond(left(c.hoped.value), y, 5.5, "ring", f"{row.name} expects {signed(c.hoped.value)}"))
        parts.append(dot(left(c.real.value), y, 5, "ink", f"{row.name} gets {signed(c.real.value)}"))
        ends = sorted([right(0), right(c.cost.value)])
        parts.append(box(ends[0], y - 6, ends[1] - ends[0], 12, "less", f"cost {number(c.cost.value)}", 0, 0.8))
        parts += whisker(right(c.cost.low), right(c.cost.high), y)
        parts.append(label(WIDTH, y + 4, fixed(c.cost.value, 3), "bold", "end", 11))
    told = [
        (rhomb("ring"), "it expects"),
        (disc("ink"), "it gets"),
        (swatch("less"), "correct beliefs add (line: 90% of draws)"),
    ]
    signs, end = legend(told, 8, bottom + 40)
    reading = (
        f"Means of {counted(draws, 'draw')}. Correct beliefs: the actor alone, answering the same others with the same "
        "precision. Stakes of different actors are not compared."
    )
    return Picture("cost", "What misperception costs", reading, [*parts, *signs], end + 4, cost_table(portraits))


def cost_table(portraits: Sequence[Portrait]) -> Html:
    """The payoffs behind the cost of misperception."""
    rows: list[list[Content]] = []
    for p in portraits:
        c = p.payoff
        shown = [data(f.value, fixed(f.value, 3, sign=True)) for f in (c.hoped, c.real, c.seeing)]
        cost = [data(c.cost.value, fixed(c.cost.value, 3)),
                f"{fixed(c.cost.low, 3)} to {fixed(c.cost.high, 3)}"]  # fmt: skip
        more = c.best.value - c.cost.value
        rows.append([tag("b", words(p.actor)), *shown, *cost, data(more, fixed(more, 3))])
    head = ["", "it expects", "it gets", "correct beliefs", "cost", "90% of draws", "best response adds"]
    return table("What misperception costs, in stakes.", head, rows, range(1, 7))


# ---------------------------------------------------------------------- what must be believed


def need_picture(model: Model, need: Need) -> Picture:
    """From the truth to the nearest belief that is enough and to the view of the model, quantity by quantity."""
    points = {reading: enough(need, reading) for reading in need.convictions}
    shown = {reading: c for reading, c in points.items() if c.found}
    rows = [Row(words(a.quantity), means(model, a.quantity)) for a in need.axes]
    gutter, right = gutter_of(rows, 250.0), 150.0
    places, bottom = stacked([Row(r.name, r.note + " x" * 24) for r in rows], gutter, 26.0)

    values = [a.score for a in need.axes] + [x for c in shown.values() for x in c.scores.values()]
    scale = Scale.over([0.0, *(v for v in values if math.isfinite(v))], gutter + 8, WIDTH - right)
    title = "prior standard deviations from the truth"
    parts = [*scale.ruled(22, bottom, lambda m: numbers(m) if m else "truth", title),
             line(scale(0), 22, scale(0), bottom, "axis"),
             label(WIDTH, 14, "true → needed (its view)", "muted", "end", 11)]  # fmt: skip
    for row, (y, height), axis in zip(rows, places, need.axes, strict=True):
        parts += row.drawn(y - min(height, row.height(gutter)) / 2, gutter)
        if math.isfinite(axis.score):
            parts.append(line(scale(0), y, scale(axis.score), y, "rule"))
            parts.append(
                diamond(scale(axis.score), y, 6, "ring", f"its view: {amount(model, axis.quantity, axis.view)}")
            )
        needed = []
        for n, (reading, c) in enumerate(shown.items()):
            at = y + (7 * n - 3.5 * (len(shown) - 1))
            value = c.beliefs[axis.quantity]
            score = c.scores[axis.quantity]
            if math.isfinite(score):
                hint = f"needed, {reading}: {amount(model, axis.quantity, value)}"
                parts.append(tag("g", tag("title", hint), _sign(reading)(scale(score), at)))
            needed.append(number(value))
        told = f"{number(axis.truth)} → {' or '.join(dict.fromkeys(needed)) or 'not found'}"
        parts.append(label(WIDTH, y - 1, told, "bold", "end", 11))
        parts.append(label(WIDTH, y + 12, f"({amount(model, axis.quantity, axis.view)})", "muted", "end", 10.5))
    entries = [(_sign(r), f"enough: {READINGS.get(r, r)} ({number(c.distance)} sd in all)") for r, c in shown.items()]
    view = (
        f"its view in the model ({number(need.view_distance)} sd)"
        if math.isfinite(need.view_distance)
        else "its view in the model"
    )
    signs, end = legend([*entries, (rhomb("ring"), view)], 8, bottom + Scale.foot(title) + 16)
    reading_ = (
        f"The nearest beliefs found at which {words(need.move)} is {words(need.actor)}’s best first move at "
        f"{words(need.stage)}, every other quantity at its median; each point is solved on both sides."
    )
    heading = f"What {words(need.actor)} must believe for {words(need.stage)} is {words(need.move)} to be its best"
    return Picture(f"need-{need.actor}", heading, reading_, [*parts, *signs], end + 4, need_table(model, need))


def _sign(reading: str) -> Sign:
    """A disc for common perceptions, a square for private ones."""
    return disc("ink", 4.5) if reading == "common" else lambda x, y: box(x - 4, y - 4, 8, 8, "less")


def need_table(model: Model, need: Need) -> Html:
    """Every decision and every way, with the view that is enough or how far the best one falls short."""
    made = []
    for reading, convictions in need.convictions.items():
        rows: list[list[Content]] = []
        for c in convictions:
            if needless_row(need, c):
                continue
            far: Content = data(c.distance, f"{c.distance:.2f}") if c.found and math.isfinite(c.distance) else ""
            way, seen = way_said(c)
            if c.found and c.distance > 0:
                seen = ", ".join(f"{assumed(n)} {amount(model, n, x)}" for n, x in c.beliefs.items())
            rows.append([c.decision.when, words(c.decision.own), words(c.decision.where), way, seen, far])
        head = ["decision", "types", "after", "share of the way", "it must see", "sd"]
        made.append(table(f"By decision: {reading} perceptions ({READINGS.get(reading, reading)}).", head, rows, (5,)))
    return Html("".join(made))
