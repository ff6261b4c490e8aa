"""What an actor in a seat is shown: what it is told before play, and what it knows at its turn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from detente.analyse.playing.reviews import Belief
from detente.analyse.playing.sight import Seen
from detente.model.schema import Model
from detente.present.figures.playing.bars import belief_table, named
from detente.present.figures.playing.reviewed import reviewed
from detente.present.html.markup import Content, Html, join, table, tag, verbatim
from detente.present.html.numbers import data
from detente.present.wording.names import outcome_means
from detente.present.wording.numbers import number, prose, sentence, words
from detente.present.wording.playing import by_period, told, wanted, when, when_of
from detente.study.debriefing import Briefing, View


def briefing_page(model: Model, found: Briefing) -> Mapping[str, Html]:
    """What an actor knows all through play: who it is and what it wants; the numbers as it sees them."""
    said = found.actors[found.actor]
    others = [tag("li", named(name, means)) for name, means in found.actors.items() if name != found.actor]
    wishes = [tag("li", named(wish.term, wanted(model, wish))) for wish in found.wants]
    formulas = [[words(wish.term), tag("code", verbatim(wish.formula))] for wish in found.wants if wish.formula]
    exact = table("The payoff terms, as the model counts them", ("term", "formula"), formulas) if formulas else ""
    who = [
        tag("p", "You are ", named(found.actor, said.rstrip(".")), "."),
        tag("p", f"The question of the case: {found.question}") if found.question else "",
        tag("p", f"Play lasts {found.lasting} at most."),
        tag("h3", "What counts for you"),
        tag("ul", wishes),
        tag("details", tag("summary", "How it is counted"), exact) if exact else "",
        tag("p", f"Payoffs are in stakes. {sentence(found.stake)}", class_="small") if found.stake else "",
        tag("h3", "The other actors"),
        tag("ul", others),
    ]  # fmt: skip
    rows = [
        [named(q.name, q.means), data(q.value, number(q.value)), q.unit,
         _written(model, q.name, found.actor)]
        for q in found.quantities
    ]  # fmt: skip
    heads = ("quantity", "in this world, to you", "unit", "as the case has it")
    caption = "Every number that the game depends on, as you see it in this world, and the range or formula it is from"
    return {"briefing": join(who), "numbers": table(caption, heads, rows, numeric=(1,))}


def _written(model: Model, name: str, actor: str) -> Html:
    """What a quantity is in the case: a range of percentiles, a number or a formula."""
    quantity = model.quantities.get(name)
    if quantity is None:
        return Html("")
    seen = quantity.seen_by.get(actor)
    return tag("code", verbatim((seen or quantity).value.text))


# ------------------------------------------------------------------------------------------------ at a point of play


def heading(view: View) -> str:
    """What is going on, for the head of the screen."""
    if view.phase == "over":
        return f"It is over: {words(view.outcome)}"
    at = when(view.when)
    if view.phase == "turn":
        return sentence(", ".join(filter(None, (f"your turn: {words(view.stage)}", at)))).removesuffix(".")
    whom = words(view.waiting_for) or "the others"
    return f"Waiting for {whom}" + (f", {at}" if at else "")


def view_page(model: Model, view: View) -> Mapping[str, Html]:
    """What an actor knows at a point of play, by slot."""
    over = outcome_means(model, view.outcome) if view.phase == "over" else ""
    about = over or view.about
    return {
        "about": tag("p", sentence(prose(about))) if about else Html(""),
        "seen": course_list(model, view.seen, view.actor),
        "beliefs": join(_belief(model, belief) for belief in view.beliefs),
        "levels": _levels(view),
        "prospects": _prospects(model, view),
        "feedback": reviewed(view.feedback, view.actor) if view.feedback else Html(""),
    }


def news(model: Model, view: View) -> tuple[str, ...]:
    """What an actor has seen, each thing in a sentence."""
    found = []
    for seen in view.seen:
        at = when_of(model, seen.step)
        found.append(f"{at}: {told(model, seen, view.actor)}" if at else str(told(model, seen, view.actor)))
    return tuple(found)


def course_list(model: Model, course: Sequence[Seen], actor: str = "") -> Html:
    """What happened, period by period; `actor`: as seen by whom."""
    parts: list[Content] = []
    for at, some in by_period(model, course):
        if at:
            parts.append(tag("h3", at))
        items = []
        for seen in some:
            said = told(model, seen, actor)
            mine = "mine" if actor and seen.actor == actor else None
            means = tag("span", f" ({said.means})", class_="small") if said.means else ""
            items.append(tag("li", f"{said.who}: ", tag("b", said.what), means, class_=mine))
        parts.append(tag("ul", items, class_="course"))
    return join(parts)


def _belief(model: Model, belief: Belief) -> Html:
    at = when_of(model, belief.step)
    name = sentence(words(belief.about)).removesuffix(".") + (f" in {at[:1].lower()}{at[1:]}" if at else "")
    means = f": {belief.means}" if belief.means else ""
    return belief_table([tag("b", name), means], belief.shares, belief.before, belief.truth)


def _levels(view: View) -> Html:
    if not view.levels:
        return Html("")
    rows = [
        [named(level.name, level.means), data(level.value, number(level.value))]
        for level in view.levels
    ]  # fmt: skip
    return table("How things stand, as you see it", ("what", "now"), rows, numeric=(1,))


def _prospects(model: Model, view: View) -> Html:
    if not view.prospects:
        return Html("")
    rows: list[list[Content]] = []
    for prospect in view.prospects:
        low, high = number(prospect.low), number(prospect.high)
        means = outcome_means(model, prospect.outcome)
        rows.append([named(prospect.outcome, means), low if low == high else f"{low} to {high}"])
    caption = "How it may still end, and what that would be worth to you, in stakes"
    return table(caption, ("it ends in", "worth to you"), rows, numeric=(1,))
