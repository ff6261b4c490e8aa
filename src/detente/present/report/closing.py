"""The end of the page: what is certified, what was used, and how to reproduce it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from detente.analyse.counterfactual.statics import METHOD as PAIRED
from detente.analyse.counterfactual.statics import StaticResult
from detente.analyse.evidence.rules import BRIER
from detente.analyse.forecast.claims import WILSON
from detente.analyse.sensitivity.binning import FEWEST
from detente.analyse.sensitivity.main_effects import FLOOR_REFERENCE
from detente.analyse.sensitivity.main_effects import REFERENCE as DRIVERS
from detente.arrays import Floats
from detente.model.schema import DEFAULT_PRECISION, Model
from detente.present.html.cite import assumption
from detente.present.html.markup import Content, Html, join, link, say, table, tag, typed
from detente.present.html.numbers import data
from detente.present.report.frame import version
from detente.present.wording.numbers import counted, day, number, percent, words
from detente.solve.base import TOLERANCE, Status
from detente.study.study import Study

NOTHING_TO_WIN = 1e-6
PERCEPTIONS = {
    "common": "where actors see a number differently, each knows how the others see it",
    "private": "each actor takes its own view for the truth, and plays its part of that game",
}


def certificate(study: Study) -> Html:
    """What can be said of the solutions without trusting the solver."""
    good = int(study.converged.sum())
    stopped, traced = (int((study.status == s).sum()) for s in (Status.STOPPED, Status.TRACED))
    folded = int(sum(part.folded.sum() for part in study.parts))
    turned = f"; the principal branch passed a limit point in {folded:,}" if folded else ""
    if forked := int(study.forked.sum()):
        turned += f"; it passed a pitchfork bifurcation in {forked:,}, where other branches leave it that are as good"
    facts: list[list[Content]] = [
        ["draws", f"{study.n:,} of {study.asked:,} asked" + (", interrupted" if study.interrupted else "")],
        ["converged", f"{good:,} of {study.n:,} (residual at most {number(TOLERANCE, digits=1)}, precision reached)"],
        [
            "residual",
            say("median {a}, 95th percentile {b}, largest {c} (in probability)", **_quantiles(study.residual, 1)),
        ],
        ["method", study.method],
        ["why this method", study.reason],
        ["traced by arclength", counted(traced, "draw") + turned],
        ["stopped before the end", counted(stopped, "draw")],
        ["perception", f"{study.engine.perception}: {PERCEPTIONS.get(study.engine.perception, '')}"],
    ]
    intro = (
        "Every draw is a game of its own. After it is solved, code that shares nothing with the solver checks it: how "
        "far each choice is from what quantal response to all the others would be (the residual), and what each actor "
        "could gain by changing its whole strategy (the regret)."
    )
    parts = [
        tag("p", intro),
        table("How the draws were solved, and what was checked.", ["what", "result"], facts),
    ]
    if good < study.n:
        least = float(np.concatenate([part.reached for part in study.parts]).min())
        bad = (
            f"{counted(study.n - good, 'draw')} did not converge (at the least, {percent(least)} of the precision was "
            "reached)"
        )
        parts.append(tag("p", f"{bad}: {study.advice}.", class_="warning"))
    return join([*parts, tag("h3", "The regret of each actor"), _gains(study)])


def _quantiles(values: Floats, digits: int) -> dict[str, Html]:
    found = zip("abc", np.quantile(values, [0.5, 0.95, 1.0]), strict=True)
    return {key: data(float(q), number(float(q), digits=digits)) for key, q in found}


def _gains(study: Study) -> Html:
    players = study.blueprint.tree.players
    rows: list[list[Content]] = []
    for p, player in enumerate(players):
        shown = [float(study.gain[p].mean()), float(np.quantile(study.gain[p], 0.95)), float(study.gain[p].max())]
        rows.append([tag("b", words(player)), *[data(x, number(x)) for x in shown], _precision(study, player)])
    worst = int(study.gain.mean(axis=1).argmax())
    if study.gain.max() < NOTHING_TO_WIN:
        said = "No actor could gain anything worth mentioning by playing otherwise: every draw is at an equilibrium."
    else:
        beside = " where both moves are equally likely without a reason" if study.blueprint.log_default else ""
        said = (
            "Regret is above zero by design, not by error: at a finite precision λ an actor sometimes makes a "
            f"worse move, and one that is worse by 1/λ stakes 37% as often as the better one{beside}. Regret is "
            f"the price of these errors, on average {number(float(study.gain[worst].mean()))} stakes for "
            f"{words(players[worst])}, who would gain most by choosing exactly. As the precision grows, regret goes to "
            "zero."
        )
    caption = (
        "Regret: the largest gain from changing the whole strategy, as the actor sees the game, in stakes, over the "
        "draws."
    )
    head = ["actor", "mean", "95th percentile", "largest", "precision (1/stake)"]
    return join([tag("p", said), table(caption, head, rows, (1, 2, 3))])


def _precision(study: Study, player: str) -> Content:
    name = study.model.precision_of(player)
    if not name:
        return f"{DEFAULT_PRECISION:g} (none is given)"
    low, high = (float(q) for q in np.quantile(study.draws.truth[name], [0.05, 0.95]))
    return [assumption(name), f", {number(low)} to {number(high)}" if high > low else f", {number(low)}"]


def references(study: Study, command: str, statics: Sequence[StaticResult] | None, others: Sequence[str] = ()) -> Html:
    """Methods, sources, and the command."""
    model = study.model
    methods = list(study.references)
    if study.claims:
        methods.append(WILSON)
    if study.n >= FEWEST:
        methods += [DRIVERS, FLOOR_REFERENCE]
    if model.happened and model.happened.outcome:
        methods.append(BRIER)
    if statics:
        methods.append(f"Comparative statics: {PAIRED}")
    methods += others
    parts: list[Content] = [
        tag("h3", "Methods used here"),
        tag("ul", [tag("li", method) for method in dict.fromkeys(methods)], class_="methods"),
    ]
    if model.sources:
        parts += [
            tag("h3", "Sources of the argument"),
            sources(model),
        ]
    made = (
        f"Detente {version()}; case {model.name or 'built in Python'}; {counted(study.n, 'draw')}; seed "
        f"{study.draws.seed}."
    )
    return join([
        *parts,
        tag("h3", "To reproduce this"),
        typed(command) if command else "",
        tag("p", made, " The same command gives the same numbers, on any number of cores."),
    ])  # fmt: skip


def sources(model: Model) -> Html:
    """The sources of a model as a list that citations lead to."""
    return tag("ul", [_source(model, n) for n in model.sources], class_="sources")


def _source(model: Model, name: str) -> Html:
    s = model.sources[name]
    about = ", ".join(part for part in (s.kind, day(s.published)) if part)
    said = say(
        "{name}: {author}{title}{about}{url}{note}",
        name=tag("b", words(name)),
        author=f"{s.author}, " if s.author else "",
        title=tag("i", s.title or words(name)),
        about=f" ({about})" if about else "",
        url=[" ", link(s.url, s.url)] if s.url else "",
        note=f". {s.note}" if s.note else "",
    )
    return tag("li", said, id=f"source-{name}")
