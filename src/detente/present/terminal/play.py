"""A play on the terminal: what an actor is shown, and what everybody is told at its end."""

from __future__ import annotations

from rich.markup import escape

from detente.analyse.playing.elsewhere import Elsewhere
from detente.analyse.playing.reviews import Belief, Decision
from detente.analyse.playing.sight import Seen
from detente.model.schema import Model
from detente.present.terminal.console import console
from detente.present.terminal.tables import plain_table
from detente.present.wording.names import outcome_means
from detente.present.wording.numbers import counted, number, percent, signed, words
from detente.present.wording.playing import called, shares_in_words, when
from detente.study.debriefing import Briefing, Debrief, View


def show_briefing(found: Briefing) -> None:
    """What an actor is told before play begins."""
    console.print(f"[bold]{escape(found.title)}[/bold]", highlight=False)
    others = ", ".join(words(name) for name in found.actors if name != found.actor)
    said = found.actors[found.actor]
    console.print(escape(f"You are {words(found.actor)}{f': {said}' if said else ''}."), highlight=False)
    console.print(escape(f"With you: {others}. Play lasts {found.lasting} at most."), highlight=False)
    if found.stake:
        console.print(escape(f"Payoffs are in stakes: {found.stake.rstrip('.')}."), highlight=False)
    wants = ", ".join(words(wish.term) for wish in found.wants)
    console.print(escape(f"What counts for you: {wants}."), highlight=False)


def show_view(model: Model, view: View) -> None:
    """What an actor knows at its turn."""
    head = ", ".join(filter(None, (words(view.actor), words(view.stage), when(view.when))))
    console.print(f"\n[bold]{escape(head)}[/bold]", highlight=False)
    if view.about:
        console.print(escape(f"  {view.about}"), highlight=False)
    if view.feedback:
        _show_review(view.feedback, model)
    if view.seen:
        console.print("You know:", highlight=False)
        for seen in view.seen:
            console.print(escape(f"  {_seen(model, seen, view.actor)}"), highlight=False)
    for level in view.levels:
        console.print(escape(f"  {words(level.name)} stands at {number(level.value)}"), highlight=False)
    if view.beliefs:
        console.print("You believe:", highlight=False)
        for belief in view.beliefs:
            console.print(escape(f"  {_belief(model, belief)}"), highlight=False)
    console.print("It may end, and would be worth to you:", highlight=False)
    for prospect in view.prospects:
        low, high = number(prospect.low), number(prospect.high)
        told = outcome_means(model, prospect.outcome)
        worth = low if low == high else f"{low} to {high}"
        console.print(escape(f"  {words(prospect.outcome)}  {worth}{f'  ({told})' if told else ''}"), highlight=False)
    console.print("You can:", highlight=False)
    for k, option in enumerate(view.moves, 1):
        told = f": {option.means}" if option.means else ""
        console.print(f"  {k}  [bold]{escape(words(option.move))}[/bold]{escape(told)}", highlight=False)


def show_debrief(model: Model, found: Debrief) -> None:
    """What everybody is told when play is over."""
    told = outcome_means(model, found.outcome)
    ended = words(found.outcome) + (f": {told}" if told else "")
    console.print(f"\n[bold]It is over: {escape(ended)}[/bold]", highlight=False)
    if found.structures:
        console.print(escape(f"In this world: {', '.join(map(words, found.structures))}."), highlight=False)
    console.print("What happened:", highlight=False)
    for seen in found.course:
        console.print(escape(f"  {_seen(model, seen)}"), highlight=False)
    heads = ("stakes", "got", "expected at first", "regret", "by term")
    table = plain_table(*heads, words=(0, 4), fold=True)
    for actor, paid in found.paid.items():
        terms = ", ".join(f"{words(name)} {signed(value)}" for name, value in paid.terms.items() if value)
        table.add_row(
            escape(words(actor)), number(paid.total), number(paid.expected), number(paid.regret), escape(terms or "-")
        )
    console.print(table)
    for decision in found.decisions:
        if decision.seated:
            _show_review(decision, model)
    if not found.converged:
        console.print("This world did not converge to the accuracy required.", highlight=False)


def show_elsewhere(found: Elsewhere) -> None:
    """What the same choices are worth in other worlds."""
    gap = found.difference
    console.print(
        escape(
            f"The same choices of {words(found.actor)} in {counted(gap.draws, 'world')}: {number(found.chosen.value)} "
            f"stakes, equilibrium play {number(found.solved.value)}; {signed(gap.value)} (90% of worlds: "
            f"{signed(gap.low)} to {signed(gap.high)}), better in {percent(found.better)}"
        ),
        highlight=False,
    )


def _show_review(decision: Decision, model: Model) -> None:
    """A decision beside equilibrium play."""
    console.print(f"\n[bold]{escape(decision.where)}[/bold]", highlight=False)
    regret = f"regret {number(decision.regret)} stakes" if decision.regret else "the best move"
    chose = f"chose {words(decision.move)} (equilibrium play: {percent(decision.probability)}), {regret}"
    console.print(escape(f"  {chose}"), highlight=False)
    truly = any(o.true_value is not None and abs(o.true_value - o.value) > 5e-4 for o in decision.options)
    heads = ["move", "equilibrium", "expected", *["as it truly is"] * truly]
    knowing = all(option.known_value is not None for option in decision.options)
    table = plain_table(*heads, *["knowing all"] * knowing)
    for option in decision.options:
        row = [escape(words(option.move)), percent(option.probability), number(option.value)]
        row += [number(option.true_value or 0.0)] * truly + [number(option.known_value or 0.0)] * knowing
        table.add_row(*row)
    console.print(table)
    for belief in decision.beliefs:
        console.print(escape(f"  believed {_belief(model, belief)}"), highlight=False)
    for opinion in decision.opinions:
        before, after = shares_in_words(opinion.before), shares_in_words(opinion.after)
        moved = before if before == after else f"{before}; after the move {after}"
        told = f"{words(opinion.actor)} believed {words(opinion.about)} {moved} ({called(opinion.truth)} in truth)"
        console.print(escape(f"  {told}"), highlight=False)


def _seen(model: Model, seen: Seen, actor: str = "") -> str:
    whose = "your " if actor and seen.actor == actor else ""
    name = seen.event.partition(".")[2] if whose and "." in seen.event else seen.event
    at = f"{model.periods.named(seen.step)}: " if seen.step else ""
    means = f" ({seen.means})" if seen.means else ""
    return f"{at}{whose}{words(name)} {words(seen.label)}{means}"


def _belief(model: Model, belief: Belief) -> str:
    truth = "" if belief.truth is None else f" ({called(belief.truth)} in truth)"
    moved = ""
    if belief.before is not None and shares_in_words(belief.before) != shares_in_words(belief.shares):
        moved = f"; before, {shares_in_words(belief.before)}"
    at = f" in {model.periods.named(belief.step)}" if belief.step else ""
    return f"{words(belief.about)}{at} {shares_in_words(belief.shares)}{moved}{truth}"
