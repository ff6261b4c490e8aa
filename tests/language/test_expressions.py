# ruff: noqa: ARG005 - all take x and y, for one table
"""What expressions mean: against Python's own arithmetic, and at points of a play."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from detente.language.expressions import Apply, Expression, ExpressionError, Is, Name, Number, Uncertain
from detente.language.lowering import Scene, Tape, lower
from detente.language.parsing import parse
from detente.language.writing import written

BOUNDED = settings(derandomize=True, max_examples=200, deadline=None)


def value(text: str, scene: Scene | None = None, **inputs: float) -> float:
    """The value of an expression, its inputs given draw by draw."""
    tape = Tape()
    root = lower(parse(text), scene or Scene(1), tape)
    return float(tape.evaluate([root], {k: np.array([v]) for k, v in inputs.items()}, 1)[0, 0])


# ---------------------------------------------------------------- arithmetic

SOUND = {
    "x + y": lambda x, y: x + y,
    "x - y": lambda x, y: x - y,
    "x * y": lambda x, y: x * y,
    "x / y": lambda x, y: x / y,
    "-x": lambda x, y: -x,
    "x ** 3": lambda x, y: x**3,
    "-x ** 2": lambda x, y: -(x**2),
    "2 ** -1 * x": lambda x, y: 0.5 * x,
    "x < y": lambda x, y: float(x < y),
    "x <= y": lambda x, y: float(x <= y),
    "x > y": lambda x, y: float(x > y),
    "x >= y": lambda x, y: float(x >= y),
    "x == y": lambda x, y: float(x == y),
    "x != y": lambda x, y: float(x != y),
    "x > 0 and y > 0": lambda x, y: float(x > 0 and y > 0),
    "x > 0 or y > 0": lambda x, y: float(x > 0 or y > 0),
    "not x > 0": lambda x, y: float(not x > 0),
    "x if y > 0 else y": lambda x, y: x if y > 0 else y,
    "min(x, y, 1)": lambda x, y: min(x, y, 1),
    "max(x, y)": lambda x, y: max(x, y),
    "exp(x / 100)": lambda x, y: math.exp(x / 100),
    "log(abs(x) + 1)": lambda x, y: math.log(abs(x) + 1),
    "sqrt(abs(x))": lambda x, y: math.sqrt(abs(x)),
    "clip(x, -1, 1)": lambda x, y: min(max(x, -1), 1),
    "1 - x * (y > 0)": lambda x, y: 1 - x * (y > 0),
    "5% * x": lambda x, y: 0.05 * x,
    "x - y - 1": lambda x, y: (x - y) - 1,
    "x / 2 / 4": lambda x, y: x / 2 / 4,
    "0 * x + y": lambda x, y: y,
    "x * 1 - 0 + 0": lambda x, y: x,
}
NUMBERS = st.floats(-50, 50).filter(lambda x: abs(x) > 1e-3) | st.sampled_from([1.0, -1.0, 2.0])


@pytest.mark.parametrize("text", SOUND)
@given(NUMBERS, NUMBERS)
@settings(derandomize=True, max_examples=25, deadline=None)
def test_arithmetic(text: str, x: float, y: float) -> None:
    expected = SOUND[text](x, y)
    used = {name: number for name, number in (("x", x), ("y", y)) if name in text.replace("exp", "").replace("max", "")}
    assert value(text, **used) == pytest.approx(expected, rel=1e-12, abs=1e-12)
    plain = text.replace("exp", "E#").replace("max", "M#")
    for name, number in used.items():
        plain = plain.replace(name, f"({number!r})")
    tape = Tape()
    known = tape.constant(lower(parse(plain.replace("E#", "exp").replace("M#", "max")), Scene(1), tape))
    assert known == pytest.approx(expected, rel=1e-12, abs=1e-12), "folding changes nothing"


@st.composite
def trees(draw: st.DrawFn, depth: int = 4) -> tuple[str, str]:
    """An expression in our language and the same in Python, over a, b, c; always finite."""
    if depth == 0 or draw(st.integers(0, 4)) == 0:
        if draw(st.booleans()):
            name = draw(st.sampled_from("abc"))
            return name, name
        number = draw(st.sampled_from(["0", "1", "2.5", "0.1", "3"]))
        return number, number
    (x, px), (y, py) = draw(trees(depth - 1)), draw(trees(depth - 1))
    kind = draw(
        st.sampled_from(["+", "-", "*", "<", ">=", "==", "and", "or", "not", "if", "neg", "min", "max", "abs", "sq"])
    )
    match kind:
        case "+" | "-" | "*":
            return f"({x} {kind} {y})", f"({px} {kind} {py})"
        case "<" | ">=" | "==":
            return f"({x} {kind} {y})", f"float({px} {kind} {py})"
        case "and" | "or":
            return f"({x} {kind} {y})", f"float(bool({px}) {kind} bool({py}))"
        case "not":
            return f"(not ({x}))", f"float(not ({px}))"
        case "if":
            z, pz = draw(trees(depth - 1))
            return f"({x} if ({z}) else ({y}))", f"({px} if {pz} else {py})"
        case "neg":
            return f"(-{x})", f"(-{px})"
        case "sq":
            return f"({x}) ** 2", f"({px}) ** 2"
        case "abs":
            return f"abs({x})", f"abs({px})"
    return f"{kind}({x}, {y})", f"{kind}({px}, {py})"


@BOUNDED
@given(trees(), st.tuples(*[st.sampled_from([-2.0, -0.5, 0.0, 1.0, 3.0])] * 3))
def test_any_expression_means_what_python_means(pair: tuple[str, str], numbers: tuple[float, float, float]) -> None:
    ours, python = pair
    inputs = dict(zip("abc", numbers, strict=True))
    functions = {"min": min, "max": max, "abs": abs, "float": float, "bool": bool}
    expected = float(eval(python, {"__builtins__": {}, **functions}, inputs))
    assert value(ours, **inputs) == pytest.approx(expected, rel=1e-9, abs=1e-9)


@BOUNDED
@given(
    st.lists(st.sampled_from(["+", "-", "*", "<", "and", "or"]), min_size=1, max_size=5),
    st.lists(st.sampled_from(["2", "3", "0", "1.5"]), min_size=6, max_size=6),
)
def test_precedence_is_that_of_python(operators: list[str], numbers: list[str]) -> None:
    assume(operators.count("<") <= 1)
    text = numbers[0] + "".join(f" {op} {n}" for op, n in zip(operators, numbers[1:], strict=False))
    expected = eval(text)
    if {"and", "or"} & set(operators):
        expected = bool(expected)
    assert value(text) == float(expected)


@pytest.mark.parametrize(
    ("text", "grouped"),
    [
        ("-2 ** 2", "-(2 ** 2)"),
        ("not a > 1 and b > 1", "(not (a > 1)) and (b > 1)"),
        ("a or b and c", "a or (b and c)"),
        ("a if b else c if b else a", "a if b else (c if b else a)"),
        ("a - b - c", "(a - b) - c"),
        ("a / b * c", "(a / b) * c"),
        ("1 + 1 to 2 + 2", "(1 + 1) to (2 + 2)"),
        ("0.5 * a > b + 1", "(0.5 * a) > (b + 1)"),
    ],
)
def test_grouping(text: str, grouped: str) -> None:
    assert shape(text) == shape(grouped)


def shape(text: str) -> object:
    def of(e: object) -> object:
        match e:
            case Number(value=number):
                return number
            case Name(name=name):
                return name
            case Apply(op=op, args=args) | Uncertain(family=op, args=args):
                return (op, *map(of, args))
        return e

    return of(parse(text))


def test_numbers() -> None:
    for text, number in {"1": 1, ".5": 0.5, "1.": 1, "1e-3": 0.001, "2.5E2": 250, "5%": 0.05, "12.5%": 0.125}.items():
        assert parse(text) == Number(0, number)
    assert parse(0.25) == Number(0, 0.25)


def test_labels_are_words_or_numbers() -> None:
    assert parse("offer is 0.10") == Is(0, "offer", ("0.1",), 9)
    assert parse("B.cost in [-1, 2.50]") == Is(0, "B.cost", ("-1", "2.5"), 11)
    negated = parse("a is not b")
    assert isinstance(negated, Apply)
    assert negated.op == "not"
    assert value("s not in [x, y]", Scene(1, ({"s": "z"},))) == 1


def test_places() -> None:
    for text, at in {"1 + ": 3, "a b": 2, "a is 1 + 2 is b": 7, "f(1)": 0, "min(1)": 0, "(1": 2, "a = b": 2}.items():
        with pytest.raises(ExpressionError) as caught:
            parse(text)
        assert caught.value.at == at, text


# ---------------------------------------------------------------- the play

RECORDS: tuple[Mapping[str, str], ...] = ({"s": "a", "x": "0.5"}, {"s": "b"}, {"s": "a", "t": "y", "x": "2"})
PLAY = Scene(4, RECORDS, types={"A.t": "firm", "B.cost": "0.3"}, offers=frozenset({"x"}), states=({},) * 3)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("s is a", 1),
        ("s is b", 0),
        ("s in [a, b]", 1),
        ("t is y", 1),
        ("u is y", 0),
        ("s is not a", 0),
        ("x", 2),
        ("period", 3),
        ("periods", 4),
        ("ever(s is b)", 1),
        ("ever(s is c)", 0),
        ("count(s is a)", 2),
        ("count(x)", 2),
        ("total(x)", 2.5),
        ("first(s is b)", 2),
        ("first(s is c)", 0),
        ("first(s is a)", 1),
        ("previous(s is b)", 1),
        ("previous(previous(s is a))", 1),
        ("previous(previous(previous(s is a)))", 0),
        ("previous(x)", 0),
        ("previous(period)", 2),
        ("previous(ever(t is y))", 0),
        ("count(previous(s is a))", 1),
        ("ever(s is a and previous(s is b))", 1),
        ("total(period)", 6),
        ("total(count(s is a))", 1 + 1 + 2),
        ("A.t is firm", 1),
        ("A.t in [weak, firm]", 1),
        ("B.cost * 10", 3),
        ("B.cost is 0.3", 1),
        ("period == 3", 1),
        ("1 - (s is a) * 0.25", 0.75),
    ],
)
def test_at_a_point_of_a_play(text: str, expected: float) -> None:
    assert value(text, PLAY) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("s is b", 1),  # in any period
        ("not (s is b)", 0),
        ("s is a and s is b", 1),
        ("t is y", 1),
        ("count(s is a) > 1", 1),
        ("ever(s is c)", 0),
        ("previous(s is b)", 1),  # as it stands at the end
        ("previous(s is a)", 0),
        ("ever(s is a and s is b)", 0),  # never in one and the same period
        ("x", 2),
        ("period", 3),
        ("outcome is war", 1),
    ],
)
def test_over_the_whole_play(text: str, expected: float) -> None:
    """The reading of P(...): a plain `stage is move` asks about any period."""
    whole = Scene(4, RECORDS, types=PLAY.types, offers=PLAY.offers, states=PLAY.states, outcome="war", over_all=True)
    assert value(text, whole) == expected


def test_an_offer_over_the_whole_play_is_the_last_one_made() -> None:
    scene = Scene(3, ({"x": "0.5"}, {}, {}), offers=frozenset({"x"}), states=({},) * 3)
    assert value("x", scene) == 0
    assert value("x", Scene(3, scene.records, offers=scene.offers, states=scene.states, over_all=True)) == 0.5


def test_states_are_looked_up_in_their_period() -> None:
    tape = Tape()
    states = tuple({"alarm": tape.number(k / 10)} for k in range(3))
    scene = Scene(3, ({}, {}, {}), states)
    for text, expected in {"alarm": 0.2, "previous(alarm)": 0.1, "total(alarm)": 0.3, "count(alarm > 0.05)": 2}.items():
        assert tape.constant(lower(parse(text), scene, tape)) == pytest.approx(expected)


def test_equal_formulas_are_stored_once() -> None:
    tape = Tape()
    first = lower(parse("a * b + min(a, 1)"), Scene(1), tape)
    rows = len(tape.rows)
    assert lower(parse("1 * a * b + min(a, 1) * 1"), PLAY, tape) == first
    assert len(tape.rows) == rows


def test_what_the_play_decides_leaves_no_trace() -> None:
    """`0 * log(x)` is nothing, also where the logarithm is none: payoffs multiply by what happened."""
    tape = Tape()
    assert tape.constant(lower(parse("log(x) * (s is b)"), PLAY, tape)) == 0
    assert tape.constant(lower(parse("log(x) if s is b else 2"), PLAY, tape)) == 2
    assert tape.constant(lower(parse("s is a or z > 1"), PLAY, tape)) == 1
    assert tape.constant(lower(parse("s is b and z > 1"), PLAY, tape)) == 0


@BOUNDED
@given(trees(), st.tuples(*[st.sampled_from([-2.0, -0.5, 0.0, 1.0, 3.0])] * 3), st.sets(st.sampled_from("abc")))
def test_folding_never_changes_a_value(
    pair: tuple[str, str], numbers: tuple[float, float, float], known: set[str]
) -> None:
    """Some of the inputs written as states whose value is known, and thus worked out at once."""
    inputs = dict(zip("abc", numbers, strict=True))
    tape = Tape()
    scene = Scene(1, states=({name: tape.number(inputs[name]) for name in known},))
    root = lower(parse(pair[0]), scene, tape)
    rest = {k: np.array([v]) for k, v in inputs.items() if k not in known}
    assert tape.evaluate([root], rest, 1)[0, 0] == pytest.approx(value(pair[0], **inputs), rel=1e-12, abs=1e-12)


@pytest.mark.parametrize(
    "text",
    [
        "a - (b - c) * -d ** 2 / (e + 1)",
        "(-a) ** 2 + 1e-05",
        "not (a < b and (c is d or e in [f, -1]))",
        "a == (b < c)",
        "min(a, b, 0.5) if a is b else (c if d is e else 0.1)",
        "P(x is y and z is w given ever(a is b) | do(c is d, e is 0.1))",
        "E(A.term given not (a is b)) - U(B given x > (1 to 2) | do(s is m))",
        "normal(0, 1) * (0.2 to 0.9)",
        "(a if b is c else d) + 1",
        "P(war) > 1 - P(peace given count(s is m) == 2)",
        "-(-3) - -x",
    ],
)
def test_an_expression_is_written_as_it_is_read(text: str) -> None:
    once = written(parse(text))
    assert written(parse(once)) == once
    assert _bare(parse(once)) == _bare(parse(text))


def _bare(e: Expression) -> object:
    """An expression without the places of its parts."""
    return re.sub(r"(label_)?at=\d+(, )?", "", repr(e))
