"""A decision beside equilibrium play, and what others believed of whoever made it."""

from __future__ import annotations

from collections.abc import Sequence

from detente.analyse.playing.reviews import Decision, Opinion
from detente.model.schema import Model
from detente.present.figures.playing.bars import bar, belief_table, probability
from detente.present.html.markup import Content, Html, join, say, table, tag
from detente.present.html.numbers import data
from detente.present.wording.numbers import UNNOTICED, number, percent, prose, sentence, words
from detente.present.wording.playing import when_of

TRULY = 5e-4  # stakes: values that are further apart are told beside each other


def reviewed(decision: Decision, actor: str = "") -> Html:
    """A decision: what was chosen, what equilibrium play would have been, what each move was worth; `actor`: who reads
    it."""
    return join([verdict(decision, actor), options_table(decision, actor)])


def verdict(decision: Decision, actor: str = "") -> Html:
    """A decision in a sentence or two."""
    who = "You" if actor == decision.actor else words(decision.actor)
    chose = say(
        "{who} chose {move}; equilibrium play does so with {p}.", who=who, move=tag("b", words(decision.move)),
        p=tag("b", percent(decision.probability)),
    )  # fmt: skip
    if decision.regret < UNNOTICED:
        judged: Content = "No move was worth more, given what was known then."
    else:
        judged = say(
            "Given what was known then, {best} was worth most: {regret} stakes more, which is the regret of this "
            "choice.",
            best=tag("b", words(decision.best)), regret=number(decision.regret),
        )  # fmt: skip
    return tag("p", chose, " ", judged)


def options_table(decision: Decision, actor: str = "") -> Html:
    """The moves that were available, with what equilibrium play makes of them and what they were worth."""
    truly = any(o.true_value is not None and abs(o.true_value - o.value) > TRULY for o in decision.options)
    knowing = all(o.known_value is not None for o in decision.options)
    who = "you" if actor == decision.actor else words(decision.actor)
    heads: list[Content] = ["move", "", "equilibrium play", "expected, in stakes", *["as it truly is"] * truly]
    heads += ["knowing all"] * knowing
    rows: list[list[Content]] = []
    for option in decision.options:
        made = tag("span", f" ◂ {who}", class_="chosen") if option.move == decision.move else ""
        means = tag("span", f": {option.means}", class_="small") if option.means else ""
        row: list[Content] = [
            join([tag("b", words(option.move)), means, made]), bar(option.probability), probability(option.probability),
            data(option.value, number(option.value)),
        ]  # fmt: skip
        if truly:
            row.append(data(option.true_value or 0.0, number(option.true_value or 0.0)))
        if knowing:
            row.append(data(option.known_value or 0.0, number(option.known_value or 0.0)))
        rows.append(row)
    caption = "The moves that were available, and what each was worth if everybody then plays as the model says"
    return table(caption, heads, rows, numeric=range(2, len(heads)), class_="options")


def where(model: Model, decision: Decision) -> str:
    """Which decision it was: `Fortnight 1 from 11 February 2022: posture`."""
    at = when_of(model, decision.step)
    return f"{at}: {words(decision.stage)}" if at else sentence(words(decision.stage)).removesuffix(".")


def situation(decision: Decision) -> Html:
    """In which situation it stood, by the name of its information set."""
    return tag("p", prose(decision.where), class_="small")


def opinions(decision: Decision, actor: str = "") -> Html:
    """What the others believed of whoever decided, before the move was seen and after it."""
    whose = "you" if actor == decision.actor else words(decision.actor)
    tables = [_opinion(opinion, decision, actor) for opinion in alike(decision.opinions)]
    return join([tag("h4", f"What the others believed of {whose}"), *tables]) if tables else Html("")


def alike(found: Sequence[Opinion]) -> list[tuple[list[str], Opinion]]:
    """Opinions with the actors that hold them: those that are the same to a tenth of a percent stand together."""
    groups: dict[tuple[object, ...], tuple[list[str], Opinion]] = {}
    for opinion in found:
        rounded = [tuple((k, round(p, 3)) for k, p in shares.items()) for shares in (opinion.before, opinion.after)]
        key = (opinion.about, opinion.step, *rounded)
        groups.setdefault(key, ([], opinion))[0].append(opinion.actor)
    return list(groups.values())


def _opinion(held: tuple[list[str], Opinion], decision: Decision, actor: str) -> Html:
    actors, opinion = held
    own = opinion.about.partition(".")
    about = words(own[2] or own[0])
    whose = "your" if actor == decision.actor else f"{words(decision.actor)}’s"
    caption = [tag("b", " and ".join(map(words, actors))), f" of {whose} {about}"]
    return belief_table(caption, opinion.after, opinion.before, opinion.truth, ("after the move", "before it"))
