"""Pictures of what is not known: what moves an answer, where an event is at home, what to find out and what for."""

from __future__ import annotations

from detente.analyse.finding import Finding
from detente.analyse.forecast.subject import NUMBER
from detente.analyse.sensitivity.variance import GIVEN, Sensitivity
from detente.model.schema import Model
from detente.present.figures.drawing.axes import Row, Scale, disc, gutter_of, legend, percents, stacked, swatch
from detente.present.figures.drawing.svg import WIDTH, Picture, box, dot, label, whisker
from detente.present.html.markup import Content, Html, table, tag
from detente.present.html.numbers import data
from detente.present.wording.names import amount, assumed, key_of, means
from detente.present.wording.numbers import counted, fixed, hundredths, number, percent, words

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
    """The share of the variance of an answer that each assumption explains: first-order (bars) and total (rings)."""
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
        label(WIDTH, 14, "first-order (total)", "muted", "end", 11),
    ]
    for row, (y, height), e in zip(rows, places, effects, strict=True):
        parts += row.drawn(y - height / 2, gutter)
        parts.append(box(scale(0), y - 7, scale(max(e.first.value, 0)) - scale(0), 14, "k2" if e in shown else "k4",
                         f"{row.name} first-order: {hundredths(e.first.value)}", 0, 0.8))  # fmt: skip
        parts += whisker(scale(max(e.first.low, 0.0)), scale(max(e.first.high, 0.0)), y)
        if e.total is not None:
            parts += whisker(scale(max(e.total.low, 0.0)), scale(max(e.total.high, 0.0)), y + 9, 3)
            parts.append(
                dot(scale(max(e.total.value, 0.0)), y + 9, 4, "ring", f"{row.name} total: {hundredths(e.total.value)}")
            )
        said = hundredths(max(e.first.value, 0.0)) + (f" ({hundredths(max(e.total.value, 0.0))})" if e.total else "")
        parts.append(label(WIDTH, y + 4, said, "", "end", 11))
    entries = [(swatch("k2"), "first-order: what knowing it alone would remove")]
    if any(e.total for e in effects):
        entries.append((disc("ring", 4), "total: what would remain if all else were known"))
    if joint:
        entries.append((swatch("k4"), "correlated, known together"))
    signs, end = legend(entries, 8, bottom + Scale.foot(title) + 16)
    quiet = len(found.effects) - sum(e.told for e in found.effects)
    draws = (
        f"{counted(found.draws, 'solved draw')}" if found.design == GIVEN
        else f"a Sobol’ design of {found.draws:,} base points, {found.solved:,} solved"
    )  # fmt: skip
    reading = (
        f"From {draws}; lines, 95% intervals of the estimates.{_fit(found)} {quiet} of {len(found.effects)} "
        f"{'explains' if quiet == 1 else 'explain'} no more than noise would.{certified}"
    )
    where = f", where {words(found.where)}" if found.where else ""
    key, title = key_of("sense", found.of, found.where), f"What moves {words(found.words)}{where}"
    return Picture(key, title, reading, [*parts, *signs], end + 4, sense_table(model, found))


def _fit(found: Sensitivity) -> str:
    if found.explained is None:
        return ""
    return f" Total effects are read off a fit that explains {percent(found.explained)} of the variance."


def sense_table(model: Model, found: Sensitivity) -> Html:
    """Every factor with both indices, and the answer in its lowest and highest fifth."""
    said = number if found.kind == NUMBER else percent
    fifths, shared = any(e.low for e in found.effects), any(e.shapley for e in found.effects)
    rows: list[list[Content]] = []
    for e in (*found.effects, *found.joint):
        row: list[Content] = [
            tag("b", factor_row(model, e.name).name),
            _index(e.first),
            _band(e.first),
            _index(e.total),
            _band(e.total),
        ]
        row += [_index(e.shapley), _band(e.shapley)] if shared else []
        if fifths:
            low, high = e.bounds or (float("nan"),) * 2
            for f, at in ((e.low, low), (e.high, high)):
                row += [data(f.value, said(f.value)) if f else "", amount(model, e.name, at) if f else ""]
        rows.append(row)
    head = ["assumption", "first-order", "95%", "total", "95%"]
    head += ["Shapley effect", "95%"] if shared else []
    head += ["lowest fifth", "below", "highest fifth", "above"] if fifths else []
    return table("Shares of variance: first-order effects and total effects.", head, rows, range(1, len(head)))


def _index(f: Finding | None) -> Content:
    return data(f.value, fixed(f.value, 2)) if f else ""


def _band(f: Finding | None) -> Content:
    return f"{fixed(f.low, 2)} to {fixed(f.high, 2)}" if f else ""


# ---------------------------------------------------------------------- scenario discovery


# ---------------------------------------------------------------------- what to find out
