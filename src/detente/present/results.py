"""The answers in detail: endings, the course of events, claims, what carries them, and why moves are made."""

from __future__ import annotations

from detente.analyse.outcomes import Play
from detente.analyse.why import Why
from detente.present.cite import assumption, sourced
from detente.present.figures import (
    MOST_DRIVERS,
    drivers_picture,
    likeliest,
    mechanisms_picture,
    outcomes_picture,
    share_bar,
    when_picture,
    why_picture,
)
from detente.present.flow import course
from detente.present.markup import Content, Html, join, table, tag
from detente.present.opening import verdict_chip
from detente.present.river import told
from detente.present.rounding import chance, counted, interval, number, percent, span, words
from detente.study.study import Study

PLAYS = 8


def outcomes(study: Study) -> Html:
    """How it may end, when, by which way and through which mechanism."""
    model = study.model
    parts: list[Content] = [
        tag("p", f"Each draw is one complete set of assumptions, solved by itself; a bar is the mean over {study.n:,} of them, and the line shows where 90% of them lie."),
        outcomes_picture(study).figure(),
    ]  # fmt: skip
    if model.periods.count > 1:
        parts.append(when_picture(study).figure())
    ranked = sorted(study.ways.items(), key=lambda item: (-study.outcomes[item[0].outcome].value, item[0].outcome, -item[1].value))
    ways = table(
        "Each way to each ending: the step that ended the game, its period and its thread.",
        ["ending", "way", model.periods.unit if model.periods.count > 1 else "", "mechanism", "probability", "90% interval"],
        [[tag("b", words(w.outcome)), words(w.trigger), w.period or "", words(w.mechanism), chance(f), interval(f)] for w, f in ranked],
        (4, 5),
    )
    parts += [tag("h3", "By which way"), tag("details", tag("summary", f"All {counted(len(ranked), 'way')} as a table"), ways) if len(ranked) > 6 else ways]
    if study.mechanisms:
        parts += [tag("h3", "Through which mechanism"), mechanisms_picture(study).figure()]
    return join(parts)


def course_of_events(study: Study) -> Html:
    """The river, and the likeliest plays."""
    tree = study.blueprint.tree
    found = study.plays(PLAYS)
    together = sum(p.probability.value for p in found)
    rows = [[str(k + 1), _play(study, play), tag("b", words(play.outcome)), chance(play.probability), interval(play.probability)] for k, play in enumerate(found)]
    likely = table(
        f"The {len(found)} likeliest of {len(tree.terminals):,} plays; together they make up {percent(together, 0.005)} of all.",
        ["", "play", "ending", "probability", "90% interval"], rows, (3, 4),
    )  # fmt: skip
    said = f"The whole tree has {tree.n_nodes:,} nodes and {tree.n_infosets:,} information sets. Here plays are merged where they make the same move at the same stage of the same period."
    return join([tag("p", said), course(study).figure(), tag("h3", "The likeliest plays"), likely])


def _play(study: Study, play: Play) -> Html:
    unit = study.model.periods.unit
    groups = []
    for period, steps in told(study, play):
        title = "kept to itself: " if period == 0 else f"{unit} {period}: " if study.model.periods.count > 1 else ""
        shown = [tag("span", tag("i", words(event)), " ", words(what)) for event, what in steps]
        groups.append(tag("p", tag("i", title), join(shown, " → "), class_="steps"))
    return join(groups)


def claims(study: Study) -> Html:
    """Every claim with its verdict and what it hangs on most."""
    if not study.claims:
        return tag("p", "This model makes no claims: nothing is asserted that could be tested.", class_="quiet")
    rows = []
    for name, verdict in study.claims.items():
        claim = study.model.claims[name]
        found = study.drivers(name)
        driver: Content = "holds in every draw" if verdict.share.value == 1 else "fails in every draw" if verdict.share.value == 0 else ""
        if found and found[0].index.value > 0.01:
            d = found[0]
            driver = join([assumption(d.quantity), f": {percent(d.low.value, d.low.error)} where lowest, {percent(d.high.value, d.high.error)} where highest"])
        elif found:
            driver = "no single assumption"
        unjudged = tag("span", f" {counted(verdict.unjudged, 'draw')} cannot be judged", class_="quiet") if verdict.unjudged else ""
        rows.append([
            join([verdict.says or words(name), sourced(study.model, claim.source), tag("code", claim.holds.text, class_="test")]),
            join([share_bar(verdict.share, verdict.words), chance(verdict.share), tag("span", f" ({span(verdict.share)})", class_="quiet"), unjudged]),
            verdict_chip(verdict), driver,
        ])  # fmt: skip
    said = (
        f"A claim is a condition on the solved game. It is judged in each of {study.n:,} draws; the share of draws in which it holds gives the verdict: "
        "from 90% it holds, from 60% it mostly holds, below 40% it mostly fails, below 10% it fails, between it is contested."
    )
    caption = "Claims: share of draws in which each holds, with the 95% interval of that share (Wilson), and the assumption it hangs on most (lowest and highest fifth)."
    return join([tag("p", said), table(caption, ["claim and test", "holds in", "verdict", "hangs most on"], rows, class_="claims")])


def drivers(study: Study) -> Html:
    """What the conclusion, the likeliest ending and what happened hang on."""
    wanted = [*list(study.model.claims)[:1], likeliest(study)]
    came = study.model.happened.outcome if study.model.happened else ""
    if came and came not in wanted:
        wanted.append(came)
    parts: list[Content] = [tag("p",
        "For each assumption the draws are sorted by its value; the picture shows the answer in the fifth of them where it is lowest and where it is highest. "
        "Nothing is solved again: what moves together with an assumption, by correlation, is counted with it.",
    )]  # fmt: skip
    for name in wanted:
        found = study.drivers(name)
        if found:
            parts.append(drivers_picture(study, name, found).figure())
            if len(found) > MOST_DRIVERS:
                rest = sum(d.index.value for d in found[MOST_DRIVERS:])
                parts.append(tag("p", f"{len(found) - MOST_DRIVERS} more assumptions are in the table; their indices sum to {number(rest)}.", class_="small"))
        else:
            parts.append(tag("p", f"“{words(name)}” comes out the same in every draw, or there are fewer than 100 draws: nothing to tell apart.", class_="quiet"))
    return join(parts)


def why(study: Study) -> Html:
    """The reasons for the moves that are made most often."""
    found = study.why()
    said = (
        "For each actor and stage, the information set that is reached most often: the likeliest move there against the one that comes nearest, taken apart into "
        "the terms of the actor’s payoff, as it sees things. The bars sum to the last one. A move that is better by a gap g is made exp(λ g) times as often, at precision λ."
    )
    return join([tag("p", said), tag("div", [_why(study, w) for w in found], class_="pair")])


def _why(study: Study, w: Why) -> Html:
    info = study.blueprint.tree.infosets[w.infoset]
    seen = []
    for event, what in info.situation[-6:]:
        period, _, name = event.rpartition(":")
        seen.append(f"{words(name)} {words(what)}" + (f" ({period})" if period and study.model.periods.count > 1 else ""))
    cut = "… " if len(info.situation) > 6 else ""
    after = f"Having seen: {cut}{', '.join(seen)}. " if seen else ""
    said = join([after, "Comes up with probability ", chance(w.reached), "; ", words(w.move), " is then chosen with ", chance(w.probability), " (", interval(w.probability), ")."])
    return tag("div", why_picture(study, w).figure(), tag("p", said, class_="small"))


