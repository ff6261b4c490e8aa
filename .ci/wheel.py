"""Whether a wheel holds every file of the package, data and compiled kernels among them, the pages that pyproject.toml
adds, and no source of kernels: `uv run python .ci/wheel.py WHEEL`."""

from __future__ import annotations

import sys
import tomllib
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src"


def main(wheel: str) -> int:
    packed = set(zipfile.ZipFile(wheel).namelist())
    built = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    wanted = set(built["force-include"].values()) | {
        file.relative_to(SOURCE).as_posix()
        for file in (SOURCE / "detente").rglob("*")
        if file.is_file() and "__pycache__" not in file.parts and file.suffix not in {".cpp", ".hpp"}
    }
    if left_out := sorted(wanted - packed):
        print("the wheel lacks", *left_out, sep="\n  ")
    if stray := sorted(name for name in packed - wanted if ".dist-info/" not in name):
        print("the wheel holds what is not in the source", *stray, sep="\n  ")
    kinds = sorted({Path(name).suffix or Path(name).name for name in wanted})
    print(f"{len(wanted)} files: {', '.join(kinds)}")
    assert {".css", ".py", ".yaml"} <= set(kinds)
    assert {"detente/py.typed", "detente/solve/compiled/kernels.native"} <= wanted
    return bool(left_out or stray)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
