"""Pictures of what to find out, and of what knowing is worth to an actor."""

from __future__ import annotations

from detente.analyse.finding import Finding
from detente.analyse.information.evppi import Worth, Worths
from detente.analyse.information.forecast_value import Learned, Learning
from detente.model.schema import Model
from detente.present.figures.drawing.axes import Row, Scale, gutter_of, legend, numbers, stacked, swatch
from detente.present.figures.drawing.svg import WIDTH, Picture, box, label, line, whisker
from detente.present.figures.sensitivity.variance import (
    MOST,
    factor_row,
)
from detente.present.html.markup import Content, Html, table, tag
from detente.present.html.numbers import data
from detente.present.wording.numbers import counted, fixed, percent, words


def learn_picture(model: Model, found: Learning, certified: str = "") -> Picture:
    """How far the expected Brier score of the forecast would fall if each thing were known."""
    shown = [t for t in found.things if t.advised][:MOST]
    things = [*shown, found.everything]
    rows = [Row("every quantity at once", "the most that any study of them could do") if t is found.everything
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
        hue = {"quantity": "k2", "private type": "k4"}.get(t.kind, "k5")
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
    signs, end = legend([(swatch("k2"), "a quantity"),
                         (swatch("k4"), "what an actor keeps to itself"),
                         (swatch("k5"), "the most there is to learn")],
                        8, bottom + Scale.foot(title) + 16)  # fmt: skip
    quiet = sum(not t.told for t in found.things)
    reading = (
        f"From {counted(found.draws, 'solved draw')}, on average over what may be found; lines, 95% intervals of the "
        f"estimates. As things stand the uncertainty is {found.entropy.value:.2f} bits. {_quiet(quiet)}{certified}"
    )
    return Picture("learn", f"What to find out to forecast {words(found.words)}", reading, [*parts, *signs], end + 4,
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
    private = [w for w in found.private if w.told and w.value.value > 5e-5][:MOST]
    groups = [("in private: only it learns, and nobody knows that it does", private or list(found.private[:1]))]
    if found.public:
        groups.append(("in public: everybody learns, and plays again", list(found.public)))
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
        f"In stakes, over {counted(found.draws, 'draw')}{public}; bars to the right are gains, to the left losses; "
        f"lines, 95% intervals of the mean. In a game, being known to know something can hurt.{certified}"
    )
    title = f"The value of information to {words(found.actor)}"
    return Picture(f"worth-{found.actor}", title, reading, parts, top + 6, worth_table(model, found))


def _quiet(count: int) -> str:
    """How many things are not worth finding out."""
    return f"{counted(count, 'thing')} would change no more than noise does."


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
