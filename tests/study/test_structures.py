"""Rival structures: the mixture is what its parts make of it, and every question answers over it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import detente
from detente.engine.solved import computable
from detente.errors import ModelError, QuestionError
from detente.game.compile import compile_model
from detente.model.check.check import check
from detente.model.load import loads
from detente.model.schema import Model
from detente.study.evaluate.evaluator import Bench
from detente.study.registry import find
from detente.study.settings import How
from detente.study.study import Study
from tests.study.structures import CRISIS, DEAR, RIVAL, SEEN, SEIZING

DRAWS = 400

EVIDENCE = """
as_of: 2022-01-01
evidence:
  - {date: 2022-01-05, signal: it arms, likelihood: {structure.seizing: {present: 0.6, absent: 0.2}}}
"""


@pytest.fixture(scope="module")
def study() -> Study:
    return detente.run(loads(CRISIS + RIVAL, "rival.yaml"), draws=DRAWS)


def plain(tmp_path: Path, *changes: str) -> Model:
    """The model that changes make, written as a file that extends the crisis."""
    (tmp_path / "crisis.yaml").write_text(CRISIS)
    model = "crisis.yaml"
    for k, change in enumerate(changes):
        text = f"extends: {model}\n" + "\n".join(line.removeprefix("      ") for line in change.splitlines())
        model = f"step{k}.yaml"
        (tmp_path / model).write_text(text)
    return detente.load(tmp_path / model)


def which(study: Study) -> np.ndarray:
    members = study.blueprint.members
    assert members is not None
    return members.which(study.blueprint.tape, study.draws)


def test_each_draw_is_solved_as_in_the_model_of_its_structures(study: Study, tmp_path: Path) -> None:
    """To the last bit, ways and claims among it; what a structure does not have does not happen there."""
    rivals = study.model._rivals
    assert rivals.present == [(), ("dear",), ("seizing",), ("seizing", "dear")]
    for k, changes in enumerate(([], [DEAR], [SEIZING], [SEIZING, DEAR])):
        alone = detente.run(plain(tmp_path, *changes), draws=DRAWS)
        mine = np.flatnonzero(which(study) == k)
        assert len(mine) > 60
        for name in study.model.outcomes:
            expected = alone.outcome_draws(name)[mine] if name in alone.model.outcomes else np.zeros(len(mine))
            np.testing.assert_array_equal(study.outcome_draws(name)[mine], expected)
        np.testing.assert_array_equal(study.claim_draws("war_unlikely")[mine], alone.claim_draws("war_unlikely")[mine])
        np.testing.assert_array_equal(study.residual[mine], alone.residual[mine])
        np.testing.assert_array_equal(study.gain[:, mine], alone.gain[:, mine])
        np.testing.assert_allclose(study.ask("U(A)")[mine], alone.ask("U(A)")[mine], rtol=0, atol=1e-14)
        np.testing.assert_allclose(study.ask("E(B.cost)")[mine], alone.ask("E(B.cost)")[mine], rtol=0, atol=1e-14)


def test_structures_are_drawn_in_proportion(study: Study) -> None:
    """To a few draws, for every number of draws, alone and together; drawn at random, it would be ten of 400."""
    seizing, dear = (study.draws.truth[name] for name in ("seizing", "dear"))
    weight = study.draws.truth["seizing.weight"]
    for n in (50, 137, DRAWS):
        assert abs(dear[:n].sum() - n / 2) <= 5
        assert abs(seizing[:n].sum() - weight[:n].sum()) <= 5
        assert abs((seizing * dear)[:n].sum() - weight[:n].sum() / 2) <= 5
    again = detente.run(study.model, draws=137)
    np.testing.assert_array_equal(again.draws.truth["seizing"], seizing[:137])  # the first draws stay the first


def test_the_mixture_is_the_sum_over_structures() -> None:
    """Against enumeration: weights times what each structure gives, where nothing else is uncertain."""
    sure = CRISIS.replace("0.2 to 0.6", "0.3").replace("0.5 to 1.5", "1").replace("3 to 8", "5")
    mixed = loads(sure + RIVAL.replace("0.3 to 0.8", "0.3").replace("0.8 to 1.6", "1.1"), "sure.yaml")
    found = detente.run(mixed, draws=2000)
    parts = {
        (s, d): detente.run(mixed, draws=2, set={"seizing": s, "dear": d}).outcomes["war"].value
        for s in (0, 1) for d in (0, 1)
    }  # fmt: skip
    expected = sum((0.3 if s else 0.7) * 0.5 * p for (s, _), p in parts.items())
    assert abs(found.outcomes["war"].value - expected) < 2e-3
    there = 0.5 * (parts[1, 0] + parts[1, 1])
    assert abs(found.structures["seizing"].outcomes["war"].value - there) < 2e-3
    assert found.structures["seizing"].weight.value == pytest.approx(0.3)
    shares = [c.share for c in found.combinations.values()]
    assert shares == pytest.approx([0.35, 0.35, 0.15, 0.15], abs=1e-3)


def test_one_structure_that_is_sure_is_the_plain_model(tmp_path: Path) -> None:
    sure = detente.run(loads(CRISIS + RIVAL.replace("0.3 to 0.8", "1").replace("weight: 0.5", "weight: 0"), "x.yaml"))
    alone = detente.run(plain(tmp_path, SEIZING))
    from detente.present.form import form

    told = [json.dumps(form(find("run"), s, {})) for s in (sure, alone)]
    assert told[0] == told[1]
    only = detente.run(loads(CRISIS + RIVAL, "x.yaml"), set={"seizing": 1, "dear": 0})
    assert json.dumps(form(find("run"), only, {})) == told[1]


@pytest.mark.parametrize("present", [0, 1])
def test_what_is_there_for_sure_or_not_at_all_may_be_spoken_of(present: int) -> None:
    sure = f"structures:\n  seizing:\n    weight: {present}\n    changes: {SEIZING}"
    spoken = CRISIS.replace("claims:\n", "claims:\n  seized: {holds: P(outcome is taken) < 0.5}\n") + EVIDENCE
    alone = loads(spoken + sure)
    assert not [p for p in check(alone) if not p.warning]
    assert (alone._rivals, "taken" in detente.run(alone, draws=100).outcomes) == (None, bool(present))
    told = detente.update(alone, draws=100)
    for name, band in told.dates[-1].outcomes.items():  # a sign of what is known tells nothing
        assert band.mean == pytest.approx(told.before.outcomes[name].mean, abs=1e-12)
    some = loads(spoken + sure + f"  dear:\n    weight: 0.5\n    changes: {DEAR}")
    likely = detente.update(some, draws=100).dates[-1].structures
    assert likely["seizing"] == present
    assert likely["dear"] == pytest.approx(0.5, abs=0.1)


def test_who_knows_what_and_the_order_of_play_may_differ(tmp_path: Path) -> None:
    """Structures with other information sets, stages, periods and actors, in both readings of perception."""
    wide = """
      actors: {C: a third}
      periods: 2
      stages: {advise: {actor: C, moves: [war, peace], before: demand}}
      outcomes: {open: otherwise}
      payoffs: {C: {taste: 0.3 * (outcome is war) - 0.2 * (advise is war)}}
      quantities: {prize: {seen_by: {A: prize * 2}}}
"""
    texts = "structures: {known: {weight: 0.5, changes: {private: {B.resolve: {public: true}}}}, wide: " + (
        "{weight: 0.5, changes: {actors: {C: a third}, periods: 2, "
        "stages: {advise: {actor: C, moves: [war, peace], before: demand}}, outcomes: {open: otherwise}, "
        "payoffs: {C: {taste: 0.3 * (outcome is war) - 0.2 * (advise is war)}}, "
        "quantities: {prize: {seen_by: {A: prize * 2}}}}}}"
    )
    model = loads(CRISIS + texts, "wide.yaml")
    for perception in ("common", "private"):
        found = detente.run(model, draws=DRAWS, perception=perception)
        assert found.converged.all()
        for k, changes in enumerate(([], [wide], [SEEN], [SEEN, wide])):
            alone = detente.run(plain(tmp_path, *changes), draws=DRAWS, perception=perception)
            mine = np.flatnonzero(which(found) == k)
            for name in alone.model.outcomes:
                np.testing.assert_array_equal(found.outcome_draws(name)[mine], alone.outcome_draws(name)[mine])
            told = found.ask("U(A)")[mine]
            np.testing.assert_allclose(told, alone.ask("U(A)")[mine], rtol=0, atol=1e-14)


GROUP = """
structures:
  outlook:
    one_of:
      bold: {weight: 0.2, changes: {payoffs: {A: {nerve: 0.3 * (outcome is war)}}}}
      meek: {weight: 0.3, changes: {payoffs: {A: {nerve: -0.3 * (outcome is war)}}}}
  seizing: {weight: 0.5, excludes: dear, changes: {payoffs: {A: {other: 0.1 * (outcome is quiet)}}}}
  dear: {weight: 0.5, changes: {quantities: {cost: {value: 0.8 to 1.6}}}}
"""


def test_alternatives_and_exclusions() -> None:
    """Of several alternatives one at most is there, what weights leave being the file; what excludes another never
    meets it, and the rest has the probabilities that are left, in proportion."""
    model = loads(CRISIS + GROUP, "group.yaml")
    found = detente.run(model, draws=1200)
    shares = {name: c.share for name, c in found.combinations.items()}
    assert len(shares) == 9
    assert not any("seizing" in name and "dear" in name for name in shares)
    for name, share in shares.items():
        outlook = 0.2 if "bold" in name else 0.3 if "meek" in name else 0.5
        assert share == pytest.approx(outlook / 3, abs=4e-3)
    only = detente.run(model, draws=300, set={"bold": 0})
    assert only.structures["meek"].draws / 300 == pytest.approx(0.3 / 0.8, abs=0.01)
    with pytest.raises(ModelError, match="no such combination"):
        detente.run(model, draws=20, set={"bold": 1, "meek": 1})


def test_shares_of_variance_against_enumeration() -> None:
    """Two switches, all else known: the shares follow from four numbers."""
    sure = CRISIS.replace("0.2 to 0.6", "0.3").replace("0.5 to 1.5", "1").replace("3 to 8", "5")
    model = loads(sure + RIVAL.replace("0.3 to 0.8", "0.3").replace("0.8 to 1.6", "1.1"), "sure.yaml")
    found = detente.sense(model, "answer", draws=400)
    y = np.array([
        [detente.run(model, draws=2, set={"seizing": s, "dear": d}).answer.mean for d in (0, 1)] for s in (0, 1)
    ])  # fmt: skip
    p, q = np.array([0.7, 0.3]), np.array([0.5, 0.5])
    mean = p @ y @ q
    variance = p @ (y - mean) ** 2 @ q
    first = p @ (y @ q - mean) ** 2 / variance
    total = p @ (y**2 @ q - (y @ q) ** 2)
    by_other = q @ (p @ y**2 - (p @ y) ** 2) / variance
    effects = {e.name: e for e in found.effects}
    assert effects["seizing"].first.value == pytest.approx(first, abs=1e-9)
    assert effects["seizing"].total.value == pytest.approx(by_other, abs=1e-9)
    assert effects["dear"].total.value == pytest.approx(total / variance, abs=1e-9)
    assert found.structure.first.value == pytest.approx(1, abs=1e-9)
    assert found.structure.total.value == pytest.approx(1, abs=1e-9)


def test_structure_and_quantities_share_the_variance(study: Study) -> None:
    """What is left when the quantities are known, and what structure explains, are the rest of each other."""
    found = detente.sense(study, "answer")
    share = found.structure
    assert 0 < share.first.value < share.total.value < 1
    assert {"seizing", "dear", "cost", "prize"} <= {e.name for e in found.effects}
    assert not any("weight" in e.name or "written" in e.name for e in found.effects)
    told = {item.name for item in detente.learn(study).items} if hasattr(detente.learn(study), "items") else set()
    assert not any("weight" in name for name in told)


def test_breaking_names_the_structure_that_turns_a_claim(study: Study) -> None:
    """A structure is a switch; how likely it is moves nothing."""
    (found,) = detente.breaking(study)
    assert {moved.name for moved in found.switches} == {"seizing"}
    assert not any("weight" in moved.name for moved in found.changes)
    centre = {name: float(np.median(x)) for name, x in study.draws.truth.items()}
    assert centre["seizing"] == 1


def test_changes_are_made_in_every_structure(study: Study) -> None:
    """What is forbidden is forbidden wherever it is there; setting a structure is setting it in every draw, paired."""
    found = detente.what_if(study.model, ["forbid fight=war"], draws=DRAWS)
    assert found.whole.outcomes["war"].after.value == 0
    there = detente.what_if(study.model, ["set seizing=1"], draws=DRAWS)
    alone = detente.run(study.model, draws=DRAWS, set={"seizing": 1})
    assert there.whole.outcomes["war"].after.value == pytest.approx(alone.outcomes["war"].value, abs=1e-12)
    with pytest.raises(QuestionError, match="there is no move"):
        detente.what_if(study.model, ["forbid demand=seizes"], draws=DRAWS)
    ablated = detente.ablate(study.model, draws=DRAWS)
    (ruin,) = ablated.mechanisms
    assert ruin.off
    assert ruin.shift > 0.01
    (static,) = detente.statics(study.model, draws=DRAWS)
    assert static.holds


def test_the_red_team_settles_structures_and_edits_all_of_them(study: Study) -> None:
    """An edit is what it is in the models written out by hand: here of the mean over the same draws."""
    found = {e.what: e for e in detente.redteam(study.model, draws=DRAWS).edits}
    for what, given in (("seizing=1", {"seizing": 1}), ("dear=0", {"dear": 0})):
        alone = detente.run(study.model, draws=DRAWS, set=given)
        assert found[what].answer_after.mean == pytest.approx(alone.answer.mean, abs=1e-12)
    barred = detente.what_if(study.model, ["forbid demand=seize"], draws=DRAWS).whole
    assert found["demand.seize"].answer_after.mean == pytest.approx(barred.answer.after.value, abs=1e-12)
    known = found["B.resolve"].answer_after.mean
    texts = CRISIS.replace("B.resolve: {firm", "B.resolve: {public: true, prior: {firm").replace(
        "soft: 0.6}", "soft: 0.6}}"
    )
    assert known == pytest.approx(detente.run(loads(texts + RIVAL, "known.yaml"), draws=DRAWS).answer.mean, abs=1e-12)


TIMED = """
title: Holding on
answer: {asks: P(move is leave)}
actors: {A: who}
periods: {count: 2, unit: week}
quantities: {cost: 0.1 to 0.3, rationality: {value: 4, role: precision}}
stages: {move: {actor: A, moves: [hold, leave], continues: hold, reconsidered: 0.5 per week}}
outcomes: {gone: {when: move is leave}, here: otherwise}
payoffs: {A: {holding: {each week: -cost}, leaving: -0.4 * (outcome is gone)}}
"""
QUICK = "      stages: {move: {reconsidered: 1 to 3 per week}}\n"


def test_time_is_cut_in_every_structure(tmp_path: Path) -> None:
    """Slices, precision and length are those of the models written out; a structure may change a rate."""
    mixed = loads(TIMED + f"structures:\n  quick:\n    weight: 0.5\n    changes:\n{QUICK}", "timed.yaml")
    (tmp_path / "plain.yaml").write_text(TIMED)
    (tmp_path / "quick.yaml").write_text("extends: plain.yaml\n" + QUICK.replace("      ", ""))
    found = detente.variants(mixed, slices=[2], precisions=[1.0], periods=[3], draws=DRAWS).solved
    there = detente.run(mixed, draws=DRAWS).draws.truth["quick"]
    parts = [
        [row.answer.mean for row in detente.variants(tmp_path / name, slices=[2], precisions=[1.0], periods=[3],
                                                     draws=DRAWS).solved]
        for name in ("plain.yaml", "quick.yaml")
    ]  # fmt: skip
    for row, plain, quick in zip(found, *parts, strict=True):
        assert row.answer.mean == pytest.approx((plain + quick) / 2, abs=0.01)
        assert abs(plain - quick) > 0.02
    exact = detente.run(tmp_path / "quick.yaml", draws=DRAWS).ask("P(move is leave)")
    study = detente.run(mixed, draws=DRAWS)
    np.testing.assert_array_equal(study.ask("P(move is leave)")[there != 0], exact[there != 0])


def test_two_arguments_with_rival_structures_are_told_apart() -> None:
    """What differs otherwise, and what the structures of either do, sum to the gap; each is what two runs say of it."""
    one = loads(CRISIS + RIVAL, "one.yaml")
    other = loads(CRISIS.replace("0.5 to 1.5", "1 to 2") + RIVAL.partition("  dear:")[0], "other.yaml")
    found = detente.compare(one, other, draws=DRAWS)
    assert sum(part.effect for part in found.parts) == pytest.approx(found.gap.effect.value, abs=1e-12)
    runs = [detente.run(model, draws=DRAWS).answer.mean for model in (one, other)]
    assert found.gap.effect.value == pytest.approx(runs[1] - runs[0], abs=1e-12)
    bare = [detente.run(one, draws=DRAWS, without=["seizing", "dear"]).answer.mean,
            detente.run(other, draws=DRAWS, without=["seizing"]).answer.mean]  # fmt: skip
    parts = {part.what: part.effect for part in found.parts}
    assert parts.keys() == {"value of prize", "structure seizing", "structure dear"}
    assert parts["value of prize"] == pytest.approx(bare[1] - bare[0], abs=1e-12)
    both = parts["structure seizing"] + parts["structure dear"]
    assert both == pytest.approx((runs[1] - bare[1]) - (runs[0] - bare[0]), abs=1e-12)
    assert found.steps[0].answer.before.value == pytest.approx(runs[0], abs=1e-12)
    assert found.steps[-1].answer.after.value == pytest.approx(runs[1], abs=1e-12)
    assert {row.name for row in found.lined_up.outcomes} == {*one.outcomes}
    with_map = detente.compare(one, loads(CRISIS.replace("climbdown", "retreat") + RIVAL, "third.yaml"), draws=40,
                               mapped=["retreat=climbdown"])  # fmt: skip
    assert abs(with_map.gap.effect.value) < 1e-12


def test_a_group_has_only_the_endings_that_there_are() -> None:
    groups = "answer: {asks: P(outcome is war), groups: {force: [war, taken], peace: otherwise}}"
    text = CRISIS.replace("answer: {asks: P(outcome is war), says: there is war}", groups) + RIVAL
    study = detente.run(loads(text, "grouped.yaml"), draws=DRAWS, without=["seizing", "dear"])
    assert study.answer.groups["force"].value == study.outcomes["war"].value


def test_claims_are_counted_over_structures(study: Study) -> None:
    found = detente.claims(study).claims["war_unlikely"]
    holds = [share.claims["war_unlikely"] > 0.5 for share in study.combinations.values()]
    assert found.structures == (sum(holds), 4)
    assert 0 < sum(holds) < 4


def test_exact_slopes_over_structures(study: Study) -> None:
    """At the draws of every structure, against differences."""
    from detente.analyse.forecast.claims import Question
    from detente.analyse.sensitivity.gradients import gradients
    from detente.draws.derivatives import Chain
    from detente.draws.sources import Sources
    from detente.model.ask import read_question

    blueprint = study.blueprint
    sources = Sources(blueprint.sampler)
    free = sources.free(24, 1)
    asked = Question(blueprint, read_question(study.model, "P(outcome is war)"))
    chain = Chain.at(sources, free)
    found = gradients([asked], study.engine.solve_batch(blueprint, chain.draws, {}).batch, chain, 1).slopes.scores[:, 0]
    step = 1e-5
    for k, name in enumerate(sources.names):
        move = np.zeros((len(sources.names), 1))
        move[k] = step
        up, down = (
            asked(study.engine.solve_batch(blueprint, sources.draws(free + sign * move), {}).batch) for sign in (1, -1)
        )
        if name in ("cost", "prize", "rationality"):
            np.testing.assert_allclose(found[k], (up - down) / (2 * step), rtol=0, atol=1e-8)
        else:
            assert not found[k].any()


def test_what_is_kept_gives_the_same_numbers(study: Study, tmp_path: Path) -> None:
    store = detente.Store(tmp_path)
    first, again = (detente.run(study.model, draws=DRAWS, store=store) for _ in range(2))
    assert store.reused == DRAWS
    for found in (first, again):
        np.testing.assert_array_equal(found.outcome_draws("war"), study.outcome_draws("war"))
    assert again.combinations == first.combinations


def test_a_type_is_public_in_every_structure() -> None:
    """What all learning it is worth is the mean of what it is worth in the games of the structures."""
    mixed = loads(CRISIS + RIVAL.partition("  dear:")[0].replace("0.3 to 0.8", "0.5"), "mixed.yaml")
    found = detente.worth(detente.run(mixed, draws=200), "A").public
    parts = [
        detente.worth(detente.run(mixed, draws=200, **how), "A").public[0].value.value
        for how in ({"only": ["seizing"]}, {"without": ["seizing"]})
    ]
    assert [one.name for one in found] == ["B.resolve"]
    assert found[0].value.value == pytest.approx(sum(parts) / 2, rel=0.2)
    assert found[0].value.low > 1e-4


def test_draws_of_which_one_structure_makes_no_game_are_passed_over() -> None:
    """A probability that is none at some values, in one structure: its own draws are left out, no others."""
    odd = """
  doubt:
    weight: 0.5
    changes:
      private: {B.resolve: {firm: (cost - 0.3) / 4, soft: otherwise}}
"""
    model = loads(CRISIS + RIVAL + odd, "odd.yaml")
    with pytest.raises(ModelError, match="the probability is -0"):
        detente.run(model, draws=DRAWS)
    blueprint = compile_model(model)
    draws = blueprint.sampler.draw(DRAWS, 1)
    lost = (draws.truth["doubt"] == 1) & (draws.truth["cost"] < 0.3)
    assert lost.any()
    assert computable(blueprint, "common", draws).tolist() == (~lost).tolist()
    asked = Bench.of(blueprint, How(draws=DRAWS).ready(model))(draws)
    assert asked.computed.tolist() == (~lost).tolist()
    tried = detente.what_if(model, ["shift prize=+0.1"], draws=DRAWS).whole.outcomes["war"]
    assert tried.effect.draws == int((~lost).sum())
