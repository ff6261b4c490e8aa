"""Files that are written: whole or not at all, and never over what an answer is made of.

Content is written beside its place and renamed, so that a full disk, an interruption or a second process leaves either
the old file or the new one. What is no plain file (a pipe, a terminal, /dev/stdout) cannot be replaced and is written
as it is.
"""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from detente.errors import QuestionError

unfinished: set[Path] = set()
"""What is being written beside its place: whoever ends the process at once removes it."""
_DESCRIPTORS = ("/dev", "/proc")


def write_whole(path: str | Path, content: bytes) -> None:
    """Put a whole file in place, or leave what is there. A link is followed; mode and owner stay what they were.

    Raises OSError where the content cannot be written.
    """
    place = _target(Path(path))
    known = _status(place)
    if (place.is_absolute() and str(place).startswith(_DESCRIPTORS)) or (known and not stat.S_ISREG(known.st_mode)):
        place.write_bytes(content)
        return
    if known and not os.access(place, os.W_OK):
        raise PermissionError(13, "it may not be written", str(place))
    aside = place.with_name(f".{place.name[:200]}.{secrets.token_hex(4)}.part")
    try:
        _write_aside(aside, content, known)
        aside.replace(place)
    except BaseException:
        with suppress(OSError):
            aside.unlink(missing_ok=True)
        raise
    finally:
        unfinished.discard(aside)


def _write_aside(aside: Path, content: bytes, known: os.stat_result | None) -> None:
    """Write a new file that has the mode and the owner of what it will replace."""
    unfinished.add(aside)
    with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666), "wb") as f:
        f.write(content)
        f.flush()
        os.fsync(f.fileno())
    if known:
        with suppress(OSError, AttributeError):  # where somebody else owns it, or there are no owners
            os.chown(aside, known.st_uid, known.st_gid)
        with suppress(OSError):
            aside.chmod(stat.S_IMODE(known.st_mode))


def _target(path: Path) -> Path:
    """Where a chain of links ends; the name of a descriptor of this process (/dev/stdout) is no link here."""
    for _ in range(40):
        if str(path.absolute()).startswith(_DESCRIPTORS) or not path.is_symlink():
            return path
        path = path.parent / path.readlink()
    return path


def _status(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except FileNotFoundError:
        return None


def keep_apart(outputs: Mapping[str, Path | None], inputs: Iterable[str | Path]) -> None:
    """Refuse to write over a file that is read, two things to one file or one below the other, or to `-`, however
    their names are written.

    `outputs`: where things go, by what they are called; None where they go nowhere. Raises QuestionError.
    """
    read = [Path(file) for file in inputs]
    written = [(name, path) for name, path in outputs.items() if path is not None]
    for k, (name, path) in enumerate(written):
        if path == Path("-"):
            raise QuestionError(f"{name} would be written to a file called -; for standard output write /dev/stdout")
        for other, taken in written:
            if any(_same(above, taken) for above in path.absolute().parents):
                raise QuestionError(
                    f"{other} would be written to {taken}, which is the folder of {name}; choose another"
                )
        for file in read:
            if _same(path, file):
                raise QuestionError(f"{name} would be written over {file}, which is read; choose another file")
        for other, taken in written[:k]:
            if _same(path, taken) and not is_special(path):
                raise QuestionError(f"{other} and {name} would be written to one file, {path}; choose another for one")


def is_special(path: Path) -> bool:
    """Whether a name is that of no plain file: a pipe, a terminal, a device."""
    known = _status(path)
    return known is not None and not stat.S_ISREG(known.st_mode)


def _same(a: Path, b: Path) -> bool:
    """Whether two names mean one file: by links of both kinds, by another spelling, or by capitals where there is none
    yet, as on a disk that does not tell them apart."""
    with suppress(OSError, ValueError):
        if a.exists() and b.exists():
            return a.samefile(b)
        if a.exists() or b.exists():
            return False
    return str(a.resolve()).casefold() == str(b.resolve()).casefold()
