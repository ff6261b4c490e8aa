"""How far a condition is from turning: a number above zero where it holds and below zero where it does not."""

from __future__ import annotations

from detente.model.expressions import Apply, Expression, Is, Number


def margin(condition: Expression) -> Expression:
    """The margin of a condition, continuous wherever the numbers in it are.

    `a < b` has the margin b - a; `and` the smaller of two, `or` the larger, `not` the negative; `a == b` has -|a - b|.
    Where the margin is exactly zero it does not tell whether the condition holds. A number holds unless it is zero.
    """
    match condition:
        case Apply(op="<" | "<=", args=(left, right)):
            return Apply(condition.at, "-", (right, left))
        case Apply(op=">" | ">=", args=(left, right)):
            return Apply(condition.at, "-", (left, right))
        case Apply(op="==" | "!=", args=(left, right)):
            apart = Apply(condition.at, "abs", (Apply(condition.at, "-", (left, right)),))
            return apart if condition.op == "!=" else Apply(condition.at, "neg", (apart,))
        case Apply(op="and" | "or", args=(left, right)):
            return Apply(condition.at, "min" if condition.op == "and" else "max", (margin(left), margin(right)))
        case Apply(op="not", args=(inner,)):
            return Apply(condition.at, "neg", (margin(inner),))
        case Apply(op="if", args=(asked, yes, no)):
            return Apply(condition.at, "if", (asked, margin(yes), margin(no)))
        case Is():
            return Apply(condition.at, "-", (condition, Number(condition.at, 0.5)))
        case _:
            return Apply(condition.at, "abs", (condition,))
