"""How other best guesses are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.markup import escape

from detente.analyse.counterfactual.whatif import Difference
from detente.analyse.finding import Z95
from detente.analyse.forecast.claims import Verdict, verdict
from detente.analyse.sensitivity import reweighting
from detente.draws.beliefs import NUMBER, STRUCTURE
from detente.model.schema import Model
from detente.present.figures.counterfactual.shifts import moved, ranked, shift_picture
from detente.present.html.markup import Content, join, say, tag
from detente.present.terminal.console import console
from detente.present.terminal.tables import glossary, notes, plain_table
from detente.present.view import Answer, Shown, view
from detente.present.wording.answer import groups_told, in_words, interval, was
from detente.present.wording.answer import moved as answer_moved
from detente.present.wording.names import amount, assumed, certified, deviations
from detente.present.wording.numbers import beside_effect, counted, percent, points, words
from detente.study.supposing import SOLVED_ANEW, Supposed, Supposition

TOLD = 3  # outcomes in a sentence
FEWEST = 0.005  # a difference in the share of a claim worth a line
SIDES = ("as written", "supposed")


def text(found: Supposed, shown: Shown) -> None:
    """What `detente suppose` prints."""
    model = shown.model
    told = _joined([_supposed(model, belief) for belief in found.beliefs])
    console.print(f"\nWith {escape(told)}, {escape(_comes(model, found))}.", soft_wrap=True)
    console.print(f"[dim]{escape(_worth(found))}[/dim]\n", soft_wrap=True)
    for name in groups_told(model, found.whole.groups):
        d = found.whole.groups[name]
        console.print(f"[dim]{escape(words(name))}: {escape(_sides(d))}, {moved(d)}[/dim]")
    if found.whole.groups:
        console.print()
    _table(found.whole.outcomes, ranked(found.whole.outcomes), "")
    claims = _moving(found)
    if claims:
        console.print()
        _table(found.whole.claims, claims, "claims that move, in percent of draws", found.verdicts)
    glossary(model, [*ranked(found.whole.outcomes), *claims])
    if found.notes:
        console.print()
    notes(found.notes)
    console.print(f"\n[dim]{percent(found.converged)} of the solved draws converged.[/dim]")


def _supposed(model: Model, belief: Supposition) -> str:
    """`the best guess of invasion bill at 1.2 in place of 1.9 (0.65 sd below)`."""
    name = assumed(belief.name)
    if belief.kind == NUMBER:
        value = amount(model, belief.name, belief.after, 3)
        return (
            f"the best guess of {name} at {value} in place of {amount(model, belief.name, belief.before, 3)} "
            f"({deviations(belief.moved)} sd)"
        )
    if belief.kind == STRUCTURE:
        if belief.after in (0.0, 1.0):
            there = "present for sure" if belief.after else "absent for sure"
            return f"{name} {there} ({percent(belief.before, 0.005)} likely as written)"
        return f"{name} {_typed(belief.after)} likely in place of {percent(belief.before, 0.005)}"
    each = _joined([f"{c.value:g} {_typed(c.after)} likely (was {_typed(c.before)})" for c in belief.chances])
    return f"{name} {each}"


def _typed(p: float) -> str:
    """A probability that somebody wrote."""
    return f"{100 * p:.3g}%"


def _joined(parts: Sequence[str]) -> str:
    """Things in a sentence."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)


def _comes(model: Model, found: Supposed) -> str:
    """The answer after, what it was, and the interval of the difference; of a case without one what moves most."""
    d = found.whole.answer
    if d is not None:
        if not d.effect.draws:
            return f"{in_words(model)}: not defined in any draw"
        return f"{in_words(model)}: {was(model, d)}; {answer_moved(model, d)} (95%: {interval(model, d)})"
    return _joined([_outcome(name, found.whole.outcomes[name]) for name in ranked(found.whole.outcomes)[:TOLD]])


def _outcome(name: str, d: Difference) -> str:
    return f"{words(name)}: {_sides(d)}"


def _sides(d: Difference) -> str:
    """`21% (was 15%)`."""
    before, after = (beside_effect(f.value, d.effect.error / 4) for f in (d.before, d.after))
    return f"{after} (was {before})"


def _worth(found: Supposed) -> str:
    """On how many draws it rests, and whether they were solved for it."""
    if found.how == SOLVED_ANEW:
        plain = percent(found.plain_share)
        return (
            f"{counted(found.draws, 'paired draw')} solved again: by weights the draws were worth {plain} of "
            "themselves."
        )
    return (
        f"Nothing was solved again: reweighted, {counted(found.draws, 'draw')} are worth {found.ess:,.0f} "
        f"({percent(found.share)})."
    )


def _moving(found: Supposed) -> list[str]:
    """The claims whose share of draws moves by more than chance, or whose verdict is another."""
    claims = found.whole.claims

    def told(d: Difference) -> bool:
        turned = verdict(d.before.value) != verdict(d.after.value)
        sure = abs(d.effect.value) >= max(FEWEST, Z95 * d.effect.error)
        return sure or turned or d.before.draws != d.after.draws

    return [name for name in ranked(claims) if told(claims[name])]


def _table(
    parts: Mapping[str, Difference], names: Sequence[str], title: str, verdicts: Mapping[str, Verdict] | None = None
) -> None:
    heads = ["", *SIDES, "difference", "95% of the mean", *(["90%, supposed"] if verdicts is None else ["verdict"])]
    table = plain_table(*heads, title=title or None, fold=True, words=(5,) if verdicts else ())
    for name in names:
        last = _range(parts[name]) if verdicts is None else _turned(parts[name], verdicts[name])
        table.add_row(f"[bold]{escape(words(name))}[/bold]", *_cells(parts[name]), last)
    console.print(table)


def _range(d: Difference) -> str:
    """What holds 90% of the draws, after."""
    return f"{percent(d.after.low, 0.005)} to {percent(d.after.high, 0.005)}"


def _turned(d: Difference, after: Verdict) -> str:
    before = verdict(d.before.value)
    return after.words if before == after.words else f"{before} → {after.words}"


def _cells(d: Difference) -> list[str]:
    if not d.effect.draws or d.effect.value != d.effect.value:
        return [*(percent(f.value, f.error) for f in (d.before, d.after)), "", ""]
    fine = d.effect.error / 4
    levels = [beside_effect(f.value, fine) for f in (d.before, d.after)]
    return [*levels, moved(d), f"{points(d.effect.low, fine)} to {points(d.effect.high, fine)}"]


def page(found: Supposed, shown: Shown) -> Answer:
    """What other best guesses do to the answer, the outcomes and claims."""
    model = shown.model
    told = _joined([_supposed(model, belief) for belief in found.beliefs])
    first: Content = say("With {told}, {comes}.", told=told, comes=tag("b", _comes(model, found)))
    turned = [
        f"{words(name)}: {_turned(found.whole.claims[name], found.verdicts[name])}"
        for name in _moving(found) if verdict(found.whole.claims[name].before.value) != found.verdicts[name].words
    ]  # fmt: skip
    said = [first, join([_worth(found), f" Verdicts that flip: {'; '.join(turned)}." if turned else ""])]
    how = "" if found.how == SOLVED_ANEW else f"{counted(found.draws, 'draw')}, plain and reweighted"
    picture = shift_picture(model, found.whole, found.draws, SIDES, f" {certified(found.converged)}", how)
    references = (reweighting.REFERENCE, reweighting.KISH)
    return Answer("suppose", "Another best guess", said, [picture], found.notes, references)


view(Supposed, text=text, page=page, converged=lambda found: found.converged)
