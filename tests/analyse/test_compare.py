"""Two arguments side by side: the gap between their answers, shared out among what differs, against closed forms."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

import detente
from detente import Model, QuestionError, define, run
from detente.analyse.counterfactual.coalitions import Design, standing
from detente.draws.sampler import Sampler
from detente.present.cli.app import app
from detente.study.questions.compare import compare
from tests.cases.editions import FIRST_EDITION, FIRST_KREMLIN

DRAWS = 40
EXACT = 1e-10


def choice(name: str, value: str, seen: str = "", precision: float = 4.0, **more: Any) -> Model:
    """One actor, who goes, worth x as it sees it, or stays, worth 0.3."""
    x = {"value": value, "source": f"{name} 1", **({"seen_by": {"A": seen}} if seen else {})}
    quantities = {"lam": {"value": precision, "role": "precision"}, "x": x, **more.pop("quantities", {})}
    parts: dict[str, Any] = {
        "title": f"As {name} has it",
        "answer": {"asks": "P(move is go)", "says": "they go", "groups": {"harm": ["gone"], "peace": "otherwise"}},
        "sources": {name: {"title": f"The book of {name}", "author": name.title()}},
        "actors": {"A": "decides"},
        "quantities": {key: quantity for key, quantity in quantities.items() if quantity is not None},
        "stages": {"move": {"actor": "A", "moves": ["go", "stay"]}},
        "outcomes": {"gone": "move is go", "still": "otherwise"},
        "payoffs": {"A": {"gain": "x * (move is go)", "rest": "0.3 * (move is stay)", **more.pop("terms", {})}},
        "claims": {"seldom": {"holds": "P(move is go) < 0.5", "source": f"{name} 9"}, **more.pop("claims", {})},
    }
    return define(name, **{key: part for key, part in {**parts, **more}.items() if part is not None})


def logit(gap: Any, precision: float) -> Any:
    return 1 / (1 + np.exp(-precision * np.asarray(gap, float)))


def shapley(n: int, worth: Any) -> list[float]:
    """What each of n adds, averaged over all orders, one by one."""
    found, orders = np.zeros(n), list(permutations(range(n)))
    for order in orders:
        for k, player in enumerate(order):
            found[player] += (worth({*order[: k + 1]}) - worth({*order[:k]})) / len(orders)
    return found.tolist()


def truth(model: Model, name: str) -> Any:
    return Sampler(model).draw(DRAWS, 1).truth[name]


def test_each_difference_has_its_shapley_value_and_the_paragraphs_it_rests_on() -> None:
    often = {"rare": "P(move is go) < 0.75"}
    one = choice("lee", "uniform(0, 1)", claims=often)
    other = choice(
        "ross", "uniform(0.5, 1.5)", claims=often, seen="0.6 * x", precision=6.0,
        quantities={"urge": {"value": 0.2, "source": "ross 4"}},
        terms={"urge": {"value": "urge * (move is go)", "source": "ross 5"}},
    )  # fmt: skip
    xs = [truth(model, "x") for model in (one, other)]

    def goes(taken: set[int]) -> Any:  # in the order of a file: x, x as seen, precision, the term
        seen = (0.6 if 1 in taken else 1.0) * xs[0 in taken]
        return logit(seen + 0.2 * (3 in taken) - 0.3, 6.0 if 2 in taken else 4.0)

    def worth(taken: set[int]) -> float:
        return float(goes(taken).mean())

    def rare(taken: set[int]) -> float:
        return float((goes(taken) < 0.75).mean() > 0.5)

    found = compare(one, other, draws=DRAWS)
    effects = {p.what: p.effect for p in found.parts}
    names = ("value of x", "x seen by A", "precision", "payoffs of A: urge")
    assert effects == pytest.approx(dict(zip(names, shapley(4, worth), strict=True)), abs=EXACT)
    assert sum(effects.values()) == pytest.approx(worth({0, 1, 2, 3}) - worth(set()), abs=EXACT)
    assert [abs(p.effect) for p in found.parts] == sorted((abs(e) for e in effects.values()), reverse=True)
    parts = {p.what: p for p in found.parts}
    assert parts["payoffs of A: urge"].sources == ("ross 5",)
    assert parts["value of x"].sources == ("lee 1", "ross 1")
    assert parts["precision"].alone == pytest.approx(worth({2}) - worth(set()), abs=EXACT)
    assert found.solved == 16
    assert (rare(set()), rare({0, 1, 2, 3})) == (1.0, 0.0)
    turns = {name: ("rare",) if index <= -0.5 else () for name, index in zip(names, shapley(4, rare), strict=True)}
    assert {p.what: p.turns for p in found.parts} == turns
    assert ("rare",) in turns.values()
    for part in found.parts:  # an ending and a claim are shared out alike
        assert part.outcomes["gone"] == pytest.approx(part.effect, abs=1e-12)
        assert part.low < part.effect < part.high
    gap = found.whole.claims["seldom"].effect.value
    assert sum(p.claims["seldom"] for p in found.parts) == pytest.approx(gap, abs=1e-12)


@pytest.mark.parametrize("models", [4, 32, 64])
def test_effects_sum_to_the_gap_however_many_models_are_solved(models: int) -> None:
    pieces = {f"t{k}": f"{0.1 * (k + 1)} * (move is go)" for k in range(5)}
    found = compare(
        choice("lee", "uniform(0, 1)"), choice("ross", "uniform(-1, 1)", terms=pieces), draws=DRAWS, models=models
    )
    gap = found.gap.effect.value
    assert gap == found.whole.answer.effect.value
    assert sum(p.effect for p in found.parts) == pytest.approx(gap, abs=1e-12)
    assert found.steps[0].answer.before == found.whole.answer.before
    assert found.steps[-1].answer.after == found.whole.answer.after
    assert found.solved <= max(models, 2 * len(found.parts))
    assert len(found.parts) == {4: 2, 32: 2, 64: 6}[models]


def test_what_cannot_stand_alone_is_merged_and_the_rest_is_not() -> None:
    terms = {"probe": "0.5 * (move is probe)"}
    other = choice(
        "ross", "uniform(0, 1)", stages={"move": {"actor": "A", "moves": ["go", "probe", "stay"]}},
        outcomes={"gone": "move is go", "tried": "move is probe", "still": "otherwise"}, terms=terms,
        answer={"asks": "P(move in [go, probe])"},
    )  # fmt: skip
    window = {"window": "-0.4 * (move is stay)"}
    one = choice("lee", "uniform(0, 1)", terms=window)
    x = truth(one, "x")

    def worth(taken: set[int]) -> float:  # the structure with its term and question; the window, in lee only
        stay = np.exp(4 * (0.3 - (0.0 if 1 in taken else 0.4)))
        more = np.exp(4 * 0.5) if 0 in taken else 0.0
        return float(((np.exp(4 * x) + more) / (np.exp(4 * x) + more + stay)).mean())

    found = compare(one, other, draws=DRAWS)
    structure, alone = shapley(2, worth)
    assert {p.what: p.effect for p in found.parts} == pytest.approx(
        {"structure, what is asked and payoffs of A: probe": structure, "payoffs of A: window": alone}, abs=EXACT
    )
    merged = next(p for p in found.parts if p.because)
    assert any("'probe'" in reason for reason in merged.because)
    assert {d.what for d in merged.differs} == {
        "answer.asks", "stages.move", "outcomes.tried", "payoffs.A.probe",
    }  # fmt: skip
    assert found.lined_up.left == ((), ("tried",))


def test_outcomes_under_other_names_are_the_same_outcomes() -> None:
    def crisis(name: str, war: str, value: str) -> Model:
        return choice(
            name, value, outcomes={war: "move is go", "still": "otherwise"}, answer={"asks": f"P({war})"},
            terms={"fear": f"-0.1 * (outcome is {war})"}, claims={"peace": f"P({war}) < 0.4"},
        )  # fmt: skip

    same = compare(crisis("lee", "war", "0.5"), crisis("ross", "war", "0.9"), draws=DRAWS)
    mapped = compare(crisis("lee", "war", "0.5"), crisis("ross", "clash", "0.9"), mapped=["clash=war"], draws=DRAWS)
    assert [(p.what, p.effect) for p in mapped.parts] == [(p.what, p.effect) for p in same.parts]
    assert mapped.whole.outcomes["war"] == same.whole.outcomes["war"]
    assert mapped.lined_up.left == ((), ())
    left = compare(crisis("lee", "war", "0.5"), crisis("ross", "clash", "0.9"), draws=DRAWS)
    assert left.lined_up.left == (("war",), ("clash",))
    assert left.gap.effect.value == pytest.approx(same.gap.effect.value, abs=1e-12)
    assert any(p.because for p in left.parts)


def test_several_outcomes_and_groups_stand_beside_one() -> None:
    one = choice("lee", "0.5", outcomes={"war": "move is go", "still": "otherwise"}, answer={"asks": "P(war)"})
    other = choice(
        "ross", "0.9", stages={
            "move": {"actor": "A", "moves": ["go", "stay"]},
            "luck": {"chance": {"bad": 0.3, "good": "otherwise"}, "when": "move is go"},
        },
        outcomes={"big": "luck is bad", "small": "luck is good", "still": "otherwise"},
        answer={"asks": "P(move is go)", "groups": {"fights": ["big", "small"], "peace": "otherwise"}},
    )  # fmt: skip
    ends = [float(logit(x - 0.3, 4.0)) for x in (0.5, 0.9)]
    for mapped in (["big=war", "small=war"], ["fights=war"]):
        war = compare(one, other, mapped=mapped, draws=DRAWS).whole.outcomes["war"]
        assert (war.before.value, war.after.value) == pytest.approx(ends, abs=EXACT)


def test_the_same_game_in_other_words_has_no_parts() -> None:
    worded = choice("ross", "uniform( 0,1 )", stages={"move": {"actor": "A", "moves": {"go": "march", "stay": "wait"}}})
    found = compare(choice("lee", "uniform(0, 1)"), worded, draws=DRAWS)
    assert found.parts == ()
    assert found.gap.effect.value == 0
    assert found.solved == 2


def test_a_claim_of_one_is_judged_in_both() -> None:
    eager = {"eager": "P(move is go) > 0.6"}
    found = compare(choice("lee", "0.2"), choice("ross", "0.9", claims=eager), draws=DRAWS)
    verdict = found.whole.claims["eager"]
    assert (verdict.before.value, verdict.after.value) == (0.0, 1.0)
    assert found.parts[0].turns == ("seldom", "eager")
    assert next(d for d in found.claims if d.what == "claims.seldom").sources == ("lee 9", "ross 9")


def test_models_without_answers_share_out_the_ending_that_moves_most() -> None:
    found = compare(choice("lee", "0.2", answer=None), choice("ross", "0.9"), draws=DRAWS)
    assert found.whole.answer is None
    assert found.parts[0].effect == pytest.approx(found.whole.outcomes["gone"].effect.value, abs=1e-12)
    assert any("no answers to compare" in note for note in found.notes)


def test_what_cannot_be_compared_is_told() -> None:
    one, other = choice("lee", "0.5"), choice("ross", "0.9", outcomes={"war": "move is go", "calm": "otherwise"},
                                              answer=None)  # fmt: skip
    with pytest.raises(QuestionError, match=r"no outcome in common \(gone, still; war, calm\) and ross does not say"):
        compare(one, other, draws=DRAWS)
    for mapped, message in (
        ("war", "write --map THEIRS=OURS"), ("wor=gone", "the other model has no outcome and no group 'wor'; did you"),
        ("war=gon", "the first model has no outcome and no group 'gon'; did you mean 'gone'"),
    ):  # fmt: skip
        with pytest.raises(QuestionError, match=message):
            compare(one, other, mapped=[mapped], draws=DRAWS)
    kept = choice("ross", "0.9", outcomes={"war": "move is go", "gone": "otherwise"}, answer={"asks": "P(war)"})
    with pytest.raises(QuestionError, match="has an outcome 'gone' itself"):
        compare(one, kept, mapped=["war=gone"], draws=DRAWS)


def test_hybrids_that_are_a_game_in_no_draw_are_merged() -> None:
    """Probabilities that sum to one in either model, and not where one is taken from the other."""

    def lottery(name: str, p: float, q: float) -> Model:
        chance = {"good": "p", "bad": "q"}
        return choice(
            name, "0.5", quantities={"p": {"value": p}, "q": {"value": q}},
            stages={"luck": {"chance": chance}, "move": {"actor": "A", "moves": ["go", "stay"]}},
            terms={"luck": "0.5 * (luck is good) * (move is go)"},
        )  # fmt: skip

    found = compare(lottery("lee", 0.25, 0.75), lottery("ross", 0.5, 0.5), draws=DRAWS)
    assert [p.what for p in found.parts] == ["values of quantities"]
    assert found.parts[0].effect == found.gap.effect.value


def test_a_name_for_a_precision_is_not_read_as_another_number() -> None:
    def model(name: str, quantities: dict[str, Any], gain: str) -> Model:
        return choice(name, "0.5", quantities={"lam": None, **quantities}, payoffs={"A": {"gain": gain}})

    one = model("lee", {"k": {"value": 3, "role": "precision"}}, "x * (move is go)")
    other = model("ross", {"k": 0.7, "mu": {"value": 5, "role": "precision"}}, "k * (move is go)")
    found = compare(one, other, draws=DRAWS)
    assert [p.what for p in found.parts] == ["precision and payoffs of A: gain"]
    assert found.parts[0].effect == pytest.approx(float(logit(0.7, 5) - logit(0.5, 3)), abs=EXACT)


def test_orders_in_pairs_share_out_every_game_whole_and_additive_ones_exactly() -> None:
    rng = np.random.default_rng(3)
    for n, most in ((4, 16), (6, 32), (9, 32)):
        design = Design.of(n, most, seed=1)
        random = {some: rng.normal(size=5) for some in design.coalitions}
        whole = random[frozenset(range(n))] - random[frozenset()]
        np.testing.assert_allclose(sum(design.shares(random)), whole, atol=1e-12)
        weights = rng.normal(size=n)
        additive = {some: np.array([weights[list(some)].sum()]) for some in design.coalitions}
        np.testing.assert_allclose([s[0] for s in design.shares(additive)], weights, atol=1e-12)
        assert len(design.coalitions) <= max(most, 2 * n)
    design = Design.of(4, 16, seed=1)
    game = {some: rng.normal(size=1) for some in design.coalitions}
    expected = shapley(4, lambda some: float(game[frozenset(some)][0]))
    np.testing.assert_allclose([s[0] for s in design.shares(game)], expected, atol=1e-12)


def test_blocks_that_need_each_other_are_found() -> None:
    """0 needs 1, 3 and 4 clash unless 2 is there, too; 5 stands alone."""

    def fails(some: frozenset[int]) -> str:
        return "one" if 0 in some and 1 not in some else "clash" if {3, 4} <= some and 2 not in some else ""

    found = standing(6, fails, lambda n: Design(n).coalitions)
    assert [block.members for block in found] == [(0, 1), (2, 3, 4), (5,)]
    assert found[0].because == (((0,), (1,), "one"),)


def test_what_is_of_one_thread_stands_together_and_says_what_it_argues() -> None:
    threads = {"mechanisms": {"nerve": {"says": "they dare", "source": "ross 2"}}}
    one = choice("lee", "uniform(0, 1)")
    other = choice(
        "ross", "uniform(0, 1)", precision=6.0, quantities={"urge": {"value": 0.2}}, seen="0.6 * x",
        terms={"urge": {"value": "urge * (move is go)", "mechanism": "nerve"}}, **threads,
    )  # fmt: skip
    nervous = other.model_copy(
        update={"quantities": {**other.quantities, "x": other.quantities["x"].model_copy(
            update={"value": choice("z", "uniform(0.5, 1)").quantities["x"].value, "mechanism": "nerve"})}}
    )  # fmt: skip
    found = {part.what: part for part in compare(one, nervous, draws=DRAWS).parts}
    block = found["value of x and payoffs of A: urge"]
    assert (block.thread, block.says) == ("nerve", "they dare")
    assert {d.what for d in block.differs} == {"quantities.x", "payoffs.A.urge"}
    assert found["precision"].thread == ""


def test_each_rival_structure_has_what_it_adds_to_the_other_less_what_it_adds_to_the_one() -> None:
    """`bold` is in both, `probe` in one alone, which asks for its move as well: without it both ask for the same."""
    bold = {"bold": {"weight": 0.5, "means": "they want it", "changes": {"quantities": {"x": {"value": 0.9}}}}}
    probe = {
        "weight": 0.6, "means": "they can probe",
        "changes": {
            "stages": {"move": {"moves": {"probe": "a little"}}}, "outcomes": {"tried": {"when": "move is probe"}},
            "payoffs": {"A": {"probe": "0.5 * (move is probe)"}},
        },
    }  # fmt: skip
    one = choice("lee", "uniform(0, 1)", structures=bold)
    other = choice(
        "ross", "uniform(0.5, 1.5)", structures={**bold, "probe": probe}, answer={"asks": "P(move in [go, probe])"}
    )
    found = compare(one, other, draws=400)
    effects = {part.what: part.effect for part in found.parts}
    assert effects.keys() == {"value of x", "structure bold", "structure probe"}  # and nothing for what is asked
    assert sum(effects.values()) == pytest.approx(found.gap.effect.value, abs=1e-12)

    def says(model: Model, **how: Any) -> float:
        asked = "P(move in [go, probe])" if how.pop("probing", False) else "P(move is go)"
        return float(run(model, draws=400, **how).ask(asked).mean())

    ours, theirs = says(one, without=["bold"]), says(other, without=["bold", "probe"])
    assert effects["value of x"] == pytest.approx(theirs - ours, abs=1e-9)
    bold_alone = says(other, without=["probe"]) - theirs
    probe_alone = says(other, without=["bold"], probing=True) - theirs
    both = says(other, probing=True) - theirs
    in_one = says(one) - ours
    assert effects["structure bold"] == pytest.approx((bold_alone + both - probe_alone) / 2 - in_one, abs=1e-9)
    assert effects["structure probe"] == pytest.approx((probe_alone + both - bold_alone) / 2, abs=1e-9)
    assert found.whole.answer.before.value == pytest.approx(says(one), abs=1e-9)
    assert found.whole.answer.after.value == pytest.approx(says(other, probing=True), abs=1e-9)


def test_the_command_tells_parts_in_json_text_and_page(tmp_path: Any) -> None:
    page = tmp_path / "page.html"
    told = CliRunner().invoke(
        app, ["compare", FIRST_EDITION, FIRST_KREMLIN, "-n", "4", "--no-store", "--report", str(page)]
    )
    assert told.exit_code == 0, told.output
    assert "sanctions as Russia sees it" in told.output
    assert "What decides:" in told.output
    assert "differ less" in told.output  # the screen has the first few, the page all
    text = page.read_text("utf-8")
    assert "it looked worth it" in text  # a claim that only the other makes
    assert "Nobody could have predicted the freezing of the reserves" in text  # a source that only the other has
    assert text.index(">From first_edition to first_edition_kremlin<") < text.index("where they differ")
    study = [run(case, draws=4) for case in (FIRST_EDITION, FIRST_KREMLIN)]
    gap = np.subtract(*(float(s.ask("P(posture is invade)").mean()) for s in reversed(study)))
    found = detente.compare(FIRST_EDITION, FIRST_KREMLIN, draws=4)
    assert sum(p.effect for p in found.parts) == pytest.approx(gap, abs=1e-12)
