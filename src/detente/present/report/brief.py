"""The brief: a case on one sheet of A4, for somebody with thirty seconds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from detente.analyse.evidence.outside import evidence_listed
from detente.analyse.forecast.claims import Verdict
from detente.analyse.forecast.rank import likeliest, rankable, telling
from detente.analyse.sensitivity.main_effects import Driver
from detente.analyse.thresholds.breaking import Breaking, Moved
from detente.arrays import Floats
from detente.model.structural import told
from detente.output import write_whole
from detente.present.figures.drawing.svg import box, fitted, whisker
from detente.present.figures.forecast.contrasts import bound
from detente.present.html.cite import quoted, verdict_chip
from detente.present.html.markup import Content, Html, join, say, tag, verbatim
from detente.present.html.numbers import chance, data, interval, listed
from detente.present.html.palette import colour
from detente.present.report.frame import sheet, version
from detente.present.report.opening import VERBS
from detente.present.wording.answer import amount as amount_of
from detente.present.wording.answer import basis, beside, briefly, grouped, spread, surprises
from detente.present.wording.claims import smaller
from detente.present.wording.evidence import items, known_when
from detente.present.wording.names import amount, assumed, means
from detente.present.wording.numbers import counted, day, percent, sentence, span, words
from detente.study.study import Study

CLAIMS, CAUSES, CHANGES = 3, 2, 4
OUTCOMES = 9  # what is left of them shares a line
WIDE, TALL = 150.0, 10.0
GLOSS = 760.0  # how wide a gloss may be, in units of pictures: about 100 letters
TELLING = 0.02  # a smaller index names no assumption


def write_brief(study: Study, path: str | Path, command: str = "", turning: Sequence[Breaking] = ()) -> None:
    """Write the brief of a study to `path`, as one HTML file that needs nothing else. Equal studies give equal bytes.

    `turning`: what would flip its claims (`detente.breaking(study)`); `command`: the command line that made it.
    Raises OSError.
    """
    write_whole(path, brief(study, command, turning).encode("utf-8", "replace"))


def brief(study: Study, command: str = "", turning: Sequence[Breaking] = (), otherwise: Sequence[str] = ()) -> str:
    """The text of the sheet. `otherwise`: what the study has otherwise than its case, in words."""
    model = study.model
    about = f", built as of {day(model.as_of)}" if model.as_of else ""
    parts: list[Content] = [
        tag("p", f"Detente · brief{about}", class_="eyebrow"),
        tag("h1", model.title.replace(" - ", " – ")),
        tag("p", model.question, class_="question") if model.question else "",
        tag("p", tag("b", "Set otherwise: "), "; ".join(otherwise), class_="small") if otherwise else "",
        tag("p", _answer(study), class_="answer"),
        _part("How it may end", _outcomes(study)),
        _part("What is claimed, and what follows", _claims(study)) if study.claims else "",
        _part(f"What {_subject(study)} depends on most", tag("p", _depends(study))),
        _part("What would flip the conclusion", tag("p", _changes(study, turning))),
        _part("What this rests on", tag("p", _provenance(study, command), class_="small")),
    ]
    return sheet(model.title, parts)


def _part(title: str, content: Content) -> Html:
    return tag("section", tag("h2", title), content)


# ------------------------------------------------------------------------------------------------------- the answer


def _answer(study: Study) -> Html:
    """The answer in a sentence, with its interval, and what it rests on."""
    if answer := study.answer:
        said = "{what}: {p} on average, {spread}, {known}.{groups} {beside}"
        groups = f" {sentence(grouped(answer))}" if answer.groups else ""
        p = tag("b", data(answer.mean, amount_of(answer)))
        told = " ".join([*beside(study), *surprises(study)])
        what, known = sentence(answer.says).rstrip("."), briefly(study)
        return say(said, what=what, p=p, spread=spread(answer), known=known, groups=groups, beside=told)
    first = likeliest(study.outcomes)
    f = study.outcomes[first]
    ending = say(
        "The most likely outcome is {it}{means}: {p} on average, {interval} in 90% of draws, {known}.",
        known=known_when(study.model),
        it=tag("b", words(first)),
        means=_gloss(study, first),
        p=tag("b", chance(f)),
        interval=interval(f),
    )
    if not study.claims:
        return ending
    name, verdict = next(iter(study.claims.items()))
    conclusion = say(
        "The conclusion, {said}, {holds}: it is true in {p} of draws. ",
        said=quoted(verdict.says or words(name)),
        holds=tag("b", VERBS.get(verdict.words, (verdict.words,))[0]),
        p=tag("b", chance(verdict.share)),
    )
    return join([conclusion, ending])


def _gloss(study: Study, name: str) -> str:
    """What a thing is, in the analyst's words and in brackets, as far as a sheet has room for it."""
    what = means(study.model, name)
    return f" ({fitted(what, GLOSS)})" if what else ""


# ------------------------------------------------------------------------------------------------------ the outcomes


def _outcomes(study: Study) -> Html:
    """Every outcome with its gloss, a bar, its probability and interval; the rarest together where there are many."""
    ranked = sorted(study.outcomes, key=lambda name: -rankable(study.outcomes[name].value))
    kept = [name for name in ranked if name in telling(study.model)]
    kept += [name for name in ranked if name not in kept][: OUTCOMES - len(kept)]
    came = study.model.happened.outcome if study.model.happened else ""
    rows = [_outcome(study, name, name == came) for name in ranked if name in kept]
    if rest := [name for name in ranked if name not in kept]:
        total = sum(study.outcomes[name].value for name in rest)
        said = f"{len(rest)} others: {', '.join(words(n) for n in rest)}"
        rows.append(
            tag("tr", tag("th", said, scope="row"), tag("td"), tag("td", percent(total), class_="n"), tag("td"))
        )
    head = ("outcome", "", "mean", "90% of draws")
    heads = [tag("th", h, scope="col", class_="n" if k > 1 else None) if h else tag("td") for k, h in enumerate(head)]
    return tag("table", tag("thead", tag("tr", heads)), tag("tbody", rows))


def _outcome(study: Study, name: str, came: bool) -> Html:
    f = study.outcomes[name]
    drawn = [
        box(0, 1, WIDE, TALL - 2, "faint"),
        box(0, 1, max(WIDE * f.value, 1.0), TALL - 2, colour(study.model, name), "", 0, 0.85),
        *whisker(WIDE * f.low, WIDE * f.high, TALL / 2, 3),
    ]
    bar = tag("svg", *drawn, class_="picture", viewBox=f"0 0 {WIDE:g} {TALL:g}", width=WIDE, height=TALL,
              aria_hidden="true")  # fmt: skip
    mark = tag("b", " ◂ happened") if came else ""
    what = means(study.model, name)
    return tag(
        "tr",
        tag("th", tag("b", words(name)), f": {fitted(what, GLOSS)}" if what else "", mark, scope="row"),
        tag("td", bar),
        tag("td", chance(f), class_="n"),
        tag("td", span(f), class_="n"),
    )


# ------------------------------------------------------------------------------------------------------- the claims


def _claims(study: Study) -> Html:
    """The conclusion, then the claims that follow least from what is assumed."""
    first, *others = study.claims.items()
    least = sorted(others, key=lambda item: item[1].share.value if item[1].share.draws else 2.0)
    shown = [first, *least[: CLAIMS - 1]]
    more = len(study.claims) - len(shown)
    rest = tag("p", f"{counted(more, 'more claim')} in the report.", class_="small") if more else ""
    return join([tag("ul", [tag("li", _claim(study, *item)) for item in shown], class_="claimed"), rest])


def _claim(study: Study, name: str, verdict: Verdict) -> Content:
    cited = ", ".join(
        words(str(c)) for c in study.model.claims[name].source
    )  # no links: a sheet has no list of sources
    said = (verdict.says or words(name)).rstrip(".") + (f" ({cited})" if cited else "")
    share = [chance(verdict.share), " of draws"] if verdict.share.draws else "no draw can judge it"
    return [verdict_chip(verdict), " ", sentence(said), " ", tag("b", share)]


# --------------------------------------------------------------------------------------------- causes, and changes


def _subject(study: Study) -> str:
    """What is said to depend on assumptions."""
    return "the answer" if study.answer else "the conclusion" if study.claims else "the most likely outcome"


def _depends(study: Study) -> Html:
    """The assumptions the answer depends on, with the answer where each is low and where it is high."""
    of: str | Floats
    if study.answer:
        of, does = study.ask(study.answer.asks), "it is"
    elif study.claims:
        of, does = next(iter(study.claims)), "the conclusion holds in"
    else:
        of, does = likeliest(study.outcomes), "the most likely outcome has"
    told = [d for d in study.drivers(of) if d.index.value > TELLING and abs(d.high.value - d.low.value) > TELLING]
    if not told:
        return join(["No single assumption: none explains more of it than noise would."])
    return join([_driver(study, d, does) for d in told[:CAUSES]], " ")


def _driver(study: Study, d: Driver, does: str) -> Html:
    return say(
        "{it}{means}: {does} {low} where that is lowest ({bottom}), {high} where it is highest ({top}).",
        it=tag("b", assumed(d.quantity)),
        means=_gloss(study, d.quantity),
        does=does,
        low=tag("b", chance(d.low)),
        high=tag("b", chance(d.high)),
        bottom=bound(study, d, 0),
        top=bound(study, d, 1),
    )


def _changes(study: Study, turning: Sequence[Breaking]) -> Html:
    """What would flip the conclusion, alone and together."""
    name = next(iter(study.claims), "")
    b = next((b for b in turning if b.claim == name), None)
    if b is None or b.holds is None:
        return join(["There is no verdict to flip: the case has no claim that can be judged at its medians."])
    there = "holds" if b.holds else "fails"
    if b.distance.value != b.distance.value:
        return say("With every assumption at its median the conclusion, {it}, {there}; nothing flips it ({searched}).",
                   it=quoted(words(name)), there=there, searched=b.searched)  # fmt: skip
    told: set[str] = set()
    changes = [_moved(study, c, told) for c in b.changes[:CHANGES]]
    more = smaller(b.changes, CHANGES)
    alone = [_moved(study, s.change, told) for s in b.singles[:2]]
    single: Content = say(" Alone: {which}.", which=join(alone, ", or ")) if alone else " Nothing alone flips it."
    return say(
        "With every assumption at its median the conclusion, {it}, {there}. The smallest joint change that flips it is "
        "{distance} prior standard deviations: {changes}{more}.{alone}",
        it=quoted(words(name)),
        there=there,
        distance=tag("b", data(b.distance.value, f"{b.distance.value:.2f}")),
        changes=listed(changes),
        more=more,
        alone=single,
    )


def _moved(study: Study, c: Moved, told: set[str]) -> Html:
    """A change of an assumption, which says what that is where it is not `told` yet."""
    name = c.name.partition("#")[0]
    before, after = (amount(study.model, name, v, 3) for v in (c.median, c.value))
    gloss = _gloss(study, name)
    first = gloss not in told
    told.add(gloss)
    return say(
        "{it}{means} from {a} to {b}", it=tag("b", assumed(name)), means=gloss if first else "", a=before, b=after
    )


# ------------------------------------------------------------------------------------------------------- provenance


def _provenance(study: Study, command: str) -> Html:
    return join(list(_facts(study, command)), " ")


def _facts(study: Study, command: str) -> Iterator[Content]:
    model, good = study.model, int(study.converged.sum())
    cut = f" of {study.asked:,} asked (interrupted)" if study.interrupted else ""
    yield f"{counted(study.n, 'draw')}{cut} of {counted(len(told(model)), 'quantity', 'quantities')}, seed "
    yield f"{study.draws.seed}; {study.method}, {study.engine.perception} perception;"
    yield "all draws converged." if good == study.n else f"{study.n - good:,} did not converge, and are counted too."
    there = items(*evidence_listed(model))
    if model._updated is not None:
        yield sentence(basis(study))
    elif study.then is not None:
        known = f"as known on {day(study.then.date)}"
        yield f"Before any evidence, but for the one number that is {known}: the file lists {there}."
    else:
        yield f"Before any evidence: {f'the file lists {there}, and none is used' if there else 'the file has none'}."
    yield "Each interval is what the analyst’s own ranges leave open, not how wrong the model may be."
    if model.happened and (came := model.happened.outcome):
        when = f" on {day(model.happened.date)}" if model.happened.date else ""
        yield f"What happened{when}, {words(came)}, played no part in any number."
    yield [f"Case {model.name or 'built in Python'}; Detente {version()}."]
    if command:
        yield tag("code", verbatim(command))
