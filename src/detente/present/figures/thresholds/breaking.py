"""Pictures of breaking points: what would have to be assumed for a claim to turn, and how far each claim is from it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from detente.analyse.finding import Z90
from detente.analyse.forecast.rank import rankable
from detente.analyse.thresholds.breaking import ALONE, Breaking, Moved
from detente.analyse.thresholds.breaking import Moved as Change
from detente.analyse.thresholds.hlrf import REACH
from detente.model.schema import Model
from detente.present.figures.drawing.axes import Row, Scale, disc, gutter_of, legend, numbers, rhomb, stacked, swatch
from detente.present.figures.drawing.svg import WIDTH, Picture, box, diamond, dot, label, line, measure
from detente.present.html.markup import Content, Html, table, tag
from detente.present.html.numbers import data
from detente.present.wording.names import amount, assumed, deviations, means
from detente.present.wording.numbers import MINUS, number, percent, words

MOST = 8
CENTRE = "every assumption at its median"


def _mark(m: float) -> str:
    return f"{m:+.3g}".replace("-", MINUS) if m else "median"


def breaking_picture(model: Model, b: Breaking) -> Picture:
    """Each assumption where it has to be moved to for a claim to turn: all together (dots), or alone (diamonds)."""
    joint = {c.name: c for c in b.changes}
    alone = {s.change.name: s.change for s in b.singles}
    ranked = [c.name for c in b.changes if abs(c.score) >= 0.05][:MOST]
    names = list(dict.fromkeys([*ranked, *list(alone)[: max(3, MOST - len(ranked))]]))
    rows = [Row(assumed(name), means(model, name)) for name in names]
    gutter, right = gutter_of(rows, 260.0), 138.0
    places, bottom = stacked(rows, gutter, 30.0)
    far = max([Z90, *(abs(c.score) for name in names for c in (joint.get(name), alone.get(name)) if c)])
    scale = Scale.over([-far, far], gutter + 6, WIDTH - right)
    parts: list[Html] = [
        box(scale(-Z90), 26, scale(Z90) - scale(-Z90), bottom - 26, "faint"),
        *scale.ruled(26, bottom, _mark, AXIS),
        line(scale(0), 26, scale(0), bottom, "axis"),
        label(WIDTH, 14, "median → together (alone)", "muted", "end", 11),
    ]
    for row, (y, height), name in zip(rows, places, names, strict=True):
        parts += row.drawn(y - height / 2, gutter)
        together, single = joint.get(name), alone.get(name)
        said = []
        if single is not None:
            hint = f"{assumed(name)} alone: {_moved(model, single)}"
            parts.append(line(scale(0), y, scale(single.score), y, "rule"))
            parts.append(diamond(scale(single.score), y, 6.5, "ring", hint))
        if together is not None:
            hint = f"{assumed(name)}: {_moved(model, together)}, {together.share:.0%} of the squared distance"
            parts.append(line(scale(0), y, scale(together.score), y, "between"))
            parts.append(dot(scale(together.score), y, 5.5, "more" if together.score > 0 else "less", hint))
            said.append(f"{number(together.median)} → {amount(model, name, together.value)}")
        if single is not None:
            said.append(f"alone {amount(model, name, single.value)}")
        for k, text in enumerate(said):
            parts.append(
                label(WIDTH, y + 4 + 13 * (k - (len(said) - 1) / 2), text, "" if not k else "muted", "end", 11)
            )
    y = bottom + Scale.foot(AXIS) + 16
    signs, end = legend(
        [
            (disc("more"), "all together, up"),
            (disc("less"), "all together, down"),
            (rhomb("ring"), "this one alone"),
            (swatch("faint", 1.0), "90% of what is believed"),
        ],
        8,
        y,
    )
    now = {True: "holds", False: "fails"}.get(b.holds, "cannot be judged") if b.holds is not None else ""
    title = f"What it takes to flip “{words(b.claim)}”"
    reading = (
        f"With {CENTRE} the claim {now}. {_least(b)} Dots: that change, in prior standard deviations from the median "
        f"of each assumption; diamonds: where one alone flips it. Solved on both sides of the point; {b.searched}."
    )
    return Picture(f"breaking-{b.claim}", title, reading, [*parts, *signs], end + 4, breaking_table(model, b))


AXIS = "prior standard deviations from the median"


def switches_said(b: Breaking) -> str:
    """The choices that flip a claim alone: `flag 1 → 0`, in words; empty if there are none."""
    return " or ".join(_switched(c) for c in b.switches)


def _switched(c: Moved) -> str:
    return words(c.says) if c.says else f"{assumed(c.name)} {number(c.median)} → {number(c.value)}"


def beside_said(b: Breaking) -> str:
    """What flips a claim once a choice is switched, if that is less: `with flag 1 → 0, 0.41 sd: cost 0.4 → 0.5`."""
    if b.beside is None:
        return ""
    c, moved = b.beside.switch, b.beside.changes[:3]
    parts = ", ".join(f"{assumed(m.name)} {number(m.median)} → {number(m.value)}" for m in moved)
    return f"with {_switched(c)}, {b.beside.distance.value:.2f} sd: {parts}"


def _least(b: Breaking) -> str:
    if b.switches:
        return f"The choice {switches_said(b)} flips it alone. {_by_degrees(b)}"
    return _by_degrees(b) + (f" Less is enough {beside_said(b)}." if b.beside else "")


def _by_degrees(b: Breaking) -> str:
    if math.isnan(b.distance.value):
        return "No joint change was found that flips it."
    return f"The smallest joint change that flips it is {b.distance.value:.2f} prior standard deviations long."


def _moved(model: Model, c: Change) -> str:
    return f"{amount(model, c.name, c.median)} → {amount(model, c.name, c.value)} ({deviations(c.score)} sd)"


def breaking_table(model: Model, b: Breaking) -> Html:
    """Every assumption of the joint change, and every single one, with its numbers."""
    alone = {s.change.name: s for s in b.singles}
    rows: list[list[Content]] = []
    for c in b.changes:
        single = alone.pop(c.name, None)
        rows.append([tag("b", assumed(c.name)), *_numbers(model, c), data(c.share, percent(max(0.0, c.share), 0.01)),
                     *(_alone(model, single.change) if single else ["", ""])])  # fmt: skip
    rows += [
        [tag("b", assumed(name)), data(s.change.median, amount(model, name, s.change.median)), "", "", "",
         *_alone(model, s.change)]
        for name, s in alone.items()
    ]  # fmt: skip
    caption = (
        f"{_least(b)} Share: what an assumption adds to the squared distance. The last two columns: the value at which "
        f"it flips the claim alone, all others at their medians (up to {ALONE:g} sd)."
    )
    head = ["assumption", "median", "together", "sd", "share", "alone", "sd"]
    return table(caption, head, rows, range(1, 7))


def _numbers(model: Model, c: Change) -> list[Content]:
    return [
        data(c.median, amount(model, c.name, c.median)),
        data(c.value, amount(model, c.name, c.value)),
        data(c.score, deviations(c.score)),
    ]


def _alone(model: Model, c: Change | None) -> list[Content]:
    return (
        ["", ""] if c is None else [data(c.value, amount(model, c.name, c.value)), data(c.score, deviations(c.score))]
    )


def nearness(b: Breaking) -> tuple[bool, bool, float]:
    """Claims by how little flips them, with a structure made otherwise or without; last those that cannot be judged."""
    there = [d.value for d in (b.distance, b.beside and b.beside.distance) if d and not math.isnan(d.value)]
    return b.holds is None, not there, rankable(min(there, default=0.0))


def distances_picture(model: Model, found: Sequence[Breaking]) -> Picture:
    """How far each claim is from turning, the nearest first."""
    ranked = sorted(found, key=nearness)
    rows = [Row(words(b.claim), model.claims[b.claim].says if b.claim in model.claims else "") for b in ranked]
    gutter, right = gutter_of(rows, 300.0, 200.0), 230.0 if any(b.beside for b in found) else 150.0
    places, bottom = stacked(rows, gutter, 8.0)
    scale = Scale.over([0.0, *(b.distance.value for b in ranked)], gutter + 4, WIDTH - right)
    parts = scale.ruled(4, bottom, numbers, DISTANCE)
    for row, (y, height), b in zip(rows, places, ranked, strict=True):
        parts += row.drawn(y - height / 2, gutter)
        now = {True: "holds", False: "fails", None: "cannot be judged"}[b.holds]
        if math.isnan(b.distance.value):
            said = f"{now}; {f'flipped by {switches_said(b)}' if b.switches else 'nothing flips it'}"
            said = said if b.holds is not None else now
            parts.append(label(gutter + 10, y + 4, said, "muted", size=11))
            continue
        hint = f"{words(b.claim)} {now}; {b.distance.value:.2f} prior standard deviations flip it"
        hue, end = "k1" if b.holds else "k5", scale(b.distance.value) + 8
        parts.append(box(scale(0), y - 7, end - 8 - scale(0), 14, hue, hint, 0, 0.8))
        parts.append(label(end, y + 4, f"{b.distance.value:.2f}", "bold", size=12))
        if b.beside:
            less = b.beside.distance.value
            parts.append(diamond(scale(less), y, 5.0, "ring", f"with {_switched(b.beside.switch)}, {less:.2f} flip it"))
            now += f"; {less:.2f} with a choice switched"
        parts.append(label(end + measure("0.00", 13) + 4, y + 4, now, "muted", size=11))
    reading = (
        f"The smallest joint change of assumptions that flips each claim, counted from the point with {CENTRE}, where "
        "it holds (dark) or fails (pale); a diamond where less is enough once a choice, such as a structure, is "
        f"switched; searched up to {REACH:g} of them, and solved on both sides."
    )
    behind = table(
        "Claims by their distance from flipping. Opposite: the share of solved draws with the opposite verdict.",
        ["claim", "with all at their medians", "flips at (sd)", "moved most", "with a choice switched",
         "opposite in", "searched"],
        [
            [
                tag("b", words(b.claim)), {True: "holds", False: "fails", None: "cannot be judged"}[b.holds],
                "" if math.isnan(b.distance.value) else data(b.distance.value, f"{b.distance.value:.2f}"),
                ", ".join(f"{assumed(c.name)} → {amount(model, c.name, c.value)}" for c in b.changes[:3]),
                beside_said(b), "" if math.isnan(b.among) else data(b.among, percent(b.among)), b.searched,
            ]
            for b in ranked
        ],
        (2, 5),
    )  # fmt: skip
    height = bottom + Scale.foot(DISTANCE) + 6
    return Picture("distances", "How near each claim is to flipping", reading, parts, height, behind)


DISTANCE = "prior standard deviations to the nearest point at which the verdict flips"
