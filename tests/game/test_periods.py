"""In P(...) what is joined with what happened at a stage is asked of the same period: held against every play."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
import pytest

from detente import define, run
from detente.game.tree import Tree
from detente.language.lowering import Scene
from detente.study.study import Study

Plays = Callable[[Scene], bool]


@lru_cache(maxsize=1)
def crisis() -> Study:
    """Three periods of pressing, calling and a number offered now and then; alarm grows by each press."""
    return run(
        define(
            title="Periods",
            actors={"A": "presses", "B": "calls"},
            periods=3,
            quantities={"cost": "0.1 to 0.5"},
            state={"alarm": {"start": "0.1", "next": "alarm + 0.2 * (posture is press)"}},
            stages={
                "posture": {"actor": "A", "moves": ["press", "rest"]},
                "demand": {"actor": "A", "offer": [0, 0.5, 1], "when": "posture is press"},
                "call": {"actor": "B", "moves": ["yes", "no"]},
            },
            outcomes={"over": {"when": "call is yes and posture is press"}, "still": "otherwise"},
            payoffs={"A": {"x": "-cost * count(posture is press)"}, "B": {"x": "0.3 * (outcome is over)"}},
        ),
        draws=3,
    )


def chance(holds: Plays) -> np.ndarray:
    """[n] the probability of the histories in which something holds, one by one."""
    study = crisis()
    tree: Tree = study.blueprint.tree
    [batch] = study.batches()
    inside = [holds(study.blueprint.scene(int(x))) for x in tree.terminals]
    return np.asarray(batch.endings[inside].sum(axis=0))


def pressed(s: Scene, t: int) -> bool:
    return s.records[t].get("posture") == "press"


def called(s: Scene, t: int) -> bool:
    return s.records[t].get("call") == "yes"


def some(s: Scene, holds: Callable[[int], bool]) -> bool:
    return any(holds(t) for t in range(len(s.records)))


def alarm(s: Scene, t: int) -> float:
    """As period t begins."""
    return 0.1 + 0.2 * sum(pressed(s, k) for k in range(t))


@pytest.mark.parametrize(
    ("event", "holds"),
    [
        ("posture is press and period == 1", lambda s: pressed(s, 0)),
        ("period >= 2 and posture is press", lambda s: some(s, lambda t: t >= 1 and pressed(s, t))),
        ("posture is press and (period == 1 or period == 3)",
         lambda s: some(s, lambda t: t in (0, 2) and pressed(s, t))),
        ("posture is press and call is no and period == 2",
         lambda s: some(s, lambda t: t == 1 and pressed(s, t) and not called(s, t))),
        ("posture is rest and (outcome is over and period == 1)", lambda s: s.outcome == "over" and not pressed(s, 0)),
        ("posture is press and period == 1 and count(posture is press) == 2",
         lambda s: pressed(s, 0) and sum(pressed(s, t) for t in range(len(s.records))) == 2),
        ("not (posture is press and period == 1)", lambda s: not pressed(s, 0)),
        ("not (posture is press) and period == 2", lambda s: len(s.records) > 1 and not pressed(s, 1)),
        ("posture is press and not (period == 1)", lambda s: some(s, lambda t: t > 0 and pressed(s, t))),
        ("posture is press and period == 1 or call is yes and period == 2",
         lambda s: pressed(s, 0) or (len(s.records) > 1 and called(s, 1))),
        ("posture is press and alarm > 0.25", lambda s: some(s, lambda t: pressed(s, t) and alarm(s, t) > 0.25)),
        ("posture is rest and previous(posture is press)",
         lambda s: some(s, lambda t: t > 0 and not pressed(s, t) and pressed(s, t - 1))),
        ("(posture is press) * period == 2", lambda s: some(s, lambda t: t == 1 and pressed(s, t))),
        ("demand < 0.7 and period == 2", lambda s: len(s.records) > 1 and float(s.records[1].get("demand", 9)) < 0.7),
        ("ever(posture is press and period == 1)", lambda s: pressed(s, 0)),
        ("first(posture is press) == 2", lambda s: not pressed(s, 0) and len(s.records) > 1 and pressed(s, 1)),
        # apart from stages they are those of the last period, and stages without them are about any
        ("period == 2", lambda s: len(s.records) == 2),
        ("outcome is over and period == 2", lambda s: s.outcome == "over" and len(s.records) == 2),
        ("posture is rest and call is yes",
         lambda s: some(s, lambda t: not pressed(s, t)) and some(s, lambda t: called(s, t))),
        ("alarm > 0.25", lambda s: alarm(s, len(s.records) - 1) > 0.25),
    ],
)  # fmt: skip
def test_what_is_asked_at_a_stage_is_asked_of_one_period(event: str, holds: Plays) -> None:
    np.testing.assert_allclose(crisis().ask(f"P({event})"), chance(holds), rtol=1e-12)
    assert 0.001 < chance(holds).min() < chance(holds).max() < 0.999


def test_what_is_given_is_read_in_the_same_way() -> None:
    twice = "count(posture is press) == 2 and outcome is still"
    found = crisis().ask(f"P(posture is press and period == 1 given {twice})")
    both = chance(lambda s: pressed(s, 0) and s.outcome == "still" and sum(pressed(s, t) for t in range(3)) == 2)
    one = chance(lambda s: s.outcome == "still" and sum(pressed(s, t) for t in range(3)) == 2)
    np.testing.assert_allclose(found, both / one)
    turned = crisis().ask(f"P({twice} given posture is press and period == 1)")
    np.testing.assert_allclose(turned, both / chance(lambda s: pressed(s, 0)))
    held = crisis().ask(f"P(ever(posture is press and period == 1) given {twice})")
    np.testing.assert_allclose(held, found)
