"""Work as bytes: the same in every process, and the same work when it is read."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np

import detente
from detente.analyse.forecast.claims import Question, beside
from detente.engine.engine import Engine
from detente.engine.executors import wire
from detente.engine.surroundings import digest
from detente.engine.travelling import away
from detente.game.compile import compile_model
from detente.study.memo.parts import Part
from tests.engine import demand
from tests.study.structures import CRISIS, RIVAL


def sent(model: detente.Model) -> tuple[wire.Packed, wire.Packed, wire.Tree]:
    """A batch of a run as it is sent."""
    blueprint = compile_model(model)
    claims = {name: Question(blueprint, c.holds.expression, beside(c.holds)) for name, c in model.claims.items()}
    reads = away(Engine(), blueprint, {}, partial(Part.of, claims=claims, asked={})).reads
    work, draws = wire.packed(reads, {}), wire.packed((blueprint.sampler.draw(50, 1),), {})
    return work, draws, wire.tree_of(blueprint)


def test_work_is_the_same_bytes_in_every_process() -> None:
    told = []
    for seed in ("1", "2"):
        env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).parents[2])}
        command = [sys.executable, "-m", "tests.engine.test_wire"]
        told.append(subprocess.Popen(command, env=env, text=True, stdout=subprocess.PIPE))
    one, two = (process.communicate()[0].split() for process in told)
    assert one == two
    assert len(set(one)) == 6


def test_what_was_asked_of_a_model_before_does_not_show(model: detente.Model) -> None:
    fresh, asked = compile_model(model), compile_model(model)
    for blueprint in (fresh, asked):
        blueprint.sampler.draw(20, 1)
    Engine(workers=1).solve_batch(asked, asked.sampler.draw(20, 1), {})
    assert wire.tree_of(fresh).digest == wire.tree_of(asked).digest


def test_the_same_array_travels_once() -> None:
    whole = np.arange(100_000.0)
    once_only = wire._dumped([whole[:50_000]], {})
    five = wire._dumped([whole[:50_000] for _ in range(5)], {})
    assert len(five) < len(once_only) + 1000
    found = wire.back(wire._dumped([whole[:3], whole[1:4], whole[::2][:3], whole[:3]], {}))
    assert [x.tolist() for x in found] == [[0, 1, 2], [1, 2, 3], [0, 2, 4], [0, 1, 2]]


def test_sets_and_kinds_arrive_as_they_were() -> None:
    there = {"sets": ({"b", "a"}, frozenset({("x", 1), ("y", 2)}), set()), "kind": wire.Tree}
    assert wire.back(wire._dumped(there, {})) == there


def test_a_compiled_model_arrives_as_it_was(model: detente.Model) -> None:
    blueprint = compile_model(model)
    first = wire.tree_of(blueprint)
    wire.take(first)
    found = wire.HERE.trees[first.digest]
    assert found is not blueprint
    assert found.ready == {}
    assert (found.tree.labels, found.payoff_terms) == (blueprint.tree.labels, blueprint.payoff_terms)
    assert found.tape.readers == {}  # they know expressions by where these lie in memory


def main() -> None:
    for model in (detente.loads(demand.MODEL, "demand.yaml"), detente.loads(CRISIS + RIVAL, "rivals.yaml")):
        work, draws, tree = sent(model)
        print(digest(work.raw), digest(draws.raw), tree.digest)


if __name__ == "__main__":
    main()
