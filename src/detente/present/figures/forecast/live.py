"""How likely each outcome is, grouped, beside what it is as the case is written: the picture that moves with
sliders."""

from __future__ import annotations

from collections.abc import Mapping

from detente.analyse.counterfactual.whatif import Difference, Step
from detente.analyse.forecast.rank import rankable
from detente.model.schema import Model
from detente.present.figures.counterfactual.shifts import shift_table
from detente.present.figures.drawing.axes import disc, legend, rod
from detente.present.figures.drawing.svg import (
    BOLD,
    WIDTH,
    Picture,
    box,
    dot,
    fitted,
    label,
    line,
    measure,
    ticks,
    whisker,
)
from detente.present.html.markup import Html, table, tag
from detente.present.html.numbers import chance, interval
from detente.present.html.palette import colours
from detente.present.wording.names import outcome_means
from detente.present.wording.numbers import beside_effect, counted, percent, points, span, words

STEP, HEAD, RIGHT = 34.0, 26.0, 132.0
FINEST = 5e-4  # of a probability: finer is no news to anybody who moves a slider
SIDES = ("as written", "now")


def live_picture(model: Model, step: Step, draws: int, changed: bool) -> Picture:
    """The outcomes by group, each a bar with its 90% interval; where something is `changed`, a ring says what it is as
    the case is written, and the number beside it by how much it moved. Its table is `live_table`."""
    groups = _groups(model, step)
    names = [name for _, members in groups for name in members]
    gutter = min(230.0, max(110.0, *(BOLD * measure(words(n)) + 16 for n in names)))
    ends = [(d.after.high, d.after.value, d.before.value) for d in step.outcomes.values()]
    far = [value for three in ends for value in three if value == value]
    marks = ticks(max(far, default=1.0))
    scale = (WIDTH - gutter - RIGHT) / marks[-1]
    parts: list[Html] = []
    came, hues = _came(model), colours(model)
    y = 6.0
    rows: list[Html] = []
    for group, members in groups:
        if group:
            rows += _heading(group, step, y, changed)
            y += HEAD
        for name in members:
            at = (y + STEP / 2, gutter, scale)
            rows += _row(model, name, step.outcomes[name], at, changed, name == came, hues[name])
            y += STEP
    for mark in marks:
        x = gutter + scale * mark
        parts += [line(x, 4, x, y + 2), label(x, y + 17, f"{mark:.0%}", "muted", "middle", 11)]
    signs = [(rod("whisker"), "90% of the draws")]
    if changed:
        signs.insert(0, (disc("ring", 4.5), SIDES[0]))
    drawn, bottom = legend(signs, 8, y + 28)
    reading = f"Probability in percent, the mean of {counted(draws, 'draw')}; the line holds 90% of them."
    return Picture("live", "How likely each outcome is", reading, [*parts, *rows, *drawn], bottom)


def live_table(model: Model, step: Step, changed: bool) -> Html:
    """The table behind the picture."""
    return shift_table(model, step, SIDES) if changed else _table(model, step)


def _came(model: Model) -> str:
    """What happened, unless it is asked as of a day before that."""
    happened, updated = model.happened, model._updated
    if happened is None or (updated is not None and (happened.date is None or happened.date > updated.day)):
        return ""
    return happened.outcome


def _groups(model: Model, step: Step) -> list[tuple[str, list[str]]]:
    """The groups as the case has them, each with its outcomes, the most likely first; one without a name where there
    are none, or a group holds all."""
    left = dict.fromkeys(step.outcomes)
    found = []
    for group, members in model.groups.items():
        if there := [m for m in members if m in left]:
            found.append((group, there))
            for m in there:
                del left[m]
    if left:
        found.append(("", list(left)))
    if len(found) == 1:
        found = [("", found[0][1])]
    return [
        (group, sorted(members, key=lambda m: -rankable(step.outcomes[m].before.value))) for group, members in found
    ]


def _heading(group: str, step: Step, y: float, changed: bool) -> list[Html]:
    parts = [line(0, y + HEAD - 5, WIDTH, y + HEAD - 5), label(0, y + HEAD - 10, words(group), "up", size=11)]
    if (whole := step.groups.get(group)) is not None:
        shown = _value(whole, changed)
        parts.append(label(WIDTH - RIGHT + 12, y + HEAD - 10, shown, "bold", size=12))
        if changed:
            parts.append(label(WIDTH, y + HEAD - 10, _moved(whole), "muted", "end", 11))
    return parts


def _row(
    model: Model, name: str, d: Difference, where: tuple[float, float, float], changed: bool, came: bool, hue: str
) -> list[Html]:
    y, gutter, scale = where
    f = d.after
    means = outcome_means(model, name)
    parts = [label(gutter - 10, y + (0 if came else 4), fitted(words(name), gutter - 12, 12 * BOLD), "bold", "end")]
    if came:
        parts.append(label(gutter - 10, y + 13, "happened", "muted", "end", 10.5))
    if f.value != f.value:
        return [*parts, label(gutter + 4, y + 4, "not defined", "muted")]
    hint = f"{words(name)}{f', {means}' if means else ''}: {percent(f.value, f.error)} ({span(f)})"
    parts.append(box(gutter, y - 9, scale * f.value, 18, hue, hint, 0, 0.85))
    parts += whisker(gutter + scale * f.low, gutter + scale * f.high, y)
    if changed:
        parts.append(dot(gutter + scale * d.before.value, y, 4.5, "ring", f"{SIDES[0]}: {percent(d.before.value)}"))
    parts.append(label(WIDTH - RIGHT + 12, y + 4, _value(d, changed), "bold", size=13))
    beside = _moved(d) if changed else span(f, True)
    parts.append(label(WIDTH, y + 4, beside, "muted", "end", 11))
    return parts


def _value(d: Difference, changed: bool) -> str:
    fine = max(d.effect.error / 4, FINEST)
    return beside_effect(d.after.value, fine) if changed else percent(d.after.value, d.after.error)


def _moved(d: Difference) -> str:
    return "not defined" if not d.effect.draws else f"{points(d.effect.value, max(d.effect.error / 4, FINEST))} pt"


def _table(model: Model, step: Step) -> Html:
    parts: Mapping[str, Difference] = {**step.groups, **step.outcomes}
    rows = []
    for name, d in parts.items():
        kind = "group of outcomes" if name in step.groups else "outcome"
        means = outcome_means(model, name) if name in model.outcomes else ""
        rows.append([tag("b", words(name)), chance(d.after), interval(d.after), kind, means])
    caption = "Probability of each outcome and group of outcomes: mean, and the interval that holds 90% of the draws."
    return table(caption, ["", "probability", "90% interval", "", "what it is"], rows, (1, 2))
