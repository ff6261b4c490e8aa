"""The picture of a prior predictive check: this model's draws of an event, and where others put it."""

from __future__ import annotations

import numpy as np

from detente.analyse.evidence.outside import SMOOTHED, Placed, PriorCheck
from detente.arrays import Floats
from detente.present.figures.drawing.svg import WIDTH, Picture, box, dot, fitted, label, line, whisker
from detente.present.html.markup import Content, Html, table, tag
from detente.present.html.numbers import chance, data
from detente.present.wording.answer import converted_from
from detente.present.wording.names import key_of
from detente.present.wording.numbers import day, percent

BINS = 20
TALL, STEP = 90.0, 22.0
GUTTER, RIGHT, TOP = 250.0, 150.0, 20.0


def prior_picture(check: PriorCheck, ours: Floats, title: str) -> Picture:
    """`ours`: [n] the probability of the event in each draw."""
    known = ours[~np.isnan(ours)]
    shares = np.histogram(known, BINS, (0, 1))[0] / max(len(known), 1)
    scale, floor = WIDTH - GUTTER - RIGHT, TOP + TALL
    bottom = floor + 14 + STEP * len(check.said)
    parts: list[Html] = []
    for mark in (0.0, 0.25, 0.5, 0.75, 1.0):
        x = GUTTER + scale * mark
        parts += [line(x, TOP, x, bottom), label(x, bottom + 16, f"{mark:.0%}", "muted", "middle", 11)]
    width = scale / BINS
    for k, share in enumerate(shares):
        height = TALL * share / max(shares.max(), 1e-9)
        hint = f"{k / BINS:.0%} to {(k + 1) / BINS:.0%}: {percent(float(share))} of draws"
        parts.append(box(GUTTER + width * k + 0.5, floor - height, width - 1, height, "flow", hint))
    parts += [
        label(GUTTER - 12, floor - TALL / 2, "this model’s draws", "bold", "end"),
        label(GUTTER - 12, floor - TALL / 2 + 16, "their mean and 90% interval", "muted", "end", 11),
        *whisker(GUTTER + scale * check.ours.low, GUTTER + scale * check.ours.high, floor + 5),
        dot(GUTTER + scale * check.ours.value, floor + 5, 4.5, "ring", f"mean {percent(check.ours.value)}"),
    ]
    for k, said in enumerate(check.said):
        y = floor + 14 + STEP * (k + 0.5)
        parts += [
            label(GUTTER - 12, y + 4, fitted(said.who.removesuffix(f", {SMOOTHED}"), GUTTER - 14), "", "end"),
            dot(GUTTER + scale * said.p, y, 5.5, "ink", f"{said.who}: {percent(said.p, 0.005)}"),
            label(WIDTH, y + 4, place(said), "muted", "end", 11),
        ]
    reading = (
        "Bars: how many draws give the event so probable. Dots: what others gave it by the as-of date (of each the "
        "last forecast), and the share of draws below that. Dots beyond nearly all draws are a warning: the others saw "
        "something that is not in the model, or its ranges together are too narrow."
    )
    return Picture(key_of("prior", check.event), title, reading, parts, bottom + 24, _behind(check))


def _of(said: Placed) -> str:
    """What it is of, and what it was by another deadline, where it is converted."""
    return said.event if said.given is None else f"{said.event}, {converted_from(said.given, said.deadline)}"


def place(said: Placed) -> str:
    """Where a probability falls among the draws."""
    return f"above {percent(said.below, 0.0005)} of draws"


def _behind(check: PriorCheck) -> Html:
    rows: list[list[Content]] = [
        [said.who, day(said.date), _of(said), percent(said.p, 0.005), data(said.below, percent(said.below, 0.0005))]
        for said in check.said
    ]
    rows.append([tag("b", "this model, mean"), "", tag("code", check.event), chance(check.ours), ""])
    head = ["who", "date", "event", "probability", "share of this model’s draws below it"]
    return table("What others said, among the draws.", head, rows, (3, 4))
