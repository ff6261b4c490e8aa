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
import warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from detente.engine.engine import Engine, Solving
from detente.engine.store.files import ANSWERS, StoreFile, about_of, files_in, put_whole, solved_from_start, tidy
from detente.engine.store.remembering import Remembering
from detente.engine.surroundings import digest
from detente.errors import DetenteWarning, QuestionError, nearest
from detente.model.schema import Model

Read = TypeVar("Read")
LAYOUT = "v2"  # of the folder and its files
OLDER = ("v1",)
ASIDE = "set-aside"  # begins the names of what older layouts were moved to
LIMIT = 2_000_000_000  # bytes
KEPT = 0.9  # of the limit, once it is passed
STALE = 3600.0  # seconds after which an unfinished file belongs to nobody


class StoreWarning(DetenteWarning):
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
    this object, `kept` those of what it has put on disk. Give one to `run(..., store=Store())`, or wrap an Engine.
    """

    folder: Path = field(default_factory=default_folder)
    limit: int = LIMIT
    tell: Callable[[str], None] = _warn
    reused: int = 0
    solved: int = 0
    kept: int = 0
    _told: set[str] = field(default_factory=set, repr=False)
    _size: int | None = field(default=None, repr=False)
    _writes: bool = field(default=True, repr=False)
    _looked: bool = field(default=False, repr=False)

    @property
    def counts(self) -> tuple[int, int, int]:
        """Draws that were found, solved and kept."""
        return self.reused, self.solved, self.kept

    @counts.setter
    def counts(self, counts: tuple[int, int, int]) -> None:
        self.reused, self.solved, self.kept = counts

    def wrap(self, engine: Engine) -> Remembering:
        """An engine that takes from this store what is there, and puts there what it solves."""
        return Remembering(engine, self)

    def place(self, address: str) -> Path:
        """The folder of an address."""
        return self._home / address

    @property
    def writes(self) -> bool:
        """Whether something can be kept: not once it has failed."""
        return self._writes

    @staticmethod
    def about(engine: Solving, model: Model, seed: int) -> dict[str, Any]:
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
            if files := files_in(folder):
                about = self._about(folder)
                seed = about.get("seed", 0)
                held = Held(
                    str(about.get("case", "?")), solved_from_start(files), seed if isinstance(seed, int) else 0,
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
            if case is not None and self._about(folder).get("case") != case:
                continue
            for file in files_in(folder):
                with suppress(OSError):
                    file.path.unlink()
                    count, size = count + 1, size + file.size
            tidy(folder, 0.0)
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
                put_whole(aside, folder / "about.json", json.dumps(dict(about), ensure_ascii=False).encode())
            put_whole(aside, path, raw)
            self.kept += span[1] - span[0]
            self._grown(len(raw))
        except OSError as error:
            self._fails(error)
            return None
        return path

    def whole(self, file: StoreFile) -> bytes | None:
        """The bytes of a file, if they are those it was written with; a damaged one is removed, and that is told."""
        try:
            raw = file.path.read_bytes()
        except OSError:
            return None  # another process has put a longer one in its place
        if digest(raw) == file.digest:
            return raw
        self.damaged(file)
        return None

    def damaged(self, file: StoreFile) -> None:
        """Say that a file holds what it should not, and remove it."""
        self._say("a file of the store was damaged; what it held is solved again")
        with suppress(OSError):
            file.path.unlink()

    def _about(self, folder: Path) -> dict[str, Any]:
        """What is told of a shelf; a file that tells nothing is removed, and that is told."""
        try:
            return about_of(folder)
        except ValueError:
            self._say("a file of the store that says what is kept was damaged; the draws themselves are still used")
            with suppress(OSError):
                (folder / "about.json").unlink()
            return {}

    def answers(
        self, address: str, stop: int, read: Callable[[bytes], Read], start: int = 0, kind: str = ANSWERS
    ) -> Read | None:
        """What was read off the draws from `start` up to `stop`, if it is kept under this address.

        `read` makes it of the bytes of a file, and raises ValueError for those that are no such thing.
        """
        for file in files_in(self._home / address):
            if (file.start, file.stop, file.path.suffix) == (start, stop, kind) and (raw := self.whole(file)):
                try:
                    found = read(raw)
                except ValueError:
                    self.damaged(file)
                    continue
                with suppress(OSError):
                    os.utime(file.path)
                return found
        return None

    def keep_answers(
        self, address: str, stop: int, raw: bytes, about: Mapping[str, Any], start: int = 0, kind: str = ANSWERS
    ) -> None:
        """Keep what was read off the draws from `start` up to `stop`."""
        self.put(self._home / address, (start, stop), kind, raw, {**about, "answers": True})

    def forget(self, address: str, start: int | None = None, stop: int | None = None) -> None:
        """Remove what was read under this address; `start` and `stop`: off these draws only."""
        folder = self._home / address
        for file in files_in(folder):
            if start is None or (file.start, file.stop) == (start, stop):
                with suppress(OSError):
                    file.path.unlink()
        tidy(folder, STALE)

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
            files = sorted((f for folder in self._folders() for f in files_in(folder)), key=lambda f: f.used)
            total = sum(f.size for f in files)
            if total > self.limit:
                for file in files:
                    if total <= KEPT * self.limit:
                        break
                    with suppress(OSError):
                        file.path.unlink()
                        total -= file.size
                for folder in self._folders():
                    tidy(folder, STALE)
            self._size = total
