"""Comparisons of what a solved game says, with a tolerance that rounding cannot cross.

Probabilities and expectations are sums over plays, and exact only to rounding: P(a) + P(not a) may be 1 - 1e-16. Two
sides of a comparison are taken for equal where they differ by less than `TOLERANCE` of their size, which is that of the
terms they are made of and not of what these leave of each other (a running error analysis: Higham (2002), Accuracy and
Stability of Numerical Algorithms, section 3.3). So `>=`, `<=` and `==` hold there, and `>`, `<` and `!=` do not. A
comparison in which nothing is asked of the solved game is exact.
"""

from __future__ import annotations

from dataclasses import replace

from detente.language.expressions import Apply, Ask, Expression, Name, Number
from detente.language.strict import asks

TOLERANCE = 1e-9  # of the size of both sides
SIZES = {"E": "|E|", "U": "|U|"}
"""Expectations of sizes: what a question asks for, and how the size of it is asked for (nobody can write that)."""


def tolerant(e: Expression) -> Expression:
    """The same condition, its comparisons of what the solved game says made tolerant."""
    if not isinstance(e, Apply):
        return e
    if e.op in ("<", "<=", ">", ">=", "==", "!=") and asks(e):
        left, right = e.args
        slack = _of("*", Number(e.at, TOLERANCE), _of("+", size(left), size(right)))
        match e.op:
            case "<" | ">":
                more, less = (right, left) if e.op == "<" else (left, right)
                return Apply(e.at, ">", (_of("-", more, less), slack))
            case "<=" | ">=":
                more, less = (right, left) if e.op == "<=" else (left, right)
                return Apply(e.at, ">=", (_of("-", more, less), _of("neg", slack)))
        return Apply(e.at, "<=" if e.op == "==" else ">", (_of("abs", _of("-", left, right)), slack))
    return replace(e, args=tuple(tolerant(arg) for arg in e.args))


def size(e: Expression) -> Expression:
    """How large the terms are that an expression is made of: its rounding error is a small multiple of that."""
    match e:
        case Number(value=value):
            return Number(e.at, abs(value))
        case Ask(what="E" | "U"):
            return replace(e, what=SIZES[e.what])
        case Ask():
            return e
        case Name():
            return _of("abs", e)
        case Apply(op="+" | "-", args=(left, right)):
            return _of("+", size(left), size(right))
        case Apply(op="*", args=(left, right)):
            return _of("*", size(left), size(right))
        case Apply(op="/", args=(left, right)):
            return _of("/", _of("*", size(left), size(right)), _of("*", right, right))
        case Apply(op="**", args=(base, Number(value=power))) if power >= 0:
            return Apply(e.at, "**", (size(base), e.args[1]))
        case Apply(op="neg" | "abs", args=(inner,)):
            return size(inner)
        case Apply(op="clip", args=(inner, low, high)):
            return size(_of("min", _of("max", inner, low), high))
        case Apply(op="min" | "max", args=(first, *rest)) if rest:
            other = rest[0] if len(rest) == 1 else Apply(e.at, e.op, tuple(rest))
            less, more = (first, other) if e.op == "min" else (other, first)
            taken = _of("<=", less, more)  # what is passed over has no part in the rounding
            return Apply(e.at, "if", (taken, size(first), size(other)))
        case Apply(op="if", args=(asked, yes, no)):
            return Apply(e.at, "if", (asked, size(yes), size(no)))
        case Apply(op="exp", args=(inner,)):
            return _of("*", e, _of("+", Number(e.at, 1.0), size(inner)))
        case Apply(op="log", args=(inner,)):
            return _of("+", _of("abs", e), _of("/", size(inner), inner))
        case Apply(op="sqrt", args=(inner,)):
            return _of("sqrt", size(inner))
    return _of("abs", e)


def _of(op: str, *args: Expression) -> Apply:
    return Apply(args[0].at, op, args)
