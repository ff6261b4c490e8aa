"""The small arithmetic language of models: what it means.

An expression is lowered onto a `Tape` at a `Scene` (a point of one play of the game). Everything the scene settles,
what was played, which period it is, is worked out there and then; what is left depends on the draw and becomes a
row of the tape. Equal rows are stored once, so that thousands of histories share a few formulas, and a tape is
evaluated for all draws at once.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from detente.arrays import Floats
from detente.language.expressions import Apply, Ask, Expression, ExpressionError, Is, Name, Number, Over, Uncertain
from detente.language.operators import OPERATORS

_PLAIN: dict[str, Callable[..., float]] = {"+": operator.add, "-": operator.sub, "*": operator.mul}
"""What two numbers need no numpy for, which takes five times as long: the same to the last digit, and no error."""
_REMEMBERED = 4096  # sets of rows of which a tape remembers what they are made of


@dataclass(eq=False)
class Tape:
    """Formulas over named inputs, each stored once. A row is (operator, its arguments' rows), an input or a number."""

    rows: list[tuple[str, tuple[int, ...]]] = field(default_factory=list)
    numbers: list[float | None] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    _index: dict[tuple[str, object], int] = field(default_factory=dict)
    _known: dict[tuple[int, ...], list[int]] = field(default_factory=dict)  # what rows are made of
    readers: dict[Hashable, Any] = field(default_factory=dict, repr=False)  # by what they look at; see `scenes`

    def __reduce__(self) -> tuple[Any, ...]:
        """Without its readers, which know expressions by their identity in this process."""
        return Tape.of, (self.rows, self.numbers, self.names)

    @classmethod
    def of(cls, rows: list[tuple[str, tuple[int, ...]]], numbers: list[float | None], names: list[str]) -> Tape:
        """A tape with these rows, as another one holds them."""
        index: dict[tuple[str, object], int] = {}
        for k, (op, args) in enumerate(rows):
            index[op, names[k] if op == "input" else numbers[k] if op == "number" else args] = k
        return cls(rows, numbers, names, index)

    def _add(self, key: tuple[str, object], op: str, args: tuple[int, ...], number: float | None, name: str) -> int:
        row = self._index.get(key)
        if row is None:
            row = self._index[key] = len(self.rows)
            self.rows.append((op, args))
            self.numbers.append(number)
            self.names.append(name)
        return row

    def number(self, value: float) -> int:
        """The row of a constant."""
        return self._add(("number", value), "number", (), float(value), "")

    def input(self, name: str) -> int:
        """The row of a named input, given again for each draw."""
        return self._add(("input", name), "input", (), None, name)

    def constant(self, row: int) -> float | None:
        """The value of a row that no draw can change, or None."""
        return self.numbers[row]

    def apply(self, op: str, *args: int) -> int:
        """The row of an operator applied to rows, worked out at once where no draw can change it."""
        known = [self.numbers[a] for a in args]
        if all(k is not None for k in known):
            if (plain := _PLAIN.get(op)) is not None:
                return self.number(plain(*known))
            with np.errstate(all="ignore"):
                value = float(OPERATORS[op](*(np.float64(k) for k in known)))
            return self.number(value)
        simple = self._simplify(op, args, known)
        return simple if simple is not None else self._add((op, args), op, args, None, "")

    def _simplify(self, op: str, args: tuple[int, ...], known: Sequence[float | None]) -> int | None:
        plain, exact = op.removesuffix("?"), op.endswith("?")  # exact: what is not a number must not vanish
        if plain in ("+", "*", "and", "or") and known[1] is not None:
            args, known = args[::-1], known[::-1]
        first = known[0]
        if exact and plain in ("and", "or", "if") and first != first:
            return self.number(first) if plain == "if" and first is not None else None
        if plain == "+" and first == 0:
            return args[1]
        if plain == "-" and known[1] == 0:
            return args[0]
        if plain == "*" and (first == 1 or (first == 0 and not exact)):
            return args[1] if first == 1 else args[0]
        if plain == "/" and (known[1] == 1 or (first == 0 and not exact)):
            return args[0]
        if plain == "and" and first is not None:
            return self.number(0) if first == 0 else self.apply("!=?" if exact else "!=", args[1], self.number(0))
        if plain == "or" and first is not None:
            return self.number(1) if first != 0 else self.apply("!=?" if exact else "!=", args[1], self.number(0))
        if plain == "if" and first is not None:
            return args[1] if first != 0 else args[2]
        return None

    def total(self, rows: Sequence[int]) -> int:
        """The row of a sum."""
        result = self.number(0)
        for row in rows:
            result = self.apply("+", result, row)
        return result

    def inputs_of(self, roots: Sequence[int]) -> set[str]:
        """The names of the inputs that any of these rows depends on."""
        seen, stack, found = set(roots), list(roots), set()
        while stack:
            row = stack.pop()
            if self.rows[row][0] == "input":
                found.add(self.names[row])
            for arg in self.rows[row][1]:
                if arg not in seen:
                    seen.add(arg)
                    stack.append(arg)
        return found

    def evaluate(
        self, roots: Sequence[int], inputs: Mapping[str, Floats], n: int, known: dict[int, Floats] | None = None
    ) -> Floats:
        """[len(roots), n] the value of each row for n draws, given the inputs ([n] each, or single numbers).

        `known`: the values of rows that were worked out before for these inputs, to which more are added.
        """
        value: dict[int, Floats] = {} if known is None else known
        with np.errstate(all="ignore"):
            for row in self._needed(tuple(roots)):
                if row in value:
                    continue
                op, args = self.rows[row]
                if op == "number":
                    value[row] = np.float64(self.numbers[row])  # type: ignore[assignment]
                elif op == "input":
                    value[row] = inputs[self.names[row]]
                else:
                    value[row] = OPERATORS[op](*(value[a] for a in args))
        result = np.empty((len(roots), n))
        for k, row in enumerate(roots):
            result[k] = value[row]
        return result

    def order(self, roots: Sequence[int]) -> list[int]:
        """All rows that some rows are made of, arguments first: in an order that depends on the formulas alone."""
        found: dict[int, None] = {}
        stack = list(reversed(roots))
        while stack:
            row = stack[-1]
            ahead = [arg for arg in self.rows[row][1] if arg not in found]
            if not ahead:
                found[stack.pop()] = None
            stack.extend(reversed(ahead))
        return list(found)

    def _needed(self, roots: tuple[int, ...]) -> list[int]:
        """All rows that some rows are made of, by their numbers: remembered, since rows never change."""
        found = self._known.get(roots)
        if found is None:
            seen, stack = set(roots), list(dict.fromkeys(roots))
            while stack:
                for arg in self.rows[stack.pop()][1]:
                    if arg not in seen:
                        seen.add(arg)
                        stack.append(arg)
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            found = self._known[roots] = sorted(seen)
        return found


@dataclass(frozen=True)
class Scene:
    """A point of one play: what has happened in each period so far, and what every state was.

    `records[t]` maps the stages played in period t (from 0) to what happened there; `states[t]` maps states to rows
    of the tape. `offers` are the stages whose results are numbers; `types` maps private types to their labels.
    """

    n_periods: int
    records: tuple[Mapping[str, str], ...] = ({},)
    states: tuple[Mapping[str, int], ...] = ({},)
    types: Mapping[str, str] = field(default_factory=dict)
    offers: frozenset[str] = frozenset()
    outcome: str | None = None
    over_all: bool = False  # the reading of P(...): a plain `stage is move` asks about any period
    left: Mapping[str, int] = field(default_factory=dict)  # states as the period leaves them, where that is asked
    slices: int = 1  # that every period is cut into: `records` and `states` are by slice

    @property
    def period(self) -> int:
        """The number of the period, or of the slice where periods are cut, counted from 0."""
        return len(self.records) - 1

    def at(self, period: int) -> Scene:
        """The same play as it stood at the end of an earlier period (counted from 0)."""
        records, states = self.records[: period + 1], self.states[: period + 1]
        return Scene(self.n_periods, records, states, self.types, self.offers, self.outcome, slices=self.slices)


_COMPARED = frozenset({"<", "<=", ">", ">=", "==", "!="})


def _of_one_period(e: Apply, at: Scene) -> tuple[list[Expression], list[Expression]] | None:
    """What `e`, a comparison or things joined by `and`, asks of one period, and what of the whole play; or nothing.

    It is what asks what happened at stages and what asks for the period, a state or the period before: where both
    stand together, they are about the same period (docs/language.md, section 11).
    """
    parts = _joined(e) if e.op in ("and", "and?") else [e] if e.op.removesuffix("?") in _COMPARED else []
    stages, floats = ([_asks(part, at, of) for part in parts] for of in (_at_a_stage, _floats))
    if not (any(stages) and any(floats)):
        return None
    one = [s or f for s, f in zip(stages, floats, strict=True)]
    there, anyway = ([part for part, inside in zip(parts, one, strict=True) if inside is it] for it in (True, False))
    return there, anyway


def _joined(e: Expression) -> list[Expression]:
    """The parts of a conjunction, those of conjunctions among them taken apart."""
    if isinstance(e, Apply) and e.op in ("and", "and?"):
        return [part for arg in e.args for part in _joined(arg)]
    return [e]


def _outside(e: Expression) -> Iterator[Expression]:
    """An expression and all inside of it, but what looks at the periods by itself."""
    yield e
    if not isinstance(e, Over):
        for child in e.children():
            yield from _outside(child)


def _asks(e: Expression, at: Scene, of: Callable[[Expression, Scene], bool]) -> bool:
    return any(of(part, at) for part in _outside(e))


def _at_a_stage(e: Expression, at: Scene) -> bool:
    """Whether this asks what happened at a stage."""
    if isinstance(e, Is):
        return e.subject != "outcome" and e.subject not in at.types
    return isinstance(e, Name) and e.name in at.offers


def _floats(e: Expression, at: Scene) -> bool:
    """Whether this is different from period to period."""
    return (isinstance(e, Name) and (e.name == "period" or e.name in at.states[-1])) or (
        isinstance(e, Over) and e.op == "previous"
    )  # fmt: skip


def lower(
    expression: Expression, scene: Scene, tape: Tape, leaf: Callable[[Uncertain | Ask], int] | None = None
) -> int:
    """The row of `tape` that holds the value of an expression at a scene; conditions are 1 or 0.

    `leaf` gives the row of a source of uncertainty or of a question to the solved game, where such may stand. Many
    scenes at once are read by `language.scenes`.
    """
    seen: dict[tuple[int, int], int] = {}

    def value(e: Expression, at: Scene) -> int:
        match e:
            case Number():
                return tape.number(e.value)
            case Name():
                return named(e.name, at)
            case Is():
                return tape.number(float(happened(e, at)))
            case Apply() if at.over_all and (parts := _of_one_period(e, at)):
                return in_one_period(*parts, at)
            case Apply(op="and" | "or" | "and?" | "or?", args=(left, right)):
                first = value(left, at)
                decided, either = tape.constant(first), e.op.startswith("or")
                if decided is not None and decided == decided and (decided != 0) == either:
                    return tape.number(float(either))
                return tape.apply(e.op, first, value(right, at))
            case Apply(op="if" | "if?", args=(condition, yes, no)):
                asked = value(condition, at)
                decided = tape.constant(asked)
                if decided is not None and (e.op == "if" or decided == decided):
                    return value(yes if decided else no, at)
                return tape.apply(e.op, asked, value(yes, at), value(no, at))
            case Apply():
                return tape.apply(e.op, *(value(arg, at) for arg in e.args))
            case Over():
                return over(e, at)
            case _ if leaf is not None and isinstance(e, (Uncertain, Ask)):
                return leaf(e)
        raise ExpressionError("this has no meaning here", e.at)

    def named(name: str, at: Scene) -> int:
        if name == "period":
            return tape.number(at.period // at.slices + 1)
        if name == "periods":
            return tape.number(at.n_periods)
        if name in at.left:
            return at.left[name]
        if name in at.states[-1]:
            return at.states[-1][name]
        if name in at.types:
            return tape.number(float(at.types[name]))
        if name in at.offers:
            for record in reversed(at.records if at.over_all else at.records[-1:]):
                if name in record:
                    return tape.number(float(record[name]))
            return tape.number(0)
        return tape.input(name)

    def happened(e: Is, at: Scene) -> bool:
        if e.subject == "outcome":
            return at.outcome in e.labels
        if e.subject in at.types:
            return at.types[e.subject] in e.labels
        return any(r.get(e.subject) in e.labels for r in (at.records if at.over_all else at.records[-1:]))

    def in_one_period(there: list[Expression], anyway: list[Expression], at: Scene) -> int:
        """Whether some period has all of what is asked of one, and the whole play all else; looked at as in P(...)."""
        offers = [name for e in there for name in _outside(e) if isinstance(name, Name) and name.name in at.offers]
        found = tape.number(0)
        for t, record in enumerate(at.records):
            if all(offer.name in record for offer in offers):
                found = tape.apply("or?", found, all_of(there, at.at(t)))
        return tape.apply("and?", found, all_of(anyway, at))

    def all_of(parts: list[Expression], at: Scene) -> int:
        result = tape.number(1)
        for part in parts:
            result = tape.apply("and?", result, value(part, at))
        return result

    def over(e: Over, at: Scene) -> int:
        def then(t: int) -> int:
            """The row of what is looked at, as it stood in period t; worked out once, however deep looks are nested."""
            if (id(e.arg), t) not in seen:
                seen[id(e.arg), t] = value(e.arg, at.at(t))
            return seen[id(e.arg), t]

        if e.op == "previous":
            return then(at.period - 1) if at.period else tape.number(0)
        each = [then(t) for t in range(at.period + 1)]
        if e.op == "ever":
            result = tape.number(0)
            for row in each:
                result = tape.apply("or?", result, row)
            return result
        if e.op == "first":
            result = tape.number(0)
            for t in reversed(range(len(each))):
                result = tape.apply("if?", each[t], tape.number(t // at.slices + 1), result)
            return result
        if e.op == "count":
            each = [tape.apply("!=?", row, tape.number(0)) for row in each]
        total = tape.total(each)
        return total if at.slices == 1 else tape.apply("/", total, tape.number(at.slices))

    return value(expression, scene)
