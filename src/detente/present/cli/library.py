"""The commands about the library, the files of cases and the words: check, cases, new, schema, glossary."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from detente.language.characters import plain
from detente.output import write_whole
from detente.present.cli.complete import names_of
from detente.present.cli.options import (
    JSON,
    KEEP,
    NEGATIVE,
    OK,
    WRONG,
    kept,
    print_json,
    progress,
    say,
    stop,
    told,
)

if TYPE_CHECKING:
    from detente.engine.store.store import Store


def check(
    case: Annotated[
        str | None,
        typer.Argument(
            help="A case of the library, the path of a file, or - for standard input. [default: none; needed "
            "unless --library]",
            show_default=False,
            autocompletion=names_of("cases"),
        ),
    ] = None,
    strict: Annotated[bool, typer.Option(help="Count warnings as errors.")] = False,
    by_library: Annotated[
        bool,
        typer.Option(
            "--library", help="Check against the standards of the library; without a case, check every crisis in it."
        ),
    ] = False,
    store: KEEP = True,
    as_json: JSON = False,
) -> None:
    """Check a model and list every error in it, with line and column."""
    if by_library:
        _held_to_standards(case, kept(store), as_json)
    if case is None:
        stop("name a case, or give --library for all crises of the library")
    from detente.study.checking import check as check_case

    with progress("draws") as watch:
        checked = check_case(case, watch)
    wrong = [p for p in checked.problems if strict or not p.warning]
    if as_json:
        from detente.present.checked import data_of

        print_json({"case": case, "ok": not wrong, **data_of(checked)})
    else:
        from detente.present.terminal.library import show_check

        show_check(case, checked)
    raise typer.Exit(WRONG if wrong else OK)


def _held_to_standards(case: str | None, store: Store | None, as_json: bool) -> NoReturn:
    """Hold cases to the standards of the library, and end."""
    from detente.present.terminal.library import show_inspection
    from detente.study.standards import crises, inspect

    names = [case] if case else crises()
    found = []
    with progress("cases") as watch:
        for k, name in enumerate(names):
            found.append(inspect(name, store=store))
            if watch:
                watch(k + 1, len(names))
    if as_json:
        print_json({
            "cases": [{"case": one.case, "good": one.good, "mistake": one.mistake,
                       "standards": [asdict(s) for s in one.standards]} for one in found]
        })  # fmt: skip
    else:
        for one in found:
            show_inspection(one)
    raise typer.Exit(OK if all(one.good for one in found) else NEGATIVE)


def cases(as_json: JSON = False) -> None:
    """List the cases of the library."""
    from detente.model.catalogue import library
    from detente.model.load import loads
    from detente.present.terminal.library import show_cases

    found = []
    for slug, content in library().items():
        model = loads(content, f"{slug}.yaml")
        found.append({"case": slug, "title": model.title, "question": model.question, "as_of": str(model.as_of or "")})
    if as_json:
        print_json({"cases": found})
    else:
        show_cases(found)


def new(
    name: Annotated[str, typer.Argument(help="The name of the case. The file is NAME.yaml.", show_default=False)],
    out: Annotated[Path, typer.Option(help="The folder to write to.", file_okay=False)] = Path(),
    as_json: JSON = False,
) -> None:
    """Write a small, commented model to start from. Existing files are not overwritten."""
    from detente.model.load import name_of
    from detente.present.cli.scaffold import scaffold

    path = out / (name if name.endswith((".yaml", ".yml")) else f"{name}.yaml")
    try:
        out.mkdir(parents=True, exist_ok=True)
        if path.exists() or path.is_symlink():
            stop(f"{path} exists already; choose another name")
        write_whole(path, scaffold(plain(name_of(str(path)))).encode("utf-8"))
    except OSError as error:
        stop(f"{path} cannot be written: {error.strerror}")
    if as_json:
        print_json({"written": str(path)})
    else:
        say(f"{path} is written. Next:\n  detente check {path}\n  detente run {path}")


def schema(
    out: Annotated[
        Path | None,
        typer.Option(help="Write it to this file. [default: it is printed]", show_default=False, dir_okay=False),
    ] = None,
    as_json: JSON = False,
) -> None:
    """Print the JSON Schema of the language, with which editors complete keys and explain them."""
    import json

    from detente.model.editors import json_schema

    found = json_schema()
    text = json.dumps(found, indent=1) + "\n"
    if out is not None:
        try:
            write_whole(out, text.encode("utf-8"))
        except OSError as error:
            stop(f"{out} cannot be written: {error.strerror}")
    if as_json:
        print_json({"written": str(out)} if out else {"schema": found})
    else:
        say(f"{out} is written; docs/editors.md says how an editor is told of it." if out else text.rstrip())


def glossary(
    term: Annotated[str | None, typer.Argument(help="A term. [default: all of them]", show_default=False)] = None,
    as_json: JSON = False,
) -> None:
    """Look up a term: what it means, what else it is called, and where it comes from."""
    from detente.present.terminal.library import show_glossary
    from detente.present.wording.glossary import entry_of
    from detente.present.wording.glossary import glossary as whole

    with told():
        found = [entry_of(term)] if term else whole()
    if as_json:
        print_json({"glossary": [asdict(entry) for entry in found]})
    else:
        show_glossary(found)
