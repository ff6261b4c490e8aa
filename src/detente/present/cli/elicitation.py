"""What `detente elicit` and `detente pool` write: a form to fill in, and the pooled numbers as a case of their own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from detente.output import write_whole
from detente.present.cli.options import OUTPUT, PAGE, say, stop
from detente.present.cli.questions import show

if TYPE_CHECKING:
    from detente.present.view import Shown
    from detente.study.questions.elicit import Form
    from detente.study.questions.pool import Pool


def _file(flag: str, says: str) -> tuple[Any, None]:
    option = typer.Option(flag, metavar="FILE.yaml", help=says, dir_okay=False, rich_help_panel=OUTPUT)
    return Annotated[Path | None, option], None


WRITE = {"write": _file("--write", "Write the form to a new file. [default: print it]")}
VARIANT = {
    "report": (PAGE, None),
    "variant": _file("--variant", "Write a case that extends this one with the pooled numbers. [default: none]"),
}


def form_outputs(_: str, given: dict[str, Any]) -> dict[str, Path | None]:
    """Where the form goes."""
    return {"the form": given["write"]}


def pool_outputs(_: str, given: dict[str, Any]) -> dict[str, Path | None]:
    """Where the page goes, and the variant."""
    return {"the report": given["report"], "the variant": given["variant"]}


def write_form(found: Form, shown: Shown, given: dict[str, Any]) -> None:
    """Print the form, or write it where there is no file yet: nobody's answers are written over."""
    file: Path | None = given["write"]
    if file is None:
        show(found, shown, {**given, "report": None, "shows": {}})
    assert file is not None
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("x", encoding="utf-8") as new:
            new.write(found.text)
    except FileExistsError:
        stop(f"{file} exists already, and may hold answers; it is left as it is")
    except OSError as error:
        stop(f"the form cannot be written to {file}: {error.strerror or error}")
    say(f"written: {file}", err=given["as_json"])
    show(found, shown, {**given, "report": None, "shows": {}}) if given["as_json"] else None


def write_pool(found: Pool, shown: Shown, given: dict[str, Any]) -> None:
    """Write the pooled numbers where that is asked for, and show the answer."""
    file: Path | None = given["variant"]
    if file is not None:
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            write_whole(file, pooled_case(found, shown, file).encode())
        except OSError as error:
            stop(f"the variant cannot be written to {file}: {error.strerror or error}")
        say(f"written: {file}", err=True)
    show(found, shown, {**given, "shows": {}})


def pooled_case(found: Pool, shown: Shown, file: Path) -> str:
    """The text of a file that extends the case with the pooled numbers."""
    from detente.model.catalogue import library
    from detente.present.web.otherwise import extending, of_values

    model = shown.model
    extends = model.name
    if model.files and model.name not in library():
        extends = _from(file, Path(model.files[-1]))
    who = ", ".join(f"{name} {weight:.3g}" for name, weight in found.weights.items())
    head = [f"{model.name}, with the numbers of experts: {found.rule} ({who})"]
    head += ["made by `detente pool`; each answer is in the expert's own file"]
    values = {p.quantity: p.value for p in found.quantities}
    return extending(extends, f"{model.title} (numbers pooled)", head, of_values(model, values))


def _from(file: Path, case: Path) -> str:
    """A case as a file beside it, or elsewhere, names it."""
    import os

    try:
        return Path(os.path.relpath(case.resolve(), file.resolve().parent)).as_posix()
    except ValueError:  # on another drive
        return str(case.resolve())
