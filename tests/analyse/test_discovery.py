"""Scenario discovery: planted corners are found, noise is not, and the peelings are those of the EMA workbench."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import detente
from detente.analyse.sensitivity.discovery import discover
from detente.analyse.sensitivity.prim import Bounds, peelings, pruned
from detente.arrays import Floats
from detente.errors import QuestionError
from tests.analyse.crises import decision
from tests.analyse.test_sensitivity import invoke

GOLDEN = json.loads((Path(__file__).parent / "golden" / "uncertainty.json").read_text())["prim"]


def planted(n: int, d: int, seed: int = 1, noise: float = 0.0) -> tuple[dict[str, Floats], Floats]:
    rng = np.random.default_rng(seed)
    x = rng.random((d, n))
    inside = (x[0] > 0.6) & (x[1] < 0.5)
    y = np.where(rng.random(n) < noise, rng.random(n) < 0.5, inside)
    return {f"x{k}": row for k, row in enumerate(x)}, y.astype(float)


def test_the_peelings_are_those_of_the_ema_workbench() -> None:
    rng = np.random.default_rng(GOLDEN["seed"])
    x = rng.random((4, GOLDEN["n"]))
    y = (x[0] > 0.6) & (x[1] < 0.5) & (rng.random(GOLDEN["n"]) < 0.9)
    inside = [bounds.holds(x) for bounds, _ in peelings(x, y)]
    mass = np.array([i.mean() for i in inside])[::-1]
    kept = np.array(GOLDEN["mass"]) > 0.15  # what is peeled of the corner itself is noise
    for name, of in (("coverage", y.sum()), ("density", None)):
        mine = np.array([(y & i).sum() / (of or i.sum()) for i in inside])[::-1]
        there = np.interp(np.array(GOLDEN["mass"])[kept], mass, mine)
        np.testing.assert_allclose(there, np.array(GOLDEN[name])[kept], atol=0.02)


def test_values_of_a_choice_are_limits_and_are_told_as_such() -> None:
    rng = np.random.default_rng(3)
    n = 2000
    flag, kind, x = (rng.random(n) < 0.5).astype(float), rng.integers(1, 4, n).astype(float), rng.random(n)
    quantities = {"flag": flag, "kind": kind, "x": x}
    (box,) = discover(((flag == 1) & (kind >= 2) & (x > 0.4)).astype(float), quantities).boxes
    limits = {limit.quantity: limit for limit in box.limits}
    assert {name: limit.values for name, limit in limits.items()} == {"flag": (1,), "kind": (2, 3), "x": ()}
    assert limits["x"].low == pytest.approx(0.4, abs=0.02)
    assert box.density.value > 0.95


def test_half_of_the_draws_are_not_given_up_at_once_for_a_little() -> None:
    rng = np.random.default_rng(4)
    n = 4000
    flag, x = (rng.random(n) < 0.5).astype(float), rng.random(n)
    y = rng.random(n) < np.where(x > 0.4, 0.9, 0.05) * np.where(flag == 1, 1.0, 0.75)
    (box,) = discover(y.astype(float), {"flag": flag, "x": x}).boxes
    assert [limit.quantity for limit in box.limits] == ["x"]
    assert box.limits[0].low == pytest.approx(0.4, abs=0.03)


def test_a_planted_corner_is_found_among_many_quantities() -> None:
    quantities, y = planted(4000, 30)
    found = discover(y, quantities)
    (box,) = found.boxes
    limits = {limit.quantity: limit for limit in box.limits}
    assert set(limits) == {"x0", "x1"}
    assert limits["x0"].low == pytest.approx(0.6, abs=0.02)
    assert limits["x0"].high is None
    assert limits["x1"].high == pytest.approx(0.5, abs=0.02)
    assert limits["x1"].low is None
    assert all(limit.quasi_p < 1e-6 and limit.frequency == 1.0 for limit in box.limits)
    assert box.coverage.value > 0.95
    assert box.density.value > 0.95
    assert box.left_out.value > 0.9
    assert box.trajectory[0].coverage == 1.0
    assert box.trajectory[0].density == pytest.approx(found.share.value)


def test_a_noisy_corner_is_found_and_its_density_is_not_flattered() -> None:
    quantities, y = planted(3000, 20, noise=0.2)
    (box,) = discover(y, quantities).boxes
    assert {limit.quantity for limit in box.limits} == {"x0", "x1"}
    assert box.density.value == pytest.approx(0.9, abs=0.05)
    assert box.left_out.value == pytest.approx(box.density.value, abs=0.06)


def test_noise_has_no_corner() -> None:
    rng = np.random.default_rng(8)
    y = (rng.random(2000) < 0.2).astype(float)
    found = discover(y, {f"x{k}": rng.random(2000) for k in range(10)})
    assert not found.boxes
    assert "no region" in found.notes[0]


def test_a_second_box_is_another_corner() -> None:
    rng = np.random.default_rng(9)
    x = rng.random((5, 4000))
    y = ((x[0] > 0.8) | ((x[1] < 0.2) & (x[0] < 0.8))).astype(float)
    found = discover(y, {f"x{k}": row for k, row in enumerate(x)}, boxes=2)
    assert len(found.boxes) == 2
    assert {box.limits[0].quantity for box in found.boxes} == {"x0", "x1"}
    assert sum(box.coverage.value for box in found.boxes) > 0.9


def test_choices_are_peeled_whole_and_the_point_can_be_chosen() -> None:
    rng = np.random.default_rng(10)
    kind, x = rng.integers(0, 3, 2000).astype(float), rng.random(2000)
    y = ((kind == 2) & (x > 0.3)).astype(float)
    (box,) = discover(y, {"kind": kind, "x": x}).boxes
    limits = {limit.quantity: limit for limit in box.limits}
    assert limits["kind"].low == 2.0
    assert limits["x"].low == pytest.approx(0.3, abs=0.02)
    (early,) = discover(y, {"kind": kind, "x": x}, at=1).boxes
    assert early.chosen == 1
    assert early.coverage.value == 1.0
    with pytest.raises(QuestionError, match="points 0 to"):
        discover(y, {"kind": kind, "x": x}, at=999)


def test_limits_set_by_chance_are_dropped() -> None:
    rng = np.random.default_rng(11)
    x = rng.random((3, 2000))
    y = x[0] > 0.7
    box = Bounds(np.array([0.7, 0.05, -np.inf]), np.array([np.inf, np.inf, 0.97]))
    assert pruned(x, y, box).limited == [0]


def test_events_too_rare_or_too_common_teach() -> None:
    rng = np.random.default_rng(12)
    x = {"x": rng.random(1000)}
    with pytest.raises(QuestionError, match=r"in 5 of 1,000 draws, which is too rare.*\n.*about 8,000 draws"):
        discover((x["x"] < np.sort(x["x"])[5]).astype(float), x)
    with pytest.raises(QuestionError, match="too common"):
        discover(np.ones(1000), x)
    with pytest.raises(QuestionError, match="known exactly"):
        discover(np.ones(1000), {"x": np.ones(1000)})


def test_a_claim_breaks_where_it_must() -> None:
    study = detente.run(decision("uniform(-1, 2)", quantities={"idle": "uniform(0, 1)"}), draws=1500)
    found = detente.discover(study, "not often")
    (limit,) = found.boxes[0].limits
    assert limit.quantity == "x"
    assert limit.high == pytest.approx(0.3 + np.log(0.7 / 0.3) / 4, abs=0.02)  # P(go) = 0.7
    assert found.boxes[0].density.value > 0.98
    inside = detente.discover(study, "not often", where="x > 0")
    assert inside.draws == int((study.draws.truth["x"] > 0).sum())
    with pytest.raises(QuestionError, match="likeliest is gone"):
        detente.discover(study, "gone")


def test_the_command_prints_the_box_and_its_trajectory() -> None:
    code, out, _ = invoke("sense", "crisis-signalling", "-n", "600", "--discover", "P(outcome is war) > 0.2")
    assert code == 0, out
    assert "resolute p" in out
    assert "quasi-p" in out
    assert "coverage" in out
    code, out, _ = invoke("sense", "crisis-signalling", "-n", "600", "--discover", "P(outcome is war) > 0.2", "--json")
    told = json.loads(out)
    assert {"coverage", "density", "limits", "trajectory", "left_out"} <= set(told["boxes"][0])
    code, _, error = invoke("sense", "crisis-signalling", "--discover", "war", "--of", "war")
    assert code == 2
    assert "--of" in error  # another question: `detente discover CASE EVENT`
