"""The answer to the case's question, live: a sentence, the outcomes, the verdicts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from detente.analyse.forecast.claims import verdict
from detente.analyse.forecast.rank import likeliest, rankable
from detente.model.schema import Model
from detente.present.figures.counterfactual.shifts import moved
from detente.present.figures.forecast.live import live_picture, live_table
from detente.present.html.markup import Content, Html, join, say, tag
from detente.present.html.numbers import chance
from detente.present.html.palette import VERDICTS
from detente.present.report.results import paths
from detente.present.web.live import Step, steps
from detente.present.web.recast import omitted, studies, uncertain_beliefs
from detente.present.web.screens.registry import screen
from detente.present.web.state import Reply, State
from detente.present.web.workspace import Work
from detente.present.wording import answer as wording
from detente.present.wording.evidence import known_when
from detente.present.wording.names import outcome_means
from detente.present.wording.numbers import percent, prose, sentence, span, words
from detente.study.supposing import Supposed


@screen("answer")
def answer(work: Work, state: State, options: Mapping[str, Any]) -> Iterator[Reply]:
    """The answer to the case's question, as the page has changed the case; with its `table`, where that is unfolded."""
    model = work.model(state)
    for step in steps(work, state):
        html = _shown(model, state, step)
        if options.get("table"):
            html["table"] = live_table(model, step.found.whole, is_changed(state))
        yield Reply(html=html, about=step.about, stale=step.stale, final=step.final)


@screen("ways")
def ways(work: Work, state: State, _: Mapping[str, Any]) -> Iterator[Reply]:
    """By which paths and through which mechanisms the outcomes are reached."""
    state = uncertain_beliefs(work, state)
    left = omitted(work, state, "these paths")
    for study in studies(work, state):
        yield Reply(html={"ways": join([left, paths(study, folded=False)])}, final=study.n == state.draws)


def _shown(model: Model, state: State, step: Step) -> dict[str, str]:
    found, changed = step.found, is_changed(state)
    told = _sentence(model, found, changed, step.stale)
    said = [tag("p", told), *(tag("p", s, class_="small") for s in _more(model, found))]
    title = tag("p", model.title, class_="eyebrow") if model.question else ""
    return {
        "question": join([title, tag("h1", model.question or model.title)]),
        "sentence": join(said),
        "outcomes": live_picture(model, found.whole, found.draws, changed).figure(),
        "claims": _verdicts(model, step, changed),
        "notes": tag("ul", [tag("li", prose(note)) for note in found.notes], class_="small") if found.notes else "",
    }  # fmt: skip


def is_changed(state: State) -> bool:
    """Whether anything is set otherwise than the case has it, so that there is something to set beside it."""
    return bool(state.suppose or state.changes or (state.set and state.as_of is None))


def _sentence(model: Model, found: Supposed, changed: bool, rough: bool) -> Html:
    """What is forecast, in words; and what it was, where something is changed. `rough`: too few draws are left to say
    how far off it may be."""
    d = found.whole.answer
    if d is None or model.answer is None:
        name = likeliest({n: x.after for n, x in found.whole.outcomes.items()})
        d, said = found.whole.outcomes[name], f"Most likely: {words(name)}"
        if means := outcome_means(model, name):
            said = f"{said} ({means})"
        level, was = percent(d.after.value, d.after.error), percent(d.before.value, d.before.error)
        by, between = moved(d), ""
    else:
        said = sentence(wording.in_words(model)).removesuffix(".")
        level, was = wording.level(model, d.after), wording.level(model, d.before)
        by, between = wording.moved(model, d), f" (95%: {wording.interval(model, d)})"
        between = " by a first estimate; it is being solved" if rough else between
    if not d.after.draws:
        return say("{said}: it is undefined in every draw.", said=said)
    spread = f"{span(d.after)} in 90% of draws" if wording.drawn(model) or model.answer is None else ""
    told: Content = say(
        "{said}: {level}{spread}, {when}.", said=said, level=tag("b", level, class_="level"),
        spread=f" ({spread})" if spread else "", when=known_when(model),
    )  # fmt: skip
    if not changed:
        return tag("span", told)
    before = say("As written it is {was}: {by}{between}.", was=was, by=tag("b", by), between=between)
    return tag("span", told, " ", before)


def _more(model: Model, found: Supposed) -> list[Content]:
    """The groups of outcomes, where they tell more than the outcomes do."""
    shown = sorted(found.whole.groups, key=lambda n: -rankable(found.whole.groups[n].after.value))
    if not wording.groups_told(model, shown):
        return []
    afters = {n: found.whole.groups[n].after for n in shown}
    return [sentence(", ".join(f"{words(n)} {percent(f.value, f.error)}" for n, f in afters.items()))]


def unjudged(final: bool) -> tuple[str, str]:
    """The verdict on a claim that is judged in no draw, and why."""
    return (
        ("undefined", "in every draw: what it speaks of does not happen")
        if final
        else ("not judged", "until all draws are solved")
    )


def _verdicts(model: Model, step: Step, changed: bool) -> Html:
    """Each claim with its verdict; the conclusion first."""
    items, found, none = [], step.found, unjudged(step.final)
    for k, (name, v) in enumerate(found.verdicts.items()):
        d = found.whole.claims[name]
        before = verdict(d.before.value) if d.before.draws else ""
        chip = tag("span", v.words if v.share.draws else none[0], class_=f"chip {VERDICTS.get(v.words, 'k3')}")
        turned = changed and before and v.share.draws and before != v.words
        was = tag("span", f"was: {before}", class_="was") if turned else ""
        share: Content = [chance(v.share), " of draws"] if v.share.draws else none[1]
        by = f" ({moved(d)})" if changed and v.share.draws and d.before.draws and abs(d.effect.value) > 1e-9 else ""
        says = v.says or model.claims[name].holds.text
        lead = tag("b", "The conclusion: ") if k == 0 else ""
        body = tag("p", lead, prose(says), class_="says")
        side = tag("p", chip, " ", was, " ", tag("span", share, by, class_="share"))
        items.append(tag("li", body, side, class_="verdict turned" if turned else "verdict"))
    return join([tag("h2", "What holds"), tag("ul", items, class_="verdicts")]) if items else Html("")
