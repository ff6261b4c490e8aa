"""Compiled code on disk: damaged files are removed and compiled again, and what cannot be kept is done without."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import FunctionType

import pytest
from numba.core import caching

from detente.errors import DetenteWarning
from detente.solve.compiled import kept

SOURCE = "def double(x):\n    return 2 * x\n"


@pytest.fixture
def function(tmp_path: Path) -> FunctionType:
    """A function in a file of its own, so that what is compiled of it is kept beside that."""
    (tmp_path / "part.py").write_text(SOURCE)
    spec = importlib.util.spec_from_file_location("part", tmp_path / "part.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found = module.double
    assert isinstance(found, FunctionType)
    return found


def used(function: FunctionType, x: float = 2.0) -> tuple[float, int]:
    """What a function gives when it is compiled as if in a new process, and how much of it came from disk."""
    compiled = kept.njit(cache=True)(function)
    return compiled(x), sum(compiled.stats.cache_hits.values())


def empty(raw: bytes) -> bytes:
    return raw[:0]


def truncated(raw: bytes) -> bytes:
    return raw[: len(raw) // 2]


def zeroed(raw: bytes) -> bytes:
    return bytes(len(raw))


def zeroed_at_the_end(raw: bytes) -> bytes:
    return raw[:-200] + bytes(200)


def flipped(raw: bytes) -> bytes:
    return raw[: len(raw) // 2] + bytes([raw[len(raw) // 2] ^ 1]) + raw[len(raw) // 2 + 1 :]


def flipped_at_the_start(raw: bytes) -> bytes:
    return bytes([raw[0] ^ 128]) + raw[1:]


def longer(raw: bytes) -> bytes:
    return raw + b"x"


def another_pickle(_: bytes) -> bytes:
    return b"cos\n_exit\n(I3\ntR."  # ends the process of whoever reads it with `pickle`


HARMS = (empty, truncated, zeroed, zeroed_at_the_end, flipped, flipped_at_the_start, longer, another_pickle)


@pytest.mark.parametrize("harm", HARMS)
@pytest.mark.parametrize("ending", ["nbi", "nbc"])
def test_damaged_code_is_compiled_again(
    ending: str, harm: Callable[[bytes], bytes], function: FunctionType, tmp_path: Path
) -> None:
    assert used(function) == (4.0, 0)
    assert used(function) == (4.0, 1)
    (file,) = tmp_path.rglob(f"*.{ending}")
    file.write_bytes(harm(file.read_bytes()))
    assert used(function) == (4.0, 0)
    assert used(function) == (4.0, 1), "it is mended"


def test_what_numba_kept_without_a_seal_is_not_used(function: FunctionType, tmp_path: Path) -> None:
    import numba

    numba.njit(cache=True)(function)(2.0)
    assert list(tmp_path.rglob("*.nbc"))
    assert used(function) == (4.0, 0)
    assert used(function) == (4.0, 1)


def test_code_for_other_numbers_is_not_taken(function: FunctionType, tmp_path: Path) -> None:
    """As where two processes that compile at once give their files the same number."""
    assert used(function, 2.0) == (4.0, 0)
    (file,) = tmp_path.rglob("*.nbc")
    for index in tmp_path.rglob("*.nbi"):
        index.unlink()
    of_reals = file.read_bytes()
    assert used(function, 2) == (4, 0)
    file.write_bytes(of_reals)
    assert used(function, 2) == (4, 0)


def test_where_nothing_can_be_kept_it_is_compiled_and_told_once(
    function: FunctionType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(caching.CacheImpl, "_locator_classes", [])
    monkeypatch.setattr(kept, "_told", False)
    with pytest.warns(DetenteWarning, match="compiles its solver anew"):
        assert used(function) == (4.0, 0)
    assert used(function) == (4.0, 0)  # a warning here would fail the test


def test_a_full_disk_costs_what_is_kept_and_not_the_answer(
    function: FunctionType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "_told", False)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(kept.Sealed, "_open_for_write", full)
        with pytest.warns(DetenteWarning, match="No space left"):
            assert used(function) == (4.0, 0)
    assert not list(tmp_path.rglob("*.nb*"))
    assert used(function) == (4.0, 0)


def test_all_kernels_are_kept_in_sealed_files() -> None:
    """None is compiled with numba's own decorator, whose files are believed as they are."""
    root = Path(kept.__file__).parents[2]
    found = [path.name for path in root.rglob("*.py") if "import njit" in path.read_text() and path.name != "kept.py"]
    assert len(found) > 5
    for path in root.rglob("*.py"):
        assert "from numba import njit" not in path.read_text(), path


def test_a_kernel_that_was_damaged_solves_in_a_process_of_its_own(tmp_path: Path) -> None:
    """From the first file to the last, as a user meets it."""
    (tmp_path / "part.py").write_text(
        "from detente.solve.compiled.kept import njit\n\n@njit(cache=True)\ndef double(x):\n    return 2 * x\n\n"
        "print(double(2.0), sum(double.stats.cache_hits.values()))\n"
    )

    def run() -> str:
        done = subprocess.run([sys.executable, str(tmp_path / "part.py")], capture_output=True, text=True, check=True)
        return done.stdout.strip() + done.stderr

    assert run() == "4.0 0"
    for file in tmp_path.rglob("*.nb*"):
        file.write_bytes(bytes(file.stat().st_size))
    assert run() == "4.0 0"
    assert run() == "4.0 1"
