"""Each answer as a part of a page: what it says in words, its pictures, and the tables behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from detente.analyse.counterfactual import statics, whatif
from detente.analyse.counterfactual.knockout import Ablations
from detente.analyse.forecast.claims import WILSON
from detente.analyse.forecast.why import METHOD as TERMS
from detente.analyse.forecast.why import Why
from detente.analyse.information.evppi import Worths
from detente.analyse.information.forecast_value import Learning
from detente.analyse.perceptions import portrait as perceptions
from detente.analyse.perceptions import required_beliefs as conviction
from detente.analyse.sensitivity.discovery import Discovery
from detente.analyse.sensitivity.local import Local
from detente.analyse.sensitivity.main_effects import FLOOR_REFERENCE
from detente.analyse.sensitivity.main_effects import REFERENCE as DRIVERS
from detente.analyse.sensitivity.variance import Sensitivity
from detente.analyse.thresholds.breaking import REFERENCE as NEAREST
from detente.analyse.thresholds.breaking import Breaking
from detente.analyse.thresholds.regimes import REFERENCE as ACROSS
from detente.analyse.thresholds.regimes import Regimes
from detente.analyse.thresholds.tipping import REFERENCE as MAPPING
from detente.analyse.thresholds.tipping import Tipping
from detente.model.schema import Model
from detente.present.figures.counterfactual.knockout import ablation_picture
from detente.present.figures.counterfactual.shifts import moved, ranked, shift_picture, waterfall_picture
from detente.present.figures.counterfactual.statics import statics_picture
from detente.present.figures.drawing.svg import Picture
from detente.present.figures.forecast.bars import claims_picture
from detente.present.figures.forecast.contrasts import why_picture
from detente.present.figures.information.learning import learn_picture, worth_picture
from detente.present.figures.perceptions.beliefs import (
    TELLING,
    beliefs_picture,
    beliefs_table,
    cost_picture,
    need_picture,
    need_said,
)
from detente.present.figures.perceptions.sweep import sweep_picture
from detente.present.figures.sensitivity.box import box_picture, event_said, limit_said
from detente.present.figures.sensitivity.local import slopes_pictures, strongest
from detente.present.figures.sensitivity.variance import factor_row, sense_picture
from detente.present.figures.thresholds.breaking import breaking_picture, distances_picture
from detente.present.figures.thresholds.map import map_picture
from detente.present.figures.thresholds.tipping import tip_said, tipping_picture
from detente.present.html.markup import Content, Html, join, say, tag
from detente.present.html.numbers import listed
from detente.present.report.frame import Section
from detente.present.wording.names import amount, assumed, certified, key_of, means
from detente.present.wording.numbers import counted, fixed, percent, words
from detente.study.questions.perceptions import Perceptions
from detente.study.study import Study

TOLD = 3  # things named in a sentence


@dataclass(frozen=True)
class Answer:
    """What a question came to: a sentence or two, pictures with their tables, remarks, and the methods used."""

    key: str
    title: str
    said: Sequence[Content]
    pictures: Sequence[Picture]
    remarks: Sequence[str] = ()
    references: tuple[str, ...] = ()
    after: Content = ""

    @property
    def content(self) -> Html:
        """The answer without its heading."""
        remarks = tag("ul", [tag("li", r) for r in self.remarks], class_="small") if self.remarks else ""
        return join([*(tag("p", s) for s in self.said), *(p.figure() for p in self.pictures), self.after, remarks])

    def section(self) -> Section:
        return Section(self.key, self.title, self.content)


def certificate(study: Study) -> str:
    """What the certificate says of the draws of a study, as a sentence that follows another."""
    return f" {certified(float(study.converged.mean()))}"


# ---------------------------------------------------------------------- what carries the conclusion


def breaking(model: Model, found: Sequence[Breaking]) -> Answer:
    """The breaking point of each claim; of several also how near each is to turning."""
    pictures = [breaking_picture(model, b) for b in found if b.changes or b.singles]
    if len(found) > 1:
        pictures = [distances_picture(model, found), *pictures]
    near = [b for b in found if b.distance.value == b.distance.value]
    said: list[Content] = []
    if near:
        b = min(near, key=lambda b: b.distance.value)
        parts = [f"{assumed(c.name)} {amount(model, c.name, c.value)}" for c in b.changes[:TOLD]]
        said.append(say(
            "With every assumption at its median, “{claim}”{what} {holds}; the smallest joint change that turns it is "
            "{d} prior standard deviations: {parts}{more}.",
            claim=words(b.claim), what=f" ({means(model, b.claim)})" if means(model, b.claim) else "",
            holds="holds" if b.holds else "fails", d=tag("b", f"{b.distance.value:.2f}"), parts=listed(parts),
            more=", and less of others" if len(b.changes) > TOLD else "",
        ))  # fmt: skip
    for b in found:
        if b.holds is None:
            said.append(f"“{words(b.claim)}”: {b.searched}.")
        elif b not in near:
            said.append(f"“{words(b.claim)}” {'holds' if b.holds else 'fails'}; nothing turns it ({b.searched}).")
    return Answer("breaking", "What would turn it", said, pictures, (), (NEAREST,))


def claims(study: Study, wanted: Sequence[str], found: Sequence[Breaking] = ()) -> Answer:
    """In what share of draws some claims hold."""
    if not study.model.claims:
        return Answer("claims", "Claims and verdicts", ["This model makes no claims."], [])
    verdicts = [study.claims[name].words for name in wanted]
    counts = {w: verdicts.count(w) for w in dict.fromkeys(verdicts)}
    said = f"Of {counted(len(verdicts), 'claim')}, " + ", ".join(f"{k} {w}" for w, k in counts.items()) + "."
    turned = breaking(study.model, found) if found else None
    pictures = [claims_picture(study, wanted, certificate(study)), *(turned.pictures if turned else [])]
    references = (WILSON, DRIVERS, FLOOR_REFERENCE, *(turned.references if turned else ()))
    return Answer("claims", "Claims and verdicts", [said, *(turned.said if turned else [])], pictures, (), references)


def why(study: Study, found: Sequence[Why]) -> Answer:
    """The payoff terms that make one move better than another."""
    said: list[Content] = [
        "The terms of the payoff, as the actor sees things; the bars of a picture sum to its last one. A move that is "
        f"better by a gap g is made exp(λ g) times as often, at precision λ.{certificate(study)}"
    ]
    return Answer("why", "Why they act so", said, [_reasons(study, w) for w in found], (), (f"Reasons: {TERMS}",))


def _reasons(study: Study, w: Why) -> Picture:
    """The reasons in one situation, under its full name: there may be several at a stage."""
    drawn = why_picture(study, w)
    coming = percent(w.reached.value, w.reached.error)
    return replace(drawn, title=words(w.where), reading=f"Reached in {coming} of play; {drawn.reading}")


def tried(model: Model, found: Sequence[statics.StaticResult]) -> Answer:
    """The comparative statics of a model."""
    wrong = [words(r.name) for r in found if not r.holds]
    said = f"{sum(r.holds for r in found)} of {counted(len(found), 'comparative static')} answer as the argument says"
    said += f"; otherwise: {', '.join(wrong)}." if wrong else "."
    pictures = [statics_picture(model, found)] if found else []
    return Answer("statics", "Comparative statics", [said], pictures, (), (f"Comparative statics: {statics.METHOD}",))


# ---------------------------------------------------------------------- what would flip it


def tipping(model: Model, found: Tipping) -> Answer:
    """How the answer goes along a quantity, and where it turns."""
    ends = " to ".join(amount(model, found.quantity, float(v)) for v in (found.grid[0], found.grid[-1]))
    start = f"{assumed(found.quantity)} from {ends} (median {amount(model, found.quantity, found.centre)})"
    nearest = sorted(found.tips, key=lambda t: abs(t.score) if t.score == t.score else 9.0)[:TOLD]
    turned = [
        f"{words(t.what)} from {words(t.before)} to {words(t.after)} {tip_said(model, found.quantity, t)}"
        for t in nearest
    ]
    what = f" What turns nearest to the median: {'. '.join(turned)}." if turned else " Nothing turns in this range."
    key = key_of("tip", found.quantity)
    title = f"Along {assumed(found.quantity)}"
    return Answer(
        key, title, [start[0].upper() + start[1:] + "." + what], [tipping_picture(model, found)], (), (MAPPING,)
    )


def regimes(model: Model, found: Regimes) -> Answer:
    """A map over two quantities."""
    title = f"Over {assumed(found.quantities[0])} and {assumed(found.quantities[1])}"
    key = key_of("map", *found.quantities)
    return Answer(key, title, [], [map_picture(model, found, one) for one in found.maps], (), (ACROSS,))


def what_if(model: Model, found: whatif.WhatIf, sides: tuple[str, str] | None = None) -> Answer:
    """What changes do to the outcomes and claims; or, with two names, what another model says."""
    judged = " " + certified(found.converged)
    pictures = [shift_picture(model, found.whole, found.draws, sides or ("before", "after"), judged)]
    if len(found.steps) > 1:
        pictures = [waterfall_picture(model, found, judged), *pictures]
    shown = [n for n in ranked(found.whole.outcomes) if found.whole.outcomes[n].effect.draws][:TOLD]
    each = [f"{words(n)} {moved(found.whole.outcomes[n])}" for n in shown]
    what = f"{sides[1]} beside {sides[0]}" if sides else f"With {words(found.whole.change)}"
    said = say("{what}: {each}, mean differences in points of a hundred (pt).", what=what, each=listed(each))
    key, title = ("compare", "Two models side by side") if sides else ("what-if", "What if")
    return Answer(key, title, [said], pictures, [words(n) for n in found.notes], (whatif.REFERENCE,))


def ablations(model: Model, found: Ablations) -> Answer:
    """Each mechanism switched off in turn."""
    made = [a for a in found.mechanisms if a.effect is not None]
    parts = [
        say(
            "{what}{cited} ({shift}{turned})",
            what=tag("b", words(a.mechanism)),
            cited=f", {a.source}" if a.source else "",
            shift=percent(a.shift),
            turned=f", {counted(len(a.turned), 'claim')} turned" if a.turned else "",
        )
        for a in made[:TOLD]
    ]
    said: Content = "No mechanism of this model can be switched off."
    if made:
        said = say("What does the work: without it the forecast shifts most for {parts}.", parts=listed(parts))
    return Answer(
        "ablate", "Which mechanism does the work", [said], [ablation_picture(model, found)], (), (whatif.REFERENCE,)
    )


# ---------------------------------------------------------------------- what is not known


def sense(model: Model, found: Sensitivity) -> Answer:
    """What share of the variance of an answer each assumption explains."""
    told = [e for e in found.effects if e.told][:TOLD]
    each = [f"{factor_row(model, e.name).name} {percent(max(0.0, e.first.value), e.first.error)}" for e in told]
    said: Content = "No single assumption is told from noise."
    if each:
        said = say("Knowing it alone would take away so much of the variance: {each}.", each=listed(each))
    key = key_of("sense", found.of)
    title = f"What moves {words(found.words)}"
    judged = f" {certified(found.converged)}"
    return Answer(key, title, [said], [sense_picture(model, found, judged)], found.notes, found.references)


def local(model: Model, found: Local) -> Answer:
    """What a small change of each assumption does to an answer, or to several."""
    each = [(a, strongest(a, TOLD if len(found.answers) == 1 else 1)) for a in found.answers]
    moved_by = [
        (f"{words(a.name)} by " if len(found.answers) > 1 else "") + ", ".join(names) for a, names in each if names
    ]
    said: Content = "At the central draw a small change of any assumption moves nothing."
    if moved_by:
        said = say("One standard deviation up, at the slope of the central draw: {each}.", each=listed(moved_by))
    of = found.answers[0].words if len(found.answers) == 1 else "each ending" if found.of == "outcome" else found.of
    title = f"What a small change does to {words(of)}"
    return Answer(key_of("slopes", found.of), title, [said], slopes_pictures(model, found), found.notes,
                  found.references)  # fmt: skip


def discovery(study: Study, found: Discovery) -> Answer:
    """In what corner of the quantities an event is at home."""
    boxes = [(k, one) for k, one in enumerate(found.boxes) if one.limits]
    said: list[Content] = []
    for _, one in boxes:
        limits = [f"{assumed(limit.quantity)} {limit_said(study.model, limit)}" for limit in one.limits]
        said.append(say("It is so in {share} of draws, and in {density} of those with {limits}.",
                        share=percent(found.share.value), density=tag("b", percent(one.density.value)),
                        limits=listed(limits)))  # fmt: skip
    if not boxes:
        said.append(
            f"It is so in {percent(found.share.value)} of {counted(found.draws, 'draw')}, and nowhere more than "
            "elsewhere."
        )
    pictures = [box_picture(study.model, found, study.assumptions, k) for k, _ in boxes]
    title = f"Where {event_said(found)}"
    remarks = [*found.notes, certificate(study).strip()]
    return Answer("discover", title, said, pictures, remarks, found.references)


def learning(study: Study, found: Learning) -> Answer:
    """What to find out."""
    told = [t for t in found.things if t.told][:TOLD]
    each = [
        f"{factor_row(study.model, t.name).name} (Brier score {fixed(-t.brier.value, 3)}, {t.entropy.value:.2f} bits)"
        for t in told
    ]
    said: Content = "Nothing is told from noise: no single thing is worth finding out for this."
    if each:
        said = say("To find out first: {each}.", each=listed(each))
    picture = learn_picture(study.model, found, certificate(study))
    return Answer("learn", "What to find out", [said], [picture], found.notes, found.references)


def worths(study: Study, found: Worths) -> Answer:
    """What knowing things is worth to an actor."""
    best = max([*found.private, *found.public], key=lambda w: w.value.value, default=None)
    worst = min(found.public, key=lambda w: w.value.value, default=None)
    said = f"Nothing that {words(found.actor)} could learn is worth a ten-thousandth of a stake to it."
    if best is not None and best.value.value > 5e-5:
        how = "in private" if best in found.private else "if everybody knew it"
        name = factor_row(study.model, best.name).name
        said = f"Worth most to {words(found.actor)}: {name}, {fixed(best.value.value, 4, sign=True)} stakes {how}."
    if worst is not None and worst.value.high < 0:
        said += f" It would lose {fixed(-worst.value.value, 4)} stakes if {words(worst.name)} were known to all."
    picture = worth_picture(study.model, found, certificate(study))
    title = f"What {words(found.actor)} would give to know"
    return Answer(f"worth-{found.actor}", title, [said], [picture], found.notes, found.references)


def seen(found: Perceptions) -> Answer:
    """What actors believe, what it costs them, and what they must believe for a move to be their best."""
    study, model = found.study, found.study.model
    portraits = list(found.portraits.values())
    pictures = [beliefs_picture(model, p, study.n) for p in portraits if p.beliefs]
    pictures.append(cost_picture(portraits, study.n))
    if found.sweeps:
        pictures.append(sweep_picture(model, found.sweeps, found.moved))
    said: list[Content] = []
    for need in found.needs:
        said += [
            say("{reading}: {said}", reading=tag("b", f"{reading} perception"), said=text)
            for reading, text in need_said(need)
        ]
        pictures.append(need_picture(model, need))
    told = [p for p in portraits if not p.beliefs and any(abs(e.expected.value - e.real.value) >= TELLING
            for e in (*p.outcomes, *p.own, *p.others))]  # fmt: skip
    after = [beliefs_table(model, p) for p in told]
    references = (perceptions.REFERENCE, conviction.REFERENCE)
    remarks = [f"{counted(study.n, 'draw')}, {study.engine.perception} perception.{certificate(study)}"]
    return Answer("perceptions", "What they believe, and what it costs", said, pictures, remarks, references, after)
