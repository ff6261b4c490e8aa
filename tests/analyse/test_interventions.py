"""Questions about what is forced, `P(event | do(stage is move))`: paired draws, and every door."""

from __future__ import annotations

import numpy as np
import pytest

import detente
from detente import Model, QuestionError, define, run
from detente.analyse.forecast.claims import Question
from detente.draws.sampler import Sampler
from detente.engine.engine import Engine
from detente.engine.store.store import Store
from detente.game.compile import compile_model
from detente.game.interventions import under
from detente.game.tree import forgetful
from detente.language.expressions import ExpressionError
from detente.language.parsing import parse
from detente.model.ask import read_question
from detente.study.checking import check as check_case
from detente.study.questions.breaking import breaking
from detente.study.questions.learn import learn
from detente.study.questions.statics import statics
from detente.study.questions.tip import tip
from detente.study.questions.what_if import what_if
from tests.analyse.test_local import compare

DRAWS = 40
STAGES = {
    "order": {"actor": "A", "moves": ["sink", "refrain"]},
    "luck": {"chance": {"good": "luck_p", "bad": "otherwise"}},
    "reply": {"actor": "B", "moves": ["offer", "stand"]},
    "talk": {"actor": "A", "moves": ["sign", "fight"], "when": "reply is offer"},
}
TALKS = "P(settlement | do(order is sink))"


def sinking(**more: object) -> Model:
    """A may sink the talks' ship, mostly when it is angry; luck and B's answer decide whether they settle."""
    parts: dict[str, object] = {
        "title": "The order to sink",
        "actors": {"A": "orders", "B": "answers"},
        "quantities": {
            "lam": {"value": "4 to 8", "role": "precision"},
            "pride": {"value": "0.05 to 0.3", "seen_by": {"A": "pride * (0.3 to 0.9)"}},
            "luck_p": {"value": "0.3 to 0.6", "unit": "probability"},
        },
        "private": {"A.mood": {"calm": 0.5, "angry": "otherwise"}},
        "stages": STAGES,
        "outcomes": {"settlement": "talk is sign", "war": "talk is fight or reply is stand"},
        "payoffs": {
            "A": {
                "anger": "(A.mood is angry) * (0.9 * (outcome is war) + 0.5 * (order is sink))",
                "calm": "-0.5 * (A.mood is calm) * (order is sink)",
                "peace": "0.7 * (outcome is settlement)",
            },
            "B": {
                "pride": "-pride * (outcome is settlement and order is sink)",
                "peace": "(0.3 + 0.3 * (luck is good)) * (outcome is settlement)",
                "insult": "-0.3 * (talk is fight)",
            },
        },
        "claims": {
            "selected": "P(settlement given order is refrain) > P(settlement given order is sink) + 0.15",
            "caused": f"P(settlement | do(order is refrain)) > {TALKS} + 0.15",
            "lucky": "P(settlement | do(luck is good)) > P(settlement | do(luck is bad)) + 0.01",
        },
    }
    return define("sinking", **{**parts, **more})


@pytest.mark.parametrize("perception", ["common", "private"])
@pytest.mark.parametrize("made", ["order is sink", "luck is bad", "reply is offer"])
def test_do_is_the_game_in_which_the_move_is_forced(made: str, perception: str) -> None:
    model = sinking()
    study = run(model, draws=DRAWS, perception=perception)
    found = study.ask(f"P(settlement | do({made}))")
    forced = what_if(model, [f"force {made.replace(' is ', '=')}"], draws=DRAWS, perception=perception).whole
    after = forced.outcomes["settlement"].after
    assert (found.mean(), np.quantile(found, 0.05)) == pytest.approx((after.value, after.low), abs=1e-12)
    assert study.ask(f"P({made} | do({made}))") == pytest.approx(1, abs=1e-15)


def test_several_interventions_and_what_is_given_beside_them() -> None:
    model = sinking()
    study = run(model, draws=DRAWS)
    both = what_if(model, ["force order=sink", "force luck=good"], draws=DRAWS).whole.outcomes["settlement"].after
    assert study.ask("P(settlement | do(luck is good, order is sink))").mean() == pytest.approx(both.value, abs=1e-12)
    angry, calm = (study.ask(f"P(settlement given A.mood is {m} | do(order is sink))") for m in ("angry", "calm"))
    assert study.ask(TALKS) == pytest.approx((angry + calm) / 2, abs=1e-12), "what is forced tells nothing of types"
    assert (study.ask("P(A.mood is angry given order is sink)") > 0.6).all()
    worth = study.ask("E(B | do(order is sink))")
    parts = study.ask(
        "E(B.pride | do(order is sink)) + E(B.peace | do(order is sink)) + E(B.insult | do(order is sink))"
    )
    assert worth == pytest.approx(parts, abs=1e-12)
    assert study.ask("U(B, settlement | do(order is sink))").shape == (DRAWS,)


def test_conditioning_holds_by_selection_where_forcing_changes_little() -> None:
    study = run(sinking(), draws=DRAWS)
    assert study.claims["selected"].share.value == 1
    assert study.claims["caused"].share.value == 0
    assert study.claims["lucky"].share.value == 1


def test_an_intervention_is_solved_once_for_all_claims_and_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    same = {f"c{k}": f"P(settlement | do(order is sink)) > 0.{k}" for k in range(1, 6)}
    model, solved = sinking(claims=same), []
    solve = Engine.solve_batch
    monkeypatch.setattr(Engine, "solve_batch", lambda *given: solved.append(given[-1]) or solve(*given))
    first = run(model, draws=DRAWS, store=Store())
    assert solved == [{}, {"order": "sink"}]
    again = run(model, draws=DRAWS, store=Store())
    assert [again.claim_draws(c).tolist() for c in same] == [first.claim_draws(c).tolist() for c in same]
    asked = again.ask(f"{TALKS} - P(settlement)")
    assert len(solved) == 2, "also another question about the same intervention is read from the store"
    assert asked == pytest.approx(run(model, draws=DRAWS).ask(f"{TALKS} - P(settlement)"), abs=0)


def test_numbers_depend_on_neither_batches_nor_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = run(sinking(), draws=DRAWS).ask(TALKS)
    monkeypatch.setattr(Engine, "batch_size", lambda *_: 16)
    assert run(sinking(), draws=DRAWS).ask(TALKS) == pytest.approx(whole, abs=1e-13)


def test_a_draw_in_which_the_intervention_was_not_solved_is_not_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    from detente.engine import engine

    real = engine.converged
    monkeypatch.setattr(engine, "converged", lambda solved: real(solved) & (np.arange(solved.batch.n) % 4 != 1))
    verdict = run(sinking(), draws=DRAWS).claims["caused"]
    assert (verdict.unjudged, verdict.share.draws) == (DRAWS // 4, DRAWS - DRAWS // 4)


def test_what_is_given_cannot_happen_in_some_draw() -> None:
    move = {"sign": {"when": "luck_p > 0.4"}, "fight": {}}
    talk = {"actor": "A", "moves": move, "when": "reply is offer"}
    model = sinking(stages={**STAGES, "talk": talk}, claims={})
    study = run(model, draws=DRAWS)
    found = study.ask("P(order is sink given talk is sign | do(reply is offer))")
    assert (np.isnan(found) == (study.draws.truth["luck_p"] <= 0.4)).all()


def test_the_move_is_forced_in_every_period_wherever_it_is_there() -> None:
    model = define(
        "twice",
        title="Twice", periods=3, actors={"A": "", "B": ""},
        stages={
            "go": {"actor": "A", "moves": {"stay": {}, "leave": {"when": "period > 1"}}},
            "see": {"actor": "B", "moves": ["x", "y"]},
        },
        outcomes={"end": "otherwise"}, payoffs={"A": {"a": "0.1 * (go is stay)"}, "B": {"b": "0"}},
    )  # fmt: skip
    study = run(model, draws=2)
    assert study.ask("P(count(go is leave) == 2 | do(go is leave))") == pytest.approx(1)
    assert study.ask("P(count(go is stay) == 3 | do(go is stay))") == pytest.approx(1)


@pytest.mark.parametrize("perception", ["common", "private"])
def test_slopes_go_through_the_game_that_is_forced(perception: str) -> None:
    asked = [f"{TALKS} - P(settlement)", "E(A.peace given A.mood is calm | do(luck is bad, reply is offer))"]
    compare(
        sinking(claims={"c": "P(settlement | do(order is refrain)) > 2 * P(war | do(luck is good))"}), asked, perception
    )


def test_a_breaking_point_turns_the_claim_about_what_is_forced() -> None:
    claim = "P(settlement | do(order is refrain)) > P(settlement | do(order is sink)) + 0.02"
    model = sinking(claims={"c": claim})
    (found,) = breaking(run(model, draws=DRAWS))
    assert found.holds is not None
    moved = {c.name.partition("#")[0]: c.value for c in found.changes if " seen by " not in c.name}
    there = run(sinking(claims={"c": claim}), set={k: float(v) for k, v in moved.items()}, draws=2)
    difference = there.ask("P(settlement | do(order is refrain)) - P(settlement | do(order is sink)) - 0.02")
    assert difference == pytest.approx(0, abs=2e-3)


def test_statics_and_tipping_points_ask_it_as_well() -> None:
    static = {"s": {"raise": "pride", "then": f"{TALKS} falls"}}
    (found,) = statics(sinking(statics=static), draws=DRAWS)
    assert found.holds
    assert found.effect.value < -0.01
    along = tip(sinking(claims={"c": f"{TALKS} > 0.35"}), "pride", draws=10, points=3)
    ends = [
        run(sinking(claims={"c": f"{TALKS} > 0.35"}), set={"pride": x}, draws=10).claims["c"].share.value
        for x in along.grid[[0, -1]]
    ]
    assert [float(along.claims["c"][k].value) for k in (0, -1)] == ends


def test_what_is_worth_knowing_is_what_is_worth_knowing_in_the_forced_game() -> None:
    never = {**STAGES, "order": {"actor": "A", "moves": {"sink": "", "refrain": {"when": "0 > 1"}}}}
    model = sinking(claims={})
    forced = learn(run(sinking(stages=never, claims={}), draws=120), of="settlement")
    asked = learn(run(model, draws=120), of=TALKS)
    found = [{thing.name: thing.brier.value for thing in answer.things} for answer in (forced, asked)]
    assert found[0]["A.mood"] > 0.01
    assert found[0] == pytest.approx(found[1], abs=1e-9)


@pytest.mark.parametrize(
    ("given", "do", "never"),
    [
        ("talk is sign", "reply is stand", True),  # the stage that would have to be played is passed over
        ("settlement and luck is bad", "reply is stand", True),
        ("talk is sign", "reply is offer", False),
        ("order is sink", "order is sink", False),
        ("not (luck is good)", "luck is good", True),
        ("pride > 0.1", "reply is stand", False),  # as the draw has it
    ],
)
def test_check_tells_what_cannot_be_given_where_a_move_is_forced(given: str, do: str, never: bool) -> None:
    checked = check_case(sinking(claims={"c": f"P(order is sink given {given} | do({do})) > 0.5"}))
    assert checked.good != never
    assert [p.message for p in checked.problems if not p.warning] == [
        f"what is given, `{given}`, cannot happen under do({do})"
    ] * never


def test_an_outcome_may_stand_by_its_bare_name() -> None:
    study = run(sinking(), draws=DRAWS)
    bare = study.ask("P(settlement or war given not settlement) + E(2 * settlement)")
    full = study.ask(
        "P(outcome in [settlement, war] given not (outcome is settlement)) + E(2 * (outcome is settlement))"
    )
    assert bare.tolist() == full.tolist()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("P(settlement | do(oder is sink))", "there is no stage 'oder'.*did you mean 'order'"),
        ("P(settlement | do(order is sing))", "no move or result 'sing'.*did you mean 'sink'"),
        ("P(settlement | do(sink is order))", "no stage 'sink'.*write `do\\(order is sink\\)`"),
        ("P(settlement | do(A.mood is calm))", "private type.*condition on it: `P\\(event given A.mood is calm\\)`"),
        ("P(settlement | do(outcome is war))", "follows from what is done"),
        ("P(settlement | do(pride is 3))", "is a number, and do"),
        ("P(settlement | do(order is sink, order is refrain))", "forced twice"),
        ("P(settlement given order is refrain | do(order is sink))", "`order is refrain`, cannot happen under do"),
        ("P(settlement given ever(luck is bad) and A.mood is calm | do(luck is good))", "`luck is bad`, cannot happen"),
        ("P(settlement | do(order is sink and luck is good))", "forces one move.*with commas"),
        ("P(settlement given do(order is sink))", "belongs at the end of P.*write `P\\(event \\| do\\("),
        ("do(order is sink) > 0.5", "belongs at the end of P"),
        ("P(settlement | do(order is sink), luck is good)", "after do.*what is given before it"),
        ("P(settlement | order is sink)", "has no meaning here.*write `given`"),
    ],
)  # fmt: skip
def test_mistakes_are_told_with_what_to_write(text: str, said: str) -> None:
    with pytest.raises(QuestionError, match=f"(?s){said}"):
        read_question(sinking(), text)


def test_a_name_that_is_not_only_an_outcome_is_asked_for_in_full() -> None:
    outcomes = {"sink": "order is sink", "rest": "otherwise"}
    with pytest.raises(QuestionError, match=r"(?s)write `outcome is sink`, or `order is sink`"):
        read_question(sinking(outcomes=outcomes, claims={}, payoffs={"A": {"a": "0"}, "B": {"b": "0"}}), "P(sink)")


def test_do_is_no_part_of_the_game_itself() -> None:
    with pytest.raises(ExpressionError, match="belongs at the end of P"):
        parse("0.5 * do(order is sink)")
    with pytest.raises(detente.ModelError, match="cannot be used in a payoff"):
        sinking(payoffs={"A": {"a": TALKS}, "B": {"b": "0"}})


def test_what_no_play_comes_to_is_not_in_the_tree_of_an_intervention() -> None:
    blueprint = compile_model(sinking())
    tree = blueprint.tree
    done = under(blueprint, (("luck", "good"), ("order", "sink")))
    assert done is under(blueprint, (("luck", "good"), ("order", "sink")))
    assert done.tape is blueprint.tape
    labels = set(done.tree.labels)
    assert {"sink", "good"} <= labels
    assert not {"refrain", "bad"} & labels
    assert done.left is not None
    assert len(done.left.terminals) == len(done.tree.terminals) == len(tree.terminals) // 4
    for here, there in zip(done.tree.terminals.tolist(), done.left.terminals.tolist(), strict=True):
        assert done.tree.tags[here] == tree.tags[int(tree.terminals[there])]  # the same play
    moves = [(info.name, label) for info in done.tree.infosets for label in info.actions]
    whole = [(info.name, label) for info in tree.infosets for label in info.actions]
    assert moves == [whole[a] for a in done.left.actions.tolist()]
    assert forgetful(done.tree) == []


ASKED = [
    "P(settlement)", "E(A given talk is sign)", "U(B given luck is bad)", "P(A.mood is angry given reply is offer)",
    "E(B.insult given luck is good)",
]  # fmt: skip


@pytest.mark.parametrize("perception", ["common", "private"])
@pytest.mark.parametrize("do", [(("order", "sink"),), (("order", "refrain"), ("reply", "offer"))])
@pytest.mark.parametrize("structures", [False, True])
def test_what_is_left_is_read_as_the_whole_with_the_moves_forced(
    perception: str, do: tuple[tuple[str, str], ...], structures: bool
) -> None:
    changes = {"stages": {"talk": {"moves": {"leave": "walk out"}}}, "outcomes": {"gone": {"when": "talk is leave"}}}
    rival = {"structures": {"third": {"weight": 0.5, "means": "A can walk out", "changes": changes}}}
    model = sinking(**(rival if structures else {}))
    blueprint, draws = compile_model(model), Sampler(model).draw(60, 3)
    engine = Engine(perception=perception)
    whole = engine.solve_batch(blueprint, draws, dict(do)).batch
    left = engine.worlds(blueprint, draws, {}, (0, draws.n))(do)
    assert left.converged.all()
    assert left.batch.tree.n_nodes < blueprint.tree.n_nodes
    free = engine.solve_batch(blueprint, draws, {}).batch
    for text in ASKED:
        event = text[:-1]
        forced = Question(blueprint, read_question(model, f"{event} | do({', '.join(f'{s} is {m}' for s, m in do)}))"))
        np.testing.assert_allclose(
            forced(free), Question(blueprint, read_question(model, text))(whole), rtol=1e-7, atol=1e-9, equal_nan=True
        )
