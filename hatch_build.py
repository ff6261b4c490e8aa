"""Compiles the kernels when the package is built (hatchling's build hook): C++ with whatever compiler there is.

Kernels are compiled for each family of processors that may run them and linked into one library next to the module that
loads it. `CXX` names a compiler; else `c++`, `g++` or `clang++` is taken; where there is none, Zig's, which PyPI
has for every system, is installed for the time of the build.
"""

from __future__ import annotations

import os
import platform
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FOLDER = "src/detente/solve/compiled"
LIBRARY = "kernels.native"  # a name that Python does not take for a module
# Fused products would give other numbers on other processors (docs/decisions/032).
OPTIONS = "-std=c++17 -O2 -ffp-contract=off -fno-exceptions -fno-rtti -fno-math-errno -fvisibility=hidden"
AVX512 = "-mavx512f -mavx512dq -mavx512vl -mavx512bw -mprefer-vector-width=512"
AVX2 = "-mavx2 -mbmi2"
VARIANTS = {"plain": "", "avx2": AVX2, "avx2_few": f"{AVX2} -DFEW", "avx512": f"{AVX2} {AVX512}"}


def compiler() -> list[str]:
    """The command of a C++ compiler; empty if there is none."""
    if named := os.environ.get("CXX"):
        return shlex.split(named)
    if found := next((name for name in ("c++", "g++", "clang++") if shutil.which(name)), ""):
        return [found]
    return [sys.executable, "-m", "ziglang", "c++"] if find_spec("ziglang") else []


def compile_kernels(root: Path) -> Path:
    """The library of kernels in a checkout, made anew; CalledProcessError if the compiler refuses."""
    folder, command = root / FOLDER, compiler()
    names = VARIANTS if platform.machine().lower() in ("x86_64", "amd64") else {"plain": ""}
    position = [] if sys.platform == "win32" else ["-fPIC"]

    def compiled(name: str, source: str, options: str, into: str) -> str:
        target = str(Path(into) / f"{name}.o")
        flags = [*shlex.split(OPTIONS), *position, *shlex.split(options), f"-DVARIANT={name}"]
        subprocess.run([*command, *flags, "-c", str(folder / source), "-o", target], check=True)
        return target

    with tempfile.TemporaryDirectory() as into, ThreadPoolExecutor(os.cpu_count()) as pool:
        units = [("which", "variant.cpp", ""), *((name, "kernels.cpp", options) for name, options in names.items())]
        objects = list(pool.map(lambda unit: compiled(*unit, into), units))
        made = Path(into) / LIBRARY
        needed = ["-Wl,--as-needed"] if sys.platform == "linux" else []  # nothing of the library of C++ is used
        subprocess.run([*command, "-shared", *needed, *objects, "-o", str(made)], check=True)
        shutil.copyfile(made, beside := folder / f"{LIBRARY}.{os.getpid()}")
        return beside.replace(folder / LIBRARY)  # at once: whoever has the old one loaded keeps it


class CompiledKernels(BuildHookInterface):  # type: ignore[misc]
    """Puts the library of kernels into the wheel, which is then one for this system and any Python."""

    def dependencies(self) -> list[str]:
        return [] if compiler() else ["ziglang>=0.13"]

    def initialize(self, _version: str, build_data: dict[str, Any]) -> None:
        compile_kernels(Path(self.root))
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{sysconfig.get_platform().replace('-', '_').replace('.', '_')}"
        build_data["artifacts"].append(f"{FOLDER}/{LIBRARY}")
