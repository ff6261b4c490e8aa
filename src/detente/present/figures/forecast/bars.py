"""Pictures of probabilities: bars with their intervals, shaded cells, and the small pictures that stand in tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeVar

import numpy as np

from detente.analyse.finding import Finding
from detente.analyse.forecast.claims import Verdict
from detente.analyse.forecast.rank import firsts, rankable, share_error
from detente.analyse.forecast.settled import Settled
from detente.arrays import Floats
from detente.present.figures.drawing.svg import (
    BOLD,
    WIDTH,
    Picture,
    box,
    fitted,
    label,
    line,
    measure,
    path,
    ticks,
    whisker,
    wrap,
)
from detente.present.html.markup import Html, table, tag
from detente.present.html.numbers import chance, interval
from detente.present.html.palette import VERDICTS, colour
from detente.present.wording.claims import ground, means
from detente.present.wording.claims import label as label_of
from detente.present.wording.names import outcome_means
from detente.present.wording.numbers import counted, percent, span, words
from detente.study.study import Study

OVER = "90% interval over the draws"
K = TypeVar("K", str, int)


@dataclass(frozen=True)
class Bar:
    """One row of a chart of bars: a number from 0 to 1 with its interval, perhaps in parts."""

    name: str
    note: str
    finding: Finding
    colour: str
    parts: Sequence[tuple[float, str]] = ()  # sizes that sum to the value, with hints
    mark: str = ""


def bars(key: str, title: str, reading: str, rows: Sequence[Bar], behind: Html, half: bool = False) -> Picture:
    """A chart of horizontal bars with intervals; `half` draws a line at one half."""
    gutter = min(250.0, max(100.0, *(max(BOLD * measure(words(r.name)), measure(r.note, 10.5)) for r in rows)) + 14)
    marks = ticks(max(max(r.finding.high, r.finding.value) for r in rows))
    beside = not any(r.note for r in rows)
    notes = [wrap(r.note, gutter - 14, 10.5) for r in rows]
    right, step = (124.0, 28.0) if beside else (96.0, 27.0 + 13.0 * max(map(len, notes)))
    scale = (WIDTH - gutter - right) / marks[-1]
    for row in rows:
        if row.mark:
            scale = min(
                scale,
                (WIDTH - gutter - right - measure(row.mark, 11) - 26) / max(row.finding.high, row.finding.value, 1e-9),
            )
    parts: list[Html] = []
    bottom = 8 + step * len(rows)
    for mark in marks:
        x = gutter + scale * mark
        parts += [line(x, 4, x, bottom + 4), label(x, bottom + 18, f"{mark:.0%}", "muted", "middle", 11)]
    if half:
        parts.append(line(gutter + scale / 2, 4, gutter + scale / 2, bottom + 4, "mean"))
    for k, row in enumerate(rows):
        y = 8 + step * k + (step - 4) / 2
        f = row.finding
        base = y + 4 - 6.5 * len(notes[k])
        parts.append(label(gutter - 10, base, words(row.name), "bold", "end"))
        for j, said in enumerate(notes[k]):
            parts.append(label(gutter - 10, base + 14 + 13 * j, said, "muted", "end", 10.5))
        hint = f"{words(row.name)}: {percent(f.value, f.error)} ({span(f)})"
        x = gutter
        for size, said in row.parts or [(f.value, hint)]:
            parts.append(box(x, y - 8, scale * size, 16, row.colour, said, 0, 0.8))
            x += scale * size
            if row.parts and size is not row.parts[-1][0] and scale * size > 2:
                parts.append(line(x, y - 8, x, y + 8, "cut"))
        parts += whisker(gutter + scale * f.low, gutter + scale * f.high, y)
        shown = percent(f.value, f.error)
        base = y + 4 if beside else y - 2
        parts.append(label(WIDTH - right + 12, base, shown, "bold", size=13))
        parts.append(
            label(
                WIDTH - right + (20 + measure(shown, 13) if beside else 12),
                base if beside else y + 12,
                span(f, True),
                "muted",
                size=10.5,
            )
        )
        if row.mark:
            parts.append(label(gutter + scale * max(f.high, f.value) + 8, y + 4, f"◂ {row.mark}", "bold", size=11))
    return Picture(key, title, reading, parts, bottom + 26, behind, printed=True)


def outcomes_picture(study: Study) -> Picture:
    """Bars for the outcomes, in the parts that the ways make of them."""
    rows = []
    ranked = sorted(study.outcomes.items(), key=lambda item: -rankable(item[1].value))
    came = study.model.happened.outcome if study.model.happened else ""
    for name, finding in ranked:
        found = [(w, f) for w, f in study.ways.items() if w.outcome == name]
        parts = [(f.value, f"{words(name)} by {words(str(w))}: {percent(f.value, f.error)}") for w, f in found]
        mark = "happened" if name == came else ""
        rows.append(
            Bar(
                name,
                outcome_means(study.model, name),
                finding,
                colour(study.model, name),
                parts if len(parts) > 1 else (),
                mark,
            )
        )
    first = firsts({name: study.outcome_draws(name) for name, _ in ranked})
    behind = table(
        f"Probability of each outcome: mean and {OVER}, {counted(study.n, 'draw')}.",
        ["outcome", "what it is", "probability", "90% interval", "most likely in"],
        [
            [
                tag("b", words(name)),
                outcome_means(study.model, name),
                chance(f),
                interval(f),
                percent(first[name], share_error(first[name], study.n)),
            ]
            for name, f in ranked
        ],
        (2, 3, 4),
    )
    reading = (
        f"Probability in percent: bar, the mean of {counted(study.n, 'draw')}; line, the {OVER}; white cuts, the paths "
        "to it in order of time."
    )
    return bars("outcomes", "How likely each outcome is", reading, rows, behind)


def mechanisms_picture(study: Study) -> Picture:
    """Mechanisms by outcomes, as shaded cells."""
    found = study.mechanisms
    threads = {m: sum(f.value for (other, _), f in found.items() if other == m) for m, _ in found}
    ranked = sorted(threads, key=lambda m: (-rankable(threads[m]), m))
    columns = [
        o
        for o in sorted(study.outcomes, key=lambda o: -rankable(study.outcomes[o].value))
        if any(o == x for _, x in found)
    ]
    values = {(m, o): f.value for (m, o), f in found.items()}
    parts, height = cells(ranked, columns, [words(o) for o in columns], values, lambda _, o: colour(study.model, o))
    behind = table(
        f"Probability that a mechanism is at work and an outcome follows: mean and {OVER}, {counted(study.n, 'draw')}.",
        ["mechanism", "outcome", "probability", "90% interval"],
        [
            [tag("b", words(m)), words(o), chance(found[m, o]), interval(found[m, o])]
            for m in ranked
            for o in columns
            if (m, o) in found
        ],
        (2, 3),
    )
    reading = (
        "Mean probability that a mechanism is at work in the history (one of its moves, results or outcomes happens) "
        f"and that this outcome follows, in percent; {counted(study.n, 'draw')}. One history may involve several "
        "mechanisms."
    )
    return Picture("mechanisms", "Through which mechanism", reading, parts, height, behind)


def claims_picture(
    study: Study, wanted: Sequence[str] | None = None, certified: str = "", settled: Mapping[str, Settled] | None = None
) -> Picture:
    """Bars for some claims (default: all); `settled` if it is known already which of them test nothing."""
    judged = {name: study.claims[name] for name in (study.claims if wanted is None else wanted)}
    return verdicts_picture(study.n, judged, certified, study.settled if settled is None else settled)


def verdicts_picture(
    draws: int,
    judged: Mapping[str, Verdict],
    certified: str = "",
    settled: Mapping[str, Settled] = MappingProxyType({}),
) -> Picture:
    """Bars for verdicts on claims; `settled`: which of them test nothing."""
    told = {name: ", ".join(filter(None, [v.words, label_of(settled.get(name))])) for name, v in judged.items()}
    rows = [Bar(name, told[name], v.share, VERDICTS.get(v.words, "k3")) for name, v in judged.items()]
    reading = (
        f"Share of {counted(draws, 'draw')} in which the claim holds, in percent; line, the 95% interval of the "
        f"share; dashed, one half.{certified}"
    )
    behind = table(
        f"Share of {counted(draws, 'draw')} in which each claim holds, with the 95% interval of that share (Wilson).",
        ["claim", "what it says", "holds in", "95% interval", "verdict", "on average", "draws that can judge it"],
        [
            [
                tag("b", words(name)),
                v.says,
                chance(v.share),
                interval(v.share),
                told[name],
                "; ".join(filter(None, [*(line for line, _ in means(v)), ground(settled.get(name))])),
                f"{v.share.draws:,}",
            ]
            for name, v in judged.items()
        ],
        (2, 3, 6),
    )
    return bars("claims", "Which claims hold", reading, rows, behind, half=True)


def share_bar(f: Finding, verdict: str) -> Html:
    """A share as a small bar for a cell of a table."""
    width = 120.0
    parts = [
        box(0, 3, width, 10, "faint"), box(0, 3, width * f.value, 10, VERDICTS.get(verdict, "k3"), "", 0, 0.85),
        *whisker(width * f.low, width * f.high, 8, 3), line(width / 2, 0, width / 2, 16, "mean"),
    ]  # fmt: skip
    return tag("svg", *parts, class_="picture bar", viewBox="0 0 120 16", width=120.0, height=16.0, aria_hidden="true")


def sparkline(values: Floats) -> Html:
    """The draws of a quantity as a small hill, with its 5th, 50th and 95th percentile marked."""
    width, height, bins = 130.0, 30.0, 26
    ends = [0.005, 0.995] if len(values) >= 200 else [0.0, 1.0]
    low, high = (float(v) for v in np.quantile(values, ends))
    if not high > low:
        return Html("")
    counts, _ = np.histogram(values, bins, (low, high))
    tall = (height - 8) / counts.max()
    d = f"M0 {height - 6:g}"
    for k, count in enumerate(counts):
        y = f"{height - 6 - tall * count:.1f}"
        d += f"L{width * k / bins:.1f} {y}L{width * (k + 1) / bins:.1f} {y}"
    parts = [path(f"{d}L{width:g} {height - 6:g}Z", "area")]
    for q in np.quantile(values, [0.05, 0.5, 0.95]):
        x = width * (float(q) - low) / (high - low)
        parts.append(line(x, height - 6, x, height, "axis"))
    return tag(
        "svg", *parts, class_="picture spark", viewBox="0 0 130 30", width=width, height=height, aria_hidden="true"
    )


def when_picture(study: Study) -> Picture:
    """Outcomes by period, as shaded cells."""
    unit, last = study.model.periods.word, study.model.periods.count + 1
    values: dict[tuple[str, int], float] = {}
    for way, f in study.ways.items():
        key = (way.outcome, way.period or last)
        values[key] = values.get(key, 0.0) + f.value
    columns = [k for k in range(1, last + 1) if k < last or any(column == last for _, column in values)]
    heads = ["when the time is over" if k == last else f"{unit} {k}" for k in columns]
    names = sorted(study.outcomes, key=lambda name: -rankable(study.outcomes[name].value))
    parts, height = cells(names, columns, heads, values, lambda name, _: colour(study.model, name))
    reading = (
        f"Mean probability that the game ends in each outcome at each time, in percent; {counted(study.n, 'draw')}."
    )
    return Picture("when", "When each outcome occurs", reading, parts, height)


def cells(
    rows: Sequence[str],
    columns: Sequence[K],
    heads: Sequence[str],
    values: Mapping[tuple[str, K], float],
    hue: Callable[[str, K], str],
) -> tuple[list[Html], float]:
    """A table of cells, the darker the more likely; and how high it is."""
    gutter = max(90.0, *(BOLD * measure(words(name)) for name in rows)) + 14
    wide, tall = (WIDTH - gutter) / len(columns), 26.0
    told = [wrap(head, wide - 4, 10.5) for head in heads]
    top = 10.0 + 13 * max(len(lines) for lines in told)
    most = max(values.values()) or 1.0
    parts = []
    for j, lines in enumerate(told):
        for i, said in enumerate(reversed(lines)):
            parts.append(
                label(gutter + wide * (j + 0.5), top - 8 - 13 * i, fitted(said, wide, 10.5), "muted", "middle", 10.5)
            )
    for k, name in enumerate(rows):
        y = top + tall * k
        parts.append(label(gutter - 10, y + 17, words(name), "bold", "end"))
        for j, column in enumerate(columns):
            x, value = gutter + wide * j + 1, values.get((name, column), 0.0)
            parts.append(box(x, y + 1, wide - 2, tall - 2, "faint", "", 2))
            if value:
                said = percent(value, 0.001)
                shade = round(0.08 + 0.47 * value / most, 2)
                parts.append(box(x, y + 1, wide - 2, tall - 2, hue(name, column), f"{words(name)}: {said}", 2, shade))
                parts.append(label(x + wide / 2 - 1, y + 17, said, "", "middle", 11.5))
    return parts, top + tall * len(rows) + 4
