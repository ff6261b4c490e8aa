"""The picture of the way from shared truth to misperception."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from detente.analyse.forecast.rank import telling
from detente.analyse.perceptions.sweep import Sweep
from detente.model.schema import Model
from detente.present.figures.drawing.axes import Row, Scale, gutter_of, legend, rod
from detente.present.figures.drawing.panels import (
    LEAST,
    MOST_PANELS,
    RIGHT,
    Curve,
    Panel,
    _range,
    drawn,
)
from detente.present.figures.drawing.svg import WIDTH, Picture
from detente.present.html.markup import Content, Html, table, tag
from detente.present.html.numbers import along, data
from detente.present.html.palette import colour
from detente.present.wording.names import certified, means
from detente.present.wording.numbers import counted, number, words


def sweep_picture(model: Model, sweeps: Mapping[str, Sweep], moved: Sequence[str]) -> Picture:
    """The outcomes that move most on the way from shared truth to the views of the model, in both readings."""
    readings = list(sweeps)
    at = [float(s) for s in sweeps[readings[0]].s]
    names = list(sweeps[readings[0]].outcomes)
    spans = {n: max(_range(sweeps[r].outcomes[n]) for r in readings) for n in names}
    first = telling(model)
    most = sorted(names, key=lambda n: (n not in first, -spans[n]))[:MOST_PANELS]
    shown = [n for n in names if n in most and (spans[n] >= LEAST or n in first)] or names[:1]
    panels = []
    for name in shown:
        curves = [Curve(sweeps[r].outcomes[name], colour(model, name) + (" dashed" if r == "private" else ""),
                        f"{words(name)}, {r} perceptions", r != "private") for r in readings]  # fmt: skip
        panels.append(Panel(Row(words(name), means(model, name)), curves))
    gutter = gutter_of([p.row for p in panels], 236.0) + 34
    scale = Scale(gutter + 4, WIDTH - RIGHT, [0.0, 0.25, 0.5, 0.75, 1.0])
    curves_, end = drawn(panels, at, scale, gutter, 8.0)
    whose = " and ".join(words(a) for a in moved)
    title = f"share of the way from shared truth (0%) to the view of {whose} (100%)"
    parts = [*scale.ruled(4, end, lambda m: f"{m:.0%}", title), *curves_]
    signs, end = legend([(rod("curve sk1"), "each knows how the others see (common)"),
                         (rod("curve sk1 dashed"), "each takes its view for the truth (private)")],
                        8, end + Scale.foot(title) + 16)  # fmt: skip
    sweep = sweeps[readings[0]]
    least = min(s.converged for s in sweeps.values())
    reading = (
        f"Means of {counted(sweep.draws, 'draw')} at each of {len(at)} steps, the same draws at each; band: 90% of "
        f"them with common perceptions. {certified(least)}"
    )
    return Picture("sweep", "From shared truth to full misperception", reading, [*parts, *signs], end + 4,
                   sweep_table(sweeps), printed=False)  # fmt: skip


def sweep_table(sweeps: Mapping[str, Sweep]) -> Html:
    """Every outcome, what each actor gets, and every claim that moves, at every step; and what turns where."""
    made: list[str] = []
    for reading, s in sweeps.items():
        head = ["", *(f"{x:.0%}" for x in s.s)]
        rows: list[list[Content]] = [[tag("b", words(n)), *(along(f) for f in fs)] for n, fs in s.outcomes.items()]
        rows += [
            [f"{words(n)} gets (stakes)", *(data(f.value, number(f.value)) for f in fs)] for n, fs in s.payoffs.items()
        ]
        rows += [
            [f"{words(n)} holds in", *(along(f) if f.value == f.value else "" for f in fs)]
            for n, fs in s.claims.items() if _range(fs) >= LEAST
        ]  # fmt: skip
        made.append(table(f"By share of the way: {reading} perceptions.", head, rows, range(1, len(head))))
        turned = [[words(t.what), words(t.before), words(t.after), data(t.s, f"{t.s:.1%}"), t.of] for t in s.turns]
        if turned:
            made.append(
                table(
                    f"What changes on the way: {reading} perceptions.",
                    ["what", "from", "to", "at", "read off the"],
                    turned,
                    (3,),
                )
            )
    return Html("".join(made))
