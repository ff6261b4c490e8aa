"""What an actor must believe, in sentences."""

from __future__ import annotations

import math
from collections.abc import Sequence

from detente.analyse.finding import Finding
from detente.analyse.forecast.subject import PROBABILITY, at_issue
from detente.analyse.perceptions.needs import Need
from detente.analyse.perceptions.portrait import Expectation, Portrait
from detente.analyse.perceptions.required_beliefs import Conviction
from detente.model.schema import Model
from detente.present.wording.numbers import counted, number, percent, words
from detente.study.questions.perceptions import Perceptions

TELLING = 0.005
"""A difference between what is expected and what follows that is worth a line."""


def surprises(p: Portrait) -> list[tuple[str, Expectation]]:
    """What an actor expects otherwise than it comes, with words for each: outcomes; then stage by stage whether it is
    asked at all, and what is done when it is."""
    found = [(f"outcome {e.what}", e) for e in p.outcomes if _otherwise(e)]
    for asked in p.asked:
        moves = [e for e in (*p.own, *p.others) if e.what.startswith(f"{asked.what} is ") and _otherwise(e)]
        if _otherwise(asked) or (moves and min(asked.expected.value, asked.real.value) < 1):
            found.append((f"{asked.owner}: {asked.what} is asked", asked))
        found += [(f"{e.owner}: {e.what}, when asked", e) for e in moves]
    return found


def _otherwise(e: Expectation) -> bool:
    if not (e.expected.draws and e.real.draws):
        return e.expected.draws != e.real.draws
    return abs(e.expected.value - e.real.value) >= TELLING


def often(f: Finding) -> str:
    """A probability on one condition; where it is never met, there is none."""
    return percent(f.value) if f.draws else "never asked"


ALREADY = "already the best move when everything is seen as it is"


def headline(found: Perceptions, model: Model, reading: str) -> str:
    """The answer in a paragraph: what the views of the model do to what the case asks about, and what must be believed
    for the move on which that hangs."""
    sweep = found.sweeps.get(reading)
    told = []
    if sweep is not None and sweep.answer:
        event = model.answer.says or at_issue(model).text if model.answer else words(at_issue(model).words)
        whose = " and ".join(words(name) for name in found.moved)
        seen, truly = (amount(at_issue(model).kind, sweep.answer[k]) for k in (-1, 0))
        told.append(
            f"{event[:1].upper()}{event[1:]}: {seen} with what {whose} {'sees' if len(found.moved) == 1 else 'see'} in "
            f"this model, {truly} if all were seen as it is ({counted(sweep.draws, 'paired draw')})."
        )
    return " ".join([*told, *(brief(need, reading) for need in found.needs)])


def amount(kind: str, f: Finding) -> str:
    """A probability or a number."""
    return percent(f.value, f.error) if kind == PROBABILITY else number(f.value, f.error)


def brief(need: Need, reading: str) -> str:
    """What an actor must believe, in a sentence; and which other moves would answer the question alike."""
    what, who = words(f"{need.stage} is {need.move}"), words(need.actor)
    alike = f" {words(_listed(need.alike))} would answer the question alike." if need.alike else ""
    if need.needless(reading):
        return f"For {who} {what} is {ALREADY}.{alike}"
    line, point = need.leading(reading), enough(need, reading)
    best = f"{what} to be the best first move of {who}{words(_of(line))}"
    if not point.found:
        return f"No view that was examined is enough for {best}; {short(line)}.{alike}"
    if point.distance == 0:
        return f"There {what} is {ALREADY}: {who}{words(_of(line))}.{alike}"
    way = f", {line.s:.0%} of the way to what it sees in this model" if line.found and point is line else ""
    return f"For {best}, it must see {words(_values(need, point))}{way}.{alike}"


def _listed(names: Sequence[str]) -> str:
    return " and ".join(names)


def enough(need: Need, reading: str) -> Conviction:
    """The point a summary speaks of: the nearest of all at the leading decision, else that on the way to the view."""
    line = need.leading(reading)
    some = [c for c in need.convictions[reading] if c.decision == line.decision]
    near = next((c for c in some if c.way == "nearest"), None)
    return near if near is not None and near.found and (not line.found or near.distance < line.distance) else line


def said(need: Need, reading: str) -> str:
    """The answer to what an actor must have believed, in a paragraph."""
    if need.needless(reading):
        line = need.leading(reading)
        here = f", for {need.actor}{_of(line)}" if line.decision.when == "here" else ""
        return f"Nothing needs to be believed: {need.stage} is {need.move} is {ALREADY}{here}."
    line, point = need.leading(reading), enough(need, reading)
    some = [c for c in need.convictions[reading] if c.decision == line.decision]
    which = "best move here" if line.decision.when == "here" else "best first move"
    parts = [f"For {need.stage} is {need.move} to be the {which} of {need.actor}{_of(line)}, "]
    if not point.found:
        parts.append(f"no view that was examined is enough; it is {short(line)}.")
    elif point.distance == 0:
        parts.append(f"it need not misperceive anything: it is {ALREADY}.")
    else:
        parts.append(_needed(need, line, point))
    if not (point.found and point.distance == 0):
        parts.append(_alone(need, some, point))
    return "".join([*parts, _last(need, reading)])


def _needed(need: Need, line: Conviction, point: Conviction) -> str:
    """What is enough, how far that is from the truth, and where it lies on the way to the view of the model."""
    away = _away(point).removesuffix(" away") + (" from the truth" if math.isfinite(point.distance) else "")
    held = math.isinf(need.view_distance)
    view = "one that the analyst considers impossible" if held else f"{number(need.view_distance)} away"
    told = f"it must see {_values(need, point)}: {away}, where the view of this model is {view}. "
    if not line.found:
        return told + f"On the way from the truth to that view it never is, {short(line)}."
    far = f" ({number(line.distance)} away)" if math.isfinite(line.distance) else ""
    until = f", until {line.until:.1%}, where another move is better again." if _ends(line) else "."
    return told + f"On the way from the truth to that view this is so from {line.s:.1%} of it on{far}{until}"


def _alone(need: Need, some: Sequence[Conviction], point: Conviction) -> str:
    """What each quantity would take alone; nothing where there is one, whose way is that to the view."""
    alone = [c for c in some if c.way not in ("line", "nearest")]
    if not alone or (len(need.axes) == 1 and point.found):
        return ""
    if found := [c for c in alone if c.found]:
        each = "; ".join(f"{c.way} at {number(c.beliefs[c.way])} ({_away(c)})" for c in found)
        return f" Alone, with all else seen correctly, it takes {each}."
    best = max(alone, key=lambda c: c.after)
    return f" No single misperception is enough, {best.searched}; {best.way} comes nearest, {short(best, True)}."


def _last(need: Need, reading: str) -> str:
    """The same of the last such decision of each type, those alike together."""
    last = [c for c in need.convictions[reading] if c.way == "line" and c.decision.when == "last" and c.found]
    there: dict[str, list[str]] = {}
    for c in last:
        where = ALREADY if c.distance == 0 else f"so from {c.s:.1%} of the way on ({_away(c)})"
        there.setdefault(where, []).append(_of(c))
    return "".join(
        f" At the last such decision of {need.actor}{' and of that'.join(whose)} it is {where}."
        for where, whose in there.items()
    )


def _of(c: Conviction) -> str:
    own = f" whose {c.decision.own}" if c.decision.own else ""
    return f"{own} (after {c.decision.where})"


def _values(need: Need, c: Conviction) -> str:
    return ", ".join(
        f"{axis.quantity} at {number(c.beliefs[axis.quantity])} (truth {number(axis.truth)})" for axis in need.axes
    )


def short(c: Conviction, plain: bool = False) -> str:
    """How far the best point falls short, and where on the way that is."""
    at = ""
    if c.way == "line" and not plain:
        at = f", {c.s:.0%} of the way to its view" if c.s else ", where everything is seen as it is"
    return f"short by {-c.after:.2g} stakes at best{at}"


def needless_row(need: Need, c: Conviction) -> bool:
    """Whether a way has no line in a table: it leads nowhere, or is the way to the view over again."""
    return c.way != "line" and (not c.found or c.distance == 0 or len(need.axes) == 1)


def way_said(c: Conviction) -> tuple[str, str]:
    """A way, and what must be seen on it: a share of the way to the view, the nearest point, or one quantity alone."""
    if not c.found:
        return "nowhere on the way to its view", short(c)
    if c.distance == 0:
        return "", ALREADY
    named = {"line": f"from {c.s:.1%} of the way to its view on", "nearest": "nearest of all"}
    seen = ", ".join(f"{words(name)} {number(x)}" for name, x in c.beliefs.items())
    return named.get(c.way, f"{words(c.way)} alone"), seen


def _ends(c: Conviction) -> bool:
    return math.isfinite(c.until)


def _away(c: Conviction) -> str:
    if math.isinf(c.distance):
        return "what the analyst considers impossible"
    return f"{number(c.distance)} prior standard deviations away" if math.isfinite(c.distance) else "known exactly"
