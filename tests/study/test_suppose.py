"""Other best guesses on solved cases: against closed forms, against solving again, and what is told of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

import detente
from detente import QuestionError
from detente.analyse.counterfactual.whatif import Difference
from detente.analyse.sensitivity.reweighting import LEAST
from detente.language.normal import normal_cdf, normal_quantile
from detente.present.cli.app import app
from detente.study.evaluate.evaluator import Bench
from detente.study.study import Study
from detente.study.supposing import RE_WEIGHTED, SOLVED_ANEW, Supposed, Supposing
from tests.analyse.crises import decision
from tests.study.structures import CRISIS, RIVAL
from tests.study.test_update import HUNT, told

DRAWS = 1500
NODES, MASSES = np.polynomial.hermite_e.hermegauss(80)
MASSES = MASSES / MASSES.sum()


def bench(study: Study) -> Bench:
    return Bench.of(study.blueprint, study.ready)


def apart(one: Difference, other: Difference) -> float:
    """How far two forecasts lie apart, in standard errors; 0 where they are the same."""
    gap = abs(one.after.value - other.after.value)
    return gap / float(np.hypot(one.after.error, other.after.error)) if gap > 1e-12 else 0.0


@pytest.fixture(scope="module")
def one() -> Study:
    return detente.run(decision(), draws=DRAWS)


@pytest.fixture(scope="module")
def rivals() -> Study:
    return detente.run(detente.loads(CRISIS + RIVAL, "rival.yaml"), draws=1200)


def chance(target: float) -> float:
    """P(go) where x is uniform on -1 to 2 with its median moved."""
    d = float(normal_quantile(np.array([(target + 1) / 3]))[0])
    return float(MASSES @ (1 / (1 + np.exp(-4 * (-1 + 3 * normal_cdf(NODES + d) - 0.3)))))


@pytest.mark.parametrize("target", [-0.2, 0.9, 1.3])
def test_the_forecast_is_the_one_on_paper_without_solving(one: Study, target: float, monkeypatch: Any) -> None:
    monkeypatch.setattr(type(one.engine), "batches", None)  # nothing is solved
    found = detente.suppose(one, [f"x={target}"])
    d = found.whole.outcomes["gone"]
    assert found.how == RE_WEIGHTED
    assert abs(d.after.value - chance(target)) < 4 * d.after.error
    assert abs(d.before.value - chance(0.5)) < 4 * d.before.error
    assert d.effect.value == pytest.approx(d.after.value - d.before.value, abs=1e-14)
    assert abs(d.effect.value - chance(target) + chance(0.5)) < 4 * d.effect.error
    assert d.spread.draws == 0  # no draw was changed
    (moved,) = found.beliefs
    assert found.share == pytest.approx(np.exp(-(moved.moved**2)), rel=0.25)
    assert moved.before == pytest.approx(0.5, abs=1e-12)
    bound = 0.3 + np.log(0.7 / 0.3) / 4  # the claim holds above it
    share = float(1 - normal_cdf(normal_quantile(np.array([(bound + 1) / 3])) - moved.moved)[0])
    assert abs(found.verdicts["often"].share.value - share) < 4 * found.whole.claims["often"].after.error
    assert found.verdicts["often"].share.low < share < found.verdicts["often"].share.high


def test_below_a_tenth_the_same_random_numbers_are_solved_anew(one: Study) -> None:
    found = detente.suppose(one, ["x=1.9"])
    assert found.how == SOLVED_ANEW
    assert found.plain_share < LEAST
    assert found.share == 1
    d = found.whole.outcomes["gone"]
    assert abs(d.after.value - chance(1.9)) < 4 * d.after.error
    assert d.spread.draws == DRAWS
    shift = found.beliefs[0].moved
    x = -1 + 3 * normal_cdf(normal_quantile((one.draws.truth["x"] + 1) / 3) + shift)
    exact = 1 / (1 + np.exp(-4 * (x - 0.3)))
    assert d.after.value == pytest.approx(exact.mean(), abs=1e-9)  # draw by draw
    gaps = exact - one.outcome_draws("gone")
    assert d.effect.error == pytest.approx(gaps.std(ddof=1) / np.sqrt(DRAWS), rel=1e-6)


def test_a_set_solved_anew_serves_its_neighbours(one: Study) -> None:
    supposing = Supposing.of(one)
    far = {"x": 1.9}
    assert supposing.at(far).share < LEAST
    supposing.solve(bench(one), far, 200)
    first = supposing.at(far)
    assert (first.how, first.draws, round(first.ess)) == (SOLVED_ANEW, 200, 200)
    near = supposing.at({"x": 1.93})
    assert (near.how, near.draws) == (RE_WEIGHTED, 200)
    assert near.share > 0.5
    assert near.ess == pytest.approx(supposing.ess({"x": 1.93}))
    d = near.whole.outcomes["gone"]
    assert abs(d.after.value - chance(1.93)) < 4 * d.after.error
    assert abs(d.before.value - one.outcome_draws("gone")[:200].mean()) < 1e-12  # as many of the plain ones
    supposing.solve(bench(one), far, 600)  # refined
    assert supposing.at(far).draws == 600
    assert len(supposing.anew) == 1
    assert supposing.at({"x": 0.7}).draws == DRAWS  # the plain draws are worth more there


@pytest.mark.parametrize(
    "beliefs",
    [
        {"rationality": 4.0}, {"seizing": 0.2}, {"seizing": 0.0}, {"dear": 1.0, "seizing": 0.8}, {"dear.weight": 0.3},
        {"prize": 1.2, "dear": 0.0},
    ],
)  # fmt: skip
def test_weights_agree_with_solving_anew(rivals: Study, beliefs: dict[str, float]) -> None:
    """Numbers and rival structures, against draws of another seed."""
    supposing = Supposing.of(rivals)
    found = supposing.at(beliefs)
    assert found.how == RE_WEIGHTED
    supposing.seed = 2
    draws = supposing.draws(beliefs, 1200)
    supposing.add(beliefs, draws, bench(rivals)(draws))
    again = supposing.at(beliefs)
    assert again.how == SOLVED_ANEW
    for name in found.whole.outcomes:
        assert apart(found.whole.outcomes[name], again.whole.outcomes[name]) < 4, name
    assert apart(found.whole.claims["war_unlikely"], again.whole.claims["war_unlikely"]) < 4
    for name, value in beliefs.items():
        stem = name.removesuffix(".weight")
        if stem in ("seizing", "dear"):
            assert draws.truth[stem].mean() == pytest.approx(value, abs=0.03)


def test_a_quantity_that_structures_change_is_moved_once_they_are_settled(rivals: Study) -> None:
    with pytest.raises(QuestionError, match="'cost' has other values in rival structures; settle these"):
        Supposing.of(rivals).at({"cost": 0.5})
    settled = detente.run(rivals.model, draws=1200, without=["dear"])
    found = detente.suppose(settled, ["cost=0.45"])
    assert found.whole.outcomes["war"].effect.value < 0
    with pytest.raises(QuestionError, match="whether there is the structure 'dear' is settled"):
        detente.suppose(settled, ["dear=0.5"])


def test_a_structure_switched_off_is_the_case_without_it(rivals: Study) -> None:
    found = detente.suppose(rivals, ["seizing=0"])
    without = detente.run(rivals.model, draws=1200, without=["seizing"])
    assert found.whole.outcomes["taken"].after.value == 0
    for name in ("war", "gain"):
        d, plain = found.whole.outcomes[name], without.outcomes[name]
        assert abs(d.after.value - plain.value) < 4 * np.hypot(d.after.error, plain.error)
    weights = 1 - rivals.draws.truth["seizing"]
    exact = np.average(rivals.outcome_draws("war"), weights=weights / (1 - rivals.draws.truth["seizing.weight"]))
    assert found.whole.outcomes["war"].after.value == pytest.approx(exact, abs=1e-12)
    (belief,) = found.beliefs
    assert belief.before == pytest.approx(rivals.draws.truth["seizing.weight"].mean())


GROUP = """
structures:
  temper:
    one_of:
      bold: {weight: 0.2, changes: {payoffs: {A: {nerve: 0.3 * (outcome is war)}}}}
      meek: {weight: 0.3, changes: {payoffs: {A: {nerve: -0.3 * (outcome is war)}}}}
"""


def test_alternatives_share_what_is_left_as_they_did() -> None:
    study = detente.run(detente.loads(CRISIS + GROUP, "group.yaml"), draws=900)
    supposing = Supposing.of(study)
    for beliefs, shares in (
        ({"bold": 0.5}, {"bold": 0.5, "meek": 0.5 * 0.3 / 0.8}),
        ({"bold": 0.5, "meek": 0.1}, {"bold": 0.5, "meek": 0.1}),
    ):
        found, weights = supposing.at(beliefs), supposing.base.points.weights(supposing.priors.moved(beliefs))
        drawn = supposing.draws(beliefs, 900).truth
        for name, share in shares.items():
            assert weights @ study.draws.truth[name] == pytest.approx(share, abs=0.01)
            assert drawn[name].mean() == pytest.approx(share, abs=0.01)
        mine = [study.outcome_draws("war")[study.draws.truth[name] != 0].mean() for name in shares]
        rest = study.outcome_draws("war")[(study.draws.truth["bold"] == 0) & (study.draws.truth["meek"] == 0)].mean()
        exact = float(np.dot(list(shares.values()), mine) + (1 - sum(shares.values())) * rest)
        assert found.whole.outcomes["war"].after.value == pytest.approx(exact, abs=0.003)
    with pytest.raises(QuestionError, match=r"exclude each other and cannot be so likely: bold 0\.7, meek 0\.5"):
        supposing.at({"bold": 0.7, "meek": 0.5})
    with pytest.raises(QuestionError, match=r"1.5 is not a probability"):
        supposing.at({"bold": 1.5})


SEEN = """
title: A choice
actors: {Moscow: goes or stays}
quantities:
  prize: 0.7
  cost: {value: 0.5 to 2.0, unit: stake, seen_by: {Moscow: 0.3 to 1.2}}
  lam: {value: 4, role: precision}
stages: {posture: {actor: Moscow, moves: [go, stay]}}
outcomes: {gone: {when: posture is go}, stayed: otherwise}
payoffs: {Moscow: {all: (prize - cost) * (outcome is gone)}}
"""


def test_a_perception_is_moved_by_itself() -> None:
    """P(go) = 1 / (1 + exp(-4 (0.7 - seen))), seen a lognormal of its own; what is true plays no part."""
    study = detente.run(detente.loads(SEEN), draws=DRAWS)
    found = detente.suppose(study, ["cost seen by Moscow=0.8"])
    width = np.log(1.2 / 0.3) / 2 / 1.6448536269514722
    exact = float(MASSES @ (1 / (1 + np.exp(np.clip(-4 * (0.7 - 0.8 * np.exp(width * NODES)), -50, 50)))))
    d = found.whole.outcomes["gone"]
    assert abs(d.after.value - exact) < 4 * d.after.error
    same = detente.suppose(study, ["cost=0.7"]).whole.outcomes["gone"]
    assert abs(same.effect.value) < 4 * same.effect.error  # the truth moves nothing
    slider = Supposing.of(study).slider("cost seen by Moscow")
    assert (slider.unit, slider.written, slider.kind) == ("stake", "0.3 to 1.2", "number")
    assert slider.now == pytest.approx(0.6, rel=1e-9)
    assert slider.high == pytest.approx(0.6 * np.exp(width * 2.3263478740408408), rel=1e-9)


def test_as_of_a_day_the_prior_is_weighed_and_the_evidence_stays() -> None:
    """As a case whose prior is written so is, given the same evidence."""
    items = ("date: 2024-01-20, seen: sign is show",)
    model = told(HUNT, *items)
    study = detente.run(model, draws=1500, as_of="2024-01-31")
    found = detente.suppose(study, ["worth=0.9"])
    width = float(np.log(2 / 0.2)) / 2 / 1.6448536269514722
    written = detente.run(model, draws=1500, as_of="2024-01-31", set={"worth": f"lognormal(0.9, {width!r})"})
    d, exact = found.whole.outcomes["hit"], written.outcomes["hit"]
    assert abs(d.effect.value) > 4 * d.effect.error
    assert abs(d.after.value - exact.value) < 4 * np.hypot(d.after.error, exact.error)
    assert any("before the evidence" in note for note in found.notes)
    with pytest.raises(QuestionError, match="too few to say; they are not drawn again as of a day"):
        detente.suppose(study, ["worth=6"])
    with pytest.raises(QuestionError, match="not drawn again for another best guess"):
        Supposing.of(study).draws({"worth": 0.9}, 100)


def test_the_same_question_has_the_same_numbers(one: Study) -> None:
    def numbers(found: Supposed) -> list[float]:
        return [v for d in (*found.whole.outcomes.values(), *found.whole.claims.values())
                for v in (d.after.value, d.after.low, d.effect.error)]  # fmt: skip

    for text in ("x=1.2", "x=1.9"):
        first = numbers(detente.suppose(one, [text]))
        assert numbers(detente.suppose(decision(), [text], draws=DRAWS, workers=2)) == first


def test_correlations_and_claims_that_cannot_be_judged_are_told() -> None:
    model = decision(
        quantities={"y": "0.5 to 1.5"}, correlations=[{"between": ["x", "y"], "rank": 0.5}],
        claims={"odd": "P(outcome is gone) > sqrt(x)"},
    )  # fmt: skip
    study = detente.run(model, draws=600)
    found = detente.suppose(study, ["x=0.9"])
    assert found.notes[0] == "correlated with what is moved, and left as it is: y"
    nothing = int(np.isnan(study.claim_draws("odd")).sum())
    assert 0 < nothing == found.verdicts["odd"].unjudged
    weights = Supposing.of(study).base.points.weights(Supposing.of(study).priors.moved({"x": 0.9}))
    judged = ~np.isnan(study.claim_draws("odd"))
    exact = np.average(study.claim_draws("odd")[judged] != 0, weights=weights[judged])
    assert found.verdicts["odd"].share.value == pytest.approx(exact, abs=1e-12)


CASE = """
title: A threat
answer: {asks: P(outcome is gone), says: they go}
actors: {A: attacks}
quantities:
  lam: {value: 4, role: precision}
  x: {value: 0.2 to 2.0, unit: stake, means: what it costs}
  winter: {value: {choice: {0: 0.5, 1: 0.5}}, means: a hard winter}
stages: {move: {actor: A, moves: [go, stay]}}
outcomes: {gone: move is go, still: otherwise}
payoffs: {A: {gain: 0.8 * (move is go), fear: -x * (1 + winter) * (move is go)}}
claims: {seldom: P(outcome is gone) < 0.3}
structures: {brave: {weight: 0.3 to 0.6, changes: {payoffs: {A: {fame: 0.5 * (move is go)}}}}}
"""


def test_the_command_says_what_changes_and_on_how_many_draws(tmp_path: Path) -> None:
    path = tmp_path / "threat.yaml"
    path.write_text(CASE, encoding="utf-8")

    def call(*args: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, ["suppose", str(path), *args, "-n", "300"])
        return done.exit_code, " ".join(done.output.split())

    code, text = call("x=0.5", "winter=1:20%", "brave=0.9")
    assert code == 0, text
    assert "With the best guess of x at 0.5 stakes in place of 0.632 stakes (−0.34 sd), " in text
    assert "winter 0 80% likely (was 50%) and 1 20% likely (was 50%)" in text
    assert "brave 90% likely in place of" in text
    assert "they go: " in text
    assert "(was " in text
    assert "Nothing was solved again: reweighted, 300 draws are worth" in text
    code, text = call("x=4")
    assert "300 paired draws solved again" in text
    code, text = call("y=4")
    assert (code, "there is no quantity 'y'" in text) == (2, True)
    code, text = call()
    assert (code, "nothing is supposed" in text) == (2, True)
    code, text = call("x=0.5", "--json", "--report", str(tmp_path / "page.html"))
    assert code == 0, text
    assert json.loads(text.partition("written:")[0])["beliefs"][0]["name"] == "x"
    assert "Another best guess" in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_sliders_say_what_can_be_moved_from_where_to_where(tmp_path: Path) -> None:
    path = tmp_path / "threat.yaml"
    path.write_text(CASE, encoding="utf-8")
    supposing = Supposing.of(detente.run(path, draws=300))
    found = {slider.name: slider for slider in supposing.sliders}
    assert {name: s.kind for name, s in found.items()} == {"x": "number", "winter": "chances", "brave": "structure"}
    assert [(c.value, c.before) for c in found["winter"].chances] == [(0.0, 0.5), (1.0, 0.5)]
    assert found["brave"].written == "0.3 to 0.6"
    assert found["brave"].now == pytest.approx(0.45, abs=0.02)
    for name, slider in found.items():  # the best guess of now changes nothing
        if slider.kind != "chances":
            belief = {name: slider.now}
            assert supposing.at(belief).share > (0.999 if slider.kind == "number" else 0.9)


def test_the_flagship_re_weighted_agrees_with_solving_it_anew() -> None:
    study = detente.run("ukraine-2022", draws=300)
    supposing = Supposing.of(study)
    beliefs = {"invasion_bill": 1.4, "kin_weight": 0.75, "limited_option": 0.55}
    found = supposing.at(beliefs)
    supposing.solve(bench(study), beliefs, 300)
    again = supposing.at(beliefs)
    assert (found.how, again.how) == (RE_WEIGHTED, SOLVED_ANEW)
    assert found.whole.answer is not None
    assert again.whole.answer is not None
    assert apart(found.whole.answer, again.whole.answer) < 4
    for name in found.whole.outcomes:
        assert apart(found.whole.outcomes[name], again.whole.outcomes[name]) < 4, name
    far = [apart(found.whole.claims[n], again.whole.claims[n]) for n in found.whole.claims
           if found.whole.claims[n].after.error > 0 and again.whole.claims[n].after.error > 0]  # fmt: skip
    assert max(far) < 4.5
    with pytest.raises(QuestionError, match="'sanctions' is made of several sources of uncertainty; suppose one of"):
        supposing.at({"sanctions": 0.4})


def test_a_weight_that_is_certain_in_some_draws_is_told() -> None:
    """A weight cut at 0 and 1: where it is 0 no draw can stand for the structure."""
    study = detente.run(detente.loads(CASE.replace("0.3 to 0.6", "normal(0.1, 0.2)")), draws=300)
    certain = int((study.draws.truth["brave.weight"] == 0).sum())
    assert certain > 30
    found = detente.suppose(study, ["brave=0.2"])
    assert f"by its own weight there is no doubt about brave in {certain} draws; these cannot tell" in found.notes
