"""The picture of the course of events: merged histories, drawn from top to bottom; widths are mean probabilities."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from detente.analyse.forecast.course import CUT, MOST_TYPES, PAST, REST, SURELY, Key, Node, River, river
from detente.analyse.forecast.rank import rankable, telling
from detente.present.figures.drawing.svg import BOLD, Picture, box, fitted, label, line, measure, path, wrap
from detente.present.html.markup import Html, coordinate, table
from detente.present.html.palette import colour
from detente.present.wording.numbers import counted, percent, words
from detente.study.study import Study

WIDTH = 760.0
GUTTER, TALL, STEP, LEAVE, HEAD, GAP = 116.0, 20.0, 58.0, 46.0, 26.0, 9.0
LINE, MOST_LINES = 30.0, 4  # outcomes of one layer, one line below the other
LEAST = 4.0  # an outcome is drawn so wide at least
MOST_NAMED = 3  # lines for the name of a stage
MOST_TOLD = 12  # results of one stage that the table tells
CAME = "◂ happened"
SIZE = 11.5
THIN = 7.0  # a ribbon so narrow that a label may lie on it
PULL = 45.0  # how far left a node is drawn for each layer its plays still run through


@dataclass
class Placed:
    """A node with its place."""

    x: float
    y: float
    width: float
    said: str
    inward: float = 0.0  # how much of its upper and lower side is taken
    outward: float = 0.0

    @property
    def middle(self) -> float:
        return self.x + self.width / 2


def course(study: Study) -> Picture:
    """The picture of the course of events."""
    found = river(study.blueprint, study.weights)
    scale = _scale(found)
    placed: list[dict[Node, Placed]] = []
    y, period = 8.0, -1
    back: list[Html] = []
    for k, layer in enumerate(found.layers):
        key = found.keys[k] if k < len(found.keys) else None
        above = placed[-1] if placed else {}
        ends = any(n[0] == "end" for n in layer)
        leave, head = y, 0.0
        if key is not None and key[0] != period:
            period = key[0]
            head = HEAD if study.model.periods.steps > 1 or period == 0 else 0.0
        for lines in range(1, MOST_LINES + 1):
            y = leave + head + (LEAVE + LINE * (lines - 1) if ends and key is not None else 0.0)
            row = _onward(found, k, y, scale, above)
            room = WIDTH - GUTTER
            if key is not None and above:
                room = WIDTH - 12 - _edge(found, k, above, row, leave, scale)
            gone = _ending(study, found, k, leave, scale, room, lines)
            if all(p.said for p in gone.values()):
                break
        if head:
            back += _heading(study, period, y - HEAD + 8)
        if key is not None:
            back += _side(study, key, y)
        placed.append(row | gone)
        y += STEP + (LINE * (lines - 1) if key is None else 0.0)
    parts = back + _ribbons(study, found, placed, scale) + _nodes(study, found, placed, scale)
    return Picture(
        "course",
        "The main flow of play",
        _reading(study, found),
        parts,
        y - STEP + TALL + 8,
        _behind(study, found),
        WIDTH,
    )


def _edge(found: River, k: int, above: dict[Node, Placed], row: dict[Node, Placed], y: float, scale: float) -> float:
    """How far right what goes on from one layer to the next comes at the height y between them."""
    edge, onward = GUTTER, [((a, b), size) for (a, b), size in found.flows[k - 1].items() if b[0] != "end"]
    out: dict[Node, float] = defaultdict(float)
    for (a, _), size in onward:
        out[a] += scale * size
    for (a, b), size in onward:
        if scale * size < THIN:
            continue
        top = above[a].y + TALL
        t = (y + TALL - top) / (row[b].y - top)
        t = t * t * (3 - 2 * t)
        edge = max(edge, (1 - t) * (above[a].x + out[a]) + t * (row[b].x + row[b].width))
    return edge


def _reading(study: Study, found: River) -> str:
    said = (
        f"Read from top to bottom. Widths are mean probabilities of {counted(study.n, 'draw')}, in percent; "
        f"outcomes leave to the right as they occur; what is rarer than {CUT:.0%} is gathered as “{REST}”."
    )
    if found.passed:
        n = counted(len(found.passed), "stage")
        said += f" {n} with one nearly certain result {'is' if len(found.passed) == 1 else 'are'} in the table only."
    if any(0 < size < CUT for layer in found.layers for n, size in layer.items() if n[0] == "end" and n[1] != REST):
        said += " What the question is about is drawn however rare it is; a pale frame is wider than its probability."
    if many := [name for name, p in study.model.private.items() if len(p.prior) > MOST_TYPES]:
        said += f" The many types of {', '.join(map(words, many))} are not drawn."
    return said


def _heading(study: Study, period: int, y: float) -> list[Html]:
    said = "what each side keeps to itself" if period == 0 else study.model.periods.named(period)
    return [line(0, y + 5, WIDTH, y + 5), label(0, y, said, "up", size=10)]


def _side(study: Study, key: Key, y: float) -> list[Html]:
    event = key[2]
    if key[0] == 0:
        who, _, what = event.partition(".")
    else:
        stage = study.model.stages[event.removesuffix(".seen")]
        who, what = stage.actor or "chance", event
    if event.endswith(".seen"):
        who, what = "signal of", event.removesuffix(".seen")
    lines = wrap(words(what), (GUTTER - 8) / BOLD)
    return [
        label(0, y + 6, fitted(words(who), GUTTER - 8, 10.5), "muted", size=10.5),
        *(label(0, y + 19 + 13 * k, fitted(said, GUTTER - 4), "bold") for k, said in enumerate(lines[:MOST_NAMED])),
    ]


def _said(found: River, k: int, node: Node, came: str = "") -> str:
    if node == PAST:
        return ""
    if node == ("end", came):
        return f"{words(came)} {percent(found.layers[k][node], SURELY)} {CAME}"
    size = percent(found.layers[k][node], SURELY)
    if node == ("end", REST):
        ranked = sorted(found.rest[k], key=lambda o: (-rankable(found.rest[k][o]), o))
        return f"{words(ranked[0])} {size}" if len(ranked) == 1 else f"{REST} {len(ranked)} others {size}"
    return f"{words(node[1])} {size}" if _numeric(node[1]) is None else f"{node[1]}: {size}"


def _slot(said: str, width: float, weight: float = 1.0) -> float:
    inside = measure(said, SIZE) * weight + 12
    return width if not said or inside <= width else width + inside - 4


def _scale(found: River) -> float:
    """Pixels for a probability of 1: as many as let every layer fit, within reason."""
    for scale in (400.0, 370.0, 340.0, 310.0, 280.0, 250.0):
        fits = all(
            sum(
                _slot("n" * (len(n[1]) + 5) if n != PAST else "", scale * size) + GAP
                for n, size in layer.items()
                if n[0] != "end"
            )
            <= WIDTH - GUTTER
            for layer in found.layers
        )
        if fits:
            return scale
    return 250.0


def _onward(found: River, k: int, y: float, scale: float, above: dict[Node, Placed]) -> dict[Node, Placed]:
    """Place what goes on, from the left: near to where it comes from, what ends soon further right."""
    layer = {n: size for n, size in found.layers[k].items() if n[0] != "end"}
    remaining = _remaining(found, k)
    came: dict[Node, float] = defaultdict(float)
    if above:
        for (a, b), size in found.flows[k - 1].items():
            came[b] += size * above[a].middle

    def order(node: Node) -> tuple[float, float]:
        number = _numeric(node[1]) if node[0] == "move" else None
        if number is not None and all(n == PAST or n[1] == REST or _numeric(n[1]) is not None for n in layer):
            return (WIDTH if PAST in layer else 0.0, number)
        if node[1] == REST:
            return (2 * WIDTH, 0.0)
        return rankable(came[node] / max(layer[node], 1e-300) - PULL * remaining[node]), -rankable(layer[node])

    said = {n: _said(found, k, n) for n in layer}
    slots = {n: _slot(said[n], scale * layer[n]) for n in layer}
    _squeeze(layer, said, slots, scale, WIDTH - GUTTER)
    placed, x = {}, GUTTER
    for node in sorted(layer, key=order):
        placed[node] = Placed(x, y, scale * layer[node], said[node])
        x += slots[node] + GAP
    return placed


def _ending(
    study: Study, found: River, k: int, y: float, scale: float, room: float, lines: int
) -> dict[Node, Placed]:  # fmt: skip
    """Place what ends, from the right, in lines of their own above the layer; what finds no room has no label."""
    layer = {n: size for n, size in found.layers[k].items() if n[0] == "end"}
    came = study.model.happened.outcome if study.model.happened else ""
    wide = {n: _width(n, size, scale) for n, size in layer.items()}
    said = {n: _said(found, k, n, came or "") for n in layer}
    slots = {n: _slot(said[n], wide[n], BOLD) for n in layer}
    first = telling(study.model)
    placed, x, line_ = {}, WIDTH, 0
    for node in sorted(layer, key=lambda n: (n[1] not in first, n[1] != REST, rankable(layer[n]))):
        if x - slots[node] < WIDTH - room and x < WIDTH:
            if line_ + 1 < lines:
                x, line_ = WIDTH, line_ + 1
            else:
                said[node], slots[node] = "", wide[node]
        x -= slots[node]
        placed[node] = Placed(x, y + LINE * line_, wide[node], said[node])
        x -= GAP
    return placed


def _width(node: Node, size: float, scale: float) -> float:
    """How wide a node is drawn: an outcome at least so wide that it is seen."""
    return max(scale * size, LEAST) if node[0] == "end" and node[1] != REST else scale * size


def _squeeze(
    layer: dict[Node, float], said: dict[Node, str], slots: dict[Node, float], scale: float, room: float
) -> None:
    """Where the room is too narrow, the smallest lose their labels."""
    for node in sorted(layer, key=lambda n: (n[1] != REST, rankable(layer[n]))):
        if sum(slots.values()) + GAP * (len(slots) - 1) <= room:
            return
        said[node], slots[node] = "", scale * layer[node]


def _numeric(name: str) -> float | None:
    try:
        return float(name)
    except ValueError:
        return None


def _remaining(found: River, k: int) -> dict[Node, float]:
    """How many layers a play still runs through on average, from each node of a layer."""
    below: dict[Node, float] = defaultdict(float)
    for layer in range(len(found.layers) - 1, k - 1, -1):
        here: dict[Node, float] = defaultdict(float)
        for (a, b), size in found.flows[layer].items() if layer < len(found.flows) else ():
            here[a] += size * (1 + below[b]) / max(found.layers[layer][a], 1e-300)
        below = here
    return below


def _ribbons(study: Study, found: River, placed: list[dict[Node, Placed]], scale: float) -> list[Html]:
    drawn = []
    for k, flows in enumerate(found.flows):
        above, under = placed[k], placed[k + 1]
        starts: dict[tuple[Node, Node], float] = {}
        for (a, b), size in sorted(flows.items(), key=lambda f: (above[f[0][0]].x, under[f[0][1]].x)):
            starts[a, b] = above[a].x + above[a].outward
            above[a].outward += scale * size
        for (a, b), size in sorted(flows.items(), key=lambda f: (under[f[0][1]].x, above[f[0][0]].x)):
            x, width = under[b].x + under[b].inward, scale * size
            under[b].inward += width
            if width >= 0.35 or (b[0] == "end" and b[1] != REST):
                drawn.append(
                    _ribbon(
                        starts[a, b],
                        above[a].y + TALL,
                        x,
                        under[b].y,
                        max(width, 0.7),
                        _hue(study, b, found.rest[k + 1]) if b[0] == "end" else "flow",
                    )
                )
    return drawn


def _ribbon(x0: float, y0: float, x1: float, y1: float, width: float, hue: str) -> Html:
    c = coordinate
    bend = c((y0 + y1) / 2)
    d = (
        f"M{c(x0)} {c(y0)}C{c(x0)} {bend} {c(x1)} {bend} {c(x1)} {c(y1)}"
        f"L{c(x1 + width)} {c(y1)}C{c(x1 + width)} {bend} {c(x0 + width)} {bend} {c(x0 + width)} {c(y0)}Z"
    )
    return path(d, hue, "", 0.24 if hue in ("flow", "node") else 0.42)


def _hue(study: Study, node: Node, rest: Mapping[str, float]) -> str:
    """The colour of an outcome; what is gathered has none, unless it is one outcome alone."""
    if node[0] != "end" or (node[1] == REST and len(rest) > 1):
        return "node"
    return colour(study.model, next(iter(rest)) if node[1] == REST else node[1])


def _nodes(study: Study, found: River, placed: list[dict[Node, Placed]], scale: float) -> list[Html]:
    drawn = []
    for k, row in enumerate(placed):
        for node, p in row.items():
            if node == PAST:
                drawn.append(box(p.x, p.y, p.width, TALL, "flow", "", 0, 0.24))
                continue
            end = node[0] == "end"
            hint = _said(found, k, node)
            if node == ("end", REST):
                ranked = sorted(found.rest[k].items(), key=lambda item: (-rankable(item[1]), item[0]))
                hint = ", ".join(f"{words(o)} {percent(v, SURELY)}" for o, v in ranked)
            if (true := scale * found.layers[k][node]) < p.width:
                drawn.append(box(p.x, p.y, p.width, TALL, "faint"))
            drawn += [
                box(p.x, p.y, true, TALL, _hue(study, node, found.rest[k]), hint, 0, 0.45),
                box(p.x, p.y, p.width, 3, _hue(study, node, found.rest[k]) if end else "edge"),
            ]
            if p.said:
                inside = _slot(p.said, p.width, BOLD if end else 1.0) <= p.width
                drawn.append(
                    label(p.x + (6 if inside else p.width + 4), p.y + 15, p.said, "bold" if end else "", size=SIZE)
                )
    return drawn


def _behind(study: Study, found: River) -> Html:
    """Every stage that happens, those that are not drawn among them."""
    rows = []
    keys: list[Key | None] = [*sorted([*found.keys, *found.passed]), None]
    k = 0
    for key in keys:
        if key in found.passed:
            rows.append([_where(study, key), _shares(found.passed[key]), ""])
            continue
        layer, rest = found.layers[k], found.rest[k]
        ends = {n[1]: v for n, v in layer.items() if n[0] == "end" and n[1] != REST}
        gone = {**ends, **{o: v + ends.get(o, 0.0) for o, v in rest.items() if v >= 0.0005 or o in ends}}
        moves = {n[1]: v for n, v in layer.items() if n[0] == "move"}
        rows.append([_where(study, key), _shares(moves), _shares(gone)])
        k += 1
    return table(
        "What happens where, in percent; the last column shows what has ended since the drawn stage before.",
        ["stage", "what happens there", "what has ended"],
        rows,
    )


def _where(study: Study, key: Key | None) -> str:
    if key is None:
        return "at the end"
    event = key[2]
    if event.endswith(".seen"):
        event = f"signal of {event.removesuffix('.seen')}"
    when = f", {study.model.periods.named(key[0])}" if key[0] and study.model.periods.steps > 1 else ""
    return words(event.replace(".", ": ")) + when


def _shares(found: Mapping[str, float]) -> str:
    ranked = sorted(found.items(), key=lambda item: -rankable(item[1]))
    told = [f"{words(name)} {percent(size, SURELY)}" for name, size in ranked]
    return ", ".join(told if len(told) <= MOST_TOLD else [*told[:MOST_TOLD], f"and {len(told) - MOST_TOLD} more"])
