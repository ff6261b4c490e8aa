"""The picture of a knock-out: what the forecast and the conclusion become without each mechanism."""

from __future__ import annotations

from detente.analyse.counterfactual.knockout import Ablation, Ablations
from detente.analyse.forecast.rank import telling
from detente.model.schema import Model
from detente.present.figures.counterfactual.shifts import moved, ranked
from detente.present.figures.drawing.axes import Row, Scale, gutter_of, legend, percents, stacked, swatch
from detente.present.figures.drawing.svg import WIDTH, Picture, box, dot, label, line, measure, whisker
from detente.present.html.cite import cited
from detente.present.html.markup import Content, Html, table, tag
from detente.present.html.numbers import chance, data
from detente.present.html.palette import colour
from detente.present.wording.names import certified
from detente.present.wording.numbers import counted, percent, prose, words

BAR = 14.0


def ablation_picture(model: Model, found: Ablations) -> Picture:
    """Each mechanism switched off: the endings as one bar, and the share of draws in which the conclusion holds."""
    made = [a for a in found.mechanisms if a.effect is not None]
    claim = next(iter(made[0].effect.claims), "") if made and made[0].effect else ""
    rows = [Row("as the model is"), *(Row(f"{words(a.mechanism)} off", _about(a)) for a in found.mechanisms)]
    gutter = gutter_of(rows, 216.0)
    side = 172.0 if claim else 0.0
    places, bottom = stacked(rows, gutter, 30.0)
    bars = Scale(gutter + 2, WIDTH - side - 50, [0.0, 0.25, 0.5, 0.75, 1.0])
    parts: list[Html] = [
        label(bars.left, 14, "how it ends", "muted", size=11),
        label(bars.right + 42, 14, "shift", "muted", "end", 11),
        *bars.ruled(22, bottom, percents(bars.marks)),
    ]
    beside = Scale(WIDTH - side + 20, WIDTH - 20, [0.0, 0.5, 1.0])
    if claim:
        parts += [
            label(WIDTH, 14, f"{words(claim)} holds in", "muted", "end", 11),
            *beside.ruled(22, bottom, percents(beside.marks)),
        ]
    order = list(dict.fromkeys([*telling(model), *model.outcomes]))
    before = made[0].effect if made else None
    for k, (row, (y, height)) in enumerate(zip(rows, places, strict=True)):
        parts += row.drawn(y - height / 2, gutter)
        a = found.mechanisms[k - 1] if k else None
        if a is not None and a.effect is None:
            parts.append(label(bars.left + 6, y + 4, "cannot be switched off", "muted", size=11))
            continue
        effect = a.effect if a else before
        if effect is None:
            continue
        sides = {n: (d.after if a else d.before) for n, d in effect.outcomes.items()}
        parts += _stack(model, {n: sides[n].value for n in order if n in sides}, bars, y)
        if a is not None:
            parts.append(label(bars.right + 42, y + 4, percent(a.shift), "bold", "end", 11))
        if claim:
            d = effect.claims[claim]
            f = d.after if a else d.before
            if not f.draws:
                parts.append(label(beside.right, y + 4, "not to be judged", "muted", "end", 10.5))
                continue
            if a is not None and d.effect.draws:
                ends = [min(max(d.before.value + e, 0.0), 1.0) for e in (d.effect.low, d.effect.high)]
                parts += whisker(beside(ends[0]), beside(ends[1]), y, 3)
            hint = f"{words(claim)} holds in {percent(f.value, f.error)}"
            parts.append(dot(beside(f.value), y, 4.5, "ink" if a else "ring", hint))
            if a is None:
                parts.append(line(beside(f.value), 22, beside(f.value), bottom, "mean"))
    signs, end = legend([(swatch(colour(model, n)), words(n)) for n in order], 8, bottom + 40)
    reading = (
        f"Mean probabilities of the endings in {counted(found.draws, 'paired draw')}, one mechanism switched off at a "
        f"time, the one that moves the forecast most first.{_first(model)} Shift: half the sum of the absolute "
        f"changes.{_beside(claim)} {certified(found.converged)}"
    )
    return Picture("ablation", "What each mechanism does", reading, [*parts, *signs], end + 4,
                   ablation_table(model, found))  # fmt: skip


def _first(model: Model) -> str:
    """What stands first in each bar, where it can be compared from row to row."""
    came = model.happened.outcome if model.happened else ""
    return f" At the left of each bar stands what came to pass, {words(came)}." if came else ""


def _beside(claim: str) -> str:
    if not claim:
        return ""
    return (
        " Right: the share of draws in which the conclusion holds without it (95% interval of the paired difference)."
    )


def _about(a: Ablation) -> str:
    return a.says + (f" ({words(a.source)})" if a.source else "")


def _stack(model: Model, values: dict[str, float], scale: Scale, y: float) -> list[Html]:
    """The endings as one bar; the name of each where there is room for it."""
    parts: list[Html] = []
    level = 0.0
    for name, p in values.items():
        left, right = scale(level), max(scale(min(level + p, 1.0)), scale(level) + (2.0 if p and not level else 0.0))
        parts.append(
            box(left, y - BAR / 2, right - left, BAR, colour(model, name), f"{words(name)}: {percent(p)}", 0, 0.8)
        )
        if right - left > 2:
            parts.append(line(right, y - BAR / 2, right, y + BAR / 2, "cut"))
        if measure(words(name), 10) + 4 < right - left:
            parts.append(label((left + right) / 2, y + 3.5, words(name), "on", "middle", 10))
        level += p
    return parts


def ablation_table(model: Model, found: Ablations) -> Html:
    """Each mechanism with what it moves, the claims it turns, and what of it is switched off and kept."""
    rows: list[list[Content]] = []
    for a in found.mechanisms:
        source: Content = words(a.source)
        if a.mechanism in model.mechanisms:
            source = cited(model, model.mechanisms[a.mechanism].source)
        if a.effect is None:
            rows.append([tag("b", words(a.mechanism)), a.says, source, "cannot be switched off", "", "", _kept(a)])
            continue
        shown = ranked(a.effect.outcomes)[:3]
        most = ", ".join(f"{words(n)} {moved(a.effect.outcomes[n])}" for n in shown)
        turned = ", ".join(words(c) for c in a.turned)
        lost = f"; not to be judged: {', '.join(words(c) for c in a.lost)}" if a.lost else ""
        shift = data(a.shift, percent(a.shift))
        rows.append([tag("b", words(a.mechanism)), a.says, source, shift, most, (turned or "none") + lost, _kept(a)])
    head = ["switched off", "what it says", "cited", "shift", "most moved", "claims turned", "what is off, and kept"]
    whole = table("What the forecast and the claims become without each mechanism.", head, rows, (3,))
    names = [n for n in model.outcomes if any(a.effect and n in a.effect.outcomes for a in found.mechanisms)]
    first = next((a.effect for a in found.mechanisms if a.effect), None)
    if first is None:
        return whole
    bars: list[list[Content]] = [["as the model is", *(chance(first.outcomes[n].before) for n in names)]]
    bars += [
        [f"{words(a.mechanism)} off", *(chance(a.effect.outcomes[n].after) for n in names)]
        for a in found.mechanisms if a.effect
    ]  # fmt: skip
    return Html(
        whole + table("Mean probability of each ending.", ["", *map(words, names)], bars, range(1, len(names) + 1))
    )


def _kept(a: Ablation) -> str:
    off = "; ".join(a.off) or "nothing"
    return prose(f"off: {off}" + (f". Kept: {'; '.join(a.kept)}" if a.kept else ""))
