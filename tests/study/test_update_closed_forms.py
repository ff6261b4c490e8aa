"""Updating in the limit of unlimited precision against posteriors that the literature gives."""

from __future__ import annotations

import pytest

from tests.study.test_update import asked

CHAIN = """
title: A chain of two markets
answer: {asks: P(Incumbent.kind is tough), says: the incumbent is tough}
periods: {count: 2, unit: month, from: 2024-01-01}
actors: {First: may enter, Second: may enter later, Incumbent: replies}
quantities: {care: {value: 5, role: precision}, worth: {value: 0.6}}
private: {Incumbent.kind: {tough: 0.3, weak: 0.7}}
stages:
  one: {actor: First, periods: 1, moves: [enter_one, stay_one]}
  two: {actor: Second, periods: 2, moves: [enter_two, stay_two]}
  reply: {actor: Incumbent, moves: [fight, cede], when: one is enter_one or two is enter_two}
outcomes: {over: otherwise}
payoffs:
  First: {profit: "worth * ever(one is enter_one) - ever(one is enter_one and reply is fight)"}
  Second: {profit: "worth * ever(two is enter_two) - ever(two is enter_two and reply is fight)"}
  Incumbent:
    cost: {each period: "-(reply is fight) * (Incumbent.kind is weak) - (reply is cede) * (Incumbent.kind is tough)"}
    quiet: "2 * ever(one is stay_one) + 2 * ever(two is stay_two)"
"""


def test_a_reputation_grows_as_kreps_and_wilson_have_it() -> None:
    """Kreps & Wilson (1982), Reputation and imperfect information, Journal of Economic Theory 27, 253-279: a weak
    incumbent fights the first of two entrants so often that the second is left indifferent, at a posterior of b."""
    fought = "date: 2024-01-10, seen: one is enter_one", "date: 2024-01-12, seen: reply is fight"
    found = asked(CHAIN, *fought, draws=2, method="limit").dates[-1]
    assert found.types["Incumbent.kind"]["tough"] == pytest.approx(0.6, abs=1e-10)
    assert found.evidence[0].likely == pytest.approx(0.3 / 0.6, abs=1e-10)
    ceded = "date: 2024-01-12, seen: reply is cede"
    found = asked(CHAIN, fought[0], ceded, draws=2, method="limit").dates[-1]
    assert found.types["Incumbent.kind"]["tough"] == pytest.approx(0.0, abs=1e-10)
    again = "date: 2024-02-02, seen: two is enter_two", "date: 2024-02-03, seen: reply is fight"
    found = asked(CHAIN, *fought, *again, draws=2, method="limit").dates[-1]
    assert found.types["Incumbent.kind"]["tough"] == pytest.approx(1.0, abs=1e-10)  # a weak one cedes at last


REASSURE = """
title: Reassurance
answer: {asks: P(outcome is peace), says: both cooperate}
periods: {count: 1, unit: year, from: 1987-01-01}
actors: {East: may be trusted or not, West: does not know}
quantities: {care: {value: 5, role: precision}}
private: {East.aims: {security: 0.4, expansion: otherwise}}
stages:
  signal: {actor: East, moves: {cut: a costly cut of arms, keep: none}}
  reply: {actor: West, moves: [cooperate, defend]}
  act: {actor: East, moves: [hold, exploit]}
outcomes:
  peace: {when: reply is cooperate and act is hold}
  loss: {when: reply is cooperate and act is exploit}
  rivalry: otherwise
payoffs:
  East:
    gain: "1.0 * (outcome is peace) + (2 if East.aims is expansion else 0.2) * (outcome is loss)"
    cost: "-0.05 * (signal is cut) * (outcome in [peace, rivalry])"
    risk: "-3 * (signal is cut) * (East.aims is expansion)"
  West: {peace: 1.0 * (outcome is peace), loss: -2 * (outcome is loss)}
"""


def test_a_costly_signal_tells_types_apart_as_kydd_has_it() -> None:
    """Kydd (2005), Trust and mistrust in international relations, ch. 7: a signal dear enough to the one who would
    exploit trust is sent by the other alone; so it makes trust, and its absence ends it."""
    sent = asked(REASSURE, "date: 1987-12-08, seen: signal is cut", draws=2, method="limit").dates[-1]
    assert sent.types["East.aims"]["security"] == pytest.approx(1.0, abs=1e-9)
    assert sent.evidence[0].likely == pytest.approx(0.4, abs=1e-9)
    assert sent.answer is not None
    assert sent.answer.mean == pytest.approx(1.0, abs=1e-9)
    kept = asked(REASSURE, "date: 1987-12-08, seen: signal is keep", draws=2, method="limit").dates[-1]
    assert kept.types["East.aims"]["security"] == pytest.approx(0.0, abs=1e-9)
    assert kept.answer is not None
    assert kept.answer.mean == pytest.approx(0.0, abs=1e-9)
