"""Mechanisms switched off, against models written without them."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from detente import ModelError, QuestionError, compile_model, define, load, loads, run
from detente.analyse.counterfactual.knockout import BothWays, endings_after, indispensable
from detente.draws.knockout import knock_out
from detente.draws.variants import Change, Variant, vary
from detente.model.schema import Model
from detente.present.cli.app import app
from detente.study.questions.ablate import ablate
from tests.analyse.crises import argument, decision
from tests.cases.editions import FIRST_EDITION, FIRST_KREMLIN
from tests.study.structures import CRISIS

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
    assert any("press is strike would lead to none of its outcomes (lost, won)" in reason for reason in found.kept)
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


def test_a_stage_of_a_rival_structure_alone_is_kept_with_its_quantities() -> None:
    """Where the structure is absent nothing is kept: the stage is not there."""
    model = decision(
        mechanisms={"reply": {}},
        quantities={"odds": {"value": 0.5, "unit": "probability", "mechanism": "reply"}},
        stages={"move": {"actor": "A", "moves": ["go", "stay"]}},
        outcomes={"gone": "move is go", "still": "otherwise"},
        structures={
            "small": {
                "weight": 0.5,
                "changes": {
                    "stages": {
                        "move": {"moves": {"jab": "strike once"}},
                        "luck": {
                            "chance": {"hit": "odds", "miss": "otherwise"},
                            "when": "move is jab",
                            "mechanism": "reply",
                        },
                    },
                    "outcomes": {"taken": {"when": "luck is hit"}, "missed": {"when": "luck is miss"}},
                },
            }
        },
    )
    (found,) = ablate(model, draws=DRAWS).mechanisms
    assert found.effect is None
    assert any(
        "stage luck: without it move is jab would lead to none of its outcomes" in reason for reason in found.kept
    )


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


# ---------------------------------------------------------------------- perceptions


def _misread(seen: object, mechanism: str = "", **cost: object) -> Model:
    """A attacks because it underrates what war costs it; to see truly is to keep the peace more often."""
    cost = {"value": "0.6 to 0.9", "unit": "stake", "seen_by": {"A": seen}, **cost}
    return define(
        title="A underrates war",
        actors={"A": "attacker", "B": "defender"},
        mechanisms={"misreading": "A underrates the cost of war", "hunger": "A is in trouble at home"},
        quantities={"cost": cost | ({"mechanism": mechanism} if mechanism else {}), "trouble": "0.1 to 0.3"},
        stages={
            "go": {"actor": "A", "moves": ["attack", "wait"], "mechanism": "hunger"},
            "reply": {"actor": "B", "moves": ["fight", "yield"], "when": "go is attack"},
        },
        outcomes={"war": "reply is fight", "conceded": "reply is yield", "peace": "otherwise"},
        payoffs={
            "A": {
                "prize": "1.0 * (outcome is conceded)",
                "war": "-cost * (outcome is war)",
                "home": {"value": "-trouble * (outcome is peace)", "mechanism": "hunger"},
            },
            "B": {"land": "-1.0 * (outcome is conceded) - 0.7 * (outcome is war)"},
        },
    )


LONG = {"value": "cost * 0.3", "mechanism": "misreading", "source": "diary", "because": "it said so", "means": "rosy"}


@pytest.mark.parametrize(
    ("seen", "mechanism"),
    [(LONG, ""), ("cost * 0.3", "misreading"), (LONG, "misreading"), ({"mixture": {"cost * 0.3": 1.0}}, "misreading")],
)
def test_a_misperception_switched_off_is_to_see_truly(seen: object, mechanism: str) -> None:
    model = _misread(seen, mechanism)
    cost = model.quantities["cost"].model_copy(update={"seen_by": {}})
    truly = run(model.model_copy(update={"quantities": {**model.quantities, "cost": cost}}), draws=DRAWS)
    (found,) = ablate(model, ["misreading"], draws=DRAWS).mechanisms
    assert "perception of cost by A: A sees it as it is" in found.off
    assert not any(off.startswith("quantity cost") for off in found.off)
    assert _after(found) == pytest.approx({name: f.value for name, f in truly.outcomes.items()}, abs=1e-12)
    assert found.effect.outcomes["peace"].effect.value > 0.3


def test_a_tag_on_a_misperceived_quantity_says_how_it_was_taken() -> None:
    (found,) = ablate(_misread("cost * 0.3", "misreading"), ["misreading"], draws=DRAWS).mechanisms
    assert any("quantity cost: A sees it otherwise than it is" in kept for kept in found.kept)
    (found,) = ablate(_misread(LONG), ["misreading"], draws=DRAWS).mechanisms
    assert found.kept == ()


def test_a_quantity_that_is_switched_off_is_off_in_everybodys_eyes() -> None:
    for more in ({"without": 0.5}, {}):
        view = {"value": "cost + 0.4", "mechanism": "" if more else "hunger"}
        knocked = knock_out(Variant.of(_misread(view, "misreading", **more)), "misreading")
        draws = knocked.variant.draw(3, 1)
        assert draws.seen_by("A")["cost"].tolist() == draws.truth["cost"].tolist() == [more.get("without", 0.0)] * 3


def test_of_several_perceptions_those_of_the_mechanism_go() -> None:
    both = {"A": "cost * 0.3", "B": {"value": "cost * 2", "mechanism": "hunger"}}
    knocked = knock_out(Variant.of(_misread("cost", "misreading", seen_by=both)), "misreading")
    assert knocked.off == ("perception of cost by A: A sees it as it is",)
    (kept,) = knocked.kept
    assert kept.startswith("quantity cost: A sees it otherwise than it is")
    draws = knocked.variant.draw(3, 1)
    assert draws.seen_by("A")["cost"].tolist() == draws.truth["cost"].tolist()
    assert draws.seen_by("B")["cost"].tolist() == (2 * draws.truth["cost"]).tolist()


def test_a_perception_of_its_own_is_no_part_of_the_mechanism_of_its_quantity() -> None:
    knocked = knock_out(
        Variant.of(_misread({"value": "cost + 0.4", "mechanism": "hunger"}, "misreading")), "misreading"
    )
    assert knocked.off == ("quantity cost is 0",)


def test_what_was_set_in_the_eyes_of_an_actor_goes_with_its_perception() -> None:
    variant = Variant.of(_misread(LONG))
    for change in ("set cost seen by A=0.1", "shift cost seen by A=+0.1"):
        knocked = knock_out(vary(variant, Change.of(change)), "misreading")
        draws = knocked.variant.draw(3, 1)
        assert draws.seen_by("A")["cost"].tolist() == draws.truth["cost"].tolist()


def test_the_only_first_decision_stays_and_the_rest_of_its_mechanism_goes() -> None:
    (found,) = ablate(_misread("cost"), ["hunger"], draws=DRAWS).mechanisms
    assert found.effect is not None
    assert found.off == ("term A.home is worth nothing",)
    assert found.kept == ("stage go: without it nobody ever decides anything in this model",)
    assert found.effect.outcomes["peace"].effect.value > 0


def test_the_long_form_of_a_perception_is_checked_and_extended() -> None:
    with pytest.raises(ModelError, match="did you mean 'misreading'"):
        _misread({**LONG, "mechanism": "misredaing"})
    with pytest.raises(ModelError, match="did you mean 'cost'"):
        _misread({**LONG, "value": "cots * 2"})


# ---------------------------------------------------------------------- brakes and engines


def _torn(gain: str = "x * (move is go)", rest: str = "0.3 * (move is stay)", **more: object) -> BothWays | None:
    """`go` at a gain, `stay` at a rest; both terms, and the quantity x, are tagged with one mechanism."""
    payoffs = {"A": {"gain": {"value": gain, **more}, "rest": {"value": rest, **more}}}
    x = {"value": "uniform(0.2, 0.6)", "mechanism": "m"}
    (found,) = ablate(decision(x, mechanisms={"m": "mixed"}, payoffs=payoffs), draws=DRAWS).mechanisms
    return found.both_ways


def test_terms_of_one_mechanism_that_push_in_opposite_directions_are_told() -> None:
    found = _torn(mechanism="m")
    assert found is not None
    assert found.of in ("gone", "still")
    up, down = ("term A.gain", "term A.rest") if found.of == "gone" else ("term A.rest", "term A.gain")
    assert [part.part for part in found.engines] == [up]
    assert [part.part for part in found.brakes] == [down]
    assert found.engines[0].effect.value < 0 < found.brakes[0].effect.value


def test_a_quantity_that_is_brake_and_engine_is_told_use_by_use() -> None:
    found = _torn(gain="x * (move is go)", rest="0.8 * x * (move is stay)")
    assert found is not None
    told = {part.part for part in (*found.engines, *found.brakes)}
    assert told == {"quantity x in term A.gain", "quantity x in term A.rest"}
    (gain,) = (p for p in (*found.engines, *found.brakes) if p.part.endswith("gain"))
    draws = np.random.default_rng(0).uniform(0.2, 0.6, 100_000)
    went = 1 / (1 + np.exp(-4 * (draws - 0.8 * draws)))
    without_gain = 1 / (1 + np.exp(-4 * (0 - 0.8 * draws)))
    sign = 1 if found.of == "gone" else -1
    assert gain.effect.value == pytest.approx(sign * (without_gain - went).mean(), abs=0.03)


def test_a_mechanism_whose_parts_push_one_way_is_not_told_to_be_torn() -> None:
    assert _torn(gain="(x + 0.1) * (move is go)", rest="-x * (move is stay)") is None
    assert _torn() is None


def test_the_brake_and_the_engine_of_the_flagship_are_apart() -> None:
    model = load(FIRST_EDITION)
    (order,) = ablate(model, ["order"], draws=40).mechanisms
    assert order.both_ways is None
    tagged = {
        name: q.model_copy(update={"mechanism": "order"} if q.mechanism == "essay" else {})
        for name, q in model.quantities.items()
    }
    (mixed,) = ablate(model.model_copy(update={"quantities": tagged}), ["order"], draws=40).mechanisms
    assert mixed.both_ways is not None
    assert {p.part for p in mixed.both_ways.engines} <= {"quantity set_on_subjugation", "quantity obsession"}
    assert "term Russia.order" in [p.part for p in mixed.both_ways.brakes]


def test_without_its_misreading_the_kremlins_case_is_the_flagship() -> None:
    (found,) = ablate(FIRST_KREMLIN, ["misreading"], draws=20).mechanisms
    assert _after(found) == pytest.approx({n: f.value for n, f in run(FIRST_EDITION, draws=20).outcomes.items()})


def test_brake_and_engine_are_warned_of_on_the_terminal_and_on_the_page(tmp_path: Path) -> None:
    file = tmp_path / "torn.yaml"
    file.write_text(
        "detente: 1\ntitle: torn\nactors: {A: decides}\nmechanisms: {m: mixed}\n"
        "quantities: {x: {value: 0.2 to 0.6, mechanism: m}}\nstages: {move: {actor: A, moves: [go, stay]}}\n"
        "outcomes: {gone: move is go, still: otherwise}\n"
        "payoffs: {A: {gain: x * (move is go), rest: 0.8 * x * (move is stay)}}\n",
        encoding="utf-8",
    )
    page = tmp_path / "page.html"
    told = CliRunner().invoke(app, ["ablate", str(file), "--draws", "40", "--report", str(page), "--no-store"])
    assert told.exit_code == 0, told.output
    for text in (told.output, page.read_text(encoding="utf-8")):
        assert "oth a brake and an engine of" in text
        assert "quantity x in term A’s gain" in " ".join(re.sub(r"</?a\b[^>]*>", "", text).split())


def test_the_answer_without_each_mechanism_is_told_first(tmp_path: Path) -> None:
    file = tmp_path / "asking.yaml"
    file.write_text(
        "detente: 1\ntitle: asking\nanswer: {asks: P(move is go or luck is bad), says: something happens}\n"
        "actors: {A: decides}\nmechanisms: {pull: the prize pulls, turn: luck may turn}\n"
        "quantities: {x: {value: 0.4 to 0.8, mechanism: pull}, odds: {value: 0.1 to 0.3, unit: probability}}\n"
        "stages:\n  move: {actor: A, moves: [go, stay]}\n"
        "  luck: {chance: {bad: odds, good: otherwise}, when: move is stay, mechanism: turn, without: good}\n"
        "outcomes: {gone: move is go, harm: luck is bad, still: otherwise}\n"
        "payoffs: {A: {gain: x * (move is go)}}\n"
        "claims: {often: {says: it goes, holds: P(move is go) > 0.6}}\n",
        encoding="utf-8",
    )
    by_name = {a.mechanism: a.effect for a in ablate(load(file), draws=40).mechanisms}
    pull, luck = by_name["pull"], by_name["turn"]
    assert pull is not None
    assert luck is not None
    assert pull.answer is not None
    assert luck.answer is not None
    assert luck.answer.after.value == pytest.approx(luck.outcomes["gone"].after.value, abs=1e-12)
    assert pull.answer.after.value == pytest.approx(1 - pull.outcomes["still"].after.value, abs=1e-12)
    page = tmp_path / "page.html"
    told = CliRunner().invoke(app, ["ablate", str(file), "--draws", "40", "--report", str(page), "--no-store"])
    assert told.exit_code == 0, told.output
    assert told.output.index("something happens: ") < told.output.index("pull off") < told.output.index("the answer: ")
    assert "often (holds → fails)" in told.output
    assert "at least 100%" not in told.output
    said = page.read_text(encoding="utf-8").partition("The answer</h2>")[2]
    assert said.index("something happens") < said.index("What does the work") < said.index(">the answer<")


def test_a_quantity_is_torn_apart_though_a_structure_brings_one_of_its_places() -> None:
    model = define(
        actors={"A": "may strike"},
        mechanisms={"price": {"says": "striking has a price"}},
        quantities={"cost": {"value": 0.4, "mechanism": "price"}},
        stages={"act": {"actor": "A", "moves": ["strike", "wait"]}},
        outcomes={"struck": {"when": "act is strike"}, "quiet": "otherwise"},
        payoffs={"A": {"toll": "-cost * (outcome is struck)"}},
        structures={
            "dear": {"weight": 1 / 2, "changes": {"payoffs": {"A": {"more": "-cost * (outcome is struck)"}}}}
        },
        title="a price", answer={"asks": "P(outcome is struck)"},
    )  # fmt: skip
    (found,) = ablate(model, ["price"], draws=200).mechanisms
    assert _after(found)["struck"] == pytest.approx(0.5, abs=1e-9)  # either move is as good, in both structures


def test_a_rival_structure_of_a_mechanism_is_listed_as_kept() -> None:
    """It is drawn, present or not: nothing of it changes where its mechanism is switched off."""
    changes = "{payoffs: {A: {prize: prize * (outcome is gain)}}}"
    more = f"structures: {{ladder: {{weight: 0.5, mechanism: ruin, changes: {changes}}}}}\n"
    model = loads(CRISIS + more)
    knocked = knock_out(Variant.of(model), "ruin")
    assert knocked.kept == (
        "structure ladder: it is present or not, as drawn; `--without ladder` asks about the crisis without it",
    )
    draws = knocked.variant.draw(200, 1)
    assert np.array_equal(draws.truth["ladder"], Variant.of(model).draw(200, 1).truth["ladder"])
    (found,) = ablate(model, ["ruin"], draws=20).mechanisms
    assert found.kept == knocked.kept
    assert "quantity cost is 0" in found.off
    alone = loads(CRISIS.replace("mechanism: ruin}", "means: x}") + more)
    assert knock_out(Variant.of(alone), "ruin").off == ()
    assert knock_out(Variant.of(alone), "ruin").kept == knocked.kept
