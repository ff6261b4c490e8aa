"""The picture of one case of the record: what was forecast at each lead time, beside what happened."""

from __future__ import annotations

from collections.abc import Sequence

from detente.analyse.evidence.track_record import Dated
from detente.present.figures.drawing.svg import Picture, diamond, dot, label, line, path
from detente.present.html.markup import Html, coordinate, table
from detente.present.wording.numbers import day, percent

WIDE, LEFT, RIGHT, TOP, TALL = 460.0, 44.0, 96.0, 12.0, 120.0
MARKS = (0.0, 0.5, 1.0)


def leads_picture(case: str, rows: Sequence[Dated]) -> Picture:
    """The forecasts of a case from the first day to the last, evenly spaced, with the interval that holds 90% of the
    draws; base rate and the mean of others as marks; a ring at what happened."""
    shown = sorted(rows, key=lambda r: -(r.lead_days or 0))
    step = (WIDE - LEFT - RIGHT) / max(len(shown) - 1, 1)
    xs = [LEFT + step * k for k in range(len(shown))]

    def y(p: float) -> float:
        return TOP + TALL * (1 - p)

    parts: list[Html] = []
    for mark in MARKS:
        parts += [
            line(LEFT, y(mark), WIDE - RIGHT, y(mark)),
            label(LEFT - 8, y(mark) + 4, f"{mark:.0%}", "muted", "end", 10.5),
        ]
    upper = [f"{coordinate(x)} {coordinate(y(r.high))}" for x, r in zip(xs, shown, strict=True)]
    lower = [f"{coordinate(x)} {coordinate(y(r.low))}" for x, r in zip(xs, shown, strict=True)]
    if len(shown) > 1:
        parts.append(path(f"M{'L'.join(upper)}L{'L'.join(reversed(lower))}Z", "k4", opacity=0.35))
        middle = [f"{coordinate(x)} {coordinate(y(r.p))}" for x, r in zip(xs, shown, strict=True)]
        parts.append(path(f"M{'L'.join(middle)}", "curve sk2"))
    for x, r in zip(xs, shown, strict=True):
        parts.append(dot(x, y(r.p), 3.5, "ink", f"{day(r.as_of)}: {percent(r.p, 0.005)}"))
        if r.base_rate is not None:
            parts.append(line(x - 7, y(r.base_rate), x + 7, y(r.base_rate), "mean"))
        if r.others:
            said = sum(s.p for s in r.others) / len(r.others)
            parts.append(diamond(x, y(said), 4.5, "k3", f"the mean of {len(r.others)} forecasts of others: {said:.0%}"))
        parts.append(label(x, TOP + TALL + 16, str(r.lead_days), "muted", "middle", 10.5))
    parts.append(label(LEFT, TOP + TALL + 31, "days before", "muted", size=10.5))
    last = shown[-1]
    if last.happened is not None:
        at = y(1.0 if last.happened else 0.0)
        parts.append(dot(WIDE - RIGHT + 14, at, 5, "ring"))
        parts.append(label(WIDE - RIGHT + 24, at + 4, "it came" if last.happened else "it did not", "", size=11))
    reading = (
        "Forecast by days before what happened (line, with 90% of the draws); diamonds: the mean of others; dashes: "
        "base rates; ring: what happened."
    )
    heads = ["as of", "forecast", "low", "high"]
    behind = table(f"The forecasts of {case}.", heads, [
        [day(r.as_of), percent(r.p, 0.005), percent(r.low, 0.005), percent(r.high, 0.005)] for r in shown
    ], (1, 2, 3))  # fmt: skip
    return Picture(f"record-{case}", case, reading, parts, TOP + TALL + 38, behind, WIDE)
