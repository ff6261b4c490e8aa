"""A crisis with rival structures, and the parts it is made of."""

from __future__ import annotations

from typing import Any

CRISIS = """
detente: 1
title: A demand
answer: {asks: P(outcome is war), says: there is war}
actors: {A: attacker, B: defender}
mechanisms: {ruin: war is dear}
quantities:
  cost: {value: 0.2 to 0.6, unit: stake, mechanism: ruin}
  prize: {value: 0.5 to 1.5}
  rationality: {value: 3 to 8, role: precision}
private:
  B.resolve: {firm: 0.4, soft: 0.6}
stages:
  demand: {actor: A, moves: [demand, wait]}
  reply: {actor: B, moves: [give_in, resist], when: demand is demand}
  fight: {actor: A, moves: [war, back_down], when: reply is resist}
outcomes:
  quiet: {when: demand is wait}
  gain: {when: reply is give_in}
  war: {when: fight is war}
  climbdown: {when: fight is back_down}
payoffs:
  A: {prize: prize * (outcome is gain) + 0.5 * (outcome is war), cost: -cost * (outcome is war)}
  B:
    loss: -prize * (outcome is gain) - 0.5 * (outcome is war)
    cost: {value: -cost * (1 if B.resolve is soft else 0.2) * (outcome is war), mechanism: ruin}
claims:
  war_unlikely: {says: war is unlikely, holds: P(outcome is war) < 0.2}
statics:
  dear_war: {raise: cost, then: P(outcome is war) falls}
"""

SEIZING = """
      stages: {demand: {moves: {seize: take it at once}}}
      outcomes: {taken: {when: demand is seize}}
      payoffs: {A: {taking: 0.6 * (outcome is taken)}, B: {taken: -0.6 * (outcome is taken)}}
"""
DEAR = """
      quantities: {cost: {value: 0.8 to 1.6}}
"""
SEEN = """
      private: {B.resolve: {public: true}}
"""
RIVAL = f"""
structures:
  seizing:
    weight: 0.3 to 0.8
    means: A can take it at once
    changes: {SEIZING}
  dear:
    weight: 0.5
    changes: {DEAR}
"""


def change_of(*parts: str) -> dict[str, Any]:
    """The changes that texts like SEIZING write down, as data."""
    import yaml

    found: dict[str, Any] = {}
    for part in parts:
        found |= yaml.safe_load(part)
    return found
