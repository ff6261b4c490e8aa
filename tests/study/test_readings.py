"""The same question asked again is read from the store; an interrupted one goes on; no number changes by either."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

import pytest

import detente
from detente.engine.store.codec import encode
from detente.engine.store.store import Store, StoreWarning, default_folder
from detente.study.registry import declared

DRAWS = 120
TEXT = """
title: A threat
mechanisms: {fear: {says: war frightens, source: paper 2}, greed: {says: land tempts}}
actors: {A: attacks, B: answers}
quantities:
  lam: {value: 4, role: precision}
  x: {value: 0.2 to 2.0, mechanism: fear, seen_by: {A: x * (0.5 to 1.1)}}
  y: {value: 0.5 to 1.5, mechanism: greed}
stages:
  move: {actor: A, moves: [go, stay]}
  reply: {actor: B, moves: [fight, yield], when: move is go}
outcomes: {war: reply is fight, gone: reply is yield, still: otherwise}
payoffs:
  A:
    gain: {value: y * (outcome is gone), mechanism: greed}
    fear: {value: -x * (outcome is war), mechanism: fear}
  B: {loss: -0.5 * (outcome is gone) - 0.3 * x * (outcome is war)}
claims: {seldom: P(outcome is gone) < 0.4}
statics: {costly: {raise: x, then: P(outcome is war) falls}}
"""
Ask = Callable[..., Any]
ASKS: dict[str, Ask] = {
    "tip": lambda case, **how: detente.tip(case, "x", draws=DRAWS, points=25, **how),
    "map": lambda case, **how: detente.tip_map(case, "x", "y", points=7, **how),
    "what if": lambda case, **how: detente.what_if(case, ["set y=1.2", "force reply=fight"], draws=DRAWS, **how),
    "compare": lambda case, **how: detente.compare(case, detente.loads(TEXT.replace("0.3 * x", "0.6 * x"), "b.yaml"),
                                                   draws=DRAWS, **how),
    "ablate": lambda case, **how: detente.ablate(case, draws=DRAWS, **how),
    "statics": lambda case, **how: detente.statics(case, draws=DRAWS, **how),
    "suppose": lambda case, **how: detente.suppose(detente.run(case, draws=DRAWS, **how), ["x=0.1"]),
    "breaking": lambda case, **how: detente.breaking(detente.run(case, draws=DRAWS, **how)),
}  # fmt: skip


@pytest.fixture
def model() -> detente.Model:
    return detente.loads(TEXT, "threat.yaml")


@pytest.fixture
def solves(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is solved from here on."""
    from detente.engine.engine import Engine

    done: list[str] = []
    batch, line = Engine.solve_batch, Engine.solve_line

    def counted(self: Engine, *args: Any) -> Any:
        done.append("batch")
        return batch(self, *args)

    def along(self: Engine, *args: Any) -> Any:
        for found in line(self, *args):
            done.append("point")
            yield found

    monkeypatch.setattr(Engine, "solve_batch", counted)
    monkeypatch.setattr(Engine, "solve_line", along)
    return done


def forbidden(*_: object) -> NoReturn:
    raise AssertionError("this was to be read from the store")


def never_compiled(patch: pytest.MonkeyPatch) -> None:
    """From here on no question may compile a model, nor take a compiled one from the store."""
    for known in declared().values():
        import_module(known.module)
    places = [
        f"{module}.{name}"
        for module in list(sys.modules)
        for name in ("compile_model", "blueprint_of")
        if module.startswith("detente.study.") and hasattr(sys.modules[module], name)
    ]
    assert len(places) > 3
    for place in places:
        patch.setattr(place, forbidden)


@pytest.mark.parametrize("how", [{}, {"perception": "private"}, {"method": "limit"}])
@pytest.mark.parametrize("name", ASKS)
def test_a_question_asked_again_neither_solves_nor_compiles(
    name: str, how: dict[str, str], model: detente.Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = encode(ASKS[name](model, **how))
    assert encode(ASKS[name](model, store=Store(), **how)) == plain
    never_compiled(monkeypatch)
    assert encode(ASKS[name](model, store=Store(), **how)) == plain


def test_what_an_answer_owes_to_quantities_is_kept(model: detente.Model, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = {of: encode(detente.run(model, draws=DRAWS).drivers(of)) for of in ("seldom", "war")}
    assert len(set(plain.values())) == 2
    kept = detente.run(model, draws=DRAWS, store=Store())
    assert {of: encode(kept.drivers(of)) for of in plain} == plain
    monkeypatch.setattr("detente.study.study.drivers", forbidden)
    again = detente.run(model, draws=DRAWS, store=Store())
    assert {of: encode(again.drivers(of)) for of in plain} == plain
    with pytest.raises(AssertionError, match="read from the store"):
        detente.run(model, draws=DRAWS, seed=2, store=Store()).drivers("war")


@pytest.mark.parametrize("name", ASKS)
def test_another_question_is_not_taken_for_the_same(
    name: str, model: detente.Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    ASKS[name](model, store=Store())
    never_compiled(monkeypatch)
    other = detente.loads(TEXT.replace("-0.5", "-0.6"), "threat.yaml")
    for case, how in ((other, {}), (model, {"perception": "private"}), (model, {"method": "limit"}),
                      *([(model, {"seed": 2})] if name != "map" else [])):  # fmt: skip
        with pytest.raises(AssertionError, match="read from the store"):
            ASKS[name](case, store=Store(), **how)


@pytest.mark.parametrize("name", [name for name in ASKS if name not in ("map", "compare", "breaking", "suppose")])
def test_an_interrupted_question_goes_on_where_it_was(
    name: str, model: detente.Model, solves: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("detente.engine.engine.LARGEST_BATCH", 50)
    plain = encode(ASKS[name](model))
    whole = len(solves)

    before = []
    for upto in (1, 13, 25) if name == "tip" else (1,):
        solves.clear()

        def stop(done: int, _: int, upto: int = upto) -> None:
            if done >= upto:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            ASKS[name](model, store=Store(), progress=stop)
        before.append(len(solves))
    solves.clear()
    assert encode(ASKS[name](model, store=Store())) == plain
    if name == "tip":  # a line goes on from the last of its stretches that was done
        assert "point" not in solves
        assert len(solves) == whole - 5 * 25
        assert sum(before) <= 3 + 5 * 25 + 2 * 11  # five batches of 25 points; twice less than a stretch was lost
    else:
        assert len(solves) + sum(before) == whole


def test_what_was_needed_on_the_way_goes_when_the_whole_is_kept(model: detente.Model) -> None:
    ASKS["tip"](model, store=Store())
    assert len(list(default_folder().rglob("*.read"))) == 1


def test_questions_share_what_they_solve(model: detente.Model, solves: list[str]) -> None:
    ASKS["what if"](model, store=Store())
    solves.clear()
    detente.what_if(model, ["set y=1.2"], draws=DRAWS, store=Store())
    assert solves == []  # both sides are there
    detente.ablate(model, ["greed"], draws=DRAWS, store=Store())
    assert solves == ["batch"]  # the model itself is there


def test_what_a_run_solved_is_taken_and_nothing_is_put_beside_it(model: detente.Model, solves: list[str]) -> None:
    detente.run(model, draws=DRAWS, store=Store())
    solves.clear()
    detente.what_if(model, ["set y=1.2"], draws=DRAWS, store=Store())
    assert solves == ["batch"]
    assert len(list(default_folder().rglob("*.batch"))) == 1


def test_two_processes_ask_at_once(tmp_path: Path) -> None:
    path = tmp_path / "threat.yaml"
    path.write_text(TEXT, encoding="utf-8")
    line = [
        sys.executable,
        "-c",
        "from detente.present.cli.app import main; main()",
        "ablate",
        str(path),
        "-n",
        "64",
        "--json",
    ]
    both = [subprocess.Popen(line, stdout=subprocess.PIPE) for _ in range(2)]
    one, other = (process.communicate()[0] for process in both)
    again = subprocess.run(line, stdout=subprocess.PIPE, check=False).stdout
    assert one
    assert one == other == again
    assert not list(default_folder().rglob("*.part"))


def test_a_damaged_finding_is_told_and_found_anew(model: detente.Model) -> None:
    plain = encode(ASKS["tip"](model, store=Store()))
    (kept,) = default_folder().rglob("*.read")
    kept.write_bytes(kept.read_bytes()[:-100])
    with pytest.warns(StoreWarning, match="damaged"):
        assert encode(ASKS["tip"](model, store=Store())) == plain
