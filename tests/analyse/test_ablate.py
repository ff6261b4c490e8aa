"""Mechanisms switched off, against models written without them."""

from __future__ import annotations

import pytest

from detente import ModelError, QuestionError, compile_model, run
from detente.analyse.counterfactual.knockout import endings_after, indispensable
from detente.draws.knockout import knock_out
from detente.draws.variants import Variant
from detente.study.questions.ablate import ablate
from tests.analyse.crises import argument, decision

DRAWS = 60


def _off(mechanism: str, **more):
    (found,) = ablate(argument(**more), [mechanism], draws=DRAWS).mechanisms
    return found


def _after(found) -> dict[str, float]:
    return {name: d.after.value for name, d in found.effect.outcomes.items()}


def _written(**more) -> dict[str, float]:
    return {name: f.value for name, f in run(argument(**more), draws=DRAWS).outcomes.items()}


def test_a_term_switched_off_is_a_model_without_it() -> None:
    payoffs = {
        "A": {"war": "-blow * (factor if A.kind is soft else 1) * (outcome in [won, lost, accident])"},
        "B": {"loss": "-0.5 * (outcome is deal) - 1.0 * (outcome in [won, accident]) - anger * (outcome is stalemate)"},
    }
    found = _off("prize")
    assert _after(found) == pytest.approx(_written(payoffs=payoffs), abs=1e-12)
    assert found.off == ("term A.prize is worth nothing",)  # the quantity counts nowhere else
    assert found.kept == ()


def test_a_chance_stage_switched_off_is_passed_over() -> None:
    found = _off("trigger")
    assert "stage spark is passed over" in found.off
    assert _after(found)["accident"] == 0
    assert sum(_after(found).values()) == pytest.approx(1)


def test_a_stage_that_something_needs_is_kept_with_its_quantities_and_the_reason() -> None:
    found = _off("lottery")
    assert found.effect is None
    assert any("press is strike would lead to none of its endings (lost, won)" in reason for reason in found.kept)
    assert any("quantity odds: luck uses it and stays" in reason for reason in found.kept)


def test_a_move_switched_off_is_not_there() -> None:
    found = _off("talk")
    assert found.off == ("move yield of offer is taken out",)
    assert _after(found)["deal"] == 0


def test_a_result_switched_off_gives_its_probability_to_the_others() -> None:
    knocked = knock_out(Variant.of(argument()), "spin")
    blueprint = compile_model(knocked.variant.model)
    draws = knocked.variant.draw(DRAWS, 1)
    game = blueprint.game(draws)
    tree = blueprint.tree
    (node, *_) = [x for x in range(tree.n_nodes) if tree.tags[x] == "spark"]
    first = int(tree.chance_start[node])
    shares = {
        tree.labels[int(tree.first_child[node]) + k]: game.chance[tree.chance_row[first + k, 2]] for k in range(3)
    }
    hazard = draws.truth["hazard"]
    assert shares["war"] == pytest.approx(hazard / (hazard + 0.3))
    assert shares["slip"] == pytest.approx(0 * hazard)
    assert shares["war"] + shares["calm"] == pytest.approx(1 + 0 * hazard)


def test_a_state_switched_off_stays_as_it_starts_and_a_type_becomes_public() -> None:
    assert "state anger stays as it starts" in _off("rage").off
    fog = _off("fog")
    assert "type A.kind is known to all" in fog.off
    assert fog.kept == ("quantity lam: a precision has no neutral value",)


def test_a_factor_in_one_branch_is_neutral_at_the_other() -> None:
    assert _off("resolve").off == ("quantity factor is 1",)


def test_what_is_written_as_without_comes_first() -> None:
    quantities = argument().quantities
    wanted = {name: q if name != "factor" else q.model_copy(update={"without": 2.0}) for name, q in quantities.items()}
    model = argument().model_copy(update={"quantities": wanted})
    assert knock_out(Variant.of(model), "resolve").variant.fixed == {"factor": 2.0}
    luck = argument().stages["luck"].model_copy(update={"without": "holds"})
    model = argument().model_copy(update={"stages": {**argument().stages, "luck": luck}})
    (found,) = ablate(model, ["lottery"], draws=DRAWS).mechanisms
    assert "stage luck: always holds" in found.off
    assert _after(found)["won"] == 0
    assert found.lost == ("luck_needed",)


def test_a_quantity_that_is_neutral_in_two_ways_asks_for_a_word() -> None:
    payoffs = {"A": {"gain": "factor + (factor if A.kind is soft else 1) * (outcome is won)"}, "B": {"nothing": "0"}}
    assert any("write its `without:`" in reason for reason in _off("resolve", payoffs=payoffs).kept)


def test_a_game_that_could_only_end_in_one_way_keeps_its_stages() -> None:
    model = decision(
        mechanisms={"all": {}},
        stages={
            "move": {"actor": "A", "moves": ["go", "stay"], "mechanism": "all"},
            "idle": {"actor": "A", "moves": ["a", "b"]},
        },
        outcomes={"gone": "move is go", "still": "otherwise"},
    )
    (found,) = ablate(model, draws=DRAWS).mechanisms
    assert found.effect is None
    assert "could only end in still" in found.kept[0]


def test_endings_after_an_event() -> None:
    whole = compile_model(argument())
    assert endings_after(whole)["press", "strike"] == {"won", "lost"}
    assert indispensable(whole, whole, ["spark"]) == {}


def test_all_mechanisms_are_ranked_by_how_far_they_move_the_forecast() -> None:
    found = ablate(argument(), draws=DRAWS)
    assert {a.mechanism for a in found.mechanisms} == set(argument().mechanisms)
    shifts = [a.shift for a in found.mechanisms if a.effect is not None]
    assert shifts == sorted(shifts, reverse=True)
    assert found.converged == 1


def test_bad_questions_are_told() -> None:
    with pytest.raises(QuestionError, match="did you mean 'prize'"):
        ablate(argument(), ["price"], draws=DRAWS)
    with pytest.raises(QuestionError, match="declares no mechanisms"):
        ablate(decision(), draws=DRAWS)


def test_a_stage_without_must_name_one_of_its_results() -> None:
    stages = {"move": {"actor": "A", "moves": ["go", "stay"], "without": "sty"}}
    with pytest.raises(ModelError, match="did you mean 'stay'"):
        decision(stages=stages)
