"""A table of past cases, read from a CSV file: one row for each case, columns by name, and what is missing in it.

A cell that is empty or holds one of `NOTHING` says nothing, and so does a code that whoever reads the table names for
its column (ICB has 9 for not known in one column and 99 in another). What says nothing is None from here on.
"""

from __future__ import annotations

import csv
import hashlib
import io
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from detente.display import Displayed
from detente.errors import QuestionError, nearest
from detente.language.expressions import label_of

NOTHING = frozenset({"", ".", "na", "n/a", "nan", "null"})
DELIMITERS = ",;\t"
NAMES = ("crisname", "crisisname", "crisis_name", "crisis", "name", "case", "title")
YEARS = ("year", "trigger_year", "yrtrig", "start_year", "styear", "year_start")
MOST_TOLD = 6  # problems that a message lists, and values of a column that has more of them than categories
CATEGORIES = 40  # values of a column that are listed whole


@dataclass(frozen=True)
class Column(Displayed):
    """A column: its name, and [rows] what it says of each case, None where it says nothing."""

    name: str
    cells: tuple[str | None, ...]

    @cached_property
    def counts(self) -> Mapping[str, int]:
        """How many cases have each value, the most frequent first."""
        return dict(Counter(cell for cell in self.cells if cell is not None).most_common())

    @property
    def missing(self) -> int:
        """Of how many cases it says nothing."""
        return self.cells.count(None)

    @cached_property
    def numbers(self) -> tuple[float | None, ...] | None:
        """[rows] the values as numbers, None where it says nothing; None for a column that holds anything else."""
        known = {value: as_number(value) for value in self.counts}
        if not known or None in known.values():
            return None
        return tuple(None if cell is None else known[cell] for cell in self.cells)

    def meant(self, label: str) -> set[str]:
        """The values that a label means: those that are it or, where there are none, that number, or that read like it
        (`Full_scale_war` for Full-scale war)."""
        if label in self.counts:
            return {label}
        number = as_number(label)
        if number is not None:
            return {value for value in self.counts if as_number(value) == number}
        return {value for value in self.counts if _plainly(value) == _plainly(label)}


@dataclass(frozen=True)
class Table(Displayed):
    """A table of cases. `sha256` is that of the file, `missing` the codes by column that were read as nothing."""

    file: str
    sha256: str
    columns: Mapping[str, Column]
    missing: Mapping[str, tuple[str, ...]]

    @property
    def rows(self) -> int:
        return len(next(iter(self.columns.values())).cells)

    def find(self, name: str) -> Column | None:
        """A column by its name, or by one that differs from it in capitals, blanks and signs alone."""
        if name in self.columns:
            return self.columns[name]
        alike = [column for key, column in self.columns.items() if _plainly(key) == _plainly(name)]
        return alike[0] if len(alike) == 1 else None

    def column(self, name: str) -> Column:
        """A column by its name. Raises QuestionError, with the nearest name, where there is none."""
        if (found := self.find(name)) is None:
            raise QuestionError(f"{self.file} has no column {name!r}; {nearest(name, self.columns)}")
        return found

    @property
    def names(self) -> Column:
        """The column that names the cases: one that is called so, or the first."""
        found = (self.find(name) for name in NAMES)
        return next((column for column in found if column), next(iter(self.columns.values())))

    @property
    def years(self) -> Column | None:
        """The column that says in which year a case began, where one is called so and holds numbers."""
        found = (self.find(name) for name in YEARS)
        return next((column for column in found if column and column.numbers), None)


def read_table(path: str | Path, missing: Mapping[str, Sequence[str]] | None = None) -> Table:
    """Read a table from a CSV file in UTF-8 or Latin-1, with commas, semicolons or tabs between its columns.

    `missing`: the codes that say nothing, by column, beside `NOTHING`. Raises QuestionError where the file cannot be
    read, is no such table, has no such column, or has a code nowhere in it.
    """
    try:
        raw = Path(path).read_bytes()
    except OSError as error:
        raise QuestionError(f"the table {path} cannot be read: {error.strerror or error}") from None
    heads, rows = _split(str(path), raw)
    cells = zip(*([_said(cell) for cell in row] for row in rows), strict=True)
    columns = {head: Column(head, said) for head, said in zip(heads, cells, strict=True)}
    table = Table(Path(path).name, hashlib.sha256(raw).hexdigest(), columns, {})
    problems, codes = [], {}
    for name, given in (missing or {}).items():
        if (column := table.find(name)) is None:
            problems.append(f"no column {name!r}; {nearest(name, columns)}")
            continue
        codes[column.name] = tuple(given)
        meant = {value for code in given for value in column.meant(code)}
        absent = [code for code in given if not column.meant(code)]
        problems += [f"no {column.name} of {code!r}, which is to count as missing" for code in absent]
        columns[column.name] = Column(column.name, tuple(None if cell in meant else cell for cell in column.cells))
    if problems:
        raise QuestionError("\n".join(f"{table.file} has {problem}" for problem in problems))
    return Table(table.file, table.sha256, columns, codes)


def _split(file: str, raw: bytes) -> tuple[list[str], list[list[str]]]:
    """The heads of a CSV file and its rows, each with as many cells. Raises QuestionError."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    first = text.partition("\n")[0]
    delimiter = max(DELIMITERS, key=first.count)
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise QuestionError(f"{file} is not a CSV table: {error}") from None
    heads, rows = [head.strip() for head in lines[0]] if lines else [], [line for line in lines[1:] if line]
    if not rows:
        raise QuestionError(f"{file} holds no cases: expected a line with the names of columns, and one for each case")
    wrong = [f"column {k} has no name" for k, head in enumerate(heads, 1) if not head]
    wrong += [f"{n} columns are called {head!r}" for head, n in Counter(filter(None, heads)).items() if n > 1]
    uneven = [(k, len(row)) for k, row in enumerate(rows, 1) if len(row) != len(heads)]
    wrong += [f"row {k} has {n} cells; expected {len(heads)}" for k, n in uneven[:MOST_TOLD]]
    if len(uneven) > MOST_TOLD:
        wrong.append(f"so have {len(uneven) - MOST_TOLD} more rows another number of cells")
    if wrong:
        raise QuestionError("\n".join(f"{file}: {problem}" for problem in wrong))
    return heads, rows


def _said(cell: str) -> str | None:
    text = " ".join(cell.split())
    return None if text.casefold() in NOTHING else text


def as_number(text: str) -> float | None:
    """What a text is as a finite number; None for any other."""
    try:
        found = float(text)
    except ValueError:
        return None
    return found if math.isfinite(found) and "_" not in text else None


def written(value: str) -> str:
    """A value of a table as it is written in a condition: a word or number as it is, all else in quotation marks."""
    number = as_number(value)
    if re.fullmatch(r"[A-Za-z]\w*", value, re.ASCII) or (number is not None and label_of(number) == value):
        return value
    return f"'{value}'" if '"' in value else f'"{value}"'


def told(values: Iterable[str]) -> str:
    """Values for a message, in quotation marks where they need them: all of a column of categories; of one that is
    different in nearly every row (a name, a date) the first, and how to see the rest."""
    listed = [written(value) for value in values]
    if len(listed) <= CATEGORIES:
        return ", ".join(listed)
    return f"{', '.join(listed[:MOST_TOLD])} and {len(listed) - MOST_TOLD:,} more, which `--columns` lists"


def _plainly(name: str) -> str:
    return re.sub(r"\W+", "_", name.strip().casefold())
