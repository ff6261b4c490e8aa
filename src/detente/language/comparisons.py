"""The comparisons that a condition is made of, as they were written: what stands on either side of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from detente.language.expressions import Apply, Ask, Expression, Number
from detente.language.parsing import tokens_of
from detente.language.strict import asks

RELATIONS = ("<", "<=", ">", ">=", "==", "!=")
_ENDS = frozenset({"and", "or", "not", "if", "else", ",", *RELATIONS})


@dataclass(frozen=True)
class Compared:
    """A comparison of numbers: what it says, its two sides as they were written, and as expressions.

    `probabilities`: whether both sides are probabilities, or plain numbers that they are held against.
    """

    relation: str
    texts: tuple[str, str]
    whole: Apply
    probabilities: bool

    @property
    def sides(self) -> tuple[Expression, Expression]:
        left, right = self.whole.args
        return left, right

    def __str__(self) -> str:
        return f"{self.texts[0]} {self.relation} {self.texts[1]}"


def comparisons(text: str, condition: Expression) -> tuple[Compared, ...]:
    """The comparisons of a condition that ask something of the solved game, in the order in which they are written."""
    found = [e for e in _compared(condition) if asks(e)]
    return tuple(Compared(e.op, _sides(text, e.at), e, _probable(e)) for e in sorted(found, key=lambda e: e.at))


def _compared(e: Expression) -> Iterator[Apply]:
    if isinstance(e, Apply) and e.op in RELATIONS:
        yield e
    if not isinstance(e, Ask):
        for child in e.children():
            yield from _compared(child)


def _probable(e: Expression) -> bool:
    """Whether an expression is made of probabilities, or compares such."""
    return any(isinstance(part, Ask) for part in e.walk()) and _shares(e)


def _shares(e: Expression) -> bool:
    match e:
        case Ask(what=what):
            return what == "P"
        case Number(value=value):
            return 0 <= value <= 1
        case Apply(op=op, args=args):
            return op in ("+", "-", "*", "min", "max", *RELATIONS) and all(_shares(arg) for arg in args)
    return False


def _sides(text: str, at: int) -> tuple[str, str]:
    """What stands before and behind the relation at a character of a text."""
    found = tokens_of(text)
    here = next(k for k, token in enumerate(found) if token.at == at)
    first, last = _reach(here, [token.text for token in found], -1), _reach(here, [token.text for token in found], 1)
    return _plain(text[found[first].at : at]), _plain(text[found[here + 1].at : found[last + 1].at])


def _reach(here: int, words: Sequence[str], step: int) -> int:
    """The number of the last token that still belongs to the side of a relation, going one way."""
    depth, k = 0, here + step
    while 0 <= k < len(words) - 1:
        if words[k] in ("(", "[", ")", "]"):
            depth += step if words[k] in ("(", "[") else -step
        if depth < 0 or (depth == 0 and words[k] in _ENDS):
            break
        k += step
    return k - step


def _plain(text: str) -> str:
    return " ".join(text.split())
