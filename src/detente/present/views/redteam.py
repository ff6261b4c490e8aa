"""How structural edits are shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from rich.markup import escape

from detente.analyse.counterfactual import whatif
from detente.analyse.counterfactual.redteam import Edited, RedTeam
from detente.model.schema import Model
from detente.present.figures.counterfactual.redteam import (
    by,
    changed,
    is_chance,
    redteam_picture,
    redteam_table,
    turned,
)
from detente.present.html.markup import Content, say, tag
from detente.present.html.numbers import listed
from detente.present.terminal.console import console
from detente.present.terminal.tables import TOP
from detente.present.view import Answer, Shown, view
from detente.present.wording.numbers import counted, number, percent, prose, sentence, words
from detente.study.questions.redteam import SCREEN

TOLD = 5  # edits that flip the conclusion, named before all others
NAMED = 4  # edits that change nothing, named one by one


def text(found: RedTeam, shown: Shown, *, top: Annotated[int, TOP] = 12) -> None:
    """What `detente redteam` prints."""
    model = shown.model
    console.print(f"\n[bold]{escape(_stands(model, found))}[/bold] as the model is\n", soft_wrap=True)
    for line in _first(model, found):
        console.print(escape(line), soft_wrap=True)
    moving = [e for e in found.edits if not e.same and not e.not_possible]
    if moving:
        console.print("\nEdits one by one, those that move the answer most first:")
    wide = max((len(_by(model, e)) for e in moving[:top]), default=0)
    for e in moving[:top]:
        _one(model, e, wide)
    if len(moving) > top:
        console.print(f"[dim]{len(moving) - top:,} more with --top {len(moving):,}[/dim]")
    if same := [words(e.edit) for e in found.edits if e.same]:
        said = f"{counted(len(same), 'edit')} change{'s' * (len(same) == 1)} nothing that is asked for, in any draw"
        rest = f"; {len(same) - NAMED:,} more" if len(same) > NAMED else ""
        console.print(f"\n[dim]{said}: {escape('; '.join(same[:NAMED]))}{rest}[/dim]", soft_wrap=True)
    for k, (reason, told) in enumerate(_impossible(found).items()):
        if not k:
            console.print(f"\n{counted(found.not_possible, 'edit is', 'edits are')} not possible:")
        console.print(f"[dim]· {escape('; '.join(told))}: {escape(reason)}[/dim]", soft_wrap=True)
    if found.interrupted:
        console.print(f"\n[yellow]{_unfinished(found)}[/yellow]")
    if found.possible:
        console.print(f"\n[dim]{escape(_turned_where(model, found))}[/dim]", soft_wrap=True)
    shift = "shift: half the sum of the absolute changes of the mean probabilities of the outcomes. " if moving else ""
    console.print(f"[dim]{shift}{_draws(found)}[/dim]", soft_wrap=True)


def _one(model: Model, e: Edited, wide: int) -> None:
    """One edit: what it does to the answer, and what turns."""
    d = e.moved
    if d is None:
        return
    sides = changed(model, d).partition(",")
    interval = sides[2].partition("(")[2].rstrip(")")
    console.print(
        f"{_by(model, e):>{wide}}  [bold]{escape(words(e.edit))}[/bold]: "
        f"{escape(sides[0])}{f' ({escape(interval)})' if interval else ''}[dim]; shift {percent(e.distance)}[/dim]",
        soft_wrap=True,
    )
    pad = " " * (wide + 2)
    if e.flips:
        console.print(f"{pad}[yellow]flips the conclusion: {escape(_flips(e))}[/yellow]", soft_wrap=True)
    if e.claims_flipped:
        console.print(f"{pad}claims flipped: {escape(turned(e))}", soft_wrap=True)
    if e.claims_lost:
        lost = ", ".join(map(words, e.claims_lost))
        console.print(f"{pad}[dim]not to be judged: {escape(lost)}[/dim]", soft_wrap=True)


def _first(model: Model, found: RedTeam) -> list[str]:
    """Which edit flips the conclusion, how many do, what moves the answer most, and what no edit turns."""
    said, turning = [], found.turning
    many = f"{len(turning):,} of {counted(found.possible, 'edit')} of the structure"
    if turning:
        bare = sum(e.decided for e in turning)
        left = f", {bare:,} of them by leaving nothing to ask" if bare else ""
        said.append(f"{many} flip{'s' * (len(turning) == 1)} the conclusion by {_itself(len(turning))}{left}:")
        said += [f"  {words(e.edit)}: {_level(model, e)}; {_flips(e)}" for e in turning[:TOLD]]
        said += [f"  and {len(turning) - TOLD:,} more"] if len(turning) > TOLD else []
    elif found.possible:
        which = "solved so far" if found.interrupted else "possible"
        said.append(f"No single edit flips the conclusion, of {found.possible:,} that are {which}.")
    if most := _most(found):
        said.append(f"The answer moves most where {words(most.edit)}: {_level(model, most)}.")
    if found.claims and found.possible:
        said.append(_never(found))
    if found.not_judged:
        said.append(_unasked(found))
    return said


def _itself(n: int) -> str:
    return "itself" if n == 1 else "themselves"


def _turned_where(model: Model, found: RedTeam) -> str:
    """What it is for the conclusion to turn."""
    ways = ["the answer crosses one half"] if is_chance(model) else []
    many = [name for name, members in model.groups.items() if members]
    ways.append(f"{words(' or '.join(many)) if len(many) > 1 else 'another outcome'} becomes the most likely")
    ways += [f"the claim {words(name)} flips in most draws" for name in list(found.claims)[:1]]
    return f"The conclusion flips where {', or '.join(ways)}. Every edit costs the same: one."


def _never(found: RedTeam) -> str:
    """The claims that no edit flips."""
    names = found.never_flip
    if not names:
        count = len(found.claims)
        who = "The claim" if count == 1 else f"Each of {count} claims"
        return f"{who} is flipped by some edit."
    verb = "is" if len(names) == 1 else "are"
    return f"{len(names):,} of {counted(len(found.claims), 'claim')} {verb} flipped by no edit: {_names(names)}."


def _unasked(found: RedTeam) -> str:
    """The claims that were not judged."""
    count, names = len(found.not_judged), _names(found.not_judged)
    them = "it is" if count == 1 else "they are"
    return f"Not judged unless {them} named (--claim): {names}."


def _most(found: RedTeam) -> Edited | None:
    """The edit that moves the answer most, of those that leave something to ask."""
    moving = (e for e in found.edits if e.moved and not e.same and not e.decided)
    return next(moving, None)


def _level(model: Model, e: Edited) -> str:
    return changed(model, e.moved) if e.moved else ""


def _by(model: Model, e: Edited) -> str:
    return by(model, e.moved) if e.moved else ""


def _flips(e: Edited) -> str:
    return "; ".join(map(prose, e.flips)) + (" (nothing is left to ask)" if e.decided else "")


def _names(names: Sequence[str]) -> str:
    return ", ".join(map(words, names))


def _stands(model: Model, found: RedTeam) -> str:
    """The answer as the model is."""
    f = found.answer
    return f"{found.says}: {percent(f.mean, f.error) if is_chance(model) else number(f.mean, f.error)}"


def _impossible(found: RedTeam) -> dict[str, list[str]]:
    """The edits that are not possible, by the reason."""
    reasons: dict[str, list[str]] = {}
    for e in found.edits:
        if e.not_possible:
            reasons.setdefault(prose(e.not_possible), []).append(words(e.edit))
    return reasons


def _unfinished(found: RedTeam) -> str:
    return f"Interrupted: {counted(found.left, 'edit is', 'edits are')} not solved."


def _draws(found: RedTeam) -> str:
    some = "all" if found.converged == 1 else f"at least {percent(found.converged)}"
    return f"{_drawn(found)}; {some} of them converged, with and without each edit."


def _drawn(found: RedTeam) -> str:
    """In how many draws edits were solved: those that moved the answer little in the first of them only."""
    whole = counted(found.draws, "paired draw")
    if not found.screened:
        return whole
    return f"{whole}; {counted(found.screened, 'edit')} that moved the answer less in the first {SCREEN} of them only"


def page(found: RedTeam, shown: Shown) -> Answer:
    """The structural edits, what they do to the answer, and which of them flip the conclusion."""
    model, turning = shown.model, found.turning
    most = _most(found)
    said: list[Content] = [say("{answer} as the model is.", answer=tag("b", _stands(model, found)))]
    many = f"Of {counted(found.possible, 'possible edit')} of the structure, one at a time,"
    if turning:
        some = turning[:TOLD]
        each: list[Content] = [say("{edit} ({how})", edit=tag("b", words(e.edit)), how=_flips(e)) for e in some]
        each += [f"{len(turning) - TOLD:,} more"] if len(turning) > TOLD else []
        verb = "flips" if len(turning) == 1 else "flip"
        how = f"{many} {len(turning):,} {verb} the conclusion"
        said.append(say("{how}: {each}.", how=how, each=listed(each)))
    else:
        said.append(f"{many} none flips the conclusion.")
    if most:
        said.append(
            say("The answer moves most where {edit}: {to}.", edit=tag("b", words(most.edit)), to=_level(model, most))
        )
    if found.claims:
        said.append(_never(found))
    if found.not_judged:
        said.append(_unasked(found))
    if found.same:
        verb = "changes" if found.same == 1 else "change"
        said.append(f"{counted(found.same, 'edit')} {verb} nothing that is asked for, in any draw.")
    if found.interrupted:
        said.append(_unfinished(found))
    remarks = [
        f"{sentence('; '.join(told)).rstrip('.')}: not possible, {reason}."
        for reason, told in _impossible(found).items()
    ]
    drawn = is_chance(model) and any(e.moved and not e.same for e in found.edits)
    pictures = [redteam_picture(model, found)] if drawn else []
    after = "" if drawn else redteam_table(model, found)
    return Answer("redteam", "Which structural edit flips it", said, pictures, remarks, (whatif.REFERENCE,), after)


view(
    RedTeam,
    text=text,
    page=page,
    converged=lambda found: found.converged,
    interrupted=lambda found: found.interrupted,
)
