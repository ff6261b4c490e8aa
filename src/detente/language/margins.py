"""How far a condition is from turning: a number above zero where it holds and below zero where it does not."""

from __future__ import annotations

from detente.language.expressions import Apply, Ask, Expression, Is, Number

SMALLEST = Number(0, 1e-300)  # of what is compared by its logarithm


def margin(condition: Expression, ratio: bool = False) -> Expression:
    """The margin of a condition, continuous wherever the numbers in it are.

    `a < b` has the margin b - a; `and` the smaller of two, `or` the larger, `not` the negative; `a == b` has -|a - b|.
    Where one side of `and` or `or` is not a number, the other tells if it decides. Where the margin is exactly zero it
    does not tell whether the condition holds.
    A number holds unless it is zero.
    With `ratio`, what is above zero by its nature, as probabilities are, is compared by its logarithm: where both sides
    vanish together their difference does too, without ever turning, and their ratio does not.
    """

    def apart(more: Expression, less: Expression) -> Expression:
        if ratio and _positive(more) and _positive(less):
            more, less = (Apply(e.at, "log", (Apply(e.at, "max", (e, SMALLEST)),)) for e in (more, less))
        return Apply(condition.at, "-", (more, less))

    match condition:
        case Apply(op="<" | "<=", args=(left, right)):
            return apart(right, left)
        case Apply(op=">" | ">=", args=(left, right)):
            return apart(left, right)
        case Apply(op="==" | "!=", args=(left, right)):
            far = Apply(condition.at, "abs", (apart(left, right),))
            return far if condition.op == "!=" else Apply(condition.at, "neg", (far,))
        case Apply(op="and" | "or", args=(left, right)):
            return Apply(
                condition.at, "least" if condition.op == "and" else "most", (margin(left, ratio), margin(right, ratio))
            )
        case Apply(op="not", args=(inner,)):
            return Apply(condition.at, "neg", (margin(inner, ratio),))
        case Apply(op="if", args=(asked, yes, no)):
            return Apply(condition.at, "if", (asked, margin(yes, ratio), margin(no, ratio)))
        case Is():
            return Apply(condition.at, "-", (condition, Number(condition.at, 0.5)))
        case _:
            return Apply(condition.at, "abs", (condition,))


def _positive(e: Expression) -> bool:
    """Whether an expression is made of nothing but what is not negative."""
    match e:
        case Ask(what="P"):
            return True
        case Number(value=value):
            return value > 0
        case Apply(op="+" | "*" | "/" | "min" | "max", args=args):
            return all(_positive(arg) for arg in args)
    return False
