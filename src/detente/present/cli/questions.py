"""Questions as commands: each is made from what it declares, and nothing about any one of them stands here."""

from __future__ import annotations

import inspect
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import typer

from detente.model.extends import files_of
from detente.model.load import load
from detente.model.schema import Model
from detente.output import keep_apart
from detente.present.cli.complete import names_of
from detente.present.cli.interrupts import answerable, expect
from detente.present.cli.options import (
    AS_OF,
    CASE,
    CLUSTER,
    DRAWS,
    JSON,
    KEEP,
    METHOD,
    ONLY,
    OUTPUT,
    PAGE,
    PERCEPTION,
    SEED,
    SET,
    WITHOUT,
    WORKERS,
    as_page,
    changes,
    end,
    executor,
    kept,
    print_json,
    progress,
    say,
    told,
)
from detente.present.cli.pages import file_for
from detente.present.form import certified, form
from detente.present.view import Shown, view_of
from detente.present.wording.numbers import counted, day
from detente.study.registry import Option, Parameter, Question, answered
from detente.study.run import run
from detente.study.settings import How
from detente.study.study import Study

Finish = Callable[[Any, Shown, dict[str, Any]], None]
Outputs = Callable[[str, dict[str, Any]], Mapping[str, Path | None]]
"""The files that will be written, by what is in them, from the name of the case and what was said."""
_SETTINGS: dict[str, tuple[Any, Any]] = {
    "seed": (SEED, 1), "set": (SET, None), "only": (ONLY, None), "without": (WITHOUT, None),
    "as_of": (AS_OF, None),
    "workers": (WORKERS, 0), "cluster": (CLUSTER, None), "perception": (PERCEPTION, None),
    "method": (METHOD, None), "store": (KEEP, True),
}  # fmt: skip


def command_of(
    question: Question, finish: Finish | None = None, extra: Mapping[str, Any] | None = None,
    begin: Callable[[dict[str, Any]], None] | None = None, says: str = "", outputs: Outputs | None = None,
) -> Any:  # fmt: skip
    """The function that typer makes a command of.

    `finish` shows the answer, in place of `show`; `extra`: its own options as (type, default) by name; `begin` is
    given all that was said before anything is solved; `says`: what the command says of itself, in place of what the
    question does; `outputs`: the files that it writes, in place of one page.
    """
    shows = dict(extra or {}) if finish else _options_of(view_of(question).text)
    parameters = [_parameter("case", CASE)]
    if any(p.option.kinds for p in question.parameters):
        parameters.insert(0, _parameter("context", typer.Context))
    for p in question.parameters:
        parameters += _kinds(p) if p.option.kinds else [_asked(p)] if p.option.help else []
    if "draws" not in question.without:
        parameters.append(_parameter("draws", DRAWS, question.draws))
    taken = {*question.without, *(kind for p in question.parameters for kind in p.option.kinds or ())}
    taken |= {*shows, *([] if "set" not in taken else ("only", "without"))}
    parameters += [_parameter(name, kind, d) for name, (kind, d) in _SETTINGS.items() if name not in taken]
    parameters += [_parameter(n, kind, default) for n, (kind, default) in shows.items()]
    if not finish:
        parameters.append(_parameter("report", PAGE, None))
    parameters.append(_parameter("as_json", JSON, False))
    parameters.sort(key=lambda p: p.default is not inspect.Parameter.empty)

    def door(**given: Any) -> None:
        if begin:
            begin(given)
        asked = _arguments(question, given)
        others, files = (_given(question, asked, kind) for kind in ("cases", "files"))
        seen = given.get("perception")
        structures = [None if name in shows else given.get(name) for name in ("only", "without")]
        how = How(
            draws=given.get("draws"), seed=given.get("seed", 1),
            set=changes(given.get("set"), *structures) or None, as_of=given.get("as_of"),
            perception=str(seen) if seen else None, method=given.get("method"), workers=given.get("workers", 0),
            store=kept(given.get("store", True)),
        )  # fmt: skip
        with told():
            how = replace(how, executor=executor(given.get("cluster")))
            model = load(given["case"])
            if "report" in given:
                given["report"] = file_for(given["report"], model.name, question.name, given.get("out"))
            read = [
                *model.files,
                *files,
                *(file for other in (*others, given.get("against")) if other for file in files_of(other)),
            ]
            keep_apart((outputs or _page)(model.name, given), read)
        answer, shown = ask(question, model, asked, how)
        shown = replace(shown, typed=shlex.quote(given["case"]), changed=bool(how.set or how.perception or how.as_of))
        (finish or show)(answer, shown, {**given, "seed": how.seed, "shows": {name: given[name] for name in shows}})

    door.__name__, door.__doc__ = question.function, says or question.summary
    door.__annotations__ = {p.name: p.annotation for p in parameters}
    door.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return door


def _given(question: Question, asked: Mapping[str, Any], kind: str) -> list[Any]:
    """What was given for the parameters that take names of a kind."""
    named = [asked.get(p.name) for p in question.parameters if p.option.names == kind]
    return [one for some in named for one in (some if isinstance(some, (list, tuple)) else [some]) if one]


def _page(_: str, given: dict[str, Any]) -> Mapping[str, Path | None]:
    return {"the report": given["report"]}


def ask(question: Question, case: Model, arguments: Mapping[str, Any], how: How) -> tuple[Any, Shown]:
    """Ask a question of a case, with a bar while somebody is watching."""
    if question.of_study:
        with told():
            _read_first(question, case, arguments, how)
        with told(), answerable(), progress("draws", how.store) as watch:
            study = run(case, how=replace(how, progress=watch))
        with told(), answerable(), progress(question.counts, how.store) as watch:
            answer = answered(question, study, arguments, How(progress=watch))
        return answer, Shown(question, study.model, study, arguments)
    with told(), answerable(), progress(question.counts, how.store) as watch:
        model = how.model(case)
        answer = answered(question, model, arguments, replace(how, set=None, progress=watch))
        if isinstance(answer, Study):
            expect()
    return answer, Shown(question, model, None, arguments)


def _read_first(question: Question, case: Model, arguments: Mapping[str, Any], how: How) -> None:
    """Read what is asked of a case before the case is solved, so that a mistake is told at once. What names may stand
    there each question knows for itself."""
    from detente.analyse.forecast.subject import event, reading
    from detente.draws.beliefs import believed

    readers: dict[str, Callable[[Model, Any], Any]] = {"answers": reading, "events": event, "beliefs": believed}
    for p in question.parameters:
        text = arguments.get(p.name)
        if p.option.names in readers and text and not (isinstance(text, str) and text.isidentifier()):
            readers[p.option.names](how.model(case), text)


def show(answer: Any, shown: Shown, given: dict[str, Any]) -> None:
    """Print an answer, write it as a page where that is asked for, and end."""
    question, view = shown.question, view_of(shown.question)
    if given["as_json"]:
        head = {"case": shown.model.name or given["case"]}
        head |= {} if "seed" in question.without else {"seed": given["seed"]}
        print_json(form(question, answer, head | certified(shown.study)))
    else:
        view.text(answer, shown, **given["shows"])
        if (updated := shown.model._updated) is not None:
            from detente.present.terminal.console import console  # here, because JSON needs no terminal

            console.print(f"[dim]As known on {day(updated.day)} ({counted(updated.items, 'item')} of evidence).[/dim]")
    as_page(given["report"], shown.model, lambda: [view.page(answer, shown)])
    study = shown.study
    converged = float(study.converged.mean()) if study else view.converged(answer) if view.converged else 1.0
    interrupted = study.interrupted if study else bool(view.interrupted and view.interrupted(answer))
    end(converged, interrupted, bool(view.fails and view.fails(answer)))


def _parameter(name: str, kind: Any, default: Any = inspect.Parameter.empty) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)


def _options_of(text: Callable[..., None]) -> dict[str, tuple[Any, Any]]:
    """What the text of a view wants to be told."""
    found: dict[str, tuple[Any, Any]] = {}
    hints = get_type_hints(text, include_extras=True)
    for name, p in inspect.signature(text).parameters.items():
        if p.kind is inspect.Parameter.KEYWORD_ONLY:
            kind, *said = get_args(hints[name])
            asked = Parameter(name, kind, p.default, next(s for s in said if isinstance(s, Option)), False)
            found[name] = (_asked(asked, OUTPUT).annotation, p.default)
    return found


def _asked(p: Parameter, panel: str | None = None) -> inspect.Parameter:
    """A parameter of a question as an argument or option."""
    option, several = p.option, get_origin(p.type) is not None and get_origin(p.type) in _SEQUENCES
    said: dict[str, Any] = {"help": option.help, "show_default": p.default not in (None, "", ()) and not p.required}
    said |= {"metavar": option.metavar} if option.metavar else {}
    said |= {"min": option.low} if option.low is not None else {}
    said |= {"max": option.high} if option.high is not None else {}
    said |= {"autocompletion": names_of(option.names)} if option.names not in ("", "files") else {}
    said |= {"rich_help_panel": panel} if panel else {}
    kind: Any = list[str] | None if several else p.type if p.type in _PLAIN else str
    default = None if several else p.default
    if option.choices:
        kind = _choice(p.name, option.choices)
        default = kind(default)
    if p.argument:
        return _parameter(p.name, Annotated[kind, typer.Argument(**said)], default)
    flag = f"--{(option.flag or p.name).replace('_', '-')}"
    return _parameter(p.name, Annotated[kind, typer.Option(flag, **said)], default)


def _choice(name: str, choices: Sequence[str]) -> Any:
    """What typer takes for one of several words."""
    return StrEnum(name, {choice: choice for choice in choices})


_SEQUENCES = (Sequence, list, tuple)
_PLAIN = (str, int, float, bool, str | None, int | None, float | None)


def _noted(context: typer.Context, param: typer.CallbackParam, value: list[str] | None) -> list[str] | None:
    """Options are read in the order in which they were first given; their changes are made in this order."""
    context.meta.setdefault("changes", []).extend((str(param.opts[0]).removeprefix("--"), text) for text in value or ())
    return value


def _kinds(p: Parameter) -> list[inspect.Parameter]:
    """An option for each kind of change."""
    made = []
    for kind, (metavar, says) in (p.option.kinds or {}).items():
        option = typer.Option(f"--{kind}", metavar=metavar, help=says, callback=_noted)
        made.append(_parameter(f"change_{kind.replace('-', '_')}", Annotated[list[str] | None, option], None))
    return made


def _arguments(question: Question, given: Mapping[str, Any]) -> dict[str, Any]:
    """What the question is asked, from what the command line said."""
    found: dict[str, Any] = {}
    for p in question.parameters:
        if p.option.kinds:
            from detente.draws.variants import Change  # here, because most questions change nothing

            noted = given["context"].meta.get("changes", [])
            with told():
                found[p.name] = [Change.read(kind.removesuffix("-mechanism"), text) for kind, text in noted]
        elif p.name in given and (given[p.name] is not None or p.default is None):
            value = given[p.name]
            found[p.name] = str(value) if isinstance(value, StrEnum) else value
    return {name: value for name, value in found.items() if value is not None}


def written(path: Path) -> None:
    """Say where something was written."""
    say(f"written: {path}", err=True)
