"""What the workbench has at hand: cases, texts that pages sent, and what was solved of them.

One workspace serves all pages of a process. It holds no page's state: everything in it is found again by what was
asked, and may be dropped at any time.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, TypeVar, cast

from detente.engine.store.store import Store
from detente.errors import ModelError, Problem, QuestionError, nearest
from detente.game.size import HOPELESS, Expected, expected_size
from detente.game.walk import Walk
from detente.language.lowering import Tape
from detente.model.catalogue import library
from detente.model.elicitation import elicitation_files
from detente.model.load import load, loads
from detente.model.schema import Model
from detente.present.web.state import Mistake, Reply, State
from detente.study.run import run
from detente.study.settings import How
from detente.study.study import Study

TEXT = "text:"
FIRST = 200  # draws, for a first answer
MOST_NODES = 400_000  # of a tree that a page may ask for
_KEPT = 24  # things that were made, the oldest of which is dropped first
_TEXTS = 40
Made = TypeVar("Made")


def sizes(draws: int) -> list[int]:
    """How many draws are solved, one after another: a few for a first answer, then all."""
    return sorted({min(FIRST, draws), draws})


class Superseded(BaseException):
    """Raised in a screen whose page wants something else by now."""


class Unknown(Exception):
    """A text that the page has to send again: its key."""


@lru_cache(maxsize=64)
def digested(text: str) -> str:
    """The SHA-256 of a text, which is asked for with every move of a slider."""
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, eq=False)
class Source:
    """A case as it can be opened: its text, the file it stands in, and what a text that a page sent is called."""

    key: str
    text: str
    file: Path | None = None
    name: str = ""  # of a text that a page sent: the case that it is a draft of


@dataclass(eq=False)
class Workspace:
    """`files`: cases beside the library, by key. `store`: where solved draws are kept; `plays`: a private folder for
    plays that go on. `base`: how questions are answered, where a page does not say; `held`: what is there from the
    beginning, and is never dropped; `most_nodes`: of a tree that is grown."""

    files: Mapping[str, Path] = field(default_factory=dict)
    store: Store | None = None
    workers: int = 0
    plays: Path | None = None
    base: How = field(default_factory=How)
    held: dict[Hashable, Any] = field(default_factory=dict)
    most_nodes: int = MOST_NODES
    _made: OrderedDict[Hashable, Any] = field(default_factory=OrderedDict)
    _texts: OrderedDict[str, tuple[str, str]] = field(default_factory=OrderedDict)
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _locks: dict[Hashable, threading.Lock] = field(default_factory=dict)

    @cached_property
    def keys(self) -> list[str]:
        """The cases that can be opened by name."""
        return [*self.files, *(slug for slug in self._library if slug not in self.files)]

    @cached_property
    def _library(self) -> Mapping[str, str]:
        """The cases of the library: they stay what they are while the server runs."""
        return library()

    def source(self, key: str) -> Source:
        """The text of a case. Raises QuestionError, Unknown, OSError."""
        if key.startswith(TEXT):
            with self._lock:
                if key not in self._texts:
                    raise Unknown(key)
                self._texts.move_to_end(key)
                text, name = self._texts[key]
                return Source(key, text, name=name)
        if key in self.files:
            return Source(key, self.files[key].read_text("utf-8"), self.files[key])
        if key in self._library:
            return Source(key, self._library[key])
        raise QuestionError(f"there is no case {key!r} here; {nearest(key, self.keys)}")

    def put(self, text: str, name: str) -> str:
        """Keep a text as a case; under which key."""
        key = TEXT + hashlib.sha256(f"{name}\0{text}".encode()).hexdigest()
        with self._lock:
            self._texts[key] = text, name
            while len(self._texts) > _TEXTS:
                self._texts.popitem(last=False)
        return key

    def mark(self, key: str) -> str:
        """What a case is known by: a digest of its text and of the texts that it extends. Raises as `model` does."""
        return self._marked(key)[1]

    def model(self, key: str) -> Model:
        """A case read. Raises ModelError, QuestionError, Unknown."""
        return self._marked(key)[0]

    def _marked(self, key: str) -> tuple[Model, str]:
        source = self.source(key)
        digest = digested(source.text)
        model = self.once(("read", key, digest), lambda: self._read(source))
        extended = [Path(file) for file in model.files if source.file is None or Path(file) != source.file]
        changed = [(str(file), file.stat().st_mtime_ns) for file in extended if file.is_file()]
        if not changed:
            return model, digest
        mark = hashlib.sha256(f"{digest}{changed}".encode()).hexdigest()
        return self.once(("read", key, mark), lambda: self._read(source)), mark

    def _read(self, source: Source) -> Model:
        if source.key.startswith(TEXT):
            return loads(source.text, self.called(source.name), within=self.folders)
        return load(str(source.file or source.key), within=self.folders)

    def called(self, name: str) -> str:
        """What a draft of a case is called in messages; what it extends is looked for beside the file of that case."""
        return str(self.files.get(name) or f"{Path(name).name}.yaml")

    def beside(self, model: Model) -> list[Path]:
        """The files of an elicitation in the folder of a case that was opened from a file."""
        folder = self._folder(model)
        return list(elicitation_files(folder)) if folder else []

    def file_beside(self, model: Model, name: str) -> str:
        """One of them by its name. Raises QuestionError."""
        files = {file.name: file for file in self.beside(model)}
        if name not in files:
            hint = nearest(name, files) or "put them into the folder of the case, and open that from its file"
            raise QuestionError(
                f"there is no file {name!r} of answers or calibration questions beside the case; {hint}"
            )
        return str(files[name])

    def _folder(self, model: Model) -> Path | None:
        return self.files[model.name].parent if model.name in self.files else None

    @property
    def folders(self) -> list[Path]:
        """The folders that may be read from, beside the library."""
        return [path.parent for path in self.files.values()]

    def once(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """What was made of something, or is made now, by one at a time."""
        if key in self.held:
            return cast(Made, self.held[key])
        with self._lock:
            if key in self._made:
                self._made.move_to_end(key)
                return cast(Made, self._made[key])
            lock = self._locks.setdefault(key, threading.Lock())
        with lock:
            with self._lock:
                if key in self._made:
                    return cast(Made, self._made[key])
            try:
                made = make()
            finally:
                with self._lock:
                    self._locks.pop(key, None)
            with self._lock:
                self._made[key] = made
                while len(self._made) > _KEPT:
                    self._made.popitem(last=False)
            return made

    def peek(self, key: Hashable) -> Any:
        """What was made of something, or None."""
        with self._lock:
            return self.held.get(key, self._made.get(key))


@dataclass(frozen=True, eq=False)
class Work:
    """One request while it is answered: the workspace, and whether anybody still waits for the answer."""

    space: Workspace
    stale: Callable[[], bool]
    send: Callable[[Reply], None] = lambda _: None

    def alive(self) -> None:
        """Raises Superseded where the page wants something else by now."""
        if self.stale():
            raise Superseded

    def progress(self, what: str = "draws") -> Callable[[int, int], None]:
        """What long work calls: it tells the page, and stops the work that nobody waits for."""

        def told(done: int, total: int) -> None:
            self.alive()
            self.send(Reply(final=False, progress=(done, total, what)))

        return told

    def model(self, state: State) -> Model:
        """The case, with what is held to be known in it, and as of the day. Raises ModelError, QuestionError."""
        base = self.space.model(state.case)
        self.space.once(("nodes", self.space.mark(state.case)), lambda: self.nodes(base))
        if not state.set and state.as_of is None:
            return base
        key = ("model", self.space.mark(state.case), _frozen(state.set), state.as_of)
        return self.space.once(key, lambda: self.how(state).model(base))

    def mark(self, state: State, plain: bool = False) -> Hashable:
        """What the solved draws of a state are known by, whatever is supposed of them; `plain`: whatever is held to be
        known, and whatever moves are changed."""
        whole = () if plain else (_frozen(state.set), state.changes)
        return self.space.mark(state.case), whole, state.as_of, state.seed

    def nodes(self, model: Model) -> float:
        """About how many nodes the tree of a model is going to have. Raises ModelError for more than `most_nodes`: such
        a tree is not grown here."""
        nodes = 0.0
        for member in model._rivals.members if model._rivals else (model,):
            self.alive()
            expected = expected_size(Walk(member, Tape()))
            nodes += expected.nodes
            if nodes > self.space.most_nodes:
                raise ModelError([_too_large(member, nodes, expected, self.space.most_nodes)])
        return nodes

    def how(self, state: State, draws: int | None = None) -> How:
        """The settings that a state stands for."""
        return replace(
            self.space.base, draws=draws or state.draws, seed=state.seed, set=dict(state.set) or None,
            as_of=state.as_of, workers=self.space.workers, store=self.space.store,
        )  # fmt: skip

    def study(self, state: State, draws: int | None = None) -> Study:
        """The case solved, without beliefs that were moved. Raises ModelError, QuestionError."""
        n = draws or state.draws
        model = self.model(state)
        self.alive()
        return self.space.once(self.solved_as(state, n), lambda: self._solved(model, state, n))

    def solved_as(self, state: State, draws: int) -> Hashable:
        """What the Study of a state is known by."""
        return "study", self.mark(state.model_copy(update={"changes": ()})), draws

    def _solved(self, model: Model, state: State, n: int) -> Study:
        how = replace(self.how(state, n), set=None, as_of=None, progress=self.progress())
        study = run(model, how=how)
        if study.interrupted:
            raise Superseded
        return study


def _too_large(model: Model, nodes: float, expected: Expected, most: int) -> Problem:
    name = expected.label.removesuffix(".seen")
    path = ("stages" if name in model.stages else "private", name)
    size = "more than 1e+11" if nodes > HOPELESS else f"about {nodes:.1g}"
    told = f"the tree would have {size} nodes; none of more than {most:,} is grown here"
    hint = f"{expected.label!r} alone {expected.how}; give it fewer moves, `once: true` or a condition"
    return Problem(model.place(*path, "@key"), told, hint, ".".join(path))


def _frozen(values: Mapping[str, Any]) -> tuple[tuple[str, Any], ...]:
    return tuple(sorted(values.items()))


def problems(error: ModelError) -> list[Mistake]:
    """What is wrong with a model, for a page."""
    return [
        Mistake(
            message=p.message, hint=p.hint, line=p.place.line, column=p.place.column, path=p.path, warning=p.warning,
            file=p.place.file,
        )
        for p in error.problems
    ]  # fmt: skip
