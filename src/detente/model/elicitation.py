"""The files of an elicitation: what an expert answers, and questions whose answers are known, to calibrate by.

Both are plain YAML, read as a case is: every mistake has its line, and all are told at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path as FilePath
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BeforeValidator, Field, PlainValidator

from detente.errors import ModelError, Place, Problem, nearest
from detente.language.distributions import BOUNDED_UNITS, DistributionError, check
from detente.language.expressions import Expression, Name, Number, Uncertain
from detente.language.pools import PERCENTILES, of_percentiles, parts_of, quantiles
from detente.model import yaml
from detente.model.fields import Formula, Path, Text, Written, _uncertain, placed
from detente.model.find import LARGEST, find
from detente.model.schema import Model
from detente.model.structural import structural, told
from detente.model.validate import _shaped

GIVEN = ("p5", "p50", "p95")
Shape = TypeVar("Shape", bound=Written)
FORMS = "write p5, p50 and p95; or p5 and p95 alone; or `value: uniform(1, 3)`"

_Number = Annotated[Formula | None, PlainValidator(lambda value: None if value is None else Formula.read(value))]
_Value = Annotated[Formula | None, PlainValidator(lambda value: None if value is None else _uncertain(value))]
_Words = Annotated[Text, BeforeValidator(lambda value: "" if value is None else value)]


class Range(Written):
    """What is believed about one number: three percentiles, two, or a value as the language has it."""

    p5: _Number = Field(None, description="the 5th percentile: one chance in twenty that it is lower")
    p50: _Number = Field(None, description="the median: as likely to be higher as to be lower")
    p95: _Number = Field(None, description="the 95th percentile: one chance in twenty that it is higher")
    value: _Value = Field(None, description="instead of percentiles, a value as in a case, such as `uniform(1, 3)`")
    because: _Words = Field("", description="the reasoning behind it")
    source: _Words = Field("", description="where it comes from")


def _range(value: Any) -> Any:
    """Nothing is no answer, and a bare value is one."""
    if value is None:
        return {}
    return {"value": value} if isinstance(value, (str, int, float)) and not isinstance(value, bool) else value


_Ranges = Annotated[dict[str, Any], BeforeValidator(lambda value: {} if value is None else value)]
"""Ranges by name, each a `Range`; they are read one by one, so that a mistake in one hides none in another."""


class Answers(Written):
    """The file that an expert fills in."""

    elicitation: Literal[1] = Field(description="the version of these files")
    case: Text = Field(description="the case that is asked about")
    expert: Text = Field(min_length=1, description="whose answers these are")
    quantities: _Ranges = Field({}, description="what is believed about quantities of the case")
    calibration: _Ranges = Field({}, description="what is believed about questions whose answers are known")


class CalibrationQuestion(Written):
    """A question whose answer is known to whoever asks it, and not to the experts."""

    asks: Text = Field(min_length=1, description="the question, in words")
    unit: _Words = Field("", description="what the answer is counted in; `probability` and `share`: from 0 to 1")
    answer: float = Field(description="the answer, which experts are not shown", allow_inf_nan=False)
    source: _Words = Field("", description="where the answer comes from")
    scale: float | None = Field(
        None, gt=0, allow_inf_nan=False,
        description="what interval scores are divided by, so that those of several units can be averaged",
    )  # fmt: skip


class Calibration(Written):
    """The file with the calibration questions."""

    questions: dict[str, CalibrationQuestion] = Field(min_length=1, description="the questions, by name")


@dataclass(frozen=True)
class Belief:
    """What an expert believes about one number: `low`, `middle` and `high` are its 5th, 50th and 95th percentiles."""

    expression: Expression
    low: float
    middle: float
    high: float
    because: str = ""
    source: str = ""


@dataclass(frozen=True)
class Expert:
    """An expert's answers, read and checked; what was left empty is not among them."""

    name: str
    quantities: Mapping[str, Belief]
    calibration: Mapping[str, Belief]


# ------------------------------------------------------------------------------------------------------ the quantities


def askable(model: Model) -> list[str]:
    """The quantities of a model that an expert can be asked for, in the order of the file."""
    drawn = structural(model)
    return [name for name in told(model) if name not in drawn]


def asked_by_default(model: Model) -> list[str]:
    """Those that are uncertain, and made of no other quantity."""
    return [name for name in askable(model) if _own(model.quantities[name].value.expression)]


def _own(value: Expression) -> bool:
    parts = list(value.walk())
    return any(isinstance(e, Uncertain) for e in parts) and not any(isinstance(e, Name) for e in parts)


def limits(unit: str, role: str = "") -> tuple[float | None, float | None]:
    """What a number must lie within, None where there is no limit."""
    if unit in BOUNDED_UNITS:
        return 0.0, 1.0
    return (0.0, None) if role else (None, None)


# ------------------------------------------------------------------------------------------------------------- reading


def read_calibration(file: str | FilePath) -> Mapping[str, CalibrationQuestion]:
    """The calibration questions of a file, by name. Raises ModelError with every problem found."""
    shape, places, problems = _read(Calibration, str(file))
    for name, one in shape.questions.items() if shape is not None else ():
        if one.unit in BOUNDED_UNITS and not 0 <= one.answer <= 1:
            place = placed(places, ("questions", name, "answer"))
            told = f"the answer is {one.answer:g}, and a {one.unit} lies between 0 and 1"
            problems.append(Problem(place, told, "write 0.3 for 30%"))
    if problems or shape is None:
        raise ModelError(problems)
    return shape.questions


def read_experts(
    files: Sequence[str | FilePath], model: Model, known: Mapping[str, CalibrationQuestion]
) -> list[Expert]:
    """The answers of several experts about a model. Raises ModelError with every problem of every file."""
    problems: list[Problem] = []
    found: list[Expert] = []
    for file in files:
        shape, places, wrong = _read(Answers, str(file))
        reader = _Reader(places, str(file), wrong)
        if shape is not None:
            if shape.case != model.name:
                reader.tell(("case",), f"these are answers about {shape.case!r}, and the case is {model.name!r}")
            if any(shape.expert == other.name for other in found):
                reader.tell(("expert",), f"{shape.expert!r} has answered in another file too", "each expert once")
            quantities, calibration = reader.quantities(shape, model), reader.calibration(shape, known)
            if not quantities and not wrong:
                reader.tell(("quantities",), f"{shape.expert} has answered for no quantity", FORMS)
            found.append(Expert(shape.expert, quantities, calibration))
        problems += wrong
    if problems:
        raise ModelError(problems)
    return found


def _read(shape: type[Shape], file: str) -> tuple[Shape | None, Mapping[Path, Place], list[Problem]]:
    try:
        text = find(file, None).text
    except ModelError as error:
        hint = "the file of answers, as `detente elicit` writes it" if shape is Answers else "a file of questions"
        return None, {}, [Problem(p.place, p.message.replace("no such case in the library, and ", ""), hint)
                          for p in error.problems]  # fmt: skip
    written = yaml.read(text, file)
    if written.problems:
        return None, written.places, list(written.problems)
    start = written.places.get((), Place(file, 1, 1))
    made, problems = _shaped(shape, written.data, (), written.places, start)
    if made is None and isinstance(written.data, dict):  # without what is wrong, so that the rest is read as well
        wrong = {problem.path.partition(".")[0] for problem in problems}
        made, _ = _shaped(shape, {k: v for k, v in written.data.items() if k not in wrong}, (), {}, start)
    return made, written.places, problems


@dataclass(frozen=True, eq=False)
class _Reader:
    """Reads the answers of one file, and tells of what is wrong."""

    places: Mapping[Path, Place]
    file: str
    problems: list[Problem]

    def tell(self, path: Path, message: str, hint: str = "", at: int = 0) -> None:
        place = placed(self.places, path)
        place = place.shifted(at) if place.line else Place(self.file, 1, 1)
        self.problems.append(Problem(place, message, hint, ".".join(map(str, path))))

    def quantities(self, shape: Answers, model: Model) -> dict[str, Belief]:
        known, found = askable(model), {}
        for name, given in shape.quantities.items():
            path: Path = ("quantities", name)
            if name not in known and name in model.quantities:
                self.tell((*path, "@key"), f"{name!r} is drawn by the case itself", nearest(name, known))
            elif name not in known:
                self.tell((*path, "@key"), f"{model.name} has no quantity {name!r}", nearest(name, known))
            quantity = model.quantities.get(name)
            unit, role = (quantity.unit, quantity.role) if quantity else ("", "")
            if (belief := self.belief(path, given, unit, role)) is not None and name in known:
                found[name] = belief
        return found

    def calibration(self, shape: Answers, known: Mapping[str, CalibrationQuestion]) -> dict[str, Belief]:
        found = {}
        for name, given in shape.calibration.items():
            path: Path = ("calibration", name)
            unit = known[name].unit if name in known else ""
            if known and name not in known:
                self.tell((*path, "@key"), f"there is no calibration question {name!r}", nearest(name, known))
            elif (belief := self.belief(path, given, unit)) is not None:
                if belief.low < belief.middle < belief.high:
                    found[name] = belief
                else:
                    self.tell(path, "this leaves nothing uncertain, so that it cannot be scored", FORMS)
        return found

    def belief(self, path: Path, written: Any, unit: str, role: str = "") -> Belief | None:
        """One range; None where there is none, or none that makes sense."""
        start = placed(self.places, path)
        given, wrong = _shaped(Range, _range(written), path, self.places, start)
        self.problems.extend(wrong)
        if given is None:
            return None
        filled = [key for key in GIVEN if getattr(given, key) is not None]
        before, exact = len(self.problems), None
        if given.value is not None:
            if filled:
                self.tell((*path, filled[0]), "percentiles and a `value` say the same thing twice", "give one of them")
                return None
            expression = given.value.expression
            self.plain(path, given.value, unit)
        elif not filled:
            return None
        elif (made := self.percentiles(path, given, filled, unit)) is not None:
            expression, exact = made
        if len(self.problems) > before:
            return None
        low, middle, high = exact or quantiles(expression, PERCENTILES, unit)
        bottom, top = limits(unit, role)
        ends = quantiles(expression, (1e-6, 1 - 1e-6)) if role else (low, high)
        if bottom is not None and ends[0] < bottom:
            self.tell(path, f"this may be {ends[0]:g}, and must not lie below {bottom:g}", "write a range above zero")
            return None
        if top is not None and ends[1] > top:
            self.tell(path, f"this may be {ends[1]:g}, and must not lie above {top:g}")
            return None
        return Belief(expression, low, middle, high, given.because, given.source)

    def percentiles(
        self, path: Path, given: Range, filled: list[str], unit: str
    ) -> tuple[Expression, tuple[float, float, float] | None] | None:
        """The distribution behind percentiles, and these as they were given, if all three were."""
        numbers: dict[str, float] = {}
        for key in filled:
            formula = getattr(given, key)
            if isinstance(formula.expression, Number):
                numbers[key] = formula.expression.value
            else:
                self.tell((*path, key), f"{formula.text!r} is no number", "a percentile is a number, such as 0.3 or 5%")
        if len(numbers) < len(filled):
            return None
        if missing := [key for key in ("p5", "p95") if key not in numbers]:
            self.tell((*path, filled[0]), f"{' and '.join(missing)} of this range is empty", FORMS)
            return None
        for key, after in pairwise(filled):
            if not numbers[key] < numbers[after]:
                told = f"{after} is {numbers[after]:g}, and must be above {key}, {numbers[key]:g}"
                self.tell((*path, after), told, "write percentiles from the lowest to the highest")
                return None
        low, high = numbers["p5"], numbers["p95"]
        if unit in BOUNDED_UNITS:
            for key, number in numbers.items():
                if not 0 <= number <= 1:
                    hint = f"write {number:g}% for {number / 100:g}" if 1 < number <= 100 else "from 0 to 1"
                    self.tell((*path, key), f"{number:g} is not a {unit}, which lies between 0 and 1", hint)
                    return None
        if "p50" in numbers:
            return of_percentiles(low, numbers["p50"], high, unit), (low, numbers["p50"], high)
        try:
            check("interval", (low, high), unit)
        except DistributionError as error:
            self.tell((*path, "p5"), error.message, "give p50 as well: with three percentiles no end is left open")
            return None
        return Uncertain(0, "interval", (Number(0, low), Number(0, high))), None

    def plain(self, path: Path, value: Formula, unit: str) -> None:
        """Tell of a value that is no distribution of its own."""
        where = (*path, "value")
        for part, _ in parts_of(value.expression):
            if isinstance(part, Number):
                continue
            if not isinstance(part, Uncertain) or not all(isinstance(arg, Number) for arg in part.args):
                told = f"{value.text!r} is not a distribution by itself"
                self.tell(where, told, "a number, an interval `a to b`, or a distribution of numbers", part.at)
                continue
            try:
                numbers = [arg.value for arg in part.args if isinstance(arg, Number)]
                check(part.family, numbers, unit)
            except DistributionError as error:
                self.tell(where, error.message, error.hint, part.at)


def elicitation_files(folder: FilePath) -> Iterator[FilePath]:
    """The files of answers and of calibration questions in a folder, by name."""
    for file in sorted(folder.glob("*.yaml")):
        if file.is_file() and not file.is_symlink() and file.stat().st_size <= LARGEST:
            with file.open(encoding="utf-8", errors="replace") as opened:
                if any(line.startswith(("elicitation:", "questions:")) for line in opened):
                    yield file
