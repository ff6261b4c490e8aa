"""The picture of comparative statics: what each does, and whether the model answers in the way the argument says."""

from __future__ import annotations

from collections.abc import Sequence

from detente.analyse.counterfactual.statics import StaticResult
from detente.analyse.finding import Finding
from detente.model.schema import Model
from detente.present.figures.drawing.axes import Row, Scale, disc, gutter_of, legend, numbers, rhomb, stacked
from detente.present.figures.drawing.svg import WIDTH, Picture, diamond, dot, label, line, whisker
from detente.present.html.cite import asks_chance
from detente.present.html.markup import Content, Html, table, tag
from detente.present.html.numbers import data
from detente.present.wording.numbers import beside_effect, counted, number, percent, points, signed, words


def in_points(model: Model, r: StaticResult) -> bool:
    """Whether a static is about a probability, so that its effect is told in points of a hundred."""
    static = model.statics.get(r.name)
    return static is not None and asks_chance(static.then.what.text)


def effect_said(model: Model, r: StaticResult, x: float) -> str:
    """An effect with its unit, or an end of its interval."""
    fine = r.effect.error / 4
    return f"{points(x, fine)} pt" if in_points(model, r) else signed(x, fine)


def level_said(model: Model, r: StaticResult, f: Finding) -> str:
    """One side of a static, as fine as its paired effect: otherwise both sides could look alike where they differ."""
    return beside_effect(f.value, r.effect.error / 4) if in_points(model, r) else number(f.value, r.effect.error / 4)


def statics_picture(model: Model, found: Sequence[StaticResult]) -> Picture:
    """The effect of each static with its 95% interval; probabilities first, then what is counted in other units."""
    groups = [("effect, in points of a hundred", [r for r in found if in_points(model, r)], 100.0),
              ("effect, in units of its own", [r for r in found if not in_points(model, r)], 1.0)]  # fmt: skip
    groups = [g for g in groups if g[1]]
    lines = [[Row(words(r.name), words(r.says)) for r in rs] for _, rs, _ in groups]
    gutter, right = gutter_of([row for some in lines for row in some], 300.0), 132.0
    parts: list[Html] = []
    top = 0.0
    for (title, rs, times), rows in zip(groups, lines, strict=True):
        values = [times * v for r in rs for v in (r.effect.value, r.effect.low, r.effect.high) if v == v]
        scale = Scale.over([0.0, *values], gutter + 8, WIDTH - right)
        places, bottom = stacked(rows, gutter, top + 10)
        parts += scale.ruled(top + 6, bottom, numbers, title)
        parts.append(line(scale(0), top + 6, scale(0), bottom, "axis"))
        for row, (y, height), r in zip(rows, places, rs, strict=True):
            parts += row.drawn(y - height / 2, gutter)
            if r.effect.value == r.effect.value:
                if r.effect.low == r.effect.low:
                    parts += whisker(scale(times * r.effect.low), scale(times * r.effect.high), y)
                x, hint = (
                    scale(times * r.effect.value),
                    f"{row.name}: {effect_said(model, r, r.effect.value)}, {verdict(r)}",
                )
                parts.append(dot(x, y, 4, "more", hint) if r.holds else diamond(x, y, 5.5, "less", hint))
            told = verdict(r) if r.holds is None else f"{effect_said(model, r, r.effect.value)}, {verdict(r)}"
            parts.append(label(WIDTH, y - 1, told, "bold", "end", 11))
            parts.append(label(WIDTH, y + 12, f"expected: {r.expected}", "muted", "end", 10.5))
        top = bottom + Scale.foot(title) + 12
    signs, end = legend([(disc("more"), "as the argument says"),
                         (rhomb("less"), "otherwise")], 8, top + 8)  # fmt: skip
    draws = found[0].effect.draws + found[0].unjudged if found else 0
    reading = (
        f"Each changes one thing and keeps every draw: the mean difference over {counted(draws, 'paired draw')}, with "
        f"its 95% interval. {tally(found)} hold, as the argument says{unjudged_too(found)}."
    )
    return Picture("statics", "Does the model respond as the argument says?", reading, [*parts, *signs], end + 4,
                   statics_table(model, found))  # fmt: skip


def verdict(r: StaticResult) -> str:
    """Whether a static holds, in words."""
    if r.holds is None:
        return "cannot be judged"
    if r.holds and r.share < 0.5:
        return "holds on average only"
    return "holds" if r.holds else "fails"


def tally(found: Sequence[StaticResult]) -> str:
    """How many statics hold, of those that can be judged."""
    judged = [r.holds for r in found if r.holds is not None]
    return f"{sum(judged)} of {len(judged)}"


def unjudged_too(found: Sequence[StaticResult]) -> str:
    """How many cannot be judged, where there are any."""
    n = sum(r.holds is None for r in found)
    return f"; {n} cannot be judged" if n else ""


def statics_table(model: Model, found: Sequence[StaticResult]) -> Html:
    """Every static with its change, both sides and the share of draws in which it holds."""
    rows: list[list[Content]] = []
    for r in found:
        said = [tag("b", words(r.name)), ": ", words(r.says)]
        sides = [data(f.value, level_said(model, r, f)) for f in (r.before, r.after)]
        band = (
            ""
            if r.holds is None
            else f"{effect_said(model, r, r.effect.low)} to {effect_said(model, r, r.effect.high)}"
        )
        effect = data(r.effect.value, effect_said(model, r, r.effect.value))
        share = data(r.share, percent(r.share, 0.01)) if r.share == r.share else ""
        rows.append([said, words(r.mechanism), words(r.change), r.expected, *sides, effect, band, share, verdict(r)])
    head = ["static", "mechanism", "with", "expected", "before", "after", "effect", "95%", "as expected in", ""]
    return table("Comparative statics, each with the same draws before and after.", head, rows, range(4, 9))
