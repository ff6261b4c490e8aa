"""The next question about the same draws is answered from what was read off them: nothing is solved or compiled."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest

import detente
from detente.engine.store.store import Store, StoreWarning, default_folder
from detente.study.summary import summary
from tests.engine.demand import MODEL, same

DRAWS = 300


@pytest.fixture
def model() -> detente.Model:
    return detente.loads(MODEL, "demand.yaml")


def forbidden(*_: object) -> NoReturn:
    raise AssertionError("this was to be read from the store")


def no_work(patch: pytest.MonkeyPatch) -> None:
    """From here on nothing may be solved or compiled."""
    patch.setattr("detente.study.memo.rerun.blueprint_of", forbidden)
    patch.setattr("detente.engine.engine.Engine.solve", forbidden)


@pytest.mark.parametrize("how", [{}, {"perception": "private"}, {"method": "limit"}])
def test_answers_from_the_store_are_those_of_a_fresh_run(
    model: detente.Model, monkeypatch: pytest.MonkeyPatch, how: dict[str, str]
) -> None:
    plain = detente.run(model, draws=DRAWS, **how)  # type: ignore[arg-type]
    expected = summary(plain)
    detente.run(model, draws=DRAWS, store=Store(), **how)  # type: ignore[arg-type]
    with monkeypatch.context() as patch:
        no_work(patch)
        store, seen = Store(), []
        again = detente.run(model, draws=DRAWS, store=store, progress=lambda *at: seen.append(at), **how)  # type: ignore[arg-type]
        assert (store.reused, store.solved, seen) == (DRAWS, 0, [(DRAWS, DRAWS)])
        assert summary(again) == expected
        assert detente.table(again).equals(detente.table(plain))
        assert (again.ways, again.mechanisms) == (plain.ways, plain.mechanisms)
        if not how:
            assert detente.sense(again) == detente.sense(plain)
            claim = next(iter(model.claims))
            assert detente.learn(again, claim) == detente.learn(plain, claim)
    same(again, plain)  # what needs behaviour takes it from the store
    assert (store.reused, store.solved) == (DRAWS, 0)


def test_answers_are_found_by_all_that_was_asked(model: detente.Model, monkeypatch: pytest.MonkeyPatch) -> None:
    detente.run(model, draws=DRAWS, store=Store())
    name = next(iter(model.claims))
    other = model.claims[name].model_copy(update={"holds": detente.loads(
        MODEL.replace("< 0.5", "< 0.45"), "demand.yaml").claims[name].holds})  # fmt: skip
    changed = model.model_copy(update={"claims": {**model.claims, name: other}})
    no_work(monkeypatch)
    for asked in (
        {"case": changed}, {"case": model, "draws": DRAWS - 1}, {"case": model, "seed": 2},
        {"case": model, "perception": "private"}, {"case": model, "method": "limit"},
        {"case": model, "set": {"cost": "0.7"}},
    ):  # fmt: skip
        with pytest.raises(AssertionError, match="read from the store"):
            detente.run(**{"draws": DRAWS, "store": Store(), **asked})  # type: ignore[arg-type]


def test_a_damaged_file_of_answers_is_told_and_made_anew(model: detente.Model) -> None:
    plain = detente.run(model, draws=DRAWS, store=Store())
    (kept,) = default_folder().rglob("*.read")
    kept.write_bytes(kept.read_bytes()[:-200])
    with pytest.warns(StoreWarning, match="damaged"):
        again = detente.run(model, draws=DRAWS, store=Store())
    same(plain, again)
    assert len(list(default_folder().rglob("*.read"))) == 1


def test_a_whole_file_that_holds_something_else_is_passed_over(model: detente.Model) -> None:
    plain = detente.run(model, draws=DRAWS, store=Store())
    (kept,) = default_folder().rglob("*.read")
    np.savez(kept, told=np.frombuffer(b'{"sizes": []}', np.uint8))
    from detente.engine.surroundings import digest

    kept.rename(Path(str(kept).replace(kept.stem.split("-")[-1], digest(kept.read_bytes()))))
    same(plain, detente.run(model, draws=DRAWS, store=Store()))


def test_an_interrupted_run_keeps_no_answers(model: detente.Model, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("detente.engine.engine.LARGEST_BATCH", 100)

    def stop(done: int, _: int) -> None:
        if done >= 200:
            raise KeyboardInterrupt

    study = detente.run(model, draws=DRAWS, store=Store(), progress=stop)
    assert study.interrupted
    assert not list(default_folder().rglob("*.read"))
    whole = detente.run(model, draws=DRAWS, store=Store())
    assert (whole.n, whole.interrupted) == (DRAWS, False)
