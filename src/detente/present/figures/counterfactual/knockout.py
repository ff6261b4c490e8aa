"""The picture of an ablation: what the forecast and the conclusion become without each mechanism."""

from __future__ import annotations

from detente.analyse.counterfactual.knockout import HALF, Ablation, Ablations
from detente.analyse.counterfactual.whatif import Difference
from detente.analyse.finding import Finding
from detente.analyse.forecast.rank import telling
from detente.model.schema import Model
from detente.present.figures.counterfactual.shifts import moved, ranked
from detente.present.figures.drawing.axes import Row, Scale, gutter_of, legend, percents, stacked, swatch
from detente.present.figures.drawing.svg import WIDTH, Picture, box, dot, label, line, measure, whisker
from detente.present.html.cite import cited
from detente.present.html.markup import Content, Html, table, tag
from detente.present.html.numbers import data
from detente.present.html.palette import colour
from detente.present.wording.answer import THE_ANSWER, drawn, in_words
from detente.present.wording.names import certified
from detente.present.wording.numbers import beside_effect, counted, percent, prose, words

BAR = 14.0


def ablation_picture(model: Model, found: Ablations) -> Picture:
    """Each mechanism switched off: the outcomes as one bar, and the share of draws in which the conclusion holds."""
    made = [a for a in found.mechanisms if a.effect is not None]
    claim = next(iter(made[0].effect.claims), "") if made and made[0].effect else ""
    rows = [Row("as the model is"), *(Row(f"{words(a.mechanism)} off", _about(a)) for a in found.mechanisms)]
    gutter = gutter_of(rows, 216.0)
    answer = first_answer(found) is not None and drawn(model)
    side, column = 172.0 if claim else 0.0, 72.0 if answer else 0.0
    places, bottom = stacked(rows, gutter, 30.0)
    bars = Scale(gutter + 2 + column, WIDTH - side - 50, [0.0, 0.25, 0.5, 0.75, 1.0])
    parts: list[Html] = [
        label(bars.left, 14, "how it ends", "muted", size=11),
        label(bars.right + 42, 14, "shift", "muted", "end", 11),
        *bars.ruled(22, bottom, percents(bars.marks)),
    ]
    if answer:
        parts.append(label(bars.left - 14, 14, THE_ANSWER, "muted", "end", 11))
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
        if answer and effect.answer:
            parts += _answered(effect.answer, a is None, bars.left - 14, y)
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
    asked = f" Before each bar, the answer to the case’s question: {in_words(model)}." if answer else ""
    reading = (
        f"Mean probabilities of the outcomes in {counted(found.draws, 'paired draw')}, one mechanism switched off at a "
        f"time, the one that moves the forecast most first.{_first(model)}{asked} Shift: half the sum of the absolute "
        f"changes.{_beside(claim)} {certified(found.converged)}"
    )
    return Picture("ablation", "What each mechanism does", reading, [*parts, *signs], end + 4,
                   ablation_table(model, found))  # fmt: skip


def first_answer(found: Ablations) -> Difference | None:
    """What answers the case's question with every mechanism, and without the first that can be switched off."""
    return next((a.effect.answer for a in found.mechanisms if a.effect and a.effect.answer), None)


def turned(a: Ablation) -> list[str]:
    """The claims that a mechanism turns, and which way: `seldom (holds → fails)`."""
    assert a.effect is not None or not a.turned
    claims = a.effect.claims if a.effect else {}
    ways = {True: "fails → holds", False: "holds → fails"}
    return [f"{words(name)} ({ways[claims[name].after.value > HALF]})" for name in a.turned]


def _answered(d: Difference, whole: bool, x: float, y: float) -> list[Html]:
    """The answer beside a bar, and by how much it moves."""
    f = d.before if whole else d.after
    parts = [label(x, y + (4 if whole else -1), percent(f.value, f.error), "bold", "end", 11)]
    return parts if whole else [*parts, label(x, y + 11, moved(d), "muted", "end", 10)]


def _first(model: Model) -> str:
    """What stands first in each bar, where it can be compared from row to row."""
    came = model.happened.outcome if model.happened else ""
    return f" At the left of each bar stands what happened, {words(came)}." if came else ""


def _beside(claim: str) -> str:
    if not claim:
        return ""
    return (
        " Right: the share of draws in which the conclusion holds without it (95% interval of the paired difference)."
    )


def _about(a: Ablation) -> str:
    return a.says + (f" ({words(a.source)})" if a.source else "")


def _stack(model: Model, values: dict[str, float], scale: Scale, y: float) -> list[Html]:
    """The outcomes as one bar; the name of each where there is room for it."""
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
    asked = int(first_answer(found) is not None and drawn(model))
    rows: list[list[Content]] = []
    for a in found.mechanisms:
        source: Content = words(a.source)
        if a.mechanism in model.mechanisms:
            source = cited(model, model.mechanisms[a.mechanism].source)
        if a.effect is None:
            no = ["cannot be switched off", *[""] * (2 + asked)]
            rows.append([tag("b", words(a.mechanism)), a.says, source, *no, _kept(a)])
            continue
        shown = ranked(a.effect.outcomes)[:3]
        most = ", ".join(f"{words(n)} {moved(a.effect.outcomes[n])}" for n in shown)
        ways = ", ".join(turned(a)) or "none"
        lost = f"; not to be judged: {', '.join(words(c) for c in a.lost)}" if a.lost else ""
        shift = data(a.shift, percent(a.shift))
        cells = [shift, *_answer_cells(a, asked), most, ways + lost]
        rows.append([tag("b", words(a.mechanism)), a.says, source, *cells, _kept(a)])
    told = ["shift", *[THE_ANSWER] * asked, "most moved", "claims flipped"]
    head = ["switched off", "what it says", "cited", *told, "what is off, and kept"]
    whole = table("What the forecast and the claims become without each mechanism.", head, rows, (3,))
    names = [n for n in model.outcomes if any(a.effect and n in a.effect.outcomes for a in found.mechanisms)]
    first = next((a.effect for a in found.mechanisms if a.effect), None)
    if first is None:
        return whole
    start = [_level(first.outcomes[n], first.outcomes[n].before) for n in names]
    bars: list[list[Content]] = [["as the model is", *start]]
    bars += [
        [f"{words(a.mechanism)} off", *(_level(a.effect.outcomes[n], a.effect.outcomes[n].after) for n in names)]
        for a in found.mechanisms if a.effect
    ]  # fmt: skip
    return Html(
        whole + table("Mean probability of each outcome.", ["", *map(words, names)], bars, range(1, len(names) + 1))
    )


def _answer_cells(a: Ablation, asked: int) -> list[Content]:
    """The answer without a mechanism, where a column is for it."""
    answer = a.effect.answer if a.effect else None
    if not asked or answer is None:
        return [""] * asked
    return [[_level(answer, answer.after), f" ({moved(answer)})"] if answer.effect.draws else "not defined"]


def _level(d: Difference, f: Finding) -> Html:
    return data(f.value, beside_effect(f.value, d.effect.error / 4))


def _kept(a: Ablation) -> str:
    off = "; ".join(a.off) or "nothing"
    return prose(f"off: {off}" + (f". Kept: {'; '.join(a.kept)}" if a.kept else ""))
