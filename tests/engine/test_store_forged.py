"""Files of the store that say what they should not, under a digest that agrees: told, set aside, solved again."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import detente
from detente.engine.store import compiled
from detente.engine.store.codec import _LENGTH, _MARK, fits
from detente.engine.store.files import ANSWERS, BEHAVIOUR, COMPILED
from detente.engine.store.store import Store, StoreWarning, default_folder
from detente.engine.surroundings import digest
from detente.study.summary import summary

CASE, DRAWS = "crisis-signalling", 20


def forge(path: Path, change: Callable[[Any], Any], more: bytes = b"") -> Path:
    """A file with its header changed, under the name that its new bytes ask for."""
    raw, start = path.read_bytes(), len(_MARK) + _LENGTH
    end = start + int.from_bytes(raw[len(_MARK) : start], "little")
    header = json.dumps(change(json.loads(raw[start:end]))).encode()
    made = _MARK + len(header).to_bytes(_LENGTH, "little") + header + raw[end:] + more
    first, last, _ = path.stem.split("-")
    path.unlink()
    new = path.with_name(f"{first}-{last}-{digest(made)}{path.suffix}")
    new.write_bytes(made)
    return new


def spots(form: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where something can be changed in a header."""
    found = [at]
    inner = form.items() if isinstance(form, dict) else enumerate(form) if isinstance(form, list) else ()
    for key, value in inner:
        found += spots(value, (*at, key))
    return found


def changed(form: Any, at: tuple[Any, ...], new: Any) -> Any:
    if not at:
        return new
    made = dict(form) if isinstance(form, dict) else list(form)
    made[at[0]] = changed(form[at[0]], at[1:], new)
    return made


STRANGE = (
    None,
    "x",
    -1,
    3.5,
    True,
    [],
    {"list": []},
    {"dict": []},
    {"tuple": [1]},
    {"array": "<f8", "shape": [0]},
    10**9,
)


@pytest.mark.filterwarnings("ignore::detente.engine.store.store.StoreWarning")
@pytest.mark.parametrize("kind", [BEHAVIOUR, ANSWERS, COMPILED])
def test_whatever_a_forged_file_says_the_answers_are_the_same(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Changes of the form of a file; a number in it that is another number is beyond what can be told."""
    monkeypatch.setattr(compiled, "FEWEST", 0)
    plain = summary(detente.run(CASE, draws=DRAWS))
    rng = random.Random(1)
    for _ in range(20):
        detente.run(CASE, draws=DRAWS, store=Store())
        (file,) = default_folder().rglob(f"*{kind}")
        for other in [] if kind == ANSWERS else default_folder().rglob(f"*{ANSWERS}"):
            other.unlink()

        def change(form: Any) -> Any:
            return changed(form, rng.choice(spots(form)), rng.choice(STRANGE))

        forge(file, change)
        found = detente.run(CASE, draws=DRAWS, store=Store())
        assert set(summary(found).outcomes) == set(plain.outcomes)
        detente.dataset(found)
        Store().held()
        Store().clear()


def test_a_forged_file_is_told_and_does_not_stay() -> None:
    first = detente.run(CASE, draws=DRAWS, store=Store())
    (answers,) = default_folder().rglob(f"*{ANSWERS}")
    forged = forge(answers, lambda form: changed(form, ("tuple", 1, "list", 0, "dict"), []))
    with pytest.warns(StoreWarning, match="damaged"):
        again = detente.run(CASE, draws=DRAWS, store=Store())
    assert summary(again) == summary(first)
    assert not forged.exists()


def test_a_finding_of_another_type_is_told_and_found_anew() -> None:
    first = detente.tip(CASE, "audience_cost", points=3, draws=DRAWS, store=Store())
    for file in default_folder().rglob(f"*{ANSWERS}"):
        forge(file, lambda form: {"list": ["something", "else"]} if "kind" in form or "list" in form else form)
    with pytest.warns(StoreWarning, match="damaged"):
        again = detente.tip(CASE, "audience_cost", points=3, draws=DRAWS, store=Store())
    assert repr(again) == repr(first)


@pytest.mark.parametrize(
    "about", ["", "[]", "null", '{"seed": "x", "case": 3, "answers": {}}', '{"case": ["a"], "method": null}', "\xff"]
)
def test_what_is_told_of_a_shelf_may_be_anything(about: str) -> None:
    detente.run(CASE, draws=DRAWS, store=Store())
    for path in default_folder().rglob("about.json"):
        path.write_bytes(about.encode("latin-1"))
    assert all(held.size > 0 for held in Store(tell=lambda _: None).held())
    Store().clear()
    assert not Store().held()


def test_types_are_told_apart() -> None:
    assert fits(1, float)
    assert fits(np.float64(1), float)
    assert not fits(True, float)
    assert not fits("1", float)
    assert fits((1, "a"), tuple[int, str])
    assert not fits((1,), tuple[int, str])
    assert fits([1, 2], list[int])
    assert not fits([1, "2"], list[int])
    assert fits({"a": np.zeros(2)}, dict[str, np.ndarray[Any, np.dtype[np.float64]]])
    assert not fits({"a": np.zeros(2, bool)}, dict[str, np.ndarray[Any, np.dtype[np.float64]]])
    assert fits(None, int | None)
    assert not fits("x", int | None)


@pytest.mark.parametrize(
    "told", ["[" * 5000, "[]", "{", "\udcff", "9" * 5000], ids=["deep", "list", "cut", "bytes", "long"]
)
def test_what_a_shelf_says_of_itself_may_be_anything(told: str, tmp_path: Path) -> None:
    detente.run(CASE, draws=DRAWS, store=Store(tmp_path))
    for about in tmp_path.rglob("about.json"):
        about.write_bytes(told.encode("utf-8", "surrogateescape"))
    said: list[str] = []
    store = Store(tmp_path, tell=said.append)
    assert {held.case for held in store.held()} == {"?"}
    assert len(said) == 1
    assert "damaged" in said[0]
    detente.run(CASE, draws=2 * DRAWS, store=store)
    assert (store.reused, store.solved) == (DRAWS, DRAWS)
    assert CASE in {held.case for held in store.held()}
    assert len(said) == 1
