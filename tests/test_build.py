"""What is compiled when the package is built."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import hatch_build


def test_the_bytecode_of_a_checkout_is_written_where_python_looks_for_it(tmp_path: Path) -> None:
    module = tmp_path / hatch_build.PACKAGE / "room" / "module.py"
    module.parent.mkdir(parents=True)
    module.write_text("value = 1\n")
    hatch_build.compile_bytecode(tmp_path)
    code = "import module; print(module.value)"
    command = [sys.executable, "-B", "-v", "-c", code]
    done = subprocess.run(command, cwd=module.parent, capture_output=True, text=True, check=True)
    [cached] = module.parent.glob("__pycache__/module.*.pyc")
    assert f"# {cached} matches {module}" in done.stderr
