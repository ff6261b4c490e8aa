"""Whether a wheel holds every file of the package, data and compiled kernels among them, and no source of kernels:
`uv run python .ci/wheel.py WHEEL`."""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src"


def main(wheel: str) -> int:
    packed = set(zipfile.ZipFile(wheel).namelist())
    wanted = {
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
