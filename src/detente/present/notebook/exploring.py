"""A Study as the pieces of the workbench ask it: the case is the one that was solved, and no other is there.

`Exploring` knows what is looked at, and answers in Python what the pieces show: the same steps, read to the end.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from detente.analyse.finding import Finding
from detente.analyse.forecast.rank import likeliest
from detente.draws.beliefs import written
from detente.draws.variants import Variant
from detente.errors import QuestionError
from detente.model.catalogue import library
from detente.model.schema import Model
from detente.present.web.live import steps
from detente.present.web.state import FEWEST, MOST, State
from detente.present.web.workspace import Work, Workspace
from detente.study.asking import Context, answering
from detente.study.study import Study
from detente.study.supposing import Supposed

KEY = "study"  # what the pieces call the case
SET = "--set "  # how a value that was given to a run is placed


@dataclass(eq=False)
class Held(Workspace):
    """A workspace in which there is one case, which is solved already."""

    study: Study = field(kw_only=True)

    def _marked(self, key: str) -> tuple[Model, str]:
        if key != KEY:
            raise QuestionError(f"there is no case {key!r} here; what is explored is called {KEY!r}")
        return self.study.model, KEY


@dataclass(eq=False)
class Exploring:
    """A Study, and what is set otherwise in it. Raises QuestionError for a Study that cannot be explored."""

    study: Study
    state: State = field(init=False)

    def __post_init__(self) -> None:
        if self.study.interrupted:
            raise QuestionError("this run was interrupted; explore one that was solved to its end")
        if not FEWEST <= self.study.n <= MOST:
            raise QuestionError(f"what is explored has {FEWEST} to {MOST:,} draws, and this has {self.study.n:,}")
        self.state = self.first

    @cached_property
    def first(self) -> State:
        """The Study as it is."""
        return State(case=KEY, draws=self.study.n, seed=self.study.draws.seed)

    @cached_property
    def space(self) -> Workspace:
        """What the pieces ask: its Study is never solved again."""
        how = self.study.how
        space = Held(store=how.store, workers=how.workers, base=how, study=self.study)
        work = Work(space, lambda: False)
        space.held = {work.solved_as(self.first, self.study.n): self.study, ("nodes", KEY): 0.0}  # the tree is grown
        return space

    @property
    def work(self) -> Work:
        """A request of Python's own, for which somebody waits."""
        return Work(self.space, lambda: False)

    # ------------------------------------------------------------------ what is looked at

    @property
    def changes(self) -> dict[str, Any]:
        """What is set otherwise: `set`, as settings take it, and `suppose`, as `detente.suppose` takes it."""
        return {"set": dict(self.state.set), "suppose": written(self.state.suppose)}

    @property
    def command(self) -> str:
        """The command line that gives the same numbers. Raises QuestionError where no command can."""
        model, beliefs = self.study.model, written(self.state.suppose)
        if model._updated is not None and self.state.set:
            raise QuestionError("no command asks as of a day of a run that was given a value afterwards")
        given = [place.file.removeprefix(SET) for place in model._places.values() if place.file.startswith(SET)]
        words = ["detente", "suppose" if beliefs else "run", self._case, *beliefs]
        for value in dict.fromkeys([*given, *(f"{name}={value}" for name, value in self.state.set.items())]):
            words += ["--set", value]
        perception = Variant.of(model, self.study.how.perception).perception
        if perception != Variant.of(model).perception:
            words += ["--perception", perception]
        words += ["--method", self.study.how.method] if isinstance(self.study.how.method, str) else []
        words += ["--as-of", str(model._updated.day)] if model._updated is not None else []
        return shlex.join([*words, "--draws", str(self.study.n), "--seed", str(self.study.draws.seed)])

    @property
    def _case(self) -> str:
        """What the command line calls the case: its slug, its file, or that which it would have to be written to."""
        model = self.study.model
        if model.name in library():
            return model.name
        return str(model.files[-1]) if model.files else f"{model.name or 'case'}.yaml"

    # ------------------------------------------------------------------ what follows

    @property
    def supposed(self) -> Supposed:
        """Everything that is forecast as things are set, read off all draws, beside the case as it is written.

        It waits until that is known: seconds where it has to be solved. Raises ModelError, QuestionError.
        """
        found = None
        for step in steps(self.work, self.state):
            found = step.found
        assert found is not None
        beliefs = {"beliefs": list(written(self.state.suppose))}
        return answering(found, Context("suppose", beliefs, self.study.model, self.study))

    @property
    def finding(self) -> Finding:
        """The answer to the case's question, else the most likely outcome, as things are set."""
        whole = self.supposed.whole
        if whole.answer is not None:
            return whole.answer.after
        return whole.outcomes[likeliest({name: d.after for name, d in whole.outcomes.items()})].after

    @property
    def solved(self) -> Study:
        """The case solved with what is held to be known; best guesses that were moved are not in it."""
        return self.work.study(self.state.model_copy(update={"suppose": {}}))
