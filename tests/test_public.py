"""The public surface, and what opening the doors costs."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

import detente

HEAVY = ("scipy.stats", "pandas", "xarray", "matplotlib", "numba")


def test_the_public_surface_is_this_and_no_more() -> None:
    assert sorted(detente.__all__) == [
        "DetenteError", "Finding", "Model", "ModelError", "QuestionError", "Study",
        "compile_model", "define", "load", "loads", "run", "statics",
    ]  # fmt: skip
    for name in detente.__all__:
        assert getattr(detente, name).__doc__, f"{name} has no docstring"
    with pytest.raises(AttributeError, match="no attribute 'solve_all'"):
        detente.solve_all  # noqa: B018


@pytest.mark.parametrize("arguments", [["--help"], ["check", "crisis-signalling"]])
def test_light_commands_import_nothing_heavy(arguments: list[str]) -> None:
    code = (
        "import sys, json, resource\n"
        f"sys.argv = ['detente', *{arguments!r}]\n"
        "from detente.present.cli import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code, end.code\n"
        "cpu = resource.getrusage(resource.RUSAGE_SELF)\n"
        f"heavy = [name for name in {HEAVY!r} if name in sys.modules]\n"
        "print(json.dumps(heavy), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stderr.splitlines()[-1]) == []
