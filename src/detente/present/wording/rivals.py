"""What is said of two rival arguments: what differs, and what it does to the answer."""

from __future__ import annotations

from collections.abc import Sequence

from detente.analyse.counterfactual.rivals import Part, Rivals
from detente.analyse.finding import Finding
from detente.draws.sources import SEEN_BY
from detente.language.expressions import Ask
from detente.language.parsing import parse
from detente.model.departures import Departure
from detente.present.wording.names import assumed
from detente.present.wording.numbers import beside_effect, number, points, prose, signed, words

SHORT = 60  # letters of a formula where there is little room
SOURCES = 3  # paragraphs named as those that decide


def is_chance(found: Rivals) -> bool:
    """Whether what is shared out is a probability, to be told in points of a hundred."""
    if found.whole.answer is None:
        return True
    asked = parse(found.asks[0])
    return isinstance(asked, Ask) and asked.what == "P"


def of_what(found: Rivals) -> str:
    """What is shared out, in words."""
    return found.says[0] or found.asks[0] if found.whole.answer is not None else words(found.gap.name)


def level(found: Rivals, f: Finding) -> str:
    """What is shared out on one side, as fine as the gap."""
    fine = found.gap.effect.error / 4
    return beside_effect(f.value, fine) if is_chance(found) else number(f.value, fine)


def shift(found: Rivals, x: float, error: float) -> str:
    """A difference with its unit, fine enough for parts to be seen to sum to the gap."""
    return f"{points(x, error / 4)} pt" if is_chance(found) else signed(x, error / 4)


def interval(found: Rivals, low: float, high: float, error: float) -> str:
    """A 95% interval: `+4.1 to +7.0 pt`."""
    ends = [shift(found, x, error) for x in (low, high)]
    return f"{ends[0].removesuffix(' pt')} to {ends[1]}"


def part_name(part: Part) -> str:
    """What a block is called."""
    return assumed(part.what) if SEEN_BY in part.what and " and " not in part.what else words(part.what)


def thread_name(found: Rivals, part: Part) -> str:
    """The mechanism that a block is, where it is all of it; else what the block is called."""
    alike = [other for other in found.parts if other.thread == part.thread]
    return words(part.thread) if part.thread and len(alike) == 1 else part_name(part)


def decides(found: Rivals) -> str:
    """The block that does most of the gap, the paragraphs it rests on, and what the gap is without it."""
    gap = found.gap.effect
    toward = [part for part in found.parts if part.effect * gap.value > 0] or list(found.parts)
    part = max(toward, key=lambda one: abs(one.effect))
    rests = " and ".join(words(source) for source in part.sources[:SOURCES])
    told = f"{rests} ({thread_name(found, part)})" if rests else thread_name(found, part)
    left = shift(found, gap.value - part.effect, max(gap.error, part.error))
    return (
        f"{told}, {shift(found, part.effect, part.error)} of {shift(found, gap.value, gap.error)}; without it {left}."
    )


def entry(d: Departure) -> str:
    """What differs, by its name: `term window`."""
    section, _, name = d.what.partition(".")
    match section:
        case "payoffs":
            actor, _, term = name.partition(".")
            return f"{words(actor)}, term {words(term)}"
        case "stages":
            return f"stage {words(name)}" if name else "the order of stages"
        case "outcomes":
            return f"outcome {words(name)}" if name else "the order of outcomes"
        case "private":
            return words(name)
        case "actors":
            return f"actor {words(name)}"
        case "quantities" | "state":
            return words(name)
        case "answer":
            return "what is asked"
    return assumed(d.what)


def named_by(part: Part) -> bool:
    """Whether a block has the name of the one thing that differs in it."""
    return len(part.differs) == 1 and part_name(part) in (entry(part.differs[0]), f"value of {entry(part.differs[0])}")


def differs(d: Departure, sides: tuple[str, str], most: int = 0, bare: bool = False, sources: bool = True) -> str:
    """What differs in words, and the paragraphs it rests on: `term window only in B: w * (outcome is war) (lee 4)`.

    `most`: how many letters of a formula are told (0: all); `bare`: without its name; `sources`: with these paragraphs.
    """
    ours, theirs = (prose(_cut(said, most)) for said in (d.ours, d.theirs))
    if not d.ours or not d.theirs:
        told = f"{entry(d)} only in {sides[1] if d.theirs else sides[0]}: {theirs or ours}"
    else:
        told = f"{'' if bare else f'{entry(d)}: '}{ours} against {theirs}"
    return told + (cited(d.sources) if sources else "")


def cited(sources: Sequence[str]) -> str:
    """Citations in brackets, or nothing."""
    return f" ({', '.join(words(source) for source in sources)})" if sources else ""


def _cut(said: str, most: int) -> str:
    return said if not most or len(said) <= most else f"{said[: most - 1].rstrip()}…"


def asked_otherwise(found: Rivals) -> bool:
    """Whether the two ask, or say, different things."""
    return found.whole.answer is not None and (found.asks[0] != found.asks[1] or found.says[0] != found.says[1])


def how_shared(found: Rivals) -> str:
    """How the gap was shared out, in a sentence."""
    orders = found.method.partition(": ")[2] or "all orders"
    return f"The parts sum to the gap (Shapley’s value over {orders}, {found.solved:,} models solved)."
