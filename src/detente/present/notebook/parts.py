"""How results are shown that are no answers to a declared question: a number, a verdict, a model, a record, a game."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from detente.analyse.evidence.outside import SMOOTHED
from detente.analyse.evidence.track_record import TrackRecord
from detente.analyse.finding import Finding
from detente.analyse.forecast.claims import Verdict
from detente.errors import Problem
from detente.model.schema import Model
from detente.present.figures.evidence.leads import leads_picture
from detente.present.html.cite import verdict_chip
from detente.present.html.markup import Content, Html, join, say, table, tag
from detente.present.html.numbers import chance, data, interval
from detente.present.notebook.fields import MOST
from detente.present.report.whole import answers
from detente.present.terminal.library import SIZES
from detente.present.view import Answer
from detente.present.wording.base_rates import interval as ends
from detente.present.wording.base_rates import remarks as wary
from detente.present.wording.base_rates import share
from detente.present.wording.claims import means
from detente.present.wording.numbers import counted, number, prose, sentence, words
from detente.present.wording.record import HEADS, LEAD_HEADS, headline, lead, remarks, row
from detente.study.base_rates import BaseRates
from detente.study.checking import Checked
from detente.study.dossier import Dossier
from detente.study.games import Point

__all__ = ["part_of"]


def part_of(result: Any) -> Answer | None:
    """The part of a page that shows a result; None where it is of no kind that is known here."""
    make = _PARTS.get(type(result))
    return make(result) if make else None


def _finding(f: Finding) -> Answer:
    """A number with its interval: in words, since of what it is the share or amount a number does not know."""
    title = words(f.name) if "(" not in f.name else f.name
    if not f.draws:
        return Answer("finding", title, ["Not defined in any draw."], ())
    spread: Content = say(", {between} in {share}", between=_between(f), share=f.interval) if f.low < f.high else ""
    error = say("; standard error {e}", e=data(f.error, number(f.error, digits=2))) if f.error == f.error > 0 else ""
    said = say("{value}{spread}{error}; {draws}.", value=tag("b", data(f.value, number(f.value, f.error))),
               spread=spread, error=error, draws=counted(f.draws, "draw"))  # fmt: skip
    return Answer(
        "finding", title, [said], (), tuple(filter(None, [sentence(f.method) if f.method else "", f.reference]))
    )


def _between(f: Finding) -> Html:
    low, high = (data(end, number(end, f.error)) for end in (f.low, f.high))
    return join([low, " to ", high])


def _verdict(v: Verdict) -> Answer:
    """What became of a claim, with the means of both sides."""
    share_ = say("true in {p} of {n} (95% interval of that share: {ends})", p=tag("b", chance(v.share)),
                 n=counted(v.share.draws, "draw"), ends=interval(v.share))  # fmt: skip
    said: list[Content] = [join([verdict_chip(v), " ", share_, "."])]
    said += [f"{sentence(line).rstrip('.')}{', at odds with most draws' if odd else ''}." for line, odd in means(v)]
    if v.unjudged:
        said.append(f"In {counted(v.unjudged, 'draw')} it cannot be judged.")
    return Answer("verdict", v.says or words(v.name), said, (), (), (v.share.reference,))


def _model(model: Model) -> Answer:
    """What a model is about, and what there is in it."""
    said = [tag("span", model.question, class_="question")] if model.question else []
    rows: list[list[Content]] = [
        ["actors", join([words(name) for name in model.actors], ", ")],
        ["quantities", counted(len(model.quantities), "quantity", "quantities")],
        ["stages", join([words(name) for name in model.stages], ", ")],
        ["outcomes", join([words(name) for name in model.outcomes], ", ")],
    ]
    for name, held in (("claims", model.claims), ("mechanisms", model.mechanisms), ("structures", model.structures)):
        rows += [[name, join([words(key) for key in held], ", ")]] if held else []
    for name, listed in (("evidence", model.evidence), ("forecasts", model.forecasts), ("sources", model.sources)):
        rows += [[name, counted(len(listed), "item")]] if listed else []
    caption = model.name or "A model built in Python"
    return Answer("model", model.title, said, (), (), (), table(caption, ["part", "what there is"], rows))


def _checked(found: Checked) -> Answer:
    """The errors and warnings of a model, and its size."""
    wrong, warned = (sum(p.warning is kind for p in found.problems) for kind in (False, True))
    said = f"{counted(wrong, 'error') if wrong else 'No error'}, {counted(warned, 'warning')}."
    listed = [_problem(p) for p in found.problems]
    size = ", ".join(counted(n, *SIZES[name]) for name, n in found.size.items())
    after = join([
        table("Problems", ["what", "where", "message"], listed) if listed else "",
        tag("p", f"Size: {size}.") if size else "",
    ])  # fmt: skip
    return Answer("check", "Checked", [said], (), (), (), after)


def _problem(p: Problem) -> list[Content]:
    place = str(p.place) if p.place.line or not p.path else f"{p.place} {p.path}"
    hint = tag("span", p.hint, class_="test") if p.hint else ""
    return ["warning" if p.warning else "error", tag("code", place), [p.message, hint]]


def _base_rates(found: BaseRates) -> Answer:
    """How often it happened, class by class, and what to be wary of."""
    rows = [
        [c.rate.name, f"{c.rate.k:,} of {c.rate.n:,}", share(c.rate.share), ends(c.rate.wilson_low, c.rate.wilson_high),
         share(c.rate.mean), ends(c.rate.low, c.rate.high)]
        for c in found.classes
    ]  # fmt: skip
    heads = ["class", "happened", "share", "Wilson 95%", "next case", "Jeffreys 95%"]
    tables = (
        [table(f"Next case: k of n, {SMOOTHED}, is (k + 1/2) / (n + 1).", heads, rows, range(1, 6))] if rows else []
    )
    if near := found.nearest:
        listed = [
            [c.name, f"{c.distance:.3f}", {True: "yes", False: "no", None: "not known"}[c.happened]] for c in near.cases
        ]
        caption = f"Nearest to a case with {near.like}: distance 0 is alike in all that was compared (Gower 1971)."
        tables.append(table(caption, ["case", "distance", "happened"], listed, (1,)))
    said = [f"{found.table.file}: {counted(found.table.rows, 'case')}."]
    return Answer("base-rates", "Base rates", said, (), wary(found), found.references, join(tables))


def _record(found: TrackRecord) -> Answer:
    """The scores of cases whose outcome is known, with a picture of each that has several days."""
    heads = dict.fromkeys(r.case for r in found.cases)
    by_case = {case: [r for r in found.cases if r.case == case] for case in heads}
    pictures = [leads_picture(case, rows) for case, rows in by_case.items() if len(rows) > 1]
    tables = [table("Cases, each as of a day.", HEADS, [row(r) for r in found.cases], (3, 6, 7, 8, 9, 10))]
    if found.leads:
        tables.append(table("At fixed lead times.", LEAD_HEADS, [lead(one) for one in found.leads], range(5)))
    title = "The record"
    return Answer("record", title, [headline(found)], pictures, remarks(found), tuple(found.references), join(tables))


def _dossier(found: Dossier) -> Answer:
    """Every answer, folded under its title."""
    parts = answers(found, {})
    folded = [tag("details", tag("summary", a.title), a.content) for _, a in parts]
    left = [f"`{name}` was not answered: {prose(why)}" for name, why in found.left_out.items()]
    said = f"{counted(len(parts), 'answer')}{'; interrupted' if found.interrupted else ''}."
    return Answer("dossier", found.study.model.title, [said], (), left, (), join(folded))


def _point(point: Point) -> Answer:
    """How each actor plays at an information set, and what it expects."""
    tree, behaviour = point.game.tree, point.solution.behaviour[:, 0]
    rows: list[list[Content]] = []
    for h, info in enumerate(tree.infosets[:MOST]):
        played = behaviour[tree.action_start[h] : tree.action_start[h + 1]]
        told = ", ".join(f"{words(str(a))} {p:.3f}" for a, p in zip(info.actions, played.tolist(), strict=True))
        rows.append([words(tree.players[info.player]), words(info.name), told])
    worth = point.certificate.value[:, 0].tolist()
    pay = join([[tag("b", words(p)), f" {number(v)}"] for p, v in zip(tree.players, worth, strict=True)], ", ")
    gain = float(point.certificate.gain[:, 0].max())
    title = "Solved" if point.precision is None else f"Solved at precision {point.precision:g}"
    said: list[Content] = [
        say("Payoffs: {pay}. Largest regret {gain}.", pay=pay, gain=data(gain, number(gain, digits=2)))
    ]
    said += [point.advice] if point.advice else []
    caption = f"How each actor plays, {point.solution.method}."
    sets = table(caption, ["actor", "information set", "moves"], rows)
    return Answer("point", title, said, (), [point.note] if point.note else (), (), sets)


_PARTS: dict[type, Callable[[Any], Answer]] = {
    Finding: _finding, Verdict: _verdict, Model: _model, Checked: _checked, BaseRates: _base_rates,
    TrackRecord: _record, Dossier: _dossier, Point: _point,
}  # fmt: skip
