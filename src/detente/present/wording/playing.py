"""A play in words: when something is decided, what was seen, what is believed, what an actor wants."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from detente.analyse.forecast.rank import rankable
from detente.analyse.playing.sight import NOTHING, Seen
from detente.model.schema import Model
from detente.present.wording.numbers import day, percent, sentence, words
from detente.study.debriefing import Moment, Wish, moment

FEW = 5  # labels of a belief that are told one by one
_HEARD = ".seen"
_NAME = re.compile(r"[A-Za-z_]\w*")


@dataclass(frozen=True)
class Told:
    """Something that was seen: who or what (`your demand`, `Defender: reply`), what it came to, and what that means."""

    who: str
    what: str
    means: str

    def __str__(self) -> str:
        return f"{self.who}: {self.what}" + (f" ({self.means})" if self.means else "")


def when(at: Moment) -> str:
    """When something is decided: the period, and the day on which it begins."""
    return at.name + (f" from {day(at.begins)}" if at.begins else "")


def when_of(model: Model, step: int) -> str:
    """The same of a step, counted from 1; before play, 0."""
    return sentence(when(moment(model, step))).removesuffix(".") if step else ""


def told(model: Model, seen: Seen, actor: str = "") -> Told:
    """What happened; `actor`: as seen by whom."""
    event, heard = seen.event.removesuffix(_HEARD), seen.event.endswith(_HEARD)
    name = words(event.partition(".")[2] or event)
    if event in model.private:
        whose = "Your" if actor == seen.actor else f"{words(seen.actor)}’s"
        return Told(f"{whose} {name}", words(seen.label), seen.means)
    if heard:
        return Told(f"A sign of {words(event)}", words(seen.label), seen.means)
    by = "You" if actor and actor == seen.actor else words(seen.actor)
    return Told(f"{by}, {name}" if by else sentence(name).removesuffix("."), words(seen.label), seen.means)


def by_period(model: Model, course: Sequence[Seen]) -> list[tuple[str, list[Seen]]]:
    """What was seen, period by period: before play under an empty heading."""
    found: dict[int, list[Seen]] = {}
    for seen in course:
        found.setdefault(seen.step, []).append(seen)
    return [(when_of(model, step), found[step]) for step in sorted(found)]


def called(label: str) -> str:
    """A label as a word: what did not happen is nothing."""
    return "nothing" if label == NOTHING else words(label)


def shares_in_words(shares: Mapping[str, float]) -> str:
    """Labels with their probabilities, the most likely first, of many the first few."""
    order = sorted(shares, key=lambda label: -rankable(shares[label]))
    said = ", ".join(f"{called(label)} {percent(shares[label])}" for label in order[:FEW])
    return said + (f" and {len(order) - FEW} more" if len(order) > FEW else "")


def wanted(model: Model, wish: Wish) -> str:
    """What a payoff term is about: in the words of the model, or those of the stakes that its formula names."""
    if wish.means or wish.because:
        return wish.means or wish.because
    names = dict.fromkeys(_NAME.findall(wish.formula))
    stakes = [model.quantities[n] for n in names if n in model.quantities and model.quantities[n].unit == "stake"]
    return "; ".join(q.means.rstrip(".") for q in stakes if q.means)
