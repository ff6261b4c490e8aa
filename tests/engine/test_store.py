"""The store of solved draws: the same bytes with and without it; what is kept, shared, listed and cleared."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

import detente
from detente.engine.store import store as stores
from detente.engine.store.store import Store, default_folder
from detente.present.cli.app import app
from detente.present.cli.store import store as command
from detente.solve.quantal.quantal import Quantal
from tests.engine.demand import BATCH, MODEL, run, same


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
    first = detente.statics(written, draws=64, store=Store())
    solves.clear()
    assert detente.statics(written, draws=64, store=Store()) == first == detente.statics(written, draws=64)
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
    together = detente.statics(written, draws=64)
    assert solves == [64] * 4
    assert together == [r for name in written.statics for r in detente.statics(written, draws=64, names=[name])]
    assert together[1].effect.value == -together[3].effect.value != 0


PROCESS = """
import sys, detente
from detente.engine.store.store import Store
store = Store()
study = detente.run(sys.argv[1], draws=700, store=store)
print(study.outcomes)
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
    assert found[0][0].strip() == str(study.outcomes)
    assert not list(default_folder().rglob("*.part"))


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


def test_the_commands_share_what_is_solved(tmp_path: Path, solves: list[int]) -> None:
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
    assert "removed 5 files" in invoke("clear", "demand", of=command)
    assert "nothing is kept" in invoke(of=command)
