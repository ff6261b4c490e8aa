"""Why one forecast is above another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any, Unpack

import numpy as np

from detente.analyse.counterfactual.statics import arms, change_of
from detente.analyse.counterfactual.why_change import Comparison, WhyChange
from detente.analyse.forecast.rank import rankable
from detente.analyse.forecast.readout import Watch
from detente.analyse.forecast.subject import Reading, at_issue, reading
from detente.draws.sampler import Draws
from detente.draws.variants import Change
from detente.engine.engine import Solving
from detente.engine.solved import converged
from detente.errors import QuestionError
from detente.language.expressions import Ask
from detente.model.schema import Model
from detente.study.evaluate.variant import Arm
from detente.study.memo.findings import once
from detente.study.names import known
from detente.study.questions.statics import can_be_tried
from detente.study.questions.what_if import KINDS
from detente.study.registry import Option, question
from detente.study.settings import Case, How, Ready, Settings

if TYPE_CHECKING:
    from detente.study.dossier import Dossier


def _failing(found: Dossier) -> list[dict[str, Any]]:
    """Each comparative static that does not answer as the argument says."""
    return [{"static": result.name} for results in found.of("statics") for result in results if result.holds is False]


@question("why-change", topic="counterfactual", draws=300, dossier=_failing)
def why_change(
    case: Case,
    changes: Annotated[Sequence[Change | str], Option("Changes, in their order.", kinds=KINDS, argument=False)] = (),
    *,
    static: Annotated[
        str | None, Option("A comparative static in place of changes. [default: none]", names="statics")
    ] = None,
    against: Annotated[
        Case | None, Option("Another case or file in place of changes. [default: none]", metavar="CASE", names="cases")
    ] = None,
    of: Annotated[
        str | None,
        Option(
            "answer, an outcome, or a question such as 'P(posture is invade)'. [default: what the static or the case "
            "asks about, else the outcome that moves most]",
            metavar="QUESTION",
            names="answers",
        ),
    ] = None,
    **settings: Unpack[Settings],
) -> WhyChange:
    """Explain why one forecast is above another: the decisions that changed, what each adds, and the terms behind it.

    The difference is that which changes make (as `what_if` takes them), that which a `static` is about, or that to
    another case (`against`). It is shared out among chance and decisions, in the order of play, so that the parts sum
    to it (Shapley's value of each step of play); for each decision that changed stand the payoff terms that moved the
    gap between two moves, which sum to the change of that gap. `of`: `answer`, an outcome, or one P(...) or E(...).
    Raises ModelError, QuestionError, also for two models that are not played on one tree.
    """
    if sum(map(bool, (changes, static, against))) != 1:
        raise QuestionError(
            "name one difference: changes (--set hazard=0.02, --forbid posture=invade), or --static NAME, or "
            "--against CASE"
        )
    ready = How.of(settings).ready(case)
    other = How.of(settings).ready(against) if against is not None else None
    wanted = [Change.of(change) for change in changes]

    def ask() -> WhyChange:
        if static is not None:
            return _explained(*_of_static(ready, static), of or str(ready.model.statics[static].then.what))
        if other is not None:
            names = (ready.model.name or "the one", other.model.name or "the other")
            sides = [_Side.of(Arm.plain(r)) for r in (ready, other)]
            return _explained(ready, sides, f"{names[1]} in place of {names[0]}", of, names=names)
        arm = Arm.plain(ready)
        sides = [_Side.of(arm)]
        notes: tuple[str, ...] = ()
        for change in wanted:
            arm = arm.changed(change)
            notes += arm.notes
        return _explained(ready, [*sides, _Side.of(arm)], " and ".join(map(str, wanted)), of, notes=notes)

    if static is not None:
        known("static", [static], ready.model.statics)
        if not can_be_tried(ready.model, static):
            raise QuestionError(f"{static} moves quantities that are known exactly; give those a range, or from and to")
    models = [ready.model, other.model] if other else []
    seen = other.engine.perception if other else ""
    return once(ready, WhyChange, ask, "why change", tuple(wanted), static, seen, of, models=models)


@dataclass(frozen=True, eq=False)
class _Side:
    """One side of a comparison: a compiled variant, its draws, and what solves them."""

    arm: Arm
    engine: Solving
    draws: Draws

    @classmethod
    def of(cls, arm: Arm) -> _Side:
        engine = arm.ready.engine.seeing(arm.variant.perception)
        return cls(arm, engine, arm.variant.draw(arm.ready.draws, arm.ready.seed))

    def size(self) -> int:
        """How many draws are solved at once."""
        return self.engine.batch_size(self.arm.blueprint)

    def solved(self, start: int, stop: int) -> Any:
        return self.engine.solve_batch(self.arm.blueprint, self.draws.part(start, stop), self.arm.variant.forced)


def _of_static(ready: Ready, name: str) -> tuple[Ready, list[_Side], str]:
    """The two sides of a static, and the change in words."""
    plain = Arm.plain(ready)
    sides = arms(ready.model.statics[name], plain.variant.draw(ready.draws, ready.seed))
    made = [
        _Side.of(replace(plain, variant=replace(plain.variant, fixed=side.fixed, forced=side.forced))) for side in sides
    ]
    return ready, made, change_of(sides)


def _explained(
    ready: Ready,
    sides: Sequence[_Side],
    change: str,
    of: str | None = None,
    notes: tuple[str, ...] = (),
    names: tuple[str, str] = ("before", "after"),
) -> WhyChange:
    """Why what is asked about differs between two sides."""
    asked = _asked(ready.model, of) or _moved_most(ready, sides)
    before, after = sides
    assert asked.expression is not None
    if after.arm.base is not before.arm.base:
        reading(after.arm.base.model, asked.text)  # another case may not know what is asked about
    found = Comparison(before.arm.blueprint, after.arm.blueprint, asked.expression)
    size, good = min(side.size() for side in sides), []
    for start in range(0, ready.draws, size):
        pair = [side.solved(start, start + size) for side in sides]
        good += [converged(solved) for solved in pair]
        found.add(*(solved.batch for solved in pair))
        if ready.progress:
            ready.progress(min(start + size, ready.draws), ready.draws)
    forced = tuple(dict.fromkeys([*before.arm.variant.forced, *after.arm.variant.forced]))
    whole = found.found(change, asked.text, float(np.concatenate(good).mean()))
    return replace(whole, forced=forced, notes=notes, sides=names)


def _asked(model: Model, of: str | None) -> Reading | None:
    """What is asked about; None where the case leaves it open."""
    asked = at_issue(model) if of is None else reading(model, of)
    e = asked.expression
    if isinstance(e, Ask) and e.what in ("P", "E"):
        return asked
    if of is None:
        return None
    raise QuestionError(f"{of!r} is not a single P(...) or E(...); ask of an outcome, or write 'P(stage is move)'")


def _moved_most(ready: Ready, sides: Sequence[_Side]) -> Reading:
    """The outcome that both sides have and that moves most."""
    means = []
    for side in sides:
        watch = Watch(side.arm.blueprint, [])
        parts = [
            watch(s.batch, converged(s))
            for s in side.engine.solve(side.arm.blueprint, side.draws, side.arm.variant.forced)
        ]
        means.append({name: np.concatenate([p.outcomes[name] for p in parts]).mean() for name in parts[0].outcomes})
    both = [name for name in means[0] if name in means[1]]
    if not both:
        raise QuestionError("the two have no outcome in common; name like outcomes alike")
    return reading(ready.model, max(both, key=lambda name: rankable(abs(means[1][name] - means[0][name]))))
