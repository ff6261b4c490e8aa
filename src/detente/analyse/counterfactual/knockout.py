"""Mechanism knock-out: each thread of the argument switched off in turn, and what the forecast and the claims become.

What `off` means for each part of a model is said in `model.knockout`. Here is found what cannot be taken out: a stage
is kept where without it something else would lead to none of the endings it leads to (an invasion without the lottery
that decides it), or where the game could end in one way only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from detente.analyse.counterfactual.whatif import Step, shift, step
from detente.analyse.forecast.readout import Answers
from detente.errors import listed
from detente.game.blueprint import Blueprint

HALF = 0.5


@dataclass(frozen=True)
class Ablation:
    """The model without one mechanism. `effect` is None where it cannot be switched off; `kept` then says why."""

    mechanism: str
    says: str
    source: str
    off: tuple[str, ...]
    kept: tuple[str, ...]
    effect: Step | None
    shift: float  # of the forecast: total variation distance of the mean outcome probabilities
    turned: tuple[str, ...]  # claims that hold in most draws with the mechanism and not without it, or the other way
    lost: tuple[str, ...]  # claims that can be judged with it and in no draw without it


@dataclass(frozen=True)
class Ablations:
    """Every mechanism switched off in turn, the one that moves the forecast most first."""

    mechanisms: tuple[Ablation, ...]
    draws: int
    converged: float


def endings_after(blueprint: Blueprint, gone: Sequence[str] = ()) -> dict[tuple[str, str], set[str]]:
    """The outcomes to which each event (stage, label) can lead; key ("", "") holds all.

    Plays through what is `gone` (`stage.label`: a result whose probability is zero now) are left out.
    """
    found: dict[tuple[str, str], set[str]] = {("", ""): set()}
    for x in blueprint.tree.terminals:
        scene = blueprint.scene(int(x))
        events = {event for record in scene.records for event in record.items()}
        if not any(f"{stage}.{label}" in gone for stage, label in events):
            for event in (*events, ("", "")):
                found.setdefault(event, set()).add(scene.outcome or "")
    return found


def indispensable(whole: Blueprint, without: Blueprint, gone: Sequence[str]) -> dict[str, str]:
    """Of what is `gone` (stages, and `stage.label`), what must stay, with the reason. Empty if all may go."""
    before, after = endings_after(whole), endings_after(without, gone)
    if len(after["", ""]) == 1 < len(before["", ""]):
        only = next(iter(after["", ""]))
        return dict.fromkeys(gone, f"without it the game could only end in {only}")
    stages = {name.partition(".")[0] for name in gone}
    for event, outcomes in before.items():
        if event[0] in stages or event not in after or after[event] & outcomes:
            continue
        ending, passed = set(), set()
        for x in whole.tree.terminals:
            records = whole.scene(int(x)).records
            if any(event in record.items() for record in records):
                events = [f"{stage}.{label}" for stage, label in records[-1].items()]
                ending |= {name for name in gone if events and name in (events[-1], events[-1].partition(".")[0])}
                passed |= {name for name in gone for e in events if name in (e, e.partition(".")[0])}
        reason = f"without it {event[0]} is {event[1]} would lead to none of its endings ({listed(sorted(outcomes))})"
        return dict.fromkeys(ending or passed, reason)
    return {}


def ablation(
    blueprint: Blueprint,
    mechanism: str,
    off: Sequence[str],
    kept: Sequence[str],
    before: Answers,
    after: Answers | None,
) -> Ablation:
    """What the answers become without a mechanism; `after` None where it cannot be switched off."""
    about = blueprint.model.mechanisms[mechanism]
    source = ", ".join(str(c) for c in about.source)
    if after is None:
        return Ablation(mechanism, about.says, source, tuple(off), tuple(kept), None, float("nan"), (), ())
    effect = step(f"without {mechanism}", before, after)
    claims = effect.claims.items()
    turned = tuple(name for name, d in claims if d.effect.draws and _turned(d.before.value, d.after.value))
    lost = tuple(name for name, d in claims if d.before.draws and not d.after.draws)
    return Ablation(mechanism, about.says, source, tuple(off), tuple(kept), effect, shift(effect), turned, lost)


def _turned(before: float, after: float) -> bool:
    return (before > HALF) != (after > HALF)


def ranked(found: Sequence[Ablation], draws: int, converged: Mapping[str, float]) -> Ablations:
    """Ablations in the order of how far they move the forecast; those that cannot be made come last."""
    order = sorted(found, key=lambda a: (a.effect is None, -a.shift))
    return Ablations(tuple(order), draws, min(converged.values(), default=1.0))
