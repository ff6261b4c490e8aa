"""The cheapest structural edit that turns the conclusion."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Unpack

from detente.analyse.counterfactual.knockout import indispensable
from detente.analyse.counterfactual.redteam import Comparison, Edited, RedTeam
from detente.draws.edits import KINDS, Edit, edits
from detente.errors import ModelError, QuestionError, nearest
from detente.study.evaluate.variant import Arm
from detente.study.memo.findings import Readings
from detente.study.registry import Option, question
from detente.study.settings import Case, How, Ready, Settings

ONLY = Option(f"Only edits of this kind (again for more): {', '.join(KINDS)}.", metavar="KIND")


@question("redteam", topic="counterfactual", draws=200, counts="edits", dossier=False)
def redteam(case: Case, *, only: Annotated[Sequence[str], ONLY] = (), **settings: Unpack[Settings]) -> RedTeam:
    """Edit the structure, one part at a time: which edit turns the conclusion, and how far does each move the answer.

    Every edit that the file offers (`only`: of some kinds) is solved in the same draws: a stage, move, result, payoff
    term or state taken out, a stage shown to an actor or hidden from it, moves made in turn and not at once,
    neighbouring stages in the other order, a type known to all, a period more or less, perceptions read otherwise.
    Those that leave no game are listed with the reason. Interrupted (Ctrl-C), it returns those that are solved, with
    `interrupted` set. Raises ModelError, QuestionError.
    """
    ready = How.of(settings).ready(case)
    for kind in only:
        if kind not in KINDS:
            raise QuestionError(f"there is no kind of edit {kind!r}; {nearest(kind, KINDS)}")
    wanted = [e for e in edits(ready.model, ready.engine.perception) if not only or e.kind in only]
    where = Readings.of_question(ready, [ready.model], "redteam", tuple(sorted(set(only))))
    if (known := where.get(0, ready.draws, RedTeam)) is not None:
        found: RedTeam = known
        return found
    found = _tried(ready, wanted)
    if not found.interrupted:  # what is solved is kept by draws, and the rest is solved another time
        where.put(0, ready.draws, found)
    return found


def _tried(ready: Ready, wanted: Sequence[Edit]) -> RedTeam:
    """All edits that are wanted, or as many as are solved before somebody interrupts."""
    plain = Arm.plain(ready)
    before = plain.answers()
    comparison, found = Comparison(ready.model, before), list[Edited]()
    try:
        for edit in wanted:
            try:
                arm = plain.edited(edit)
                if gone := indispensable(plain.base, arm.blueprint, edit.gone) if edit.gone else {}:
                    raise QuestionError(next(iter(gone.values())))
                after = before if not edit.orders and arm.plays_as(plain) else arm.answers()
                found.append(comparison.edited(edit, after, arm.blueprint.tree.n_nodes))
            except ModelError as error:
                found.append(comparison.impossible(edit, error.problems[0].message))
            except QuestionError as error:
                found.append(comparison.impossible(edit, str(error)))
            if ready.progress:
                ready.progress(len(found), len(wanted))
    except KeyboardInterrupt:
        pass
    return comparison.ranked(found, plain.base.tree.n_nodes, len(wanted) - len(found))
