"""How likely is each ending, by which way, and which plays are the most likely."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

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


def outcome_probabilities(batch: Batch) -> dict[str, Floats]:
    """The probability of each outcome, [n] each."""
    names = [batch.blueprint.scene(int(x)).outcome for x in batch.tree.terminals]
    return _grouped(batch.endings, names, batch.blueprint.model.outcomes)


def way_probabilities(batch: Batch) -> dict[Way, Floats]:
    """The probability of each way to each outcome, [n] each."""
    return _grouped(batch.endings, ways(batch.blueprint), {})


def mechanism_probabilities(batch: Batch) -> dict[tuple[str, str], Floats]:
    """The probability that a mechanism is at work and an outcome follows, [n] each, by (mechanism, outcome)."""
    result: dict[tuple[str, str], Floats] = {}
    for k, tags in enumerate(mechanisms(batch.blueprint)):
        outcome = batch.blueprint.scene(int(batch.tree.terminals[k])).outcome or ""
        for tag in sorted(tags):
            result[tag, outcome] = result.get((tag, outcome), np.zeros(batch.n)) + batch.endings[k]
    return result


def _grouped(endings: Floats, keys: list, first: Mapping) -> dict:  # type: ignore[type-arg]
    result = {key: np.zeros(endings.shape[1]) for key in first}
    for k, key in enumerate(keys):
        if key in result:
            result[key] = result[key] + endings[k]
        else:
            result[key] = endings[k].copy()
    return result


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
