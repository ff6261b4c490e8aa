"""What befalls a store: damage, interruption, a full disk, no folder. No number comes from it that was not checked."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import detente
from detente.engine.engine import Engine
from detente.engine.store.store import Store, StoreWarning, default_folder
from tests.engine.demand import BATCH, run, same


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
        detente.dataset(again)
    assert solves == [BATCH]
    same(plain, again)
    solves.clear()
    detente.dataset(run(model, 2 * BATCH, Store()))  # mended
    assert solves == []


def test_a_file_of_other_draws_is_not_believed_either(model: detente.Model, solves: list[int]) -> None:
    """Even under the right address: the quantities it was solved for are compared."""
    blueprint = detente.compile_model(model)
    truth = blueprint.sampler.draw(BATCH, 1)
    late = np.r_[
        truth.truth["cost"][:100], truth.truth["cost"][100:] * 2
    ]  # alike in the first draws, which give the address
    other = blueprint.sampler.draw(BATCH, 1, {"cost": late})
    engine = Store().wrap(Engine())
    first = next(engine.solve(blueprint, truth)).solution.behaviour
    second = next(engine.solve(blueprint, other)).solution.behaviour
    assert len(solves) == 2
    np.testing.assert_array_equal(first[:, :100], second[:, :100])
    assert not np.array_equal(first, second)


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


def test_without_a_home_it_goes_on_without_keeping(model: detente.Model, monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(self: Path) -> Path:
        raise RuntimeError(f"no home for {self}")

    monkeypatch.delenv("DETENTE_STORE")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(Path, "expanduser", lost)
    with pytest.warns(StoreWarning, match="cannot be kept"):
        assert run(model, 64, Store()).n == 64
