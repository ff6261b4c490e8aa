"""What is wrong with a model, and how large it is; solved is only what types are said to prefer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from detente.analyse.evidence.outside import evidence_listed
from detente.analyse.forecast.testable import untestable
from detente.display import Displayed
from detente.draws.clipping import clipped
from detente.errors import ModelError, Problem
from detente.game.blueprint import Blueprint
from detente.game.compile import compile_model
from detente.game.interventions import impossible
from detente.language.expressions import Ask
from detente.language.writing import written
from detente.model.check.check import check as check_model
from detente.model.coverage import Coverage, Judgement, coverage, to_confirm
from detente.model.fields import Formula
from detente.model.load import load, name_of
from detente.model.schema import Model
from detente.model.structural import told

if TYPE_CHECKING:
    from detente.analyse.forecast.preferences import Preference
    from detente.engine.batch import Batch
    from detente.engine.progress import Progress

DRAWS = 200
SOLVED = 100  # draws that are solved where types say what they prefer


@dataclass(frozen=True)
class Checked(Displayed):
    """The problems of a model (warnings among them), its size where it could be compiled, and, in a few draws that are
    solved for it, whether private types prefer what they say; how much evidence it lists, and how much of that is
    later than its as-of date; the judgements in it that a person has yet to confirm, and which paragraphs or sentences
    of its sources it takes up."""

    problems: tuple[Problem, ...]
    size: Mapping[str, int]  # nodes, information_sets, plays, quantities; structures, where there are several
    preferences: tuple[Preference, ...] = ()
    evidence: tuple[int, int] = (0, 0)
    to_confirm: tuple[Judgement, ...] = ()
    coverage: tuple[Coverage, ...] = ()

    @property
    def good(self) -> bool:
        """Whether there is nothing wrong but for warnings."""
        return all(problem.warning for problem in self.problems)


def check(case: str | Path | Model, progress: Progress | None = None) -> Checked:
    """Read and compile a model, and put the numbers of some draws on it: every mistake and warning, with its place.

    A few draws are solved where private types say what they prefer; `progress` is told of them.
    Nothing is raised for a wrong model: what is wrong is the answer.
    """
    problems: list[Problem] = []
    size: dict[str, int] = {}
    preferences: tuple[Preference, ...] = ()
    evidence = (0, 0)
    judgements: tuple[Judgement, ...] = ()
    covered: tuple[Coverage, ...] = ()
    try:
        model = case if isinstance(case, Model) else load(case)
        judgements, covered = tuple(to_confirm(model)), tuple(c for c in coverage(model) if c.complete)
        problems += check_model(model)
        evidence = evidence_listed(model)
        blueprint = compile_model(model)
        problems += blueprint.warnings
        problems += _never_given(blueprint)
        draws = blueprint.sampler.draw(DRAWS, 1)
        blueprint.game(draws)
        problems += untestable(blueprint, draws)
        problems += clipped(model, DRAWS, 1)
        tree = blueprint.tree
        size = {
            "nodes": tree.n_nodes,
            "information_sets": tree.n_infosets,
            "plays": len(tree.terminals),
            "quantities": len(told(model)),
        }
        if blueprint.members is not None:
            size["nodes"] = sum(member.tree.n_nodes for member in blueprint.members.blueprints)
            size["structures"] = len(blueprint.members.names)
        if any(kind.prefers for kind in model.private.values()):
            preferences = _preferences(blueprint, progress)
            problems += [_weak(model, found) for found in preferences if found.weak]
    except ModelError as error:
        problems += error.problems
        if isinstance(error.game, Model):
            problems += _of_game(error.game)
    return Checked(tuple(dict.fromkeys(problems)), size, preferences, evidence, judgements, covered)


def _of_game(model: Model) -> list[Problem]:
    """What only shows once a game is compiled and drawn, told with what is wrong elsewhere and not after it."""
    try:
        blueprint = compile_model(model)
        blueprint.game(blueprint.sampler.draw(DRAWS, 1))
    except ModelError as error:
        return list(error.problems)
    return list(blueprint.warnings)


def _never_given(blueprint: Blueprint) -> Iterator[Problem]:
    """Claims and statics that ask what follows from something that cannot happen where a move is forced."""
    model = blueprint.model
    asked: list[tuple[tuple[str, ...], Formula]] = []
    asked += [(("claims", name, "holds"), claim.holds) for name, claim in model.claims.items()]
    asked += [(("statics", name, "then", "what"), static.then.what) for name, static in model.statics.items()]
    for path, formula in asked:
        for e in formula.expression.walk():
            if isinstance(e, Ask) and e.given is not None and e.do and impossible(blueprint, e.forced, e.given):
                forced = ", ".join(f"{stage} is {move}" for stage, move in e.forced)
                message = f"what is given, `{written(e.given)}`, cannot happen under do({forced})"
                hint = "give what can happen there, or force something else"
                yield Problem(model.place(*path).shifted(e.at), message, hint, ".".join(path))


def _preferences(blueprint: Blueprint, progress: Progress | None) -> tuple[Preference, ...]:
    """Whether private types prefer what they say, in a few solved draws."""
    from detente.analyse.forecast.preferences import preferences
    from detente.engine.engine import Engine  # solvers are slow to import, and seldom needed here

    def batches() -> Iterator[Batch]:
        done = 0
        for each in Engine(blueprint.model.perception).solve(blueprint, blueprint.sampler.draw(SOLVED, 1)):
            done += each.batch.draws.n
            if progress:
                progress(done, SOLVED)
            yield each.batch

    return tuple(preferences(blueprint, batches()))


def _weak(model: Model, found: Preference) -> Problem:
    """The warning of a type that does not prefer what it says."""
    share = found.share.value
    where = model.place("private", found.type, "prefers", found.label)
    held = f"in {share:.0%} of {SOLVED} draws" if share == share else "in no draw in which it can be judged"
    if model.files and name_of(where.file) != model.name:
        held += f" of {model.name}, which extends this file"
    message = f"the type {found.label!r} of {found.type} prefers what its name says {held}"
    return Problem(where, message, "look at its payoffs, or give it another name", found.type, True)
