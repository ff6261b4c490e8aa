"""The beginning of the page: what is asked, and what follows, in sentences made from the numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence

from detente.analyse.evidence.outside import Answered, over_by
from detente.analyse.evidence.score import Score
from detente.analyse.forecast.claims import VERDICTS, Verdict
from detente.analyse.forecast.rank import firsts, likeliest, rankable, share_error
from detente.analyse.sensitivity.binning import FEWEST
from detente.analyse.sensitivity.main_effects import Driver
from detente.analyse.thresholds.breaking import Breaking
from detente.analyse.thresholds.breaking import Moved as Change
from detente.model.structural import told
from detente.present.figures.forecast.contrasts import bound
from detente.present.figures.thresholds.breaking import breaking_picture, switches_said
from detente.present.html.cite import assumption, cited, quoted, sourced
from detente.present.html.markup import Content, Html, join, say, tag
from detente.present.html.numbers import chance, data, interval, listed
from detente.present.report.happened import what_happened
from detente.present.wording.answer import amount, basis, beside, briefly, grouped, spread, surprises
from detente.present.wording.claims import label, means, smaller
from detente.present.wording.names import outcome_means
from detente.present.wording.numbers import counted, day, number, percent, sentence, span, words
from detente.present.wording.structures import trees_told
from detente.study.study import Study

STRONG, WEAK = 0.3, 0.02
MOST_TILES = 4
VERBS = {
    "holds": ("holds", "hold"),
    "mostly holds": ("mostly holds", "mostly hold"),
    "contested": ("is contested", "are contested"),
    "mostly fails": ("mostly fails", "mostly fail"),
    "fails": ("fails", "fail"),
}


def head(study: Study, turning: Sequence[Breaking] = (), unfinished: bool = False) -> Html:
    """Title, question, the answers in a few numbers, and what they are numbers of."""
    model = study.model
    about = [tag("p", part) for part in model.about.split("\n\n") if part.strip()]
    return join([
        tag("p", "Detente · report", class_="eyebrow"),
        tag("h1", model.title.replace(" - ", " – ")),
        tag("p", model.question, class_="question") if model.question else "",
        tag("ul", [tag("li", tile, class_="tile") for tile in _tiles(study, turning)], class_="tiles"),
        about,
        tag("dl", [[tag("dt", name), tag("dd", value)] for name, value in _facts(study)], class_="meta"),
        _warnings(study, unfinished),
    ])  # fmt: skip


def _facts(study: Study) -> list[tuple[str, Content]]:
    model = study.model
    facts: list[tuple[str, Content]] = [("Case", tag("code", model.name or "built in Python"))]
    if model.as_of:
        facts.append(("Built as of", day(model.as_of)))
    if model._updated is not None:
        facts.append(("As known on", day(model._updated.day)))
    if model.periods.count > 1:
        until = f", to {day(over)}" if (over := over_by(model)) else ""
        facts.append(("Time", model.periods.said + until))
    actors = [[tag("b", words(n)), f" ({actor.means})" if actor.means else ""] for n, actor in model.actors.items()]
    facts.append(("Actors", join(actors, ", ")))
    facts.append(("One stake", model.stake or "the unit of payoffs; this model does not say what it is worth"))
    quantities = counted(len(told(model)), "quantity", "quantities")
    trees = trees_told(study) or f"a tree of {counted(study.blueprint.tree.n_nodes, 'node')}"
    solved = f"{counted(study.n, 'draw')} of {quantities}, seed {study.draws.seed}, in {trees}"
    return [*facts, ("Solved for", solved)]


def _tiles(study: Study, turning: Sequence[Breaking]) -> list[Html]:
    """The answer, the conclusion with what speaks against it, what happened, and the most likely outcome."""
    tiles = [_answer_tile(study.answer, briefly(study))] if study.answer else []
    if study.claims:
        name, v = next(iter(study.claims.items()))
        said = "{verdict}the conclusion, {what}: true in {p} of draws, false in {q}{where}"
        fails = percent(1 - v.share.value, v.share.error) if v.share.draws else "none"
        verdict, where = tag("b", v.words.capitalize()), _where(study, name)
        tiles.append(say(said, verdict=verdict, what=_strong(name), p=chance(v.share), q=fails, where=where))
        tiles += [_turns(b) for b in turning if b.claim == name and b.distance.value == b.distance.value]
    if study.model.happened and (came := study.model.happened.outcome):
        f = study.outcomes[came]
        said = "{p}given to what happened: {what}{means} ({span})"
        tiles.append(say(said, p=tag("b", chance(f)), what=_strong(came), means=_means(study, came), span=span(f)))
    if len(tiles) < MOST_TILES:
        first = likeliest(study.outcomes)
        f = study.outcomes[first]
        said = "{p}most likely outcome: {what}{means} ({span})"
        tiles.append(say(said, p=tag("b", chance(f)), what=_strong(first), means=_means(study, first), span=span(f)))
    if len(tiles) < MOST_TILES:
        good, worst = int(study.converged.sum()), float(study.residual.max())
        share = "All" if good == study.n else f"{good:,} of"
        said = "{share}draws solved and certified, residual at most {worst}"
        share = f"{share} {study.n:,}" if study.n > 1 or good != study.n else "1 of 1"
        tiles.append(say(said, share=tag("b", share), worst=data(worst, number(worst, digits=1))))
    return tiles


def _answer_tile(answer: Answered, known: str) -> Html:
    p = data(answer.value.value, amount(answer))
    said = "{p}{says} ({spread}), {known}"
    return say(said, p=tag("b", p), says=_strong(answer.says), spread=spread(answer), known=known)


def _where(study: Study, name: str) -> Content:
    """Where a claim fails most: the fifth of the draws by what it depends on."""
    found = study.drivers(name)
    if not found or found[0].index.value <= WEAK:
        return ""
    d = found[0]
    worst, end = (d.low, "lowest") if d.low.value < d.high.value else (d.high, "highest")
    said = ", and in {q} where {it} is in its {end} fifth"
    return say(said, q=percent(1 - worst.value, worst.error), it=_strong(d.quantity), end=end)


def _turns(b: Breaking) -> Html:
    """The smallest joint change that flips the conclusion, as a tile."""
    moved = [f"{words(c.name.partition('#')[0])} {number(c.median)} → {number(c.value)}" for c in b.changes[:3]]
    more = smaller(b.changes, 3)
    said = "{d}the smallest joint change of assumptions that flips it: {moved}{more}"
    distance = data(b.distance.value, f"{b.distance.value:.2f} sd")
    return say(said, d=tag("b", distance), moved=_strong(", ".join(moved)), more=more)


def _means(study: Study, outcome: str) -> str:
    """What an outcome is, at its first use."""
    what = outcome_means(study.model, outcome)
    return f", {what}" if what else ""


def _strong(name: str) -> Html:
    return tag("span", words(name))


def _warnings(study: Study, unfinished: bool) -> Html:
    told = ["Interrupted: not everything was asked. The certificate says what is missing."] if unfinished else []
    if study.interrupted:
        told.append(f"Interrupted: {study.n:,} of {study.asked:,} draws are done, and these are shown.")
    if bad := study.n - int(study.converged.sum()):
        told.append(f"{counted(bad, 'draw')} did not converge, and are included in all numbers. See the certificate.")
    return join([tag("p", said, class_="warning") for said in told])


# ---------------------------------------------------------------------------------------------------- what follows


def what_follows(study: Study, rated: Sequence[Score], turning: Sequence[Breaking] = ()) -> Html:
    """The answers in words: the conclusion, what it depends on, what flips it; then how it ends, and what happened."""
    first = [_answer(study, study.answer)] if study.answer else []
    parts, drawn = [*first, _ending(study)], []
    if study.claims:
        parts = [*first, _conclusion(study), *(_turned(study, b) for b in turning), _ending(study), _others(study)]
        drawn = [breaking_picture(study.model, b).figure() for b in turning if b.changes or b.singles]
    return join([tag("div", parts, class_="lede"), *drawn, what_happened(study, rated)])


def _answer(study: Study, answer: Answered) -> Html:
    """The answer to the question, with what others say of it, and where that falls among the draws."""
    said = say(
        "{says}: {p}, {spread}, {basis}.",
        says=sentence(answer.says).removesuffix("."),
        p=tag("b", data(answer.value.value, amount(answer))),
        spread=spread(answer),
        basis=basis(study),
    )
    groups = f" {sentence(grouped(answer))}" if answer.groups else ""
    told = [tag("p", said, groups), tag("p", " ".join(beside(study))) if study.checks else ""]
    return join([*told, *(tag("p", warned, class_="warning") for warned in surprises(study))])


def _ending(study: Study) -> Html:
    ranked = sorted(study.outcomes.items(), key=lambda item: -rankable(item[1].value))
    name, f = ranked[0]
    means = outcome_means(study.model, name)
    varies = f.high - f.low > 1e-9
    spread: Content = "in every draw"
    if varies:
        spread = ["with a 90% interval from ", interval(f), " over the uncertainty of the assumptions"]
    near = [
        say(
            "{what}{means} ({p}{interval})",
            what=tag("b", words(n)),
            means=_means(study, n),
            p=chance(other),
            interval=[", ", interval(other)] if varies else "",
        )
        for n, other in ranked[1:4]
        if other.value >= 0.05
    ]
    best = firsts({n: study.outcome_draws(n) for n, _ in ranked}).items()
    told = [f"{words(n)} in {percent(p, share_error(p, study.n))}" for n, p in best if p > 0.02]
    return tag("p", say(
        "The most likely outcome is {what}{means}: {p}, {spread}{then}.{depends}",
        what=tag("b", words(name)),
        means=f" ({means})" if means else "",
        p=tag("b", chance(f)),
        spread=spread,
        then=["; then ", listed(near)] if near else "",
        depends=f" Which outcome comes first depends on the draw: {listed(told)} of them." if len(told) > 1 else "",
    ))  # fmt: skip


def _conclusion(study: Study) -> Html:
    name, verdict = next(iter(study.claims.items()))
    claim, share = study.model.claims[name], verdict.share
    said = say(
        "The conclusion, {said}{source}, {verdict}: it is true in {p} of {n} (95% interval of that share: {interval}).",
        said=quoted(verdict.says or claim.holds.text),
        source=sourced(study.model, claim.source),
        verdict=tag("b", VERBS.get(verdict.words, (verdict.words,))[0]),
        p=tag("b", chance(share)),
        n=counted(share.draws, "draw"),
        interval=interval(share),
    )
    if verdict.unjudged:
        which = counted(verdict.unjudged, "draw")
        said = join(
            [said, f" In {which} it cannot be judged: it is not a number there, or what is given cannot happen."]
        )
    if verdict.at_odds:
        odd = "; ".join(line for line, at_odds in means(verdict) if at_odds)
        said = join([said, f" But the draws and the means disagree: it {odd}."])
    return join([tag("p", said), tag("p", carries(study, name, verdict))])


def _turned(study: Study, b: Breaking) -> Html:
    """What would have to be believed for a claim to turn: the smallest joint change, and single ones."""
    if b.holds is None:
        return tag("p", f"{b.searched[0].upper()}{b.searched[1:]}.")
    claim, there = quoted(words(b.claim)), "holds" if b.holds else "fails"
    if b.switches:
        there = f"{there}; the choice {switches_said(b)} flips it alone"
    if math.isnan(b.distance.value):
        said = "With every assumption at its median, {it} {there}, and nothing{other} searched flips it ({searched})."
        return tag(
            "p",
            say(said, it=claim, there=there, other=" else" if b.switches else "", searched=b.searched),
        )

    def moved(change: Change) -> Html:
        name = change.name.partition("#")[0]
        shown = assumption(name) if name in study.assumptions else tag("span", name)
        return say("{it} {a} → {b}", it=shown, a=number(change.median), b=number(change.value))

    alone = [moved(single.change) for single in b.singles[:2]]
    said = (
        "What would have to be believed for the opposite? With every assumption at its median, {it} {there}; the "
        "smallest joint change of assumptions that flips it is {distance} prior standard deviations: "
        "{changes}{more}. {alone}"
    )
    single = say("Alone, {which} would do it.", which=listed(alone)) if alone else "No assumption does it alone."
    distance = tag("b", data(b.distance.value, f"{b.distance.value:.2f}"))
    parts = listed([moved(change) for change in b.changes[:5]])
    more = smaller(b.changes, 5)
    return tag(
        "p",
        say(said, it=claim, there=there, distance=distance, changes=parts, more=more, alone=single),
    )


def carries(study: Study, name: str, verdict: Verdict) -> Html:
    """Which assumption a claim depends on, plainly."""
    found = study.drivers(name)
    if not found and verdict.share.value in (0.0, 1.0):
        return join(
            [
                f"It {'holds' if verdict.share.value else 'fails'} in every draw: nothing within these ranges changes "
                "that."
            ]
        )
    if not found and verdict.share.draws < FEWEST:
        return join(["There are too few draws to say which assumption it depends on."])
    if not found:
        none = "No single assumption carries the verdict on {it}: none explains more of it than noise would."
        return say(none, it=quoted(words(name)))
    first = found[0]
    part = data(first.index.value, percent(first.index.value, first.index.error))
    if first.index.value <= WEAK:
        said = (
            "No single assumption carries the verdict on {claim}: knowing the most important one, {it}, would explain "
            "{part} of the uncertainty about it."
        )
        return say(said, claim=quoted(words(name)), it=assumption(first.quantity), part=part)
    others = [d for d in found[1:4] if d.index.value > max(WEAK, 0.25 * first.index.value)]
    next_ = [
        say("{it} ({low} and {high})", it=assumption(d.quantity), low=chance(d.low), high=chance(d.high))
        for d in others
    ]
    return say(
        "It {hangs} {it}{means}. Where that is in its lowest fifth ({bottom}), it holds in {low} of draws; where "
        "it is in its highest fifth ({top}), in {high}. {because}{others}Knowing {name} alone would explain "
        "{part} of the uncertainty about the verdict.",
        hangs="depends on" if first.index.value >= STRONG else "depends on no single assumption, but most on",
        it=tag("b", assumption(first.quantity)),
        means=meaning(study, first),
        bottom=bound(study, first, 0),
        low=tag("b", chance(first.low)),
        top=bound(study, first, 1),
        high=tag("b", chance(first.high)),
        because=_because(study, first),
        others=["Next come ", listed(next_), ", in their lowest and highest fifths. "] if others else "",
        name=words(first.quantity),
        part=part,
    )


def meaning(study: Study, d: Driver) -> str:
    """What the quantity behind an assumption is, in brackets."""
    quantity = study.model.quantities.get(d.quantity.partition(" seen by ")[0])
    return f" ({quantity.means})" if quantity and quantity.means else ""


def _because(study: Study, d: Driver) -> Html:
    quantity = study.model.quantities.get(d.quantity.partition(" seen by ")[0])
    if quantity is None or not (quantity.source or quantity.because):
        return Html("")
    reason: Content = [": ", tag("i", quantity.because.rstrip("."))] if quantity.because else ""
    where = cited(study.model, quantity.source) if quantity.source else "the analyst’s judgement"
    return say("Its range rests on {where}{reason}. ", where=where, reason=reason)


def _others(study: Study) -> Html:
    if len(study.claims) < 2:
        return Html("")
    groups = {word: [v for v in study.claims.values() if v.words == word] for _, word in VERDICTS}
    shown = [f"{len(group)} {VERBS[word][len(group) > 1]}" for word, group in groups.items() if group]
    wrong: Sequence[Verdict] = [*groups["fails"], *groups["mostly fails"]]
    told = [say("{said} ({p})", said=quoted(v.says or words(v.name)), p=chance(v.share)) for v in wrong[:3]]
    start = "Among what" if len(wrong) > 3 else "What"
    built = [quoted(v.says or words(name)) for name, v in study.claims.items() if label(study.settled.get(name))]
    odd = [quoted(v.says or words(v.name)) for v in study.claims.values() if v.at_odds]
    return tag("p", say(
        "Of the {n} things the argument asserts, {shown}.{wrong}{built}{odd}",
        n=len(study.claims),
        shown=listed(shown),
        wrong=[f" {start} does not follow from its own assumptions: ", listed(told), "."] if told else "",
        built=[" Built in, or restating inputs, and so no test of the model: ", listed(built), "."] if built else "",
        odd=[" The means say otherwise than most draws of ", listed(odd), "."] if odd else "",
    ))  # fmt: skip
