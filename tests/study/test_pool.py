"""Experts pooled: answers and gaps against what is known by hand, calibration against values worked out by hand."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from scipy import stats
from typer.testing import CliRunner

import detente
from detente import ModelError, QuestionError
from detente.analyse.evidence.experts import calibration, interval_score
from detente.engine.store.store import Store
from detente.model.elicitation import read_calibration, read_experts
from detente.model.load import load
from detente.present.cli.app import app
from detente.study.questions.pool import Pool
from tests.study.elicited import PRODUCT, SUM, answers, case, questions

DRAWS = 2000
KNOWN = """\
questions:
  wars: {asks: How many wars were there?, unit: wars, answer: 12, source: a book}
  days: {asks: How many days did they last?, unit: wars, answer: 3}
  dead: {asks: How many died?, unit: wars, answer: 50}
  odds: {asks: How many ended so?, unit: wars, answer: 7}
"""


def near(found: Any, value: float) -> bool:
    """Whether a mean lies within four standard errors of what it should be, and is no rough guess."""
    return abs(found.value - value) <= 4 * found.error + 1e-12 and found.error < 0.01


def parts(found: Pool, expert: str) -> dict[str, Any]:
    gap = next(gap for gap in found.gaps if gap.expert == expert)
    return {share.quantity: share.effect for share in gap.parts}


def test_whose_number_drives_a_gap_is_shared_out_as_by_hand(tmp_path: Path) -> None:
    """P(war) = a b: on average a is 0.2 or 0.6, and b is 0.3 or 0.7."""
    anna = answers(tmp_path, "Anna", {"a": "uniform(0.1, 0.3)", "b": "uniform(0.2, 0.4)"})
    bob = answers(tmp_path, "Bob", {"a": "uniform(0.5, 0.7)", "b": "uniform(0.6, 0.8)"})
    found = detente.pool(case(tmp_path), [anna, bob], draws=DRAWS)
    assert found.pool.answer is not None
    a, b = {"Anna": 0.2, "Bob": 0.6, "pool": 0.4}, {"Anna": 0.3, "Bob": 0.7, "pool": 0.5}
    assert near(found.pool.answer, a["pool"] * b["pool"])
    for side in found.experts:
        assert side.answer is not None
        assert near(side.answer, a[side.who] * b[side.who])
        shares = parts(found, side.who)  # Shapley's value of a product of two
        assert near(shares["a"], (a[side.who] - a["pool"]) * (b["pool"] + b[side.who]) / 2)
        assert near(shares["b"], (b[side.who] - b["pool"]) * (a["pool"] + a[side.who]) / 2)
        gap = next(gap for gap in found.gaps if gap.expert == side.who)
        assert sum(share.effect.value for share in gap.parts) == pytest.approx(gap.effect.value, abs=1e-12)
        assert near(gap.effect, a[side.who] * b[side.who] - a["pool"] * b["pool"])
    assert found.driver is not None
    assert (found.driver.expert, found.driver.quantity) == ("Bob", "a")  # 0.2 x 0.6 = 0.12, above 0.2 x 0.5
    assert found.solved == 1 + 7


def test_a_number_on_which_all_agree_or_that_nothing_depends_on_drives_nothing(tmp_path: Path) -> None:
    same = "uniform(0.1, 0.3)"
    anna = answers(tmp_path, "Anna", {"a": same, "b": "uniform(0.1, 0.2)", "c": "1 to 2"})
    bob = answers(tmp_path, "Bob", {"a": same, "b": "uniform(0.3, 0.4)", "c": "8 to 9"})
    found = detente.pool(case(tmp_path, SUM), [anna, bob], draws=DRAWS)
    for expert, sign in (("Anna", -1), ("Bob", 1)):
        shares = parts(found, expert)
        assert "a" not in shares
        assert (shares["c"].value, shares["c"].error) == (0, 0)
        assert near(shares["b"], sign * 0.1)
    assert found.driver is not None
    assert found.driver.quantity == "b"


def test_weights_and_who_did_not_answer(tmp_path: Path) -> None:
    anna = answers(tmp_path, "Anna", {"a": "uniform(0.1, 0.3)", "b": "0.5"})
    bob = answers(tmp_path, "Bob", {"a": "uniform(0.5, 0.7)"})
    cleo = answers(tmp_path, "Cleo", {"a": "uniform(0, 0.2)"})
    found = detente.pool(
        case(tmp_path), [anna, bob, cleo], draws=DRAWS, weight=["Anna=2", "Bob=6", "Cleo=0"]
    )  # fmt: skip
    assert found.weights == {"Anna": 0.25, "Bob": 0.75, "Cleo": 0}
    by_name = {p.quantity: p for p in found.quantities}
    assert by_name["a"].parts == {"uniform(0.1, 0.3)": 0.25, "uniform(0.5, 0.7)": 0.75}
    assert by_name["b"].value == "0.5"
    assert found.pool.answer is not None
    assert near(found.pool.answer, 0.5 * (0.25 * 0.2 + 0.75 * 0.6))
    sides = {side.who: side.answer for side in found.experts}
    assert sides["Bob"] is not None
    assert near(sides["Bob"], 0.6 * 0.5)  # where Bob says nothing, what the others say
    assert "b: answered by Anna alone" in found.notes
    whole = detente.pool(case(tmp_path), [bob], draws=200)
    assert (whole.gaps[0].effect.value, whole.gaps[0].parts, whole.driver) == (0, (), None)


def test_few_models_are_enough_where_there_are_many_numbers(tmp_path: Path) -> None:
    anna = answers(tmp_path, "Anna", {"a": "0.1 to 0.2", "b": "0.1 to 0.2", "c": "1 to 2"})
    bob = answers(tmp_path, "Bob", {"a": "0.3 to 0.4", "b": "0.3 to 0.4", "c": "3 to 4"})
    found = detente.pool(case(tmp_path), [anna, bob], draws=100, models=6)
    assert "estimated" in found.method
    for gap in found.gaps:
        assert sum(share.effect.value for share in gap.parts) == pytest.approx(gap.effect.value, abs=1e-12)
    assert found.solved <= 1 + 1 + 2 * 5


def test_a_logarithmic_pool_solves_the_case_with_the_pooled_distribution(tmp_path: Path) -> None:
    anna, bob = (answers(tmp_path, w, {"a": v}) for w, v in (("Anna", "beta(2, 6)"), ("Bob", "beta(6, 4)")))
    found = detente.pool(case(tmp_path), [anna, bob], draws=DRAWS, rule="logarithmic")
    assert found.quantities[0].value == "beta(4, 5)"
    file = tmp_path / "Cleo.yaml"
    file.write_text(Path(anna).read_text().replace("Anna", "Cleo").replace("beta(2, 6)", "3% to 20%"), "utf-8")
    with pytest.raises(QuestionError, match="a: the language has no word"):
        detente.pool(case(tmp_path), [anna, str(file)], draws=10, rule="logarithmic")


def test_what_is_correlated_is_pooled_as_one_distribution_or_not_at_all(tmp_path: Path) -> None:
    linked = PRODUCT + "correlations: [{between: [a, b], rank: 0.5}]\n"
    anna, bob = (answers(tmp_path, w, {"a": v}) for w, v in (("Anna", "10% to 20%"), ("Bob", "20% to 40%")))
    with pytest.raises(QuestionError, match="a: the case correlates it with others"):
        detente.pool(case(tmp_path, linked), [anna, bob], draws=10)
    found = detente.pool(case(tmp_path, linked), [anna, bob], draws=50, rule="logarithmic")
    assert found.pool.answer is not None


def test_the_same_seed_gives_the_same_numbers_and_what_was_found_is_kept(tmp_path: Path) -> None:
    anna, bob = (answers(tmp_path, w, {"a": v, "b": v}) for w, v in (("Anna", "0.1 to 0.2"), ("Bob", "0.2 to 0.4")))
    luck, store = case(tmp_path), Store(tmp_path / "store")
    one = detente.pool(luck, [anna, bob], draws=300, workers=1)
    assert one == detente.pool(luck, [anna, bob], draws=300, workers=2, store=store)
    reused = store.reused
    assert one == detente.pool(luck, [anna, bob], draws=300, store=store)
    assert store.reused > reused
    Path(anna).write_text(Path(anna).read_text().replace("0.2", "0.3"), "utf-8")
    assert one != detente.pool(luck, [anna, bob], draws=300, store=store)


# ------------------------------------------------------------------------------------------------------- calibration


def test_calibration_questions_are_scored_as_by_hand(tmp_path: Path) -> None:
    wide = {"wars": "{p5: 5, p50: 10, p95: 20}", "days": "{p5: 1, p50: 4, p95: 8}",
            "dead": "{p5: 20, p50: 40, p95: 80}", "odds": "{p5: 5, p50: 8, p95: 10}"}  # fmt: skip
    narrow = {
        "wars": "{p5: 9, p50: 10, p95: 11}",
        "days": "{p5: 2, p50: 3, p95: 4}",
        "dead": "{p5: 20, p50: 21, p95: 22}",
    }
    anna = answers(tmp_path, "Anna", {"a": "0.1 to 0.2"}, wide)
    bob = answers(tmp_path, "Bob", {"a": "0.3 to 0.4"}, narrow)
    found = detente.pool(case(tmp_path), [anna, bob], draws=20, calibration=questions(tmp_path, KNOWN))
    one, other = found.records
    assert (one.hits, one.questions, other.hits, other.questions) == (4, 4, 1, 3)
    low, high = stats.beta(1.5, 2.5).ppf([0.025, 0.975])  # Jeffreys, 1 of 3
    assert (other.low, other.high) == pytest.approx((low, high))
    scores = [15, 7, 60, 5]
    assert [a.score for a in one.answers] == pytest.approx(scores)
    assert one.score == pytest.approx(sum(scores) / 4)
    assert [a.score for a in other.answers] == pytest.approx([2 + 20 * 1, 2, 2 + 20 * 28])
    # Anna: 12 in (10, 20], 3 in (1, 4], 50 in (40, 80], 7 in (5, 8]: two below and two above the median.
    assert [a.piece for a in one.answers] == [2, 1, 2, 1]
    information = 4 * 2 * (2 / 4) * math.log(0.5 / 0.45) * 2  # 2 N I
    assert one.calibration == pytest.approx(stats.chi2.sf(information, 3))
    # Bob: 12 above, 3 at the median and so below it, 50 above.
    assert [a.piece for a in other.answers] == [3, 1, 3]
    information = 2 * 3 * (2 / 3 * math.log(2 / 3 / 0.05) + 1 / 3 * math.log(1 / 3 / 0.45))
    assert other.calibration == pytest.approx(stats.chi2.sf(information, 3))
    # Over the question `odds`, which Anna alone answered, the intrinsic range is 5 to 10 and 0.5 beyond: width 6.
    width, pieces = 6.0, [(0.05, 0.5), (0.45, 3.0), (0.45, 2.0), (0.05, 0.5)]
    odds = sum(p * math.log(p * width / w) for p, w in pieces)
    rest = []
    for low_, middle, high_, ends in ((5, 10, 20, (5, 20)), (1, 4, 8, (1, 8)), (20, 40, 80, (20, 80))):
        beyond = 0.1 * (ends[1] - ends[0])
        bottom, top = ends[0] - beyond, ends[1] + beyond
        cut = [(0.05, low_ - bottom), (0.45, middle - low_), (0.45, high_ - middle), (0.05, top - high_)]
        rest.append(sum(p * math.log(p * (top - bottom) / w) for p, w in cut))
    assert one.information == pytest.approx((sum(rest) + odds) / 4)
    assert other.weight == 0  # below the cutoff
    assert one.weight == 1
    assert other.calibration is not None
    assert other.calibration < 0.05
    assert any("4 calibration" in note or "3 calibration" in note for note in found.notes)


def test_weights_by_performance_are_calibration_times_information(tmp_path: Path) -> None:
    files = [
        answers(tmp_path, who, {"a": "0.1 to 0.2"},
                {q: f"{{p5: {x}, p50: {y}, p95: {z}}}" for q, (x, y, z) in of.items()})
        for who, of in (
            ("Anna", {"wars": (5, 11, 20), "days": (1, 4, 8), "dead": (20, 40, 80), "odds": (5, 8, 10)}),
            ("Bob", {"wars": (10, 13, 14), "days": (2, 4, 5), "dead": (49, 60, 70), "odds": (6, 6.5, 9)}),
        )
    ]  # fmt: skip
    found = detente.pool(
        case(tmp_path), files, draws=20, calibration=questions(tmp_path, KNOWN), weigh="performance", cutoff=0.0
    )
    worth = {r.expert: (r.calibration or 0) * (r.information or 0) for r in found.records}
    assert found.weights == pytest.approx({who: w / sum(worth.values()) for who, w in worth.items()})
    assert found.weights["Bob"] > found.weights["Anna"]  # as well calibrated as she is, nearly, and sharper
    with pytest.raises(QuestionError, match="answered no calibration question"):
        detente.pool(case(tmp_path), files, draws=20, weigh="performance")
    with pytest.raises(QuestionError, match="below the cutoff"):
        detente.pool(
            case(tmp_path), files, draws=20, calibration=questions(tmp_path, KNOWN), weigh="performance", cutoff=1.0
        )


def test_scores_are_those_of_their_papers() -> None:
    assert interval_score(1, 3, 2) == 2
    assert interval_score(1, 3, 0.5) == pytest.approx(2 + 20 * 0.5)
    assert interval_score(1, 3, 4, outside=0.5) == pytest.approx(2 + 4 * 1)
    assert calibration([1, 9, 9, 1]) == pytest.approx(1.0)  # as it should be
    assert calibration([10, 0, 0, 0]) < 1e-10


def test_a_score_over_several_units_needs_scales(tmp_path: Path) -> None:
    text = "questions:\n  x: {asks: How far?, unit: km, answer: 10}\n  y: {asks: How long?, unit: h, answer: 2}\n"
    ranges = {"x": "{p5: 5, p50: 8, p95: 20}", "y": "{p5: 1, p50: 3, p95: 4}"}
    anna = answers(tmp_path, "Anna", {"a": "0.1 to 0.2"}, ranges)
    plain = detente.pool(case(tmp_path), [anna], draws=20, calibration=questions(tmp_path, text))
    assert plain.records[0].score is None
    assert any("`scale`" in note for note in plain.notes)
    scaled = text.replace("answer: 10", "answer: 10, scale: 10").replace("answer: 2}", "answer: 2, scale: 2}")
    found = detente.pool(case(tmp_path), [anna], draws=20, calibration=questions(tmp_path, scaled))
    assert found.records[0].score == pytest.approx((15 / 10 + 3 / 2) / 2)


# ------------------------------------------------------------------------------------------------------------ the files


def test_a_form_is_read_back_as_it_is_and_with_answers(tmp_path: Path) -> None:
    luck, known = case(tmp_path), questions(tmp_path, KNOWN)
    form = detente.elicit(luck, expert="Anna Müller: of “Y”", calibration=known)
    assert [row.name for row in form.quantities] == ["a", "b", "c"]
    assert "12" not in form.text  # no answer of a calibration question
    assert "0.1" not in form.text  # nor the range of the case
    assert "how likely a clash is" in form.text
    file = tmp_path / "form.yaml"
    file.write_text(form.text, "utf-8")
    with pytest.raises(ModelError, match="has answered for no quantity"):
        read_experts([file], load(luck), read_calibration(known))
    filled = form.text.replace("p5:", "p5: 10%", 1).replace("p50:", "p50: 0.2", 1).replace("p95:", "p95: 0.5", 1)
    file.write_text(filled, "utf-8")
    (expert,) = read_experts([file], load(luck), read_calibration(known))
    assert expert.name == "Anna Müller: of “Y”"
    assert [(b.low, b.middle, b.high) for b in expert.quantities.values()] == [pytest.approx((0.1, 0.2, 0.5))]
    assert [row.name for row in detente.elicit(luck, expert="B", quantities=["c"]).quantities] == ["c"]
    with pytest.raises(QuestionError, match="did you mean 'a'"):
        detente.elicit(luck, expert="B", quantities=["A"])


def test_every_mistake_of_every_file_is_told_at_its_line(tmp_path: Path) -> None:
    one = tmp_path / "one.yaml"
    one.write_text(
        "elicitation: 1\ncase: other\nexpert: Anna\nquantities:\n  aa: {p5: 0.1, p95: 0.2}\n  a: {p5: 10, p95: 20}\n"
        "  b: {p5: 0.3, p50: 0.2, p95: 0.4}\n  c: {value: b * 2}\ncalibration:\n  wart: 1 to 2\n  wars: 3\n", "utf-8",
    )  # fmt: skip
    two = tmp_path / "two.yaml"
    two.write_text("elicitation: 1\ncase: luck\nexpert: Anna\nquantites:\n  a: 0.1 to 0.2\n", "utf-8")
    three = tmp_path / "three.yaml"
    three.write_text("elicitation: 1\ncase: luck\nexpert: [x\n", "utf-8")
    with pytest.raises(ModelError) as error:
        detente.pool(case(tmp_path), [one, two, three, tmp_path / "none.yaml"], draws=10,
                     calibration=questions(tmp_path, KNOWN))  # fmt: skip
    told = [str(p).replace(f"{tmp_path}/", "").split("\n")[0] for p in error.value.problems]
    assert told == [
        "none.yaml: there is no such file",
        "one.yaml:2:7: these are answers about 'other', and the case is 'luck'",
        "one.yaml:5:3: luck has no quantity 'aa'",
        "one.yaml:6:11: 10 is not a probability, which lies between 0 and 1",
        "one.yaml:7:21: p50 is 0.2, and must be above p5, 0.3",
        "one.yaml:8:16: 'b * 2' is not a distribution by itself",
        "one.yaml:10:3: there is no calibration question 'wart'",
        "one.yaml:11:9: this leaves nothing uncertain, so that it cannot be scored",
        "three.yaml:3:9: this is not YAML: a list that is not closed or has no comma between its entries",
        "two.yaml:3:9: 'Anna' has answered in another file too",
        "two.yaml:4:1: there is no key 'quantites' here",
    ]


def test_the_commands_write_a_form_once_and_a_case_that_every_command_takes(tmp_path: Path) -> None:
    def said(*words: str, code: int = 0) -> str:
        done = CliRunner().invoke(app, [*words])
        assert done.exit_code == code, done.output
        return done.output

    luck, form, variant = case(tmp_path), tmp_path / "deep" / "form.yaml", tmp_path / "deep" / "pooled.yaml"
    assert "written" in said("elicit", luck, "--for", "Anna", "--write", str(form))
    form.write_text(form.read_text("utf-8").replace("p5:", "p5: 0.1", 1).replace("p95:", "p95: 0.3", 1), "utf-8")
    kept = form.read_text("utf-8")
    assert "exists already" in said("elicit", luck, "--for", "Anna", "--write", str(form), code=2)
    assert form.read_text("utf-8") == kept
    assert said("elicit", luck, "--for", "Bob").startswith("# A crisis left to chance: a form for Bob")
    bob = answers(tmp_path, "Bob", {"a": "0.5 to 0.7", "c": "{p5: 1, p50: 2, p95: 9}"})
    run = ("pool", luck, str(form), bob, "--draws", "60", "--no-store")
    shown = said(*run, "--variant", str(variant))
    assert "What moves it most is Bob’s a" in shown
    found = json.loads(said(*run, "--json"))
    assert found["driver"]["expert"] == "Bob"
    page = tmp_path / "page.html"
    said(*run, "--report", str(page))
    assert "Experts pooled, and where they disagree" in page.read_text("utf-8")
    assert "valid" in said("check", str(variant))
    pooled = detente.run(str(variant), draws=60)
    assert pooled.answer is not None
    assert pooled.answer.value.value == pytest.approx(found["pool"]["answer"]["value"], abs=1e-9)  # the same draws
    before = Path(bob).read_text("utf-8")
    said(*run, "--variant", bob, code=2)
    assert Path(bob).read_text("utf-8") == before  # what is read is not written over
    assert "give the files" in said("pool", luck, code=2)
