"""Compiling the first time: who begins, who waits, and that nothing hangs on it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from detente.solve.certificate import certify
from detente.solve.compiled import warmup as ready
from detente.solve.compiled import warmup_game as rehearsal
from detente.solve.quantal import quantal, symmetry
from tests.games import chicken


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if nothing had been begun in this process."""
    monkeypatch.setattr(ready, "_begun", False)
    monkeypatch.setattr(ready, "_at_work", {})
    monkeypatch.setattr(ready, "_left", [])
    monkeypatch.setattr(ready, "_wanted", ["trace"])
    monkeypatch.delenv("DETENTE_REHEARSAL", raising=False)


@pytest.mark.parametrize("part", list(ready.PARTS))
def test_what_was_rehearsed_is_on_disk_and_not_missed(part: str) -> None:
    {
        "trace": quantal.rehearse,
        "symmetry": symmetry.rehearse,
    }[part]()
    assert ready._missing(f"detente.solve.{ready.PARTS[part].module}", ready.PARTS[part].function) is None


def test_what_is_not_on_disk_is_missed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "part.py"
    source.write_text("from numba import njit\n\n@njit(cache=True)\ndef double(x):\n    return 2 * x\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "part", raising=False)
    assert ready._missing("part", "double") is not None
    sys.modules["part"].double(2.0)  # type: ignore[attr-defined]  # a module that is made by this test
    assert ready._missing("part", "double") is None
    assert ready._missing("part", "nothing") is None


def test_one_process_is_at_a_part_and_a_stopped_one_is_forgotten(tmp_path: Path) -> None:
    lock = tmp_path / "detente-trace.lock"
    assert ready._claim(lock)
    assert not ready._claim(lock)
    long_ago = time.time() - 2 * ready._PATIENCE
    os.utime(lock, (long_ago, long_ago))
    assert ready._claim(lock)
    ready._let_go(lock)
    assert not lock.exists()


@pytest.mark.usefixtures("fresh")
def test_a_process_that_fails_is_waited_for_and_the_part_is_compiled_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[subprocess.Popen[bytes]] = []

    class Failing(subprocess.Popen):  # type: ignore[type-arg]
        def __init__(self, command: list[str], **rest: object) -> None:
            super().__init__([command[0], "-c", "raise SystemExit(3)"], **rest)  # type: ignore[call-overload]
            begun.append(self)

    monkeypatch.setattr(ready, "_missing", lambda *_: tmp_path)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    monkeypatch.setattr(subprocess, "Popen", Failing)
    solution = quantal.Quantal(trace=True).solve(rehearsal.game())
    certificate = certify.certify(rehearsal.game(), solution.behaviour)
    assert [process.returncode for process in begun] == [3]
    assert np.all(certificate.residual < 1e-8)
    for lock in tmp_path.glob("*.lock"):
        ready._let_go(lock)


@pytest.mark.usefixtures("fresh")
def test_what_symmetric_games_need_is_begun_as_soon_as_one_is_met(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And compiled for nobody else."""
    begun: list[str] = []

    class Noted(subprocess.Popen):  # type: ignore[type-arg]
        def __init__(self, command: list[str], **rest: object) -> None:
            begun.append(command[-1])
            super().__init__([command[0], "-c", ""], **rest)  # type: ignore[call-overload]

    monkeypatch.setattr(ready, "_missing", lambda *_: tmp_path)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    monkeypatch.setattr(subprocess, "Popen", Noted)
    for game, expected in ((rehearsal.game(), 0), (chicken(2, [3.0]), 1)):
        certify.certify(game, quantal.Quantal().solve(game).behaviour)
        assert sum("quantal.symmetry" in code for code in begun) == expected
    for lock in tmp_path.glob("*.lock"):
        ready._let_go(lock)


@pytest.mark.usefixtures("fresh")
def test_a_rehearsal_begins_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DETENTE_REHEARSAL", "trace")
    monkeypatch.setattr(ready, "_missing", lambda *_: pytest.fail("it looked for what is missing"))
    ready.begin()
    assert not ready._begun
    assert not ready._at_work


@pytest.mark.usefixtures("fresh")
@pytest.mark.parametrize("name", ["numpy.py", "detente.py"])
def test_a_file_in_the_working_folder_is_not_taken_for_a_library(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / name).write_text("import pathlib\npathlib.Path('imported').touch()\nraise SystemExit(1)\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", ["", *sys.path])
    monkeypatch.setattr(ready, "_missing", lambda *_: tmp_path / "kept")
    monkeypatch.setattr(ready, "_left", ["trace"])
    ready._begin_next()
    process = ready._at_work["trace"]
    assert process.wait() == 0
    assert not (tmp_path / "imported").exists()
    ready._let_go(tmp_path / "kept" / "detente-trace.lock")
