"""How a question is to be answered: one value for all that every question can be told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, TypedDict

from detente.draws.variants import Variant
from detente.engine.engine import Engine, Solving
from detente.engine.executors.local import Executor, Local
from detente.engine.progress import Progress
from detente.engine.store.store import Store
from detente.errors import QuestionError, nearest
from detente.model.blocks import names_of
from detente.model.load import changed, load
from detente.model.schema import Model
from detente.solve.base import Solver
from detente.study.asking import of_model
from detente.study.following import as_of

Case = str | Path | Model
"""The slug of a case of the library, the path of a file, or a Model."""


class Settings(TypedDict, total=False):
    """What every question can be told by name. `how` gives several at once; the others stand above it."""

    how: How
    draws: int | None
    seed: int
    set: Mapping[str, Any] | None
    only: Sequence[str]
    without: Sequence[str]
    as_of: dt.date | str | None
    perception: str | None
    method: str | Solver | None
    workers: int
    store: Store | None
    executor: Executor
    progress: Progress | None


@dataclass(frozen=True)
class How:
    """How a question is to be answered.

    `draws`: how many draws of the quantities (None: as many as suit the question). `seed`: the same seed gives the same
    numbers. `set`: quantities given other values, as in a file. `only` and `without`: rival structures that are present
    for sure, and that are not. `as_of`: a day, as known on which is asked: given all evidence that is not dated later.
    `perception`: `common` or `private`, in place of what the model says. `method`: a solver or its name; if None,
    chosen by what the game is. `workers`: threads, or processes where many models are solved (0: one for each core),
    and `executor` where batches are solved (in this process, or `detente.Cluster("tcp://...")`, `Cluster(client)`); no
    number depends on them. `store`: where solved draws are kept and found
    again. `progress` is called with what is done, and of how much.
    """

    draws: int | None = None
    seed: int = 1
    set: Mapping[str, Any] | None = None
    only: Sequence[str] = ()
    without: Sequence[str] = ()
    as_of: dt.date | str | None = None
    perception: str | None = None
    method: str | Solver | None = None
    workers: int = 0
    store: Store | None = field(default=None, compare=False)
    executor: Executor = field(default=Local(), compare=False)
    progress: Progress | None = field(default=None, compare=False)

    @classmethod
    def of(cls, settings: Settings) -> How:
        """The value behind what a question was told by name."""
        given: dict[str, Any] = dict(settings)
        how: How = given.pop("how", None) or cls()
        return replace(how, **given)

    def given(self) -> dict[str, Any]:
        """What is told that is not told anyway: the settings by name."""
        plain = How()
        return {f.name: getattr(self, f.name) for f in fields(self) if getattr(self, f.name) != getattr(plain, f.name)}

    def model(self, case: Case) -> Model:
        """The model that is asked about. Raises ModelError."""
        model = case if isinstance(case, Model) else load(case)
        settled = {**dict.fromkeys(self.only, 1), **dict.fromkeys(self.without, 0)}
        if unknown := [name for name in settled if name not in names_of(model)]:
            raise QuestionError(f"there is no structure {unknown[0]!r}; {nearest(unknown[0], names_of(model))}")
        changes = {**settled, **(self.set or {})}
        model = changed(model, changes) if changes else model
        if self.as_of is not None:
            model = as_of(model, self.solving(model), self.store, self.as_of)
        of_model(model)
        return model

    def solving(self, model: Model) -> Solving:
        """What solves the draws of a model."""
        engine = Engine(Variant.of(model, self.perception).perception, self.method, self.workers, self.executor)
        return self.store.wrap(engine) if self.store else engine

    def ready(self, case: Case, least: int = 2) -> Ready:
        """A case made ready to be asked. Raises ModelError, and QuestionError for fewer draws than `least`."""
        draws = self.draws or 0
        if draws < least:
            wanted = "at least one is needed" if least == 1 else "an interval needs at least two"
            raise QuestionError(f"{draws} draws were asked for; {wanted}")
        model = self.model(case)
        return Ready(model, self.solving(model), self.store, draws, self.seed, self.progress)


@dataclass(frozen=True)
class Ready:
    """A model, what solves its draws, how many, and where what is found is kept."""

    model: Model
    engine: Solving
    store: Store | None
    draws: int
    seed: int
    progress: Progress | None
