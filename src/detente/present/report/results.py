"""The answers in detail: outcomes, the course of events, claims, what carries them, and why moves are made."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from detente.analyse.forecast.claims import Verdict
from detente.analyse.forecast.course import REST, told
from detente.analyse.forecast.outcomes import Way
from detente.analyse.forecast.rank import likeliest
from detente.analyse.forecast.why import Why
from detente.analyse.sensitivity.binning import FEWEST
from detente.present.figures.forecast.bars import mechanisms_picture, outcomes_picture, share_bar, when_picture
from detente.present.figures.forecast.contrasts import drivers_picture, why_picture
from detente.present.figures.forecast.course import course
from detente.present.figures.forecast.structures import structures_picture
from detente.present.html.cite import assumption, sourced, verdict_chip
from detente.present.html.conditioning import conditioned
from detente.present.html.markup import Content, Html, join, say, table, tag
from detente.present.html.numbers import chance, interval
from detente.present.html.preferences import preferences
from detente.present.wording.claims import ground, label, means
from detente.present.wording.numbers import counted, percent, span, words
from detente.present.wording.structures import share_told
from detente.study.beside import forced_instead, preferred
from detente.study.questions.why import why as why_of
from detente.study.study import Study

PLAYS = 8
INTERACTIONS = "with its interactions, which detente sense shows, it is more"
LAST = 8  # things an actor has seen that are told
MOST_WAYS = 6  # more are folded
SAME = 1e-9  # of a probability
NOTHING = 0.01  # an index so small that the assumption is not named


def outcomes(study: Study) -> Html:
    """How it may end, when, by which path and through which mechanism."""
    several = study.model.periods.count > 1
    said = (
        f"Each draw is one complete set of assumptions, solved by itself; a bar is the mean over {study.n:,} of them, "
        "and the line shows where 90% of them lie."
    )
    parts = [tag("p", said), outcomes_picture(study).figure()]
    if study.structures:
        parts.append(structures_picture(study).figure())
        if said := share_told(study):
            parts.append(tag("p", f"{said}; {INTERACTIONS}."))
    if several:
        parts.append(when_picture(study).figure())
    return join([*parts, paths(study)])


def paths(study: Study, folded: bool = True) -> Html:
    """By which path each outcome is reached, as a table, and through which mechanism, as a picture. `folded`:
    a long table is opened by a click."""
    several = study.model.periods.count > 1

    def order(way: Way) -> tuple[float, str, float]:
        return (-study.outcomes[way.outcome].value, way.outcome, -study.ways[way].value)

    rows: list[list[Content]] = []
    for w in sorted(study.ways, key=order):
        f = study.ways[w]
        when = [w.period or ""] if several else []
        thread = [words(w.mechanism)] if study.model.mechanisms else []
        rows.append([tag("b", words(w.outcome)), words(w.trigger), *when, *thread, chance(f), interval(f)])
    head = ["outcome", "path", *[study.model.periods.word] * several, *["mechanism"] * bool(study.model.mechanisms)]
    caption = (
        "Each path to each outcome: the step that ended the game, with its period and its mechanism if there are any."
    )
    numeric = (len(head), len(head) + 1)
    ways = table(caption, [*head, "probability", "90% interval"], rows, numeric)
    if folded and len(rows) > MOST_WAYS:
        ways = tag(
            "details", tag("summary", f"By which path: all {len(rows)} paths as a table"), ways, class_="printed"
        )
    return join([ways, mechanisms_picture(study).figure() if study.mechanisms else ""])


def course_of_events(study: Study) -> Html:
    """The river, and the most likely histories."""
    tree, found = study.blueprint.tree, study.plays(PLAYS)
    rows: list[list[Content]] = []
    for k, (play, steps) in enumerate(zip(found, told(study.blueprint, study.weights, found), strict=True)):
        p = play.probability
        rows.append([str(k + 1), _play(study, steps), tag("b", words(play.outcome)), chance(p), interval(p)])
    together = percent(sum(play.probability.value for play in found), 0.005)
    caption = (
        f"The {len(found)} most likely of {len(tree.terminals):,} histories; together they make up {together} of all."
    )
    likely = table(caption, ["", "history", "outcome", "probability", "90% interval"], rows, (3, 4))
    said = (
        f"The whole tree has {tree.n_nodes:,} nodes and {counted(tree.n_infosets, 'information set')}. Here histories "
        "are merged where they make the same move at the same stage of the same period."
    )
    return join([tag("p", said), course(study).figure(), tag("h3", "The most likely histories"), likely])


def _play(study: Study, periods: Sequence[tuple[int, list[tuple[str, str]]]]) -> Html:
    groups = []
    for period, steps in periods:
        title = f"{study.model.periods.named(period)}: " if study.model.periods.steps > 1 else ""
        shown = [tag("span", tag("i", words(event)), " ", words(what)) for event, what in steps]
        groups.append(tag("p", tag("i", title if period else "kept to itself: "), join(shown, " → "), class_="steps"))
    return join(groups)


def claims(study: Study) -> Html:
    """Every claim with its verdict and what it depends on most."""
    if not study.claims:
        nothing = tag("p", "This model makes no claims: nothing is asserted that could be tested.", class_="quiet")
        return join([nothing, preferences(preferred(study))])
    said = (
        f"A claim is a condition on the solved game. It is judged in each of {counted(study.n, 'draw')}, and the share "
        "of draws in which it is true gives the verdict: from 90% it holds, from 60% it mostly holds, below 40% it "
        "mostly fails, below 10% it fails, between these it is contested. A draw is one possible state of what is not "
        "known; where the means of both sides (with their 90% intervals) disagree with most draws, the page says so. "
        "What is built in comes out the same with every range doubled, or by the structure of the game alone: it tests "
        "nothing. What restates inputs comes out the same with nearly any behaviour drawn at random."
    )
    caption = (
        "Claims: share of draws in which each holds, with the 95% interval of that share (Wilson), and the assumption "
        "it depends on most, with the share in its lowest and highest fifth."
    )
    rows = [list(_claim(study, name, verdict)) for name, verdict in study.claims.items()]
    return join(
        [
            tag("p", said),
            table(caption, ["claim and test", "holds in", "verdict", "depends most on"], rows, class_="claims"),
            conditioned(forced_instead(study)),
            preferences(preferred(study)),
        ]
    )


def _claim(study: Study, name: str, verdict: Verdict) -> list[Content]:
    claim, f = study.model.claims[name], verdict.share
    test = tag("code", claim.holds.text, class_="test")
    shown = [share_bar(f, verdict.words), chance(f), tag("span", f" ({span(f)})", class_="quiet")]
    if verdict.unjudged:
        shown.append(tag("span", f" {counted(verdict.unjudged, 'draw')} cannot be judged", class_="quiet"))
    told = [tag("p", line, class_="odd" if odd else "small") for line, odd in means(verdict)]
    settled = study.settled.get(name)
    more = [" ", tag("span", label(settled), class_="chip k4")] if label(settled) else ""
    if why := ground(settled):
        told.append(tag("p", why, class_="small"))
    said = [verdict.says or words(name), sourced(study.model, claim.source), test, *told]
    return [said, shown, [verdict_chip(verdict), more], _hangs(study, name, verdict)]


def _hangs(study: Study, name: str, verdict: Verdict) -> Content:
    if verdict.share.value in (0.0, 1.0):
        return f"{'holds' if verdict.share.value else 'fails'} in every draw"
    found = study.drivers(name)
    if not found and verdict.share.draws < FEWEST:
        return ""
    if not found or found[0].index.value <= NOTHING:
        return "no single assumption"
    d = found[0]
    said = "{it}: {low} where lowest, {high} where highest"
    return say(said, it=assumption(d.quantity), low=chance(d.low), high=chance(d.high))


def drivers(study: Study) -> Html:
    """What the conclusion, the most likely outcome and what happened depend on."""
    came = study.model.happened.outcome if study.model.happened else ""
    wanted = [*list(study.model.claims)[:1], likeliest(study.outcomes), *([came] if came else [])]
    said = (
        "For each assumption the draws are sorted by its value; the picture shows the answer in the fifth of them "
        "where it is lowest and in the fifth where it is highest. Nothing is solved again: whatever is correlated "
        "with an assumption is counted with it. Assumptions that explain no more than noise would are "
        "left out."
    )
    parts = [tag("p", said)]
    for name in dict.fromkeys(wanted):
        found = study.drivers(name)
        nothing = tag("p", f"“{words(name)}” {_quiet(study, name)}", class_="quiet")
        parts.append(drivers_picture(study, name, found).figure() if found else nothing)
    return join(parts)


def _quiet(study: Study, name: str) -> str:
    """Why nothing is said of what an answer depends on."""
    values = study.claim_draws(name) if name in study.model.claims else study.outcome_draws(name)
    known = values[~np.isnan(values)]
    if len(known) == 0 or float(np.ptp(known)) < SAME:
        return "comes out the same in every draw."
    if study.n < FEWEST:
        return f"is not broken down: {counted(study.n, 'draw')} are too few, {FEWEST} are needed."
    return "depends on no single assumption: none explains more of it than noise would."


def why(study: Study) -> Html:
    """The reasons for the moves that are made most often."""
    said = (
        "For each actor and stage, the information set that is reached most often: the most likely move there against "
        "the next most likely, broken down into the terms of the actor’s payoff, as it sees things. The bars sum "
        "to the last one. A move that is better by a gap g is made exp(λ g) times as often, at precision λ."
    )
    return join([tag("p", said), tag("div", [_why(study, w) for w in why_of(study)], class_="pair")])


def _why(study: Study, w: Why) -> Html:
    situation = study.blueprint.tree.infosets[w.infoset].situation
    seen: dict[str, list[str]] = {}
    for event, what in situation[-LAST:]:
        period, _, name = event.rpartition(":")
        when = f"{study.model.periods.word} {period}: " if period else ""
        seen.setdefault(when, []).append(f"{words(name)} {words(what)}")
    cut = f"{REST} " if len(situation) > LAST else ""
    said = say(
        "{after}Reached with probability {reached}; {move} is then chosen with {p} ({interval}).",
        after=f"Having seen {cut}{'; '.join(when + ', '.join(what) for when, what in seen.items())}. " if seen else "",
        reached=chance(w.reached),
        move=words(w.move),
        p=chance(w.probability),
        interval=interval(w.probability),
    )
    return tag("div", why_picture(study, w).figure(), tag("p", said, class_="small"))
