"""A demand: a small crisis with all that a store must tell apart, and runs of it compared to the byte."""

from __future__ import annotations

import detente
from detente.engine.store.store import Store
from detente.study.summary import summary

MODEL = """
title: A demand
periods: 2
actors: {Moscow: demands, Kiev: answers}
sources: {news: {title: Agency reports}}
quantities:
  cost: {value: 0.3 to 1.2, unit: stake, source: news, seen_by: {Moscow: cost * (0.3 to 0.9)}}
  hazard: {value: 0.01 to 0.06, unit: probability}
  rationality: {value: 2 to 12, role: precision}
private:
  Kiev.resolve: {firm: 0.4, soft: otherwise}
stages:
  posture: {actor: Moscow, moves: [invade, press, leave]}
  incident: {chance: {war: hazard, none: otherwise}, when: posture is press}
  answer: {actor: Kiev, moves: [hold, yield], when: posture is press}
outcomes:
  occupied: {when: posture is invade}
  accident: {when: incident is war}
  conceded: {when: answer is yield}
  settled: {when: posture is leave}
  standoff: otherwise
payoffs:
  Moscow:
    prize: 1.0 * (outcome is conceded) + 0.7 * (outcome in [occupied, accident])
    war: -cost * (outcome in [occupied, accident])
  Kiev:
    land: -1.0 * (outcome is conceded) - (0.4 if Kiev.resolve is firm else 1.2) * (outcome in [occupied, accident])
claims:
  no_invasion: {says: an invasion is unlikely, holds: P(outcome is occupied) < 0.5}
"""
BATCH = 200


def run(model: detente.Model, draws: int, store: Store | None = None, **how: object) -> detente.Study:
    return detente.run(model, draws=draws, store=store, **how)  # type: ignore[arg-type]


def same(one: detente.Study, two: detente.Study) -> None:
    """Equal to the byte, in whatever is shown."""
    assert summary(one) == summary(two)
    assert one.references == two.references
    assert one.reason == two.reason
    assert detente.dataset(one).equals(detente.dataset(two))
    for name in one.model.outcomes:
        assert one.outcome_draws(name).tobytes() == two.outcome_draws(name).tobytes()
    for a, b in zip(one.parts, two.parts, strict=True):
        assert a.coming.tobytes() == b.coming.tobytes()
        assert a.behaviour.tobytes() == b.behaviour.tobytes()
        assert [x.tobytes() for x in a.believed] == [x.tobytes() for x in b.believed]
        assert (a.evaluations == b.evaluations).all()
        assert (a.folded == b.folded).all()
    for first, second in zip(detente.why(one), detente.why(two), strict=True):
        assert first == second
