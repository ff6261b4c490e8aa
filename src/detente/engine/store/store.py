"""Solved draws kept on disk, so that one analysis does not solve again what another has solved.

A *shelf* is a folder for one way of drawing and solving one game. Its name is a digest of all that the behaviour
depends on: the compiled tree and its formulas (so that titles, sources, comments and claims do not count), how
perceptions are read, the solver and its settings, moves that are forced, the first few draws, and the code and the
libraries that solve (`fingerprint`). On a shelf lies one file for each batch (`batch_file`, written by `codec`):
`START-STOP-DIGEST.batch`, and beside it lie files of what was read off draws, `START-STOP-DIGEST.read`.

Nothing is believed that is not checked. The digest in the name of a file is that of its bytes; the file holds the
values of the quantities it was solved for, and they must be those asked about. What fails is solved again. Files are
written aside and then renamed, so that neither an interruption nor a second process can leave half a file in place.
"""

from __future__ import annotations

import json
import os
import secrets
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.arrays import Floats
from detente.draws.sampler import Draws
from detente.engine.store.batch_file import Kept, read, written
from detente.engine.store.fingerprint import address, digest, inputs
from detente.errors import QuestionError, nearest
from detente.game.blueprint import Blueprint
from detente.model.schema import Model

if TYPE_CHECKING:
    from detente.engine.engine import Engine
    from detente.engine.solved import Solved

LAYOUT = "v2"  # of the folder and its files
OLDER = ("v1",)
ASIDE = "set-aside"  # begins the names of what older layouts were moved to
BEHAVIOUR = ".batch"  # the ending of a file that holds solved draws,
ANSWERS = ".read"  # and of one that holds what was read off them
LIMIT = 2_000_000_000  # bytes
KEPT = 0.9  # of the limit, once it is passed
FEWEST = 16  # draws: fewer are solved faster than kept, and numpy adds up a single column in another order
STALE = 3600.0  # seconds after which an unfinished file belongs to nobody


class StoreWarning(UserWarning):
    """The store of solved draws cannot be used as it should; the answers are not affected."""


def default_folder() -> Path:
    """Where solved draws are kept: `$DETENTE_STORE`, or `detente` in the user's folder for caches on this platform."""
    try:
        if chosen := os.environ.get("DETENTE_STORE"):
            return Path(chosen).expanduser()
        if sys.platform == "win32":
            return Path(os.environ.get("LOCALAPPDATA") or "~/AppData/Local").expanduser() / "detente" / "Cache"
        if sys.platform == "darwin":
            return Path("~/Library/Caches/detente").expanduser()
        caches = Path(os.environ.get("XDG_CACHE_HOME", ""))
        return (caches if caches.is_absolute() else Path("~/.cache").expanduser()) / "detente"
    except RuntimeError:  # nobody's home is known
        return Path(os.devnull) / "detente"  # where nothing can be kept, which is told when it is tried


def _warn(message: str) -> None:
    warnings.warn(message, StoreWarning, stacklevel=2)


@dataclass(frozen=True)
class Held:
    """What lies on one shelf. `size` in bytes; `used` in seconds since 1970; `draws` are solved from the first on."""

    case: str
    draws: int
    seed: int
    perception: str
    method: str
    size: int
    used: float
    address: str


@dataclass(eq=False)
class Store:
    """Solved draws on disk. `tell` is given, once, what keeps the store from being used (default: a StoreWarning).

    `limit`: bytes; beyond it, what has not been used for longest goes. `reused` and `solved` count draws in the life of
    this object. Give one to `run(..., store=Store())`, or to an Engine.
    """

    folder: Path = field(default_factory=default_folder)
    limit: int = LIMIT
    tell: Callable[[str], None] = _warn
    reused: int = 0
    solved: int = 0
    _told: set[str] = field(default_factory=set, repr=False)
    _size: int | None = field(default=None, repr=False)
    _writes: bool = field(default=True, repr=False)
    _looked: bool = field(default=False, repr=False)

    def shelf(
        self, engine: Engine, blueprint: Blueprint, draws: Draws, forced: Mapping[str, str], keeps: bool = True
    ) -> Shelf:
        """The place for batches of these draws, solved by this engine. A solver that cannot be named has none.

        `keeps`: whether what is solved is put there, too, and not only taken.
        """
        name = address(engine, blueprint, draws.part(0, FEWEST), forced) if draws.n >= FEWEST else None
        where = self._home / name if name else None
        return Shelf(
            self, engine, blueprint, dict(forced), where, self.about(engine, blueprint.model, draws.seed), keeps
        )

    @staticmethod
    def about(engine: Engine, model: Model, seed: int) -> dict[str, Any]:
        """What is told of the draws of a model that are kept."""
        return {
            "case": model.name, "title": model.title, "seed": seed,
            "perception": engine.perception, "method": str(engine.method or "chosen"),
        }  # fmt: skip

    def held(self) -> list[Held]:
        """What is kept, the last used first."""
        found: dict[tuple[Any, ...], list[Held]] = {}
        extra: dict[tuple[Any, ...], list[Held]] = {}
        for folder in self._folders():
            if files := _files(folder):
                about = _about(folder)
                held = Held(
                    str(about.get("case", "?")), _prefix(files), int(about.get("seed", 0)),
                    str(about.get("perception", "?")), str(about.get("method", "?")),
                    sum(f.size for f in files), max(f.used for f in files), folder.name,
                )  # fmt: skip
                where = extra if about.get("answers") else found
                where.setdefault((held.case, held.seed, held.perception, held.method), []).append(held)
        for key, some in extra.items():  # what was read off draws is told with them
            known = found.setdefault(key, [replace(some[0], size=0, draws=max(h.draws for h in some))])
            size, used = known[0].size + sum(h.size for h in some), max(h.used for h in (known[0], *some))
            known[0] = replace(known[0], size=size, used=used)
        everything = (held for some in found.values() for held in some)
        return sorted(everything, key=lambda held: (-held.used, held.case, held.address))

    def clear(self, case: str | None = None) -> tuple[int, int]:
        """Remove what is kept, of all cases or of one; how many files and bytes that were. Raises QuestionError.

        Only files that bear the names this store gives are touched, whatever the folder is.
        """
        if case is not None and case not in (known := {held.case for held in self.held()}):
            there = nearest(case, sorted(known)) or "the store is empty"
            raise QuestionError(f"nothing is kept of {case!r}; {there}")
        count = size = 0
        for folder in self._folders():
            if case is not None and _about(folder).get("case") != case:
                continue
            for file in _files(folder):
                with suppress(OSError):
                    file.path.unlink()
                    count, size = count + 1, size + file.size
            _sweep(folder, 0.0)
        for folder in self._set_aside() if case is None else []:
            for path in [*folder.glob("*.nc"), *folder.glob("*.npz"), *folder.glob("about.json")]:
                with suppress(OSError):
                    size, count = size + path.stat().st_size, count + (path.name != "about.json")
                    path.unlink()
            with suppress(OSError):  # where something else lies there
                folder.rmdir()
                folder.parent.rmdir()
        self._size = None
        return count, size

    def put(self, folder: Path, span: tuple[int, int], kind: str, raw: bytes, about: Mapping[str, Any]) -> Path | None:
        """Write a file aside and rename it; None where that cannot be done.

        `span`: the first draw, and one past the last. The digest in its name is that of its bytes.
        """
        if not self._writes:
            return None
        aside = folder / f".{os.getpid()}-{secrets.token_hex(6)}.part"
        path = folder / f"{span[0]:08d}-{span[1]:08d}-{digest(raw)}{kind}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if not (folder / "about.json").exists():
                _replace(aside, folder / "about.json", json.dumps(dict(about), ensure_ascii=False).encode())
            _replace(aside, path, raw)
            self._grown(len(raw))
        except OSError as error:
            self._fails(error)
            return None
        return path

    def whole(self, file: _File) -> bytes | None:
        """The bytes of a file, if they are those it was written with; a damaged one is removed, and that is told."""
        try:
            raw = file.path.read_bytes()
        except OSError:
            return None  # another process has put a longer one in its place
        if digest(raw) == file.digest:
            return raw
        self.damaged(file)
        return None

    def damaged(self, file: _File) -> None:
        """Say that a file holds what it should not, and remove it."""
        self._say("a file of the store was damaged; what it held is solved again")
        with suppress(OSError):
            file.path.unlink()

    def answers(self, address: str, stop: int, start: int = 0) -> bytes | None:
        """What was read off the draws from `start` up to `stop`, if it is kept under this address."""
        for file in _files(self._home / address):
            if (file.start, file.stop, file.path.suffix) == (start, stop, ANSWERS) and (raw := self.whole(file)):
                with suppress(OSError):
                    os.utime(file.path)
                return raw
        return None

    def keep_answers(self, address: str, stop: int, raw: bytes, about: Mapping[str, Any], start: int = 0) -> None:
        """Keep what was read off the draws from `start` up to `stop`."""
        self.put(self._home / address, (start, stop), ANSWERS, raw, {**about, "answers": True})

    def forget(self, address: str) -> None:
        """Remove what was read under this address."""
        folder = self._home / address
        for file in _files(folder):
            with suppress(OSError):
                file.path.unlink()
        _sweep(folder, STALE)

    @property
    def _home(self) -> Path:
        """The folder of this layout. What an older version kept cannot be read: it is set aside, which is told."""
        if not self._looked:
            self._looked = True
            for name in OLDER:
                aside = self.folder / f"{ASIDE}-{name}-{secrets.token_hex(4)}"
                with suppress(OSError):
                    (self.folder / name).rename(aside)
                    self._say(
                        f"what an older version of detente kept was set aside in {aside}; it is not used, and "
                        "`detente store clear` removes it"
                    )
        return self.folder / LAYOUT

    def _set_aside(self) -> list[Path]:
        """Folders with files of older versions."""
        return [path for path in self.folder.glob(f"{ASIDE}-*/*") if path.is_dir()]

    def _folders(self) -> list[Path]:
        try:
            return sorted(path for path in self._home.iterdir() if path.is_dir())
        except OSError:
            return []

    def _fails(self, error: OSError) -> None:
        self._writes = False
        self._say(f"solved draws cannot be kept in {self.folder} ({error.strerror or error}); going on without that")

    def _say(self, message: str) -> None:
        if message not in self._told:
            self._told.add(message)
            self.tell(message)

    def _grown(self, size: int) -> None:
        """Count what was written, and make room where the limit is passed."""
        if self._size is not None:
            self._size += size
        if self._size is None or self._size > self.limit:
            files = sorted((f for folder in self._folders() for f in _files(folder)), key=lambda f: f.used)
            total = sum(f.size for f in files)
            if total > self.limit:
                for file in files:
                    if total <= KEPT * self.limit:
                        break
                    with suppress(OSError):
                        file.path.unlink()
                        total -= file.size
                for folder in self._folders():
                    _sweep(folder, STALE)
            self._size = total


@dataclass(frozen=True, eq=False)
class Shelf:
    """The batches of one way of drawing and solving one game. `folder` is None where nothing can be kept."""

    store: Store
    engine: Engine
    blueprint: Blueprint
    forced: Mapping[str, str]
    folder: Path | None
    about: Mapping[str, Any]
    keeps: bool = True

    def solve(self, draws: Draws, start: int) -> Solved:
        """A batch of draws, of which `start` is the number of the first: from the shelf as far as it is there."""
        if self.folder is None or draws.n < FEWEST:
            self.store.solved += draws.n
            return self.engine.solve_batch(self.blueprint, draws, self.forced)
        asked = inputs(self.blueprint, draws)
        found = self._find(self.folder, start, asked)
        if found is not None and found[0].n == draws.n:
            self.store.reused += draws.n
            return self._solved(found[0], draws)
        known = min(found[0].n, draws.n - FEWEST) if found else 0
        solved = self.engine.solve_batch(self.blueprint, draws.part(known, draws.n), self.forced)
        kept = Kept.of(solved, self.engine.perception)
        if found is not None and known > 0:
            kept = found[0].part(known).then(kept)
            solved = self._solved(kept, draws)
        self.store.reused += known
        self.store.solved += draws.n - known
        self._keep(self.folder, start, kept, asked, found[1] if found else None)
        return solved

    def _solved(self, kept: Kept, draws: Draws) -> Solved:
        from detente.engine.engine import assembled  # here, because an engine knows its store

        return assembled(self.engine, self.blueprint, draws, self.forced, kept)

    def _find(self, folder: Path, start: int, asked: Mapping[str, Floats]) -> tuple[Kept, Path] | None:
        """What is kept of these very draws, the longest, and where."""
        n = len(next(iter(asked.values()))) if asked else 0
        for file in sorted((f for f in _files(folder) if f.start == start), key=lambda f: -f.stop):
            if (raw := self.store.whole(file)) is None:
                continue
            try:
                kept, values = read(raw)
            except ValueError:
                self.store.damaged(file)
                continue
            common = min(n, kept.n)
            if values.keys() != asked.keys() or any(
                not np.array_equal(values[name][:common], asked[name][:common]) for name in asked
            ):
                continue
            part = kept.part(common)
            if set(part.arrays["status"]) != set(kept.arrays["status"]):
                continue  # the references of the whole may not be those of the part
            with suppress(OSError):
                os.utime(file.path)
            return part, file.path
        return None

    def _keep(self, folder: Path, start: int, kept: Kept, asked: Mapping[str, Floats], shorter: Path | None) -> None:
        """Keep a batch; then the shorter one that it replaces can go."""
        if not (self.keeps and self.store._writes):
            return
        path = self.store.put(folder, (start, start + kept.n), BEHAVIOUR, written(kept, asked, self.about), self.about)
        if path and shorter is not None and shorter != path and _named(shorter).stop <= start + kept.n:
            with suppress(OSError):
                shorter.unlink(missing_ok=True)


@dataclass(frozen=True)
class _File:
    path: Path
    start: int
    stop: int
    digest: str
    size: int = 0
    used: float = 0.0


def _named(path: Path) -> _File:
    start, stop, mark = path.stem.split("-")
    return _File(path, int(start), int(stop), mark)


def _files(folder: Path) -> list[_File]:
    """The batches on a shelf. What bears another name is none of ours."""
    return sorted(_scan(folder), key=lambda f: (f.start, f.stop))


def _scan(folder: Path) -> Iterator[_File]:
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            with suppress(OSError, ValueError):
                if entry.name.endswith((BEHAVIOUR, ANSWERS)):
                    file, status = _named(Path(entry.path)), entry.stat()
                    yield _File(file.path, file.start, file.stop, file.digest, status.st_size, status.st_mtime)


def _prefix(files: list[_File]) -> int:
    """How many draws are there from the first on."""
    reached = 0
    for file in files:
        if file.start <= reached:
            reached = max(reached, file.stop)
    return reached


def _about(folder: Path) -> dict[str, Any]:
    try:
        found = json.loads((folder / "about.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _replace(aside: Path, path: Path, raw: bytes) -> None:
    """Put a whole file in place, or none, whatever comes between."""
    try:
        aside.write_bytes(raw)
        aside.replace(path)
    except BaseException:
        with suppress(OSError):
            aside.unlink(missing_ok=True)
        raise


def _sweep(folder: Path, age: float) -> None:
    """Remove unfinished files of some age (s), and the folder if no batch is left on it."""
    with suppress(OSError):
        for path in folder.glob(".*.part"):
            if time.time() - path.stat().st_mtime >= age:
                path.unlink(missing_ok=True)
        if not _files(folder):
            (folder / "about.json").unlink(missing_ok=True)
            folder.rmdir()
