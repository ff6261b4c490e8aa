"""The picture of a map over two quantities: its regimes, their boundary, where we are, and how far it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from detente.analyse.thresholds.regimes import CHOICES, Map, Regimes, WayAcross
from detente.model.schema import Model
from detente.present.figures.drawing.axes import Scale, disc, legend, numbers, swatch
from detente.present.figures.drawing.frame import Frame, axis_of
from detente.present.figures.drawing.panels import Within
from detente.present.figures.drawing.svg import BOLD, WIDTH, Picture, box, dot, label, line, measure, path, wrap
from detente.present.html.markup import Content, Html, coordinate, table, tag
from detente.present.html.numbers import data
from detente.present.html.palette import colour
from detente.present.wording.answer import in_words, level_of
from detente.present.wording.names import amount, assumed, axis_title, certified, deviations, key_of, means
from detente.present.wording.numbers import number, words

HOLDS = {"holds": "k2", "fails": "k5", "cannot be judged": "k4"}
LEFT, SIDE = 62.0, 440.0
Point = tuple[float, float]


def map_picture(model: Model, found: Regimes, one: Map) -> Picture:
    """One subject over the two quantities: regions as they border on each other, and the way across."""
    x_name, y_name = found.quantities
    gx, gy = ([float(v) for v in grid] for grid in found.grids)
    way, (sx, sy) = one.way, _scales(model, found, one)
    across = [v for v in way.at if v == v]
    parts: list[Html] = []
    for k, said in enumerate(wrap("↑ " + axis_title(model, y_name), WIDTH, 11)):
        parts.append(label(0, 12 + 14 * k, said, "muted", size=11))
    for number_, name in enumerate(one.legend):
        d = "".join(_outline(polygon, sx, sy) for polygon in _region(found, one, number_))
        parts.append(path(d, hue(model, name), words(name), 0.42))
    parts.append(
        tag("path", d="".join(f"M{_at(a, sx, sy)}L{_at(b, sx, sy)}" for a, b in boundary(found, one)), class_="border")
    )
    x0, x1, y0, y1 = sx(gx[0]), sx(gx[-1]), sy(gy[0]), sy(gy[-1])
    parts += [line(x0, y0, x1, y0, "axis"), line(x0, y0, x0, y1, "axis")]
    for mark in sx.marks:
        parts += [
            line(sx(mark), y0, sx(mark), y0 + 4, "axis"),
            label(sx(mark), y0 + 17, (number if sx.log else numbers)(mark), "muted", "middle", 11),
        ]
    for mark in sy.marks:
        parts += [
            line(x0 - 4, sy(mark), x0, sy(mark), "axis"),
            label(x0 - 8, sy(mark) + 4, (number if sy.log else numbers)(mark), "muted", "end", 11),
        ]
    title = axis_title(model, x_name)
    for k, said in enumerate(wrap(title, WIDTH, 11)):
        parts.append(label(WIDTH, y0 + 34 + 14 * k, said, "muted", "end", 11))
    parts += list(_names(found, one, sx, sy))
    here = (sx(found.here[0]), sy(found.here[1]))
    if across:
        there = (sx(way.at[0]), sy(way.at[1]))
        parts.append(line(*here, *there, "way"))
        parts.append(
            box(
                there[0] - 5,
                there[1] - 5,
                10,
                10,
                "ink",
                f"turns to {words(way.across)}: {_values(model, found, way.at)}",
            )
        )
        parts += _tag(f"{way.distance.value:.2f} sd: {words(way.across)}", there, here)
    parts.append(dot(*here, 6, "ring", f"here, all at their medians: {_values(model, found, found.here)}"))
    parts += _tag("here", here, (here[0], here[1] - 1))
    end = y0 + Scale.foot(title) + 18
    signs, end = legend([*((swatch(hue(model, name), 0.42), words(name)) for name in one.legend),
                         (disc("ring"), "here: every assumption at its median"),
                         (swatch("ink", 1.0), "the nearest point across the boundary")], 8, end)  # fmt: skip
    what = f"whether “{words(one.what)}” holds" if one.what in model.claims else words(one.what)
    reading = (
        f"{what[0].upper()}{what[1:]}, all else at its median. {way_said(model, found, one)} "
        f"{found.solved:,} points solved. {certified(found.converged)}"
    )
    heading = f"{words(one.what)}, over {assumed(x_name)} and {assumed(y_name)}"
    key = key_of("map", *found.quantities, one.what)
    return Picture(
        key, heading[0].upper() + heading[1:], reading, [*parts, *signs], end + 4, map_table(model, found, one)
    )


def map_frame(model: Model, found: Regimes, one: Map) -> Frame:
    """Where its quantities lie in the picture of a map."""
    sides = zip(found.quantities, _scales(model, found, one), found.grids, found.scales, strict=True)
    return Frame(*(axis_of(*side) for side in sides))


def _scales(model: Model, found: Regimes, one: Map) -> tuple[Within, Within]:
    """Across and up: wide enough for the grid, for where we are, and for the point across."""
    gx, gy = ([float(v) for v in grid] for grid in found.grids)
    top = 22.0 + 14 * len(wrap(axis_title(model, found.quantities[1]), WIDTH, 11))
    across = [v for v in one.way.at if v == v]
    xs, ys = [*gx, *across[:1], found.here[0]], [*gy, *across[1:], found.here[1]]
    return _scale(xs, LEFT, WIDTH - 20, found.scales[0], gx), _scale(ys, top + SIDE * 0.72, top, found.scales[1], gy)


def hue(model: Model, name: str) -> str:
    """The colour of a regime."""
    return colour(model, name) if name in model.outcomes else HOLDS.get(name, "k4")


def _scale(values: Sequence[float], left: float, right: float, kind: str, grid: Sequence[float]) -> Within:
    return Within.of(min(values), max(values), left, right, kind, grid)


def no_way(way: WayAcross) -> str:
    """That there is no way across, in a sentence."""
    if way.distance.interval == CHOICES:
        return "Both quantities are choices, between which there is no distance."
    return f"No boundary within {way.distance.interval.removeprefix('searched to ')} prior sd."


def way_said(model: Model, found: Regimes, one: Map) -> str:
    """The nearest boundary, in a sentence."""
    way = one.way
    if way.distance.value != way.distance.value:
        return f"Here: {words(way.here)}. {no_way(way)}"
    return (
        f"Here: {words(way.here)}. The nearest boundary, to {words(way.across)}, is {way.distance.value:.2f} prior "
        f"standard deviations away, at {_values(model, found, way.at)} ({deviations(way.scores[0])} and "
        f"{deviations(way.scores[1])})."
    )


def _values(model: Model, found: Regimes, at: Point) -> str:
    return " and ".join(f"{assumed(n)} {amount(model, n, v)}" for n, v in zip(found.quantities, at, strict=True))


def _tag(said: str, at: Point, away: Point) -> list[Html]:
    """Words beside a point, on the side away from another, on a ground that keeps them readable."""
    wide = BOLD * measure(said, 11) + 8
    left = at[0] + 10 + wide > WIDTH - 4 or (at[0] < away[0] and at[0] - 10 - wide > LEFT)
    x = at[0] - 10 - wide if left else at[0] + 10
    y = at[1] + (14 if at[1] > away[1] else -12)
    return [box(x, y - 11, wide, 16, "paper", "", 3, 0.86), label(x + 4, y + 1, said, "bold", size=11)]


def _names(found: Regimes, one: Map, sx: Scale, sy: Scale) -> Iterator[Html]:
    """Each regime's name, where it is widest."""
    gx, gy = found.grids
    for k, name in enumerate(one.legend):
        inside = one.labels == k
        if inside.sum() < 12:
            continue
        deep = _depth(inside)
        j, i = np.unravel_index(int(deep.argmax()), deep.shape)
        x, y = sx(float(gx[i])), sy(float(gy[j]))
        half = measure(words(name), 12) / 2
        yield label(min(max(x, LEFT + half + 4), WIDTH - 24 - half), y + 4, words(name), "bold", "middle", 12)


def _depth(inside: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    """How many cells each cell of a region is from its edge; the edge of the map counts for one."""
    deep = np.zeros(inside.shape, np.int64)
    left = inside.copy()
    while left.any():
        deep += left
        edged = np.pad(left, 1)
        left = left & edged[2:, 1:-1] & edged[:-2, 1:-1] & edged[1:-1, 2:] & edged[1:-1, :-2]
    return deep


# ---------------------------------------------------------------------- regions


def _crossings(found: Regimes, one: Map) -> dict[tuple[str, int, int], Point]:
    """The points of the boundary by the edge of the grid they lie on: along x (`h`) or y (`v`), by its first region."""
    gx, gy = found.grids
    places: dict[tuple[str, int, int], Point] = {}
    for b in one.border:
        i, j = int(np.searchsorted(gx, b.x, "right")) - 1, int(np.searchsorted(gy, b.y, "right")) - 1
        if b.y in gy and b.x not in gx:
            places["h", int(np.searchsorted(gy, b.y)), i] = (b.x, b.y)
        else:
            places["v", j, int(np.searchsorted(gx, b.x))] = (b.x, b.y)
    return places


def _square(
    found: Regimes, one: Map, places: dict[tuple[str, int, int], Point], j: int, i: int
) -> list[tuple[int, Point]]:
    """A way round a square of the grid: corners with their labels, and where the label changes on an edge, -1 there."""
    gx, gy = ([float(v) for v in grid] for grid in found.grids)
    corners = [(j, i), (j, i + 1), (j + 1, i + 1), (j + 1, i)]
    edges = [("h", j, i), ("v", j, i + 1), ("h", j + 1, i), ("v", j, i)]
    round_: list[tuple[int, Point]] = []
    for k, (row, column) in enumerate(corners):
        here, after = int(one.labels[row, column]), corners[(k + 1) % 4]
        round_.append((here, (gx[column], gy[row])))
        if int(one.labels[after]) != here:
            middle = ((gx[column] + gx[after[1]]) / 2, (gy[row] + gy[after[0]]) / 2)
            round_.append((-1, places.get(edges[k], middle)))
    return round_


def _squares(found: Regimes, one: Map) -> Iterator[list[tuple[int, Point]]]:
    places = _crossings(found, one)
    for j in range(len(found.grids[1]) - 1):
        for i in range(len(found.grids[0]) - 1):
            yield _square(found, one, places, j, i)


def _region(found: Regimes, one: Map, which: int) -> Iterator[list[Point]]:
    """The parts of the squares that belong to a regime, as polygons."""
    for round_ in _squares(found, one):
        cuts = [k for k, (label_, _) in enumerate(round_) if label_ < 0]
        if not cuts:
            if round_[0][0] == which:
                yield [point for _, point in round_]
            continue
        centre = _centre([round_[k][1] for k in cuts])
        for a, b in zip(cuts, [*cuts[1:], cuts[0] + len(round_)], strict=True):
            part = [round_[k % len(round_)] for k in range(a, b + 1)]
            if part[1][0] == which:
                yield [*(point for _, point in part), *([centre] if len(cuts) > 2 else [])]


def boundary(found: Regimes, one: Map) -> Iterator[tuple[Point, Point]]:
    """The boundary in straight pieces, one or more for each square of the grid that it passes."""
    for round_ in _squares(found, one):
        cuts = [point for label_, point in round_ if label_ < 0]
        if len(cuts) == 2:
            yield cuts[0], cuts[1]
        elif cuts:
            yield from ((point, _centre(cuts)) for point in cuts)


def _centre(points: Sequence[Point]) -> Point:
    return sum(p[0] for p in points) / len(points), sum(p[1] for p in points) / len(points)


def _at(point: Point, sx: Scale, sy: Scale) -> str:
    return f"{coordinate(sx(point[0]))} {coordinate(sy(point[1]))}"


def _outline(polygon: Sequence[Point], sx: Scale, sy: Scale) -> str:
    return "M" + "L".join(_at(p, sx, sy) for p in polygon) + "Z"


def answer_said(model: Model, found: Regimes) -> str:
    """The answer to the case's question at the median draw and over the map, as a sentence; nothing where there is
    none."""
    if found.answer is None or found.answer_here is None:
        return ""
    low, high = (level_of(model, float(v)) for v in (np.nanmin(found.answer), np.nanmax(found.answer)))
    return (
        f"{in_words(model)}: {level_of(model, found.answer_here)} at the median draw, from {low} to {high} on this map."
    )


def answer_table(model: Model, found: Regimes) -> Content:
    """The answer at each point of the grid, folded."""
    if found.answer is None:
        return ""
    x_name, y_name = found.quantities
    gx, gy = found.grids
    head = [f"{assumed(y_name)} \\ {assumed(x_name)}", *(data(float(x), number(float(x))) for x in gx)]
    rows: list[list[Content]] = [
        [
            data(float(gy[j]), number(float(gy[j]))),
            *(data(float(v), level_of(model, float(v))) for v in found.answer[j]),
        ]
        for j in reversed(range(len(gy)))
    ]
    whole = table(f"{in_words(model)}: at each point of the grid.", head, rows, range(1, len(head)))
    return tag("details", tag("summary", "The answer at each point"), whole)


def map_table(model: Model, found: Regimes, one: Map) -> Html:
    """The map as a table, the second quantity downwards from its largest value; and the way across."""
    x_name, y_name = found.quantities
    gx, gy = found.grids
    head = [f"{assumed(y_name)} \\ {assumed(x_name)}", *(data(float(x), number(float(x))) for x in gx)]
    rows: list[list[Content]] = [
        [data(float(gy[j]), number(float(gy[j]))), *(words(one.legend[int(v)]) for v in one.labels[j])]
        for j in reversed(range(len(gy)))
    ]
    whole = table(f"{words(one.what)}: the value at each point of the grid.", head, rows)
    way = one.way
    if way.distance.value != way.distance.value:
        return whole
    across: list[list[Content]] = [
        [
            tag("b", assumed(n)),
            data(h, amount(model, n, h)),
            data(a, amount(model, n, a, 4)),
            data(s, deviations(s)),
            means(model, n),
        ]
        for n, h, a, s in zip(found.quantities, found.here, way.at, way.scores, strict=True)
    ]
    said = f"The nearest boundary, {way.distance.value:.2f} prior standard deviations: {way.here} → {way.across}."
    return Html(table(words(said), ["", "here", "there", "sd", "what it is"], across, (1, 2, 3)) + whole)
