"""How likely is each outcome, by which path, and which plays are the most likely."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from detente.analyse.finding import Finding
from detente.arrays import Floats
from detente.display import Displayed
from detente.engine.batch import Batch, story
from detente.engine.rivals import scattered
from detente.game.blueprint import Blueprint
from detente.language.expressions import Expression, Is, Name
from detente.language.lowering import Scene, Tape, lower
from detente.remembered import remembered

Entry = tuple[int, str, str]  # the period, counted from 0; what was played; what happened there
History = tuple[Entry, ...]


@dataclass(frozen=True)
class Way(Displayed):
    """One way to an outcome: the step with which its condition came to hold, and the period of that step."""

    outcome: str
    trigger: str  # `posture: invade`, `the state of alarm`, or `the time is over`
    period: int  # counted from 1; 0 where there is one only, or the time is over
    mechanism: str

    def __str__(self) -> str:
        return f"{self.trigger} (period {self.period})" if self.period else self.trigger


@remembered
def ways(blueprint: Blueprint) -> list[Way]:
    """[terminals] the way of each whole play."""
    steps: dict[tuple[str, History], Entry | None] = {}
    return [_way(blueprint, blueprint.scene(int(x)), steps) for x in blueprint.tree.terminals]


def _way(blueprint: Blueprint, scene: Scene, found: dict[tuple[str, History], Entry | None]) -> Way:
    model, name = blueprint.model, scene.outcome or ""
    outcome = model.outcomes[name]
    if outcome.otherwise or outcome.at == "end" or outcome.when is None:
        return Way(name, "the time is over", 0, outcome.mechanism)
    mentioned = mentions(outcome.when.expression)
    said = tuple(
        (t, e, label) for t, record in enumerate(scene.records) for e, label in record.items() if e in mentioned
    )
    if (name, said) not in found:
        found[name, said] = _trigger(outcome.when.expression, scene, said)
    step = found[name, said]
    if step is None:  # it speaks of states or of the period alone
        what = next((state for state in model.state if state in mentioned), "")
        return Way(
            name, f"the state of {what}" if what else "the period", _shown(scene, scene.period), outcome.mechanism
        )
    period, event, label = step
    mechanism = outcome.mechanism or _mechanism(blueprint, event.removesuffix(".seen"), label)
    return Way(name, f"{event}: {label}", _shown(scene, period), mechanism)


def _shown(scene: Scene, period: int) -> int:
    return period // scene.slices + 1 if scene.n_periods > 1 else 0


def mentions(condition: Expression) -> frozenset[str]:
    """The stages, signals, states and types that a condition speaks of."""
    return frozenset(e.subject if isinstance(e, Is) else e.name for e in condition.walk() if isinstance(e, (Is, Name)))


def _trigger(condition: Expression, scene: Scene, said: History) -> Entry | None:
    """The step of a play with which a condition came to hold, and held from there on.

    `said` are the steps that the condition speaks of. Where it holds without any of them (`not (reply is accept)`),
    the last of them; None where there is none.
    """
    tape = Tape()
    states = tuple({name: tape.input(f"{name} {t}") for name in held} for t, held in enumerate(scene.states))

    def read(steps: History) -> int:
        records = tuple({e: label for t, e, label in steps if t == period} for period in range(len(scene.records)))
        return lower(condition, replace(scene, records=records, states=states), tape)

    whole = read(said)
    needed = next((k for k in reversed(range(len(said))) if read(said[:k]) != whole), len(said) - 1)
    return said[needed] if said else None


def _mechanism(blueprint: Blueprint, event: str, label: str) -> str:
    stage = blueprint.model.stages.get(event)
    if stage is None:
        return ""
    step = stage.moves.get(label) or stage.chance.get(label)
    return (step.mechanism if step else "") or stage.mechanism


@remembered
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


@remembered
def endings_by_outcome(blueprint: Blueprint) -> Sequence[str]:
    """[terminals] the outcome of each whole play."""
    return blueprint.plays.endings(blueprint.tree.terminals)


@remembered
def _by_outcome(blueprint: Blueprint) -> dict[str, list[int]]:
    """The whole plays that end in each outcome, as places among the terminal nodes."""
    return _grouped([(name,) for name in endings_by_outcome(blueprint)], blueprint.model.outcomes)


def outcome_probabilities(batch: Batch) -> dict[str, Floats]:
    """The probability of each outcome, [n] each."""
    if batch.blueprint.members is not None:
        found = scattered(batch, outcome_probabilities)
        return {name: found.get(name, np.zeros(batch.n)) for name in batch.blueprint.model.outcomes}
    return _summed(batch.endings, _by_outcome(batch.blueprint))


def way_probabilities(batch: Batch) -> dict[Way, Floats]:
    """The probability of each way to each outcome, [n] each."""
    if batch.blueprint.members is not None:
        found = scattered(batch, way_probabilities)
        return {way: found.get(way, np.zeros(batch.n)) for way in _all_ways(batch.blueprint)}
    return _summed(batch.endings, _grouped([(way,) for way in ways(batch.blueprint)]))


def mechanism_probabilities(batch: Batch) -> dict[tuple[str, str], Floats]:
    """The probability that a mechanism is at work and an outcome follows, [n] each, by (mechanism, outcome)."""
    if batch.blueprint.members is not None:
        found = scattered(batch, mechanism_probabilities)
        return {key: found.get(key, np.zeros(batch.n)) for key in _all_mechanisms(batch.blueprint)}
    outcomes = endings_by_outcome(batch.blueprint)
    keys = [[(tag, end) for tag in sorted(t)] for t, end in zip(mechanisms(batch.blueprint), outcomes, strict=True)]
    return _summed(batch.endings, _grouped(keys))


@remembered
def _all_ways(blueprint: Blueprint) -> list[Way]:
    """The ways of all combinations of structures."""
    members = blueprint.members.blueprints if blueprint.members else ()
    return list(dict.fromkeys(way for member in members for way in ways(member)))


@remembered
def _all_mechanisms(blueprint: Blueprint) -> list[tuple[str, str]]:
    """The mechanisms and outcomes that come together in some combination of structures."""
    members = blueprint.members.blueprints if blueprint.members else ()
    pairs = [zip(mechanisms(member), endings_by_outcome(member), strict=True) for member in members]
    return list(dict.fromkeys((tag, end) for of in pairs for tags, end in of for tag in sorted(tags)))


Key = TypeVar("Key", bound=Hashable)


def _grouped(keys: Sequence[Sequence[Key]], first: Iterable[Key] = ()) -> dict[Key, list[int]]:
    """The places at which each key stands, those of `first` before any other."""
    places: dict[Key, list[int]] = {key: [] for key in first}
    for k, mine in enumerate(keys):
        for key in mine:
            places.setdefault(key, []).append(k)
    return places


def _summed(endings: Floats, places: Mapping[Key, list[int]]) -> dict[Key, Floats]:
    """[n] each: the sums of the rows of `endings` that bear a key."""
    return {key: endings[where].sum(axis=0) for key, where in places.items()}


@dataclass(frozen=True)
class LikelyPlay(Displayed):
    """A whole play, step by step, with its probability."""

    steps: tuple[tuple[str, str], ...]
    outcome: str
    probability: Finding


def most_likely(blueprint: Blueprint, endings: Floats, count: int = 5) -> list[LikelyPlay]:
    """The plays with the largest mean probability. `endings` is [terminals, n]."""
    best = np.argsort(-endings.mean(axis=1), kind="stable")[:count]
    found = []
    for k in best:
        x = int(blueprint.tree.terminals[k])
        steps = tuple(story(blueprint.tree, x))
        found.append(
            LikelyPlay(
                steps,
                blueprint.scene(x).outcome or "",
                Finding.of(" ".join(f"{e}:{m}" for e, m in steps), endings[k], "sum over draws"),
            )
        )
    return found
