"""Write the list of methods with their papers, from the code: `uv run python docs/make_methods.py [FILE]`.

A paper is a constant of a module that reads `Author (year), title, where`: the constants that answers cite. What it is
for is the first line of that module. Nothing about any one method stands here.
"""

from __future__ import annotations

import ast
import re
import sys
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import detente
from detente.study.registry import TOPICS

FIRST = """# Methods and their papers

Each method is listed with the papers it comes from; an answer cites those that it used, and so does the report. Made
from the code by `uv run python docs/make_methods.py`; not edited by hand. Why a method was chosen, and what was
rejected, is in the [decisions](decisions/001-gates.md); what the numbers mean in [meaning](meaning.md).
"""
SOLVING = {
    "solve": "Solving a game",
    "engine": "Many games at once, and unequal perceptions",
    "draws": "Drawing what is not known",
    "language": "The language",
}
"""Rooms outside of `analyse`, which is divided by the topics of questions."""
PAPER = re.compile(r"[A-Z][^()]{2,80} \((?:1[6-9]|20)\d\d\), \S")


def papers() -> dict[str, tuple[str, list[str]]]:
    """The papers of each module that has some, with the first line of what the module says of itself."""
    found: dict[str, tuple[str, list[str]]] = {}
    for module in walk_packages(detente.__path__, "detente."):
        source = Path(str(getattr(module.module_finder, "path", ""))) / f"{module.name.rpartition('.')[2]}.py"
        tree = ast.parse(source.read_text(encoding="utf-8")) if source.is_file() else ast.Module([], [])
        named = [
            target.id
            for node in tree.body
            if isinstance(node, ast.Assign | ast.AnnAssign)
            for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
            if isinstance(target, ast.Name) and target.id.isupper()
        ]
        if any(PAPER.match(str(n.value)) for n in ast.walk(tree) if isinstance(n, ast.Constant)):
            values = [getattr(import_module(module.name), name) for name in named]
            flat = [v for value in values for v in (value if isinstance(value, tuple) else (value,))]
            own = dict.fromkeys(part for v in flat if isinstance(v, str) for part in v.split("; ") if PAPER.match(part))
            if own:
                found[module.name] = _first(ast.get_docstring(tree) or ""), list(own)
    return found


def _first(docstring: str) -> str:
    return re.split(r"(?<=\.)\s|\n\n|: `", docstring.strip())[0].replace("\n", " ").rstrip(".:")


def topic(module: str) -> str:
    """Under which heading a module stands."""
    room, _, rest = module.removeprefix("detente.").partition(".")
    return TOPICS.get(rest.partition(".")[0], "") if room == "analyse" else SOLVING.get(room, "")


def page() -> str:
    """The text of the page."""
    found, parts = papers(), [FIRST]
    for says in dict.fromkeys([*SOLVING.values(), *TOPICS.values(), ""]):
        rows = [(said, own) for module, (said, own) in found.items() if topic(module) == says]
        if rows:
            parts += [f"## {says or 'Data of past crises'}\n", "| method | papers |\n|---|---|"]
            parts += [f"| {_cell(said)} | {'<br>'.join(map(_cell, own))} |" for said, own in rows]
            parts.append("")
    return "\n".join(parts)


def _cell(words: str) -> str:
    return words.replace("|", "\\|")


if __name__ == "__main__":
    place = Path(sys.argv[1]) if sys.argv[1:] else Path(__file__).parent / "methods.md"
    place.write_text(page(), encoding="utf-8")
