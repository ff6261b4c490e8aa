"""Finding the text of a case: in the library, in a file, or in what comes through a pipe."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Sequence
from pathlib import Path as FilePath
from typing import NamedTuple

from detente.errors import ModelError, Place, Problem, nearest
from detente.model import yaml
from detente.model.catalogue import CASES, library

LARGEST = 4 * yaml.LARGEST_FILE  # bytes
TOO_LARGE = f"the file is too large for a model (at most {yaml.LARGEST_FILE:,} characters)"
NO_TEXT = "this file is not text in UTF-8"
PIPES = ("/dev/fd/", "/dev/stdin", "/proc/self/fd/")
Within = str | FilePath | Sequence[str | FilePath] | None
"""Folders that files may be read from, beside the library: none for an empty list, and everything for None."""


class Found(NamedTuple):
    """A text that was asked for, what it is called in messages, and the file it stands in, if it stands in one."""

    text: str
    name: str
    file: FilePath | None = None


def find(case: str, beside: FilePath | None, within: Within = None) -> Found:
    """A case of the library, a file, or (not where one model extends another) `-` and pipes. Raises ModelError."""
    if (known := _in_library(case)) is not None:
        return known
    if beside is None and within is None and is_pipe(case):
        return _from_pipe(case)
    if not case.strip():
        hint = "name a case of the library, or a file"
        raise ModelError([Problem(Place("(no name)"), "the name of the case is empty", hint)])
    path = FilePath(case)
    if beside is not None and not path.is_absolute():
        path = FilePath(os.path.normpath(beside / path))
    hint = ""
    try:
        if within is not None and not _lies_in(path, within):
            problem = "this may not be read here"
            hint = "only cases of the library" + (" and files beside the model" if _folders(within) else "")
        elif path.is_file():
            if path.stat().st_size <= LARGEST:
                return Found(decoded(path.read_bytes()), str(path), path)
            problem = TOO_LARGE
        elif path.is_dir():
            problem = "this is a folder, not a file"
        elif path.exists():
            problem = "this is neither a file nor a pipe of this command"
        else:
            problem, hint = "there is no such case in the library, and no such file", nearest(case, library())
    except UnicodeDecodeError:
        problem = NO_TEXT
    except (OSError, ValueError, RuntimeError) as error:
        problem = f"this file cannot be read: {getattr(error, 'strerror', None) or error}"
    raise ModelError([Problem(Place(case), problem, hint)])


def _in_library(case: str) -> Found | None:
    text = library().get(case)
    if text is None:
        return None
    places = [FilePath(str(folder)) / f"{case}.yaml" for folder in CASES]
    return Found(text, f"{case}.yaml", next((place for place in places if place.is_file()), None))


def _folders(within: Within) -> list[FilePath]:
    return [FilePath(within)] if isinstance(within, (str, FilePath)) else [FilePath(folder) for folder in within or ()]


def _lies_in(path: FilePath, within: Within) -> bool:
    """Whether a file lies in one of some folders, after all links are followed."""
    return any(path.resolve().is_relative_to(folder.resolve()) for folder in _folders(within))


def is_pipe(case: str) -> bool:
    """Whether this is standard input (`-`), or a pipe that the shell has opened for this process, as for `<(...)`."""
    if case == "-" or not case.startswith(PIPES):
        return case == "-"
    try:
        mode = os.stat(case).st_mode  # noqa: PTH116 (a Path of /dev/fd says the same)
    except (OSError, ValueError):
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)


def read_pipe(case: str, most: int = -1) -> bytes:
    """What comes from standard input (`-`) or a pipe, to its end or up to `most` bytes. Raises OSError, ValueError."""
    if case != "-":
        with open(case, "rb") as pipe:  # noqa: PTH123 (as above)
            return pipe.read(most)
    return sys.stdin.buffer.read(most) if sys.stdin else b""


def pipe_name(case: str) -> str:
    """What a pipe is called in messages."""
    return "<stdin>" if case in ("-", "/dev/stdin") else "<pipe>"


def _from_pipe(case: str) -> Found:
    name = pipe_name(case)
    try:
        raw = read_pipe(case, LARGEST + 1)
        if len(raw) <= LARGEST:
            return Found(decoded(raw), name)
        problem = TOO_LARGE
    except UnicodeDecodeError:
        problem = NO_TEXT
    except (OSError, ValueError) as error:
        problem = f"this cannot be read: {getattr(error, 'strerror', None) or error}"
    raise ModelError([Problem(Place(name), problem)])


def decoded(raw: bytes) -> str:
    """UTF-8 with the line ends of any system."""
    return raw.decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
