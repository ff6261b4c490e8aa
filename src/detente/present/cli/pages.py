"""Where the report of an answer goes: the file that was named, or a sensible one where `--report` stands alone."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

FLAG = "--report"
UNNAMED = Path("<report>.html")
"""Stands for the file of `--report` until the name of the case is known."""
FOLDER = Path("reports")


def named_file(command: str, words: Sequence[str]) -> list[str]:
    """The words of a command line, with a file after each `--report` that has none.

    A word after it is its file where it has a suffix or names a folder; others are words of the command, so that
    `--report` may come before the name of the case.
    """
    if command == "report":
        return list(words)
    found = list(words)
    for k, word in enumerate(found):
        if word == "--":
            break
        after = found[k + 1] if k + 1 < len(found) else "--"
        if word == FLAG and after != "-" and (after.startswith("-") or not _file(after)):
            found[k] = f"{FLAG}={UNNAMED}"
    return found


def _file(word: str) -> bool:
    return bool(Path(word).suffix) or "/" in word or os.sep in word


def file_for(report: Path | None, case: str, command: str, folder: Path | None = None) -> Path | None:
    """The file of a report: the one that was named, or `reports/CASE-COMMAND.html` (of `run`, `reports/CASE.html`)."""
    if report != UNNAMED:
        return report
    return (folder or FOLDER) / f"{case or 'case'}{'' if command == 'run' else f'-{command}'}.html"
