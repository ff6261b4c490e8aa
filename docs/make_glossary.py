"""Write the glossary from its entries: `uv run python docs/make_glossary.py [FILE]`."""

from __future__ import annotations

import sys
from pathlib import Path

from detente.present.wording.glossary import glossary

FIRST = """# Glossary

One word for one thing: these are the words of the language, the commands, the reports and these pages.
`detente glossary TERM` looks one up, and every report explains those it uses. Made from
`src/detente/present/wording/glossary.yaml` by `uv run python docs/make_glossary.py`; not edited by hand.
"""


def page() -> str:
    """The text of the page."""
    parts = [FIRST]
    for entry in glossary():
        also = f"\n\nAlso called: {', '.join(entry.also)}." if entry.also else ""
        source = f"\n\nSource: {entry.source}." if entry.source else ""
        parts.append(f"## {entry.term}\n\n{entry.means}{also}{source}\n")
    return "\n".join(parts)


if __name__ == "__main__":
    place = Path(sys.argv[1]) if sys.argv[1:] else Path(__file__).parent / "glossary.md"
    place.write_text(page(), encoding="utf-8")
