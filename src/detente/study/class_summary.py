"""Many plays of one case beside the model: what people chose, and how often equilibrium play would have."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from detente.analyse.playing.reviews import Decision


@dataclass(frozen=True)
class Chosen:
    """How often a move was made in a situation, how often equilibrium play would have made it in the same worlds, and
    how far apart these are, in standard deviations of equilibrium play (Poisson binomial; nan where there are none)."""

    move: str
    times: int
    expected: float
    z: float


@dataclass(frozen=True)
class Situation:
    """A situation in which people decided: how often, what they chose, and their mean regret, in stakes."""

    actor: str
    stage: str
    where: str
    times: int
    moves: tuple[Chosen, ...]
    regret: float


@dataclass(frozen=True)
class Role:
    """An actor over all plays in which it was played. `likelihood`: the mean probability that equilibrium play gives to
    the moves made; `solved`: the same of equilibrium play itself; `regret`: the mean of a decision; `paid` and
    `expected`: the mean of what was got and of what was expected at the start, over plays that are over."""

    actor: str
    plays: int
    over: int
    decisions: int
    likelihood: float
    solved: float
    regret: float
    paid: float
    expected: float


@dataclass(frozen=True)
class ClassSummary:
    """Many plays of one case: who was played how, and each situation, the most frequent first."""

    case: str
    plays: int
    over: int
    roles: tuple[Role, ...]
    situations: tuple[Situation, ...]


@dataclass(frozen=True)
class Played:
    """What is needed of one play: the decisions of its seats, and what they got and expected where it is over."""

    seats: tuple[str, ...]
    decisions: tuple[Decision, ...]
    paid: Mapping[str, tuple[float, float]] | None


def summarised(case: str, plays: Sequence[Played]) -> ClassSummary:
    """Many plays of one case beside the model."""
    groups: dict[tuple[str, str, str], list[Decision]] = {}
    for play in plays:
        for decision in play.decisions:
            groups.setdefault((decision.actor, decision.stage, decision.where), []).append(decision)
    situations = [
        Situation(*key, len(made), _moves(made), _mean([d.regret for d in made])) for key, made in groups.items()
    ]
    situations.sort(key=lambda s: -s.times)
    seats = dict.fromkeys(seat for play in plays for seat in play.seats)
    over = sum(play.paid is not None for play in plays)
    return ClassSummary(case, len(plays), over, tuple(_role(seat, plays) for seat in seats), tuple(situations))


def _role(actor: str, plays: Sequence[Played]) -> Role:
    mine = [play for play in plays if actor in play.seats]
    made = [decision for play in mine for decision in play.decisions if decision.actor == actor]
    got = [play.paid[actor] for play in mine if play.paid is not None]
    return Role(
        actor, len(mine), len(got), len(made), _mean([d.probability for d in made]),
        _mean([sum(option.probability**2 for option in d.options) for d in made]), _mean([d.regret for d in made]),
        _mean([paid for paid, _ in got]), _mean([expected for _, expected in got]),
    )  # fmt: skip


def _moves(made: Sequence[Decision]) -> tuple[Chosen, ...]:
    names = dict.fromkeys(option.move for decision in made for option in decision.options)
    found = []
    for name in names:
        chances = [option.probability for decision in made for option in decision.options if option.move == name]
        times, expected = sum(decision.move == name for decision in made), math.fsum(chances)
        spread = math.sqrt(math.fsum(p * (1 - p) for p in chances))
        found.append(Chosen(name, times, expected, (times - expected) / spread if spread > 0 else math.nan))
    return tuple(found)


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values) if values else math.nan
