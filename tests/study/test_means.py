"""A comparison is told with the share of draws and the means of both sides, and where these disagree it is said."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from detente import claims, define, run
from detente.analyse.finding import Finding
from detente.analyse.forecast.claims import Comparison, Side, Verdict
from detente.language.comparisons import comparisons
from detente.language.parsing import parse
from detente.present.report.report import report
from detente.present.wording.claims import means
from detente.study.study import Study
from detente.study.summary import summary
from tests.present.test_cli import invoke

CASE = """
title: Rare and frequent
actors: {A: waits}
quantities:
  chance: {value: "loguniform(0.0001, 0.5)", unit: probability}
  cost: 1 to 2
stages:
  move: {actor: A, moves: [go, stay]}
  shot: {chance: {accident: 0.03, attack: chance, none: otherwise}}
outcomes: {chosen: shot is attack, unforeseen: shot is accident, peace: otherwise}
payoffs: {A: {loss: -cost * (move is go)}}
claims:
  sooner_by_accident: {holds: P(outcome is unforeseen) > P(outcome is chosen)}
  both:
    holds: P(outcome is unforeseen) > P(outcome is chosen) and E(A.loss) < -0.001
"""


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("means") / "rare.yaml"
    path.write_text(CASE, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def study(case: Path) -> Study:
    return run(case, draws=400)


def test_a_claim_that_holds_in_most_draws_may_fail_on_average(study: Study) -> None:
    [compared] = study.claims["sooner_by_accident"].comparisons
    drawn = study.draws.truth["chance"]
    assert compared.share == study.claims["sooner_by_accident"].share.value == pytest.approx((drawn < 0.03).mean())
    assert compared.left.mean.value == pytest.approx(0.03)
    assert compared.right.mean.value == pytest.approx(drawn.mean())
    assert [compared.right.mean.low, compared.right.mean.high] == pytest.approx(list(np.quantile(drawn, [0.05, 0.95])))
    assert (compared.on_average, compared.at_odds) == (False, True)
    [_, loss] = study.claims["both"].comparisons
    assert (loss.says, loss.on_average, loss.at_odds, loss.probabilities) == ("E(A.loss) < -0.001", True, False, False)


def test_the_answers_carry_the_means(study: Study) -> None:
    judged = claims(study).claims["sooner_by_accident"]
    assert judged.at_odds
    assert judged.comparisons == study.claims["sooner_by_accident"].comparisons
    assert summary(study).claims["both"].comparisons == study.claims["both"].comparisons


def test_text_and_page_say_that_draws_and_means_disagree(case: Path, study: Study) -> None:
    said = "yet on average 3.0% against"
    for command in ("claims", "run"):
        done = invoke(command, str(case), "-n", "400", *(["--no-report"] if command == "run" else []))
        assert said in " ".join(done.output.split())
    page = report(study)
    assert page.count(said) >= 2  # the conclusion, and the table
    assert "the draws and the means disagree" in page


def test_few_draws_and_like_means_are_no_disagreement() -> None:
    parts = {
        "title": "Even",
        "actors": {"A": ""},
        "quantities": {"chance": {"value": "0.2 to 0.8", "unit": "probability"}},
        "stages": {"move": {"actor": "A", "moves": ["go", "stay"]},
                   "shot": {"chance": {"hit": "chance", "miss": "otherwise"}}},
        "outcomes": {"gone": "shot is hit", "still": "otherwise"},
        "payoffs": {"A": {"loss": "-1 * (move is go)"}},
        "claims": {"even": {"holds": "P(shot is hit) > P(shot is miss)"}},
    }  # fmt: skip
    [compared] = run(define(**parts), draws=300).claims["even"].comparisons
    assert 0.4 < compared.share < 0.6
    assert not compared.at_odds


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("P(a is x) < min(P(b is y), P(c is z))", [("P(a is x)", "min(P(b is y), P(c is z))")]),
        ("not (P(a is x and c == 1) >= 0.5) and (E(A) - E(B given a is x)) > E(C)",
         [("P(a is x and c == 1)", "0.5"), ("(E(A) - E(B given a is x))", "E(C)")]),
        ("P(a in [x, y])\n  == 1 or cost > 2", [("P(a in [x, y])", "1")]),
        ("P(a is x) > (0.5 if q > 2 else P(b is z))", [("P(a is x)", "(0.5 if q > 2 else P(b is z))")]),
    ],
)  # fmt: skip
def test_the_sides_of_comparisons_are_told_as_they_were_written(text: str, said: list[tuple[str, str]]) -> None:
    assert [compared.texts for compared in comparisons(text, parse(text))] == said


def test_a_side_with_an_offset_says_what_is_compared() -> None:
    def line(left: str, right: str) -> str:
        def side(says: str, value: float) -> Side:
            return Side(says, Finding(says, value, value, value, 50))

        c = Comparison(f"{left} < {right}", "<", side(left, 0.11), side(right, 0.15), 1.0, 50, True, False, True)
        ((said, _),) = means(Verdict("v", "v", Finding("v", 1.0, 1.0, 1.0, 50), 0, (c,)), False)
        return said

    assert line("P(a is b)", "P(c is d)") == "on average 11% against 15%"
    assert line("P(a is b)", "0.15") == "on average 11% against 15%"
    assert line("P(a is b)", "P(c is d) - 0.02") == "on average 11% against 15% (P(c is d) - 0.02)"
    assert line("0.02 + P(a is b)", "P(c is d)") == "on average 11% (0.02 + P(a is b)) against 15%"
