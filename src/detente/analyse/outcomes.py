"""How likely is each ending, by which way, and which plays are the most likely."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

import numpy as np

from detente.analyse.base import Batch, Finding, story
from detente.game.blueprint import Blueprint
from detente.model.draws import Floats


@dataclass(frozen=True)
class Way:
    """One way to an outcome: the step that ended the game, and the period."""

    outcome: str
    trigger: str  # `posture: invade`, or `the time is over`
    period: int
    mechanism: str

    def __str__(self) -> str:
        return f"{self.trigger} (period {self.period})" if self.period else self.trigger


@lru_cache(maxsize=16)
def ways(blueprint: Blueprint) -> list[Way]:
    """[terminals] the way of each whole play."""
    model, found = blueprint.model, []
    for x in blueprint.tree.terminals:
        scene = blueprint.scene(int(x))
        assert scene.outcome is not None
        outcome = model.outcomes[scene.outcome]
        last = scene.records[-1]
        period = scene.period + 1 if scene.n_periods > 1 else 0
        if outcome.otherwise or outcome.at == "end" or not last:
            found.append(Way(scene.outcome, "the time is over", 0, outcome.mechanism))
            continue
        event = list(last)[-1]
        found.append(
            Way(
                scene.outcome,
                f"{event}: {last[event]}",
                period,
                outcome.mechanism or _mechanism(blueprint, event, last[event]),
            )
        )
    return found


def _mechanism(blueprint: Blueprint, event: str, label: str) -> str:
    stage = blueprint.model.stages.get(event)
    if stage is None:
        return ""
    step = stage.moves.get(label) or stage.chance.get(label)
    return (step.mechanism if step else "") or stage.mechanism


@lru_cache(maxsize=16)
def mechanisms(blueprint: Blueprint) -> list[frozenset[str]]:
    """[terminals] the mechanisms at work in each whole play: those its moves, results and outcome are tagged with."""
    found = []
    for x in blueprint.tree.terminals:
        scene = blueprint.scene(int(x))
        tags = {blueprint.model.outcomes[scene.outcome or ""].mechanism}
        for record in scene.records:
            for event, label in record.items():
                if stage := blueprint.model.stages.get(event):
                    step = stage.moves.get(label) or stage.chance.get(label)
                    tags.add(step.mechanism if step else "")
        found.append(frozenset(tags - {""}))
    return found


@lru_cache(maxsize=16)
def endings_by_outcome(blueprint: Blueprint) -> list[str]:
    """[terminals] the outcome of each whole play."""
    return [blueprint.scene(int(x)).outcome or "" for x in blueprint.tree.terminals]


def outcome_probabilities(batch: Batch) -> dict[str, Floats]:
    """The probability of each outcome, [n] each."""
    keys = [(name,) for name in endings_by_outcome(batch.blueprint)]
    return _grouped(batch.endings, keys, batch.blueprint.model.outcomes)


def way_probabilities(batch: Batch) -> dict[Way, Floats]:
    """The probability of each way to each outcome, [n] each."""
    return _grouped(batch.endings, [(way,) for way in ways(batch.blueprint)])


def mechanism_probabilities(batch: Batch) -> dict[tuple[str, str], Floats]:
    """The probability that a mechanism is at work and an outcome follows, [n] each, by (mechanism, outcome)."""
    outcomes = endings_by_outcome(batch.blueprint)
    keys = [[(tag, end) for tag in sorted(t)] for t, end in zip(mechanisms(batch.blueprint), outcomes, strict=True)]
    return _grouped(batch.endings, keys)


Key = TypeVar("Key", bound=Hashable)


def _grouped(endings: Floats, keys: Sequence[Sequence[Key]], first: Iterable[Key] = ()) -> dict[Key, Floats]:
    """[n] each: the sums of the rows of `endings` that bear a key, those of `first` before any other."""
    plays: dict[Key, list[int]] = {key: [] for key in first}
    for k, mine in enumerate(keys):
        for key in mine:
            plays.setdefault(key, []).append(k)
    return {key: endings[where].sum(axis=0) for key, where in plays.items()}


@dataclass(frozen=True)
class Play:
    """A whole play, step by step, with its probability."""

    steps: tuple[tuple[str, str], ...]
    outcome: str
    probability: Finding


def most_likely(blueprint: Blueprint, endings: Floats, count: int = 5) -> list[Play]:
    """The plays with the largest mean probability. `endings` is [terminals, n]."""
    best = np.argsort(-endings.mean(axis=1), kind="stable")[:count]
    found = []
    for k in best:
        x = int(blueprint.tree.terminals[k])
        steps = tuple(story(blueprint.tree, x))
        found.append(
            Play(
                steps,
                blueprint.scene(x).outcome or "",
                Finding.of(" ".join(f"{e}:{m}" for e, m in steps), endings[k], "sum over draws"),
            )
        )
    return found
