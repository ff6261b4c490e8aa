"""Draws that are renewed agree with exact weights on ten models, within the error that both state; and the flagship's
series is what it is whatever comes later."""

from __future__ import annotations

import numpy as np
import pytest

import detente
from detente.analyse.evidence import pareto
from detente.model.likelihoods import Likelihood
from detente.model.record import Evidence
from detente.model.schema import Model
from detente.study import following
from detente.study.questions.update import update
from tests.study.test_update import HUNT, MEASURE, told

SEEN = "date: 2024-01-05, seen: sign is show"
WAITED = "by: 2024-01-31, not seen: act is hit"
SIGN = "date: 2024-01-20, signal: a sign, likelihood: {A.will: {keen: 0.9, slack: 0.1}}"
TOLD_APART = "date: 2024-01-20, signal: s, ratio: {structure.bold: {present: 4, absent: 1}}"
RIVAL = """
structures:
  bold: {weight: 0.3, changes: {payoffs: {A: {bold: "0.4 * (outcome is hit)"}}}}
"""
MODELS: dict[str, tuple[str, tuple[str, ...]]] = {
    "a move": (HUNT, (SEEN,)),
    "a move and waiting": (HUNT, (SEEN, WAITED)),
    "a move, waiting and a sign": (HUNT, (SEEN, SIGN, WAITED)),
    "a quantity measured": (HUNT, ("date: 2024-01-03, signal: m, likelihood: {worth: 1.4 to 2}",)),
    "two measured": (HUNT, ("date: 2024-01-03, signal: m, likelihood: {worth: 1.4 to 2, cost: 0.5 to 0.7}",)),
    "a threshold": (HUNT, ('date: 2024-01-03, signal: m, likelihood: {cost: {"> 1.2": 0.9, otherwise: 0.05}}',)),
    "a formula": (HUNT, ("date: 2024-01-03, signal: m, likelihood: worth / (worth + cost) * (A.will is keen)",)),
    "normal": (MEASURE, ('date: 2024-02-01, signal: m, likelihood: {x: "-0.2 to 1.2"}',)),
    "structures": (HUNT + RIVAL, (SEEN, TOLD_APART)),
    "structures and a measure": (HUNT + RIVAL, (SEEN, "date: 2024-01-20, signal: m, likelihood: {worth: 1.2 to 2}")),
}  # fmt: skip


@pytest.mark.parametrize("name", MODELS)
def test_renewed_draws_agree_with_exact_weights(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text, items = MODELS[name]
    case = told(text, *items)
    with monkeypatch.context() as never:
        never.setattr(following, "FEWEST", np.inf)
        never.setattr(following, "LEAST", 0)
        never.setattr(pareto, "reliable", lambda _: np.inf)
        exact = update(case, draws=8000).dates[-1]
    monkeypatch.setattr(following, "FEWEST", 1.0)  # on every day
    renewed = update(case, draws=1500).dates[-1]
    assert exact.renewed is None
    assert renewed.renewed is not None
    pairs = [(renewed.quantities[q], exact.quantities[q]) for q in exact.quantities if exact.quantities[q].error > 0]
    assert renewed.answer is not None
    assert exact.answer is not None
    for mine, theirs in (*pairs, (renewed.answer, exact.answer)):
        # moves leave draws that hang together: their error is taken twice
        assert abs(mine.mean - theirs.mean) <= 4 * np.hypot(2 * mine.error, theirs.error) + 1e-9
    for kind, shares in exact.types.items():
        for label, share in shares.items():
            assert renewed.types[kind][label] == pytest.approx(share, abs=0.03)
    for structure, share in exact.structures.items():
        assert renewed.structures[structure] == pytest.approx(share, abs=0.06)


def test_the_flagships_series_is_the_same_whatever_comes_later() -> None:
    whole = update("ukraine-2022", draws=24)
    case = detente.load("ukraine-2022")
    later = {one.date: one for one in whole.dates}
    for day in sorted(later)[::16]:
        kept = tuple(item for item in case.evidence if item.day <= day)
        spoilt = tuple(
            item if item.day <= day or not item.likelihood else item.model_copy(update={"likelihood": _turned(item)})
            for item in case.evidence
        )
        for evidence in (kept, spoilt):
            other: Model = case.model_copy(update={"evidence": evidence})
            assert update(other, draws=24, until=day).dates[-1] == later[day]


def _turned(item: Evidence) -> Likelihood:
    """The likelihood of a sign with its labels turned round."""
    told_ = item.likelihood
    turned = {
        subject: dict(zip(shares, reversed(list(shares.values())), strict=True))
        for subject, shares in told_.shares.items()
    }
    return Likelihood(told_.formula, turned, told_.measured)
