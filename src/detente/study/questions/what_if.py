"""What changes do, in paired draws."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, Unpack

from detente.analyse.counterfactual.whatif import WhatIf, waterfall
from detente.draws.variants import Change
from detente.errors import QuestionError
from detente.study.evaluate.variant import Arm
from detente.study.memo.findings import once
from detente.study.registry import Option, question
from detente.study.settings import Case, How, Settings

if TYPE_CHECKING:
    from detente.study.dossier import Dossier

STEPS = 4  # changes of the breaking point that are made step by step
KINDS = {
    "set": ("NAME=VALUE", "Give a quantity or perception another value."),
    "shift": ("NAME=+X", "Shift it in every draw: +0.1, -0.1 or *1.5."),
    "force": ("STAGE=MOVE", "Force the move wherever it is available."),
    "forbid": ("STAGE=MOVE", "Rule the move out."),
    "delay": ("STAGE=MOVE:N", "Rule the move out before period N."),
    "reveal": ("ACTOR.TYPE", "Make a private type known to all."),
    "hide": ("ACTOR.TYPE", "Make a public type private to its owner."),
    "perception": ("MODE", "Change how actors see the quantities: common or private."),
    "drop-mechanism": ("NAME", "Switch off a mechanism."),
}


def _turning(found: Dossier) -> list[dict[str, Any]]:
    """The breaking point of the conclusion, assumption after assumption, each moved in every draw by as much."""
    moved = [c for b in found.turning for c in b.changes if c.value != c.median][:STEPS]
    changes = [Change("shift", c.name.partition("#")[0], f"{c.value - c.median:+.3g}") for c in moved]
    if not changes:  # nothing flips it by degrees, but a choice may
        changes = [Change("set", c.name, f"{c.value:g}") for b in found.turning for c in b.switches[:1]]
    if not changes:
        raise QuestionError("no change of assumptions flips the conclusion, so that there is none to make step by step")
    return [{"changes": changes}]


@question("what-if", topic="counterfactual", draws=1000, counts="changes",
          dossier=_turning)  # fmt: skip
def what_if(
    case: Case,
    changes: Annotated[Sequence[Change | str], Option("Changes, in their order.", kinds=KINDS)],
    **settings: Unpack[Settings],
) -> WhatIf:
    """Ask what if: make changes one after another in paired draws, each with its effect and interval.

    Changes are made in the order in which they are given (on the command line those of one kind stay together).
    `changes`: as the command line writes its options (`set hazard=0.02`, `shift cost=+0.1`, `force posture=invade`,
    `forbid answer=accept`, `delay posture=invade:2`, `reveal A.type`, `hide A.type`, `perception private`,
    `drop mechanism`), or `Change` values. `whole` is the effect of all of them, `steps` what each adds to those before
    it. Raises ModelError, QuestionError.
    """
    if not changes:
        raise QuestionError("nothing is changed; write for example --set hazard=0.02 or --forbid posture=invade")
    ready = How.of(settings).ready(case)
    wanted = [Change.of(change) for change in changes]

    def ask() -> WhatIf:
        arm = Arm.plain(ready)
        answers = [arm.answers()]
        notes: list[str] = []
        for k, change in enumerate(wanted):
            arm = arm.changed(change)
            answers.append(arm.answers())
            notes += arm.notes
            if ready.progress:
                ready.progress(k + 1, len(changes))
        return waterfall(answers, [str(change) for change in wanted], notes, groups=ready.model.groups)

    return once(ready, WhatIf, ask, "what if", tuple(wanted))
