"""The examples on the pages: found, run as a reader would, and compared with what the page shows.

A `console` block holds commands behind `$ ` and what they print. A line `...` stands for lines left out. Numbers agree
to a unit of the last digit that is shown; how long something took, and residuals, are not compared. The
exit code is 0, or the one that stands behind the command: `$ detente check x.yaml   # exit code 2`. A `yaml` or `csv`
block whose text says "saved as `name.yaml`" is saved; a `text` block right after `python`, or after a command that
shows nothing, holds what was printed.
"""

from __future__ import annotations

import contextlib
import io
import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from typer.testing import CliRunner

from detente.present.cli.app import app
from detente.present.terminal.console import console

ROOT = Path(__file__).parents[2]
PAGES = ["README.md", *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))]
PAGES += sorted(f"docs/cases/{path.name}" for path in (ROOT / "docs" / "cases").glob("*.md"))
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```\n", re.MULTILINE | re.DOTALL)
SAVED = re.compile(r"[Ss]aved?(?: it)? as\s+`([\w-]+\.(?:yaml|csv))`")
NUMBER = re.compile(r"\d[\d,]*\.?\d*(?:e[-+]?\d{1,2})?")
WIDTH, LEFT_OUT = 110, "..."
SMALL = 1e-6


class Token(NamedTuple):
    skeleton: str
    numbers: tuple[str, ...]
    line: int


@dataclass(frozen=True)
class Example:
    """A command or a piece of Python, what it is said to print, and where that stands on the page."""

    kind: str  # console or python
    text: str
    shown: str
    start: int  # of what is shown, in the page
    end: int


@contextlib.contextmanager
def width() -> Iterator[None]:
    before = console._width  # None where the terminal is asked
    console.width = WIDTH
    try:
        yield
    finally:
        console._width = before


def examples(page: str) -> Iterator[Example | tuple[str, str]]:
    """The examples of a page in order, and the files that are to be saved as (name, text)."""
    text = (ROOT / page).read_text(encoding="utf-8")
    blocks = list(BLOCK.finditer(text))
    for k, block in enumerate(blocks):
        kind, body, at = block[1], block[2], block.start(2)
        if kind in ("yaml", "csv") and (saved := SAVED.search(text, block.end(), block.end() + 300)):
            yield saved[1], body
        elif kind == "console":
            commands = list(re.finditer(r"^\$ (.*)\n", body, re.MULTILINE))
            ends = [c.start() for c in commands[1:]] + [len(body)]
            for command, end in zip(commands, ends, strict=True):
                shown = body[command.end() : end]
                if end == len(body) and not shown.strip() and (printed := _printed(text, blocks, k)):
                    yield Example("console", command[1], printed[2], printed.start(2), printed.end(2))
                else:
                    yield Example("console", command[1], shown, at + command.end(), at + end)
        elif kind == "python":
            if printed := _printed(text, blocks, k):
                yield Example("python", body, printed[2], printed.start(2), printed.end(2))
            else:
                yield Example("python", body, "", block.end(2), block.end(2))


def _printed(text: str, blocks: Sequence[re.Match[str]], k: int) -> re.Match[str] | None:
    """The `text` block that stands right after block k."""
    after = blocks[k + 1] if k + 1 < len(blocks) and blocks[k + 1][1] == "text" else None
    return after if after is not None and not text[blocks[k].end() : after.start()].strip() else None


def run(example: Example, names: dict[str, object]) -> str:
    """What an example prints; fails where it ends otherwise than it says."""
    if example.kind == "python":
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            exec(compile(example.text, "example", "exec"), names)
        return out.getvalue()
    command, _, comment = example.text.partition("#")
    words = shlex.split(command)
    assert words[0] == "detente", example.text
    wanted = int(said[1]) if (said := re.search(r"exit code (\d+)", comment)) else 0
    result = CliRunner().invoke(app, words[1:])
    told = f"{example.text}\n{result.output}\n{result.exception!r}"
    assert result.exit_code == wanted, told
    return result.output


def tokens(text: str) -> list[Token]:
    words = [(word, k) for k, line in enumerate(text.splitlines()) for word in line.split()]
    return [Token(NUMBER.sub("#", word), tuple(NUMBER.findall(word)), k) for word, k in words if word.strip("█")]


def alike(shown: Token, real: Token, after: Token | None) -> bool:
    """Whether a word of the page agrees with a word of the output."""
    if shown.skeleton != real.skeleton:
        return False
    if after is not None and after.skeleton.rstrip(";,.") == "s":
        return True  # so many seconds
    for said, is_ in zip(shown.numbers, real.numbers, strict=True):
        a, b = (float(x.replace(",", "").rstrip(".")) for x in (said, is_))
        digits, _, power = said.replace(",", "").partition("e")
        unit = 10.0 ** (int(power or 0) - len(digits.partition(".")[2]))
        if abs(a - b) > 1.01 * unit and max(abs(a), abs(b)) >= SMALL:
            return False
    return True


def chunks(shown: str) -> list[str]:
    """What is shown, in pieces between the lines left out; an empty piece at an end says that something is left out."""
    pieces: list[list[str]] = [[]]
    for line in shown.splitlines():
        if line.strip() == LEFT_OUT:
            pieces.append([])
        else:
            pieces[-1].append(line)
    return ["\n".join(piece) for piece in pieces]


def places(shown: str, real: str, numbers: bool = True) -> list[tuple[int, int]] | str:
    """Where each piece of what is shown stands among the words of the output, or the first words that are not there."""
    words, found, at = tokens(real), [], 0
    pieces = chunks(shown)
    for k, piece in enumerate(pieces):
        wanted = tokens(piece)
        first, last = k == 0, k == len(pieces) - 1

        def fits(start: int, wanted: list[Token] = wanted) -> int:
            """How many words agree from here on."""
            for j, token in enumerate(wanted):
                if start + j >= len(words):
                    return j
                real_one = words[start + j]
                after = wanted[j + 1] if j + 1 < len(wanted) else None
                if not (alike(token, real_one, after) if numbers else token.skeleton == real_one.skeleton):
                    return j
            return len(wanted)

        starts = [0] if first else range(at, len(words) + 1)
        if last and not first and wanted:
            starts = [len(words) - len(wanted)]
        best = max(starts, key=lambda s: (fits(s), -s))
        agreed = fits(best)
        whole = agreed == len(wanted) and (not (last and (first or wanted)) or best + agreed == len(words))
        if not whole:
            missing = " ".join(t.skeleton for t in wanted[agreed : agreed + 8])
            there = words[best + agreed : best + agreed + 8]
            return f"`{missing}` {[t.numbers for t in wanted[agreed:][:8]]}; there stands {there}"
        found.append((best, best + agreed))
        at = best + agreed
    return found


def renewed(shown: str, real: str) -> str | None:
    """What is to be shown now, with the same lines left out; None where more has changed than numbers."""
    found = places(shown, real, numbers=False)
    if isinstance(found, str):
        return None
    words, lines = tokens(real), real.splitlines()
    pieces = []
    for start, end in found:
        rows = lines[words[start].line : words[end - 1].line + 1] if end > start else []
        pieces.append("".join(f"{row.rstrip()}\n" for row in rows))
    return f"{LEFT_OUT}\n".join(pieces)
