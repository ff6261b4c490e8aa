"""One codec for all that is kept: every number back as it was, and nothing but a ValueError from what is damaged."""

from __future__ import annotations

import gc
import json
import pickle
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import detente
from detente.analyse.finding import Finding
from detente.analyse.forecast.outcomes import Way
from detente.engine.kept import Kept
from detente.engine.store.batch_file import Written
from detente.engine.store.codec import _MARK, decode, encode
from detente.engine.store.files import ANSWERS, BEHAVIOUR
from detente.engine.store.store import Store, StoreWarning, default_folder
from detente.engine.surroundings import digest
from detente.study.summary import summary

VALUES = (
    Finding("a", float("nan"), 0.1 + 0.2, float("inf"), 3), [1, True, None, "é", -(2**70)], {Way("war", "x", 1, ""): 1},
    {3: np.float64(0.1), "b": np.int64(4), (1, 2): np.bool_(True)}, np.arange(6.0).reshape(2, 3), np.zeros((0, 2)),
    np.array([True, False]), np.array(3.5), np.array(["a", "bcd"]), np.arange(3, dtype=np.int8), (), -0.0,
    Fraction(-7, 2**200),
)  # fmt: skip
KINDS = (Finding, Way)


def test_every_value_comes_back_and_equal_values_are_equal_bytes() -> None:
    raw = encode(VALUES)
    again = decode(raw, KINDS)
    assert encode(again) == raw
    assert type(again[3][3]) is np.float64
    for one, other in zip(VALUES, again, strict=True):
        if isinstance(one, np.ndarray):
            assert (one.dtype, one.shape) == (other.dtype, other.shape)
            assert one.tobytes() == other.tobytes()
            assert other.flags.owndata or other.base.flags.owndata
            assert other.flags.writeable
    across = np.arange(12.0).reshape(3, 4)
    assert encode(across[:, ::2]) == encode(across[:, ::2].copy()) == encode(np.asfortranarray(across[:, ::2]))


def test_all_that_is_kept_is_written_with_it() -> None:
    detente.run("crisis-signalling", draws=20, store=Store())
    detente.tip("crisis-signalling", "audience_cost", points=3, draws=20, store=Store())
    files = [path for path in default_folder().rglob("0*-*-*") if path.is_file()]
    assert {path.suffix for path in files} == {BEHAVIOUR, ANSWERS}
    assert all(path.read_bytes().startswith(_MARK) for path in files)


@pytest.mark.parametrize("value", [object(), {1, 2}, b"bytes", 1j, np.array([1j]), np.array([None]), Finding, print])
def test_what_is_no_plain_value_is_not_written(value: object) -> None:
    with pytest.raises(TypeError, match="cannot be kept"):
        encode([value])


def hostile(form: Any, raw: bytes = b"") -> bytes:
    header = json.dumps(form).encode() if not isinstance(form, bytes) else form
    return _MARK + len(header).to_bytes(8, "little") + header + raw


@pytest.mark.parametrize(
    "raw",
    [
        b"", _MARK, _MARK + b"\xff" * 8, hostile(b""), hostile(b"{"), hostile(b"[" * 100_000), hostile([1]),
        hostile({}), hostile({"tuple": 3}), hostile({"set": []}), hostile({"kind": "Path", "of": {}}),
        hostile({"kind": [], "of": {}}), hostile({"kind": "Way", "of": {}}), hostile({"kind": "Way", "of": []}),
        hostile({"kind": "Way", "of": {"a": 1}}), hostile({"dict": [[{"list": []}, 1]]}), hostile({"dict": [1]}),
        hostile({"array": "O", "shape": [1]}, b"x" * 8), hostile({"array": "<f8", "shape": [10**15]}),
        hostile({"array": "<f8", "shape": [-1]}, b"x" * 8), hostile({"array": "<f8", "shape": [0, 10**30]}),
        hostile({"array": "<f8,<f8", "shape": [1]}, b"x" * 16), hostile({"array": "2f8", "shape": [1]}, b"x" * 16),
        hostile({"array": "U0", "shape": [10**12]}), hostile({"array": "<f8", "shape": 3}, b"x" * 8),
        hostile({"array": None, "shape": []}), hostile({"scalar": "O", "value": 1}),
        hostile({"scalar": "|i1", "value": 10**9}), hostile(1, b"more"), pickle.dumps([1]), b"PK\x03\x04",
        b"\x89HDF\r\n\x1a\n" + b"\0" * 100,
    ],
)  # fmt: skip
def test_damage_is_a_value_error(raw: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        decode(raw, KINDS)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_whatever_happens_to_a_file_it_is_read_or_refused(data: st.DataObject) -> None:
    raw = bytearray(encode(VALUES))
    for _ in range(data.draw(st.integers(1, 3))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    raw = raw[: data.draw(st.integers(0, len(raw)))] if data.draw(st.booleans()) else raw
    with suppress(ValueError):
        decode(bytes(raw), KINDS)


@dataclass(frozen=True)
class Way2:
    outcome: str


def test_only_named_kinds_are_made() -> None:
    with pytest.raises(ValueError, match="KeyError: 'Way2'"):
        decode(encode(Way2("war")), KINDS)
    assert decode(encode(Way2("war")), [Way2]) == Way2("war")


@pytest.mark.parametrize(
    "content",
    [[1, 2], Kept({}, {}), Written(Kept({}, {}), {}, {}), Written(Kept({"believed": np.zeros(3)}, {}), {}, {})],
)
def test_a_sound_file_that_holds_something_else_is_told_and_solved_again(content: object) -> None:
    first = detente.run("crisis-signalling", draws=20, store=Store())
    (batch,) = default_folder().rglob(f"*{BEHAVIOUR}")
    (read,) = default_folder().rglob(f"*{ANSWERS}")
    for file in (batch, read):
        start, stop, _ = file.stem.split("-")
        raw = encode(content)
        file.with_name(f"{start}-{stop}-{digest(raw)}{file.suffix}").write_bytes(raw)
        file.unlink()
    with pytest.warns(StoreWarning, match="damaged"):
        again = detente.run("crisis-signalling", draws=20, store=Store())
    assert summary(again) == summary(first)


def test_what_an_older_version_kept_is_told_once_and_set_aside() -> None:
    old = default_folder() / "v1" / "0123456789abcdef"
    old.mkdir(parents=True)
    (old / f"00000000-00000020-{digest(b'old')}.nc").write_bytes(b"old")
    (old / f"00000000-00000020-{digest(b'new')}.npz").write_bytes(b"new")
    (old / "about.json").write_text("{}")
    (default_folder() / "v1" / "mine.txt").write_text("mine")
    told: list[str] = []
    for _ in range(2):
        detente.run("crisis-signalling", draws=20, store=Store(tell=told.append))
    (message,) = told
    (aside,) = default_folder().glob("set-aside-v1-*")
    assert str(aside) in message
    assert "detente store clear" in message
    assert not (default_folder() / "v1").exists()
    assert len(list(aside.rglob("0*"))) == 3
    assert Store().clear()[0] == 4
    assert [path.name for path in aside.rglob("*")] == ["mine.txt"]
    assert (aside / "mine.txt").read_text() == "mine"


def test_a_store_that_cannot_be_set_aside_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "v1").mkdir()

    def refused(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "rename", refused)
    assert Store(tmp_path).held() == []
    assert (tmp_path / "v1").exists()


def test_what_is_written_is_let_go_of_at_once() -> None:
    """Not only when somebody looks for circles, which may be after thousands of files."""
    value = {"a": (np.zeros(10), [1, Fraction(1, 3)])}
    gc.collect()
    gc.set_debug(gc.DEBUG_SAVEALL)  # what other threads leave is of other code
    try:
        encode(value)
        gc.collect()
        assert [x for x in gc.garbage if getattr(x, "__module__", "") == encode.__module__] == []
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
