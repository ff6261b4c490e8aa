"""The file that `detente new` writes: small, commented, and good from the first run."""

from __future__ import annotations

TEMPLATE = """\
# {name}: a model in the language of Detente. `detente check {name}.yaml` lists its errors,
# `detente run {name}.yaml` solves it. The whole language: docs/language.md.

detente: 1                                  # the version of the language
title: A demand and a deadline
question: Will the challenger attack?
answer:                                     # what answers the question, and which outcomes belong together
  asks: P(posture is attack)
  says: the challenger attacks within two months
  groups: {{war: [attacked, accident], peace: otherwise}}
stake: what the disputed province is worth to its holder    # what a payoff of 1 means

periods: {{count: 2, unit: month}}            # the stages below are run through twice

sources:
  essay: {{title: Where the argument is made, kind: opinion}}

actors:
  Challenger: wants the province
  Defender: holds it

quantities:                                 # every number: how large, how sure, and who says so
  war_cost:
    value: 0.3 to 1.2                       # the 5th and 95th percentiles
    unit: stake
    means: what a war costs the challenger
    source: essay 2
    because: nobody knew how hard the defender would fight
  hazard:
    value: 0.01 to 0.06
    unit: probability
    means: chance in a month that pressure turns into a war nobody chose
    source: essay 3
  rationality:
    value: 2 to 12
    unit: 1/stake
    role: precision                         # how reliably everybody makes the better choice
    means: how reliably everybody makes the better choice

private:                                    # what only its owner knows; the others hold this prior
  Defender.resolve: {{firm: 0.4, soft: otherwise}}

stages:                                     # in order, once a period; seen by everybody
  posture:                                  # what continues by itself, and how often that is reconsidered
    {{actor: Challenger, moves: [attack, press, leave], continues: press, reconsidered: 0.5 to 4 per month}}
  incident: {{chance: {{war: hazard, none: otherwise}}, per: month, when: posture is press}}
  answer:
    {{actor: Defender, moves: [hold, yield], continues: hold, reconsidered: 0.5 to 4 per month, when: posture is press}}

outcomes:                                   # the first whose condition holds ends the game
  attacked:   {{when: posture is attack, means: the challenger attacks}}
  accident:   {{when: incident is war, means: a war that nobody chose}}
  conceded:   {{when: answer is yield, means: the defender gives way}}
  settled:    {{when: posture is leave, means: the challenger goes home}}
  unresolved: otherwise                     # what it is when the time is over

payoffs:                                    # named terms, in stakes, so that an answer can say which one drove it
  Challenger:
    prize: 1.0 * (outcome is conceded) + 0.5 * (outcome in [attacked, accident])
    war:   -war_cost * (outcome in [attacked, accident])
    army:  {{each period: -0.05 * (posture is press)}}
  Defender:
    land:  -1.0 * (outcome is conceded) - 0.5 * (outcome in [attacked, accident])
    war:   -(0.3 if Defender.resolve is firm else 0.9) * (outcome in [attacked, accident])

claims:                                     # what the argument asserts, as tests
  no_attack:
    says: an attack is the least likely of the challenger's moves
    source: essay 1
    holds: P(posture is attack) < min(P(posture is press), P(posture is leave))

statics:                                    # what must follow if the model is right: tried by `detente statics`
  costly_war_deters:
    raise: war_cost
    then: P(outcome is attacked) falls
"""


def scaffold(name: str) -> str:
    """The text of a first model."""
    return TEMPLATE.format(name=name)
