"""Mechanism ablation: each mechanism of the argument switched off in turn, and what the forecast and the claims become.

What `off` means for each part of a model is said in `model.knockout`. Here is found what cannot be taken out: a stage
is kept where without it something else would lead to none of the outcomes it leads to (an invasion without the lottery
that decides it), or where the game could end in one way only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from detente.analyse.counterfactual.whatif import Step, difference, shift, step
from detente.analyse.finding import Finding
from detente.analyse.forecast.rank import rankable
from detente.analyse.forecast.readout import Answers
from detente.arrays import Floats
from detente.display import Displayed
from detente.errors import listed
from detente.game.blueprint import Blueprint
from detente.game.plays import Event
from detente.remembered import remembered

HALF = 0.5
FELT = 0.005  # of a probability: what a part of a mechanism must move to count,
RARE = 0.1  # or this share of a rare event,
WEAKER = 0.25  # and this share of what pulls the other way


@dataclass(frozen=True)
class Part(Displayed):
    """One part of a mechanism, and by how much a probability or number changes where it alone is switched off."""

    part: str
    effect: Finding


@dataclass(frozen=True)
class BothWays(Displayed):
    """A mechanism that is both a brake and an engine of something: its parts push in opposite directions.

    What is told of the whole is then a balance. `engines` are the parts without which it falls, `brakes` those without
    which it rises, each in the order of how much they do.
    """

    of: str
    engines: tuple[Part, ...]
    brakes: tuple[Part, ...]


@dataclass(frozen=True)
class Ablation(Displayed):
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
    both_ways: BothWays | None = None


@dataclass(frozen=True)
class Ablations(Displayed):
    """Every mechanism switched off in turn, the one that moves the forecast most first."""

    mechanisms: tuple[Ablation, ...]
    draws: int
    converged: float


@remembered
def endings_after(blueprint: Blueprint, gone: frozenset[Event] = frozenset()) -> Mapping[Event, frozenset[str]]:
    """The outcomes to which each event can lead; key ("", "") holds all.

    Plays through what is `gone` (results whose probability is zero now) are left out.
    """
    plays, ends = blueprint.plays, blueprint.tree.terminals
    happened, left = plays.happened(ends), np.ones(len(ends), bool)
    outcomes = np.array(plays.endings(ends))
    for event in gone & happened.keys():
        left &= ~happened[event]
    found = {event: frozenset(outcomes[there & left].tolist()) for event, there in happened.items()}
    return {("", ""): frozenset(outcomes[left].tolist()), **{event: some for event, some in found.items() if some}}


def indispensable(whole: Blueprint, without: Blueprint, gone: Sequence[str]) -> dict[str, str]:
    """Of what is `gone` (stages, and `stage.label`), what must stay, with the reason. Empty if all may go."""
    results = frozenset((stage, label) for stage, dot, label in (name.partition(".") for name in gone) if dot)
    before, after = endings_after(whole), endings_after(without, results)
    if len(after["", ""]) == 1 < len(before["", ""]):
        only = next(iter(after["", ""]))
        return dict.fromkeys(gone, f"without it the game could only end in {only}")
    stages = {name.partition(".")[0] for name in gone}
    for event, outcomes in before.items():
        if event[0] in stages or event not in after or after[event] & outcomes:
            continue
        ending, passed = set(), set()
        for x in whole.tree.terminals[whole.plays.happened(whole.tree.terminals)[event]].tolist():
            events = [f"{stage}.{label}" for stage, label in whole.scene(x).records[-1].items()]
            ending |= {name for name in gone if events and name in (events[-1], events[-1].partition(".")[0])}
            passed |= {name for name in gone for e in events if name in (e, e.partition(".")[0])}
        reason = f"without it {event[0]} is {event[1]} would lead to none of its outcomes ({listed(sorted(outcomes))})"
        return dict.fromkeys(ending or passed, reason)
    return {}


def both_ways(names: Sequence[str], before: Floats, after: Mapping[str, Floats]) -> BothWays | None:
    """Whether some of a mechanism's parts raise what others lower, and of what (of several, the one pulled at most).

    `names`: what is looked at, [m]; `before` [m, n], and `after` [m, n] for each part that is switched off alone. A
    part counts where it moves the mean by half a point (or by a tenth of what is rarer) and by more than chance (95%),
    the strongest on one side by a quarter of what the strongest on the other does.
    """
    found, most = None, 0.0
    for k, name in enumerate(names):
        parts = [Part(part, difference(part, before[k], values[k]).effect) for part, values in after.items()]
        mean = float(np.nanmean(before[k]))
        felt = min(FELT, RARE * min(mean, 1 - mean)) if 0 < mean < 1 else FELT
        parts = [p for p in parts if abs(p.effect.value) >= felt and (p.effect.low > 0 or p.effect.high < 0)]
        parts.sort(key=lambda p: -rankable(abs(p.effect.value)))
        engines, brakes = (tuple(p for p in parts if (p.effect.value > 0) == up) for up in (False, True))
        if engines and brakes:
            weaker, stronger = sorted((-engines[0].effect.value, brakes[0].effect.value))
            if weaker > most and weaker >= WEAKER * stronger:
                found, most = BothWays(name, engines, brakes), weaker
    return found


def ablation(
    blueprint: Blueprint,
    mechanism: str,
    off: Sequence[str],
    kept: Sequence[str],
    before: Answers,
    after: Answers | None,
    torn: BothWays | None = None,
) -> Ablation:
    """What the answers become without a mechanism; `after` None where it cannot be switched off."""
    about = blueprint.model.mechanisms[mechanism]
    source = ", ".join(str(c) for c in about.source)
    if after is None:
        return Ablation(mechanism, about.says, source, tuple(off), tuple(kept), None, float("nan"), (), ())
    effect = step(f"without {mechanism}", before, after, blueprint.model.groups)
    claims = effect.claims.items()
    turned = tuple(name for name, d in claims if d.effect.draws and turns(d.before.value, d.after.value))
    lost = tuple(name for name, d in claims if d.before.draws and not d.after.draws)
    return Ablation(mechanism, about.says, source, tuple(off), tuple(kept), effect, shift(effect), turned, lost, torn)


def turns(before: float, after: float) -> bool:
    """Whether a share or probability crosses one half."""
    return (before > HALF) != (after > HALF)


def ranked(found: Sequence[Ablation], draws: int, converged: Mapping[str, float]) -> Ablations:
    """Ablations in the order of how far they move the forecast; those that cannot be made come last."""
    order = sorted(found, key=lambda a: (a.effect is None, -a.shift))
    return Ablations(tuple(order), draws, min(converged.values(), default=1.0))
