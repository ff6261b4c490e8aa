"""What is said of why a forecast changed: the parts of a difference, in words."""

from __future__ import annotations

from collections.abc import Mapping

from detente.analyse.counterfactual.why_change import CHANCE, CHOICE, CONDITION, TYPE, Contribution, Reason, WhyChange
from detente.analyse.finding import Finding
from detente.analyse.forecast.rank import rankable
from detente.language.expressions import Ask
from detente.language.parsing import parse
from detente.model.schema import Model
from detente.present.wording.numbers import UNNOTICED, beside_effect, number, points, signed, words

FELT = 0.02  # of the largest part: what a part must be to be told by itself,
MOVED = 0.05  # or by how much a decision must have changed
NAMED = 4  # payoff terms, moves


def is_probability(found: WhyChange) -> bool:
    """Whether what is explained is a probability, to be told in points of a hundred."""
    if found.of.name in found.outcomes:
        return True
    asked = parse(found.of.name)
    return isinstance(asked, Ask) and asked.what == "P"


def level(found: WhyChange, f: Finding) -> str:
    """What is explained on one side, as fine as the difference."""
    fine = found.of.effect.error / 4
    return beside_effect(f.value, fine) if is_probability(found) else number(f.value, fine)


def shift(found: WhyChange, f: Finding) -> str:
    """A difference with its unit, fine enough for parts to be seen to sum to the whole."""
    fine = f.error / 4
    return f"{points(f.value, fine)} pt" if is_probability(found) else signed(f.value, fine)


def told_apart(found: WhyChange) -> tuple[list[Contribution], float, int]:
    """The parts worth telling, in the order of play; what the others come to together, and how many they are."""
    felt = max(FELT * max((abs(p.effect.value) for p in found.parts), default=0.0), UNNOTICED)
    shown = [p for p in found.parts if abs(p.effect.value) >= felt or p.moved >= MOVED]
    rest = [p for p in found.parts if p not in shown]
    return shown, sum(p.effect.value for p in rest), len(rest)


def part_name(model: Model, p: Contribution) -> str:
    """What contributes: `Russia, posture, fortnight 2`."""
    when = f", {model.periods.word} {p.period}" if p.period else ""
    if p.kind == CHOICE:
        return f"{words(p.actor)}: {words(p.name)}{when}"
    said = {TYPE: "the prior", CHANCE: "chance", CONDITION: "whether it is played"}
    return f"{words(p.name)}: {said[p.kind]}" if p.kind in said else "the values of the histories themselves differ"


def moves_said(p: Contribution) -> str:
    """How often the moves that changed most are made, when they are asked for, before and after."""
    ranked = sorted(p.moves, key=lambda m: -rankable(abs(p.moves[m].effect.value)))
    shown = [m for m in ranked if abs(p.moves[m].effect.value) >= UNNOTICED][:NAMED]
    if p.moves and not shown:
        return "each move as often as before, but in other situations"
    return ", ".join(
        f"{words(m)} {beside_effect(d.before.value, d.effect.error)} → {beside_effect(d.after.value, d.effect.error)}"
        for m, d in ((m, p.moves[m]) for m in shown)
    )


def terms_ranked(terms: Mapping[str, Finding]) -> list[str]:
    """The payoff terms that changed, those that changed most first."""
    return sorted((n for n in terms if abs(terms[n].value) >= UNNOTICED), key=lambda n: -rankable(abs(terms[n].value)))


def reason_said(r: Reason) -> str:
    """The change of the gap, and the terms behind it."""
    said = (
        f"{words(r.move)} against {words(r.against)}: {signed(r.before.value, digits=2)} → "
        f"{signed(r.after.value, digits=2)} stakes ({signed(r.change.value, digits=2)})"
    )
    names = terms_ranked(r.terms)
    if names:
        said += f", by {', '.join(f'{words(n)} {signed(r.terms[n].value, digits=2)}' for n in names[:NAMED])}"
        if len(names) > NAMED:
            rest = sum(r.terms[n].value for n in names[NAMED:])
            said += f", {len(names) - NAMED} more {signed(rest, digits=2)}"
    before, after = r.precision
    if abs(after.value - before.value) >= UNNOTICED:
        said += f"; its precision: {number(before.value)} → {number(after.value)}"
    return said
