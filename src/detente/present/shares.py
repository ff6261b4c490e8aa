"""Pictures of what is not known: what moves an answer, where an event is at home, what to find out and what for."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from detente.analyse.base import Finding
from detente.analyse.discovery import Box, Discovery, Limit
from detente.analyse.information import Learned, Learning
from detente.analyse.reading import NUMBER
from detente.analyse.sensitivity import GIVEN, Sensitivity
from detente.analyse.worth import Worth, Worths
from detente.model.draws import Floats
from detente.model.schema import Model
from detente.present.axes import (
    Row,
    Scale,
    amount,
    assumed,
    disc,
    gutter_of,
    key_of,
    legend,
    means,
    numbers,
    percents,
    stacked,
    swatch,
)
from detente.present.markup import Content, Html, table, tag
from detente.present.rounding import counted, data, fixed, hundredths, number, percent, words
from detente.present.svg import WIDTH, Picture, box, dot, label, line, path, whisker

MOST = 12


def factor_row(model: Model, name: str) -> Row:
    """The words of an assumption, of several known together, or of a private type."""
    parts = name.split(" + ")
    if len(parts) > 1:
        return Row(" + ".join(assumed(p) for p in parts))
    if name in model.private:
        return Row(words(name), model.private[name].means)
    return Row(assumed(name), means(model, name))


# ---------------------------------------------------------------------- sensitivity


def sense_picture(model: Model, found: Sensitivity, certified: str = "") -> Picture:
    """The share of the variance of an answer that each assumption explains alone (bars) and in all (rings)."""
    shown = [e for e in found.effects if e.told][:MOST]
    joint = sorted((e for e in found.joint if e.told), key=lambda e: -e.first.value)[:4]
    effects = [*shown, *joint] or list(found.effects[:3])
    rows = [factor_row(model, e.name) for e in effects]
    gutter, right = gutter_of(rows, 270.0), 96.0
    places, bottom = stacked(rows, gutter, 26.0)
    values = [v for e in effects for f in (e.first, e.total) if f for v in (f.value, f.low, f.high)]
    scale = Scale.over([0.0, *(min(max(v, 0.0), 1.0) for v in values)], gutter + 6, WIDTH - right, (0.0, 1.0))
    title = "share of the variance of the answer"
    parts = [
        *scale.ruled(22, bottom, percents(scale.marks), title),
        label(WIDTH, 14, "alone (in all)", "muted", "end", 11),
    ]
    for row, (y, height), e in zip(rows, places, effects, strict=True):
        parts += row.drawn(y - height / 2, gutter)
        parts.append(box(scale(0), y - 7, scale(max(e.first.value, 0)) - scale(0), 14, "o1" if e in shown else "o6",
                         f"{row.name} alone: {hundredths(e.first.value)}", 0, 0.8))  # fmt: skip
        parts += whisker(scale(max(e.first.low, 0.0)), scale(max(e.first.high, 0.0)), y)
        if e.total is not None:
            parts += whisker(scale(max(e.total.low, 0.0)), scale(max(e.total.high, 0.0)), y + 9, 3)
            parts.append(
                dot(scale(max(e.total.value, 0.0)), y + 9, 4, "ring", f"{row.name} in all: {hundredths(e.total.value)}")
            )
        said = hundredths(max(e.first.value, 0.0)) + (f" ({hundredths(max(e.total.value, 0.0))})" if e.total else "")
        parts.append(label(WIDTH, y + 4, said, "", "end", 11))
    entries = [(swatch("o1"), "alone: knowing it would take so much away")]
    if any(e.total for e in effects):
        entries.append((disc("ring", 4), "in all: so much would be left if all else were known"))
    if joint:
        entries.append((swatch("o6"), "correlated, known together"))
    signs, end = legend(entries, 8, bottom + Scale.foot(title) + 16)
    quiet = len(found.effects) - sum(e.told for e in found.effects)
    draws = (
        f"{counted(found.draws, 'solved draw')}" if found.design == GIVEN
        else f"a Sobol’ design of {found.draws:,} base points, {found.solved:,} solved"
    )  # fmt: skip
    reading = (
        f"From {draws}; lines, 95% intervals of the estimates.{_fit(found)} {quiet} of {len(found.effects)} explain "
        f"next to nothing, or no more than noise would.{certified}"
    )
    where = f", where {words(found.where)}" if found.where else ""
    key, title = key_of("sense", found.of, found.where), f"What moves {words(found.words)}{where}"
    return Picture(key, title, reading, [*parts, *signs], end + 4, sense_table(model, found))


def _fit(found: Sensitivity) -> str:
    if found.explained is None:
        return ""
    return f" The shares in all are read off a fit that explains {percent(found.explained)} of the variance."


def sense_table(model: Model, found: Sensitivity) -> Html:
    """Every factor with both indices, and the answer in its lowest and highest fifth."""
    said = number if found.kind == NUMBER else percent
    fifths = any(e.low for e in found.effects)
    rows: list[list[Content]] = []
    for e in (*found.effects, *found.joint):
        row: list[Content] = [
            tag("b", factor_row(model, e.name).name),
            _index(e.first),
            _band(e.first),
            _index(e.total),
            _band(e.total),
        ]
        if fifths:
            low, high = e.bounds or (float("nan"),) * 2
            for f, at in ((e.low, low), (e.high, high)):
                row += [data(f.value, said(f.value)) if f else "", amount(model, e.name, at) if f else ""]
        rows.append(row)
    head = ["assumption", "alone", "95%", "in all", "95%"]
    head += ["lowest fifth", "below", "highest fifth", "above"] if fifths else []
    return table("Shares of variance: first-order effects and total effects.", head, rows, range(1, len(head)))


def _index(f: Finding | None) -> Content:
    return data(f.value, fixed(f.value, 2)) if f else ""


def _band(f: Finding | None) -> Content:
    return f"{fixed(f.low, 2)} to {fixed(f.high, 2)}" if f else ""


# ---------------------------------------------------------------------- scenario discovery


def box_picture(model: Model, found: Discovery, quantities: Mapping[str, Floats], which: int = 0) -> Picture:
    """The limits of a box beside the range of each quantity, and the trajectory it was taken from."""
    one = found.boxes[which]
    rows = [factor_row(model, limit.quantity) for limit in one.limits]
    gutter, right = gutter_of(rows, 250.0), 150.0
    places, bottom = stacked(rows, gutter, 26.0)
    left, end_ = gutter + 8, WIDTH - right
    parts: list[Html] = [label(WIDTH, 14, "limit; found again in", "muted", "end", 11)]
    for row, (y, height), limit in zip(rows, places, one.limits, strict=True):
        parts += row.drawn(y - height / 2, gutter)
        parts += _limit(model, limit, quantities[limit.quantity], y, left, end_)
    drawn, end = _trajectory(one, bottom + 34)
    reading = (
        f"{percent(one.density.value)} of the draws inside have it ({percent(one.left_out.value)} in draws that took "
        f"no part in finding the box; {percent(found.share.value)} of all {found.draws:,}); inside are "
        f"{percent(one.mass)} of all draws and {percent(one.coverage.value)} of those that have it. Grey: 99% of the "
        "draws of each quantity, ticks at the 5th, 50th and 95th percentile; blue: inside the box."
    )
    key = "box" if len(found.boxes) == 1 else f"box-{which + 1}"
    return Picture(key, f"Where {event_said(found)}", reading, [*parts, *drawn], end, box_table(model, one))


def event_said(found: Discovery) -> str:
    """The event looked for, in words."""
    return words(found.words.removeprefix("whether "))


def limit_said(model: Model, limit: Limit) -> str:
    """A limit in words."""
    if limit.low is not None and limit.high is not None:
        return f"{number(limit.low)} to {amount(model, limit.quantity, limit.high)}"
    if limit.low is not None:
        return f"above {amount(model, limit.quantity, limit.low)}"
    return f"below {amount(model, limit.quantity, limit.high or 0.0)}"


def _limit(model: Model, limit: Limit, values: Floats, y: float, left: float, right: float) -> list[Html]:
    low, bottom, middle, top, high = (float(q) for q in np.quantile(values, [0.005, 0.05, 0.5, 0.95, 0.995]))
    first = min(low, *(v for v in (limit.low, limit.high) if v is not None))
    last = max(high, *(v for v in (limit.low, limit.high) if v is not None))

    def at(value: float) -> float:
        return left + (right - left) * (value - first) / ((last - first) or 1.0)

    start, stop = at(first if limit.low is None else limit.low), at(last if limit.high is None else limit.high)
    parts: list[Html] = [box(left, y - 3, right - left, 6, "o0", "", 0, 0.35),
                         box(start, y - 7, stop - start, 14, "o1", limit_said(model, limit), 0, 0.8)]  # fmt: skip
    parts += [line(at(q), y - 10, at(q), y + 10, "axis") for q in (bottom, middle, top)]
    parts.append(label(left, y + 19, number(first), "muted", size=9.5))
    parts.append(label(right, y + 19, number(last), "muted", "end", 9.5))
    parts.append(label(WIDTH, y - 1, limit_said(model, limit), "bold", "end", 11))
    parts.append(label(WIDTH, y + 12, percent(limit.frequency, 0.01), "muted", "end", 10.5))
    return parts


def _trajectory(one: Box, top: float) -> tuple[list[Html], float]:
    """Density against coverage along the trajectory of the search."""
    tall, left = 130.0, 80.0
    across = Scale(left, left + 260, [0.0, 0.25, 0.5, 0.75, 1.0])
    up = Scale(0.0, tall, [0.0, 0.5, 1.0])
    bottom = top + 12 + tall
    parts = [label(0, top, "what a smaller or larger box would hold", "muted", size=11)]
    parts += across.ruled(top + 12, bottom, percents(across.marks), "coverage: of the draws that have it", left + 320)
    for mark in up.marks:
        y = bottom - up(mark)
        parts += [line(left, y, across.right, y), label(left - 6, y + 4, f"{mark:.0%}", "muted", "end", 10.5)]
    spots = [(across(p.coverage), bottom - up(p.density)) for p in one.trajectory]
    through = "L".join(f"{x:.2f} {y:.2f}" for x, y in spots)
    parts.append(path(f"M{through}", "curve so1"))
    x, y = spots[one.chosen]
    parts.append(dot(x, y, 6, "ring", f"this box: coverage {one.coverage.value:.2f}, density {one.density.value:.2f}"))
    parts.append(label(x + 10, y - 6, "this box", "bold", size=11))
    parts.append(label(across.right + 12, bottom - tall + 10, "↑ density: of the draws inside,", "muted", size=11))
    parts.append(label(across.right + 12, bottom - tall + 24, "those that have it", "muted", size=11))
    return parts, bottom + Scale.foot("x") + 6


def box_table(model: Model, one: Box) -> Html:
    """The limits, and the trajectory."""
    rows: list[list[Content]] = []
    for limit in one.limits:
        p = f"{limit.quasi_p:.2g}" if limit.quasi_p >= 1e-4 else "<0.0001"
        ends = [data(v, amount(model, limit.quantity, v)) if v is not None else "" for v in (limit.low, limit.high)]
        rows.append(
            [
                tag("b", assumed(limit.quantity)),
                *ends,
                data(limit.quasi_p, p),
                data(limit.frequency, percent(limit.frequency, 0.01)),
            ]
        )
    limits = table(
        "The limits of the box.", ["quantity", "above", "below", "quasi-p", "found again in"], rows, range(1, 5)
    )
    steps: list[list[Content]] = [
        [f"{p.step}{' (this box)' if p.step == one.chosen else ''}", data(p.coverage, f"{p.coverage:.2f}"),
         data(p.density, f"{p.density:.2f}"), data(p.mass, percent(p.mass)), str(p.limited), words(p.moved)]
        for p in one.trajectory
    ]  # fmt: skip
    head = ["point", "coverage", "density", "of all draws", "limits", "moved"]
    return Html(limits + table("The trajectory of the search.", head, steps, range(1, 5)))


# ---------------------------------------------------------------------- what to find out


def learn_picture(model: Model, found: Learning, certified: str = "") -> Picture:
    """How far the expected Brier score of the forecast would fall if each thing were known."""
    shown = [t for t in found.things if t.told][:MOST]
    things = [*shown, found.everything]
    rows = [Row("every quantity at once", "what no study of them can do better than") if t is found.everything
            else _thing(model, t) for t in things]  # fmt: skip
    gutter, right = gutter_of(rows, 270.0), 120.0
    places, bottom = stacked(rows, gutter, 26.0)
    scale = Scale.over(
        [0.0, *(max(v, 0.0) for t in things for v in (t.brier.high, t.brier.value))], gutter + 6, WIDTH - right
    )
    title = f"expected fall of the Brier score (now {found.brier.value:.3f})"
    parts = [*scale.ruled(22, bottom, numbers, title), label(WIDTH, 14, "fall; bits", "muted", "end", 11)]
    for row, (y, height), t in zip(rows, places, things, strict=True):
        parts += row.drawn(y - height / 2, gutter)
        hue = {"quantity": "o1", "private type": "o6"}.get(t.kind, "o0")
        parts.append(
            box(
                scale(0),
                y - 7,
                scale(max(t.brier.value, 0.0)) - scale(0),
                14,
                hue,
                f"{row.name}: {t.brier.value:.4f}",
                0,
                0.8,
            )
        )
        parts += whisker(scale(max(t.brier.low, 0.0)), scale(max(t.brier.high, 0.0)), y)
        parts.append(label(WIDTH, y - 1, f"{max(t.brier.value, 0.0):.4f}", "bold", "end", 11))
        parts.append(label(WIDTH, y + 12, f"{max(t.entropy.value, 0.0):.3f} bits", "muted", "end", 10.5))
    signs, end = legend([(swatch("o1"), "a quantity"),
                         (swatch("o6"), "what an actor keeps to itself"),
                         (swatch("o0"), "the most there is to learn")],
                        8, bottom + Scale.foot(title) + 16)  # fmt: skip
    quiet = sum(not t.told for t in found.things)
    reading = (
        f"From {counted(found.draws, 'solved draw')}, on average over what may be found; lines, 95% intervals of "
        "the estimates. "
        f"As things stand the uncertainty is {found.entropy.value:.2f} bits. {quiet} things would change next to "
        f"nothing, or no more than noise.{certified}"
    )
    return Picture("learn", f"What to find out, to foresee {words(found.words)}", reading, [*parts, *signs], end + 4,
                   learn_table(model, found))  # fmt: skip


def _thing(model: Model, t: Learned) -> Row:
    return factor_row(model, t.name)


def learn_table(model: Model, found: Learning) -> Html:
    """Everything that could be found out, with both measures."""
    rows: list[list[Content]] = []
    for t in (*found.things, found.everything):
        name = "every quantity at once" if t is found.everything else _thing(model, t).name
        part = t.brier.value / found.brier.value if found.brier.value > 0 else float("nan")
        rows.append([
            tag("b", name), t.kind, data(t.brier.value, fixed(t.brier.value, 4)), _fine(t.brier, 4),
            percent(min(1.0, max(0.0, part))), data(t.entropy.value, fixed(t.entropy.value, 3)), _fine(t.entropy, 3),
        ])  # fmt: skip
    head = ["once known", "", "Brier falls by", "95%", "of it", "bits", "95%"]
    return table("What knowing each thing would do for the forecast, on average.", head, rows, range(2, 7))


def _fine(f: Finding, digits: int) -> str:
    return f"{fixed(f.low, digits)} to {fixed(f.high, digits)}"


def worth_picture(model: Model, found: Worths, certified: str = "") -> Picture:
    """What knowing each thing would be worth to an actor in stakes, in private and in public."""
    private = [w for w in found.private if w.value.value > 5e-5][:MOST]
    groups = [("in private: only it learns, and nobody knows that it does", private or list(found.private[:1]))]
    if found.public:
        groups.append(("in public: everybody learns, and plays anew", list(found.public)))
    groups = [(title, ws) for title, ws in groups if ws]
    rows = [[factor_row(model, w.name) for w in ws] for _, ws in groups]
    gutter, right = gutter_of([r for some in rows for r in some], 270.0), 128.0
    values = [v for _, ws in groups for w in ws for v in (w.value.low, w.value.high, w.value.value)]
    scale = Scale.over([0.0, *values], gutter + 6, WIDTH - right)
    parts: list[Html] = []
    top = 0.0
    for (title, ws), lines in zip(groups, rows, strict=True):
        parts.append(label(0, top + 14, title, "muted", size=11))
        places, bottom = stacked(lines, gutter, top + 22)
        last = ws is groups[-1][1]
        parts += scale.ruled(top + 20, bottom, numbers if last else lambda _: "", "stakes" if last else "")
        parts.append(line(scale(0), top + 20, scale(0), bottom, "axis"))
        for row, (y, height), w in zip(lines, places, ws, strict=True):
            parts += [*row.drawn(y - height / 2, gutter), *_worth(scale, y, row, w)]
        top = bottom + (Scale.foot("stakes") if last else 14)
    public = f" (in public {found.public_draws:,}, paired)" if found.public else ""
    reading = (
        f"In stakes, over {counted(found.draws, 'draw')}{public}; bars to the right gain, to the left lose; lines, 95% "
        "intervals of the mean. In a game knowledge that others "
        f"know of can hurt.{certified}"
    )
    title = f"What it would be worth to {words(found.actor)} to know"
    return Picture(f"worth-{found.actor}", title, reading, parts, top + 6, worth_table(model, found))


def _worth(scale: Scale, y: float, row: Row, w: Worth) -> list[Html]:
    f = w.value
    ends = sorted([scale(0), scale(f.value)])
    said = fixed(f.value, 4, sign=True)
    return [
        box(ends[0], y - 7, ends[1] - ends[0], 14, "more" if f.value >= 0 else "less", f"{row.name}: {said}", 0, 0.8),
        *whisker(scale(f.low), scale(f.high), y),
        label(WIDTH, y - 1, said, "bold", "end", 11),
        label(WIDTH, y + 12, f"{fixed(f.low, 4, sign=True)} to {fixed(f.high, 4, sign=True)}", "muted", "end", 10.5),
    ]


def worth_table(model: Model, found: Worths) -> Html:
    """Everything the actor could come to know, in private and in public."""
    rows: list[list[Content]] = []
    for w in (*found.private, *([found.everything] if found.everything else []), *found.public):
        name = "every quantity at once" if w is found.everything else factor_row(model, w.name).name
        f = w.value
        rows.append(
            [
                tag("b", name),
                w.kind,
                w.game,
                data(f.value, fixed(f.value, 4, sign=True)),
                _fine(f, 4),
                f"{f.draws:,}",
            ]
        )
    caption = "What knowing each thing would be worth, in stakes, with the 95% interval of the mean."
    return table(caption, ["once known", "", "game", "stakes", "95%", "draws"], rows, range(3, 6))
