"""The store of solved draws: the same bytes with and without it, and never a number that was not checked."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

import detente
from detente.engine.engine import Engine
from detente.engine.store import store as stores
from detente.engine.store.fingerprint import address, meaning
from detente.engine.store.store import Store, StoreWarning, default_folder
from detente.solve.quantal.quantal import Quantal

MODEL = """
title: A demand
periods: 2
actors: {Moscow: demands, Kiev: answers}
sources: {news: {title: Agency reports}}
quantities:
  cost: {value: 0.3 to 1.2, unit: stake, source: news, seen_by: {Moscow: cost * (0.3 to 0.9)}}
  hazard: {value: 0.01 to 0.06, unit: probability}
  rationality: {value: 2 to 12, role: precision}
private:
  Kiev.resolve: {firm: 0.4, soft: otherwise}
stages:
  posture: {actor: Moscow, moves: [invade, press, leave]}
  incident: {chance: {war: hazard, none: otherwise}, when: posture is press}
  answer: {actor: Kiev, moves: [hold, yield], when: posture is press}
outcomes:
  occupied: {when: posture is invade}
  accident: {when: incident is war}
  conceded: {when: answer is yield}
  settled: {when: posture is leave}
  standoff: otherwise
payoffs:
  Moscow:
    prize: 1.0 * (outcome is conceded) + 0.7 * (outcome in [occupied, accident])
    war: -cost * (outcome in [occupied, accident])
  Kiev:
    land: -1.0 * (outcome is conceded) - (0.4 if Kiev.resolve is firm else 1.2) * (outcome in [occupied, accident])
claims:
  no_invasion: {says: an invasion is unlikely, holds: P(outcome is occupied) < 0.5}
"""
BATCH = 200


@pytest.fixture
def solves(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The sizes of the batches that are really solved, batches being small."""
    monkeypatch.setattr("detente.engine.engine.LARGEST_BATCH", BATCH)
    solve, sizes = Engine.solve_batch, []

    def counted(self: Engine, blueprint: object, draws: object, forced: object) -> object:
        sizes.append(draws.n)  # type: ignore[attr-defined]
        return solve(self, blueprint, draws, forced)  # type: ignore[arg-type]

    monkeypatch.setattr(Engine, "solve_batch", counted)
    return sizes


@pytest.fixture(scope="module")
def model() -> detente.Model:
    return detente.loads(MODEL, "demand.yaml")


def run(model: detente.Model, draws: int, store: Store | None = None, **how: object) -> detente.Study:
    return detente.run(model, draws, store=store, **how)  # type: ignore[arg-type]


def same(one: detente.Study, two: detente.Study) -> None:
    """Equal to the byte, in whatever is shown."""
    assert one.as_dict() == two.as_dict()
    assert one.references == two.references
    assert one.reason == two.reason
    assert one.dataset().equals(two.dataset())
    for name in one.model.outcomes:
        assert one.outcome_draws(name).tobytes() == two.outcome_draws(name).tobytes()
    for a, b in zip(one.parts, two.parts, strict=True):
        assert a.coming.tobytes() == b.coming.tobytes()
        assert a.behaviour.tobytes() == b.behaviour.tobytes()
        assert [x.tobytes() for x in a.believed] == [x.tobytes() for x in b.believed]
        assert (a.evaluations == b.evaluations).all()
        assert (a.folded == b.folded).all()
    for first, second in zip(one.why(), two.why(), strict=True):
        assert first == second


@pytest.mark.parametrize("how", [{}, {"perception": "private"}, {"method": "limit"}, {"method": Quantal(trace=True)}])
def test_the_same_bytes_with_and_without_the_store(
    model: detente.Model, solves: list[int], how: dict[str, object]
) -> None:
    plain = run(model, 3 * BATCH - 50, **how)
    first, second = Store(), Store()
    same(plain, run(model, 3 * BATCH - 50, first, **how))
    assert (first.reused, first.solved) == (0, 3 * BATCH - 50)
    solves.clear()
    same(plain, run(model, 3 * BATCH - 50, second, **how))
    assert solves == []
    assert (second.reused, second.solved) == (3 * BATCH - 50, 0)


def test_more_draws_reuse_fewer_and_fewer_reuse_more(model: detente.Model, solves: list[int]) -> None:
    run(model, 250, Store())
    solves.clear()
    longer = run(model, 1000, Store())
    assert solves == [BATCH - 50, BATCH, BATCH, BATCH]  # 200 + 50 were there
    solves.clear()
    shorter = run(model, 333, Store())
    assert solves == []
    same(shorter, run(model, 333))
    same(longer, run(model, 1000))
    (held,) = Store().held()
    assert (held.case, held.draws) == ("demand", 1000)


def test_a_few_draws_are_solved_and_not_kept(model: detente.Model, solves: list[int]) -> None:
    run(model, 9, Store())
    assert solves == [9]
    assert Store().held() == []


def test_statics_are_kept_apart_by_what_they_fix_and_force(solves: list[int]) -> None:
    written = detente.loads(
        MODEL
        + """
statics:
  deters: {raise: cost, then: P(outcome is occupied) falls}
  forced: {force: {posture: invade}, instead_of: {posture: press}, then: P(outcome is occupied) rises}
"""
    )
    first = detente.statics(written, 64, store=Store())
    solves.clear()
    assert detente.statics(written, 64, store=Store()) == first == detente.statics(written, 64)
    assert solves == [64] * 4  # only those without the store
    assert len(Store().held()) == 4


def test_what_several_statics_try_is_solved_once(solves: list[int]) -> None:
    written = detente.loads(
        MODEL
        + """
statics:
  deters: {raise: cost, then: P(outcome is occupied) falls}
  forced: {force: {posture: invade}, instead_of: {posture: press}, then: P(outcome is occupied) rises}
  again: {raise: cost, then: P(posture is press) rises}
  back: {force: {posture: press}, instead_of: {posture: invade}, then: P(outcome is occupied) falls}
"""
    )
    together = detente.statics(written, 64)
    assert solves == [64] * 4
    assert together == [r for name in written.statics for r in detente.statics(written, 64, names=[name])]
    assert together[1].effect.value == -together[3].effect.value != 0


def test_an_interrupted_write_leaves_nothing_behind_and_the_run_goes_on(
    model: detente.Model, solves: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    replace, calls = Path.replace, []

    def interrupted(self: Path, target: Path) -> Path:
        if target.suffix == ".batch":
            calls.append(target)
            if len(calls) == 3:
                raise KeyboardInterrupt
        return replace(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", interrupted)
        part = run(model, 5 * BATCH, Store())
    assert part.interrupted
    assert part.n == 2 * BATCH
    left = [path.name for path in default_folder().rglob("*") if path.is_file()]
    assert sorted(name.split("-")[0] for name in left) == ["00000000", f"{BATCH:08d}", "about.json"]
    solves.clear()
    same(run(model, 5 * BATCH, Store()), run(model, 5 * BATCH))
    assert solves[:3] == [BATCH] * 3  # resumed: the first two were there
    assert len(solves) == 3 + 5


def spoil_a_byte(path: Path) -> None:
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:1000])


def empty(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize("harm", [spoil_a_byte, cut_short, empty])
def test_a_damaged_file_is_never_believed(
    model: detente.Model, solves: list[int], harm: Callable[[Path], None]
) -> None:
    plain = run(model, 2 * BATCH, Store())
    victim = next(default_folder().rglob("00000000-*.batch"))
    harm(victim)
    solves.clear()
    again = run(model, 2 * BATCH, Store())  # what was read off is kept apart, and is not damaged
    with pytest.warns(StoreWarning, match="damaged"):
        again.dataset()
    assert solves == [BATCH]
    same(plain, again)
    solves.clear()
    run(model, 2 * BATCH, Store()).dataset()  # mended
    assert solves == []


def test_a_file_of_other_draws_is_not_believed_either(model: detente.Model, solves: list[int]) -> None:
    """Even under the right address: the quantities it was solved for are compared."""
    blueprint = detente.compile_model(model)
    truth = blueprint.sampler.draw(BATCH, 1)
    late = np.r_[
        truth.truth["cost"][:100], truth.truth["cost"][100:] * 2
    ]  # alike in the first draws, which give the address
    other = blueprint.sampler.draw(BATCH, 1, {"cost": late})
    engine = Engine(store=Store())
    first = next(engine.solve(blueprint, truth)).solution.behaviour
    second = next(engine.solve(blueprint, other)).solution.behaviour
    assert len(solves) == 2
    np.testing.assert_array_equal(first[:, :100], second[:, :100])
    assert not np.array_equal(first, second)


PROCESS = """
import sys, detente
from detente.engine.store.store import Store
store = Store()
study = detente.run(sys.argv[1], 700, store=store)
print(study.as_dict()["outcomes"])
"""


def test_two_processes_write_at_once(model: detente.Model, tmp_path: Path) -> None:
    path = tmp_path / "demand.yaml"
    path.write_text(MODEL)
    running = [
        subprocess.Popen([sys.executable, "-W", "error", "-c", PROCESS, str(path)], stdout=-1, stderr=-1, text=True)
        for _ in range(2)
    ]
    found = [process.communicate() for process in running]
    assert [process.returncode for process in running] == [0, 0], found
    assert found[0][0] == found[1][0]
    store = Store()
    study = run(model, 700, store)
    assert store.reused == 700
    assert found[0][0].strip() == str(study.as_dict()["outcomes"])
    assert not list(default_folder().rglob("*.part"))


def key(model: detente.Model, engine: Engine | None = None, seed: int = 1) -> str | None:
    blueprint = detente.compile_model(model)
    return address(engine or Engine(), blueprint, blueprint.sampler.draw(16, seed), {})


CHANGES = {
    "cost: {value: 0.3 to 1.2": "cost: {value: 0.3 to 1.3",
    "(0.3 to 0.9)": "(0.3 to 0.8)",
    "value: 2 to 12": "value: 2 to 11",
    "firm: 0.4": "firm: 0.5",
    "0.7 * (outcome": "0.8 * (outcome",
    "periods: 2": "periods: 1",
    "unit: probability": "unit: ratio",
    "moves: [hold, yield]": "moves: [hold, yield, flee]",
    "hazard, none": "2 * hazard, none",
    "{firm: 0.4, soft: otherwise}": "{prior: {firm: 0.4, soft: otherwise}, public: true}",
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_changes_the_game_changes_the_address(model: detente.Model, change: str) -> None:
    assert change in MODEL
    assert key(detente.loads(MODEL.replace(change, CHANGES[change]))) != key(model)


WORDS = {
    "title: A demand": "title: An ultimatum",
    "Moscow: demands": "Moscow: asks",
    "title: Agency reports": "title: Rumours",
    "says: an invasion is unlikely, holds: P(outcome is occupied) < 0.5": "holds: P(outcome is occupied) < 0.1",
    "incident: {chance": "incident: {because: it happens, chance",
    "hold, yield": "hold_out, yield",
    "\nperiods": "\n# a comment\nperiods",
    "hazard: {value": "unasked: {value: 1 to 2}\n  hazard: {value",
}


@pytest.mark.parametrize("change", WORDS)
def test_what_leaves_the_game_alone_leaves_the_address_alone(model: detente.Model, change: str) -> None:
    assert change in MODEL
    assert key(detente.loads(MODEL.replace(change, WORDS[change]))) == key(model)


def test_the_address_depends_on_how_it_is_solved(model: detente.Model, monkeypatch: pytest.MonkeyPatch) -> None:
    engines = [Engine(), Engine("private"), Engine(method="quantal"), Engine(method="limit"),
               Engine(method=Quantal()), Engine(method=Quantal(budget=7))]  # fmt: skip
    found = [key(model, engine) for engine in engines] + [key(model, seed=2)]
    assert len(set(found)) == len(found)
    assert key(model, Engine(workers=3)) == key(model)

    class Odd:  # a solver whose settings cannot be read
        name = "odd"

    assert key(model, Engine(method=Odd())) is None  # type: ignore[arg-type]
    monkeypatch.setattr("detente.engine.store.fingerprint.surroundings", lambda: "another version")
    assert key(model) != found[0]


def test_questions_asked_before_do_not_change_the_address(model: detente.Model) -> None:
    asked = detente.compile_model(model)
    before = meaning(asked)
    detente.run(model, 20).ask("P(outcome is occupied) * hazard")
    from detente.analyse.forecast.claims import Question
    from detente.model.ask import read_question

    Question(asked, read_question(model, "E(hazard * cost * 7 + (outcome is standoff))"))
    meaning.cache_clear()
    assert meaning(asked) == before


def test_what_is_kept_is_listed_and_cleared_and_nothing_else_is_touched(model: detente.Model) -> None:
    run(model, 64, Store())
    run(model, 64, Store(), seed=2)
    run(detente.loads(MODEL, "other.yaml"), 64, Store(), perception="private")
    mine = default_folder() / stores.LAYOUT / "notes.txt"
    mine.write_text("mine")
    (default_folder() / "kept").mkdir()
    held = Store().held()
    assert {(h.case, h.draws, h.seed, h.perception) for h in held} == {
        ("demand", 64, 1, "common"), ("demand", 64, 2, "common"), ("other", 64, 1, "private")
    }  # fmt: skip
    assert all(abs(h.used - time.time()) < 60 and h.size > 1000 for h in held)
    with pytest.raises(detente.QuestionError, match="did you mean 'demand'"):
        Store().clear("demandd")
    assert Store().clear("demand")[0] == 4  # of each seed the draws, and what was read off them
    assert [h.case for h in Store().held()] == ["other"]
    count, size = Store().clear()
    assert count == 2
    assert size > 1000
    assert sorted(path.name for path in default_folder().rglob("*")) == ["kept", "notes.txt", stores.LAYOUT]
    with pytest.raises(detente.QuestionError, match="the store is empty"):
        Store().clear("demand")


def test_what_was_not_used_for_longest_goes_first(model: detente.Model) -> None:
    run(model, 64, Store())
    (held,) = Store().held()
    for path in default_folder().rglob("0*-*-*"):
        os.utime(path, (1000, 1000))
    store = Store(limit=int(2.05 * held.size))
    run(model, 64, store, seed=2)
    assert len(store.held()) == 2
    run(model, 64, store, seed=3)
    assert {h.seed for h in store.held()} == {2, 3}
    assert sum(h.size for h in store.held()) <= store.limit


def test_use_counts_as_use(model: detente.Model) -> None:
    run(model, 64, Store())
    for path in default_folder().rglob("0*-*-*"):
        os.utime(path, (1000, 1000))
    run(model, 64, Store())
    assert Store().held()[0].used > time.time() - 60


def test_a_full_disk_is_told_once_and_the_answer_is_the_same(
    model: detente.Model, solves: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Path, raw: bytes) -> int:
        self.write_text("half" * (len(raw) > 0))
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    told: list[str] = []
    study = run(model, 3 * BATCH, Store(tell=told.append))
    assert len(told) == 1
    assert "No space left on device" in told[0]
    assert not [path for path in default_folder().rglob("*") if path.is_file()]
    same(study, run(model, 3 * BATCH))
    assert solves == [BATCH] * 6


def test_a_folder_that_cannot_be_made_is_told(model: detente.Model, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.warns(StoreWarning, match="cannot be kept"):
        study = run(model, 64, Store(tmp_path / "file" / "store"))
    same(study, run(model, 64))
    assert Store(tmp_path / "file" / "store").held() == []


def test_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DETENTE_STORE")
    monkeypatch.setenv("HOME", "/home/analyst")
    monkeypatch.setattr(stores.sys, "platform", "linux")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert default_folder() == Path("/home/analyst/.cache/detente")
    monkeypatch.setenv("XDG_CACHE_HOME", "/var/caches")
    assert default_folder() == Path("/var/caches/detente")
    monkeypatch.setattr(stores.sys, "platform", "darwin")
    assert default_folder() == Path("/home/analyst/Library/Caches/detente")
    monkeypatch.setenv("DETENTE_STORE", "~/solved")
    assert default_folder() == Path("/home/analyst/solved")


def test_without_a_home_it_goes_on_without_keeping(model: detente.Model, monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(self: Path) -> Path:
        raise RuntimeError(f"no home for {self}")

    monkeypatch.delenv("DETENTE_STORE")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(Path, "expanduser", lost)
    with pytest.warns(StoreWarning, match="cannot be kept"):
        assert run(model, 64, Store()).n == 64


def test_the_commands_share_what_is_solved(tmp_path: Path, solves: list[int]) -> None:
    from detente.present.cli import app
    from detente.present.store import store as command

    path = tmp_path / "demand.yaml"
    path.write_text(MODEL)

    def invoke(*arguments: str, of: typer.Typer = app) -> str:
        result = CliRunner().invoke(of, list(arguments))
        assert result.exit_code == 0, result.output
        return result.stdout

    first = invoke("run", str(path), "-n", "500", "--json")
    assert sum(solves) == 500
    solves.clear()
    for name in ("claims", "why", "tree"):
        invoke(name, str(path), "-n", "500")
    assert invoke("run", str(path), "-n", "500", "--json") == first
    assert solves == []
    assert invoke("run", str(path), "-n", "500", "--json", "--no-store") == first
    assert sum(solves) == 500
    answer = json.loads(invoke("--json", of=command))
    (held,) = answer["kept"]
    assert (held["case"], held["draws"], held["seed"], held["variants"]) == ("demand", 500, 1, 1)
    assert answer["bytes"] == held["bytes"] > 1000
    assert "demand" in invoke(of=command)
    assert CliRunner().invoke(command, ["clear", "nothing"]).exit_code == 2
    assert "removed 4 files" in invoke("clear", "demand", of=command)
    assert "nothing is kept" in invoke(of=command)
