"""What may be written at a place of a text: keys, names, labels, and the words of the expression language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from detente.model.catalogue import library
from detente.model.schema import Model
from detente.present.web.editing import names as kinds
from detente.present.web.editing.names import Known, known
from detente.present.web.editing.outline import ITEM, Context, context
from detente.present.web.editing.words import (
    CALLS,
    DISTRIBUTIONS,
    INTERVAL,
    OPERATORS,
    Word,
    is_formula,
    keys_at,
    literals_at,
)  # fmt: skip

MOST = 300
_HAPPENED = re.compile(r"([A-Za-z_][\w.]*)\s+(?:is|in\s+\[[^\]]*)\s*\Z")
_FORCED = re.compile(r"do\([^)]*\Z")
_NUMBER = re.compile(r"(?<![\w.])[0-9][0-9.]*%?\Z")
NUMBERS = ("min", "max", "exp", "log", "sqrt", "abs", "clip")
OVER = ("ever", "count", "previous", "first", "total")
ASKING = ("P", "E", "U", "do")
UNITS = ("probability", "share", "stake", "1/stake", "per month", "per week", "per year")
TIMES = ("day", "week", "fortnight", "month", "quarter", "year")
QUESTIONS = ("claims", "statics", "answer")
EVENTS = ("evidence", "signs", "forecasts", "base_rates")


@dataclass(frozen=True)
class Choice:
    """Something that may be written. `kind`: what it is (`key`, `quantity`, `move`, `function`, ...); `writes`: what is
    put in, where that is more than its name; `means`: what it is, in the words of the model or of the language."""

    name: str
    kind: str
    means: str = ""
    writes: str = ""


@dataclass(frozen=True)
class Choices:
    """What may be written, in place of the characters from `start` to `stop`."""

    start: int
    stop: int
    choices: tuple[Choice, ...]


def completed(text: str, offset: int, model: Model | None) -> Choices:
    """What may be written at a place of a text. `model`: what was last read of it, if anything was."""
    at = context(text, offset)
    if _NUMBER.search(text[max(0, offset - 40) : offset]):
        return Choices(offset, offset, ())
    found: dict[str, Choice] = {}
    for choice in _choices(at, known(text, model), model):
        found.setdefault(choice.name, choice)
    word = at.word.casefold()
    fitting = [choice for choice in found.values() if word in choice.name.casefold()]
    fitting.sort(key=lambda choice: not choice.name.casefold().startswith(word))
    return Choices(at.start, at.start + len(at.whole), tuple(fitting[:MOST]))


def _choices(at: Context, there: Known, model: Model | None) -> Iterator[Choice]:
    if at.key:
        yield from (Choice(key, "key", means, f"{key}: ") for key, means in keys_at(at.path).items())
        yield from _named_keys(at, there)
        return
    found = _HAPPENED.search(at.before)
    if found and (labels := there.labels.get(found[1])):
        yield from (Choice(label, _kind_of(found[1], there), means) for label, means in labels.items())
        return
    section = str(at.path[0]) if at.path else ""
    if is_formula(at.path) or (section == "statics" and at.path[-1] in ("then", "what")):
        yield from _expression(at, there, section)
        return
    yield from _words(at, there, model)


def _kind_of(subject: str, there: Known) -> str:
    return "outcome" if subject == "outcome" else "type" if subject in there.kinds[kinds.TYPE] else "move"


def _of(there: Known, *some: str) -> Iterator[Choice]:
    yield from (Choice(name, kind, means) for name, (kind, means) in there.of(*some).items())


def _named_keys(at: Context, there: Known) -> Iterator[Choice]:
    """The names that stand as keys: of actors under `payoffs`, of moves under a signal, and so on."""
    names: Iterable[Choice] = ()
    match at.path:
        case ("payoffs",) | ("quantities", _, "seen_by") | ("outcomes", _, "continuation"):
            names = _of(there, kinds.ACTOR)
        case ("stages", stage, "seen_as"):
            names = (Choice(label, "move", means) for label, means in there.labels.get(str(stage), {}).items())
        case ("private", kind, "seen_as" | "prefers"):
            names = (Choice(label, "type", means) for label, means in there.labels.get(str(kind), {}).items())
        case ("statics", _, "force" | "instead_of"):
            names = _of(there, kinds.STAGE)
        case ("evidence" | "signs", 0, "likelihood" | "ratio"):
            names = _of(there, kinds.TYPE, kinds.STAGE, kinds.STRUCTURE, kinds.QUANTITY)
        case ("evidence" | "signs", 0, "likelihood" | "ratio", subject):
            labels = there.labels.get(str(subject), {})
            names = (Choice(label, _kind_of(str(subject), there), means) for label, means in labels.items())
    yield from (Choice(one.name, one.kind, one.means, f"{one.name}: ") for one in names)


def _expression(at: Context, there: Known, section: str) -> Iterator[Choice]:
    asks = section in QUESTIONS or (section == "private" and "prefers" in at.path)
    asks = asks or at.path[-1:] == ("like",)
    in_do = _FORCED.search(at.before)
    if in_do:
        yield from _of(there, kinds.STAGE)
        yield from _told(OPERATORS, ("is",))
        return
    plays = asks or section not in ("quantities", "structures")
    values = section == "quantities" or at.path[-1:] == ("weight",) or at.path[-1:] == ("reconsidered",)
    if asks:
        yield from _told(CALLS, ASKING, "(")
    if plays:
        yield from _of(there, kinds.STAGE, kinds.TYPE, kinds.STATE)
    if section == "payoffs" or asks or section in EVENTS:
        yield Choice("outcome", "word", OPERATORS["outcome"].means)
    if asks or section in EVENTS:
        yield from _of(there, kinds.OUTCOME, kinds.ACTOR)
    yield from _of(there, kinds.QUANTITY)
    yield from _of(there, kinds.STRUCTURE) if asks else ()
    if values:
        yield Choice("to", "word", INTERVAL.means)
        yield from _told(DISTRIBUTIONS, DISTRIBUTIONS, "(")
    else:
        yield from _told(OPERATORS, ("is", "in", "and", "or", "not", "period", "periods"))
        yield from _told(CALLS, OVER, "(")
    if section == "private" or "chance" in at.path or at.path[:1] == ("outcomes",):
        yield Choice("otherwise", "word", OPERATORS["otherwise"].means)
    yield from _told(OPERATORS, ("given",)) if asks else ()
    yield from _told(OPERATORS, ("if", "else"))
    yield from _told(CALLS, NUMBERS, "(")


def _told(of: Mapping[str, Word], some: Iterable[str], after: str = "") -> Iterator[Choice]:
    for name in some:
        word = of[name]
        yield Choice(name, "function" if after else "word", f"{word.form}: {word.means}", name + after)


def _words(at: Context, there: Known, model: Model | None) -> Iterator[Choice]:
    """What may stand where no expression does."""
    path = at.path[:-1] if at.path[-1:] == (ITEM,) else at.path
    last = path[-1] if path else ""
    yield from (Choice(word, "word") for word in literals_at(path))
    match path:
        case ("extends",):
            yield from (Choice(slug, "case") for slug in library())
        case (*_, "actor" | "hidden_from"):
            yield from _of(there, kinds.ACTOR)
        case (*_, "source"):
            yield from _of(there, kinds.SOURCE)
        case (*_, "mechanism"):
            yield from _of(there, kinds.MECHANISM)
        case ("stages", _, "together_with" | "before"):
            yield from _of(there, kinds.STAGE)
        case ("stages", stage, "continues" | "without"):
            labels = there.labels.get(str(stage), {})
            yield from (Choice(label, "move", means) for label, means in labels.items())
        case ("structures", *_, "excludes"):
            yield from _of(there, kinds.STRUCTURE)
        case ("statics", _, "raise" | "lower") | ("correlations", *_):
            yield from _of(there, kinds.QUANTITY)
        case ("statics", _, "force" | "instead_of", stage):
            labels = there.labels.get(str(stage), {})
            yield from (Choice(label, "move", means) for label, means in labels.items())
        case ("happened", "outcome") | ("answer", "groups", *_):
            yield from _of(there, kinds.OUTCOME)
            yield from _told(OPERATORS, ("otherwise",))
        case (*_, "role"):
            every = "how reliably everybody makes the better choice"
            yield Choice("precision", "word", every)
            yield from (Choice(f"precision of {actor}", "word", f"the same, of {actor}") for actor in
                        there.kinds[kinds.ACTOR])  # fmt: skip
        case (*_, "unit"):
            used = [quantity.unit for quantity in model.quantities.values()] if model else []
            times = TIMES if path[0] == "periods" else UNITS
            yield from (Choice(unit, "unit") for unit in dict.fromkeys((*times, *filter(None, used))))
        case (*_, "per"):
            yield from (Choice(unit, "unit") for unit in TIMES)
        case ("outcomes", _):
            yield from _told(OPERATORS, ("otherwise",))
        case ("stages", _, "moves", *_) | ("actors", *_):
            return
    if last == "then":
        yield from (Choice(word, "word") for word in ("rises", "falls", "stays"))
