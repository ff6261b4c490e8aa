# ruff: noqa: PT017, ARG005 - what is caught may also not be raised
"""Hostile input ends in bounded time, and never in anything but a ModelError with a message."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detente.errors import ModelError
from detente.game.compile import compile_model
from detente.language.expressions import ExpressionError
from detente.language.parsing import parse
from detente.model.load import load, loads

VALID = (Path(__file__).parent / "mistakes" / "parts" / "base.yaml").read_text(encoding="utf-8")
BOUND = 2.0  # seconds of computing: the machine may be busy with other things
TRACED = 3.0  # times as long where somebody watches every line, as measuring coverage does


@contextmanager
def soon() -> Iterator[None]:
    start = time.thread_time()
    yield
    assert time.thread_time() - start < (BOUND if sys.gettrace() is None else TRACED * BOUND)


def valid(**changes: str) -> str:
    """The valid model with lines replaced: `cost="..."` replaces the line of that quantity."""
    lines = VALID.splitlines()
    for key, value in changes.items():
        lines = [f"  {key}: {value}" if line.startswith(f"  {key}:") else line for line in lines]
    return "\n".join(lines) + "\n"


BOMB = "a0: &a0 [x, x]\n" + "".join(f"a{k}: &a{k} [{', '.join([f'*a{k - 1}'] * 9)}]\n" for k in range(1, 12))
TEXTS = {
    "alias bomb": (BOMB, "anchors and aliases"),
    "alias bomb in a flow": ("{a: &a [x, x], b: &b [*a, *a], c: [*b, *b]}", "anchors and aliases"),
    "deep flow": ("title: " + "[" * 100_000, "nested more than"),
    "deep flow, closed": ("title: " + "[" * 100_000 + "]" * 100_000, "nested more than"),
    "deep braces": ("title: " + "{a: " * 100_000, "nested more than"),
    "deep block": ("".join(" " * k + "a:\n" for k in range(1200)), "nested more than"),
    "deep list": ("- " * 100_000 + "x", "nested more than"),
    "too long": ("title: " + "x" * 10_000_000, "10,000,007 characters"),
    "many parts": ("title: [" + "1," * 120_000 + "]", "more than 100,000 parts"),
    "open parentheses": ("{a: " + "(a, " * 90_000 + "}", ""),
    "open parentheses in a list": ("a: [" + "(a, " * 90_000 + "]", ""),
    "many lines in a text": ("title: |\n" + "  x\n" * 200_000, ""),
    "keys twice": ("".join("a: 1\n" for _ in range(8_000)), "written twice"),
    "nothing": ("", "the file is empty"),
    "a comment": ("# nothing\n", "the file is empty"),
    "a null byte": ("title: a\0b\n", "U+0000"),
    "half a character": ("title: \ud800\n", "U+D800"),
    "a number": ("17", "a mapping"),
    "long number": (valid(cost="9" * 5000), ""),
    "huge number": (valid(cost="1e400"), "too large"),
    "many periods": (VALID + "periods: 99999999999999999999\n", ""),
    "periods of a stage": (valid(threat="{actor: North, moves: [a, b], periods: 1..99999999999999}"), "no periods"),
    "grid": (valid(threat="{actor: North, offer: grid(0, 1, 99999999)}"), "impossible grid"),
    "endless grid": (valid(threat="{actor: North, offer: grid(0, 1e999, 5)}"), "impossible grid"),
    "too fine grid": (valid(threat="{actor: North, offer: grid(1, 1.00000000001, 5)}"), "too close"),
    "slices": (VALID.replace("{firm: 0.4, weak: otherwise}", "{uniform(0, 1): 999999999}"), "is cut into"),
    "thousands of types": (VALID.replace("{firm: 0.4, weak: otherwise}", "grid(0, 1, 1001)"), ""),
    "a null key": ("~: 1\n", "cannot be a key"),
    "dates as keys": ("2022-02-02: 1\n", "cannot be a key"),
}


@pytest.mark.parametrize("name", TEXTS)
def test_text(name: str) -> None:
    text, message = TEXTS[name]
    with soon(), pytest.raises(ModelError) as caught:
        loads(text)
    assert message in str(caught.value)
    assert len(str(caught.value)) < 4_000_000


EXPRESSIONS = {
    "powers": "9**9**9**9",
    "power of powers": "(9**64)**64**64",
    "long chain": "1" + "+1" * 5000,
    "chain": "1" + "+1" * 1900,
    "minuses": "-" * 5000 + "1",
    "some minuses": "-" * 3000 + "1",
    "nots": "not " * 900 + "1 > 0",
    "parentheses": "(" * 1900 + "1" + ")" * 1900,
    "calls": "abs(" * 900 + "1" + ")" * 900,
    "open": "(" * 3000,
    "tall": "(" * 30 + "1" + ("+1" * 50 + ")") * 30,
    "tall in every way": "(" * 20 + "1" + ("*1+1 < 1 and 1 or 1" * 5 + ")") * 20,
    "ifs": "1 if 1 else " * 300 + "1",
    "digits": "9" * 3999,
    "empty": "   ",
    "null": "a\0b",
}


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_expression(name: str) -> None:
    with soon(), pytest.raises(ExpressionError) as caught:
        parse(EXPRESSIONS[name])
    assert 0 <= caught.value.at <= len(EXPRESSIONS[name])


def test_the_tallest_expression_that_is_allowed_can_be_used() -> None:
    text = "(" * 38 + "cost" + " + 1" * 100 + ")" * 38
    with soon():
        model = loads(VALID.replace("-cost *", f"-({text}) *"))
        compile_model(model)


def test_nested_looks_at_the_periods() -> None:
    """Looks at all periods inside looks at all periods do not multiply."""
    look = "count(total(ever(" * 5 + "threat is threaten" + ")))" * 5
    text = VALID.replace("-cost * (outcome is war)", look).replace(
        "moves: [threaten, wait]", "moves: [threaten, wait], periods: 1"
    )
    with soon():
        compile_model(loads(text + "periods: 30\n"))


TREES = {
    "many periods": (VALID.replace("when: reply is yield", "when: reply is yield, at: end") + "periods: 100\n",
                     "threat"),
    "fine offers": (valid(threat="{actor: North, offer: grid(0, 1, 1001)}").replace("threat is threaten", "threat > 0")
                    .replace("when: reply is yield", "when: reply is yield, at: end") + "periods: 100\n", "threat"),
    "types": (VALID.replace("stages:", "  South.cost: grid(0, 1, 900)\nstages:") + "periods: 9\n", ""),
}  # fmt: skip


@pytest.mark.parametrize("name", TREES)
def test_trees_that_explode_say_how_and_where(name: str) -> None:
    text, stage = TREES[name]
    model = loads(text)
    with soon(), pytest.raises(ModelError) as caught:
        compile_model(model)
    message = str(caught.value)
    assert "the tree would have" in message
    assert f"'{stage}' alone" in message or not stage
    assert caught.value.problems[0].place.line > 0


def write_nothing(path: Path) -> None:
    path.write_bytes(b"")


FILES: dict[str, tuple[Callable[[Path], object], str]] = {
    "empty": (write_nothing, "the file is empty"),
    "utf-16": (lambda path: path.write_text(VALID, encoding="utf-16"), "not text in UTF-8"),
    "latin-1": (lambda path: path.write_bytes("title: Kiew, März\n".encode("latin-1")), "not text in UTF-8"),
    "binary": (lambda path: path.write_bytes(bytes(range(256)) * 100), "not text in UTF-8"),
    "null bytes": (lambda path: path.write_bytes(b"title: a\0\n"), "U+0000"),
    "large": (lambda path: path.write_bytes(b"title: a\n" * 1_200_000), "too large"),
    "folder": (lambda path: path.mkdir(), "a folder, not a file"),
    "not there": (lambda path: None, "no such file"),
}


@pytest.mark.parametrize("name", FILES)
def test_file(name: str, tmp_path: Path) -> None:
    make, message = FILES[name]
    make(tmp_path / "case.yaml")
    with soon(), pytest.raises(ModelError) as caught:
        load(tmp_path / "case.yaml")
    assert message in str(caught.value)


@pytest.mark.parametrize("name", ["x" * 5000, "a\0b", "", ".", "~", "../..", "/dev/null", "/dev/zero"])
def test_strange_names(name: str) -> None:
    with soon(), pytest.raises(ModelError):
        load(name)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes on this system")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "case.yaml")
    with soon(), pytest.raises(ModelError):
        load(tmp_path / "case.yaml")


def test_a_byte_order_mark_is_read_over(tmp_path: Path) -> None:
    (tmp_path / "case.yaml").write_text(VALID, encoding="utf-8-sig")
    assert load(tmp_path / "case.yaml").title == "A border crisis"


def test_many_quantities_in_the_worst_order() -> None:
    """Each defined by the next: neither deep recursion nor quadratic time."""
    count = 2000
    lines = "".join(f"  q{k}: q{k + 1} + 1\n" for k in range(count)) + f"  q{count}: 1 to 2\n"
    model = loads(VALID.replace("quantities:\n", "quantities:\n" + lines).replace("-cost", "-q0"))
    with soon():
        draws = compile_model(model).sampler.draw(10, 1)
    assert abs(draws.truth["q0"] - draws.truth[f"q{count}"] - count).max() < 1e-6


def test_a_long_circle() -> None:
    lines = "".join(f"  q{k}: q{(k + 1) % 1500} + 1\n" for k in range(1500))
    with soon(), pytest.raises(ModelError, match="are circular"):
        loads(VALID.replace("quantities:\n", "quantities:\n" + lines))


# Fuzz: whatever is done to a file, the answer is a ModelError or a model.

PIECES = st.sampled_from(
    [
        "", " ", "\n", "\t", ":", "- ", "{", "}", "[", "]", "(", ")", "'", '"', "#", "&a", "*a", "!", "%", "|", ">",
        "@", "~", "0", "-1", "1e9", "nan", "inf", "otherwise", "remove", "period", "is", "not", "to", "outcome", "war",
        "threat", "P(", "ever(", "{}", "[]", "null", "true", "no", "1..2", "grid(0, 1, 3)",
    ]
)  # fmt: skip


@st.composite
def mutations(draw: st.DrawFn) -> str:
    text = VALID
    for _ in range(draw(st.integers(1, 4))):
        if draw(st.booleans()):
            lines = text.splitlines(keepends=True) or [""]
            k = draw(st.integers(0, len(lines) - 1))
            other = lines[draw(st.integers(0, len(lines) - 1))]
            lines[k : k + 1] = draw(
                st.sampled_from(
                    [[], [lines[k]] * 2, [other], [lines[k], other], [lines[k].lstrip()], ["  " + lines[k]]]
                )
            )
            text = "".join(lines)
        else:
            k = draw(st.integers(0, len(text)))
            width = draw(st.integers(0, 12))
            text = text[:k] + draw(PIECES | st.text(max_size=3)) + text[k + width :]
    return text


@settings(derandomize=True, max_examples=200, deadline=None)
@given(mutations())
def test_mutated_files(text: str) -> None:
    try:
        blueprint = compile_model(loads(text))
        blueprint.game(blueprint.sampler.draw(5, seed=1))
    except ModelError as error:
        assert error.problems
        assert all(problem.message for problem in error.problems)


WORDS = st.sampled_from(
    [
        "1", "2.5", "5%", "1e3", "x", "a.b", "+", "-", "*", "/", "**", "(", ")", "<", "<=", "==", "!=", "and", "or",
        "not", "is", "is not", "in", "[", "]", ",", "if", "else", "to", "given", "otherwise", "min(", "clip(", "ever(",
        "previous(", "P(", "E(", "U(", "normal(", "bernoulli(", "period", "#", "'", "£",
    ]
)  # fmt: skip


@settings(derandomize=True, max_examples=200, deadline=None)
@given(st.lists(WORDS, max_size=12).map(" ".join) | st.text(max_size=30))
def test_random_expressions(text: str) -> None:
    try:
        parse(text)
    except ExpressionError as error:
        assert error.message
        assert 0 <= error.at <= len(text)
