"""What an actor must believe, in sentences."""

from __future__ import annotations

import math

from detente.analyse.finding import Finding
from detente.analyse.perceptions.needs import Need
from detente.analyse.perceptions.portrait import Expectation, Portrait
from detente.analyse.perceptions.required_beliefs import Conviction

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
    from detente.present.wording.numbers import percent

    return percent(f.value) if f.draws else "never asked"


def said(need: Need, reading: str) -> str:
    """The answer to what an actor must have believed, in a paragraph."""
    from detente.present.wording.numbers import number

    if need.needless(reading):
        return (
            f"Nothing needs to be believed: {need.stage} is {need.move} is the best first move where all is seen truly."
        )
    line = need.leading(reading)
    some = [c for c in need.convictions[reading] if c.decision == line.decision]
    near = next((c for c in some if c.way == "nearest"), None)
    point = near if near is not None and near.found and (not line.found or near.distance < line.distance) else line
    words = [f"For {need.stage} is {need.move} to be the best first move of {need.actor}{_of(line)}, "]
    if not point.found:
        words.append(f"no view that was looked at is enough; on the way to the view of this model it is {short(line)}.")
    elif point.distance == 0:
        words.append("it need not misperceive anything: it is so where all is seen as it is.")
    else:
        words.append(
            f"it must see {_values(need, point)}: {_away(point).removesuffix(' away')}"
            + (" from the truth" if math.isfinite(point.distance) else "")
        )
        held = math.isinf(need.view_distance)
        view = "one that the analyst holds impossible" if held else f"{number(need.view_distance)} away"
        words.append(f", where the view of this model is {view}. ")
        if line.found:
            words.append(f"On the way from the truth to that view this is so from {line.s:.1%} of it on")
            words.append(f" ({number(line.distance)} away)" if math.isfinite(line.distance) else "")
            words.append(f", until {line.until:.1%}, where another move is better again." if _ends(line) else ".")
        else:
            words.append(f"On the way from the truth to that view it never is, {short(line)}.")
    if point.found and point.distance == 0:
        return "".join(words)
    alone = [c for c in some if c.way not in ("line", "nearest")]
    if point.found and len(need.axes) == 1:
        alone = []  # the way is that of the one quantity
    enough = [c for c in alone if c.found]
    if enough:
        each = "; ".join(f"{c.way} at {number(c.beliefs[c.way])} ({_away(c)})" for c in enough)
        words.append(f" Alone, all else seen truly, it takes {each}.")
    elif alone:
        best = max(alone, key=lambda c: c.after)
        words.append(
            f" No single misperception is enough, {best.searched}; {best.way} comes nearest, {short(best, True)}."
        )
    last = [c for c in need.convictions[reading] if c.way == "line" and c.decision.when == "last" and c.found]
    words += [
        f" At the last such decision of {need.actor}{_of(c)} it is so from {c.s:.1%} of the way on ({_away(c)})."
        for c in last
    ]
    return "".join(words)


def _of(c: Conviction) -> str:
    own = f" whose {c.decision.own}" if c.decision.own else ""
    return f"{own} (after {c.decision.where})"


def _values(need: Need, c: Conviction) -> str:
    from detente.present.wording.numbers import number

    return ", ".join(
        f"{axis.quantity} at {number(c.beliefs[axis.quantity])} (truth {number(axis.truth)})" for axis in need.axes
    )


def short(c: Conviction, plain: bool = False) -> str:
    at = f" at {c.s:.0%} of the way" if c.way == "line" and not plain else ""
    return f"short by {-c.after:.2g} stakes{at or ' at best'}"


def _ends(c: Conviction) -> bool:
    return math.isfinite(c.until)


def _away(c: Conviction) -> str:
    if math.isinf(c.distance):
        return "what the analyst holds impossible"
    from detente.present.wording.numbers import number

    return f"{number(c.distance)} prior standard deviations away" if math.isfinite(c.distance) else "known exactly"
