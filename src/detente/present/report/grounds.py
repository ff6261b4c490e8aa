"""What the answers rest on: the mechanisms of the argument, evidence, and what others said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from detente.analyse.counterfactual.statics import StaticResult
from detente.analyse.evidence.score import Score
from detente.analyse.finding import Finding
from detente.analyse.forecast.rank import rankable
from detente.model.likelihoods import Likelihood, Share
from detente.model.record import Evidence
from detente.model.structural import told
from detente.present.figures.counterfactual.statics import effect_said, level_said, tally, unjudged_too
from detente.present.figures.evidence.prior import prior_picture
from detente.present.figures.forecast.contrasts import forecasts_picture
from detente.present.html.cite import assumption, cited, sourced
from detente.present.html.markup import Content, Html, join, say, table, tag
from detente.present.html.numbers import chance, data, interval
from detente.present.report.happened import said
from detente.present.wording.answer import event_named
from detente.present.wording.numbers import day, number, percent, sentence, span, words
from detente.study.study import Study

AFTER = join([tag("br"), tag("span", "after the as-of date", class_="quiet")])


def mechanisms(study: Study, statics: Sequence[StaticResult] | None) -> Html:
    """Each mechanism of the argument, what belongs to it, and whether its comparative static holds."""
    model, results = study.model, list(statics or ())
    if not model.mechanisms:
        return join([tag("p", "This model names no mechanisms.", class_="quiet"), [_static(study, r) for r in results]])
    said = "The mechanisms of the argument, one by one."
    if results:
        said += (
            " Each is tested by a comparative static: one thing is changed, every draw is kept, and the model must "
            f"respond as the argument says. {tally(results)} do{unjudged_too(results)}."
        )
    elif model.statics:
        said += " Their comparative statics were not run for this page; the command “detente statics” runs them."
    parts = [tag("p", said)]
    for name, mechanism in model.mechanisms.items():
        argument = [sentence(mechanism.says) if mechanism.says else "", sourced(model, mechanism.source)]
        parts += [
            tag("h3", words(name), id=f"mechanism-{name}"),
            tag("p", argument),
            tag("p", join(list(_belonging(study, name)), "; "), class_="small"),
            *[_static(study, r) for r in results if r.mechanism == name],
        ]
    return join([*parts, [_static(study, r) for r in results if r.mechanism not in model.mechanisms]])


def _belonging(study: Study, name: str) -> Iterator[Content]:
    """What is tagged with a thread."""
    model = study.model
    leads = [(outcome, f) for (mechanism, outcome), f in study.mechanisms.items() if mechanism == name]
    if leads:
        shown = [say("{what} ({p}, {interval})", what=words(o), p=chance(f), interval=interval(f)) for o, f in leads]
        yield [tag("b", "leads to "), join(shown, ", ")]
    stages = [words(s) for s, stage in model.stages.items() if stage.mechanism == name]
    for s, stage in model.stages.items():
        stages += [f"{words(s)}: {words(m)}" for m, move in stage.moves.items() if move.mechanism == name]
        stages += [f"{words(s)}: {words(m)}" for m, result in stage.chance.items() if result.mechanism == name]
    if stages:
        yield [tag("b", "stages "), ", ".join(stages)]
    quantities = [assumption(q) for q in told(model) if model.quantities[q].mechanism == name]
    if quantities:
        yield [tag("b", "quantities "), join(quantities, ", ")]
    seen = [
        say("{what}, as {actor} sees it", what=assumption(q), actor=words(a))
        for q, quantity in model.quantities.items()
        for a, view in quantity.seen_by.items()
        if view.mechanism == name
    ]
    if seen:
        yield [tag("b", "perceptions "), join(seen, "; ")]
    terms = [
        f"{words(a)}’s {words(t)}"
        for a, mine in model.payoffs.items()
        for t, term in mine.items()
        if term.mechanism == name
    ]
    if terms:
        yield [tag("b", "payoff terms "), ", ".join(terms)]
    others = [words(s) for s, state in model.state.items() if state.mechanism == name]
    others += [words(t) for t, private in model.private.items() if private.mechanism == name]
    if others:
        yield [tag("b", "states and types "), ", ".join(others)]


def _static(study: Study, r: StaticResult) -> Html:
    static = study.model.statics.get(r.name)
    what = static.then.what.text if static else r.says

    if r.holds is None:
        unknown = "{chip} {name}: with {change}, {what} is a number in none of {n} paired draws."
        chip, n = tag("span", "cannot be judged", class_="chip k4"), f"{r.unjudged:,}"
        return tag("p", say(unknown, chip=chip, name=tag("b", words(r.name)), change=words(r.change),
                            what=tag("code", what), n=n))  # fmt: skip

    def show(x: float) -> str:
        return effect_said(study.model, r, x)

    def at(f: Finding) -> Html:
        return data(f.value, level_said(study.model, r, f))

    return tag("p", say(
        "{chip} {name}: with {change}, {what} goes from {before} to {after}, {effect} (95% interval of the mean: "
        "{low} to {high}). Expected: it {expected}, as it does in {share} of {n} paired draws.",
        chip=tag("span", "holds" if r.holds else "fails", class_=f"chip {'k1' if r.holds else 'k5'}"),
        name=tag("b", words(r.name)),
        change=words(r.change),
        what=tag("code", what),
        before=at(r.before),
        after=at(r.after),
        effect=data(r.effect.value, show(r.effect.value)),
        low=show(r.effect.low),
        high=show(r.effect.high),
        expected=r.expected,
        share=percent(r.share, 0.01),
        n=f"{r.effect.draws:,}",
    ))  # fmt: skip


# ---------------------------------------------------------------------------------------- evidence and forecasts


def evidence(study: Study, found: Sequence[Score]) -> Html:
    """What was seen, dated, and what others expected."""
    model = study.model
    parts: list[Content] = [tag("p", "No evidence is recorded in this model.", class_="quiet")]
    if model.evidence:
        told = (
            "What was seen, in order of time. The numbers of this page do not use it: they are what the argument "
            "alone implies. `detente update` does."
        )
        if model._updated is not None:
            known = day(model._updated.day)
            told = f"What was seen, in order of time. The numbers of this page use all that was known on {known}."
        rows = [_seen(study, e) for e in sorted(model.evidence, key=lambda e: e.day)]
        caption = "Evidence, and how strong the author of the case takes each sign to be."
        parts = [tag("p", told), table(caption, ["date", "what was seen", "how telling", "source"], rows)]
    for check in (c for c in study.checks if c.said):
        title = f"Prior predictive check: {event_named(study.model, check.event)}"
        parts.append(prior_picture(check, study.ask(f"P({check.event})"), title).figure())
    if found:
        parts.append(tag("h3", "What others expected"))
        drawn_above = model.happened and model.happened.outcome and any(s.ours for s in found)
        if not drawn_above:
            parts.append(forecasts_picture(found).figure())
        head = ["date", "who", "event", "probability", "nearest event here", "source"]
        parts.append(
            table("Forecasts of others at the time, and base rates.", head, [_forecast(study, s) for s in found], (3,))
        )
    return join(parts)


def _seen(study: Study, e: Evidence) -> list[Content]:
    stands = study.model.as_of if study.model._updated is None else study.model._updated.day
    late = stands is not None and e.day > stands
    date = [day(e.day), AFTER if late else ""]
    source = cited(study.model, e.source)
    if (event := e.seen or e.not_seen) is not None:
        what = e.means or join(["" if e.seen else "not ", tag("code", event.text)])
        if e.not_seen or study.model._updated is not None:
            telling = say("a move of the model, which {had} been made", had="had" if e.seen else "had not")
        else:
            f = Finding.of(event.text, study.ask(f"P({event})"))
            telling = say("a move of the model, which it had expected with {p} ({span})", p=chance(f), span=span(f))
        return [date, what, telling, source]
    if not e.told:
        return [date, e.fact, tag("span", "a fact that the model has no event for", class_="quiet"), source]
    return [date, e.says, _likelihood(e.told), source]


def _likelihood(told: Likelihood) -> Content:
    if told.formula is not None:
        return say("likelihood {formula}", formula=tag("code", told.formula.text))
    parts: list[Content] = [_shares(words(name), shares) for name, shares in told.shares.items()]
    parts += [say("{name} measured: {range}", name=words(n), range=m.says) for n, m in told.measured.items()]
    return join(parts, "; ")


def _shares(name: str, shares: Mapping[str, Share]) -> Html:
    ranked = sorted(shares.items(), key=lambda item: -rankable(item[1].value))
    told = ", ".join(f"{words(label)} {p.says}" for label, p in ranked)
    high, low = ranked[0][1].value, ranked[-1][1].value
    if len(ranked) < 2 or low <= 0 or high == low:
        return say("likelihood under {name}: {told}", name=name, told=told)
    return say(
        "{ratio} times more likely if {name} is {one} than if it is {other} ({told})",
        ratio=number(high / low), name=name, one=tag("b", words(ranked[0][0])), other=words(ranked[-1][0]), told=told,
    )  # fmt: skip


def _forecast(study: Study, s: Score) -> list[Content]:
    event = s.event + (f", by {day(s.deadline)}" if s.deadline else "")
    date = [day(s.date), AFTER if s.later else ""]
    return [date, tag("b", s.who), event, said(s), tag("code", s.like), cited(study.model, s.source)]
