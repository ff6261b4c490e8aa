"""A small case with all that the argument and the timeline show: texts, mechanisms, claims, structures, evidence."""

CRISIS = """
title: A crisis at sea
question: Will they strike?
answer: {asks: P(outcome is hit), says: the squadron strikes, groups: {war: hit, peace: otherwise}}
as_of: 2024-01-20
periods: {count: 2, unit: month, from: 2024-01-01}
sources:
  essay: {title: An essay on squadrons, author: A. Writer, paragraphs: 4, url: "https://example.org/essay"}
  wire: {title: Reports of an agency}
mechanisms:
  appetite: {says: the keen want it, source: essay 1}
  showing: {says: who hides is suspected, source: [essay 2, wire]}
  idle: {says: nothing of the model says this, source: wire}
actors: {A: the one with ships, B: the other}
quantities:
  care: {value: 1 to 8, role: precision, source: wire}
  worth:
    {value: 0.2 to 2, means: what the strait is worth, source: essay 1, because: two readings, mechanism: appetite}
  cost: {value: 0.5 to 1.5, means: what a strike costs, source: [essay 3, wire]}
  boldness: {value: 0.4, means: what a bold one adds, source: wire}
private: {A.will: {keen: 0.4, slack: otherwise}}
stages:
  sign: {actor: A, periods: 1, moves: {show: show it, hide: keep it}}
  act: {actor: A, moves: {hit: strike, wait: do not}}
outcomes: {hit: {when: act is hit, means: a strike on the harbour}, calm: otherwise}
payoffs:
  A:
    worth: (worth if A.will is keen else 0.2) * (outcome is hit)
    cost: -0.5 * cost * (outcome is hit)
    show: {value: -0.3 * (ever(sign is show)) * (A.will is slack), mechanism: showing}
  B: {loss: -1 * (outcome is hit)}
structures:
  bold:
    {weight: 0.3, means: a bold one strikes anyway, source: wire,
     changes: {payoffs: {A: {bold: "boldness * (outcome is hit)"}}}}
claims:
  likely: {says: a strike is likelier than not, source: essay 1, holds: P(outcome is hit) > 0.5}
  rare: {says: a strike is rare, source: essay 2, holds: P(outcome is hit) < 0.3}
evidence:
  - {date: 2024-01-05, seen: sign is show, means: the ships put out, source: wire}
  - {date: 2024-01-12, fact: a minister resigns, source: wire}
  - {date: 2024-01-20, signal: tankers are filled at night, likelihood: {A.will: {keen: 0.9, slack: 0.2}}, source: wire}
  - {by: 2024-01-31, not seen: act is hit, means: the month passes, source: wire}
  - {date: 2024-02-10, signal: the pilots are called back late, ratio: {A.will: {keen: 3, slack: 2}}, source: wire}
  - {date: 2024-02-20, fact: the harbour burns at dawn, source: wire}
forecasts:
  - {date: 2024-01-10, p: 0.4, who: A crowd, event: a strike, like: act is hit, source: wire}
  - {date: 2024-02-12, p: 0.9, who: A late sage, event: a strike, like: act is hit, source: wire}
base_rates:
  - {class: crises of squadrons, count: 1, of: 9, like: outcome is hit, source: wire}
happened: {date: 2024-02-20, outcome: hit, source: wire}
"""
