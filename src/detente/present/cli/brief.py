"""`detente brief`: a case on one sheet of A4, for somebody with thirty seconds."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from detente.output import write_whole
from detente.present.cli.options import OUTPUT, command, end, print_json, say, stop, waiting

if TYPE_CHECKING:
    from detente.present.view import Shown
    from detente.study.study import Study

SAYS = """Write a case on one sheet of A4: the answer, the outcomes, three claims, what the answer depends on, and what
would flip it.

The sheet is an HTML file that any browser prints on one page. With --pdf it is printed at once, by Chromium or Chrome.
"""
OPTIONS: dict[str, Any] = {
    "file": (
        Annotated[
            Path | None,
            typer.Argument(
                help="The file to write. [default: reports/CASE-brief.html]", show_default=False, dir_okay=False,
            ),
        ],
        None,
    ),
    "pdf": (
        Annotated[
            Path | None,
            typer.Option(
                metavar="FILE.pdf", help="Also print it to this PDF file. Needs Chromium or Chrome. [default: no PDF]",
                show_default=False, dir_okay=False, rich_help_panel=OUTPUT,
            ),
        ],
        None,
    ),
}  # fmt: skip
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PATIENCE = 120.0  # seconds that a browser may take


def outputs(name: str, given: dict[str, Any]) -> dict[str, Path | None]:
    """Where the sheet of a case goes, and its print."""
    return {"the sheet": given["file"] or Path("reports") / f"{name}-brief.html", "the PDF": given["pdf"]}


def finish(study: Study, _: Shown, given: dict[str, Any]) -> None:
    """Ask what would flip the conclusion, write the sheet, print it where that is wanted, and end."""
    from detente.present.report.brief import write_brief
    from detente.study.dossier import Dossier, dossier

    page = outputs(study.model.name, given)["the sheet"]
    assert page is not None
    with waiting("writing the brief"):
        found = Dossier(study) if study.interrupted else dossier(study, ["breaking"])
        try:
            page.parent.mkdir(parents=True, exist_ok=True)
            write_brief(study, page, command(), found.turning)
        except OSError as error:
            stop(f"the brief cannot be written to {page}: {error.strerror or error}")
    written = [str(page)]
    unprinted = printed(page, given["pdf"]) if given["pdf"] else ""
    if given["pdf"] and not unprinted:
        written.append(str(given["pdf"]))
    if given["as_json"]:
        print_json({"case": study.model.name, "seed": given["seed"], "written": written})
    else:
        for path in written:
            say(f"written: {path}")
    if unprinted:
        stop(unprinted)
    end(float(study.converged.mean()), study.interrupted)


def browser() -> str | None:
    """The Chromium or Chrome of this machine."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def printed(page: Path, pdf: Path) -> str:
    """Print a page; what kept it from being printed, or nothing."""
    by_hand = f"open {page} in a browser and print it: it takes one sheet of A4"
    if (found := browser()) is None:
        return f"there is no Chromium or Chrome to print {pdf} with; {by_hand}"
    with tempfile.TemporaryDirectory() as profile:
        asked = [found, "--headless", "--disable-gpu", "--no-pdf-header-footer", f"--user-data-dir={profile}"]
        asked += ["--no-sandbox"] if getattr(os, "geteuid", lambda: 1)() == 0 else []
        aside = Path(profile) / "brief.pdf"
        try:
            subprocess.run(
                [*asked, f"--print-to-pdf={aside}", page.resolve().as_uri()],
                capture_output=True, timeout=PATIENCE, check=True,
            )  # fmt: skip
            pdf.parent.mkdir(parents=True, exist_ok=True)
            write_whole(pdf, aside.read_bytes())
        except (OSError, subprocess.SubprocessError) as error:
            return f"{pdf} was not printed ({type(error).__name__}); {by_hand}"
    return ""
