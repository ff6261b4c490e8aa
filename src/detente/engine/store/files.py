"""The files of a store: their names, and how they are put in place whole."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BEHAVIOUR = ".batch"  # the ending of the name of a file that holds solved draws,
ANSWERS = ".read"  # of one that holds what was read off them,
COMPILED = ".tree"  # and of one that holds a compiled model


@dataclass(frozen=True)
class StoreFile:
    path: Path
    start: int
    stop: int
    digest: str
    size: int = 0
    used: float = 0.0


def named(path: Path) -> StoreFile:
    start, stop, mark = path.stem.split("-")
    return StoreFile(path, int(start), int(stop), mark)


def files_in(folder: Path) -> list[StoreFile]:
    """The batches on a shelf. What bears another name is none of ours."""
    return sorted(_scan(folder), key=lambda f: (f.start, f.stop))


def _scan(folder: Path) -> Iterator[StoreFile]:
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            with suppress(OSError, ValueError):
                if entry.name.endswith((BEHAVIOUR, ANSWERS, COMPILED)):
                    file, status = named(Path(entry.path)), entry.stat()
                    yield StoreFile(file.path, file.start, file.stop, file.digest, status.st_size, status.st_mtime)


def solved_from_start(files: list[StoreFile]) -> int:
    """How many draws are there from the first on."""
    reached = 0
    for file in files:
        if file.start <= reached:
            reached = max(reached, file.stop)
    return reached


def about_of(folder: Path) -> dict[str, Any]:
    """What is told of a shelf; nothing where nothing is. Raises ValueError for a file that is no such thing."""
    try:
        found = json.loads((folder / "about.json").read_text(encoding="utf-8"))
    except OSError:
        return {}
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if not isinstance(found, dict):
        raise ValueError("it is no mapping")
    return found


def put_whole(aside: Path, path: Path, raw: bytes) -> None:
    """Put a whole file in place, or none, whatever comes between."""
    try:
        aside.write_bytes(raw)
        aside.replace(path)
    except BaseException:
        with suppress(OSError):
            aside.unlink(missing_ok=True)
        raise


def tidy(folder: Path, age: float) -> None:
    """Remove unfinished files of some age (s), and the folder if no batch is left on it."""
    with suppress(OSError):
        for path in folder.glob(".*.part"):
            if time.time() - path.stat().st_mtime >= age:
                path.unlink(missing_ok=True)
        if not files_in(folder):
            (folder / "about.json").unlink(missing_ok=True)
            folder.rmdir()
