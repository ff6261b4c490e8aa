"""Claims and questions are decided by numbers alone: what is not a number leaves a draw unjudged, and rounding never
decides."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from detente import Model, Study, define, run, statics
from detente.analyse.counterfactual.statics import Arm, conclude
from detente.arrays import Floats
from detente.language.lowering import Scene, Tape, lower
from detente.language.parsing import parse
from detente.language.strict import strict
from detente.language.tolerance import size, tolerant
from detente.present.cli.app import app
from detente.study.questions.breaking import breaking
from tests.analyse.crises import deterrence

DRAWS = 300


def border(more: Mapping[str, Any] | None = None, **holds: str) -> Model:
    return define(**written(more, **holds))


def written(more: Mapping[str, Any] | None = None, **holds: str) -> dict[str, Any]:
    """A presses or rests; war costs between 0.1 and 0.5, so that sqrt(cost - 0.2) is not a number in a good part."""
    parts: dict[str, Any] = {
        "title": "Border",
        "actors": {"A": "one", "B": "two"},
        "quantities": {"cost": "0.1 to 0.5", "flag": {"value": {"choice": {"0": 0.3, "1": 0.7}}}},
        "stages": {"move": {"actor": "A", "moves": ["press", "rest"]}},
        "outcomes": {"quiet": "move is rest", "war": "move is press"},
        "payoffs": {
            "A": {"blood": "(1 - 2 * flag) * cost * (outcome is war)"},
            "B": {"blood": "-cost * (outcome is war)"},
        },
        "claims": {name: {"holds": text} for name, text in holds.items()},
    }
    return {**parts, **(more or {})}


def judged(text: str) -> tuple[Floats, Study]:
    """[n] 1, 0 or nan: a claim in each draw; and the draws."""
    study = run(border(it=text), draws=DRAWS)
    return study.claim_draws("it"), study


@pytest.mark.parametrize(
    "text",
    [
        "P(outcome is war) < sqrt(cost - 0.2)",
        "P(outcome is war) >= sqrt(cost - 0.2)",
        "not (P(outcome is war) < sqrt(cost - 0.2))",
        "P(outcome is war) > 2 or not (P(outcome is war) < log(cost - 0.2))",
        "P(outcome is war) < max(3, log(cost - 0.2))",
        "P(outcome is war) > -1 and 0 * log(cost - 0.2) == 0",
        "P(outcome is war) < 2 * (sqrt(cost - 0.2) ** 0)",
        "P(outcome is war and sqrt(cost - 0.2) < 9) < 2",
        "P(outcome is war given sqrt(cost - 0.2) < 9) < 2",
        "E(sqrt(cost - 0.2) * (outcome is war)) < 9",
        "(P(outcome is war) < 2) if log(cost - 0.2) < 9 else (P(outcome is war) < 2)",
    ],
)
def test_a_draw_in_which_a_formula_is_not_a_number_is_not_judged(text: str) -> None:
    held, study = judged(text)
    missing = study.draws.truth["cost"] < 0.2
    assert 30 < missing.sum() < 200
    np.testing.assert_array_equal(np.isnan(held), missing)
    assert study.claims["it"].unjudged == missing.sum()


@pytest.mark.parametrize(
    "text",
    [
        "not (P(outcome is war) < log(0 - cost))",
        "P(outcome is war) < 1 / 0",
        "P(outcome is war) < min(1 / (cost - cost), 1)",
        "P(outcome is war) > exp(-(1 / 0))",
        "P(outcome is war) < 1e300 * 1e300",
        "P(outcome is war and 1 / (cost - cost) > 1) < 2",
    ],
)
def test_what_is_infinite_or_never_a_number_is_judged_in_no_draw(text: str) -> None:
    held, _ = judged(text)
    assert np.isnan(held).all()


@pytest.mark.parametrize(
    "text",
    [
        "cost > 0.2 and log(cost - 0.2) < P(outcome is war) + 9",
        "log(cost - 0.2) < P(outcome is war) + 9 and cost > 0.2",
        "not (cost <= 0.2 or log(cost - 0.2) >= P(outcome is war) + 9)",
        "P(outcome is war) < (log(cost - 0.2) + 99 if cost > 0.2 else 0)",
        "cost > 0.2 and P(outcome is war given sqrt(cost - 0.2) < 9) < 2",
        "P(cost > 0.2 and log(cost - 0.2) < 9) > 0.5",
        "E(1 if cost > 0.2 and log(cost - 0.2) < 9 else 0) == 1",
    ],
)
def test_one_side_is_enough_where_it_decides(text: str) -> None:
    held, study = judged(text)
    np.testing.assert_array_equal(held, study.draws.truth["cost"] > 0.2)


def test_a_play_that_cannot_happen_need_not_be_a_number() -> None:
    model = deterrence(
        claims={"it": {"holds": "E(log(w + 9) if outcome is quiet else 1 / 0) > 0"}},
    )
    assert np.isnan(run(model, draws=20).claim_draws("it")).all()
    sure = deterrence(claims={"it": {"holds": "E(1 if outcome is quiet else log(w) given outcome is quiet) == 1"}})
    assert (run(sure, draws=20).claim_draws("it") == 1).all()


def test_questions_and_breaking_points_say_the_same() -> None:
    model = border(less="P(outcome is war) < sqrt(cost - 0.2)", none="P(outcome is war) < log(0 - cost)")
    study = run(model, draws=DRAWS)
    asked = study.ask("not (P(outcome is war) < sqrt(cost - 0.2))")
    np.testing.assert_array_equal(np.isnan(asked), study.draws.truth["cost"] < 0.2)
    found = {b.claim: b for b in breaking(study)}
    assert [found[name].holds for name in ("none", "less")] == [None, False]


def test_a_static_counts_what_it_cannot_judge() -> None:
    static = {"raise": "flag", "from": 0.0, "to": 1.0, "then": "P(outcome is war) * sqrt(cost - 0.2) falls"}
    model = border({"statics": {"more": static}})
    [result] = statics(model, draws=DRAWS)
    missing = (run(model, draws=DRAWS).draws.truth["cost"] < 0.2).sum()
    assert result.holds
    assert (result.unjudged, result.effect.draws) == (missing, DRAWS - missing)


def test_a_static_that_no_draw_can_judge_does_not_fail_and_is_counted_apart(tmp_path: Path) -> None:
    static = {"raise": "flag", "from": 0.0, "to": 1.0, "then": "log(P(outcome is war) - 2) rises"}
    fine = {"raise": "flag", "from": 0.0, "to": 1.0, "then": "P(war) stays", "within": 1}
    parts = written({"statics": {"never": static, "sure": fine}})
    never, sure = statics(define(**parts), draws=20)
    assert (never.holds, never.unjudged, sure.holds) == (None, 20, True)
    path, page = tmp_path / "case.yaml", tmp_path / "page.html"
    path.write_text(json.dumps({"detente": 1, **parts}), encoding="utf-8")
    done = CliRunner().invoke(app, ["statics", str(path), "-n", "20", "--report", str(page)])
    assert done.exit_code == 1
    assert "cannot be judged  never" in done.output
    assert "1 of 1 hold; 1 cannot be judged (20 paired draws each)" in " ".join(done.output.split())
    text = re.sub(r"</?a\b[^>]*>", "", page.read_text("utf-8"))
    assert "1 of 1 comparative statics hold; 1 cannot be judged." in text
    for said in (done.output, page.read_text("utf-8")):
        assert "fails" not in said
        assert "not defined (95%" not in said
    told = json.loads(CliRunner().invoke(app, ["statics", str(path), "-n", "20", "--json"]).stdout)["statics"]
    assert [one["holds"] for one in told] == [None, True]


def test_the_expectation_of_a_condition_is_its_probability_in_any_period() -> None:
    """Two tries of 30%: 51% once at least, by P and by E; a number is read as it stands at the end."""
    parts = written(
        {
            "periods": 2,
            "outcomes": {"quiet": {"when": "move is rest", "at": "end"}, "war": {"when": "move is press", "at": "end"}},
        }
    )
    parts["stages"] = {"luck": {"chance": {"up": 0.3, "down": 0.7}}, **parts["stages"]}
    parts["state"] = {"ups": {"start": 0, "next": "ups + (luck is up)"}}
    study = run(define(**parts), draws=3)
    for asked, value in (("P(luck is up)", 0.51), ("E(luck is up)", 0.51), ("E(2 * (luck is up))", 1.02)):
        np.testing.assert_allclose(study.ask(asked), value)
    np.testing.assert_allclose(study.ask("E(ups)"), 0.3)  # as the last period began


# ---------------------------------------------------------------------- rounding


@pytest.mark.parametrize(("effect", "holds"), [("rises", False), ("falls", False), ("stays", True)])
def test_rounding_neither_rises_nor_falls(effect: str, holds: bool) -> None:
    static = {"raise": "cost", "then": f"P(move is press) * 3 + P(move is rest) * 3 {effect}"}
    before, after = np.full(50, 0.3), np.full(50, 0.1 + 0.2)
    assert (after > before).all()
    result = conclude(border({"statics": {"same": static}}), "same", before, after, (Arm({}, {}), Arm({}, {})))
    assert result.holds == holds
    assert result.effect.value == result.effect.low == result.effect.high == 0


@pytest.mark.parametrize("text", ["1 <= {}", "{} <= 1", "{} == 1", "not ({} > 1)", "not ({} != 1)", "1 >= {}"])
def test_rounding_does_not_decide_an_identity(text: str) -> None:
    held, _ = judged(text.format("P(move is press) + P(move is rest)"))
    assert (held == 1).all()


@pytest.mark.parametrize("text", ["{} < 1", "{} > 1", "1 != {}"])
def test_a_strict_comparison_fails_where_both_sides_are_the_same(text: str) -> None:
    held, _ = judged(text.format("P(move is press) + P(move is rest)"))
    assert (held == 0).all()


def test_the_tolerance_is_of_the_terms_and_not_of_what_they_leave() -> None:
    million = "1e6 * cost * (outcome is war) - 1e6 * cost * (outcome is war)"
    for text in (
        f"E({million}) == 0",
        "E(A.blood) - E(A.blood) + 1 - 1 >= 0",
        "1e9 * P(outcome is war) - 1e9 * P(move is press) <= 0",
    ):
        held, _ = judged(text)
        assert (held == 1).all(), text


def test_what_is_rare_is_still_more_than_nothing() -> None:
    dear = {"payoffs": {"A": {"blood": "-7 * (outcome is war)"}}, "quantities": {}, "actors": {"A": "one"}}
    study = run(
        border(dear, rare="P(outcome is war) > 0", small="P(outcome is war) > 1e-12 * P(outcome is quiet)"), draws=5
    )
    assert (study.claim_draws("rare") == 1).all()  # exp(-35) times P(quiet), 6e-16
    assert (study.claim_draws("small") == 0).all()


def test_comparisons_of_quantities_are_exact() -> None:
    held, _ = judged("cost > cost * (1 - 1e-12) and P(outcome is war) < 2")
    assert (held == 1).all()
    held, _ = judged("P(cost > cost * (1 - 1e-12)) > 0.5")
    assert (held == 1).all()
    assert tolerant(parse("cost > 0.3 and x == 2")) == parse("cost > 0.3 and x == 2")


@pytest.mark.parametrize(
    ("text", "is_size"),
    [
        ("a - b", 7.0), ("a * (a - b)", 21.0), ("(a - b) / b", 7 * 4 / 16), ("-(a - b)", 7.0), ("(a - b) ** 2", 49.0),
        ("min(a - b, 1)", 7.0), ("a if a > b else -b", 4.0), ("sqrt(a + b)", 7**0.5), ("log(b)", np.log(4) + 1),
        ("exp(a)", np.exp(3) * 4), ("abs(a - b)", 7.0), ("clip(a - b, 0, 1)", 0.0), ("a ** -1", 1 / 3),
        ("clip(a - b, -2, 1)", 7.0),
    ],
)  # fmt: skip
def test_the_size_of_a_formula_is_that_of_its_terms(text: str, is_size: float) -> None:
    tape = Tape()
    row = lower(strict(size(parse(text))), Scene(1), tape)
    found = tape.evaluate([row], {"a": np.array([3.0]), "b": np.array([4.0])}, 1)[0, 0]
    assert found == pytest.approx(is_size)
