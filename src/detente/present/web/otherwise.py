"""What a page has set otherwise, written in the language: as values for `--set`, as a file that extends the case, and
as the command that gives the same numbers.

A best guess that was moved is written as the distribution with that median, wherever the language has one: then draws
are the same as those that were weighted for, number by number. What it cannot say is told, and never approximated.
"""

from __future__ import annotations

import math
import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from detente.draws.beliefs import CHANCES, NUMBER, Priors
from detente.draws.sampler import Sampler
from detente.draws.sources import Sources
from detente.draws.variants import Change, Variant, vary
from detente.errors import DetenteError, QuestionError, nearest
from detente.language.distributions import Z90, interval_family
from detente.language.expressions import Expression, Number, Uncertain
from detente.language.writing import written
from detente.model.blocks import each, names_of, weight_of
from detente.model.fields import Formula
from detente.model.load import changed
from detente.model.schema import SEEN_BY, Model, Stage
from detente.present.web.editing.writing import lines
from detente.present.web.state import State
from detente.present.wording.names import assumed
from detente.present.wording.numbers import words

Value = float | str | dict[str, Any]
IN_A_FILE = ("forbid", "force", "delay", "reveal", "hide", "perception")


@dataclass(frozen=True)
class Otherwise:
    """What is set otherwise. `values`: new values of quantities, perceptions and weights of structures, by name, as the
    language writes them; `changes`: of moves, of who knows what, of the reading of perceptions; `unsaid`: what the
    language has no words for, each with the reason."""

    values: Mapping[str, Value]
    changes: tuple[Change, ...]
    unsaid: tuple[str, ...]
    told: tuple[str, ...]  # all of it in words

    def fits(self, model: Model) -> None:
        """Raises ModelError, QuestionError for what a model does not know; what it has no words for is let be."""
        replace(self, unsaid=()).applied(model)

    def applied(self, model: Model) -> Model:
        """The model with all of it. Raises ModelError, QuestionError where some of it cannot be said."""
        if self.unsaid:
            raise QuestionError(f"this cannot be written into a model: {'; '.join(self.unsaid)}")
        made = changed(model, self.values) if self.values else model
        for change in self.changes:
            if change.kind == "perception":
                made = _seen(made, change.what)
                continue
            for one in _forbidding(made, change):
                made = vary(Variant.of(made), one).model
        return made


def otherwise(model: Model, state: State) -> Otherwise:
    """What a page has set otherwise than a model has it. Raises QuestionError for what the model does not know."""
    values: dict[str, Value] = dict(state.set)
    told = [f"{assumed(name)} is {value}" for name, value in state.set.items()]
    unsaid: list[str] = []
    if state.suppose:
        priors = Priors(Sources(Sampler(model)))
        moved = priors.moved(state.suppose)
        for given, belief in state.suppose.items():
            name = priors.name(given)
            kind = priors.kinds[name]
            found: Value | None
            if kind == NUMBER:
                found = shifted(_expression(model, name), _unit(model, name), moved.shifts[name])
                told.append(f"best guess of {assumed(name)}: {belief:g}")
            elif kind == CHANCES:
                levels = priors.levels(name)[0]
                found = _chances(model, name, dict(zip(levels, moved.chances[name], strict=True)))
                pairs = zip(levels, moved.chances[name], strict=True)
                told.append(f"{assumed(name)}: {', '.join(f'{p:.0%} {v:g}' for v, p in pairs)}")
            else:
                told.append(f"{words(name)}: {belief:.0%} likely")
                name, found = weight_of(name), _weight(model, name, belief)
            if found is None:
                unsaid.append(
                    f"the best guess of {assumed(name)} moved to {belief}: no distribution of the language is its own "
                    "so moved"
                )
            else:
                values[name] = found
    changes = []
    for text in state.changes:
        change = Change.of(text)
        told.append(words(str(change)))
        if change.kind in IN_A_FILE:
            changes.append(change)
        else:
            unsaid.append(f"{words(str(change))}: a model has no key for it")
    return Otherwise(values, tuple(changes), tuple(unsaid), tuple(told))


def fitted(model: Model, state: State) -> tuple[State, tuple[str, ...]]:
    """What of a state applies to a model, and what does not, in words."""
    kept: dict[str, Any] = {"set": {}, "suppose": {}, "changes": []}
    dropped: list[str] = []

    def tried(what: str, one: State) -> bool:
        try:
            otherwise(model, one)
            otherwise(model, one.model_copy(update={"suppose": {}})).fits(model)
        except DetenteError:
            dropped.append(what)
            return False
        return True

    plain = state.model_copy(update={"set": {}, "suppose": {}, "changes": ()})
    for name, value in state.set.items():
        if tried(f"{assumed(name)} is {value}", plain.model_copy(update={"set": {name: value}})):
            kept["set"][name] = value
    for name, belief in state.suppose.items():
        if tried(f"the best guess of {assumed(name)}", plain.model_copy(update={"suppose": {name: belief}})):
            kept["suppose"][name] = belief
    for text in state.changes:
        if tried(words(str(Change.of(text))), plain.model_copy(update={"changes": (text,)})):
            kept["changes"].append(text)
    return state.model_copy(update={**kept, "changes": tuple(kept["changes"])}), tuple(dropped)


# ---------------------------------------------------------------------------------------------- best guesses that moved


def shifted(e: Expression, unit: str, by: float) -> str | None:
    """A distribution whose normal score is moved by so many standard deviations, as the language writes it; None where
    it has no words for that."""
    if not isinstance(e, Uncertain) or not all(isinstance(a, Number) for a in e.args):
        return None
    args = [a.value for a in e.args if isinstance(a, Number)]
    if e.family == "interval":
        low, high = args
        z = 2 * Z90
        match interval_family(low, high, unit):
            case "normal":
                step = by * (high - low) / z
                low, high = low + step, high + step
            case "logit-normal":
                step = by * (_logit(high) - _logit(low)) / z
                low, high = (1 / (1 + math.exp(-(_logit(end) + step))) for end in (low, high))
            case family:
                factor = math.exp((by if family == "lognormal" else -by) * abs(math.log(high / low)) / z)
                low, high = low * factor, high * factor
        return f"{low!r} to {high!r}"
    match e.family:
        case "normal":
            return f"normal({args[0] + by * args[1]!r}, {args[1]!r})"
        case "lognormal":
            return f"lognormal({args[0] * math.exp(by * args[1])!r}, {args[1]!r})"
    return None


def _logit(p: float) -> float:
    return math.log(p / (1 - p))


def _expression(model: Model, name: str) -> Expression:
    quantity, _, actor = name.partition(SEEN_BY)
    whole = model.quantities[quantity]
    return (whole.seen_by[actor] if actor else whole).value.expression


def _unit(model: Model, name: str) -> str:
    return "" if SEEN_BY in name else model.quantities[name].unit


def _chances(model: Model, name: str, chances: Mapping[float, float]) -> Value | None:
    e = _expression(model, name)
    if any(name in c.between for c in model.correlations):
        return None  # ranks of a choice depend on how likely its values are
    if isinstance(e, Uncertain) and e.family == "bernoulli":
        return f"bernoulli({chances[1.0]!r})"
    return {"choice": {f"{value!r}": p for value, p in chances.items()}}


def _weight(model: Model, name: str, belief: Any) -> Value | None:
    """How likely a structure is, where it stands by itself; one among several is likely by their weights."""
    structure = model.structures.get(name)
    alone = structure is not None and not structure.one_of and not structure.excludes
    alone = alone and not any(name in other.excludes for other in model.structures.values())
    return float(belief) if alone and not isinstance(belief, Mapping) else None


# --------------------------------------------------------------------------------------------------- moves, and secrets


def _seen(model: Model, perception: str) -> Model:
    if perception not in ("common", "private"):
        raise QuestionError(f"there is no perception {perception!r}; it is common or private")
    made = model.model_copy(update={"perception": perception})
    if model._rivals is not None:
        from detente.model.rivals import everywhere

        made = everywhere(model, lambda one: one.model_copy(update={"perception": perception}))
    return made


def _forbidding(model: Model, change: Change) -> Iterator[Change]:
    """A change of moves as the moves that it takes away: what is forced leaves no other."""
    if change.kind != "force":
        yield change
        return
    stage = _stage(model, change.what)
    if not stage.moves or change.value not in stage.moves:
        raise QuestionError(f"{change}: only moves of actors can be forced in a file")
    if stage.moves[change.value].when or stage.moves[change.value].unless:
        raise QuestionError(f"{change}: that move is not always there")
    for move in stage.moves:
        if move != change.value:
            yield Change("forbid", change.what, move)


def _stage(model: Model, name: str) -> Stage:
    if name not in model.stages:
        raise QuestionError(f"there is no stage {name!r}; {nearest(name, model.stages)}")
    return model.stages[name]


# ------------------------------------------------------------------------------------------------------------- the file


def variant(model: Model, extends: str, state: State, made: Otherwise) -> str:
    """The text of a file that extends a case with what is set otherwise. Raises QuestionError."""
    data = of_values(model, made.values)
    for change in made.changes:
        for path, told in _moves(model, change):
            _put(data, path, told)
    head = [f"{extends}, with what was set otherwise in the workbench:"]
    head += [f"  {line}" for line in made.told or ("nothing",)]
    head += [f"NOT in this file, for the language cannot say it: {line}" for line in made.unsaid]
    same = "What this file says, without what is not in it" if made.unsaid else "The same numbers"
    head += [f"{same}: {command('THIS-FILE.yaml', state)}"]
    return extending(extends, _titled(model, made), head, data)


def extending(extends: str, title: str, head: Iterable[str], data: Mapping[str, Any]) -> str:
    """The text of a file that extends a case, under some remarks."""
    body = {"extends": extends, "title": title, **data}
    return "\n".join([*(f"# {' '.join(line.split())}" for line in head), *lines(body)]) + "\n"


def of_values(model: Model, values: Mapping[str, Value]) -> dict[str, Any]:
    """The data of a file in which quantities, perceptions and weights of structures have other values."""
    data: dict[str, Any] = {}
    for name, value in values.items():
        path, told = _placed(model, name, value)
        _put(data, path, told)
    return data


def _titled(model: Model, made: Otherwise) -> str:
    return f"{model.title} (set otherwise)" if made.told else model.title


def _placed(model: Model, name: str, value: Value) -> tuple[tuple[str, ...], Any]:
    """Where in a file a value stands, and how it is written there."""
    quantity, _, actor = name.partition(SEEN_BY)
    if actor:
        return ("quantities", quantity, "seen_by", actor, "value"), value
    if name in names_of(model):
        return ("structures", *_structure(model, name), "weight"), float(value) if isinstance(value, str) else value
    if name.endswith(".weight") and (of := name.removesuffix(".weight")) in names_of(model):
        return ("structures", *_structure(model, of), "weight"), value
    stage, _, key = name.rpartition(".")
    if stage in model.stages and key == "reconsidered":
        per = model.quantities[name].unit
        return ("stages", stage, key, "value"), f"{_bare(value)} {per}".strip() if not isinstance(
            value, dict
        ) else value
    return ("quantities", name, "value"), value


def _structure(model: Model, name: str) -> tuple[str, ...]:
    for one, _, path in each(model.structures):
        if one == name:
            return tuple(str(step) for step in path[1:])
    raise QuestionError(f"there is no structure {name!r}; {nearest(name, names_of(model))}")


def _bare(value: Value) -> str:
    return f"{value!r}" if isinstance(value, float) else str(value)


def _moves(model: Model, change: Change) -> Iterator[tuple[tuple[str, ...], Any]]:
    """A change of moves or secrets, as a file has it."""
    if change.kind == "perception":
        yield ("perception",), change.what
        return
    if change.kind in ("reveal", "hide"):
        yield ("private", change.what, "public"), change.kind == "reveal"
        return
    for one in _forbidding(model, change):
        stage = _stage(model, one.what)
        move, _, period = one.value.partition(":")
        if not stage.moves or move not in stage.moves:
            raise QuestionError(f"{change}: a file can only take moves of actors away")
        old = stage.moves[move].unless
        never = f"period < {period}" if one.kind == "delay" else "1 == 1"
        yield ("stages", one.what, "moves", move, "unless"), f"({written_text(old)}) or {never}" if old else never


def written_text(formula: Formula) -> str:
    """A formula in the words of the language."""
    return written(formula.expression)


def _put(data: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    for step in path[:-1]:
        data = data.setdefault(step, {})
    data[path[-1]] = value


# ---------------------------------------------------------------------------------------------------------- the command


def command(case: str, state: State, made: Otherwise | None = None) -> str:
    """The command line that gives the same numbers; of a variant file, without what that says itself. Empty where only
    a file can say it."""
    options = ["detente", "run", case]
    if made is not None:
        if made.unsaid or any(c.kind != "perception" for c in made.changes):
            return ""
        for name, value in made.values.items():
            if isinstance(value, dict):
                return ""
            options += ["--set", f"{name}={_bare(value)}"]
        for change in made.changes:
            options += ["--perception", change.what]
    options += ["--draws", str(state.draws), "--seed", str(state.seed)]
    options += ["--as-of", str(state.as_of)] if state.as_of else []
    return shlex.join(options)
