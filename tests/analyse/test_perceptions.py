"""Perceptions: the hypergame of the oracles, and models whose answers are known in closed form."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import special
from typer.testing import CliRunner

import detente
from detente.analyse.forecast.why import term_values
from detente.analyse.perceptions.central import CentralDraw
from detente.analyse.perceptions.portrait import answered, turns, worth_of_moves
from detente.draws.sampler import Sampler
from detente.draws.sources import Sources
from detente.present.cli.app import app
from detente.present.wording.numbers import percent
from detente.present.wording.perceptions import ALREADY, often, said, surprises, way_said
from detente.solve.quantal.limit import Limit
from detente.solve.quantal.quantal import Quantal
from detente.solve.sequence_form.cfr import Regret
from detente.study.questions.breaking import breaking
from detente.study.questions.perceptions import Perceptions, perceptions
from detente.study.questions.tip import tip
from tests.analyse.crises import CHOICE, decision
from tests.games import with_default

BENNETT = """
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


def logit(x: np.ndarray) -> np.ndarray:
    return np.asarray(1 / (1 + np.exp(-x)))


# ---------------------------------------------------------------------- what it costs


def test_knowing_is_worth_six_in_bennetts_hypergame() -> None:
    found = perceptions(detente.loads(BENNETT), draws=2, method="limit")
    a, b = found.portraits["A"], found.portraits["B"]
    moves = {e.what: (e.expected.value, e.real.value) for e in (*a.own, *a.others)}
    assert moves["row is hold"] == pytest.approx((1, 1))
    assert moves["column is attack"] == pytest.approx((0, 1), abs=1e-6)  # it expects B to refrain
    assert a.payoff.hoped.value == pytest.approx(3, abs=1e-6)
    assert a.payoff.real.value == pytest.approx(-10, abs=1e-6)
    assert a.payoff.seeing.value == pytest.approx(-4, abs=1e-6)
    assert a.payoff.cost.value == pytest.approx(6, abs=1e-6)
    assert (a.payoff.cost.low, a.payoff.cost.high) == pytest.approx((6, 6), abs=1e-6)
    assert b.payoff.cost.value == pytest.approx(0, abs=1e-6)
    assert b.payoff.hoped.value == pytest.approx(2, abs=1e-6)  # B expects the true equilibrium and gets more
    assert b.payoff.real.value == pytest.approx(5, abs=1e-6)
    private, common = found.sweeps["private"], found.sweeps["common"]
    assert private.payoffs["A"][0].value == pytest.approx(-4, abs=1e-6)
    assert private.payoffs["A"][-1].value == pytest.approx(-10, abs=1e-6)
    assert private.outcomes["overrun"][-1].value == pytest.approx(1, abs=1e-6)
    assert all(f.value == pytest.approx(1, abs=1e-6) for f in common.outcomes["repelled"])  # all know how all see
    # attack pays B, as A sees it, until 5 - 8 s = 0; B's column is what A's best row turns on
    row = next(t for t in private.turns if t.what.startswith("A's best row"))
    assert (row.before, row.after) == ("mobilise", "hold")
    assert 2 / 7 <= row.s <= 5 / 8


def test_equal_perceptions_cost_nothing_and_both_readings_agree() -> None:
    equal = CHOICE.replace("cost * 0.4", "cost")
    found = perceptions(detente.loads(equal), draws=100, swept=50, steps=3)
    assert found.portraits["Moscow"].payoff.cost.value == pytest.approx(0, abs=1e-12)
    for name in ("gone", "stayed"):
        for reading in ("common", "private"):
            values = [f.value for f in found.sweeps[reading].outcomes[name]]
            assert values == pytest.approx([found.sweeps["common"].outcomes[name][0].value] * 3, abs=1e-12)
    assert found.portraits["Moscow"].beliefs[0].distance == pytest.approx(0, abs=1e-12)


def test_the_cost_of_one_choice_is_what_the_formula_says(choice: Perceptions) -> None:
    draws = detente.run(detente.loads(CHOICE), draws=300).draws
    cost, precision = draws.truth["cost"], draws.truth["rationality"]
    worth = 0.7 - cost
    seen, true = logit(precision * (0.7 - 0.4 * cost)), logit(precision * worth)
    payoff = choice.portraits["Moscow"].payoff
    assert payoff.real.value == pytest.approx((seen * worth).mean(), abs=1e-12)
    assert payoff.seeing.value == pytest.approx((true * worth).mean(), abs=1e-12)
    assert payoff.cost.value == pytest.approx(((true - seen) * worth).mean(), abs=1e-12)
    assert payoff.cost.value > 0.1
    assert payoff.best.value == pytest.approx((np.maximum(worth, 0) - seen * worth).mean(), abs=1e-12)
    assert payoff.hoped.value == pytest.approx((seen * (0.7 - 0.4 * cost)).mean(), abs=1e-12)


HIDDEN = """
title: An assessment
actors: {Moscow: goes or waits, Kiev: holds or yields}
quantities:
  cost: {value: 0.3 to 1.2, seen_by: {Moscow: cost * (0.3 to 0.9)}}
  trap: {value: 0.1 to 0.5, unit: probability, seen_by: {Kiev: trap * 0.5}}
  rationality: {value: 2 to 8, role: precision}
private:
  Kiev.resolve: {firm: 0.4, soft: otherwise}
stages:
  weather: {chance: {mud: trap, frost: otherwise}, hidden_from: [Moscow, Kiev]}
  posture: {actor: Moscow, moves: [invade, press]}
  answer: {actor: Kiev, moves: [hold, yield], hidden_from: Moscow}
  second: {actor: Moscow, moves: [invade, leave], when: posture is press}
outcomes:
  conceded: {when: answer is yield, at: end}
  war: {when: posture is invade or second is invade, at: end}
  peace: otherwise
payoffs:
  Moscow: {all: (0.9 - cost - (weather is mud)) * (outcome is war) + 0.5 * (outcome is conceded)}
  Kiev:
    war: -(0.3 if Kiev.resolve is firm else 1.0) * (outcome is war) * (weather is frost)
    loss: -0.5 * (outcome is conceded)
"""


@pytest.mark.parametrize("reading", ["common", "private"])
def test_who_sees_truly_and_foresees_rightly_loses_nothing_and_nobody_gains_by_error(reading: str) -> None:
    model = detente.loads(HIDDEN)
    found = perceptions(model, draws=60, swept=16, steps=2, perception=reading)
    for portrait in found.portraits.values():
        assert portrait.payoff.best.low >= -1e-9  # nothing beats the best response
        assert portrait.payoff.best.value >= portrait.payoff.cost.value - 1e-12
    plain = HIDDEN.replace(", seen_by: {Moscow: cost * (0.3 to 0.9)}", "").replace("seen_by: {Kiev: trap * 0.5}", "")
    alone = plain.replace("cost: {value: 0.3 to 1.2", "cost: {value: 0.3 to 1.2, seen_by: {Moscow: cost}")
    same = perceptions(detente.loads(alone), draws=60, swept=16, steps=2, perception=reading)
    for portrait in same.portraits.values():
        assert portrait.payoff.cost.value == pytest.approx(0, abs=1e-7)
        assert portrait.payoff.cost.high == pytest.approx(0, abs=1e-7)


def test_answering_oneself_is_a_fixed_point_and_infinite_precision_the_best_response() -> None:
    study = detente.run(detente.loads(HIDDEN.replace("seen_by: {Kiev: trap * 0.5}", "")
                                      .replace(", seen_by: {Moscow: cost * (0.3 to 0.9)}", "")), draws=40)  # fmt: skip
    batch = next(study.batches())
    for p in range(batch.tree.n_players):
        paid = batch.blueprint.terms(p, batch.draws, None).sum(axis=0)
        now = (batch.endings * paid[batch.tree.slot[batch.tree.terminals]]).sum(axis=0)
        np.testing.assert_allclose(answered(batch, p, paid, batch.game.precision[p]), now, atol=1e-7)
        best = answered(batch, p, paid, np.full(batch.n, np.inf))
        np.testing.assert_allclose(best - now, study.gain[p], atol=1e-9)  # the certifier finds the same


def test_with_a_default_answering_oneself_is_a_fixed_point_too() -> None:
    study = detente.run(detente.loads(HIDDEN.replace("seen_by: {Kiev: trap * 0.5}", "")
                                      .replace(", seen_by: {Moscow: cost * (0.3 to 0.9)}", "")), draws=10)  # fmt: skip
    batch = next(study.batches())
    game = with_default(batch.game, faint=1e-3)
    batch = replace(batch, made=game, behaviour=Quantal().solve(game).behaviour)
    for p in range(batch.tree.n_players):
        paid = batch.blueprint.terms(p, batch.draws, None).sum(axis=0)
        now = (batch.endings * paid[batch.tree.slot[batch.tree.terminals]]).sum(axis=0)
        np.testing.assert_allclose(answered(batch, p, paid, batch.game.precision[p]), now, atol=1e-7)


def test_what_moves_are_worth_is_what_why_says() -> None:
    study = detente.run(detente.loads(HIDDEN), draws=20, perception="private")
    batch = next(study.batches())
    for h, terms in term_values(batch, range(batch.tree.n_infosets)).items():
        (values,) = worth_of_moves(batch, int(batch.tree.owner[h]), [h])
        np.testing.assert_allclose(values, terms.sum(axis=1), atol=1e-12)


# ---------------------------------------------------------------------- what is expected

SAIL = """
title: A fleet
perception: private
actors: {Rome: provokes or not, London: sails if provoked}
quantities:
  gain: {value: 0.5, means: what provoking is worth to Rome, seen_by: {London: -0.5}}
  sailing: {value: 0.4}
stages:
  provoke: {actor: Rome, moves: [strike, wait]}
  fleet: {actor: London, moves: [sail, stay], when: provoke is strike}
outcomes: {fight: fleet is sail, taken: fleet is stay, calm: otherwise}
payoffs:
  Rome: {gain: gain * (provoke is strike)}
  London: {honour: sailing * (outcome is fight)}
"""


def test_moves_are_compared_when_they_are_asked_for() -> None:
    """At precision 5 Rome strikes in L(2.5) of histories, L(-2.5) in London's eyes; asked, London sails in L(2)."""
    found = perceptions(detente.loads(SAIL), draws=4, swept=16, steps=2).portraits["London"]
    moves = {e.what: (e.expected.value, e.real.value) for e in (*found.own, *found.others)}
    asked = {e.what: (e.owner, e.expected.value, e.real.value) for e in found.asked}
    assert asked["fleet"] == ("London", pytest.approx(logit(np.array(-2.5))), pytest.approx(logit(np.array(2.5))))
    assert asked["provoke"] == ("Rome", pytest.approx(1), pytest.approx(1))
    assert moves["fleet is sail"] == pytest.approx([float(logit(np.array(2.0)))] * 2)
    assert moves["provoke is strike"] == pytest.approx([float(logit(np.array(x))) for x in (-2.5, 2.5)])
    told = dict(surprises(found))
    assert "London: fleet is asked" in told
    assert not any("fleet is sail" in what for what in told)  # it does what it expects of itself


def test_what_an_actor_thinks_never_asked_is_told() -> None:
    found = perceptions(detente.loads(SAIL), draws=2, swept=16, steps=2, method="limit").portraits["London"]
    told = {what: (often(e.expected), often(e.real)) for what, e in surprises(found)}
    assert told["London: fleet is sail, when asked"] == ("never asked", "100%")
    assert told["London: fleet is asked"] == ("0%", "100%")


# ---------------------------------------------------------------------- what is asked about

TWO = """
title: Two decisions
actors: {A: decides twice}
quantities: {cost: {value: 0.4 to 1.2, means: what war costs A, seen_by: {A: cost * 0.5}}}
stages:
  colour: {actor: A, moves: [red, blue]}
  posture: {actor: A, moves: [attack, bluff, wait]}
outcomes: {war: {when: posture is attack, at: end}, crisis: {when: posture is bluff, at: end}, peace: otherwise}
payoffs:
  A: {war: (0.3 - cost) * (outcome is war), taste: -cost * 0.1 * (colour is red), bluff: -0.9 * (outcome is crisis)}
"""


@pytest.mark.parametrize(
    ("more", "move"),
    [("happened: {outcome: war}", "attack"), ("happened: {outcome: crisis}", "bluff"), ("", "attack")],
)
def test_what_must_be_believed_is_asked_of_the_move_that_the_question_hangs_on(more: str, move: str) -> None:
    """Without a question: the decision on which the forecast hangs, and the move there that misperception favours."""
    (need,) = perceptions(detente.loads(TWO + more), draws=8, swept=16, steps=2).needs
    assert (need.stage, need.move) == ("posture", move)


ALIKE = """
title: Two ways to go to war
answer: {asks: "P(posture in [raid, attack])", says: A goes to war}
actors: {A: decides}
quantities: {cost: {value: 0.3 to 0.6, means: what war costs A, seen_by: {A: 0.5 * cost}}}
stages: {posture: {actor: A, moves: [raid, attack, wait]}}
outcomes: {small: {when: posture is raid}, large: {when: posture is attack}, peace: otherwise}
payoffs: {A: {war: (0.3 - cost) * (outcome is large) - 0.4 * (outcome is small)}}
"""


def test_of_moves_that_answer_alike_the_one_that_a_misperception_makes_best_is_asked_about(tmp_path: Path) -> None:
    """Either move is the war that is asked about; the raid, which comes first, is never the best."""
    found = perceptions(detente.loads(ALIKE), draws=40, swept=16, steps=2)
    (need,) = found.needs
    assert (need.move, need.alike) == ("attack", ("posture is raid",))
    line = need.leading("common")
    assert line.found
    assert line.beliefs["cost"] == pytest.approx(0.3, abs=1e-6)
    for sweep in found.sweeps.values():
        for k, asked in enumerate(sweep.answer):
            assert asked.value == pytest.approx(sweep.outcomes["small"][k].value + sweep.outcomes["large"][k].value)
    path, page = tmp_path / "alike.yaml", tmp_path / "alike.html"
    path.write_text(ALIKE, encoding="utf-8")
    few = ["--draws", "40", "--sweep", "16", "--steps", "2", "--no-store"]
    told = CliRunner().invoke(app, ["perceptions", str(path), *few, "--report", str(page)], env={"COLUMNS": "400"})
    assert told.exit_code == 0, told.output
    seen, truly = (
        percent(found.sweeps["common"].answer[k].value, found.sweeps["common"].answer[k].error) for k in (1, 0)
    )
    for text in (told.stdout, page.read_text(encoding="utf-8")):
        assert f"A goes to war: {seen} with what A sees in this model, {truly} if all were seen as it is" in text
        assert "posture is attack to be the best first move of A (after the start), it must see cost at 0.3" in text
        assert "posture is raid would answer the question alike." in text


def test_what_is_already_the_best_move_is_said_to_be_so() -> None:
    """In the first of two periods an attack is worth nothing, in the last it pays whatever is seen."""
    text = """
title: Now or later
periods: 2
actors: {A: decides}
quantities: {cost: {value: 0.1 to 0.2, seen_by: {A: 0.5 * cost}}}
stages: {posture: {actor: A, moves: [attack, wait]}}
outcomes: {war: {when: posture is attack}, peace: otherwise}
payoffs: {A: {war: {each period: (posture is attack) * ((0.5 if period == 2 else -0.5) - cost)}}}
"""
    found = perceptions(detente.loads(text), draws=8, swept=16, steps=2, move="posture is attack")
    told = said(found.needs[0], "common")
    assert "no view that was examined is enough" in told
    assert "At the last such decision of A (after posture wait) it is already the best move when" in told
    assert "0.0%" not in told
    assert "0 prior" not in told
    assert [way_said(c) for c in found.needs[0].convictions["common"] if c.found and c.way == "line"] == [("", ALREADY)]


def test_nothing_needs_to_be_believed_where_the_move_is_the_best_at_the_truth(tmp_path: Path) -> None:
    text = TWO.replace("0.3 - cost", "1.6 - cost") + "happened: {outcome: war}\n"
    found = perceptions(detente.loads(text), draws=8, swept=16, steps=2)
    (need,) = found.needs
    assert need.needless("common")
    assert need.needless("private")
    assert said(need, "common").startswith("Nothing needs to be believed")
    assert "prior standard" not in said(need, "common")
    path, page = tmp_path / "two.yaml", tmp_path / "two.html"
    path.write_text(text, encoding="utf-8")
    arguments = ["perceptions", str(path), "--draws", "8", "--sweep", "16", "--steps", "2", "--report", str(page)]
    told = CliRunner().invoke(app, arguments)
    assert told.exit_code == 0, told.output
    assert "Nothing needs to be believed" in told.stdout
    assert "By decision" not in told.stdout
    assert "Nothing needs to be believed" in page.read_text(encoding="utf-8")
    assert 'id="need-A"' not in page.read_text(encoding="utf-8")
    assert found.says == {"cost": "what war costs A"}


# ---------------------------------------------------------------------- the sweep


def test_a_sweep_says_what_did_not_settle() -> None:
    game, few = detente.loads(BENNETT), {"draws": 4, "swept": 4, "steps": 2}
    assert perceptions(game, **few, method=Limit()).sweeps["private"].converged == 1
    assert perceptions(game, **few, method=Regret(iterations=1)).sweeps["private"].converged == 0.5


def test_the_sweep_follows_the_formula_and_turns_where_it_must(choice: Perceptions) -> None:
    draws = detente.run(detente.loads(CHOICE), draws=200).draws
    cost, precision = draws.truth["cost"], draws.truth["rationality"]
    for reading in ("common", "private"):
        sweep = choice.sweeps[reading]
        for k, s in enumerate(sweep.s):
            gone = logit(precision * (0.7 - cost * (1 - 0.6 * s)))
            assert sweep.outcomes["gone"][k].value == pytest.approx(gone.mean(), abs=1e-12)
            assert sweep.claims["goes"][k].value == pytest.approx((gone > 0.5).mean(), abs=1e-12)
            assert sweep.payoffs["Moscow"][k].value == pytest.approx((gone * (0.7 - cost)).mean(), abs=1e-12)
            ((_, best),) = sweep.best
            assert best[k] == pytest.approx((cost * (1 - 0.6 * s) <= 0.7).mean())
        exact = [t for t in sweep.turns if t.of == "median draw"]
        assert {(t.before, t.after) for t in exact} == {("stayed", "gone"), ("stay", "go")}
        assert [t.s for t in exact] == pytest.approx([0.5, 0.5], abs=1e-6)  # the median cost is 1: 1 - 0.6 s = 0.7
    assert choice.sweeps["common"].s == (0, 0.25, 0.5, 0.75, 1)


def test_turns_are_found_and_a_second_change_is_not_lost() -> None:
    def read(s: np.ndarray) -> dict[str, list[str]]:
        return {"x": ["a" if 0.3 <= v < 0.7 else "b" for v in s], "y": ["c"] * len(s)}

    found = turns(read, np.linspace(0, 1, 11))
    assert [(t.before, t.after) for t in found] == [("b", "a"), ("a", "b")]
    assert [t.s for t in found] == pytest.approx([0.3, 0.7], abs=1e-5)


def test_one_scale_of_prior_standard_deviations() -> None:
    """The median of this pert is 0.548; 2.0 was 1.82 standard deviations of the draws away, and 2.44 by its score."""
    model = decision(
        {"value": "pert(0.1, 0.2, 3.0)", "seen_by": {"A": 2.0}}, claims={"far": "x > 2 + 0 * P(outcome is gone)"}
    )

    def exact(x: float) -> float:
        return float(special.ndtri(special.betainc(1 + 4 * 0.1 / 2.9, 1 + 4 * 2.8 / 2.9, (x - 0.1) / 2.9)))

    score = exact(2.0)
    assert score == pytest.approx(2.44, abs=0.005)
    (turned,) = breaking(detente.run(model, draws=200))
    (alone,) = turned.singles
    assert (alone.change.value, alone.change.score) == pytest.approx((2.0, score), abs=1e-4)
    (tipped,) = [t for t in tip(model, "x", draws=20, low=0.2, high=2.5).tips if t.kind == "claim"]
    assert tipped.score == pytest.approx(score, abs=1e-6)
    found = perceptions(model, draws=200, swept=16, steps=2)
    assert found.needs[0].view_distance == pytest.approx(score, abs=1e-7)
    (belief,) = found.portraits["A"].beliefs
    assert belief.distance == pytest.approx(score - exact(belief.truth.value), abs=1e-7)


def test_what_is_held_impossible_is_infinitely_far_and_what_is_exact_has_no_distance() -> None:
    sources = Sources(Sampler(decision("pert(0.1, 0.2, 3.0)", quantities={"d": 2})))
    np.testing.assert_array_equal(sources.score("x", np.array([0.0, 3.5])), [-np.inf, np.inf])
    ends = np.array([-7.0, -2.0, 0.0, 2.0, 7.0])
    assert sources.score("x", sources.value("x", ends)) == pytest.approx(ends, abs=1e-7)
    assert np.isnan(sources.score("d", np.array([2.0, 3.0]))).all()
    assert sources.distance("d", 2.0, np.array([2.0, 3.0])) == pytest.approx([0.0, np.nan], nan_ok=True)
    model = decision({"value": "pert(-3, 0.1, 0.2)", "seen_by": {"A": 3.5}})  # to go, A must see 0.3
    need = perceptions(model, draws=64, swept=16, steps=2, move="move is go").needs[0]
    assert need.view_distance == np.inf
    words = said(need, "common")
    assert "it must see x at 0.3" in words
    assert (
        "what the analyst considers impossible, where the view of this model is one that the analyst considers imp"
        in words
    )
    assert "inf" not in words


def test_the_score_of_one_of_few_values_is_the_nearest_that_leads_there() -> None:
    model = decision(quantities={"c": {"value": {"choice": {0: 0.5, 1: 0.3, 2: 0.2}}}})
    found = Sources(Sampler(model)).score("c", np.array([-1, 0, 1, 1.5, 2, 3]))
    assert found == pytest.approx([-np.inf, 0, 0, 0.8416, 0.8416, np.inf], abs=0.006)


def test_solving_only_what_an_actor_believes_is_enough_for_its_best_moves() -> None:
    study = detente.run(detente.loads(HIDDEN), draws=20)
    middle = CentralDraw(study.blueprint, study.engine, study.draws.seed)
    seen = middle.along(["Moscow"], np.linspace(0, 1, 7))
    whole, own = (next(middle.solved("private", seen)), next(middle.imagined("Moscow", "private", seen)))
    sets = [h for h, info in enumerate(whole.batch.tree.infosets) if info.player == 0]
    for a, b in zip(worth_of_moves(whole.batch, 0, sets), worth_of_moves(own.batch, 0, sets), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-9)
    common = next(middle.imagined("Moscow", "common", seen))
    assert not np.allclose(worth_of_moves(common.batch, 0, sets)[0], worth_of_moves(own.batch, 0, sets)[0], atol=1e-6)


# ---------------------------------------------------------------------- questions that teach


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"actor": "Mosco"}, "did you mean 'Moscow'"),
        ({"move": "posture is gone"}, "did you mean 'go'"),
        ({"move": "postur is go"}, "did you mean 'posture'"),
        ({"move": "posture"}, "is not one move"),
        ({"move": "posture is ("}, "is not a move"),
        ({"steps": 1}, "at least 2"),
        ({"draws": 0}, "at least one"),
    ],
)
def test_bad_questions_are_answered(arguments: dict[str, object], told: str) -> None:
    with pytest.raises(detente.QuestionError, match=told.replace("(", r"\(")):
        perceptions(detente.loads(CHOICE), **{"draws": 20, **arguments})  # type: ignore[arg-type]


def test_where_nobody_errs_it_is_said_how_to_let_them() -> None:
    with pytest.raises(detente.QuestionError, match="seen_by"):
        perceptions(detente.loads(CHOICE.replace(", seen_by: {Moscow: cost * 0.4}", "")), draws=20)
    with pytest.raises(detente.QuestionError, match="B decides at column, and B sees every"):
        perceptions(detente.loads(BENNETT), draws=16, method="limit", move="column is attack")


# ---------------------------------------------------------------------- the command


def test_the_command_speaks_and_prints_json(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("models") / "choice.yaml"
    path.write_text(CHOICE)
    arguments = ["perceptions", str(path), "--draws", "40", "--sweep", "20", "--steps", "3"]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    for words in (
        "What Moscow believes",
        "What misperception costs",
        "From shared truth",
        "must believe",
        "best first move",
    ):
        assert words in result.stdout
    texts = [CliRunner().invoke(app, [*arguments, "--json", *more]).stdout for more in ([], ["--no-store"], [])]
    assert texts[0] == texts[1] == texts[2]
    answer = json.loads(texts[0])
    assert set(answer) == {
        "case", "draws", "seed", "perception", "converged", "interrupted", "portraits", "moved", "sweeps", "needs",
        "says", "references",
    }  # fmt: skip
    assert answer["needs"][0]["convictions"]["common"][0]["s"] == pytest.approx(0.5, abs=1e-6)
    assert CliRunner().invoke(app, ["perceptions", str(path), "Nobody"]).exit_code == 2


BLUFF = """
title: A type that is seen otherwise
actors: {A: asks, B: knows}
quantities: {strong: {value: PRIORVIEW, unit: probability}, care: {value: 3, role: precision}}
private: {B.kind: {prior: {tough: strong, soft: otherwise}}}
stages: {push: {actor: A, moves: [go, stay]}, meet: {actor: B, moves: [fight, give_in], when: push is go}}
outcomes: {war: {when: meet is fight}, gain: {when: meet is give_in}, calm: otherwise}
payoffs:
  A: {v: (outcome is gain) - (outcome is war)}
  B: {v: (1 if B.kind is tough else -1) * (outcome is war)}
"""


def test_a_view_bears_on_the_prior_of_another_actors_type() -> None:
    """An actor that takes a type for likelier than it is moves as it would if it were so likely; the type is not."""

    def pushed(prior: str, view: str = "") -> tuple[float, float]:
        study = detente.run(detente.loads(BLUFF.replace("PRIOR", prior).replace("VIEW", view)), draws=1)
        return float(study.ask("P(push is go)")[0]), float(study.ask("P(B.kind is tough)")[0])

    plain, seen, true = pushed("0.5"), pushed("0.5", ", seen_by: {A: 0.9}"), pushed("0.9")
    assert seen[0] == pytest.approx(true[0], abs=1e-9)
    assert seen[0] < plain[0] - 0.2
    assert (seen[1], plain[1]) == pytest.approx((0.5, 0.5), abs=1e-12)
    assert pushed("0.5", ", seen_by: {B: 0.9}")[0] == pytest.approx(plain[0], abs=1e-9)
