"""The picture of structural edits: the answer as the model is and with each edit, and all of them as a table."""

from __future__ import annotations

from detente.analyse.counterfactual.knockout import HALF
from detente.analyse.counterfactual.redteam import Edited, RedTeam
from detente.analyse.counterfactual.whatif import Difference
from detente.model.schema import Model
from detente.present.figures.counterfactual.shifts import moved, pair
from detente.present.figures.drawing.axes import Row, Scale, disc, gutter_of, legend, percents, rod, stacked
from detente.present.figures.drawing.svg import WIDTH, Picture, label
from detente.present.html.markup import Content, Html, table, tag
from detente.present.html.numbers import data
from detente.present.wording.answer import THE_ANSWER, drawn
from detente.present.wording.answer import change as answer_changed
from detente.present.wording.answer import moved as answer_moved
from detente.present.wording.names import certified
from detente.present.wording.numbers import beside_effect, counted, number, percent, points, prose, words

SHOWN = 20  # edits in the picture; the table behind it holds all
NUMBERS = 124.0
SIDES = "as it stands", "with the edit"
WAYS = ("holds → fails", False), ("fails → holds", True)


def is_chance(model: Model) -> bool:
    """Whether what is asked about is a probability."""
    return model.answer is None or drawn(model)


def changed(model: Model, d: Difference) -> str:
    """The answer before and after an edit: `15% → 21%, +5.6 pt (95%: +4.1 to +7.0 pt)`."""
    if model.answer is not None or not d.effect.draws:
        return answer_changed(model, d)
    fine = d.effect.error / 4
    low, high = (points(x, fine) for x in (d.effect.low, d.effect.high))
    before, after = (beside_effect(f.value, fine) for f in (d.before, d.after))
    return f"{before} → {after}, {moved(d)} (95%: {low} to {high} pt)"


def by(model: Model, d: Difference) -> str:
    """How far the answer moves."""
    return moved(d) if model.answer is None else answer_moved(model, d)


def turned(e: Edited) -> str:
    """The claims that an edit flips, by the way they go: `holds → fails: seldom, never`."""
    held = e.claims or {}
    ways = {way: [words(n) for n in e.claims_flipped if (held[n] > HALF) == now] for way, now in WAYS}
    return "; ".join(f"{way}: {', '.join(names)}" for way, names in ways.items() if names)


def redteam_picture(model: Model, found: RedTeam) -> Picture:
    """The answer with each of the edits that move it most, beside what it is as the model is."""
    made = [(e, d) for e in found.edits if not e.same and (d := e.moved) is not None][:SHOWN]
    rows = [Row(words(e.edit), e.means) for e, _ in made]
    gutter = gutter_of(rows, 270.0)
    ends = [d.before.value + x for _, d in made for x in (0.0, d.effect.low, d.effect.high) if x == x]
    inside = [min(max(value, 0.0), 1.0) for value in ends]  # as `pair` draws them
    scale = Scale.over([0.0, *inside], gutter + NUMBERS, WIDTH - 16, (0.0, 1.0))
    places, bottom = stacked(rows, gutter, 22.0)
    parts: list[Html] = [
        label(scale.left, 14, f"{THE_ANSWER}, in percent", "muted", size=11),
        label(scale.left - 16, 14, "points, 95%", "muted", "end", 11),
        *scale.ruled(20, bottom, percents(scale.marks)),
    ]
    for row, (y, height), (e, d) in zip(rows, places, made, strict=True):
        parts += row.drawn(y - height / 2, gutter)
        parts += pair(scale, y, e.edit, d, SIDES)
    signs, end = legend(
        [
            (disc("ring", 4.5), SIDES[0]),
            (disc("ink"), SIDES[1]),
            (rod("whisker"), f"95% interval of the mean difference, from “{SIDES[0]}”"),
        ],
        8,
        bottom + 34,
    )
    left = sum(not e.same and not e.not_possible for e in found.edits) - len(made)
    more = f" {counted(left, 'edit')} that move it less are in the table." if left > 0 else ""
    reading = (
        f"The answer with one part of the structure altered, the edit that moves it most first; means of "
        f"{counted(found.draws, 'paired draw')}.{more} {certified(found.converged)}"
    )
    title = "What each structural edit does to the answer"
    return Picture("redteam", title, reading, [*parts, *signs], end, redteam_table(model, found))


def redteam_table(model: Model, found: RedTeam) -> Html:
    """Every edit: the answer, how far it and the outcomes move, what turns, or why it is not possible."""
    rows: list[list[Content]] = []
    for e in found.edits:
        name: list[Content] = [tag("b", words(e.edit)), e.means, e.kind]
        if (d := e.moved) is None:
            rows.append([*name, "", "", "", "", f"not possible: {prose(e.not_possible)}", ""])
            continue
        lost = f"; not to be judged: {', '.join(map(words, e.claims_lost))}" if e.claims_lost else ""
        turns = "; ".join(map(prose, e.flips)) or ("nothing changes" if e.same else "")
        sides = [
            _level(model, d),
            data(d.effect.value, by(model, d)),
            _interval(model, d),
            data(e.distance, percent(e.distance)),
        ]
        rows.append([*name, *sides, turns, (turned(e) or "none") + lost])
    head = ["edit", "what the file says", "kind", THE_ANSWER, "difference", "95% of the mean", "shift",
            "the conclusion flips", "claims flipped"]  # fmt: skip
    caption = (
        "Each structural edit by itself. Shift: half the sum of the absolute changes of the mean probabilities of the "
        "outcomes."
    )
    return table(caption, head, rows, range(3, 7))


def _level(model: Model, d: Difference) -> Content:
    f = d.after
    if not f.draws:
        return "not defined"
    return data(f.value, beside_effect(f.value, d.effect.error / 4) if is_chance(model) else number(f.value, f.error))


def _interval(model: Model, d: Difference) -> str:
    if not d.effect.draws:
        return ""
    fine = d.effect.error / 4
    if is_chance(model):
        return f"{points(d.effect.low, fine)} to {points(d.effect.high, fine)}"
    return f"{number(d.effect.low, fine)} to {number(d.effect.high, fine)}"
