"""Pictures that set one thing against another: low against high, a move against the next, others against this model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from detente.analyse.evidence.score import Score
from detente.analyse.finding import Finding
from detente.analyse.forecast.rank import rankable
from detente.analyse.forecast.why import Why
from detente.analyse.sensitivity.main_effects import Driver
from detente.present.figures.drawing.axes import Row, stacked
from detente.present.figures.drawing.svg import WIDTH, Picture, box, dot, fitted, label, line, measure, spread, whisker
from detente.present.figures.forecast.bars import OVER
from detente.present.html.markup import Content, Html, table, tag
from detente.present.html.numbers import chance, data
from detente.present.wording.numbers import MINUS, counted, hundredths, number, percent, signed, words
from detente.present.wording.scores import dated
from detente.study.study import Study

MOST_DRIVERS = 8
NOTHING = Html("")


def drivers_picture(study: Study, of: str, found: Sequence[Driver]) -> Picture:
    """The answer where each quantity is in its lowest and in its highest fifth."""
    rows, claim = found[:MOST_DRIVERS], of in study.model.claims
    what = "share of draws in which it holds" if claim else "mean probability"
    middle = study.claims[of].share.value if claim else study.outcomes[of].value
    gutter, right, step = min(290.0, max(measure(words(d.quantity)) for d in rows) + 14), 74.0, 26.0
    low = min(middle, *(d.low.value for d in rows), *(d.high.value for d in rows))
    high = max(middle, *(d.low.value for d in rows), *(d.high.value for d in rows))
    marks = [m for m in spread(low, high) if -1e-9 <= m <= 1 + 1e-9]
    marks = marks if len(marks) > 1 else [0.0, 1.0]
    scale = (WIDTH - gutter - right - 12) / (max(marks[-1], high) - min(marks[0], low))

    def at(value: float) -> float:
        return gutter + scale * (value - min(marks[0], low))

    bottom = 26 + step * len(rows)
    digits = 0 if marks[1] - marks[0] >= 0.0099 else 1
    parts = [label(WIDTH, 14, "index", "muted", "end", 11)]
    for mark in marks:
        parts += [
            line(at(mark), 20, at(mark), bottom),
            label(at(mark), bottom + 15, f"{mark:.{digits}%}", "muted", "middle", 11),
        ]
    parts += [
        line(at(middle), 20, at(middle), bottom, "mean"),
        label(at(middle), 14, "all draws", "muted", "middle", 11),
    ]
    for k, d in enumerate(rows):
        y = 26 + step * k + step / 2 - 2
        parts.append(label(gutter - 12, y + 4, fitted(words(d.quantity), gutter - 14), "", "end"))
        parts.append(line(at(d.low.value), y, at(d.high.value), y, "between"))
        hints = (bound(study, d, 0), bound(study, d, 1))
        for f, class_, hint in ((d.low, "less", hints[0]), (d.high, "more", hints[1])):
            parts.append(dot(at(f.value), y, 5.5, class_, f"{hint}: {percent(f.value, f.error)}"))
        parts.append(label(WIDTH, y + 4, hundredths(d.index.value), "muted", "end", 11))
    y = bottom + 34
    parts += [
        dot(gutter + 6, y - 4, 5.5, "less"),
        label(gutter + 18, y, "where it is in its lowest fifth", "muted", size=11),
    ]
    x = gutter + 34 + measure("where it is in its lowest fifth", 11)
    parts += [dot(x, y - 4, 5.5, "more"), label(x + 12, y, "in its highest fifth", "muted", size=11)]
    subject = f"the claim “{words(of)}”" if claim else f"the outcome “{words(of)}”"
    reading = (
        f"{what[0].upper()}{what[1:]}, in percent, for draws with a low and with a high value of each assumption; "
        "index: the share of the variance of the answer that knowing this one would explain."
    )
    return Picture(
        f"drivers-{of}", f"What {subject} depends on", reading, parts, bottom + 44, drivers_table(study, of, found)
    )


def drivers_table(study: Study, of: str, found: Sequence[Driver]) -> Html:
    """The table behind: every assumption, its fifths and its index."""
    rows: list[list[Content]] = []
    for d in found:
        low, high = bound(study, d, 0), bound(study, d, 1)
        known = f"{d.index.low:.2f} to {d.index.high:.2f}" if np.isfinite(d.index.error) else ""
        index = data(d.index.value, hundredths(d.index.value))
        rows.append([tag("b", words(d.quantity)), low, chance(d.low), high, chance(d.high), index, known])
    answer = "holds in" if of in study.model.claims else "probability"
    head = [
        "assumption",
        "lowest fifth",
        answer,
        "highest fifth",
        answer,
        "index",
        "95% interval of the index",
    ]
    said = (
        f"“{words(of)}” where each assumption is low and where it is high; {counted(study.n, 'draw')}, about "
        f"{study.n // 5:,} in each fifth."
    )
    if len(found) > MOST_DRIVERS:
        said += f" The indices of those not drawn sum to {sum(d.index.value for d in found[MOST_DRIVERS:]):.2f}."
    return table(said, head, rows, range(1, 7))


def unit_of(study: Study, assumption: str) -> str:
    """The unit an assumption is counted in, nothing for shares and the like."""
    name = assumption.partition(" seen by ")[0]
    quantity = study.model.quantities.get(name)
    return quantity.unit if quantity and quantity.unit not in ("probability", "share", "ratio") else ""


def bound(study: Study, d: Driver, top: int) -> str:
    """Where an assumption is lowest, or highest (`top`): `below 0.3 stakes`, or of a few values `0` or `2 or 3`."""
    unit = unit_of(study, d.quantity)
    unit = "stakes" if unit == "stake" else unit
    if values := d.ends[top]:
        return f"{' or '.join(number(v) for v in values)} {unit}".rstrip()
    return f"{'above' if top else 'below'} {number(d.bounds[top])} {unit}".rstrip()


def why_picture(study: Study, why: Why) -> Picture:
    """Bars of the terms that sum to the gap between two moves."""
    return reasons_picture(why, study.blueprint.stage_of(why.infoset), study.n)


def reasons_picture(why: Why, stage: str, draws: int) -> Picture:
    """The same, of moves at a stage, over so many draws."""
    ranked = sorted(why.terms.items(), key=lambda item: (-rankable(abs(item[1].value)), item[0]))
    largest = max((abs(f.value) for _, f in ranked), default=0.0) or 1.0
    shown = [(name, f) for name, f in ranked if abs(f.value) >= 0.03 * largest][:9]
    rest = [name for name, _ in ranked if name not in dict(shown)]
    rows: list[tuple[str, float, Finding | None]] = [(words(name), f.value, f) for name, f in shown]
    if rest:
        rows.append(
            (
                f"{len(rest)} other terms" if len(rest) > 1 else words(rest[0]),
                sum(why.terms[name].value for name in rest),
                None,
            )
        )
    width, step, digits = 380.0, 23.0, 2 if largest >= 0.1 else 3
    gutter, right = min(150.0, max(measure("together") * 1.1, *(measure(name) for name, _, _ in rows)) + 14), 64.0
    ends = [v for _, value, f in rows for v in ((value, f.low, f.high) if f else (value,))] + [
        why.gap.low,
        why.gap.high,
        0.0,
    ]
    low, high = min(ends), max(ends)
    scale = (width - gutter - right - 8) / ((high - low) or 1.0)
    zero = gutter + 4 - scale * low
    bottom = 6 + step * (len(rows) + 1) + 6
    parts = [line(zero, 2, zero, bottom, "axis")]
    for k, (name, value, f) in enumerate([*rows, ("together", why.gap.value, why.gap)]):
        y = 6 + step * k + step / 2 + (6 if k == len(rows) else 0)
        if k == len(rows):
            parts.append(line(0, y - step / 2 - 2, width, y - step / 2 - 2))
        heavy = "bold" if k == len(rows) else ""
        parts.append(label(gutter - 8, y + 4, fitted(name, gutter - 10), heavy, "end"))
        said = f"{value:+.{digits}f}".replace("-", MINUS) if abs(value) >= 0.5 * 10.0**-digits else "0"
        hint = f"{name}: {said}"
        parts.append(
            box(
                zero + scale * min(value, 0.0),
                y - 7,
                scale * abs(value),
                14,
                "more" if value >= 0 else "less",
                hint,
                0,
                0.85,
            )
        )
        if f is not None and f.high > f.low:
            parts += whisker(zero + scale * f.low, zero + scale * f.high, y, 3)
        parts.append(label(width, y + 4, said, heavy, "end"))
    behind = table(
        "Terms of the payoff that make the difference, in stakes; " + OVER + ".",
        ["term", "difference", "90% interval"],
        [
            [
                tag("b", words(name)),
                data(f.value, signed(f.value, f.error)),
                f"{signed(f.low, f.error)} to {signed(f.high, f.error)}",
            ]
            for name, f in [*ranked, ("together", why.gap)]
        ],
        (1, 2),
    )
    where = f"{words(why.actor)}, {words(stage)}"
    reading = (
        f"{words(why.move)} rather than {words(why.against)}, in stakes: bar, mean of "
        f"{counted(draws, 'draw')}; line, {OVER}."
    )
    return Picture(f"why-{why.infoset}", where, reading, parts, bottom + 4, behind, width)


def forecasts_picture(found: Sequence[Score], behind: Html = NOTHING) -> Picture:
    """Forecasts of others as dots, this model's on the same event as a ring with its interval; shares are left out."""
    found = [s for s in found if s.p is not None]
    rows = [Row(s.who, f"{dated(s)}: {s.event}") for s in found]
    gutter, right = 300.0, 20.0
    scale = WIDTH - gutter - right
    places, bottom = stacked(rows, gutter, 10.0)
    parts = []
    for mark in (0.0, 0.25, 0.5, 0.75, 1.0):
        x = gutter + scale * mark
        parts += [line(x, 4, x, bottom), label(x, bottom + 16, f"{mark:.0%}", "muted", "middle", 11)]
    for s, row, (y, height) in zip(found, rows, places, strict=True):
        parts += row.drawn(y - height / 2, gutter)
        if s.ours is not None:
            parts += whisker(gutter + scale * s.ours.low, gutter + scale * s.ours.high, y)
            parts.append(
                dot(gutter + scale * s.ours.value, y, 4.5, "ring", f"this model: {percent(s.ours.value, s.ours.error)}")
            )
        if s.p is not None:
            parts.append(dot(gutter + scale * s.p, y, 5.5, "more", f"{s.who}: {s.p:.0%}"))
    y = bottom + 36
    parts += [
        dot(gutter + 6, y - 4, 5.5, "more"),
        label(gutter + 18, y, "their forecast or base rate", "muted", size=11),
    ]
    parts += [
        dot(gutter + 190, y - 4, 4.5, "ring"),
        label(gutter + 202, y, "this model, nearest event", "muted", size=11),
    ]
    reading = "Probability in percent. Events and deadlines differ: read each row on its own."
    return Picture(
        "forecasts", "Others’ forecasts beside this model", reading, parts, bottom + 46, behind, printed=True
    )
