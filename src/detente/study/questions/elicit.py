"""The form in which an expert gives ranges for the quantities of a case."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Annotated, Unpack

from detente.display import Displayed
from detente.errors import QuestionError, nearest
from detente.language.distributions import BOUNDED_UNITS
from detente.model.elicitation import askable, asked_by_default, limits, read_calibration
from detente.model.schema import Model
from detente.study.registry import Option, question
from detente.study.settings import Case, How, Settings

WIDTH = 100
HEAD = """\
What do you believe about these numbers? Fill in p5, p50 and p95 of each:
  p5   one chance in twenty that it is lower       p95   one chance in twenty that it is higher
  p50  the median: as likely to be higher as to be lower
In nine of ten of your answers the truth should lie between p5 and p95. Percent may be written as such: 5%.
Without an opinion on p50 leave it empty: the range then is that of `p5 to p95` in a case. Instead of percentiles,
`value:` takes what a case takes: `uniform(1, 3)`, `normal(2, 0.5)`, `3 to 8`. Leave empty what you cannot judge.
Nobody else's range is shown here, so that yours is your own. `because` and `source` are read by the others later."""
CALIBRATED = """\
Questions whose answers are known, though not to you; please look nothing up. They show how far ranges can be
relied on, and count as much as the rest."""


@dataclass(frozen=True)
class Asked(Displayed):
    """A number that is asked for: `low` and `high` are what it must lie within, None where there is no limit."""

    name: str
    means: str
    unit: str
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Form(Displayed):
    """A form for one expert: what it asks for, and its `text`, a YAML file to fill in."""

    expert: str
    quantities: tuple[Asked, ...]
    calibration: tuple[Asked, ...]
    text: str


@question(
    "elicit", topic="evidence", dossier=False,
    without=("draws", "seed", "as_of", "perception", "method", "workers", "store"),
    because="a form is written, and nothing is solved",
)  # fmt: skip
def elicit(
    case: Case,
    *,
    expert: Annotated[str, Option("The expert who is asked.", metavar="NAME", flag="for")],
    quantities: Annotated[
        Sequence[str],
        Option(
            "Ask for this quantity. Repeatable. [default: all that are uncertain and made of no other]",
            metavar="NAME", names="quantities", flag="quantity",
        ),
    ] = (),
    calibration: Annotated[
        str | None,
        Option("A file of calibration questions. [default: none]", metavar="FILE", names="files"),
    ] = None,
    **settings: Unpack[Settings],
) -> Form:  # fmt: skip
    """Write a form in which an expert gives ranges for the quantities of a case.

    It says of each quantity what it is, in the analyst's words, its unit and what it must lie within, and shows nobody
    else's range. The calibration questions of a file stand at its end, without their answers. `pool` reads the forms
    that were filled in. Raises ModelError, QuestionError.
    """
    model = How.of(settings).model(case)
    whom = " ".join(expert.split())
    if not whom:
        raise QuestionError("--for: give the name of the expert who is asked")
    known, wanted = askable(model), list(dict.fromkeys(quantities)) or asked_by_default(model)
    if unknown := [q for q in wanted if q not in known]:
        raise QuestionError(f"there is no quantity {unknown[0]!r} to ask for; {nearest(unknown[0], known)}")
    if not wanted:
        raise QuestionError(f"{model.name} has no uncertain quantity to ask for")
    given = {q: model.quantities[q] for q in wanted}
    rows = tuple(Asked(name, q.means, q.unit, *limits(q.unit, q.role)) for name, q in given.items())
    questions = read_calibration(calibration) if calibration else {}
    seeds = tuple(Asked(q, one.asks, one.unit, *limits(one.unit)) for q, one in questions.items())
    return Form(whom, rows, seeds, "\n".join(_lines(model, whom, rows, seeds)) + "\n")


def _lines(model: Model, expert: str, rows: Sequence[Asked], seeds: Sequence[Asked]) -> Iterator[str]:
    yield from _remark(f"{model.title or model.name}: a form for {expert}")
    yield "#"
    yield from (f"# {line}" for line in HEAD.splitlines())
    if model.stake:
        yield from _remark(f"A stake: {model.stake}")
    yield ""
    yield from ("elicitation: 1", f"case: {_quoted(model.name)}", f"expert: {_quoted(expert)}", "", "quantities:")
    for row in rows:
        yield from _entry(row, reasons=True)
    if seeds:
        yield ""
        yield from (f"# {line}" for line in CALIBRATED.splitlines())
        yield "calibration:"
        for row in seeds:
            yield from _entry(row, reasons=False)


def _entry(row: Asked, reasons: bool) -> Iterator[str]:
    yield ""
    yield from _remark(row.means or row.name.replace("_", " "), "  ")
    unit = f"counted in: {row.unit}; " if row.unit and row.unit not in BOUNDED_UNITS else ""
    yield from _remark(f"{unit}{_within(row)}", "  ")
    yield f"  {_quoted(row.name)}:"
    yield from ("    p5:", "    p50:", "    p95:")
    yield from ("    because:", "    source:") if reasons else ()


def _within(row: Asked) -> str:
    kind = f"a {row.unit}, " if row.unit in BOUNDED_UNITS else ""
    if row.low is not None and row.high is not None:
        return f"{kind}from {row.low:g} to {row.high:g}"
    return "not below 0" if row.low is not None else "any number"


def _remark(text: str, indent: str = "") -> Iterator[str]:
    """A comment, whatever the text holds."""
    yield from (f"{indent}# {line}" for line in wrap(" ".join(text.split()), WIDTH))


def _quoted(name: str) -> str:
    """A name as YAML has it, between quotation marks unless it is plain."""
    plain = name.isascii() and name.replace("_", "a").replace(".", "a").isalpha() and name.lower() not in _WORDS
    return name if plain else json.dumps(name, ensure_ascii=False)


_WORDS = ("y", "n", "yes", "no", "on", "off", "true", "false", "null")
