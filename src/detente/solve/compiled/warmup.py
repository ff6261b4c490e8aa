"""The first time on a machine: compiling in processes of their own, side by side.

numba compiles one function at a time in a process, and keeps what it compiled on disk. The parts that a first solution
needs one after the other are therefore begun together: whoever comes to a part waits for the process that is at it, and
then reads what it left. Where that goes wrong, or there is one processor only, each part is compiled where it is used,
as it would be without this module. No number depends on it.

Whoever solves is known here by the name of a module and no more.
"""

from __future__ import annotations

import atexit
import importlib
import os
import subprocess
import sys
import time
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple


class Part(NamedTuple):
    """What is compiled apart, by names in `detente.solve`."""

    caller: str  # the module whose `rehearse()` has it compiled
    module: str
    function: str  # what is compiled last


PARTS = {
    "trace": Part("quantal.quantal", "quantal.arclength", "trace"),
    "symmetry": Part("quantal.symmetry", "quantal.jacobian", "jacobian"),
}
_PATIENCE = 300.0  # seconds after which whoever else compiled here is thought to have been stopped

_wanted = ["trace"]
_left: list[str] = []  # to be begun
_at_work: dict[str, subprocess.Popen[bytes]] = {}
_claimed: list[Path] = []
_lock = Lock()
_begun = False


def expect(part: str) -> None:
    """Say that a part will be needed: before anything is solved, or as soon as it is known."""
    with _lock:
        if part not in _wanted:
            _wanted.append(part)
            if _begun and _side_by_side():
                _left.append(part)
                if all(process.poll() is not None for process in _at_work.values()):
                    _begin_next()


def begin() -> None:
    """Begin to compile what is expected and is not on disk yet: first what takes longest, then, whenever somebody has
    to wait and so leaves a processor idle, the next. Once in a process."""
    global _begun
    with _lock:
        if _begun or "DETENTE_REHEARSAL" in os.environ:
            return
        _begun = True
        if _side_by_side():
            _left.extend(_wanted)
            _begin_next()


def _side_by_side() -> bool:
    return bool(sys.executable) and (os.cpu_count() or 1) > 1


def wait(part: str) -> None:
    """Return when nobody is at work on a part any more."""
    process = _at_work.get(part)
    if process is None or process.returncode is not None:
        return
    with _lock:
        _begin_next()
    process.wait()
    with _lock:
        _begin_next()


def _begin_next() -> None:
    """Begin the next part that is not on disk yet."""
    while _left:
        part = _left.pop(0)
        folder = _missing(f"detente.solve.{PARTS[part].module}", PARTS[part].function)
        if folder is not None and _claim(folder / f"detente-{part}.lock"):
            code = f"import detente.solve.{PARTS[part].caller} as part; part.rehearse()"
            command = [sys.executable, "-P", "-c", code]  # -P: no numpy.py of the folder somebody works in
            paths = os.pathsep.join(path for path in sys.path if path)
            environment = {**os.environ, "DETENTE_REHEARSAL": part, "PYTHONPATH": paths}
            quiet: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
            try:
                _at_work[part] = subprocess.Popen(command, env=environment, **quiet)
            except OSError:
                _left.clear()
            return


def _missing(module: str, function: str) -> Path | None:
    """Where numba would keep a function, if it is not there yet (what is stale goes with the import of `lanes`)."""
    try:
        folder = Path(getattr(importlib.import_module(module), function).stats.cache_path)
    except (AttributeError, TypeError):  # nothing is kept on disk here
        return None
    return None if any(folder.glob(f"{module.rsplit('.', 1)[-1]}.{function}-*.nbi")) else folder


def _claim(lock: Path) -> bool:
    """Whether nobody else is at it, as a file says that goes when this process ends."""
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        if lock.exists() and time.time() - lock.stat().st_mtime > _PATIENCE:
            lock.unlink()
        os.close(os.open(lock, os.O_CREAT | os.O_EXCL))
    except OSError:
        return False
    if not _claimed:
        atexit.register(stop)
    _claimed.append(lock)
    return True


def stop() -> None:
    """End the processes that are still compiling, and let others begin."""
    while _claimed:
        _let_go(_claimed.pop())


def _let_go(lock: Path) -> None:
    part = lock.stem.removeprefix("detente-")
    if (process := _at_work.get(part)) and process.poll() is None:
        process.terminate()
    lock.unlink(missing_ok=True)
