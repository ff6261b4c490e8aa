"""What of a model could not be read, what depends on that and so is not judged, and problems told once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from detente.errors import Problem
from detente.model.fields import Path
from detente.model.spelling import meant, unknown

RESERVED_NAME = "is a word of the language"
NOT_JUDGED = "what depends on it is not judged until this reads"
SECTIONS = (("actors",), ("quantities",), ("private",), ("state",), ("stages",), ("outcomes",), ("payoffs",))
WITHOUT = ("source", "mechanism")  # names of other things than a game is made of


@dataclass(eq=False)
class Lost:
    """What was taken out of a model that could not be read: the paths, the names that stood there, and of each path the
    problem by which it was lost; `silent`: those on which something depends that was not told."""

    paths: dict[Path, Problem] = field(default_factory=dict)
    names: dict[str, Path] = field(default_factory=dict)
    absent: set[Path] = field(default_factory=set)  # sections that any name may belong to
    silent: set[Path] = field(default_factory=set)

    def add(self, path: Path, data: Any, problem: Problem) -> None:
        """Take note of a part of the data that is taken out, or not there."""
        self.paths[path] = problem
        for step in path:
            data = data.get(step) if isinstance(data, dict) else (
                data[step] if isinstance(data, (list, tuple)) and isinstance(step, int) and step < len(data) else None
            )  # fmt: skip
        if path in SECTIONS and not isinstance(data, dict):
            self.absent.add(path)
        for name in (*_names(data), *(str(step) for step in path[1:])):
            self.names.setdefault(name, path)

    def follows(self, problem: Problem) -> bool:
        """Whether a problem only follows from what was lost: it lies there, or above it, or misses a name of it."""
        name, at = unknown(problem), f"{problem.path}."
        for path in self.paths:
            gone = ".".join(map(str, path)) + "."
            if at.startswith(gone) or (gone.startswith(at) and at != "."):
                return True
        for path in self.absent if name and not any(f"no {kind} " in problem.message for kind in WITHOUT) else ():
            self.silent.add(path)
            return True
        for known in (name, *name.split(".")):
            if known and known in self.names:
                self.silent.add(self.names[known])
                return True
        return any(f"{step!r}" in problem.message for path in self.paths for step in map(str, path[1:]))

    def leave(self, problems: Iterable[Problem]) -> Iterator[Problem]:
        """The problems that do not follow from what was lost."""
        return (problem for problem in problems if not self.follows(problem))

    def said(self, problems: list[Problem]) -> list[Problem]:
        """The problems, of which those say so for which others are not told."""
        because = {self.paths[path] for path in self.silent}
        return [replace(p, hint=f"{p.hint}; {NOT_JUDGED}" if p.hint else NOT_JUDGED) if p in because else p
                for p in problems]  # fmt: skip


def _names(data: Any) -> Iterator[str]:
    """The keys in data, and the texts of its lists."""
    if isinstance(data, dict):
        for key, value in data.items():
            yield str(key)
            yield from _names(value)
    elif isinstance(data, (list, tuple)):
        for item in data:
            if isinstance(item, str):
                yield item
            yield from _names(item)


def gathered(problems: Iterable[Problem]) -> list[Problem]:
    """Each problem once, as whoever knows most told it: the same may show in several combinations of structures."""
    found: dict[tuple[object, ...], Problem] = {}
    for p in problems:
        key = (p.place.file, p.place.line, p.place.column, p.message, p.warning, "" if p.place.line else p.path)
        known = found.get(key)
        if known is None or _knows(p) > _knows(known):
            found[key] = p
    return _of_names(list(found.values()))


def _of_names(problems: list[Problem]) -> list[Problem]:
    """The problems without those that only follow from a word of the language that was taken for a name: wherever the
    name is used it is read as that word."""
    words = [p.message.split("'")[1] for p in problems if p.message.endswith(RESERVED_NAME)]
    read = [*words, *["is"] * ("not" in words)]  # `not is go`
    starts = tuple(f"found {word!r} where" for word in read) + ("the outcome is not known",) * ("outcome" in words)
    return [p for p in problems if not (starts and p.message.startswith(starts))]


def _knows(problem: Problem) -> tuple[bool, int]:
    return bool(meant(problem)), len(problem.hint)
