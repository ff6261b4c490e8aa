"""Pictures of local sensitivity: what a small change of each assumption does to an answer, or to several."""

from __future__ import annotations

from collections.abc import Sequence

from detente.analyse.forecast.subject import PROBABILITY
from detente.analyse.sensitivity.local import Local, Pull, Pulls
from detente.model.schema import Model
from detente.present.figures.drawing.axes import Row, Scale, disc, gutter_of, legend, numbers, stacked, swatch
from detente.present.figures.drawing.svg import WIDTH, Picture, box, dot, fitted, label, line, measure, whisker, wrap
from detente.present.html.markup import Content, Html, table, tag
from detente.present.html.numbers import data
from detente.present.wording.names import assumed, certified, key_of, means
from detente.present.wording.numbers import counted, number, points, signed, words

MOST = 12
ACROSS = 6  # answers side by side
FELT = 1e-9
UP, DOWN = "more", "less"  # the side tells it, too


def felt(pulls: Sequence[Pull]) -> list[Pull]:
    """Those that move the answer at all."""
    return [p for p in pulls if max(abs(p.per_sd), abs(p.mean.value * p.spread)) > FELT]


def per_sd(kind: str, x: float) -> str:
    """What a standard deviation of an assumption is worth; of a probability, in points."""
    if x != x:
        return "not defined"
    return f"{points(x)} pt" if kind == PROBABILITY else signed(x)


def slopes_pictures(model: Model, found: Local) -> list[Picture]:
    """One answer with its strongest assumptions; or several side by side."""
    if len(found.answers) == 1:
        return [slopes_picture(model, found, found.answers[0])]
    order = sorted(
        found.answers, key=lambda a: -a.value.value if a.kind == PROBABILITY else 0.0
    )  # the most likely first
    groups = [order[k : k + ACROSS] for k in range(0, len(order), ACROSS)]
    return [side_by_side(model, found, group, k) for k, group in enumerate(groups)]


def slopes_picture(model: Model, found: Local, answer: Pulls) -> Picture:
    """What one answer owes to each assumption: at the median draw (bars) and over the draws (discs)."""
    shown = felt(answer.pulls)[:MOST]
    rows = [_row(model, p.name) for p in shown]
    gutter, right = gutter_of(rows, 270.0), 96.0
    places, bottom = stacked(rows, gutter, 26.0)
    ends = [v for p in shown for v in (p.per_sd, *(p.spread * x for x in (p.mean.value, p.mean.low, p.mean.high)))]
    scale = Scale.over([0.0, *ends], gutter + 6, WIDTH - right)
    likely = answer.kind == PROBABILITY
    title = "by so much it moves" + (", in points of a hundred" if likely else "") + ", for one sd of the assumption"
    parts = [
        *scale.ruled(22, bottom, lambda m: numbers(100 * m if likely else m), title),
        line(scale(0), 22, scale(0), bottom, "axis"),
        label(WIDTH, 14, "at the median draw", "muted", "end", 11),
    ]
    for row, (y, height), p in zip(rows, places, shown, strict=True):
        parts += row.drawn(y - height / 2, gutter)
        parts.append(
            _bar(scale, y - 8, 12, p.per_sd, f"{row.name} at the median draw: {per_sd(answer.kind, p.per_sd)}")
        )
        low, mean, high = (p.spread * x for x in (p.mean.low, p.mean.value, p.mean.high))
        parts += whisker(scale(low), scale(high), y + 9, 3)
        parts.append(dot(scale(mean), y + 9, 4, "ink", f"{row.name} over the draws: {per_sd(answer.kind, mean)}"))
        parts.append(label(WIDTH, y + 2, per_sd(answer.kind, p.per_sd), "", "end", 11))
    signs, end = legend(
        [(swatch(UP), "up"), (swatch(DOWN), "down, at the median draw"), (disc("ink", 4), "mean over the draws")],
        8, bottom + Scale.foot(title) + 16,
    )  # fmt: skip
    quiet = len(answer.pulls) - len(shown) - len(found.stepwise)
    reading = (
        f"Bar, the derivative at the median draw times the standard deviation (sd) of the assumption; disc, the same "
        f"on average over {counted(found.draws, 'draw')}, and line, in 90% of them.{_rest(quiet)} "
        f"{certified(found.converged)}"
    )
    said = f"What a small change does to {words(answer.words)}"
    return Picture(key_of("local", found.of), said, reading, [*parts, *signs], end + 4,
                   slopes_table([answer]))  # fmt: skip


def side_by_side(model: Model, found: Local, group: Sequence[Pulls], which: int = 0) -> Picture:
    """What several answers owe to the assumptions that move one of them most, at the median draw."""
    at = [{p.name: p for p in answer.pulls} for answer in group]
    most = {name: max(abs(pulls[name].per_sd) for pulls in at) for name in at[0]}
    names = sorted((n for n in most if most[n] > FELT), key=lambda n: -most[n])[:MOST]
    rows = [_row(model, name) for name in names]
    gutter = gutter_of(rows, 230.0)
    wide = (WIDTH - gutter) / len(group)
    told = [wrap(words(answer.name), wide - 8, 10.5) for answer in group]
    top = 14.0 + 13 * max(len(lines) for lines in told)
    places, bottom = stacked(rows, gutter, top)
    parts: list[Html] = []
    kinds = {answer.kind for answer in group}
    together = [0.0, *(p.per_sd for pulls in at for p in pulls.values() if p.name in names)]
    for j, (answer, pulls) in enumerate(zip(group, at, strict=True)):
        left = gutter + wide * j
        for i, said in enumerate(reversed(told[j])):
            shown = fitted(said, wide - 4, 10.5)
            parts.append(label(left + wide / 2, top - 8 - 13 * i, shown, "muted", "middle", 10.5))
        own = together if kinds == {PROBABILITY} else [0.0, *(pulls[name].per_sd for name in names)]
        reach = max([abs(v) for v in own if v == v], default=0.0) or 1.0
        scale = Scale(left + 5, left + wide - 5, [-reach, reach])
        for name, (y, _) in zip(names, places, strict=True):
            parts.append(line(scale(0), y - 14, scale(0), y + 1, "axis"))  # not through the number below
            value = pulls[name].per_sd
            if not abs(value) > FELT:
                continue
            said = per_sd(answer.kind, value)
            parts.append(_bar(scale, y - 10, 10, value, f"{assumed(name)}, {words(answer.name)}: {said}"))
            small = said.removesuffix(" pt")
            half = measure(small, 10) / 2
            x = min(max(scale(value / 2), left + half + 1), left + wide - half - 1)
            parts.append(label(x, y + 10, small, "muted", "middle", 10))
    for row, (y, height) in zip(rows, places, strict=True):
        parts += row.drawn(y - height / 2, gutter)
    signs, end = legend([(swatch(UP), "up"), (swatch(DOWN), "down")], 8, bottom + 24)
    unit = "in points of a hundred, all on one scale" if kinds == {PROBABILITY} else "each column on a scale of its own"
    quiet = len(at[0]) - len(names) - len(found.stepwise)
    reading = (
        "The derivative at the median draw times the standard deviation (sd) of the assumption: right of the line up, "
        f"left of it down; {unit}.{_rest(quiet)} {certified(found.converged)}"
    )
    title = "What a small change does to " + ("each outcome" if kinds == {PROBABILITY} else "each margin")
    key = key_of("local", found.of, str(which + 1)) if which else key_of("local", found.of)
    return Picture(key, title, reading, [*parts, *signs], end + 4, slopes_table(group))


def slopes_table(answers: Sequence[Pulls]) -> Html:
    """Every assumption that is felt, with its derivative at the median draw and over the draws."""
    rows: list[list[Content]] = []
    for answer in answers:
        for p in felt(answer.pulls):
            mean, low, high = (p.spread * x for x in (p.mean.value, p.mean.low, p.mean.high))
            rows.append([
                tag("b", assumed(p.name)), *([words(answer.name)] if len(answers) > 1 else []),
                data(p.median, number(p.median)), data(p.spread, number(p.spread)), data(p.slope, signed(p.slope)),
                data(p.per_sd, per_sd(answer.kind, p.per_sd)),
                "" if p.elasticity != p.elasticity else data(p.elasticity, signed(p.elasticity)),
                data(mean, per_sd(answer.kind, mean)),
                f"{per_sd(answer.kind, low)} to {per_sd(answer.kind, high)}",
            ])  # fmt: skip
    head = ["assumption", *(["answer"] if len(answers) > 1 else []), "median", "sd", "derivative", "per sd",
            "elasticity", "on average, per sd", "90% of draws"]  # fmt: skip
    caption = "Exact derivatives at the median draw, and over the draws; elasticity in percent per percent."
    return table(caption, head, rows, range(len(head) - 7, len(head)))


def strongest(answer: Pulls, count: int) -> list[str]:
    """The strongest assumptions at the median draw, in words."""
    order = sorted((p for p in felt(answer.pulls) if abs(p.per_sd) > FELT), key=lambda p: -abs(p.per_sd))
    return [f"{assumed(p.name)} {per_sd(answer.kind, p.per_sd)}" for p in order[:count]]


def _row(model: Model, name: str) -> Row:
    return Row(assumed(name), means(model, name))


def _bar(scale: Scale, y: float, height: float, value: float, hint: str) -> Html:
    """A bar from zero to the right or to the left; none where there is no value."""
    first, last = sorted((scale(0), scale(value if value == value else 0.0)))
    return box(first, y, last - first, height, UP if value > 0 else DOWN, hint, 0, 0.8)


def _rest(quiet: int) -> str:
    return (
        f" {counted(quiet, 'more assumption moves', 'more assumptions move')} it less, or not at all." if quiet else ""
    )
