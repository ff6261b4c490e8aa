"""Small crises in which a role is played, each with something to hide."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from detente.study.debriefing import View
from detente.study.playing import Playing
from detente.study.seats import Log

AT_ONCE = """
title: Two rounds at once, a secret, a noisy signal and a hidden step
periods: {count: 2, unit: week, from: 2030-01-07}
actors: {A: moves first, B: moves at the same time, C: looks on}
quantities: {cost: 0.2 to 0.6, precision: {value: 3, role: precision}, leak: {value: 0.7, unit: probability}}
private:
  A.resolve: {firm: 0.3, soft: otherwise}
  B.means:
    prior: {rich: 0.5, poor: otherwise}
    seen_as: {rich: {gold: 0.8, lead: otherwise}, poor: {gold: 0.3, lead: otherwise}}
stages:
  ready: {actor: A, moves: [arm, wait], hidden_from: [B], periods: 1}
  spy:
    actor: C
    moves: [look, sleep]
    seen_as: {look: {noise: leak, silence: otherwise}, sleep: {silence: 1}}
    periods: 1
  push: {actor: A, moves: [press, hold]}
  guard: {actor: B, moves: [fence, open], together_with: push}
  weather: {chance: {storm: 0.4, calm: otherwise}, hidden_from: [C], periods: 2}
  call: {actor: C, moves: [warn, keep_still], unless: push is press and guard is fence, periods: 2}
outcomes:
  clash: {when: push is press and guard is fence and weather is storm}
  nothing: otherwise
payoffs:
  A:
    gain: 0.5 * count(push is press) - (1 - 0.3 * (A.resolve is firm)) * (outcome is clash)
    cost: -cost * count(ready is arm)
  B:
    loss: -0.4 * count(push is press) * (1 + ever(ready is arm))
    clash: (0.2 if B.means is rich else -0.6) * (outcome is clash)
  C: {rest: 0.1 * count(spy is sleep) - 0.3 * (outcome is clash) - 0.05 * count(call is warn)}
"""

SURPRISE = """
title: Bennett's hypergame
perception: private
actors: {A: moves armies, B: decides}
quantities:
  hold_attack: {value: 5, seen_by: {A: -3}}
  mobilise_attack: {value: 2, seen_by: {A: -5}}
stages:
  row: {actor: A, moves: [hold, mobilise]}
  column: {actor: B, moves: [attack, refrain], together_with: row}
outcomes:
  overrun: {when: row is hold and column is attack}
  repelled: {when: row is mobilise and column is attack}
  peace: otherwise
payoffs:
  A:
    war: -10 * (outcome is overrun) - 4 * (outcome is repelled)
    peace: (3 if row is hold else 1) * (outcome is peace)
  B:
    war: hold_attack * (outcome is overrun) + mobilise_attack * (outcome is repelled)
"""
"""Bennett (1977): A takes it that B has nothing to gain by attacking, and holds; B attacks."""


def played(playing: Playing, seats: Sequence[str], seed: int, hand: int, **how: object) -> Iterator[Log]:
    """A play with moves drawn at random, as it goes on; `hand`: which moves."""
    chosen = random.Random(hand)
    log = playing.start(seats, seed, **how)  # type: ignore[arg-type]
    yield log
    while actor := playing.turn(log):
        log = playing.move(log, actor, chosen.choice(playing.view(log, actor).moves).move)
        yield log


def finished(playing: Playing, seats: Sequence[str], seed: int, hand: int = 0, **how: object) -> Log:
    """The same when it is over."""
    *_, last = played(playing, seats, seed, hand, **how)
    return last


def where(view: View) -> tuple[object, ...]:
    """What a view may depend on in one world: what its actor has seen, and whether it is its turn."""
    return view.actor, view.phase, view.seen, view.stage
