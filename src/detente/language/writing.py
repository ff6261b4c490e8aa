"""Expressions as text again, for questions that nobody has written down."""

from __future__ import annotations

from detente.language.expressions import Apply, Ask, Expression, Is, Name, Number, Over, Uncertain

_BINDS = {
    "if": 0, "or": 1, "and": 2, "not": 3, "<": 4, "<=": 4, ">": 4, ">=": 4, "==": 4, "!=": 4,
    "+": 6, "-": 6, "*": 7, "/": 7, "neg": 8, "**": 9,
}  # fmt: skip
_TIGHTEST = 10


def written(e: Expression) -> str:
    """The text of an expression; read again, it is the same but for the places of its parts."""
    match e:
        case Number(value=value):
            return f"{value:.12g}"
        case Name(name=name):
            return name
        case Is():
            return happened(e)
        case Over():
            return f"{e.op}({written(e.arg)})"
        case Ask():
            given = f" given {written(e.given)}" if e.given is not None else ""
            do = f" | do({', '.join(happened(made) for made in e.do)})" if e.do else ""
            return f"{e.what}({written(e.arg)}{given}{do})"
        case Uncertain(family="interval", args=(low, high)):
            return f"{_inside(low, 6)} to {_inside(high, 6)}"
        case Apply(op="if", args=(condition, yes, no)):
            return f"{_inside(yes, 1)} if {_inside(condition, 1)} else {_inside(no, 0)}"
        case Apply(op="not", args=(inner,)):
            return f"not {_inside(inner, 5)}"
        case Apply(op="neg", args=(inner,)):
            return f"-{_inside(inner, 8)}"
        case Apply(args=(left, right)) if e.op in _BINDS:
            own = _BINDS[e.op]
            chains = e.op in ("or", "and", "+", "-", "*", "/")
            return f"{_inside(left, own if chains else own + 1)} {e.op} {_inside(right, own + 1)}"
        case Apply() | Uncertain():
            return f"{getattr(e, 'op', getattr(e, 'family', ''))}({', '.join(written(arg) for arg in e.args)})"
    raise TypeError(f"no text for {type(e).__name__}")


def happened(e: Is) -> str:
    """What happened, as it is written."""
    return f"{e.subject} is {e.labels[0]}" if len(e.labels) == 1 else f"{e.subject} in [{', '.join(e.labels)}]"


def _inside(e: Expression, least: int) -> str:
    """The text of a part, in parentheses unless it binds at least so tightly."""
    return written(e) if _binds(e) >= least else f"({written(e)})"


def _binds(e: Expression) -> int:
    match e:
        case Apply(op=op) if op in _BINDS:
            return _BINDS[op]
        case Is():
            return _BINDS["<"]
        case Uncertain(family="interval"):
            return 5
        case Number(value=value) if value < 0:
            return _BINDS["neg"]
    return _TIGHTEST
