"""Pictures of what changes do: before and after side by side, and changes made one after another as a waterfall."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from detente.analyse.counterfactual.whatif import Difference, Step, WhatIf
from detente.analyse.finding import Finding
from detente.analyse.forecast.rank import telling
from detente.model.schema import Model
from detente.present.figures.drawing.axes import Row, Scale, disc, gutter_of, legend, percents, rod, stacked
from detente.present.figures.drawing.svg import WIDTH, Picture, box, dot, fitted, label, line, measure, whisker, wrap
from detente.present.html.markup import Content, Html, table, tag
from detente.present.html.numbers import data
from detente.present.html.palette import colour
from detente.present.wording.names import means
from detente.present.wording.numbers import beside_effect, counted, percent, points, prose, words

PANELS = 3
FEWEST = 0.005  # a difference in the share of a claim worth a row
MOST_CLAIMS = 8


def moved(d: Difference) -> str:
    """An effect in points of a hundred."""
    return "not defined" if d.effect.value != d.effect.value else f"{points(d.effect.value, d.effect.error / 4)} pt"


def ranked(parts: Mapping[str, Difference]) -> list[str]:
    """Names in the order of how far they move; what is not defined comes last."""
    effects = {name: d.effect.value for name, d in parts.items()}
    return sorted(parts, key=lambda name: (effects[name] != effects[name], -abs(effects[name])))


def shift_picture(
    model: Model, step: Step, draws: int, sides: tuple[str, str] = ("before", "after"), certified: str = ""
) -> Picture:
    """Each outcome, and each claim that moves, before and after."""
    claims = [n for n in ranked(step.claims) if abs(step.claims[n].effect.value) >= FEWEST][:MOST_CLAIMS]
    groups = [("the ending, in percent of plays", ranked(step.outcomes), step.outcomes)]
    if claims:
        groups.append(("the claim holds, in percent of draws", claims, step.claims))
    rows = [[Row(words(n), means(model, n)) for n in names] for _, names, _ in groups]
    gutter, right = gutter_of([r for group in rows for r in group], 270.0), 118.0
    ends = [v for _, names, of in groups for n in names for v in _ends(of[n])]
    scale = Scale.over([0.0, *ends], gutter + 8, WIDTH - right - 8, (0.0, 1.0))  # one for both: they are read together
    parts: list[Html] = []
    top = 0.0
    for (title, names, of), lines in zip(groups, rows, strict=True):
        parts.append(label(gutter + 8, top + 14, title, "muted", size=11))
        parts.append(label(WIDTH, top + 14, "points, 95%", "muted", "end", 11))
        places, bottom = stacked(lines, gutter, top + 22)
        parts += scale.ruled(top + 20, bottom, percents(scale.marks))
        for row, (y, height), name in zip(lines, places, names, strict=True):
            parts += row.drawn(y - height / 2, gutter)
            parts += _pair(scale, y, name, of[name], sides)
        top = bottom + 34
    signs, end = legend(
        [
            (disc("ring", 4.5), sides[0]),
            (disc("ink"), sides[1]),
            (rod("whisker"), f"95% interval of the mean difference, from “{sides[0]}”"),
        ],
        8,
        top,
    )
    reading = (
        f"Means of {counted(draws, 'paired draw')}: ring, {sides[0]}; dot, {sides[1]}; the line through the dot is the "
        f"95% interval of the mean difference.{certified}"
    )
    key, title = (
        ("shift", step.change) if sides == ("before", "after") else ("compare", f"{sides[0]} against {sides[1]}")
    )
    behind = shift_table(model, step, sides)
    return Picture(key, prose(title), reading, [*parts, *signs], end, behind, printed=True)


def _ends(d: Difference) -> list[float]:
    return [v for v in (d.before.value, d.after.value, d.before.value + d.effect.low, d.before.value + d.effect.high)
            if v == v]  # fmt: skip


def _pair(scale: Scale, y: float, name: str, d: Difference, sides: tuple[str, str]) -> list[Html]:
    parts: list[Html] = []
    if d.effect.draws:
        parts.append(line(scale(d.before.value), y, scale(d.before.value + d.effect.value), y, "between"))
        low, high = (min(max(d.before.value + e, 0.0), 1.0) for e in (d.effect.low, d.effect.high))
        parts += whisker(scale(low), scale(high), y)
        hint = f"{words(name)}, {sides[1]}: {beside_effect(d.after.value, d.effect.error / 4)}"
        parts.append(dot(scale(d.before.value + d.effect.value), y, 5.5, "ink", hint))
        parts.append(label(WIDTH, y - 1, moved(d), "bold", "end", 12))
        parts.append(label(WIDTH, y + 12, _interval(d), "muted", "end", 10.5))
    else:
        parts.append(label(WIDTH, y + 4, "not to be judged", "muted", "end", 11))
    if d.before.draws:
        hint = f"{words(name)}, {sides[0]}: {beside_effect(d.before.value, d.effect.error / 4)}"
        parts.append(dot(scale(d.before.value), y, 4.5, "ring", hint))
    return parts


def _interval(d: Difference) -> str:
    fine = d.effect.error / 4
    return f"{points(d.effect.low, fine)} to {points(d.effect.high, fine)}"


def shift_table(model: Model, step: Step, sides: tuple[str, str]) -> Html:
    """Every outcome and claim with its difference and both intervals."""
    rows: list[list[Content]] = []
    for kind, parts in (("ending", step.outcomes), ("claim", step.claims)):
        for name in ranked(parts):
            d = parts[name]
            said = [tag("b", words(name)), f": {means(model, name)}" if means(model, name) else ""]
            rows.append([said, kind, *(_side(f, d.effect.error / 4) for f in (d.before, d.after)), *_effect(d)])
    head = ["", "", *sides, "difference", "95% of the mean", "90% of draws"]
    caption = (
        "Mean probability of each ending, and share of draws in which each claim holds; differences in points, paired "
        "draw by draw."
    )
    return table(caption, head, rows, range(2, 7))


def _side(f: Finding, error: float) -> Content:
    return data(f.value, beside_effect(f.value, error)) if f.draws else "not defined"


def _effect(d: Difference) -> list[Content]:
    if not d.effect.draws:
        return ["", "", ""]
    fine = d.effect.error / 4
    many = [points(v, fine) for v in (d.spread.low, d.spread.high)]
    return [data(d.effect.value, moved(d)), _interval(d), " to ".join(many)]


# ---------------------------------------------------------------------- one after another


def waterfall_picture(model: Model, found: WhatIf, certified: str = "") -> Picture:
    """Changes one after another: what each adds to the outcomes that move most, as steps from before to after."""
    known = [n for n in ranked(found.whole.outcomes) if found.whole.outcomes[n].effect.draws]
    names = list(dict.fromkeys([*(n for n in telling(model)[:1] if n in known), *known]))[:PANELS]
    rows = [Row("as it is"), *(Row(prose(s.change)) for s in found.steps), Row("all together")]
    gutter = gutter_of(rows, 210.0, 120.0)
    places, bottom = stacked(rows, gutter, 48.0)
    wide, parts = (WIDTH - gutter) / max(len(names), 1), []
    levels = [v for n in names for v in _levels(found.whole.outcomes[n], [s.outcomes[n] for s in found.steps])]
    for row, (y, height) in zip(rows, places, strict=True):
        parts += row.drawn(y - height / 2, gutter)
        parts.append(line(0, y + height / 2, WIDTH, y + height / 2))
    for k, name in enumerate(names):
        left = gutter + wide * k
        steps = [s.outcomes[name] for s in found.steps]
        whole = found.whole.outcomes[name]
        parts += _head(model, name, left, wide)
        room = max(measure("+0.00 pt", 10.5), 40.0) + 8
        scale = Scale.over([0.0, *levels], left + 8, left + wide - room, (0.0, 1.0))  # one for all
        parts += scale.ruled(44, bottom, percents(scale.marks))
        parts += _steps(scale, places, whole, steps, colour(model, name), left + wide)
    reading = (
        f"Mean probability in percent after each change, in the order given, {counted(found.draws, 'paired draw')}; "
        "the line is the 95% interval of what this step adds; all on one scale. In another order the steps may differ, "
        f"the whole does not.{certified}"
    )
    height = bottom + 24
    title = "One change after another"
    return Picture("waterfall", title, reading, parts, height, waterfall_table(found))


def _levels(whole: Difference, steps: Sequence[Difference]) -> list[float]:
    level, found = whole.before.value, [whole.before.value, whole.after.value]
    for d in steps:
        found += [level + d.effect.low, level + d.effect.high]
        level += d.effect.value
    return [min(max(v, 0.0), 1.0) for v in found]


def _head(model: Model, name: str, left: float, wide: float) -> list[Html]:
    lines = wrap(means(model, name), wide - 12, 10.5)[:2]
    return [
        label(left + 8, 12, fitted(words(name), wide - 10), "bold", size=12),
        *(label(left + 8, 25 + 12 * k, fitted(s, wide - 10, 10.5), "muted", size=10.5) for k, s in enumerate(lines)),
    ]


def _steps(
    scale: Scale, places: Sequence[tuple[float, float]], whole: Difference, steps: Sequence[Difference], hue: str,
    right: float,
) -> list[Html]:  # fmt: skip
    level = whole.before.value
    parts: list[Html] = []

    def total(y: float, value: float, error: float, said: str) -> None:
        parts.append(box(scale(0), y - 7, scale(value) - scale(0), 14, hue, said, 0, 0.8))
        parts.append(label(right - 4, y + 4, percent(value, error), "bold", "end", 11))

    total(places[0][0], level, whole.before.error, "as it is")
    for (y, height), d in zip(places[1:-1], steps, strict=True):
        after = level + d.effect.value
        parts.append(line(scale(level), y - height / 2 - 6, scale(level), y + 7, "mean"))
        ends, class_ = sorted([scale(level), scale(after)]), "more" if d.effect.value >= 0 else "less"
        parts.append(box(ends[0], y - 6, ends[1] - ends[0], 12, class_, moved(d), 0, 0.8))
        low, high = (min(max(level + e, 0.0), 1.0) for e in (d.effect.low, d.effect.high))
        parts += whisker(scale(low), scale(high), y, 3)
        parts.append(label(right - 4, y + 4, moved(d), "", "end", 10.5))
        level = after
    y, height = places[-1]
    parts.append(line(scale(level), y - height / 2 - 6, scale(level), y + 7, "mean"))
    total(y, whole.after.value, whole.after.error, "all together")
    return parts


def waterfall_table(found: WhatIf) -> Html:
    """What each change adds to each outcome and claim."""
    rows: list[list[Content]] = []
    for step in (*found.steps, found.whole):
        change = "all together" if step is found.whole else words(step.change)
        for kind, parts in (("ending", step.outcomes), ("claim", step.claims)):
            for name in ranked(parts):
                d = parts[name]
                if kind == "claim" and not (d.effect.draws and abs(d.effect.value) >= FEWEST):
                    continue
                sides = [_side(f, d.effect.error / 4) for f in (d.before, d.after)]
                rows.append([tag("b", change), words(name), kind, *sides, *_effect(d)])
    head = ["change", "", "", "before it", "after it", "it adds", "95% of the mean", "90% of draws"]
    return table("What each change adds to those before it, in points.", head, rows, range(3, 8))
