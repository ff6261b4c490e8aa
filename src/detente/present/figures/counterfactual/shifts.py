"""Pictures of what changes do: before and after side by side, and changes made one after another as a waterfall."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf

from detente.analyse.counterfactual.rivals import Rivals
from detente.analyse.counterfactual.whatif import Difference, Step, WhatIf
from detente.analyse.finding import Finding
from detente.analyse.forecast.rank import rankable, telling
from detente.model.schema import Model
from detente.present.figures.drawing.axes import Row, Scale, disc, gutter_of, legend, percents, rod, stacked
from detente.present.figures.drawing.svg import WIDTH, Picture, box, dot, fitted, label, line, measure, whisker, wrap
from detente.present.html.markup import Content, Html, table, tag
from detente.present.html.numbers import data
from detente.present.html.palette import colour
from detente.present.wording.answer import THE_ANSWER, drawn, groups_told, in_words
from detente.present.wording.names import means
from detente.present.wording.numbers import beside_effect, counted, percent, points, prose, words

PANELS = 3  # side by side
NUMBERS = 124.0  # room for the numbers beside the names, where a narrow screen shows them
FEWEST = 0.005  # a difference in the share of a claim worth a row
MOST_CLAIMS = 8
ENDS = ("as it is", "all together")


def moved(d: Difference) -> str:
    """An effect in points of a hundred."""
    return "not defined" if d.effect.value != d.effect.value else f"{points(d.effect.value, d.effect.error / 4)} pt"


def ranked(parts: Mapping[str, Difference]) -> list[str]:
    """Names in the order of how far they move; what is not defined comes last."""
    effects = {name: d.effect.value for name, d in parts.items()}
    return sorted(parts, key=lambda name: (effects[name] != effects[name], -rankable(abs(effects[name]))))


def answers(model: Model, step: Step) -> dict[str, Difference]:
    """What answers the case's question, where it is a probability, and the groups that hold more than one outcome."""
    found = {THE_ANSWER: step.answer} if step.answer and drawn(model) else {}
    return found | {name: step.groups[name] for name in groups_told(model, step.groups)}


def _row(model: Model, name: str) -> Row:
    return Row(words(name), in_words(model) if name == THE_ANSWER else means(model, name))


def shift_picture(
    model: Model, step: Step, draws: int, sides: tuple[str, str] = ("before", "after"), certified: str = "",
    how: str = "",
) -> Picture:  # fmt: skip
    """The answer, each outcome, and each claim that moves, before and after. `how`: what the means are over, where
    draws are not paired."""
    claims = [n for n in ranked(step.claims) if abs(step.claims[n].effect.value) >= FEWEST][:MOST_CLAIMS]
    groups = [("the outcome, in percent", ranked(step.outcomes), step.outcomes)]
    if first := answers(model, step):
        groups.insert(0, ("the answer, in percent", list(first), first))
    if claims:
        groups.append(("the claim holds, in percent of draws", claims, step.claims))
    rows = [[_row(model, n) for n in names] for _, names, _ in groups]
    gutter = gutter_of([r for group in rows for r in group], 250.0)
    ends = [v for _, names, of in groups for n in names for v in _ends(of[n])]
    scale = Scale.over([0.0, *ends], gutter + NUMBERS, WIDTH - 16, (0.0, 1.0))  # one for all: they are read together
    parts: list[Html] = []
    top = 0.0
    for (title, names, of), lines in zip(groups, rows, strict=True):
        parts.append(label(scale.left, top + 14, title, "muted", size=11))
        parts.append(label(scale.left - 16, top + 14, "points, 95%", "muted", "end", 11))
        places, bottom = stacked(lines, gutter, top + 22)
        parts += scale.ruled(top + 20, bottom, percents(scale.marks))
        for row, (y, height), name in zip(lines, places, names, strict=True):
            parts += row.drawn(y - height / 2, gutter)
            parts += pair(scale, y, name, of[name], sides)
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
        f"Means of {how or counted(draws, 'paired draw')}: ring, {sides[0]}; dot, {sides[1]}; the line through the dot "
        f"is the 95% interval of the mean difference.{certified}"
    )
    key, title = (
        ("shift", step.change) if sides == ("before", "after") else ("compare", f"{sides[0]} against {sides[1]}")
    )
    behind = shift_table(model, step, sides)
    return Picture(key, prose(title), reading, [*parts, *signs], end, behind, printed=True)


def _ends(d: Difference) -> list[float]:
    return [v for v in (d.before.value, d.after.value, d.before.value + d.effect.low, d.before.value + d.effect.high)
            if v == v]  # fmt: skip


def pair(scale: Scale, y: float, name: str, d: Difference, sides: tuple[str, str]) -> list[Html]:
    """A number before and after, with the 95% interval of its mean difference, in the row at `y`."""
    parts: list[Html] = []
    if d.effect.draws:
        parts.append(line(scale(d.before.value), y, scale(d.before.value + d.effect.value), y, "between"))
        low, high = (min(max(d.before.value + e, 0.0), 1.0) for e in (d.effect.low, d.effect.high))
        parts += whisker(scale(low), scale(high), y)
        hint = f"{words(name)}, {sides[1]}: {beside_effect(d.after.value, d.effect.error / 4)}"
        parts.append(dot(scale(d.before.value + d.effect.value), y, 5.5, "ink", hint))
        parts.append(label(scale.left - 16, y - 1, moved(d), "bold", "end", 12))
        parts.append(label(scale.left - 16, y + 12, _interval(d), "muted", "end", 10.5))
    else:
        parts.append(label(scale.left - 16, y + 4, "not to be judged", "muted", "end", 11))
    if d.before.draws:
        hint = f"{words(name)}, {sides[0]}: {beside_effect(d.before.value, d.effect.error / 4)}"
        parts.append(dot(scale(d.before.value), y, 4.5, "ring", hint))
    return parts


def _interval(d: Difference) -> str:
    fine = d.effect.error / 4
    return f"{points(d.effect.low, fine)} to {points(d.effect.high, fine)}"


def shift_table(model: Model, step: Step, sides: tuple[str, str]) -> Html:
    """The answer, every outcome and claim with its difference and both intervals."""
    rows: list[list[Content]] = []
    kinds = _kinds(model, step)
    paired = any(d.spread.draws for _, parts in kinds for d in parts.values())
    for kind, parts in kinds:
        for name in parts:
            d = parts[name]
            levels = [_side(f, d.effect.error / 4) for f in (d.before, d.after)]
            effect = _effect(d) if paired else _effect(d)[:2]
            rows.append([tag("b", words(name)), *levels, *effect, kind, _row(model, name).note])
    many = ["90% of draws"] if paired else []
    head = ["", *sides, "difference", "95% of the mean", *many, "", "what it is"]
    caption = (
        "Mean probability of each outcome, and share of draws in which each claim holds; differences in points"
        f"{', paired draw by draw' if paired else ''}."
    )
    return table(caption, head, rows, range(1, 5 + len(many)))


def _kinds(model: Model, step: Step) -> list[tuple[str, dict[str, Difference]]]:
    """What a table tells, by kind: the answer first, the rest in the order of how far it moves."""
    sorted_ = [{name: parts[name] for name in ranked(parts)} for parts in (step.outcomes, step.claims)]
    first = answers(model, step)
    groups = {name: d for name, d in first.items() if name != THE_ANSWER}
    answer = {name: d for name, d in first.items() if name == THE_ANSWER}
    return [("answer", answer), ("group of outcomes", groups), ("outcome", sorted_[0]), ("claim", sorted_[1])]


def _side(f: Finding, error: float) -> Content:
    return data(f.value, beside_effect(f.value, error)) if f.draws else "not defined"


def _effect(d: Difference) -> list[Content]:
    if not d.effect.draws:
        return ["", "", ""]
    fine = d.effect.error / 4
    many = " to ".join(points(v, fine) for v in (d.spread.low, d.spread.high)) if d.spread.draws else ""
    return [data(d.effect.value, moved(d)), _interval(d), many]


# ---------------------------------------------------------------------- one after another


def waterfall_picture(
    model: Model, found: WhatIf | Rivals, certified: str = "", ends: tuple[str, str] = ENDS, how: str = ""
) -> Picture:
    """Changes one after another: what each adds to the answer, the outcomes that it is about and those that move most,
    as steps from before to after.

    `ends`: what stands at both ends; `how`: how the steps were found, where they are not changes made in this order.
    """
    names = led(model, found)
    courses = {name: _course(model, found, name) for name in names}
    rows = [Row(ends[0]), *(Row(prose(s.change)) for s in found.steps), Row(ends[1])]
    gutter = gutter_of(rows, 210.0, 120.0)
    wide, parts, top = (WIDTH - gutter) / max(min(len(names), PANELS), 1), list[Html](), 0.0
    clip = (0.0, 1.0) if not how else (-inf, inf)  # sums of averages may pass what any model says
    levels = [v for whole, steps in courses.values() for v in _levels(whole, steps, clip)]
    within = (0.0, 1.0) if all(0 <= v <= 1 for v in levels) else None
    for start in range(0, len(names), PANELS):
        places, bottom = stacked(rows, gutter, top + 48.0)
        for row, (y, height) in zip(rows, places, strict=True):
            parts += row.drawn(y - height / 2, gutter)
            parts.append(line(0, y + height / 2, WIDTH, y + height / 2))
        for k, name in enumerate(names[start : start + PANELS]):
            left = gutter + wide * k
            parts += _head(model, name, left, wide, top)
            room = max(measure("+0.00 pt", 10.5), 40.0) + 8
            scale = Scale.over([0.0, *levels], left + 8, left + wide - room, within)  # one for all
            parts += scale.ruled(top + 44, bottom, percents(scale.marks))
            hue = "k2" if name == THE_ANSWER else colour(model, name)
            parts += _steps(scale, places, *courses[name], hue, left + wide, ends, clip)
        top = bottom + 30
    order = how or "in the order given"
    warned = "" if how else " In another order the steps may differ, the whole does not."
    reading = (
        f"Mean probability in percent after each change, {order}, {counted(found.draws, 'paired draw')}; "
        f"the line is the 95% interval of what this step adds; all on one scale.{warned}{certified}"
    )
    title = f"From {ends[0]} to {ends[1]}" if how else "One change after another"
    return Picture("gap" if how else "waterfall", title, reading, parts, top, waterfall_table(model, found))


def led(model: Model, found: WhatIf | Rivals) -> list[str]:
    """The answer, the outcomes that it is about, and what else moves most, as many as fill the panels."""
    known = [n for n in ranked(found.whole.outcomes) if found.whole.outcomes[n].effect.draws]
    asked = answers(model, found.whole).get(THE_ANSWER)
    first = [THE_ANSWER] if asked and asked.effect.draws else []
    first += sorted((n for n in telling(model) if n in known), key=known.index)
    full = -(-max(len(first), 1) // PANELS) * PANELS
    return list(dict.fromkeys([*first, *known]))[:full]


def _course(model: Model, found: WhatIf | Rivals, name: str) -> tuple[Difference, list[Difference]]:
    """Of the answer or an outcome, what all changes do, and each."""
    whole, *steps = (answers(model, s) | dict(s.outcomes) for s in (found.whole, *found.steps))
    return whole[name], [s[name] for s in steps]


def _levels(whole: Difference, steps: Sequence[Difference], clip: tuple[float, float]) -> list[float]:
    level, found = whole.before.value, [whole.before.value, whole.after.value]
    for d in steps:
        found += [level + d.effect.low, level + d.effect.high]
        level += d.effect.value
    return [min(max(v, clip[0]), clip[1]) for v in found]


def _head(model: Model, name: str, left: float, wide: float, top: float) -> list[Html]:
    lines = wrap(_row(model, name).note, wide - 12, 10.5)[:2]
    return [
        label(left + 8, top + 12, fitted(words(name), wide - 10), "bold", size=12),
        *(
            label(left + 8, top + 25 + 12 * k, fitted(s, wide - 10, 10.5), "muted", size=10.5)
            for k, s in enumerate(lines)
        ),
    ]


def _steps(
    scale: Scale, places: Sequence[tuple[float, float]], whole: Difference, steps: Sequence[Difference], hue: str,
    right: float, ends_named: tuple[str, str], clip: tuple[float, float],
) -> list[Html]:  # fmt: skip
    level = whole.before.value
    parts: list[Html] = []

    def total(y: float, value: float, error: float, said: str) -> None:
        parts.append(box(scale(0), y - 7, scale(value) - scale(0), 14, hue, said, 0, 0.8))
        parts.append(label(right - 4, y + 4, percent(value, error), "bold", "end", 11))

    total(places[0][0], level, whole.before.error, ends_named[0])
    for (y, height), d in zip(places[1:-1], steps, strict=True):
        after = level + d.effect.value
        parts.append(line(scale(level), y - height / 2 - 6, scale(level), y + 7, "mean"))
        ends, class_ = sorted([scale(level), scale(after)]), "more" if d.effect.value >= 0 else "less"
        parts.append(box(ends[0], y - 6, ends[1] - ends[0], 12, class_, moved(d), 0, 0.8))
        low, high = (min(max(level + e, clip[0]), clip[1]) for e in (d.effect.low, d.effect.high))
        parts += whisker(scale(low), scale(high), y, 3)
        parts.append(label(right - 4, y + 4, moved(d), "", "end", 10.5))
        level = after
    y, height = places[-1]
    parts.append(line(scale(level), y - height / 2 - 6, scale(level), y + 7, "mean"))
    total(y, whole.after.value, whole.after.error, ends_named[1])
    return parts


def waterfall_table(model: Model, found: WhatIf | Rivals) -> Html:
    """What each change adds to the answer, each outcome and claim; and to what, where that is what some model says."""
    rows: list[list[Content]] = []
    real = isinstance(found, WhatIf)
    for step in (*found.steps, found.whole):
        change = "all together" if step is found.whole else words(step.change)
        for kind, parts in _kinds(model, step):
            for name in parts:
                d = parts[name]
                if kind == "claim" and not (d.effect.draws and abs(d.effect.value) >= FEWEST):
                    continue
                sides = [_side(f, d.effect.error / 4) for f in (d.before, d.after)] if real else []
                rows.append([tag("b", change), words(name), *sides, *_effect(d), kind])
    head = [
        "change",
        "",
        *(["before it", "after it"] if real else []),
        "it adds",
        "95% of the mean",
        "90% of draws",
        "",
    ]
    caption = (
        "What each change adds to those before it, in points." if real else "What each difference adds, in points."
    )
    return table(caption, head, rows, range(2, len(head) - 1))
