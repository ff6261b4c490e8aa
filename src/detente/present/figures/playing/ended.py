"""A play that is over: how it ended, who got what, each decision beside equilibrium play; the same in other worlds."""

from __future__ import annotations

from collections.abc import Mapping

from detente.analyse.forecast.rank import rankable
from detente.analyse.playing.elsewhere import Elsewhere
from detente.analyse.playing.reviews import Decision
from detente.model.schema import Model
from detente.present.figures.playing.bars import bar, belief_table, named, probability
from detente.present.figures.playing.reviewed import opinions, reviewed, situation, where
from detente.present.figures.playing.seat import course_list
from detente.present.html.markup import Content, Html, join, say, table, tag
from detente.present.html.numbers import data
from detente.present.wording.names import outcome_means
from detente.present.wording.numbers import UNNOTICED, counted, number, percent, sentence, signed, words
from detente.present.wording.playing import when_of
from detente.study.debriefing import Debrief


def debrief_page(model: Model, found: Debrief, actor: str) -> Mapping[str, Html]:
    """What somebody who played an actor is told when play is over, by slot."""
    own = [decision for decision in found.of(actor) if decision.seated]
    others = [decision for decision in found.decisions if decision not in own]
    return {
        "ending": _ending(model, found, actor, len(own)),
        "paid": join([paid_table(found, actor), terms_table(found)]),
        "decisions": join(_own(model, decision, actor) for decision in own),
        "others": _others(model, others),
        "course": course_list(model, found.course),
    }


def _ending(model: Model, found: Debrief, actor: str, decided: int) -> Html:
    paid = found.paid[actor]
    means = outcome_means(model, found.outcome)
    said = tag("p", sentence(means)) if means else ""
    got = say(
        "You got {got} stakes. When play began, knowing your own types, you could expect {expected}: the "
        "difference is luck, the others, and your choices.",
        got=tag("b", number(paid.total)), expected=number(paid.expected),
    )  # fmt: skip
    cost: Content = "None of your choices was worth less than another, given what you knew."
    if not decided:
        cost = "You had nothing to decide."
    elif paid.regret >= UNNOTICED:
        cost = say(
            "Your {n} cost you {regret} stakes of regret in all: that is skill alone, without luck.",
            n=counted(decided, "decision"), regret=tag("b", number(paid.regret)),
        )  # fmt: skip
    notes = []
    if found.structures:
        notes.append(f"Of the rival structures this world has {', '.join(map(words, found.structures))}.")
    if found.mistaken:
        names = ", ".join(map(words, found.mistaken))
        notes.append(f"In this world {names} saw some things wrongly; values are as seen by whoever decides.")
    if not found.converged:
        notes.append("This world did not converge to the accuracy required: treat its probabilities with caution.")
    world = "the median world" if found.world == "central" else f"world {found.world}"
    notes.append(f"Played in {world} of seed {found.seed}.")
    return join([said, tag("p", got), tag("p", cost), *(tag("p", note, class_="small") for note in notes)])


def paid_table(found: Debrief, actor: str = "") -> Html:
    """Who got what."""
    rows = [
        [named(name, more=" (you)" if name == actor else ""), data(paid.total, number(paid.total)),
         data(paid.expected, number(paid.expected)), data(paid.regret, number(paid.regret))]
        for name, paid in found.paid.items()
    ]  # fmt: skip
    caption = "What each got, in stakes of its own, beside what it could expect when play began"
    return table(caption, ("actor", "got", "expected at first", "regret of its decisions"), rows, numeric=(1, 2, 3))


def terms_table(found: Debrief) -> Html:
    """What each payoff is made of."""
    rows: list[list[Content]] = []
    for name, paid in found.paid.items():
        terms = {term: value for term, value in paid.terms.items() if abs(value) >= UNNOTICED}
        for term, value in sorted(terms.items(), key=lambda pair: -rankable(abs(pair[1]))):
            rows.append([words(name), words(term), data(value, signed(value))])
        if not terms:
            rows.append([words(name), "nothing", data(0.0, "0")])
    caption = "What these payoffs are made of, in stakes; terms that are 0 are left out"
    return table(caption, ("actor", "term", "stakes"), rows, numeric=(2,))


def _own(model: Model, decision: Decision, actor: str) -> Html:
    believed = [
        belief_table(
            named(b.about, b.means, f" ({when_of(model, b.step)})" if b.step else ""),
            b.shares, b.before, b.truth, ("you believed", "before"),
        )
        for b in decision.beliefs
    ]  # fmt: skip
    yours = join([tag("h4", "What you believed, and what was true"), *believed]) if believed else ""
    return tag(
        "section", tag("h3", where(model, decision)), situation(decision), reviewed(decision, actor),
        yours, opinions(decision, actor), class_="decision",
    )  # fmt: skip


def _others(model: Model, decisions: list[Decision]) -> Html:
    if not decisions:
        return Html("")
    rows = [
        [join([tag("b", words(d.actor)), f", {where(model, d)}"]), words(d.move), bar(d.probability),
         probability(d.probability), data(d.regret, number(d.regret))]
        for d in decisions
    ]  # fmt: skip
    caption = "What the others did, and how likely that was in equilibrium play, given what each of them knew"
    return table(
        caption, ("who, and what was decided", "chose", "", "equilibrium play", "regret"), rows, numeric=(3, 4)
    )


def elsewhere_page(found: Elsewhere) -> Html:
    """What the choices of a play are worth in other worlds."""
    gap = found.difference
    if not gap.draws:
        return tag("p", "In none of these worlds would you have been in such a situation.")
    less = gap.value < 0
    told = say(
        "Made wherever you are in the same situation, these choices are worth {chosen} stakes on average over {n}, "
        "where equilibrium play is worth {solved}: {gap} stakes {less}. They do better in {better} of these worlds.",
        chosen=number(found.chosen.value, found.chosen.error), n=counted(gap.draws, "world"),
        solved=number(found.solved.value, found.solved.error), gap=tag("b", number(abs(gap.value), gap.error)),
        less="less" if less else "more", better=percent(found.better),
    )  # fmt: skip
    rows = [
        [name, data(f.value, number(f.value, f.error)), f"{number(f.low)} to {number(f.high)}"]
        for name, f in (("your choices", found.chosen), ("equilibrium play", found.solved), ("difference", gap))
    ]
    notes = "" if found.converged == 1 else f" {percent(found.converged)} of these worlds converged."
    caption = f"Expected payoff in stakes, for an actor of your types; the others play as solved.{notes}"
    return join([tag("p", told), table(caption, ("", "mean", "90% of worlds"), rows, numeric=(1, 2))])
