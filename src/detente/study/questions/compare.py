"""Two arguments about one crisis side by side, and which difference between them does what to the answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Unpack

import numpy as np

from detente.analyse.counterfactual import coalitions
from detente.analyse.counterfactual.coalitions import Coalition
from detente.analyse.counterfactual.rivals import (
    THE_ANSWER,
    Lineup,
    Reading,
    Rivals,
    Row,
    between,
    laid_out,
    line_up,
    moved_most,
    of_one,
    shared_out,
)
from detente.draws.sources import SEEN_BY
from detente.errors import QuestionError, nearest
from detente.language.expressions import Ask, Expression, Is
from detente.language.writing import written
from detente.model.departures import Departure, shape
from detente.model.fields import Formula
from detente.model.hybrids import renamed
from detente.model.rivals import as_written
from detente.model.schema import Model
from detente.study.evaluate.sides import Structures, end
from detente.study.evaluate.swaps import Swaps
from detente.study.memo.findings import once
from detente.study.registry import Option, question
from detente.study.settings import Case, How, Ready, Settings

MODELS = 32
EVERYBODY: Coalition = frozenset({-1})  # of no blocks


@question("compare", topic="counterfactual", draws=1000, counts="models", without=("set",), dossier=False)
def compare(
    case: Case,
    other: Annotated[Case, Option("The case or file to compare it with.", names="cases")],
    *,
    mapped: Annotated[
        Sequence[str],
        Option(
            "Match an outcome (or group of outcomes) of the other case to one of the first that has another name. "
            "Repeatable.",
            metavar="THEIRS=OURS",
            flag="map",
        ),
    ] = (),
    models: Annotated[
        int, Option("The largest number of models to solve: the two, and mixtures of them.", low=4, high=4096)
    ] = MODELS,
    **settings: Unpack[Settings],
) -> Rivals:
    """Compare two arguments: what each says, where they differ, and what each difference does to the answer.

    Outcomes, claims and groups are lined up by name (`mapped` for what is called otherwise, `theirs=ours`), draws are
    paired by the names of quantities. What differs is taken from the other model into the first block by block: values
    of quantities, perceptions, types, payoffs and moves of each actor, chance, outcomes; a block that is no model by
    itself stands together with what it needs. The effects of `parts` sum to the gap between the answers: Shapley's
    value over blocks, exactly where at most `models` models tell it, else estimated from as many. `whole` has the
    differences of answer, outcomes and claims (the other less the one), with the 95% interval of their means and 90%
    of draws; `notes` say what the two do not share, and what of the same name differs. Raises ModelError,
    QuestionError.
    """
    how = How.of(settings)
    both = [how.ready(one) for one in (case, other)]
    pairs = _read(mapped, both[0].model, both[1].model)

    def ask() -> Rivals:
        return _compared(both, how.perception, pairs, models)

    written = [ready.model for ready in both]
    asked = ("compare", both[1].engine.perception, tuple(sorted(mapped)), models)
    _line_up(written[0], written[1], pairs)  # what has nothing in common is told before anything is looked for
    return once(both[0], Rivals, ask, *asked, models=written)


def _compared(both: Sequence[Ready], perception: str | None, pairs: Mapping[str, str], models: int) -> Rivals:
    """Two models that have something in common. What differs in the games as they are written is told thread by
    thread; what each rival structure does is told apart, as what it adds to the other less what it adds to the one."""
    one, other, lined_up = _line_up(both[0].model, both[1].model, pairs)
    sides = (one.name or "the one", other.name or "the other")
    if sides[0] == sides[1]:
        sides = (f"{sides[0]} (first)", f"{sides[1]} (second)")
    left, right = _bare(one), _bare(other)
    ends = end(replace(both[0], model=left), left, other), end(replace(both[1], model=right), right, one)
    blocks, design, answers = Swaps(ends, perception).solve(models)
    read = {some: Reading.of(found, lined_up, theirs) for some, (found, theirs) in answers.items()}
    if not blocks:  # the same game: the other says what the one says, but for claims of its own
        read[EVERYBODY] = Reading.of(ends[1].answers(), lined_up, theirs=True)
    bare = read[frozenset()], read[frozenset(range(design.n)) if blocks else EVERYBODY]
    structures = Structures((both[0], replace(both[1], model=other)), one, lined_up, bare)
    said = structures.mixed
    whole = between(sides[1], *said)
    comparable = whole.answer is not None and _comparable(one, other)
    whole = whole if comparable else replace(whole, answer=None)
    what = THE_ANSWER if comparable else moved_most(whole)

    def asking(reading: Reading) -> Reading:
        return (reading if comparable else replace(reading, answer=None)).asking(what)

    read = {some: asking(reading) for some, reading in read.items()}
    shares = shared_out(blocks, design, {some: r for some, r in read.items() if some != EVERYBODY})
    shares += structures.shares(asking, whole, models)
    readings = [*read.values(), *map(asking, structures.found.values())]
    known = ~np.any([np.isnan(reading.asked) for reading in readings], axis=0)
    asks = _asks(one, other)
    gap, parts, steps = laid_out(asking(said[0]), asking(said[1]), shares, known, asks[0] if comparable else what)
    converged = float(np.concatenate([reading.converged for reading in readings]).mean())
    method = coalitions.EXACTLY if design.exact else f"{coalitions.SAMPLED}: {len(design.orders)} orders"
    claims = _claims(one, other)
    cited = _cited(one, other, [*claims, *(d for part in parts for d in part.differs)])
    notes = _notes(one, other, lined_up, pairs, "" if comparable or not parts else what)
    endings = tuple(of_one(structures.endings(side), names) for side, names in enumerate(lined_up.left))
    return Rivals(
        whole, gap, parts, steps, asks, (_says(one), _says(other)), lined_up, (endings[0], endings[1]), claims, cited,
        method, len(answers) + (not blocks) + structures.solved, both[0].draws, converged, tuple(notes), sides,
        (one.title, other.title),
    )  # fmt: skip


def _bare(model: Model) -> Model:
    """A model as it is written, without its rival structures, and asked for nothing that only they have."""
    plain = as_written(model)
    if plain is model or plain.answer is None:
        return plain

    def there(e: Expression) -> Expression | None:
        if not isinstance(e, Is):
            return None
        stage = plain.stages.get(e.subject)
        known = plain.outcomes if e.subject == "outcome" else stage.results if stage else None
        kept = e.labels if known is None else tuple(label for label in e.labels if label in known)
        return replace(e, labels=kept) if kept and kept != e.labels else None

    asks = plain.answer.asks.expression.rewritten(there)
    if asks == plain.answer.asks.expression:
        return plain
    answer = plain.answer.model_copy(update={"asks": Formula(written(asks), asks)})
    return plain.model_copy(update={"answer": answer})


# ---------------------------------------------------------------------- what is matched with what


def _read(mapped: Sequence[str], one: Model, other: Model) -> dict[str, str]:
    """`theirs=ours`, read. Raises QuestionError."""
    found: dict[str, str] = {}
    for text in mapped:
        theirs, equals, ours = (part.strip() for part in text.partition("="))
        if not equals or not theirs or not ours:
            raise QuestionError(f"--map {text}: write --map THEIRS=OURS, such as --map general_war=war")
        for name, model, whose in ((theirs, other, "the other"), (ours, one, "the first")):
            known = (*model.outcomes, *model.groups)
            if name not in known:
                raise QuestionError(
                    f"--map {text}: {whose} model has no outcome and no group {name!r}; {nearest(name, known)}"
                )
        if found.get(theirs, ours) != ours:
            raise QuestionError(f"--map {text}: {theirs!r} stands beside {found[theirs]!r} already")
        found[theirs] = ours
    return found


def _line_up(one: Model, other: Model, pairs: Mapping[str, str]) -> tuple[Model, Model, Lineup]:
    """Both models, the other with its outcomes under the names of the one, and what is matched with what.

    Raises QuestionError where there is nothing to compare.
    """
    names: dict[str, str] = {}
    also: dict[str, list[str]] = {}
    for theirs, ours in pairs.items():
        alone = sum(name == ours for name in pairs.values()) == 1
        if alone and theirs in other.outcomes and ours in one.outcomes:
            if ours in other.outcomes and ours not in pairs:
                raise QuestionError(
                    f"--map {theirs}={ours}: the other model has an outcome {ours!r} itself; map that one, too"
                )
            names[theirs] = ours
        else:
            also.setdefault(ours, []).append(theirs)
    other = renamed(other, names)
    rows = [
        Row(
            ours,
            (ours,) if ours in one.outcomes else one.groups[ours],
            tuple(dict.fromkeys(o for t in theirs for o in _members(other, t, names))),
        )
        for ours, theirs in also.items()
    ]
    lined_up = line_up(one, other, rows)
    if not lined_up.outcomes and not lined_up.groups and not _comparable(one, other):
        first, second = (", ".join(model.outcomes) for model in (one, other))
        silent = [m.name or k for m, k in ((one, "the first"), (other, "the other")) if m.answer is None]
        unsaid = f" and {' and '.join(silent)} {'do' if len(silent) > 1 else 'does'} not say what answers the question"
        raise QuestionError(
            f"the two have no outcome in common ({first}; {second}){unsaid if silent else ''}\n"
            "    say which outcomes are alike, --map THEIRS=OURS"
            + (", or write `answer: {asks: P(event)}` in both" if silent else "")
        )
    return one, other, lined_up


def _members(model: Model, name: str, names: Mapping[str, str]) -> tuple[str, ...]:
    """The outcomes that a name of the other stands for."""
    return model.groups[name] if name in model.groups and name not in names else (names.get(name, name),)


def _comparable(one: Model, other: Model) -> bool:
    """Whether the answers of both are numbers of one kind: probabilities, or not."""
    asks = [model.answer.asks.expression if model.answer else None for model in (one, other)]
    return all(e is not None for e in asks) and _is_chance(asks[0]) == _is_chance(asks[1])


def _is_chance(e: Expression | None) -> bool:
    return isinstance(e, Ask) and e.what == "P"


def _asks(one: Model, other: Model) -> tuple[str, str]:
    return (one.answer.asks.text if one.answer else "", other.answer.asks.text if other.answer else "")


def _says(model: Model) -> str:
    return model.answer.says if model.answer else ""


def _claims(one: Model, other: Model) -> tuple[Departure, ...]:
    """The claims of either: as each words it, and the paragraphs that it rests on."""
    found = []
    for name in dict.fromkeys((*one.claims, *other.claims)):
        sides = [model.claims.get(name) for model in (one, other)]
        cited = dict.fromkeys(str(c) for claim in sides if claim for c in claim.source)
        told = [
            (f"{claim.says}: {claim.holds}" if claim.says else str(claim.holds)) if claim else "" for claim in sides
        ]
        thread = next((claim.mechanism for claim in sides if claim and claim.mechanism), "")
        found.append(Departure("claims", f"claims.{name}", told[0], told[1], tuple(cited), thread))
    return tuple(found)


def _cited(one: Model, other: Model, departures: Sequence[Departure]) -> dict[str, str]:
    """The sources that are cited, each with its author and title."""
    names = dict.fromkeys(citation.split(None, 1)[0] for d in departures for citation in d.sources if citation.strip())
    known = {**other.sources, **one.sources}
    return {n: ", ".join(filter(None, (known[n].author, known[n].title))) for n in names if n in known}


# ---------------------------------------------------------------------- in words


def _notes(one: Model, other: Model, lined_up: Lineup, pairs: Mapping[str, str], instead: str) -> list[str]:
    """What two models do not share, in words."""
    asked = [text or "nothing" for text in _asks(one, other)]
    asks = [model.answer and shape(model.answer.asks) for model in (one, other)]
    notes = [f"the answers ask for different things: {asked[0]} against {asked[1]}"] if asks[0] != asks[1] else []
    if instead:
        notes.append(f"no answers to compare: what is shared out is the difference in {instead}, which moves most")
    notes += [f"{theirs} of {other.name} is matched with {ours} of {one.name}" for theirs, ours in pairs.items()]
    unlike = [row for row in lined_up.groups if row.name not in pairs.values() and set(row.ours) != set(row.theirs)]
    for row in unlike:
        notes.append(f"the group {row.name} is {', '.join(row.ours)} against {', '.join(row.theirs)}")
    if one.periods != other.periods:
        notes.append(f"time: {one.periods.said} against {other.periods.said}")
    for section in ("outcomes", "claims", "quantities", "stages", "private"):
        a, b = getattr(one, section), getattr(other, section)
        for here, there, name in ((a, b, one.name), (b, a, other.name)):
            if only := [key for key in here if key not in there]:
                notes.append(f"{section} only in {name}: {', '.join(only)}")
    parts = _quantities(one, other)
    if parts:
        notes.append("quantities that differ: " + "; ".join(f"{key} ({how})" for key, how in parts.items()))
    for section in ("private", "stages", "state", "outcomes", "payoffs", "claims"):
        a, b = (_entries(model, section) for model in (one, other))
        if differing := [key for key in a if key in b and shape(a[key]) != shape(b[key])]:
            notes.append(f"{section} that differ: {', '.join(differing)}")
    return notes


def _quantities(one: Model, other: Model) -> dict[str, str]:
    """The quantities that both have with other values, and the perceptions of them that differ, each with how."""
    found = {}
    for key in one.quantities.keys() & other.quantities.keys():
        x, y = one.quantities[key], other.quantities[key]
        if str(x.value) != str(y.value):
            found[key] = f"{x.value} against {y.value}"
        for actor in {**x.seen_by, **y.seen_by}:
            seen = [str(q.seen_by[actor].value) if actor in q.seen_by else "as it is" for q in (x, y)]
            if seen[0] != seen[1]:
                found[f"{key}{SEEN_BY}{actor}"] = f"{seen[0]} against {seen[1]}"
    return {name: found[name] for name in sorted(found, key=lambda name: _place(one, name))}


def _place(model: Model, name: str) -> tuple[int, str]:
    """Where a quantity stands in a model, its perceptions after it."""
    return list(model.quantities).index(name.partition(SEEN_BY)[0]), name


def _entries(model: Model, section: str) -> Mapping[str, object]:
    """What a section of a model holds, by name; terms of payoffs as `Actor.term`."""
    found = getattr(model, section)
    if section == "payoffs":
        return {f"{actor}.{name}": term for actor, terms in found.items() for name, term in terms.items()}
    return dict(found)
