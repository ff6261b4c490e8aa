"""A situation in which somebody decides, in tables and sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from detente.analyse.forecast.rank import rankable
from detente.analyse.forecast.situation import Breakeven, Situation
from detente.analyse.forecast.why import METHOD as TERMS
from detente.model.schema import Model
from detente.present.figures.forecast.contrasts import reasons_picture
from detente.present.html.markup import Content, Html, join, table, tag
from detente.present.html.numbers import chance, data, interval
from detente.present.wording.numbers import UNNOTICED, counted, day, percent, signed, words

MOST_MEMBERS = 12  # histories of a set that are told


def when(model: Model, step: int) -> str:
    """A slice of the game: `fortnight 2, from 25 February 2022`; nothing where there is one."""
    periods = model.periods
    if periods.steps == 1 or not step:
        return ""
    named = periods.named(step)
    if periods.from_ is None or periods.days is None or (step - 1) % periods.slices:
        return named
    return f"{named}, from {day(periods.begins((step - 1) // periods.slices))}"


def event_words(model: Model, event: str) -> str:
    """An event as information sets tell it, in words: `posture (fortnight 2)`."""
    step, _, name = event.rpartition(":")
    return f"{words(name)} ({model.periods.named(int(step))})" if step.isdigit() else words(event)


def whose(model: Model, event: str) -> str:
    """Who decides at an event, and what: `Russia, posture (fortnight 2): `."""
    stage = model.stages.get(event.rpartition(":")[2])
    who = f"{words(stage.actor)}, " if stage is not None and stage.actor else ""
    return f"{who}{event_words(model, event)}: "


# ---------------------------------------------------------------------- who knows what


def known(model: Model, found: Situation, who: str) -> Html:
    """What whoever decides has seen, and what it alone knows."""
    own = [(e, label) for e, label in found.seen if e.startswith(f"{found.actor}.")]
    seen = [pair for pair in found.seen if pair not in own]

    def listed(pairs: Sequence[tuple[str, str]]) -> Html:
        return tag("ul", [tag("li", whose(model, e), tag("b", words(label))) for e, label in pairs], class_="seen")

    parts: list[Content] = []
    if own:
        parts += [tag("p", f"{who} alone knows:"), listed(own)]
    if seen:
        parts += [tag("p", f"{who} has seen:"), listed(seen)]
    return join(parts) if parts else tag("p", f"{who} has seen nothing yet.")


def believed(model: Model, found: Situation, who: str) -> Html:
    """Beliefs over what was not seen, and over the histories that cannot be told apart."""
    if not found.beliefs:
        return tag("p", f"Nothing that has happened so far is hidden from {who}.")
    rows: list[list[Content]] = [
        [whose(model, event).removesuffix(": "), tag("b", words(label)), chance(f), interval(f)]
        for event, labels in found.beliefs.items()
        for label, f in labels.items()
    ]
    over = table(
        f"What {who} has not seen, and what it believes of it.", ["", "is", "belief", "90% of draws"], rows, (2, 3)
    )
    ranked = sorted(found.members, key=lambda m: -rankable(m.belief.value))
    told: list[list[Content]] = [
        ["; ".join(f"{whose(model, e)}{words(label)}" for e, label in m.unseen), chance(m.belief), interval(m.belief)]
        for m in ranked[:MOST_MEMBERS]
    ]
    rest = found.members[MOST_MEMBERS:]
    more = f" The {len(told)} that it believes most likely." if rest else ""
    caption = f"Histories that look alike to {who} here.{more}"
    folded = tag(
        "details", tag("summary", f"It cannot tell {counted(len(found.members), 'history', 'histories')} apart"),
        table(caption, ["what it has not seen", "belief", "90% of draws"], told, (1, 2)),
    )  # fmt: skip
    return join([over, folded])


# ---------------------------------------------------------------------- what is done, and why


def moves_table(model: Model, stage: str, found: Situation, who: str) -> Html:
    """How often each move is made, and what is expected of it."""
    rows: list[list[Content]] = []
    for label, (probability, worth) in found.moves.items():
        made = model.stages[stage].moves.get(label)
        rows.append([
            join([tag("b", words(label)), f": {made.means}" if made and made.means else ""]), chance(probability),
            interval(probability), data(worth.value, signed(worth.value, worth.error)),
        ])  # fmt: skip
    heads = ["move", "how often", "90% of draws", "worth to it"]
    shown = table(f"What {who} does here, and what it expects of each move, in stakes.", heads, rows, (1, 2, 3))
    return join([shown, *(tag("p", said, class_="small") for said in _beside_worth(model, stage, found.actor))])


def _beside_worth(model: Model, stage: str, actor: str) -> Iterator[str]:
    """What decides how often a move is made beside what it is worth."""
    precision = model.precision_of(actor)
    how = f" ({words(precision)} says how reliably)" if precision else ""
    yield (
        f"The better of two moves is made more often, not always{how}; where they are worth nearly the same, what is "
        "done without a reason decides."
    )
    written = model.stages[stage]
    ready = {label: move.tendency.text for label, move in written.moves.items() if move.tendency}
    if ready:
        told = ", ".join(f"{words(label)} {words(text)}" for label, text in ready.items())
        yield f"Without a reason, moves are made in proportion to their tendencies: {told}; others 1."
    if written.continues and written.reconsidered:
        rate = written.reconsidered.rate.text
        per = f"per {written.reconsidered.per}" if written.reconsidered.per else ""
        if rate in model.quantities:
            per, rate = per or model.quantities[rate].unit, model.quantities[rate].value.text
        per = per if per.startswith("per ") else "per period"
        yield f"Without a reason, {words(written.continues)} goes on; that is reconsidered {words(rate)} times {per}."


def reasons(found: Situation, who: str) -> Html:
    """The terms of the payoff that make one move better than another."""
    why = found.why
    if why is None:
        return tag("p", f"{who} has no choice here.")
    move, against = words(why.move), words(why.against)
    if max(abs(why.gap.value), abs(why.gap.low), abs(why.gap.high)) < UNNOTICED:
        return tag("p", f"{move} and {against} are worth the same here.")
    better = "better" if why.gap.value > 0 else "worse"
    first = tag(
        "p", f"To {who}, {move} is {better} than {against} by ",
        tag("b", data(why.gap.value, signed(abs(why.gap.value)).removeprefix("+"))),
        f" stakes (90% of draws: {signed(why.gap.low)} to {signed(why.gap.high)}). The bars say which of its aims "
        "make the difference, as it sees things.",
    )  # fmt: skip
    picture = reasons_picture(why, why.stage, why.gap.draws)
    return join([first, picture.figure(), tag("p", f"Method: {TERMS}.", class_="small")])


def turned(model: Model, found: Situation, who: str) -> Html:
    """At which belief the other move would be as good."""
    why = found.why
    if why is None:
        return Html("")
    move, against = words(why.move), words(why.against)
    if not found.beliefs:
        return tag(
            "p", f"{who} has nothing to guess about the past here; its choice depends on what it expects of the others."
        )
    if not found.breakeven:
        return tag(
            "p", f"Whatever {who} believed about what it has not seen, {move} and {against} would rank the same, "
            "as long as everybody else plays as now.",
        )  # fmt: skip
    said = [tag("li", _turn(model, b, move, against)) for b in found.breakeven]
    return join([tag("ul", said), tag("p", "Everybody else plays as now; only this belief changes.", class_="small")])


def _turn(model: Model, b: Breakeven, move: str, against: str) -> Html:
    what = f"{whose(model, b.event).removesuffix(': ')} is {words(b.label)}"
    side = "above" if b.above else "below"
    if b.share < 0.5:  # what holds in a few draws is not told as if it held on average
        few, turns = percent(1 - b.share), tag("b", data(b.at.value, percent(b.at.value)))
        first = f"In {few} of draws no belief about whether {what} makes {against} worth more than {move}; "
        return join([first, f"in the others one {side} ", turns, " does."])
    inner = "" if b.share > 0.9995 else f", in {percent(b.share)} of draws; in the others no such belief would do it"
    at, now = percent(b.at.value), percent(b.now.value, b.now.error)
    if at == now:  # they are not the same
        at, now = f"{b.at.value:.1%}", f"{b.now.value:.1%}"
    return join([
        f"Where the belief that {what} is {side} ", tag("b", data(b.at.value, at)),
        f" (90% of draws: {percent(b.at.low)} to {percent(b.at.high)}{inner}), {against} is worth more than {move}. "
        f"It is ", tag("b", data(b.now.value, now)), " now.",
    ])  # fmt: skip
