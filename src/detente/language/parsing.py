"""From text to expressions: how the small arithmetic language of models is read.

What comes out are the values of `expressions`; nothing is ever handed to Python's own evaluator. Bounds on length,
depth and powers keep hostile text harmless.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

from detente.errors import nearest
from detente.language.attempts import meant
from detente.language.characters import composed, odd_in_name
from detente.language.expressions import (
    ARITY,
    CALLABLE,
    FAMILIES,
    PERIOD_FUNCTIONS,
    QUESTIONS,
    WORDS,
    Apply,
    Ask,
    Expression,
    ExpressionError,
    Is,
    Name,
    Number,
    Over,
    Uncertain,
    label_of,
)
from detente.language.remembered import memory

LONGEST_TEXT = 4000
DEEPEST = 40
TALLEST = 150
LONGEST_CHAIN = 100
LARGEST_POWER = 64
LARGEST_NUMBER = 1e300
DO = "write `P(event | do(stage is move))`, and what is given before it: `P(event given event | do(stage is move))`"

_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?%?)"
    r"|(?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)"
    r"|(?P<op>\*\*|<=|>=|==|!=|[-+*/()<>,\[\]]|\|(?=\s*do\b)))"
)
_QUOTED = re.compile(r"""\s*(?P<text>"[^"\n]*"|'[^'\n]*')""")
_FOREIGN = {
    "^": "a power is written **",
    "=": "equality is written ==, or `is` for what happened",
    "&": "write `and`",
    "|": "write `or`; in P(...), write `given`, or `| do(stage is move)` for what is forced",
    "!": "write `not`",
    "{": "braces have no meaning in an expression",
    "'": "names are written without quotation marks",
    '"': "names are written without quotation marks",
    "\u2212": "write the minus sign as -",
    "\u00d7": "write * for times",
}


@dataclass(frozen=True, slots=True)
class Token:
    kind: str
    text: str
    at: int


def tokens_of(text: str, quoted: bool = False) -> list[Token]:
    """The tokens of a text, an end last; `quoted`: texts between quotation marks are tokens, too."""
    if len(text) > LONGEST_TEXT:
        raise ExpressionError(
            f"an expression of {len(text):,} characters is too long (at most {LONGEST_TEXT:,})",
            hint="split it: name its parts as quantities, states or terms",
        )
    found, at, end = [], 0, len(text.rstrip())
    while at < end:
        match = (_QUOTED.match(text, at) if quoted else None) or _TOKEN.match(text, at)
        if not match or match.end() == at:
            at += len(text[at:]) - len(text[at:].lstrip())
            hint = _FOREIGN.get(text[at], "expressions are made of names, numbers, + - * / **, comparisons and words")
            hint = "this quotation mark is not closed" if quoted and text[at] in "\"'" else hint
            odd = odd_in_name(text[at])
            raise ExpressionError(
                *(odd.message, at, odd.hint) if odd else (f"{text[at]!r} has no meaning here", at, hint)
            )
        kind = match.lastgroup or ""
        if kind == "name" and (odd := odd_in_name(match[kind])):
            raise ExpressionError(odd.message, match.start(kind) + odd.at, odd.hint)
        found.append(Token(kind, match[kind], match.start(kind)))
        at = match.end()
    return [*found, Token("end", "", end)]


class _Parser:
    """Precedence climbing. Loosest first: `if else`, or, and, not, comparisons, `to`, + -, * /, unary minus, **."""

    def __init__(self, text: str, quoted: bool) -> None:
        self.tokens = tokens_of(text, quoted)
        self.valued = "a value of a table" if quoted else "the name of a move, result, type or outcome"
        self.position = 0
        self.depth = 0

    @property
    def token(self) -> Token:
        return self.tokens[self.position]

    def fail(self, message: str, hint: str = "", token: Token | None = None) -> NoReturn:
        raise ExpressionError(message, (token or self.token).at, hint)

    def found(self) -> str:
        return "the end" if self.token.kind == "end" else repr(self.token.text)

    def take(self, *texts: str) -> Token | None:
        if self.token.kind in ("op", "name") and self.token.text in texts:
            self.position += 1
            return self.tokens[self.position - 1]
        return None

    def need(self, text: str, why: str) -> Token:
        token = self.take(text)
        if token is None:
            self.fail(f"found {self.found()} where {text!r} was expected {why}")
        return token

    def whole(self) -> Expression:
        if self.token.kind == "end":
            self.fail("there is nothing here", "write a number or an expression")
        result = self.conditional()
        if self.token.kind != "end":
            hint = ""
            if self.token.kind in ("name", "number") or self.token.text == "(":
                hint = "an operator is missing before it, such as * or `is`"
            elif self.token.text == "[":
                hint = "brackets are used only after `in`: `stage in [move, move]`"
            elif self.token.text == ")":
                hint = "a parenthesis is closed that was not opened"
            self.fail(f"found {self.found()} after the end of the expression", hint)
        layer, height = [result], 0
        while layer:  # long chains inside deep parentheses: neither is too much, together they are
            layer, height = [child for e in layer for child in e.children()], height + 1
        if height > TALLEST:
            self.fail("the expression is nested too deep", "name its parts", self.tokens[0])
        return result

    def deeper(self, inner: Callable[[], Expression]) -> Expression:
        self.depth += 1
        if self.depth > DEEPEST:
            self.fail(f"the expression is nested more than {DEEPEST} deep", "name its parts")
        result = inner()
        self.depth -= 1
        return result

    def chain(self, left: Expression, texts: tuple[str, ...], part: Callable[[], Expression]) -> Expression:
        """`part op part op part`, grouped from the left."""
        links = 0
        while token := self.take(*texts):
            links += 1
            if links > LONGEST_CHAIN:
                self.fail(f"more than {LONGEST_CHAIN} parts are strung together", "name some of them", token)
            left = Apply(token.at, token.text, (left, part()))
        return left

    def conditional(self) -> Expression:
        value = self.binary(0)
        if token := self.take("if"):
            condition = self.binary(0)
            self.need("else", "after `if`: `a if condition else b`")
            other = self.deeper(self.conditional)
            value = Apply(token.at, "if", (condition, value, other))
        return value

    LEVELS = (("or",), ("and",))

    def binary(self, level: int) -> Expression:
        if level == len(self.LEVELS):
            return self.negation()
        return self.chain(self.binary(level + 1), self.LEVELS[level], lambda: self.binary(level + 1))

    def negation(self) -> Expression:
        if token := self.take("not"):
            return Apply(token.at, "not", (self.deeper(self.negation),))
        return self.comparison()

    def comparison(self) -> Expression:
        left = self.interval()
        if token := self.take("is"):
            negative = self.take("not")
            result: Expression = self.labels(left, token, many=False)
            return Apply(token.at, "not", (result,)) if negative else result
        if token := self.take("in"):
            return self.labels(left, token, many=True)
        if self.token.text == "not" and self.tokens[self.position + 1].text == "in":
            self.position += 1
            token = self.need("in", "after `not`")
            return Apply(token.at, "not", (self.labels(left, token, many=True),))
        if token := self.take("<", "<=", ">", ">=", "==", "!="):
            if self.token.kind == "text" and token.text in ("==", "!="):
                result = self.labels(left, token, many=False)
                return result if token.text == "==" else Apply(token.at, "not", (result,))
            right = self.interval()
            if self.token.text in ("<", "<=", ">", ">=", "==", "!="):
                self.fail("comparisons do not chain", "write `a < b and b < c`")
            return Apply(token.at, token.text, (left, right))
        return left

    def labels(self, subject: Expression, token: Token, many: bool) -> Is:
        if not isinstance(subject, Name):
            self.fail(
                f"{token.text!r} asks what happened at a stage or of what type somebody is; before it stands a number",
                "write `2 * (stage is move)`; compare numbers with ==",
                token,
            )
        first = self.token
        if not many:
            return Is(subject.at, subject.name, (self.label(),), first.at)
        self.need("[", "after `in`: `stage in [move, move]`")
        first, found = self.token, [self.label()]
        while self.take(","):
            found.append(self.label())
        self.need("]", "at the end of the list")
        return Is(subject.at, subject.name, tuple(found), first.at)

    def label(self) -> str:
        token = self.token
        if token.kind == "text":
            self.position += 1
            return token.text[1:-1]
        if token.kind == "name" and token.text not in WORDS:
            self.position += 1
            return token.text
        sign = "-" if self.take("-") else ""
        token = self.token
        if token.kind != "number":
            self.fail(f"found {self.found()} where {self.valued} was expected")
        self.position += 1
        return label_of(float(sign + token.text))

    def same_unit(self, begin: Token) -> None:
        """Refuse `30 to 60%`, whose ends are thirty and six tenths."""
        end = self.tokens[self.position - 1]
        both = begin.kind == end.kind == "number" and end.text.endswith("%") and not begin.text.endswith("%")
        if both and float(begin.text) >= float(end.text[:-1]) / 100:
            self.fail(
                f"{begin.text} is not a percentage, but {end.text} is", f"write `{begin.text}% to {end.text}`", begin
            )

    def interval(self) -> Expression:
        begin = self.token
        low = self.sum()
        if self.take("to"):
            high = self.sum()
            if self.token.text == "to":
                self.fail("an interval has two ends", "write `low to high`")
            self.same_unit(begin)
            return Uncertain(low.at, "interval", (low, high))
        return low

    def sum(self) -> Expression:
        return self.chain(self.product(), ("+", "-"), self.product)

    def product(self) -> Expression:
        return self.chain(self.signed(), ("*", "/"), self.signed)

    def signed(self) -> Expression:
        if token := self.take("-"):
            inner = self.deeper(self.signed)
            return Number(token.at, -inner.value) if isinstance(inner, Number) else Apply(token.at, "neg", (inner,))
        if self.take("+"):
            return self.deeper(self.signed)
        return self.power()

    def power(self) -> Expression:
        base = self.atom()
        if token := self.take("**"):
            exponent = self.deeper(self.signed)
            if not isinstance(exponent, Number) or abs(exponent.value) > LARGEST_POWER:
                self.fail(
                    "an exponent must be a number between -64 and 64",
                    "write exp(x * log(base)) for a power that varies",
                    token,
                )
            return Apply(token.at, "**", (base, exponent))
        return base

    def atom(self) -> Expression:
        token = self.token
        if token.kind == "number":
            self.position += 1
            value = float(token.text.rstrip("%")) / (100 if token.text.endswith("%") else 1)
            if value > LARGEST_NUMBER:
                self.fail(f"{token.text} is too large to be a number", f"numbers go up to {LARGEST_NUMBER:g}", token)
            return Number(token.at, value)
        if self.take("("):
            inner = self.deeper(self.conditional)
            self.need(")", "to close the parenthesis")
            return inner
        if token.kind == "name" and token.text not in WORDS:
            self.position += 1
            if self.token.text == "(":
                return self.deeper(lambda: self.call(token))
            return Name(token.at, token.text)
        hint = {
            "end": "the expression breaks off",
            "otherwise": "`otherwise` stands alone, as the whole of a probability",
        }.get(token.text or token.kind, "")
        return self.fail(f"found {self.found()} where a number or a name was expected", hint)

    def interventions(self) -> tuple[Is, ...]:
        """`do(stage is move, ...)`, as it stands at the end of a question."""
        self.need("do", "after `|`")
        self.need("(", "after `do`")
        found: list[Is] = []
        while not found or self.take(","):
            token, made = self.token, self.conditional()
            if not isinstance(made, Is) or len(made.labels) > 1:
                hint = "write `do(stage is move)`, and several with commas: `do(a is x, b is y)`"
                self.fail("do(...) forces one move or result of a stage", hint, token)
            found.append(made)
        self.need(")", "to close do(...)")
        if self.token.text in ("given", ",", "|"):
            self.fail(f"found {self.found()} after do(...)", DO)
        return tuple(found)

    def call(self, name: Token) -> Expression:
        if name.text == "do":
            self.fail("do(...) belongs at the end of P(...), E(...) or U(...)", DO, name)
        if name.text not in CALLABLE:
            self.fail(f"there is no function {name.text!r}", nearest(name.text, CALLABLE), name)
        self.need("(", "")
        if name.text in QUESTIONS:
            arg = self.conditional()
            given = self.conditional() if self.take(*(("given", ",") if name.text == "U" else ("given",))) else None
            if self.token.text == "," and name.text != "U":
                self.fail(f"{name.text}(...) asks for one thing", "write `and` for both, or `given` for a condition")
            do = self.interventions() if self.take("|") else ()
            self.need(")", f"to close {name.text}(...)")
            if isinstance(arg, Name) or name.text != "U":
                return Ask(name.at, name.text, arg, given, do)
            self.fail("U(...) asks for an actor", "write U(actor) or U(actor given event)", name)
        args = [self.conditional()]
        while self.take(","):
            args.append(self.conditional())
        self.need(")", f"to close {name.text}(...)")
        if name.text in FAMILIES:
            low = high = len(FAMILIES[name.text])
            form = f"{name.text}({', '.join(FAMILIES[name.text])})"
        else:
            low, high = ARITY.get(name.text, (1, 1))
            form = f"{name.text}({', '.join('xyz'[: max(low, 1)])}{', ...' if high > low else ''})"
        if not low <= len(args) <= high:
            self.fail(f"{name.text} was given {len(args)} value(s)", f"it is written {form}", name)
        if name.text in FAMILIES:
            return Uncertain(name.at, name.text, tuple(args))
        if name.text in PERIOD_FUNCTIONS:
            return Over(name.at, name.text, args[0])
        return Apply(name.at, name.text, tuple(args))


def parse(text: str | float, quoted: bool = False) -> Expression:
    """Read an expression; `quoted`: labels may stand between quotation marks, as the values of a table do.

    Raises ExpressionError with the character where it goes wrong.
    """
    if isinstance(text, (int, float)):
        if not -LARGEST_NUMBER <= text <= LARGEST_NUMBER:
            raise ExpressionError(f"{text} is too large to be a number", 0, f"numbers go up to {LARGEST_NUMBER:g}")
        return Number(0, float(text))
    text = composed(text)
    if (known := memory()) is not None:
        return known.once("expression", (text, quoted), lambda: _parsed(text, quoted))
    return _parsed(text, quoted)


def _parsed(text: str, quoted: bool) -> Expression:
    try:
        return _Parser(text, quoted).whole()
    except ExpressionError as error:
        if (first := meant(text[:LONGEST_TEXT])) is None:
            raise
        raise ExpressionError(first.message, first.at, first.hint) from error
