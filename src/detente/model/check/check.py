"""What may be said with what: names, labels, sources, roles. Everything wrong is found, and told with its place.

What only the finished tree can show (an outcome nobody can reach, a stage that is never played) is told by
`detente.game.compile`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from detente.errors import Place, Problem, nearest
from detente.language.characters import look, odd_in_name, steering
from detente.language.expressions import Ask, Expression, Name, Number
from detente.language.writing import written
from detente.model.blocks import each, weight_of
from detente.model.check import numbers as check_numbers
from detente.model.check import plays as check_plays
from detente.model.check import records as check_records
from detente.model.check.drafts import drafts as check_drafts
from detente.model.check.grammar import ASKED, RESERVED, UNASKED, Allowed, Grammar, Path
from detente.model.check.structures import structures as check_structures_of
from detente.model.citing import citing
from detente.model.fields import NAME, Citation, Formula
from detente.model.implied import implied
from detente.model.lost import RESERVED_NAME
from detente.model.schema import Model


def check(model: Model) -> list[Problem]:
    """All problems of a model that show without compiling it; those with `warning` do not stop it from being used.

    Of rival structures: what is wrong in any combination of them, and the warnings that all have in common.
    """
    if model._rivals is not None:
        members = [(member, check(member)) for member in model._rivals.members]
        found = {
            p: None
            for _, problems in members
            for p in problems
            if not p.warning or all(p in told for member, told in members if _speaks_of(member, p))
        }
        return sorted([*found, *_weights(model)], key=lambda p: p.place)
    grammar = Grammar(model)
    _names(grammar)
    _citations(grammar)
    check_numbers.quantities(grammar)
    check_plays.private(grammar)
    check_plays.state(grammar)
    check_plays.stages(grammar)
    check_plays.outcomes(grammar)
    check_plays.payoffs(grammar)
    check_records.claims_and_statics(grammar)
    check_records.answer(grammar)
    check_records.records(grammar)
    check_drafts(grammar)
    if not any(not p.warning for p in grammar.problems):
        _unused(grammar)
    odd = {f"did you mean {name!r}?" for name in grammar.names() if odd_in_name(name)}  # is told where it is declared
    return sorted({p for p in grammar.problems if p.hint not in odd}, key=lambda p: p.place)


def _speaks_of(member: Model, problem: Problem) -> bool:
    """Whether a combination of structures has that of which a problem is told."""
    section, _, name = problem.path.partition(".")
    return section != "quantities" or name in member.quantities or "." in name


def _weights(model: Model) -> Iterator[Problem]:
    """How likely structures are, where that was given another value."""
    for name, _, _ in each(model.structures):
        weight = model.quantities.get(weight_of(name))
        e = weight.value.expression if weight else None
        if isinstance(e, Number) and not 0 <= e.value <= 1:
            place = model.place("quantities", weight_of(name), "value")
            yield Problem(place, f"{e.value:g} is not a probability", "it lies between 0 and 1", f"structures.{name}")


def check_structures(model: Model) -> list[Problem]:
    """The problems of the rival structures of a model as it is written, all but those of what they change."""
    grammar = Grammar(model)
    check_structures_of(grammar)
    _citations(grammar)
    return [p for p in grammar.problems if p.path.partition(".")[0] in ("structures", "quantities")]


def check_question(model: Model, expression: Expression, place: Place) -> list[Problem]:
    """The problems of a question asked from outside the file, in the language of claims."""
    grammar = Grammar(model, {("question",): place})
    if grammar.unasked(expression):
        asked = f"P({written(expression)})"
        hint = f"ask for its probability, `{asked}`, or for a yes or no, `{asked} > 0.5`"
        grammar.tell(("question",), UNASKED, hint)
        return grammar.problems
    grammar.expression(expression, ("question",), Allowed("a question", questions=True))
    if not any(isinstance(e, Ask) for e in expression.walk()):
        grammar.tell(("question",), "this does not depend on the solved game", "use P(event), E(actor) or U(actor)")
    return grammar.problems


def _names(grammar: Grammar) -> None:
    model = grammar.model
    kinds: list[tuple[str, Mapping[str, object]]] = [
        ("actors", model.actors),
        ("quantities", model.quantities),
        ("state", model.state),
        ("stages", model.stages),
    ]
    seen: dict[str, str] = {}
    looks: dict[str, str] = {}
    for section, entries in kinds:
        for name in entries:
            if _is_no_name(grammar, (section, name)):
                continue
            if name in RESERVED:
                grammar.tell((section, name), f"{name!r} {RESERVED_NAME}", "choose another name", key=True)
            elif name in seen:
                grammar.tell(
                    (section, name),
                    f"{name!r} is already a name among the {seen[name]}",
                    "a name is used for one thing only",
                    key=True,
                )
            elif (twin := looks.setdefault(look(name), name)) != name:
                hint = "two names must differ by more than the alphabet of a letter"
                grammar.tell((section, name), f"{name!r} looks like the name {twin!r} and is another", hint, key=True)
            seen.setdefault(name, section)
    for section, more in (
        ("outcomes", model.outcomes),
        ("claims", model.claims),
        ("statics", model.statics),
        ("mechanisms", model.mechanisms),
        ("sources", model.sources),
    ):
        for name in more:
            if not _is_no_name(grammar, (section, name)) and section in ("outcomes", "claims") and name in ASKED:
                grammar.tell((section, name), f"{name!r} {RESERVED_NAME}", "choose another name", key=True)
    paths: list[tuple[str, ...]]
    paths = [("payoffs", actor, term) for actor, terms in model.payoffs.items() for term in terms]
    for section in ("private", "stages"):
        for name, part in getattr(model, section).items():
            paths += [(section, name, "seen_as", of, s) for of, signals in part.seen_as.items() for s in signals]
    for path in paths:
        if odd := odd_in_name(path[-1]):
            grammar.tell(path, odd.message, odd.hint, odd.at, key=True)


def _is_no_name(grammar: Grammar, path: Path) -> bool:
    """Whether something cannot be called as it is; that is told."""
    name = str(path[-1])
    if steering(name):
        return True  # as is told where texts are read
    if odd := odd_in_name(name):
        grammar.tell(path, odd.message, odd.hint, odd.at, key=True)
    elif not NAME.match(name) and not (path[0] == "quantities" and implied(grammar.model, name)):
        hint = "names are words of letters, digits and underscores, and begin with a letter of A to Z"
        grammar.tell(path, f"{name!r} is not a name", hint, key=True)
    else:
        return False
    return True


def _citations(grammar: Grammar) -> None:
    model = grammar.model
    unknown: dict[tuple[str, str], list[Path]] = {}

    def cite(path: Path, part: object) -> None:
        for k, citation in enumerate(getattr(part, "source", ())):
            if model.sources and citation.source not in model.sources:
                unknown.setdefault(("source", citation.source), []).append((*path, "source", k))
            else:
                _paragraph(grammar, citation, (*path, "source", k))
        mechanism = getattr(part, "mechanism", "")
        if mechanism and mechanism not in model.mechanisms:
            unknown.setdefault(("mechanism", mechanism), []).append((*path, "mechanism"))

    for path, part in citing(model):
        cite(path, part)
    for (kind, name), paths in unknown.items():
        _undeclared(grammar, kind, name, paths)


def _paragraph(grammar: Grammar, citation: Citation, path: Path) -> None:
    """A paragraph or sentence that a source has not, by what the case says of it."""
    source = grammar.model.sources.get(citation.source)
    many = source.numbers if source else None
    if source and many is not None and any(not 1 <= number <= many for number in citation.numbers):
        hint = f"cite one from 1 to {many}, or correct `{source.unit}s:` of that source"
        grammar.tell(path, f"`{citation}`: {citation.source!r} has {many} {source.unit}{'s' * (many != 1)}", hint)


def _undeclared(grammar: Grammar, kind: str, name: str, paths: list[Path]) -> None:
    """A source or mechanism that is not declared: what looks like a slip is told at each place, else what to write is
    told once."""
    known = grammar.model.sources if kind == "source" else grammar.model.mechanisms
    hint, times = nearest(name, known), len(paths)
    if not hint.startswith("did you mean"):
        entry = f"{name}: {{{'title' if kind == 'source' else 'says'}: ...}}"
        hint = f"declare it under `{kind}s:`, as `{entry}`" + (f"; {hint}" if hint else "")
        paths = paths[:1]
    more = f", which is named {times} times" if times > len(paths) else ""
    for path in paths:
        grammar.tell(path, f"there is no {kind} {name!r}{more}", hint)


def _unused(grammar: Grammar) -> None:
    model = grammar.model
    for name, quantity in model.quantities.items():
        if name not in grammar.used and not quantity.role:
            near = nearest(name, [n for n in grammar.whole.quantities if n != name]) if grammar.elsewhere else ""
            hint = near if near.startswith("did you mean") else ""
            grammar.tell(("quantities", name), f"the quantity {name!r} is never used", hint, key=True, warning=True)
    outside = _used_outside_state(grammar) if model.state else set()
    following = {
        s: {e.name for e in state.next.expression.walk() if isinstance(e, Name)} for s, state in model.state.items()
    }
    for name in model.state:
        if name not in outside and not any(name in named for s, named in following.items() if s != name):
            grammar.tell(("state", name), f"the state {name!r} is never used", key=True, warning=True)


def _used_outside_state(grammar: Grammar) -> set[str]:
    model = grammar.model
    formulas: list[Formula | None] = []
    for stage in model.stages.values():
        formulas += [
            stage.when,
            stage.unless,
            *(r.p for r in stage.chance.values()),
            *(m.when for m in stage.moves.values()),
            *(m.unless for m in stage.moves.values()),
            *(m.tendency for m in stage.moves.values()),
        ]
        formulas += [p for signals in stage.seen_as.values() for p in signals.values()]
    formulas += [outcome.when for outcome in model.outcomes.values()]
    going = (outcome.continuation for outcome in model.outcomes.values())
    formulas += [f for worth in going if isinstance(worth, Mapping) for f in worth.values()]
    for terms in model.payoffs.values():
        formulas += [term.formula for term in terms.values()]
    formulas += [condition for private in model.private.values() for condition in private.prefers.values()]
    formulas += [claim.holds for claim in model.claims.values()] + [s.then.what for s in model.statics.values()]
    return {e.name for f in formulas if f is not None for e in f.expression.walk() if isinstance(e, Name)}
