"""Formulas of questions: what is not a number is neither true nor false, and what is infinite is not a number.

Inside a model a comparison with what is not a number fails, as in IEEE 754. A question must not be answered by it, so
its operators are exchanged for strict ones, written with a question mark: their values are numbers or nan. Logic is
Kleene's (1952): `and` is false where one side is false, whatever the other; `a if c else b` asks only for the branch
that is taken.

Kleene (1952), Introduction to Metamathematics, section 64.
"""

from __future__ import annotations

from dataclasses import replace

from detente.language.expressions import ARITY, Apply, Ask, Expression, Over

_MAY_FAIL = frozenset({"/", "**", "exp", "log", "sqrt"})


def strict(e: Expression) -> Expression:
    """The same with strict operators. What stands inside of P, E and U is left to those who ask it of the plays."""
    match e:
        case Apply(op=op, args=args):
            return Apply(e.at, f"{op}?" if op in ARITY else op, tuple(strict(arg) for arg in args))
        case Over():
            return replace(e, arg=strict(e.arg))
    return e


def may_fail(e: Expression) -> bool:
    """Whether an expression may be something else than a number, given numbers."""
    return any(isinstance(part, Apply) and part.op.removesuffix("?") in _MAY_FAIL for part in e.walk())


def asks(e: Expression) -> bool:
    """Whether there is a question to the solved game in an expression."""
    return any(isinstance(part, Ask) for part in e.walk())
