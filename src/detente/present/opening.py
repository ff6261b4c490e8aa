"""The beginning of the page: what is asked, and what follows, in sentences made from the numbers."""

from __future__ import annotations

from collections.abc import Sequence

from detente.analyse.claims import VERDICTS, Verdict
from detente.analyse.drivers import Driver
from detente.present.cite import assumption, cited, quoted, sourced
from detente.present.figures import forecasts_picture, likeliest, unit_of
from detente.present.markup import Content, Html, join, table, tag
from detente.present.palette import VERDICTS as HUES
from detente.present.rounding import chance, counted, data, day, interval, listed, number, percent, span, words
from detente.present.scores import Score, brier, scores, surprise
from detente.study.study import Study

STRONG, WEAK = 0.3, 0.02
PERCEPTIONS = {
    "common": "where actors see a number differently, each knows how the others see it",
    "private": "each actor takes its own view for the truth, and plays its part of that game",
}


def head(study: Study) -> Html:
    """Title, question, and what the numbers are numbers of."""
    model = study.model
    facts: list[tuple[str, Content]] = [("Case", tag("code", model.name or "built in Python"))]
    if model.as_of:
        facts.append(("As of", day(model.as_of)))
    if model.periods.count > 1:
        facts.append(("Time", f"{model.periods.count} periods of one {model.periods.unit}"))
    facts.append(("Actors", join([join([tag("b", words(name)), f" ({actor.means})" if actor.means else ""]) for name, actor in model.actors.items()], ", ")))
    facts.append(("One stake", model.stake or "the unit of payoffs; this model does not say what it is worth"))
    tree = study.blueprint.tree
    facts.append(("Solved for", f"{counted(study.n, 'draw')} of {counted(len(study.draws.truth), 'quantity', 'quantities')}, seed {study.draws.seed}, in a tree of {tree.n_nodes:,} nodes"))
    about = [tag("p", part) for part in (model.about or "").split("\n\n") if part.strip()]
    return join([
        tag("p", "Detente · report", class_="eyebrow"),
        tag("h1", model.title),
        tag("p", model.question, class_="question") if model.question else "",
        about,
        tag("dl", [join([tag("dt", name), tag("dd", value)]) for name, value in facts], class_="meta"),
        _tiles(study),
        _warnings(study),
    ])  # fmt: skip


def _tiles(study: Study) -> Html:
    first = likeliest(study)
    finding = study.outcomes[first]
    tiles = [join([tag("b", chance(finding)), "likeliest ending: ", tag("span", words(first)), f" ({span(finding)})"])]
    if study.claims:
        name, verdict = next(iter(study.claims.items()))
        tiles.append(join([tag("b", verdict.words.capitalize()), "the conclusion, ", tag("span", words(name)), f": in {percent(verdict.share.value, verdict.share.error)} of draws"]))
    came = study.model.happened
    if came and came.outcome:
        f = study.outcomes[came.outcome]
        tiles.append(join([tag("b", chance(f)), "given to what came to pass: ", tag("span", words(came.outcome)), f" ({span(f)})"]))
    good = int(study.converged.sum())
    share = "All" if good == study.n else f"{good:,} of"
    tiles.append(join([tag("b", f"{share} {study.n:,}"), "draws solved and certified, residual at most ", data(float(study.residual.max()), number(float(study.residual.max()), digits=1))]))
    return tag("ul", [tag("li", tile, class_="tile") for tile in tiles], class_="tiles")


def _warnings(study: Study) -> Html:
    told = []
    if study.interrupted:
        told.append(f"Interrupted: {study.n:,} of {study.asked:,} draws are done, and these are shown.")
    bad = study.n - int(study.converged.sum())
    if bad:
        told.append(f"{counted(bad, 'draw')} did not converge; they are counted in all numbers. See the certificate.")
    return join([tag("p", said, class_="warning") for said in told])


def what_follows(study: Study) -> Html:
    """The answers in words."""
    parts: list[Content] = [_ending(study)]
    if study.claims:
        parts += [_conclusion(study), _others(study)]
    return join([tag("div", parts, class_="lede"), _happened(study)])


def _ending(study: Study) -> Html:
    ranked = sorted(study.outcomes.items(), key=lambda item: -item[1].value)
    (name, first), rest = ranked[0], ranked[1:]
    means = study.model.outcomes[name].means
    sentence: list[Content] = [
        "The likeliest ending is ", tag("b", words(name)), f" ({means})" if means else "", ": ",
        tag("b", chance(first)), ", with a 90% interval from ", interval(first), " over the uncertainty of the assumptions",
    ]  # fmt: skip
    near = [(n, f) for n, f in rest if f.value >= 0.05][:3]
    if near:
        sentence += ["; then ", listed_html([join([tag("b", words(n)), " (", chance(f), ", ", interval(f), ")"]) for n, f in near])]
    sentence.append(".")
    if rest and first.low < rest[0][1].high and rest[0][1].low < first.high:
        sentence.append(f" The intervals overlap: in some draws another ending is likelier than {words(name)}.")
    return tag("p", sentence)


def listed_html(parts: Sequence[Content]) -> Html:
    """Things in a sentence, as markup."""
    if len(parts) < 2:
        return join(parts)
    return join([join(parts[:-1], ", "), " and ", parts[-1]])


def _conclusion(study: Study) -> list[Html]:
    name, verdict = next(iter(study.claims.items()))
    claim = study.model.claims[name]
    said = verdict.says or claim.holds.text
    sentence: list[Content] = [
        "The conclusion, ", quoted(said), sourced(study.model, claim.source), ", ", tag("b", verdict.words), ": it is true in ",
        tag("b", chance(verdict.share)), f" of {verdict.share.draws:,} draws (95% interval of that share: ", interval(verdict.share), ").",
    ]  # fmt: skip
    if verdict.unjudged:
        sentence.append(f" In {counted(verdict.unjudged, 'draw')} it cannot be judged, because what it is conditioned on cannot happen.")
    return [tag("p", sentence), tag("p", carries(study, name, verdict))]


def carries(study: Study, name: str, verdict: Verdict) -> Html:
    """Which assumption a claim hangs on, plainly."""
    found = study.drivers(name)
    if not found:
        if verdict.share.value in (0.0, 1.0):
            word = "holds in every draw: nothing" if verdict.share.value else "fails in every draw: nothing"
            return join([f"It {word} within these ranges overturns it."])
        return join(["There are too few draws to say which assumption it hangs on."])
    first, others = found[0], [d for d in found[1:4] if d.index.value > max(WEAK, 0.25 * found[0].index.value)]
    if first.index.value <= WEAK:
        return join(["No single assumption carries it: knowing the most telling one, ", assumption(first.quantity), f", would explain {percent(first.index.value, first.index.error)} of what is uncertain about it."])
    verb = "hangs on" if first.index.value >= STRONG else "hangs on no single assumption, but most on"
    return join([
        join([f"It {verb} ", tag("b", assumption(first.quantity)), *_meaning(study, first), ". "]),
        fifths(study, first, "it holds"), " ",
        _because(study, first),
        join(["Next come ", listed_html([join([assumption(d.quantity), " (", chance(d.low), " and ", chance(d.high), ")"]) for d in others]), ", in their lowest and highest fifths. "]) if others else "",
        join(["Knowing ", words(first.quantity), " alone would explain ", data(first.index.value, percent(first.index.value, first.index.error)), " of what is uncertain about the verdict."]),
    ])  # fmt: skip


def _meaning(study: Study, d: Driver) -> list[Content]:
    quantity = study.model.quantities.get(d.quantity.partition(" seen by ")[0])
    return [f" ({quantity.means})"] if quantity and quantity.means else []


def _because(study: Study, d: Driver) -> Html:
    quantity = study.model.quantities.get(d.quantity.partition(" seen by ")[0])
    if quantity is None or not (quantity.source or quantity.because):
        return Html("")
    where: list[Content] = ["Its range rests on ", cited(study.model, quantity.source) if quantity.source else "the analyst"]
    if quantity.because:
        where += [": ", tag("i", quantity.because.rstrip("."))]
    return join([*where, ". "])


def fifths(study: Study, d: Driver, what: str) -> Html:
    """An answer where a quantity is lowest and where it is highest."""
    unit = unit_of(study, d.quantity)
    low, high = (f"{number(b)} {counted_unit(unit, b)}".strip() for b in d.bounds)
    return join([
        f"Where that is in its lowest fifth (below {low}), {what} in ", tag("b", chance(d.low)), " of draws; where it is in its highest fifth ",
        f"(above {high}), in ", tag("b", chance(d.high)), ".",
    ])  # fmt: skip


def counted_unit(unit: str, size: float) -> str:
    """A unit after a number."""
    return "stakes" if unit == "stake" and abs(size) != 1 else unit


def _others(study: Study) -> Html:
    if len(study.claims) < 2:
        return Html("")
    count = {word: [n for n, v in study.claims.items() if v.words == word] for _, word in VERDICTS}
    shown = []
    for _, word in VERDICTS:
        if count[word]:
            one = len(count[word]) == 1
            verb = {"holds": "hold", "mostly holds": "mostly hold", "contested": "are contested", "mostly fails": "mostly fail", "fails": "fail"}[word]
            shown.append(f"{len(count[word])} {({'contested': 'is contested'}.get(word, word)) if one else verb}")
    fails = [*count["fails"], *count["mostly fails"]]
    sentence: list[Content] = [f"Of the {len(study.claims)} things the argument asserts, {listed(shown)}."]
    if fails:
        told = [join([quoted(study.claims[n].says or words(n)), " (", chance(study.claims[n].share), ")"]) for n in fails[:3]]
        more = " among others" if len(fails) > 3 else ""
        sentence += [f" What does not follow from its own assumptions{more}: ", listed_html(told), "."]
    return tag("p", sentence)


# ---------------------------------------------------------------------------------------------------- what happened


def _happened(study: Study) -> Html:
    what = study.model.happened
    if what is None or not what.outcome:
        return Html("")
    f = study.outcomes[what.outcome]
    means = what.means or study.model.outcomes[what.outcome].means
    rank = 1 + sum(other.value > f.value for other in study.outcomes.values())
    place = "the likeliest" if rank == 1 else f"{_ordinal(rank)} of {len(study.outcomes)}"
    sentence: list[Content] = [
        f"On {day(what.date)} " if what.date else "", tag("b", words(what.outcome)), f" ({means})" if means else "", " came to pass",
        sourced(study.model, what.source), ". This model, on its own assumptions, had given it ", tag("b", chance(f)), " (", interval(f), "), ", place, " of its endings" if rank == 1 else " endings", ". ",
        "For that one outcome the Brier score of the mean probability is ", data(brier(f.value, True), number(brier(f.value, True))),
        " (0 best, 1 worst) and the log score ", data(surprise(f.value, True), number(surprise(f.value, True))), " (−ln of the probability; 0 best).",
    ]  # fmt: skip
    found = study.drivers(what.outcome)
    driver: list[Content] = []
    if found and found[0].index.value > WEAK:
        d = found[0]
        unit = unit_of(study, d.quantity)
        driver = [
            " What kept it so low, or high, is first of all ", assumption(d.quantity), *_meaning(study, d), ": in its lowest fifth ",
            f"(below {number(d.bounds[0])} {counted_unit(unit, d.bounds[0])}".rstrip(), ") it has ", chance(d.low), ", in its highest ",
            f"(above {number(d.bounds[1])} {counted_unit(unit, d.bounds[1])}".rstrip(), ") ", chance(d.high), ".",
        ]  # fmt: skip
    said = [tag("h3", "What happened, and how the forecast did"), tag("p", sentence, driver)]
    rated = [s for s in scores(study) if s.ours is not None]
    return join([*said, _scores(study, rated) if rated else ""])


def _ordinal(k: int) -> str:
    return f"{k}{'th' if 10 <= k % 100 <= 20 else {1: 'st', 2: 'nd', 3: 'rd'}.get(k % 10, 'th')}"


def _scores(study: Study, rated: Sequence[Score]) -> Html:
    rows = []
    for s in rated:
        assert s.ours is not None
        theirs = [number(brier(s.p, s.came)), number(surprise(s.p, s.came))] if s.came is not None else ["", ""]
        ours = [number(brier(s.ours.value, s.ours_came)), number(surprise(s.ours.value, s.ours_came))] if s.ours_came is not None else ["", ""]
        truth = {True: "yes", False: "no", None: "not known here"}[s.came]
        late = " (too late)" if s.came is False and s.ours_came else ""
        rows.append([
            join([tag("b", s.who), ", ", day(s.date)]), join([s.event, f", by {day(s.deadline)}" if s.deadline else ""]), truth + late,
            f"{s.p:.0%}" if round(s.p, 2) == s.p else f"{s.p:.1%}", *theirs,
            join([chance(s.ours), " (", span(s.ours, True), ")"]), *ours,
        ])  # fmt: skip
    head = ["who, when", "event", "came to pass", "their p", "Brier", "log", "this model, nearest event", "Brier", "log"]
    caption = "Others' forecasts and this model's probability of the event nearest to each; Brier and log scores, lower is better."
    caveat = (
        "Events, dates and deadlines differ from row to row, and the model's event is only the nearest to theirs: each row is to be read for "
        "itself, and no average is formed. One crisis says little about who forecasts well."
    )
    picture = forecasts_picture(rated)
    behind = table(caption, head, rows, range(3, 9))
    return join([tag("p", caveat, class_="small"), picture.figure(), behind])


def verdict_chip(verdict: Verdict) -> Html:
    """The verdict as a small badge."""
    return tag("span", verdict.words, class_=f"chip {HUES.get(verdict.words, 'o0')}")
