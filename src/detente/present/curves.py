"""Pictures of answers along a line: tipping points along a quantity, and the way from shared truth to misperception."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from detente.analyse.base import Finding
from detente.analyse.tipping import Tip, Tipping
from detente.model.schema import Model
from detente.present.axes import (
    Row,
    Scale,
    Sign,
    amount,
    assumed,
    axis_title,
    gutter_of,
    key_of,
    legend,
    means,
    numbers,
    percents,
    rod,
    stacked,
)
from detente.present.markup import Content, Html, coordinate, table, tag
from detente.present.palette import colour
from detente.present.rounding import chance, counted, data, number, percent, words
from detente.present.svg import WIDTH, Picture, box, diamond, dot, label, line, path, whisker
from detente.present.turning import deviations
from detente.study.perceptions import Sweep

PANEL = 78.0
MOST_PANELS = 5
LEAST = 0.005  # the range of a curve worth a panel
RIGHT = 16.0
SIGNS: Mapping[str, Sign] = {
    "crosses": lambda x, y: dot(x, y, 5, "ink"),
    "jumps": lambda x, y: diamond(x, y, 6, "o2"),
    "between": lambda x, y: box(x - 5, y - 5, 10, 10, "o1"),
}
KINDS = {
    "crosses": "crosses: probabilities meet",
    "jumps": "jumps: at once",
    "between": "between two of its few values",
}


@dataclass(frozen=True)
class Curve:
    """A line in a panel, with the band about it."""

    findings: Sequence[Finding]
    class_: str
    said: str = ""
    banded: bool = True


@dataclass(frozen=True)
class Panel:
    """One thing along the axis: its words and the curves that show it."""

    row: Row
    curves: Sequence[Curve]


def drawn(
    panels: Sequence[Panel], at: Sequence[float], scale: Scale, gutter: float, top: float
) -> tuple[list[Html], float]:
    """Panels one below the other, each with its own scale of probability; and where they end."""
    parts: list[Html] = []
    for panel in panels:
        tall = max(PANEL, panel.row.height(gutter))
        bottom = top + tall
        known = [v for c in panel.curves for f in c.findings for v in _extent(f, c.banded) if v == v]
        up = Scale.over([0.0, *known], 0.0, tall - 8, (0.0, 1.0))
        parts += panel.row.drawn(top + (tall - panel.row.height(gutter)) / 2, gutter - 34)
        shown = percents(up.marks)
        for mark in (up.marks[0], up.marks[-1]):
            y = bottom - up(mark)
            parts += [
                line(scale.left, y, scale.right, y),
                label(scale.left - 6, y + 4, shown(mark), "muted", "end", 10.5),
            ]
        for curve in panel.curves:
            parts += _curve(curve, at, scale, up, bottom, panel.row.name)
        top = bottom + 14
    return parts, top - 6


def _extent(f: Finding, banded: bool) -> tuple[float, ...]:
    return (f.value, f.low, f.high) if banded else (f.value,)


def _curve(curve: Curve, at: Sequence[float], scale: Scale, up: Scale, bottom: float, name: str) -> list[Html]:
    points = [(scale(x), f) for x, f in zip(at, curve.findings, strict=True) if f.value == f.value]
    if not points:
        return []
    parts = []
    if curve.banded and len(points) > 1:
        ring = [(x, bottom - up(f.high)) for x, f in points] + [(x, bottom - up(f.low)) for x, f in reversed(points)]
        parts.append(path(f"M{_through(ring)}Z", f"{curve.class_}", f"{name}: 90% of draws", 0.22))
    through = _through([(x, bottom - up(f.value)) for x, f in points])
    parts.append(
        tag("path", tag("title", curve.said or f"{name}: mean"), d=f"M{through}", class_=f"curve s{curve.class_}")
    )
    return parts


def _through(points: Sequence[tuple[float, float]]) -> str:
    return "L".join(f"{coordinate(x)} {coordinate(y)}" for x, y in points)


def _range(curve: Sequence[Finding]) -> float:
    known = [f.value for f in curve if f.value == f.value]
    return max(known) - min(known) if known else 0.0


# ---------------------------------------------------------------------- tipping points


def tipping_picture(model: Model, found: Tipping) -> Picture:
    """The outcomes (and the conclusion) that move most along a quantity, and below them every value at which something
    turns."""
    x = [float(v) for v in found.grid]
    moving = sorted(found.outcomes, key=lambda name: -_range(found.outcomes[name]))
    names = [n for n in found.outcomes if n in moving[:MOST_PANELS] and _range(found.outcomes[n]) >= LEAST] or moving[
        :1
    ]
    panels = [Panel(Row(words(n), means(model, n)), [Curve(found.outcomes[n], colour(model, n))]) for n in names]
    first = next(iter(found.claims), "")
    if first and _range(found.claims[first]) >= LEAST:
        row = Row(f"{words(first)} holds in", means(model, first))
        panels.append(Panel(row, [Curve(found.claims[first], "o8", banded=False)]))
    tips = [
        (t, Row(words(t.what), f"{words(t.before)} → {words(t.after)} {tip_said(model, found.quantity, t)}"))
        for t in found.tips
    ]
    gutter = max(gutter_of([p.row for p in panels], 236.0) + 34, gutter_of([r for _, r in tips], 270.0))
    inside = [x[0], x[-1], *(v for t in found.tips for v in (t.at.low, t.at.high) if v == v)]
    scale = Within.of(min(inside), max(inside), gutter + 4, WIDTH - RIGHT)
    curves, bottom = drawn(panels, x, scale, gutter, 24.0)
    places, end = stacked([row for _, row in tips], gutter, bottom + 30 if tips else bottom)
    title = axis_title(model, found.quantity)
    parts = scale.ruled(18, end, numbers, title)
    if x[0] <= found.centre <= x[-1]:
        parts.append(line(scale(found.centre), 18, scale(found.centre), end, "mean"))
        parts.append(label(scale(found.centre), 12, "median", "muted", "middle", 11))
    parts += curves
    if tips:
        parts.append(label(scale.left, bottom + 18, "where it turns, all else at its median", "muted", size=11))
    for (t, row), (y, height) in zip(tips, places, strict=True):
        parts += [*row.drawn(y - height / 2, gutter), *_tip(scale, y, model, found.quantity, t)]
    end += Scale.foot(title) + 10
    if tips:
        told = [(SIGNS[how], said) for how, said in KINDS.items() if any(t.how == how for t in found.tips)]
        if any(t.at.draws for t in found.tips):
            told.append((rod("whisker"), "90% of the draws that turn so"))
        signs, end = legend(told, 8, end + 8)
        parts += signs
    reading = (
        f"Above, means (line) and 90% (band) of {counted(found.draws, 'paired draw')} at each of {len(x)} values; "
        f"{_verb(found)} {certified(found.converged)}"
    )
    return Picture(
        key_of("tip", found.quantity),
        f"How the answer goes along {assumed(found.quantity)}",
        reading,
        parts,
        end + 4,
        tipping_table(model, found),
    )


def certified(converged: float) -> str:
    """What the certificate says of the draws behind a picture."""
    return "All draws converged." if converged == 1 else f"{percent(converged)} of all draws converged."


def _verb(found: Tipping) -> str:
    if not found.tips:
        return "with all else at its median nothing turns in this range: no likeliest ending, no move, no claim."
    return "below, the exact values at which something turns with all else at its median."


@dataclass(frozen=True)
class Within(Scale):
    """A scale whose ends are not its first and last mark."""

    ends: tuple[float, float] = (0.0, 1.0)

    @classmethod
    def of(cls, low: float, high: float, left: float, right: float) -> Within:
        """From `low` to `high`, with the round marks that lie between."""
        high = high if high > low else low + 1.0
        marks = [m for m in cls.over([low, high], 0, 1).marks if low <= m <= high]
        return cls(left, right, marks, ends=(low, high))

    def __call__(self, value: float) -> float:
        low, high = self.ends
        return self.left + (self.right - self.left) * min(max((value - low) / (high - low), -0.01), 1.01)


def _turned(t: Tip) -> str:
    return f"{words(t.what)}: {words(t.before)} → {words(t.after)}"


def tip_said(model: Model, quantity: str, t: Tip) -> str:
    """Where something turns, and in how many draws."""
    place = amount(model, quantity, t.at.value) if t.how == "between" else amount(model, quantity, t.at.value, 4)
    away = f", {deviations(t.score)} sd" if t.score == t.score else ""
    many = f"; {counted(t.at.draws, 'draw')} turn so" if t.at.draws else ""
    return f"at {place}{away}{many}" + (f"; jumps by {percent(t.step)}" if t.how == "jumps" else "")


def _tip(scale: Scale, y: float, model: Model, quantity: str, t: Tip) -> list[Html]:
    parts = whisker(scale(t.at.low), scale(t.at.high), y, 3) if t.at.low == t.at.low else []
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
        *map(words, names),
        *(f"{words(c)} holds in" for c in claims),
        "likeliest at the centre",
    ]
    rows: list[list[Content]] = []
    for k, x in enumerate(found.grid):
        outcomes = [_banded(found.outcomes[n][k]) for n in names]
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
            data(t.step, percent(t.step)), f"{t.at.draws:,}",
            f"{number(t.at.low, digits=3)} to {number(t.at.high, digits=3)}" if t.at.draws else "",
        ]
        for t in found.tips
    ]  # fmt: skip
    if not turned:
        return curves
    heads = ["what turns", "from", "to", "at", "sd", "how", "step", "draws that turn so", "90% of them"]
    return Html(table("Where something turns, all else at its median.", heads, turned, range(3, 9)) + curves)


def _banded(f: Finding) -> Content:
    return [chance(f), tag("span", f" ({percent(f.low)}–{percent(f.high)})", class_="quiet")]


# ---------------------------------------------------------------------- from shared truth to misperception


def sweep_picture(model: Model, sweeps: Mapping[str, Sweep], moved: Sequence[str]) -> Picture:
    """The outcomes that move most on the way from shared truth to the views of the model, in both readings."""
    readings = list(sweeps)
    at = [float(s) for s in sweeps[readings[0]].s]
    names = list(sweeps[readings[0]].outcomes)
    spans = {n: max(_range(sweeps[r].outcomes[n]) for r in readings) for n in names}
    shown = [
        n for n in names if n in sorted(names, key=lambda n: -spans[n])[:MOST_PANELS] and spans[n] >= LEAST
    ] or names[:1]
    panels = []
    for name in shown:
        curves = [Curve(sweeps[r].outcomes[name], colour(model, name) + (" dashed" if r == "private" else ""),
                        f"{words(name)}, {r} reading", r != "private") for r in readings]  # fmt: skip
        panels.append(Panel(Row(words(name), means(model, name)), curves))
    gutter = gutter_of([p.row for p in panels], 236.0) + 34
    scale = Scale(gutter + 4, WIDTH - RIGHT, [0.0, 0.25, 0.5, 0.75, 1.0])
    curves_, end = drawn(panels, at, scale, gutter, 8.0)
    whose = " and ".join(words(a) for a in moved)
    title = f"share of the way from shared truth (0%) to the view of {whose} (100%)"
    parts = [*scale.ruled(4, end, lambda m: f"{m:.0%}", title), *curves_]
    signs, end = legend([(rod("curve so8"), "each knows how the others see (common)"),
                         (rod("curve so8 dashed"), "each takes its view for the truth (private)")],
                        8, end + Scale.foot(title) + 16)  # fmt: skip
    sweep = sweeps[readings[0]]
    least = min(s.converged for s in sweeps.values())
    reading = (
        f"Means of {counted(sweep.draws, 'draw')} at each of {len(at)} steps, the same draws at each; band: 90% "
        "of them in the "
        f"common reading. {certified(least)}"
    )
    return Picture("sweep", "From shared truth to full misperception", reading, [*parts, *signs], end + 4,
                   sweep_table(sweeps), printed=False)  # fmt: skip


def sweep_table(sweeps: Mapping[str, Sweep]) -> Html:
    """Every outcome, what each actor gets, and every claim that moves, at every step; and what turns where."""
    made: list[str] = []
    for reading, s in sweeps.items():
        head = ["", *(f"{x:.0%}" for x in s.s)]
        rows: list[list[Content]] = [[tag("b", words(n)), *(chance(f) for f in fs)] for n, fs in s.outcomes.items()]
        rows += [
            [f"{words(n)} gets (stakes)", *(data(f.value, number(f.value)) for f in fs)] for n, fs in s.payoffs.items()
        ]
        rows += [
            [f"{words(n)} holds in", *(chance(f) if f.value == f.value else "" for f in fs)]
            for n, fs in s.claims.items() if _range(fs) >= LEAST
        ]  # fmt: skip
        made.append(table(f"By share of the way: {reading} reading.", head, rows, range(1, len(head))))
        turned = [[words(t.what), words(t.before), words(t.after), data(t.s, f"{t.s:.1%}"), t.of] for t in s.turns]
        if turned:
            made.append(
                table(
                    f"What turns on the way: {reading} reading.",
                    ["what", "from", "to", "at", "read off the"],
                    turned,
                    (3,),
                )
            )
    return Html("".join(made))
