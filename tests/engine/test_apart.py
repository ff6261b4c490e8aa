"""Rival structures are solved side by side and read apart: numbers are those of each by itself, and of the whole."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path

import numpy as np
import pytest

from detente.analyse.forecast.why import compare, term_values
from detente.draws.sampler import Draws
from detente.draws.variants import Change
from detente.engine.batch import reach
from detente.engine.engine import Engine
from detente.engine.rivals import apart, held_apart
from detente.engine.store.store import Store
from detente.game.batched import batched, form
from detente.game.blueprint import Blueprint
from detente.game.compile import compile_model
from detente.model.load import loads
from detente.study.evaluate.variant import Arm
from detente.study.run import run
from detente.study.settings import How
from tests.study.structures import CRISIS, RIVAL

N = 90
MODEL = loads(CRISIS + RIVAL, "rival.yaml")
DO = (("demand", "demand"),)


@pytest.fixture(scope="module")
def blueprint() -> Blueprint:
    return compile_model(MODEL)


@pytest.fixture(scope="module")
def draws(blueprint: Blueprint) -> Draws:
    return blueprint.sampler.draw(N, 1)


@pytest.mark.parametrize("perception", ["common", "private"])
@pytest.mark.parametrize("do", [(), DO], ids=["as it is", "forced"])
def test_combinations_of_one_shape_are_solved_as_each_alone(
    do: tuple[tuple[str, str], ...], perception: str, blueprint: Blueprint, draws: Draws
) -> None:
    """To the last bit; the four combinations have two shapes."""
    assert blueprint.members is not None
    batch = Engine(perception, workers=2).solve_batch(blueprint, draws, {}).batch
    forms = {form(inside.game) for _, inside in apart(batch)}
    assert (len(apart(batch)), len(forms)) == (4, 2)
    for where, inside in apart(batch):
        alone = Engine(perception, workers=1).solve_batch(inside.blueprint, draws.taken(where), {})
        ours, theirs = (inside, alone.batch) if not do else (inside.under(do).batch, alone.batch.under(do).batch)
        assert np.array_equal(ours.behaviour, theirs.behaviour)
        assert np.array_equal(ours.game.payoffs, theirs.game.payoffs)
        if do:
            assert np.array_equal(inside.under(do).converged, alone.batch.under(do).converged)


def test_games_are_put_together_draw_after_draw(blueprint: Blueprint, draws: Draws) -> None:
    assert blueprint.members is not None
    games = [member.game(draws.part(3 * k, 3 * k + 3)) for k, member in enumerate(blueprint.members.blueprints)]
    same = [game for game in games if form(game) == form(games[0])]
    whole = batched(same)
    assert whole.n_draws == 6
    assert np.array_equal(whole.part(3, 6).payoffs, same[1].payoffs)
    assert np.array_equal(whole.part(0, 3).chance, same[0].chance)
    assert form(games[0]) != form(games[-1])


def test_reach_and_reasons_are_those_of_the_whole(blueprint: Blueprint, draws: Draws) -> None:
    batch = Engine().solve_batch(blueprint, draws, {}).batch
    whole = reach(batch.game, batch.behaviour, batch.tree.n_players)
    assert np.abs(batch.reach - whole).max() < 1e-12
    sets = list(range(batch.tree.n_infosets))
    values, read = term_values(batch, sets), compare(batch, sets)
    assert read.keys() == values.keys()
    start = batch.tree.action_start
    for h in sets:
        there = batch.there(h)
        assert read[h][0].shape == values[h][..., there].shape
        assert np.abs(read[h][0] - values[h][..., there]).max() < 1e-12
        assert np.array_equal(read[h][1], batch.behaviour[start[h] : start[h + 1], there])


def test_a_batch_that_nobody_holds_is_gone() -> None:
    """Its arrays are large, and the collector of cycles comes seldom."""
    study = run(MODEL, draws=40)
    gc.disable()
    try:
        (batch,) = study.batches()
        assert batch.reach[0] == pytest.approx(1)
        assert [inside.under(DO).batch.reach.shape[1] for _, inside in apart(batch)]
        gone = weakref.ref(batch)
        del batch
        assert gone() is None
    finally:
        gc.enable()


def test_draws_held_apart_know_what_is_forced(blueprint: Blueprint, draws: Draws) -> None:
    batch = Engine().solve_batch(blueprint, draws, {}).batch
    world = batch.under(DO).batch
    again = held_apart(type(world)(world.blueprint, world.draws, lambda: world.game, world.behaviour, None), DO)
    for (where, ours), (places, theirs) in zip(apart(again), apart(world), strict=True):
        assert np.array_equal(where, places)
        assert np.array_equal(ours.reach, theirs.reach)


def test_what_a_question_reads_is_made_ready_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """For the model and for all that differ from it in values; where a term is worth nothing it is read again."""
    arm = Arm.plain(How(draws=20).ready(MODEL))
    arm.between()
    made: list[object] = []
    ready = "detente.analyse.forecast.claims.Question._made_ready"
    from detente.analyse.forecast.claims import Question

    whole = Question._made_ready
    monkeypatch.setattr(ready, lambda self: made.append(self) or whole(self))
    for value in ("0.3", "0.1 to 0.4"):
        before = arm.changed(Change("set", "prize", value)).between()
        assert not made
        fresh = Arm.plain(How(draws=20).ready(loads(CRISIS + RIVAL, "rival.yaml")))
        again = fresh.changed(Change("set", "prize", value)).between()
        assert np.array_equal(before.claims["war_unlikely"], again.claims["war_unlikely"])
        assert np.array_equal(before.outcomes["war"], again.outcomes["war"])
        made.clear()
    arm.changed(Change("drop", "ruin")).between()
    assert made


def test_draws_from_the_store_are_solved_again_under_interventions(tmp_path: Path) -> None:
    """A claim with do() that was not asked before is read off draws that are recalled, in every combination."""
    store = Store(tmp_path)
    run(MODEL, draws=N, store=store)
    claim = "  forced: {says: being forced helps, holds: P(outcome is war | do(demand is demand)) > 0.1}\n"
    asked = loads(CRISIS.replace("statics:", f"{claim}statics:") + RIVAL, "rival.yaml")
    recalled, alone = run(asked, draws=N, store=store), run(asked, draws=N)
    assert store.reused == N
    np.testing.assert_array_equal(recalled.claim_draws("forced"), alone.claim_draws("forced"))
    assert 0 < alone.claims["forced"].share.value < 1
