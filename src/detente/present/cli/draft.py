"""`detente draft`: from a text to a case, as a file that says what is left to do."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Annotated

import typer

from detente.output import write_whole
from detente.present.cli.options import JSON, print_json, say, stop, told


def draft(
    article: Annotated[Path, typer.Argument(help="A file of plain text, or - for standard input.", show_default=False)],
    name: Annotated[
        str | None,
        typer.Option(help="The name of the case. [default: that of the text]", show_default=False),
    ] = None,
    title: Annotated[
        str | None,
        typer.Option(help="The title of the text. [default: its first sentence, where that is short]"),
    ] = None,
    out: Annotated[Path, typer.Option(help="The folder to write to.", file_okay=False)] = Path(),
    as_json: JSON = False,
) -> None:
    """Begin a case from a text: its sentences with numbers, and a file to be filled in with each of them in a table."""
    from detente.present.drafting.sentences import numbered, sentences
    from detente.present.drafting.skeleton import skeleton, titled

    text = _read(article)
    with told():
        found = sentences(text)
    stem = name or ("draft" if str(article) == "-" else article.stem)
    slug = re.sub(r"[^\w-]+", "-", stem.removesuffix(".yaml")).strip("-").lower() or "draft"
    files = {
        out / f"{slug}.sentences.txt": numbered(found),
        out / f"{slug}.yaml": skeleton(slug, title or titled(found), found),
    }
    try:
        out.mkdir(parents=True, exist_ok=True)
        if there := next((path for path in files if path.exists() or path.is_symlink()), None):
            stop(f"{there} exists already; choose another name with --name")
        for path, content in files.items():
            write_whole(path, content.encode("utf-8"))
    except OSError as error:
        stop(f"{error.filename or out} cannot be written: {error.strerror}")
    listed, case = map(str, files)
    if as_json:
        print_json({"sentences": list(found), "written": [listed, case]})
    else:
        say(f"{len(found)} sentences are in {listed}; {case} is to be filled in. Next, again and again:\n"
            f"  detente check {case}")  # fmt: skip


def _read(article: Path) -> str:
    """The text of a file, as far as it may be read."""
    from detente.present.drafting.sentences import LARGEST_TEXT

    most = 4 * LARGEST_TEXT + 1  # bytes: no character has more
    try:
        if str(article) == "-":
            raw = sys.stdin.buffer.read(most)
        else:
            with article.open("rb") as file:
                raw = file.read(most)
        if len(raw) == most:
            stop(f"{article} is larger than {most - 1:,} bytes; give a part of it")
        return raw.decode("utf-8-sig")
    except OSError as error:
        stop(f"{article} cannot be read: {error.strerror}")
    except UnicodeDecodeError as error:
        stop(f"{article} is no text in UTF-8: byte {error.start + 1} cannot be read; save it as plain text in UTF-8")
