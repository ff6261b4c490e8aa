"""Which situations are explained, what they are called, and that what an actor cannot know cannot be given."""

from __future__ import annotations

from itertools import pairwise

import pytest

import detente

MODEL = """
title: Two rounds of a demand, and a secret
periods: {count: 2, unit: week}
actors: {A: demands, B: answers}
quantities: {cost: 0.1 to 0.4}
private: {A.resolve: {firm: 0.3, soft: otherwise}}
stages:
  ready: {actor: A, moves: [arm, wait], hidden_from: [B]}
  demand: {actor: A, moves: [ask, keep_still]}
  answer: {actor: B, moves: [yield, hold], when: demand is ask}
outcomes:
  taken: {when: answer is yield}
  nothing: otherwise
payoffs:
  A: {gain: 1.0 * (outcome is taken), cost: -cost * count(ready is arm) * (0.5 if A.resolve is firm else 1)}
  B: {loss: -1.0 * (outcome is taken) - 0.5 * count(answer is hold) * ever(ready is arm)}
"""


@pytest.fixture(scope="module")
def study() -> detente.Study:
    return detente.run(detente.loads(MODEL), draws=60)


def test_names_of_situations_are_unique_and_say_what_the_actor_knows(study: detente.Study) -> None:
    names = [info.name for info in study.blueprint.tree.infosets]
    assert len(set(names)) == len(names)
    assert "A (resolve firm): ready in period 1" in names
    assert "A (resolve soft): demand in period 1 after ready wait" in names
    assert "A (resolve firm): ready in period 2 after ready arm, demand ask, answer hold (period 1)" in names
    assert "B: answer in period 2 after demand ask, answer hold (period 1)" in names
    assert not any("ready" in name for name in names if name.startswith("B"))


@pytest.mark.parametrize("case", ["ukraine-2022", "crisis-signalling", "take-it-or-leave-it"])
def test_no_two_situations_of_a_case_share_a_name(case: str) -> None:
    names = [info.name for info in detente.compile_model(detente.load(case)).tree.infosets]
    assert len(set(names)) == len(names)


def test_every_situation_can_be_asked_for(study: detente.Study) -> None:
    likeliest = detente.why(study, "demand")
    every = detente.why(study, "demand", every=True)
    assert len(likeliest) == 1
    assert likeliest[0] == every[0]
    assert [r.rank for r in every] == list(range(1, likeliest[0].situations + 1))
    assert all(a.reached.value >= b.reached.value for a, b in pairwise(every))
    assert len({r.where for r in every}) == len(every)
    asked = {h for h in range(study.blueprint.tree.n_infosets) if study.blueprint.stage_of(h) == "demand"}
    assert {r.infoset for r in every} == asked


def test_period_and_what_is_given_pick_situations(study: detente.Study) -> None:
    second = detente.why(study, "demand", period=2, every=True)
    assert second
    assert {r.period for r in second} == {2}
    both = detente.why(study, "demand", given="A.resolve is firm and ready is arm", period=1, every=True)
    assert [r.where for r in both] == ["A (resolve firm): demand in period 1 after ready arm"]
    either = detente.why(study, "demand", given="A.resolve is firm or A.resolve is soft", every=True)
    assert len(either) == len(detente.why(study, "demand", every=True))
    never = detente.why(study, "demand", given="not ever(ready is arm)", every=True)
    assert not any("arm" in r.where for r in never)


def test_what_the_actor_cannot_know_cannot_be_given(study: detente.Study) -> None:
    for hidden in ("ready is arm", "not (ready is arm)", "A.resolve is firm"):
        with pytest.raises(detente.QuestionError, match="B never knows that"):
            detente.why(study, "B", given=hidden)
    for question, told in (
        ({"given": "cost > 0.2"}, "depends on quantities"),
        ({"given": "demand is akk"}, "did you mean 'ask'"),
        ({"period": 3}, "this model has 2"),
        ({"who": "demand", "move": "aks"}, "did you mean 'ask'"),
        ({"who": "demand", "move": "ask", "against": "keep_stil"}, "did you mean 'keep_still'"),
        ({"who": "demand", "move": "ask", "against": "ask"}, "against itself"),
    ):
        with pytest.raises(detente.QuestionError, match=told):
            detente.why(study, **question)  # type: ignore[arg-type]


def test_where_a_rule_leaves_one_move_nothing_is_explained() -> None:
    rule = "{hold: {when: cost > 0.2 and demand is ask}, yield: {when: cost > 0.2 and demand is keep_still}}"
    model = MODEL.replace("moves: [yield, hold], when: demand is ask", f"moves: {rule}, when: cost > 0.2")
    study = detente.run(detente.loads(model), draws=60)
    single = [h for h, info in enumerate(study.blueprint.tree.infosets) if len(info.actions) == 1]
    assert single
    assert not {reason.infoset for reason in detente.why(study, every=True)} & set(single)
    with pytest.raises(detente.QuestionError, match="one move only"):
        detente.why(study, infoset=single[0])
