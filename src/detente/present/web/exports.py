"""What can be taken away from the workbench: reports, pictures, tables and files of what a page looks at.

Everything is made again from the state that the page names, so that no export is older than the page; and of the very
text that the page has seen, or not at all.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from detente.analyse.finding import Finding
from detente.analyse.forecast.rank import likeliest
from detente.errors import ModelError, QuestionError, nearest
from detente.model.differing import REMOVED, departures, same
from detente.model.find import Found
from detente.model.load import loads
from detente.model.schema import Model
from detente.present.figures.api import pictures
from detente.present.form import form
from detente.present.report.brief import brief
from detente.present.report.report import Report
from detente.present.web.editing.looking import digest
from detente.present.web.live import steps
from detente.present.web.otherwise import Otherwise, command, extending, otherwise, variant
from detente.present.web.state import State
from detente.present.web.workspace import TEXT, Source, Superseded, Work
from detente.present.wording.names import means
from detente.present.wording.numbers import words
from detente.study.dossier import Dossier, dossier
from detente.study.registry import find
from detente.study.run import run
from detente.study.study import Study
from detente.study.supposing import Supposed

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
CHANGED = "the case has changed on disk since this page read it; look at it again before downloading anything"
STEPS = 1000


@dataclass(frozen=True)
class File:
    """Something to take away."""

    name: str
    kind: str  # the media type
    content: bytes


def export(work: Work, state: State, what: str, seen: str, picture: str = "") -> File:
    """Make a file of a page's state. `seen`: the digest of the text that the page looks at.

    Raises ModelError, QuestionError, Unknown; Superseded where nobody waits any more.
    """
    if what not in MADE:
        raise QuestionError(f"there is no export {what!r}; {nearest(what, MADE)}")
    source = work.space.source(state.case)
    if digest(source.text) != seen:
        raise QuestionError(CHANGED)
    kind, make = MADE[what]
    asked = Asked(work, state, source.name or source.key, source.file, picture)
    name, text = make(asked)
    return File(name, kind, text.encode("utf-8", "replace"))


@dataclass(frozen=True, eq=False)
class Asked:
    """What is exported: the state of a page, and the case that it is a state of."""

    work: Work
    state: State
    case: str
    file: Path | None
    picture: str = ""

    @property
    def slug(self) -> str:
        """What files are called."""
        return "".join(c if c.isalnum() or c in "-_" else "-" for c in self.case)[:80].strip("-") or "case"

    @property
    def base(self) -> Model:
        """The case as it is written."""
        return self.work.model(self.state.model_copy(update={"set": {}, "as_of": None}))

    @property
    def otherwise(self) -> Otherwise:
        made = otherwise(self.base, self.state)
        if not self.state.case.startswith(TEXT):
            return made
        told = f"the text of the case: a draft, not {self.case} as it is kept"
        return replace(made, told=(told, *self.draft, *made.told))

    @property
    def draft(self) -> list[str]:
        """What a draft says otherwise than its case, in words."""
        try:
            return in_words(self._departures()[0])
        except (ModelError, QuestionError):
            return []

    @property
    def named(self) -> str:
        """What the command line calls the case."""
        return str(self.file) if self.file else f"{self.case}.yaml" if self.state.case.startswith(TEXT) else self.case

    @property
    def command(self) -> str:
        """The command that gives the same numbers."""
        made = self.otherwise
        plain = "" if self.departed else command(self.named, self.state, made)
        return plain or command(self.variant, self.state)

    @property
    def variant(self) -> str:
        """What the file that extends the case is called."""
        return f"{self.slug}-variant.yaml"

    @property
    def extends(self) -> Source:
        """The case that such a file extends: of a draft the one that it is a draft of. Raises QuestionError where that
        is no case yet."""
        if not self.state.case.startswith(TEXT):
            return self.work.space.source(self.state.case)
        if self.case not in self.work.space.keys:
            raise QuestionError("this draft is of no case that a file could extend; download the model itself")
        return self.work.space.source(self.case)

    @cached_property
    def departed(self) -> Mapping[str, Any] | None:
        """What the text of a draft says otherwise than its case, as a file that extends that says it; None where no
        such file can."""
        if not self.state.case.startswith(TEXT):
            return {}
        try:
            found, called = self._departures()
            text = extending(named(self.extends), self.base.title, (), found)
            read = loads(text, called, within=self.work.space.folders)
        except (ModelError, QuestionError):
            return None
        return found if same(read, self.base) else None

    def _departures(self) -> tuple[Mapping[str, Any], str]:
        """What a draft says otherwise than its case, and what a file that says it is called. Raises ModelError,
        QuestionError."""
        case, space = self.extends, self.work.space
        called = str(case.file.with_name(self.variant)) if case.file else self.variant
        mine, theirs = Found(space.source(self.state.case).text, called), Found(case.text, called)
        return departures(theirs, mine, space.folders), called

    def study(self) -> Study:
        """The case solved, with all that is set otherwise. Raises QuestionError where that cannot be said."""
        if not self.state.suppose and not self.state.changes:
            return self.work.study(self.state)
        made = self.otherwise
        if made.unsaid:
            hint = "give it a known value, or undo the change; tables and JSON are available with it"
            raise QuestionError(f"this is made of a model, and {'; '.join(made.unsaid)}: {hint}")
        key = ("exported", self.work.mark(self.state), tuple(sorted(map(str, made.values.items()))), self.state.draws)
        return self.work.space.once(key, partial(self._solved, made))

    def _solved(self, made: Otherwise) -> Study:
        model = made.applied(self.base)
        how = replace(self.work.how(self.state), set=None, progress=self.work.progress())
        study = run(model, how=how)
        if study.interrupted:
            raise Superseded
        return study

    def asked(self, study: Study) -> Dossier:
        """The study, with what would flip its claims."""
        told = self.work.progress("what would flip the claims")
        found = dossier(study, ["breaking"], progress=lambda _, done, total: told(done, total))
        self.work.alive()
        return found


# ------------------------------------------------------------------------------------------------------------ the files


def _report(asked: Asked) -> tuple[str, str]:
    study = asked.study()
    told = asked.otherwise.told
    return f"{asked.slug}.html", Report(study, asked.command, otherwise=told).text(asked.asked(study))


def _sliders(asked: Asked) -> tuple[str, str]:
    """The report, with sliders that work without the workbench."""
    study, told = asked.study(), asked.otherwise.told
    page = Report(study, asked.command, otherwise=told, sliders=True)
    return f"{asked.slug}-sliders.html", page.text(asked.asked(study))


def _brief(asked: Asked) -> tuple[str, str]:
    study = asked.study()
    return f"{asked.slug}-brief.html", brief(study, asked.command, asked.asked(study).turning, asked.otherwise.told)


def _variant(asked: Asked) -> tuple[str, str]:
    case = asked.extends
    if asked.departed is None:
        raise QuestionError(f"a file that extends {case.key} cannot say all of this draft; download the model itself")
    return asked.variant, variant(asked.base, named(case), asked.state, asked.otherwise, asked.departed)


MOST = 8  # parts of a draft that are named


def in_words(departed: Mapping[str, Any]) -> list[str]:
    """What a draft says otherwise, a line for each part of it that differs."""
    told = []
    for section, parts in departed.items():
        for name, part in parts.items() if isinstance(parts, Mapping) else [("", parts)]:
            what = (
                words(str(name))
                if section == "quantities"
                else " ".join(filter(None, (words(section), words(str(name)))))
            )
            value = part.get("value") if isinstance(part, Mapping) else part if section == "quantities" else None
            if part == REMOVED:
                told.append(f"in the draft there is no {what}")
            elif value is None or isinstance(value, (Mapping, list)):
                told.append(f"in the draft {what} is otherwise")
            else:
                told.append(f"in the draft {what} is {value}")
    return told if len(told) <= MOST else [*told[:MOST], f"and {len(told) - MOST} other parts of the draft"]


def named(case: Source) -> str:
    """What a file beside a case extends it by."""
    return case.file.name if case.file else case.key


def _model(asked: Asked) -> tuple[str, str]:
    return f"{asked.slug}.yaml", asked.work.space.source(asked.state.case).text


def _svg(asked: Asked) -> tuple[str, str]:
    made = drawn(asked)
    if asked.picture not in made:
        raise QuestionError(f"there is no picture {asked.picture!r}; {nearest(asked.picture, made)}")
    return f"{asked.slug}-{asked.picture}.svg", made[asked.picture]


def drawn(asked: Asked) -> Mapping[str, str]:
    """Every picture there is of a state, by name, as the text of an SVG file."""
    study = asked.study()
    return asked.work.space.once(("pictures", id(study)), lambda: _Drawn(pictures(study), study)).made


@dataclass(frozen=True, eq=False)
class _Drawn:
    """Pictures, with the study they are of, so that no other has its identity meanwhile."""

    made: Mapping[str, str]
    study: Study


def _json(asked: Asked) -> tuple[str, str]:
    """As `--json` prints it: of `run`, or where best guesses are moved of `suppose`."""
    state, head = asked.state, {"case": asked.base.name, "seed": asked.state.seed}
    head |= {"command": asked.command, "otherwise": list(asked.otherwise.told)}
    if state.suppose or state.changes:
        found = _found(asked)
        told = form(find("suppose"), found, {**head, "draws": found.draws, "converged": found.converged})
    else:
        told = form(find("run"), asked.study(), head)
    return f"{asked.slug}.json", json.dumps(told, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _found(asked: Asked) -> Supposed:
    """What the page shows of its state, when all draws are read."""
    found = None
    for step in steps(asked.work, asked.state):
        asked.work.alive()
        found = step.found
    assert found is not None
    return found


def _csv(asked: Asked) -> tuple[str, str]:
    """Outcomes, groups, the answer and claims; and what the answer depends on, where the state is a model."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(["kind", "name", "means", "value", "low_90", "high_90", "standard_error", "draws"])
    for row in _rows(asked):
        writer.writerow([cell(value) for value in row])
    return f"{asked.slug}.csv", "\ufeff" + out.getvalue()


def _rows(asked: Asked) -> Iterator[list[Any]]:
    model = asked.base
    found = _found(asked)
    if found.whole.answer is not None and model.answer is not None:
        yield ["answer", model.answer.asks.text, model.answer.says, *_numbers(found.whole.answer.after)]
    for kind, some in (("outcome", found.whole.outcomes), ("group", found.whole.groups)):
        for name, d in some.items():
            yield [kind, name, means(model, name), *_numbers(d.after)]
    for name, v in found.verdicts.items():
        yield ["claim", name, v.says, *_numbers(v.share)]
    if asked.otherwise.unsaid:
        return
    study = asked.study()
    of = study.model.answer.asks.text if study.model.answer else next(iter(study.claims), likeliest(study.outcomes))
    for driver in study.drivers(study.ask(of) if study.model.answer else of):
        yield ["driver", driver.quantity, means(model, driver.quantity), *_numbers(driver.index)]


def _numbers(f: Finding) -> list[float | int]:
    return [f.value, f.low, f.high, f.error, f.draws]


def cell(value: Any) -> Any:
    """A cell of a table: a text that a spreadsheet would take for a formula begins with an apostrophe, and is none."""
    if isinstance(value, float):
        return "" if value != value else f"{value:.10g}"
    if isinstance(value, str) and value.lstrip(" ").startswith(FORMULA):
        return f"'{value}"
    return value


Make = Callable[[Asked], tuple[str, str]]
MADE: Mapping[str, tuple[str, Make]] = {
    "report": ("text/html; charset=utf-8", _report),
    "sliders": ("text/html; charset=utf-8", _sliders),
    "brief": ("text/html; charset=utf-8", _brief),
    "variant": ("application/yaml; charset=utf-8", _variant),
    "model": ("application/yaml; charset=utf-8", _model),
    "svg": ("image/svg+xml; charset=utf-8", _svg),
    "json": ("application/json; charset=utf-8", _json),
    "csv": ("text/csv; charset=utf-8", _csv),
}
"""What can be taken away: its media type, and what makes its name and its text."""
