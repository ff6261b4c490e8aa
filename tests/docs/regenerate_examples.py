"""Write what the examples on the pages print again: `uv run python -m tests.docs.regenerate_examples [PAGE ...]`.

Lines left out stay left out. Where more than numbers has changed the output is printed, and the page is left alone, or
with `--whole` the whole output is written to it, to be cut by hand.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from tests.docs.pages import PAGES, ROOT, Example, examples, places, renewed, run, width


def regenerate(page: str) -> None:
    path = ROOT / page
    text = path.read_text(encoding="utf-8")
    names: dict[str, object] = {}
    changes: list[tuple[int, int, str]] = []
    for example in examples(page):
        if not isinstance(example, Example):
            Path(example[0]).write_text(example[1], encoding="utf-8")
            continue
        real = run(example, names)
        if not example.shown.strip() or not isinstance(places(example.shown, real), str):
            continue
        new = renewed(example.shown, real)
        if new is None and "--whole" in sys.argv:
            new = "\n".join(row.rstrip() for row in real.strip("\n").splitlines()) + "\n"
        if new is None:
            print(f"--- {page}: by hand\n$ {example.text}\n{real}")
        else:
            print(f"--- {page}: {example.text}")
            changes.append((example.start, example.end, new + "\n" * (example.shown.endswith("\n\n"))))
    for start, end, new in reversed(changes):
        text = text[:start] + new + text[end:]
    path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    for chosen in [a for a in sys.argv[1:] if a != "--whole"] or PAGES:
        with tempfile.TemporaryDirectory() as folder, width():
            os.environ["DETENTE_STORE"] = f"{folder}/store"
            os.chdir(folder)
            regenerate(chosen)
