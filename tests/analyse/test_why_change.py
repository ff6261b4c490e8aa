"""Why one forecast is above another: games whose answer is known, and Shapley's value by its definition."""

from __future__ import annotations

import json
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import detente
from detente import QuestionError, compile_model, define, run
from detente.analyse.counterfactual.attribution import contributions, lifted
from detente.analyse.counterfactual.why_change import Contribution, WhyChange
from detente.engine.batch import arrivals
from detente.game.tree import DECISION
from detente.present.cli.app import app
from detente.study.dossier import dossier
from detente.study.questions.why_change import why_change
from tests.analyse.crises import argument, decision, deterrence
from tests.cases.editions import FIRST_EDITION, FIRST_KREMLIN

DRAWS = 24


def storm(**more: object) -> detente.Model:
    """Chance lets A decide with probability p; A goes with probability L(4 (x - 0.3)): war is the product."""
    parts: dict[str, object] = {
        "title": "A decision that may not come",
        "actors": {"A": "decides"},
        "quantities": {"lam": {"value": 4, "role": "precision"}, "p": {"value": 0.4}, "x": "0.2 to 0.6"},
        "stages": {
            "sea": {"chance": {"calm": "p", "rough": "otherwise"}},
            "move": {"actor": "A", "moves": ["go", "stay"], "when": "sea is calm"},
        },
        "outcomes": {"war": "move is go", "peace": "otherwise"},
        "payoffs": {"A": {"gain": "x * (move is go)", "rest": "0.3 * (move is stay)"}},
    }
    return define("storm", **{**parts, **more})


def logit(x: np.ndarray) -> np.ndarray:
    return np.asarray(1 / (1 + np.exp(-x)))


def parts_of(found: WhyChange) -> dict[str, Contribution]:
    return {p.name: p for p in found.parts}


def sums(found: WhyChange) -> None:
    """All that must add up does."""
    assert sum(p.effect.value for p in found.parts) == pytest.approx(found.of.effect.value, abs=1e-10)
    for p in found.parts:
        if p.reason:
            assert sum(f.value for f in p.reason.terms.values()) == pytest.approx(p.reason.change.value, abs=1e-10)
            assert p.reason.after.value - p.reason.before.value == pytest.approx(p.reason.change.value, abs=1e-10)


# ---------------------------------------------------------------------- known answers


def test_one_decision_contributes_all_and_the_term_that_was_raised_is_why() -> None:
    found = why_change(decision("0.2 to 0.6"), ["shift x=+0.3"], of="gone", draws=DRAWS)
    x = run(decision("0.2 to 0.6"), draws=DRAWS).draws.truth["x"]
    went, goes = logit(4 * (x - 0.3)), logit(4 * x)
    (part,) = found.parts
    assert (part.kind, part.name, part.actor) == ("decision", "move", "A")
    assert part.effect.value == pytest.approx((goes - went).mean(), abs=1e-9)
    assert part.moves["go"].before.value == pytest.approx(went.mean(), abs=1e-9)
    assert part.moves["go"].after.value == pytest.approx(goes.mean(), abs=1e-9)
    assert part.reason is not None
    assert (part.reason.move, part.reason.against) == ("go", "stay")
    assert part.reason.change.value == pytest.approx(0.3)
    assert {n: f.value for n, f in part.reason.terms.items()} == pytest.approx({"gain": 0.3, "rest": 0.0})
    assert {n: f.value for n, f in part.reason.worth.items()} == pytest.approx({"gain": 0.3, "rest": 0.0})
    sums(found)


def test_of_a_product_each_factor_has_its_change_times_the_mean_of_the_other() -> None:
    found = why_change(storm(), ["set p=0.7", "shift x=-0.2"], of="war", draws=DRAWS)
    x = run(storm(), draws=DRAWS).draws.truth["x"]
    q, r = logit(4 * (x - 0.3)), logit(4 * (x - 0.5))
    parts = parts_of(found)
    assert [p.kind for p in found.parts] == ["chance", "decision"]
    assert parts["sea"].effect.value == pytest.approx((0.3 * (q + r) / 2).mean(), abs=1e-9)
    assert parts["move"].effect.value == pytest.approx(((r - q) * (0.4 + 0.7) / 2).mean(), abs=1e-9)
    assert parts["move"].asked is not None
    assert (parts["move"].asked.before.value, parts["move"].asked.after.value) == pytest.approx((0.4, 0.7))
    assert parts["move"].moves["go"].effect.value == pytest.approx((r - q).mean(), abs=1e-9)  # when it is asked
    sums(found)


def test_a_condition_takes_chance_out_of_a_difference() -> None:
    found = why_change(storm(), ["set p=0.7", "shift x=-0.2"], of="P(outcome is war given sea is calm)", draws=DRAWS)
    (part,) = found.parts
    assert part.name == "move"
    sums(found)


def test_what_comes_of_the_play_that_follows_is_told_from_the_term_itself() -> None:
    """B yields more readily; A's term is worth what it was, and comes more often."""
    change = {"B": {"loss": "-w2 * (outcome is war) - 0.5 * (outcome is gain)"}}
    model = deterrence(payoffs={**deterrence_payoffs(), **change}, quantities={**QUANTITIES, "w2": 0.2})
    found = why_change(model, ["set w2=0.9"], of="quiet", draws=DRAWS)
    parts = parts_of(found)
    reason = parts["attack"].reason
    assert reason is not None
    assert reason.worth["spoils"].value == reason.worth["war"].value == 0
    assert reason.terms["spoils"].value > 0.1
    assert parts["reply"].effect.value == 0  # it comes after all that is asked about, and is why A changed
    own = parts["reply"].reason
    assert own is not None
    assert own.terms["loss"].value == pytest.approx(own.worth["loss"].value) != 0
    sums(found)


QUANTITIES = {"lam": {"value": 4.0, "role": "precision"}, "w": "-1 to -0.2", "cost": "0.1 to 0.4"}


def deterrence_payoffs() -> dict[str, dict[str, str]]:
    return {"A": {"spoils": "1.0 * (outcome is gain) - cost * 0", "war": "w * (outcome is war)"}}


def test_contributions_are_shapleys_value_by_its_definition() -> None:
    """Every order in which information sets and chance nodes go over from one behaviour to the other."""
    blueprint = compile_model(deterrence(periods=1, stages={
        "spark": {"chance": {"fire": 0.5, "none": "otherwise"}},
        "attack": {"actor": "A", "moves": ["attack", "wait"]},
        "reply": {"actor": "B", "moves": ["resist", "concede"], "when": "attack is attack"},
    }))  # fmt: skip
    tree = blueprint.tree
    chance = [x for x in range(tree.n_nodes) if tree.kind[x] not in (DECISION, 0)]
    units = [("h", h) for h in range(tree.n_infosets)] + [("c", x) for x in chance]
    rng = np.random.default_rng(7)
    paid = rng.normal(size=(2, len(tree.terminals), 3))

    def unit(x: int) -> tuple[str, int]:
        above = int(tree.parent[x])
        return ("h", int(tree.infoset[above])) if tree.kind[above] == DECISION else ("c", above)

    def steps() -> np.ndarray:
        made = np.ones((tree.n_nodes, 3))
        for kind, k in units:
            rows = [x for x in range(1, tree.n_nodes) if unit(x) == (kind, k)]
            labels = [tree.labels[x] for x in rows]
            for j in range(3):
                p = dict(zip(dict.fromkeys(labels), rng.dirichlet(np.ones(len(set(labels)))), strict=True))
                made[rows, j] = [p[label] for label in labels]
        return made

    before, after = steps(), steps()

    def value(done: set[tuple[str, int]]) -> np.ndarray:
        rows = np.array([x > 0 and unit(x) in done for x in range(tree.n_nodes)])
        there = arrivals(tree, np.where(rows[:, None], after, before))
        return np.asarray((there[tree.terminals] * paid[int(("paid", 0) in done)]).sum(axis=0))

    players = [*units, ("paid", 0)]
    assert len(players) >= 5
    orders = list(permutations(players))
    exact = {p: np.zeros(3) for p in players}
    for order in orders:
        done: set[tuple[str, int]] = set()
        for p in order:
            exact[p] += (value(done | {p}) - value(done)) / len(orders)
            done.add(p)
    found, own = contributions(tree, before, after, (paid[0], paid[1]))
    for p in units:
        mine = found[[x for x in range(1, tree.n_nodes) if unit(x) == p]].sum(axis=0)
        np.testing.assert_allclose(mine, exact[p], atol=1e-12)
    np.testing.assert_allclose(own, exact["paid", 0], atol=1e-12)


# ---------------------------------------------------------------------- all that can be asked


@pytest.mark.parametrize(
    ("changes", "of"),
    [
        (["set odds=0.2"], "won"),
        (["shift hazard=+0.05", "set lam=6"], "P(outcome is accident)"),
        (["force press=strike"], None),
        (["forbid offer=yield"], "stalemate"),
        (["reveal A.kind"], "E(A)"),
        (["drop prize"], "P(press is strike given A.kind is soft)"),
        (["set odds=0.9"], "E(period)"),
    ],
)
def test_the_parts_sum_to_the_difference(changes: list[str], of: str | None) -> None:
    found = why_change(argument(), changes, of=of, draws=DRAWS)
    sums(found)
    assert found.parts
    made = detente.what_if(argument(), changes, draws=DRAWS).whole
    for name, d in found.outcomes.items():
        assert d.effect.value == pytest.approx(made.outcomes[name].effect.value, abs=1e-10)


@pytest.mark.parametrize("static", ["a_seat_to_lose", "waiting_costs", "a_lonely_kiev_shuts_the_door", "lvov_splits"])
def test_statics_of_the_flagship_are_explained(static: str) -> None:
    found = why_change(FIRST_EDITION, static=static, draws=12)
    sums(found)
    (told,) = detente.statics(FIRST_EDITION, [static], draws=12)
    assert found.of.effect.value == pytest.approx(told.effect.value, abs=1e-10)
    assert found.change == told.change


@pytest.mark.parametrize("reading", ["common", "private"])
def test_a_variant_is_explained(reading: str) -> None:
    found = why_change(FIRST_EDITION, against=FIRST_KREMLIN, of="long_war", draws=8, perception=reading)
    sums(found)
    assert found.sides == ("first_edition", "first_edition_kremlin")
    most = max(found.parts, key=lambda p: abs(p.effect.value))
    assert most.actor == "Russia"
    assert most.reason is not None
    assert most.reason.worth["occupation"].value != 0  # what it sees otherwise
    assert most.reason.worth["climbdown"].value == pytest.approx(0, abs=1e-12)


def test_no_change_has_no_parts() -> None:
    assert why_change(storm(), ["set p=0.4"], draws=4).parts == ()


def test_a_move_that_the_change_makes_is_told_to_be_made_by_it() -> None:
    found = why_change(argument(), ["force press=strike"], of="stalemate", draws=4)
    assert found.forced == ("press",)


def test_a_move_that_is_forbidden_leaves_the_same_plays() -> None:
    """With one move left there is no decision: its node is that of the play that goes on."""
    found = why_change(deterrence(), ["forbid reply=concede"], of="war", draws=DRAWS)
    sums(found)
    assert parts_of(found)["reply"].moves["resist"].after.value == pytest.approx(1)
    one, other = compile_model(deterrence()).tree, compile_model(decision()).tree
    assert lifted(one, other) is None


# ---------------------------------------------------------------------- questions that teach


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, "name one difference"),
        ({"changes": ["set p=0.7"], "static": "x"}, "name one difference"),
        ({"static": "nothing"}, "static"),
        ({"changes": ["set p=0.7"], "of": "P(outcome is war) > 0.5"}, r"is not a single P\(...\) or E\(...\)"),
        ({"against": "crisis-signalling"}, "not played on one tree"),
    ],
)
def test_bad_questions_are_answered(given: dict[str, object], told: str) -> None:
    with pytest.raises(QuestionError, match=told):
        why_change(storm(), draws=4, **given)  # type: ignore[arg-type]


def test_what_only_one_of_two_cases_knows_is_not_asked_of_both(tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    other.write_text(CASE.replace("rest: 0.3", "stay: 0.3"), encoding="utf-8")
    with pytest.raises(QuestionError, match="rest"):
        why_change(detente.loads(CASE), against=other, of="E(A.rest)", draws=4)
    assert why_change(detente.loads(CASE), against=other, of="E(A.gain)", draws=4).parts == ()


def test_terms_of_two_cases_go_by_their_names(tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    other.write_text(CASE.replace("{gain: x", "{fear: -0.2 * (move is go), pride: 0.1 * (move is go), gain: x")
                     .replace("rest: 0.3", "calm: 0.3"), encoding="utf-8")  # fmt: skip
    found = why_change(detente.loads(CASE), against=other, of="war", draws=8)
    (part,) = found.parts
    assert part.reason is not None
    assert (part.reason.move, part.reason.against) == ("stay", "go")
    told = {name: f.value for name, f in part.reason.terms.items()}
    assert told == pytest.approx({"gain": 0, "rest": -0.3, "fear": 0.2, "pride": -0.1, "calm": 0.3})
    sums(found)


STATIC = {"upside_down": {"raise": "x", "then": "P(outcome is war) falls"}}


def test_a_static_that_fails_is_explained_in_the_dossier() -> None:
    found = dossier(run(storm(statics=STATIC), draws=40), ["statics", "why-change"])
    (explained,) = found.of("why-change")
    assert explained.of.effect.value > 0
    held = dossier(run(storm(statics={"up": {"raise": "x", "then": "P(outcome is war) rises"}}), draws=40),
                   ["statics", "why-change"])  # fmt: skip
    assert held.of("why-change") == []
    assert not held.left_out


CASE = """
title: A decision that may not come
actors: {A: decides}
quantities: {p: {value: 0.4}, x: {value: 0.2 to 0.6}}
stages:
  sea: {chance: {calm: p, rough: otherwise}}
  move: {actor: A, moves: [go, stay], when: sea is calm}
outcomes: {war: move is go, peace: otherwise}
payoffs: {A: {gain: x * (move is go), rest: 0.3 * (move is stay)}}
"""


def test_the_command_says_why_in_text_on_a_page_and_as_json(tmp_path: Path) -> None:
    path, page = tmp_path / "storm.yaml", tmp_path / "storm.html"
    path.write_text(CASE, encoding="utf-8")
    asked = ["why-change", str(path), "--set", "p=0.7", "--shift", "x=-0.2", "--of", "war", "--draws", "20"]
    done = CliRunner().invoke(app, [*asked, "--report", str(page)])
    assert done.exit_code == 0, done.output
    for words in ("sea: chance", "A: move", "stay against go", "by gain +0.2", "in the order of play"):
        assert words in done.stdout
    text = page.read_text(encoding="utf-8")
    assert "<svg" in text
    assert "of which, the term itself" in text
    texts = [CliRunner().invoke(app, [*asked, "--json", *more]).stdout for more in ([], ["--no-store"], [])]
    assert texts[0] == texts[1] == texts[2]
    answer = json.loads(texts[0])
    assert [p["kind"] for p in answer["parts"]] == ["chance", "decision"]
    assert answer["parts"][1]["reason"]["terms"]["gain"]["value"] == pytest.approx(0.2)
    assert any("Shapley" in reference or "Law" in reference for reference in answer["references"])
